"""What a committee reads: the approved cases of its process, without hospital, people or patient number."""

from flask import abort, redirect
from flask_admin import expose

from admin_views.grid import request_values
from admin_views.grid.acts import Acts, act
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.questionnaires.questionnaire_page import Read
from admin_views.web.screen import Screen
from models import access, clock
from models.access import PROCESS_LABELS
from models.cases.case import Case
from models.committee import consensus
from models.committee.assessment import GIVEN_BACK, Assessment
from models.committee.member import CommitteeMember
from models.files import virus_scanning
from models.lza1.committee_steps import CommitteeStep
from models.questionnaires.progress import FormProgress
from models.review import case_sheet

PAGE = 50


class CommitteeView(Acts, ScopedView):
    """What a member reads, and has to assess; questions go through the coordinator."""

    screen = Screen("committee", "/commissie", "Mijn casussen")
    ability = "study"
    reads = "case.read"

    @expose("/")
    def index(self):
        page = request_values.page(999)
        cases = virus_scanning.counted(list(case_sheet.approved_for(who()).limit(PAGE + 1).offset(page * PAGE)))
        process = ", ".join(PROCESS_LABELS[name] for name in access.processes(who(), self.ability))
        return self.render(
            "committee/index.html",
            cases=cases[:PAGE],
            more=len(cases) > PAGE,
            page=page,
            process=process,
            awaited=() if page else CommitteeStep.awaited(who()),
            assessments={one.treatment.case_id: one for one in Assessment.mine(who())},
            member=CommitteeMember.of(who()),
            today=clock.today(),
            page_url=lambda number: self.get_url(".index", bladzijde=number),
        )

    declare = act("/verklaring", CommitteeMember.declare, done="Dank u. Uw verklaring geldt een jaar.")

    def rows(self):
        """The own record as a member."""
        return (CommitteeMember.of(who()) or abort(404),)

    def onward(self, member, anchor=None):
        return redirect(self.get_url(".index"))

    @expose("/<key>/")
    def detail(self, key):
        case = self.find(Case, key, also=(Case.theme,))
        if not case_sheet.is_studied(case, who()):
            abort(404)
        return self.render(
            "committee/case.html",
            case=case,
            sheet=case_sheet.CaseSheet.of(case, who()),
            answers=Read(FormProgress.of(case)),
            steps=CommitteeStep.of_case(case),
            assessment=Assessment.own(case, who()),
            given_back=GIVEN_BACK,
            questions=consensus.asked_about(case),
            studied=True,
        )
