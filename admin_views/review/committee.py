"""What a committee reads: the approved cases of its process, without hospital, people or patient number."""

from flask import abort
from flask_admin import expose

from admin_views.grid import request_values
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.questionnaires.questionnaire_page import Read
from admin_views.web.screen import Screen
from models import access
from models.access import PROCESS_LABELS
from models.cases.case import Case
from models.files import virus_scanning
from models.lza1.committee_steps import CommitteeStep
from models.questionnaires.progress import FormProgress
from models.review import case_sheet

PAGE = 50


class CommitteeView(ScopedView):
    """Reading only; questions go through the coordinator."""

    screen = Screen("committee", "/commissie", "Goedgekeurde casussen")
    ability = "study"
    reads = "case.read"

    @expose("/")
    def index(self):
        page = request_values.page(999)
        cases = virus_scanning.counted(list(case_sheet.approved_for(who()).limit(PAGE + 1).offset(page * PAGE)))
        process = ", ".join(PROCESS_LABELS[name] for name in access.processes(who(), self.ability))
        return self.render(
            "review/committee/index.html",
            cases=cases[:PAGE],
            more=len(cases) > PAGE,
            page=page,
            process=process,
            awaited=() if page else CommitteeStep.awaited(who()),
            page_url=lambda number: self.get_url(".index", bladzijde=number),
        )

    @expose("/<key>/")
    def detail(self, key):
        case = self.find(Case, key, also=(Case.theme,))
        if not case_sheet.is_studied(case, who()):
            abort(404)
        return self.render(
            "review/committee/case.html",
            case=case,
            sheet=case_sheet.CaseSheet.of(case, who()),
            answers=Read(FormProgress.of(case)),
            steps=CommitteeStep.of_case(case),
            studied=True,
        )
