"""What is made from the definition for suppliers, as files; `python app.py lnr-dataset` writes them into `published/`.

They stand in the repository, so that a change of the definition shows in its review what suppliers will see of it.
"""

import csv
import dataclasses
import io
import json
from datetime import datetime
from pathlib import Path

from models.lnr.dataset.definition import DATA, Definition, definition
from models.lnr.dataset.xsd import xsd
from models.lnr.derived.derivation import Derivation, derivations, reasons
from models.lnr.message.validation import check
from models.lnr.rules.registry import rules
from models.lnr.specification.broken_examples import broken
from models.lnr.specification.examples import Example, good

FOLDER = Path(__file__).parent / "published"
RECEIVED = datetime(2026, 6, 1, 12)  # when the examples were judged; their reports are the same on any later day
LARGEST = 100_000  # bytes; the example that is too large is not worth its place
ITEM_COLUMNS = (
    "identifier",
    "section",
    "path",
    "min",
    "max",
    "type",
    "unit",
    "low",
    "high",
    "usual_low",
    "usual_high",
    "lists",
    "conformance",
    "required",
    "condition",
    "identifying",
    "since",
    "nl",
    "en",
)


def files(of: Definition | None = None) -> dict[str, bytes]:
    """Every published file by its path below `published/`, as bytes."""
    of = of or definition()
    return {
        f"lnr-{of.versions[-1]['version']}.xsd": xsd(of).encode(),
        "gegevens.csv": items_csv(of),
        "codelijsten.csv": codes_csv(of),
        "regels.csv": rules_csv(),
        "berekende-waarden.csv": derived_csv(),
        "fhir.csv": (DATA / "fhir.csv").read_bytes(),
        **dict(_examples()),
    }


def outdated(folder: Path = FOLDER) -> list[str]:
    """The names of published files that are not what the definition says now, missing and needless ones included."""
    wanted = files()
    there = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def write(folder: Path = FOLDER) -> list[str]:
    """Bring the published files up to date; returns the names of those that changed."""
    wanted, changed = files(), outdated(folder)
    for name in changed:
        path = folder / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wanted[name])
        else:
            path.unlink()
    return changed


def _examples():
    for one in [*good(), *broken()]:
        if len(one.raw) <= LARGEST:
            yield f"voorbeelden/{one.name}.xml", one.raw
            yield f"voorbeelden/{one.name}.verslag.json", report(one)


def report(example: Example) -> bytes:
    """The expected report of an example, as JSON bytes."""
    verdict = check(example.raw, RECEIVED, example.context)
    return (json.dumps(verdict.as_dict(), ensure_ascii=False, indent=2) + "\n").encode()


def items_csv(of: Definition) -> bytes:
    """Every item with its path, type, limits and names."""
    return _csv(ITEM_COLUMNS, (_item(one) for one in of.elements if not one.is_group))


def _item(one):
    told = {name: getattr(one, name) for name in ITEM_COLUMNS if name != "identifier"} | {"identifier": one.name}
    told |= {"path": one.full_path, "max": "*" if one.max is None else one.max, "lists": " ".join(one.lists)}
    return [_plain(told[name]) for name in ITEM_COLUMNS]


def codes_csv(of: Definition) -> bytes:
    """Every code of every list."""
    rows = (
        [c.list, of.lists[c.list]["nl"], of.lists[c.list]["en"], c.code, c.system, c.nl, c.en, c.since, c.note]
        for c in of.codes
    )
    return _csv(("list", "list_nl", "list_en", "code", "codeSystem", "nl", "en", "since", "note"), rows)


def rules_csv() -> bytes:
    """Every sentence of every rule."""
    rows = (
        [rule.rule, rule.version, variant, said.severity, said.acts, said.nl, said.en, said.hint_nl, said.hint_en]
        for rule in rules().values()
        for variant, said in rule.sentences.items()
    )
    return _csv(("rule", "version", "variant", "severity", "acts", "nl", "en", "hint_nl", "hint_en"), rows)


def derived_csv() -> bytes:
    """Every value that the registry computes: for whom, at which moment, by which rule, and when it is not known."""
    head = [one.name for one in dataclasses.fields(Derivation) if one.name not in ("shown", "reasons")]
    told = ([getattr(one, name) for name in head] + _reasons(one) for one in derivations().values())
    return _csv((*head, "not_known_nl", "not_known_en"), told)


def _reasons(one):
    found = [reasons()[name] for name in one.reasons]
    return ["; ".join(why.nl for why in found), "; ".join(why.en for why in found)]


def _csv(head, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode()


def _plain(value):
    if value is None or isinstance(value, bool):
        return "ja" if value else ""
    return f"{value:g}" if isinstance(value, float) else str(value)
