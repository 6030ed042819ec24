"""Refusals about accounts in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from models import clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.identity.identity_provider import IdentityProvider
from models.accounts.identity.linked_identity import LinkedIdentity
from models.accounts.managed_account import check_fit, demand_agreed
from models.accounts.saved_view import LONGEST_QUERY, MOST, SavedView
from models.accounts.user import User
from tests import make
from tests.refusals import Pairs

pair = Pairs()
PROVIDER = IdentityProvider("huis", "Erasmus MC", "https://inlog.erasmusmc.nl", "portaal", "geheim")


@pair("Een ziekenhuis heeft een code en een naam.")
def hospital_without_a_name(earns):
    Hospital.enrol("A1", " " if earns else "Amstel")


@pair("is geen nummer van hoogstens acht cijfers.")
def number_with_a_letter(earns):
    Hospital.enrol("A1", "Amstel", agb="0601010²" if earns else "06010101")


@pair("Er is al een ziekenhuis met deze code, deze naam of een van deze nummers.")
def hospital_twice(earns):
    known = make.hospital(agb=f"0601010{earns:d}")
    Hospital.enrol(f"A{earns:d}", f"Berg {earns:d}", agb=known.agb if earns else "06010109")


@pair("U hebt deze weergave net al opgeslagen.")
def view_kept_in_two_windows(earns):
    by = make.user()
    SavedView.keep("cases", "Mijn lijst", "flt=1", False, by)
    with patch.object(SavedView, "get_or_none", return_value=None):  # as it was before the other window
        SavedView.keep("cases", "Mijn lijst" if earns else "Andere lijst", "flt=1", False, by)


@pair("Er is geen ziekenhuis met de code ")
def hospital_of_no_code(earns):
    Hospital.by_code("A2" if earns else make.hospital().code)


@pair("Hiervoor zijn twee mensen nodig: iemand anders moet dit eerst bevestigen.")
def alone(earns):
    demand_agreed(make.user(role=Role.BEHEERDER), agreed=not earns)


@pair("U kunt uzelf geen rol geven. Vraag een andere beheerder om dat te doen.")
def role_for_oneself(earns):
    by, other = (make.user(role=Role.BEHEERDER) for _ in range(2))
    (by if earns else other).grant([Role.BEHEERDER, *([Role.COORDINATOR] if earns else [])], by=by)


@pair("U kunt uw eigen beheer niet beëindigen. Vraag een andere beheerder om dat te doen.")
def own_management(earns):
    by, other = (make.user(role=Role.BEHEERDER) for _ in range(2))
    (by if earns else other).grant([], by=by)


@pair("Dit is de laatste beheerder. Maak eerst iemand anders beheerder.")
def own_management_as_the_last(earns):
    by = make.user(role=Role.BEHEERDER)
    if earns:
        by.grant([], by=by)
    make.user(role=Role.BEHEERDER).grant([], by=by)  # what it advised was done


@pair("U kunt uw eigen account niet beëindigen. Vraag een andere beheerder om dat te doen.")
def own_account(earns):
    by, other = (make.user(role=Role.BEHEERDER) for _ in range(2))
    by.deactivate(by=by if earns else other)


@pair("Een beheerder ziet geen meldingen en heeft daarom geen andere rol.")
def beheerder_who_coordinates(earns):
    check_fit({Role.BEHEERDER, *([Role.COORDINATOR] if earns else [])}, None, None)


@pair("De rol NethOSS-melder hoort bij een ziekenhuis. Kies een ziekenhuis.")
def melder_of_nowhere(earns):
    check_fit({Role.MELDER}, None if earns else 1, None)


@pair("Een landelijke rol hoort niet bij één ziekenhuis.")
def coordinator_of_a_hospital(earns):
    check_fit({Role.COORDINATOR}, 1 if earns else None, None)


@pair("Kies voor een commissielid de commissie, en alleen voor een commissielid.")
def member_of_no_committee(earns):
    check_fit({Role.COMMISSIELID}, None, None if earns else Process.NETHOSS)


@pair("Er is al een account met het e-mailadres anna@example.com.")
def address_that_is_taken(earns):
    make.user(email="anna@example.com" if earns else "berta@example.com")
    User.enrol("Anna@example.com " if earns else "anne@example.com", "Anne", ())


@pair("Geef de weergave een naam.")
def view_without_a_name(earns):
    SavedView.keep("/lijst", " " if earns else "Open", "a=1", False, make.user())


@pair("Kies eerst een filter of een volgorde.")
def view_of_everything(earns):
    SavedView.keep("/lijst", "Open", "" if earns else "a=1", False, make.user())


@pair("Deze weergave heeft te veel filters om te bewaren.")
def view_of_too_much(earns):
    SavedView.keep("/lijst", "Open", "a" * (LONGEST_QUERY + earns), False, make.user())


@pair(f"U hebt hier al {MOST} weergaven. Wis er eerst een.")
def view_too_many(earns):
    by = make.user()
    for number in range(MOST - (not earns)):
        SavedView.keep("/lijst", f"Weergave {number}", "a=1", False, by)
    SavedView.keep("/lijst", "Nog een", "a=1", False, by)


@pair("Deze weergave is er niet.")
def view_of_no_number(earns):
    SavedView.discard("/lijst", "x" if earns else "1", make.user())


@pair("Deze weergave is van een collega.")
def view_of_a_colleague(earns):
    by = make.user()
    kept = SavedView.keep("/lijst", "Open", "a=1", True, by)
    SavedView.discard("/lijst", str(kept.id), make.user() if earns else by)


@pair("horen niet bij elkaar: een van beide is al aan een andere gekoppeld.")
def linked_to_another(earns):
    LinkedIdentity.link(by := make.user(), PROVIDER, f"sub-{earns}")
    LinkedIdentity.link(make.user() if earns else by, PROVIDER, f"sub-{earns}")


@pair("Uw account is niet gekoppeld aan de inlog van")
def unlinked_twice(earns):
    LinkedIdentity.link(by := make.user(), PROVIDER, f"sub-{earns}")
    LinkedIdentity.unlink(make.user() if earns else by, PROVIDER)


@pair("Uw eigen einddatum kunt u niet wijzigen. Vraag de beheerder of een andere ziekenhuisbeheerder.")
def own_end_date(earns):
    by = make.user(appoints_since=clock.now())
    (by if earns else make.user(hospital=by.hospital)).end_per(_in_days(9), by)


@pair("is niet actief. Vraag eerst om het weer actief te maken.")
def end_date_of_who_ended(earns):
    account = make.user(active=not earns)
    account.end_per(_in_days(9), make.user(role=Role.BEHEERDER))


@pair("Kies een dag na vandaag. Moet het vandaag al, beëindig dan het account.")
def end_date_of_today(earns):
    make.user().end_per(_in_days(0 if earns else 1), make.user(role=Role.BEHEERDER))


@pair("Een coördinator of beheerder heeft geen einddatum. Beëindig het account als er een opvolger is.")
def end_date_of_a_national_role(earns):
    account = make.user(role=Role.COORDINATOR if earns else Role.COMMISSIELID)
    account.end_per(_in_days(9), make.user(role=Role.BEHEERDER))


@pair("is geen melder. Alleen een NethOSS-melder kan ziekenhuisbeheerder zijn.")
def manager_who_is_no_melder(earns):
    make.user(role=Role.INVOERDER if earns else Role.MELDER).appoint(make.user(role=Role.BEHEERDER))


@pair("Alleen de ziekenhuisbeheerder kan dit doen, voor mensen van het eigen ziekenhuis.")
def account_of_another_hospital(earns):
    by = make.user(appoints_since=clock.now())
    make.user(hospital=None if earns else by.hospital).deactivate(by)


def _in_days(count):
    return clock.today() + timedelta(days=count)


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
