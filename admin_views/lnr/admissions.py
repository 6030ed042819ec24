"""Whether everything arrived: the admissions that the hospital states against what was received, and when the year closes."""

from flask import abort, redirect, url_for
from flask_admin import expose

from admin_views.grid.act_forms import ActForm, ByPrefix
from admin_views.grid.acts import Acts, act
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.lnr.stay_lists import chosen, last_years, year_asked
from admin_views.web.screen import Screen
from models import clock, dutch
from models.accounts.hospital import Hospital
from models.lnr.benchmark.recompute import remaining
from models.lnr.closing import item_completeness
from models.lnr.closing.rehearsal import rehearsal
from models.lnr.registry.admissions import Admissions, open_years
from models.lnr.registry.closed_year import ClosedYear

FIELD = "aantal-"


class MonthCounts(ActForm):
    """What was typed in the field of each month."""

    counts = ByPrefix(name=FIELD)


def state(by, counts):
    """State how many children were admitted, month by month; 404 for what is no month."""
    try:
        for month in counts:
            clock.first_of(month)
    except ValueError:
        abort(404)
    return Admissions.state_all(by, counts)


def _said(changed):
    return f"{dutch.plural(changed, 'maand is', 'maanden zijn')} opgeslagen." if changed else "Er is niets veranderd."


def _stays(*asked, **narrowed):
    return url_for("lnr_stays.index_view", **chosen(*asked, **narrowed))


class CompletenessView(Acts, ScopedView):
    """'Volledigheid', for the LNR contact of a hospital."""

    screen = Screen("lnr_completeness", "/lnr/volledigheid", "Volledigheid")
    ability = "deliver"

    @expose("/")
    def index(self):
        """The data years that are still open, each as if it closed today."""
        rows = [row for year in reversed(open_years()) for row in rehearsal(who(), year, ClosedYear.of(year))]
        return self.render("lnr/overview/completeness.html", rows=rows, field=FIELD, stays=_stays, recomputing=remaining())

    @expose("/gegevens")
    def items(self):
        """How well each item is filled in, beside all NICUs together."""
        year = year_asked()
        told = item_completeness.of_year(year, who().hospital_id, Hospital.nicus())
        shown = {"year": year, "years": last_years(), "hospital": who().hospital, "recomputing": remaining()}
        return self.render("lnr/overview/item_completeness.html", told=told, **shown)

    state = act("", state, form=MonthCounts, done=_said)

    def onward(self, anchor=None):
        return redirect(url_for(".index"))
