"""deploy/ as an administrator takes it: the units are whole and closed, their commands exist, the rules fit the status."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from commands import _parser
from models import clock, outgoing
from models.operations.health import status_formats
from models.operations.health.heartbeat import Heartbeat
from models.operations.health.system_status import readings
from settings import ROOT, read

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
HOME = "/opt/meldportaal"
EXPOSED = "20"  # of 100, by systemd's own reckoning


@pytest.fixture
def systemd(require):
    """systemd("security", …): what systemd-analyze says; this machine need not run it."""
    program = require("systemd")
    return lambda *words: subprocess.run([program, *map(str, words)], capture_output=True, text=True, timeout=60)


def test_the_units_are_whole(systemd, tmp_path):
    for unit in UNITS:
        # Programs are looked for, so the units point to this checkout.
        text = unit.read_text().replace(f"{HOME}/.venv/bin/python", sys.executable).replace(HOME, str(ROOT))
        (tmp_path / unit.name).write_text(text)

    ended = systemd("verify", "--man=no", *sorted(tmp_path.iterdir()))

    assert (ended.returncode, [line for line in ended.stderr.splitlines() if "meldportaal" in line]) == (0, [])


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_can_do_next_to_nothing_else(systemd, unit):
    ended = systemd("security", "--offline=true", f"--threshold={EXPOSED}", unit)
    assert ended.returncode == 0, ended.stdout[-300:]


def test_the_commands_of_the_units_exist():
    given = [words for unit in SERVICES for words in re.findall(r"^Exec\w+=.*?app\.py (.+?)'?$", unit.read_text(), re.M)]
    for words in given:
        _parser().parse_args(re.sub(r"\$\(.*\)", "dag", words).split())
    assert {words.split()[0] for words in given} == {"check", "web", "worker", "backup", "verify"}


def test_each_timer_names_a_moment_and_a_service(systemd):
    timers = [unit for unit in UNITS if unit.suffix == ".timer"]
    for unit in timers:
        (moment,) = re.findall(r"^OnCalendar=(.+)$", unit.read_text(), re.M)
        assert systemd("calendar", moment).returncode == 0, moment
        assert unit.with_suffix(".service") in SERVICES
    assert len(timers) == 2


def test_the_settings_that_are_shown_are_right_and_leave_nothing_in_clear(tmp_path, monkeypatch):
    lines = [line.removeprefix("#") for line in (DEPLOY / "meldportaal.env").read_text().splitlines()]
    shown = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]+_[A-Z_]+=.", line))
    monkeypatch.setattr(outgoing, "settings", read(shown))
    assert outgoing.clear() == [] and outgoing.settings.proxy_hops == 1 and len(shown) >= 8


def test_the_rules_of_prometheus_ask_for_what_the_status_tells():
    Heartbeat.beat("send_waiting_mail", clock.now())
    told = status_formats.as_prometheus(readings())
    rules = (DEPLOY / "prometheus.yml").read_text()
    asked = set(re.findall(r"meldportaal_\w+", rules))
    assert asked and asked <= set(re.findall(r"^(meldportaal_\w+)", told, re.M))
    labels = set(re.findall(r"\$labels\.(\w+)", rules))
    assert labels <= set(re.findall(r"(\w+)=\"", told))


def test_operations_names_every_file_of_deploy():
    page = (ROOT / "docs" / "operations.md").read_text()
    shown = {path.name for path in DEPLOY.rglob("*") if path.is_file()}
    assert {name for name in shown if Path(name).name not in page} == set()
