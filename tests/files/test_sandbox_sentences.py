"""Every sentence with which a reader of the sandbox refuses, has a file that earns it and its nearest neighbour that does not.

What is refused at arrival stands in `hostile.csv` too; here is the neighbour. The acts are called as the sandbox calls them.
"""

import ast
import io
import struct
from unittest.mock import patch

import pydicom
import pypdf
import pytest

from models.files.sandbox import __main__ as sandbox
from models.files.sandbox import allowed, drawing, media_brands, xml
from models.files.sandbox.readers import (
    clip,
    dicom,
    dicom_picture,
    image,
    office_clean,
    office_package,
    old_office,
    pdf,
    plain_text,
    tiff,
)
from settings import ROOT
from tests import source
from tests.files import corpus, samples
from tests.files.test_hostile_documents import READERS
from tests.files.test_refusals import pair

SHORTEST = 30  # letters of a sentence
ZIP, OLE, DOC = "application/zip", "application/x-ole-storage", "application/msword"
GREY = pydicom.uid.ExplicitVRLittleEndian
MAIN = "application/vnd.openxmlformats-officedocument"


def said(act, media_type, content):
    """The sentences with which this act answers; none when it is done."""
    job = {"media_type": media_type, "number": 1, "width": 40, "table": media_type == corpus.TEXT}
    reader = READERS.get(sandbox.READERS[media_type], office_package)
    answer, _ = (drawing.draw if act == "draw" else sandbox.ACTS[act])(reader, content, job)
    if act == "draw":
        return [answer["reason"]] if "reason" in answer else []
    return answer if act == "hazards" else [reason for reason in [answer[1] if act == "kind" else answer] if reason]


def locked_pdf(password):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(samples.pdf("x")))
    writer.encrypt(password, owner_password="eigenaar")
    writer.write(sink := io.BytesIO())
    return sink.getvalue()


def of_type(kind):
    """A package whose document says that it is of this kind."""
    rels = (f'<Relationships xmlns="{samples.RELATIONS}"><Relationship Id="r1" Target="deel.xml" '
            f'Type="{corpus.KINDS}/officeDocument"/></Relationships>')  # fmt: skip
    types = ('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
             f'<Override PartName="/deel.xml" ContentType="{kind}"/></Types>')  # fmt: skip
    return samples.package({"[Content_Types].xml": types, "_rels/.rels": rels, "deel.xml": "<x/>"})


def old_jpeg():
    """A TIFF whose first page says that it is packed as JPEG in the way of before 1995."""
    content = bytearray(samples.tiff(1))
    at = struct.unpack_from("<I", content, 4)[0]
    for number in range(struct.unpack_from("<H", content, at)[0]):
        if struct.unpack_from("<H", content, at + 2 + 12 * number)[0] == tiff.COMPRESSION:
            struct.pack_into("<H", content, at + 2 + 12 * number + 8, tiff.OLD_JPEG)
    return bytes(content)


def of(name, neighbour):
    """A row of the corpus and its nearest neighbour there."""
    media_type, content = corpus.HOSTILE[name]
    return "hazards", media_type, content, corpus.HONEST[neighbour][1]


WORD = f"{MAIN}.wordprocessingml.document.main+xml"
# sentence: (act, media type, what earns it, its nearest neighbour)
TRIED = {
    allowed.MACROS: of("office: macro's door een verwijzing", "office: opmerkingen"),
    allowed.PROGRAM: of("office: ingebed programma", "office: werkmap in een document"),
    allowed.COMMAND: of("office: onbekende functie", "office: som"),
    allowed.FETCHES: of("office: plaatje van elders", "office: plaatje uit een mail"),
    allowed.CLICK: of("office: HYPERLINK naar een script", "office: koppeling in een cel"),
    allowed.LEADS_AWAY: of("office: HYPERLINK naar een sms", "office: koppeling in een cel"),
    allowed.STRANGE: of("odt: onbekend onderdeel", "odt: grafiek"),
    pdf.SCRIPT: of("pdf: opent een script", "pdf: opent op de eerste bladzijde"),
    pdf.FETCHES: of("pdf: klik opent een deel", "pdf: ander bestand na een klik"),
    pdf.SENDS: of("pdf: stuurt een formulier", "pdf: invulveld dat gewist wordt"),
    pdf.INSIDE: of("pdf: opent een bijlage", "pdf: opent op een artikel"),
    pdf.MEDIA: of("pdf: geluid", "pdf: opmerking"),
    pdf.LOCKED: ("hazards", corpus.PDF, locked_pdf("geheim"), locked_pdf("")),
    pdf.BROKEN: ("hazards", corpus.PDF, samples.pdf("x")[:40], samples.pdf("x")[:-6]),
    pdf.SIGNED: ("clean", corpus.PDF, samples.pdf("x", change=samples.with_signature), samples.pdf("x")),
    media_brands.SOUND: ("hazards", "video/mp4", samples.recording(b"soun"), samples.recording(b"soun", b"vide")),
    clip.BROKEN: ("clean", "video/mp4", samples.mp4()[:-1], samples.mp4()),
    dicom.INSIDE: ("hazards", "application/dicom", samples.dicom(document=b"%PDF-1.7"), samples.dicom()),
    dicom_picture.OTHER_KIND: ("draw", "application/dicom", samples.dicom_picture(GREY, [bytes(3072)], "PALETTE COLOR"),
                               samples.dicom_picture(GREY, [bytes(3072)])),
    image.TOO_LARGE: ("draw", "image/png", samples.huge_png(), samples.png()),
    image.BROKEN: ("clean", "image/png", samples.png()[:60], samples.png()),
    tiff.OLD: ("clean", "image/tiff", old_jpeg(), samples.tiff(1)),
    office_clean.SIGNED: ("clean", corpus.DOCX, samples.docx(**{"_xmlsignatures__sig1.xml": "<x/>"}), samples.docx()),
    office_package.LOCKED: ("kind", OLE, samples.ole({"EncryptedPackage": b"x" * 4096}),
                            samples.ole({"WordDocument": b"x" * 4096})),
    office_package.A_ZIP: ("kind", ZIP, samples.package({"a.txt": "x"}), samples.docx()),
    office_package.OTHER: ("kind", ZIP, of_type("application/x-nieuw"), of_type(WORD)),
    old_office.SAVE_ANEW: ("clean", DOC, samples.ole({"WordDocument": b"x" * 4096}), None),
    plain_text.CELLS: ("hazards", corpus.TEXT, b"naam;waarde\na;=1+1\n", b"naam;waarde\na;1+1\n"),
    xml.BROKEN: ("hazards", corpus.DOCX, samples.docx()[:-40], samples.docx()),
    drawing.NO_HEIC: ("draw", "image/heic", samples.heic(), None),
    drawing.NO_CLIP: ("draw", "video/mp4", samples.mp4(), None),
    drawing.BROKEN: ("draw", "image/png", samples.png()[:60], samples.png()),
    drawing.NO_TEXT: ("draw", corpus.TEXT, b" \n ", b" \nx"),
    "Uit dit soort bestand kunnen wij deze gegevens niet halen.": ("clean", corpus.TEXT, b"x", None),
    **{office_package.SAVE_AS.format(what, into): ("kind", ZIP, of_type(f"application/vnd.{kind}+xml"), of_type(WORD))
       for what, into, kind in (
           ("Een presentatie", "PDF", "presentation.main"), ("Een sjabloon", "DOCX, XLSX of PDF", "word.template.main"),
           ("Deze werkmap", "XLSX of PDF", "oasis.spreadsheet"), ("Een tekening", "PDF", "oasis.graphics"))},
    office_package.SAVE_AS.format("Een mail", "PDF"): (
        "kind", OLE, samples.ole({"__properties_version1.0": b"x" * 4096}), samples.ole({"Workbook": b"x" * 4096})),
}  # fmt: skip
# With a limit that is lowered for it: (where, its name, what it becomes), and the rest as above.
LOWERED = {
    office_package.BOMB: ((office_package, "LARGEST", 30_000), "kind", ZIP, samples.docx("x" * 40_000), samples.docx()),
    tiff.TOO_MANY: ((tiff, "MOST_PAGES", 2), "hazards", "image/tiff", samples.tiff(3), samples.tiff(2)),
    "Dit PDF-bestand heeft te veel onderdelen om te controleren. ": (
        (pdf, "MOST_OBJECTS", 12), "hazards", corpus.PDF, samples.pdf(*"abcdef"), samples.pdf("a")),
}  # fmt: skip
# Whatever a reader stumbles over that nobody thought of: no file earns it for good.
UNFORESEEN = {sandbox.BROKEN, sandbox.LEFT}


def _tries(reason, act, media_type, earning, neighbour):
    assert any(reason in one for one in said(act, media_type, earning))
    if neighbour is not None:  # without one, no file of this kind passes, and the sentence names another kind
        assert said(act, media_type, neighbour) == []


@pytest.mark.parametrize("reason", TRIED)
def test_a_sentence_is_earned_and_its_neighbour_passes(reason):
    _tries(reason, *TRIED[reason])


@pytest.mark.parametrize("reason", LOWERED)
def test_a_sentence_of_a_limit_is_earned_just_beyond_it(reason):
    (where, name, most), *rest = LOWERED[reason]
    with patch.object(where, name, most):
        _tries(reason, *rest)


@pytest.mark.parametrize("act", ["hazards", "clean"])
def test_what_nobody_foresaw_is_told_as_such(act):
    def stumbles(*_):
        raise RecursionError

    with patch.object(image, "hazards", stumbles), patch.object(image, "cleaned", stumbles):
        assert said(act, "image/png", samples.png()) == [sandbox.BROKEN]
    assert said(act, "image/png", samples.png()) == []


def test_a_file_that_still_tells_of_people_is_not_called_clean():
    plain = image.cleaned(samples.png())
    with patch.object(image, "cleaned", lambda content: content):
        assert said("clean", "image/jpeg", samples.jpeg()) == [sandbox.LEFT]
        assert said("clean", "image/png", plain) == []


def _sentences():
    """Each sentence in the source of the sandbox, with `{}` where something is filled in."""
    found = set()
    for path in (ROOT / "models" / "files" / "sandbox").rglob("*.py"):
        tree = source.tree(path)
        bodies = [node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)]
        passed = {id(body[0].value) for body in bodies if isinstance(body[0], ast.Expr)}  # a docstring
        passed |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if id(node) in passed or not isinstance(node, ast.Constant | ast.JoinedStr):
                continue
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
            if len(text) >= SHORTEST and (text[0].isupper() or text[0] == "{") and text.endswith((".", "{}")) and " " in text:
                found.add(text)
    return found


def test_every_sentence_of_the_sandbox_has_a_file_and_a_neighbour():
    tried = [*TRIED, *LOWERED, *UNFORESEEN, *pair]
    assert [one for one in _sentences() if not any(_tells(told, one) for told in tried)] == []


def _tells(told, sentence):
    """Whether what is tried is this sentence, or a part of it, whatever fills its holes."""
    return all(piece in told or told in piece for piece in sentence.split("{}"))
