"""The hospital fills in the questionnaire of a case: section by section, saved per answer, by several people at once."""

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose

from admin_views.cases.overview import CasesView
from admin_views.forms.form_view import FormView, PageSent
from admin_views.grid.acts import act
from admin_views.grid.scoped_views import who
from admin_views.questionnaires.questionnaire_page import QuestionnairePage
from admin_views.web.screen import Screen
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.files.document import Document
from models.questionnaires.form import Form
from models.questionnaires.progress import FormProgress
from models.questionnaires.query import DataQuery
from models.questionnaires.version_upgrade import carry_over, onward

OTHER_VERSION = "Deze vragenlijst is intussen in een nieuwere versie verdergegaan. Ververs de pagina om daarin verder te gaan."
NOT_BEGUN = "Deze vragenlijst is nog niet begonnen. Open deze vanaf de melding."


def go_on(case, by):
    """Go on in the newer version of the form of this case."""
    form = Form.of(case) or abort(404)
    form.case = case
    return carry_over(form, by)


class QuestionnaireView(FormView):
    """The pages below a case on which its questions are answered."""

    screen = Screen("questionnaire", "/melding/<key>/vragenlijst", "Vragenlijst", listed=False, below=CasesView)
    ability = "complete"
    along = (Case.theme,)
    section_template = "questionnaires/fill_in/section.html"

    @expose("/")
    def index(self, key):
        """Where one begins, sees what is still open, and goes on."""
        case = self.row(key)
        standing = FormProgress.of(case) or abort(404)
        if standing.form is None:
            return self.render("questionnaires/fill_in/begin.html", case=case, standing=standing)
        page = QuestionnairePage(standing.form)
        self.read(page)
        return self.render(
            "questionnaires/fill_in/index.html",
            case=case,
            standing=standing,
            page=page,
            onward=onward(standing.form) if case.may_add else None,
            earlier=Document.earlier(case),
            waiting=len(DataQuery.waiting(case)),
        )

    begin = act("/beginnen", Form.start, then=lambda view, form, case: view.first_of(case, form))

    def onward(self, case, anchor=None):
        if Form.of(case):
            return redirect(url_for(".index", key=case.key))
        return redirect(url_for("reporting.case", key=case.key, _anchor=anchor))

    def first_of(self, case, form):
        """The first section with something open."""
        return redirect(url_for(".section", key=case.key, section=QuestionnairePage(form).following.code))

    carry = act("/overzetten", go_on, then=lambda view, made, case: view.carried(case, made[1]))

    def carried(self, case, lost):
        """Which answers did not fit in the newer version."""
        text = f" Vul opnieuw in: {', '.join(lost)}." if lost else ""
        flash(f"U gaat verder in de nieuwe versie; uw antwoorden zijn overgenomen.{text}", "warning" if lost else "success")
        return redirect(url_for(".index", key=case.key))

    # ---- what every form asks ----------------------------------------------------------------------------------------

    def page(self, key, for_script=False):
        """The form; a page of another version of it takes no answers."""
        case = self.row(key)
        form = self._begun(case)
        if request.method == "GET":
            if form is None or not case.may_add:
                abort(redirect(url_for(".index", key=key)))
        elif form is None:
            raise Refused(NOT_BEGUN)
        elif form.version.key != PageSent.sent().version.data:
            raise Refused(OTHER_VERSION)
        return QuestionnairePage(form, DataQuery.of_case(case))

    def read(self, page, section=""):
        AuditEvent.log("form.read", by=who(), case=page.form.case, detail=section)

    def shown(self, page, section):
        return {"case": page.form.case, "block": page.block(section)}

    # ---- behind the addresses ----------------------------------------------------------------------------------------

    def _begun(self, case):
        form = Form.of(case)
        if form:
            form.case = case
        return form
