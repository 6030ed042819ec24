"""Filling in a questionnaire: saving answers, together with others, and what is still open."""

import threading

import pytest

from models import access, clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.status import Status
from models.forms.edit_conflict import EditConflict
from models.operations.keys import key_rotation
from models.questionnaires.answer_check import checked
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.form import Answer, Form
from models.questionnaires.version_upgrade import carry_over, newer, onward
from tests import filling, make
from tests.filling import block, question, save

QUESTIONS = (
    question("A1", "ja/nee"),
    question("A2", "keuze: thuis; ziekenhuis", "V*", 'A1 = "ja"'),
    question("A3", "getal (1-5)", "O", checks="vraag als A3 > 3 | Meer dan drie is ongewoon. Klopt dit?"),
    question("A4", "tekst (100)", "O"),
    question("B1", "keuze: leeft; overleden", "V*"),
    question("B2", "getal (0-10)", "V*", 'B1 = "leeft"'),
)
BLOCKS = (block("A"), block("B", "A3 ingevuld", "A3"))


@pytest.fixture
def form():
    return filling.form(filling.questionnaire(*QUESTIONS, blocks=BLOCKS))


def kept(form):
    return {place: given.kept for place, given in form.given().items() if given.kept is not None}


def test_beginning_twice_gives_the_same_form(form):
    assert Form.start(form.case, form.case.reporter) == form and Form.of(form.case) == form


def test_a_case_without_a_questionnaire_has_nothing_to_begin():
    case = make.case()
    with pytest.raises(Refused, match="hoort geen vragenlijst"):
        Form.start(case, case.reporter)


def test_an_answer_is_kept_sealed_and_stands_in_the_trail_without_its_content(form):
    save(form, "A4", "geheim verhaal")

    (raw,) = db.execute_sql("SELECT value FROM answer").fetchone()
    assert "geheim" not in raw and kept(form) == {("A4", 0): "geheim verhaal"}
    event = AuditEvent.select().order_by(AuditEvent.id.desc()).get()
    assert (event.action, event.detail) == ("form.answer", "A4")


def test_saving_what_stands_there_already_changes_nothing(form):
    first = save(form, "A4", "eerst")
    again = form.put("A4", " eerst ", form.case.reporter, seen_revision=0)

    assert again.revision == first.revision == 1 and Form.get_by_id(form.id).revision == 1


def test_the_second_of_two_people_sees_both_answers_and_chooses(form):
    colleague = make.user(role=Role.INVOERDER, hospital=form.case.hospital)
    save(form, "A3", 2, by=colleague)

    with pytest.raises(EditConflict) as clash:
        form.put("A3", 3, form.case.reporter, seen_revision=0)
    assert (clash.value.mine, clash.value.theirs, clash.value.by) == ("3", "2", colleague)
    assert colleague.name in str(clash.value) and kept(form) == {("A3", 0): 2}

    form.put("A3", 3, form.case.reporter, seen_revision=clash.value.revision)
    assert kept(form) == {("A3", 0): 3}


def test_emptying_what_somebody_changed_is_a_clash_too(form):
    save(form, "A4", "een")
    save(form, "A4", "twee")
    with pytest.raises(EditConflict, match="leeg"):
        form.put("A4", "", form.case.reporter, seen_revision=1)


def test_of_two_savers_at_once_exactly_one_wins(form):
    results, gate = [], threading.Barrier(2)

    def work(text):
        with db.connection_context():
            mine = Form.get_by_id(form.id)
            gate.wait()
            try:
                results.append(mine.put("A4", text, mine.case.reporter, 0).kept)
            except EditConflict as clash:
                results.append(clash)

    threads = [threading.Thread(target=work, args=(text,)) for text in ("een", "twee")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [result for result in results if isinstance(result, str)]
    assert kept(form) == {("A4", 0): winner} and Form.get_by_id(form.id).revision == 1


def test_savers_of_different_answers_at_once_lose_nothing(form):
    gate = threading.Barrier(3)

    def work(code, value):
        with db.connection_context():
            mine = Form.get_by_id(form.id)
            gate.wait()
            mine.put(code, value, mine.case.reporter, 0)

    threads = [threading.Thread(target=work, args=pair) for pair in (("A1", "nee"), ("A3", 1), ("A4", "tekst"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fresh = Form.get_by_id(form.id)
    assert len(kept(form)) == 3 and fresh.revision == 3
    assert fresh.still_open == len(fresh.filled().open) == 1


@pytest.mark.parametrize(
    ("code", "value", "more", "sentence"),
    [
        ("Z9", "ja", {}, "bestaat niet in deze versie"),
        (None, "ja", {}, "bestaat niet in deze versie"),
        ("A2", "thuis", {}, "hoort niet bij deze casus"),
        ("B1", "leeft", {"repeat": 1}, "hoort niet bij deze casus"),
        ("A1", "misschien", {}, "staat niet in de lijst"),
        ("A3", "veel", {}, "Vul een getal in"),
        ("A3", 6, {}, "van 1 tot en met 5"),
        ("A3", "1,5", {}, "heel getal"),
        ("A4", "x" * 100_000, {}, "te lang"),
        ("A4", "een\x00twee", {}, "niet opgeslagen kunnen worden"),
        ("A4", "\ud800", {}, "niet opgeslagen kunnen worden"),
        ("A4", {"anders": "weet niet"}, {}, "kan niet bij deze vraag"),
        ("A4", ["tekst"], {}, "niet begrepen"),
        ("A4", "x", {"seen_revision": "abc"}, "kwam niet goed aan"),
        ("A4", "x", {"repeat": -1}, "kwam niet goed aan"),
        ("A4", "x", {"reason": "x" * 501}, "toelichting"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence_and_nothing_is_lost(form, code, value, more, sentence):
    save(form, "A4", "stond er al")
    more = {"seen_revision": 1 if code == "A4" else 0, **more}

    with pytest.raises(Refused, match=sentence):
        form.put(code, value, form.case.reporter, **more)
    assert kept(form) == {("A4", 0): "stond er al"}


def test_html_and_formulas_are_text_like_any_other(form):
    for text in ("<script>alert(1)</script>", "=1+1", "' OR 1=1 --", "{{ 7*7 }}"):
        assert save(form, "A4", text).kept == text


def test_unknown_is_an_answer_and_empty_is_none(form):
    assert len(form.filled().open) == 1
    save(form, "A1", "onbekend")
    filled = form.filled()
    assert filled.open == [] and filled.values["A1"] is None and form.complete
    save(form, "A1", "")
    assert len(form.filled().open) == 1 and not form.complete


def test_a_hidden_answer_is_kept_but_does_not_count(form):
    for code, value in (("A1", "ja"), ("A2", "thuis"), ("A1", "nee")):
        save(form, code, value)
    assert form.filled().values["A2"] is None and "A2" not in [line.item.code for line in form.filled().lines]
    save(form, "A1", "ja")
    assert form.filled().values["A2"] == "thuis"


def test_a_block_is_repeated_as_often_as_was_said(form):
    save(form, "A1", "nee")
    save(form, "A3", 3)
    save(form, "B1", "leeft", repeat=2)

    lines = [(line.item.code, line.number) for line in form.filled().lines if line.block.code == "B"]
    assert lines == [("B1", 1), ("B1", 2), ("B2", 2), ("B1", 3)]
    assert form.still_open == 3
    save(form, "A3", 1)
    assert form.still_open == 1 and kept(form)["B1", 2] == "leeft"


def test_a_block_that_is_repeated_no_times_asks_nothing():
    rows = [question("A1", "getal (0-3)"), question("B1", "ja/nee")]
    form = filling.form(filling.questionnaire(*rows, blocks=[block("A"), block("B", per="A1")]))
    assert form.still_open == 2, "as long as the number is not known, there is one"
    save(form, "A1", 0)
    assert form.still_open == 0 and [line.item.code for line in form.filled().lines] == ["A1"]


def test_progress_is_told_per_block(form):
    assert form.filled().progress() == {"A": (1, 3)}
    save(form, "A3", 2)
    assert form.filled().progress() == {"A": (1, 3), "B": (2, 2)}


def test_a_question_that_two_checks_ask_about_is_one_open_question():
    checks = "vraag als A1 > 3 | Meer dan drie?\nvraag als A1 > 4 | Meer dan vier?"
    form = filling.form(filling.questionnaire(question("A1", "getal (1-5)", checks=checks)))
    save(form, "A1", 5)
    filled = form.filled()

    assert (filled.still, filled.asked, filled.progress(), filled.done) == (1, 1, {"A": (1, 1)}, 0)
    assert filled.troubles("A")["A1.0"]["sentence"] == "Meer dan drie? Meer dan vier?"


def test_a_soft_check_keeps_the_answer_and_asks_for_a_reason(form):
    save(form, "A1", "nee")
    saved = save(form, "A3", 4)
    assert saved.asks == [("A3", "Meer dan drie is ongewoon. Klopt dit?")] and kept(form)["A3", 0] == 4
    assert ("toelichting", "A3") in {(one.why, one.line.item.code) for one in form.filled().open}

    assert save(form, "A3", 4, reason="Vijfling na IVF.").asks == []
    assert "toelichting" not in {one.why for one in form.filled().open}
    assert "toelichting" in {one.why for one in save(form, "A3", 5).filled.open}, "the reason was for another answer"


def test_two_answers_that_can_only_be_mended_together_have_a_way_out():
    checks = "weiger als A1 > A2 | Te veel.\nweiger als A3 < 2 | Te weinig.", "weiger als A2 > A1 + 1 | Dat scheelt te veel."
    rows = [
        question("A1", "getal (0-99)", checks=checks[0]),
        question("A2", "getal (0-99)", checks=checks[1]),
        question("A3", "auto: A1 * 2", ""),
    ]
    form = filling.form(filling.questionnaire(*rows))
    save(form, "A1", 5)
    save(form, "A2", 6)

    with pytest.raises(
        Refused, match=r"^Te veel\. Klopt dit antwoord wel, maak dan eerst vraag A2 leeg en vul die daarna opnieuw"
    ):
        save(form, "A1", 40)
    with pytest.raises(Refused, match="maak dan eerst vraag A1 leeg"):
        save(form, "A2", 41)
    with pytest.raises(Refused, match=r"^Te weinig\.$"):
        save(form, "A1", 0)
    # What the portal answers itself nobody empties.
    with pytest.raises(Refused, match=r"^Te veel\.$"):
        checked(form, ("A1", 0), 40, Answer.get(Answer.form == form, Answer.code == "A1"), 1, None, clock.now(), ["A2"])
    for code, value in (("A2", None), ("A1", 40), ("A2", 41)):
        save(form, code, value)
    assert kept(form) == {("A1", 0): 40, ("A2", 0): 41}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("BSN 111222333", "burgerservicenummer"), ("bel 06-12345678", "telefoonnummer"), ("woont 3511 AB", "postcode"),
        ("op 5 maart 2026", "volledige datum"), ("op 05-03-2026", "volledige datum"),
    ],
)  # fmt: skip
def test_who_writes_who_somebody_is_gets_a_warning_and_keeps_the_text(form, text, sentence):
    saved = save(form, "A4", text)
    assert sentence in " ".join(saved.warnings) and saved.kept == text


def test_ordinary_clinical_text_gives_no_warning(form):
    assert save(form, "A4", "G2P1, 39+2, RR 140/90, Hb 6,2, 1200 ml, 2x 500 mg, 14:20").warnings == []


@pytest.mark.parametrize("status", [Status.GOEDGEKEURD, Status.INGETROKKEN])
def test_a_closed_case_takes_no_answers(form, status):
    if status == Status.GOEDGEKEURD:
        make.document(form.case)
        form.case.submit(form.case.reporter)
        form.case.approve(make.coordinator())
    else:
        form.case.withdraw(form.case.reporter, "Dubbel.")
    with pytest.raises(Refused, match="kan de vragenlijst niet meer"):
        Form.get_by_id(form.id).put("A4", "x", form.case.reporter)


@pytest.mark.parametrize("role", [Role.MELDER, Role.COORDINATOR, Role.COMMISSIELID, Role.BEHEERDER])
def test_only_the_own_hospital_fills_in(form, role):
    with pytest.raises(Refused):
        form.put("A4", "x", make.user(role=role))
    assert kept(form) == {}


def test_the_coordinator_sees_a_form_once_its_case_was_submitted(form):
    coordinator, reporter = make.coordinator(), form.case.reporter
    save(form, "A4", "x")
    for model in (Form, Answer):
        assert access.visible(model, coordinator).count() == 0 == access.visible(model, make.user()).count()
        assert access.visible(model, reporter).count() == 1
    make.document(form.case)
    form.case.submit(reporter)
    assert access.visible(Form, coordinator).count() == access.visible(Answer, coordinator).count() == 1


def test_a_committee_reads_the_document_and_never_the_exact_answers(form):
    save(form, "A4", "x")
    make.document(form.case)
    form.case.submit(form.case.reporter)
    form.case.approve(make.coordinator())
    member = make.user(role=Role.COMMISSIELID)
    assert access.visible(Form, member).count() == access.visible(Answer, member).count() == 0


def publish(form, *changes):
    coordinator = make.coordinator(form.case.process)
    draft = Draft.begin(form.version.questionnaire, coordinator)
    for code, fields in changes:
        draft.put_question(code, **fields)
    draft.version.publish(coordinator)
    return draft.version


def test_a_case_keeps_the_version_with_which_it_was_begun(form):
    save(form, "A4", "x")
    publish(form, ("A4", {"answer": "ja/nee"}))

    assert Form.of(form.case).version == form.version and save(form, "A4", "y").kept == "y"


def test_answers_that_still_fit_are_carried_over_to_the_newer_version(form):
    save(form, "A1", "ja")
    save(form, "A2", "thuis")
    save(form, "A3", 4, reason="Echt.")
    save(form, "A4", "x")
    assert newer(form) is None and onward(form) is None
    version = publish(
        form,
        ("A2", {"answer": "keuze: kliniek; ziekenhuis"}),
        ("A5", {"block": "A", "label": "Nieuw", "answer": "datum", "required": "V"}),
    )
    ahead = onward(form)
    assert ahead.version == version and ahead.lost == ["A2"] and [row.code for row in ahead.change.added] == ["A5"]
    made, lost = carry_over(form, form.case.reporter)

    assert (made.version, lost) == (version, ["A2"]) and Form.of(form.case) == made
    assert kept(made) == {("A1", 0): "ja", ("A3", 0): 4, ("A4", 0): "x"} and made.given()["A3", 0].reason == "Echt."
    assert kept(form)["A2", 0] == "thuis"
    for verb in (lambda: save(form, "A4", "z"), lambda: carry_over(form, form.case.reporter)):
        with pytest.raises(Refused, match=r"vervangen|overgezet"):
            verb()


def test_a_number_does_not_go_on_under_another_unit(form):
    save(form, "A3", 4, reason="Echt.")
    publish(form, ("A3", {"unit": "ml"}))

    assert onward(form).lost == ["A3"]
    made, lost = carry_over(form, form.case.reporter)
    assert lost == ["A3"] and kept(made) == {} and kept(form) == {("A3", 0): 4}


def test_answers_are_sealed_anew_when_the_keys_are_rotated(form):
    save(form, "A3", 4, reason="Echt.")
    before = db.execute_sql("SELECT value, reason FROM answer").fetchone()
    assert "antwoorden: 1" in list(key_rotation.reseal())

    after = db.execute_sql("SELECT value, reason FROM answer").fetchone()
    assert before[0] != after[0] and before[1] != after[1] and form.given()["A3", 0].reason == "Echt."


def test_opening_and_saving_take_few_queries_however_long_the_questionnaire(monkeypatch):
    form = filling.finished(filling.form(filling.crf()), filling.DIED)
    asked, ask = [], db.obj.execute_sql
    monkeypatch.setattr(db.obj, "execute_sql", lambda sql, *args, **more: (asked.append(sql), ask(sql, *args, **more))[1])

    opened = Form.of(form.case)
    assert opened.rows() and opened.filled().progress() and len(asked) <= 12
    asked.clear()
    save(opened, "C9", "ja")
    assert len([sql for sql in asked if "pg_advisory" not in sql]) <= 20  # waiting for one's turn in the trail is none
