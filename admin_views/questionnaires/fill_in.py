"""The hospital fills in the questionnaire of a case: section by section, saved per answer, by several people at once."""

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose

from admin_views.forms.answer_fields import mark, place, sent, split
from admin_views.forms.form_page import FormPage, done, state
from admin_views.grid.scoped_views import ScopedView, who
from models import clock
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.files.document import Document
from models.forms.edit_conflict import EditConflict
from models.questionnaires.form import LONGEST_REASON, Form
from models.questionnaires.progress import FormProgress
from models.questionnaires.query import DataQuery
from models.questionnaires.version_upgrade import carry_over, onward

OTHER_VERSION = "Deze vragenlijst is intussen in een nieuwere versie verdergegaan. Ververs de pagina om daarin verder te gaan."
NOT_BEGUN = "Deze vragenlijst is nog niet begonnen. Open deze vanaf de melding."


class QuestionnaireView(ScopedView):
    """The pages below a case on which its questions are answered."""

    ability = "complete"

    def is_visible(self):
        return False

    @expose("/")
    def index(self, key):
        """Where one begins, sees what is still open, and goes on."""
        case = self._case(key)
        standing = FormProgress.of(case) or abort(404)
        if standing.form is None:
            return self.render("questionnaires/fill_in/begin.html", case=case, standing=standing)
        self._read(case)
        sheet = FormPage(standing.form)
        return self.render(
            "questionnaires/fill_in/index.html",
            case=case,
            standing=standing,
            sheet=sheet,
            done=done(sheet.filled),
            onward=onward(standing.form) if case.may_add else None,
            earlier=Document.earlier(case),
            waiting=DataQuery.waiting(case),
        )

    @expose("/beginnen", methods=("POST",))
    def begin(self, key):
        """Start, and show the first section."""
        case = self._case(key)
        try:
            form = Form.start(case, who())
        except Refused as reason:
            flash(str(reason), "error")
            return redirect(url_for("reporting.case", key=key))
        return redirect(url_for(".section", key=key, block=FormPage(form).following.code))

    @expose("/overzetten", methods=("POST",))
    def carry(self, key):
        """Go on in the newer version, and tell which answers did not fit."""
        try:
            _, lost = carry_over(self._begun(self._case(key)), who())
            text = f" Vul opnieuw in: {', '.join(lost)}." if lost else ""
            flash(f"U gaat verder in de nieuwe versie; uw antwoorden zijn overgenomen.{text}", "warning" if lost else "success")
        except Refused as reason:
            flash(str(reason), "error")
        return redirect(url_for(".index", key=key))

    @expose("/<block>/")
    def section(self, key, block):
        """The questions of one section."""
        case = self._case(key)
        form = self._begun(case)
        if form is None or not case.may_add:
            return redirect(url_for(".index", key=key))
        self._read(case, block)
        return self._page(case, FormPage(form), block)

    @expose("/<block>/", methods=("POST",))
    def save(self, key, block):
        """The same without script: every answer of the section at once."""
        case = self._case(key)
        sheet = FormPage(self._same(case))
        fields = [field for fields in sheet.fields(self._block(sheet, block)).values() for field in fields]
        wrong = self._save_all(sheet.form, fields)
        # Once more: an answer that was refused may fit beside the ones after it.
        wrong = wrong and self._save_all(sheet.form, [field for field in fields if field.at in wrong])
        if wrong:
            flash("Nog niet alles is bewaard. Verbeter de vragen die hieronder zijn aangegeven.", "error")
            return self._page(case, FormPage(sheet.form), block, wrong), 422
        flash("Uw antwoorden zijn bewaard.", "success")
        return redirect(self._after(case, block))

    @expose("/antwoord", methods=("POST",))
    def answer(self, key):
        """Save one answer while somebody types, for the script; answers JSON, with what the page shows from now on."""
        case = self._case(key)
        code, number = split(request.form.get("vraag", ""))
        try:
            form = self._same(case)
            saved = self._put(form, code, number, reason=request.form.get("reden"))
        except EditConflict as clash:
            return self._clash(form, clash, number), 409
        except Refused as reason:
            return {"error": str(reason)}, 422
        shown = state(saved.filled, form.structure.block_of[code])
        told = {"revision": saved.revision, "mark": mark(saved.kept), "reason": saved.reason, "warnings": saved.warnings}
        return {**told, **shown, "at": f"{clock.local(clock.now()):%H:%M}"}

    # ---- behind the addresses ----------------------------------------------------------------------------------------

    def _case(self, key):
        return self.find(Case, key, also=(Case.theme,))

    def _read(self, case, block=""):
        AuditEvent.log("form.read", by=who(), case=case, detail=block)

    def _begun(self, case):
        form = Form.of(case)
        if form:
            form.case = case
        return form

    def _same(self, case):
        """The form, if it is still in the version that the page was showing."""
        form = self._begun(case)
        if form is None:
            raise Refused(NOT_BEGUN)
        if form.version.key != request.form.get("versie"):
            raise Refused(OTHER_VERSION)
        return form

    def _put(self, form, code, number, before=None, reason=None):
        item, at = form.structure.items.get(code), place(code, number)
        raw = sent(item, request.form, at, before) if item else None
        return form.put(code, raw, who(), request.form.get(at + ".gezien", "0"), number, reason)

    def _clash(self, form, clash, number):
        sheet = FormPage(form)
        field = sheet.field_of(clash.item, int(number), DataQuery.of_case(form.case))
        html = self.render("questionnaires/fill_in/one.html", field=field, form=form, longest_reason=LONGEST_REASON)
        told = {"mine": clash.mine, "theirs": clash.theirs, "by": clash.by.name, "revision": clash.revision}
        return {"error": str(clash), **told, "html": html}

    def _save_all(self, form, fields):
        """{place: why not} of the answers in these fields that could not be saved."""
        wrong = {}
        for field in fields:
            try:
                if field.at + ".gezien" in request.form and self._touched(field):
                    reason = request.form.get(field.at + ".reden", "")
                    self._put(form, field.item.code, field.number, field.kept, None if reason == field.reason else reason)
            except Refused as reason:
                wrong[field.at] = reason
        return wrong

    def _touched(self, field):
        raw = sent(field.item, request.form, field.at, field.kept)
        if request.form.get(field.at + ".reden", field.reason) != field.reason:
            return True
        return mark(None if field.item.formula else field.item.read(raw)) != request.form.get(field.at + ".was")

    def _block(self, sheet, code):
        return next((block for block in sheet.form.structure.blocks if block.code == code), None) or abort(404)

    def _after(self, case, block):
        """Where the button that was pressed leads: on, or back to the same section."""
        sheet = FormPage(self._begun(case))
        _, onward = self._around(sheet, self._block(sheet, block))
        if request.form.get("naar") == "verder":
            return url_for(".section", key=case.key, block=onward.code) if onward else url_for(".index", key=case.key)
        return url_for(".section", key=case.key, block=block)

    def _around(self, sheet, block):
        shown = any(step.block == block for step in sheet.steps)
        return sheet.around(block) if shown else (None, sheet.following)

    def _page(self, case, sheet, block, wrong=None):
        found = self._block(sheet, block)
        back, onward = self._around(sheet, found)
        inquiries = DataQuery.of_case(case)
        fields = sheet.fields(found, inquiries)
        for field in (field for fields_ in fields.values() for field in fields_ if field.at in (wrong or ())):
            reason = wrong[field.at]
            field.values, field.trouble, field.clash = request.form, str(reason), getattr(reason, "theirs", None)
        return self.render(
            "questionnaires/fill_in/section.html",
            case=case,
            form=sheet.form,
            sheet=sheet,
            block=found,
            fields=fields,
            back=back,
            onward=onward,
            done=done(sheet.filled),
            longest_reason=LONGEST_REASON,
            inquiries=inquiries,
        )
