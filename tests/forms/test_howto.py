"""The pages that tell how to add a question or an item: what stands there is done, and works."""

import re
from pathlib import Path

from models.lnr.dataset.definition import Definition, definition
from models.lnr.entry.draft_message import Entered, split
from models.lnr.entry.entry_items import typed
from models.lnr.specification import examples
from models.questionnaires.definition import definition_file
from models.questionnaires.definition.default_questionnaires import DATA
from models.questionnaires.definition.definition_parser import read

PAGES = Path(__file__).parents[2] / "docs" / "howto"


def line_of(page):
    """The line of data that a page tells to add, and whether every file that it names is there."""
    text = (PAGES / page).read_text(encoding="utf-8")
    for name in re.findall(r"`((?:models|tests|templates)/[\w/.-]+)`", text):
        assert (PAGES.parents[1] / name).exists(), name
    return re.search(r"```csv\n\s*(.+)\n", text)[1].strip()


def test_the_question_of_the_page_is_asked_on_its_condition():
    file = DATA / "crf-maternale-sterfte.csv"
    made = definition_file.load(file.read_bytes().rstrip() + f"\n{line_of('question.md')}\n".encode())

    structure, problems = read(made.blocks, made.questions, made.timeline)

    assert not problems and structure.block_of["P8"].code == "P"
    assert structure.items["P8"].condition.codes() == {"P1"} and structure.items["P8"].options == ("ja", "nee")


def test_the_item_of_the_page_has_a_field_and_reaches_the_message(tmp_path):
    line = line_of("lnr-item.md")
    for file in definition().folder.glob("*.csv"):
        text = file.read_text(encoding="utf-8")
        if file.name == "dataset.csv":
            neighbour = next(one for one in text.splitlines() if ",apgar_10," in one)
            text = text.replace(neighbour, f"{neighbour}\n{line}", 1)
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    newer = Definition(tmp_path)
    item, _ = split("apgar_20", newer)

    kept = typed(item, newer).read({"": ["9"]})
    entered = Entered({"apgar_20": kept}, examples.envelope("x"), of=newer)

    assert "apgar_20" not in definition().items and (item, 0) in list(entered.fields())
    assert entered.raw.count(b'value="9"') == 1
