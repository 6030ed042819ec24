import io
import time
import zipfile
from datetime import date

import pypdf
import pytest

from models.files.privacy.privacy_findings import UNREADABLE, Kind, findings, hazards
from models.files.sandbox import start as sandbox
from models.files.sandbox.patterns import Search, is_bsn
from tests.files import samples

TODAY = date(2026, 11, 22)
KNOWN = ("dr. Anna de Vries", "Zoë Günaydın", "Piet Bos", "J. Bakker")


def found(content, media_type, name="", known=()):
    return {(finding.kind, finding.place) for finding in findings(content, media_type, name, known, TODAY)}


def kinds(text, known=()):
    return {kind for kind, _ in Search(known, TODAY).text(text)}


def texts(kind, text, known=()):
    return [what for found, what in Search(known, TODAY).text(text) if found is kind]


# The 11-test by hand: 9*1+8*2+7*3+6*4+5*5+4*6+3*7+2*8-1*2 = 9+16+21+24+25+24+21+16-2 = 154 = 14*11.
# 111222333: 9+8+7+12+10+8+9+6-3 = 66 = 6*11.  123456789: 156-9 = 147, which is 13*11+4.
@pytest.mark.parametrize(
    ("number", "passes"), [("123456782", True), ("111222333", True), ("123456789", False), ("000000000", False)]
)
def test_the_11_test_is_worked_as_by_hand(number, passes):
    assert is_bsn(number) is passes


@pytest.mark.parametrize(
    "text",
    [
        "BSN 123456782.",
        "bsn: 1234.56.782",
        "nummer 123 456 782 in het dossier",
        "123.456.782",
        "12 345 6782",
        "(123456782)",
        "BSN 123456782 01-02-1990",
        "BSN: 1 2 3 4 5 6 7 8 2",
        "BSN 123\u202f456\u2009782",
        "BSN 123\u200e456\u206378\u061c2",
        "burgerservicenummer 10000008",
    ],
)
def test_a_bsn_is_found_however_it_is_written(text):
    assert Kind.BSN in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "123456789",
        "1123456782",
        "1234567821",
        "0123 456 782",
        "123 456 782 123",
        "factuur 123456782,50",
        "NL123456782B01",
        "12-345678-2x",
        "12 34 56 78 2 9 11 45",
        "3,123456782",
    ],
)
def test_other_numbers_are_not_taken_for_a_bsn(text):
    assert Kind.BSN not in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "geb. 03-04-1990",
        "geboren op 3 april 1990",
        "Geboortedatum: 3/4/90",
        "geb.dat. 03.04.1990",
        "d.o.b. 1990-04-03",
        "mw. X (03-04-1990)",
        "geboren: 12-10-2026",
    ],
)
def test_a_birth_date_is_found(text):
    assert Kind.BIRTH in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Opname 12-10-2026",
        "controle 3/4/25",
        "31-02-1990",
        "versie 1.2.1990.4",
        "in 1990",
        "protocol van 1 mei 2020",
        "bloeddruk 120/80/70",
        "03-04-1926",
        "Gebruik vanaf 01-02-2024",
    ],
)
def test_other_dates_are_not_taken_for_a_birth_date(text):
    assert Kind.BIRTH not in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "06-12345678",
        "06 12 34 56 78",
        "0612345678",
        "+31 6 12345678",
        "0031612345678",
        "010-1234567",
        "(010) 123 45 67",
        "0113-123456",
        "tel. 088 - 123 45 67",
        "+31 (0)30 123 4567",
    ],
)
def test_a_dutch_telephone_number_is_found(text):
    assert Kind.PHONE in kinds(text)


@pytest.mark.parametrize(
    "text", ["06-12-1990 12:30", "Hb 6,1 0612", "0123456789", "20260612345678", "010 12", "1.06.12345678.3"]
)
def test_other_numbers_are_not_taken_for_a_telephone_number(text):
    assert Kind.PHONE not in kinds(text)


def test_addresses_are_found_and_amounts_are_not():
    assert texts(Kind.ADDRESS, "Kerkstraat 12a, 3511 AB Utrecht") == ["Kerkstraat 12a, 3511 AB"]
    assert Kind.ADDRESS in kinds("woont op 3511AB 12")
    assert Kind.ADDRESS not in kinds("totaal 12, 1500 ML bloedverlies; om 10, 2000 IE heparine")
    assert texts(Kind.EMAIL, "Mail p.jansen@ziekenhuis-oost.nl.") == ["p.jansen@ziekenhuis-oost.nl"]


def test_words_that_announce_a_name_or_number_are_heeded():
    assert texts(Kind.NAME, "Betreft: mevrouw P.J. Jansen-de Boer, G2P1") == ["P.J. Jansen-de Boer"]
    assert texts(Kind.NAME, "Patiënt: Petra van der Berg") == ["Petra van der Berg"]
    assert Kind.NAME not in kinds("Patiënt: Geen bijzonderheden")
    assert Kind.NAME not in kinds("Mevrouw werd opgenomen. Mevrouw heeft koorts.")
    assert texts(Kind.NUMBER, "Patiëntnummer: 1234567") == ["1234567"]


@pytest.mark.parametrize(
    "text",
    [
        "beoordeeld door Anna de Vries",
        "ANNA DE VRIES",
        "A. de Vries, gynaecoloog",
        "dr. de vries",
        "Vries, A. de",
        "gezien door de Vries",
        "Zoe Gunaydin",
        "Z. Günaydin",
        "p. bos",
        "overleg met J. Bakker",
    ],
)
def test_a_known_name_is_found_whatever_its_form(text):
    assert Kind.KNOWN_NAME in kinds(text, KNOWN)


@pytest.mark.parametrize(
    "text", ["het vriest", "de bosrand", "een wandeling in het bos", "Vriesland", "warme bakker", "de anna"]
)
def test_words_that_look_like_a_known_name_are_left_alone(text):
    assert Kind.KNOWN_NAME not in kinds(text, KNOWN)


def test_a_file_name_is_searched_with_its_underscores():
    assert found(b"Verslag", "text/plain", "ontslagbrief_bakker_123456782_03-04-1990.txt", KNOWN) == {
        (Kind.KNOWN_NAME, "bestandsnaam"),
        (Kind.BSN, "bestandsnaam"),
        (Kind.BIRTH, "bestandsnaam"),
    }


def test_a_finding_is_shown_partly_masked():
    text = b"BSN 123456782, geb. 03-04-1990, mevrouw Jansen, p.jansen@example.nl, 06-12345678"
    shown = " ".join(finding.text for finding in findings(text, "text/plain", today=TODAY))

    assert "••••••782" in shown and "••-••-1990" in shown and "J•••••" in shown and "p••••@example.nl" in shown
    assert not any(secret in shown for secret in ("123456782", "03-04", "Jansen", "jansen", "12345"))


def test_the_pages_of_a_pdf_are_named_together():
    content = samples.pdf("BSN 123456782", "BSN 123456782", "niets", "BSN 123456782", "")

    assert found(content, "application/pdf") == {
        (Kind.BSN, "bladzijde 1 en 2, 4"),
        (Kind.UNCHECKED, "bladzijde 5"),
    }


def test_form_fields_remarks_and_metadata_of_a_pdf_are_searched():
    content = samples.pdf(
        "x",
        author="Anna de Vries",
        title="Brief mw. Jansen",
        field=("naam", "BSN 123456782"),
        change=lambda writer: (samples.with_xmp(writer), samples.with_photo(writer)),
    )
    places = found(content, "application/pdf")

    assert (Kind.BSN, "formulierveld 'naam'") in places
    assert (Kind.AUTHOR, "metadata: auteur") in places
    assert (Kind.NAME, "metadata: titel, metadata van een afbeelding in het bestand: omschrijving") in places
    assert (Kind.LOCATION, "metadata van een afbeelding in het bestand") in places
    remark = samples.pdf("x", change=lambda writer: samples.with_remark(writer, text="bel 06-12345678"))
    assert {(Kind.AUTHOR, "auteur van een opmerking"), (Kind.PHONE, "opmerking")} <= found(remark, "application/pdf")


def test_text_remarks_changes_and_pictures_of_a_word_document_are_searched():
    places = found(samples.docx("Betreft BSN 123456782", "geb. 03-04-1990"), samples.DOCX)

    assert {
        (Kind.BSN, "tekst"),
        (Kind.BIRTH, "tekst"),
        (Kind.AUTHOR, "metadata: auteur"),
        (Kind.AUTHOR, "metadata: laatst opgeslagen door"),
        (Kind.AUTHOR, "auteur van een opmerking of wijziging"),
        (Kind.LOCATION, "metadata van een afbeelding in het bestand"),
    } <= places


def test_what_can_be_removed_is_told_apart_from_the_text_itself():
    content = samples.pdf("mevrouw Jansen", title="mevrouw Jansen", author="Anna de Vries")
    removable = {
        (finding.kind, finding.place): finding.removable for finding in findings(content, "application/pdf", today=TODAY)
    }

    assert removable == {
        (Kind.NAME, "metadata: titel"): True,
        (Kind.AUTHOR, "metadata: auteur"): True,
        (Kind.NAME, "bladzijde 1"): False,
    }


def test_text_that_word_split_over_runs_is_found():
    body = f"<w:document {samples.W}><w:p><w:r><w:t>12345</w:t></w:r><w:r><w:t>6782</w:t></w:r></w:p></w:document>"
    assert (Kind.BSN, "tekst") in found(samples.docx(**{"word__document.xml": body}), samples.DOCX)


def test_cells_of_a_workbook_are_searched_with_their_place():
    content = samples.xlsx(("BSN", "Geboren"), (123456782, date(1990, 4, 3)), ("06-12345678", "x"))
    places = found(content, samples.XLSX)

    assert {(Kind.BSN, "blad Sheet, cel A2"), (Kind.BIRTH, "blad Sheet, cel B2"), (Kind.AUTHOR, "metadata: auteur")} <= places
    assert any(kind is Kind.PHONE and "cel A3" in place for kind, place in places)


def test_a_scan_with_a_stamp_in_letters_is_told():
    scan = samples.pdf("ZIEKENHUIS OOST 1/1", change=lambda writer: samples.with_photo(writer, width=1240, height=1754))
    assert (Kind.UNCHECKED, "bladzijde 1") in found(scan, "application/pdf")
    logo = samples.pdf("ZIEKENHUIS OOST 1/1", change=samples.with_photo)
    assert (Kind.UNCHECKED, "bladzijde 1") not in found(logo, "application/pdf")


def test_one_endless_line_is_searched_to_its_end():
    content = b"x " * 499_997 + b"123456782 " + b"x " * 600_000 + b"geb. 03-04-1990"
    assert {kind for kind, _ in found(content, "text/plain")} == {Kind.BSN, Kind.BIRTH}


def test_an_old_word_document_and_workbook_are_searched():
    content = samples.ole({"WordDocument": "Betreft BSN 123456782, mevrouw Jansen".encode("utf-16-le")})
    assert {(Kind.BSN, "tekst"), (Kind.NAME, "tekst"), (Kind.AUTHOR, "metadata: auteur")} <= found(
        content, "application/msword"
    )
    book = samples.ole({"Workbook": b"\x09\x08\x10\x00" + bytes(16) + b"geb. 03-04-1990"})
    assert {(Kind.BIRTH, "tekst"), (Kind.UNCHECKED, "werkmap")} <= found(book, "application/vnd.ms-excel")


@pytest.mark.parametrize(("streams", "word"), [
    ({"WordDocument": b"x", "_VBA_PROJECT": b"x"}, "macro"),
    ({"WordDocument": b"x", "\x01Ole10Native": b"x"}, "verstopt"),
    ({"WordDocument": bytes(10) + b"\x00\x01"}, "wachtwoord"),
    ({"Workbook": b"\x09\x08\x02\x00..\x2f\x00\x00\x00"}, "wachtwoord"),
    ({"Workbook": samples.book(b"\0\0\0\0\x02\x01\x02\0M1")}, "macro"),
    ({"Book": samples.book(b"\0\0\0\0\0\x06\x02\0M1")}, "macro"),
    ({"WordDocument": bytes(12) + b"x\x13 DDEAUTO c:\\\\cmd.exe \x14uitkomst\x15"}, "opdracht"),
    ({"WordDocument": '\x13dde "excel" \x15'.encode("utf-16-le")}, "opdracht"),
    ({"WordDocument": bytes(12) + b'\x13 INCLUDEPICTURE "https://example.org/x.png" \\d \x14\x15'}, "andere plek"),
    ({"WordDocument": '\x13INCLUDETEXT "\\\\\\\\evil\\\\x.doc"\x15'.encode("utf-16-le")}, "andere plek"),
])  # fmt: skip
def test_a_dangerous_old_document_is_refused_with_the_reason(streams, word):
    (danger,) = hazards(samples.ole(streams), "application/msword")
    assert word in danger


@pytest.mark.parametrize("streams", [
    {"WordDocument": b"gewoon"}, {"Workbook": samples.book(b"\0\0\0\0\0\0\x02\0B1")},
    {"WordDocument": b"\x13 PAGE \x14 1\x15 DDE in moedermelk, \x13 INCLUDEPICTURE \"C:\\\\logo.png\" \x14\x15"},
])  # fmt: skip
def test_an_ordinary_old_document_is_not_dangerous(streams):
    assert hazards(samples.ole(streams), "application/msword") == []


def test_an_opendocument_text_is_searched():
    assert {(Kind.BSN, "tekst"), (Kind.AUTHOR, "metadata: auteur")} <= found(samples.odt("BSN 123456782"), samples.ODT)


def test_plain_text_and_rtf_are_searched():
    rtf = (
        rb"{\rtf1\ansi{\info{\author Anna de Vries}}{\fonttbl{\f0 Arial;}}"
        rb"Geboren op 3 april 1990\par mevrouw M\'fcller \u233?t\'e9 BSN 1234\b 56782}"
    )
    places = found(rtf, "application/rtf")

    assert (Kind.BSN, "regel 1 tot en met 1") in found("Müller 123456782".encode("cp1252"), "text/plain")
    assert {
        (Kind.AUTHOR, "metadata: auteur"),
        (Kind.BIRTH, "regel 1 tot en met 2"),
        (Kind.NAME, "regel 1 tot en met 2"),
    } <= places
    assert (Kind.BSN, "regel 1 tot en met 2") in places


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (samples.jpeg(), "image/jpeg"),
        (samples.png(), "image/png"),
        (samples.tiff(), "image/tiff"),
        (samples.heic(), "image/heic"),
    ],
)
def test_a_picture_tells_who_where_when_and_with_what(content, media_type):
    seen = {finding.kind for finding in findings(content, media_type, today=TODAY)}
    assert {Kind.AUTHOR, Kind.LOCATION, Kind.TAKEN, Kind.DEVICE, Kind.NAME, Kind.UNCHECKED} <= seen


def test_a_clip_tells_where_and_a_dicom_header_tells_whom():
    assert (Kind.LOCATION, "metadata") in found(samples.mp4(), "video/mp4")
    places = found(samples.dicom(), "application/dicom")
    assert {
        (Kind.PATIENT, "metadata: naam"),
        (Kind.PATIENT, "metadata: nummer"),
        (Kind.PATIENT, "metadata: geboortedatum"),
        (Kind.AUTHOR, "metadata: arts of laborant"),
        (Kind.UNCHECKED, "DICOM-beeld"),
    } <= places


def test_an_ordinary_medical_text_gives_no_findings():
    text = """Vrouw, 34 jaar, G3P2, AD 38+4. Opname 12-10-2026 14:05. RR 165/110, pols 112, Hb 4,1 mmol/l, trombo's 84 10^9/l.
    Fluxus 3500 ml, 8 EC, 6 FFP, 1000 mg tranexaminezuur, 5 IE oxytocine, 1500 ML kristalloïden. Ontslag op 19-10-2026.
    PA-nummer T26-123456. Prothrombinecomplex 2000 IE. Literatuur: BMJ 2019;364:l123. Sectio duur 45 min, 0,5 mg sulproston."""
    assert kinds(text, KNOWN) == set()


# --- dangers


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (samples.with_script, "script"),
        (samples.with_launch, "opdracht"),
        (lambda writer: writer.add_attachment("lijst.txt", b"namen"), "andere bestanden"),
        (lambda writer: writer.encrypt("geheim", algorithm="RC4-128"), "beveiligd"),
        (lambda writer: writer.encrypt("geheim", algorithm="AES-256"), "beveiligd"),
    ],
)
def test_a_dangerous_pdf_is_refused_with_the_reason(change, word):
    (danger, *_) = hazards(samples.pdf("x", change=change), "application/pdf")
    assert word in danger


def test_a_danger_is_seen_through_its_disguises():
    plain = samples.pdf("x", change=samples.with_launch)
    assert b"/S /Launch" in plain
    escaped = plain.replace(b"/S /Launch", b"/S /L#61unch")
    assert hazards(escaped, "application/pdf")
    referred = samples.pdf("x", change=lambda writer: samples.with_launch(writer, referred=True))
    assert b"/S /Launch" not in referred
    assert hazards(referred, "application/pdf")


def test_a_pdf_that_opens_at_its_first_page_is_not_dangerous():
    assert hazards(samples.pdf("x", change=samples.with_first_view), "application/pdf") == []
    assert hazards(samples.pdf("x", field=("naam", "waarde")), "application/pdf") == []


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ({"word__vbaProject.bin": b"x"}, "macro"),
        ({"word__embeddings__oleObject1.bin": b"\xd0\xcf\x11\xe0"}, "verstopt"),
        (
            {
                "word___rels__settings.xml.rels": samples.relations(
                    ("attachedTemplate", "https://example.org/x.dotm", "External")
                )
            },
            "andere plek",
        ),
        ({"word__footer1.xml": f"<w:ftr {samples.W}><w:instrText>DDEAUTO c:\\\\cmd.exe</w:instrText></w:ftr>"}, "opdracht"),
    ],
)
def test_a_dangerous_word_document_is_refused_with_the_reason(parts, word):
    (danger, *_) = hazards(samples.docx(**parts), samples.DOCX)
    assert word in danger


def test_a_document_that_fetches_runs_or_hides_something_is_refused():
    cut = f"<w:ftr {samples.W}><w:instrText>DDEAU</w:instrText><w:instrText>TO c</w:instrText></w:ftr>"
    far = f'<w:ftr {samples.W}><w:instrText>INCLUDEPICTURE "https://example.org/x.png"</w:instrText></w:ftr>'
    chunk = samples.relations(("aFChunk", "x.html", ""))
    inner = samples.docx(**{"word__embeddings__b.docx": samples.docx(**{"word__embeddings__c.docx": samples.docx()})})
    for parts in (
        {"word__footer1.xml": cut},
        {"word__footer1.xml": far},
        {"word___rels__document.xml.rels": chunk},
        {"word__embeddings__a.docx": inner},
    ):
        assert len(hazards(samples.docx(**parts), samples.DOCX)) == 1, parts
    picture = '<draw:image xmlns:draw="d" xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="https://example.org/x.png"/>'
    assert hazards(samples.package({"mimetype": samples.ODT, "content.xml": picture}), samples.ODT)


def test_a_workbook_inside_a_document_is_searched_too():
    inner = samples.xlsx(("Betreft BSN 123456782",))
    content = samples.docx(**{"word__embeddings__tabel.xlsx": inner})
    assert Kind.BSN in {kind for kind, _ in found(content, samples.DOCX)}
    assert hazards(content, samples.DOCX) == []


def pointing_at(target):
    rels = samples.relations(("attachedTemplate", target, "External"), ("hyperlink", "https://nvog.nl", "External"))
    return samples.docx(**{"word___rels__settings.xml.rels": rels})


@pytest.mark.parametrize("target", [
    "file:///H:\\sjablonen\\brief.dotx", "file:///C:/brief.dotx", "file://localhost/C:/brief.dotx", "C:\\brief.dotx",
    "file:///home/anna/brief.dotx", "brief.dotx", "../brief.dotx",
])  # fmt: skip
def test_a_template_on_ones_own_computer_is_not_dangerous(target):
    assert hazards(pointing_at(target), samples.DOCX) == []


@pytest.mark.parametrize("target", [
    "\\\\evil\\share\\x.dotm", "//evil/x.dotm", "file://evil/x.dotm", "file:////evil/x.dotm", "file:///\\\\evil\\x.dotm",
    "file:\\\\evil\\x.dotm", "file:///%5C%5Cevil%5Cx.dotm", " https://evil.example/x.dotm", "smb://evil/x.dotm",
])  # fmt: skip
def test_a_template_on_another_machine_is_refused(target):
    assert "andere plek" in hazards(pointing_at(target), samples.DOCX)[0]
    field = f'<w:ftr {samples.W}><w:instrText>INCLUDEPICTURE "{target}"</w:instrText></w:ftr>'
    assert "%" in target or "andere plek" in hazards(samples.docx(**{"word__footer1.xml": field}), samples.DOCX)[0]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (samples.docx("x"), samples.DOCX),
        (samples.xlsx(), samples.XLSX),
        (samples.odt(), samples.ODT),
        (samples.jpeg(), "image/jpeg"),
        (samples.tiff(), "image/tiff"),
        (b"tekst", "text/plain"),
        (samples.dicom(), "application/dicom"),
        (samples.heic(), "image/heic"),
    ],
)
def test_an_ordinary_file_is_not_dangerous(content, media_type):
    assert hazards(content, media_type) == []


def test_a_dicom_file_around_a_document_is_refused():
    assert "ander document" in hazards(samples.dicom(document=b"%PDF-1.7 x"), "application/dicom")[0]


def test_macros_and_passwords_of_opendocument_are_refused():
    for name, part in (("Basic/script.xml", b"<x/>"), ("META-INF/manifest.xml", b"<m><encryption-data/></m>")):
        content = samples.package({"mimetype": samples.ODT, "content.xml": b"<x/>", name: part})
        assert len(hazards(content, samples.ODT)) == 1


@pytest.mark.parametrize("part", [
    rb"{\object\objemb{\*\objdata 0105}}", rb"{\object\objemb0{\*\objdata0 0105}}", rb"{\*\objdata-1\bin2 xx}",
    rb"{\*\template \\\\evil\\x.dotm}", rb"{\* \template https://example.org/x}", b"{\\*\n\\template0 https://example.org/x}",
])  # fmt: skip
def test_an_rtf_with_an_embedded_object_or_a_template_is_refused(part):
    assert hazards(rb"{\rtf1" + part + b"}", "application/rtf")


def test_an_rtf_whose_words_only_begin_alike_is_not_dangerous():
    assert hazards(rb"{\rtf1\objdatas \templates1 objdata template}", "application/rtf") == []


# --- files that mean harm


def unread(content, media_type):
    """The reason why a file could not be looked into, within the limit of time."""
    started = time.monotonic()
    reasons = [finding for finding in findings(content, media_type, today=TODAY) if finding.kind is Kind.UNCHECKED]
    assert time.monotonic() - started < sandbox.SECONDS + 10
    return reasons


def test_a_zip_bomb_is_refused_unopened():
    bomb = samples.docx(**{"word__media__image9.bmp": bytes(90_000_000)})
    assert unread(bomb, samples.DOCX) and "onredelijk groot" in hazards(bomb, samples.DOCX)[0]


def test_entities_that_multiply_are_refused():
    laughs = '<!DOCTYPE a [<!ENTITY b "haha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
    bomb = samples.docx(**{"word__document.xml": laughs})
    assert unread(bomb, samples.DOCX) and hazards(bomb, samples.DOCX)


def test_a_picture_of_900_million_pixels_is_refused():
    assert "beeldpunten" in hazards(samples.huge_png(), "image/png")[0]


def test_a_tiff_whose_pages_go_round_comes_to_an_end():
    content = bytearray(samples.tiff(1))
    folder = int.from_bytes(content[4:8], "little")
    after = folder + 2 + 12 * int.from_bytes(content[folder : folder + 2], "little")
    content[after : after + 4] = content[4:8]
    assert hazards(bytes(content), "image/tiff") == []


def test_a_pdf_whose_index_goes_round_comes_to_an_end():
    content = samples.pdf("x")
    start = int(content.rsplit(b"startxref", 1)[1].split()[0])
    loop = content.replace(b"/Root", b"/Prev %d /Root" % start, 1)
    assert isinstance(hazards(loop, "application/pdf"), list)


def test_a_pdf_of_100_000_pages_is_told_to_be_too_much():
    content = many_pages(100_000)
    reasons = unread(content, "application/pdf")
    assert "te veel onderdelen" in reasons[0].text


def test_pages_beyond_the_bound_are_named():
    content = many_pages(510)
    assert ("te veel bladzijden", "bladzijde 501 tot en met 510") in [
        (finding.text, finding.place) for finding in unread(content, "application/pdf")
    ]


def many_pages(count):
    """A PDF with that many pages, written directly: all share one text."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        b"<</Length 37>>stream\nBT /F 12 Tf 9 9 Td (123456782) Tj ET   \nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 3 0 R/Resources<</Font<</F 4 0 R>>>>>>"
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, b" ".join(b"%d 0 R" % (5 + n) for n in range(count)))
    parts, places, at = [b"%PDF-1.7\n"], [], 9
    for number, body in enumerate(objects + [page] * count, 1):
        places.append(at)
        parts.append(b"%d 0 obj%s endobj\n" % (number, body))
        at += len(parts[-1])
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        len(places) + 1,
        rows,
        len(places) + 1,
        at,
    )
    return b"".join([*parts, tail])


@pytest.mark.parametrize(
    "media_type",
    ["application/pdf", "image/jpeg", "image/tiff", "image/heic", "application/msword", samples.DOCX, "application/dicom"],
)
def test_garbage_is_told_and_raises_nothing(media_type):
    assert unread(b"\xff\xd8\xff\xe1\x00\x05" + bytes(range(256)) * 40, media_type)


def test_a_process_that_hangs_is_stopped(monkeypatch):
    monkeypatch.setattr(
        sandbox, "PROGRAM", "import sys, time; sys.stdout.write('READY\\n'); sys.stdout.flush(); time.sleep(60)"
    )
    started = time.monotonic()
    with pytest.raises(sandbox.NoAnswer):
        sandbox.start({}, b"x", seconds=1)
    assert time.monotonic() - started < 10


def test_a_process_that_does_not_start_is_not_blamed_on_the_file(monkeypatch):
    monkeypatch.setattr(sandbox, "PROGRAM", "raise SystemExit(1)")
    with pytest.raises(sandbox.NotStarted):
        findings(b"x", "text/plain", today=TODAY)


def test_what_breaks_while_reading_reaches_the_caller():
    def blocks():
        yield b"BSN 123"
        raise LookupError("damaged")

    with pytest.raises(LookupError, match="damaged"):
        findings(blocks(), "text/plain", today=TODAY)


def test_a_file_beyond_the_bound_is_not_read_to_its_end():
    given = []

    def blocks():
        for number in range(1000):
            given.append(number)
            yield bytes(1_000_000)

    assert [finding.kind for finding in findings(blocks(), "video/mp4", today=TODAY)] == [Kind.UNCHECKED]
    assert len(given) == 101
    assert hazards(blocks(), "application/pdf") == [UNREADABLE]


# Tries what a hostile file would try, and answers with what succeeded.
LOCKED_DOWN = """
import sys; sys.path.append(sys.argv[1])
from sandbox import __main__ as inside
import socket
inside._lock()
tried = []
import os; os.close(0)  # its number must not serve for something else
for name, act in (("file", lambda: open("/etc/hostname")), ("network", lambda: socket.socket()),
                  ("process", lambda: __import__("os").pipe()), ("memory", lambda: bytearray(1_100_000_000))):
    try: act(); tried.append(name)
    except (OSError, MemoryError): pass
sys.stdout.write("READY\\n" + repr(tried).replace("'", '"') + "\\n")
"""


def test_the_process_can_open_nothing_and_grow_no_further(monkeypatch):
    monkeypatch.setattr(sandbox, "PROGRAM", LOCKED_DOWN)
    assert sandbox.start({}, b"")[0] == []


def test_nothing_of_the_portal_is_known_inside(monkeypatch):
    monkeypatch.setenv("SECRET_KEYS", "geheim")
    program = (
        "import sys, os, json; sys.path.append(sys.argv[1]); import sandbox.__main__\n"
        "known = [name for name in sys.modules if name.split('.')[0] in ('models', 'settings', 'peewee')]\n"
        "known += [name for name in os.environ if name != 'LC_CTYPE']\n"
        "sys.stdout.write('READY\\n' + json.dumps(known) + '\\n')"
    )
    monkeypatch.setattr(sandbox, "PROGRAM", program)
    assert sandbox.start({}, b"")[0] == []


def test_samples_are_what_they_say():
    assert len(pypdf.PdfReader(io.BytesIO(many_pages(7))).pages) == 7
    assert zipfile.ZipFile(io.BytesIO(samples.docx())).testzip() is None
