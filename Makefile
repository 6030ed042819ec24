# make run: the demonstration.  make test: every check.  make quick: a minute of them.  A fresh machine needs only make and Python 3.11 or newer.

PYTHON ?= python3
PORT ?=
ONLY ?=
ROOM ?=
SBOM ?= var/sbom.json
ADVISORIES ?=
# Two tests at a time: each worker has a database and a folder of its own. Who is done takes over half of what the other has left.
PARALLEL ?= -n 2 --dist worksteal
# What every test sent to SQLite: it tells which of them are asked on PostgreSQL too (tests/dialect.py).
STATEMENTS = .pytest_cache/statements.json
PY := .venv/bin/python
# uv is quicker where it is installed; the lock files are the same, and name no host.
INSTALL = $(if $(shell command -v uv),uv pip sync --quiet --python $(PY) --require-hashes,$(PY) -m pip install --disable-pip-version-check --require-hashes -r)

.PHONY: run test quick lint bench faults sample sbom audit pictures lock clean

run: .venv/run
	@$(PY) app.py run $(if $(PORT),--port $(PORT))

test: .venv/test lint
	$(PY) -m pytest -rs $(PARALLEL) --statements=$(STATEMENTS)
	@if $(PY) -c 'import sys; from tests.cluster import programs; sys.exit(not programs())'; then \
	  echo 'What may differ, on PostgreSQL'; \
	  TEST_DATABASE=postgresql $(PY) -m pytest -rs $(PARALLEL) --differing=$(STATEMENTS) --ignore=tests/flows tests; \
	elif [ "$(REQUIRE)" = all ]; then echo 'PostgreSQL is not installed, and REQUIRE=all asks for it.'; exit 1; \
	else echo 'Skipped: the tests on PostgreSQL, which is not installed on this machine.'; fi

# While one writes: a minute on two free cores, of the rooms or of one (make quick ROOM=lnr).
quick: .venv/test lint
	$(PY) -m pytest $(PARALLEL) --within 90 tests/$(ROOM)

lint: .venv/test
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy

bench: .venv/test
	@$(PY) -m tests.bench $(ONLY)

# Every fault of the design at full size, on both databases, with a table at the end: some of an hour (tests/faults/campaign.py).
faults: .venv/test
	@$(PY) -m tests.faults $(ONLY)

# Refusals of mutated LNR messages with what was changed, to read by eye: whether a reason is the true one no test can tell.
sample: .venv/test
	@$(PY) -m tests.lnr.mutation_sample $(ONLY)

# What is in a running portal, as CycloneDX, for who has to know: from the lock file, with its hashes.
sbom: .venv/test
	@mkdir -p $(dir $(SBOM))
	@$(PY) -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o $(SBOM) requirements.lock

# Known vulnerabilities in both lock files; ADVISORIES=FILE asks a snapshot in the OSV format instead of the network.
audit: .venv/test
	@$(PY) -m tests.operations.advisories $(ADVISORIES)

# The pictures of the README, of a demonstration made for it. Look at them before you commit: docs/pictures/.
pictures: .venv/test
	@$(PY) -m tests.pictures $(ONLY)

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 or newer is needed. Name it with: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python's venv is missing. On Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

# One environment: what the tests need holds all that running needs, at the same versions.
.venv/run: .venv/python requirements.lock
	@echo "Installing what the portal needs in .venv …"
	@$(INSTALL) $(if $(wildcard .venv/test),requirements-dev.lock,requirements.lock)
	@touch $@

.venv/test: .venv/python requirements-dev.lock
	@echo "Installing what the tests need in .venv …"
	@$(INSTALL) requirements-dev.lock
	@touch $@ .venv/run

lock: .venv/python
	@$(PY) -m pip install --quiet uv
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev --extra analysis --extra peer pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv var .pytest_cache .ruff_cache .mypy_cache
