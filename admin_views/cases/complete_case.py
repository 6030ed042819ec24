"""The reporter's work: a new case, completing it, taking it back."""

from datetime import date

from flask import flash, redirect, request, session, url_for
from flask_admin import expose

from admin_views.cases.case_parts import CaseParts, parts_of
from admin_views.cases.handing_in import HandingIn
from admin_views.cases.new_case import NewCase, headings
from admin_views.cases.timeline import story
from admin_views.grid import request_values
from admin_views.grid.act_forms import ActForm, Choice, OfRound, TextField
from admin_views.grid.acts import act
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.upload_links.ask_colleague import AskColleague, questions_of
from admin_views.web.error_pages import wants_json
from admin_views.web.screen import Screen
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
from models.committee.consensus import returned
from models.dutch import month_name
from models.files.document import UNDO_DAYS, Document
from models.files.dossier import Dossier, missed_in
from models.files.file_type import ACCEPTED, ACCEPTED_TEXT
from models.files.privacy.privacy_decision import PrivacyDecision
from models.files.resumable.resumable_upload import IN_PARTS_FROM, ResumableUpload
from models.files.sandbox.start import LARGEST
from models.files.upload_limits import MAX_DAY, MAX_FILES, MAX_SIZE
from models.lza1.case_page import Matter
from models.mail.wording.mail_wording import reasons
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind
from models.monthly.monthly_request import MonthlyCall
from models.questionnaires.progress import FormProgress
from models.questionnaires.query import DataQuery
from models.questionnaires.swansea import swansea
from models.retention.retention_kind import RetentionKind
from models.retention.retention_term import RetentionTerm
from models.review.figures import status_days


class PatientNumber(ActForm):
    patient_number = TextField()


class WithReason(OfRound):
    reason = TextField(name="reden")


class Unavailable(ActForm):
    """The answer to an asked document that is not there, from the button that was pressed."""

    kind = Choice(name="antwoord", choices=("niet beschikbaar", "volgt later", "ongedaan"), wrong=400)
    reason = TextField(name="reden")
    listed = TextField(name="lijst")
    day = TextField(name="datum")

    def arguments(self):
        if self.kind.data == "niet beschikbaar":
            if not (reason := ": ".join(filter(None, [self.listed.data.strip(), self.reason.data.strip()]))):
                raise Refused("Schrijf kort waarom dit document niet beschikbaar is.")
            return {"reason": reason}
        if self.kind.data == "volgt later":
            return {"expected_on": _in_future(self.day.data)}
        return {}


class ReportingView(HandingIn, CaseParts, AskColleague, ScopedView):
    """The pages 'Nieuwe melding maken' and 'Melding aanvullen'."""

    screen = Screen("reporting", "/melding", "Nieuwe melding", listed=False)
    ability = "complete"
    reads = "case.read"

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
            asked=RequestedDocument.asked_on(clock.today()),
            headings=headings(themes),
            alike=alike,
            **_month_of(form),
            sleutel=form.page_key.data or new_key(),
        )

    def _create(self, form, themes):
        theme, number = form.theme.chosen, form.patient_number.data or ""
        try:
            alike = [] if form.all_the_same.data else Case.alike(who(), theme, number)
            key = form.request_key()
            if alike and all(case.request_key != key for case in alike):
                return self._form(form, themes, alike)
            month = _asked_month(form) or (_chosen_month(form) if theme.process == Process.NETHOSS else None)
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
        events = list(AuditEvent.story_of(case))
        deeds, parts = story(events), parts_of(case, events)
        return self.render(
            "cases/complete.html",
            remarks=list(Remark.messages(case)),
            story=deeds,
            spans=status_days.spans(case, events),
            lza1=Matter.of(case, who()),
            **parts,
            **returned(case, is_part=parts["part_of"] is not None),
            **_page_of(case, events),
        )

    @expose("/<key>/lijst")
    def files(self, key):
        """The part of the page that changes when files come and go, for the script."""
        return self.render("files/files.html", **_page_of(self.find(Case, key)))

    patient_number = act("/<key>/patientnummer", Case.set_patient_number, form=PatientNumber)
    answer = act("/<key>/gevraagd/<asked>", RequestedDocumentAnswer.give, form=Unavailable, anchor="gevraagd-{1.id}")

    # ---- taking back ---------------------------------------------------------------------------------------------

    withdraw = act("/<key>/intrekken", Case.withdraw, form=WithReason)
    restore = act("/<key>/herstellen", Case.restore, form=OfRound)

    # ---- what every act asks -------------------------------------------------------------------------------------

    def rows(self, key, asked=None, question=None):
        case = self.find(Case, key)
        if question is not None:
            return case, self.question(case, question)
        return (case,) if asked is None else (case, self.find(RequestedDocument, asked, field="id"))

    def onward(self, case, asked=None, anchor=None):
        return {"shown": {}} if wants_json() else redirect(url_for(".case", key=case.key, _anchor=anchor))


def _page_of(case, events=None):
    """What both the page and its changing part show."""
    removed = Document.removed(case) if case.may_add else []
    dossier = Dossier.of(case)
    inquiries = DataQuery.of_case(case)
    unanswered = any(not line.documents and not line.answer for line in dossier.lines)
    return {
        "case": case,
        "dossier": dossier,
        "missed": missed_in(case, dossier, events),
        "absent_reasons": reasons("absent_reasons") if case.may_add and unanswered else [],
        "removed": removed,
        "meaning": STATUS_MEANING[case.status],
        "documents": dossier.files,
        "standing": FormProgress.of(case),
        "swansea": swansea(),
        "inquiries": inquiries,
        "waiting": [one for one in inquiries if one.state == "open" and one.takes_reply(case)],
        **questions_of(case),
        "undo": next((file for file in removed if file.key == request.args.get("verwijderd")), None),
        "may_create": access.may(who(), "create", case.process),
        "undo_days": UNDO_DAYS,
        "gone_from": _gone_from(case),
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
        "unfinished": ResumableUpload.standing(case, who()),
        "in_parts_from": IN_PARTS_FROM,
        "may_decide": PrivacyDecision.may_decide(case),
    }


def _gone_from(case):
    """From which day on the patient number of an approved case goes, or all of one that is withdrawn, or would be today."""
    if case.status in (Status.INGEDIEND, Status.ONVOLLEDIG):
        return None
    kind = RetentionKind.PATIENT_NUMBER if case.status == Status.GOEDGEKEURD else RetentionKind.CLOSED_CASE
    return RetentionTerm.first_day(kind, clock.now() if case.may_add else case.status_since)


def _asked_month(form):
    """The month that the 'Ja' of the mail, or the button of the overview, was about; None without one."""
    # Kept for one page only: it would stick to a case that has nothing to do with that mail.
    remembered = session.pop("maand", "")
    month = request_values.month(form.month.data or request.args.get("maand") or remembered)
    return month if month and MonthlyCall.asked(who().hospital_id, month) else None


def _month_of(form):
    """Which month a NethOSS case from this form answers, whether a zero report ends by it, and what else is offered."""
    processes, month = access.processes(who(), "create"), _asked_month(form)
    own, nethoss = who().hospital_id, Process.NETHOSS in processes
    counts_for = (month or MonthlyCall.month_at_hand(own)) if nethoss else None
    standing = counts_for and MonthAnswer.standing(own, counts_for)
    # The one asked about ahead; only the mail knows which of the two was meant.
    choices = [counts_for, clock.month_of(clock.today())] if nethoss and not month else []
    return {
        "month": month,
        "counts_for": counts_for,
        "choices": choices if len(set(choices)) > 1 else [],
        "chosen": form.counts_for.data or ("" if standing and standing.counts else counts_for),
        "ends_zero": bool(standing and standing.kind == MonthAnswerKind.NUL),
        "lza1_too": Process.LZA1 in processes,
    }


def _chosen_month(form):
    """The month that was chosen on the page; None where there was nothing to choose."""
    offered = _month_of(form)
    if offered["choices"] and offered["chosen"] not in offered["choices"]:
        raise Refused("Kies voor welke maand deze melding meetelt.")
    return offered["chosen"] if offered["choices"] else None


def _in_future(text):
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused("Kies de datum waarop u het document verwacht.") from None
    if not clock.today() < day < clock.today() + 1000 * clock.DAY:
        raise Refused("Kies een datum in de toekomst.")
    return day
