"""The page with the agreement of assessors, under the list of the committee and under that of its coordinator."""

from flask_admin import expose

from admin_views.grid.scoped_views import who
from models import access
from models.annual_report.assessor_agreement import CommitteeAgreement
from models.report.content import as_text


class AgreementPage:
    """Below a list: one table for each process in which its reader has the list's ability."""

    @expose("/overeenstemming/")
    def agreement(self):
        mine = access.processes(who(), self.ability)
        found = [(name, CommitteeAgreement.of(one, who())) for one, name in access.PROCESS_LABELS.items() if one in mine]
        return self.render("committee/agreement.html", found=found, as_text=as_text)
