"""Erasing a stay of the LNR on request: two people, everything about the child gone, and it does not come back by itself."""

from datetime import timedelta

import pytest

from models import MODELS, clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.benchmark import counting
from models.lnr.benchmark.cell import CountCell, UncountedYear
from models.lnr.benchmark.fact import StayFact
from models.lnr.closing import year_closing
from models.lnr.closing.year_closing import YearClosing
from models.lnr.entry.draft import StayDraft
from models.lnr.intake import deliver as intake
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.intake.dry_run import rehearse
from models.lnr.registry.closed_year import LateChange
from models.lnr.registry.message import Message, MessageContent
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.stay import ABOUT_THE_CHILD, Stay, StayState
from models.lnr.suppliers.supplier import Supplier
from models.mail.outbox import Mail
from models.operations import integrity_check
from models.retention.destruction import destroy_due, foretell
from models.retention.retention_kind import KINDS, RetentionKind
from models.retention.stay_erasure import StayErasure
from models.retention.subject_report import SubjectReport
from tests import make
from tests.lnr.messages import CHILD_BSN, OWN, hospital, message, supplier
from tests.lnr.test_facts import HOME, Registry
from tests.lnr.test_year_closing import AFTER, FIRST, OTHER, SECOND, close
from tests.retention.test_erasure_request import let_it_pass, sealed_words_about
from tests.web.pages import send as press

WHY = "De ouders vragen het, via het ziekenhuis."


@pytest.fixture
def place():
    return hospital()


@pytest.fixture
def deliver_one(place):
    maker = supplier()

    def deliver_one(raw, at=place):
        foreseen = rehearse(at, maker, raw)
        answer = deliver(Delivery(at, maker), raw)
        assert foreseen.status == answer.status
        return answer

    return deliver_one


@pytest.fixture
def two():
    return make.user(role=Role.LNR_BEHEER), make.user(role=Role.LNR_BEHEER)


def rules(answer):
    return [(one["rule"], one["variant"]) for one in answer.report["findings"]]


def erased(stay, two):
    (request,) = StayErasure.ask(two[0], stay.number, WHY)
    request.grant(two[1])
    return Stay.get_by_id(stay.id)


def test_a_second_person_erases_and_number_versions_and_trail_stay(deliver_one, place, two):
    deliver_one(message(weight=5000))
    deliver_one(message(version=2, action="vervanging"))
    contact = make.user(role=Role.LNR_CONTACT, hospital=place)
    stay = Stay.get()
    draft = StayDraft.correct(stay, contact)
    before = AuditEvent.select().where(AuditEvent.subject == stay.number).count()
    (request,) = StayErasure.ask(two[0], stay.number.lower(), WHY)
    with pytest.raises(Refused, match="niemand wist alleen"):
        request.grant(two[0])
    assert MessageContent.select().count() == 2

    request.grant(two[1])

    kept = Stay.get_by_id(stay.id)
    assert kept.erased_at and kept.state == StayState.INGETROKKEN and (kept.set_id, kept.version) == ("opname-1", 2)
    assert [getattr(kept, name) for name in ABOUT_THE_CHILD] == [None] * len(ABOUT_THE_CHILD)
    for table in (MessageContent, OpenFinding, StayFact):
        assert table.select().count() == 0
    assert sealed_words_about(Stay, stay, MODELS) == set()
    assert StayDraft.get_by_id(draft.id).content is None and UncountedYear.select().exists()
    assert all(one.report["findings"] == [] for one in Message.select())
    lines = list(AuditEvent.select().where(AuditEvent.subject == stay.number).order_by(AuditEvent.id))
    assert [(one.action, one.actor_id) for one in lines[before:]] == [
        ("lnr.erasure_ask", two[0].id), ("lnr.erasure_grant", two[1].id),
    ]  # fmt: skip
    assert list(integrity_check.problems(deep=True)) == []
    with pytest.raises(Refused, match="al beslist"):
        request.grant(two[1])
    with pytest.raises(Refused, match="al op verzoek gewist"):
        StayErasure.ask(two[0], stay.number, WHY)


@pytest.mark.parametrize(
    "again",
    [
        dict(id="eerste"),
        dict(version=2, action="vervanging"),
        dict(version=7, action="nieuw"),
        dict(version=7, action="intrekking"),
    ],
)
def test_what_comes_again_is_told_that_it_was_erased_and_is_kept_nowhere(deliver_one, two, again):
    deliver_one(message(id="eerste"))
    stay = erased(Stay.get(), two)
    messages = Message.select().count()
    for _ in range(2):
        answer = deliver_one(message(**again))
        assert (answer.status, rules(answer), answer.key) == (422, [("R-04", "erased")], None)
        assert "gewist, op verzoek" in answer.report["findings"][0]["nl"]
    broken = message(version=8).replace(b"<geslacht", b"<geslachten")
    assert rules(deliver_one(broken)) == [("R-04", "erased")]
    assert Message.select().count() == messages and MessageContent.select().count() == 0
    assert Stay.get().last_at == stay.last_at and OpenFinding.select().count() == 0
    assert AuditEvent.select().where(AuditEvent.action == "lnr.refuse").count() == 3


def test_a_stay_that_was_never_accepted_is_erased_too(deliver_one, two):
    assert deliver_one(message(weight=1)).status == 422
    erased(Stay.get(), two)
    assert MessageContent.select().count() == 0 and rules(deliver_one(message())) == [("R-04", "erased")]


def test_a_message_that_was_checked_before_the_erasing_does_not_bring_the_child_back(deliver_one, place, two, monkeypatch):
    deliver_one(message())
    stay, plain, once = Stay.get(), intake.checked, []

    def meanwhile(*args):
        found = plain(*args)
        if not once:
            once.append(erased(stay, two))
        return found

    monkeypatch.setattr(intake, "checked", meanwhile)
    answer = deliver(Delivery(place, Supplier.get()), message(version=2, action="vervanging"))
    assert (answer.status, rules(answer)) == (422, [("R-04", "erased")]) and MessageContent.select().count() == 0


def test_all_stays_of_a_child_by_its_number_and_of_the_own_hospital_for_its_contact(deliver_one, place, two):
    there = hospital(agb="06010102")
    child = ((OWN, "4711"), CHILD_BSN)
    deliver_one(message(child=child))
    deliver_one(message(child=child, agb="06010102", admitted="2026-04-06T09:00:00", discharged="2026-04-09T10:00:00"), there)
    deliver_one(message(child=((OWN, "4712"),), set_id="ander"))
    contact = make.user(role=Role.LNR_CONTACT, hospital=place)

    (own,) = StayErasure.ask(contact, "4711", WHY)
    assert own.stay.hospital == place
    with pytest.raises(Refused, match="Over deze opname wacht al een verzoek"):
        StayErasure.ask(contact, CHILD_BSN[1], WHY)
    (elsewhere,) = StayErasure.ask(two[0], CHILD_BSN[1], WHY)  # of two stays one waits already
    assert elsewhere.stay.hospital == there
    own.grant(two[0])
    elsewhere.grant(two[1])

    assert Stay.select().where(Stay.erased_at.is_null()).get().set_id == "ander"
    told = " ".join(f"{line.subject} {line.detail}" for line in AuditEvent.select())
    assert CHILD_BSN[1] not in told and "4711" not in told
    assert list(integrity_check.problems(deep=True)) == []


def test_what_is_another_hospital_s_is_as_if_it_were_not_there(deliver_one, two):
    deliver_one(message(child=((OWN, "4711"), CHILD_BSN)))
    stay = Stay.get()
    stranger = make.user(role=Role.LNR_CONTACT, hospital=hospital(agb="06010103"))
    for named in (stay.number, "4711", CHILD_BSN[1], "LNR-9999999", str(stay.id)):
        with pytest.raises(Refused, match="geen opname waarover u gaat"):
            StayErasure.ask(stranger, named, WHY)
    (request,) = StayErasure.ask(two[0], stay.number, WHY)
    for other in (stranger, make.user(role=Role.BEHEERDER), make.coordinator()):
        for verb in (request.grant, request.reject):
            with pytest.raises(Refused):
                verb(other)
    assert StayErasure.get_by_id(request.id).granted is None
    request.reject(two[0])
    assert StayErasure.get_by_id(request.id).state == "afgewezen" and not Stay.get().erased_at


@pytest.mark.parametrize("puppet_asks", [True, False])
def test_one_person_with_two_accounts_does_not_erase(deliver_one, two, puppet_asks):
    deliver_one(message())
    boss = make.user(role=Role.BEHEERDER)
    puppets = []
    for number in (1, 2):
        puppet = HeldChange.invite(boss, f"ikzelf{number}@example.com", "Ik Zelf", "", {Role.LNR_BEHEER})
        let_it_pass()
        puppets.append(User.get_by_id(puppet.id))
    asks, second = puppets if puppet_asks else puppets[::-1]
    (request,) = StayErasure.ask(asks, Stay.get().number, WHY)
    with pytest.raises(Refused, match="zonder dat iemand dat bevestigde"):
        request.grant(second)
    assert not Stay.get().erased_at and StayErasure.get().granted is None
    request.grant(two[0])
    assert Stay.get().erased_at


def test_the_others_of_the_management_are_mailed_until_it_is_decided(deliver_one, two):
    deliver_one(message())
    (request,) = StayErasure.ask(two[0], Stay.get().number, WHY)
    (mail,) = Mail.select().where(Mail.name == "stay_erasure")
    text = mail.render().get_body(("plain",)).get_content()
    assert mail.user == two[1] and "/lnr/wissen-op-verzoek/" in text and "LNR-0" not in text and WHY not in text
    request.reject(two[0])
    assert mail.render() is None


def test_a_closed_year_keeps_its_cells_and_the_late_change_is_noted(two):
    made = Registry()
    Hospital.update(nicu=True).where(Hospital.id.in_([one.id for one in made.hospitals.values()])).execute()
    made.send(to=OTHER, **FIRST)
    made.send(died="2025-04-05T10:00:00", place="B", set_id="twee", **SECOND)
    made.next_child()
    made.send(set_id="anders", to=HOME, **FIRST)
    counting.refresh()
    close(two)
    cells = set(CountCell.select().tuples())
    first = Stay.select().order_by(Stay.id).get()
    (request,) = StayErasure.ask(two[0], first.number, WHY, now=AFTER)
    request.grant(two[1], now=AFTER)
    counting.refresh()

    late = {one.stay_id: one.withdrawn for one in LateChange.of_year(2025)}
    assert late[first.id] is True and set(CountCell.select().tuples()) == cells
    assert list(year_closing.differences()) == []
    assert list(integrity_check.problems(deep=True)) == []
    YearClosing.propose(2025, two[0], "De ouders vroegen het.", now=AFTER).confirm(two[1], now=AFTER)
    assert not StayFact.select().where(StayFact.stay == first).exists() and LateChange.select().count() == 0


def test_killed_within_it_nothing_of_it_happened(deliver_one, two, monkeypatch):
    deliver_one(message())
    stay = Stay.get()
    (request,) = StayErasure.ask(two[0], stay.number, WHY)

    def dies(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(StayFact, "settle", dies)
    with pytest.raises(KeyboardInterrupt):
        request.grant(two[1])
    assert MessageContent.select().count() == 1 and not Stay.get().erased_at
    assert StayErasure.get().granted is None and StayFact.select().count() == 1
    assert list(integrity_check.problems(deep=True)) == []


def test_two_people_erase_on_the_page_and_a_double_click_does_no_more(app, login, deliver_one, two):
    deliver_one(message())
    browser, other = (login(app.test_client(), one) for one in two)
    for _ in range(2):
        press(browser, "/lnr/wissen-op-verzoek/new/", named=Stay.get().number, reason=WHY)
    request = StayErasure.get()
    granting = {"action": "grant", "rowid": request.id}
    press(browser, "/lnr/wissen-op-verzoek/action/", granting)
    assert not Stay.get().erased_at

    press(other, "/lnr/wissen-op-verzoek/action/", granting)
    assert "nog hoogstens 184 dagen." in other.get("/lnr/wissen-op-verzoek/").text
    press(other, "/lnr/wissen-op-verzoek/action/", granting)
    assert AuditEvent.select().where(AuditEvent.action == "lnr.erasure_grant").count() == 1
    stay = other.get(f"/lnr/opname/{Stay.get().key}/")
    assert "op verzoek of na de bewaartermijn" in stay.text and "Uw ziekenhuis heeft deze opname ingetrokken" not in stay.text


def test_a_stay_is_destroyed_after_its_term_and_no_second_earlier(deliver_one, two):
    deliver_one(message())
    deliver_one(message(set_id="ingetrokken", child=((OWN, "4712"),)))
    deliver_one(message(set_id="ingetrokken", child=((OWN, "4712"),), version=2, action="intrekking"))
    stay = Stay.get(Stay.set_id == "opname-1")
    StayErasure.ask(two[0], stay.number, WHY)
    over = stay.last_at + timedelta(days=KINDS[RetentionKind.LNR_STAY].days)
    assert RetentionKind.LNR_STAY not in destroy_due(MODELS, over)
    told = next(one for one in foretell(over) if one.kind == RetentionKind.LNR_STAY)
    assert (told.count, told.examples) == (1, [stay.number])

    assert destroy_due(MODELS, over + clock.MINUTE)[RetentionKind.LNR_STAY] == 1
    assert RetentionKind.LNR_STAY not in destroy_due(MODELS, over + clock.MINUTE)

    kept = Stay.get_by_id(stay.id)
    assert kept.erased_at and kept.child is None and MessageContent.select().count() == StayFact.select().count() == 0
    assert AuditEvent.get(AuditEvent.action == "lnr.destroy").subject == stay.number
    assert rules(deliver_one(message(version=2, action="vervanging"))) == [("R-04", "erased")]
    StayErasure.get().grant(two[1])
    assert list(integrity_check.problems(deep=True)) == []


def test_what_is_kept_of_a_child_says_until_when(deliver_one, place):
    deliver_one(message())
    contact = make.user(role=Role.LNR_CONTACT, hospital=place)
    ((_, _, since, until),) = SubjectReport.make(contact, "4711").kept
    assert until.endswith(str(since.year + 30)) or until.endswith(str(since.year + 29))
