"""The measure of the refusals: of each sentence of models/, commands and screens a pair tries it, or `refusals.csv` says what.

A pair stands in `test_refusals.py` of its room; of what a screen says by itself in `test_screen_refusals.py`. In the table
`tried_by` names a test of another file that does the same, which is asked whether it knows the sentence.
"""

import ast
import csv
from importlib import import_module

import pytest

from settings import ROOT
from tests import source
from tests.refusals import Pairs, says, sentences

with (ROOT / "tests" / "refusals.csv").open(encoding="utf-8", newline="") as file:
    TABLE = {row["sentence"]: row["tried_by"] for row in csv.DictReader(file)}


def pairs():
    """What every room tries in pairs: the sentences, or the part that tells them apart."""
    files = [*ROOT.glob("tests/*/test_refusals.py"), ROOT / "tests" / "test_screen_refusals.py"]
    names = (path.relative_to(ROOT).with_suffix("").parts for path in files)
    tables = [import_module(".".join(parts)).pair for parts in sorted(names)]
    assert tables and all(isinstance(one, Pairs) for one in tables)
    return [part for one in tables for part in one]


def test_every_sentence_is_tried_in_a_pair_or_stands_in_the_table():
    tried = pairs()
    alone = {sentence: where for sentence, where in sentences().items() if not any(says(part, sentence) for part in tried)}
    new = alone.keys() - TABLE.keys()
    assert not new, f"write a pair in test_refusals.py of the room: {sorted((alone[one], one) for one in new)}"
    gone = TABLE.keys() - alone.keys()
    assert not gone, f"these are gone, or have a pair by now: take them out of refusals.csv: {sorted(gone)}"


def test_every_pair_is_about_a_sentence_of_the_source():
    known = sentences()
    assert [part for part in pairs() if not any(says(part, sentence) for sentence in known)] == []


@pytest.mark.parametrize("sentence", TABLE)
def test_a_test_that_the_table_names_knows_the_sentence(sentence):
    assert knows(TABLE[sentence], sentence)


def knows(told, sentence):
    """Whether the test that is named so (path::name) reads this sentence, or a part of it that tells it apart."""
    path, _, name = told.partition("::")
    tree = source.tree(ROOT / "tests" / path)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    read = [node.value for node in ast.walk(function) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return any(len(text) >= 6 and says(text, sentence) for text in read)
