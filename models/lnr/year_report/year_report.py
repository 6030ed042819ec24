"""The content of the year report: of one hospital, its own figures beside those of all NICUs together; or of the country.

Made of a closed year alone, so that it comes out the same each time. Of another hospital it holds nothing; of the country only
what benchmark/disclosure.py lets through.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

from models.accounts.hospital import Hospital
from models.dutch import month_name, number, plural
from models.lnr.benchmark import counting, disclosure, figure
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.fact import BANDS
from models.lnr.benchmark.figure import Figure, Judgement
from models.lnr.benchmark.indicator import Indicator, all_indicators
from models.lnr.benchmark.places.answer import PLACES, sentence
from models.lnr.closing import rehearsal
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.registry.year_figures import LATE, Closing
from models.report.content import ReportContent, ReportSection, ReportTable, Value

NAMES = [name for _, name in BANDS]
UNKNOWN = "onbekend"
STANDS_OUT = (Judgement.SIGNAAL, Judgement.LET_OP, Judgement.GUNSTIG)
SHORT = {Judgement.KLEIN: "te klein"}  # for the width of a table
TREND = 3  # years
METHOD = (
    "Wat wordt vergeleken: het cijfer van het ziekenhuis met dat van alle NICU’s samen, het ziekenhuis zelf meegeteld.",
    "Wie meetelt: bij uitkomsten telt een kind één keer, bij het ziekenhuis van zijn eerste NICU-opname; de uitkomst komt uit "
    "alle opnamen van het kind samen.",
    "Onbekend is geen nee: een kind van wie de uitkomst niet vaststaat telt niet mee, en staat apart.",
    f"Kleine aantallen: onder {figure.SMALLEST} kinderen staat er geen percentage. Landelijk staan 1 tot en met 4 "
    "gebeurtenissen er als ‘1-4’, en wordt niets getoond waaruit zo’n aantal of dat van één ander ziekenhuis te berekenen is.",
    "Grenzen: de precieze binomiale verdeling. ‘Let op’ is ongunstiger dan toeval in 1 van de 40 keer geeft, ‘signaal’ in 1 "
    "van de 1000 keer. Een signaal is een vraag om te kijken, geen oordeel over de zorg.",
    "Zorgzwaarte: de cijfers zijn niet gecorrigeerd voor hoe ziek of onrijp de kinderen waren. Er is nog geen goedgekeurd "
    "model, en daarom geen gecorrigeerde sterfte (SMR).",
)


class YearCounts:
    """What was counted in a closed year, read once for all its reports."""

    def __init__(self, closed: ClosedYear):
        self.closed, self.year = closed, closed.year
        self.bands = counting.bands_of_all(self.year)
        self.volumes = counting.volumes(self.year)
        self.stood = rehearsal.read(closed.stood)

    def counted(self, one: Indicator) -> dict[int, Count]:
        """{hospital: Count} of an indicator."""
        return {place: sum(bands.values(), Count()) for place, bands in self.bands[one.number].items()}

    @cached_property
    def before(self) -> dict[int, dict[int, dict[int, Count]]]:
        """{year: {number of the indicator: {hospital: Count}}} of the years of the trend."""
        return {year: counting.counts([year]) for year in range(self.year - TREND + 1, self.year + 1)}

    @property
    def hospitals(self) -> list[Hospital]:
        """Those with a NICU that had a stay in the year, by name."""
        return [one for one in figure.nicus() if one.id in self.volumes]


def indicators() -> list[Indicator]:
    """Those that have a proportion."""
    return [one for one in all_indicators() if one.kind == "aandeel"]


def year_report(counts: YearCounts, hospital: Hospital | None) -> ReportContent:
    """The report of a hospital, or of all together when it is None."""
    name = hospital.name if hospital else "alle NICU’s samen"
    sections = _of_hospital(counts, hospital) if hospital else _national(counts)
    about = f"Over opnamen in {counts.year}, zoals het jaar op {counts.closed.closed_at:%d-%m-%Y} is gesloten."
    return ReportContent(f"Jaarverslag LNR {counts.year}: {name}", about, [*sections, _method(), _colophon(counts)])


# ---- of one hospital -----------------------------------------------------------------------------------------------------


def _of_hospital(counts, hospital):
    figures = [
        figure.figure(one, counts.counted(one), hospital.id, disclosure.told([counts.bands[one.number]]))
        for one in indicators()
    ]
    return [
        _summary(figures),
        _volume(counts.year, counts.volumes.get(hospital.id, {})),
        _completeness(counts.stood.get(hospital.id)),
        ReportSection(
            "indicatoren",
            "Indicatoren",
            (),
            [_table(figures), _lines(figures), _trend(counts, hospital), _own_bands(counts, hospital)],
        ),
        _left_out(counts, hospital),
    ]


def _summary(figures: list[Figure]) -> ReportSection:
    told = figure.chance(figures)
    if not told.judged:
        return ReportSection(
            "kort", "In het kort", ["Vergelijken kan vanaf drie ziekenhuizen met elk ten minste tien kinderen."]
        )
    said = (
        f"Bij {plural(told.judged, 'beoordeeld cijfer', 'beoordeelde cijfers')} verwacht toeval hoogstens "
        f"{_number(told.expected95)} buiten de 95%-grenzen en {_number(told.expected998, 2)} buiten de 99,8%-grenzen. "
        f"Gezien: {told.seen95} en {told.seen998}."
    )
    seen = [one for word in STANDS_OUT for one in figures if one.verdict is word]
    if not seen:
        return ReportSection("kort", "In het kort", [said, "Geen enkel cijfer ligt buiten wat toeval geeft."])
    rows = [[str(one.indicator), one.label, _percent(one.own.rate), _percent(one.target)] for one in seen]
    head = ("Indicator", "Oordeel", "Uw ziekenhuis (%)", "NICU’s samen (%)")
    return ReportSection("kort", "In het kort", [said], [ReportTable("Wat opvalt", head, rows)])


def _volume(year, bands: Mapping[str, tuple[int, int, int]]) -> ReportSection:
    rows: list[list[Value]] = [[name or UNKNOWN, *bands.get(name, (0, 0, 0))] for name in [*NAMES, ""]]
    total = [sum(one[place] for one in bands.values()) for place in range(3)]
    head = ("Zwangerschapsduur (weken)", "Opnamen", "Eerste NICU-opname", "Elders geboren")
    text = [f"In {year} {'telt' if total[0] == 1 else 'tellen'} {plural(total[0], 'opname', 'opnamen')} mee."]
    return ReportSection(
        "aantallen", "Opnamen", text, [ReportTable("Opnamen naar zwangerschapsduur", head, [*rows, ["Samen", *total]])]
    )


def _completeness(stood: Closing | None) -> ReportSection:
    if stood is None:
        return ReportSection("volledig", "Volledigheid", ["Er is over dit jaar niets ontvangen en niets opgegeven."])
    rows: list[list[Value]] = [
        ["NICU-opnamen volgens opgave", stood.stated],
        ["Waarvan ontvangen", stood.found],
        ["Opnamen die meetellen", stood.received],
        ["Met een fout die openstond", stood.errors],
        ["Geweigerd en niet hersteld", stood.refused],
        ["Zonder ontslag", stood.staying],
        [f"Later dan {LATE} dagen na ontslag ontvangen", stood.late],
        ["Gemiddelde vertraging in dagen", None if stood.delay is None else round(stood.delay, 1)],
    ]
    text = [f"Niet opgegeven: {', '.join(month_name(month) for month in stood.unstated)}."] if stood.unstated else []
    return ReportSection("volledig", "Volledigheid", text, [ReportTable("Stand toen het jaar sloot", ("", "Aantal"), rows)])


def _table(figures: list[Figure]) -> ReportTable:
    rows: list[list[Value]] = [
        [
            str(one.indicator),
            one.own.events,
            one.own.children,
            _percent(one.own.rate) if one.shown else None,
            _range(one.interval),
            _percent(one.target),
            SHORT.get(one.verdict, one.verdict.value),
            one.own.unknown,
        ]
        for one in figures
    ]
    head = ("Indicator", "Teller", "Noemer", "%", "95%-interval", "NICU’s samen (%)", "Oordeel", "Onbekend")
    return ReportTable("Alle indicatoren", head, rows, "Binnen: binnen wat toeval geeft. Geen: geen oordeel.")


def _lines(figures: list[Figure]) -> ReportTable:
    rows: list[list[Value]] = []
    for one in figures:
        if lines := one.lines:
            rows.append([str(one.indicator), *(_percent(limit) for bounds in lines.values() for limit in bounds)])
    head = ("Indicator", "95% onder", "95% boven", "99,8% onder", "99,8% boven")
    return ReportTable("Grenzen van wat toeval geeft, bij dit aantal kinderen (%)", head, rows)


def _trend(counts, hospital) -> ReportTable:
    rows: list[list[Value]] = []
    for one in indicators():
        years = [counted.get(one.number, {}).get(hospital.id, Count()) for counted in counts.before.values()]
        rows.append([str(one), *(_percent(year.rate) if year.children >= figure.SMALLEST else None for year in years)])
    return ReportTable("Verloop in uw ziekenhuis (%)", ("Indicator", *map(str, counts.before)), rows)


def _own_bands(counts, hospital) -> ReportTable:
    rows = []
    for one in indicators():
        bands = counts.bands[one.number].get(hospital.id, {})
        rows.append([str(one), *(_share(bands.get(name, Count())) for name in NAMES)])
    return ReportTable("Uw ziekenhuis naar zwangerschapsduur in weken (teller van noemer)", ("Indicator", *NAMES), rows)


def _left_out(counts, hospital) -> ReportSection:
    found = counting.reasons(counts.year, hospital.id)
    rows: list[list[Value]] = []
    for one in indicators():
        told = [
            (letter, reason, times) for (at, letter, reason), times in found.items() if at == one.number and letter in "ube"
        ]
        rows += [
            [str(one), PLACES[letter], sentence(reason), times]
            for letter, reason, times in sorted(told, key=lambda row: ("ube".index(row[0]), -row[2], row[1]))
        ]
    table = ReportTable("Waarom opnamen niet meetellen", ("Indicator", "Plaats", "Reden", "Opnamen"), rows)
    return ReportSection("buiten", "Wie niet meetelt, en waarom", (), [table] if rows else [])


# ---- of the country ------------------------------------------------------------------------------------------------------


def _national(counts):
    hospitals = {one.id for one in counts.hospitals}
    rows, banded = [], []
    for one in indicators():
        counted = {place: count for place, count in counts.counted(one).items() if place in hospitals}
        told = disclosure.published(counted)
        rows.append([str(one), *((told.events, told.children, _percent(told.rate)) if told else ("te klein", None, None))])
        bands = counts.bands[one.number]
        banded.append([{place: bands[place].get(name, Count()) for place in counted} for name in [*NAMES, ""]])
    shown = disclosure.banded(banded)
    volume = {name: sum(counts.volumes[place].get(name, (0, 0, 0))[0] for place in hospitals) for name in [*NAMES, ""]}
    tables = [
        ReportTable("Alle NICU’s samen", ("Indicator", "Teller", "Noemer", "%"), rows),
        ReportTable(
            "Alle NICU’s samen naar zwangerschapsduur in weken (teller van noemer)",
            ("Indicator", *NAMES, UNKNOWN),
            [[str(one), *cells] for one, cells in zip(indicators(), shown, strict=True)],
            "‘1-4’: een tot en met vier. ‘Te klein’: minder dan tien kinderen. ‘Verborgen’: anders volgt een ander getal.",
        ),
    ]
    sizes = disclosure.sizes([volume[name] for name in [*NAMES, ""]])
    return [
        ReportSection(
            "aantallen",
            "Opnamen",
            [f"Dit verslag gaat over {plural(len(hospitals), 'ziekenhuis', 'ziekenhuizen')} met een NICU."],
            [
                ReportTable(
                    "Opnamen naar zwangerschapsduur",
                    ("Weken", "Opnamen"),
                    list(map(list, zip([*NAMES, UNKNOWN], sizes, strict=True))),
                )
            ],
        ),
        _national_completeness([counts.stood[one] for one in hospitals if one in counts.stood]),
        ReportSection("indicatoren", "Indicatoren", (), tables),
    ]


def _national_completeness(stood: list[Closing]) -> ReportSection:
    stated, found = sum(one.stated for one in stood), sum(one.found for one in stood)
    text = [
        f"Van {number(stated)} NICU-opnamen die de ziekenhuizen opgaven zijn er {number(found)} ontvangen."
        if stated
        else "Geen ziekenhuis gaf op hoeveel opnamen er waren."
    ]
    return ReportSection("volledig", "Volledigheid", text)


# ---- of both -------------------------------------------------------------------------------------------------------------


def _method() -> ReportSection:
    rows: list[list[Value]] = [
        [one.number, one.version, str(one), one.teller_nl, one.noemer_nl, one.source] for one in indicators()
    ]
    head = ("Nr", "Versie", "Indicator", "Teller", "Noemer", "Bron")
    return ReportSection("methode", "Methode", METHOD, [ReportTable("Begrippen", head, rows)])


def _colophon(counts) -> ReportSection:
    text = [
        f"SHA-256 van de tellingen waarvan dit verslag is gemaakt: {counts.closed.facts}.",
        f"Versie van de rekenregels: {counts.closed.rules}.",
    ]
    return ReportSection("colofon", "Colofon", text)


def _percent(rate: float | None) -> float | None:
    return None if rate is None else round(100 * rate, 1)


def _range(pair: Iterable[float] | None) -> str:
    return " – ".join(_number(100 * one) for one in pair) if pair else ""


def _number(value: float, places: int = 1) -> str:
    return f"{value:.{places}f}".replace(".", ",")


def _share(count: Count) -> str:
    return f"{count.events} van {count.children}" if count.children else ""
