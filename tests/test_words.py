"""One word per thing: what people read says the chosen word, and not the others. The list is the house's own.

A page of the portal is a 'pagina'; a 'bladzijde' is one of a document. 'Zij' and 'haar' are people: for a thing they are
bookish, and here, where 'haar' is the woman, they confuse.
"""

import ast
import csv
import re

import pytest

from tests import source
from tests.test_rooms import ROOT

# the chosen word -> the words that it replaces
CHOSEN = {
    "pagina": r"bladzijden?",
    "aangenomen": r"aanvaard|geaccepteerd",
    "geweigerd": r"niet aangenomen",
    "herkenbaar": r"herleidba(?:ar|re)",
    "opnamen": r"opnames",
    "Om de privacy te beschermen": r"uit oogpunt van privacy",
    "Hebt u dit niet gedaan?": r"was u dit niet",
    "die, deze, or the word": r"zij|haar",
}
# Where a word is right: of a document, of people, or as a value that machines send.
RIGHT = re.compile(
    r"bladzijde=|BSN op bladzijde 3|== 'aanvaard'|mail die zij krijgen|de vrouw, haar partner|eigen mail; zij kunnen"
    r"|Wat zij invullen|Waar zij hetzelfde vinden|Zij vindt dat|^niet herleidbaar$"
)
OF_DOCUMENTS = re.compile(
    r"(?<!static)/(files|sandbox)/|committee/package|dossier_package\.py|toegankelijkheid\.html|demo/cases\.py"
)
PARTS = [ROOT / part for part in ("models", "admin_views", "commands")]


COMMENTS = {
    ".html": re.compile(r"{#.*?#}|<!--.*?-->", re.S),
    ".txt": re.compile(r"{#.*?#}", re.S),
    ".typ": re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.S),
    ".js": re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.S),
}


def _templates():
    for path in sorted(path for part in ("templates", "static") for path in (ROOT / part).rglob("*")):
        if path.suffix in COMMENTS:
            yield path, COMMENTS[path.suffix].sub("", source.text(path))


def _sentences():
    for path in sorted(path for part in PARTS for path in part.rglob("*.py")):
        tree = source.tree(path)
        bodies = (node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef))
        docstrings = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
        for node in ast.walk(tree):
            # A word by itself is a value or a name.
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and " " in node.value
                and id(node) not in docstrings
            ):
                yield path, node.value


def _questions():
    for path in sorted((ROOT / "models").glob("*/data/*.csv")):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                yield from ((path, row[part]) for part in ("label", "help") if row.get(part))


@pytest.mark.parametrize("chosen", CHOSEN)
def test_one_thing_has_one_word(chosen):
    wrong, found = re.compile(rf"\b(?:{CHOSEN[chosen]})\b", re.I), []
    asked = () if chosen.startswith("die") else _questions()  # of a questionnaire 'haar' is the woman
    for path, text in (*_templates(), *_sentences(), *asked):
        if chosen != "pagina" or not OF_DOCUMENTS.search(str(path)):
            said = RIGHT.sub(" ", text)
            found += [
                f"{path.relative_to(ROOT)}: {said[max(0, hit.start() - 40) : hit.end() + 30]}" for hit in wrong.finditer(said)
            ]
    assert found == []


def test_what_keeps_what_was_typed_is_called_opslaan():
    """A button or a name of it; 'bewaren' is what happens with data for years, and what somebody does with a file."""
    buttons = re.compile(r"(?:ui\.button\(|<button[^>]*>\s*)'?(?:Bewaar|Bewaren)\b[^<')]*")
    found = [f"{path.relative_to(ROOT)}: {hit.group()}" for path, text in _templates() for hit in buttons.finditer(text)]
    assert found == []


def test_no_question_tells_what_its_author_noted():
    """'(stuurt blok N)' stood in a question: how a form is steered is no business of who fills it in."""
    notes = re.compile(r"\bstuurt\b|\bblok [A-Z]\b|\bTODO\b|\[\w+\]|zie bron|MM-CR|\bNB:|→", re.I)
    told = []
    for path in sorted((ROOT / "models/questionnaires/data").glob("*.csv")):
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows and {"label", "help"} <= rows[0].keys()
        told += [
            f"{path.stem} {row['code']}: {row[part]}" for row in rows for part in ("label", "help") if notes.search(row[part])
        ]
    assert told == []
