"""Refusals about people of a hospital in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

import pytest

from models import clock
from models.access import Role
from models.staff.account_review import AccountReview, confirm
from models.staff.nomination import end, nominate
from tests import make
from tests.refusals import Pairs

pair = Pairs()
GONE = "Werkt hier niet meer."


@pair("Kies een of meer rollen in uw ziekenhuis. Een landelijke rol geeft alleen de beheerder.")
def national_role(earns):
    nominate(_manager(), "Noor", f"noor{earns:d}@example.com", "", [Role.COORDINATOR if earns else Role.LNR_CONTACT])


@pair("Schrijf op waarom dit account stopt, bijvoorbeeld: werkt hier niet meer.")
def no_reason(earns):
    by = _manager()
    end(make.user(hospital=by.hospital), by, " " if earns else GONE)


@pair("Nomineer eerst een opvolger, of bevestig dat er geen opvolger is.")
def last_melder(earns):
    account = make.user()
    if not earns:
        make.user(hospital=account.hospital)
    end(account, make.user(role=Role.BEHEERDER), GONE)


@pair("Kies een collega van dit ziekenhuis die meldingen mag aanvullen.")
def stranger_as_successor(earns):
    by = _manager()
    end(make.user(hospital=by.hospital), by, GONE, successor=(make.user() if earns else by).id)


@pair("Alleen de ziekenhuisbeheerder, of een melder als die er niet is, kijkt de accounts van het ziekenhuis na.")
def melder_beside_a_manager(earns):
    by = _manager()
    melder = make.user(hospital=by.hospital)
    AccountReview.begin(by.hospital, clock.now())
    confirm(by, melder if earns else by)


@pair("Er loopt nu geen controle waarin ")
def no_review(earns):
    by = _manager()
    if not earns:
        AccountReview.begin(by.hospital, clock.now())
    confirm(by, by)


@pair("is al beëindigd; daar hoeft u niets over te zeggen.")
def verdict_on_who_ended(earns):
    by = _manager()
    account = make.user(hospital=by.hospital)
    AccountReview.begin(by.hospital, clock.now())
    if earns:
        account.deactivate()
    confirm(account, by)


def _manager():
    return make.user(appoints_since=clock.now())


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
