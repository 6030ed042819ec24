"""How the registry stands over all hospitals, for its management: completeness, volumes, delays, suppliers, refusals."""

from datetime import timedelta

from flask import request, url_for
from flask_admin import expose

from admin_views.grid.scoped_views import ScopedView
from admin_views.lnr.stay_lists import chosen
from admin_views.web.screen import Screen
from models import clock
from models.lnr.registry import year_figures
from models.lnr.registry.open_finding import ERROR, OpenFinding
from models.lnr.rules.registry import rules

RULES = 15  # in the list of what is refused most


def _stays(hospital, *asked, **narrowed):
    return url_for("lnr_all_stays.index_view", **chosen(*asked, hospital=hospital.name, **narrowed))


class OverviewView(ScopedView):
    """'LNR-overzicht'. Numbers only: nothing here is about one child."""

    screen = Screen("lnr_overview", "/lnr/overzicht", "LNR-overzicht")
    ability = "oversee"

    @expose("/")
    def index(self):
        this = clock.today().year
        years = range(this, this - 5, -1)
        asked = request.args.get("jaar", "")
        year = next((year for year in years if str(year) == asked), this)
        closings = year_figures.closings(year)
        names = year_figures.hospitals(closings)
        since = clock.now() - timedelta(days=365)
        refused = [(rule, times) for rule, severity, times in OpenFinding.counts_by_rule(since) if severity == ERROR][:RULES]
        return self.render(
            "lnr/overview/index.html",
            year=year,
            years=years,
            rows=[(one, closings[number]) for number, one in names.items()],
            senders=year_figures.senders(),
            volumes=year_figures.volumes(),
            refused=refused,
            rules=rules(),
            late=year_figures.LATE,
            recent=year_figures.RECENT,
            stays=_stays,
        )
