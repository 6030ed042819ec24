"""The reporter's work: a new case, completing it, handing it in."""

from datetime import date

from flask import abort, flash, redirect, request, session, url_for
from flask_admin import expose

from admin_views.cases.new_case import HEADINGS, NewCase
from admin_views.cases.timeline import story
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.web.error_pages import wants_json
from models import access, clock
from models.access import Process
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, new_key
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import STATUS_MEANING, Status
from models.cases.theme import RequestedDocument, Theme
from models.dutch import month_name
from models.files.document import UNDO_DAYS, Document
from models.files.dossier import Dossier
from models.files.file_type import ACCEPTED, ACCEPTED_TEXT
from models.files.privacy.privacy_decision import HARMLESS, SENT, PrivacyDecision
from models.files.sandbox.start import LARGEST
from models.files.upload_limits import MAX_DAY, MAX_FILES, MAX_SIZE
from models.lza1.case_page import Matter
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind
from models.monthly.monthly_request import MonthlyCall
from models.questionnaires.progress import FormProgress
from models.questionnaires.query import DataQuery
from models.questionnaires.swansea import swansea


class ReportingView(ScopedView):
    """The pages 'Nieuwe melding maken' and 'Melding aanvullen'."""

    ability = "complete"
    reads = "case.read"

    def is_visible(self):
        return False

    @expose("/")
    def index(self):
        """The way back to the overview, for who shortens the address."""
        return redirect(url_for("cases.index_view"))

    # ---- a new case ----------------------------------------------------------------------------------------------

    @expose("/nieuw", methods=("GET", "POST"))
    def new(self):
        """'Nieuwe melding maken'. A colleague who may not create reads why, and who may."""
        if not access.may(who(), "create"):
            AuditEvent.log("access.refused", by=who(), subject="reporting.new", result="geweigerd")
            return self.render("cases/only_melders.html", melders=User.melders_of(who().hospital_id)), 403
        themes = [theme for theme in Theme.reported_on(clock.today()) if access.may(who(), "create", theme.process)]
        form = NewCase()
        form.theme.offer(themes)
        if form.validate_on_submit():
            return self._create(form, themes)
        return self._form(form, themes)

    def _form(self, form, themes, alike=()):
        return self.render(
            "cases/new.html",
            swansea=swansea(),
            form=form,
            themes=themes,
            headings=HEADINGS,
            alike=alike,
            **_month_of(),
            sleutel=request.form.get("sleutel") or new_key(),
        )

    def _create(self, form, themes):
        theme, number = form.theme.chosen, form.patient_number.data or ""
        try:
            alike = [] if "toch" in request.form else Case.alike(who(), theme, number)
            key = form.request_key()
            if alike and all(case.request_key != key for case in alike):
                return self._form(form, themes, alike)
            month = _asked_month()
            case = Case.open(who(), theme, number, month=month, request_key=key)
        except Refused as reason:
            flash(str(reason), "error")
            return self._form(form, themes)
        if month and not case.month and MonthlyCall.is_open(case.hospital_id, month):
            flash(f"De vraag over {month_name(month)} staat nog open: een LZA1-melding beantwoordt de uitvraag niet.", "info")
        return redirect(url_for(".case", key=case.key))

    # ---- completing ----------------------------------------------------------------------------------------------

    @expose("/<key>/")
    def case(self, key):
        """'Melding aanvullen'; reading it is written down, once."""
        case = self.find(Case, key, also=(Case.theme, Case.reporter, Case.hospital))
        deeds = story(AuditEvent.story_of(case))
        return self.render(
            "cases/complete.html",
            remarks=list(Remark.messages(case)),
            story=deeds,
            lza1=Matter.of(case, who()),
            **_page_of(case),
        )

    @expose("/<key>/lijst")
    def files(self, key):
        """The part of the page that changes when files come and go, for the script."""
        return self.render("files/files.html", **_page_of(self.find(Case, key)))

    @expose("/<key>/patientnummer", methods=("POST",))
    def patient_number(self, key):
        """Correct the hospital's own reference."""
        case = self.find(Case, key)
        return self._change(case, lambda: case.set_patient_number(who(), request.form.get("patient_number")))

    @expose("/<key>/gevraagd/<asked>", methods=("POST",))
    def answer(self, key, asked):
        """'Niet beschikbaar', 'volgt later', or neither of them, for one asked document."""
        case, asked = self.find(Case, key), self.find(RequestedDocument, asked, field="id")
        return self._change(
            case, lambda: RequestedDocumentAnswer.give(case, asked, who(), **_answer()), anchor=f"gevraagd-{asked.id}"
        )

    # ---- handing in, and taking back -----------------------------------------------------------------------------

    @expose("/<key>/indienen", methods=("POST",))
    def submit(self, key):
        """Hand the case in; what is still asked stands on the page and on the receipt, and holds nothing up."""
        case = self.find(Case, key)
        if _is_handed_in(case):
            return redirect(url_for(".receipt", key=key))  # a double click
        try:
            case.as_seen(request.form.get("ronde"))
            if PrivacyDecision.undecided(case):
                return redirect(url_for(".check", key=key))
            case.submit(who())
        except Refused as reason:
            flash(str(reason), "error")
            return redirect(url_for(".case", key=key, _anchor="bestanden"))
        return redirect(url_for(".receipt", key=key))

    @expose("/<key>/nakijken", methods=("GET",))
    def check(self, key):
        """What in the files may tell who somebody is, to decide about."""
        case = self.find(Case, key)
        return self._check(case) if PrivacyDecision.undecided(case) else redirect(url_for(".case", key=key))

    @expose("/<key>/nakijken", methods=("POST",))
    def decide(self, key):
        """Keep the decisions; 'Bewaren en indienen' hands the case in as well."""
        case = self.find(Case, key)
        try:
            if not _is_handed_in(case):  # else a double click
                PrivacyDecision.decide(case.as_seen(request.form.get("ronde")), who(), _decisions())
                if "indienen" in request.form:
                    case.submit(who())
        except Refused as reason:
            flash(str(reason), "error")
            if PrivacyDecision.undecided(case):
                return self._check(case, request.form), 422
        return redirect(url_for(".receipt" if _is_handed_in(case) else ".case", key=key))

    def _check(self, case, typed=None):
        traces = PrivacyDecision.undecided(case)
        files = {trace.document: [one for one in traces if one.document == trace.document] for trace in traces}
        return self.render("cases/check.html", case=case, files=files, typed=typed or {}, harmless=HARMLESS, sent=SENT)

    @expose("/<key>/indienen", methods=("GET",))
    def no_longer_submitting(self, key):
        """Where a reload, or the log-in after a session that ended, arrives: back at the case."""
        return redirect(url_for(".case", key=self.find(Case, key).key))

    @expose("/<key>/ingediend")
    def receipt(self, key):
        """What was received, and what happens next."""
        case = self.find(Case, key, also=(Case.theme, Case.reporter))
        if case.status != Status.INGEDIEND:
            return redirect(url_for(".case", key=key))
        return self.render("cases/receipt.html", case=case, dossier=Dossier.of(case), documents=Document.present(case))

    @expose("/<key>/intrekken", methods=("POST",))
    def withdraw(self, key):
        """Take a concept back, with the reason."""
        return self._move(key, lambda case: case.withdraw(who(), request.form.get("reden")))

    @expose("/<key>/herstellen", methods=("POST",))
    def restore(self, key):
        """'Intrekken ongedaan maken'."""
        return self._move(key, lambda case: case.restore(who()))

    def _move(self, key, verb):
        case = self.find(Case, key)
        return self._change(case, lambda: verb(case.as_seen(request.form.get("ronde"))), anchor=None)

    def _change(self, case, verb, anchor=None):
        try:
            verb()
        except Refused as reason:
            if wants_json():
                return {"error": str(reason)}, 409
            flash(str(reason), "error")
        return {"shown": {}} if wants_json() else redirect(url_for(".case", key=case.key, _anchor=anchor))


def _page_of(case):
    """What both the page and its changing part show."""
    removed = Document.removed(case) if case.may_add else []
    dossier = Dossier.of(case)
    return {
        "case": case,
        "dossier": dossier,
        "removed": removed,
        "meaning": STATUS_MEANING[case.status],
        "documents": dossier.files,
        "standing": FormProgress.of(case),
        "swansea": swansea(),
        "inquiries": DataQuery.of_case(case),
        "undo": next((file for file in removed if file.key == request.args.get("verwijderd")), None),
        "may_create": access.may(who(), "create", case.process),
        "undo_days": UNDO_DAYS,
        "upload_key": new_key(),
        "accepted": ACCEPTED_TEXT,
        "extensions": ",".join(ending for ending, _ in ACCEPTED.values()),
        "max_size": MAX_SIZE,
        "max_files": MAX_FILES,
        "tomorrow": clock.today() + clock.DAY,
        "max_day": MAX_DAY,
        "max_looked": LARGEST,
        "room": Document.room_today(case.hospital_id) if case.may_add else 0,
        "traces": PrivacyDecision.of_case(case),
    }


def _is_handed_in(case):
    """Whether this very person handed the case in."""
    return case.status == Status.INGEDIEND and case.submitted_by_id == who().id


def _decisions():
    """{number of a finding: (decision, reason)} as they were chosen."""
    chosen = {name.removeprefix("besluit-"): value for name, value in request.form.items() if name.startswith("besluit-")}
    return {
        int(number): (value, request.form.get(f"reden-{number}"))
        for number, value in chosen.items()
        if number.isascii() and number.isdigit() and len(number) < 10
    }


def _asked_month():
    """The month that the 'Ja' of the mail, or the button of the overview, was about; None without one."""
    # Kept for one page only: it would stick to a case that has nothing to do with that mail.
    remembered = session.pop("maand", "")
    month = request.values.get("maand") or remembered
    try:
        clock.first_of(month)
    except ValueError:
        return None
    return month if MonthlyCall.asked(who().hospital_id, month) else None


def _month_of():
    """Which month a NethOSS case from this form answers, whether a zero report ends by it, and what else is offered."""
    processes, month = access.processes(who(), "create"), _asked_month()
    counts_for = (month or MonthlyCall.month_at_hand(who().hospital_id)) if Process.NETHOSS in processes else None
    standing = counts_for and MonthAnswer.standing(who().hospital_id, counts_for)
    return {
        "month": month,
        "counts_for": counts_for,
        "ends_zero": bool(standing and standing.kind == MonthAnswerKind.NUL),
        "lza1_too": Process.LZA1 in processes,
    }


def _answer():
    """The answer to an asked document, from the button that was pressed."""
    kind = request.form.get("antwoord")
    if kind == "niet beschikbaar":
        if not (reason := request.form.get("reden", "").strip()):
            raise Refused("Schrijf kort waarom dit document niet beschikbaar is.")
        return {"reason": reason}
    if kind == "volgt later":
        return {"expected_on": _future_day(request.form.get("datum", ""))}
    return {} if kind == "ongedaan" else abort(400)


def _future_day(text):
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused("Kies de datum waarop u het document verwacht.") from None
    if not clock.today() < day < clock.today() + 1000 * clock.DAY:
        raise Refused("Kies een datum in de toekomst.")
    return day
