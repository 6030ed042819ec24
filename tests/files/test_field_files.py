"""Complaints from the field, made small and anonymous: each file of `field/` goes in by the page's own route.

What colleagues sent us of these is in the folder; a clip of an iPhone is made here.
"""

from pathlib import Path

import pytest

from models.files.document import Document
from models.files.privacy import inspection
from models.files.privacy.privacy_decision import PrivacyDecision
from tests import make
from tests.files import samples
from tests.files.test_case_files import case, clean_folder, melder, put

__all__ = ["case", "clean_folder", "melder"]
FOLDER = Path(__file__).parent / "field"
SENT = {path.name: path.read_bytes() for path in FOLDER.iterdir()} | {"IMG_0001.MOV": samples.mov()}
TEXT, PDF = "text/plain", "application/pdf"
# A complaint from the field each: the kind it is taken for, the name it keeps, and words of what is found in it.
TAKEN = {
    "pdf-bom-voorop.pdf": (PDF, "pdf-bom-voorop.pdf", []),  # every reader opens it, and it was no PDF
    "pdf-kop-voorop.pdf": (PDF, "pdf-kop-voorop.pdf", []),  # it was text, past the search for scripts
    "pdf-alleen-eigenaarswachtwoord.pdf": (PDF, "pdf-alleen-eigenaarswachtwoord.pdf", []),  # it was called locked
    "word-online.docx": (samples.DOCX, "word-online.docx", []),  # its main part is word/document2.xml
    "vaste-spatie.txt": (TEXT, "vaste-spatie.txt", []),  # pasted from Word, and refused
    "kladblok-unicode.txt": (TEXT, "kladblok-unicode.txt", []),  # 'Unicode' of Notepad, and refused
    "begint-met-kleiner-dan.txt": (TEXT, "begint-met-kleiner-dan.txt", []),  # it was a web page
    "rtf-uit-word.rtf": ("application/rtf", "rtf-uit-word.rtf", []),  # its template by a local name fetches nothing
    "dicom-zonder-aanhef.dcm": ("application/dicom", "dicom-zonder-aanhef.dcm", ["patiënt"]),  # as older echo machines export
    "bewegende-foto-met-plaats.jpg": ("image/jpeg", "bewegende-foto-met-plaats.jpg", ["plaats van opname"]),  # it was not found
    "IMG_0001.MOV": ("video/quicktime", "IMG_0001.mov", ["plaats van opname"]),  # refused without a way out
}


def test_every_file_of_the_folder_is_tried():
    assert SENT.keys() == TAKEN.keys()


@pytest.mark.parametrize("name", TAKEN)
def test_what_colleagues_have_is_taken_for_what_it_is_and_searched(client, case, monkeypatch, name):
    media_type, kept, told = TAKEN[name]
    monkeypatch.setattr(make, "LOOKED", False)

    answer = put(client, case, SENT[name], name)

    assert answer.status_code == 201, answer.text
    document = Document.get()
    assert (document.media_type, document.name) == (media_type, kept)
    inspection.look_waiting()
    found = [trace.words for trace in PrivacyDecision.undecided(case)]
    assert bool(found) == bool(told) and all(any(words in one for one in found) for words in told), found
