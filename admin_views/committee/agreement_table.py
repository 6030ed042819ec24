"""The pages with the figures of a committee, under its own list and under that of its coordinator."""

from flask import abort, request
from flask_admin import expose

from admin_views.grid.scoped_views import who
from admin_views.report.report_file import KINDS, report_file
from models import access, clock
from models.annual_report.committee_figures.assessor_agreement import CommitteeAgreement
from models.annual_report.committee_figures.committee_year import CommitteeYear
from models.audit.audit_event import AuditEvent
from models.committee.meeting import IN_LESSONS
from models.report.content import as_text

FIRST_YEAR, YEARS = 2024, 6  # the first committee began then; so many years to choose from
SAID = "Cijfers van nu; ze kunnen nog veranderen."


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

    @expose("/jaarcijfers/<int:year>/")
    def figures(self, year):
        """What the committee did in a year."""
        found = [(one, self._figures(one, year)) for one in self._mine()]
        this = clock.today().year
        years = range(this, max(this - YEARS, FIRST_YEAR - 1), -1)
        return self.render("committee/figures.html", year=year, years=years, found=found, as_text=as_text)

    @expose("/jaarcijfers/<int:year>.<kind>")
    def figures_file(self, year, kind):
        """The same as pdf or xlsx."""
        asked = request.args.get("commissie")
        process = next((one for one in self._mine() if asked in (None, one)), None)
        if process is None or kind not in KINDS:
            abort(404)
        content = self._figures(process, year)
        AuditEvent.log("report.read", by=who(), process=process, subject=content.title, detail=kind)
        return report_file(content, SAID, clock.now(), kind, f"jaarcijfers-commissie-{process}-{year}")

    @property
    def this_year(self):
        return clock.today().year

    def _mine(self):
        return [one for one in access.PROCESS_LABELS if one in access.processes(who(), self.ability)]

    @staticmethod
    def _figures(process, year):
        if not FIRST_YEAR <= year <= clock.today().year:
            abort(404)
        return CommitteeYear.of(process, year, who()).content(year)
