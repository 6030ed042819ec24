"""What LZA1 has of its own: the gate, colleagues who are named, questions and verdicts of the committee, and its register."""

from datetime import date

from flask import Response, abort, flash, redirect, request, url_for
from flask_admin import expose

from admin_views.files.case_files import SEALED
from admin_views.grid import columns
from admin_views.grid.filters import ListFilter, OneOf, PeriodFilter
from admin_views.grid.scoped_views import ScopedModelView, ScopedView, who
from models import access, clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.base import Refused
from models.cases.case import Case
from models.cases.status import STATUS_LABELS
from models.files.storage import Damaged
from models.lza1.committee import CommitteeStep
from models.lza1.eligibility import Gate
from models.lza1.register import TERMS, fill, in_term

LOST = "Dit oordeel kan niet meer worden gelezen. De beheerder is gewaarschuwd; vraag het op bij de coördinator."


class Lza1View(ScopedView):
    """The acts on the page of one case: of its hospital, and of its coordinator."""

    ability = "complete"
    others = ("review",)
    process = Process.LZA1

    def is_visible(self):
        return False

    @expose("/")
    def index(self, key):
        """Nothing to see here by itself: everything stands on the page of the case."""
        return self._back(self._case(key))

    @expose("/hoort-hier", methods=("POST",))
    def gate(self, key):
        """Keep the answers to the three questions."""
        case = self._case(key)
        given = {
            name.removeprefix("antwoord-"): (value, request.form.get(f"gezien-{name.removeprefix('antwoord-')}", "0"))
            for name, value in request.form.items()
            if name.startswith("antwoord-")
        }
        return self._act(case, lambda: (Gate.of(case) or abort(404)).answer(case, who(), given), "hoort-hier")

    @expose("/collega", methods=("POST",))
    def entrust(self, key):
        """Name a colleague, or take that back."""
        case = self._case(key)
        colleague = self.find(User, request.form.get("collega", ""), field="id")
        verb = case.withhold if "weg" in request.form else case.entrust
        return self._act(case, lambda: verb(colleague, who()), "collegas")

    @expose("/vraag", methods=("POST",))
    def ask(self, key):
        """Put the committee's question to the hospital."""
        return self._place(
            key,
            "vraag",
            lambda case, day: CommitteeStep.ask(
                case, who(), request.form.get("vraag"), day, _request_key(), request.form.get("ronde")
            ),
            "De vraag is gesteld; de melding staat op Onvolledig en de melder krijgt bericht.",
        )

    @expose("/oordeel", methods=("POST",))
    def judge(self, key):
        """Place the committee's verdict."""
        file = request.files.get("oordeel")
        return self._place(
            key,
            "oordeel",
            lambda case, day: CommitteeStep.judge(
                case, who(), file.read() if file else b"", day, _request_key(), request.form.get("toelichting")
            ),
            "Het oordeel is geplaatst; de melder krijgt bericht dat het klaarstaat.",
        )

    @expose("/oordeel/<step>")
    def letter(self, key, step):
        """The verdict itself, to keep; that it was read is written down."""
        case = self._case(key)
        step = self.find(CommitteeStep, step)
        if step.case_id != case.id or not step.may_read(who()) or not step.blob:
            abort(404)
        try:
            content = step.letter(who())
        except Damaged:
            flash(LOST, "error")
            return self._back(case)
        headers = {
            "Content-Disposition": f'attachment; filename="Oordeel {case.number}.pdf"',
            "Content-Security-Policy": SEALED,
        }
        return Response(content, mimetype="application/pdf", headers=headers)

    # ---- behind the addresses ----------------------------------------------------------------------------------------

    def _case(self, key):
        """The case, when it is one of LZA1; 404 for who may only study it."""
        case = self.find(Case, key)
        mine = any(access.may(who(), ability, case.process) for ability in ("complete", "review"))
        return case if case.process == Process.LZA1 and mine else abort(404)

    def _place(self, key, form, verb, done):
        case = self._case(key)
        try:
            verb(case, _day())
        except Refused as reason:
            if not access.may(who(), "review", case.process):
                raise
            sent = dict(form=form, typed=request.form, today=clock.today())
            return self.render("lza1/refused.html", case=case, reason=reason, **sent), 409
        flash(done, "success")
        return self._back(case, "commissie")

    def _act(self, case, verb, anchor):
        try:
            verb()
        except Refused as reason:
            flash(str(reason), "error")
        return self._back(case, anchor)

    def _back(self, case, anchor=None):
        home = "review.detail" if access.may(who(), "review", case.process) else "reporting.case"
        return redirect(url_for(home, key=case.key, _anchor=anchor))


def _request_key():
    key = request.form.get("sleutel", "")
    return key if 0 < len(key) <= 43 and key.isascii() and key.isprintable() else abort(400)


def _day():
    try:
        return date.fromisoformat(request.form.get("dag", ""))
    except ValueError:
        return None


class RegisterView(ScopedModelView):
    """Every case of LZA1 with its term and what the committee did. Of this process only, and its export too."""

    ability = "review"
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
        "number": "ID", "hospital": "Ziekenhuis", "status": "Status", "created_at": "Aangemaakt", "last_day": "Te melden vóór",
        "reported_on": "Gemeld op", "late": "Dagen te laat", "asked_on": "Vragen", "judged_on": "Oordelen",
        "submitted_at": "Laatst ingediend", "approved_at": "Goedgekeurd", "closed_why": "Waarom afgesloten",
    }  # fmt: skip
    column_sortable_list = ()
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
