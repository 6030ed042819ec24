"""The stays that a hospital delivered, and what is still wrong in them; for the management of the LNR those of everybody."""

from flask import request, url_for

from admin_views.grid import columns
from admin_views.grid.filters import ListFilter, OneOf, PeriodFilter
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import clock, dutch
from models.accounts.hospital import Hospital
from models.lnr.registry import finding_trends
from models.lnr.registry.open_finding import ERROR, WARNING, OpenFinding
from models.lnr.registry.stay import STATE_LABELS, Stay, StayState
from models.lnr.rules.registry import rules

PEOPLE = frozenset({Stay.child, Stay.mother, Stay.own_number, Stay.place})
LOOKS = {StayState.ONTVANGEN: "success", StayState.GEWEIGERD: "error", StayState.INGETROKKEN: "neutral"}
YEARS = 6
SEVERITIES = ((ERROR, "Fout"), (WARNING, "Waarschuwing"))
KINDS = {
    "goed": ("In orde", (Stay.state == StayState.ONTVANGEN) & (Stay.errors == 0) & (Stay.warnings == 0)),
    "fouten": ("Met fouten", OpenFinding.stays_with(ERROR)),
    "waarschuwingen": ("Met waarschuwingen", OpenFinding.stays_with(WARNING)),
    # Nothing is refused without an error.
    "geweigerd": ("Nog geweigerd", OpenFinding.stays_with(ERROR) & (Stay.state == StayState.GEWEIGERD)),
    "opgenomen": ("Nog opgenomen", (Stay.state == StayState.ONTVANGEN) & Stay.discharged.is_null()),
    "elders": ("Buiten de NICU-telling", (Stay.state == StayState.ONTVANGEN) & Stay.beside_the_nicu()),
    "ingetrokken": ("Ingetrokken", Stay.state == StayState.INGETROKKEN),
}


class StayKind(OneOf):
    """One of the tabs above the list."""

    def clause(self, value):
        return KINDS[value][1]


def last_years():
    """The data years to choose from, the newest first."""
    this = clock.today().year
    return range(this, this - YEARS, -1)


def year_asked():
    """The data year of the address; this year when it names none that can be chosen."""
    asked = request.args.get("jaar", "")
    return next((year for year in last_years() if str(year) == asked), clock.today().year)


def _years():
    return [(str(year), str(year)) for year in last_years()]


def _rules():
    return [(number, f"{number}: {rule.nl}") for number, rule in rules().items()]


YEAR, STATE, KIND, HOSPITAL = "Jaar van opname", "Stand", "Toon", "Ziekenhuis"


def chosen(year, kind="", state=StayState.ONTVANGEN, hospital=None):
    """The arguments of the address of the list of the stays of one data year, narrowed to these."""
    filters = {KIND: kind, STATE: state, YEAR: str(year), HOSPITAL: hospital}
    told = [(name, value) for name, value in filters.items() if value]
    slug = {name: f"{name.lower().replace(' ', '_')}_{'bevat' if name == HOSPITAL else 'is'}" for name in filters}
    return {f"flt{number}_{slug[name]}": value for number, (name, value) in enumerate(told)}


class StaysView(ScopedModelView):
    """'LNR-opnamen'. Numbers of children are not even read: one searches with a number, and it is never shown."""

    screen = Screen("lnr_stays", "/lnr/opnamen", "LNR-opnamen", of=Stay)
    ability = "deliver"
    list_template = "lnr/stays/list.html"
    intro = "De opnamen die uw ziekenhuis aan de LNR leverde. Kies een opname om te zien wat er staat en wat er mis is."
    search_hint = "LNR-nummer of uw patiëntnummer"
    hidden = PEOPLE
    scope = "counting"
    can_export = True
    column_list = ("id", "admitted", "discharged", "gestation", "state", "errors", "version", "last_at")
    column_labels = {
        "id": "Opname", "hospital": "Ziekenhuis", "admitted": "Opgenomen", "discharged": "Ontslagen",
        "gestation": "Zwangerschapsduur", "state": "Stand", "errors": "Wat er mis is", "version": "Versie",
        "last_at": "Laatste bericht",
    }  # fmt: skip
    column_sortable_list = ("admitted", "discharged", "gestation", "state", "last_at")
    column_default_sort = ("last_at", True)
    column_filters = (
        StayKind(Stay.state, KIND, options=[(name, label) for name, (label, _) in KINDS.items()]),
        OneOf(Stay.year, YEAR, options=_years),
        OneOf(Stay.state, STATE, options=list(STATE_LABELS.items())),
        PeriodFilter(Stay.admitted, "Opgenomen"),
        PeriodFilter(Stay.last_at, "Laatste bericht"),
    )

    def _number(self, context, row, name):
        return columns.link(url_for("lnr_stay.index", stay=row.key), row.number)

    def _state(self, context, row, name):
        return columns.badge(STATE_LABELS[row.state], LOOKS[row.state])

    def _wrong(self, context, row, name):
        found = [(row.errors, "fout", "fouten"), (row.warnings, "waarschuwing", "waarschuwingen")]
        return ", ".join(dutch.plural(*one) for one in found if one[0]) or "niets"

    def _gestation(self, context, row, name):
        return "" if row.gestation is None else f"{row.gestation // 7}+{row.gestation % 7}"

    column_formatters = {
        "id": _number, "state": _state, "errors": _wrong, "gestation": _gestation, "admitted": columns.when,
        "discharged": columns.when, "last_at": columns.when,
    }  # fmt: skip
    column_formatters_export = {"id": lambda view, context, row, name: row.number, "gestation": _gestation, "errors": _wrong}

    def beside(self):
        return {"tabs": self._tabs()}

    def _tabs(self):
        asked = self._get_list_extra_args()
        others = [one for one in asked.filters if one[1] != KIND]
        now = next((value for _, name, value in asked.filters if name == KIND), "")
        tabs = []
        for value, label in [("", "Alle"), *((name, label) for name, (label, _) in KINDS.items())]:
            filters = [*others, (0, KIND, value)] if value else others
            href = self._get_list_url(asked.clone(page=0, filters=filters))
            tabs.append({"label": label, "href": href, "active": value == now})
        return tabs


class AllStaysView(StaysView):
    """The same over all hospitals, for the management of the LNR."""

    screen = Screen("lnr_all_stays", "/lnr/alle-opnamen", "Alle LNR-opnamen", of=Stay)
    ability = "oversee"
    can_export = False  # data of all hospitals leave by a request that a second person approves
    intro = "De opnamen van alle ziekenhuizen, zonder nummers van kinderen en moeders."
    search_hint = "LNR-nummer"
    related = (Stay.hospital,)
    column_sortable_list = ("admitted", "last_at")  # what an index of the whole country gives in order
    column_list = ("id", "hospital", *StaysView.column_list[1:])
    column_filters = (*StaysView.column_filters, ListFilter(Stay.hospital, HOSPITAL, find=Hospital.named, says="bevat"))


class FlawsView(ScopedModelView):
    """'Openstaande fouten': what a later message has not solved yet, the oldest first."""

    screen = Screen("lnr_flaws", "/lnr/fouten", "Openstaande fouten", of=OpenFinding)
    ability = "deliver"
    list_template = "lnr/stays/flaws.html"
    intro = (
        "Wat in de opnamen van uw ziekenhuis nog niet klopt. Een nieuwe versie die het goed heeft, haalt het van deze lijst."
    )
    related = (OpenFinding.stay, OpenFinding.message)
    hidden = PEOPLE
    scope = "still_open"
    can_export = True
    column_list = ("stay", "severity", "path", "rule", "first_at")
    column_labels = {
        "stay": "Opname", "hospital": "Ziekenhuis", "severity": "Ernst", "path": "Wat er mis is", "rule": "Regel",
        "first_at": "Sinds",
    }  # fmt: skip
    column_sortable_list = ("severity", "rule", "first_at")
    column_default_sort = ("first_at", False)
    column_filters = (
        OneOf(OpenFinding.severity, "Ernst", options=SEVERITIES),
        OneOf(OpenFinding.rule, "Regel", options=_rules),
        PeriodFilter(OpenFinding.first_at, "Sinds"),
    )

    def _stay(self, context, row, name):
        return columns.link(url_for("lnr_stay.index", stay=row.stay.key), row.stay.number)

    def _severity(self, context, row, name):
        return columns.badge(row.severity.capitalize(), "error" if row.severity == ERROR else "warning")

    def _said(self, context, row, name):
        item, wrong, hint = finding_trends.told(row)
        return columns.with_note(f"{item}: {wrong}" if item else wrong, hint)

    def _rule(self, context, row, name):
        return columns.link(f"{url_for('lnr_site.chapter', chapter='regels')}#{row.rule}", row.rule)

    def _since(self, context, row, name):
        return columns.with_note(columns.day(row.first_at), dutch.ago(row.first_at))

    def _said_plainly(self, context, row, name):
        item, wrong, hint = finding_trends.told(row)
        return " ".join(filter(None, (f"{item}:" if item else "", wrong, hint)))

    column_formatters_export = {"path": _said_plainly, "stay": lambda view, context, row, name: row.stay.number}
    column_formatters = {"stay": _stay, "severity": _severity, "path": _said, "rule": _rule, "first_at": _since}

    def beside(self):
        person = who()
        return {
            "trend": finding_trends.trend(person),
            "ages": finding_trends.ages(person),
            "limits": finding_trends.AGES,
            "solved": finding_trends.solved(person),
            "new": finding_trends.AGES[0],
            "loose": url_for("lnr_loose.index_view") if self.ability == "deliver" else None,
        }


class AllFlawsView(FlawsView):
    """The same over all hospitals."""

    screen = Screen("lnr_all_flaws", "/lnr/alle-fouten", "Alle openstaande fouten", of=OpenFinding)
    ability = "oversee"
    can_export = False
    intro = "Wat er in de opnamen van alle ziekenhuizen nog niet klopt."
    related = (OpenFinding.stay, OpenFinding.message, OpenFinding.hospital)
    column_sortable_list = ("first_at",)
    column_list = ("stay", "hospital", *FlawsView.column_list[1:])
    column_filters = (
        *FlawsView.column_filters,
        ListFilter(OpenFinding.hospital, "Ziekenhuis", find=Hospital.named, says="bevat"),
    )
