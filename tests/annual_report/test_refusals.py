"""Refusals about the year report in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

from unittest.mock import patch

import pytest

from models import clock
from models.annual_report.births import FIRST_YEAR, MOST, Births
from models.annual_report.edition import ReportEdition
from models.annual_report.own_year import OwnYear
from models.annual_report.second_source import SecondSourceList
from models.annual_report.second_source_sheet import SecondSourceSheet
from models.approval.row_sheet import take
from tests import make
from tests.refusals import Pairs

pair = Pairs()
LAST = clock.today().year - 1


@pair(f"Kies een jaar dat voorbij is, vanaf {FIRST_YEAR}.")
def births_of_this_year(earns):
    _births(year=clock.today().year - (not earns))


@pair(f"Vul het aantal geboren kinderen in: een heel getal van 0 tot en met {MOST}.")
def births_beyond_count(earns):
    _births(count=MOST + earns)


@pair("Vul in waar dit getal vandaan komt")
def births_of_nowhere(earns):
    _births(source=" " if earns else "Perined")


@pair("is nog niet voorbij. Tot die tijd kunt u het voorlopige verslag bekijken en exporteren.")
def report_of_this_year(earns):
    ReportEdition.settle(clock.today().year - (not earns), make.coordinator())


@pair("Schrijf wat deze uitgave verbetert; dat staat in het verslag.")
def second_report_without_a_word(earns):
    _second(LAST - earns, "" if earns else "Een casus kwam erbij.")


@pair("Er is sinds de vorige uitgave niets veranderd.")
def second_report_of_the_same(earns):
    _second(LAST - earns, "Een casus kwam erbij.", changed=not earns)


@pair("Een collega heeft dit verslag zojuist vastgesteld. Bekijk eerst die uitgave.")
def report_of_a_colleague(earns):
    if earns:
        ReportEdition.settle(LAST, make.coordinator())
    with patch.object(ReportEdition, "of_year", return_value=[]):  # as it was a moment ago
        ReportEdition.settle(LAST - (not earns), make.coordinator())


@pair("Dit is niet uw ziekenhuis.")
def year_of_another_hospital(earns):
    by = make.user()
    OwnYear.of(make.hospital() if earns else by.hospital, clock.today().year - 1, by)


@pair("Vul in waar de lijst vandaan komt, bijvoorbeeld: LBZ of OK-registers.")
def list_of_nowhere(earns):
    _list(_row(), source=" " if earns else "LBZ")


@pair("staat er al een lijst. Neem die eerst terug.")
def second_list(earns):
    first = LAST if earns else LAST - 1
    _list(_row(year=first))
    _list(_row(year=first if earns else first - 1))


@pair("is al teruggenomen.")
def taken_back_twice(earns):
    _list(_row())
    by, listed = make.coordinator(), SecondSourceList.standing(LAST)
    for _ in range(1 + earns):
        listed.take_back(by)


@pair("hoort niet in dit bestand. Alleen thema, maand en ziekenhuis mogen erin staan, elk één keer.")
def list_with_more(earns):
    _list([*_row(), "123456782" if earns else ""])


@pair("Vul in elke regel een thema, een maand en een ziekenhuis in.")
def list_without_a_hospital(earns):
    _list(_row(**({"hospital": ""} if earns else {})))


@pair("Hier staat iets dat op een nummer, een datum of een adres van een persoon lijkt.")
def list_with_a_number(earns):
    _list(_row(**({"hospital": "123456782"} if earns else {})))


@pair("is er niet. Gebruik de naam zoals die in het portaal staat.")
def list_of_another_theme(earns):
    _list(_row(**({"theme": "Beenbreuk"} if earns else {})))


@pair(f"Een lijst gaat over een jaar dat voorbij is, vanaf {FIRST_YEAR}.")
def list_of_a_year_that_goes_on(earns):
    _list(_row(month=f"{LAST + 1}-01" if earns else f"{LAST}-12"))


@pair("Zet regels over een ander jaar in een eigen bestand.")
def list_of_two_years(earns):
    theme, month, hospital = _row()
    _list([theme, month, hospital], [theme, f"{LAST - earns}-04", hospital])


@pair("Schrijf de maand als 2026-03, 03-2026 of maart 2026.")
def list_of_a_month_of_no_calendar(earns):
    _list(_row(month=f"{LAST}-13" if earns else f"{LAST}-12"))


def _row(year=LAST, month=None, **fields):
    hospital, theme = make.hospital(), make.theme()
    row = {"theme": theme.name, "month": month or f"{year}-03", "hospital": hospital.name} | fields
    return [row["theme"], row["month"], row["hospital"]]


def _list(*rows, source="LBZ"):
    take(SecondSourceSheet(source), [["Thema", "Maand", "Ziekenhuis"], *rows], make.coordinator())


def _births(year=None, count=1200, source="Perined"):
    Births.state(make.coordinator(), make.hospital(), year or LAST, count, source)


def _second(year, why, changed=True):
    by = make.coordinator()
    ReportEdition.settle(year, by)
    if changed:
        make.zero(make.user(), f"{year}-03")
        Births.state(by, make.hospital(), year, 1200, "Perined")
    ReportEdition.settle(year, by, why)


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
