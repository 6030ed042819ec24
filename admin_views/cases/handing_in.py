"""Handing a case in: deciding about what was found, the question about files that were not looked at yet, the receipt."""

from flask import flash, redirect, url_for
from flask_admin import expose

from admin_views.files.sending import pdf_answer
from admin_views.grid import request_values
from admin_views.grid.act_forms import ByPrefix, OfRound, Pressed
from admin_views.grid.acts import Acts, act
from admin_views.grid.scoped_views import who
from admin_views.web.error_pages import wants_json
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.status import Status
from models.files.document import Document
from models.files.dossier import Dossier, receipt_pdf
from models.files.privacy import gate
from models.files.privacy.privacy_decision import HARMLESS, SENT, PrivacyDecision


class HandedIn(OfRound):
    anyway = Pressed(name="toch")


class Decisions(OfRound):
    """What was chosen about each finding, by its number, and for which others that are the same it holds as well."""

    chosen = ByPrefix(name="besluit-")
    others = ByPrefix(name="ook-")
    reasons = ByPrefix(name="reden-")
    shown = ByPrefix(name="gezien-")
    submitting = Pressed(name="indienen")

    def arguments(self):
        choices, seen = {}, {}
        for text, choice in self.chosen.data.items():
            for one in (text, *self.others.data.get(text, "").split()):
                number = request_values.whole_number(one, 10**9)  # None for what is no number: of no finding
                choices[number], seen[number] = (choice, self.reasons.data.get(text)), self.shown.data.get(text)
        return {"choices": choices, "seen": seen, "submitting": self.submitting.data}


def submit(case, by, anyway):
    """Hand the case in, unless something in its files is still to be decided."""
    if not PrivacyDecision.undecided(case):
        gate.hand_in(case, by, anyway)


def decide(case, by, choices, seen, submitting):
    """Keep the decisions; 'Opslaan en indienen' hands the case in as well."""
    PrivacyDecision.decide(case, by, choices, seen=seen)
    if submitting:
        gate.hand_in(case, by)


class HandingIn(Acts):
    """The part of the reporter's screens that ends at the receipt."""

    submit = act(
        "/<key>/indienen", submit, form=HandedIn, anchor="bestanden", then=lambda view, made, case: view.handed_in(case)
    )
    decide = act("/<key>/nakijken", decide, form=Decisions, then=lambda view, made, case: view.handed_in(case))

    @expose("/<key>/nakijken", methods=("GET",))
    def check(self, key):
        """What in the files may tell who somebody is, to decide about."""
        case = self.find(Case, key)
        return self._check(case) if PrivacyDecision.undecided(case) else redirect(url_for(".case", key=key))

    def _check(self, case, typed=None):
        together = PrivacyDecision.to_decide(case)
        return self.render("cases/check.html", case=case, together=together, typed=typed or {}, harmless=HARMLESS, sent=SENT)

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

    @expose("/<key>/ontvangstbewijs")
    def receipt_file(self, key):
        """The receipt as a PDF, to keep; the trail has its line first."""
        case = self.find(Case, key, also=(Case.hospital,))
        if case.status != Status.INGEDIEND:
            return redirect(url_for(".case", key=key))
        AuditEvent.seen("case.read", who(), case)
        return pdf_answer(receipt_pdf(case), f"Ontvangstbewijs {case.number}.pdf")

    def handed_in(self, case):
        """The receipt, once it is; else the page that says what is still to be done."""
        if PrivacyDecision.undecided(case):
            return redirect(url_for(".check", key=case.key))
        return redirect(url_for(".receipt" if _is_handed_in(case) else ".case", key=case.key))

    def repeats(self, verb, form, case, asked=None):
        return verb in ("submit", "decide") and _is_handed_in(case)

    def refused(self, reason, form, *rows, anchor=None):
        if wants_json():
            return {"error": str(reason)}, 409
        if isinstance(reason, gate.AskedAnyway):
            files = gate.unchecked(Document.present(rows[0]))
            return self.render("cases/ask_anyway.html", case=rows[0], question=reason, files=files), 409
        if isinstance(form, Decisions) and PrivacyDecision.undecided(rows[0]):
            flash(str(reason), "error")
            return self._check(rows[0], form.typed), 422
        return super().refused(reason, form, *rows, anchor=anchor)


def _is_handed_in(case):
    """Whether this very person handed the case in."""
    return case.status == Status.INGEDIEND and case.submitted_by_id == who().id
