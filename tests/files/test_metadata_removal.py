import io
import sys
import zipfile
from datetime import date

import openpyxl
import pydicom
import pypdf
import pytest
from PIL import Image

from models.files.privacy.metadata_removal import STRIPPABLE, CannotStrip, strip
from models.files.privacy.privacy_findings import Kind, findings, hazards
from tests.files import samples

PEOPLE = (
    b"Anna",
    b"Jan Smit",
    b"Jansen",
    b"Pietersen",
    b"SN-998877",
    b"2026:03:12",
    b"Petra",
    b"1234567",
    b"19900403",
    b"+52.0842",
)
STAYS = {Kind.UNCHECKED}
FILES = {
    "pdf": (
        samples.pdf("Verslag", author="Anna de Vries", title="Brief mw. Jansen", change=samples.with_xmp),
        "application/pdf",
    ),
    "pdf with a photo": (samples.pdf("Verslag", change=samples.with_photo), "application/pdf"),
    "pdf with a remark": (samples.pdf("Verslag", change=samples.with_remark), "application/pdf"),
    "jpeg": (samples.jpeg(), "image/jpeg"),
    "jpeg in several scans": (samples.jpeg(progressive=True), "image/jpeg"),
    "png": (samples.png(), "image/png"),
    "tiff": (samples.tiff(), "image/tiff"),
    "heic": (samples.heic(), "image/heic"),
    "heic behind an empty box": (samples.box(b"wide", b"") + samples.heic(shift=8), "image/heic"),
    "mp4": (samples.mp4(), "video/mp4"),
    "mov": (samples.mov(), "video/quicktime"),
    "docx": (samples.docx("Verslag"), samples.DOCX),
    "xlsx": (samples.xlsx(("Verslag", 12)), samples.XLSX),
    "odt": (samples.odt("Verslag"), samples.ODT),
    "dicom": (samples.dicom(), "application/dicom"),
}


def every_byte(content):
    """The file with what is packed inside it unpacked, so that nothing hides in compression."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return b"".join(package.read(name) for name in package.namelist())
    if content.startswith(b"%PDF"):
        reader = pypdf.PdfReader(io.BytesIO(content))
        things = [reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1)]
        return content + b"".join(getattr(thing, "_data", b"") + str(thing).encode() for thing in things)
    return content


def pixels(content):
    with Image.open(io.BytesIO(content)) as image:
        return [(image.seek(page), image.convert("RGB").tobytes())[1] for page in range(getattr(image, "n_frames", 1))]


@pytest.mark.parametrize("name", FILES)
def test_nothing_about_people_is_left(name):
    content, media_type = FILES[name]
    assert any(person in every_byte(content) for person in PEOPLE)

    cleaned = strip(content, media_type)

    assert [person for person in PEOPLE if person in every_byte(cleaned)] == []
    # What a library prints on its way (Pillow's report tells of this machine) is no part of the file.
    assert [said for said in (b"Pillow", sys.prefix.encode()) if said in cleaned] == []
    assert [finding for finding in findings(cleaned, media_type) if finding.kind not in STAYS] == []
    assert hazards(cleaned, media_type) == []


@pytest.mark.parametrize("name", ["jpeg", "docx", "pdf", "tiff", "dicom"])
def test_stripping_twice_changes_no_more(name):
    content, media_type = FILES[name]
    once = strip(content, media_type)
    twice = strip(once, media_type)
    assert twice == once or name in ("pdf", "docx")
    assert [finding.kind for finding in findings(twice, media_type) if finding.kind not in STAYS] == []


@pytest.mark.parametrize("name", ["jpeg", "jpeg in several scans", "png", "tiff"])
def test_the_picture_stays_the_same_to_the_last_pixel(name):
    content, media_type = FILES[name]
    assert pixels(strip(content, media_type)) == pixels(content)


@pytest.mark.parametrize("name", ["jpeg", "png", "tiff"])
def test_a_picture_stays_turned_as_it_was_held(name):
    content, media_type = FILES[name]
    with Image.open(io.BytesIO(strip(content, media_type))) as image:
        assert image.getexif()[0x0112] == 6


def test_a_picture_keeps_its_resolution_and_colours():
    sink = io.BytesIO()
    samples.picture().save(sink, "JPEG", dpi=(300, 300), icc_profile=b"profile", exif=samples.exif())
    with Image.open(io.BytesIO(strip(sink.getvalue(), "image/jpeg"))) as image:
        assert image.info["dpi"] == (300, 300)
        assert image.info["icc_profile"] == b"profile"


def test_what_hides_behind_the_end_of_a_picture_goes():
    assert b"mevrouw" not in strip(samples.jpeg() + b"mevrouw Jansen", "image/jpeg")
    assert b"mevrouw" not in strip(samples.png() + b"mevrouw Jansen", "image/png")


def test_a_pdf_keeps_its_pages_and_its_form():
    content = samples.pdf("Verslag een", "Verslag twee", author="Anna de Vries", field=("naam", "waarde"))
    reader = pypdf.PdfReader(io.BytesIO(strip(content, "application/pdf")))

    assert [page.extract_text().strip() for page in reader.pages] == ["Verslag een", "Verslag twee"]
    assert reader.get_fields()["naam"]["/V"] == "waarde"


def test_an_earlier_version_inside_a_pdf_goes():
    first = samples.pdf("Verslag", author="Anna de Vries")
    writer = pypdf.PdfWriter(io.BytesIO(first), incremental=True)
    writer.metadata = {"/Author": "Jan Smit"}
    sink = io.BytesIO()
    writer.write(sink)
    assert b"Anna de Vries" in sink.getvalue()
    assert b"Anna de Vries" not in strip(sink.getvalue(), "application/pdf")


def test_a_word_document_keeps_its_text_remarks_and_changes():
    cleaned = strip(samples.docx("Verslag &amp; beloop"), samples.DOCX)
    with zipfile.ZipFile(io.BytesIO(cleaned)) as package:
        text, remarks = package.read("word/document.xml").decode(), package.read("word/comments.xml").decode()
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert "docProps/thumbnail.jpeg" not in package.namelist()
        assert "thumbnail" not in package.read("_rels/.rels").decode()

    assert "Verslag &amp; beloop" in text and 'w:author="auteur"' in text and "nieuw" in text and "w:date" not in text
    # Word refuses a document whose prefixes were renamed: Ignorable names them.
    assert "xmlns:w14=" in text and 'mc:Ignorable="w14"' in text
    assert "Klopt dit?" in remarks and 'w:initials="auteur"' in remarks


def test_a_workbook_opens_again_with_its_cells():
    content = samples.xlsx(("Verslag", 12, date(2026, 3, 12)))
    book = openpyxl.load_workbook(io.BytesIO(strip(content, samples.XLSX)))

    assert [cell.value for cell in book.active[1]][:2] == ["Verslag", 12]
    assert book.active["A1"].comment.author == "auteur"
    assert "Klopt dit?" in book.active["A1"].comment.text


def test_names_of_tables_in_a_workbook_are_left_alone():
    book = openpyxl.Workbook()
    book.active.append(("een", "twee"))
    book.active.append((1, 2))
    book.active.add_table(openpyxl.worksheet.table.Table(displayName="Uitslagen", ref="A1:B2"))
    sink = io.BytesIO()
    book.save(sink)
    again = openpyxl.load_workbook(io.BytesIO(strip(sink.getvalue(), samples.XLSX)))
    assert list(again.active.tables) == ["Uitslagen"]


def test_an_opendocument_text_still_starts_with_its_type_unpacked():
    cleaned = strip(samples.odt("Verslag"), samples.ODT)
    # A reader of this format finds it at a fixed place, without unpacking anything.
    assert cleaned[30 : 38 + len(samples.ODT)] == b"mimetype" + samples.ODT.encode()


def test_a_dicom_image_keeps_its_picture():
    file = pydicom.dcmread(io.BytesIO(strip(samples.dicom(), "application/dicom")))
    assert file.PixelData == b"\1\2\3\4" and (file.Rows, file.Columns) == (2, 2)
    assert str(file.PatientName) == "" and file.SOPInstanceUID == "1.2.3"


def test_a_signed_document_is_left_whole():
    signed = samples.docx(**{"_xmlsignatures/sig1.xml": b"<Signature/>"})
    with pytest.raises(CannotStrip, match="ondertekend"):
        strip(signed, samples.DOCX)
    with pytest.raises(CannotStrip, match="ondertekend"):
        strip(samples.pdf("x", change=samples.with_signature), "application/pdf")


@pytest.mark.parametrize("media_type", ["text/plain", "application/msword", "application/rtf"])
def test_what_cannot_be_cleaned_says_what_to_do(media_type):
    assert media_type not in STRIPPABLE
    with pytest.raises(CannotStrip, match="PDF"):
        strip(b"x", media_type)


@pytest.mark.parametrize("media_type", sorted(STRIPPABLE))
def test_a_broken_file_is_refused_with_a_sentence(media_type):
    with pytest.raises(CannotStrip, match="opnieuw"):
        strip(b"\xff\xd8\xff" + bytes(100), media_type)


def test_a_locked_pdf_is_refused_with_the_reason():
    locked = samples.pdf("x", change=lambda writer: writer.encrypt("geheim", algorithm="RC4-128"))
    with pytest.raises(CannotStrip, match="beveilig"):
        strip(locked, "application/pdf")
