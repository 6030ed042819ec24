"""HTML inside RTF, as Outlook saves a message ([MS-OXRTFEX]): tags in `\\*\\htmltag`, letters beside them in the RTF.

A program that turns it back joins the two, so that they are looked at as one text: what stands in a tag, and what the letters
around it would make of it.
"""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

from .allowed import FETCHES, MACROS, STRANGE, away, is_clickable

TAGS = set(
    "a abbr address area b big blockquote body br caption center cite code col colgroup dd del dfn div dl dt em font h1 h2 h3 "
    "h4 h5 h6 head hr html i img ins kbd li map meta ol p pre q s samp small span strike strong style sub sup table tbody td "
    "tfoot th thead title tr tt u ul var".split()
)
# Of Office, whose names have a colon: what such an element holds is drawn, and fetches by the attributes below only.
OFFICE = re.compile(r"(?:o|v|w|m|st1):[a-z0-9]+")
# What is called by an address without a click.
CALLS = set(
    "action archive background classid code codebase data dynsrc formaction icon lowsrc manifest o:href poster profile src "
    "srcdoc srcset xlink:href".split()
)
# A list of addresses, of which the first says nothing of the others.
LISTS = {"srcset", "archive", "althref", "o:althref"}
OWN = re.compile(r"(?i)cid:|#|$")
# An attribute begins behind a blank, a quote or a stroke: 'data=' in the address of a link is none.
CALLED = re.compile(
    rf"(?i)(?<![^\s\"'/<>])(?:(?:{'|'.join(sorted(CALLS - LISTS))})\s*=\s*[\"']?\s*(?!cid:|#|[\"'\s])[^\s>]"
    rf"|(?:{'|'.join(sorted(LISTS))})\s*=)"
)
# VML names its own behaviour as a place in the page.
STYLED = re.compile(r"(?i)url\(\s*[\"']?(?!#|cid:)|image(?:-set)?\(|@import|expression\(|-moz-binding")
MARK = re.compile(r"<!--|-->|<!\[[^>]*\]>|\[[^\]>]*\]>")


def dangers(readings: list[str]) -> set[str | None]:
    """`danger` of what programs may make of the same file, which do not agree on the letters that count."""
    return {danger(html) for html in readings}


def danger(html: str) -> str | None:
    """Why a text with tags in it is refused: a tag that is not known, or anything that fetches or runs without a click."""
    text = MARK.sub(" ", html)  # what stands in a comment for some programs only is a tag for those
    if CALLED.search(unescape(text)) or STYLED.search(_plain_style(unescape(text))):
        return FETCHES
    reader = _Tags()
    reader.feed(text)
    reader.close()
    return next(reader.problems(), None)


def _plain_style(text: str) -> str:
    """Without what a style sheet may put between the letters of a word."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\\([0-9a-fA-F]{1,6})\s?", lambda found: chr(int(found[1], 16) % 0x110000), text)
    return text.replace("\\", "")


class _Tags(HTMLParser):
    """Every tag with its attributes, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))

    def problems(self) -> Iterator[str]:
        for tag, attributes in self.found:
            given = {name: (value or "").strip() for name, value in attributes}
            # '<anna@example.nl>' is how people write an address.
            if tag not in TAGS and not OFFICE.fullmatch(tag) and (given or re.fullmatch(r"[a-z0-9]+", tag)):
                yield MACROS if tag == "script" else STRANGE
            if any(name.startswith("on") for name in given):
                yield MACROS
            if tag == "meta" and given.get("http-equiv", "content-type").lower() not in ("content-type", "x-ua-compatible"):
                yield FETCHES
            if any(name in LISTS or (name in CALLS and not OWN.match(value)) for name, value in given.items()):
                yield FETCHES
            if not is_clickable(given.get("href", "#")):
                yield away(given["href"])
