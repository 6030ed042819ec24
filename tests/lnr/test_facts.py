"""One row of facts for each stay that counts, in the transaction of its message, and the chain of a child over hospitals."""

import threading
import time
from argparse import Namespace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands import lnr
from models.accounts.hospital import Hospital
from models.base import Refused, db, on_postgresql
from models.lnr.benchmark import recompute as again
from models.lnr.benchmark.chain import Chain
from models.lnr.benchmark.fact import SEALED, StayFact, rules
from models.lnr.benchmark.indicator import named
from models.lnr.closing import year_closing
from models.lnr.dataset.definition import BSN
from models.lnr.derived import derivation
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry import stored_messages_check
from models.lnr.registry.message import Message, MessageContent
from models.lnr.registry.stay import Stay
from models.lnr.registry.year_figures import closings
from models.lnr.rules.envelope import is_bsn
from models.operations import integrity_check
from tests.lnr.messages import hospital, message, supplier
from tests.wait import until

NOW = datetime(2026, 6, 1, 12)
BEFORE_BIRTH = "2026-02-01T09:00:00"
HOME, OTHER = "306689006", "115851000146108"


class Registry:
    """Two hospitals that send about one child, and about others."""

    def __init__(self, nicu=False):
        self.hospitals = {"A": hospital(agb="06010101", nicu=nicu), "B": hospital(agb="06020202", nicu=nicu)}
        self.maker = supplier()
        self.children = ((BSN, f"{number:09}") for number in range(200_000_000, 300_000_000) if is_bsn(f"{number:09}"))
        self.next_child()

    def next_child(self):
        """What is sent from now on is about another child, under other names."""
        self.child = next(self.children)

    def send(self, place="A", set_id="een", to=None, died=None, at=NOW, **more):
        raw = message(agb=self.hospitals[place].agb, set_id=f"{set_id} {self.child[1]}", child=(self.child,), **more).decode()
        if to:
            code = f'<bestemming_kind code="{to}" codeSystem="2.16.840.1.113883.6.96"/></ontslagoverplaatsing>'
            raw = raw.replace("</ontslagoverplaatsing>", code)
        if died:
            raw = raw.replace('<overlijdens_indicator value="false"/>',
                              f'<overlijdens_indicator value="true"/><datum_overlijden value="{died}"/>')  # fmt: skip
        return deliver(Delivery(self.hospitals[place], self.maker), raw.encode(), at)


@pytest.fixture
def registry():
    return Registry()


@pytest.fixture
def nicus():
    """The same, of two hospitals with a NICU: their stays have a place in the indicators."""
    return Registry(nicu=True)


def fact(set_id):
    return StayFact.get(StayFact.stay == Stay.get(Stay.set_id.startswith(f"{set_id} ")))


FIRST = {"admitted": "2026-03-01T09:00:00", "discharged": "2026-03-11T10:00:00"}
SECOND = {"place": "B", "set_id": "twee", "admitted": "2026-03-11T12:00:00", "discharged": "2026-04-05T10:00:00"}


def test_a_stay_that_counts_has_a_row_of_facts(registry):
    assert registry.send(to=HOME, **FIRST).status == 200
    row = fact("een")
    assert (row.hospital, row.year, row.month, row.band, row.inborn) == (registry.hospitals["A"], 2026, 3, "28+0-29+6", None)
    assert (row.first, row.end, row.rules) == (True, "thuis", rules({}))


def test_a_test_and_a_refused_message_have_none(registry):
    registry.send(processing="T")
    registry.send(set_id="twee", admitted="2026-02-01T09:00:00")
    assert StayFact.select().count() == 0


def test_a_child_that_goes_on_to_another_hospital_is_one_chain(registry):
    registry.send(to=OTHER, **FIRST)
    assert (fact("een").first, fact("een").end) == (True, "open")
    registry.send(to=HOME, **SECOND)
    assert [(fact(name).first, fact(name).end) for name in ("een", "twee")] == [(True, "thuis"), (False, "thuis")]


def test_a_death_in_the_second_hospital_is_the_end_of_the_chain_of_the_first(registry):
    registry.send(to=OTHER, **FIRST)
    registry.send(died="2026-04-05T10:00:00", **SECOND)
    assert {fact(name).end for name in ("een", "twee")} == {"overleden"}


def test_a_death_after_going_home_leaves_the_end_at_home(registry):
    registry.send(to=HOME, died="2026-04-20", **FIRST)
    assert fact("een").end == "thuis"


def test_a_death_told_by_who_sent_the_child_away_ends_the_chain(registry):
    registry.send(to=OTHER, died="2026-04-20", **FIRST)
    assert fact("een").end == "overleden"


def test_the_first_nicu_stay_is_the_earliest_whatever_comes_first(registry):
    registry.send(to=HOME, **SECOND)
    assert fact("twee").first
    registry.send(to=OTHER, **FIRST)
    assert (fact("een").first, fact("twee").first) == (True, False)


def test_a_stay_outside_intensive_care_or_after_28_days_is_not_the_first(registry):
    registry.send(**FIRST, intensive=False)
    registry.send(place="B", set_id="twee", admitted="2026-03-29T09:00:00", discharged="2026-04-05T10:00:00")
    assert not fact("een").first and not fact("twee").first


def test_a_withdrawal_takes_the_row_away_and_mends_the_chain(registry):
    registry.send(to=OTHER, **FIRST)
    registry.send(to=HOME, **SECOND)
    registry.send(version=2, action="intrekking")
    assert StayFact.select().count() == 1 and (fact("twee").first, fact("twee").end) == (True, "thuis")


def test_what_was_derived_by_other_rules_is_derived_anew_and_a_broken_run_goes_on(registry, monkeypatch):
    registry.send(to=OTHER, **FIRST)
    registry.send(to=HOME, **SECOND)
    wrong = Message.standing(Stay.get(Stay.set_id.startswith("twee")))
    MessageContent.correct(wrong, wrong.record() | {"derived": wrong.record()["derived"] | {"ga_weeks": 99}})
    assert again.recompute() == again.remaining() == 0

    monkeypatch.setattr(derivation, "version", lambda: "nieuwer")
    assert again.remaining() == again.remaining(2026) == 2 and again.remaining(2025) == 0
    assert again.recompute(most=1) == 1 and again.remaining() == 1
    assert again.recompute() == 1 and again.recompute() == 0
    assert wrong.record()["derived"]["ga_weeks"] == 28 and {row.rules for row in StayFact.select()} == {rules({})}
    assert list(again.differences()) == []


def test_a_stay_that_another_message_of_its_child_touched_is_still_behind(registry, monkeypatch):
    registry.send(to=OTHER, **FIRST)
    old = fact("een").rules
    monkeypatch.setattr(derivation, "version", lambda: "nieuwer")
    registry.send(to=HOME, **SECOND)
    assert (fact("een").rules, fact("een").end, fact("twee").rules) == (old, "thuis", rules({}))
    assert StayFact.is_behind(fact("een").stay) and not StayFact.is_behind(fact("twee").stay)
    assert again.remaining() == again.recompute() == 1 and fact("een").rules == rules({})


def test_a_delivery_about_the_child_while_a_stay_is_derived_is_not_overwritten(nicus, monkeypatch):
    nicus.send(to=HOME, **SECOND)
    derive = again.derive

    def meanwhile(*args):
        monkeypatch.setattr(again, "derive", derive)
        told = derive(*args)
        assert nicus.send(to=OTHER, **FIRST).status == 200
        return told

    monkeypatch.setattr(again, "derive", meanwhile)
    assert again.rebuild() == 2
    assert (fact("een").first, fact("twee").first) == (True, False)


@pytest.mark.parametrize("harm", [
    lambda: StayFact.update(end="open").execute(), lambda: StayFact.update(answers="k").execute(),
    lambda: StayFact.delete().execute(),
    lambda: MessageContent.correct(Message.get(), Message.get().record() | {"derived": {"ga_weeks": 99}}),
])  # fmt: skip
def test_verify_tells_what_does_not_follow_from_a_message_and_its_advice_mends_it(registry, harm):
    registry.send(to=HOME, **FIRST)
    assert list(integrity_check.problems()) == []
    harm()
    for deep in (False, True):
        (told,) = integrity_check.problems(deep)
        assert "LNR-" in told and told.endswith("python app.py lnr-recompute --all")
    lnr.recompute(Namespace(year=None, all=True))
    assert list(integrity_check.problems(True)) == []


def test_a_fact_that_does_not_follow_from_its_record_is_told(registry):
    registry.send(to=HOME, **FIRST)
    StayFact.update(end="open").execute()
    assert [told for told in again.differences() if "LNR-" in told]
    StayFact.delete().execute()
    assert len(list(again.differences())) == 1


# One day of admission is before birth: such a message is refused.
STEPS = st.lists(
    st.tuples(
        st.sampled_from("AB"), st.sampled_from(["een", "twee"]), st.sampled_from(["nieuw", "vervanging", "intrekking"]),
        st.sampled_from([BEFORE_BIRTH, "2026-03-01T09:00:00", "2026-03-11T12:00:00", "2026-03-20T09:00:00"]), st.booleans(),
        st.sampled_from([None, HOME, OTHER]), st.sampled_from([None, "2026-04-05T10:00:00"]), st.booleans(),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_after_any_deliveries_verify_has_nothing_to_tell(nicus, steps):
    nicus.next_child()
    for version, (place, set_id, action, admitted, intensive, to, died, left) in enumerate(steps, 1):
        nicus.send(place, set_id, to, died, at=NOW + timedelta(days=20 * version), version=version, action=action,
                   admitted=admitted, intensive=intensive, discharged="2026-04-05T10:00:00" if left else None)  # fmt: skip
        assert list(again.differences()) == []


def test_a_refused_correction_is_an_open_error_and_no_knowledge(nicus):
    assert nicus.send(admitted="2026-03-01T09:00:00", discharged=None).status == 200
    assert nicus.send(at=NOW + timedelta(days=40), version=2, action="vervanging", admitted=BEFORE_BIRTH).status == 422
    stay, about = Stay.get(), named("open-fouten").at
    assert (stay.errors, stay.told_at, stay.last_at) == (1, NOW, NOW + timedelta(days=40))
    assert fact("een").places[about : about + 2] == "t0"
    assert Chain.of([stay], {}).known_until == NOW.date()
    assert list(integrity_check.problems(True)) == []
    nicus.send(at=NOW + timedelta(days=41), version=2, action="vervanging", **FIRST)
    assert fact("een").places[about : about + 2] == "n0"


def test_a_refusal_brings_no_fact_up_to_the_rules_of_now(nicus, monkeypatch):
    nicus.send(to=HOME, **FIRST)
    old = fact("een").rules
    monkeypatch.setattr(derivation, "version", lambda: "nieuwer")
    nicus.send(version=2, action="vervanging", admitted=BEFORE_BIRTH)
    assert fact("een").rules == old and again.remaining() == 1


def test_when_a_stay_was_told_last_is_mended_where_a_program_of_before_took_the_message(nicus):
    nicus.send(**FIRST)
    nicus.send(version=2, action="vervanging", at=NOW + timedelta(days=3), **FIRST)
    assert nicus.send(version=3, action="vervanging", at=NOW + timedelta(days=5), admitted=BEFORE_BIRTH).status == 422
    for told in (NOW, None):
        Stay.update(told_at=told).execute()
        StayFact.update(rules="").execute()
        assert again.recompute() == 1 and Stay.get().told_at == NOW + timedelta(days=3)
        assert list(again.differences()) == []


def test_numbers_of_people_are_in_no_fact(registry):
    registry.send(to=HOME, **FIRST)
    assert registry.child[1] not in str(list(StayFact.select().dicts()))


def test_the_commands_say_what_they_did(registry, capsys, monkeypatch):
    registry.send(to=HOME, **FIRST)
    monkeypatch.setattr(derivation, "version", lambda: "nieuwer")
    lnr.recompute(Namespace(year=2026, all=False))
    assert lnr.verify_figures(None) == 0
    assert capsys.readouterr().out == "1 opname opnieuw afgeleid.\nElke telling volgt uit de berichten.\n"
    StayFact.update(first=False).execute()
    assert lnr.verify_figures(None) == 1 and "volgt niet uit" in capsys.readouterr().out
    lnr.recompute(Namespace(year=None, all=True))
    assert lnr.verify_figures(None) == 0


def shut(set_id):
    """What was said of this stay does not open any more."""
    message = Message.standing(Stay.get(Stay.set_id.startswith(f"{set_id} ")))
    kept = db.execute_sql(f"SELECT original, record FROM lnr_content WHERE message_id = {message.id}").fetchone()
    mark = "%s" if on_postgresql() else "?"
    put = f"UPDATE lnr_content SET original = {mark}, record = {mark} WHERE message_id = {message.id}"
    db.execute_sql(put, (b"beschadigd", b"beschadigd"))
    return lambda: db.execute_sql(put, kept)


def test_a_record_that_does_not_open_holds_up_no_other(nicus, monkeypatch):
    nicus.send(to=OTHER, **FIRST)
    nicus.send(to=HOME, **SECOND)
    nicus.next_child()
    nicus.send(set_id="ander", to=HOME, **FIRST)
    opened, before = shut("een"), fact("een").places
    monkeypatch.setattr(derivation, "version", lambda: "nieuwer")
    assert again.recompute() == 3 and again.remaining() == 0
    assert [fact(name).rules for name in ("een", "twee", "ander")] == [SEALED, SEALED, rules(Hospital.nicus())]
    assert (fact("een").places, fact("een").first, fact("twee").first) == (before, True, False)
    assert StayFact.is_behind(fact("een").stay) and list(again.differences()) == []
    with pytest.raises(Refused, match=f"Het bericht van {fact('een').stay} gaat niet open.*de nacht erna"):
        year_closing._close(2026, NOW)
    opened()
    StayFact.try_sealed()
    assert again.recompute() == 2 and {row.rules for row in StayFact.select()} == {rules(Hospital.nicus())}


def test_a_message_about_a_child_of_whom_another_does_not_open_is_taken(nicus):
    nicus.send(to=OTHER, **FIRST)
    shut("een")
    assert nicus.send(to=HOME, **SECOND).status == 200
    assert [(fact(name).first, fact(name).rules) for name in ("een", "twee")] == [(True, SEALED), (False, SEALED)]
    assert nicus.send(to=OTHER, version=2, action="vervanging", **FIRST).status == 200
    assert [fact(name).rules for name in ("een", "twee")] == [rules(Hospital.nicus()), ""]
    assert again.recompute() == 1 and list(again.differences()) == []


def test_the_other_stays_of_a_child_of_whom_one_does_not_open_keep_their_count(nicus):
    nicus.send(to=OTHER, **FIRST)
    nicus.send(died="2026-04-05T10:00:00", **SECOND)
    died = named("sterfte").at
    assert fact("een").places[died : died + 1] == "t"
    before = [(fact(name).places, fact(name).end) for name in ("een", "twee")]
    shut("twee")
    late = {"set_id": "drie", "admitted": "2026-04-06T10:00:00", "discharged": "2026-04-09T10:00:00"}
    assert nicus.send(to=HOME, **late).status == 200
    assert [(fact(name).places, fact(name).end) for name in ("een", "twee")] == before and fact("een").rules == SEALED
    assert nicus.send(version=2, action="vervanging", admitted=BEFORE_BIRTH).status == 422
    assert [(fact(name).places, fact(name).end) for name in ("een", "twee")] == before


def test_what_was_refused_is_not_on_time(nicus):
    left, about = datetime(2026, 3, 11, 9), named("op-tijd").at
    assert nicus.send(at=left + timedelta(days=3), admitted=BEFORE_BIRTH).status == 422
    nicus.send(at=left + timedelta(days=40), to=HOME, **FIRST)
    nicus.send(at=left + timedelta(days=50), to=HOME, version=2, action="vervanging", **FIRST)
    stay = Stay.get()
    assert (stay.accepted_at, stay.told_at) == (left + timedelta(days=40), left + timedelta(days=50))
    assert fact("een").places[about : about + 2] == "n0"
    assert closings(2026, stay.hospital)[stay.hospital_id].late == 1


@pytest.mark.db_dialect
def test_deriving_anew_never_waits_for_a_child_while_it_holds_a_stay(nicus, monkeypatch):
    """A delivery that holds the child may wait for the stay: on PostgreSQL one of both would be broken off."""
    nicus.send(to=OTHER, **FIRST)
    nicus.send(to=HOME, **SECOND)
    if not on_postgresql():
        return
    StayFact.update(rules="").execute()
    stay, other = (fact(name).stay for name in ("een", "twee"))
    held, problems, sleep = threading.Event(), [], time.sleep
    tried = threading.Event()
    monkeypatch.setattr(again.time, "sleep", lambda seconds: (tried.set(), sleep(seconds)))

    def delivery():
        try:
            with db.connection_context(), db.atomic():
                Stay.held(other.hospital_id, False, other.set_root, other.set_id)
                Stay.hold_children(other.names)
                held.set()
                tried.wait(5)
                Stay.update(warnings=Stay.warnings + 1).where(Stay.id == stay.id).execute()
        except Exception as problem:
            problems.append(problem)

    beside = threading.Thread(target=delivery)
    beside.start()
    assert held.wait(30)
    assert again.recompute() >= 2
    beside.join()
    assert problems == [] and again.remaining() == 0 and tried.is_set()


@pytest.mark.only_postgresql
def test_of_two_that_wait_for_each_other_the_delivery_begins_anew(nicus):
    nicus.send(to=OTHER, **FIRST)
    nicus.send(to=HOME, **SECOND)
    stay, waiting = fact("twee").stay, "SELECT COUNT(*) FROM pg_locks WHERE NOT granted"
    held, problems = threading.Event(), []

    def somebody():
        try:
            with db.connection_context(), db.atomic():
                db.execute_sql("SET LOCAL deadlock_timeout = '1min'")  # so that the delivery is the one that is undone
                Stay.hold_children(stay.names)
                held.set()
                until(lambda: db.execute_sql(waiting).fetchone()[0], 30)
                Stay.held(stay.hospital_id, False, stay.set_root, stay.set_id)
        except Exception as problem:
            problems.append(problem)

    beside = threading.Thread(target=somebody)
    beside.start()
    assert held.wait(30)
    answer = nicus.send(to=HOME, version=2, action="vervanging", **SECOND)
    beside.join()
    assert (answer.status, problems) == (200, []) and Stay.get_by_id(stay.id).version == 2
    assert list(stored_messages_check.problems(deep=True)) == []
