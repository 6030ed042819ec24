"""Refusals about the committee LZA1 in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

from unittest.mock import patch

import pytest

from models import clock
from models.access import Process, Role
from models.cases.case import Case
from models.cases.status import Status
from models.files.sandbox.start import NotStarted
from models.lza1 import committee_steps
from models.lza1.committee_steps import LARGEST, CommitteeStep
from models.review.correction.theme_correction import correct_theme
from tests import make
from tests.refusals import Pairs

pair = Pairs()


@pair("Vragen en oordelen van de commissie horen bij LZA1-meldingen.")
def verdict_about_nethoss(earns):
    _judge(Process.NETHOSS if earns else Process.LZA1)


@pair("Kies de dag waarop de commissie dit besloot; die ligt niet in de toekomst.")
def verdict_of_tomorrow(earns):
    _judge(day=clock.today() + clock.DAY * earns)


@pair("Kies het oordeel als PDF-bestand.")
def verdict_that_is_a_page(earns):
    _judge(content=b"<html>" if earns else b"\n" * 1000 + make.PDF)


@pair("een oordeel is hoogstens 3MB.")
def large_verdict(earns):
    _judge(content=make.PDF + b" " * (LARGEST - len(make.PDF) + earns))


@pair("Het bestand kan nu niet worden gecontroleerd.")
def verdict_that_nobody_can_look_into(earns):
    with patch.object(committee_steps, "hazards", side_effect=NotStarted("vol") if earns else None, return_value=[]):
        _judge()


@pair("Dit kan alleen bij een goedgekeurde LZA1-melding. Deze melding heeft nu de status Ingediend.")
def verdict_before_approval(earns):
    _judge(status=Status.INGEDIEND if earns else Status.GOEDGEKEURD)


@pair("Het oordeel is voor de melder van deze casus en de collega's die zijn aangewezen.")
def verdict_for_a_colleague(earns):
    step = _judge()
    colleague = make.user(role=Role.LZA1_MELDER, hospital=step.case.hospital)
    if not earns:
        step.case.entrust(colleague, step.case.reporter)
    step.letter(colleague)


@pair("De commissie heeft over deze melding al geoordeeld.")
def theme_after_the_verdict(earns):
    case = _judge().case if earns else make.case(Status.INGEDIEND, theme=make.theme(Process.LZA1))
    correct_theme(Case.get_by_id(case.id), make.coordinator(Process.LZA1), make.theme(Process.LZA1), "Anders.")


def _judge(process=Process.LZA1, status=Status.GOEDGEKEURD, content=make.PDF, day=None):
    by = make.user(role=Role.LZA1_MELDER if process == Process.LZA1 else Role.MELDER)
    case = make.case(status, by=by, theme=make.theme(process=process))
    return CommitteeStep.judge(case, make.coordinator(process), content, day or clock.today(), case.key)


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
