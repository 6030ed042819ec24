"""The XSD, made from the definition; and the check against it."""

import threading
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from models.lnr.dataset import moment
from models.lnr.dataset.definition import CORE, LOOSE_NULLS, NAMESPACE, NULLS, ROOT, Definition, Element, definition

IGNORED = ("conceptId", "datatype", "codeSystemName")
# type of the attribute `value`: base, facets
VALUES = {
    "janee": ("xs:token", "".join(f'<xs:enumeration value="{one}"/>' for one in ("true", "false", "1", "0", "UNK", ""))),
    "geheel": ("xs:integer", r'<xs:pattern value="[+\-]?0*[0-9]{1,6}"/>'),
    "getal": ("xs:decimal", r'<xs:pattern value="[+\-]?0*([0-9]{1,6}(\.[0-9]*)?|\.[0-9]+)"/>'),
    "datum": ("xs:date", f'<xs:pattern value="{moment.DATE}"/>'),
    "nummer": ("xs:token", '<xs:minLength value="1"/><xs:maxLength value="64"/>'),
    "verwijzing": ("xs:token", '<xs:minLength value="1"/><xs:maxLength value="64"/>'),
    "code": ("xs:token", '<xs:minLength value="1"/><xs:maxLength value="64"/>'),
    "null": ("xs:token", "".join(f'<xs:enumeration value="{one}"/>' for one in (*NULLS, *LOOSE_NULLS))),
    "postcode": ("xs:token", '<xs:pattern value="[1-9][0-9]{3}( ?[A-Za-z]{2})?"/>'),
    "naam": ("xs:string", '<xs:maxLength value="200"/>'),
    "tekst": ("xs:string", '<xs:minLength value="1"/><xs:maxLength value="500"/>'),
    "eenheid": ("xs:token", '<xs:minLength value="1"/><xs:maxLength value="20"/>'),
    "oid": ("xs:token", r'<xs:pattern value="[0-2](\.(0|[1-9][0-9]*))+|urn:[A-Za-z0-9:.\-]+"/><xs:maxLength value="120"/>'),
}
HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{NAMESPACE}" targetNamespace="{NAMESPACE}"
           elementFormDefault="qualified" version=%s>
"""


def xsd(of: Definition | None = None) -> str:
    """The schema as text."""
    of = of or definition()
    lines = [HEAD % quoteattr(of.versions[-1]["version"]), *_values(), *_root(of)]
    return "\n".join([*lines, "</xs:schema>", ""])


def _values() -> Iterator[str]:
    for name, (base, facets) in VALUES.items():
        yield f'  <xs:simpleType name="{name}"><xs:restriction base="{base}">{facets}</xs:restriction></xs:simpleType>'
    yield '  <xs:simpleType name="dag_of_tijd"><xs:union memberTypes="xs:date xs:dateTime"/></xs:simpleType>'
    pattern = f'<xs:pattern value="{moment.MOMENT.pattern}"/>'
    yield f'  <xs:simpleType name="moment"><xs:restriction base="dag_of_tijd">{pattern}</xs:restriction></xs:simpleType>'
    yield '  <xs:attributeGroup name="genegeerd">'
    yield from (f'    <xs:attribute name="{name}" type="xs:string"/>' for name in IGNORED)
    yield "  </xs:attributeGroup>"


def _root(of: Definition) -> Iterator[str]:
    yield f'  <xs:element name="{ROOT}">'
    yield "    <xs:complexType>"
    yield "      <xs:sequence>"
    yield f'        <xs:element name="{CORE}">'
    yield from _group(of.tree, "          ")
    yield "        </xs:element>"
    yield "      </xs:sequence>"
    for one in of.elements:
        if one.is_attribute:
            yield from _of_root(one, of)
    yield "    </xs:complexType>"
    yield "  </xs:element>"


def _of_root(one: Element, of: Definition) -> Iterator[str]:
    need = "required" if one.min else "optional"
    yield f'      <xs:attribute name="{one.tag[1:]}" use="{need}">'
    choices = [row["version"] for row in of.versions] if one.name == "schema_version" else one.lists
    if choices:
        facets = "".join(f"<xs:enumeration value={quoteattr(choice)}/>" for choice in choices)
        yield f'        <xs:simpleType><xs:restriction base="xs:token">{facets}</xs:restriction></xs:simpleType>'
    else:
        yield f"        {_text_type(one)}"
    yield "      </xs:attribute>"


def _text_type(one: Element) -> str:
    facets = f'<xs:minLength value="{one.low:.0f}"/><xs:maxLength value="{one.high:.0f}"/>'
    return f'<xs:simpleType><xs:restriction base="xs:string">{facets}</xs:restriction></xs:simpleType>'


def _group(group: Element, pad: str) -> Iterator[str]:
    yield f"{pad}<xs:complexType>"
    yield f"{pad}  <xs:sequence>"
    for child in group.children.values():
        yield from _element(child, pad + "    ")
    yield f"{pad}  </xs:sequence>"
    if group.repeats:
        yield f'{pad}  <xs:attribute name="id" type="verwijzing"/>'
    yield f'{pad}  <xs:attributeGroup ref="genegeerd"/>'
    yield f"{pad}</xs:complexType>"


def _element(one: Element, pad: str) -> Iterator[str]:
    most = "unbounded" if one.max is None else one.max
    yield f'{pad}<xs:element name="{one.tag}" minOccurs="{one.min}" maxOccurs="{most}">'
    if one.nl:
        words = "".join(
            f'<xs:documentation xml:lang="{tongue}">{escape(text)}</xs:documentation>'
            for tongue, text in (("nl", one.nl), ("en", one.en))
        )
        yield f"{pad}  <xs:annotation>{words}</xs:annotation>"
    yield from _group(one, pad + "  ") if one.is_group else _item(one, pad + "  ")
    yield f"{pad}</xs:element>"


def _item(one: Element, pad: str) -> Iterator[str]:
    yield f"{pad}<xs:complexType>"
    yield from (f"{pad}  {line}" for line in _attributes(one))
    yield f'{pad}  <xs:attributeGroup ref="genegeerd"/>'
    yield f"{pad}</xs:complexType>"


def _attributes(one: Element) -> Iterator[str]:
    if one.type == "code" or one.tag == "naamgebruik":
        yield '<xs:attribute name="value" type="xs:string"/>'
        yield '<xs:attribute name="code" type="code" use="required"/>'
        yield '<xs:attribute name="codeSystem" type="oid" use="required"/>'
        yield '<xs:attribute name="displayName" type="xs:string"/>'
        yield '<xs:attribute name="originalText" type="tekst"/>'
        return
    need = "" if one.nullable else ' use="required"'
    if one.type == "tekst" and one.high:
        yield f'<xs:attribute name="value"{need}>{_text_type(one)}</xs:attribute>'
    else:
        yield f'<xs:attribute name="value" type="{one.type}"{need}/>'
    if one.type == "nummer":
        yield '<xs:attribute name="root" type="oid"/>'
    if one.unit:
        yield '<xs:attribute name="unit" type="eenheid"/>'
    if one.nullable:
        yield '<xs:attribute name="nullFlavor" type="null"/>'


# libxml2 keeps what it found with the schema, so no two threads may share one.
_own = threading.local()


def problems(root: etree._Element) -> list[Any]:
    """What libxml2 finds wrong with this tree by the schema: its own records, in order; empty when it is valid."""
    if not hasattr(_own, "schema"):
        _own.schema = etree.XMLSchema(etree.fromstring(xsd().encode()))
    return [] if _own.schema.validate(root) else list(_own.schema.error_log)
