"""An upload link: who is asked for what, for how long, and what the one who opens it can and cannot do."""

import io
from datetime import datetime, timedelta

import pytest

from models import MODELS, clock
from models.accounts.rate_limit import FailedAttempt
from models.audit import audit_event
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.files import upload_limits
from models.files.document import Document
from models.files.resumable.resumable_upload import ResumableUpload
from models.files.resumable.sealed_part import SealedPart
from models.files.upload_limits import DayFull
from models.mail.outbox import Mail
from models.operations import after_restore
from models.retention import destruction
from models.retention.case_erasure import erase
from models.upload_links import ended_links
from models.upload_links.upload_code import UploadCode
from models.upload_links.upload_link import MOST_FILES, LinkEnd, LinkOver, UploadLink
from tests import make

pytestmark = pytest.mark.db_dialect
ADDRESS = "j.jansen@haven.example"


@pytest.fixture
def case():
    return make.case(by=make.user(hospital=make.hospital(mail_domains="haven.example, zorg.example")))


def ask(case, address=ADDRESS, asked=None, by=None, **more):
    return UploadLink.ask(case, asked or case.theme.asked.first(), by or case.reporter, address, **more)


def visit(link, now=None):
    """The colleague who asked for a code and typed it."""
    UploadCode.send(link, now)
    code = UploadCode.select().order_by(UploadCode.id.desc()).get()
    return UploadCode.enter(link, code.digits, now)


def receive(code, name="verslag.pdf", key="a", content=make.PDF, **more):
    return code.receive(io.BytesIO(content), name, key, len(content), **more)


def lines(action):
    return list(AuditEvent.select().where(AuditEvent.action == action).order_by(AuditEvent.id))


def test_from_the_question_to_a_file_in_the_slot(case):
    link = ask(case, note="Graag het verslag van de operatie, bel 06-12345678.")
    code = visit(UploadLink.by_token(link.token))
    made = receive(code)
    code.finish()

    assert (made.case, made.asked, made.via, made.added_by) == (case, link.asked, link, case.reporter)
    assert Case.get_by_id(case.id).uploads == 1
    assert UploadLink.get_by_id(link.id).state == "geüpload"
    assert [mail.name for mail in Mail.select().order_by(Mail.id)] == [
        "colleague_request",
        "colleague_code",
        "colleague_upload",
    ]


def test_the_trail_names_the_colleague_and_not_who_asked(case):
    link = ask(case)
    code = visit(link)
    receive(code)
    receive(code, key="b")
    code.remove(code.files()[0])
    code.finish()

    assert [line.actor for line in lines("colleague.ask")] == [case.reporter]
    for action in ("colleague.code", "colleague.open", "document.attach", "document.remove", "colleague.done"):
        for line in lines(action):
            assert (line.actor, line.outsider, line.roles, line.rule) == (None, ADDRESS, "collega", "uploadlink"), action
            assert line.signed == f"collega {ADDRESS}"
    assert list(AuditEvent.broken_links()) == []
    assert audit_event.outsider.get() == ""


def test_a_line_whose_colleague_was_changed_is_found(case):
    visit(ask(case))
    line = lines("colleague.open")[0]
    line.outsider = "iemand.anders@haven.example"
    assert line.digest() != line.hash


# ---- who may be asked -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "x@evil-haven.example", "x@lab.haven.example", "x@haven.example.evil.nl", "x@haven.exampl", "x@gmail.com",
        "a@b@haven.example", "x@haven.example\nBcc: y@evil.nl", "jan jansen@haven.example", "x@h\u0430ven.example",
        "ü@haven.example", "<x@haven.example>", "x@[haven.example]", "", "@haven.example", "x@haven.example,y@evil.nl",
        "haven.example",
    ],
)  # fmt: skip
def test_nobody_outside_the_hospital_is_asked(case, address):
    with pytest.raises(Refused):
        ask(case, address)
    assert (UploadLink.select().count(), Mail.select().count()) == (0, 0)


@pytest.mark.parametrize(
    "text", ["nl", "gmail.com", "mijn.kpn.nl", "co.uk", "haven", "-haven.nl", "ha_ven.nl", "haven..nl", "1.2.3.4", "hаven.nl"]
)
def test_a_domain_of_everybody_or_of_nobody_is_not_kept(text):
    hospital = make.hospital(mail_domains="haven.nl")
    with pytest.raises(Refused):
        hospital.amend(make.user(role="beheerder"), mail_domains=f"haven.nl, {text}")
    assert hospital.own_domains == {"haven.nl"}


@pytest.mark.parametrize(
    "note", ["Mevrouw Bakker", "BSN 111222333", "geb. 12-03-1990", "patiëntnummer 12345678", "Het is p-4711."]
)
def test_a_note_that_may_tell_who_it_is_does_not_leave(note):
    case = make.case(by=make.user(hospital=make.hospital(mail_domains="haven.example")), patient_number="P-4711")
    with pytest.raises(Refused, match="te herkennen"):
        ask(case, note=note)


def test_only_who_completes_the_case_asks_and_takes_back(case):
    strangers = [
        make.user(hospital=make.hospital(mail_domains="haven.example")),
        make.coordinator(),
        make.user(role="beheerder"),
    ]
    clerk = make.user(role="invoerder", hospital=case.hospital)
    link = ask(case)
    for by in strangers:
        for act in (lambda by: ask(case, "p@haven.example", by=by), link.withdraw, link.ask_again):
            with pytest.raises(Refused):
                act(by)
    assert ask(case, "p@haven.example", by=clerk).asked_by == clerk


def test_one_question_stands_for_a_document_and_an_address(case):
    first = ask(case)
    second = first.ask_again(case.reporter)
    assert UploadLink.get_by_id(first.id).over() == "opnieuw gevraagd" and second.over() is None
    with pytest.raises(Refused, match="al om dit document gevraagd"):
        ask(case)
    assert first.ask_again(case.reporter).id == second.id  # the other click
    UploadLink.update(asked_at=clock.now() - timedelta(hours=1)).where(UploadLink.id == second.id).execute()
    third = first.ask_again(case.reporter)
    assert UploadLink.get_by_id(second.id).over() == "opnieuw gevraagd" and third.over() is None
    second = third
    second.withdraw(case.reporter)
    second.withdraw(case.reporter)
    assert ask(case).over() is None
    assert len(lines("colleague.withdraw")) == 1


# ---- a large file, in parts -------------------------------------------------------------------------------------------


def send(code, name="groot.pdf", content=make.PDF):
    """A file in parts that is here whole, and not asked for yet."""
    upload = code.begin(name, len(content))
    code.append(upload, io.BytesIO(content), 0, len(content))
    return upload


def test_the_last_file_of_a_link_is_told_again_when_its_answer_was_lost(case):
    code = visit(ask(case))
    for number in range(MOST_FILES - 1):
        receive(code, key=str(number))
    upload = send(code)
    made = code.complete(upload)
    assert code.complete(code.upload(upload.key)) == made
    assert Document.select().where(Document.via == code.link).count() == MOST_FILES
    code.link.withdraw(case.reporter)
    with pytest.raises(LinkOver):
        code.complete(code.upload(upload.key))


def test_the_last_small_file_too_is_told_again(case):
    code = visit(ask(case))
    made = [receive(code, key=str(number)) for number in range(MOST_FILES)]
    assert receive(code, key=str(MOST_FILES - 1)) == made[-1]
    code.link.withdraw(case.reporter)
    with pytest.raises(LinkOver):
        receive(code, key=str(MOST_FILES - 1))


def test_a_link_that_was_read_before_its_case_moved_on_with_it_stands(case, monkeypatch):
    """Between reading a link and its case the clock may see half of a corrected theme."""
    link, over, seen = ask(case), UploadLink.over, []

    def half_way(self, now=None):
        seen.append(self.id)
        return LinkEnd.MELDING if len(seen) == 1 else over(self, now)

    monkeypatch.setattr(UploadLink, "over", half_way)
    UploadLink.end_over(UploadLink.id == link.id, clock.now())
    assert UploadLink.get_by_id(link.id).ended_at is None and len(seen) == 2


def test_a_file_that_is_on_its_way_holds_one_of_the_places_of_its_link(case):
    code = visit(ask(case))
    for number in range(MOST_FILES - 2):
        receive(code, key=str(number))
    upload, other = code.begin("groot.mp4", 1000), code.begin("nog een.mp4", 1000)
    for act in (lambda: code.begin("te veel.mp4", 1000), lambda: receive(code, key="te veel")):
        with pytest.raises(Refused, match=f"{MOST_FILES} bestanden"):
            act()
    code.stop(upload)
    code.stop(other)
    receive(code, key="de negentiende")
    code.complete(send(code))
    assert Document.select().where(Document.via == code.link).count() == MOST_FILES


# ---- how long a link lasts --------------------------------------------------------------------------------------------


def test_the_last_day_that_is_named_is_a_whole_day(case):
    link = ask(case, now=datetime(2026, 11, 16, 7, 10))
    assert link.over(datetime(2026, 11, 30, 22, 59)) is None
    assert link.over(datetime(2026, 11, 30, 23, 0)) == "verlopen"  # midnight here


def _end_account(link):
    link.asked_by.deactivate()


ENDS = {
    "verlopen": lambda link: UploadLink.update(expires_at=clock.now()).where(UploadLink.id == link.id).execute(),
    "ingetrokken": lambda link: link.withdraw(link.asked_by),
    "opnieuw gevraagd": lambda link: link.ask_again(link.asked_by),
    "melding ingediend of gesloten": lambda link: (make.document(link.case), link.case.submit(link.asked_by)),
    "document niet meer gevraagd": lambda link: (
        UploadLink.update(asked=make.theme().asked.first()).where(UploadLink.id == link.id).execute()
    ),
    "vrager kan de melding niet meer aanvullen": _end_account,
    "maildomein vervallen": lambda link: link.case.hospital.amend(make.user(role="beheerder"), mail_domains="anders.nl"),
    "reservekopie teruggezet": lambda link: after_restore.begin(clock.now()),
}


@pytest.mark.parametrize("why", ENDS)
def test_a_link_ends_with_what_it_is_for_and_a_visit_with_it(case, why):
    link = ask(case)
    code = visit(link)
    ENDS[why](link)

    assert UploadLink.get_by_id(link.id).over() == why
    for act in (lambda: receive(code), lambda: UploadCode.send(link), lambda: UploadCode.enter(link, "000000")):
        with pytest.raises(LinkOver):
            act()
    assert Document.select().where(Document.via == link).count() == 0
    assert ended_links.end_due() in (0, 1)
    ended = lines("colleague.end") + lines("colleague.withdraw")
    assert [line.detail for line in ended] == [f"document {UploadLink.get_by_id(link.id).asked_id}, {why}"]
    assert ended_links.end_due() == 0


@pytest.mark.parametrize("why", ENDS)
def test_what_a_colleague_announced_ends_with_the_link(case, monkeypatch, why):
    """Else whoever holds a link keeps the room of the whole hospital until midnight, and nobody sees by what."""
    monkeypatch.setattr(upload_limits, "MAX_DAY", 1000)
    link = ask(case)
    code = visit(link)
    upload = code.begin("groot.mp4", 900)
    code.append(upload, io.BytesIO(b"\0\0\0\x18ftypisom"), 0, 12)
    elsewhere = make.case(by=make.user(hospital=case.hospital))
    with pytest.raises(DayFull):
        ResumableUpload.begin(elsewhere, elsewhere.reporter, "echo.mp4", 500)
    own = ResumableUpload.begin(case, case.reporter, "eigen.mp4", 50)
    ENDS[why](link)
    ended_links.end_due()
    assert ResumableUpload.get_by_id(upload.id).ended_at and ResumableUpload.get_by_id(own.id).ended_at is None
    assert ResumableUpload.begin(elsewhere, elsewhere.reporter, "echo.mp4", 500)
    ended = lines("upload.stop")
    by = case.reporter if why in ("ingetrokken", "opnieuw gevraagd") else None
    assert [(line.actor, line.outsider, line.detail) for line in ended] == [(by, None, upload.key)]
    ResumableUpload.sweep(clock.now())
    assert not SealedPart.select().where(SealedPart.upload == upload).exists()


def test_a_case_that_comes_back_does_not_wake_its_links(case):
    link = ask(case)
    make.document(case)
    case.submit(case.reporter)
    case.mark_incomplete(make.coordinator(), "Het verslag ontbreekt.")
    assert UploadLink.get_by_id(link.id).over() == "melding ingediend of gesloten"
    assert ask(case).over() is None, "the same colleague can be asked again at once"


def test_a_case_handed_in_while_the_bytes_come_keeps_the_file_out(case):
    make.document(case)
    code = visit(ask(case))

    class Slow(io.BytesIO):
        def read(self, size=-1):
            if case.status == "concept":
                case.submit(case.reporter)
            return super().read(size)

    with pytest.raises(LinkOver):
        code.receive(Slow(make.PDF), "laat.pdf", "a", len(make.PDF))
    assert (Document.select().count(), Case.get_by_id(case.id).uploads) == (1, 1)


def test_a_mail_that_still_waits_when_the_link_ended_is_not_sent(case):
    link = ask(case)
    UploadCode.send(link)
    link.withdraw(case.reporter)
    assert [mail.render() for mail in Mail.select()] == [None, None]


# ---- the code ---------------------------------------------------------------------------------------------------------


def test_a_code_works_once_for_its_own_link_and_the_newest_only(case):
    link, other = ask(case), ask(case, "p@haven.example")
    now = clock.now()
    UploadCode.send(link, now)
    UploadCode.send(link, now + timedelta(seconds=30))
    (first,) = UploadCode.select()  # a double click sends one mail
    UploadCode.send(link, now + timedelta(minutes=2))
    second = UploadCode.select().order_by(UploadCode.id.desc()).get()
    UploadCode.send(other, now)
    for one, typed in ((link, first.digits), (other, second.digits)):
        with pytest.raises(Refused):
            UploadCode.enter(one, typed, now + timedelta(minutes=3))
    UploadCode.enter(link, second.digits, now + timedelta(minutes=3))
    with pytest.raises(Refused, match="geldt niet meer"):
        UploadCode.enter(link, second.digits, now + timedelta(minutes=3))


def test_a_right_code_opens_whatever_strangers_at_the_address_did(case):
    link, now = ask(case), clock.now()
    for number in range(60):
        FailedAttempt.note(f"verzonnen{number}@example.com", audit_event.origin.get(), now)
    UploadCode.send(link, now)
    code = UploadCode.get()
    with pytest.raises(Refused, match="te veel verkeerde codes"):
        UploadCode.enter(link, "000000" if code.digits != "000000" else "111111", now)

    assert UploadCode.enter(link, code.digits, now).is_open(now)


def test_guessing_ends_after_twenty_five_tries_a_day(case):
    link, now, tried = ask(case), clock.now(), 0
    for number in range(200):
        at = now + number * timedelta(minutes=1)
        try:
            UploadCode.send(link, at)
        except Refused:
            pass
        for guess in ("x", "000000x", "é", " ", "1" * 5000):
            with pytest.raises(Refused) as refused:
                UploadCode.enter(link, guess, at)
            tried += "klopt niet" in str(refused.value)
    assert 5 < tried <= 25
    assert len(lines("colleague.wrong_code")) == tried
    assert {line.result for line in lines("colleague.wrong_code")} == {"geweigerd"}


def test_neither_token_nor_code_nor_address_stands_in_the_database_in_clear(case):
    link = ask(case)
    UploadCode.send(link)
    code = UploadCode.get()
    mail = Mail.get(Mail.name == "colleague_code")
    message = mail.render()
    stored = str([db.execute_sql(f"SELECT * FROM {table}").fetchall() for table in ("upload_link", "upload_code")])

    assert f"Uw code is: {code.digits}" in message.get_body(["plain"]).get_content()
    assert code.digits not in mail.text and code.digits not in mail.subject and code.digits not in mail.about
    assert ADDRESS not in stored and link.token not in stored and code.digits not in stored
    request = Mail.get(Mail.name == "colleague_request")
    assert link.token in request.render().get_body(["plain"]).get_content() and link.token not in request.text


# ---- what came --------------------------------------------------------------------------------------------------------


def test_who_asked_is_told_once_of_all_that_came_and_at_once_after_klaar(case):
    now = clock.now()
    link = ask(case, now=now)
    code = visit(link, now)
    receive(code, now=now + timedelta(minutes=1))
    receive(code, key="b", now=now + timedelta(minutes=2))
    mail = Mail.get(Mail.name == "colleague_upload")
    assert mail.user == case.reporter and mail.not_before > now + timedelta(minutes=10)
    code.finish(now + timedelta(minutes=3))
    code.finish(now + timedelta(minutes=4))
    mail = Mail.get(Mail.name == "colleague_upload")
    assert mail.not_before == now + timedelta(minutes=3)
    assert "2 bestanden" in mail.render(now + timedelta(minutes=4))["Subject"]
    assert len(lines("colleague.done")) == 1


def test_what_comes_after_the_mail_left_is_told_too(case):
    now = clock.now()
    code = visit(ask(case, now=now), now)
    receive(code, now=now + timedelta(minutes=1))
    Mail.update(status="verzonden").where(Mail.name == "colleague_upload").execute()
    receive(code, key="b", now=now + timedelta(minutes=30))
    receive(code, key="c", now=now + timedelta(minutes=31))
    code.finish(now + timedelta(minutes=32))
    first, second = Mail.select().where(Mail.name == "colleague_upload").order_by(Mail.id)
    assert second.not_before == now + timedelta(minutes=32) and first.id != second.id


def test_nothing_is_told_of_files_that_were_taken_back(case):
    code = visit(ask(case))
    code.remove(receive(code))
    assert Mail.get(Mail.name == "colleague_upload").render() is None
    assert Case.get_by_id(case.id).uploads == 0


def test_the_same_upload_twice_is_one_file_and_never_another_colleagues(case):
    one, other = visit(ask(case)), visit(ask(case, "p@haven.example"))
    assert receive(one) == receive(one)
    assert receive(other) != receive(one)
    assert Document.select().count() == 2


def test_an_erased_case_forgets_who_was_asked(case):
    link = ask(case, note="Graag snel.")
    code = visit(link)
    receive(code)
    Mail.update(status="verzonden").execute()
    with db.atomic():
        Case.held(case.id)
        erase(case, "test", clock.now(), MODELS)
    gone = UploadLink.get_by_id(link.id)
    assert (gone.address, gone.note, gone.over()) == ("", "", "melding ingediend of gesloten")
    assert [mail.to for mail in Mail.select().where(Mail.user.is_null())] == ["", ""]
    ended_links.end_due()
    assert UploadLink.get_by_id(link.id).standing is None


def test_an_address_goes_after_its_term_and_not_a_day_sooner(case):
    now = clock.now()
    link = ask(case, now=now)
    link.withdraw(case.reporter, now)
    for days, kept in ((180, ADDRESS), (181, "")):
        destruction.destroy_due(MODELS, now + timedelta(days=days))
        assert UploadLink.get_by_id(link.id).address == kept
    assert UploadLink.get_by_id(link.id).signed == "een collega"


def test_one_run_of_the_clock_looks_at_a_part_and_the_next_runs_at_the_rest(case, monkeypatch):
    monkeypatch.setattr(ended_links, "EACH", 3)
    monkeypatch.setattr("models.upload_links.upload_link.MOST_A_DAY", 100)
    links = [ask(case, address=f"collega{number}@haven.example") for number in range(10)]
    make.document(case)
    Case.get_by_id(case.id).submit(case.reporter)  # none of them opens anything any more, and the days of none are over
    now, seen = clock.now(), []
    for run in range(12):
        seen.append(ended_links.end_due(now + run * ended_links.EVERY))
    assert max(seen) <= 3 and sum(seen) == 10 and all(UploadLink.get_by_id(link.id).ended_at for link in links)
