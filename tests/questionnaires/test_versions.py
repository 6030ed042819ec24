"""Changing questionnaires in the portal: versions, questions, publishing, spreadsheets, trying out."""

import io
import re
from datetime import timedelta

import pytest

from models import clock
from models.access import Process
from models.audit.audit_event import AuditEvent
from models.questionnaires.definition import new_questionnaire
from models.questionnaires.definition.definition_csv import for_spreadsheet
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.definition.questionnaire import Question, Questionnaire, Version, VersionState
from models.questionnaires.form import Form
from tests import filling, make
from tests.filling import block, question
from tests.web.pages import form_key, form_of, send

QUESTIONS = (
    question("A1", "ja/nee", label="Was het zo?"),
    question("A2", "keuze: thuis; elders", "V*", 'A1 = "ja"'),
    question("A3", "getal (1-9)", "O"),
    question("B1", "tekst", "O"),
)


@pytest.fixture
def questionnaire():
    return filling.questionnaire(*QUESTIONS)


@pytest.fixture
def coordinator():
    return make.coordinator()


@pytest.fixture
def visitor(client, login, coordinator):
    return login(client, coordinator)


@pytest.fixture
def draft(questionnaire, coordinator):
    return Draft.begin(questionnaire, coordinator).version


def address(version, rest=""):
    return f"/beheer/vragenlijsten/{version.key}/{rest}"


def codes(version, letter=""):
    return [row.code for row in version.rows()[1] if not row.retired and row.code.startswith(letter)]


def _word(question):
    return re.match(r"[\w/ +-]*", question.answer)[0].strip()


def edit(visitor, version, rest, **more):
    there = address(version, f"wijzigen/{rest}")
    return send(visitor, there, form_of(visitor.get(there)), **more)


def test_the_list_tells_of_every_version_where_it_stands_and_how_often_it_is_used(visitor, questionnaire, draft):
    filling.form(questionnaire)
    lza1 = filling.lza1()
    text = visitor.get("/beheer/vragenlijsten/").text

    assert "in gebruik" in text and "concept" in text and "1 melding<" in text and "0 meldingen" in text
    assert address(draft) in text and address(lza1.in_force()) not in text


def test_a_version_in_use_is_copied_to_a_draft_once(visitor, questionnaire):
    version = questionnaire.in_force()
    for _ in range(2):
        answer = send(visitor, address(version, "kopie"))
        assert answer.location == address(questionnaire.draft)

    assert questionnaire.versions.count() == 2 and codes(questionnaire.draft) == codes(version)
    assert "Ga naar het concept" in visitor.get(address(version)).text


def test_a_question_is_changed_by_its_form_and_everything_else_stays(visitor, draft, questionnaire):
    before = {row.code: row.__data__ for row in draft.rows()[1]}
    answer = edit(visitor, draft, "vraag/A2", label="Waar was zij?", filling="thuis\nelders\nonderweg")

    assert answer.status_code == 302 and answer.location.endswith("#vraag-A2")
    change = draft.difference(questionnaire.in_force())
    assert [(one.code, one.field, one.after) for one in change.changed] == [
        ("A2", "label", "Waar was zij?"),
        ("A2", "answer", "keuze: thuis; elders; onderweg"),
    ]
    assert {row.code: row.__data__ for row in draft.rows()[1] if row.code != "A2"} == {
        code: row for code, row in before.items() if code != "A2"
    }


def test_saving_a_form_untouched_changes_nothing_for_every_sort_of_question_of_the_crf(visitor, coordinator):
    questionnaire = filling.crf()
    draft = Draft.begin(questionnaire, coordinator).version
    sorts = {(_word(row), row.required, bool(row.shown_when), bool(row.checks)): row.code for row in draft.rows()[1]}
    assert len(sorts) > 20
    for code in sorts.values():
        assert edit(visitor, draft, f"vraag/{code}").status_code == 302, code

    assert not draft.difference(questionnaire.in_force())


def test_questions_and_blocks_are_added_where_they_belong(visitor, draft):
    assert 'value="A4"' in visitor.get(address(draft, "wijzigen/vraag?onderdeel=A")).text
    new = {"block": "A", "code": "A4", "label": "Hoe lang?", "kind": "getal", "filling": "1-40", "required": "O"}
    assert send(visitor, address(draft, "wijzigen/vraag"), new).status_code == 302
    assert send(visitor, address(draft, "wijzigen/onderdeel"), {"code": "C", "title": "Slot"}).status_code == 302
    computed = {"block": "C", "code": "C1", "label": "Som", "kind": "auto", "filling": "A3 + A4", "required": "V"}
    assert send(visitor, address(draft, "wijzigen/vraag"), computed).status_code == 302

    assert codes(draft) == ["A1", "A2", "A3", "A4", "B1", "C1"] and draft.problems() == []


@pytest.mark.parametrize(
    ("code", "fields", "field", "sentence"),
    [
        ("A3", {"shown_when": "Z9 > 1"}, "shown_when", "Vraag Z9 bestaat niet in deze versie"),
        ("A1", {"shown_when": 'A2 = "thuis"'}, "shown_when", "A1 &gt; A2 &gt; A1 verwijzen in een kring"),
        ("A3", {"shown_when": 'A1 = "misschien"'}, "shown_when", "kent het antwoord &#39;misschien&#39; niet"),
        ("A3", {"shown_when": "A1 > 3"}, "shown_when", "kunnen niet met &#39;&gt;&#39; vergeleken worden"),
        ("A3", {"kind": "auto", "filling": "A3 +"}, "kind", "ontbreekt een waarde"),
        ("A3", {"filling": "9-1"}, "kind", "De ondergrens moet kleiner zijn"),
        ("A2", {"filling": "thuis"}, "kind", "Geef ten minste twee antwoorden"),
        ("A3", {"label": " "}, "label", "Vul dit in"),
        ("A3", {"label": "x" * 301}, "label", "hoogstens 300 tekens"),
        ("A3", {"checks": "stop als A3 > 1"}, "checks", "Schrijf een controle als"),
        ("A1", {"filling": "", "kind": "datum"}, None, "A2: "),
        ("A3", {"kind": "kleur"}, "kind", "Ongeldige keuze"),
        ("A3", {"unit": "\x00", "block": "Q"}, "block", "Ongeldige keuze"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_what_was_typed_stays(visitor, draft, code, fields, field, sentence):
    before = for_spreadsheet(draft)
    answer = edit(visitor, draft, f"vraag/{code}", **fields)

    assert answer.status_code == 409 and sentence in answer.text
    if field:
        assert sentence in answer.text.split(f'id="{field}-fout"')[1][:400]
    assert for_spreadsheet(draft) == before
    for name, typed in fields.items():
        assert form_of(answer)[name] == typed.strip("\x00 ") or sentence == "Ongeldige keuze"


def test_a_new_question_cannot_take_a_code_that_was_used_before(visitor, draft, coordinator):
    Draft(draft, coordinator).retire_question("B1")
    new = {"block": "A", "code": "B1", "label": "Anders", "kind": "datum", "required": "O"}
    answer = send(visitor, address(draft, "wijzigen/vraag"), new)

    assert answer.status_code == 409 and "De code B1 is al gebruikt" in answer.text.split('id="code-fout"')[1][:300]
    assert 'value="B2"' in visitor.get(address(draft, "wijzigen/vraag?onderdeel=B")).text


def test_two_people_at_one_question_see_each_others_text(visitor, draft, coordinator):
    there = address(draft, "wijzigen/vraag/A1")
    opened = form_of(visitor.get(there))
    Draft(draft, coordinator).put_question("A1", label="Van een collega")
    answer = send(visitor, there, opened, label="Van mij")

    assert answer.status_code == 409 and "Nu opgeslagen: Van een collega" in answer.text and "Van mij" in answer.text
    assert send(visitor, there, form_of(answer)).status_code == 302
    assert draft.rows()[1][0].label == "Van mij"


def test_order_changes_by_buttons_and_by_dragging(visitor, draft):
    send(visitor, address(draft, "volgorde"), omhoog="A3")
    assert codes(draft, "A") == ["A1", "A3", "A2"]
    send(visitor, address(draft, "volgorde"), {"deel-omlaag": "A"})
    assert codes(draft) == ["B1", "A1", "A3", "A2"]
    send(visitor, address(draft, "volgorde"), vraag=["A2", "A1", "A3"])
    assert codes(draft, "A") == ["A2", "A1", "A3"]
    for nonsense in ({"vraag": ["A2", "A1"]}, {"vraag": ["A2", "B1", "A1", "A3"]}, {"omhoog": "Z1"}, {}):
        answer = send(visitor, address(draft, "volgorde"), **nonsense)
        assert answer.status_code == 302
    assert codes(draft, "A") == ["A2", "A1", "A3"]
    assert "Ververs de pagina" in visitor.get(address(draft)).text


def test_a_question_retires_and_comes_back(visitor, draft):
    send(visitor, address(draft, "wijzigen/vraag/A3/vervallen"))
    assert codes(draft) == ["A1", "A2", "B1"] and "Terughalen" in visitor.get(address(draft)).text
    send(visitor, address(draft, "wijzigen/vraag/A3/terug"))
    assert codes(draft) == ["A1", "A2", "A3", "B1"]
    send(visitor, address(draft, "wijzigen/vraag/A1/vervallen"))
    assert "Vraag A1 is nog nodig" in visitor.get(address(draft)).text and "A1" in codes(draft)
    send(visitor, address(draft, "wijzigen/onderdeel/B/vervallen"))
    assert codes(draft, "B") == []


def test_a_version_with_answers_takes_no_change_of_any_kind(visitor, questionnaire):
    filling.save(filling.form(questionnaire), "A1", "ja")
    version = questionnaire.in_force()
    before = for_spreadsheet(version)
    fields = {"label": "x", "title": "x", "code": "A9", "block": "A", "kind": "datum", "required": "O", "intro": "x"}
    for rest in (
        "wijzigen/vraag/A1",
        "wijzigen/vraag",
        "wijzigen/onderdeel/A",
        "wijzigen/onderdeel",
        "wijzigen/inleiding",
        "wijzigen/vraag/A1/vervallen",
        "wijzigen/vraag/A1/terug",
        "wijzigen/onderdeel/A/vervallen",
    ):
        assert send(visitor, address(version, rest), fields).location.startswith(address(version)), rest
        assert "verandert niet meer" in visitor.get(address(version)).text, rest
    send(visitor, address(version, "volgorde"), omhoog="A2")
    assert send(visitor, address(version, "weg")).location == address(version)
    assert send(visitor, address(version, "in-gebruik"), vanaf="2030-01-01").status_code == 302

    assert for_spreadsheet(version) == before and Version.get_by_id(version.id).valid_from == filling.SINCE
    assert "wijzigen/vraag" not in visitor.get(address(version)).text


def test_publishing_puts_the_draft_in_use_and_leaves_begun_forms_alone(visitor, questionnaire, draft, coordinator):
    old = filling.form(questionnaire)
    Draft(draft, coordinator).put_question("A1", label="Anders gevraagd?")
    page = visitor.get(address(draft, "in-gebruik")).text
    assert "Anders gevraagd?" in page and "Was het zo?" in page
    answer = send(visitor, address(draft, "in-gebruik"), vanaf=clock.today().isoformat())

    assert answer.location == address(draft) and questionnaire.in_force() == draft
    assert Form.get_by_id(old.id).version.number == 1 and filling.form(questionnaire, now=clock.now()).version == draft
    assert AuditEvent.select().where(AuditEvent.action == "questionnaire.publish").count() == 1
    assert send(visitor, address(draft, "in-gebruik"), vanaf=clock.today().isoformat()).status_code == 302


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("gisteren", "Vul een datum in"),
        ("", "Vul een datum in"),
        ("2020-01-01", "terugwerkende kracht"),
        ("9" * 99, "datum in"),
    ],
)
def test_a_draft_is_not_published_on_an_impossible_day(visitor, draft, day, sentence):
    answer = send(visitor, address(draft, "in-gebruik"), vanaf=day)

    assert answer.status_code == 409 and sentence in answer.text
    assert Version.get_by_id(draft.id).state == VersionState.CONCEPT


def test_a_draft_with_a_broken_condition_is_not_published(visitor, draft):
    Question.update(shown_when="Z9 > 1").where(Question.version == draft, Question.code == "A3").execute()
    for answer in (visitor.get(address(draft, "in-gebruik")), send(visitor, address(draft, "in-gebruik"), vanaf="2030-01-01")):
        assert "kan nog niet in gebruik" in answer.text and f'{address(draft)}#vraag-A3">A3</a>: Vraag Z9' in answer.text
        assert 'name="vanaf"' not in answer.text

    assert Version.get_by_id(draft.id).state == VersionState.CONCEPT
    assert "Vraag Z9 bestaat niet" in visitor.get(address(draft)).text


def test_a_draft_is_thrown_away_once_and_another_can_be_made(visitor, draft, questionnaire):
    assert send(visitor, address(draft, "weg")).location == "/beheer/vragenlijsten/"
    assert send(visitor, address(draft, "weg")).location == address(draft)
    assert "geen concept meer" in visitor.get(address(draft)).text and questionnaire.draft is None


def test_the_difference_names_what_was_added_changed_moved_and_retired(visitor, draft, coordinator, questionnaire):
    changing = Draft(draft, coordinator)
    changing.put_question("A4", "A", label="Nieuw gevraagd", answer="datum", required="O")
    changing.put_block("B", title="Andere titel")
    changing.retire_question("B1")
    changing.shift("A3", -1)
    text = visitor.get(address(draft, "verschil")).text

    for part in ("Nieuw gevraagd", "<del>Deel B</del>", "<ins>Andere titel</ins>", "Vervallen", "<p>A3</p>"):
        assert part in text, part
    first = questionnaire.in_force()
    assert "Er is niets anders" not in text
    assert "versie 1 ten opzichte van versie 2" in visitor.get(address(first, f"verschil?met={draft.key}")).text.lower()
    assert visitor.get(address(first, "verschil?met=onzin")).status_code == 200


def test_the_file_goes_out_and_comes_back_into_a_draft(visitor, questionnaire):
    version = questionnaire.in_force()
    answer = visitor.get(address(version, "bestand"))
    assert answer.data == for_spreadsheet(version) and answer.headers["Content-Disposition"].endswith('-versie-1.csv"')
    changed = answer.data.replace(b"Was het zo?", "Was het één keer zo?".encode())
    answer = upload(visitor, version, changed)

    draft = questionnaire.draft
    assert answer.location == address(draft, "verschil") and draft.rows()[1][0].label == "Was het één keer zo?"
    assert version.rows()[1][0].label == "Was het zo?"
    assert "één keer" in visitor.get(answer.location).text


def upload(visitor, version, content, name="vragen.csv"):
    data = {"csrf_token": form_key(visitor)} | ({"bestand": (io.BytesIO(content), name)} if name else {})
    return visitor.post(address(version, "inlezen"), data=data, content_type="multipart/form-data")


def test_a_data_dictionary_for_redcap_is_downloaded_and_taken_in_again(visitor, questionnaire):
    version = questionnaire.in_force()
    page = visitor.get(address(version, "inlezen")).text
    assert address(version, "redcap") in page and "0 en geen 2 voor nee, en 99 en geen -9001 voor onbekend" in page

    answer = visitor.get(address(version, "redcap"))
    assert answer.headers["Content-Disposition"].endswith('-versie-1-redcap.csv"') and b"Branching Logic" in answer.data
    told = upload(visitor, version, answer.data)

    assert told.status_code == 302 and questionnaire.draft.structure == version.structure


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        (b"PK\x03\x04\x00", ["geen CSV-bestand"]),
        (b"", ["Regel 1: in dit bestand ontbreken kolommen: code, block"]),
        (b"x" * 2_000_001, ["groter dan 2MB"]),
        (lambda good: good.replace(b"ja/nee", b"kleur").replace(b'A1 = ""ja""', b"Z9 > 1"), [
            "Regel 4, kolom type_and_options: A1: &#39;kleur&#39;", "Regel 5, kolom shown_when: A2: Vraag Z9"]),
        (lambda good: good + b'"A9;A', ["kan niet gelezen worden"]),
    ],
)  # fmt: skip
def test_a_broken_file_is_told_line_by_line_and_nothing_is_taken_in(visitor, questionnaire, content, sentences):
    version = questionnaire.in_force()
    content = content(for_spreadsheet(version)) if callable(content) else content
    answer = upload(visitor, version, content)

    assert answer.status_code == 409 and questionnaire.draft is None
    listed = re.findall("<li>(.*?)</li>", answer.text.split("er is niets gewijzigd")[1].split("</ul>")[0])
    assert len(listed) == len(sentences) and all(part in line for part, line in zip(sentences, listed, strict=True))
    assert "Kies eerst het CSV-bestand" in upload(visitor, version, b"", name=None).text


def test_trying_out_shows_what_the_answers_call_for_and_keeps_nothing(visitor, draft):
    def shown(answer):
        return re.findall(r'<fieldset class="question" id="vraag-([A-Z]\d)"[^>]*?(?<! hidden)>', answer.text)

    there = address(draft, "uitproberen/")
    assert shown(visitor.get(there)) == ["A1", "A3", "B1"]
    answer = send(visitor, there, {"A1.0": "ja", "A3.0": "99", "B1.0": "<b>tekst</b>"})

    assert shown(answer) == ["A1", "A2", "A3", "B1"] and "van 1 tot en met 9" in answer.text
    assert "<b>tekst" not in answer.text and "&lt;b&gt;tekst" in answer.text
    assert Form.select().count() == 0


def test_trying_out_follows_the_repetitions_and_the_calculations_of_the_crf(visitor):
    version = filling.crf().in_force()
    sent = {"F2.0": "3", "B3.0": "0-42 dagen na einde", "B4.0": "levend geboren", "C6.0": "168", "C7.0": "71,5"}
    text = send(visitor, address(version, "uitproberen/"), sent).text

    assert "Kind 3 van 3" in text and re.search(r"<output data-value>\s*25,3", text)


def test_another_process_is_not_there_and_a_melder_has_no_such_screen(client, login, app, draft):
    login(client, make.coordinator(Process.LZA1))
    assert client.get(address(draft)).status_code == 404
    other = login(app.test_client(), make.user())
    for rest in ("", "verschil", "uitproberen/", "wijzigen/vraag/A1", "bestand", "antwoorden/"):
        assert other.get(address(draft, rest)).status_code == 403, rest


def test_what_repeats_and_what_hides_is_told_at_its_block(visitor, coordinator):
    rows = [question("A1", "getal (1-5)"), question("B1", "ja/nee")]
    made = filling.questionnaire(*rows, blocks=[block("A"), block("B", "A1 > 2", per="A1")])
    text = visitor.get(address(made.in_force())).text

    assert "<code>A1 &gt; 2</code>" in text and "Komt zo vaak als A1 zegt" in text
    draft = Draft.begin(made, coordinator).version
    answer = edit(visitor, draft, "onderdeel/B", per="B1")
    assert answer.status_code == 409 and "geen vraag naar een getal" in answer.text.split('id="per-fout"')[1][:300]


def test_a_version_that_begins_tomorrow_says_so(visitor, draft, coordinator):
    draft.publish(coordinator, clock.today() + timedelta(days=1))

    assert "gaat nog in" in visitor.get(address(draft)).text and "gaat nog in" in visitor.get("/beheer/vragenlijsten/").text


NEW = "/beheer/vragenlijsten/nieuw/"


def begin(visitor, theme, name="Vragenlijst AFLP", content=None):
    """Send the form for a new questionnaire; `content`: of the file that goes along."""
    sent = {"place": f"thema-{theme.id}", "name": name, "csrf_token": form_key(visitor)}
    if content is not None:
        sent["file"] = (io.BytesIO(content), "vragen.csv")
    return visitor.post(NEW, data=sent)


def test_a_theme_without_a_questionnaire_gets_one_that_melders_meet_once_it_is_published(visitor, coordinator):
    case = make.case()
    assert NEW in visitor.get("/beheer/vragenlijsten/").text
    answer = begin(visitor, case.theme)
    made = Questionnaire.get(Questionnaire.theme == case.theme)

    assert answer.location == address(made.draft) and (made.name, made.code) == ("Vragenlijst AFLP", "vragenlijst-aflp")
    assert visitor.get(answer.location).status_code == 200 and Questionnaire.for_case(case) is None
    draft = Draft(made.draft, coordinator)
    draft.put_block("A", title="Deel A")
    draft.put_question("A1", "A", label="Was het zo?", answer="ja/nee", required="V")
    draft.version.publish(coordinator)
    assert Questionnaire.for_case(case) == made


def test_a_new_questionnaire_is_read_from_a_spreadsheet_or_not_made_at_all(visitor, questionnaire):
    theme, content = make.theme(), for_spreadsheet(questionnaire.in_force())
    broken = begin(visitor, theme, content=content.replace(b"ja/nee", b"kleur"))
    assert broken.status_code == 409 and "Regel" in broken.text and 'value="Vragenlijst AFLP"' in broken.text
    assert Questionnaire.get_or_none(Questionnaire.theme == theme) is None

    assert begin(visitor, theme, content=content).status_code == 302
    assert codes(Questionnaire.get(Questionnaire.theme == theme).draft) == codes(questionnaire.in_force())


def test_a_theme_has_one_questionnaire_and_may_have_another_when_it_was_thrown_away(visitor, coordinator, questionnaire):
    refused = begin(visitor, questionnaire.theme)
    assert refused.status_code == 409 and "hoort al een vragenlijst" in refused.text

    theme = make.theme()
    begin(visitor, theme)
    Questionnaire.get(Questionnaire.theme == theme).draft.discard(coordinator)
    assert begin(visitor, theme, "Beter").status_code == 302 and Questionnaire.get(Questionnaire.theme == theme).name == "Beter"
    assert begin(visitor, make.theme(), "Beter").status_code == 302


def test_nobody_begins_a_questionnaire_for_a_process_that_is_not_theirs(visitor):
    filling.lza1()
    other = make.theme(process=Process.LZA1)

    assert other.name not in visitor.get(NEW).text and begin(visitor, other).status_code == 409
    assert Questionnaire.get_or_none(Questionnaire.theme == other) is None


def test_a_questionnaire_that_is_not_in_force_leaves_that_of_the_process_in_place(coordinator):
    lza1 = filling.lza1()
    case = make.case(theme=make.theme(process=Process.LZA1))
    new_questionnaire.begin(make.coordinator(Process.LZA1), f"thema-{case.theme_id}", "Eigen lijst")

    assert Questionnaire.for_case(case) == lza1
