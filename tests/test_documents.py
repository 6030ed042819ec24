"""What README.md and docs/ promise: each promise names a test that tries it, each test named is there, and the tables hold."""

import ast
import hashlib
import json
import re
from pathlib import Path

import pytest

from commands import COMMANDS
from models.access import ROLE_LABELS
from models.cases.status import Status
from settings import read

ROOT = Path(__file__).parent.parent
# Pages whose sections promise something -> the sections that do not: what is at stake, what is not promised, measures, words.
PAGES = {
    "README.md": ["# meldportaal", "## More", "## Words"],
    "docs/operations.md": ["# Operations"],
    "docs/security.md": [
        "# Security", "## What is at stake", "## What is not promised", "## Not built yet", "## The price of a password",
        "## OWASP ASVS 5.0",
    ],
}  # fmt: skip
MARK = re.compile(r"(?<!\n)\[\^([\w-]+)\]")
NOTE = re.compile(r"^\[\^([\w-]+)\]: (.+)$", re.M)
# A row of a table, or a sentence, may name its test itself; or say that none can.
TRIED = re.compile(r"`(?:\w+/)?test_\w+\.py`|`tests/rights\.csv`|does not apply|not held|partly: ")


def named_in(words):
    """(file below tests/, test) of each that `words` name: `room/test_x.py` `test_a` `test_b`; …"""
    for part in words.split("; "):
        file, *names = re.findall(r"`([^`]+)`", part)
        yield from ((file, name) for name in names)


def functions(file):
    path = ROOT / "tests" / file
    return (
        {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}
        if path.exists()
        else set()
    )


def blocks(page):
    """(section, what it says) of each paragraph, table and point of a list; code and footnotes are left out.

    A sentence right before a table or a list speaks for all of it, so it goes along with each of its parts.
    """
    section = leading = ""
    for block in re.split(r"\n\s*\n", re.sub(r"\n(?=- |\d+\. )", "\n\n", NOTE.sub("", (ROOT / page).read_text()))):
        block = block.strip("\n")
        if block.startswith("#"):
            section, _, block = block.partition("\n")
            leading = ""
        if not block or block.startswith(("    ", "![")):
            continue
        if re.match(r"\||- |\d+\. ", block):
            yield section, block, leading
        else:
            leading = block
            yield section, block, ""


@pytest.mark.parametrize("page", PAGES)
def test_every_promise_names_a_test(page):
    silent = [
        f"{section}: {block[:70]}"
        for section, block, leading in blocks(page)
        if section not in PAGES[page]
        and not MARK.search(leading + block)
        and not all(TRIED.search(part) for part in (block.splitlines()[2:] if block.startswith("|") else [block]))
    ]
    assert silent == []


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_is_named_is_there(page):
    text = (ROOT / page).read_text()
    notes = dict(NOTE.findall(text))
    assert set(MARK.findall(text)) == set(notes)
    for file, names in re.findall(r"`((?:\w+/)?test_\w+\.py)`((?: `test_\w+`)+)", NOTE.sub("", text)):
        assert set(re.findall(r"test_\w+", names)) <= functions(file), file
    for key, words in notes.items():
        named = list(named_in(words))
        assert named, key
        assert {f"{file}::{name}" for file, name in named if name not in functions(file)} == set(), key


def table(heading):
    """The rows below a heading of the README: lists of cells."""
    part = re.split(rf"^## {heading}.*$", (ROOT / "README.md").read_text(), flags=re.M)[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines() if line.startswith("| ")]
    return rows[1:]


def test_every_picture_is_named_told_in_words_small_and_as_the_command_left_it():
    # What stands in each is held against a demonstration in flows/test_pictures.py.
    named = dict(re.findall(r"!\[([^\]]*)\]\(docs/pictures/([\w-]+)\.webp\)", (ROOT / "README.md").read_text()))
    files = {path.stem: path.read_bytes() for path in (ROOT / "docs" / "pictures").glob("*.webp")}
    kept = json.loads((ROOT / "docs" / "pictures" / "words.json").read_text())
    assert sorted(named.values()) == sorted(files) == sorted(kept), "one alternative text, one file, one note each"
    assert {name for alternative, name in named.items() if len(alternative) < 40} == set(), (
        "what it shows, for who cannot see it"
    )
    assert {
        name for name, one in kept.items() if hashlib.sha256(files[name]).hexdigest() != one["sha256"] or not one["words"]
    } == set()
    assert sum(map(len, files.values())) < 600_000


def test_a_word_from_elsewhere_leads_to_a_file():
    rows = [line.strip("|").split("|") for line in (ROOT / "docs" / "glossary.md").read_text().splitlines() if "`" in line]
    lost = [file for *_, where in rows[1:] for file in re.findall(r"`([^`]+)`", where) if not (ROOT / file).is_file()]
    assert len(rows) > 50 and lost == []
    assert {of.strip() for _, of, *_ in rows[1:]} == {"FHIR", "REDCap", "GOV.UK Notify", "ODK", "NEN 7513"}


def test_the_readme_names_every_role():
    assert {row[0].strip("`"): row[1] for row in table("Roles")} == {str(role): label for role, label in ROLE_LABELS.items()}


def test_the_readme_names_every_status():
    assert [row[0].strip("`") for row in table("Statuses of a case")] == list(Status)


def test_the_readme_names_every_command_with_its_options():
    shown = {}
    for row in table("Commands"):
        for words in re.findall(r"`([^`]+)`", row[0]):
            shown[words.split()[0]] = set(re.findall(r"--[a-z-]+", words))
    known = {
        name: {
            word for names, more in options for word in names if word.startswith("--") and more.get("help") != "==SUPPRESS=="
        }
        for name, _, _, *options in COMMANDS
    }
    shown["web"] = known["web"]  # in one row with the worker, where what they take is not told
    assert shown == known


def test_the_readme_names_every_setting_with_its_default(tmp_path):
    asked = set(re.findall(r'environ\.get\("(\w+)"', (ROOT / "settings.py").read_text()))
    rows = {row[0].strip("`"): row[1] for row in table("Settings")}
    assert set(rows) == asked

    plain = read({"DATA_DIR": str(tmp_path / "var")})
    plain.make_keys()
    fields = {name: getattr(plain, name.lower(), None) for name in rows}
    assert {name for name, said in rows.items() if said == "empty" and fields[name]} == set()
    said = {
        name: re.fullmatch("`([^`$]+)`", default)[1] for name, default in rows.items() if re.fullmatch("`([^`$]+)`", default)
    }
    known = {name: str(fields[name].name if name == "DATA_DIR" else fields[name]) for name in said}
    assert known == said and len(said) >= 5
    assert rows["DEMO"] == "off" and not plain.demo
