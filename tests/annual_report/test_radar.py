import pytest

from models import clock
from models.access import Role
from models.annual_report.births import Births
from models.annual_report.radar import MONTHS, Radar, Sign, sign
from models.base import Refused
from models.mail.outbox import Mail, MailStatus
from models.monthly.monthly_request import MonthlyCall
from tests import make

LAST = clock.previous_month(clock.today())
# births, cases per 10,000, expected, reported, P(this few), P(this many): worked out apart, to the printed digit.
WORKED = (
    (900, 12.4, 1.116, 0, 0.327588, 1.0, Sign.GEWOON),
    (1500, 12.4, 1.86, 0, 0.155673, 1.0, Sign.GEWOON),
    (2400, 12.4, 2.976, 0, 0.050996, 1.0, Sign.GEWOON),
    (2400, 12.4, 2.976, 1, 0.202762, 0.949004, Sign.GEWOON),
    (3600, 12.4, 4.464, 0, 0.011516, 1.0, Sign.VRAGEN),
    (4800, 12.4, 5.952, 2, 0.064145, 0.98192, Sign.GEWOON),
    (5200, 12.4, 6.448, 14, 0.997253, 0.006648, Sign.KIJKEN),
)


@pytest.mark.parametrize(("births", "incidence", "expected", "reported", "few", "many", "asks"), WORKED)
def test_the_worked_figures_come_out_to_the_printed_digit(births, incidence, expected, reported, few, many, asks):
    found, at_most, at_least = sign(births * incidence / 10_000, reported)
    assert births * incidence / 10_000 == pytest.approx(expected)
    assert (round(at_most, 6), round(at_least, 6), found) == (few, many, asks)


def test_nothing_at_all_where_five_are_expected_asks_for_a_call():
    assert sign(5, 0)[0] == Sign.BELLEN


def asked(*months):
    for month in months:
        MonthlyCall.open_all(month)
    Mail.update(status=MailStatus.VERZONDEN).execute()


def test_only_births_of_months_that_were_asked_count_and_unknown_births_give_no_verdict():
    by, busy, quiet, unknown = make.coordinator(), *(make.user(hospital=make.hospital(name)) for name in "ABC")
    months = clock.months_until(LAST, MONTHS)
    asked(*months[-12:])
    year = clock.today().year - 1
    for melder, births in ((busy, 2400), (quiet, 6000)):
        Births.state(by, melder.hospital, year, births, "register")
    theme = make.theme()
    for month in months[-12:]:
        make.case(by=busy, theme=theme, month=month)
    make.case(by=busy, theme=theme, month=months[0])  # which was not asked
    radar = Radar.of(by)

    found = {echo.hospital.name: echo for echo in radar.echoes}
    assert (found["A"].births, found["A"].reported, found["B"].births) == (2400, 12, 6000)
    assert radar.incidence == pytest.approx(12 / 8400 * 10_000)
    assert found["B"].expected == pytest.approx(6000 * 12 / 8400) and found["B"].sign == Sign.BELLEN
    assert found["C"].sign == Sign.ONBEKEND and found["C"].chance is None
    assert radar.by_chance == pytest.approx(0.05 * 2)
    assert radar.echoes[0].hospital.name == "B" and unknown.hospital.name == "C"


def test_no_births_and_no_cases_are_known_and_judge_nobody(client, login):
    by, melder, other = make.coordinator(), make.user(), make.user()
    asked(LAST)
    Births.state(by, melder.hospital, clock.today().year - 1, 0, "gesloten afdeling")
    assert {echo.hospital: echo.sign for echo in Radar.of(by).echoes} == {
        melder.hospital: Sign.LEEG,
        other.hospital: Sign.ONBEKEND,
    }
    Births.state(by, other.hospital, clock.today().year - 1, 1200, "register")
    radar = Radar.of(by)
    assert [echo.sign for echo in radar.echoes] == [Sign.LEEG] * 2 and radar.incidence == 0
    login(client, by)
    page = client.get("/radar/").text
    assert "niets te verwachten" in page and "Vul eerst" not in page


def test_the_page_says_that_chance_alone_does_this_and_is_for_the_coordinator(client, login):
    by = make.coordinator()
    make.user()
    asked(LAST)
    login(client, by)
    assert "Vul eerst per ziekenhuis het aantal geboorten in" in client.get("/radar/").text
    for role in Role:
        if role != Role.COORDINATOR:
            with pytest.raises(Refused):
                Radar.of(make.user(role=role))
