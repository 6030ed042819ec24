"""Questionnaires in tests: the first ones, drafts of a few lines, and a person who answers all that is asked."""

import json
from datetime import date, datetime

from models.access import Process
from models.forms.filled_form import Given
from models.questionnaires.definition import default_questionnaires
from models.questionnaires.definition.definition_csv import BlockLine, QuestionLine
from models.questionnaires.definition.draft_version import new_version, write
from models.questionnaires.definition.questionnaire import Purpose, Questionnaire, Version, VersionState
from models.questionnaires.form import Answer, Form
from tests import make

NOW = datetime(2026, 11, 20, 9)
SINCE = date(2020, 1, 1)

# A woman who died twelve days after the birth of one living child.
DIED = {
    "B1": 34, "B2": "2026-03-13", "B3": "0-42 dagen na einde", "B4": "levend geboren", "B5": "2026-03-01", "B7": "39+2",
    "C6": 168, "C7": "71,5", "E1": 2, "E2": 1, "F2": 1, "J1": "2026-03-04", "K2": "2026-03-12T14:20",
}  # fmt: skip


def crf():
    """The questionnaire for maternal death, as an installation has it."""
    theme = make.theme(name="Maternale sterfte")
    default_questionnaires.load_questionnaires(SINCE)
    return Questionnaire.get(Questionnaire.theme == theme, Questionnaire.purpose == Purpose.MELDING)


def lza1():
    make.theme(process=Process.LZA1, name="Late zwangerschapsafbreking (categorie 1)")
    default_questionnaires.load_questionnaires(SINCE)
    return Questionnaire.get(Questionnaire.process == Process.LZA1, Questionnaire.purpose == Purpose.MELDING)


def question(code, answer, required="V", shown_when="", checks="", unit="", label=None, retired=False):
    """A row as a spreadsheet gives it; its block is the letter of its code."""
    label = label or f"Vraag {code}?"
    return QuestionLine(0, code, code[0], label, "", answer, unit, required, shown_when, checks, "", retired)


def block(code, shown_when="", per=""):
    return BlockLine(0, code, f"Deel {code}", shown_when, per)


def questionnaire(*questions, blocks=(), timeline="", theme=None, publish=True):
    """A questionnaire of its own theme with these questions, in force since 2020."""
    theme = theme or make.theme()
    made = Questionnaire.create(code=f"q{theme.id}", name=f"Vragenlijst {theme.id}", theme=theme)
    version = new_version(made)
    known = {row.code for row in blocks}
    letters = dict.fromkeys(row.block_code for row in questions)
    write(version, [*blocks, *(block(letter) for letter in letters if letter not in known)], questions, "", timeline)
    if publish:
        Version.update(state=VersionState.GEPUBLICEERD, valid_from=SINCE).where(Version.id == version.id).execute()
    return made


def form(questionnaire, now=NOW):
    """A form that a melder began for a new case."""
    case = make.case(theme=questionnaire.theme or make.theme(process=questionnaire.process), at=now)
    return Form.start(case, case.reporter, now=now)


def save(form, code, value, by=None, repeat=0, now=NOW, **more):
    """Save as a screen does that shows the latest state."""
    answer = Answer.get_or_none(form=form, code=code, repeat=repeat)
    return form.put(code, value, by or form.case.reporter, answer.revision if answer else 0, repeat, now=now, **more)


def sample(kind):
    """An answer of this kind, such as a person might give."""
    if kind.word == "keuze":
        return kind.options[0]
    if kind.word == "meer":
        return [(kind.alone or kind.options)[0]]
    if kind.word == "getal":
        return kind.least
    if kind.free_text:
        return "Een toelichting."[: kind.limit]
    if kind.word == "lijst":
        row = {name: sample(column) for name, column in kind.columns}
        return [{kind.lead: lead, **row} for lead in kind.rows] if kind.rows else [row]
    return {
        "ja/nee": "nee",
        "weken + dagen": "32+4",
        "datum": "2026-03-05",
        "tijd": "14:20",
        "datum + tijd": "2026-03-05T14:20",
    }[kind.word]


def complete(form, answers=(), optional=False, now=NOW):
    """Answer what is asked, as `answers` says (code -> answer) or else with a sample, until nothing waits."""
    answers, filled = dict(answers), form.filled(now=now)
    for _ in range(500):
        waiting = [one.line for one in filled.open if one.why == "antwoord"]
        if optional:
            waiting = [line for line in filled.lines if line.kept is None and not line.item.answer.computed]
        if not waiting:
            return form
        line = next((line for line in waiting if line.item.code in answers), waiting[0])
        value = answers.get(line.item.code, sample(line.item.answer))
        filled = save(form, line.item.code, value, repeat=line.number, now=now).filled
    raise AssertionError("this never ends")


def finished(form, answers=(), now=NOW):
    """As `complete`, without anybody saving answer by answer: for tests of what comes after."""
    answers, given = dict(answers), {}
    while (filled := form.filled(given, now)).open:
        line = next((one.line for one in filled.open if one.line.item.code in answers), filled.open[0].line)
        kept = line.item.read(answers.get(line.item.code, sample(line.item.answer)))
        given[line.item.code, line.number] = Given(kept)
    common = {"form": form, "revision": 1, "changed_at": now, "changed_by": form.case.reporter}
    rows = [{**common, "code": code, "repeat": number, "value": json.dumps(one.kept)} for (code, number), one in given.items()]
    Answer.insert_many(rows).execute()
    Form.update(revision=len(rows), still_open=0, asked=filled.asked).where(Form.id == form.id).execute()
    return Form.get_by_id(form.id)
