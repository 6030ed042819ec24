"""What people send that is no message: each hears the true reason. Beside each reason stands its nearest neighbour."""

import base64
import bz2
import codecs
import gzip
import io
import zipfile
import zlib
from datetime import datetime
from urllib.parse import quote

import pytest

from models.lnr.message.message_writer import build
from models.lnr.message.validation import check
from models.lnr.specification.examples import answered

NOW = datetime(2026, 12, 1)
RAW = build(answered())
TEXT = RAW.decode()
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
BARE = TEXT.removeprefix(DECLARATION).lstrip()
SPACE = "urn:meldportaal:lnr:1"
HEAD = f'xmlns="{SPACE}"'
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
BOM = codecs.BOM_UTF8


def instead(old, new):
    assert old in TEXT
    return TEXT.replace(old, new, 1).encode()


def behind(added):
    return instead(DECLARATION, DECLARATION + added)


def value(begin):
    return instead('value="', f'value="{begin}')


def zipped():
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        archive.writestr("a.xml", RAW)
    return packed.getvalue()


OTHER_KIND = {
    "PDF": [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", b"%PDF-1.4\n1 0", BOM + b"%PDF-1.4\n", b"%PDF-1.4\n" + b" " * 30_000],
    "ZIP-bestand": [zipped()],
    "ingepakt": [gzip.compress(RAW), zlib.compress(RAW), bz2.compress(RAW), b"7z\xbc\xaf\x27\x1c\0\x04"],
    "afbeelding": [b"\x89PNG\r\n\x1a\n" + bytes(20), b"\xff\xd8\xff\xe0\0\x10JFIF"],
    "Office-bestand": [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), b"{\\rtf1 hallo}"],
    "HL7v2": [b"MSH|^~\\&|EPD|Oost|LNR|PERINED|20260101||ADT^A01|1|P|2.5\rPID|1||123\r", b"\x0bMSH|^~\\&|EPD|\rPID|1\r\x1c\r"],
    "EDIFACT": [b"UNA:+.? 'UNB+UNOA:1", b"UNB+UNOA:1+A+B'"],
    "multipart": [b'--x1\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + RAW + b"\r\n--x1--\r\n"],
    "webpagina": [
        b"<!DOCTYPE html><html><body>Inloggen</body></html>", b"<html><body></body></html>", b"<HTML><HEAD><meta></HEAD>",
        b"\n<!doctype html><html><p>",
    ],
    "vervangen tekens": [BARE.replace("<", "&lt;").replace(">", "&gt;").encode()],
    "webadres": [quote(TEXT).encode()],
    "base64": [base64.b64encode(RAW), base64.encodebytes(RAW)],
    "binair": [b"\0\0\0\0", b"0\x82\x01\x00\x06\x09*\x86H\x01\x02"],
}  # fmt: skip
OTHER_MESSAGE = {
    "FHIR": b'<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/></Bundle>',
    "CDA": b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>',
    "SOAP": f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{BARE}</s:Body></s:Envelope>'.encode(),
    "schema": b'<?xml version="1.0"?><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>',
}
REASONS = {
    "json": [b'{"kind": 1}', BOM + b"[1,2]", b"[]", b" {}", b'{"resourceType":"Bundle"}'],
    "no_start": [b"kind;geboren\n1;2026-01-01\n", b"hallo", b"@bericht.xml", "\u00a0\n".encode(), b"kind:\n  geboren: 2026\n",
                 b"-----BEGIN PKCS7-----\nAAAA", b"bericht=abc", b"AAAAAAAAAAAAAAAAAAAA"],
    "empty": [b"", b" \n\t", BOM, BOM + b"\r\n"],
    "encoding": [TEXT.encode("utf-16"), TEXT.encode("utf-16-le"), BARE.encode("utf-16-be"), TEXT.encode("utf-32"),
                 instead("UTF-8", "UTF-16"), instead("UTF-8", "ISO-8859-1"), instead("UTF-8", "windows-1252")],
    "not_utf8": [value("\u00e9").decode().encode("latin-1"), BARE.replace('value="', 'value="\u00e9').encode("latin-1"),
                 RAW.replace(b'value="', b'value="\xed\xa0\x80', 1)],
    "zero": [value("\0"), RAW + b"\0\0"],
    "before": [b"\n" + RAW, b" " + RAW, b"x" + RAW, BOM * 2 + RAW, BOM * 2 + BARE.encode(), "ï»¿".encode() + RAW,
               b"<!-- a -->" + RAW, b"Bericht: " + BARE.encode(), b"\x0b" + RAW + b"\x1c\r", b"HTTP/1.1 200 OK\r\n\r\n" + RAW],
    "declaration": [instead("<?xml", "<?XML"), instead("<?xml", "<? xml"), instead('"1.0"', "”1.0”"),
                    instead(' encoding="UTF-8"', ' encoding=""'), instead('version="1.0" ', ""), b'<?xml version="1.0"',
                    instead('version="1.0" encoding="UTF-8"', 'encoding="UTF-8" version="1.0"'),
                    BOM + instead("<?xml", "<?XML"), instead('"UTF-8"', '"UTF-8" standalone="maybe"')],
    "version": [instead('"1.0"', '"1.1"')],
    "second": [RAW + RAW, behind("\n" + DECLARATION), BARE.encode() + RAW],
    "after": [RAW + BARE.encode(), RAW + b"\nEinde bericht", RAW + b"\x1a"],
    "cut": [RAW[: len(RAW) // 2], RAW[: RAW.rindex(b"<")], RAW[: RAW.index(b'value="') + 9], DECLARATION.encode(), b"<!-- -->",
            BOM + b'<?xml version="1.0"?>\n', instead("</lnr_aanlevering>", "")],
    "doctype": [behind("\n<!DOCTYPE lnr_aanlevering SYSTEM 'x.dtd'>"), behind('<!DOCTYPE a [<!ENTITY b "c">]>'),
                behind("<!doctype a>"), behind("<!-- <!DOCTYPE a> -->")],
    "instruction": [behind('\n<?xml-stylesheet href="a.xsl"?>'), behind("<?php echo 1 ?>"), behind("<!-- <?a?> -->")],
    "entity": [value("&eacute;"), value("&nbsp;")],
    "escape": [value("a & b"), value("a&b"), value("<24"), instead("<kind>", "<kind>a & b"), instead("<kind>", "<kind>1<2"),
               instead("<kind>", "<kind>a < b")],
    "name": [instead("<kind>", f"<ki{odd}nd>") for odd in ("<x/>", "&amp;", "<!-- -->")]
            + [instead("<kind>", "<1kind>"), instead("<kind>", "<°/><kind>"), instead('value="', '&amp;value="')],
    "quote": [instead('value="', "value="), instead('value="', "value=”")],
    "twice": [instead('value="', 'value="1" value="')],
    "crossed": [instead("</lnr_aanlevering>", "</lnr_aanleverin>")],
    "letter": [value("\x01"), value("&#1;"), value("&#0;"), value("\uffff")],
    "prefix": [TEXT.replace("<lnr_a", "<lnr:lnr_a").replace("</lnr_a", "</lnr:lnr_a").encode()],
    "not_xml": [behind("\n<!-- a -- b -->"), instead("</lnr_aanlevering>", "]]></lnr_aanlevering>")],
    "namespace": [instead(SPACE, other) for other in ("urn:iets:anders", f"{SPACE[:-1]}2", f"{SPACE}/", SPACE.upper())]
                 + [instead(f" {HEAD}", "")],
    "root": [TEXT.replace("lnr_aanlevering", "aanlevering").encode(), f"<kernset_neonatologie {HEAD}/>".encode(), b"<a/>",
             TEXT.replace("lnr_aanlevering", "LNR_Aanlevering").encode()],
    "foreign": [instead(HEAD, f'{HEAD} {XSI} xsi:schemaLocation="a b"'), instead(HEAD, f'{HEAD} {XSI} xsi:nil="true"')],
    "strange": [instead(HEAD, f'{HEAD} xml:lang="nl"')],
    "unexpected": [instead("</lnr_aanlevering>", '<x xmlns="urn:x"/></lnr_aanlevering>')],
    "invisible": [instead("<kind>", "\ufeff<kind>"), instead("<kind>", "<kind>\u00a0")],
    "text": [instead("<kind>", "<kind>\u00a0x")],
    "deep": [b"<a>" * 300],
    "size": [b"<a>" + b" " * 1_000_001],
}  # fmt: skip
# The nearest neighbours: what looks like one of these and is a message.
TAKEN = [
    BOM + RAW, RAW + b"\r\n \t", BARE.encode(), b"\r\n" + BARE.encode(), instead('"1.0"', "'1.0'"), instead("UTF-8", "utf-8"),
    behind("\n<!-- %PDF-1.7, een & en < -->"), RAW + b"<!-- einde -->", b"<!-- begin -->" + BARE.encode(),
    instead('"UTF-8"', '"UTF-8" standalone="yes"'), TEXT.replace('value="Voorbeeld', 'value="&#233;&amp;&lt;').encode(),
    TEXT.replace('value="Voorbeeld', "value=\"'&quot;é").encode(), TEXT.replace("><", ">\r\n<").encode(),
]  # fmt: skip


@pytest.mark.parametrize(("variant", "raw"), [(variant, raw) for variant, bodies in REASONS.items() for raw in bodies],
                         ids=lambda one: one if isinstance(one, str) else "")  # fmt: skip
def test_the_true_reason_is_told(variant, raw):
    assert {(one.rule, one.variant) for one in check(raw, NOW).findings} == {("R-01", variant)}


@pytest.mark.parametrize(("kind", "raw"), [(kind, raw) for kind, bodies in OTHER_KIND.items() for raw in bodies],
                         ids=lambda one: one if isinstance(one, str) else "")  # fmt: skip
def test_another_kind_of_file_is_named(kind, raw):
    (found,) = check(raw, NOW).findings
    assert (found.variant, found.line, found.column) == ("other_kind", 1, 1) and kind in found.nl


@pytest.mark.parametrize(("kind", "raw"), OTHER_MESSAGE.items(), ids=OTHER_MESSAGE)
def test_another_kind_of_message_is_named(kind, raw):
    (found,) = check(raw, NOW).findings
    assert found.variant == "other_message" and kind in found.nl and kind in found.en


@pytest.mark.parametrize("raw", TAKEN)
def test_what_looks_like_it_and_is_a_message_is_taken(raw):
    assert not check(raw, NOW).refused


@pytest.mark.parametrize(("old", "new", "named"), [
    ('<geboortedatum value="', '<geboortedatum value="x', "'geboortedatum' (Geboortedatum van de moeder)"),
    ('<geboortedatum value="', '<geboortedatum waarde="', "'geboortedatum' (Geboortedatum van de moeder)"),
    ('unit="', 'eenheid="', "'zwangerschapsduur' (Zwangerschapsduur)"),
    ("<zorgaanbieder>", "<zorgaanbieder><x/>", "dit element wordt hier niet verwacht"),
    ("<zorgaanbieder>", "<zorgaanbieder/><zorgaanbieder>", "in 'zorgaanbieder' ontbreekt"),
])  # fmt: skip
def test_a_complaint_of_the_schema_names_the_item_as_people_do(old, new, named):
    found, *_ = check(instead(old, new), NOW).findings
    assert found.rule == "R-01" and named.lower() in found.nl.lower() and found.line > 1 and found.column
