"""A large file whose line breaks goes on where it stopped, on the same page and after logging in again."""

import hashlib
import os
import re

import pytest
from playwright.sync_api import expect

from models.files.document import Document
from models.files.resumable.resumable_upload import ResumableUpload
from models.files.resumable.sealed_part import SealedPart
from tests import make
from tests.flows.walk import enter, passes

SIZE = 40_000_000
PIECE = 16_000_000  # as the script sends


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "echo lang.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom" + bytes(12) + b"\0\0\0\0mdat" + os.urandom(SIZE - 36))
    return path


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Line:
    """Lets so many PATCH requests through, and breaks after them."""

    def __init__(self, page, passes):
        self.passes, self.seen = passes, []
        page.route(re.compile("/bestanden/delen/"), self.meet)

    def meet(self, route):
        method = route.request.method
        if method in ("PATCH", "POST") and "/stoppen" not in route.request.url:
            self.seen.append(int(route.request.headers["upload-offset"]))
            if self.passes <= 0:
                return route.abort("connectionreset")
            self.passes -= 1
        return route.continue_()


def test_a_line_that_breaks_goes_on_where_it_was(window, clip):
    case = make.case()
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    line = Line(page, 1)
    page.locator("#bestanden-kiezen").set_input_files(clip)
    row = page.locator("[data-uploads] li")
    expect(row).to_contain_text("De verbinding is verbroken. Wat verstuurd is, blijft bewaard")
    assert SealedPart.select().count() > 0 and Document.select().count() == 0
    line.passes = 100
    expect(page.locator(".tile-name", has_text="echo lang.mp4")).to_be_visible()
    assert Document.get().sha256 == digest(clip)
    assert line.seen.count(0) == 1 and set(line.seen) <= {0, PIECE, 2 * PIECE, SIZE} | set(range(PIECE, SIZE, 3_000_000))
    expect(page.locator("[data-upload-said]")).to_contain_text("is ontvangen")
    expect(page.locator("[data-unfinished]")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 320])
def test_after_logging_in_again_the_same_file_goes_on(window, clip, tmp_path, width):
    case = make.case()
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    Line(page, 1)
    page.locator("#bestanden-kiezen").set_input_files(clip)
    expect(page.locator("[data-uploads] li")).to_contain_text("De verbinding is verbroken")
    page.context.close()
    here = ResumableUpload.get().received
    assert 0 < here < SIZE

    page = enter(window(width=width), case.reporter, f"/melding/{case.key}/")
    notice = page.locator("[data-unfinished]")
    expect(notice).to_contain_text("Er staat nog een onvolledige upload: echo lang.mp4 (16MB van 40MB)")
    passes(page)
    other = tmp_path / "anders" / "echo lang.mp4"
    other.parent.mkdir()
    other.write_bytes(b"x" * 20_000_000)
    with page.expect_file_chooser() as asked:
        notice.get_by_role("button", name="Kies hetzelfde bestand").click()
    asked.value.set_files(other)
    expect(page.locator(".notice.warning")).to_contain_text("is niet hetzelfde bestand")
    line = Line(page, 100)
    with page.expect_file_chooser() as asked:
        notice.get_by_role("button", name="Kies hetzelfde bestand").click()
    asked.value.set_files(clip)
    expect(page.locator(".tile-name", has_text="echo lang.mp4")).to_be_visible()
    assert line.seen[0] == here and Document.get().sha256 == digest(clip)
    expect(notice).to_have_count(0)


def test_a_large_file_that_replaces_another_goes_on_where_it_was_after_logging_in_again(window, clip):
    case = make.case()
    before = make.document(case, name="oud.pdf")
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    Line(page, 1)
    page.locator("li.tile").filter(has_text="oud.pdf").locator("summary").click()
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="Vervang oud.pdf").click()
    asked.value.set_files(clip)
    expect(page.locator("[data-uploads] li")).to_contain_text("De verbinding is verbroken")
    page.context.close()
    here = ResumableUpload.get().received
    assert 0 < here < SIZE and Document.get_by_id(before.id).removed_at is None

    page = enter(window(width=320), case.reporter, f"/melding/{case.key}/")
    notice = page.locator("[data-unfinished]")
    expect(notice).to_contain_text("echo lang.mp4, in plaats van oud.pdf (16MB van 40MB)")
    passes(page)
    line = Line(page, 100)
    with page.expect_file_chooser() as asked:
        notice.get_by_role("button", name="Kies hetzelfde bestand").click()
    asked.value.set_files(clip)
    expect(page.locator(".tile-name", has_text="echo lang.mp4")).to_be_visible()
    expect(page.locator(".tile-name", has_text="oud.pdf")).to_have_count(0)
    made = Document.get(Document.removed_at.is_null())
    assert line.seen[0] == here and made.sha256 == digest(clip) and made.replaces_id == before.id


def test_who_is_logged_out_meanwhile_is_told_what_to_do(window, clip):
    case = make.case()
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    line = Line(page, 1)
    page.locator("#bestanden-kiezen").set_input_files(clip)
    row = page.locator("[data-uploads] li")
    expect(row).to_contain_text("De verbinding is verbroken")
    page.context.clear_cookies()
    line.passes = 100
    expect(row).to_contain_text("U bent uitgelogd. Log opnieuw in en kies hetzelfde bestand")


def test_an_unfinished_upload_is_removed_and_a_running_one_cancelled(window, clip):
    case = make.case()
    upload = ResumableUpload.begin(case, case.reporter, "oud.mp4", 100)
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    page.locator("[data-unfinished]").get_by_role("button", name="Verwijderen").click()
    expect(page.locator("[data-unfinished]")).to_have_count(0)
    assert ResumableUpload.get_by_id(upload.id).ended_at
    Line(page, 1)
    page.locator("#bestanden-kiezen").set_input_files(clip)
    expect(page.locator("[data-uploads] li")).to_contain_text("De verbinding is verbroken")
    with page.expect_response(re.compile("/stoppen")):
        page.locator("[data-uploads]").get_by_role("button", name="Annuleren").click()
    expect(page.locator("[data-uploads] li")).to_have_count(0)
    assert ResumableUpload.standing(case, case.reporter) == [] and SealedPart.select().count() == 0


def test_a_kind_that_is_not_taken_is_said_and_leaves_nothing(window, tmp_path):
    path = tmp_path / "programma.mp4"
    path.write_bytes(b"MZ" + os.urandom(20_000_000))
    case = make.case()
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    page.locator("#bestanden-kiezen").set_input_files(path)
    expect(page.locator("[data-uploads] li")).to_contain_text("Dit soort bestand kunnen wij niet aannemen")
    assert ResumableUpload.get().ended_at and SealedPart.select().count() == 0
    expect(page.locator("[data-unfinished]")).to_have_count(0)
