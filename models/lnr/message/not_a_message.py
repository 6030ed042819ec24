"""Why bytes are no message, as truly as can be told: another kind of file, another kind of message, or which fault of XML."""

import base64
import binascii
import re

from lxml.etree import XMLSyntaxError, _Element

from models.lnr.dataset.definition import NAMESPACE, ROOT

BOM = b"\xef\xbb\xbf"
# How a file begins -> what it is.
FILES = (
    (rb"%PDF-", "een PDF", "a PDF"),
    (rb"PK\x03\x04|PK\x05\x06|PK\x07\x08", "een ZIP-bestand", "a ZIP file"),
    (rb"\x1f\x8b|BZh[1-9]|7z\xbc\xaf\x27\x1c|\xfd7zXZ|\x28\xb5\x2f\xfd|\x78[\x01\x5e\x9c\xda]", "een ingepakt bestand",
     "a compressed file"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\0|MM\0\*", "een afbeelding", "an image"),
    (rb"\xd0\xcf\x11\xe0|\{\\rtf", "een Office-bestand", "an Office file"),
    (rb"\x0b?(?:MSH|FHS|BHS)[^\w\s]", "een HL7v2-bericht", "an HL7v2 message"),
    (rb"UN[AB][:+]", "een EDIFACT-bericht", "an EDIFACT message"),
    (rb"--[^\r\n]+\r?\n[Cc]ontent-", "een formulier met een bestand erin (multipart)", "a form with a file in it (multipart)"),
    (rb"\s*(?i:<!doctype\s+html|<html[\s>])", "een webpagina (vaak van een proxy of een inlogscherm)",
     "a web page (often of a proxy or a log-in screen)"),
    (rb"\s*&lt;", "XML met vervangen tekens (&lt; in plaats van <)", "XML with escaped characters (&lt; for <)"),
    (rb"%3C", "XML in de tekens van een webadres (%3C in plaats van <)", "URL-encoded XML (%3C for <)"),
)  # fmt: skip
MARKS = tuple((re.compile(pattern), (nl, en)) for pattern, nl, en in FILES)
JSON = re.compile(rb'\s*[\[{]\s*["\d\[\]{}\-tfn]')
BASE64 = re.compile(rb"\s*[A-Za-z0-9+/\r\n]{16,}=*\s*")
# The namespace of the outermost element -> what the message is.
MESSAGES = {
    "http://hl7.org/fhir": ("een FHIR-bericht", "a FHIR message"),
    "urn:hl7-org:v3": ("een HL7v3- of CDA-bericht", "an HL7v3 or CDA message"),
    "http://schemas.xmlsoap.org/soap/envelope/": ("een SOAP-envelop", "a SOAP envelope"),
    "http://www.w3.org/2003/05/soap-envelope": ("een SOAP-envelop", "a SOAP envelope"),
    "http://www.w3.org/2001/XMLSchema": ("een XML-schema", "an XML schema"),
    "http://www.w3.org/1999/xhtml": ("een webpagina", "a web page"),
}
# libxml2's number of a fault (xmlerror.h) -> the variant of R-01.
FAULTS = {
    8: "letter", 9: "letter", 23: "escape", 26: "entity", 38: "escape", 39: "quote", 42: "twice", 76: "crossed", 77: "cut",
    201: "prefix",
}  # fmt: skip
LOOSE = re.compile(rb"[^<>\s]\s*<|<\s")  # a < behind text or before a blank
DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?<\?\s*xml(?=\s|\?)[^<>]*", re.IGNORECASE)


def kind(raw: bytes) -> tuple[str, str] | None:
    """(Dutch, English) of what these bytes are, when they are surely another kind of file than XML; else None."""
    begin = raw.removeprefix(BOM)
    for mark, words in MARKS:
        if mark.match(begin):
            return words
    if b"<" not in raw and BASE64.fullmatch(raw) and _unpacked(raw).lstrip().startswith((b"<", BOM)):
        return "XML in base64", "XML in base64"
    if b"<" not in begin[:200] and sum(letter < 9 for letter in begin[:200]) > 2:
        return "een binair bestand", "a binary file"
    return None


def _unpacked(raw: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(raw.split())[:64])
    except binascii.Error:
        return b""


def fault(raw: bytes, problem: XMLSyntaxError) -> str:
    """The variant of R-01 for what libxml2 found wrong."""
    begin, end = raw.removeprefix(BOM), raw.rstrip()
    declared = DECLARATION.match(raw)
    if JSON.match(begin):
        return "json"
    if b"<" not in begin:
        return "no_start"
    if not begin.lstrip().startswith(b"<"):
        return "before"
    if declared and problem.lineno == 1 and (problem.offset or 0) <= declared.end():
        return "declaration"
    if b"<" not in re.sub(rb"<!--.*?-->", b"", raw[declared.end() if declared else 0 :], flags=re.DOTALL):
        return "cut"
    if problem.code == 5:
        return "after"
    if problem.code == 68:
        return _no_name(raw, problem)
    return FAULTS.get(problem.code) or ("cut" if not end.endswith(b">") else "not_xml")


def _no_name(raw: bytes, problem: XMLSyntaxError) -> str:
    """Of a sign where a name should be: whether it is a loose one in a text, or a name goes wrong."""
    line = raw.split(b"\n")[max(1, problem.lineno or 1) - 1]
    return "escape" if "EntityRef" in problem.msg or ("StartTag" in problem.msg and LOOSE.search(line)) else "name"


def root(element: _Element) -> tuple[str, tuple[str, str] | None]:
    """(variant, what it is instead) of R-01 for an outermost element that is not ours."""
    space, _, name = element.tag.rpartition("}")
    if words := MESSAGES.get(space[1:]):
        return "other_message", words
    return ("namespace" if name == ROOT and space[1:] != NAMESPACE else "root"), None
