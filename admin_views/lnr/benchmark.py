"""What the registry gives back to a NICU: its figures beside all NICUs together, and from each figure its own children."""

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose

from admin_views.grid.act_forms import ActForm, Pressed, TextField
from admin_views.grid.list_export import KINDS
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.lnr import amount_page, benchmark_file
from admin_views.lnr.risk import smr_card
from admin_views.lnr.trend import trend_card
from admin_views.lnr.trend.baselines import Baselines
from admin_views.web.screen import Screen
from models import access, clock
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.benchmark import children, counting, disclosure, figure, picture
from models.lnr.benchmark.agreement import LEVEL_LABELS, Agreement
from models.lnr.benchmark.amounts import amount_picture
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.fact import BANDS
from models.lnr.benchmark.figure import Judgement
from models.lnr.benchmark.indicator import all_indicators, named, of_days
from models.lnr.benchmark.method.indicator_setting import SMALLEST, YearMethod, at_least, judged_as, used_in
from models.lnr.benchmark.method.method_history import MethodHistory
from models.lnr.benchmark.places.answer import PLACES
from models.lnr.benchmark.recompute import remaining
from models.lnr.benchmark.trend import trend_picture

LOOKS = {
    Judgement.GEEN: "neutral",
    Judgement.KLEIN: "neutral",
    Judgement.BINNEN: "info",
    Judgement.GUNSTIG: "success",
    Judgement.LET_OP: "warning",
    Judgement.SIGNAAL: "error",
}
WORSE = (Judgement.SIGNAAL, Judgement.LET_OP)
ICONS = {Judgement.GUNSTIG: "check", Judgement.LET_OP: "warning", Judgement.SIGNAAL: "warning"}
LETTERS = {word: letter for letter, word in PLACES.items()}
WHOLE = ("sterfte", "bpd-of-overleden", "ernstige-ivh")  # all children under 32 weeks belong to it; the first that is used
SHOWN = ("aandeel",)  # the kinds that have a figure
TREND = 3  # years of the small lines, and of the days


class Agreed(ActForm):
    year = TextField(name="jaar")
    level = TextField(name="niveau")
    public = Pressed(name="openbaar")
    decided_by = TextField(name="door")


class BenchmarkView(Baselines, ScopedView):
    """'Benchmark': for the LNR contact the own hospital, for the management of the LNR any hospital with a NICU."""

    screen = Screen("lnr_benchmark", "/lnr/benchmark", "Benchmark")
    ability = "consult"

    @expose("/")
    def index(self):
        """One line per indicator."""
        asked = self._asked()
        if asked["hospital"] is None:
            return self.render("lnr/benchmark/empty.html", oversees=asked["oversees"])
        years = [counting.bands_of_all(year) for year in asked["years"]]
        figures, lines = self._figures(asked, years), counting.sparks(_trend(asked), asked["hospital"].id, asked["band"])
        amounts = amount_page.figures(asked, years)
        return self.render(
            "lnr/benchmark/index.html",
            figures=figures,
            least=at_least((one.setting for one in figures), "kinderen"),
            amounts=amounts,
            number=amount_picture.number,
            worse=[one for word in WORSE for one in figures if one.verdict is word],
            sparks={
                one.indicator.number: trend_picture.spark(
                    lines.get(one.indicator.number, []), asked["history"].by_quarter(one.indicator)
                )
                for one in figures
            },
            chance=figure.chance(figures),
            off=[one for one in all_indicators() if not used_in(asked["methods"], asked["years"], one)],
            any=any(one.children + one.unknown for one in [*(one.own for one in figures), *(one.count for one in amounts)]),
            **asked,
        )

    @expose("/<indicator>")
    def indicator(self, indicator):
        """One indicator: picture, trend, table, how it is reckoned."""
        one, asked = self._named(indicator), self._asked()
        if asked["hospital"] is None:
            abort(404)
        if not used_in(asked["methods"], asked["years"], one):
            told = {"setting": asked["methods"][asked["year"]].setting(one)}
            return self.render("lnr/benchmark/switched_off.html", one=one, **told, **asked)
        if one in of_days():
            return self.render("lnr/benchmark/amount.html", **amount_page.told(one, asked), **asked)
        mine, dots, years = self._figure_and_others(one, asked)
        own = asked["hospital"].name
        return self.render(
            "lnr/benchmark/indicator.html",
            one=one,
            figure=mine,
            exact=figure.JUDGEMENT_LABELS[mine.exact],
            dots=sorted(dots, key=lambda dot: (dot.name, dot.children)),
            funnel=picture.funnel(mine, dots, own),
            caterpillar=picture.caterpillar(picture.bars(mine, dots, own), mine.target),
            by_band=counting.by_band([year.get(asked["hospital"].id, {}) for year in years]),
            **trend_card.told(one, asked),
            **smr_card.told(one, asked, years),
            **asked,
        )

    @expose("/cijfers/<export_type>")
    def file(self, export_type):
        """The figures of every indicator as a file, with a line in the trail."""
        asked = self._to_export(export_type, "alle indicatoren")
        figures = self._figures(asked, [counting.bands_of_all(year) for year in asked["years"]])
        trends = trend_card.own_trends([one.indicator for one in figures], asked)
        told = [benchmark_file.rows(one, asked, trends[one.indicator.number]) for one in figures]
        return benchmark_file.sheet(asked, told, figures).answer(export_type)

    @expose("/<indicator>/cijfers/<export_type>")
    def indicator_file(self, indicator, export_type):
        """The figures behind the pictures of one indicator as a file, with a line in the trail."""
        one = self._named(indicator)
        asked = self._to_export(export_type, f"indicator {one.code}", one)
        if one in of_days():
            return amount_page.sheet(one, asked).answer(export_type)
        mine, dots, years = self._figure_and_others(one, asked)
        bands = counting.by_band([year.get(asked["hospital"].id, {}) for year in years])
        own = trend_card.own_trend(one, asked)
        told = [
            benchmark_file.rows(mine, asked, own),
            benchmark_file.gaps(mine, asked, own, trend_card.between(one, asked, own)),
            benchmark_file.others(mine, asked, dots),
            benchmark_file.bands(mine, asked, bands),
        ]
        return smr_card.with_smr(benchmark_file.sheet(asked, told, [mine]), one, asked, years).answer(export_type)

    def _to_export(self, export_type, what, one=None):
        asked = self._asked()
        if export_type not in KINDS or asked["hospital"] is None:
            abort(404)
        if one and not used_in(asked["methods"], asked["years"], one):
            abort(404)
        said = f"{export_type}, {what}, {', '.join(map(str, asked['years']))}, {asked['band'] or 'alle weken'}"
        AuditEvent.log("row.export", by=who(), hospital=asked["hospital"], subject=self.screen.name, detail=said)
        return asked

    @expose("/<indicator>/kinderen")
    def children(self, indicator):
        """The stays in one place, with the reason, the values and the message of each."""
        one, asked = self._named(indicator), self._asked()
        place = request.args.get("plaats", "teller")
        if place not in LETTERS or asked["hospital"] is None:
            abort(404)
        if not (years := used_in(asked["methods"], asked["years"], one)):
            abort(404)
        after = request.args.get("na", "")
        if after and not (after[0].isalnum() and after[1:].isdigit() and len(after) < 20):
            abort(404)
        found, following = children.behind(who(), asked["hospital"], one, years, LETTERS[place], asked["band"], after)
        told = counting.counts(asked["years"], one.number, asked["band"], asked["hospital"].id)[one.number]
        own, mine = access.may(who(), "deliver"), told.get(asked["hospital"].id, Count())
        return self.render(
            "lnr/benchmark/children.html", one=one, place=place, rows=found, following=following, count=mine, own=own, **asked
        )

    @expose("/zichtbaarheid", methods=("GET", "POST"))
    def agreement(self):
        """How far the own hospital shows its figures to the others."""
        if not access.may(who(), "deliver"):
            self.refuse()
        sent = Agreed.sent()
        year = self._year(sent.year.data or request.args.get("jaar", ""))
        if request.method == "POST":
            try:
                Agreement.state(who(), year, sent.level.data, sent.decided_by.data, public=sent.public.data)
                flash(f"De afspraak over {year} is vastgelegd.", "success")
            except Refused as reason:
                flash(str(reason), "error")
            return redirect(url_for(".agreement", jaar=year))
        told = Agreement.of(who().hospital_id, year)
        return self.render("lnr/benchmark/agreement.html", year=year, years=self._years(), told=told, levels=LEVEL_LABELS)

    def _named(self, code):
        return named(code) or abort(404)

    def _figure_and_others(self, one, asked):
        """(the Figure, the Dots of the others, {hospital: {band: Count}} of each year), of one query for each year."""
        years, own = [counting.bands_of_all(year, one.number) for year in asked["years"]], asked["hospital"].id
        mine, counted = self._figure(one, years, asked)
        # Who may not read the sum of all sees no dots either.
        dots = disclosure.others(counted, own, asked["years"], asked["oversees"]) if asked["unrestricted"] else []
        return mine, mine.setting.enough(dots), [year.get(one.number, {}) for year in years]

    def _figure(self, one, years, asked):
        """(the Figure, {hospital: Count}) from {number of the indicator: Bands} of each year of the window."""
        bands = [year.get(one.number, {}) for year in years]
        counted = counting.together(bands, asked["band"])
        everything = sum(counted.values(), Count())
        told = everything if asked["unrestricted"] else disclosure.told(bands, asked["band"])
        return figure.figure(
            one, counted, asked["hospital"].id, told, judged_as(asked["methods"], asked["years"], one)
        ), counted

    def _figures(self, asked, years):
        """The Figure of every indicator that has one."""
        used = [one for one in all_indicators() if used_in(asked["methods"], asked["years"], one)]
        return [self._figure(one, years, asked)[0] for one in used if one.kind in SHOWN]

    def _years(self):
        this = clock.today().year
        return range(this, this - 5, -1)

    def _year(self, text):
        return next((year for year in self._years() if str(year) == text), clock.today().year)

    def _newest_year(self, hospital):
        """Where it opens: the newest year with a figure for children under 32 weeks, for in January there is none yet."""
        asked = ((self._years(), named(code).number, hospital.id, SMALLEST) for code in WHOLE if hospital)
        return next(filter(None, (counting.newest_year(*one) for one in asked)), clock.today().year)

    def _asked(self):
        """What the address asks for; what it does not know of falls back to the newest year, all children, one year."""
        oversees = access.may(who(), "oversee")
        nicus = figure.nicus()
        if oversees:
            code = request.args.get("ziekenhuis", "")
            hospital = next((one for one in nicus if one.code == code), nicus[0] if nicus else None)
        else:
            hospital = next((one for one in nicus if one.id == who().hospital_id), None)
        year = self._year(request.args["jaar"]) if request.args.get("jaar") else self._newest_year(hospital)
        span = 3 if request.args.get("periode") == "3" else 1
        years = list(range(year - span + 1, year + 1))
        band = next((name for _, name in BANDS if name == request.args.get("groep")), "")
        methods = YearMethod.of_years(trend_card.years(year))
        kept = {
            "jaar": year,
            "periode": span,
            "groep": band or None,
            "ziekenhuis": hospital.code if oversees and hospital else None,
        }

        def address(endpoint, **changed):
            return url_for(endpoint, **{name: value for name, value in (kept | changed).items() if value is not None})

        return {
            "hospital": hospital,
            "oversees": oversees,
            "nicus": nicus,
            "year": year,
            "years": years,
            "methods": methods,
            "history": MethodHistory({one: methods[one] for one in _trend({"year": year})}),
            "course": MethodHistory(methods),
            "method": ", ".join(str(methods[one]) for one in years),
            "unrestricted": disclosure.unrestricted(years, oversees),
            "span": span,
            "band": band,
            "bands": [name for _, name in BANDS],
            "choices": self._years(),
            "address": address,
            "looks": LOOKS,
            "icons": ICONS,
            "percent": picture.percent,
            "waiting": counting.waiting(),
            "recomputing": remaining(),
        }


def _trend(asked):
    return range(asked["year"] - TREND + 1, asked["year"] + 1)
