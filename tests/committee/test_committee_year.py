"""The year of a committee: every figure counted again from the rows, alike on page, in workbook and in the year report."""

import io
import json
import statistics
import zipfile
from datetime import date, datetime

import pytest

from models import clock
from models.access import Process, Role
from models.annual_report.annual_report import annual_report
from models.annual_report.committee_figures.assessor_agreement import CommitteeAgreement
from models.annual_report.committee_figures.committee_year import CommitteeYear
from models.base import Refused, db
from models.cases.case import Case
from models.cases.status import Status
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.committee_form import CommitteeForm
from models.committee.consensus import FORMALITY
from models.committee.lesson_letter import LessonLetter
from models.committee.meeting import Meeting
from models.committee.treatment import Treatment
from models.forms.filled_form import place
from tests import filling, make
from tests.committee.test_outcome import CALM, GOOD, SURE
from tests.committee.test_treatment import fresh, hand_in
from tests.committee.test_verdict_committee import approved

pytestmark = pytest.mark.db_dialect
YEAR = clock.today().year
APPROVED = datetime(YEAR - 1, 11, 1, 12)


def year_of_twenty(people):
    """Twenty compared cases: six differ greatly, fifteen were discussed of which nine as hamerstuk, eight are closed."""
    coordinator, *members = people
    theme, month = make.theme(name="Peripartum hysterectomie"), f"{YEAR - 1}-03"
    first = make.treatment(make.case(Status.GOEDGEKEURD, theme=theme, month=month), members, coordinator)
    for one, grade in zip(Assessment.of(first), (GOOD, SURE), strict=True):
        hand_in(one, one.assessor, {**CALM, "C10": grade})
    forms = [CommitteeForm.get(CommitteeForm.assessment == one) for one in Assessment.of(first)]
    agreed = consensus.prefill(fresh(first), coordinator)
    CommitteeForm.update(fixed_at=APPROVED).where(CommitteeForm.id == agreed.id).execute()
    others = [make.treatment(make.case(Status.GOEDGEKEURD, theme=theme, month=month), by=coordinator) for _ in range(19)]
    meeting = Meeting.create(process=Process.NETHOSS, day=date(YEAR, 6, 1))
    for number, treatment in enumerate([first, *others]):
        state = "gesloten" if number < 8 else "besproken" if number < 15 else "binnen"
        at = APPROVED + number * clock.DAY
        ends = {"compared_at": at + (10 + number) * clock.DAY, "closed_at": datetime(YEAR, 7, 1) if number < 8 else None}
        Treatment.update(meeting=meeting, state=state, **ends).where(Treatment.id == treatment.id).execute()
        Case.update(approved_at=at).where(Case.id == treatment.case_id).execute()
        if number:
            assessed(treatment, members, forms if number < 6 else forms[:1] * 2, at)
        if 0 < number < 15:
            said = {
                place("V11"): {"kept": FORMALITY if number >= 6 else "na bespreking, allen eens", "reason": "", "revision": 1}
            }
            copied(agreed, treatment, None, json.dumps(said), at)
        if number < 6:
            make.letter(treatment)
    LessonLetter.update(released_at=datetime(YEAR, 6, 20, 12)).execute()
    late = Assessment.select(Assessment.id).order_by(Assessment.id).limit(6)
    Assessment.update(late=True).where(Assessment.id.in_([one.id for one in late])).execute()
    third = {"term": meeting.day, "named_at": APPROVED, "named_by": coordinator, "third": True}
    for treatment in [first, *others][:5]:
        Assessment.create(treatment=treatment, assessor=make.member(), **third)


def assessed(treatment, members, forms, at):
    for by, form in zip(members, forms, strict=True):
        row = {"treatment": treatment, "term": clock.today(at), "named_at": at, "named_by": by, "declared_at": at}
        copied(form, treatment, Assessment.create(assessor=by, handed_in_at=at, **row), form.answers, None)


def copied(form, treatment, assessment, answers, fixed_at):
    fields = {name: getattr(form, name) for name in ("version", "still_open", "asked", "changed_at", "changed_by")}
    CommitteeForm.create(treatment=treatment, assessment=assessment, answers=answers, fixed_at=fixed_at, **fields)


def ask(question):
    return [row[0] if len(row) == 1 else row for row in db.execute_sql(question).fetchall()]


def test_every_figure_of_twenty_cases_is_that_of_the_rows(app, login):
    filling.crf()
    people = make.coordinator(), make.member(), make.member()
    year_of_twenty(people)
    content = CommitteeYear.of(Process.NETHOSS, YEAR, people[1]).content(YEAR)
    counts, times, *_, themes = content.sections[0].tables
    (all_of,) = ask("SELECT COUNT(*) FROM treatment")
    states = dict(ask("SELECT state, COUNT(*) FROM treatment GROUP BY state"))
    discussed = states["besproken"] + states["gesloten"]
    (thirds,) = ask("SELECT COUNT(DISTINCT treatment_id) FROM assessment WHERE third AND ended_at IS NULL")
    (in_time,) = ask("SELECT COUNT(*) FROM assessment WHERE handed_in_at IS NOT NULL AND NOT late")
    (handed_in,) = ask("SELECT COUNT(*) FROM assessment WHERE handed_in_at IS NOT NULL")
    (letters,) = ask("SELECT COUNT(DISTINCT case_id) FROM lesson_letter")
    assert dict(counts.rows) == {
        "Besproken": f"{discussed} van {all_of}", "Behandeling gesloten": f"{states['gesloten']} van {discussed}",
        "Met een derde beoordelaar": f"{thirds} van {all_of}", "Beoordelingen op tijd": f"{in_time} van {handed_in}",
        "Vastgesteld als hamerstuk": "9 van 15", "Groot verschil tussen de eerste twee": "6 van 20",
        "Lessenbrief naar het ziekenhuis": f"{letters} van {discussed}",
    }  # fmt: skip
    assert (discussed, all_of, thirds, in_time, handed_in, letters) == (15, 20, 5, 34, 40, 6)
    took = {
        "de beoordelingen": range(10, 30),
        "de bespreking": [(date(YEAR, 6, 1) - clock.today(APPROVED)).days - number for number in range(15)],
        "de lessenbrief": [(date(YEAR, 6, 20) - clock.today(APPROVED)).days - number for number in range(6)],
        "het sluiten": [(date(YEAR, 7, 1) - clock.today(APPROVED)).days - number for number in range(8)],
    }
    assert times.rows == [
        [
            name,
            f"{len(days)} van 20",
            statistics.median(days),
            round(statistics.quantiles(days, n=10, method="inclusive")[8], 1),
        ]
        for name, days in took.items()
    ]
    ((theme, pairs, same, kappa, ac2),) = themes.rows
    assert (theme, pairs, same) == ("Peripartum hysterectomie", "20 van 20", "70%") and kappa and ac2

    told = annual_report(YEAR - 1, people[0]).sections[-1].tables  # the cases count for a month of the year before
    assert [one.rows for one in told[1:-1]] == [one.rows for one in content.sections[0].tables]
    for by, below in ((people[0], "vergaderingen"), (people[1], "commissie")):
        browser = login(app.test_client(), by)
        page = browser.get(f"/{below}/jaarcijfers/{YEAR}/").text
        assert all(f">{text}</span>" in page for text in dict(counts.rows).values()) and "LZA1<" not in page
        book = zipfile.ZipFile(io.BytesIO(browser.get(f"/{below}/jaarcijfers/{YEAR}.xlsx").data))
        assert "15 van 20" in "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
        assert browser.get(f"/{below}/jaarcijfers/{YEAR}.xlsx?commissie=lza1").status_code == 404
        assert browser.get(f"/{below}/jaarcijfers/{YEAR + 1}/").status_code == 404

    # What was erased, or is approved no longer, counts no more, and a number that is hidden stands behind no 'van' either.
    gone, undone = (one.case_id for one in Treatment.select().order_by(Treatment.id).limit(2))
    Case.update(erased_at=APPROVED, status=Status.INGETROKKEN, closed_why="gewist").where(Case.id == gone).execute()
    CommitteeForm.update(answers="").where(
        CommitteeForm.treatment.in_(Treatment.select().where(Treatment.case == gone))
    ).execute()
    Case.update(approved_at=None, approved_by=None, status=Status.INGEDIEND).where(Case.id == undone).execute()
    counts = dict(CommitteeYear.of(Process.NETHOSS, YEAR, people[1]).tables[0].rows)
    assert counts["Besproken"] == "13 van 18" and CommitteeAgreement.among(list(Case.select())).pairs == 19
    Treatment.update(state="binnen").where(Treatment.state == "besproken").execute()
    Treatment.update(state="binnen").where(
        Treatment.case.in_([one.id for one in Case.select().order_by(Case.id).limit(5)])
    ).execute()
    tables = CommitteeYear.of(Process.NETHOSS, YEAR, people[1]).tables
    counts = dict(tables[0].rows)
    assert all("geheel" not in one.caption and "Ten minste één factor" not in str(one.rows) for one in tables)
    assert counts["Besproken"] == "1-4" and {counts["Behandeling gesloten"], counts["Vastgesteld als hamerstuk"]} == {
        "verborgen"
    }


def test_few_cases_of_lza1_tell_no_number_and_nobody_else_reads_them():
    coordinator = make.coordinator(Process.LZA1)
    for _ in range(3):
        make.treatment(approved(), by=coordinator)
    meeting = Meeting.get()
    Treatment.update(state="besproken").execute()
    counts, times, dealings = CommitteeYear.of(Process.LZA1, meeting.day.year, coordinator).tables
    assert {row[1] for row in counts.rows} == {"te klein", "0 van 0"} and "hamerstuk" not in str(counts.rows)
    assert all(row[1:] == ["te klein", None, None] for row in times.rows) and times.rows
    assert {tuple(row[1:]) for row in dealings.rows} <= {("te klein",), ("verborgen",), ("0 van 0",)} and len(
        dealings.rows
    ) == 3
    for by in (make.coordinator(), make.member(), make.user(), make.user(role=Role.BEHEERDER)):
        with pytest.raises(Refused):
            CommitteeYear.of(Process.LZA1, meeting.day.year, by)
