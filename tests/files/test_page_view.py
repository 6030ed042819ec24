"""A file as pixels: what a coordinator or a committee member sees of it, and what of it never reaches them."""

import importlib
import io
import re
import struct

import pytest
from PIL import Image
from pydicom import uid

from models import clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.status import Status
from models.files import page_view, storage
from models.files.document import Document
from models.files.privacy.privacy_decision import PrivacyDecision
from models.files.sandbox import drawing
from models.files.sandbox import start as sandbox
from models.files.sandbox.__main__ import READERS
from tests import make
from tests.files import corpus, samples


def drawn(content, media_type, number=1, width=300):
    return sandbox.start({"act": "draw", "media_type": media_type, "number": number, "width": width}, content)


def picture(answer, pixels):
    return Image.frombytes("RGB", (answer["width"], answer["height"]), pixels)


@pytest.fixture
def case():
    return make.case(Status.INGEDIEND)


def with_file(case, content=None, name="verslag.pdf"):
    """A file of the case that was looked into, and about which nothing has to be decided."""
    document = make.document(case, content=content or samples.pdf("Eerste", "Tweede"), name=name)
    Document.update(look_due=None).where(Document.id == document.id).execute()
    return Document.get_by_id(document.id)


@pytest.fixture
def approved():
    """A file of an approved case."""
    case = make.case()
    document = with_file(case)
    case.submit(case.reporter)
    case.approve(make.coordinator())
    return Document.get_by_id(document.id)


# ---- drawing ----------------------------------------------------------------------------------------------------------


def test_a_page_of_a_pdf_becomes_pixels_with_its_words():
    answer, pixels = drawn(samples.pdf("Eerste bladzijde", "Tweede bladzijde"), "application/pdf", 2)
    assert (answer["count"], answer["text"]) == (2, "Tweede bladzijde")
    assert len(pixels) == answer["width"] * answer["height"] * 3 and answer["width"] == 300
    low, high = picture(answer, pixels).convert("L").getextrema()
    assert low < 100 and high == 255  # letters on paper


@pytest.mark.parametrize(("content", "media_type"), [
    (samples.docx("Verslag van de bevalling"), samples.DOCX),
    (samples.odt("Verslag van de bevalling"), samples.ODT),
    (b"Verslag van de bevalling", "text/plain"),
    (rb"{\rtf1 Verslag van de bevalling}", "application/rtf"),
])  # fmt: skip
def test_of_a_text_the_words_are_shown_and_nothing_about_its_author(content, media_type):
    answer, pixels = drawn(content, media_type)
    assert "Verslag van de bevalling" in answer["text"] and "Anna" not in answer["text"] and pixels == b""


def test_a_row_of_a_table_is_one_line():
    answer, _ = drawn(samples.xlsx(("Verslag", 12)), samples.XLSX)
    assert "Verslag\t12" in answer["text"].splitlines()


def test_a_long_text_has_pages_that_together_hold_all_of_it():
    lines = [f"regel {number} van een lang verslag" for number in range(400)]
    first, _ = drawn("\n".join(lines).encode(), "text/plain")
    pages = [drawn("\n".join(lines).encode(), "text/plain", number + 1)[0]["text"] for number in range(first["count"])]
    assert first["count"] > 2 and "\n".join(pages).splitlines() == lines
    assert max(map(len, pages)) <= drawing.TEXT_OF_PAGE + 1


@pytest.mark.parametrize("mode", ["1", "L", "I;16", "RGBA", "P", "CMYK"])
def test_a_picture_of_any_colours_is_made_to_fit(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    packed = io.BytesIO()
    Image.new(mode, (600, 400)).save(packed, kind)
    answer, pixels = drawn(packed.getvalue(), f"image/{kind.lower()}")
    assert picture(answer, pixels).size == (300, 200)


def test_the_pages_of_a_scan_are_turned():
    packed = io.BytesIO()
    pages = [Image.new("1", (30, 40), shade) for shade in (0, 1)]
    pages[0].save(packed, "TIFF", save_all=True, append_images=pages[1:])
    for number, shade in ((1, 0), (2, 255), (9, 255)):
        answer, pixels = drawn(packed.getvalue(), "image/tiff", number)
        assert answer["count"] == 2 and set(pixels) == {shade}


def shades(packed=None, mode="L"):
    """A picture from dark above to light below, as bytes: bare, or packed."""
    ramp = Image.linear_gradient("L").resize((64, 48)).convert(mode)
    if packed is None:
        return ramp.tobytes()
    sink = io.BytesIO()
    ramp.save(sink, packed)
    return sink.getvalue()


def deep(signed=False):
    """The same with twelve bits in two bytes."""
    return b"".join((value * 16 - 2048 * signed).to_bytes(2, "little", signed=signed) for value in shades())


def rle(*planes):
    """Planes of bytes in the run lengths of DICOM (PS3.5 Annex G): the first row of each as it is, the others as one run."""
    packed = []
    for plane in planes:
        rows = [plane[start : start + 64] for start in range(0, len(plane), 64)]
        runs = b"".join(bytes([257 - len(row), row[0]]) for row in rows[1:])
        packed.append(bytes([len(rows[0]) - 1]) + rows[0] + runs + b"\x00" * (len(runs) % 2 == 0))
    starts = [64 + sum(map(len, packed[:number])) for number in range(len(packed))]
    return struct.pack("<16L", len(packed), *starts, *[0] * (15 - len(packed))) + b"".join(packed)


KINDS = {
    "bare": samples.dicom_picture(uid.ExplicitVRLittleEndian, [shades()]),
    "implicit": samples.dicom_picture(uid.ImplicitVRLittleEndian, [shades()]),
    "deflated": samples.dicom_picture(uid.DeflatedExplicitVRLittleEndian, [shades()]),
    "colours": samples.dicom_picture(uid.ExplicitVRLittleEndian, [shades(mode="RGB")], "RGB"),
    "jpeg": samples.dicom_picture(uid.JPEGBaseline8Bit, [shades("JPEG")]),
    "jpeg in colours": samples.dicom_picture(uid.JPEGBaseline8Bit, [shades("JPEG", "RGB")], "YBR_FULL_422"),
    "jpeg 2000": samples.dicom_picture(uid.JPEG2000Lossless, [shades("JPEG2000")]),
    "in runs": samples.dicom_picture(uid.RLELossless, [rle(shades())]),
    "colours in runs": samples.dicom_picture(uid.RLELossless, [rle(shades(), shades(), shades())], "RGB"),
    "deep in runs": samples.dicom_picture(
        uid.RLELossless, [rle(deep()[1::2], deep()[0::2])], BitsAllocated=16, BitsStored=12
    ),
    "deep": samples.dicom_picture(uid.ExplicitVRLittleEndian, [deep()], BitsAllocated=16, BitsStored=12),
    "with a sign": samples.dicom_picture(
        uid.ExplicitVRLittleEndian, [deep(signed=True)], BitsAllocated=16, BitsStored=12, PixelRepresentation=1
    ),
    "in a window": samples.dicom_picture(
        uid.ExplicitVRLittleEndian, [deep()], BitsAllocated=16, BitsStored=12, WindowCenter=[2048, 40], WindowWidth=[4096, 400]
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_dicom_picture_is_drawn_from_dark_to_light(kind):
    answer, pixels = drawn(KINDS[kind], "application/dicom")
    assert (answer["count"], answer["width"], answer["height"], answer["text"]) == (1, 64, 48, "")
    tops, middles, lows = (picture(answer, pixels).convert("L").getpixel((32, row)) for row in (1, 24, 46))
    assert tops < 30 and 100 < middles < 160 and lows > 220


def test_a_dicom_picture_with_a_clip_behind_it_is_drawn_as_without():
    for content in (KINDS["bare"], KINDS["jpeg"]):
        assert drawn(content + samples.mp4(), "application/dicom") == drawn(content, "application/dicom")


def test_dicom_pictures_are_turned_and_what_is_written_the_other_way_round_is_turned_back():
    three = samples.dicom_picture(
        uid.ExplicitVRLittleEndian, [bytes([grey]) * 64 * 48 for grey in (0, 100, 200)], "MONOCHROME1"
    )
    for number, grey in ((1, 255), (2, 155), (3, 55), (9, 55)):
        answer, pixels = drawn(three, "application/dicom", number)
        assert answer["count"] == 3 and set(pixels) == {grey}


@pytest.mark.parametrize("content", [
    samples.dicom_picture(uid.JPEGLosslessSV1, [b"\xff\xd8\xff\xd9"]),
    samples.dicom_picture(uid.ExplicitVRLittleEndian, [b"x"], Rows=60_000, Columns=60_000),
    samples.dicom_picture(uid.ExplicitVRLittleEndian, [shades()], "PALETTE COLOR"),
    samples.dicom_picture(uid.ExplicitVRLittleEndian, [shades()], NumberOfFrames=2_000_000_000),
    samples.dicom_picture(uid.JPEGBaseline8Bit, [b"\xff\xd8 no picture"]),
    samples.dicom_picture(uid.RLELossless, [rle(shades())[:90]]),
    samples.dicom_picture(uid.RLELossless, [struct.pack("<16L", 1, 2**31, *[0] * 14) + b"xx"]),
    samples.dicom_picture(uid.RLELossless, [struct.pack("<16L", 2**31, *[64] * 15) + b"xx"]),
])  # fmt: skip
def test_a_dicom_picture_that_is_not_drawn_ends_in_a_sentence(content):
    answer, pixels = drawn(content, "application/dicom")
    assert answer["reason"].endswith(".") and pixels == b""


@pytest.mark.parametrize("size", [(1, 14_000), (14_000, 1), (200_000, 200_000), (0.001, 0.001)])
def test_a_page_of_a_strange_size_stays_within_its_pixels(size):
    def resized(writer):
        writer.pages[0].mediabox.upper_right = size

    answer, pixels = drawn(samples.pdf("x", change=resized), "application/pdf")
    assert answer.get("reason") or len(pixels) <= 300 * 300 * drawing.TALLEST * 3 + 300 * 3


@pytest.mark.parametrize("name", [*corpus.HOSTILE, *corpus.HONEST])
def test_a_file_of_the_corpus_becomes_pixels_text_or_a_sentence(name):
    media_type, content = (corpus.HOSTILE | corpus.HONEST)[name]
    reader = importlib.import_module(f"models.files.sandbox.readers.{READERS[media_type]}")
    job = {"media_type": media_type, "number": 1, "width": 300}
    answer, pixels = drawing.draw(reader, content, job)  # here, as each sandbox takes a second
    assert answer.get("reason") or answer["text"].strip() or pixels


BROKEN = {
    "half of a PDF": (samples.pdf("Verslag")[:400], "application/pdf"),
    "the mark of a PDF": (b"%PDF-1.7\n", "application/pdf"),
    "rubbish behind the mark": (b"%PDF-1.7\n" + bytes(range(256)) * 200, "application/pdf"),
    "a picture of 900 million pixels": (samples.huge_png(), "image/png"),
    "an empty package": (b"PK\x05\x06" + bytes(18), samples.DOCX),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_ends_in_a_sentence(name):
    answer, pixels = drawn(*BROKEN[name])
    assert answer["reason"].endswith(".") and pixels == b""


def test_a_page_that_takes_too_long_or_too_much_ends_in_a_sentence(approved, monkeypatch):
    monkeypatch.setattr(page_view, "start", hangs)
    with pytest.raises(Refused, match="te ingewikkeld"):
        page_view.show(approved, 1, make.coordinator())
    assert page_view._places.acquire(blocking=False) and page_view._places.acquire(blocking=False)
    page_view._places.release(2)


def hangs(*about):
    raise sandbox.NoAnswer("het bestand is te groot")


def test_what_the_sandbox_says_is_taken_for_bare_pixels_only():
    with pytest.raises(Refused):
        page_view._jpeg(10, 10, b"\xff\xd8\xff" * 99)


# ---- who sees it ------------------------------------------------------------------------------------------------------


def test_a_member_of_the_committee_turns_pages_without_the_original(approved, client, login):
    member = make.reader(approved.case)
    login(client, member)
    address = f"/melding/{approved.case.key}/bestanden/{approved.key}"

    assert "Eerste" in client.get(f"{address}/bekijken").text
    page = client.get(f"{address}/bladzijde?bladzijde=2")

    assert page.status_code == 200 and "Bladzijde 2 van 2" in page.text and "Tweede" in page.text
    source = re.search(r'src="data:image/jpeg;base64,', page.text)
    assert source and b"%PDF" not in page.data and "<script" not in page.text
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]
    assert f"{address}/origineel" in page.text
    warning = client.get(f"{address}/origineel")
    assert "logboek" in warning.text and f"{address}/download" in warning.text
    assert client.get(f"{address}/download").data.startswith(b"%PDF")
    assert AuditEvent.select().where(AuditEvent.action == "document.download").count() == 1


def test_the_hospital_still_sees_its_own_file(approved, client, login):
    login(client, approved.added_by)
    assert client.get(f"/melding/{approved.case.key}/bestanden/{approved.key}/bekijken").data.startswith(b"%PDF")


def test_turning_pages_is_one_reading_in_the_trail(approved):
    member, now = make.reader(approved.case), clock.now()
    for number in (1, 2, 1):
        page_view.show(approved, number, member, now=now)
    page_view.show(approved, 1, make.coordinator(), now=now)
    page_view.show(approved, 1, member, now=now + 2 * page_view.AGAIN)
    assert AuditEvent.select().where(AuditEvent.action == "document.preview").count() == 3


def test_a_page_of_an_undecided_file_is_held_back_from_the_committee(approved):
    PrivacyDecision.create(document=approved, kind="burgerservicenummer", removable=False, places=[])
    with pytest.raises(Refused, match="nog niet beslist"):
        page_view.show(approved, 1, make.reader(approved.case))
    assert page_view.show(approved, 1, make.coordinator()).count == 2


def test_who_has_no_part_in_the_case_sees_no_page(approved):
    for role in (Role.BEHEERDER, Role.LNR_CONTACT, Role.LZA1_COORDINATOR):
        with pytest.raises(Refused):
            page_view.show(approved, 1, make.user(role=role))
    assert not AuditEvent.select().where(AuditEvent.action == "document.preview").exists()


def test_a_damaged_file_gives_a_sentence_and_a_line_in_the_trail(approved, client, login):
    storage.delete(approved.blob)
    login(client, make.coordinator())
    page = client.get(f"/melding/{approved.case.key}/bestanden/{approved.key}/bladzijde")
    assert page.status_code == 410 and "beschadigd" in page.text
    assert AuditEvent.select().where(AuditEvent.action == "document.lost").exists()


@pytest.mark.parametrize(("content", "name", "said"), [
    (samples.mp4(), "filmpje.mp4", drawing.NO_CLIP),
    (samples.heic(), "foto.heic", drawing.NO_HEIC),
])  # fmt: skip
def test_what_cannot_be_drawn_is_said_in_a_sentence(case, client, login, content, name, said):
    document = with_file(case, content=content, name=name)
    login(client, make.coordinator())
    page = client.get(f"/melding/{case.key}/bestanden/{document.key}/bladzijde")
    assert page.status_code == 409 and said in page.text and "origineel" in page.text
