"""The annual report on the screen, as PDF and as workbook; its editions; and the radar."""

from flask import abort, redirect
from flask_admin import expose

from admin_views.grid.act_forms import ActForm, TextField
from admin_views.grid.acts import Acts, act
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.report.report_file import KINDS, report_file
from admin_views.web.screen import Screen
from models import clock
from models.annual_report.annual_report import annual_report
from models.annual_report.births import FIRST_YEAR, Births
from models.annual_report.edition import ReportEdition
from models.annual_report.radar import Radar
from models.audit.audit_event import AuditEvent
from models.report.content import as_text

PROVISIONAL = "Voorlopig verslag: niet vastgesteld, de cijfers kunnen nog veranderen."
YEARS = 6  # to choose from


class WhyCorrected(ActForm):
    why = TextField(name="reden")


class AnnualReportView(Acts, ScopedView):
    """Live figures of a year until an edition is settled; every edition stays."""

    screen = Screen("annual_report", "/jaarverslag", "Jaarverslag")
    ability = "follow"

    @expose("/")
    def index(self):
        """The last year that is over, as far as anything was asked about it."""
        return redirect(self.get_url(".report", year=clock.today().year - 1))

    @expose("/<int:year>/")
    def report(self, year):
        return self._page(*self.rows(year))

    @expose("/<int:year>/<number>.<kind>")
    def file(self, year, number, kind):
        """The provisional report ('voorlopig') or an edition ('1'), as pdf or xlsx."""
        (year,) = self.rows(year)
        if kind not in KINDS:
            abort(404)
        edition = None if number == "voorlopig" else _edition(year, number)
        content = edition.parsed if edition else annual_report(year, who())
        said, made = (edition.said, edition.settled_at) if edition else (PROVISIONAL, clock.now())
        AuditEvent.log("report.read", by=who(), subject=content.title, detail=f"{number}, {kind}")
        name = f"jaarverslag-nethoss-{year}-{f'uitgave-{number}' if edition else number}"
        return report_file(content, said, made, kind, name)

    settle = act("/<int:year>/vaststellen", ReportEdition.settle, form=WhyCorrected, done="{made} is vastgesteld.")

    def rows(self, year):
        return (year,) if FIRST_YEAR <= year <= clock.today().year else abort(404)

    def onward(self, year, anchor=None):
        return redirect(self.get_url(".report", year=year, _anchor=anchor))

    def _page(self, year):
        this = clock.today().year
        AuditEvent.log("report.read", by=who(), subject=f"Jaarverslag NethOSS {year}")
        return self.render(
            "annual_report/report.html",
            year=year,
            years=range(this, max(this - YEARS, FIRST_YEAR), -1),
            content=annual_report(year, who()),
            editions=ReportEdition.of_year(year),
            as_text=as_text,
            over=year < this,
            births=Births.national(year),
        )


class RadarView(ScopedView):
    """Which hospitals report fewer, or more, than their births let expect."""

    screen = Screen("radar", "/radar", "Radar", menu="Naslag")
    ability = "follow"

    @expose("/")
    def index(self):
        return self.render("annual_report/radar.html", radar=Radar.of(who()), as_text=as_text)


def _edition(year, number):
    return next((one for one in ReportEdition.of_year(year) if str(one.number) == number), None) or abort(404)
