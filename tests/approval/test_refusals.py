"""Refusals about what two people do in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

from unittest.mock import patch

import pytest

from models import clock
from models.access import Role
from models.approval import row_sheet
from models.approval.change_kind import ChangeOutcome
from models.approval.enrolment_sheet import HospitalsSheet, PeopleSheet
from models.approval.held_change import HeldChange
from models.approval.row_sheet import read_sheet, take
from tests import make
from tests.refusals import Pairs

pair = Pairs()

PEOPLE = ["Naam", "E-mailadres", "Rollen", "Ziekenhuis", "Commissie"]
ANNA = ["Anna", "anna@example.com", "coordinator", "", ""]


@pair("Kies eerst een bestand.")
def no_file(earns):
    read_sheet(b"" if earns else b"Naam;Code\nAmstel;A1")


@pair("Dit bestand is groter dan 2 MB. Zet hoogstens 500 regels in een bestand.")
def large_file(earns):
    text = b"Naam;Code\nAmstel;A1"
    with patch.object(row_sheet, "LARGEST", len(text) - earns):
        read_sheet(text)


@pair("Dit bestand is niet te lezen. Bewaar het in Excel als xlsx of als CSV en kies het opnieuw.")
def file_of_nothing(earns):
    read_sheet(b"PK\x03\x04x" if earns else b"Naam;Code\nPKL;A1")


@pair("Dit bestand heeft meer dan 500 regels. Verdeel het over meer bestanden.")
def long_file(earns):
    read_sheet(b"Naam;Code\n" + b"Amstel;A1\n" * (500 + earns))


@pair("Dit bestand heeft meer dan 40 kolommen. Verwijder wat er niet in hoort.")
def sheet_too_wide(earns):
    read_sheet(b"Naam;Code\nAmstel;A1" + b";" * (39 if earns else 38) + b"x")


@pair("In dit bestand staat geen regel onder de kopregel.")
def heading_alone(earns):
    read_sheet(b"Naam;Code\n" + (b";\n" if earns else b"Amstel;A1\n"))


@pair("De kolom ‘Code’ ontbreekt. De eerste regel van het bestand noemt de kolommen.")
def no_code(earns):
    take(HospitalsSheet(), [["Naam", "Kode" if earns else "CODE"], ["Amstel", "A1"]], _boss())


@pair("Vul bij ‘Heeft een NICU’ ja of nee in.")
def perhaps_a_nicu(earns):
    take(HospitalsSheet(), [["Naam", "Code", "Heeft een NICU"], ["Amstel", "A1", "misschien" if earns else "Ja"]], _boss())


@pair("Regel 2 kan niet: De rol ontbreekt. Er is niets toegevoegd.")
def nobody_in_particular(earns):
    _take([*ANNA[:2], "" if earns else "coordinator", "", ""])


@pair("De rol ‘coordinatrice’ is er niet.")
def role_of_nowhere(earns):
    _take([*ANNA[:2], "coordinatrice" if earns else "NethOSS-coördinator", "", ""])


@pair("De rol ontbreekt.")
def no_role(earns):
    _take([*ANNA[:2], " , " if earns else "coordinator", "", ""])


@pair("De commissie ‘Nethos’ is er niet.")
def committee_of_nowhere(earns):
    _take([*ANNA[:2], "commissielid", "", "Nethos" if earns else "nethoss"])


@pair("Het ziekenhuis ‘Amstel’ is er niet. Gebruik de naam of de code uit de lijst van ziekenhuizen.")
def hospital_of_nowhere(earns):
    made = make.hospital()
    _take([*ANNA[:2], "melder", "Amstel" if earns else made.code, ""])


@pair("Deze regel bevat tekens die niet opgeslagen kunnen worden.")
def letters_that_nobody_types(earns):
    _take(["Anna\x07" if earns else "Anna\u200b", *ANNA[1:]])


@pair("Uw eigen tweede stap kunt u niet opnieuw instellen. Vraag een andere beheerder om dat te doen.")
def own_second_step(earns):
    by = _boss()
    HeldChange.reset_factor(by if earns else make.user(), by, "Teruggebeld via het ziekenhuis.")


@pair("Schrijf op hoe u hebt vastgesteld dat deze persoon het zelf is")
def second_step_of_whoever(earns):
    HeldChange.reset_factor(make.user(), _boss(), "ja" if earns else "Teruggebeld via het ziekenhuis.")


@pair("Het account van Anna is al actief.")
def revived_alive(earns):
    account = make.user(name="Anna")
    if not earns:
        account.deactivate()
    HeldChange.revive(account, _boss())


@pair("Laat die eerst bevestigen, of houd die tegen.")
def asked_twice(earns):
    account, by = make.user(), _boss()
    for _ in range(1 + earns):
        HeldChange.reset_factor(account, by, "Teruggebeld via het ziekenhuis.")


@pair("Iemand anders moet dit bevestigen: niemand bevestigt wat men zelf vroeg of wat over het eigen account gaat.")
def confirmed_alone(earns):
    by, other = _boss(), _boss()
    HeldChange.reset_factor(make.user(), by, "Teruggebeld via het ziekenhuis.").confirm(by if earns else other)


@pair("Over deze wijziging is al beslist.")
def confirmed_twice(earns):
    asked, other = HeldChange.reset_factor(make.user(), _boss(), "Teruggebeld via het ziekenhuis."), _boss()
    for _ in range(1 + earns):
        asked.confirm(other)


@pair("De naam ontbreekt.")
def sheet_of_people_without_a_name(earns):
    _take(["" if earns else "Anna", *ANNA[1:]])


@pair("zonder dat iemand dat bevestigde. Vraag iemand anders om dit te bevestigen.")
def confirmed_by_ones_own_making(earns):
    by, other = _boss(), _boss()
    HeldChange.reset_factor(other, by, "Teruggebeld via het ziekenhuis.")
    alone = {"outcome": ChangeOutcome.ELAPSED, "decided_at": clock.now()}
    HeldChange.update(alone).where(HeldChange.account == other).execute()
    asked = HeldChange.reset_factor(make.user(), by, "Teruggebeld via het ziekenhuis.")
    asked.confirm(other if earns else _boss())  # what the sentence says, to the end


def _boss():
    return make.user(role=Role.BEHEERDER)


def _take(row):
    take(PeopleSheet(), [PEOPLE, row], _boss())


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
