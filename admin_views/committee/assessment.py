"""An assessor's own form for one case: section by section, handed in once, and taken back as long as the other is not in."""

from flask import abort, redirect, request, url_for
from flask_admin import expose

from admin_views.committee.my_cases import CommitteeView
from admin_views.forms.form_view import FormView, PageSent
from admin_views.grid.act_forms import ActForm, TextField
from admin_views.grid.acts import act
from admin_views.grid.scoped_views import who
from admin_views.questionnaires.questionnaire_page import QuestionField, QuestionnairePage
from admin_views.web.screen import Screen
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.committee.assessment import Assessment
from models.committee.committee_form import NOT_JUDGED, CommitteeForm, locked

OTHER_VERSION = "Dit formulier hoort bij een andere casus of versie. Ververs de pagina."


class GivenBack(ActForm):
    why = TextField(name="waarom")
    note = TextField(name="toelichting")


class JudgedField(QuestionField):
    """A question of the committee: 'onbekend' is called what it means here."""

    @property
    def others(self):
        return [(word, NOT_JUDGED if word == "onbekend" else word) for word in self.question.others]


class CommitteePage(QuestionnairePage):
    """A form of the committee on the screen, without what the portal fills in itself."""

    made = JudgedField

    def fields(self, section, spare=False):
        own = locked(self.form.version, self.form.case)
        return [one for one in super().fields(section, spare) if one.code not in own]


class AssessmentView(FormView):
    """The pages of the form, below the page of the case that the assessor reads."""

    screen = Screen("assessment", "/commissie/<key>/beoordeling", "Beoordeling", listed=False, below=CommitteeView)
    ability = "study"
    along = (Case.theme,)
    section_template = "committee/section.html"

    @expose("/")
    def index(self, key):
        (assessment,) = self.rows(key)
        if not assessment.declared_at or assessment.handed_in_at:
            return redirect(url_for("committee.detail", key=key))
        page = CommitteePage(CommitteeForm.of_assessor(assessment, who()))
        self.read(page)
        return self.render("committee/assessment.html", case=assessment.treatment.case, assessment=assessment, page=page)

    declare = act("/verklaren", Assessment.declare, then=lambda view, made, row: view.form(row))
    give_back = act(
        "/teruggeven",
        Assessment.give_back,
        form=GivenBack,
        done="U hebt de casus teruggegeven; de coördinator kiest iemand anders.",
        then=lambda view, made, row: redirect(url_for("committee.index_view")),
    )
    hand_in = act("/inleveren", Assessment.hand_in, done="Uw beoordeling van {0.treatment.case.number} is ingeleverd.")
    take_back = act("/terugnemen", Assessment.take_back, then=lambda view, made, row: view.form(row))

    # ---- what every form asks ----------------------------------------------------------------------------------------

    def page(self, key, for_script=False):
        (assessment,) = self.rows(key)
        if request.method == "GET" and (not assessment.declared_at or assessment.handed_in_at):
            abort(redirect(url_for("committee.detail", key=key)))
        form = CommitteeForm.of_assessor(assessment, who())
        if request.method != "GET" and form.version.key != PageSent.sent().version.data:
            raise Refused(OTHER_VERSION)
        return CommitteePage(form)

    def read(self, page, section=""):
        AuditEvent.log("assessor.read", by=who(), case=page.form.case, detail=section)

    def shown(self, page, section):
        case = page.form.case
        home = (f"Casus {case.number}", url_for("committee.detail", key=case.key))
        return {"case": case, "block": page.block(section), "home": home}

    # ---- behind the addresses ----------------------------------------------------------------------------------------

    def rows(self, key):
        """The own assessment of this case; 404 for who was not named, or is no longer."""
        if (assessment := Assessment.at(key, who())) is None:
            self.row(key)  # a case out of sight is not found, and the attempt is kept
            abort(404)
        return (assessment,)

    def form(self, assessment):
        return redirect(self.get_url(".index", key=assessment.treatment.case.key))

    def onward(self, assessment, anchor=None):
        return redirect(url_for("committee.detail", key=assessment.treatment.case.key, _anchor=anchor))
