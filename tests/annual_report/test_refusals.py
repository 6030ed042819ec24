"""Refusals about the year report in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

from unittest.mock import patch

import pytest

from models import clock
from models.annual_report.births import FIRST_YEAR, MOST, Births
from models.annual_report.edition import ReportEdition
from models.annual_report.own_year import OwnYear
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
