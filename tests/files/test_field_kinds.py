"""More of each kind of `test_field_cases`: what was not sent to us yet, and is as ordinary."""

import io
import struct

import pytest
from PIL import Image
from pydicom import uid

from models.base import Refused
from models.files import file_type
from models.files.sandbox import Kind, media_brands
from models.files.sandbox.readers import dicom, image, iso_media, pdf, plain_text, tiff
from tests.files import samples
from tests.files.test_field_cases import PDF, TEXT, bare_dicom, facts, in_this_process, kind, words

__all__ = ["in_this_process"]
DC, EXIF, RDF = (
    "http://purl.org/dc/elements/1.1/",
    "http://ns.adobe.com/exif/1.0/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
)
PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="" xmlns:exif="{EXIF}" exif:GPSLatitude="52,5.05N" xmlns:dc="{DC}">'
    "<dc:creator><rdf:Seq><rdf:li>Anna de Vries</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
).encode()
OWN = bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + PACKET
BOX = {
    "plain": samples.box(b"uuid", OWN),
    "64 bits": struct.pack(">I4sQ", 1, b"uuid", 16 + len(OWN)) + OWN,
    "in moov": samples.box(b"moov", samples.box(b"uuid", OWN)),
    "QuickTime": samples.box(b"moov", samples.box(b"udta", samples.box(b"XMP_", PACKET))),
}


# --- clips and pictures


@pytest.mark.parametrize("start", [samples.box(b"ftyp", b"isom\0\0\0\0isom"), samples.box(b"ftyp", b"qt  \0\0\0\0"),
                                   samples.heic()], ids=["mp4", "mov", "heic"])  # fmt: skip
@pytest.mark.parametrize("form", BOX)
def test_xmp_in_a_box_of_its_own_is_found_and_emptied(start, form):
    content = start + BOX[form]
    assert {(Kind.LOCATION, "52,5.05N"), (Kind.AUTHOR, "Anna de Vries")} <= facts(iso_media, content)
    cleaned = iso_media.cleaned(content)
    assert b"Anna de Vries" not in cleaned and len(cleaned) == len(content) and kind(cleaned) == kind(content)
    assert not {Kind.LOCATION, Kind.AUTHOR} & {fact for fact, _ in facts(iso_media, cleaned)}


def test_a_box_of_a_maker_is_read_and_emptied():
    content = samples.mp4() + samples.box(b"uuid", bytes(16) + b"mevrouw Jansen-de Vries")
    assert "mevrouw Jansen" in words(iso_media, content)
    assert b"Jansen" not in iso_media.cleaned(content)


@pytest.mark.parametrize("size", [0, 7600, 8164, 8185, 9000, 900_000])
@pytest.mark.parametrize("make", [samples.heic, samples.mp4, samples.mov])
def test_gate_and_reader_read_the_same_brands_however_far_in_they_stand(make, size):
    before = samples.box(b"free", bytes(size)) + samples.box(b"wide", b"")
    content = before + (samples.heic(len(before)) if make is samples.heic else make())
    assert kind(content) == kind(make()) and media_brands.is_still(content) == (make is samples.heic)
    assert (Kind.LOCATION, "GPS-positie") in facts(iso_media, content)
    blocks = [content[at : at + 5000] for at in range(0, len(content), 5000)]
    assert file_type.detect(content[:8192], lambda: iter(blocks)) == kind(make())


def test_brands_behind_a_million_empty_bytes_are_refused_with_what_to_do():
    with pytest.raises(Refused, match="exporteer het als MP4"):
        kind(samples.box(b"free", bytes(1_000_001)) + samples.mp4())


def test_an_old_film_without_brands_stays_a_film_to_gate_and_reader():
    for content in (samples.mp4()[20:], samples.box(b"mdat", bytes(9000)) + samples.mp4()[20:]):
        assert kind(content) == "video/quicktime" and not media_brands.is_still(content)
        assert (Kind.LOCATION, "GPS-positie") in facts(iso_media, content)


def test_the_clip_of_a_phone_that_lists_behind_it_what_it_added_is_found_and_cleaned_away():
    plain = image.cleaned(samples.jpeg())
    content = plain + b"\0\0\x30\x0aMotionPhoto_Data" + samples.mp4() + b"SEFHk\0\0\0mevrouw Jansen-de VriesSEFT"
    assert (Kind.LOCATION, "GPS-positie") in facts(image, content) and "mevrouw Jansen" in words(image, content)
    assert image.cleaned(content) == plain


@pytest.mark.parametrize("behind", [samples.mp4(), b"mevrouw Jansen-de Vries"])
def test_what_stands_behind_a_tiff_is_found_and_cleaned_away(behind):
    sink = io.BytesIO()
    Image.new("L", (8, 8)).save(sink, "TIFF")
    content = sink.getvalue() + behind
    assert (Kind.LOCATION, "GPS-positie") in facts(tiff, content) or "mevrouw Jansen" in words(tiff, content)
    assert words(tiff, sink.getvalue()) == "" and behind not in tiff.cleaned(content)


# --- text and PDF


@pytest.mark.parametrize(
    "mark", ["\x1e", "\x1f", "\x0b", "\x1c", "\x93", "\x85", "\uf0b7", "\u202f", "\u2028", "\ufffc", "👶🏽"]
)
def test_what_word_and_other_programs_put_between_letters_is_text(mark):
    content = f"ge{mark}val\r\n{TEXT}".encode()
    assert kind(content) == "text/plain" and "Bloedverlies 2400" in words(plain_text, content)
    assert kind(f"\x0bMSH|^~\\&|LAB\rPID|1\r\x1c\r{TEXT}".encode()) == "text/plain"


@pytest.mark.parametrize("first", ["@echo-verslag: normaal", "@echo: normaal", "< 24 weken", "#! let op"])
def test_a_text_that_begins_as_a_script_does_is_taken(first):
    assert kind(f"{first}\r\n{TEXT}".encode()) == "text/plain"


@pytest.mark.parametrize("lines", [70, 600])
def test_a_pdf_behind_much_text_is_not_taken_for_text(lines):
    before = b"X-Kop: een regel\r\n" * lines
    content = before + samples.pdf("Bloedverlies").decode("latin-1").encode("ascii", "ignore")
    try:
        found = plain_text.hazards(content) if kind(content) == "text/plain" else []
    except Refused as reason:
        found = [str(reason)]
    assert found and "te veel tekst" in found[0]
    told = before + b"%PDF-1.7 is de versie.\r\n1 0 x"
    assert kind(told) == "text/plain" and plain_text.hazards(told) == []
    assert kind(b" " * 1024 + samples.pdf("x")) == PDF


# --- DICOM


def test_dicom_of_two_elements_about_the_image_and_then_the_patient_is_taken():
    said = [(8, 0x16, b"1.2.840.10008.5.1.4.1.1.6.1\0"), (0x10, 0x10, b"Test^Vrouw"), (0x10, 0x20, b"000123")]
    content = b"".join(struct.pack("<HHI", group, element, len(value)) + value for group, element, value in said)
    assert kind(content) == "application/dicom" and (Kind.PATIENT, "Test Vrouw") in facts(dicom, content)


@pytest.mark.parametrize("content", [
    samples.dicom()[128:], struct.pack(">HH2sH", 8, 5, b"CS", 10) + b"ISO_IR 100" + bytes(40), bytes(128) + bare_dicom(),
])  # fmt: skip
def test_dicom_whose_begin_is_not_ours_hears_how_to_export_it(content):
    with pytest.raises(Refused, match="Exporteer het opnieuw als DICOM"):
        kind(content)
    assert kind(b"DICM van maandag\r\n") == "text/plain"


SYNTAXES = {
    "explicit": uid.ExplicitVRLittleEndian, "implicit": uid.ImplicitVRLittleEndian, "compressed": uid.JPEGBaseline8Bit,
}  # fmt: skip


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("behind", [samples.mp4(), b"mevrouw Jansen-de Vries"], ids=["clip", "text"])
def test_what_stands_behind_the_pixels_of_dicom_is_found_and_cleaned_away(syntax, behind):
    frames = [samples.jpeg()] if syntax == "compressed" else [bytes(64 * 48)]
    plain = samples.dicom_picture(SYNTAXES[syntax], frames)
    content = plain + behind
    assert (Kind.LOCATION, "GPS-positie") in facts(dicom, content) or "mevrouw Jansen" in words(dicom, content)
    assert facts(dicom, plain) == facts(dicom, dicom.cleaned(content)) and "achter" not in words(dicom, plain)
    assert dicom.cleaned(content) == dicom.cleaned(plain)


def test_dicom_without_pixels_or_cut_off_in_them_has_nothing_behind_it():
    plain = samples.dicom()
    for content in (bare_dicom(), plain, plain[:-2], plain[:-4]):
        assert content[dicom._end(content) :] == b""


CUT_CLIP = samples.box(b"ftyp", b"isom\0\0\0\0isom") + samples.box(b"moov", samples.box(b"udta", b"\0\0\xff\xffmeta"))


@pytest.mark.parametrize("behind", [samples.jpeg()[:40], CUT_CLIP], ids=["picture", "clip"])
def test_the_patient_is_told_before_what_is_damaged_behind_the_pixels(behind):
    content = samples.dicom() + behind
    assert (Kind.PATIENT, "Jansen Petra") in facts(dicom, content)
    assert (Kind.UNCHECKED, "wat achter het beeld staat") in facts(dicom, content)
    assert (Kind.UNCHECKED, "wat achter het beeld staat") not in facts(dicom, samples.dicom())


def element(group, number, value, kind=b"OB", implicit=False):
    """One element of DICOM with a length of four bytes."""
    return struct.pack("<HH", group, number) + (b"" if implicit else kind + b"\0\0") + struct.pack("<I", len(value)) + value


def row(implicit):
    """The own part of an echo machine: a row of items whose length is not told."""
    items = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + element(0x7FE1, 0x1020, b"van de machine!!", implicit=implicit)
    ends = struct.pack("<HHIHHI", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    return struct.pack("<HH", 0x7FE1, 0x1001) + (b"" if implicit else b"SQ\0\0") + b"\xff\xff\xff\xff" + items + ends


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_a_machine_keeps_behind_the_pixels_is_passed_over_and_what_follows_it_is_read(syntax):
    implicit, frames = syntax == "implicit", [samples.jpeg()] if syntax == "compressed" else [bytes(64 * 48)]
    plain = samples.dicom_picture(SYNTAXES[syntax], frames)
    own = b"".join((element(0x7FE1, 0x0010, b"MAKER of machines ", implicit=implicit), row(implicit),
                    element(0xFFFA, 0xFFFA, b"", b"SQ", implicit=implicit),
                    element(0xFFFC, 0xFFFC, b"filled up to here.", implicit=implicit)))  # fmt: skip
    assert facts(dicom, plain + own) == facts(dicom, plain) and words(dicom, plain + own) == words(dicom, plain)
    assert dicom.hazards(plain + own) == [] and dicom.cleaned(plain + own) == dicom.cleaned(plain)
    assert (Kind.LOCATION, "GPS-positie") in facts(dicom, plain + own + samples.mp4())


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_dicom_with_a_document_behind_its_pixels_is_refused(syntax):
    implicit, frames = syntax == "implicit", [samples.jpeg()] if syntax == "compressed" else [bytes(64 * 48)]
    plain = samples.dicom_picture(SYNTAXES[syntax], frames)
    document = element(0x0042, 0x0011, b"MZ a program", implicit=implicit)
    for before in (b"", element(0x7FE1, 0x1001, b"of the machine", implicit=implicit)):
        assert dicom.hazards(plain + before + document) == [dicom.INSIDE]
    for behind in (bytes(64), samples.mp4(), samples.jpeg(), b"mevrouw Jansen-de Vries", b"OPNAME MEVROUW JANSEN"):
        assert dicom.hazards(plain + behind) == []


@pytest.mark.parametrize("number, kind, bits", [(8, b"OF", 32), (9, b"OD", 64)])
def test_what_stands_behind_pixels_with_a_decimal_point_is_found_and_cleaned_away(number, kind, bits):
    whole = samples.dicom_picture(uid.ExplicitVRLittleEndian, [bytes(8)], Rows=1, Columns=64 // bits)
    plain = whole[: whole.index(struct.pack("<HH", 0x7FE0, 0x0010))] + element(0x7FE0, number, bytes(8), kind)
    assert dicom._end(plain) == len(plain)
    assert (Kind.LOCATION, "GPS-positie") in facts(dicom, plain + samples.mp4())
    assert dicom.cleaned(plain + samples.mp4()) == dicom.cleaned(plain)


PACKED = samples.dicom_picture(uid.DeflatedExplicitVRLittleEndian, [bytes(64 * 48)])


@pytest.mark.filterwarnings("ignore:VR lookup failed:UserWarning")  # what stands behind is read as one more element
@pytest.mark.parametrize("plain", [PACKED, bare_dicom(), bare_dicom(True)], ids=["packed", "bare", "bare, explicit"])
def test_what_stands_behind_dicom_that_is_packed_or_has_no_pixels_is_found_and_cleaned_away(plain):
    for behind in (samples.mp4(), samples.jpeg()):
        assert (Kind.LOCATION, "GPS-positie") in facts(dicom, plain + behind)
        assert facts(dicom, dicom.cleaned(plain + behind)) == facts(dicom, dicom.cleaned(plain))
    assert "mevrouw Jansen" in words(dicom, plain + b"mevrouw Jansen-de Vries")


@pytest.mark.parametrize("where", ["before", "behind"])
def test_what_readers_pass_over_around_a_pdf_is_found_and_cleaned_away(where):
    plain, added = samples.pdf("Verslag"), b"Opname mevrouw Jansen-de Vries, BSN 111222333\n"
    content = added + plain if where == "before" else plain + b"\n" + added
    assert "mevrouw Jansen" in words(pdf, content) and "mevrouw Jansen" not in words(pdf, plain)
    assert b"Jansen" not in pdf.cleaned(content)
    assert words(pdf, plain + b"\r\n\0\0\0") == words(pdf, plain)
