"""/postvak: in a demonstration, and nowhere else."""

import re
from dataclasses import replace

import pytest

from admin_views.mail import demo_mailbox
from models import clock
from models.cases.status import Status
from models.mail.outbox import Mail, MailStatus
from models.mail.smtp import FolderPost
from models.monthly.monthly_request import MonthlyCall
from settings import settings
from tests import make


@pytest.fixture
def demo(monkeypatch, tmp_path):
    """A demonstration with a folder of its own."""
    made = replace(settings, demo=True, data_dir=tmp_path)
    monkeypatch.setattr(demo_mailbox, "settings", made)
    monkeypatch.setattr("models.mail.smtp.settings", made)
    return made


def mail_to(*users):
    """A monthly request to each of `users`, still waiting."""
    MonthlyCall.open_all(clock.previous_month(clock.today()))
    return Mail.select().where(Mail.user.in_(users))


def send_now(client, **fields):
    key = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/postvak/").text).group(1)
    return client.post("/postvak/versturen", data={"csrf_token": key, **fields}, follow_redirects=True)


@pytest.mark.parametrize("address", ["/postvak/", "/postvak/x", "/postvak/x/html"])
def test_there_is_no_mailbox_outside_a_demonstration(client, login, address):
    login(client, make.user(role="beheerder"))

    assert client.get(address).status_code == 404


def test_the_button_sends_what_waits_and_shows_it(client, demo):
    first, second = make.user(), make.user()
    mail_to(first, second)

    page = send_now(client)

    assert "Verstuurd: 2 mails" in page.text and {mail.status for mail in Mail.select()} == {MailStatus.VERZONDEN}
    assert first.email in page.text and second.email in page.text
    assert "Er wachtten geen mails" in send_now(client).text


def test_the_list_can_be_narrowed_to_one_person(client, demo):
    first, second = make.user(), make.user()
    mail_to(first, second)
    send_now(client)

    letters = re.findall(r'href="/postvak/\w{32}"><span>([^<]+)<', client.get(f"/postvak/?aan={first.email}").text)
    assert letters == [first.email]
    assert "Nog geen mails" in client.get("/postvak/?aan=niemand").text


def test_a_mail_is_shown_in_a_frame_that_may_run_nothing_and_whose_links_open_the_window(client, demo):
    mail_to(make.user())
    send_now(client)
    (letter,) = FolderPost(demo.data_dir / "mail").messages()

    page, frame = client.get(f"/postvak/{letter.name}"), client.get(f"/postvak/{letter.name}/html")

    policy = frame.headers["Content-Security-Policy"]
    assert 'sandbox="allow-top-navigation-by-user-activation"' in page.text and 'style="' not in page.text
    assert "default-src 'none'" in policy and "script-src" not in policy and "sandbox" in policy
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_top">' in frame.text and "Nee, geen casus" in frame.text
    assert MonthlyCall.get().address("nee") in page.text


def test_what_came_with_a_mail_can_be_kept(client, demo):
    make.treatment(make.case(Status.GOEDGEKEURD), [make.member(), make.member()], days=40)
    send_now(client)
    letter = next(one for one in FolderPost(demo.data_dir / "mail").messages() if "beoordelaar" in one.subject)

    for number in (1, 2):  # its term and the meeting
        address = f"/postvak/{letter.name}/bijlage/{number}"
        assert f'href="{address}"' in client.get(f"/postvak/{letter.name}").text
        kept = client.get(address)
        assert kept.mimetype == "text/calendar" and kept.get_data().count(b"BEGIN:VEVENT\r\n") == 1
    assert client.get(f"/postvak/{letter.name}/bijlage/3").status_code == 404


@pytest.mark.parametrize("key", ["x", "..", "%2e%2e%2fportal", "a" * 300, "%00", "portal.db"])
def test_only_mails_are_shown(client, demo, key):
    (demo.data_dir / "mail").mkdir()
    (demo.data_dir / "portal.eml").write_text("Subject: geheim\n\ngeheim")

    for address in (f"/postvak/{key}", f"/postvak/{key}/html"):
        answer = client.get(address, follow_redirects=True)
        assert answer.status_code == 404 or answer.request.path == "/postvak/", address
        assert "geheim" not in answer.text
