"""What LZA1 has of its own: the gate, colleagues who are named, questions and verdicts of the committee, and its register."""

from flask import abort, flash, redirect, url_for
from flask_admin import expose
from wtforms import StringField

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.cases.overview import CasesView
from admin_views.files.sending import pdf_answer
from admin_views.grid import columns
from admin_views.grid.act_forms import ActForm, ByPrefix, DayField, Pressed, RequestKey, RowField, TextField, Upload
from admin_views.grid.acts import act
from admin_views.grid.filters import ListFilter, OneOf, PeriodFilter
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import access, clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.cases.case import Case
from models.cases.status import STATUS_LABELS
from models.dutch import listed
from models.files.storage import Damaged
from models.lza1.committee_steps import LARGEST, CommitteeStep
from models.lza1.eligibility import Gate
from models.lza1.register import TERMS, fill, in_term

UNREAD = (
    "Het oordeel is geplaatst, maar niemand van het ziekenhuis kan het lezen. Wijs eerst een collega aan: die krijgt bericht."
)
LOST = "Dit oordeel kan niet meer worden gelezen. De beheerder is gewaarschuwd; vraag het op bij de coördinator."


class Gates(ActForm):
    """The answers to the three questions, and the revision of each that the page showed."""

    answers = ByPrefix(name="antwoord-")
    revisions = ByPrefix(name="gezien-")

    def arguments(self):
        return {"given": {code: (answer, self.revisions.data.get(code, "0")) for code, answer in self.answers.data.items()}}


class Colleague(ActForm):
    colleague = RowField(name="collega", model=User)
    ended = Pressed(name="weg")


class CommitteeQuestion(ActForm):
    text = TextField(name="vraag")
    day = DayField(name="dag")
    request_key = RequestKey(name="sleutel")
    round = StringField(name="ronde")


class Verdict(ActForm):
    content = Upload(name="oordeel", most=LARGEST)
    day = DayField(name="dag")
    request_key = RequestKey(name="sleutel")
    text = TextField(name="toelichting")


def answer_gate(case, by, given):
    """Keep the answers to the three questions."""
    (Gate.of(case) or abort(404)).answer(case, by, given)


def name_colleague(case, by, colleague, ended):
    """Name a colleague, or take that back."""
    (case.withhold if ended else case.entrust)(colleague, by)


def told_of_verdict(step, case):
    """Who hears of the verdict, or that nobody can read it yet."""
    readers = [person.name for person in step.readers(case)]
    return f"Het oordeel is geplaatst. Bericht dat het klaarstaat, gaat naar {listed(readers)}." if readers else UNREAD


class Lza1View(RowPage):
    """The acts on the page of one case: of its hospital, and of its coordinator."""

    screen = Screen("lza1", "/melding/<key>/lza1", "LZA1", listed=False, below=CasesView)
    ability = "complete"
    others = ("review",)
    process = Process.LZA1

    @expose("/")
    def index(self, key):
        """Nothing to see here by itself: everything stands on the page of the case."""
        return self.onward(*self.rows(key))

    gate = act("/hoort-hier", answer_gate, form=Gates, anchor="hoort-hier")
    entrust = act("/collega", name_colleague, form=Colleague, anchor="collegas")
    ask = act(
        "/vraag",
        CommitteeStep.ask,
        form=CommitteeQuestion,
        done="De vraag is gesteld; de melding staat op Onvolledig en de melder krijgt bericht.",
        anchor="commissie",
    )
    judge = act(
        "/oordeel",
        CommitteeStep.judge,
        form=Verdict,
        done=told_of_verdict,
        anchor="commissie",
    )

    @expose("/oordeel/<step>")
    def letter(self, key, step):
        """The verdict itself, to keep; that it was read is written down."""
        (case,) = self.rows(key)
        step = self.find(CommitteeStep, step)
        if step.case_id != case.id or not step.may_read(who()) or not step.blob:
            abort(404)
        try:
            content = step.letter(who())
        except Damaged:
            flash(LOST, "error")
            return self.onward(case)
        return pdf_answer(content, f"Oordeel {case.number}.pdf")

    def rows(self, key):
        """The case, when it is one of LZA1; 404 for who may only study it."""
        case = self.row(key)
        mine = any(access.may(who(), ability, case.process) for ability in ("complete", "review"))
        return (case,) if case.process == Process.LZA1 and mine else abort(404)

    def onward(self, case, anchor=None):
        home = "review.detail" if access.may(who(), "review", case.process) else "reporting.case"
        return redirect(url_for(home, key=case.key, _anchor=anchor))

    def refused(self, reason, form, case, anchor=None):
        """Back to the page with the reason; what the committee typed stays in a form of its own."""
        name = {CommitteeQuestion: "vraag", Verdict: "oordeel"}.get(type(form))
        if name is None:
            return super().refused(reason, form, case, anchor=anchor)
        if not access.may(who(), "review", case.process):
            raise reason
        sent = dict(form=name, typed=form.typed, today=clock.today())
        return self.render("lza1/refused.html", case=case, reason=reason, **sent), 409


class RegisterView(ShortlyAfterSecondStep, ScopedModelView):
    """Every case of LZA1 with its term and what the committee did. Of this process only, and its export too."""

    screen = Screen("lza1_register", "/lza1-register", "LZA1-register", of=Case)
    ability = "review"
    shortly = ("export",)
    process = Process.LZA1
    intro = "Alle LZA1-meldingen met hun termijn, en wat de commissie vroeg en oordeelde. Patiëntnummers staan hier niet in."
    can_export = True
    export_action = "lza1.export"
    search_hint = "Zoek op nummer of ziekenhuis"
    related = (Case.hospital,)
    hidden = frozenset({Case.patient_number, Case.patient_hash})
    column_list = ("number", "hospital", "status", "last_day", "reported_on", "late", "asked_on", "judged_on")
    column_export_list = (*column_list, "created_at", "submitted_at", "approved_at", "closed_why")
    column_labels = {
        "number": "ID", "hospital": "Ziekenhuis", "status": "Status", "created_at": "Aangemaakt",
        "last_day": "Te melden uiterlijk op",
        "reported_on": "Gemeld op", "late": "Dagen te laat", "asked_on": "Vragen", "judged_on": "Oordelen",
        "submitted_at": "Laatst ingediend", "approved_at": "Goedgekeurd", "closed_why": "Waarom afgesloten",
    }  # fmt: skip
    column_sortable_list = ("number", ("hospital", Hospital.name), "status", "created_at")
    column_default_sort = ("created_at", True)
    column_filters = (
        OneOf(Case.status, "Status", options=list(STATUS_LABELS.items())),
        OneOf(Case.id, "Termijn", find=in_term, options=list(TERMS.items())),
        ListFilter(Case.hospital, "Ziekenhuis", find=Hospital.named, says="bevat"),
        PeriodFilter(Case.created_at, "Aangemaakt"),
    )

    def complete(self, rows):
        return fill(rows)

    def _number(self, context, row, name):
        return columns.link(f"/beoordelen/{row.key}/", row.number)

    def _late(self, context, row, name):
        return columns.badge(f"{row.late}", "error") if row.late else ""

    column_formatters = {"number": _number, "status": columns.status, "created_at": columns.when, "late": _late}
