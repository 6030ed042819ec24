"""Agreement of assessors over the cases that were compared: on the page, in the annual report, and for whom."""

import pytest

from models import clock
from models.access import Process, Role
from models.annual_report.annual_report import annual_report
from models.annual_report.committee_figures.assessor_agreement import CommitteeAgreement
from models.base import Refused
from models.cases.status import Status
from models.cases.theme import Theme
from models.committee.assessment import Assessment
from tests import filling, make
from tests.committee.test_outcome import CALM, GOOD, MAYBE, REFERENCE, SURE, WITHOUT
from tests.committee.test_treatment import fresh, hand_in

pytestmark = pytest.mark.db_dialect
YEAR = clock.today().year - 1
MARCH = f"{YEAR}-03"
GRADES = (GOOD, WITHOUT, MAYBE, SURE)


@pytest.fixture
def people():
    filling.crf()
    return make.coordinator(), make.member(), make.member()


def assess(people, pairs):
    """A compared case for each pair of overall grades (C10); 'onbekend' for None."""
    coordinator, *members = people
    theme = Theme.get_or_none(Theme.name == "Peripartum hysterectomie") or make.theme(name="Peripartum hysterectomie")
    for pair in pairs:
        treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=theme, month=MARCH), members, coordinator)
        for one, by, grade in zip(Assessment.of(treatment), members, pair, strict=True):
            hand_in(one, by, {**CALM, "C10": "onbekend" if grade is None else GRADES[grade]})
    return fresh(treatment)


def overall(agreement):
    return next(one for one in agreement.items if one.code == "C10")


def test_twenty_pairs_give_the_figures_of_the_reference_on_the_page_and_in_the_report(people, app, login):
    assess(people, [*REFERENCE, (None, 0)])
    found = CommitteeAgreement.of(Process.NETHOSS, people[1])
    row = overall(found)
    assert (found.pairs, row.found.pairs, row.outside) == (21, 20, 1)
    assert (round(row.found.kappa, 4), round(row.found.ac2, 4)) == (0.5467, 0.7439)
    assert row.row[1:5] == [20, 1, "65%", "95%"] and row.row[5].startswith("0,55 (0,") and row.row[6].startswith("0,74 (0,")
    for by, address in ((people[0], "/vergaderingen/overeenstemming/"), (people[1], "/commissie/overeenstemming/")):
        page = login(app.test_client(), by).get(address).text
        assert row.row[5] in page and row.row[6] in page and ">NethOSS<" in page and ">LZA1<" not in page
    section = annual_report(YEAR, people[0]).sections[-1]
    assert row.row in section.tables[-1].rows


def test_few_pairs_tell_a_share_and_fewer_tell_none(people):
    assess(people, [(0, 0)] * 4)
    assert overall(CommitteeAgreement.of(Process.NETHOSS, people[0])).row[1:] == [4, 0, None, None, None, None]
    assess(people, [(0, 1)])
    assert overall(CommitteeAgreement.of(Process.NETHOSS, people[0])).row[1:] == [5, 0, "80%", "100%", None, None]


def test_one_form_is_no_pair_and_a_busy_third_holds_a_case_back(people):
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=make.theme(name="AFLP")), people[1:], people[0])
    hand_in(Assessment.of(treatment)[0], people[1], CALM)
    assert CommitteeAgreement.of(Process.NETHOSS, people[0]).pairs == 0
    hand_in(Assessment.of(treatment)[1], people[2], CALM)
    assert CommitteeAgreement.of(Process.NETHOSS, people[0]).pairs == 1
    Assessment.appoint(fresh(treatment), people[0], [make.member().id])
    assert CommitteeAgreement.of(Process.NETHOSS, people[0]).pairs == 0


def test_each_committee_reads_its_own_agreement_only(people):
    assess(people, [(0, 0)])
    assert CommitteeAgreement.of(Process.LZA1, make.coordinator("lza1")).pairs == 0
    for by in (make.coordinator("lza1"), make.user(), make.user(role=Role.BEHEERDER)):
        with pytest.raises(Refused):
            CommitteeAgreement.of(Process.NETHOSS, by)
    with pytest.raises(Refused):
        CommitteeAgreement.of(Process.LZA1, people[1])


def test_the_page_looks_back_one_year(people):
    assess(people, [(0, 0)])
    later = clock.now() + 370 * clock.DAY
    assert CommitteeAgreement.of(Process.NETHOSS, people[0], later).pairs == 0
