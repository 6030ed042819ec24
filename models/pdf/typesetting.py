"""Typesetting: a template and data become a tagged PDF (PDF/UA-1 and PDF/A-2a), by typst, in this process.

Templates lie in templates/<room>/*.typ. One starts with `#import "/pdf/house.typ": *` and `#show: house`, and then has its
`data`, and what that file offers for tables, pictures and long words. Data is JSON: a text in it is a text, which typst never
reads as mark-up (`#`, `*`, `<label>` come out as typed) as long as no template calls `eval`, which a test holds.

Nothing comes from the network or from the machine: the letters are Noto Sans (the package fontpkg-noto-sans), and the families
inside the typst package for what that lacks: arrows, mathematics, signs. A letter that none of them has (Chinese, emoji) would
break PDF/UA; the document says what it is called, in square brackets.

It takes 46 ms of processor time a page, and about 75 MB more of a process once it made some documents of five pages.
Other Python threads go on while typst works. Its own threads do not go along to a child that is forked, where it would wait
for them for ever: such a child lets a fresh process do it.
"""

import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from models import clock
from settings import ROOT

if TYPE_CHECKING:
    import typst

TEMPLATES = ROOT / "templates"
FRESH = "from models.pdf.typesetting import answer; answer()"
STANDARDS: list[Any] = ["ua-1", "a-2a"]  # typst says which words these may be
# What typst says of a letter that no font has, and of one that has no meaning; they stand in it as Rust writes a string.
MISSING = re.compile(r'(?:the text|the codepoint) `"((?:\\u\{[0-9a-f]+\}|\\.|[^"\\])+)"`')
ESCAPED = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")


def pdf(template: str, data: Mapping[str, object], title: str, made: datetime | None = None) -> bytes:
    """The PDF that `template` ('questionnaires/answers.typ') makes of `data`; the same arguments give the same bytes.

    `data`: whatever JSON takes; a picture is the text of its SVG. `title`: of the document and of its window. `made`: the
    moment that it names as its own (UTC, without zone; default now). Raises typst.TypstError when the template is wrong.
    """
    made = made or clock.now()
    if _threads["left behind"]:
        job = json.dumps([template, data, title, made.isoformat()]).encode()
        return subprocess.run([sys.executable, "-c", FRESH], input=job, stdout=subprocess.PIPE, check=True, cwd=ROOT).stdout
    import typst  # noqa: PLC0415  7 MB

    _threads["started"] = True
    texts = json.loads(json.dumps([title, data]))
    while True:
        try:
            named_title, named_data = texts
            return _compiled(template, named_title, named_data, made)
        except typst.TypstError as problem:
            missing = {_unescaped(found) for found in MISSING.findall(problem.diagnostic)}
            named = _each_text(texts, _namer(missing)) if missing else texts
            if named == texts:
                raise
            texts = named


def answer() -> None:
    """In a fresh process: make the PDF that standard input asks for, on standard output."""
    template, data, title, made = json.load(sys.stdin)
    sys.stdout.buffer.write(pdf(template, data, title, datetime.fromisoformat(made)))


# What typst keeps for itself: whether it has threads here, and whether this is a child of a process in which it had.
_threads = {"started": False, "left behind": False}
os.register_at_fork(after_in_child=lambda: _threads.update({"left behind": _threads["started"] or _threads["left behind"]}))


def _compiled(template: str, title: str, data: object, made: datetime) -> bytes:
    import typst  # noqa: PLC0415

    return typst.compile(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=_fonts(),
        sys_inputs={"title": title, "data": json.dumps(data)},
        pdf_standards=STANDARDS,
        timestamp=made.replace(tzinfo=UTC, microsecond=0),
    )


@lru_cache
def _fonts() -> "typst.Fonts":
    import fontpkg_noto_sans  # noqa: PLC0415
    import typst  # noqa: PLC0415

    folder = files(fontpkg_noto_sans) / "files"
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder)])


def _unescaped(written: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], written)


def _each_text(value: object, change: Callable[[str], str]) -> object:
    """The same JSON with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(one, change) for one in value]
    if isinstance(value, dict):
        return {key: _each_text(one, change) for key, one in value.items()}
    return value


def _namer(missing: Iterable[str]) -> Callable[[str], str]:
    """The function that puts the name of each missing letter in its place."""
    longest_first = sorted(missing, key=len, reverse=True)
    letters = re.compile("|".join(map(re.escape, longest_first)))
    return lambda text: letters.sub(lambda found: "".join(map(_called, found[0])), text)


def _called(letter: str) -> str:
    """'[face with medical mask]', '[U+75C5]' for a letter of a script, nothing for what is invisible."""
    kind = unicodedata.category(letter)
    if letter.isspace() or (letter.isascii() and letter.isprintable()):
        return letter if letter.isascii() and letter.isprintable() else " "
    if kind in ("Mn", "Me", "Cf", "Cc"):
        return ""
    name = "" if kind in ("Lo", "Co") else unicodedata.name(letter, "").lower()
    return f"[{name or f'U+{ord(letter):04X}'}]"
