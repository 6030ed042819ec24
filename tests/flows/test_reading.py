"""Pages to read, in a real browser: the handleiding and the mailbox of a demonstration."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from admin_views.mail import demo_mailbox
from admin_views.web.handbook import PAGES
from models import clock
from models.mail.outbox import Mail
from models.mail.smtp import FolderPost
from models.monthly.monthly_request import MonthlyCall
from settings import settings
from tests import make
from tests.flows.walk import follow, passes


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_handleiding_is_readable_for_everybody(window, width):
    make.theme()
    page = window(width)

    for name in ("", *PAGES):
        page.goto(f"/handleiding/{name}")
        passes(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_newcomer_reads_a_mail_and_its_button_works(window, portal, width, monkeypatch, tmp_path):
    made = replace(settings, demo=True, data_dir=tmp_path)
    monkeypatch.setattr(demo_mailbox, "settings", made)
    monkeypatch.setattr("models.mail.smtp.settings", made)
    # The mails name the address at which this browser can reach the portal.
    monkeypatch.setattr("models.monthly.monthly_request.settings", replace(settings, portal_url=portal))
    user = make.user()
    MonthlyCall.open_all(clock.previous_month(clock.today()))

    page = window(width)
    page.goto("/postvak/")
    page.get_by_role("button", name="Nu versturen").click()
    expect(page.get_by_text("Verstuurd: 1 mail.")).to_be_visible()
    passes(page)
    follow(page, page.locator("ol.letters a").first)
    passes(page)
    assert len(FolderPost(tmp_path / "mail").messages()) == 1
    Mail.update(sent_at=clock.now() - timedelta(hours=1)).execute()

    page.frame_locator("iframe").get_by_role("link", name="Nee, geen casus").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("is geregistreerd")
    assert user.hospital.name in page.locator("main").inner_text()
