"""A questionnaire as a PDF for the committee: only what is shown, no names, no dates (interval.py)."""

import io
import re
import unicodedata
from functools import lru_cache
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from models.forms.form_structure import is_other
from models.questionnaires.export.relative_days import Timeline

INK, SOFT, LINE, BRAND, TINT = (HexColor(code) for code in ("#1f1b2d", "#5c5670", "#d9d5e3", "#5b2d8e", "#f4f1f9"))
WIDTH = A4[0] - 36 * mm
LABEL_WIDTH = 78 * mm
FONTS = {"Vera": "Vera.ttf", "Vera-Bold": "VeraBd.ttf", "Vera-Italic": "VeraIt.ttf", "Vera-BoldItalic": "VeraBI.ttf"}
LINES_AT_ONCE = 20  # laying out one paragraph of thousands of lines takes seconds
ENDLESS = re.compile(r"\S{60}(?=\S)")
HIGH = str.maketrans("⁰⁴⁵⁶⁷⁸⁹⁻⁺", "0456789-+")
# What the font has no letter for, in letters that it has: nothing that was typed may become a question mark.
GREEK = dict(
    zip(
        "αβγδεζηθικλμνξορσςτυφχψωϕ",
        "alfa bèta gamma delta epsilon zèta èta thèta jota kappa lambda µ nu xi omikron rho sigma sigma tau ypsilon phi chi "
        "psi omega phi".split(),
        strict=True,
    )
)
SIGNS = {
    sign: written
    for signs, written in (
        ("↑⇑⬆▲", "[omhoog]"),
        ("↓⇓⬇▼", "[omlaag]"),
        ("↗⬈", "[stijgend]"),
        ("↘⬊", "[dalend]"),
        ("→⇒➔➜⟶", "->"),
        ("←⇐⟵", "<-"),
        ("↔⇔⟷", "<->"),
        ("✓✔☑✅", "[v]"),
        ("✗✘☒❌✕", "[x]"),
        ("☐□", "[ ]"),
        ("■●▪◦‣∙", "•"),
        ("‐‑‒", "-"),
        ("♀", "[vrouw]"),
        ("♂", "[man]"),
        ("∆", "delta"),
        ("⌀∅", "ø"),
    )
    for sign in signs
}


def _style(name, **more):
    look = {"fontName": "Vera", "fontSize": 8.5, "leading": 12, "textColor": INK, "alignment": TA_LEFT}
    return ParagraphStyle(name, **(look | more))


TITLE = _style("title", fontName="Vera-Bold", fontSize=18, leading=23, textColor=BRAND)
UNDER = _style("under", fontSize=9, leading=13, textColor=SOFT, spaceAfter=4 * mm)
HEADING = _style("heading", fontName="Vera-Bold", fontSize=11, leading=15, textColor=BRAND)
LABEL = _style("label", textColor=SOFT)
ANSWER = _style("answer")
LONG = _style("long", leftIndent=2, spaceBefore=2)
SMALL = _style("small", fontSize=7, leading=9)
SMALL_HEAD = _style("small head", fontSize=6.3, leading=8, fontName="Vera-Bold", textColor=SOFT)

ROW = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 6),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
    ]
)
BAR = TableStyle(
    [
        ("BACKGROUND", (0, 0), (-1, -1), TINT),
        ("LEFTPADDING", (0, 0), (-1, -1), 6),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
    ]
)
GRID = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, LINE),
        ("BACKGROUND", (0, 0), (-1, 0), TINT),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
)


def paper(form, filled):
    """The bytes of the PDF."""
    for name, file in FONTS.items():
        pdfmetrics.registerFont(TTFont(name, file))
    pdfmetrics.registerFontFamily("Vera", "Vera", "Vera-Bold", "Vera-Italic", "Vera-BoldItalic")
    version, number = form.version, form.case.number
    title, under = version.questionnaire.name, f"Casus {number} · versie {version.number} van de vragenlijst"
    sink = io.BytesIO()
    document = SimpleDocTemplate(
        sink,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=16 * mm,
        bottomMargin=20 * mm,
        title=f"{title}, casus {number}",
        author="NethOSS & LZA1-portaal",
        subject=under,
        lang="nl",
    )
    story = [Paragraph(_safe(title), TITLE), Paragraph(_safe(under), UNDER), *_story(filled)]
    document.build(story, canvasmaker=lambda *args, **more: _Numbered(*args, foot=f"{number} · {title}", **more))
    return sink.getvalue()


def _story(filled):
    timeline = Timeline(filled)
    place, waiting = None, []
    for line in filled.lines:
        if (line.block.code, line.number) != place:
            place = line.block.code, line.number
            waiting = [Spacer(1, 5 * mm), _heading(line, filled), Spacer(1, 1 * mm)]
        first, *rest = _question(line, timeline)
        # A heading never stands alone at the foot of a page.
        yield KeepTogether([*waiting, first]) if waiting else first
        waiting = []
        yield from rest


def _heading(line, filled):
    count = f" {line.number} van {len(filled.numbers(line.block))}" if line.number else ""
    return Table([[Paragraph(_safe(f"{line.block.code}. {line.block.title}{count}"), HEADING)]], [WIDTH], style=BAR)


def _question(line, timeline):
    """The pieces of one question: beside each other when short, below each other when long or a list."""
    label = Paragraph(f"{_safe(line.item.code)}&nbsp;&nbsp;{_safe(line.item.label)}", LABEL)
    listed = line.item.answer.word == "lijst" and line.kept is not None and not is_other(line.kept)
    text = "" if listed else _answer(line, timeline)
    if line.reason:
        text += f"<br/><i>Toelichting: {_safe(timeline.veil(line.reason))}</i>"
    if listed:
        yield KeepTogether([_row([label], [WIDTH]), _list(line, timeline), Spacer(1, 2 * mm)])
        if text:
            yield Paragraph(text, ANSWER)
    elif len(text) > 600 or text.count("<br/>") > 30:
        # A cell of a table cannot go on to the next page; a paragraph can.
        yield _row([label], [WIDTH])
        lines = text.split("<br/>")
        for start in range(0, len(lines), LINES_AT_ONCE):
            yield Paragraph("<br/>".join(lines[start : start + LINES_AT_ONCE]), LONG)
        yield Spacer(1, 2 * mm)
    else:
        yield _row([label, Paragraph(text, ANSWER)], [LABEL_WIDTH, WIDTH - LABEL_WIDTH])


def _answer(line, timeline):
    if line.kept is None:
        return "–"
    if line.item.answer.word == "meer" and not is_other(line.kept):
        return "<br/>".join(f"• {_safe(option)}" for option in line.kept)
    return _safe(timeline.told(line))


def _row(cells, widths):
    return Table([cells], widths, style=ROW)


def _list(line, timeline):
    kind = line.item.answer
    columns = [(kind.lead, None)] if kind.rows else []
    columns += [(name, column) for name, column in kind.columns if any(name in row for row in line.kept)]
    head = [Paragraph(_safe(name), SMALL_HEAD) for name, _ in columns]
    body = [[_cell(column, row.get(name), timeline) for name, column in columns] for row in line.kept]
    shares = [_share(column) for _, column in columns]
    return Table([head, *body], [WIDTH * share / sum(shares) for share in shares], style=GRID, repeatRows=1, splitInRow=1)


def _cell(column, kept, timeline):
    text = "–" if kept is None else kept if column is None else timeline.cell(column, kept)
    return Paragraph(_safe(text.replace("\n", " ")), SMALL)


def _share(column):
    """How wide a column is beside the others."""
    if column is None or column.word in ("datum", "datum + tijd"):
        return 2
    return 1 if column.word != "tekst" else 1 + min(column.limit, 300) / 150


def _safe(text):
    """Text as the mark-up of a paragraph, in letters that the font has. Endless words are cut."""
    return "".join(map(_letter, ENDLESS.sub(r"\g<0> ", str(text))))


@lru_cache(maxsize=2000)
def _letter(letter):
    if letter == "\n":
        return "<br/>"
    known = pdfmetrics.getFont("Vera").face.charToGlyph
    if ord(letter) in known:
        return escape(letter)
    if ord(letter) in HIGH:
        return f"<super>{letter.translate(HIGH)}</super>"
    return escape(_written(letter, known))


def _written(letter, known):
    """A letter that the font lacks, in those that it has: by its parts, by what it is called here, or by its name."""
    if written := SIGNS.get(letter) or GREEK.get(letter):
        return written
    if letter.lower() in GREEK:
        return GREEK[letter.lower()].capitalize()
    if (parts := unicodedata.normalize("NFKD", letter)) != letter:
        return "".join(part if ord(part) in known else _written(part, known) for part in parts)
    if letter.isspace() or unicodedata.category(letter) in ("Mn", "Me", "Cf", "Cc"):
        return " " if letter.isspace() else ""
    code = f"U+{ord(letter):04X}"
    return f"[{code if unicodedata.category(letter) == 'Lo' else unicodedata.name(letter, code).lower()}]"


class _Numbered(Canvas):
    """Keeps the pages until their number is known."""

    def __init__(self, *args, foot, **more):
        super().__init__(*args, **more)
        self.setViewerPreference("DisplayDocTitle", "true")
        self.foot, self.pages = foot, []

    def showPage(self):
        self.pages.append(dict(self.__dict__))
        self._startPage()

    def save(self):
        for page in self.pages:
            self.__dict__.update(page)
            self.setFont("Vera", 7.5)
            self.setFillColor(SOFT)
            self.drawString(18 * mm, 12 * mm, self.foot)
            self.drawRightString(A4[0] - 18 * mm, 12 * mm, f"bladzijde {self._pageNumber} van {len(self.pages)}")
            super().showPage()
        super().save()
