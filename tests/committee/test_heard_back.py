"""What a hospital hears back: a mail at a letter and at a receipt of use, and in a case of two hospitals each its own."""

import pytest

from models import access
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.committee import consensus
from models.committee.case_use import CaseUse
from models.committee.lesson_letter import LessonLetter
from models.mail.mail_preference import MailPreference, Way
from models.mail.outbox import Mail, MailStatus
from tests import filling, make
from tests.cases.test_case_part import handed_in
from tests.committee.test_outcome import CALM, settled
from tests.committee.test_treatment import fresh, hand_in
from tests.web.pages import send as press

pytestmark = pytest.mark.db_dialect
LESSON, OTHER_LESSON = "Meet het bloedverlies.", "Bel eerder over een overplaatsing."


@pytest.fixture
def coordinator():
    return make.coordinator()


@pytest.fixture
def discussed(coordinator):
    """discussed(): a treatment after its meeting, which wants a letter."""
    filling.crf()
    theme = make.theme(name="Peripartum hysterectomie")

    def bring():
        pair = make.member(), make.member()
        treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=theme), pair, coordinator)
        for one, by in zip(consensus.judged(treatment).treatment.assessments, pair, strict=True):
            hand_in(one, by, CALM)
        return settled(fresh(treatment), coordinator)

    return bring


@pytest.fixture
def shared(discussed, coordinator):
    """A case of two hospitals after its meeting: (treatment, the part of the other, a melder there)."""
    treatment, there = discussed(), make.user()
    part = handed_in(treatment.case.invite(there.hospital, coordinator), there)
    return fresh(treatment), part, there


def told(name):
    """{(account, case)} of the mails of this kind, each once."""
    mails = [(mail.user_id, mail.case_id) for mail in Mail.select().where(Mail.name == name)]
    assert len(mails) == len(set(mails))
    return set(mails)


def test_closing_mails_the_receipt_once_and_a_later_use_again(discussed, coordinator):
    treatment = discussed()
    case = treatment.case
    consensus.close(treatment, coordinator, "geen brief nodig")
    assert told("case_use") == {(case.reporter_id, case.id)}
    mail = Mail.get(Mail.name == "case_use")
    message = mail.render()
    assert case.number in message["Subject"] and f"/melding/{case.key}/" in message.get_body(["plain"]).get_content()

    consensus.reopen(fresh(treatment), coordinator, "een vraag vergeten")
    consensus.close(fresh(treatment), coordinator, "geen brief nodig")
    assert Mail.select().where(Mail.name == "case_use").count() == 1, "what was told is not told twice"
    for _ in range(2):
        CaseUse.add(case, coordinator, "richtlijn", "Richtlijn fluxus")
    assert Mail.select().where(Mail.name == "case_use").count() == 2


def test_a_receipt_comes_as_its_reader_chose_and_stands_or_falls_with_the_closing(discussed, coordinator, monkeypatch):
    treatment = discussed()
    MailPreference.choose(treatment.case.reporter, {"case_use": Way.NEVER})
    with monkeypatch.context() as broken:
        broken.setattr(Mail, "queue", lambda *args, **more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            consensus.close(treatment, coordinator, "geen brief nodig")
    assert not CaseUse.select().count() and fresh(treatment).closed_at is None
    consensus.close(fresh(treatment), coordinator, "geen brief nodig")
    assert Mail.get(Mail.name == "case_use").status == MailStatus.VERVALLEN


def test_each_hospital_of_a_case_gets_the_letter_and_the_receipt_of_its_own_part(shared, coordinator):
    treatment, part, there = shared
    case, here, third = treatment.case, treatment.case.reporter, make.user()
    for _ in range(2):  # a double click
        letters = LessonLetter.release(treatment, coordinator, LESSON, "", treatment.round)
    assert [(one.case_id, one.hospital_id) for one in letters] == [(case.id, here.hospital_id), (part.id, there.hospital_id)]
    assert told("committee_letter") == {(here.id, case.id), (there.id, part.id)}
    consensus.close(fresh(treatment), coordinator)
    assert told("case_use") == {(here.id, case.id), (there.id, part.id)}

    for user, own, other in ((here, *letters), (there, *reversed(letters))):
        assert list(access.visible(LessonLetter, user)) == [own]
        assert own.content(user).startswith(b"%PDF")
        with pytest.raises(Refused, match="niet voor u"):
            other.content(user)
        assert [one.case_id for one in access.visible(CaseUse, user)] == [own.case_id]
    assert not access.visible(LessonLetter, third).count() and not access.visible(CaseUse, third).count()
    # The trail tells which hospital got it, and who opened its own.
    for action in ("letter.release", "letter.read", "use.receipt"):
        trail = AuditEvent.select().where(AuditEvent.action == action)
        assert {(event.case_id, event.hospital_id) for event in trail} == {
            (case.id, here.hospital_id),
            (part.id, there.hospital_id),
        }
    CaseUse.add(case, coordinator, "onderwijs", "Scholing fluxus")
    for one in (case, part):
        assert {use.kind for use in CaseUse.of_case(one)} == {"besproken", "onderwijs"}


def test_a_hospital_that_never_handed_in_gets_no_letter_and_no_receipt(discussed, coordinator, app, login):
    treatment, there = discussed(), make.user()
    part = treatment.case.invite(there.hospital, coordinator)
    (letter,) = LessonLetter.release(fresh(treatment), coordinator, LESSON, "", fresh(treatment).round)
    assert letter.case_id == treatment.case_id
    boss, page = login(app.test_client(), coordinator), f"/behandeling/{treatment.case.key}/"
    assert f"Kreeg geen brief en geen bericht: {part.hospital.name} ({part.number})" in boss.get(page).text
    assert "Alleen" not in boss.get(f"/commissie/{treatment.case.key}/vergelijken/brief").text
    consensus.close(fresh(treatment), coordinator)
    assert told("committee_letter") == told("case_use") == {(treatment.case.reporter_id, treatment.case_id)}
    assert f"Kreeg geen brief en geen bericht: {part.hospital.name}" in boss.get(page).text


def test_a_hospital_may_get_a_letter_with_words_of_its_own(shared, coordinator):
    treatment, part, _ = shared
    (first,) = LessonLetter.release(treatment, coordinator, LESSON, "", treatment.round, part=treatment.case.key)
    with pytest.raises(Refused, match="wil een lessenbrief"):
        consensus.close(fresh(treatment), coordinator)
    with pytest.raises(Refused, match="geen ziekenhuizen en geen mensen"):
        LessonLetter.release(treatment, coordinator, f"Vraag {part.reporter.name}.", "", treatment.round, part=part.key)
    (second,) = LessonLetter.release(treatment, coordinator, OTHER_LESSON, "", treatment.round, part=part.key)
    assert (first.text, second.text, second.hospital_id) == (LESSON, OTHER_LESSON, part.hospital_id)
    consensus.close(fresh(treatment), coordinator)


def test_a_hospital_reads_its_own_letter_on_its_own_page_and_no_other(shared, coordinator, app, login):
    treatment, part, there = shared
    case, boss = treatment.case, login(app.test_client(), coordinator)
    page = boss.get(f"/commissie/{case.key}/vergelijken/brief").text
    assert f"Alleen {part.number} ({part.hospital})" in page
    press(boss, f"/commissie/{case.key}/vergelijken/brief/vrijgeven", lessen=LESSON, goed="", ronde=treatment.round, aan="")
    own, other = LessonLetter.of_case(case, part)
    table = boss.get(f"/behandeling/{case.key}/").text
    assert all(f"aan {one.hospital}" in table and f"/melding/{one.case.key}/lessen/{one.key}" in table for one in (own, other))

    def address(of, letter):
        return f"/melding/{of.key}/lessen/{letter.key}"

    for user, mine, theirs, letter, strange in ((case.reporter, case, part, own, other), (there, part, case, other, own)):
        browser = login(app.test_client(), user)
        shown = browser.get(f"/melding/{mine.key}/").text
        assert address(mine, letter) in shown and strange.key not in shown
        assert browser.get(address(mine, letter)).mimetype == "application/pdf"
        assert [browser.get(address(of, strange)).status_code for of in (mine, theirs)] == [404, 404]
    stranger = login(app.test_client(), make.user())
    assert [stranger.get(address(of, letter)).status_code for of, letter in ((case, own), (part, other))] == [404, 404]
    management = login(app.test_client(), make.user(role=Role.BEHEERDER))
    assert management.get(address(part, other)).status_code == 403
    assert Case.get_by_id(part.id).approved_at is None, "a part that is not approved yet hears it all the same"
