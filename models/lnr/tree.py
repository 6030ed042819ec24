"""The bytes of a message as a tree with lines and columns, and every reason not to look further.

Expat reads first, and refuses what no message needs: a DOCTYPE, an instruction, another encoding, too much of anything.
Nothing that it refuses reaches libxml2; and it knows the column of every element, which libxml2 forgets.
"""

import codecs
from xml.parsers import expat

SIZE = 1_000_000  # bytes
DEPTH = 20
ELEMENTS = 5_000
ATTRIBUTES = 20  # of one element
LENGTH = 2_000  # characters of one attribute
XINCLUDE = "http://www.w3.org/2001/XInclude"
FOREIGN_MARKS = (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF32_LE)


class Unreadable(Exception):
    """Not a message at all. `reason`: a key of REASONS in rules/structure.py; `too_large`: a limit was passed (413)."""

    def __init__(self, reason, line=None, column=None, too_large=False):
        super().__init__(reason)
        self.reason, self.line, self.column, self.too_large = reason, line, column, too_large


class Node:
    """An element: its `tag` without namespace, attributes, children and place."""

    __slots__ = ("attributes", "children", "column", "line", "namespace", "parent", "tag")

    def __init__(self, parent, namespace, tag, attributes, line, column):
        self.parent, self.namespace, self.tag, self.attributes = parent, namespace, tag, attributes
        self.line, self.column, self.children = line, column, []

    @property
    def path(self):
        """As XPath without prefixes; a number where there is more than one of the name."""
        if self.parent is None:
            return f"/{self.tag}"
        alike = [child for child in self.parent.children if child.tag == self.tag]
        return f"{self.parent.path}/{self.tag}" + (f"[{alike.index(self) + 1}]" if len(alike) > 1 else "")

    @property
    def path_of_names(self):
        """The path below `kernset_neonatologie`, without numbers: as the definition writes it."""
        tags, node = [], self
        while node is not None:
            tags.append(node.tag)
            node = node.parent
        return "/".join(reversed(tags[:-2]))

    def find(self, path):
        """The first element at this path below, or None."""
        node = self
        for tag in path.split("/"):
            node = next((child for child in node.children if child.tag == tag), None)
            if node is None:
                return None
        return node

    def find_all(self, path):
        """Every element at this path below."""
        nodes = [self]
        for tag in path.split("/"):
            nodes = [child for node in nodes for child in node.children if child.tag == tag]
        return nodes


class _Builder:
    def __init__(self):
        self.parser = parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.StartDoctypeDeclHandler = self.refusing("doctype")
        parser.ProcessingInstructionHandler = self.refusing("instruction")
        parser.XmlDeclHandler = self.declared
        self.root = self.node = None
        self.depth = self.count = 0

    def refusing(self, reason):
        def refuse(*_):
            raise self.unreadable(reason)

        return refuse

    def unreadable(self, reason, too_large=False):
        return Unreadable(reason, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1, too_large)

    def declared(self, version, encoding, standalone):
        if version != "1.0":
            raise self.unreadable("version")
        if (encoding or "utf-8").lower() not in ("utf-8", "utf8"):
            raise self.unreadable("encoding")

    def start(self, name, attributes):
        self.depth += 1
        self.count += 1
        if self.depth > DEPTH or self.count > ELEMENTS:
            raise self.unreadable("deep" if self.depth > DEPTH else "many", too_large=True)
        self.look_at(attributes)
        namespace, _, tag = name.rpartition(" ")
        if namespace == XINCLUDE:
            raise self.unreadable("foreign")
        parser = self.parser
        node = Node(self.node, namespace, tag, attributes, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
        if self.node is None:
            self.root = node
        else:
            self.node.children.append(node)
        self.node = node

    def look_at(self, attributes):
        if len(attributes) > ATTRIBUTES:
            raise self.unreadable("many", too_large=True)
        for name, value in attributes.items():
            if len(value) > LENGTH:
                raise self.unreadable("long", too_large=True)
            # xsi:schemaLocation would have libxml2 fetch a schema of the sender's choice.
            if " " in name:
                raise self.unreadable("foreign")

    def end(self, name):
        self.depth -= 1
        self.node = self.node.parent


def grow(raw):
    """The root Node of these bytes. Raises Unreadable."""
    if len(raw) > SIZE:
        raise Unreadable("size", too_large=True)
    if not raw.strip():
        raise Unreadable("empty")
    _demand_utf8(raw)
    builder = _Builder()
    try:
        builder.parser.Parse(raw, True)
    except expat.ExpatError as problem:
        raise Unreadable("not_xml", problem.lineno, problem.offset + 1) from None
    return builder.root


def _demand_utf8(raw):
    if raw.startswith(FOREIGN_MARKS):
        raise Unreadable("encoding", 1, 1)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise Unreadable("not_utf8", line, problem.start - raw.rfind(b"\n", 0, problem.start)) from None
    if "\0" in text:
        raise Unreadable("encoding", 1, 1)
