"""Files that colleagues really have, each standing for a kind: taken, judged rightly, or told what to do."""

import io
import re
import struct
import zipfile

import pydicom
import pypdf
import pytest

from models.base import Refused
from models.files import file_type
from models.files.file_name import LONGEST, shortened, tidy_name
from models.files.sandbox import Fact, Kind, Unfit, media_brands
from models.files.sandbox import __main__ as sandbox
from models.files.sandbox.decoding import decoded, is_text
from models.files.sandbox.readers import dicom, image, iso_media, office, office_package, old_office, pdf, plain_text
from tests.files import samples

TEXT = "OK-verslag\r\nBloedverlies 2400 ml, Hb 4,2 mmol/l.\r\n"
PDF = "application/pdf"


def owned():
    """A PDF that opens without a password; only changing it asks for one."""
    writer, sink = pypdf.PdfWriter(clone_from=io.BytesIO(samples.pdf("Bloedverlies 2400 ml"))), io.BytesIO()
    writer.encrypt(user_password="", owner_password="beheer", algorithm="AES-256")
    writer.write(sink)
    return sink.getvalue()


def without_index(content):
    """The PDF without its table of contents: a print that was broken off, or joined by hand."""
    return re.sub(rb"xref\s.*?trailer", b"trailer", content, flags=re.DOTALL)


def bare_dicom(explicit=False):
    said = [(0x0008, 0x0005, b"CS", b"ISO_IR 100"), (0x0008, 0x0016, b"UI", b"1.2.840.10008.5.1.4.1.1.6.1\0"),
            (0x0008, 0x0060, b"CS", b"US"), (0x0010, 0x0010, b"PN", b"Test^Vrouw"),
            (0x0010, 0x0020, b"LO", b"000123")]  # fmt: skip
    form = (
        (lambda kind, value: kind + struct.pack("<H", len(value)))
        if explicit
        else (lambda _, value: struct.pack("<I", len(value)))
    )
    return b"".join(struct.pack("<HH", group, element) + form(kind, value) + value for group, element, kind, value in said)


def renamed_main(name="document2.xml", types="[Content_Types].xml"):
    """What Word in the browser writes: the main part under another name."""
    plain = samples.docx("Testverslag")
    with zipfile.ZipFile(io.BytesIO(plain)) as source:
        parts = {part: source.read(part) for part in source.namelist()}
    parts = {part.replace("word/document.xml", f"word/{name}"): content for part, content in parts.items()}
    for part in ("[Content_Types].xml", "_rels/.rels"):
        parts[part] = parts[part].replace(b"word/document.xml", f"word/{name}".encode())
    parts[types] = parts.pop("[Content_Types].xml")
    return samples.package(parts)


MOV = samples.mov()


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    """Containers are asked here as the sandbox asks them; `test_document` has the process around it."""
    readers = {"application/zip": office_package, "application/x-ole-storage": old_office}
    monkeypatch.setattr(file_type, "start", lambda job, content: sandbox.kind(readers[job["media_type"]], content, job))


def kind(content):
    return file_type.detect(content[:8192], lambda: content)


def facts(reader, content):
    return {(thing.kind, thing.text) for thing in reader.passages(content) if isinstance(thing, Fact)}


def words(reader, content):
    return " ".join(thing.text for thing in reader.passages(content) if not isinstance(thing, Fact))


# --- PDF


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"Content-Type: application/pdf\r\n\r\n", b"\r\n" * 300,
                                    b" " * 1023, b"\0\x0cverslag.pdf" + bytes(114), b"%!PS-Adobe-3.0 "])  # fmt: skip
def test_a_pdf_is_told_by_its_mark_within_the_first_kilobyte_and_is_read(before):
    content = before + samples.pdf("Bloedverlies 2400 ml")
    assert kind(content) == PDF
    assert pdf.hazards(content) == [] and "Bloedverlies" in words(pdf, content)


@pytest.mark.parametrize("before", [b"Content-Type: application/pdf\r\n\r\n", b"\xef\xbb\xbf", b""])
def test_a_script_in_a_pdf_is_found_whatever_stands_before_it(before):
    content = before + samples.pdf("x", change=samples.with_script)
    assert kind(content) == PDF and "script" in pdf.hazards(content)[0]


@pytest.mark.parametrize("before", [b"MZ\x90", b"<html>", b"#!/bin/sh\n", b"PK\x05\x06"])
def test_a_program_before_a_pdf_is_refused_with_that_reason(before):
    with pytest.raises(Refused, match="Voor het begin van dit PDF-bestand"):
        kind(before + samples.pdf("x"))


def test_a_pdf_with_only_an_owner_password_is_read_and_one_that_asks_is_locked():
    content = owned()
    assert kind(content) == PDF and pdf.hazards(content) == []
    assert "Bloedverlies" in words(pdf, content)
    assert pypdf.PdfReader(io.BytesIO(pdf.cleaned(content))).pages[0].extract_text().strip() == "Bloedverlies 2400 ml"
    locked = samples.pdf("x", change=lambda writer: writer.encrypt("geheim", algorithm="AES-256"))
    assert "beveiligd" in pdf.hazards(locked)[0]


def test_a_script_behind_an_owner_password_is_found():
    def change(writer):
        samples.with_script(writer)
        writer.encrypt("", "beheer", algorithm="RC4-128")

    assert "script" in pdf.hazards(samples.pdf("x", change=change))[0]


def test_a_pdf_without_its_index_is_read_as_readers_do():
    content = without_index(samples.pdf("Bloedverlies 2400 ml"))
    assert pdf.hazards(content) == [] and "Bloedverlies" in words(pdf, content)
    assert "script" in pdf.hazards(without_index(samples.pdf("x", change=samples.with_script)))[0]


def test_what_is_no_pdf_behind_its_mark_says_what_to_do():
    assert "druk het af" in pdf.hazards(b"%PDF-1.7 niets").pop()


# --- Word


@pytest.mark.parametrize("content", [renamed_main(), renamed_main("DOCUMENT.xml"), renamed_main(types="[content_types].XML")])
def test_a_word_document_is_told_by_the_packages_own_pointer(content):
    assert kind(content) == samples.DOCX
    assert office.hazards(content) == [] and "Testverslag" in words(office, content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (samples.package({"a.txt": "x"}), "Pak het uit"),
        (samples.package({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "XLSX"),
        (samples.package({"mimetype": "application/vnd.oasis.opendocument.presentation"}), "presentatie"),
        (samples.ole({"PowerPoint Document": b"x"}), "presentatie"),
        (samples.ole({"__properties_version1.0": b"x"}), "mail"),
        (samples.ole({"EncryptedPackage": b"x"}), "wachtwoord"),
        (samples.ole({"Thumbs": b"x"}), "PDF"),
    ],
)
def test_another_container_is_refused_with_what_to_do(content, reason):
    with pytest.raises(Refused, match=reason):
        kind(content)


def test_old_word_and_excel_are_told_by_the_streams_at_their_root():
    assert kind(samples.ole({"WordDocument": b"x"})) == "application/msword"
    assert kind(samples.ole({"Workbook": b"x"})) == "application/vnd.ms-excel"


@pytest.mark.parametrize(
    ("template", "fine"),
    [
        ("Normal.dotm", True),
        ("C:\\x.dotm", True),
        ("https://ver.example/x", False),
        ("\\\\ver\\x", False),
        ("file:///C:/x.dotm", True),
        ("..\\x.dotm", True),
        ("//ver/x", False),
        ("file://ver/x", False),
    ],
)
def test_a_template_is_judged_alike_in_every_format(template, fine):
    rtf = rb"{\rtf1{\*\template " + template.replace("\\", "\\\\").encode() + rb"}Testverslag\par}"
    linked = samples.relations(("attachedTemplate", template, "External"))
    assert (plain_text.hazards(rtf) == []) == fine
    assert (office.hazards(samples.docx(**{"word___rels__settings.xml.rels": linked})) == []) == fine


# --- text


@pytest.mark.parametrize(
    "content",
    [
        TEXT.replace("2400 ml", "2400\u00a0ml").encode(),
        TEXT.replace("2400 ml", "2400\u00adml\u200b").encode(),
        b"\xff\xfe" + TEXT.encode("utf-16-le"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("OK", "é’").encode("cp1252"),
        ("<24 weken: niet van toepassing\r\n" + TEXT).encode(),
        ("MZ-tweeling, " + TEXT).encode(),
        ("#2 kind\r\n" + TEXT).encode(),
        ("<naam patient> 24 weken\r\n" + TEXT).encode(),
        ("#!hb 4,2\r\n" + TEXT).encode(),
        b"\xff\xfe" + ("<24 weken\r\n" + TEXT).encode("utf-16-le"),
        b"\xff\xfe\0\0" + TEXT.encode("utf-32-le"),
        TEXT.replace("\r\n", "\r").encode(),
        (TEXT * 400).replace("OK", "één").encode()[:8193],
        (TEXT + "\x0c" + TEXT + "\x1a").encode(),
    ],
)
def test_what_a_person_wrote_is_taken_as_text_and_read(content):
    assert kind(content) == "text/plain"
    assert "Bloedverlies 2400" in words(plain_text, content).replace("\u00a0", " ").replace("\u00ad", " ")


@pytest.mark.parametrize(
    "content", [b"<!DOCTYPE html><p>", b" <svg onload=x>", b"<?xml version='1.0'?><x/>", b"#!/bin/sh\n", b"@echo off\r\n"]
)
def test_text_that_runs_is_refused_with_what_to_do(content):
    with pytest.raises(Refused, match="Druk het af naar PDF"):
        kind(content)


def test_text_is_decoded_at_its_edge_and_bytes_are_no_text():
    assert decoded("één".encode()[:4], whole=False) == "éé"[:2]
    assert is_text("één\t\r\n") and not is_text("\x00") and not is_text("\x1b[0m")


def test_rtf_behind_blanks_is_not_taken_for_text():
    assert kind(b"\r\n {\\rtf1 x}") == "application/rtf"
    assert plain_text.hazards(b"\r\n {\\rtf1 {\\object x}}")


# --- pictures, clips, DICOM


@pytest.mark.parametrize("explicit", [False, True])
def test_dicom_without_its_preamble_is_taken_searched_and_cleaned(explicit):
    content = bare_dicom(explicit)
    assert kind(content) == "application/dicom" and dicom.hazards(content) == []
    assert (Kind.PATIENT, "Test Vrouw") in facts(dicom, content)
    again = pydicom.dcmread(io.BytesIO(dicom.cleaned(content)))
    assert again.Modality == "US" and str(again.PatientName) == ""


def test_dicom_that_begins_as_a_tiff_is_dicom():
    assert kind(b"II*\0".ljust(128, b"\0") + samples.dicom()[128:]) == "application/dicom"


@pytest.mark.parametrize(
    "content", [TEXT.encode(), b"\x08\x00\x05\x00CS\xff\xff", b"\x08\x00\x05\x00", struct.pack("<HHI", 8, 5, 9)]
)
def test_other_bytes_are_not_taken_for_dicom(content):
    assert not file_type._is_bare_dicom(content)


MOTION = samples.box(b"ftyp", b"mp42\0\0\0\0mp42") + samples.mp4()[24:]
BEHIND = {
    "clip": samples.mp4(), "tweede foto": samples.jpeg(), "naam": b"Trailer: mevrouw Jansen-de Vries",
    "clip achter opvulling": bytes(50) + samples.mp4(),
}  # fmt: skip


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("start", ["jpeg", "png"])
def test_what_stands_behind_the_end_of_a_picture_is_found_and_cleaned_away(behind, start):
    plain = image.cleaned(getattr(samples, start)())
    content = plain + BEHIND[behind]
    before, after = facts(image, content), facts(image, image.cleaned(content))
    assert len(before) > len(after) or "mevrouw Jansen" in words(image, content)
    assert image.cleaned(content) == plain and after == facts(image, plain)
    if "clip" in behind:
        assert (Kind.LOCATION, "GPS-positie") in before


def test_the_clip_of_a_moving_heic_is_found_and_cleaned_away():
    content = samples.heic() + samples.box(b"mpvd", samples.mp4())
    assert (Kind.LOCATION, "GPS-positie") in facts(iso_media, content)
    cleaned = iso_media.cleaned(content)
    assert len(cleaned) == len(content)
    assert not {Kind.LOCATION, Kind.AUTHOR} & {fact for fact, _ in facts(iso_media, cleaned)}
    assert iso_media.cleaned(samples.heic() + b"rest van mevrouw Jansen") == iso_media.cleaned(samples.heic())


def test_a_clip_of_an_iphone_is_taken_and_its_place_and_maker_are_found():
    assert kind(MOV) == "video/quicktime"
    assert {(Kind.LOCATION, "GPS-positie"), (Kind.AUTHOR, "Anna de Vries")} <= facts(iso_media, MOV)
    assert tidy_name("IMG_0001.MOV", "video/quicktime") == "IMG_0001.mov"


@pytest.mark.parametrize("before", [b"", samples.box(b"wide", b""), samples.box(b"free", bytes(40))])
@pytest.mark.parametrize("make", [samples.heic, samples.mp4, samples.mov])
def test_gate_search_and_cleaning_take_a_file_for_the_same_behind_an_empty_box(make, before):
    """A HEIC behind an empty box was a clip to the search: its place was not seen, and could not be taken out."""
    content = before + (samples.heic(len(before)) if make is samples.heic else make())
    assert kind(content) == kind(make())
    assert (Kind.LOCATION, "GPS-positie") in facts(iso_media, content)
    cleaned = iso_media.cleaned(content)
    assert len(cleaned) == len(content) and kind(cleaned) == kind(content)
    assert not {Kind.LOCATION, Kind.AUTHOR, Kind.DEVICE} & {fact for fact, _ in facts(iso_media, cleaned)}


@pytest.mark.parametrize("main", [*sorted(media_brands.STILLS | media_brands.CLIPS), media_brands.FILM, b"XAVC", b"mqt "])
def test_gate_and_reader_agree_on_every_brand(main):
    for second in (b"mif1", b"mp42", b"qt  ", b"M4V "):
        content = samples.box(b"ftyp", main + bytes(4) + second)
        assert (kind(content) == "image/heic") == media_brands.is_still(content)


@pytest.mark.parametrize(
    ("brands", "media_type"),
    [
        (b"isom\0\0\0\0isomavc1", "video/mp4"), (b"abcd\0\0\0\0mp42", "video/mp4"), (b"3gp5\0\0\0\0", "video/mp4"),
        (b"XAVC\0\0\0\0mp42", "video/mp4"),
        (b"mqt \0\0\0\0qt  ", "video/quicktime"),
        (b"mif1\0\0\0\0heic", "image/heic"), (b"heim\0\0\0\0", "image/heic"), (b"qt  \0\0\0\0", "video/quicktime"),
    ],
)  # fmt: skip
def test_iso_media_is_told_by_all_its_brands(brands, media_type):
    assert kind(samples.box(b"ftyp", brands)) == media_type


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (samples.box(b"ftyp", b"avif\0\0\0\0mif1"), "JPG"), (samples.box(b"ftyp", b"mif1\0\0\0\0avif"), "JPG"),
        (samples.box(b"ftyp", b"zzzz\0\0\0\0"), "MP4"), (b"RIFF\0\0\0\0AVI LIST", "MP4"), (b"\x1aE\xdf\xa3\0", "MP4"),
        (samples.box(b"ftyp", b"M4A \0\0\0\0M4A mp42isom"), "Geluid"), (samples.box(b"ftyp", b"M4B \0\0\0\0"), "Geluid"),
        (b"ID3\x04\0\0", "Geluid"), (b"OggS\0\2", "Geluid"), (b"RIFF\0\0\0\0WAVEfmt ", "Geluid"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "JPG"), (b"GIF89a\x01\0", "JPG"), (b"II+\0\x08\0", "TIFF"),
    ],
)  # fmt: skip
def test_another_picture_or_clip_is_refused_with_what_to_make_of_it(content, reason):
    with pytest.raises(Refused, match=reason):
        kind(content)


MANIFEST = (
    b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry m:full-path="/" m:media-type="'
    + samples.ODT.encode()
    + b'"/></m:manifest>'
)


def test_an_opendocument_text_without_its_first_part_is_told_by_its_list_of_parts():
    assert kind(samples.package({"content.xml": "<x/>", "META-INF/manifest.xml": MANIFEST})) == samples.ODT
    other = MANIFEST.replace(b"opendocument.text", b"opendocument.presentation")
    with pytest.raises(Refused, match="presentatie"):
        kind(samples.package({"META-INF/manifest.xml": other}))


@pytest.mark.parametrize(
    ("content", "reason", "neighbour"),
    [
        (b"PK\5\6" + bytes(18), "Pak het uit", "PK-lijst\n"), (b"\x1f\x8b\x08\0", "Pak het uit", "gz\n"),
        (b"7z\xbc\xaf\x27\x1c\0", "Pak het uit", "7zakken bloed\n"), (b"Rar!\x1a\x07\0", "Pak het uit", "Rar! zei zij\n"),
        (b"\xdb\xa5-\0" + bytes(50), "1997", "1997\n"), (b"\t\x08\x10\0\0\6\5\0", "1997", "\tingesprongen\n"),
        (b"\x89PNG\n\x1a\n", "beschadigd", "PNG bijgevoegd\n"), (b"\r\n" + samples.jpeg(), "beschadigd", "\r\nJPG\n"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPG of PNG", "jP 12\n"), (b"\0\0\1\0\1\0", "JPG of PNG", "0 0 1 0\n"),
        (b"G@\0" + bytes(185) + b"G" + bytes(187) + b"G", "MP4", "G" * 400), (b"%!PS-Adobe-3.0\n", "naar PDF", "%! let op\n"),
        (b"BM" + bytes(50), "JPG of PNG", "BMI 34 bij intake\n"), (b"\x1aE\xdf\xa3\1\0", "MP4", "FLV-toets\n"),
        (samples.package({"Index/Document.iwa": "x"}), "PDF", "Index\n"),
    ],
)  # fmt: skip
def test_what_is_not_taken_hears_what_to_do_and_a_text_that_begins_alike_is_taken(content, reason, neighbour):
    with pytest.raises(Refused, match=reason):
        kind(content)
    assert kind(neighbour.encode()) == "text/plain"


def test_rtf_by_its_short_mark_or_behind_many_blanks_is_searched_for_programs():
    for content in (rb"{\rt1 {\object x}}", b" " * 900 + rb"{\rtf1 {\object x}}", b"\r\n" * 4000 + rb"{\rtf1 {\object x}}"):
        assert kind(content) == "application/rtf" and plain_text.hazards(content)


def test_rtf_behind_more_blanks_than_the_gate_sees_is_searched_as_rtf_whatever_it_is_called():
    content = b" " * 9000 + rb"{\rtf1 {\object x}}"
    assert kind(content) == "text/plain" and plain_text.hazards(content)
    assert plain_text.hazards(content.replace(b"object", b"b")) == []


def test_a_laboratory_that_fills_up_its_last_record_sends_text():
    assert kind(TEXT.encode() + bytes(30)) == "text/plain"
    with pytest.raises(Refused):
        kind(b"MZ" + bytes(90))
    with pytest.raises(Refused):
        kind(TEXT.encode() + bytes(30) + TEXT.encode())


@pytest.mark.parametrize(("first", "brand", "media_type"), [
    (b"free", b"mp42", "video/mp4"), (b"wide", b"isom", "video/mp4"), (b"wide", b"qt  ", "video/quicktime"),
    (b"free", b"3gp1", "video/mp4"), (b"skip", b"3g2a", "video/mp4"), (b"skip", b"heic", "image/heic"),
])  # fmt: skip
def test_iso_media_behind_an_empty_box_is_told_by_its_brand(first, brand, media_type):
    assert kind(samples.box(first, b"") + samples.box(b"ftyp", brand + bytes(4))) == media_type
    assert kind(samples.box(b"ftyp", brand + bytes(4))) == media_type


# --- names


@pytest.mark.parametrize(("name", "kept"), [
    ("a\u00a0b.pdf", "a b.pdf"), ("a\u3000b\u2009c.pdf", "a b c.pdf"), ("naam\ttab.pdf", "naam tab.pdf"),
    ("naam\r\ntwee.pdf", "naamtwee.pdf"), ("\u200b.pdf", "bestand.pdf"), (".pdf", "bestand.pdf"), ("..", "bestand.pdf"),
    ("a\u202efdp.exe", "afdp.exe.pdf"), ("e\u0301cho.PDF", "écho.pdf"), ("lpt¹.pdf", "lpt¹-bestand.pdf"),
    ("ver\u00adslag.pdf", "verslag.pdf"), ("C:\\scan\\24+3.pdf", "24+3.pdf"), ("verslag.pdf.", "verslag.pdf"),
])  # fmt: skip
def test_every_blank_of_a_name_stays_a_blank_and_steering_letters_go(name, kept):
    assert tidy_name(name, PDF) == kept


# --- limits


@pytest.mark.parametrize(("name", "told"), [("a" * 196, False), ("a" * 197, True), ("é" * 98, False), ("é" * 99, True)])
def test_a_name_that_is_cut_is_told_by_its_bytes(name, told):
    for sent in (name, f"{name}.pdf", f"map/{name}.PDF"):
        assert bool(shortened(sent, PDF)) is told
        assert (tidy_name(sent, PDF) != f"{name}.pdf") is told


@pytest.mark.parametrize("name", ["a" * 300, "é" * 300, "病" * 300, "😀" * 300, "a" * 300 + ".csv"])
def test_a_name_fits_on_every_disk(name):
    tidied = tidy_name(name, "text/plain")
    assert len(tidied.encode()) <= LONGEST and tidied.endswith((".txt", ".csv"))
    assert "\ufffd" not in tidied


def test_a_broken_container_says_what_to_do():
    with pytest.raises(Unfit, match="Sla het opnieuw op"):
        office_package.kind(b"PK\x03\x04 kapot")
