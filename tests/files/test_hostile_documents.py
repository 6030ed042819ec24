"""The door: what means harm is refused with a sentence, and what only looks like it comes in.

The readers are called here as the sandbox calls them, without a process around each; `test_inspection` has the process.
"""

import csv

import pytest

from models.files.sandbox import Passage, allowed, media_brands
from models.files.sandbox import __main__ as sandbox
from models.files.sandbox.allowed import is_clickable, is_local
from models.files.sandbox.readers import dicom, image, iso_media, office, old_office, pdf, plain_text, tiff
from settings import ROOT
from tests.files import corpus, samples

READERS = {"pdf": pdf, "office": office, "old_office": old_office, "plain_text": plain_text, "image": image, "tiff": tiff,
           "iso_media": iso_media, "dicom": dicom}  # fmt: skip
with (ROOT / "tests" / "files" / "hostile.csv").open(encoding="utf-8", newline="") as file:
    SAID = {row["sample"]: row["said"] for row in csv.DictReader(file)}  # the names of the sentences, in pdf.py or allowed.py


def dangers(media_type, content, **job):
    reader = READERS[sandbox.READERS[media_type]]
    return sandbox.hazards(reader, content, {"media_type": media_type, **job})[0]


def test_the_corpus_is_large_enough():
    assert len(corpus.HOSTILE) >= 60 and len(corpus.HONEST) >= 60


@pytest.mark.parametrize("name", corpus.HOSTILE)
def test_a_hostile_document_is_refused_with_what_to_do(name):
    media_type, content = corpus.HOSTILE[name]
    home = pdf if media_type == corpus.PDF else allowed
    said = [getattr(home, constant) for constant in SAID[name].split()]
    assert said and sorted(dangers(media_type, content)) == sorted(said)
    assert all(sentence.endswith(".") and len(sentence) > 60 for sentence in said)


def test_of_every_hostile_document_it_is_said_what_it_is_refused_for():
    assert SAID.keys() == corpus.HOSTILE.keys()


@pytest.mark.parametrize("name", corpus.HONEST)
def test_an_honest_document_comes_in(name):
    assert dangers(*corpus.HONEST[name]) == []


@pytest.mark.parametrize(("content", "is_sound"), [
    (samples.recording(b"soun"), True), (samples.recording(b"soun", brand=b"3gp4"), True),
    (samples.recording(b"soun", b"soun", b"text"), True), (samples.recording(b"soun", brand=b"qt  "), True),
    (samples.recording(b"soun", b"vide"), False), (samples.recording(b"vide"), False), (samples.recording(), False),
    (samples.recording(b"soun", b"pict"), False), (samples.mp4(), False), (samples.mov(), False), (samples.heic(), False),
    (samples.recording(b"soun")[:-9], False),
])  # fmt: skip
def test_a_recording_without_a_picture_is_sound_whatever_its_brand_says(content, is_sound):
    assert dangers("video/mp4", content) == [media_brands.SOUND] * is_sound


def test_what_outlook_writes_around_the_letters_is_searched_and_no_letter_of_the_page():
    found = list(plain_text.passages(corpus.HONEST["oud: RTF van Outlook: plaatje uit het bericht"][1]))
    said = {one.place: one.text for one in found if isinstance(one, Passage)}
    assert "cid:image001" in said.pop("metadata: opmaak") and "Beste collega" in "".join(said.values())
    assert "MsoNormal" not in "".join(said.values())


@pytest.mark.parametrize(("text", "fine"), corpus.TABLES.items())
def test_a_table_with_formulas_is_refused_where_its_name_opens_a_program_for_tables(text, fine):
    assert (dangers(corpus.TEXT, text.encode(), table=True) == []) == fine
    assert dangers(corpus.TEXT, text.encode()) == []


@pytest.mark.parametrize(
    "target", ["x.png", "../x", "C:\\x", "c:/x", "/home/x", "file:///C:/x", "file:///home/x", "cid:1", "file://localhost/C:/x"]
)
def test_a_place_on_ones_own_computer_is_local(target):
    assert is_local(target) and is_clickable(target)


@pytest.mark.parametrize(
    "target",
    ["\\\\ver\\x", "//ver/x", "file://ver/x", "file:////ver/x", "https://x", "ftp://x", "nieuw:x", "%5C%5Cver%5Cx", "data:x"],
)
def test_a_place_on_another_machine_is_not_local(target):
    assert not is_local(target)
