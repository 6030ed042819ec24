"""Refusals about keeping and destroying in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

import pytest

from models import MODELS, clock
from models.access import Process, Role
from models.cases.case import Case
from models.cases.status import Status
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.stay import Stay
from models.retention.erasure_request import ErasureRequest
from models.retention.legal_hold import LegalHold
from models.retention.retention_kind import KINDS
from models.retention.retention_term import RetentionTerm
from models.retention.stay_erasure import StayErasure
from models.retention.subject_report import LONGEST, SubjectReport
from tests import make
from tests.lnr import messages
from tests.refusals import Pairs

pair = Pairs()
WHY = "De patiënte vraagt het."


@pair("Vul in wie dit vraagt en waarom.")
def erasure_for_nothing(earns):
    ErasureRequest.ask(make.coordinator(), make.case().number, " " if earns else WHY)


@pair("Er is geen melding met dit nummer en geen account met dit e-mailadres waarover u gaat.")
def erasure_of_another_process(earns):
    ErasureRequest.ask(make.coordinator(Process.LZA1 if earns else Process.NETHOSS), make.case().number, WHY)


@pair("De inhoud van deze melding is al vernietigd.")
def erasure_of_what_is_gone(earns):
    case = make.case()
    if earns:
        Case.update(erased_at=clock.now()).execute()
    ErasureRequest.ask(make.coordinator(), case.number, WHY)


@pair("Voor deze melding geldt een bewaarplicht. Daarom kan die niet worden gewist.")
def erasure_of_what_is_held(earns):
    case, by = make.case(), make.coordinator()
    hold = LegalHold.place(case, by, "Rechtszaak.")
    if not earns:
        hold.ask_to_lift(by)
        hold.lift(make.coordinator())
    ErasureRequest.ask(by, case.number, WHY)


@pair("geldt een bewaarplicht, ook voor dit deel. Hef die eerst op.")
def part_taken_from_what_is_held(earns):
    by, theme, month = make.coordinator(), make.theme(), "2026-09"
    whole, part = (make.case(Status.INGEDIEND, theme=theme, month=month) for _ in range(2))
    whole.join(part, by)
    if earns:
        LegalHold.place(whole, by, "Rechtszaak.")
    Case.get_by_id(part.id).separate(by, "Toch een ander.")


@pair("Beëindig dit account eerst. Daarna kunt u het laten wissen.")
def erasure_of_who_works_here(earns):
    account = make.user()
    if not earns:
        account.deactivate()
    ErasureRequest.ask(make.user(role=Role.BEHEERDER), account.email, WHY)


@pair("Hierover wacht al een verzoek.")
def erasure_asked_twice(earns):
    case, by = make.case(), make.coordinator()
    for _ in range(1 + earns):
        ErasureRequest.ask(by, case.number, WHY)


@pair("Iemand anders moet dit bevestigen: niemand wist alleen.")
def erased_alone(earns):
    by, other = make.coordinator(), make.coordinator()
    ErasureRequest.ask(by, make.case(Status.INGEDIEND).number, WHY).grant(by if earns else other, MODELS)


@pair("Over dit verzoek is al beslist.")
def decided_twice(earns):
    asked, other = ErasureRequest.ask(make.coordinator(), make.case().number, WHY), make.coordinator()
    for _ in range(1 + earns):
        asked.reject(other)


@pair("Vul in waarom deze melding bewaard moet blijven.")
def held_for_nothing(earns):
    LegalHold.place(make.case(), make.coordinator(), " " if earns else "Rechtszaak.")


@pair("De inhoud van deze melding is al vernietigd. Er is niets meer om te bewaren.")
def held_too_late(earns):
    case = make.case()
    if earns:
        Case.update(erased_at=clock.now()).execute()
    LegalHold.place(case, make.coordinator(), "Rechtszaak.")


@pair("Voor deze melding geldt al een bewaarplicht.")
def held_twice(earns):
    case, by = make.case(), make.coordinator()
    for _ in range(1 + earns):
        LegalHold.place(case, by, "Rechtszaak.")


@pair("Deze bewaarplicht is al opgeheven.")
def lifted_twice(earns):
    hold, second = _asked_to_lift(), make.coordinator()
    for _ in range(1 + earns):
        hold.lift(second)


@pair("Iemand anders moet dit bevestigen: niemand heft alleen een bewaarplicht op.")
def lifted_alone(earns):
    hold = _asked_to_lift()
    hold.lift(LegalHold.get_by_id(hold.id).lift_asked_by if earns else make.coordinator())


def _asked_to_lift():
    hold = LegalHold.place(make.case(), make.coordinator(), "Rechtszaak.")
    hold.ask_to_lift(make.coordinator())
    return hold


@pair("Er is geen melding met dit nummer.")
def hold_of_another_process(earns):
    LegalHold.place_on(make.case().number, make.coordinator(Process.LZA1 if earns else Process.NETHOSS), "Rechtszaak.")


@pair("ligt vast op")
def fixed_term(earns):
    term = _term(fixed=earns)
    term.amend(make.user(role=Role.BEHEERDER), term.days + 1)


@pair("Kies een termijn van")
def term_beyond_the_bounds(earns):
    term = _term(fixed=False)
    term.amend(make.user(role=Role.BEHEERDER), term.facts.most + earns)


@pair("Iemand heeft deze termijn intussen gewijzigd. Bekijk die opnieuw.")
def term_that_moved(earns):
    seen, by = _term(fixed=False), make.user(role=Role.BEHEERDER)
    if earns:
        RetentionTerm.get_by_id(seen.id).amend(by, seen.facts.least)
    seen.amend(by, seen.facts.most)


@pair("Vul het patiëntnummer of het BSN in.")
def report_about_nobody(earns):
    SubjectReport.make(make.user(), " " if earns else "123")


@pair("Dit is langer dan een patiëntnummer kan zijn")
def report_about_a_story(earns):
    SubjectReport.make(make.user(), "1" * (LONGEST + earns))


def _term(fixed):
    terms = (term for term in list(RetentionTerm.select()) if KINDS[term.kind].fixed == fixed)
    return next(term for term in terms if fixed or term.facts.least < term.days < term.facts.most)


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)


def stay():
    """A stay that was delivered, and the contact of its hospital."""
    agb = str(6020100 + Stay.select().count()).zfill(8)
    place = messages.hospital(agb=agb)
    deliver(Delivery(place, messages.supplier()), messages.message(agb=agb))
    return Stay.get(Stay.hospital == place), make.user(role=Role.LNR_CONTACT, hospital=place)


@pair("Vul in wie dit vraagt en waarom de opname weg moet.")
def stay_erased_for_nothing(earns):
    StayErasure.ask(make.user(role=Role.LNR_BEHEER), stay()[0].number, " " if earns else WHY)


@pair("Onder dit nummer staat geen opname waarover u gaat.")
def stay_of_another_hospital(earns):
    one, contact = stay()
    StayErasure.ask(make.user(role=Role.LNR_CONTACT) if earns else contact, one.number, WHY)


@pair("Dit is al op verzoek gewist.")
def stay_erased_before(earns):
    one, contact = stay()
    if earns:
        Stay.update(erased_at=clock.now()).execute()
    StayErasure.ask(contact, one.number, WHY)


@pair("Over deze opname wacht al een verzoek.")
def stay_erasure_asked_twice(earns):
    one, contact = stay()
    (asked,) = StayErasure.ask(contact, one.number, WHY)
    if not earns:
        asked.reject(contact)
    StayErasure.ask(contact, one.number, WHY)


@pair("Iemand anders van het LNR-beheer moet dit bevestigen: niemand wist alleen.")
def stay_erased_alone(earns):
    asks = make.user(role=Role.LNR_BEHEER)
    StayErasure.ask(asks, stay()[0].number, WHY)[0].grant(asks if earns else make.user(role=Role.LNR_BEHEER))


@pair("Over het wissen van deze opname is al beslist.")
def stay_erasure_decided_twice(earns):
    one, contact = stay()
    (asked,) = StayErasure.ask(contact, one.number, WHY)
    if earns:
        asked.reject(contact)
    asked.grant(make.user(role=Role.LNR_BEHEER))
