"""The page with the agreement of assessors, under the list of the committee and under that of its coordinator."""

from flask import abort
from flask_admin import expose

from admin_views.grid.scoped_views import who
from models import access
from models.annual_report.assessor_agreement import CommitteeAgreement
from models.committee.meeting import IN_LESSONS
from models.report.content import as_text


class AgreementPage:
    """Below a list: one table for each process in which its reader has the list's ability, and whose committee has one."""

    @property
    def has_agreement(self):
        return bool(access.processes(who(), self.ability) & IN_LESSONS)

    @expose("/overeenstemming/")
    def agreement(self):
        mine = access.processes(who(), self.ability) & IN_LESSONS or abort(404)
        found = [(name, CommitteeAgreement.of(one, who())) for one, name in access.PROCESS_LABELS.items() if one in mine]
        return self.render("committee/agreement.html", found=found, as_text=as_text)
