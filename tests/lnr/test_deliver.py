import importlib
import json
import re
import threading
from datetime import datetime, timedelta

import pytest

from models import MODELS, access
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.lnr.dataset.definition import AGB, PERINED, URA
from models.lnr.intake import deliver as intake
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.message import Message, MessageContent, Outcome, Route
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.stay import Stay, StayState
from models.lnr.suppliers.supplier import SupplierStatus
from models.retention.destruction import destroy_due
from tests import make
from tests.lnr.messages import CHILD_BSN, MOTHER_BSN, OWN, hospital, message, supplier

NOW = datetime(2026, 5, 1, 12)


@pytest.fixture
def send():
    """send(raw, …): deliver for one hospital and supplier; `send.hospital`, `send.supplier`."""
    place, maker = hospital(), supplier()

    def deliver_one(raw, now=NOW, **more):
        return deliver(Delivery(**{"hospital": place, "supplier": maker, **more}), raw, now)

    deliver_one.hospital, deliver_one.supplier = place, maker
    return deliver_one


def rules(answer, severity="fout"):
    return {finding["rule"] for finding in answer.report["findings"] if finding["severity"] == severity}


def state():
    tables = (Stay, Message, MessageContent, OpenFinding)
    return [sorted(str(row) for row in table.select().dicts()) for table in tables]


def test_a_message_that_is_right_becomes_a_stay_with_its_values():
    place = hospital()
    answer = deliver(Delivery(place, supplier()), message(child=(CHILD_BSN, (OWN, "Kind 7"))), NOW)

    stay = Stay.get()
    assert (answer.status, answer.report["outcome"], answer.report["stay"]) == (200, "geaccepteerd", stay.number)
    assert (stay.state, stay.version, stay.test, stay.year, stay.gestation, stay.intensive) == (
        "ontvangen",
        1,
        False,
        2026,
        200,
        True,
    )
    assert (stay.born, stay.admitted) == (datetime(2026, 3, 1, 7), datetime(2026, 3, 1, 8))
    assert Message.standing(stay).record()["stay"]["birth_weight_g"] == 1000
    assert list(Stay.select().where(Stay.with_own_number(place.id, " kind  7 "))) == [stay]


@pytest.mark.parametrize(("unknown", "year"), [((), 2026), (("admitted",), 2027), (("admitted", "discharged"), 2025)])
def test_the_data_year_is_that_of_admission_else_of_discharge_else_of_birth(unknown, year):
    raw = message(born="2025-12-31T23:00:00", admitted="2026-01-01T00:30:00", discharged="2027-01-01T00:30:00")
    for name, element in (("admitted", "opname_datum"), ("discharged", "ontslag_datum")):
        if name in unknown:
            raw = re.sub(rf'<{element} value="[^"]*"/>'.encode(), f'<{element} nullFlavor="UNK"/>'.encode(), raw)
    assert deliver(Delivery(hospital(), supplier()), raw, datetime(2027, 5, 1)).status == 200

    assert Stay.get().year == year


def test_stays_that_were_there_without_a_year_get_one():
    place, step = hospital(), importlib.import_module("migrations.0016_lnr_years")
    known = {
        "discharged": {"discharged": datetime(2026, 12, 31, 23, 30), "born": datetime(2026, 1, 1)},
        "born": {"born": datetime(2025, 6, 1)},
        "neither": {},
    }
    for name, told in known.items():
        stay = Stay.begun(place, False, "", name, NOW)
        stay.state = StayState.ONTVANGEN
        for field, moment in told.items():
            setattr(stay, field, moment)
        stay.save()
    step.db.initialize(db.obj)

    step._name_years()

    assert {stay.set_id: stay.year for stay in Stay.select()} == {"discharged": 2027, "born": 2025, "neither": 2026}


def test_numbers_of_people_stand_nowhere_in_clear(send):
    raw = message(child=(CHILD_BSN, (OWN, "CNRY-KIND")), mother=(MOTHER_BSN, (OWN, "CNRY-MOEDER")))
    send(raw)
    send(message(id="kapot", child=((OWN, "CNRY-KIND"),), admitted="1999-01-01"))

    kept = [
        row for table in ("lnr_stay", "lnr_message", "lnr_flaw", "event") for row in db.execute_sql(f"SELECT * FROM {table}")
    ]
    sealed = [bytes(part) for row in db.execute_sql("SELECT original, record FROM lnr_content") for part in row if part]
    assert len(sealed) == 3
    for number in ("CNRY", CHILD_BSN[1], MOTHER_BSN[1]):
        assert number not in str(kept) and not any(number.encode() in part for part in sealed)


@pytest.mark.parametrize("days", [0, 400])
def test_the_same_bytes_again_give_the_same_answer_and_only_a_line_in_the_trail(send, days):
    raw = message()
    first, before, later = send(raw), state(), NOW + timedelta(days=days)

    assert send(raw, now=later) == send(raw, now=later) == first
    assert state() == before and Message.select().count() == 1
    told = [(event.at, event.subject) for event in AuditEvent.select().where(AuditEvent.action == "lnr.repeat")]
    assert told == [(later, first.report["stay"])] * 2
    assert first.report["received_at"] == "2026-05-01T12:00:00Z"


def test_a_refused_message_also_gives_the_same_answer_again(send):
    raw = message(admitted="2026-02-01T09:00:00")  # before birth
    first = send(raw)

    assert first.status == 422 and send(raw) == first
    assert Message.select().count() == 1


def test_a_message_that_the_schema_refuses_for_its_missing_id_is_kept_once(send):
    raw = message(id="weg").replace(f'<identificatie root="{OWN}" value="weg"/>'.encode(), b"")
    first, before = send(raw), state()

    assert first.status == 422 and first.report["stay"] and rules(first) == {"R-01"}
    assert send(raw, now=NOW + timedelta(days=1)) == send(raw, now=NOW + timedelta(days=2)) == first
    assert state() == before and Message.select().count() == 1


def test_a_replacement_that_comes_first_is_the_first_version_and_an_older_one_is_history(send):
    first = send(message(version=2, action="vervanging", weight=1200))
    late = send(message(version=1))

    assert (first.status, late.status) == (200, 409) and "R-04" in rules(first, "waarschuwing")
    assert (Stay.get().version, Message.standing(Stay.get()).record()["stay"]["birth_weight_g"]) == (2, 1200)


def test_two_systems_that_number_alike_are_told_to_send_a_root(send):
    def bare(**more):
        return message(**more).replace(f' root="{OWN}"'.encode(), b"")

    send(bare(id="1", set_id="1"))
    answer = send(bare(id="1", set_id="1", child=((OWN, "4712"),), admitted="2026-03-03T09:00:00"))
    assert answer.status == 409
    hints = {finding["rule"]: finding["hint_nl"] for finding in answer.report["findings"] if finding["severity"] == "fout"}
    assert "root" in hints["R-03"] and "root" in hints["R-04"]


@pytest.mark.parametrize(("raw", "test"), [
    (message(processing="T")[:-20], True), (message(processing="P")[:-20], False), (b"<onleesbaar", False),
    (message(processing="T").decode().encode("utf-16"), True), (message(processing="P").decode().encode("utf-16"), False),
    (message(processing="T")[:200], True),
])  # fmt: skip
def test_what_cannot_be_read_is_a_test_when_it_says_so(send, raw, test):
    assert send(raw).status == 400 and Message.get().test is test


def test_a_message_id_with_other_content_is_a_conflict(send):
    send(message(id="een"))
    before = state()

    answer = send(message(id="een", set_id="opname-2", admitted="2026-03-02T09:00:00"))

    assert (answer.status, answer.key) == (409, None) and "R-03" in rules(answer)
    assert state() == before


def test_a_higher_version_replaces_and_an_older_one_does_not(send):
    send(message(version=1))
    assert send(message(version=3, action="vervanging", weight=1300)).status == 200
    late = send(message(version=2, action="vervanging", weight=1200))
    same = send(message(version=3, action="vervanging", weight=1250))

    stay = Stay.get()
    assert (late.status, same.status) == (409, 409) and "R-04" in rules(late) & rules(same)
    assert (stay.version, Message.standing(stay).record()["stay"]["birth_weight_g"]) == (3, 1300)
    assert [one.outcome for one in Message.of_stay(stay)] == ["verouderd", "verouderd", "aanvaard", "aanvaard"]


def test_a_new_message_about_a_stay_that_is_there_is_refused_and_changes_nothing_of_it(send):
    send(message(version=1))
    answer = send(message(version=2))

    assert answer.status == 422 and Stay.get().version == 1


def test_a_withdrawal_leaves_a_name_and_nothing_else(send):
    send(message(child=(CHILD_BSN, (OWN, "4711"))))
    send(message(version=2, action="vervanging", admitted="2026-02-01T09:00:00"))  # refused
    answer = send(message(version=3, action="intrekking", child=(CHILD_BSN, (OWN, "4711"))))

    stay = Stay.get()
    assert answer.status == 200 and (stay.state, stay.version) == (StayState.INGETROKKEN, 3)
    about = (stay.child, stay.own_number, stay.mother, stay.born, stay.admitted, stay.discharged, stay.gestation, stay.place)
    assert set(about) == {None} and MessageContent.select().count() == OpenFinding.select().count() == 0
    assert Message.standing(stay) is None
    assert all(one.report["findings"] == [] for one in Message.of_stay(stay) if one.version < 3)
    assert "lnr.withdraw" in {event.action for event in AuditEvent.select()}


def test_a_withdrawal_can_be_repeated_and_what_came_before_it_stays_away(send):
    first = message(id="eerste")
    send(first)
    withdrawal = message(version=2, action="intrekking")
    answer = send(withdrawal)

    assert send(withdrawal) == answer
    assert send(first).status == 200 and Stay.get().state == StayState.INGETROKKEN
    assert send(message(version=1, action="vervanging")).status == 409
    assert MessageContent.select().where(MessageContent.record.is_null(False)).count() == 0


def test_a_message_for_another_hospital_is_kept_nowhere(send):
    hospital(agb="06020202")
    answer = send(message(agb="06020202"))

    assert (answer.status, answer.key) == (403, None) and "R-02" in rules(answer)
    assert Message.select().count() == Stay.select().count() == 0
    event = AuditEvent.select().order_by(AuditEvent.id.desc()).first()
    assert (event.action, event.result, event.hospital) == ("lnr.refuse", "geweigerd", send.hospital)


def test_a_hospital_without_numbers_cannot_be_delivered_for():
    assert deliver(Delivery(make.hospital(), supplier()), message(), NOW).status == 403


def test_every_number_of_the_institution_has_to_be_of_the_hospital_of_the_key():
    delivery = Delivery(make.hospital(agb="06010101", ura="00001234"))

    assert delivery.may_send_for([(AGB, "06010101"), (PERINED, "0001")])
    assert not delivery.may_send_for([(AGB, "06010101"), (URA, "00009999")])
    assert not delivery.may_send_for([(PERINED, "0001")]) and not delivery.may_send_for([])
    for other in ("99999999", "123", ""):
        assert not delivery.may_send_for([(AGB, other), (AGB, "06010101")])
        assert not delivery.may_send_for([(AGB, "06010101"), (AGB, other)])


def test_a_name_of_a_stay_is_the_same_however_its_letters_are_put_together(send):
    send(message(set_id="\u00e91", id="caf\u00e9"))
    assert send(message(set_id="e\u03011", version=2, action="vervanging")).status == 200
    again = send(message(set_id="andere", id="cafe\u0301", admitted="2026-03-02T09:00:00"))
    assert again.status == 409 and "R-03" in rules(again)
    assert Stay.get().set_id == "\u00e91"


@pytest.mark.parametrize(
    ("status", "production"), [(SupplierStatus.AANGEMELD, 403), (SupplierStatus.GETEST, 403), (SupplierStatus.TOEGELATEN, 200)]
)
def test_only_an_admitted_supplier_sends_what_counts_and_everybody_may_test(send, status, production):
    maker = supplier(status)

    assert send(message(processing="T"), supplier=maker).status == 200
    assert send(message(processing="P"), supplier=maker).status == production


def test_tests_live_apart_from_what_counts(send):
    send(message(processing="T"))
    assert send(message(processing="P")).status == 200
    assert send(message(processing="T", version=2, action="vervanging")).status == 200

    assert [(stay.test, stay.version) for stay in Stay.select().order_by(Stay.id)] == [(True, 2), (False, 1)]
    assert Stay.real().count() == Stay.of_hospital(send.hospital).count() == 1


def test_the_same_child_admitted_at_the_same_minute_under_another_name_is_a_double(send):
    send(message(child=(CHILD_BSN,)))
    double = send(message(set_id="opname-2", child=(CHILD_BSN, (OWN, "anders")), admitted="2026-03-01T09:00:30"))

    assert double.status == 422 and "R-41" in rules(double)
    assert send(message(set_id="opname-3", child=(CHILD_BSN,), admitted="2026-03-01T09:01:00")).status == 200


def test_the_same_child_in_two_hospitals_at_once_is_on_both_lists_until_it_is_put_right(send):
    other = hospital(agb="06020202")
    first = send(message(child=(CHILD_BSN,)))
    second = send(message(agb="06020202", child=(CHILD_BSN,), admitted="2026-04-01T09:00:00"), hospital=other)
    ours, theirs = (Stay.get(Stay.hospital == place) for place in (send.hospital, other))

    assert "R-40" not in rules(first, "waarschuwing") and "R-40" in rules(second, "waarschuwing")
    assert {flaw.rule for flaw in OpenFinding.of_stay(ours)} >= {"R-40"} and {
        flaw.rule for flaw in OpenFinding.of_stay(theirs)
    } >= {"R-40"}
    assert all(flaw.message.hospital_id == flaw.hospital_id for flaw in OpenFinding.select())
    before = ours.warnings
    again = message(
        version=2,
        action="vervanging",
        agb="06020202",
        child=(CHILD_BSN,),
        admitted="2026-04-06T09:00:00",
        discharged="2026-04-09",
    )
    send(again, hospital=other)
    assert "R-40" not in {flaw.rule for stay in (ours, theirs) for flaw in OpenFinding.of_stay(stay)}
    assert Stay.get_by_id(ours.id).warnings == before - 1


def test_a_double_place_keeps_its_first_day_when_the_hospital_itself_sends_again(send):
    other = hospital(agb="06020202")
    send(message(child=(CHILD_BSN,)))
    send(message(agb="06020202", child=(CHILD_BSN,), admitted="2026-04-01T09:00:00"), hospital=other)
    send(message(child=(CHILD_BSN,), version=2, action="vervanging"), now=NOW + timedelta(days=9))

    flaws = OpenFinding.select().where(OpenFinding.rule == "R-40", OpenFinding.hospital == send.hospital)
    assert [(flaw.first_at, flaw.resolved_at) for flaw in flaws] == [(NOW, None)]


NICU = {"child": (CHILD_BSN,), "admitted": "2026-03-01T09:00:00", "discharged": "2026-03-10T10:00:00"}
LATER = {"set_id": "vervolg", "child": (CHILD_BSN,), "admitted": "2026-03-10T11:00:00", "intensive": False}


def in_scope(set_id):
    return Message.standing(Stay.get(Stay.set_id == set_id)).record()["derived"]["in_scope"]


def test_a_stay_is_not_in_scope_because_of_what_it_said_itself_before(send):
    send(message(**NICU))
    send(message(**NICU, version=2, action="vervanging", intensive=False))
    assert in_scope("opname-1") is False


@pytest.mark.parametrize("child", [(CHILD_BSN,), ((OWN, "4711"),)])
def test_a_later_stay_is_in_scope_in_whatever_order_the_two_arrive(send, child):
    send(message(**LATER | {"child": child}))
    assert in_scope("vervolg") is False
    send(message(**NICU | {"child": child}))
    assert in_scope("vervolg") is True
    send(message(**NICU | {"child": child}, version=2, action="vervanging", intensive=False))
    assert (in_scope("vervolg"), in_scope("opname-1")) == (False, False)


def test_a_stay_in_a_general_ward_before_the_nicu_is_not_in_scope(send):
    before = {"set_id": "eerder", "child": (CHILD_BSN,), "admitted": "2026-03-01T08:30:00", "discharged": "2026-03-01T09:00:00"}
    send(message(**NICU))
    send(message(**before, intensive=False))
    assert in_scope("eerder") is False
    send(message(**LATER))
    assert in_scope("vervolg") is True


def test_a_stay_in_another_hospital_after_the_nicu_is_in_scope_until_that_was_withdrawn(send):
    other = hospital(agb="06020202")
    send(message(**LATER, agb="06020202"), hospital=other)
    send(message(**NICU))
    assert in_scope("vervolg") is True
    send(message(**NICU, version=2, action="intrekking"))
    assert in_scope("vervolg") is False


def test_what_a_later_message_no_longer_has_is_solved_by_it_and_the_rest_keeps_its_first_day(send):
    later = NOW + timedelta(days=10)
    send(message(weight=3000, days=200))  # far too heavy
    stay = Stay.get()
    first = {(flaw.rule, flaw.path): flaw for flaw in OpenFinding.of_stay(stay)}
    assert stay.warnings == len(first) > 1 and stay.errors == 0

    send(message(version=2, action="vervanging", weight=1000, days=200), now=later)
    stay, left = Stay.get(), {(flaw.rule, flaw.path): flaw for flaw in OpenFinding.of_stay(Stay.get())}
    assert stay.warnings == len(left) == len(first) - 1
    assert {flaw.first_at for flaw in left.values()} == {NOW}
    (solved,) = OpenFinding.select().where(OpenFinding.resolved_at.is_null(False))
    assert (solved.rule, solved.resolved_at, solved.resolved_by.version) == ("R-17", later, 2)


def test_a_refused_correction_adds_its_errors_and_solves_nothing(send):
    send(message())
    warnings = Stay.get().warnings
    send(message(version=2, action="vervanging", admitted="2026-02-01T09:00:00"))

    stay = Stay.get()
    assert (stay.state, stay.version) == (StayState.ONTVANGEN, 1)
    assert stay.errors > 0 and stay.warnings >= warnings
    assert {flaw.stay for flaw in OpenFinding.standing()} == {stay}
    send(message(version=2, action="vervanging"))
    assert Stay.get().errors == 0


@pytest.mark.parametrize("raw", [b"", b"\x00", b"geen xml", b"<!DOCTYPE a><a/>", "<a/>".encode("utf-16"), b"<a>" * 100_000])
def test_what_cannot_be_read_is_answered_and_kept_without_its_content(send, raw):
    answer = send(raw)

    assert answer.status in (400, 413)
    assert Message.get().outcome == Outcome.ONLEESBAAR and MessageContent.select().count() == 0
    assert send(raw) == answer


def test_xml_that_is_no_message_is_refused_and_kept(send):
    answer = send(b"<iets/>")

    assert answer.status == 422 and Message.get().outcome == Outcome.GEWEIGERD and Stay.select().count() == 0


def test_the_original_opens_for_the_contact_of_the_hospital_only_and_the_trail_tells_it(send):
    raw = message()
    send(raw)
    kept, contact = Message.get(), make.user(role=Role.LNR_CONTACT, hospital=send.hospital)
    for person in (make.user(role=Role.LNR_CONTACT), make.user(role=Role.LNR_BEHEER), make.user(hospital=send.hospital)):
        with pytest.raises(Refused):
            kept.original(person)
    assert not AuditEvent.select().where(AuditEvent.action == "lnr.original").exists()

    assert kept.original(contact) == raw
    assert AuditEvent.get(AuditEvent.action == "lnr.original").actor == contact


def test_the_original_of_a_refused_message_is_kept_for_a_while(send):
    send(message(admitted="2026-02-01T09:00:00"))
    send(message(set_id="goed"))

    assert destroy_due(MODELS, NOW + timedelta(days=29)) == {}
    assert destroy_due(MODELS, NOW + timedelta(days=31)) == {"lnr_refused": 1}
    assert MessageContent.get().message.outcome == Outcome.AANVAARD


def test_a_person_of_the_hospital_may_bring_a_message_too_and_nobody_else(send):
    contact = make.user(role=Role.LNR_CONTACT, hospital=send.hospital)
    brought = {"supplier": None, "route": Route.BESTAND}

    assert send(message(), by=contact, **brought).status == 200
    assert (Message.get().by, Message.get().route) == (contact, "bestand")
    with pytest.raises(Refused):
        send(message(set_id="twee"), by=make.user(hospital=send.hospital), **brought)


def test_a_message_that_came_by_hand_and_then_by_itself_is_one(send):
    contact, raw = make.user(role=Role.LNR_CONTACT, hospital=send.hospital), message()
    by_hand = send(raw, by=contact, supplier=None, route=Route.BESTAND)

    assert send(raw) == by_hand and Stay.select().count() == Message.select().count() == 1


def test_who_reaches_a_stay(send):
    send(message())
    contact, manager = make.user(role=Role.LNR_CONTACT, hospital=send.hospital), make.user(role=Role.LNR_BEHEER)
    for model in (Stay, Message, MessageContent, OpenFinding):
        rows = list(model.select())
        assert rows and list(access.visible(model, contact)) == list(access.visible(model, manager)) == rows
        others = [make.user(hospital=send.hospital), make.user(role=Role.LNR_CONTACT), make.user(role=Role.BEHEERDER), None]
        assert not any(list(access.visible(model, person)) for person in (*others, make.coordinator()))


@pytest.mark.parametrize("step", range(1, 12))
def test_a_step_that_fails_leaves_nothing_half(send, monkeypatch, step):
    """Whatever statement is the last before the lights go out: everything or nothing, and the sender can repeat it."""
    send(message(weight=3000))
    before, raw = state(), message(version=2, action="vervanging", weight=1000)
    execute, left = db.obj.execute_sql, iter(range(step))

    def breaking(sql, *args, **kwargs):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and next(left, None) is None:
            raise InterruptedError
        return execute(sql, *args, **kwargs)

    monkeypatch.setattr(db.obj, "execute_sql", breaking)
    try:
        send(raw)
        done = True
    except InterruptedError:
        done = False
    monkeypatch.undo()

    assert done or state() == before
    assert send(raw).status == 200 and Stay.get().version == 2


def test_many_at_once_make_one_stay_one_message_and_one_order(send):
    """The same bytes, other versions and the same id with other content, from eight threads together."""
    send(message(version=1))
    same = message(id="zelfde", version=50, action="vervanging")
    sent = [same] * 8 + [message(version=number, action="vervanging") for number in range(2, 18)]
    sent += [message(id="botst", version=60, action="vervanging", weight=1000 + number) for number in range(8)]
    answers, problems = [], []

    def work(part):
        try:
            with db.connection_context():
                answers.extend((raw, send(raw)) for raw in part)
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(sent[number::8],)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert len({json.dumps([answer.status, answer.key]) for raw, answer in answers if raw == same}) == 1
    assert Stay.select().count() == 1 and Stay.get().version in (50, 60)
    accepted = [row.version for row in Message.select().where(Message.outcome == Outcome.AANVAARD).order_by(Message.id)]
    assert accepted == sorted(set(accepted))
    assert Message.select().where(Message.message_id == "botst").count() == 1
    assert list(AuditEvent.broken_links()) == []


@pytest.fixture
def overtake(send, monkeypatch):
    """overtake(rival): this message is kept between the check of the next one and its keeping."""

    def arrange(rival):
        checked, rivals = intake.check, iter([rival])

        def overtaken(raw, now, context):
            verdict = checked(raw, now, context)
            if rival := next(rivals, None):
                assert send(rival).status == 200
            return verdict

        monkeypatch.setattr(intake, "check", overtaken)

    return arrange


def test_two_doubles_at_once_are_not_both_taken(send, overtake):
    """Between the check and the keeping of one, the other is kept: the database refuses the second, and it meets the first."""
    overtake(message(set_id="opname-2", child=(CHILD_BSN,)))
    answer = send(message(set_id="opname-1", child=(CHILD_BSN,)))

    assert answer.status == 422 and "R-41" in rules(answer)


def test_a_version_that_was_overtaken_after_its_check_is_late(send, overtake):
    send(message(version=1))
    overtake(message(version=3, action="vervanging"))

    assert send(message(version=2, action="vervanging")).status == 409
    assert Stay.get().version == 3
