import json
import threading
from datetime import datetime, timedelta

import pytest

from models import MODELS, access
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.forms.edit_conflict import EditConflict
from models.lnr.dataset.definition import BSN, Definition, definition
from models.lnr.entry.draft import KEPT_DAYS, StayDraft
from models.lnr.entry.draft_message import Entered, place, split
from models.lnr.entry.entry_items import typed
from models.lnr.entry.prefill import taken_over, values_of
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.intake.portal_messages import withdraw
from models.lnr.message import message_writer
from models.lnr.message.validation import check
from models.lnr.registry.message import Message, MessageContent, Route
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.stay import Stay, StayState
from models.lnr.specification import examples
from models.lnr.specification.examples import INSTITUTION
from models.lnr.specification.filled_example import some
from models.retention.destruction import destroy_due
from tests import make
from tests.lnr import messages

NOW = datetime(2026, 5, 1, 9)
STORIES = {
    # A BSN of an example may not be sent for real.
    "35 weken": examples.late_preterm(), "27 weken": examples.preterm("27") | {"child_ids": [("", "VB-2002")]},
    "overleden": examples.died_in_nicu(),
}  # fmt: skip


@pytest.fixture
def contact():
    return make.user(role=Role.LNR_CONTACT, hospital=messages.hospital(agb=examples.INSTITUTION[1]))


def fill(entry, by, given):
    """Type every value of {place: kept}, as a page would send it."""
    for at, kept in given.items():
        _, before = revision(entry, at)
        entry.put(at, typed(split(at)[0]).fields(kept), by, before, NOW)
    return entry


def revision(entry, at):
    return StayDraft.get_by_id(entry.id).cells().get(at, (None, 0))


def finished(by, story="35 weken"):
    return fill(StayDraft.begin(by, NOW), by, taken_over(STORIES[story]))


def without_marks(values):
    """Without the ids of rows and what points at them: those are of the message alone."""
    rows = {name: [_unmarked(row) for row in said] for name, said in values.items() if _is_rows(said)}
    return values | rows


def _unmarked(row):
    return {name: value for name, value in row.items() if name != "id" and not name.endswith("_ref")}


def _is_rows(said):
    return isinstance(said, list) and said and isinstance(said[0], dict) and not {"null", "code"} & said[0].keys()


@pytest.mark.parametrize("story", STORIES)
def test_what_is_typed_gives_the_same_record_as_the_message(contact, story):
    message = finished(contact, story).send(contact, NOW)

    alike = check(message_writer.build(STORIES[story]), NOW)
    assert message.record() == json.loads(
        json.dumps(
            {"stay": alike.stay, "derived": alike.derived, "why": alike.why, "completeness": alike.completeness}, default=str
        )
    )
    assert message.route == Route.FORMULIER and not message.test and message.by == contact


def test_a_withdrawal_empties_the_correction_that_somebody_was_typing(contact):
    stay = finished(contact).send(contact, NOW).stay
    draft = StayDraft.correct(stay, contact, NOW)
    withdraw(stay, contact, NOW)

    assert (
        StayDraft.get_by_id(draft.id).content is None
        and not access.visible(StayDraft, contact).where(StayDraft.unsent()).exists()
    )
    with pytest.raises(Refused, match="niets wat u kunt corrigeren"):
        StayDraft.correct(Stay.get_by_id(stay.id), contact, NOW)


def test_a_stay_that_was_never_accepted_is_corrected_from_its_refused_message(contact):
    values = STORIES["35 weken"] | {"processing_code": "P", "discharge_datetime": "2026-01-01T10:00:00"}
    raw = message_writer.build(values)
    assert deliver(Delivery(contact.hospital, messages.supplier()), raw, NOW).status == 422
    stay = Stay.get()
    draft = StayDraft.correct(stay, contact, NOW)
    assert "discharge_datetime" in {at for at, (kept, _) in draft.cells().items() if kept} and draft.entered(NOW).errors

    right = taken_over(STORIES["35 weken"])["discharge_datetime"]
    message = fill(draft, contact, {"discharge_datetime": right}).send(contact, NOW)
    assert (message.stay, message.stay.state, message.version) == (stay, StayState.ONTVANGEN, 2)


def test_a_refused_message_that_the_schema_does_not_hold_valid_is_not_taken_into_a_form(contact):
    raw = message_writer.build(STORIES["35 weken"] | {"processing_code": "P"}).replace(b"<geslacht", b"<geslachte")
    assert deliver(Delivery(contact.hospital, messages.supplier()), raw, NOW).status == 422
    with pytest.raises(Refused, match="niets wat u kunt corrigeren"):
        StayDraft.correct(Stay.get(), contact, NOW)


def test_every_value_of_the_fullest_message_can_be_typed_and_reads_the_same(contact):
    values = examples._told_more()
    alike = check(message_writer.build(values), NOW)

    entry = fill(StayDraft.begin(contact, NOW), contact, taken_over(values))

    told = entry.entered(NOW).verdict.stay
    assert without_marks(told) == without_marks(alike.stay)
    assert told["gi_procedures"][0]["gi_procedure_indication_ref"] == told["gi_problems"][0]["id"]


@pytest.mark.parametrize("name", [one.name for one in definition().items.values() if one.section != "A"])
def test_every_item_can_be_typed_and_is_read_back_as_it_was_kept(name):
    item = definition().items[name]
    value = some(item, definition(), INSTITUTION) if item.type != "verwijzing" else "gi_problems.1"
    ((_, kept),) = taken_over({name: value}).items() if item.row_group is None else [(place(item, 1), value)]
    kept = [list(one) for one in kept] if item.type == "nummer" else kept

    assert typed(item).read(typed(item).fields(kept), kept) == kept


def test_an_item_that_is_added_to_the_definition_has_a_field_and_reaches_the_message(tmp_path):
    for file in definition().folder.glob("*.csv"):
        text = file.read_text(encoding="utf-8")
        if file.name == "dataset.csv":
            line = next(line for line in text.splitlines() if ",apgar_10," in line)
            path = line.partition(",")[0]
            text = text.replace(line, f"{line}\n{line.replace('apgar_10', 'apgar_20').replace(path, path + '_20')}", 1)
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    newer = Definition(tmp_path)

    item, _ = split("apgar_20", newer)
    entered = Entered({"apgar_20": typed(item, newer).read({"": ["9"]})}, examples.envelope("x"), now=NOW, of=newer)

    assert (item, 0) in list(entered.fields())
    assert entered.raw.count(b'value="9"') == 1


def test_a_value_that_cannot_be_is_told_at_its_field_with_the_rule(contact):
    entry = StayDraft.begin(contact, NOW)

    entered = entry.put("apgar_5", {"": ["11"]}, contact, 0, NOW).filled

    (found,) = entered.findings["apgar_5"]
    assert found.rule == "R-15" and "10" in found.nl and found.hint_nl


def test_a_finding_in_the_second_row_is_told_at_the_second_row(contact):
    entry = finished(contact)
    fill(entry, contact, {"infection_present": True, "infections.1.infection_code": "10001005"})

    entered = entry.put("infections.4.infection_code", {"": ["59527008"]}, contact, 0, NOW).filled

    rules = {at: {one.rule for one in told} for at, told in entered.findings.items()}
    assert "R-22" in rules["infections.1.infection_status"] and "R-22" in rules["infections.4.infection_status"]
    assert "infections.2.infection_status" not in rules


def test_fields_are_asked_for_on_their_condition(contact):
    entry = StayDraft.begin(contact, NOW)
    assert "multiple_birth" in entry.entered(NOW).shown and "birth_order" not in entry.entered(NOW).shown

    entry.put("multiple_birth", {"": ["true"]}, contact, 0, NOW)
    assert "birth_order" in entry.entered(NOW).shown

    entry.put("birth_order", {"": ["2"]}, contact, 0, NOW)
    entered = entry.put("multiple_birth", {"": ["false"]}, contact, 1, NOW).filled
    assert "birth_order" in entered.shown  # it holds something that would be sent


def test_a_field_that_a_later_answer_decides_about_is_there_until_it_does_not_apply(contact):
    entry = StayDraft.begin(contact, NOW)
    assert {"discharge_datetime", "aabr_done", "magnesium_sulphate"} <= set(entry.entered(NOW).shown)
    assert "discharge_datetime" not in entry.entered(NOW).open

    entry.put("gestational_age_days", {"weken": ["38"], "dagen": ["0"]}, contact, 0, NOW)
    entered = entry.put("still_admitted", {"": ["true"]}, contact, 0, NOW).filled

    assert not {"discharge_datetime", "magnesium_sulphate"} & set(entered.shown)


def test_a_condition_looks_at_what_the_registry_computes(contact):
    entry = finished(contact)
    assert "discharge_destination" in entry.entered(NOW).shown

    entry.put("discharge_destination", {"": [""]}, contact, 1, NOW)
    entry.put("still_admitted", {"": ["true"]}, contact, 1, NOW)
    entered = entry.put("discharge_datetime", {"dag": [""], "tijd": [""]}, contact, 1, NOW).filled

    assert "discharge_destination" not in entered.shown


@pytest.mark.parametrize(
    ("name", "sent", "sentence"),
    [
        ("apgar_5", {"": ["zeven"]}, "Vul een getal in"),
        ("apgar_5", {"": ["7,5"]}, "heel getal"),
        ("apgar_5", {"": ["7,000"]}, "Bedoelt u 7000 of 7?"),
        ("birth_datetime", {"dag": ["31-2-2026"], "tijd": [""]}, "bestaat niet"),
        ("birth_datetime", {"dag": [""], "tijd": ["04:12"]}, "ook de datum"),
        ("postcode", {"": ["012"]}, "vier cijfers"),
        ("sex", {"": ["X"]}, "kan hier niet"),
        ("child_ids", {"anders": ["UNK"]}, "kan hier niet"),
        ("admission_indication", {"": ["366323009", "46775006", "OTH"]}, "hoogstens 2"),
        ("admission_indication", {"": ["366323009", "UNK"]}, "niet samen"),
        ("geen", {"": ["1"]}, "bestaat niet"),
        ("message_id", {"": ["1"]}, "bestaat niet"),
    ],
)
def test_what_is_no_answer_is_refused_with_a_sentence_and_not_kept(contact, name, sent, sentence):
    entry = StayDraft.begin(contact, NOW)

    with pytest.raises(Refused, match=sentence):
        entry.put(name, sent, contact, 0, NOW)

    assert StayDraft.get_by_id(entry.id).cells() == {}


def test_two_colleagues_at_one_field_are_told_of_each_other(contact):
    colleague = make.user(role=Role.LNR_CONTACT, hospital=contact.hospital, name="Collega")
    entry = StayDraft.begin(contact, NOW)
    entry.put("apgar_5", {"": ["7"]}, colleague, 0, NOW)

    with pytest.raises(EditConflict) as clash:
        entry.put("apgar_5", {"": ["8"]}, contact, 0, NOW)

    assert (clash.value.mine, clash.value.theirs, clash.value.by, clash.value.revision) == ("8", "7", colleague, 1)
    assert entry.put("apgar_5", {"": ["7"]}, contact, 0, NOW).revision == 1  # saving the same is no quarrel
    assert entry.put("apgar_1", {"": ["8"]}, contact, 0, NOW).revision == 1  # another field is none either


def test_an_unfinished_stay_is_not_sent_and_nothing_is_kept_of_trying(contact):
    entry = StayDraft.begin(contact, NOW)

    with pytest.raises(Refused, match="verbeter eerst"):
        entry.send(contact, NOW)

    assert not Message.select().exists() and not Stay.select().exists()
    assert StayDraft.get_by_id(entry.id).is_draft


def test_sending_twice_sends_once_and_empties_the_form(contact):
    entry = finished(contact)
    second_window = StayDraft.get_by_id(entry.id)

    assert entry.send(contact, NOW) == second_window.send(contact, NOW + timedelta(seconds=1))

    assert Message.select().count() == 1 and Stay.get().version == 1
    assert not StayDraft.get_by_id(entry.id).is_draft
    with pytest.raises(Refused, match="al verstuurd"):
        second_window.put("apgar_5", {"": ["8"]}, contact, 0, NOW)


def test_numbers_of_people_are_sealed_in_the_form_and_pseudonyms_after_it(contact):
    entry = finished(contact)
    entry.put("child_ids", {"0": ["CNRY-1001"], "1": ["999900006"]}, contact, 1, NOW)

    sealed = bytes(StayDraft._meta.database.execute_sql("SELECT content FROM lnr_entry").fetchone()[0])
    assert b"CNRY" not in sealed and b"999900006" not in sealed
    with pytest.raises(Refused):
        entry.send(contact, NOW)  # 9999… is for examples only
    entry.put("child_ids", {"0": ["CNRY-1001"], "1": ["111222333"]}, contact, 2, NOW)
    entry.send(contact, NOW)

    stay = Stay.get()
    assert stay.child and stay.own_number and "CNRY" not in f"{stay.child}{stay.own_number}"
    assert "CNRY" not in " ".join(f"{one.subject} {one.detail}" for one in AuditEvent.select())


def test_correcting_begins_with_what_the_registry_has_and_makes_the_next_version(contact):
    finished(contact, "27 weken").send(contact, NOW)
    stay = Stay.get()

    entry = StayDraft.correct(stay, contact, NOW)
    assert StayDraft.correct(stay, contact, NOW) == entry  # a double click
    assert entry.cells()["mother_ids"][0] == [["", "VB-M-2002"]]
    entry.put("birth_weight_g", {"": ["1020"]}, contact, 1, NOW)
    entry.send(contact, NOW)

    stay = Stay.get()
    message = Message.standing(stay)
    assert (stay.version, message.action) == (2, "vervanging")
    first = Message.select().order_by(Message.id).first().record()["stay"]
    assert message.record()["stay"] == first | {"birth_weight_g": 1020}


def test_a_message_of_a_supplier_is_corrected_by_hand_with_every_value_of_it(contact):
    raw = messages.message(
        agb=contact.hospital.agb, child=((messages.OWN, "4711"), (BSN, "111222333")), mother=(messages.MOTHER_BSN,)
    )
    deliver(Delivery(contact.hospital, supplier=messages.supplier()), raw, NOW)

    StayDraft.correct(Stay.get(), contact, NOW).send(contact, NOW)

    first, second = Message.select().order_by(Message.id)
    assert first.record()["stay"] == second.record()["stay"]
    assert values_of(second.original(contact))["child_ids"] == [[messages.OWN, "4711"], [BSN, "111222333"]]


def test_a_correction_of_an_older_version_does_not_overrule_a_newer_one(contact):
    deliver(Delivery(contact.hospital, supplier=messages.supplier()), messages.message(agb=contact.hospital.agb), NOW)
    entry = StayDraft.correct(Stay.get(), contact, NOW)
    newer = messages.message(version=2, action="vervanging", weight=1100, agb=contact.hospital.agb)
    deliver(Delivery(contact.hospital, supplier=messages.supplier()), newer, NOW)

    with pytest.raises(Refused, match="verbeter eerst"):
        entry.send(contact, NOW)

    assert {one.rule for one in entry.entered(NOW).findings[""]} == {"R-04"}
    assert Stay.get().version == 2


def test_withdrawing_empties_the_stay_and_twice_changes_nothing(contact):
    finished(contact).send(contact, NOW)

    withdraw(Stay.get(), contact, NOW)
    withdraw(Stay.get(), contact, NOW)

    stay = Stay.get()
    assert (stay.state, stay.version, stay.child) == (StayState.INGETROKKEN, 2, None)
    assert Message.select().count() == 2 and not MessageContent.select().exists() and not OpenFinding.select().exists()
    with pytest.raises(Refused, match="niets wat u kunt corrigeren"):
        StayDraft.correct(stay, contact, NOW)


def test_a_stay_of_test_messages_is_neither_corrected_nor_withdrawn_by_hand(contact):
    raw = messages.message(agb=contact.hospital.agb, processing="T")
    deliver(Delivery(contact.hospital, supplier=messages.supplier()), raw, NOW)

    for verb in (lambda: StayDraft.correct(Stay.get(), contact, NOW), lambda: withdraw(Stay.get(), contact, NOW)):
        with pytest.raises(Refused):
            verb()


def test_another_hospital_neither_corrects_nor_withdraws(contact):
    finished(contact).send(contact, NOW)
    stranger = make.user(role=Role.LNR_CONTACT, hospital=messages.hospital(agb="06020202"))

    for verb in (lambda: StayDraft.correct(Stay.get(), stranger, NOW), lambda: withdraw(Stay.get(), stranger, NOW)):
        with pytest.raises(Refused):
            verb()


def test_a_hospital_without_a_number_is_told_before_anybody_types():
    with pytest.raises(Refused, match="AGB-code"):
        StayDraft.begin(make.user(role=Role.LNR_CONTACT, hospital=messages.hospital(agb=None)), NOW)


def test_a_draft_is_thrown_away_by_hand_or_after_a_while(contact):
    by_hand, forgotten = StayDraft.begin(contact, NOW), StayDraft.begin(contact, NOW)

    by_hand.discard(contact, NOW)
    by_hand.discard(contact, NOW)

    assert destroy_due(MODELS, NOW + timedelta(days=KEPT_DAYS - 1)) == {}
    assert destroy_due(MODELS, NOW + timedelta(days=KEPT_DAYS + 1)) == {"lnr_draft": 1}
    assert (
        not StayDraft.get_by_id(forgotten.id).is_draft
        and not access.visible(StayDraft, contact).where(StayDraft.unsent()).exists()
    )


def test_a_row_that_is_removed_leaves_the_others_where_they_were(contact):
    entry = finished(contact, "27 weken")

    entry.drop_row("respiratory_supports", 2, contact, NOW)

    supports = entry.entered(NOW).verdict.stay["respiratory_supports"]
    assert [row["respiratory_support_type"] for row in supports] == ["408853006", "371907003"]
    group = definition().groups["respiratory_supports"]
    assert entry.entered(NOW).rows(group, more=True) == [1, 3, 4]


def test_a_code_that_a_newer_dataset_no_longer_has_is_asked_again(contact):
    gone = {"sex": "M", "delivery_mode": "verdwenen", "bestaat_niet": 1}

    entered = Entered(gone, examples.envelope("x"), now=NOW)

    assert entered.given == {"sex": "M"} and entered.raw


def test_the_same_rules_judge_form_and_message():
    for example in examples.good():
        if not example.expected and example.name not in ("intrekking",):
            values = values_of(example.raw)
            entered = Entered(taken_over(values), examples.envelope("x"), example.context, NOW)
            judged = [(one.rule, one.variant) for one in entered.verdict.findings if one.rule not in ("R-03", "R-04")]
            assert judged == [], example.name


def together(*acts):
    """What these acts give or refuse, all begun at once on connections of their own."""
    results, start = [], threading.Barrier(len(acts))

    def work(act):
        with db.connection_context():
            start.wait()
            try:
                results.append(act())
            except Refused as reason:
                results.append(reason)

    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return results


def test_two_clicks_at_once_send_once(contact):
    key = finished(contact).key

    first, second = together(*[lambda: StayDraft.get(StayDraft.key == key).send(contact, NOW)] * 2)

    assert first == second == Message.get() and Stay.get().version == 1


def test_two_people_at_once_at_other_fields_lose_nothing(contact):
    key = StayDraft.begin(contact, NOW).key
    names = ("apgar_1", "apgar_5", "apgar_10", "gravidity")

    together(*[lambda name=name: StayDraft.get(StayDraft.key == key).put(name, {"": ["7"]}, contact, 0, NOW) for name in names])

    assert {at: kept for at, (kept, _) in StayDraft.get().cells().items()} == dict.fromkeys(names, 7)
