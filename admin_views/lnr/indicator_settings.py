"""'Indicatoren beheren': how each is used in a year. The list is the history; its page shows what a change would do."""

from flask import abort, flash, redirect, request
from flask_admin import expose
from wtforms import BooleanField, DateField, DecimalField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from admin_views.grid import columns
from admin_views.grid.act_forms import ActForm, posted
from admin_views.grid.filters import ListFilter
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.lnr.stay_lists import last_years, year_asked
from admin_views.web.screen import Screen
from models.base import Refused
from models.lnr.benchmark.indicator import all_indicators, named
from models.lnr.benchmark.method import carry_over, method_change
from models.lnr.benchmark.method.indicator_setting import PER, SMALLEST, IndicatorSetting, YearMethod
from models.lnr.benchmark.method.method_change import LARGEST, SettingChoice
from models.lnr.registry.closed_year import ClosedYear

WHOLE = "Vul een heel getal in."
# Of what a standard is -> how it is asked, and how many times the rate of the model that is.
UNITS = {"percentage": ("Vaste norm in procenten", 100), "lijndagen": (f"Vaste norm per {PER} lijndagen", PER)}


class SettingForm(ActForm):
    """How an indicator is to be used; the standard as people write it, in percents or per 1000 days."""

    active = BooleanField("Wordt gebruikt", description="Uit: telt niet en staat nergens, ook niet in het jaarverslag.")
    standard = DecimalField(validators=[Optional()], places=None, use_locale=False,
                            description="Leeg: het cijfer van alle NICU’s samen.")  # fmt: skip
    source = StringField("Bron van de norm", [Length(max=200, message="Hoogstens 200 tekens.")])
    source_date = DateField("Datum van de bron", [Optional()])
    wider = BooleanField(
        "Verruimd oordeel",
        description="Laat ruimte voor verschillen tussen ziekenhuizen die toeval niet verklaart. Het precieze oordeel blijft "
        "ernaast staan.",
    )
    smallest = IntegerField(
        "Kleinste aantal",
        [InputRequired(WHOLE)],
        description=f"Daaronder staat er geen cijfer. Van {SMALLEST} tot en met {LARGEST}.",
    )
    note = TextAreaField(
        "Waarom",
        [InputRequired(method_change.WHY), Length(max=500, message="Hoogstens 500 tekens.")],
        description="Staat bij de methode, ook voor de ziekenhuizen.",
    )

    seen = IntegerField(name="versie", widget=HiddenInput())
    agreed = HiddenField(name="gezien")

    def process(self, formdata=None, obj=None, data=None, extra_filters=None, **kwargs):
        """A comma is a point in a number."""
        super().process(_with_points(formdata), obj, data, extra_filters, **kwargs)

    def offer(self, one):
        """A standard in the unit of the indicator, and a wider verdict; neither where there is no verdict to give."""
        label, self.per = UNITS.get(one.measure, ("", 1))
        if label:
            self.standard.label.text = label
        for name in [] if label else ["standard", "source", "source_date", "wider"]:
            del self[name]

    @property
    def choice(self):
        """What was chosen, as the model takes it."""
        typed = self.standard.data if self.standard else None
        target = None if typed is None else float(typed) / self.per
        return SettingChoice(
            active=self.active.data,
            target=target,
            source=(self.source.data if self.source else None) or "",
            source_date=self.source_date.data if self.source_date else None,
            wider=bool(self.wider and self.wider.data),
            smallest=self.smallest.data,
            note=self.note.data,
        )


class CarryForm(ActForm):
    """From which versions of the methods of both years it was shown what carrying over does."""

    seen = IntegerField(name="versie", widget=HiddenInput())
    before = IntegerField(name="vorige", widget=HiddenInput())


def _with_points(formdata):
    if formdata is None or "standard" not in formdata:
        return formdata
    sent = formdata.copy()
    sent["standard"] = sent["standard"].replace(",", ".").removesuffix("%").strip()
    return sent


def _name(view, context, row, name):
    return row.about.nl if row.about else f"nr {row.indicator}"


class IndicatorSettingsView(ScopedModelView):
    """Every change there was, the latest on top."""

    screen = Screen("lnr_indicators", "/lnr/indicatoren", "LNR-indicatoren", of=IndicatorSetting, menu="Cijfers")
    ability = "oversee"
    list_template = "lnr/indicators/list.html"
    intro = (
        "Welke indicatoren een jaar gebruikt en waarmee ze worden vergeleken. Elke wijziging is een nieuwe versie van de "
        "methode van dat jaar. Wat een indicator telt ligt vast in het portaal; een gesloten jaar blijft zoals het was."
    )
    empty = ("Nog nooit gewijzigd", "Alle indicatoren staan zoals ze zijn geleverd.")
    related = (IndicatorSetting.changed_by,)
    column_list = ("changed_at", "changed_by", "year", "number", "indicator", "how", "note")
    column_labels = {
        "changed_at": "Gewijzigd", "changed_by": "Door", "year": "Opnamejaar", "number": "Versie", "indicator": "Indicator",
        "how": "Hoe", "note": "Waarom",
    }  # fmt: skip
    column_sortable_list = ("changed_at", "year")
    column_default_sort = [("changed_at", True), ("id", True)]
    column_filters = (
        ListFilter(IndicatorSetting.year, "Opnamejaar", options=lambda: [(str(year), str(year)) for year in last_years()]),
    )
    column_formatters = {
        "changed_at": columns.when, "indicator": _name, "how": lambda view, context, row, name: str(row),
        "note": lambda view, context, row, name: row.why,
    }  # fmt: skip

    def beside(self):
        year = year_asked()
        method = YearMethod.of(year)
        rows = [(one, method.setting(one)) for one in all_indicators()]
        told = {"missing": carry_over.missing(year), "closed": ClosedYear.of(year)}
        return {"year": year, "years": last_years(), "method": method, "rows": rows, **told}

    @expose("/overnemen/", methods=("GET", "POST"))
    def carry(self):
        """Using a year as the one before: first what it would do, then whether to keep it."""
        year = year_asked()
        methods = YearMethod.of_years([year - 1, year])
        form = CarryForm(posted(), data={"seen": methods[year].number, "before": methods[year - 1].number})
        if request.method == "POST":
            try:
                made = carry_over.carry_over(who(), year, form.seen.data or 0, form.before.data or 0)
                flash(f"Overgenomen van {year - 1}: de methode van {year} is nu versie {made[-1].number}.", "success")
                return redirect(self.get_url(".index_view", jaar=year))
            except Refused as reason:
                flash(str(reason), "error")
                return redirect(self.get_url(".carry", jaar=year))
        told = {"method": methods[year], "missing": carry_over.missing(year), "effect": carry_over.effect(who(), year)}
        return self.render("lnr/indicators/carry.html", form=form, year=year, closed=ClosedYear.of(year), **told)

    @expose("/<indicator>/wijzigen/", methods=("GET", "POST"))
    def change(self, indicator):
        """Another setting of one indicator in one year: first what it would do, then whether to keep it."""
        year, one = year_asked(), named(indicator) or abort(404)
        method, told = YearMethod.of(year), None
        setting = method.setting(one)
        standard = None if setting.target is None else round(UNITS.get(one.measure, ("", 1))[1] * setting.target, 6)
        form = SettingForm(posted(), data=setting.fields | {"standard": standard, "seen": method.number})
        form.offer(one)
        if request.method == "POST" and form.validate():
            seen, choice = form.seen.data or 0, form.choice
            try:
                told = method_change.effect(who(), year, one, seen, choice)
                if form.agreed.data == repr(choice):
                    made = method_change.change(who(), year, one, seen, choice)
                    flash(f"De methode van {year} is nu versie {made.number}.", "success")
                    return redirect(self.get_url(".index_view", jaar=year))
            except Refused as reason:
                flash(str(reason), "error")
        shown = {"year": year, "one": one, "setting": setting, "method": method, "closed": ClosedYear.of(year)}
        said = repr(form.choice) if told is not None else ""
        return self.render("lnr/indicators/change.html", form=form, effect=told, said=said, **shown)
