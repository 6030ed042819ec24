"""Changing one question, one block or the head of a draft: forms in plain fields, each mistake told at its field."""

from types import SimpleNamespace

from flask import abort, flash, request
from flask_admin import expose
from flask_admin.form import BaseForm
from wtforms import SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from admin_views.grid.act_forms import posted
from admin_views.grid.acts import act
from admin_views.grid.row_saving import Stamp, check, explain, stamp_of, tidy
from admin_views.grid.scoped_views import who
from admin_views.questionnaires.versions import OfVersion, VersionsView
from admin_views.web.screen import Screen
from models.base import Refused, db
from models.forms.kind_notation import KIND_LABELS, apart, together
from models.questionnaires.definition.draft_version import NOT_A_DRAFT, Draft, Unsound
from models.questionnaires.definition.questionnaire import Version, VersionState

REQUIRED = [("V", "Verplicht"), ("V*", "Verplicht als deze getoond wordt"), ("O", "Niet verplicht")]
PLACES = {"answer": "kind", "block_code": "block"}  # a column of the question -> the field where its problem is told
FORMULA = 'Leeg: altijd. Bijvoorbeeld: B3 <> "zwanger"'


def _tidy(text):
    return tidy(text or "")


def _text(label, help="", area=False, length=300, rows=2, **more):
    """A text field. Saying `maxlength` would let the browser cut what somebody pastes; the form says it instead."""
    keeps = [Length(max=length, message=f"Dit is te lang: hoogstens {length} tekens.")]
    if more.pop("needed", False):
        keeps.insert(0, DataRequired("Vul dit in."))
    kind = TextAreaField if area else StringField
    look = {"render_kw": {"rows": rows}} if area else {}
    return kind(label, keeps, description=help, filters=[_tidy], **look, **more)


class HeadForm(BaseForm):
    intro = _text("Inleiding", "Wat de invuller boven de vragenlijst leest.", area=True, length=1000, rows=5)
    timeline = _text(
        "Tijdlijn van het document",
        "In het document voor de commissie staan geen datums, maar dagen. Vanaf welke vraag wordt "
        "geteld, en in welke woorden: B5: dag {} postpartum / {} dagen voor de bevalling / op de dag van de bevalling",
        area=True,
        length=1000,
        rows=3,
    )
    stamp = Stamp()


class BlockForm(BaseForm):
    code = _text("Code", "Een of meer hoofdletters, zoals Q. Blijft altijd zo.", length=4, needed=True)
    title = _text("Titel", length=200, needed=True)
    shown_when = _text("Tonen als", FORMULA, area=True, length=1000)
    per = _text(
        "Herhalen per",
        "De code van een vraag naar een aantal, zoals F2: het onderdeel komt er dan zo vaak. Leeg: één keer.",
        length=8,
    )
    stamp = Stamp()


class QuestionForm(BaseForm):
    code = _text("Code", "De letters van het onderdeel met een nummer, zoals B9. Blijft altijd zo.", length=8, needed=True)
    label = _text("Vraag", area=True, needed=True)
    help = _text("Uitleg", "Staat klein onder de vraag. Mag leeg blijven.", area=True, length=1000)
    kind = SelectField("Soort antwoord", choices=[SelectChoice(word, label) for word, (label, _) in KIND_LABELS.items()])
    filling = _text("Antwoorden of grenzen", area=True, length=5000, rows=6)
    others = _text(
        "Kan ook zijn",
        "Antwoorden die bij deze vraag ook kunnen, met komma's ertussen, zoals: niet ontslagen. "
        "‘onbekend’ hoeft u niet te noemen, dat kan altijd.",
    )
    unit = _text("Eenheid", "Bijvoorbeeld cm of mmol/l.", length=30)
    required = SelectField("Verplicht", choices=[SelectChoice(*pair) for pair in REQUIRED])
    shown_when = _text("Tonen als", FORMULA, area=True, length=1000)
    checks = _text(
        "Controles",
        "Elk op een eigen regel. Weigeren: weiger als B5 > B2 | De zin die de invuller leest. Een toelichting "
        "vragen: vraag als B6 > 366 | De zin die de invuller leest.",
        area=True,
        length=5000,
        rows=3,
    )
    source = _text("Bron", "Voor uzelf: waar de vraag vandaan komt.", length=200)
    block = SelectField("Onderdeel")
    stamp = Stamp()


def retire(version, code, by):
    """Ask a question no more."""
    Draft(version, by).retire_question(code)


def bring_back(version, code, by):
    """Ask a question again."""
    _one(version.rows()[1], code)
    Draft(version, by).put_question(code)


def retire_block(version, code, by):
    """Ask nothing of a block any more."""
    Draft(version, by).retire_block(code)


class EditingView(OfVersion):
    """The forms below a draft."""

    screen = Screen("editing", "/beheer/vragenlijsten/<version>/wijzigen", "Vragen wijzigen", listed=False, below=VersionsView)

    @expose("/")
    def index(self, version):
        return self.back(self.version(version))

    @expose("/inleiding", methods=("GET", "POST"))
    def head(self, version):
        version = self.version(version)
        return self._edit(version, HeadForm, "*", lambda: self.find(Version, version.key), _put_head)

    @expose("/onderdeel", methods=("GET", "POST"))
    def new_block(self, version):
        return self._edit(self.version(version), BlockForm, None, lambda: None, _put_block)

    @expose("/onderdeel/<code>", methods=("GET", "POST"))
    def block(self, version, code):
        version = self.version(version)
        return self._edit(version, BlockForm, code, lambda: _one(version.rows()[0], code), _put_block)

    @expose("/vraag", methods=("GET", "POST"))
    def new_question(self, version):
        version = self.version(version)
        start = {"block": request.args.get("onderdeel", ""), "code": version.next_code(request.args.get("onderdeel", ""))}
        return self._edit(version, QuestionForm, None, lambda: None, _put_question, SimpleNamespace(**start))

    @expose("/vraag/<code>", methods=("GET", "POST"))
    def question(self, version, code):
        version = self.version(version)
        return self._edit(version, QuestionForm, code, lambda: _asked(_one(version.rows()[1], code)), _put_question)

    retire = act(
        "/vraag/<code>/vervallen",
        retire,
        done="Vraag {1} wordt niet meer gesteld. Onderaan het onderdeel kunt u die terughalen.",
        anchor="vraag-{1}",
    )
    bring_back = act("/vraag/<code>/terug", bring_back, done="Vraag {1} is terug.", anchor="vraag-{1}")
    retire_block = act(
        "/onderdeel/<code>/vervallen", retire_block, done="Van onderdeel {1} wordt niets meer gevraagd.", anchor="deel-{1}"
    )

    def _edit(self, version, kind, code, stored, put, start=None):
        """Show the form and take it in. `stored()` gives what there is now; `put(draft, code, form)` saves it."""
        if version.state != VersionState.CONCEPT:
            flash(NOT_A_DRAFT, "error")
            return self.back(version)
        form = _form(kind, version, stored() or start, code)
        if request.method == "GET" or not form.validate():
            return self._show(version, kind, form, code, 409 if form.errors else 200)
        try:
            with db.atomic():
                draft = Draft(version, who())
                draft.hold()
                if code:
                    check(form, _form(kind, version, stored(), code, None))
                code = put(draft, code, form)
        except Refused as problem:
            _tell(form, problem, code or form.code.data)
            return self._show(version, kind, form, code, 409)
        flash("Opgeslagen.", "success")
        return self.back(version, {HeadForm: "inleiding", BlockForm: f"deel-{code}", QuestionForm: f"vraag-{code}"}[kind])

    def _show(self, version, kind, form, code, status=200):
        name = {HeadForm: "head", BlockForm: "block", QuestionForm: "question"}[kind]
        fills = {word: help for word, (_, help) in KIND_LABELS.items()}
        return self.page(f"{name}_form", version, form=form, code=code, fills=fills), status


def _form(kind, version, row, code, sent=...):
    """The form over `row`, with what was sent in it; a code that is there already cannot change."""
    form = kind(posted() if sent is ... else None, obj=row)
    if code and "code" in form:
        del form.code
    if "block" in form:
        form.block.choices = [SelectChoice(block.code, f"{block.code}. {block.title}") for block in version.rows()[0]]
    if not form.stamp.data:
        form.stamp.data = stamp_of(form)
    return form


def _one(rows, code):
    return next((row for row in rows if row.code == code), None) or abort(404)


def _asked(row):
    """A question as its form shows it."""
    kind, filling, others = apart(row.answer)
    same = {name: getattr(row, name) for name in ("label", "help", "unit", "shown_when", "checks", "source")}
    return SimpleNamespace(
        code=row.code, kind=kind, filling=filling, others=others, required=row.required or "O", block=row.block_code, **same
    )


def _put_head(draft, code, form):
    draft.put_head(intro=form.intro.data, timeline=" ".join(form.timeline.data.split()))
    return code


def _put_block(draft, code, form):
    fields = {name: form[name].data for name in ("title", "shown_when", "per")}
    draft.put_block(code or form.code.data, new=not code, **fields)
    return code or form.code.data


def _put_question(draft, code, form):
    fields = {name: form[name].data for name in ("label", "help", "unit", "shown_when", "checks", "source")}
    fields["answer"] = together(form.kind.data, form.filling.data, form.others.data)
    fields["required"] = "" if form.kind.data == "auto" else form.required.data
    draft.put_question(code or form.code.data, form.block.data, new=not code, **fields)
    return code or form.code.data


def _tell(form, problem, code):
    """Every problem at its field; what the change does to another question is told on top of the page."""
    if not isinstance(problem, Unsound):
        explain(form, problem, Version)
        return
    for one in problem.problems:
        field = PLACES.get(getattr(one, "field", ""), getattr(one, "field", ""))
        if field in form and code in (getattr(one, "code", ""), *getattr(one, "also", ())):
            form[field].errors = [*form[field].errors, getattr(one, "sentence", str(one))]
    flash(str(problem), "error")
