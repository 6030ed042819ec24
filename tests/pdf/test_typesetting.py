"""Typesetting: tags, language, title and letters of every PDF that the portal makes."""

import io
import os
import re
import signal
import unicodedata
from datetime import datetime

import pytest
import typst
from pypdf import PdfReader

from models.pdf import typesetting
from models.pdf.typesetting import TEMPLATES, pdf

MADE = datetime(2026, 11, 28, 12)
CIRCLE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/><text y="8">β 病</text></svg>'
# The ranges of which every letter is printed as typed: Latin, phonetic, accents, Greek, Cyrillic, and signs up to the arrows of
# mathematics; and of the last two, with emoji among them, those that a person types in a record.
RANGES = [
    (0x20, 0x24F), (0x250, 0x2FF), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x4FF), (0x1E00, 0x1FFF), (0x2000, 0x2184),
    (0x2190, 0x22FF), (0x2300, 0x23FF), (0x2460, 0x25FF), (0x27F0, 0x27FF), (0x2900, 0x297F),
]  # fmt: skip
UNREAD = set("ẹị⊬⋪⋫⋬⋭")  # of two glyphs each, whose sum pypdf does not read; pdftotext does
SIGNS = "☐☑☒★☆☎♀♂♥♦✓✔✕✖✗✘✚➔➜"


def letter(*paragraphs, title="Brief", **more):
    return pdf("pdf/letter.typ", {"paragraphs": paragraphs, **more}, title, MADE)


def read(content):
    return PdfReader(io.BytesIO(content))


def text_of(content):
    return "\n".join(page.extract_text() for page in read(content).pages)


def tags(node, found=None):
    """Every kind of element in the structure tree below `node`."""
    found = [] if found is None else found
    node = node.get_object()
    for child in node if isinstance(node, list) else [node]:
        child = child.get_object()
        if isinstance(child, dict):
            found += [child["/S"]] if "/S" in child else []
            if "/K" in child:
                tags(child["/K"], found)
    return found


def test_it_is_tagged_and_says_its_language_title_and_standards():
    reader = read(letter("Een alinea.", title="Brief aan β", table={"head": ["a", "b"], "rows": [["1", "2"]]}))
    root = reader.trailer["/Root"]

    assert root["/Lang"] == "nl" and root["/MarkInfo"]["/Marked"] and root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Brief aan β" and reader.metadata.author == "mijnPerined"
    about = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfuaid:part\W+1\b", about)
    assert re.search(r"pdfaid:part\W+2\b", about) and re.search(r"pdfaid:conformance\W+A\b", about)
    assert {"/Document", "/P", "/Table", "/TR", "/TH", "/TD"} <= set(tags(root["/StructTreeRoot"]["/K"]))


def test_its_letters_are_embedded_and_none_come_from_the_machine():
    content = letter("Tekst, pijl ↑, som ∑.")
    fonts = [one.get_object() for page in read(content).pages for one in page["/Resources"]["/Font"].values()]
    below = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]

    assert below and all("/FontFile2" in font or "/FontFile3" in font for font in below)
    families = {font.family for font in typesetting._fonts().fonts()}
    assert families == {"Noto Sans", "DejaVu Sans Mono", "Libertinus Serif", "New Computer Modern", "New Computer Modern Math"}


@pytest.mark.parametrize("first, last", RANGES, ids=lambda code: f"{code:04X}")
def test_every_letter_of_the_ranges_is_printed_as_typed(first, last):
    typed = [chr(code) for code in range(first, last + 1) if unicodedata.category(chr(code))[0] in "LNPS"]
    text = text_of(letter(*(f"{one}{one}" for one in typed)))
    lost = {one for one in typed if one not in text and _same(one) not in text} - UNREAD
    assert "[U+" not in text and lost == set()


def _same(one):
    """The letter of which Unicode calls `one` the same: Å for the sign of the ångström."""
    return unicodedata.normalize("NFC", one)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("病", "[U+75C5]"),
        ("\ue000", "[U+E000]"),
        ("😷 en 🫀", "[face with medical mask] en [anatomical heart]"),
        ("a\x07b", "ab"),
        ('"病" en \\ en "', '"[U+75C5]" en \\ en "'),
    ],
)
def test_a_letter_that_no_font_has_is_named(typed, printed):
    content = letter(f"Er staat {typed}.", title=f"Over {typed}")
    assert f"Er staat {printed}." in text_of(content) and read(content).metadata.title == f"Over {printed}"


@pytest.mark.parametrize(
    "typed",
    [
        "#panic()",
        "*vet* _schuin_",
        "= Kop",
        "<label> @ref",
        "$x^2$ `code`",
        "// weg /* weg */",
        "-- --- ... ~ 'a' \"b\"",
        SIGNS,
    ],
)
def test_a_text_is_never_mark_up(typed):
    assert typed in text_of(letter(f"Er staat {typed}", title=typed))


def test_lines_stay_lines_and_an_endless_word_stays_on_the_page():
    reader = read(letter("een\ntwee", "x" * 4000))
    assert "een\ntwee" in reader.pages[0].extract_text()
    right = []
    reader.pages[0].extract_text(visitor_text=lambda text, now, matrix, font, size: right.append(len(text.strip("\n"))))
    assert sum(page.extract_text().count("x") for page in reader.pages) == 4000 and max(right) < 200


def test_a_picture_has_its_alternative_text(tmp_path, monkeypatch):
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf" / "house.typ").write_bytes((TEMPLATES / "pdf" / "house.typ").read_bytes())
    (tmp_path / "one.typ").write_text('#import "/pdf/house.typ": *\n#show: house\n#picture(data.svg, data.alt)')
    monkeypatch.setattr(typesetting, "TEMPLATES", tmp_path)

    content = pdf("one.typ", {"svg": CIRCLE, "alt": "Een cirkel"}, "Figuur", MADE)
    assert "Een cirkel" in str(_figures(read(content).trailer["/Root"]["/StructTreeRoot"]))
    assert "β [U+75C5]" in text_of(content)


def _figures(node):
    node = node.get_object()
    if isinstance(node, list):
        return [text for child in node for text in _figures(child)]
    if not isinstance(node, dict):
        return []
    return [node.get("/Alt"), *(_figures(node["/K"]) if "/K" in node else [])]


def test_the_same_arguments_give_the_same_bytes():
    assert letter("Een alinea.") == letter("Een alinea.")


def test_a_child_of_a_process_that_typeset_before_gets_the_same_document(tmp_path):
    made, kept = letter("Een alinea."), tmp_path / "child.pdf"
    if not (child := os.fork()):
        signal.alarm(60)  # it would wait for ever
        kept.write_bytes(letter("Een alinea."))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0 and kept.read_bytes() == made


def test_a_template_that_is_wrong_says_so():
    with pytest.raises(typst.TypstError, match="paragraphs"):
        pdf("pdf/letter.typ", {}, "Brief", MADE)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.typ")), ids=lambda path: path.name)
def test_a_template_evaluates_no_text_and_fetches_nothing(path):
    code = re.sub(r"//.*", "", path.read_text())
    assert not re.search(r"\beval\b|@preview|@local|\bread\(|\bplugin\(", code)
