"""Texts of mails that people change: what may stand in them, what stays around them, who changed what, and the way back."""

import re
from datetime import timedelta

import pytest

from models import clock
from models.access import Role
from models.annual_report.annual_figures import YearFigures
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.mail.mail_status import MAIL_LABELS, MailStatus
from models.mail.mail_templates import TEMPLATES
from models.mail.outbox import Mail
from models.mail.smtp import FolderPost
from models.mail.wording import wording_proof
from models.mail.wording.mail_wording import (
    FIXED_SUBJECT,
    VALUES,
    MailWording,
    MailWords,
    can_change,
    delivered,
    known_placeholders,
    phrases,
    problems,
)
from models.monthly.monthly_request import MonthlyCall
from models.review import case_sheet
from tests import make

NOW = clock.start_of(clock.today(), 9)
WORDS = "Dag {naam}!\n\nWas er in {maand} iets in {ziekenhuis}?"


def links(html):
    return sorted(re.findall(r'href="([^"]*)"', html))


@pytest.mark.parametrize("name", can_change())
def test_every_mail_has_words_that_may_stand_and_keeps_its_links(name):
    words = delivered(name)
    assert problems(name, words.subject, words.text) == {} and len(words.text) > 20
    assert bool(words.subject) != (name in FIXED_SUBJECT)
    assert set(known_placeholders(name)) <= VALUES.keys()

    known = wording_proof.sample(NOW)
    subject, html = wording_proof.shown(name, words.subject, words.text)
    was = TEMPLATES.get_template(f"{name}/body.html").render(known)
    assert links(html) == links(was) and "{" not in subject
    assert subject == TEMPLATES.get_template(f"{name}/subject.txt").render(known).strip()
    # The same words, but for what is bold.
    assert _plain(words.filled(name, known)["said"]) in _plain([was])


def _plain(paragraphs):
    text = re.sub(r"<[^>]+>", "", " ".join(paragraphs)).replace("&#39;", "").replace("'", "")
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("subject", "text", "where", "said"),
    [
        ("", "Melding {nummer}.", "subject", "Vul hier tekst in"),
        ("Over {nummer}", " ", "text", "Vul hier tekst in"),
        ("Over {nummer}", "Melding {numer}.", "text", "‘{numer}’ kent deze mail niet. U kunt gebruiken: {contact}, {naam}"),
        ("Over {nummer}", "Melding {nummer}, {maand}.", "text", "‘{maand}’ kent deze mail niet"),
        ("Over {nummer}", "Melding {nummer} {", "text", "losse accolade"),
        ("Over iets", "Melding {nummer}", "subject", "Laat {nummer} staan"),
        ("Over {nummer}", "Een melding", "text", "Laat {nummer} staan"),
        ("Over {nummer}", "{nummer}: kijk op HTTPS://example.nl", "text", "geen link"),
        ("Over {nummer}", "{nummer} {{ portal }}", "text", "kent deze mail niet"),
        ("Over {nummer}", "{nummer} {0.__class__}", "text", "kent deze mail niet"),
    ],
)
def test_what_may_not_stand_is_said_at_its_field(subject, text, where, said):
    found = problems("case_closed", subject, text)
    assert list(found) == [where] and said in found[where]
    with pytest.raises(Refused, match="^" + re.escape(found[where]) + "$"):
        MailWording.amend(make.coordinator(), "case_closed", 0, subject, text)


def test_a_text_is_never_a_template_nor_html():
    words = MailWords("Over {nummer} <b>", "{nummer} {% set x = 1 %} <script>alert(1)</script>")
    subject, html = wording_proof.shown("case_closed", words.subject, words.text)
    assert subject == "Over N-00015 <b>" and "<script>" not in html and "&lt;script&gt;" in html and "{% set x = 1 %}" in html
    # Neither does a value become a placeholder.
    assert words.filled("case_closed", {"number": "{naam}", "name": "Anna"})["rewritten_subject"] == "Over {naam} <b>"


def test_the_next_mail_has_the_new_words_its_buttons_and_the_way_back(tmp_path):
    boss, melder = make.coordinator(), make.user(email="m@example.com", name="Mia <Bos>")
    MonthlyCall.open_all("2026-10", NOW)
    MailWording.amend(
        boss, "monthly_request", 0, "Uitvraag over {maand}", "Dag {naam}!\n\nWas er in {maand} iets in {ziekenhuis}?"
    )
    with pytest.raises(Refused, match="intussen gewijzigd"):
        MailWording.amend(boss, "monthly_request", 0, "Anders over {maand}", "Was er in {maand} iets?")

    Mail.send_waiting(NOW, FolderPost(tmp_path))

    (mail,) = Mail.select()
    (letter,) = FolderPost(tmp_path).messages()
    message = FolderPost(tmp_path).message(letter.name)
    html, text = (message.get_body([part]).get_content() for part in ("html", "plain"))
    assert mail.status == MailStatus.VERZONDEN and message["Subject"] == "Uitvraag over oktober 2026"
    assert f"<p>Was er in oktober 2026 iets in {melder.hospital.name}?</p>" in html and "Mia &lt;Bos&gt;" in html
    assert "Nee, geen casus" in html and len(re.findall(r"/uitvraag/[^/]+/(?:nee|ja)", html)) == 2
    assert f"Was er in oktober 2026 iets in {melder.hospital.name}?" in text and len(re.findall("/uitvraag/", text)) == 2

    MailWording.restore(boss, "monthly_request", 1)
    assert MailWording.current("monthly_request") is None and MailWording.changed() == {}
    assert [line.detail for line in AuditEvent.select().where(AuditEvent.action == "mail.wording")] == [
        "", "terug naar de geleverde tekst",
    ]  # fmt: skip


def test_a_changed_list_mail_keeps_its_list():
    _, html = wording_proof.shown("reminder", "", "Bel gerust: {contact}.")
    assert "Melding N-00015" in html and "Bel gerust" in html and "Wacht u nog" not in html


def test_a_try_out_goes_to_oneself_once_a_minute_and_changes_nothing(tmp_path):
    boss = make.coordinator()
    wording_proof.send(boss, "case_closed", "Over {nummer}", "Melding {nummer} is dicht.", NOW)
    with pytest.raises(Refused, match="minuut"):
        wording_proof.send(boss, "case_closed", "Over {nummer}", "Melding {nummer} is dicht.", NOW)
    Mail.send_waiting(NOW, FolderPost(tmp_path))
    (letter,) = FolderPost(tmp_path).messages()
    assert (letter.to, letter.subject) == (boss.email, "Proef: Over N-00015")
    assert MailWording.select().count() == 0


def test_the_screen_checks_previews_keeps_and_tells(app, login):
    boss = make.coordinator()
    browser = login(app.test_client(), boss)
    place = "/beheer/mailteksten/case_closed/"
    page = browser.get(place).text
    assert "{nummer}" in page and "is afgesloten" in page
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    typed = {
        "csrf_token": token,
        "nummer": 0,
        "subject": "Over {nummer}",
        "text": "Melding {nummer} is <b>dicht</b>.",
        "knop": "bewaar",
    }

    wrong = browser.post(place, data=typed | {"text": "Melding {numer}."}).text
    assert "kent deze mail niet" in wrong and 'id="text-fout"' in wrong and "Melding {numer}." in wrong
    preview = browser.post(place + "voorbeeld", data=typed)
    assert "is &lt;b&gt;dicht" in preview.text and "sandbox" in preview.headers["Content-Security-Policy"]
    assert "proefmail gaat" in browser.post(place, data=typed | {"knop": "proef"}).text
    assert MailWording.select().count() == 0
    assert browser.post(place, data=typed).status_code == 302
    stale = browser.post(place, data=typed | {"text": "Melding {nummer} is weg."}).text
    assert "intussen gewijzigd" in stale and "is weg." in stale

    listed = browser.get("/beheer/mailteksten/").text
    assert "aangepast op" in listed and boss.name in listed
    row = MailWording.get()
    assert "wordt niet beoordeeld" in browser.get(f"/beheer/mailteksten/details/?id={row.id}").text  # the text before
    browser.post(place, data={"csrf_token": token, "knop": "geleverd", "nummer": 1})
    assert MailWording.current("case_closed") is None
    assert browser.get("/beheer/mailteksten/account/").status_code == 404
    fixed = {"account", "case_part", "part_withdrawn", "daily", "colleague_request", "colleague_code", "colleague_upload"}
    assert MAIL_LABELS.keys() - set(can_change()) == fixed | {"held_change", "reach_change", "wording_test"}


def test_only_who_keeps_the_portal_changes_a_text():
    for role in (Role.MELDER, Role.LNR_BEHEER, Role.COMMISSIELID):
        with pytest.raises(Refused, match="coördinator of de beheerder"):
            MailWording.restore(make.user(role=role), "case_closed", 0)


def test_a_reason_and_a_message_have_the_new_words_and_what_was_written_keeps_its_own():
    boss = make.coordinator()
    closed = make.case(Status.INGEDIEND)
    closed.dismiss(boss, "dubbel", "Al gemeld.")
    asked = case_sheet.ask_for(["OK-verslag"])

    MailWording.amend(boss, "closed_double", 0, "", "Deze casus kennen wij al")
    MailWording.amend(boss, "missing_opening", 0, "wat hier staat telt niet", "Wij missen nog:")

    later = make.case(Status.INGEDIEND)
    later.dismiss(boss, "dubbel", "Al gemeld.")
    was, now = (Case.get_by_id(case.id) for case in (closed, later))
    assert (was.closed_why, now.closed_why) == ("Dubbel: deze casus is al gemeld", "Deze casus kennen wij al")
    assert asked.startswith("De volgende documenten ontbreken nog:\n- OK-verslag")
    assert case_sheet.ask_for(["OK-verslag"]).startswith("Wij missen nog:\n- OK-verslag")
    assert MailWording.latest("missing_opening").subject == ""

    line = AuditEvent.select().where(AuditEvent.action == "phrase.change").order_by(AuditEvent.id).first()
    assert (line.actor, line.subject) == (boss, "Zin: Reden van afsluiten: dubbel")
    MailWording.restore(boss, "closed_double", 1)
    assert phrases("closed_double")["closed_double"] == "Dubbel: deze casus is al gemeld"
    with pytest.raises(Refused, match="intussen gewijzigd"):
        MailWording.amend(boss, "closed_double", 1, "", "Anders")


def test_a_double_counts_as_one_whatever_it_is_called():
    boss, month = make.coordinator(), "2026-03"
    first, second, third = (make.case(Status.INGEDIEND, month=month) for _ in range(3))
    first.dismiss(boss, "dubbel", "Al gemeld.")
    Case.update(dismissed_as=None).where(Case.id == first.id).execute()  # of before reasons could be reworded
    MailWording.amend(boss, "closed_double", 0, "", "Deze casus kennen wij al")
    MailWording.amend(boss, "closed_outside", 0, "", "Dubbel: deze casus is al gemeld")
    second.dismiss(boss, "dubbel", "Al gemeld.")
    third.dismiss(boss, "definitie", "Te vroeg.")
    counts = YearFigures(2026, clock.now()).by_theme()
    assert sum(one.doubled for one in counts) == 2 and sum(one.outside for one in counts) == 1
    third = Case.get_by_id(third.id)
    third.reopen(boss, "Toch wel.")
    assert Case.get_by_id(third.id).dismissed_as is None


def test_a_letter_keeps_the_words_of_the_day_on_which_it_was_released():
    boss = make.coordinator()
    MailWording.amend(boss, "letter_greeting", 0, "", "Beste collega,", NOW)
    before, after = (phrases("letter_greeting", at=NOW + timedelta(days=days)) for days in (-1, 1))
    assert [said["letter_greeting"] for said in (before, after)] == ["Geachte melder,", "Beste collega,"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Vul hier tekst in"),
        (" \n", "Vul hier tekst in"),
        ("Kijk op www.example.nl", "^Zet geen link in deze zin.$"),
        ("Melding {nummer}", "geen invulplekken"),
        ("x" * 301, "300"),
    ],
)
def test_what_may_not_stand_in_a_phrase_is_refused(text, said):
    with pytest.raises(Refused, match=said):
        MailWording.amend(make.coordinator(), "closed_double", 0, "", text)
    assert MailWording.select().count() == 0


def test_the_screen_of_a_phrase_keeps_it_and_shows_it_where_it_is_used(app, login):
    boss, case = make.coordinator(), make.case(Status.INGEDIEND)
    browser = login(app.test_client(), boss)
    place = "/beheer/mailteksten/closed_double/"
    page = browser.get(place).text
    assert "Dubbel: deze casus is al gemeld" in page and "voorbeeld" not in page and "Invulplekken" not in page
    assert browser.get(place + "voorbeeld").status_code == 404
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    typed = {"csrf_token": token, "nummer": 0, "text": "Kennen wij <b>al</b>", "knop": "bewaar"}
    assert "geen invulplekken" in browser.post(place, data=typed | {"text": "{x}"}).text
    assert browser.post(place, data=typed).status_code == 302
    assert "intussen gewijzigd" in browser.post(place, data=typed | {"text": "Anders"}).text

    shown = browser.get(f"/beoordelen/{case.key}/").text
    assert "Kennen wij &lt;b&gt;al&lt;/b&gt;" in shown and "Dubbel: deze casus" not in shown
    listed = browser.get("/beheer/mailteksten/?flt0_mail_is=closed_double").text
    assert "Reden van afsluiten: dubbel" in listed and boss.name in listed
    assert "Dubbel: deze casus is al gemeld" in browser.get(f"/beheer/mailteksten/details/?id={MailWording.get().id}").text
    browser.post(place, data={"csrf_token": token, "knop": "geleverd", "nummer": 1})
    assert "Dubbel: deze casus" in browser.get(f"/beoordelen/{case.key}/").text
