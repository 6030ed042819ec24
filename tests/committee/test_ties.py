"""A tie keeps a case from its member by every road, before anything of it was seen."""

import re

import pytest

from models import access, clock
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.case_reader import CaseReader
from models.cases.doubles.duplicate_clue import DuplicateClue
from models.cases.status import Status
from models.committee import conflict
from models.committee.assessment import Assessment
from models.committee.following.open_places import open_places
from models.committee.member import CommitteeMember, Workplace
from models.committee.package.dossier_package import DossierPackage
from models.committee.ties.late_ties import involve
from models.files.document import Document
from models.lza1.committee_steps import CommitteeStep
from models.operations.rehearsal.due_work import due_on
from tests import make
from tests.committee.test_treatment import fresh, reads
from tests.committee.test_verdict_committee import approved

pytestmark = pytest.mark.db_dialect

# Every address by which a member could read something of a case.
READING = [
    "/commissie/{case}/", "/commissie/{case}/beoordeling/", "/commissie/{case}/vergelijken/", "/commissie/{case}/consensus/",
    "/commissie/{case}/vergelijken/brief", "/dossier/{case}/", "/dossier/{case}/stand", "/dossier/{case}/ophalen?soort=zip",
    "/dossier/{case}/ophalen?soort=pdf", "/melding/{case}/bestanden/{file}/download",
    "/melding/{case}/bestanden/{file}/bekijken",
    "/melding/{case}/bestanden/{file}/bladzijde?nummer=1", "/melding/{case}/bestanden/{file}/origineel",
    "/melding/{case}/bestanden/{file}/beeld", "/melding/{case}/", "/beoordelen/{case}/", "/behandeling/{case}/",
    "/melding/{case}/lza1/", "/melding/{case}/vragenlijst/",
]  # fmt: skip
LISTS = ["/commissie/", "/commissie/?search={number}", "/zoeken?q={number}", "/commissie/export/csv/"]


def lawyer():
    return make.user(role=Role.COMMISSIELID, committee=Process.LZA1)


def at_work(**more):
    return make.member(make.user(role=Role.COMMISSIELID, committee=Process.LZA1), **more)


def roads(browser, case):
    """The addresses that led to something of this case."""
    facts = {"case": case.key, "file": Document.select().where(Document.case == case).first().key, "number": case.number}
    opened = [one for one in READING if browser.get(one.format(**facts)).status_code == 200]
    told = [browser.get(one.format(**facts), follow_redirects=True).text for one in LISTS]
    return opened + [one for one, text in zip(LISTS, told, strict=True) if case.key in text or case.theme.name in text]


def press(browser, case, button, **fields):
    """A button of an assessor on the page of a case."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(f"/commissie/{case.key}/").text)[1]
    assert browser.post(f"/commissie/{case.key}/beoordeling/{button}", data={"csrf_token": token, **fields}).status_code == 302


def test_no_road_leads_a_member_of_lza1_to_a_case_that_a_tie_keeps_away(app, login):
    here = make.hospital(region="Noord")
    case = make.case(
        Status.GOEDGEKEURD, by=make.user(role=Role.LZA1_MELDER, hospital=here), theme=make.theme(Process.LZA1, name="Zeldzaam")
    )
    treatment, other = make.treatment(case), approved()
    opinion = make.hospital()
    involve(treatment, make.coordinator(Process.LZA1), opinion)
    left = at_work(hospital=here)
    Workplace.update(until=clock.today() - 700 * clock.DAY).where(Workplace.member == CommitteeMember.of(left)).execute()
    told = at_work()
    row = Assessment.create(
        treatment=treatment, assessor=told, term=clock.today(), named_at=clock.now(), named_by=told, ended_at=clock.now(),
        ended_why=conflict.ENDINGS_BY_TIE[0],
    )  # fmt: skip
    tied = {
        "works there": at_work(hospital=here), "left of late": left,
        "same region": at_work(hospital=make.hospital(region="Noord")),
        "second opinion": at_work(hospital=opinion), "said so": told,
    }  # fmt: skip
    for name, by in tied.items():
        browser = login(app.test_client(), by)
        assert roads(browser, case) == [] and reads(by, other) and not reads(by, case), name
        page = browser.get("/commissie/").text
        assert f"U doet niet mee bij {case.number}" in page and other.number in page, name
        with pytest.raises(Refused):
            DossierPackage.ask(case, by, "zip")
    unknown = make.user(role=Role.COMMISSIELID, committee=Process.LZA1, recorded=False)
    assert roads(login(app.test_client(), unknown), case) == [] and not reads(unknown, other)
    assert "niet uit te sluiten" in login(app.test_client(), unknown).get("/commissie/").text
    row.delete_instance()
    for by in (lawyer(), at_work(), told):
        assert {READING[0], READING[9], LISTS[0]} <= set(roads(login(app.test_client(), by), case))


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("of_part", [False, True])
def test_who_works_where_the_woman_was_transferred_stays_away_by_every_road(app, login, of_part, late):
    there, by, theme = make.hospital(), make.coordinator(), make.theme(name="Zeldzaam")
    case, member, other = make.case(Status.INGEDIEND, theme=theme), make.member(hospital=there), make.member()
    telling = make.case(Status.INGEDIEND, theme=theme) if of_part else case
    if of_part:
        case.join(telling, by)
    if not late:
        DuplicateClue.tell(telling, telling.reporter, transfer=there)
    case = fresh(case)
    case.approve(by)
    treatment = make.treatment(case, [member, other] if late else [other, make.member()], by)
    make.reader(case, member)
    if late:
        assert reads(member, case)
        fresh(case).reopen(by, "Er kwam een stuk bij.")
        DuplicateClue.tell(fresh(telling), telling.reporter, transfer=there)
        fresh(case).approve(by)
        assert [one.assessor for one in Assessment.of(treatment)] == [other]
        assert not CaseReader.reads(case, member)
    assert roads(login(app.test_client(), member), case) == [] and not reads(member, case) and reads(other, case)
    # Once an assessment ended by a tie, that is the reason.
    why = conflict.TIE if late else conflict.OWN
    assert treatment.reasons_against([member])[member.id] == why
    with pytest.raises(Refused, match=why):
        Assessment.appoint(fresh(treatment), by, [member.id, make.member().id])
    page = login(app.test_client(), by).get(f"/behandeling/{case.key}/").text
    assert f'{there.name} <span class="muted">overplaatsing, opgegeven door het ziekenhuis</span>' in page


@pytest.mark.parametrize("of_part", [False, True])
def test_a_hospital_that_takes_its_transfer_back_lifts_no_tie_of_a_case_that_the_committee_has(app, login, of_part):
    there, elsewhere, by, theme = make.hospital(), make.hospital(), make.coordinator(), make.theme()
    case, member, free = make.case(Status.INGEDIEND, theme=theme), make.member(hospital=there), make.member()
    telling = make.case(Status.INGEDIEND, theme=theme) if of_part else case
    if of_part:
        case.join(telling, by)
    DuplicateClue.tell(telling, telling.reporter, transfer=elsewhere)
    DuplicateClue.tell(telling, telling.reporter, transfer=there)
    case = fresh(case)
    case.approve(by)
    treatment = make.treatment(case, [free, make.member()], by)
    assert elsewhere not in treatment.hospitals()  # taken back before the committee had the case

    fresh(case).reopen(by, "Er kwam een stuk bij.")
    for transfer in (None, elsewhere, None):
        DuplicateClue.tell(fresh(telling), telling.reporter, age_band="20-24", transfer=transfer)
    fresh(case).approve(by)

    assert {there, elsewhere} <= set(treatment.hospitals())
    assert treatment.reasons_against([member])[member.id] == conflict.OWN
    assert roads(login(app.test_client(), member), case) == [] and not reads(member, case) and reads(free, case)
    told = [line.detail for line in AuditEvent.of_case(telling) if line.action == "case.clues"]
    assert told[2:] == [f"{there.code} > geen", f"geen > {elsewhere.code}", f"{elsewhere.code} > geen"]
    page = login(app.test_client(), by).get(f"/behandeling/{case.key}/").text
    assert f'{there.name} <span class="muted">vastgelegd bij deze casus</span>' in page


def test_another_region_of_a_hospital_opens_a_place_again_and_the_coordinator_is_told(app, login):
    boss, by = make.user(role=Role.BEHEERDER), make.coordinator()
    home, near = make.hospital(region="Noord"), make.hospital(region="Zuid")
    neighbour, other = make.member(hospital=near), make.member()
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, by=make.user(hospital=home)), [neighbour, other], by)
    apart = make.treatment(assessors=[neighbour, make.member()], by=by)
    near.amend(boss, name="Ziekenhuis Anders")
    assert reads(neighbour, treatment.case) and open_places(Process.NETHOSS) == []
    near.amend(boss, region="Noord")
    assert not reads(neighbour, treatment.case) and reads(other, treatment.case) and reads(neighbour, apart.case)
    line = AuditEvent.get(AuditEvent.action == "assessor.conflict")
    assert (line.case_id, line.actor) == (treatment.case_id, boss)
    (place,) = open_places(Process.NETHOSS)
    assert (place.treatment, place.why) == (treatment, "band gevonden") and open_places(Process.LZA1) == []
    today = clock.today()
    (work,) = [one for one in due_on(today, today) if one.kind == "beoordelaar"]
    assert work.what == f"Beoordelaar noemen voor {treatment.case.number}" and "band gevonden" in work.why
    assert [one for one in due_on(today + clock.DAY, today) if one.kind == "beoordelaar"] == []
    browser = login(app.test_client(), by)
    assert "Een plaats is open" in browser.get("/vergaderingen/").text
    assert f'href="/behandeling/{treatment.case.key}/"' in browser.get(f"/verzenden/dag/?op={today}").text
    Assessment.appoint(fresh(treatment), by, [make.member().id])
    assert open_places(Process.NETHOSS) == [] and "Een plaats is open" not in browser.get("/vergaderingen/").text


def test_who_has_a_tie_to_many_cases_reads_how_many_and_all_of_their_numbers(app, login):
    home = make.user()
    member = make.member(hospital=home.hospital)
    cases = [make.case(Status.GOEDGEKEURD, by=home) for _ in range(21)]
    for case in cases:
        make.reader(case, member)
    page = login(app.test_client(), member).get("/commissie/").text
    assert "U doet niet mee bij 21 casussen" in page and all(case.number in page for case in cases)


def test_a_question_that_waits_is_kept_from_a_tie_too():
    case = approved()
    CommitteeStep.ask(case, make.coordinator(Process.LZA1), "Wie was erbij?", clock.today(), "vraag", case.round)
    tied = at_work(hospital=case.hospital)
    unknown = make.user(role=Role.COMMISSIELID, committee=Process.LZA1, recorded=False)
    assert [len(CommitteeStep.awaited(by)) for by in (tied, unknown, lawyer())] == [0, 0, 1]


@pytest.mark.parametrize("process", list(Process))
def test_who_is_named_reads_nothing_before_declaring(process, app, login):
    make_one = at_work if process == Process.LZA1 else make.member
    case = approved() if process == Process.LZA1 else make.case(Status.GOEDGEKEURD)
    pair = [make_one(), make_one()]
    make.treatment(case, declared=False)
    for one in pair:  # as naming does, without the form that LZA1 lacks
        Assessment.create(treatment=case.treatments.get(), assessor=one, term=clock.today(), named_at=clock.now(), named_by=one)
        CaseReader.expect(case, one, "genoemd", clock.now())
    browser = login(app.test_client(), pair[0])
    assert roads(browser, case) == ["/commissie/{case}/", "/commissie/", "/commissie/?search={number}"]
    page = browser.get(f"/commissie/{case.key}/")
    assert "Ik kan onafhankelijk beoordelen" in page.text and "estand" not in page.text
    press(browser, case, "verklaren")
    assert reads(pair[0], case) and not reads(pair[1], case)
    assert {READING[0], READING[9], LISTS[0]} <= set(roads(browser, case))


def test_who_is_taken_off_while_declaring_reads_nothing(monkeypatch):
    treatment = make.treatment(assessors=(pair := [make.member(), make.member()]), declared=False)
    mine = Assessment.get(Assessment.assessor == pair[0])
    # Between the look at whose it is and the act itself, the coordinator takes the case back.
    monkeypatch.setattr(Assessment, "demand_own", lambda self, by: Assessment.get_by_id(self.id).withdraw(make.coordinator()))

    with pytest.raises(Refused):
        mine.declare(pair[0])

    assert not reads(pair[0], treatment.case)


def test_who_finds_a_tie_before_declaring_gives_back_unread(app, login):
    treatment = make.treatment(assessors=(pair := [make.member(), make.member()]), declared=False)
    browser = login(app.test_client(), pair[0])
    press(browser, treatment.case, "teruggeven", waarom="band")
    assert browser.get(f"/commissie/{treatment.case.key}/").status_code == 404 and not reads(pair[0], treatment.case)
    assert f"U doet niet mee bij {treatment.case.number}" in browser.get("/commissie/").text


def test_a_workplace_that_turns_up_later_ends_reading_and_opens_the_place(app, login):
    treatment = make.treatment(assessors=(pair := [make.member(), make.member()]))
    case, boss, browser = treatment.case, make.user(role=Role.BEHEERDER), login(app.test_client(), pair[0])
    DossierPackage.ask(case, pair[0], "zip")
    DossierPackage.make_waiting()
    assert browser.get(f"/dossier/{case.key}/ophalen?soort=zip").status_code == 200
    since = clock.today() - 30 * clock.DAY
    Workplace.add(boss, member=CommitteeMember.of(pair[0]), hospital=case.hospital, since=since, until=None)
    assert roads(browser, case) == [] and reads(pair[1], case)
    assert [one.assessor_id for one in Assessment.of(treatment)] == [pair[1].id]
    assert fresh(treatment).state == "bij_beoordelaars"


def test_the_expression_and_the_reasons_say_the_same():
    """For a case with a part, an involved hospital and a region, over every member."""
    whole = make.case(Status.GOEDGEKEURD, by=make.user(hospital=make.hospital(region="Zuid")))
    treatment = make.treatment(whole)
    involve(treatment, make.coordinator(), make.hospital(region="Oost"))
    places = [*treatment.hospitals(), make.hospital(region="Zuid"), make.hospital(region="Oost"), make.hospital(region="")]
    places[-1:] = [make.hospital(region="Ver", coming_region="Oost"), make.hospital(region="Ver", coming_region="Verder")]
    places += [make.hospital(region="Ver", coming_region=None), make.hospital(region="")]
    people = [make.member(hospital=place) for place in places]
    for by in people:
        CaseReader.let(whole, by, "genoemd in een test")
    reasons = treatment.reasons_against(people)
    seen = [access.visible(Case, by).where(Case.id == whole.id).exists() for by in people]
    assert seen == [not conflict.conflicting(reasons[by.id]) for by in people]
    assert seen == [False, False, False, False, False, True, True, True]


@pytest.mark.only_sqlite  # on the few rows of a test PostgreSQL takes another way than on those of a country
def test_what_a_member_reads_is_found_from_their_own_cases_and_not_among_all_that_were_approved(asked):
    member = make.member()
    rows = access.visible(Case, member).order_by(Case.status_since.desc())
    for where, read in {
        "list": lambda: list(rows.limit(50)), "number": rows.count, "kept away": lambda: Case.kept_from(member),
    }.items():  # fmt: skip
        asked.begin(where)
        read()

    assert {where for where, _ in asked.sent} == {"list", "number", "kept away"}
    assert list(asked.faults()) == []
