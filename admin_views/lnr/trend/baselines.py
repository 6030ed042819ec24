"""'Nieuwe basislijn': from which quarter on the own figures are held beside a mean of their own, for the LNR contact."""

from flask import abort, redirect, url_for
from flask_admin import expose

from admin_views.grid.act_forms import ActForm, TextField
from admin_views.grid.acts import Acts, act
from admin_views.grid.scoped_views import who
from models import access, clock
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.statistics.trend import BASELINE
from models.lnr.benchmark.trend.rebase import SHORTEST, Rebase, offered


class AtQuarter(ActForm):
    quarter = TextField(name="kwartaal")


class NewBaseline(AtQuarter):
    reason = TextField(name="reden")


class Baselines(Acts):
    """The baselines of an indicator in the own hospital: a part of BenchmarkView."""

    @expose("/<indicator>/basislijn")
    def baselines(self, indicator):
        """Those that stand, and a form for another."""
        if not access.may(who(), "deliver"):
            self.refuse()
        return self._baselines(*self.rows(indicator=indicator))

    rebase = act("/<indicator>/basislijn", Rebase.make, NewBaseline, "De basislijn staat bij het verloop.", ability="deliver")
    undo = act("/<indicator>/basislijn/terug", Rebase.undo, AtQuarter, "De basislijn is teruggenomen.", ability="deliver")

    def rows(self, indicator):
        one = named(indicator)
        if one is None or one.kind != "aandeel":
            abort(404)
        return (one,)

    def refused(self, reason, form, one, anchor=None):
        return self._baselines(one, str(reason), form.typed)

    def onward(self, one, anchor=None):
        return redirect(url_for(".baselines", indicator=one.code))

    def _baselines(self, one, reason="", typed=None):
        told = {"quarters": offered(clock.today()), "shortest": SHORTEST, "baseline": BASELINE}
        standing = Rebase.standing(who().hospital_id, one)
        return self.render("lnr/benchmark/baselines.html", one=one, standing=standing, reason=reason, typed=typed or {}, **told)
