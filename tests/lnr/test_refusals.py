"""Refusals about the LNR in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

import io
import zipfile
from datetime import date, datetime
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from models import clock
from models.access import Role
from models.accounts.user import User
from models.lnr.benchmark.agreement import Agreement, Level
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.method import carry_over, method_change
from models.lnr.benchmark.recompute import recompute
from models.lnr.benchmark.risk import model_file
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.trend.rebase import Rebase
from models.lnr.closing.rehearsal import rehearsal
from models.lnr.closing.year_closing import YearClosing
from models.lnr.dataset.definition import definition
from models.lnr.entry import draft, draft_message
from models.lnr.entry.draft import StayDraft
from models.lnr.intake import zip_upload
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.intake.portal_messages import withdraw
from models.lnr.registry.admissions import MOST, Admissions, deadline
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.registry.stay import Stay
from models.lnr.research.extract_request import ExtractRequest
from models.lnr.suppliers.supplier import Supplier, SupplierStatus
from models.lnr.year_report import lnr_edition
from models.lnr.year_report.lnr_edition import LnrEdition
from tests import make
from tests.lnr import messages
from tests.lnr.benchmark.test_case_mix import CARD, model, told
from tests.lnr.test_draft import finished
from tests.lnr.test_extract_requests import PURPOSE
from tests.refusals import Pairs

pair = Pairs()
NOW = datetime(2026, 5, 1, 9)
AFTER = datetime(2026, 3, 2, 12)  # a day after 2025 no longer counts


# ---- how indicators are used --------------------------------------------------------------------------------------------


def _method(year=2026, code="ernstige-ivh", seen=0, **chosen):
    told = {"active": True, "target": None, "source": "", "source_date": None, "wider": True, "smallest": 10} | chosen
    by = make.user(role=Role.LNR_BEHEER)
    method_change.change(
        by, year, named(code), seen, method_change.SettingChoice(**{"note": "Afgesproken in het bestuur."} | told), NOW
    )


def _norm(target, **more):
    return {"target": target, "source": "Richtlijn", "source_date": date(2024, 1, 1)} | more


@pair("Iemand heeft de methode van ")
def method_of_a_second_tab(earns):
    year = 2026 if earns else 2027
    _method(year)
    _method(year, seen=0 if earns else 1, smallest=20)


@pair("Dit is hoe het al staat: er verandert niets.")
def method_as_it_was(earns):
    _method(wider=not earns)


@pair("Er is niets over te nemen: wat ")
def method_carried_over_twice(earns):
    year, by = 2026 if earns else 2028, make.user(role=Role.LNR_BEHEER)
    _method(year - 1)
    if earns:
        carry_over.carry_over(by, year, 0, 1, NOW)
    carry_over.carry_over(by, year, 1 if earns else 0, 1, NOW)


@pair("Deze indicator bestaat niet.")
def method_of_nothing(earns):
    _method(code="niets" if earns else "bpd")


@pair("Over deze indicator geeft het portaal geen oordeel: een norm kan niet.")
def standard_where_nothing_is_judged(earns):
    _method(code="opnameduur" if earns else "lijnsepsis", wider=False, **_norm(0.01))


@pair("Verruimen kan alleen bij een indicator waarover het portaal een oordeel geeft.")
def wider_where_there_is_no_verdict(earns):
    _method(code="opnameduur" if earns else "lijnsepsis")


@pair("Kies een norm tussen 0 en 1000 per 1000 lijndagen.")
def standard_of_every_day(earns):
    _method(code="lijnsepsis", wider=False, **_norm(1.0 if earns else 0.99))


@pair("staat er nooit een cijfer.")
def minimum_below_ten(earns):
    _method(smallest=9 if earns else 11)


@pair("Kies een norm tussen 0% en 100%.")
def standard_of_everybody(earns):
    _method(**_norm(1.0 if earns else 0.99))


@pair("Schrijf bij een vaste norm waar die staat, en van welke dag die is.")
def standard_from_nowhere(earns):
    _method(**_norm(0.1, source="" if earns else "Richtlijn"))


@pair("Vul bij deze bron ook de norm in, of laat alle drie leeg: dan is het cijfer van alle NICU’s samen de norm.")
def source_of_nothing(earns):
    _method(**_norm(None if earns else 0.1))


@pair("Schrijf waarom. Dat staat bij de methode, ook voor de ziekenhuizen.")
def method_for_no_reason(earns):
    _method(note=" " if earns else "Besloten op 1 mei.")


# ---- suppliers and research ---------------------------------------------------------------------------------------------


@pair("Kies een van de vier statussen.")
def status_of_nowhere(earns):
    messages.supplier().move("weg" if earns else SupplierStatus.GESCHORST)


@pair("Deze leverancier heeft de scenario's niet doorlopen. Schrijf op waarom de status toch zo wordt.")
def admitted_past_the_scenarios(earns):
    _admit(SupplierStatus.AANGEMELD, "" if earns else "Liep ze op papier door.")


@pair("Deze leverancier is geschorst. Schrijf op waarom de schorsing eindigt.")
def suspension_that_ends(earns):
    _admit(SupplierStatus.GESCHORST, "ja" if earns else "Fout hersteld.")


@pair("De reden is te lang: 201 tekens, hoogstens 200.")
def suspension_that_ends_in_many_words(earns):
    _admit(SupplierStatus.GESCHORST, "x" * (200 + earns))


@pair("Beschrijf het doel in een paar zinnen: welke vraag, door wie, en waar de gegevens blijven.")
def research_without_a_purpose(earns):
    _ask("Onderzoek." if earns else PURPOSE)


@pair("Kies een eerste en een laatste jaar; het laatste ligt niet in de toekomst.")
def research_of_next_year(earns):
    _ask(last=clock.today().year + earns)


@pair("De zwangerschapsduur loopt van minder naar meer weken.")
def research_of_no_weeks(earns):
    _ask(youngest=28, oldest=29 - earns)


@pair("Schrijf erbij waarom de aanvraag wordt afgewezen.")
def rejected_without_a_word(earns):
    _ask().decide(_manager(), False, " " if earns else "Het doel is te ruim.")


@pair("Over deze aanvraag is al beslist.")
def decided_twice(earns):
    asked = _ask()
    for _ in range(1 + earns):
        asked.decide(_manager(), True)


@pair("De gegevens zijn opnieuw geteld nadat u deze pagina opende. Bekijk de nieuwe aantallen, en beslis dan.")
def decided_from_a_page_of_before(earns):
    asked, by = _ask(), _manager()
    asked.decide(by, True)
    ExtractRequest.get_by_id(asked.id).recount(_manager())
    counted_anew = ExtractRequest.get_by_id(asked.id)
    counted_anew.decide(by, True, seen=asked.counted_at if earns else counted_anew.counted_at)


@pair("Deze aanvraag is niet (meer) goedgekeurd. Vraag de gegevens opnieuw aan.")
def research_that_lapsed(earns):
    asked, by = _ask(now=NOW), _manager()
    asked.decide(by, True, now=NOW)
    asked = ExtractRequest.get_by_id(asked.id)
    if not earns:  # what the sentence says, to the end
        asked = _ask()
        asked.decide(by, True)
        asked = ExtractRequest.get_by_id(asked.id)
    asked.demand_open(by, datetime(2026, 6, 1) if earns else None)


@pair("Dit bestand is niet meer wat er is goedgekeurd: ")
def research_that_tells_more_by_now(earns):
    asked, by = _ask(), _manager()
    asked.decide(by, True)
    ExtractRequest.update(anonymity="").where(ExtractRequest.id == asked.id).execute()  # of before anything was counted
    if not earns:  # what the sentence says, to the end
        ExtractRequest.get_by_id(asked.id).recount(by)
        ExtractRequest.get_by_id(asked.id).decide(_manager(), True)
    ExtractRequest.get_by_id(asked.id).demand_open(by)


# ---- what a hospital states ---------------------------------------------------------------------------------------------


@pair("De afspraak over 2025 kon u wijzigen tot en met 1 maart 2026. Nu ligt die vast.")
def agreement_too_late(earns):
    _agree(now=datetime(2026, 3, 1 + earns, 12))


@pair("Kies hoe uw ziekenhuis zichtbaar is.")
def agreement_to_nothing(earns):
    _agree(level="" if earns else Level.GENOEMD)


@pair("Vul in wie dit voor uw ziekenhuis besloot.")
def agreement_of_nobody(earns):
    _agree(decided_by=" " if earns else "De raad van bestuur")


@pair("Met naam in het openbare jaarverslag kan alleen wie ook de andere NICU’s zijn naam laat zien.")
def agreement_of_a_name_for_everybody_alone(earns):
    _agree(level=Level.ONGENOEMD if earns else Level.GENOEMD, public=True)


@pair("Kies een kwartaal uit de lijst.")
def baseline_of_a_quarter_to_come(earns):
    _rebase(quarter="2099-1" if earns else "2026-1")


@pair("Schrijf in ten minste tien letters wat er vanaf dat kwartaal anders is. Dat staat bij het verloop.")
def baseline_without_a_reason(earns):
    _rebase(reason="Anders." if earns else "Een ander protocol.")


@pair("Vanaf dit kwartaal is er al een nieuwe basislijn.")
def baseline_twice(earns):
    contact = _rebase()
    _rebase(contact, quarter="2026-1" if earns else "2025-4")


@pair("Deze basislijn is al teruggenomen.")
def baseline_taken_back_twice(earns):
    contact = _rebase()
    for _ in range(1 + earns):
        Rebase.undo(named("ernstige-ivh"), contact, "2026-1", NOW)


def _rebase(contact=None, quarter="2026-1", reason="Een ander protocol."):
    contact = contact or _contact()
    Rebase.make(named("ernstige-ivh"), contact, quarter, reason, NOW)
    return contact


@pair("Vul bij maart 2026 een heel getal in.")
def admissions_in_words(earns):
    Admissions.state_all(_contact(), {"2026-03": "twaalf" if earns else "12"}, NOW)


@pair("Vul een aantal in van 0 tot en met 10000.")
def admissions_beyond_count(earns):
    Admissions.state(_contact(), "2026-03", MOST + earns, NOW)


@pair("Opnamejaar 2025 is gesloten.")
def admissions_of_a_closed_year(earns):
    if earns:
        _close()
    Admissions.state(_contact(), "2025-03" if earns else "2026-03", 12, NOW)


@pair("Uw account hoort bij geen ziekenhuis.")
def rehearsal_of_nowhere(earns):
    contact = _contact()
    if earns:
        User.update(hospital=None).where(User.id == contact.id).execute()
    rehearsal(User.get_by_id(contact.id), 2025, None, NOW)


# ---- closing a year, and its report -------------------------------------------------------------------------------------


@pair("Berichten over 2025 tellen zeker mee tot en met 1 maart 2026. Sluit het jaar daarna.")
def closed_too_early(earns):
    YearClosing.propose(2025, _manager(), now=datetime(2026, 3, 2 - earns, 12))


@pair("Over dit voorstel is al beslist.")
def rejected_twice(earns):
    made = YearClosing.propose(2024, _manager(), now=AFTER)
    for _ in range(1 + earns):
        made.reject(_manager())


@pair("Dit jaar is intussen al gesloten of heropend.")
def closed_meanwhile(earns):
    if earns:
        _close()
    with patch.object(ClosedYear, "of", return_value=None):  # as it was when the page was made
        made = YearClosing.propose(2025 if earns else 2024, _manager(), now=AFTER)
    made.confirm(_manager(), now=AFTER)


@pair("Het portaal herrekent nog 1 opname van 2025. Probeer het over enkele minuten opnieuw.")
def closed_while_it_counts(earns):
    if earns:
        days = {"born": "2025-03-01T08:00:00", "admitted": "2025-03-01T09:00:00", "discharged": "2025-04-01T10:00:00"}
        _deliver(messages.hospital(), **days)
        StayFact.update(rules="").execute()
        _close()
    recompute()  # the worker, some minutes later
    YearClosing.get(YearClosing.confirmed.is_null()).confirm(_manager(), now=AFTER)


@pair("Opnamejaar 2023 is niet gesloten.")
def report_of_an_open_year(earns):
    if not earns:
        _close(2023)
    list(lnr_edition.reports(2023))


@pair("Een collega heeft dit verslag zojuist vastgesteld.")
def report_of_a_colleague(earns):
    year = 2022 + earns
    _close(year)
    if earns:
        LnrEdition.settle(year, _manager())
    with patch.object(LnrEdition, "newest", return_value=[]):  # as it was a moment ago
        LnrEdition.settle(year, _manager())


def _national(earns):
    year = 2022 + earns
    _close(year)
    national, *_ = LnrEdition.settle(year, _manager())
    return national


@pair("Alleen het verslag van alle NICU’s samen wordt openbaar.")
def report_of_one_hospital(earns):
    edition = _national(earns)
    edition.hospital = messages.hospital() if earns else None
    edition.publish(_manager())


@pair("Iemand anders van het LNR-beheer maakt het openbaar: u stelde het zelf vast.")
def report_made_public_alone(earns):
    edition = _national(earns)
    edition.publish(edition.settled_by if earns else _manager())


@pair("Dit verslag is al openbaar.")
def report_made_public_twice(earns):
    edition = _national(earns)
    for _ in range(1 + earns):
        edition.publish(_manager())


@pair("Dit verslag is niet openbaar.")
def report_that_nobody_reads_taken_back(earns):
    edition = _national(earns)
    if not earns:
        edition.publish(_manager())
    edition.retract(_manager(), "Er staat iets fout in.")


@pair("Schrijf waarom het verslag niet meer openbaar is.")
def report_taken_back_without_a_reason(earns):
    edition = _national(earns)
    edition.publish(_manager())
    edition.retract(_manager(), "" if earns else "Er staat iets fout in.")


# ---- models of expected deaths ------------------------------------------------------------------------------------------


@pair("In het modelbestand ontbreken termen of staan er te veel: schoenmaat.")
def model_of_shoes(earns):
    terms = told()["coefficients"] | ({"schoenmaat": 1.0} if earns else {})
    model_file.read(model(coefficients=terms, covariance=[[0.0] * len(terms)] * len(terms)))


@pair("Het modelbestand is veranderd sinds het gemaakt is: de controlesom klopt niet.")
def changed_model(earns):
    model_file.read(model().replace("0.5", "0.6" if earns else "0.5"))


@pair("Een modelbestand is hoogstens 100 kB groot.")
def large_model(earns):
    model_file.read(model() + " " * (model_file.LARGEST - len(model().encode()) + earns))


@pair("Dit is geen modelbestand: het is geen leesbare JSON.")
def torn_model(earns):
    model_file.read(model()[:-2] if earns else model())


def _proposed(by=None, **about):
    """A model that was proposed; each is the next version."""
    code = f"proef-{CaseMixModel.select().count() + 1}"
    return CaseMixModel.propose(by or _manager(), model(**{"invented": False, "code": code} | about).encode())


@pair("Kies eerst een modelbestand.")
def no_model(earns):
    CaseMixModel.propose(_manager(), b"" if earns else model(invented=False).encode())


@pair("Dit model is van verzonnen kinderen. Dat kan alleen in een demonstratie.")
def invented_model(earns):
    _proposed(invented=earns)


@pair("Er is al een model proef-1. Geef een ander model een nieuw versienummer.")
def second_model(earns):
    _proposed()
    _proposed(**{"code": "proef-1"} if earns else {})


@pair("Iemand anders van het LNR-beheer moet dit model beoordelen: niemand keurt het eigen voorstel goed.")
def own_model(earns):
    by = _manager()
    _proposed(by).decide(by if earns else _manager(), True)


@pair("Schrijf erbij waarom het model wordt afgewezen.")
def silent_rejection_of_a_model(earns):
    _proposed().decide(_manager(), False, " " if earns else "De kalibratie wijkt af.")


@pair("Dit model voldoet niet: Het onderscheidt te weinig: AUC 0,74.")
def poor_model(earns):
    _proposed(card=CARD | {"auc_corrected": 0.74 if earns else 0.75}).decide(_manager(), True)


@pair("Over dit model is al beslist.")
def model_decided_twice(earns):
    made = _proposed()
    if earns:
        CaseMixModel.get_by_id(made.id).decide(_manager(), False, "De kalibratie wijkt af.")
    made.decide(_manager(), True)


def _standing():
    made = _proposed()
    made.decide(_manager(), True)
    return made


@pair("Schrijf erbij waarom het model wordt ingetrokken.")
def silent_withdrawal_of_a_model(earns):
    _standing().withdraw(_manager(), "" if earns else "Er is een beter model.")


@pair("Alleen een goedgekeurd model dat nog geldt kan worden ingetrokken.")
def model_withdrawn_twice(earns):
    made = _standing()
    if earns:
        made.withdraw(_manager(), "Er is een beter model.")
    made.withdraw(_manager(), "Er is een beter model.")


# ---- typing a stay in ---------------------------------------------------------------------------------------------------


@pair("Van uw ziekenhuis staat nog geen AGB-code, URA-nummer of Perined-nummer in het portaal.")
def form_of_a_hospital_without_a_number(earns):
    StayDraft.begin(make.user(role=Role.LNR_CONTACT, hospital=make.hospital(perined=None if earns else "123")), NOW)


@pair("Hier passen hoogstens 2 regels.")
def row_too_many(earns):
    contact = _contact()
    form, code = StayDraft.begin(contact, NOW), definition().choices(definition().items["senses_problem_code"])[0].code
    for row in range(1, 3 + earns):
        form.put(f"senses_problems.{row}.senses_problem_code", {"": [code]}, contact, 0, NOW)


@pair("Nog niet verstuurd: er kwam intussen iets anders over deze opname binnen. Bekijk wat er nu mis is.")
def overtaken_while_sending(earns):
    contact = _contact()
    form, first = finished(contact), SimpleNamespace(status=409)
    with patch.object(draft, "deliver", return_value=first) if earns else patch.object(draft, "KEPT_DAYS", 90):
        form.send(contact, NOW)


@pair("Dit veld bestaat niet in deze versie van het formulier. Ververs de pagina.")
def field_of_nowhere(earns):
    draft_message.split("apgar_6" if earns else "apgar_5")


@pair("Kies hoogstens 2.")
def three_indications(earns):
    contact = _contact()
    chosen = ["366323009", "46775006", "OTH"][: 2 + earns]
    StayDraft.begin(contact, NOW).put("admission_indication", {"": chosen}, contact, 0, NOW)


# ---- messages of the portal, and files ----------------------------------------------------------------------------------


@pair("Van deze opname is niets aangenomen; er is niets om in te trekken.")
def withdrawn_before_it_came(earns):
    contact = _contact()
    discharged = "2026-01-01T10:00:00" if earns else "2026-04-05T10:00:00"
    withdraw(_deliver(contact.hospital, discharged=discharged), contact, NOW)


@pair("De opname is niet ingetrokken: er kwam intussen een nieuwere versie binnen. Kijk eerst daarnaar.")
def withdrawn_beside_a_newer_version(earns):
    contact = _contact()
    stay = _deliver(contact.hospital)
    newer = _deliver(contact.hospital, version=2, action="vervanging", set_id=stay.set_id)
    withdraw(stay if earns else newer, contact, NOW)


@pair("Dit ZIP-bestand is beschadigd of niet volledig. Maak het opnieuw.")
def half_a_zip(earns):
    whole = _zip({"a.xml": b"<a/>"})
    _read(whole[: len(whole) - 1] if earns else whole)


@pair("Haal eruit wat geen bericht is, of verdeel de berichten over meer ZIP-bestanden.")
def bomb(earns):
    parts, scan = [{"a.xml": b" " * 1000}, {"b.xml": b" " * 1000}], {"scan.tif": bytes(1500)}
    for part in [parts[0] | scan] if earns else [parts[0], *parts]:  # both that the sentence says
        _read(_zip(part), unpacked=1000)


@pair("Dit bestand is groter dan 50 MB. Eén bericht is hoogstens 1 MB: verdeel de berichten over meer XML- of ZIP-bestanden.")
def large_upload(earns):
    parts = [{"a.xml": b"<a/>"}, {"b.xml": b"<a/>"}]
    with patch.object(zip_upload, "LARGEST", len(_zip(parts[0] | parts[1])) - 1):
        for part in [b"<a/>" * 500] if earns else [b"<a/>", *map(_zip, parts)]:  # a single XML, and what the sentence says
            _read(part)


@pair("Sla het bericht in uw EPD op als XML, en stuur dat of een ZIP-bestand ermee.")
def upload_of_neither(earns):
    for content in [b"%PDF-1.4"] if earns else [b"<a/>", _zip({"a.xml": b"<a/>"})]:
        _read(content)


@pair("In dit ZIP-bestand zit geen enkel XML-bericht. Maak er een met de XML-bestanden erin, en stuur dat.")
def zip_of_nothing(earns):
    _read(_zip({".DS_Store" if earns else "a.xml": b"<a/>"}))


def _manager():
    return make.user(role=Role.LNR_BEHEER)


def _contact():
    """Somebody of a hospital with a number of its own."""
    hospital = make.hospital()
    hospital.agb = f"0{6_100_000 + hospital.id}"
    hospital.save()
    return make.user(role=Role.LNR_CONTACT, hospital=hospital)


def _admit(before, reason):
    Supplier.get_by_id(messages.supplier(before).id).move(SupplierStatus.TOEGELATEN, _manager(), reason)


def _ask(purpose=PURPOSE, last=2025, now=None, **more):
    return ExtractRequest.ask(_manager(), purpose, 2025, last, ["gestational_age"], now=now, **more)


def _agree(level=Level.GENOEMD, decided_by="De raad van bestuur", now=datetime(2026, 3, 1, 12), public=False):
    assert deadline(2025) == date(2026, 3, 1)
    Agreement.state(_contact(), 2025, level, decided_by, now, public)


def _close(year=2025):
    YearClosing.propose(year, _manager(), now=AFTER).confirm(_manager(), now=AFTER)


def _deliver(hospital, **more):
    """The stay of a message, accepted or not."""
    set_id = more.pop("set_id", f"opname {hospital.agb}")
    own = ((messages.OWN, hospital.agb),)
    raw = messages.message(agb=hospital.agb, set_id=set_id, child=own, **more)
    deliver(Delivery(hospital, messages.supplier()), raw, NOW)
    return Stay.get(Stay.hospital == hospital)


def _read(content, **more):
    return list(zip_upload.read("bestand", content, **more))


def _zip(files):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
