"""The outbox: never twice by itself, never lost in silence."""

import io
import re
import threading
from collections import Counter
from dataclasses import astuple
from datetime import datetime, timedelta

import pytest

from admin_views.accounts import login as accounts
from models import clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.deadline import Deadline
from models.cases.status import Status
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.case_use import CaseUse
from models.committee.following import assessor_terms
from models.committee.ties.reach_change import ReachChange
from models.files.document import Document
from models.files.privacy import gate
from models.files.privacy.privacy_decision import PrivacyDecision
from models.lnr.registry.stay import Stay
from models.lnr.suppliers import key_expiry_mails, resend_mails
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier
from models.lnr.suppliers.supplier import SupplierStatus as Supply
from models.lza1.committee_steps import CommitteeStep
from models.mail import daily_mail, mail_templates, unusual_access
from models.mail.calendar.calendar_file import WITH_CALENDAR
from models.mail.letter import NOT_KNOWN, message_id
from models.mail.mail_preference import KINDS, MailPreference, Way
from models.mail.outbox import LEASE_MINUTES, MAIL_LABELS, REST_MINUTES, WAITS, Mail, MailStatus
from models.mail.outgoing_hold import OutgoingHold
from models.mail.smtp import FolderPost, SmtpPost, open_post
from models.mail.wording import wording_proof
from models.mail.wording.mail_wording import delivered
from models.monthly.month_answer import MonthAnswer, Proof
from models.monthly.monthly_request import MonthlyCall
from models.questionnaires.query import DataQuery
from models.retention.stay_erasure import StayErasure
from models.review import open_queries
from models.review.assignment import CaseAssignment
from models.review.correction.theme_correction import correct_theme
from models.review.reminder import Reminder
from models.staff import disuse, ending, nomination
from models.staff.account_review import AccountReview, stop_per
from models.upload_links.upload_code import UploadCode
from models.upload_links.upload_link import UploadLink
from settings import settings
from tests import make, smtp

NOW = datetime(2026, 11, 5, 9)
MINUTE = clock.MINUTE


@pytest.fixture
def office():
    with smtp.serving() as office:
        yield office


def queue(user=None, **more):
    """A mail about a submitted case, which stays true whatever happens."""
    case = more.pop("case", None) or make.case()
    return Mail.queue("case_submitted", user or make.user(), case=case, now=NOW, by="Ivo Invoerder", **more)


def send(office, now=NOW):
    return Mail.send_waiting(now, SmtpPost(office.url))


def fresh(mail):
    return Mail.get_by_id(mail.id)


# ---- queueing -----------------------------------------------------------------------------------------------------


def test_a_mail_that_was_asked_for_before_is_not_queued_again():
    user, case = make.user(), make.case()

    assert queue(user, case=case, once="this:1") is not None
    assert queue(user, case=case, once="this:1") is None
    assert Mail.select().count() == 1


def test_a_mail_vanishes_with_the_act_that_failed():
    user = make.user()

    with pytest.raises(RuntimeError), db.atomic():
        queue(user)
        raise RuntimeError
    assert Mail.select().count() == 0


# ---- sending ------------------------------------------------------------------------------------------------------


def test_a_mail_arrives_with_the_headers_of_an_automatic_message(office):
    user = make.user(name="Anna de Vries", email="anna@example.com")
    mail = queue(user)

    assert send(office) == 1, fresh(mail).error

    letter = office.letters[0]
    assert (letter.sender, letter.to) == ("noreply@example.com", ["anna@example.com"])
    assert letter.message["To"] == "anna@example.com" and "noreply@example.com" in letter.message["From"]
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert letter.message["X-Auto-Response-Suppress"] == "All"
    assert letter.message["Message-ID"] == message_id(mail) and letter.message["Date"]
    assert "Dag Anna de Vries" in letter.message.get_body(["plain"]).get_content()
    assert "Dag Anna de Vries" in letter.message.get_body(["html"]).get_content()
    assert (fresh(mail).status, fresh(mail).sent_at) == (MailStatus.VERZONDEN, NOW)


def test_a_sent_mail_keeps_no_link_that_opens_something(office):
    make.user(hospital=make.hospital())
    MonthlyCall.open_all("2026-10", now=NOW)
    mail, call = Mail.get(), MonthlyCall.get()

    send(office)

    token = call.address("nee").split("/")[-2]
    assert token in office.letters[0].message.get_body(["plain"]).get_content()
    kept = fresh(mail)
    assert token not in kept.text and token not in kept.about and "/…/nee" in kept.text


def test_a_folder_takes_the_mails_where_there_is_no_server(tmp_path):
    mail = queue()

    assert Mail.send_waiting(NOW, FolderPost(tmp_path)) == 1

    (letter,) = FolderPost(tmp_path).messages()
    assert letter.to == mail.to and "ingediend door een collega" in letter.subject
    assert FolderPost(tmp_path).message(letter.name)["Message-ID"] == message_id(mail)
    assert FolderPost(tmp_path).message("../x") is None


def test_two_workers_send_every_mail_once():
    wanted = {queue().id for _ in range(12)}
    delivered, together = Counter(), threading.Barrier(2)

    class Slow:
        def __enter__(self):
            together.wait(5)
            return self

        def __exit__(self, *problem):
            return None

        def deliver(self, message, to, hand_over):
            hand_over()
            delivered[message["Message-ID"]] += 1

    def work():
        with db.connection_context():
            Mail.send_waiting(NOW, Slow())

    db.close()
    workers = [threading.Thread(target=work) for _ in range(2)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]

    assert len(delivered) == len(wanted) and set(delivered.values()) == {1}
    assert {mail.id for mail in Mail.select().where(Mail.status == MailStatus.VERZONDEN)} == wanted


# ---- trouble ------------------------------------------------------------------------------------------------------


def test_a_server_that_is_down_leaves_all_mails_waiting(office):
    first, second = queue(), queue()

    assert Mail.send_waiting(NOW, open_post(f"smtp://127.0.0.1:{smtp.free_port()}")) == 0
    assert {fresh(first).status, fresh(second).status} == {MailStatus.WACHT}
    assert fresh(first).error

    assert send(office, NOW + MINUTE) == 2
    assert len(office.letters) == 2


def test_a_server_that_closes_the_line_takes_the_rest_later(office):
    first, second = queue(), queue()
    office.refuse = {first.to: "421 too busy"}

    assert send(office) == 0
    assert {fresh(first).status, fresh(second).status} == {MailStatus.WACHT}

    office.refuse = {}
    assert send(office, NOW + MINUTE) == 2


def test_a_mail_never_goes_in_clear_text_to_a_server_that_should_encrypt(office):
    mail = queue()

    assert Mail.send_waiting(NOW, open_post(office.url.replace("smtp:", "smtp+starttls:"))) == 0
    assert office.letters == [] and fresh(mail).status == MailStatus.WACHT


def test_a_temporary_refusal_waits_longer_each_time_and_ends_visibly(office):
    mail, now, waits = queue(), NOW, []
    office.refuse = {mail.to: "451 greylisted"}

    while fresh(mail).status == MailStatus.WACHT:
        send(office, now)
        if fresh(mail).status == MailStatus.WACHT:
            waits.append((fresh(mail).not_before - now) / MINUTE)
            assert send(office, fresh(mail).not_before - timedelta(seconds=1)) == 0
            now = fresh(mail).not_before

    assert waits == list(WAITS) == sorted(waits)
    assert fresh(mail).status == MailStatus.MISLUKT and "451" in fresh(mail).error
    assert office.letters == []


def test_a_greylisted_mail_goes_later_with_the_same_message_id(office):
    mail = queue()
    office.refuse = {mail.to: "451 later"}
    send(office)
    office.refuse = {}

    assert send(office, NOW + MINUTE) == 1
    assert office.letters[0].message["Message-ID"] == message_id(mail) == message_id(fresh(mail))


def test_a_dead_address_is_visible_and_holds_nobody_up(office):
    dead, alive = make.user(), make.user()
    mail, other = queue(dead), queue(alive)
    office.refuse = {dead.email: "550 no such user"}

    assert send(office) == 1

    assert fresh(mail).status == MailStatus.MISLUKT and "550" in fresh(mail).error
    assert fresh(other).status == MailStatus.VERZONDEN
    assert User.get_by_id(dead.id).address_refused_at == NOW and User.get_by_id(alive.id).address_refused_at is None


@pytest.mark.parametrize("answer", ["550 sender not allowed", "451 not now"])
def test_a_refused_sender_says_nothing_of_the_mails_and_stands_in_the_outbox(office, answer):
    mail, other = queue(), queue()
    office.refuse_sender = answer

    assert send(office) == 0

    assert (fresh(mail).status, fresh(mail).error) == (MailStatus.WACHT, answer)
    assert not User.select().where(User.address_refused_at.is_null(False)).exists()
    office.refuse_sender = None
    assert send(office) == 2 and fresh(other).status == MailStatus.VERZONDEN


def test_a_refused_text_or_a_server_that_stays_busy_says_nothing_of_the_address(office):
    refused, busy = queue(), queue()
    Mail.update(attempts=len(WAITS)).where(Mail.id == busy.id).execute()
    office.refuse_text = {refused.to: "554 looks like spam"}
    office.refuse = {busy.to: "451 later"}

    send(office)

    assert {fresh(mail).status for mail in (refused, busy)} == {MailStatus.MISLUKT}
    assert not User.select().where(User.address_refused_at.is_null(False)).exists()


def test_an_address_with_an_accent_fails_alone_and_no_new_one_is_taken(office):
    strange, other = queue(make.user(email="josé@example.com")), queue()

    assert send(office) == 1

    assert fresh(strange).status == MailStatus.MISLUKT and fresh(other).status == MailStatus.VERZONDEN
    with pytest.raises(Refused, match="zonder accenten"):
        User.enrol("andré@example.com", "André", [Role.BEHEERDER])
    with pytest.raises(Refused, match="zonder accenten"):
        make.user().free_address("andré@example.com")


def test_an_address_is_good_again_after_a_mail_that_was_taken(office):
    mail = queue()
    office.refuse = {mail.to: "550 no such user"}
    send(office)
    office.refuse = {}

    fresh(mail).offer_again(NOW)

    assert send(office) == 1
    assert User.get_by_id(mail.user_id).address_refused_at is None
    assert "Ivo Invoerder" in office.letters[0].message.get_body(["plain"]).get_content()


def test_a_crash_between_the_servers_yes_and_our_record_is_left_to_a_person(office, monkeypatch):
    mail = queue()

    def power_cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Mail, "_sent", power_cut)
        with pytest.raises(KeyboardInterrupt):
            send(office)

    later = NOW + (LEASE_MINUTES + 1) * MINUTE
    assert send(office, later) == 0
    assert fresh(mail).status == MailStatus.ONZEKER and "niet zeker" in fresh(mail).error
    assert len(office.letters) == 1

    fresh(mail).offer_again(later)
    send(office, later)
    assert len(office.letters) == 2
    assert office.letters[0].message["Message-ID"] == office.letters[1].message["Message-ID"]


def test_a_mail_that_a_worker_holds_is_not_uncertain_before_its_time():
    mail = queue()
    Mail.update(status=MailStatus.BEZIG, claimed_at=NOW).execute()

    Mail.settle_held(NOW + LEASE_MINUTES * MINUTE)
    assert fresh(mail).status == MailStatus.BEZIG


def test_a_mail_that_a_dead_worker_had_not_handed_over_goes_by_itself(office):
    mail, held = queue(), queue()
    Mail.update(status=MailStatus.BEZIG, claimed_at=NOW).execute()
    Mail.update(handed_at=NOW).where(Mail.id == held.id).execute()

    assert send(office, NOW + (LEASE_MINUTES + 1) * MINUTE) == 1
    assert (fresh(mail).status, fresh(held).status) == (MailStatus.VERZONDEN, MailStatus.ONZEKER)
    assert office.addressees == [mail.to]


def test_a_worker_that_slept_past_its_lease_sends_nothing(office, monkeypatch):
    mail = queue()
    later = NOW + (LEASE_MINUTES + 1) * MINUTE
    render, slept = Mail.render, []

    def slow(row, now):
        if not slept:
            slept.append(row)
            assert send(office, later) == 1  # meanwhile another worker did it
        return render(row, now)

    monkeypatch.setattr(Mail, "render", slow)
    assert send(office) == 0
    assert office.addressees == [mail.to] and fresh(mail).status == MailStatus.VERZONDEN


def test_after_three_doubts_in_a_row_mail_rests_and_then_one_is_tried(office):
    mails = [queue() for _ in range(8)]
    office.hang_up = {mail.to for mail in mails}

    def doubts(now):
        send(office, now)
        return Mail.select().where(Mail.status == MailStatus.ONZEKER).count()

    rest = REST_MINUTES * MINUTE
    assert [doubts(NOW + step) for step in (0 * MINUTE, MINUTE, rest, rest + MINUTE)] == [3, 3, 4, 4]
    assert Mail.resting_until(NOW + rest + MINUTE) == NOW + 2 * rest

    office.hang_up = set()
    assert send(office, NOW + 2 * rest) == 4
    assert doubts(NOW + clock.DAY) == 4 and Mail.resting_until(NOW + clock.DAY) is None


def test_one_doubt_among_others_holds_nothing_up(office):
    mails = [queue() for _ in range(6)]
    office.hang_up = {mail.to for mail in mails[::2]}

    assert send(office) == 3
    assert not Mail.select().where(Mail.status == MailStatus.WACHT).exists()


def test_a_line_that_breaks_after_the_final_dot_makes_that_mail_uncertain_alone(office):
    lost, other = queue(), queue()
    office.hang_up = {lost.to}

    assert send(office) == 1

    assert fresh(lost).status == MailStatus.ONZEKER and fresh(other).status == MailStatus.VERZONDEN
    assert send(office, NOW + clock.DAY) == 0
    assert Counter(office.addressees) == {lost.to: 1, other.to: 1}


def test_a_person_decides_once_about_an_uncertain_mail(office):
    mail = queue()
    office.hang_up = {mail.to}
    send(office)

    fresh(mail).drop()

    assert fresh(mail).status == MailStatus.VERVALLEN
    with pytest.raises(Refused, match="niets meer beslist"):
        fresh(mail).offer_again(NOW)
    assert send(office, NOW + clock.DAY) == 0


def test_a_mail_that_is_no_longer_true_is_not_sent(office):
    case = make.case(status="onvolledig")
    make.document(case)
    Case.get_by_id(case.id).submit(case.reporter)
    told = Mail.get(Mail.name == "case_incomplete")

    Mail.send_waiting(clock.now(), SmtpPost(office.url))

    assert fresh(told).status == MailStatus.VERVALLEN and office.letters == []


def test_one_broken_text_does_not_hold_up_the_others(office, monkeypatch):
    broken, other = queue(), queue()
    tell = mail_templates.CONTEXTS["case_submitted"]
    monkeypatch.setitem(mail_templates.CONTEXTS, "case_submitted", lambda mail: {} if mail.id == broken.id else tell(mail))

    assert send(office) == 1
    assert fresh(broken).status == MailStatus.MISLUKT and fresh(other).status == MailStatus.VERZONDEN


def test_a_mail_that_no_longer_opens_does_not_hold_up_the_others(office):
    broken, _ = queue(), queue()
    db.execute_sql(f"UPDATE mail SET about = 'gAAAAAB' WHERE id = {broken.id}")

    assert send(office) == 1
    statuses = Mail.select(Mail.status).order_by(Mail.id).tuples()
    assert list(statuses) == [(MailStatus.MISLUKT,), (MailStatus.VERZONDEN,)]


# ---- what mails say -----------------------------------------------------------------------------------------------

CANARIES = "CNRY-NUMMER", "CNRY-THEMA", "CNRY-BESTAND", "CNRY-OPMERKING", "CNRY-NOTITIE"


def everything_happens(app):
    """Make every kind of mail wait, about cases full of canaries; returns the reporter."""
    hospital = make.hospital(mail_on_approval=True)
    reporter, clerk = make.user(hospital=hospital), make.user(role=Role.INVOERDER, hospital=hospital)
    coordinator = make.coordinator()
    theme = make.theme(Process.NETHOSS, name="CNRY-THEMA", definition="CNRY-THEMA")
    case = make.case(by=reporter, theme=theme, patient_number="CNRY-NUMMER", month="2026-09", at=NOW - timedelta(days=29))
    Document.attach(case, io.BytesIO(make.PDF), "CNRY-BESTAND.pdf", clerk, "upload", now=NOW - timedelta(days=29))
    Reminder.send_due(NOW.date(), NOW)
    MonthlyCall.open_all("2026-10", now=NOW)
    MonthlyCall.remind(hospital, "2026-10", by=coordinator, now=NOW)
    MonthlyCall.get().answer_zero(Proof.APPARAAT, now=NOW)
    yield
    case = Case.get_by_id(case.id)
    case.submit(clerk, now=NOW)
    case.note(coordinator, "CNRY-NOTITIE")
    case.mark_incomplete(coordinator, "CNRY-OPMERKING", now=NOW)
    yield
    case.submit(reporter, now=NOW)
    case.approve(coordinator, now=NOW)
    yield
    case.reopen(coordinator, "CNRY-OPMERKING", now=NOW)
    yield
    right = make.theme(Process.NETHOSS, name="CNRY-THEMA-BETER", definition="CNRY-THEMA")
    correct_theme(case, coordinator, right, "CNRY-OPMERKING", now=NOW)
    yield
    case.dismiss(coordinator, "dubbel", "CNRY-OPMERKING", now=NOW)
    with app.app_context():
        accounts.invite(reporter)
    browser = app.test_client()
    key = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/wachtwoord-vergeten").text).group(1)
    browser.post("/wachtwoord-vergeten", data={"csrf_token": key, "email": reporter.email})
    yield
    Document.get().lost(None)
    make.user(role=Role.BEHEERDER)
    Document.get().lost(clerk)
    HeldChange.reset_factor(clerk, make.user(role=Role.BEHEERDER), "CNRY-OPMERKING", now=NOW)
    apart = make.hospital("Apart", lza1_kept_apart=True)
    ReachChange.amend_hospital(apart, make.user(role=Role.BEHEERDER), NOW, lza1_kept_apart=False)
    for _ in range(unusual_access.HAMMERED["user.throttled"][0]):
        AuditEvent.log("user.throttled", subject="iemand", result="geweigerd")
    assert unusual_access.sound()
    MailPreference.choose(reporter, {"case_closed": Way.DAILY})
    Mail.queue("case_closed", reporter, case=case, now=NOW)
    assert daily_mail.gather(NOW) == 1
    yield from everything_of_a_colleague()
    yield from everything_after_approval(make.user())
    yield from everything_of_lza1(reporter, make.user(role=Role.LZA1_COORDINATOR))
    beheer = make.user(role=Role.LNR_BEHEER)
    for status in (Supply.GETEST, Supply.TOEGELATEN):
        supplier = Supplier.create(name=f"Leverancier {status}", contact="epd@example.com", status=status)
        Mail.queue(f"lnr_{'tested' if status == Supply.GETEST else 'admitted'}", beheer, now=NOW, supplier=supplier.id)
    ApiKey.issue(supplier, make.hospital(), days=20, now=NOW)
    key_expiry_mails.warn(NOW)
    stay = Stay.begun(make.hospital(), False, "", "CNRY-NUMMER", NOW)
    stay.save()
    StayErasure.ask(make.user(role=Role.LNR_BEHEER), str(stay), "CNRY-OPMERKING", now=NOW)
    CaseAssignment.assign(make.coordinator(), [case.key], coordinator.id, now=NOW)
    wording_proof.send(coordinator, "case_closed", *astuple(delivered("case_closed")), now=NOW)
    Mail.queue("births_request", reporter, now=NOW, year=2025)
    resend_mails.ask(OutgoingHold.create(copied_at=NOW, restored_at=NOW, released_at=NOW), NOW)
    whole, guest = make.case(Status.INGEDIEND), make.user()
    part = whole.invite(guest.hospital, whole.reporter, "CNRY-OPMERKING", now=NOW)
    yield
    Case.get_by_id(part.id).withdraw(guest, "CNRY-OPMERKING", NOW)
    yield from everything_about_accounts()


def everything_about_accounts():
    """The mails about who stays, of somebody whose open case is full of canaries."""
    leaver = make.user(created_at=NOW - timedelta(days=400))
    manager = make.user(hospital=leaver.hospital, appoints_since=NOW)
    theme = make.theme(Process.NETHOSS, name="CNRY-THEMA-LEAVER", definition="CNRY-THEMA")
    make.case(by=leaver, theme=theme, patient_number="CNRY-NUMMER", at=NOW - timedelta(days=1))
    AccountReview.begin(leaver.hospital, NOW)
    stop_per(leaver, manager, NOW.date() + timedelta(days=20), NOW)
    assert (ending.warn(NOW), disuse.warn(NOW)) == (1, 1)
    yield
    nomination.end(leaver, manager, "Werkt hier niet meer.", successor=manager.id, now=NOW)
    yield


def everything_of_a_colleague():
    """The mails to a colleague who is asked for a document, and about what came."""
    reporter = make.user(hospital=make.hospital(mail_domains="haven.example"))
    theme = make.theme(Process.NETHOSS, name="CNRY-THEMA-COLLEGA", definition="CNRY-THEMA")
    case = make.case(by=reporter, theme=theme, patient_number="CNRY-NUMMER", at=NOW)
    link = UploadLink.ask(case, theme.asked.first(), reporter, "j.jansen@haven.example", now=NOW)
    UploadCode.send(link, NOW)
    yield
    code = UploadCode.enter(link, UploadCode.get().digits, NOW)
    code.receive(io.BytesIO(make.PDF), "CNRY-BESTAND.pdf", "a", now=NOW)
    yield


def everything_after_approval(reporter):
    """The mails about what was found late, and of the committee."""
    theme = make.theme(Process.NETHOSS, name="CNRY-THEMA-COMMISSIE", definition="CNRY-THEMA")
    case = make.case(Status.GOEDGEKEURD, by=reporter, theme=theme, patient_number="CNRY-NUMMER", at=NOW - timedelta(days=9))
    document, found = case.documents.get(), [["burgerservicenummer", "CNRY-NUMMER", "bladzijde 1", "a1"]]
    PrivacyDecision.create(document=document, kind="burgerservicenummer", removable=False, places=found)
    gate.found_late(document, NOW)
    case.invite(make.user().hospital, make.coordinator(), "CNRY-OPMERKING", now=NOW)
    treatment = make.treatment(case, [make.member(), make.member()], days=40)
    assert assessor_terms.remind_due(treatment.meeting.term, NOW) == 2
    one, other = Assessment.of(treatment)
    assessor_terms.extend(treatment, make.coordinator(), one.assessor_id, treatment.meeting.day, NOW)
    yield
    MailPreference.choose(asker := make.coordinator(), {"question_answered": Way.AT_ONCE})
    for person in (one.assessor, other.assessor):
        MailPreference.choose(person, {"committee_news": Way.AT_ONCE})
    asked = consensus.ask_hospital(treatment, asker, "CNRY-OPMERKING", now=NOW - timedelta(days=28))
    assert open_queries.send_due(NOW.date(), NOW) == 1
    yield
    asked.answer(reporter, "CNRY-OPMERKING", now=NOW)
    yield
    other.give_back(other.assessor, "geen tijd", NOW)
    yield
    letter = make.letter(treatment, "CNRY-LES")
    Mail.queue("committee_letter", reporter, once=f"letter:{letter.key}", case=case, now=NOW)
    CaseUse.add(case, make.coordinator(), "publicatie", "CNRY-OPMERKING", now=NOW)
    yield


def everything_of_lza1(reporter, coordinator):
    """The mails about files, questions and the committee, of a case full of canaries."""
    theme = make.theme(Process.LZA1, name="CNRY-THEMA-LZA1", definition="CNRY-THEMA")
    case = make.case(by=reporter, theme=theme, patient_number="CNRY-NUMMER", at=NOW - timedelta(days=29))
    document = Document.attach(case, io.BytesIO(make.PDF), "CNRY-BESTAND.pdf", reporter, "lza1", now=NOW - timedelta(days=29))
    Deadline.create(case=case, last_day=NOW.date() + timedelta(days=20))
    Deadline.remind_due(NOW.date(), NOW)
    yield
    case.submit(reporter, now=NOW)
    DataQuery.ask(case, coordinator, "CNRY-OPMERKING", document=document, now=NOW)
    Mail.queue("file_blocked", reporter, case=case, now=NOW, infected=True, file=document.id)
    yield
    case.approve(coordinator, now=NOW)
    yield
    CommitteeStep.ask(case, coordinator, "CNRY-OPMERKING", NOW.date(), "vraag", case.round, now=NOW)
    yield
    case = Case.get_by_id(case.id)
    case.submit(reporter, now=NOW)
    yield
    case.approve(coordinator, now=NOW)
    CommitteeStep.judge(case, coordinator, make.PDF, NOW.date(), "oordeel", text="CNRY-OPMERKING", now=NOW)
    yield


def test_no_mail_of_any_kind_says_who_or_what_a_case_is_about(app, office, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)

    for _ in everything_happens(app):
        Mail.update(not_before=NOW).execute()
        # Reminders of the month are sent although an answer came, so that every text is read here.
        MonthAnswer.update(ended_at=None, confirmed=False).where(MonthAnswer.kind == "nul").execute()
        send(office)

    assert {mail.name for mail in Mail.select().where(Mail.status == MailStatus.VERZONDEN)} == set(MAIL_LABELS)
    chosen_about = [mail for mail in Mail.select().where(Mail.name.in_(list(KINDS)), Mail.user.is_null(False))]
    assert {mail.name for mail in chosen_about} == set(KINDS)
    assert [mail.name for mail in chosen_about if not KINDS[mail.name][1] & mail.user.role_names] == [], "a choice of others"
    apart = Mail.select().where(Mail.error.startswith("Staat in de dagmail"))
    assert {mail.status for mail in Mail.select().where(Mail.id.not_in(apart))} == {MailStatus.VERZONDEN} and len(apart) == 1
    places = [hospital.name for hospital in Hospital.select()]
    for letter in office.letters:
        kind = letter.message["List-Id"].partition("<")[2].partition(".")[0].replace("-", "_")
        days = [part.get_content() for part in letter.message.walk() if part.get_content_type() == "text/calendar"]
        assert (kind in WITH_CALENDAR) == bool(days) and not [place for place in places if place in "".join(days)], kind
        parts = [part.get_content() for part in letter.message.walk() if not part.is_multipart()]
        said = letter.message.as_string() + "".join(parts)
        assert not [canary for canary in CANARIES if canary.lower() in said.lower()], letter.message["Subject"]
        assert len(letter.to) == 1
        assert re.fullmatch(r".+ <[a-z0-9-]+\.localhost>", letter.message["List-Id"])
        assert letter.message["Content-Language"] == ("nl, en" if 'lang="en"' in said else "nl")


def test_the_monthly_request_has_the_two_buttons_of_the_manual_and_no_other_link(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    make.user(hospital=make.hospital("Ziekenhuis Oost & West"))
    MonthlyCall.open_all("2026-10", now=NOW)
    call = MonthlyCall.get()

    message = Mail.get().render()

    html, text = (message.get_body([kind]).get_content() for kind in ("html", "plain"))
    links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>([^<]+)</a>', html)
    assert links == [(call.address("nee"), "Nee, geen casus"), (call.address("ja"), "Ja, 1 of meer casus")]
    assert re.findall(r"https?://\S+", text) == [call.address("nee"), call.address("ja")]
    assert "oktober 2026" in message["Subject"] and "Ziekenhuis Oost & West" in text
    assert "tot 1 januari 2027" in text and "nul-melding" in text
    assert "<img" not in html and "src=" not in html and "@import" not in html


def test_the_receipt_of_a_zero_report_has_no_link_that_acts(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    make.user()
    MonthlyCall.open_all("2026-10", now=NOW)
    MonthlyCall.get().answer_zero(Proof.APPARAAT, now=NOW)

    message = Mail.get(Mail.name == "zero_receipt").render()

    text = message.get_body(["plain"]).get_content()
    assert "Hebt u dit niet gedaan? Log in en trek de nul-melding in" in text and "5 november 2026, 10:00" in text
    # The one address is that of the portal itself: it answers nothing and opens nothing.
    portal = settings.portal_url
    assert re.findall(r"https?://\S+", text) == [portal]
    assert re.findall(r'<a [^>]*href="([^"]+)"', message.get_body(["html"]).get_content()) == [portal]


def test_a_kind_that_only_a_newer_version_knows_waits_for_its_worker(office, monkeypatch):
    mail, known = queue(), dict(mail_templates.CONTEXTS)
    MailPreference.choose(other := make.user(), {"case_submitted": Way.DAILY})
    queue(other)
    assert daily_mail.gather(NOW) == 1
    daily = Mail.get(Mail.name == "daily")
    monkeypatch.delitem(mail_templates.CONTEXTS, "case_submitted")

    assert send(office) == 0 and office.letters == []
    assert {(fresh(one).status, fresh(one).error) for one in (mail, daily)} == {(MailStatus.WACHT, NOT_KNOWN)}

    mail_templates.CONTEXTS.update(known)
    later = NOW + timedelta(minutes=1)
    assert (send(office), send(office, later)) == (0, 2), "once the newer worker is there"


def test_a_kind_that_no_version_comes_to_know_fails_in_the_end(office, monkeypatch):
    mail, now = queue(), NOW
    monkeypatch.delitem(mail_templates.CONTEXTS, "case_submitted")
    for minutes in (*WAITS, 0):
        send(office, now)
        now += timedelta(minutes=minutes)
    assert (fresh(mail).status, fresh(mail).error) == (MailStatus.MISLUKT, NOT_KNOWN)
