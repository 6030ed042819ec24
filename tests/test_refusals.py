"""Refusal sentences in pairs: the act that earns the sentence, and its nearest neighbour, which is let through.

The table grows room by room; `test_how_many` says of how many sentences of these rooms a pair stands here.
"""

import ast
from datetime import date, timedelta
from pathlib import Path

import pytest

from models import clock
from models.access import Process, Role
from models.base import Refused
from models.cases.case import DISMISSALS, Case
from models.cases.requested_document import RequestedDocument, RequestedDocumentAnswer
from models.cases.status import Status
from models.files.document import Document
from models.files.upload_limits import MAX_FILES
from models.monthly.month_answer import MonthAnswer, Proof
from models.monthly.monthly_request import MOST_CHANGES, MonthlyCall
from models.questionnaires.definition import definition_csv
from models.questionnaires.query import DataQuery
from settings import ROOT
from tests import make, source

ROOMS = ("files", "cases", "monthly", "questionnaires")
PAIRS = {}


def pair(sentence):
    """Register two acts that differ in one thing: `act(earns)` with True earns `sentence`, with False it passes."""

    def keep(act):
        PAIRS[sentence] = act
        return act

    return keep


# ---- files ----


@pair("Dit bestand is leeg.")
def empty(earns):
    make.document(make.case(), content=b"" if earns else make.PDF)


@pair("Dit document hoort niet bij het thema van deze melding.")
def of_another_theme(earns):
    theme = make.theme()
    case, other = make.case(theme=theme), make.theme()
    asked = RequestedDocument.get(RequestedDocument.theme == (other if earns else theme))
    make.document(case).link(asked, case.reporter)


@pair("Dit bestand is definitief verwijderd.")
def purged(earns):
    case = make.case()
    document = make.document(case)
    document.remove(case.reporter)
    if earns:
        Document.update(purged_at=clock.now()).where(Document.id == document.id).execute()
    document.restore(case.reporter)


@pair("Bij een melding kunnen hoogstens")
def too_many(earns):
    case = make.case()
    for _ in range(MAX_FILES - (not earns)):
        make.document(case)
    make.document(case)


# ---- cases ----


@pair("Dit thema wordt op dit moment niet geregistreerd.")
def ended_theme(earns):
    theme = make.theme(valid_to=clock.today() - timedelta(days=1) if earns else clock.today() + timedelta(days=1))
    Case.open(make.user(), theme)


@pair("Deze melding is intussen gewijzigd")
def moved_meanwhile(earns):
    case = make.case(Status.INGEDIEND)
    seen = case.round
    if earns:  # and back again: the status is the same, the case is not
        case.mark_incomplete(make.coordinator(), "Het verslag ontbreekt.")
        case.submit(case.reporter)
    case.as_seen(seen)


@pair("Iemand was u voor")
def moved_first(earns):
    case, by = make.case(Status.INGEDIEND), make.coordinator()
    seen = Case.get_by_id(case.id)
    if earns:
        case.mark_incomplete(by, "Het verslag ontbreekt.")
    seen.approve(by)


@pair("Voeg eerst minstens één bestand toe.")
def without_a_file(earns):
    case = make.case()
    if not earns:
        make.document(case)
    case.submit(case.reporter)


@pair("Alleen bij LZA1 gaat een vraag van de commissie via het portaal.")
def question_of_committee(earns):
    process = Process.NETHOSS if earns else Process.LZA1
    theme = make.theme(process=process)
    by = make.user(role=Role.MELDER if earns else Role.LZA1_MELDER)
    make.case(Status.GOEDGEKEURD, by=by, theme=theme).ask(make.coordinator(process), "Wanneer begon het?")


@pair("Het ziekenhuis heeft deze melding zelf ingetrokken.")
def withdrawn_by_the_hospital(earns):
    case, by = make.case(Status.INGETROKKEN if earns else Status.INGEDIEND), make.coordinator()
    if not earns:
        case.dismiss(by, next(iter(DISMISSALS)), "Dubbel gemeld.")
    case.reopen(by, "Toch nodig.")


@pair("Alleen de coördinator kan deze melding heropenen.")
def dismissed(earns):
    case = make.case(Status.CONCEPT if earns else Status.INGETROKKEN)
    if earns:
        case.dismiss(make.coordinator(), next(iter(DISMISSALS)), "Dubbel gemeld.")
    case.restore(case.reporter)


@pair("Kies waarom u deze melding afsluit.")
def dismissed_for_nothing(earns):
    make.case().dismiss(make.coordinator(), "" if earns else next(iter(DISMISSALS)), "Dubbel gemeld.")


@pair("Deze melding is niet van uw ziekenhuis.")
def of_another_hospital(earns):
    case = make.case()
    case.withdraw(make.user(hospital=None if earns else case.hospital), "Per ongeluk.")


@pair("LZA1-meldingen tellen niet mee in de maandelijkse uitvraag.")
def month_of_lza1(earns):
    process = Process.LZA1 if earns else Process.NETHOSS
    by = make.user(role=Role.LZA1_MELDER if earns else Role.MELDER)
    make.case(by=by, theme=make.theme(process=process)).count_for(make.coordinator(process), "2026-09")


@pair("Kies een collega van dit ziekenhuis die LZA1-meldingen mag aanvullen.")
def colleague_elsewhere(earns):
    by = make.user(role=Role.LZA1_MELDER)
    case = make.case(by=by, theme=make.theme(process=Process.LZA1))
    case.entrust(make.user(role=Role.LZA1_MELDER, hospital=None if earns else by.hospital), by)


@pair("Kies 'niet beschikbaar' met een reden, of 'volgt later' met een datum.")
def both_answers(earns):
    case = make.case()
    asked = RequestedDocument.get(RequestedDocument.theme == case.theme)
    RequestedDocumentAnswer.give(case, asked, case.reporter, "Kwijt", date(2027, 1, 1) if earns else None)


@pair("Alleen de melder van deze casus wijst collega's aan.")
def named_by_another(earns):
    by = make.user(role=Role.LZA1_MELDER)
    case = make.case(by=by, theme=make.theme(process=Process.LZA1))
    third, colleague = (make.user(role=Role.LZA1_MELDER, hospital=by.hospital) for _ in range(2))
    case.entrust(colleague, third if earns else by)


# ---- monthly ----


@pair("Een nul-melding is daarom niet mogelijk.")
def zero_beside_a_case(earns):
    by = make.user()
    make.case(by=by, month="2026-10" if earns else "2026-09")
    make.zero(by, "2026-10")


@pair("Over deze maand kunt u (nog) geen nul-melding doen.")
def running_month(earns):
    now = clock.month_of(clock.today())
    MonthAnswer.zero_in_portal(now if earns else clock.add_months(now, -1), make.user())


@pair("Deze maand is nog niet voorbij.")
def running_month_by_telephone(earns):
    now, by = clock.month_of(clock.today()), make.coordinator()
    MonthAnswer.zero_by_telephone(make.hospital(), now if earns else clock.add_months(now, -1), by, "Anna")


@pair("Een casus wordt op de pagina van de melding ingetrokken.")
def withdraw_a_case(earns):
    by, month = make.user(), clock.add_months(clock.month_of(clock.today()), -1)
    if earns:
        make.case(by=by, month=month)
    else:
        make.zero(by, month)
    MonthAnswer.standing(by.hospital_id, month).withdraw(by)


@pair("Alleen een melder van het eigen ziekenhuis of de coördinator kan dit doen.")
def zero_of_another_hospital(earns):
    by = make.user()
    make.zero(by).withdraw(make.user(hospital=None if earns else by.hospital))


@pair("Dit ziekenhuis heeft over deze maand al geantwoord.")
def answered(earns):
    call = _called()
    if earns:
        make.zero(call.user, call.month)
    MonthlyCall.remind(call.hospital, call.month, make.coordinator())


@pair("Er is geen melder met een link die nog werkt.")
def expired(earns):
    call = _called()
    if earns:
        MonthlyCall.update(expires_at=clock.now()).execute()
    MonthlyCall.remind(call.hospital, call.month, make.coordinator())


@pair("Het antwoord over deze maand is al vaak gewijzigd.")
def changed_often(earns):
    call = _called()
    for _ in range(MOST_CHANGES + earns):
        make.zero(call.user, call.month).withdraw(call.user)
    call.answer_zero(Proof.KNOP)


def _called():
    by, month = make.user(), clock.previous_month(clock.today())
    MonthlyCall.open_all(month)
    return MonthlyCall.get(MonthlyCall.user == by)


# ---- questionnaires ----


@pair("kunt u geen vraag stellen.")
def question_about_a_concept(earns):
    case = make.case(Status.CONCEPT if earns else Status.INGEDIEND)
    document = make.document(case) if earns else case.documents.get()
    DataQuery.ask(case, make.coordinator(), "Klopt dit?", document=document)


@pair("De commissie stelt vragen over een goedgekeurde casus.")
def question_before_approval(earns):
    case = make.case(Status.INGEDIEND if earns else Status.GOEDGEKEURD)
    DataQuery.ask_for_committee(case, make.coordinator(), "Wanneer begon het?")


@pair("Dit bestand is geen CSV-bestand.")
def no_csv(earns):
    definition_csv._text(b"a;b\x00" if earns else b"a;b\xe9")


@pair("Dit bestand is te groot voor een vragenlijst.")
def large_csv(earns):
    definition_csv._text(b"x" * (definition_csv.LARGEST + earns))


@pair("Dit bestand bevat geen vragen.")
def no_questions(earns):
    head = ";".join(definition_csv.COLUMNS)
    definition_csv._lines(head + "\n" + (";" if earns else "x;"))


@pair("in dit bestand ontbreken kolommen")
def no_columns(earns):
    definition_csv._lines(";".join(definition_csv.COLUMNS[earns:]) + "\nx")


@pytest.mark.parametrize("sentence", PAIRS)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    with pytest.raises(Refused) as refused:
        PAIRS[sentence](True)
    assert sentence in str(refused.value)
    PAIRS[sentence](False)


def _sentences(room):
    """The first words of every `Refused("…")` in a room, as they are written."""
    for path in sorted(Path(ROOT / "models" / room).rglob("*.py")):
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused" and node.args:
                texts = [
                    one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant) and isinstance(one.value, str)
                ]
                if texts:
                    yield "".join(texts)


def test_how_many(record_property):
    said = {sentence for room in ROOMS for sentence in _sentences(room)}
    held = {sentence for sentence in said if any(part in sentence for part in PAIRS)}
    record_property("pairs", f"{len(held)} of {len(said)}")
    assert len(held) >= 29, f"{len(held)} of {len(said)}"
