"""Changing a questionnaire without a programmer: drafts, their checks, publishing, and what may never change."""

from datetime import timedelta

import pytest
from peewee import IntegrityError

from models import access, clock
from models.access import Process, Role
from models.base import Refused, db
from models.questionnaire.definition import Question, Questionnaire, Section, State, Version
from models.questionnaire.draft import Draft
from tests import filling, make
from tests.filling import question

QUESTIONS = (
    question("A1", "ja/nee"),
    question("A2", "keuze: thuis; elders", "V*", 'A1 = "ja"'),
    question("A3", "getal (1-9)"),
    question("A4", "auto: A3 * 2", ""),
)


@pytest.fixture
def coordinator():
    return make.coordinator()


@pytest.fixture
def questionnaire():
    return filling.questionnaire(*QUESTIONS)


@pytest.fixture
def draft(questionnaire, coordinator):
    return Draft.begin(questionnaire, coordinator)


def codes(version):
    return [row.code for row in version.rows()[1] if not row.retired]


def test_a_draft_begins_as_a_copy_with_the_next_number(draft, questionnaire):
    assert draft.version.number == 2 and draft.version.difference(questionnaire.in_force()).changed == []
    assert codes(draft.version) == ["A1", "A2", "A3", "A4"] and questionnaire.in_force().number == 1


def test_there_is_one_draft_at_a_time_and_throwing_it_away_makes_room(draft, questionnaire, coordinator):
    with pytest.raises(Refused, match="al een concept"):
        Draft.begin(questionnaire, coordinator)
    draft.version.discard(coordinator)
    assert Draft.begin(questionnaire, coordinator).version.number == 3


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COORDINATOR, Role.BEHEERDER)])
def test_only_who_curates_this_process_changes_a_questionnaire(questionnaire, role):
    with pytest.raises(Refused):
        Draft.begin(questionnaire, make.user(role=role))


def test_a_nethoss_coordinator_neither_sees_nor_changes_lza1(coordinator):
    form = filling.lza1()
    with pytest.raises(Refused):
        Draft.begin(form, coordinator)
    assert form not in list(access.visible(Questionnaire, coordinator))
    assert form in list(access.visible(Questionnaire, make.coordinator(Process.LZA1)))
    for model in (Version, Section, Question):
        assert access.visible(model, coordinator).count() == 0 < access.visible(model, make.coordinator(Process.LZA1)).count()


@pytest.mark.parametrize(
    ("code", "fields", "sentence"),
    [
        ("A5", {"label": "Vraag?", "answer": "ja/nee"}, "Kies een onderdeel"),
        ("A5", {"block": "A", "answer": "ja/nee"}, "heeft geen tekst"),
        ("A5", {"block": "A", "label": "Vraag?"}, "wat voor antwoord"),
        ("A5", {"block": "A", "label": "Vraag?", "answer": "kleur"}, "geen soort antwoord"),
        ("vijf", {"block": "A", "label": "Vraag?", "answer": "ja/nee"}, "geen code"),
        ("A123456789", {"block": "A", "label": "Vraag?", "answer": "ja/nee"}, "te lang"),
        ("A2", {"shown_when": 'Z1 = "ja"'}, "Vraag Z1 bestaat niet"),
        ("A2", {"shown_when": 'A1 = "jaa"'}, "kent het antwoord 'jaa' niet"),
        ("A2", {"shown_when": "A3 + 1"}, "hoort waar of niet waar"),
        ("A2", {"shown_when": "A1 ="}, "ontbreekt een waarde"),
        ("A1", {"shown_when": 'A2 = "thuis"'}, "kring"),
        ("A1", {"shown_when": 'A1 = "ja"'}, "kring"),
        ("A1", {"answer": "keuze: nee; misschien"}, "kent het antwoord 'ja' niet"),
        ("A3", {"answer": "tekst"}, "getal"),
        ("A3", {"checks": "A3 > 5"}, "Schrijf een controle als"),
        ("A3", {"checks": 'weiger als A3 > "veel" | Zin.'}, "kunnen niet met '>'"),
        ("A3", {"required": "X"}, "verplicht"),
        ("A4", {"required": "V"}, "Alleen wat berekend wordt"),
        ("A4", {"answer": "auto: A3 *"}, "ontbreekt een waarde"),
        ("A4", {"answer": "auto: A4 + 1"}, "kring"),
        ("A1", {"label": "x" * 20_001}, "te lang"),
        ("A1", {"label": None}, "kan niet bewaard"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_the_reason_and_undone(draft, code, fields, sentence):
    before = [(row.code, row.label, row.answer, row.shown_when, row.checks) for row in draft.version.rows()[1]]

    with pytest.raises(Refused, match=sentence):
        draft.put_question(code, **fields)
    assert [(row.code, row.label, row.answer, row.shown_when, row.checks) for row in draft.version.rows()[1]] == before


def test_a_block_that_cannot_be_is_refused(draft):
    for fields, sentence in (
        ({"title": ""}, "geen titel"), ({"title": "T", "per": "A1"}, "geen vraag naar een getal"),
        ({"title": "T", "shown_when": "Z1 > 1"}, "Z1 bestaat niet"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=sentence):
            draft.put_block("B", **fields)
    assert [row.code for row in draft.version.rows()[0]] == ["A"]


def test_what_is_asked_per_repetition_means_nothing_outside_it(draft):
    draft.put_block("B", title="Per kind", per="A3")
    draft.put_question("B1", block="B", label="Leeft?", answer="ja/nee", required="V*")
    draft.put_question("B2", block="B", label="Gewicht?", answer="getal", required="V*", shown_when='B1 = "ja"')

    with pytest.raises(Refused, match="telt alleen binnen het eigen onderdeel"):
        draft.put_question("A2", shown_when='B1 = "ja"')
    with pytest.raises(Refused, match="zelf in een onderdeel dat herhaald wordt"):
        draft.put_block("C", title="Per gewicht", per="B2")


def test_questions_are_added_changed_ordered_and_retired(draft, questionnaire):
    draft.put_question("A5", block="A", label="Nieuw?", answer="datum", required="O")
    draft.put_question("A1", label="Anders gevraagd?")
    draft.arrange(["A5", "A1", "A2", "A3", "A4"])
    draft.retire_question("A4")
    change = draft.version.difference(questionnaire.in_force())

    assert codes(draft.version) == ["A5", "A1", "A2", "A3"]
    assert [row.code for row in change.added] == ["A5"] and [row.code for row in change.removed] == ["A4"]
    assert [(one.code, one.field, one.before, one.after) for one in change.changed] == [
        ("A1", "label", "Vraag A1?", "Anders gevraagd?")
    ]
    with pytest.raises(Refused, match=r"A1 is nog nodig.*A2"):
        draft.retire_question("A1")
    with pytest.raises(Refused, match="Ververs de pagina"):
        draft.arrange(["A1", "A2"])
    assert draft.version.questions.where(Question.code == "A4").get().retired


def test_publishing_puts_the_version_in_force_from_its_day(draft, questionnaire, coordinator):
    tomorrow = clock.today() + timedelta(days=1)
    draft.version.publish(coordinator, tomorrow)

    assert questionnaire.in_force().number == 1 and questionnaire.in_force(tomorrow).number == 2
    with pytest.raises(Refused, match="geen concept meer"):
        draft.version.publish(coordinator)


def test_publishing_what_is_not_sound_lists_every_problem_and_changes_nothing(draft, questionnaire, coordinator):
    Question.update(shown_when='Z9 = "x"').where(Question.version == draft.version, Question.code == "A2").execute()
    Question.update(answer="kleur").where(Question.version == draft.version, Question.code == "A3").execute()

    with pytest.raises(Refused, match=r"A3.*kleur.*A2.*Z9"):
        draft.version.publish(coordinator)
    assert Version.get_by_id(draft.version.id).state == State.CONCEPT and questionnaire.in_force().number == 1


def test_an_empty_version_and_the_past_are_refused(coordinator):
    version = filling.questionnaire(publish=False).draft
    with pytest.raises(Refused, match="nog geen vragen"):
        version.publish(coordinator)
    with pytest.raises(Refused, match="terugwerkende kracht"):
        version.publish(coordinator, clock.today() - timedelta(days=1))


@pytest.mark.parametrize("state", [State.GEPUBLICEERD, State.VERVALLEN])
def test_the_database_itself_refuses_to_change_what_was_published(draft, coordinator, state):
    version = draft.version
    version.publish(coordinator) if state == State.GEPUBLICEERD else version.discard(coordinator)
    section = version.sections.get()
    changes = (
        lambda: Question.update(label="x").where(Question.version == version).execute(),
        lambda: Question.delete().where(Question.version == version).execute(),
        lambda: Question.create(version=version, section=section, code="A9", label="x", answer="ja/nee"),
        lambda: Section.update(title="x").where(Section.version == version).execute(),
        lambda: Section.create(version=version, code="Z", title="x"),
        lambda: Version.update(timeline="x").where(Version.id == version.id).execute(),
        lambda: Version.delete().where(Version.id == version.id).execute(),
    )
    for change in changes:
        with pytest.raises(IntegrityError), db.atomic():
            change()
    with pytest.raises(Refused, match="verandert niet meer"):
        Draft(version, coordinator)
    with pytest.raises(Refused, match="verandert niet meer"):
        draft.put_question("A1", label="x")


def test_questions_of_a_published_version_cannot_be_moved_into_a_draft(draft, questionnaire):
    with pytest.raises(IntegrityError), db.atomic():
        Question.update(version=draft.version).where(Question.version == questionnaire.in_force()).execute()
