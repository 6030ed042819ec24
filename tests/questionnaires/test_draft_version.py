"""Changing a questionnaire without a programmer: drafts, their checks, publishing, and what may never change."""

from datetime import timedelta

import pytest
from peewee import IntegrityError

from models import access, clock
from models.access import Process, Role
from models.base import Refused, db
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.definition.questionnaire import Question, Questionnaire, Section, Version, VersionState
from tests import filling, make
from tests.filling import question

QUESTIONS = (
    question("A1", "ja/nee"),
    question("A2", "keuze: thuis; elders", "V*", 'A1 = "ja"'),
    question("A3", "getal (1-9)"),
    question("A4", "auto: A3 * 2", ""),
)

TIMELINE = "A2: {} dagen erna / {} dagen ervoor / op de dag"


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
        theirs, ours = (set(access.visible(model, one)) for one in (make.coordinator(Process.LZA1), coordinator))
        assert theirs and not theirs & ours


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
        ("A4", {"checks": "vraag als A4 > 3 | Zin."}, "heeft geen veld voor een toelichting"),
        ("A1", {"answer": "keuze: ja; Onbekend"}, "staat er al als 'onbekend'"),
        ("A1", {"answer": "keuze: ja; Niet bekend; of: niet bekend"}, "staat er al als 'niet bekend'"),
        ("A4", {"required": "V"}, "Alleen wat berekend wordt"),
        ("A4", {"answer": "auto: A3 *"}, "ontbreekt een waarde"),
        ("A4", {"answer": "auto: A4 + 1"}, "kring"),
        ("A1", {"label": "x" * 20_001}, "te lang"),
        ("A1", {"label": None}, "Deze tekst wordt niet begrepen"),
        ("A1", {"label": "a\x00"}, "niet opgeslagen kunnen worden"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_the_reason_and_undone(draft, code, fields, sentence):
    before = [(row.code, row.label, row.answer, row.shown_when, row.checks) for row in draft.version.rows()[1]]

    with pytest.raises(Refused, match=sentence):
        draft.put_question(code, **fields)
    assert [(row.code, row.label, row.answer, row.shown_when, row.checks) for row in draft.version.rows()[1]] == before


def test_a_block_that_cannot_be_is_refused(draft):
    draft.put_question("A5", block="A", label="Hoeveel?", answer="getal (0-11)", required="O")
    for fields, sentence in (
        ({"title": ""}, "geen titel"),
        ({"title": "T", "per": "A1"}, "geen vraag naar een getal"),
        ({"title": "T", "shown_when": "Z1 > 1"}, "Z1 bestaat niet"),
        ({"title": "T", "per": "A5"}, "hoogstens 10 keer terug"),
    ):
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


def test_a_question_is_not_retired_while_a_block_or_the_time_line_counts_on_it(coordinator):
    rows = [question("A1", "getal (1-5)"), question("A2", "datum"), question("B1", "ja/nee")]
    made = filling.questionnaire(*rows, blocks=[filling.block("A"), filling.block("B", per="A1")], timeline=TIMELINE)
    draft = Draft.begin(made, coordinator)

    for code, reason in (("A1", "herhaald per A1"), ("A2", "telt vanaf A2")):
        with pytest.raises(Refused, match=rf"{code} is nog nodig.*{reason}"):
            draft.retire_question(code)
    assert codes(draft.version) == ["A1", "A2", "B1"]
    with pytest.raises(Refused, match="A is nog nodig"):
        draft.retire_block("A")
    draft.retire_block("B")
    assert codes(draft.version) == ["A1", "A2"]


def test_a_block_that_never_held_a_question_goes_away_altogether(draft):
    draft.put_block("Z", title="Leeg")
    draft.retire_block("Z")

    assert [row.code for row in draft.version.rows()[0]] == ["A"]
    with pytest.raises(Refused, match="Z bestaat niet"):
        draft.retire_block("Z")


def test_questions_and_blocks_go_up_and_down_one_place_past_the_retired_ones(draft):
    draft.put_block("B", title="Deel B")
    draft.retire_question("A2")
    draft.shift("A3", -1)
    assert codes(draft.version) == ["A3", "A1", "A4"]
    draft.shift("A3", -1)
    draft.shift_block("B", -1)
    assert codes(draft.version) == ["A3", "A1", "A4"] and [row.code for row in draft.version.rows()[0]] == ["B", "A"]
    draft.put_question("A2")
    assert codes(draft.version) == ["A3", "A1", "A4", "A2"]
    draft.put_question("A3", block="B")
    assert codes(draft.version) == ["A3", "A1", "A4", "A2"] and draft.version.rows()[1][0].block_code == "B"
    draft.retire_question("A2")
    for change in (lambda: draft.shift("A2", 1), lambda: draft.shift("Z1", 1), lambda: draft.shift_block("Z", 1)):
        with pytest.raises(Refused):
            change()


def test_the_introduction_and_the_time_line_are_checked_too(draft, questionnaire):
    draft.put_head(intro="Welkom.")
    with pytest.raises(Refused, match="telt vanaf A1"):
        draft.put_head(timeline=TIMELINE.replace("A2", "A1"))
    stored = Version.get_by_id(draft.version.id)

    assert (stored.intro, stored.timeline) == ("Welkom.", "")
    changed = stored.difference(questionnaire.in_force()).changed
    assert [(one.code, one.field_label, one.after) for one in changed] == [("*", "Inleiding", "Welkom.")]


def test_the_difference_tells_of_blocks_and_of_what_moved(draft, questionnaire):
    draft.put_block("A", title="Anders", shown_when="")
    draft.shift("A3", -1)
    draft.shift("A3", -1)
    change = draft.version.difference(questionnaire.in_force())

    assert [(one.code, one.field) for one in change.changed] == [("A", "title")] and change.moved == ["A3"] and change
    assert not questionnaire.in_force().difference(questionnaire.in_force())


def test_every_version_has_a_word_for_where_it_stands(draft, questionnaire, coordinator):
    def words():
        now = Version.numbers_in_force()[questionnaire.id]
        return [row.standing(now) for row in questionnaire.versions.order_by(Version.number)]

    assert words() == ["in gebruik", "concept"]
    draft.version.publish(coordinator, clock.today() + timedelta(days=1))
    assert words() == ["in gebruik", "gaat nog in"]
    Draft.begin(questionnaire, coordinator).version.publish(coordinator)
    assert words() == ["eerder in gebruik", "gaat nog in", "in gebruik"]
    Draft.begin(questionnaire, coordinator).version.discard(coordinator)
    assert words()[-1] == "weggegooid"


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
    assert Version.get_by_id(draft.version.id).state == VersionState.CONCEPT and questionnaire.in_force().number == 1


def test_an_empty_version_and_the_past_are_refused(coordinator):
    version = filling.questionnaire(publish=False).draft
    with pytest.raises(Refused, match="nog geen vragen"):
        version.publish(coordinator)
    with pytest.raises(Refused, match="terugwerkende kracht"):
        version.publish(coordinator, clock.today() - timedelta(days=1))


@pytest.mark.parametrize("state", [VersionState.GEPUBLICEERD, VersionState.VERVALLEN])
def test_the_database_itself_refuses_to_change_what_was_published(draft, coordinator, state):
    version = draft.version
    version.publish(coordinator) if state == VersionState.GEPUBLICEERD else version.discard(coordinator)
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
