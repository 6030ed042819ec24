"""What a committee holds to is a setting with a history; what loosens a tie waits for a second person."""

import re
from datetime import timedelta

import pytest

from models import clock
from models.access import Process, Role
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.conflict import OWN, REGION, TIE
from models.committee.following.open_places import open_places
from models.committee.meeting import Meeting
from models.committee.member import Workplace
from models.committee.rules.committee_settings import CommitteeSettings
from models.committee.treatment import TreatmentState
from models.mail.unusual_access import found
from tests import filling, make
from tests.committee.test_treatment import fresh, hand_in, reads
from tests.web.pages import send

pytestmark = pytest.mark.db_dialect
PLACE = "/beheer/commissie/"


@pytest.fixture
def coordinator():
    return make.coordinator()


def amend(by, process=Process.NETHOSS, **chosen):
    return CommitteeSettings.amend(by, process, CommitteeSettings.latest(process).mark, **chosen)


def test_the_number_of_assessors_and_the_term_are_those_of_the_own_committee(coordinator):
    lza1 = make.coordinator(Process.LZA1)
    amend(coordinator, assessors=3, due_days=10)
    amend(lza1, Process.LZA1, due_days=21)
    day = clock.today() + timedelta(days=60)
    assert Meeting.plan(coordinator, Process.NETHOSS, day).term == day - timedelta(days=10)
    assert Meeting.plan(lza1, Process.LZA1, day).term == day - timedelta(days=21)

    forms, three = filling.crf(), [make.member() for _ in range(3)]
    case = make.case(Status.GOEDGEKEURD, theme=forms.theme)
    with pytest.raises(Refused, match="ten minste 3"):
        make.treatment(case, three[:2], coordinator)
    treatment = make.treatment(case, three, coordinator)
    for one, by in zip(Assessment.of(treatment), three, strict=True):
        assert fresh(treatment).state == TreatmentState.BIJ_BEOORDELAARS
        hand_in(one, by)
    assert fresh(treatment).state == TreatmentState.BINNEN


def test_a_running_case_with_too_few_assessors_for_new_settings_is_told(coordinator):
    forms, pair = filling.crf(), [make.member(), make.member()]
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=forms.theme), pair, coordinator)
    make.treatment(make.case(Status.GOEDGEKEURD, theme=forms.theme))
    assert open_places(Process.NETHOSS) == []
    amend(coordinator, assessors=3)
    for one, by in zip(Assessment.of(treatment), pair, strict=True):
        (place,) = open_places(Process.NETHOSS)
        assert (place.treatment, place.why) == (treatment, "de commissie vraagt nu meer beoordelaars")
        hand_in(one, by)
    (place,) = open_places(Process.NETHOSS)
    assert fresh(treatment).state == TreatmentState.GEAGENDEERD and place.treatment == treatment
    Assessment.appoint(fresh(treatment), coordinator, [make.member().id])
    assert open_places(Process.NETHOSS) == []


def test_a_longer_look_back_ends_what_it_finds_and_a_shorter_one_waits_for_another(coordinator):
    case = make.case(Status.GOEDGEKEURD)
    user = make.member(hospital=case.hospital)
    Workplace.update(until=clock.today() - timedelta(days=800)).where(Workplace.hospital == case.hospital).execute()
    treatment = make.treatment(case, [user, make.member()], coordinator)
    assert reads(user, case)
    amend(coordinator, look_back=36)
    assert treatment.reasons_against([user])[user.id] == TIE and not reads(user, case)
    assert fresh(treatment).state == TreatmentState.BIJ_BEOORDELAARS and len(Assessment.of(treatment)) == 1

    other = make.case(Status.GOEDGEKEURD, by=make.user(hospital=case.hospital))
    waits = amend(coordinator, look_back=24)
    assert waits.waits and CommitteeSettings.of(Process.NETHOSS).look_back == 36
    assert make.treatment(other).reasons_against([user])[user.id] == OWN
    with pytest.raises(Refused, match="Iemand anders moet dit bevestigen"):
        CommitteeSettings.confirm(coordinator, Process.NETHOSS, waits.mark)
    CommitteeSettings.confirm(make.user(role=Role.BEHEERDER), Process.NETHOSS, waits.mark)
    assert CommitteeSettings.of(Process.NETHOSS).look_back == 24
    assert make.treatment(other).reasons_against([user])[user.id] == ""
    assert any("Instellingen van de commissie NethOSS" in said for _, said in found(clock.now())), "beheerders hear of it"


def test_the_region_stops_counting_only_by_two_and_another_change_overtakes_what_waits(coordinator):
    here, near = make.hospital(region="Noord"), make.hospital(region="Noord")
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, by=make.user(hospital=here)))
    neighbour, second = make.member(hospital=near), make.coordinator()
    asked = amend(coordinator, region_blocks=False)
    overtaken = amend(coordinator, due_days=9)
    assert not overtaken.waits and CommitteeSettings.of(Process.NETHOSS).region_blocks
    with pytest.raises(Refused, match="intussen gewijzigd"):
        CommitteeSettings.confirm(second, Process.NETHOSS, asked.mark)
    asked = amend(coordinator, region_blocks=False)
    dropped = CommitteeSettings.drop(second, Process.NETHOSS, asked.mark)
    assert not dropped.waits and treatment.reasons_against([neighbour])[neighbour.id] == REGION
    assert not reads(make.reader(treatment.case, neighbour), treatment.case)
    asked = amend(coordinator, region_blocks=False)
    CommitteeSettings.confirm(second, Process.NETHOSS, asked.mark)
    assert treatment.reasons_against([neighbour])[neighbour.id] == "" and reads(neighbour, treatment.case)
    CommitteeSettings.restore(coordinator, Process.NETHOSS, asked.number)
    assert CommitteeSettings.of(Process.NETHOSS).is_delivered and not reads(neighbour, treatment.case)


def test_a_page_from_before_somebody_confirmed_neither_drops_nor_undoes_it(app, login, coordinator):
    second = make.coordinator()
    browser = login(app.test_client(), coordinator)
    asked = amend(coordinator, look_back=12)
    shown, typed = browser.get(PLACE).text, browser.get(f"{PLACE}new/?commissie=nethoss").text
    mark = re.search(r'/niet-doorgaan.*?name="nummer" value="([^"]+)"', shown, re.DOTALL)[1]
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', typed)[1]
    CommitteeSettings.confirm(second, Process.NETHOSS, asked.mark)
    send(browser, f"{PLACE}niet-doorgaan", commissie="nethoss", nummer=mark)
    told = browser.get(PLACE).text
    assert "intussen gewijzigd" in told and "De wijziging gaat niet door" not in told
    old = {"belongs_to": "nethoss", "seen": seen, "assessors": 2, "due_days": 8, "look_back": 24, "region_blocks": "y",
           "first_reminder": 7, "second_reminder": 3}  # fmt: skip
    assert "intussen gewijzigd" in send(browser, f"{PLACE}new/?commissie=nethoss", **old).text
    with pytest.raises(Refused, match="intussen gewijzigd"):
        CommitteeSettings.drop(coordinator, Process.NETHOSS, CommitteeSettings.latest(Process.NETHOSS).mark)
    assert CommitteeSettings.of(Process.NETHOSS).look_back == 12 and CommitteeSettings.select().count() == 1


def test_what_another_overtakes_while_it_is_being_confirmed_does_not_count(monkeypatch, coordinator):
    asked, check = amend(coordinator, look_back=12), HeldChange.demand_second

    def meanwhile(*more):
        check(*more)
        row = asked.fields | {"number": asked.number + 1, "look_back": 30, "counts_from": clock.now()}
        CommitteeSettings.create(process=Process.NETHOSS, changed_by=coordinator, changed_at=clock.now(), **row)

    monkeypatch.setattr(HeldChange, "demand_second", meanwhile)
    with pytest.raises(Refused, match="intussen gewijzigd"):
        CommitteeSettings.confirm(make.coordinator(), Process.NETHOSS, asked.mark)
    assert fresh(asked).waits


def test_settings_have_bounds_and_of_two_who_change_one_does(coordinator):
    for wrong in (
        {"assessors": 1}, {"due_days": 0}, {"look_back": -1}, {"quorum": 0}, {"assessors": None},
        {"first_reminder": 43}, {"first_reminder": 3}, {"second_reminder": 7}, {"second_reminder": 0},
    ):  # fmt: skip
        with pytest.raises(Refused):
            amend(coordinator, **wrong)
    CommitteeSettings.amend(coordinator, Process.NETHOSS, 0, quorum=3)
    with pytest.raises(Refused, match="intussen gewijzigd"):
        CommitteeSettings.amend(coordinator, Process.NETHOSS, 0, quorum=4)
    for stranger in (make.coordinator(Process.LZA1), make.user(), make.member()):
        with pytest.raises(Refused):
            amend(stranger, quorum=1)
    assert CommitteeSettings.select().count() == 1
    line = AuditEvent.get(AuditEvent.action == "committee.settings")
    assert (line.subject, line.actor) == (
        "Instellingen van de commissie NethOSS",
        coordinator,
    ) and line.detail == "quorum geen > quorum 3"


def test_the_page_changes_confirms_and_resets_and_shows_who_did(app, login, coordinator):
    boss = make.user(role=Role.BEHEERDER, name="Bea Beheer")
    browser, other = login(app.test_client(), coordinator), login(app.test_client(), boss)
    shown = browser.get(PLACE).text
    assert "Commissie NethOSS" in shown and "Commissie LZA1" not in shown and "Nog nooit gewijzigd" in shown
    assert "Commissie LZA1" in other.get(PLACE).text
    typed = {"belongs_to": "nethoss", "seen": 0, "assessors": 2, "due_days": 8, "look_back": 12, "region_blocks": "y",
             "first_reminder": 8, "second_reminder": 2}  # fmt: skip
    wrong = send(browser, f"{PLACE}new/?commissie=nethoss", **typed | {"look_back": 999})
    assert "Kies een getal van 0 tot en met 120" in wrong.text
    send(browser, f"{PLACE}new/?commissie=nethoss", **typed)
    assert "wacht op een tweede persoon" in browser.get(PLACE).text
    assert "/bevestigen" not in browser.get(PLACE).text and "/bevestigen" in other.get(PLACE).text
    stale = send(browser, f"{PLACE}new/?commissie=nethoss", **typed | {"due_days": 9})
    assert "intussen gewijzigd" in stale.text
    send(other, f"{PLACE}bevestigen", commissie="nethoss", nummer=-1)
    assert CommitteeSettings.of("nethoss").look_back == 12 and "bevestigd door Bea Beheer" in browser.get(PLACE).text
    assert send(browser, f"{PLACE}geleverd", commissie="lza1", nummer=0).status_code == 302
    send(browser, f"{PLACE}geleverd", commissie="nethoss", nummer=1)
    assert CommitteeSettings.of("nethoss").is_delivered and CommitteeSettings.select().count() == 2
    assert send(browser, f"{PLACE}new/?commissie=lza1", **typed | {"belongs_to": "lza1"}).status_code == 200
    assert CommitteeSettings.of("lza1").is_delivered


def test_going_back_to_what_was_delivered_says_whether_it_counts_or_waits(app, login, coordinator):
    browser = login(app.test_client(), coordinator)
    amend(coordinator, due_days=9)
    send(browser, f"{PLACE}geleverd", commissie="nethoss", nummer=1)
    told = browser.get(PLACE).text
    assert "De geleverde instellingen gelden weer." in told and CommitteeSettings.of("nethoss").is_delivered
    amend(coordinator, look_back=36)
    send(browser, f"{PLACE}geleverd", commissie="nethoss", nummer=3)
    told = browser.get(PLACE).text
    assert "gelden pas als een tweede persoon ze bevestigt" in told and "gelden weer" not in told
    assert CommitteeSettings.of("nethoss").look_back == 36


def test_who_changes_it_reads_what_will_not_go_on_and_the_trail_keeps_it(app, login, coordinator):
    browser, page = login(app.test_client(), coordinator), f"{PLACE}new/?commissie=nethoss"
    assert "gaat die wijziging niet door" not in browser.get(page).text
    amend(coordinator, look_back=12)
    assert "werkplekken tot 12 maanden terug. Slaat u hier iets op, dan gaat die wijziging niet door" in browser.get(page).text
    assert "wacht, gaat dan niet door" in browser.get(PLACE).text
    amend(coordinator, due_days=9)
    amend(coordinator, region_blocks=False)
    CommitteeSettings.drop(coordinator, "nethoss", CommitteeSettings.latest("nethoss").mark)
    lines = AuditEvent.select().where(AuditEvent.action == "committee.settings").order_by(AuditEvent.id)
    first, overtook, _, dropped = [line.detail for line in lines]
    assert "gaat niet door" not in first and overtook.endswith("; gaat niet door: werkplekken tot 12 maanden terug")
    assert dropped == "alles blijft zoals het was; gaat niet door: opvangregio telt niet als band"


def test_a_change_that_makes_no_tie_looks_at_no_treatment_and_one_that_does_only_at_those_of_its_committee(
    monkeypatch, coordinator
):
    make.treatment(make.case(Status.GOEDGEKEURD))
    theme = make.theme(Process.LZA1)
    other = make.treatment(make.case(Status.GOEDGEKEURD, by=make.user(role=Role.LZA1_MELDER), theme=theme))
    looked_at = []
    monkeypatch.setattr("models.committee.ties.late_ties._end_ties", lambda treatment, *more: looked_at.append(treatment))
    amend(coordinator, quorum=3)
    amend(coordinator, due_days=9, assessors=3)
    assert looked_at == []
    amend(make.coordinator(Process.LZA1), Process.LZA1, look_back=36)
    assert looked_at == [other]
    asked = amend(coordinator, look_back=12)
    assert looked_at == [other]
    CommitteeSettings.confirm(make.coordinator(), Process.NETHOSS, asked.mark)
    assert len(looked_at) == 2 and looked_at[1] != other


def test_an_open_place_does_not_tell_of_who_left_and_was_replaced(coordinator):
    forms, pair = filling.crf(), [make.member(), make.member()]
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=forms.theme), pair, coordinator)
    for row in Assessment.of(treatment):
        row.withdraw(coordinator)
    Assessment.appoint(fresh(treatment), coordinator, [make.member().id, make.member().id])
    assert open_places(Process.NETHOSS) == []
    settings = amend(coordinator, assessors=3)
    (place,) = open_places(Process.NETHOSS)
    assert (place.why, place.since) == ("de commissie vraagt nu meer beoordelaars", settings.counts_from)
    Assessment.of(treatment)[0].withdraw(coordinator)
    (place,) = open_places(Process.NETHOSS)
    assert place.why == "teruggenomen door de coördinator" and place.since > settings.counts_from
    Assessment.appoint(fresh(treatment), coordinator, [make.member().id, make.member().id])
    assert open_places(Process.NETHOSS) == []
