"""The bytes of a message as a tree, and every reason not to look further.

What no message needs is refused before anything is parsed: a DOCTYPE, an instruction, another encoding, too much of anything.
Once the bytes are surely UTF-8, each of these shows as plain bytes; a comment that only mentions them is refused as well.
"""

import codecs
import re
import threading
from functools import cached_property
from xml.parsers import expat

from lxml import etree
from lxml.etree import XMLParser

from models.lnr.dataset.definition import NAMESPACE
from models.lnr.message import not_a_message

SIZE = 1_000_000  # bytes
ELEMENTS = 5_000
RUN = 20_000  # bytes from one '<' to the next: an element with its attributes, or a comment
FOREIGN_MARKS = (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF32_LE)
DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s([^>]*)\?>")
LATE_DECLARATION = re.compile(rb"<\?xml\s")
COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
DOCTYPE = re.compile(rb"<!doctype", re.IGNORECASE)
INSTRUCTION = re.compile(rb"<\?(?P<declaration>\s*xml\s)?", re.IGNORECASE)
DECLARED = re.compile(rb"\s*version\s*=\s*[\"']([^\"']*)[\"'](?:\s+encoding\s*=\s*[\"']([^\"']*)[\"'])?")
# xsi:schemaLocation would have libxml2 fetch a schema of the sender's choice; nothing else of another namespace is of use.
FOREIGN = etree.XPath("(//@*[namespace-uri() != ''] | //*[namespace-uri() = 'http://www.w3.org/2001/XInclude'])[1]")
# libxml2 keeps what it found with the parser, so no two threads may share one.
_own = threading.local()


class UnreadableMessage(Exception):
    """Not a message at all. `reason`: a variant of R-01 in `sentences.csv`, with `words` for what stands in braces;
    `too_large`: a limit was passed (413)."""

    def __init__(
        self,
        reason: str,
        line: int | None = None,
        column: int | None = None,
        too_large: bool = False,
        words: dict[str, tuple[str, str]] | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column, self.too_large, self.words = reason, line, column, too_large, words


class Tree:
    """`root` is an lxml element without comments. Places are looked up only when something is reported."""

    def __init__(self, raw: bytes, root: etree._Element) -> None:
        self.raw, self.root = raw, root

    def place(self, element: etree._Element) -> tuple[int, int]:
        """The line and the column, from 1, at which this element begins. Raises Unreadable."""
        return self._places[element]

    @cached_property
    def _places(self) -> dict[etree._Element, tuple[int, int]]:
        """libxml2 forgets columns; expat knows them, and meets the elements in the same order.

        libxml2 takes names by the fifth edition of XML, expat by the fourth. No name of ours is beyond the fourth, so that
        one that is always gets a finding, and that asks for its place. Raises Unreadable.
        """
        parser, places = expat.ParserCreate("utf-8"), []
        parser.StartElementHandler = lambda *_: places.append((parser.CurrentLineNumber, parser.CurrentColumnNumber + 1))
        try:
            parser.Parse(self.raw, True)
        except expat.ExpatError as problem:
            raise UnreadableMessage("name", problem.lineno, problem.offset + 1) from None
        return dict(zip(self.root.iter(), places, strict=True))


def grow(raw: bytes) -> Tree:
    """The Tree of these bytes. Raises Unreadable."""
    _demand_little(raw)
    _demand_utf8(raw)
    _demand_plain(raw)
    try:
        root = etree.fromstring(raw, _parser())
    except etree.XMLSyntaxError as problem:
        deep = "depth" in problem.msg  # libxml2 stops at 256
        reason = "deep" if deep else not_a_message.fault(raw, problem)
        raise UnreadableMessage(reason, max(1, problem.lineno or 1), max(1, problem.offset or 1), too_large=deep) from None
    # Only who declares more than our namespace can use another one, and the search costs as much as parsing.
    tree = Tree(raw, root)
    if raw.count(b"xmlns") > 1 and (found := FOREIGN(root)):
        element = found[0].getparent() if isinstance(found[0], str) else found[0]  # type: ignore[attr-defined]
        raise UnreadableMessage("foreign", *tree.place(element))
    return tree


def _parser() -> XMLParser:
    if not hasattr(_own, "parser"):
        _own.parser = etree.XMLParser(
            resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, encoding="utf-8", remove_comments=True
        )
    return _own.parser


def _demand_little(raw: bytes) -> None:
    if len(raw) > SIZE:
        raise UnreadableMessage("size", too_large=True)
    if not raw.removeprefix(codecs.BOM_UTF8).strip():
        raise UnreadableMessage("empty")
    if words := not_a_message.kind(raw):
        raise UnreadableMessage("other_kind", 1, 1, words={"kind": words})
    pieces = raw.split(b"<")
    if len(pieces) > 2 * ELEMENTS:
        raise UnreadableMessage("many", *_place(raw, len(b"<".join(pieces[: 2 * ELEMENTS + 1]))), too_large=True)
    if max(map(len, pieces)) > RUN:
        raise UnreadableMessage("long", too_large=True)


def _demand_utf8(raw: bytes) -> None:
    declaration = DECLARATION.match(raw)
    told = declaration and DECLARED.match(declaration[1])
    wide = raw.startswith(FOREIGN_MARKS) or b"<\0" in raw[:4] or b"\0<" in raw[:4]
    if wide or (told and (told[2] or b"utf-8").lower() not in (b"utf-8", b"utf8")):
        raise UnreadableMessage("encoding", 1, 1)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise UnreadableMessage("not_utf8", *_place(raw, problem.start)) from None
    if b"\0" in raw:
        raise UnreadableMessage("zero", *_place(raw, raw.index(b"\0")))


def _demand_plain(raw: bytes) -> None:
    begin = 0
    if declaration := DECLARATION.match(raw):
        begin = declaration.end()
        if (told := DECLARED.match(declaration[1])) and told[1] != b"1.0":
            raise UnreadableMessage("version", 1, 1)
    elif (late := LATE_DECLARATION.search(raw)) and b"<" not in COMMENT.sub(b"", raw[: late.start()]):
        raise UnreadableMessage("before" if raw[: late.start()].removeprefix(codecs.BOM_UTF8) else "declaration", 1, 1)
    for mark, reason in ((DOCTYPE, "doctype"), (INSTRUCTION, "instruction")):
        if found := mark.search(raw, begin):
            if found.lastgroup == "declaration":
                reason = "second" if begin or b"<" in raw[: found.start()] else "declaration"
            raise UnreadableMessage(reason, *_place(raw, found.start()))


def _place(raw: bytes, at: int) -> tuple[int, int]:
    return raw.count(b"\n", 0, at) + 1, at - raw.rfind(b"\n", 0, at)


def name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def is_ours(element: etree._Element) -> bool:
    return element.tag.startswith(f"{{{NAMESPACE}}}")


def path(element: etree._Element) -> str:
    """As XPath without prefixes; a number where there is more than one of the name."""
    parent = element.getparent()
    if parent is None:
        return f"/{name(element)}"
    alike = [child for child in parent if child.tag == element.tag]
    return f"{path(parent)}/{name(element)}" + (f"[{alike.index(element) + 1}]" if len(alike) > 1 else "")


def path_in_definition(element: etree._Element) -> str:
    """The path below `kernset_neonatologie`, without numbers: as the definition writes it."""
    above = [name(one) for one in element.iterancestors()]
    return "/".join([*reversed(above), name(element)][2:])


def find_all(element: etree._Element, below: str) -> list[etree._Element]:
    """Every element at this path below, in our namespace."""
    return element.findall("/".join(f"{{{NAMESPACE}}}{tag}" for tag in below.split("/")))
