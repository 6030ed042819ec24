"""How the registry stands over all hospitals, for its management: completeness, volumes, delays, suppliers, refusals.

Each year is shown as if it closed today, with what would be fixed; here two people close it, or open it again.
"""

from datetime import timedelta

from flask import abort, redirect, request, url_for
from flask_admin import expose

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid.act_forms import ActForm, TextField
from admin_views.grid.acts import Acts, act
from admin_views.grid.scoped_views import ScopedView, find, who
from admin_views.lnr.stay_lists import chosen, last_years, year_asked
from admin_views.web.screen import Screen
from models import clock
from models.lnr.benchmark import figure
from models.lnr.benchmark.recompute import remaining
from models.lnr.closing import item_completeness
from models.lnr.closing.rehearsal import rehearsal
from models.lnr.closing.year_closing import YearClosing
from models.lnr.registry import year_figures
from models.lnr.registry.admissions import deadline
from models.lnr.registry.closed_year import ClosedYear, LateChange
from models.lnr.registry.open_finding import ERROR, OpenFinding
from models.lnr.rules.registry import rules
from models.lnr.year_report.lnr_edition import LnrEdition

RULES = 15  # in the list of what is refused most
PROPOSED = "Het voorstel staat klaar. Een collega van het LNR-beheer moet het bevestigen."


class WhyReopened(ActForm):
    reason = TextField(name="reden")


class WhyRetracted(ActForm):
    why = TextField(name="reden")


class WhyNewEdition(ActForm):
    why = TextField(name="verbetert")


def _done(_, proposal):
    return f"Opnamejaar {proposal.year} is {'gesloten' if ClosedYear.of(proposal.year) else 'heropend'}."


def _stays(hospital, *asked, **narrowed):
    return url_for("lnr_all_stays.index_view", **chosen(*asked, hospital=hospital.name, **narrowed))


class OverviewView(ShortlyAfterSecondStep, Acts, ScopedView):
    """'LNR-overzicht'. Numbers only: nothing here is about one child."""

    screen = Screen("lnr_overview", "/lnr/overzicht", "LNR-overzicht")
    ability = "oversee"
    shortly = ("confirm", "publish")

    @expose("/")
    def index(self):
        year = year_asked()
        since = clock.now() - timedelta(days=365)
        refused = [(rule, times) for rule, severity, times in OpenFinding.counts_by_rule(since) if severity == ERROR][:RULES]
        proposals, closed = YearClosing.about(year)
        return self.render(
            "lnr/overview/index.html",
            year=year,
            years=last_years(),
            recomputing=remaining(),
            rows=rehearsal(who(), year, closed),
            closed=closed,
            late_changes=LateChange.of_year(year) if closed else [],
            editions=LnrEdition.newest(year) if closed else [],
            deadline=deadline(year),
            over=clock.today() > deadline(year),
            proposals=[one for one in proposals if one.confirmed is not None],
            waiting=[one for one in proposals if one.confirmed is None],
            me=who(),
            senders=year_figures.senders(),
            volumes=year_figures.volumes(),
            refused=refused,
            rules=rules(),
            late=year_figures.LATE,
            recent=year_figures.RECENT,
            stays=_stays,
        )

    @expose("/gegevens")
    def items(self):
        """How well each item is filled in: over the country, or in one hospital beside it."""
        nicus, code, year = figure.nicus(), request.args.get("ziekenhuis", ""), year_asked()
        hospital = next((one for one in nicus if one.code == code), None)
        told = item_completeness.of_year(year, hospital and hospital.id, [one.id for one in nicus])
        shown = {"year": year, "years": last_years(), "hospital": hospital, "nicus": nicus, "recomputing": remaining()}
        return self.render("lnr/overview/item_completeness.html", told=told, **shown)

    propose = act("/<int:year>/voorstellen", YearClosing.propose, form=WhyReopened, done=PROPOSED)
    confirm = act("/voorstel/<int:proposal>/bevestigen", YearClosing.confirm, done=_done)
    settle = act("/<int:year>/verslag", LnrEdition.settle, form=WhyNewEdition, done="Het jaarverslag is vastgesteld.")
    publish = act("/uitgave/<int:edition>/openbaar", LnrEdition.publish, done="Iedereen kan het verslag van het land nu lezen.")
    retract = act(
        "/uitgave/<int:edition>/niet-openbaar", LnrEdition.retract, form=WhyRetracted, done="Het verslag is niet meer openbaar."
    )
    reject = act("/voorstel/<int:proposal>/intrekken", YearClosing.reject, done="Het voorstel is ingetrokken.")

    def rows(self, year=None, proposal=None, edition=None):
        if edition is not None:
            return (find(LnrEdition, edition, "id"),)
        if year is not None:
            return (year,) if year in last_years() else abort(404)
        return (find(YearClosing, proposal, "id"),)

    def onward(self, about, anchor=None):
        year = about if isinstance(about, int) else about.year
        return redirect(self.get_url(".index", jaar=year, _anchor=anchor))
