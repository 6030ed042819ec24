"""The content of the year report: of one hospital, its own figures beside those of all NICUs together; or of the country.

Made of a closed year alone, so that it comes out the same each time. Of another hospital and of the country it holds only what
benchmark/disclosure.py lets through. The report of the country (national.py) may go to everybody.
"""

from collections.abc import Mapping

from models.accounts.hospital import Hospital
from models.dutch import month_name, plural
from models.lnr.benchmark import figure
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.figure import Figure, Judgement
from models.lnr.benchmark.limits import rate_interval
from models.lnr.benchmark.method.indicator_setting import SMALLEST, at_least
from models.lnr.benchmark.places.answer import PLACES, sentence
from models.lnr.registry.year_figures import LATE, Closing
from models.lnr.year_report import pictures
from models.lnr.year_report.changes import changes
from models.lnr.year_report.days import own_days
from models.lnr.year_report.national import national
from models.lnr.year_report.smr import care_weight, own_smr
from models.lnr.year_report.year_counts import NAMES, UNKNOWN, YearCounts, decimal, percentage, reach, share
from models.report.content import ReportContent, ReportSection, ReportTable, Value

STANDS_OUT = (Judgement.SIGNAAL, Judgement.LET_OP, Judgement.GUNSTIG)
SHORT = {Judgement.KLEIN: "te klein"}  # for the width of a table
KEY = (
    "In de grafieken is de ruit uw ziekenhuis en een open rondje een andere NICU; die staan er alleen als alle NICU’s dat "
    "afspraken. De zwarte lijn is het cijfer van alle NICU’s samen, de onderbroken lijnen zijn de 95%-grenzen en de rode de "
    "99,8%-grenzen. Per kwartaal zijn de zwarte en de rode lijnen het gemiddelde en de grenzen van uw eigen reeks."
)
METHOD = (
    "Wat wordt vergeleken: het cijfer van het ziekenhuis met dat van alle NICU’s samen, het ziekenhuis zelf meegeteld.",
    "Wie meetelt: bij uitkomsten telt een kind één keer, bij het ziekenhuis van zijn eerste NICU-opname; de uitkomst komt uit "
    "alle opnamen van het kind samen.",
    "Onbekend is geen nee: een kind van wie de uitkomst niet vaststaat telt niet mee, en staat apart.",
    f"Kleine aantallen: onder {SMALLEST} kinderen staat er geen percentage. Landelijk staan 1 tot en met 4 "
    "gebeurtenissen er als ‘1-4’, en wordt niets getoond waaruit zo’n aantal of dat van één ander ziekenhuis te berekenen is.",
    "Grenzen: de precieze binomiale verdeling. ‘Let op’ is ongunstiger dan toeval in 1 van de 40 keer geeft, ‘signaal’ in 1 "
    "van de 1000 keer. Een signaal is een vraag om te kijken, geen oordeel over de zorg.",
)


def year_report(counts: YearCounts, hospital: Hospital | None) -> ReportContent:
    """The report of a hospital, or of all together when it is None."""
    name = hospital.name if hospital else "alle NICU’s samen"
    sections = _of_hospital(counts, hospital) if hospital else national(counts)
    about = f"Over opnamen in {counts.year}, zoals het jaar op {counts.closed.closed_at:%d-%m-%Y} is gesloten."
    return ReportContent(f"Jaarverslag LNR {counts.year}: {name}", about, [*sections, _method(counts), _colophon(counts)])


# ---- of one hospital -----------------------------------------------------------------------------------------------------


def _of_hospital(counts, hospital):
    figures = [counts.figure(one, hospital) for one in counts.indicators]
    trends = counts.trends(hospital)
    return [
        _summary(counts, hospital, figures),
        _volume(counts.year, counts.volumes.get(hospital.id, {})),
        _completeness(counts.stood.get(hospital.id)),
        ReportSection(
            "indicatoren",
            "Indicatoren",
            [KEY, *(one.no_verdict for one in figures if one.no_verdict)],
            [
                _table(figures),
                _lines(figures),
                _trend(counts, hospital),
                *_rare(counts, trends),
                _own_bands(counts, hospital),
            ],
            pictures.own(counts, hospital, figures, trends),
        ),
        *changes(counts, hospital),
        *own_days(counts, hospital),
        *own_smr(counts, hospital),
        _left_out(counts, hospital),
    ]


def _summary(counts: YearCounts, hospital: Hospital, figures: list[Figure]) -> ReportSection:
    told = figure.chance(figures)
    if not told.judged:
        least = at_least((one.setting for one in figures), "kinderen")
        return ReportSection("kort", "In het kort", [f"Vergelijken kan vanaf drie ziekenhuizen met elk ten minste {least}."])
    said = (
        f"Bij {plural(told.judged, 'beoordeeld cijfer', 'beoordeelde cijfers')} verwacht toeval hoogstens "
        f"{decimal(told.expected95)} buiten de 95%-grenzen en {decimal(told.expected998, 2)} buiten de 99,8%-grenzen. "
        f"Gezien: {told.seen95} en {told.seen998}."
    )
    seen = [one for word in STANDS_OUT for one in figures if one.verdict is word]
    if not seen:
        return ReportSection("kort", "In het kort", [said, "Geen enkel cijfer ligt buiten wat toeval geeft."])
    rows = [[str(one.indicator), one.label, percentage(one.own.rate), percentage(one.national)] for one in seen]
    head = ("Indicator", "Oordeel", "Uw ziekenhuis (%)", "NICU’s samen (%)")
    drawn = pictures.by_size(counts, hospital, seen)
    text = [said, "In de grafieken is de volgorde het aantal kinderen, geen rangorde."] if drawn else [said]
    return ReportSection("kort", "In het kort", text, [ReportTable("Wat opvalt", head, rows)], drawn)


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
        ["Vertraging in dagen (mediaan)", None if stood.median_delay is None else round(stood.median_delay, 1)],
    ]
    text = [f"Niet opgegeven: {', '.join(month_name(month) for month in stood.unstated)}."] if stood.unstated else []
    return ReportSection("volledig", "Volledigheid", text, [ReportTable("Stand toen het jaar sloot", ("", "Aantal"), rows)])


def _table(figures: list[Figure]) -> ReportTable:
    rows: list[list[Value]] = [
        [
            str(one.indicator),
            one.own.events,
            one.own.children,
            percentage(one.own.rate) if one.shown else None,
            reach(one.interval),
            percentage(one.national),
            _short(one),
            one.own.unknown,
        ]
        for one in figures
    ]
    head = ("Indicator", "Teller", "Noemer", "%", "95%-interval", "NICU’s samen (%)", "Oordeel", "Onbekend")
    return ReportTable("Alle indicatoren", head, rows, "Binnen: binnen wat toeval geeft. Geen: geen oordeel.")


def _short(one):
    told = SHORT.get(one.verdict, one.verdict.value)
    return told if one.verdict is one.exact else f"{told} (precies: {one.exact.value})"


def _lines(figures: list[Figure]) -> ReportTable:
    rows: list[list[Value]] = []
    for one in figures:
        if lines := one.lines:
            rows.append([str(one.indicator), *(percentage(limit) for bounds in lines.values() for limit in bounds)])
    head = ("Indicator", "95% onder", "95% boven", "99,8% onder", "99,8% boven")
    return ReportTable("Grenzen van wat toeval geeft, bij dit aantal kinderen (%)", head, rows)


def _trend(counts, hospital) -> ReportTable:
    rows: list[list[Value]] = []
    for one in counts.indicators:
        years = [counted.get(one.number, {}).get(hospital.id, Count()) for counted in counts.before.values()]
        rows.append(
            [
                str(one),
                *(percentage(year.rate) if year.children >= counts.method.setting(one).smallest else None for year in years),
            ]
        )
    breaks = [f"{one}: {told}" for one in counts.indicators for told in counts.breaks(one)]
    return ReportTable("Verloop in uw ziekenhuis (%)", ("Indicator", *map(str, counts.before)), rows, " ".join(breaks))


def _rare(counts, trends) -> list[ReportTable]:
    """Of rare events the last three years together, for of a quarter no limits tell anything."""
    rows: list[list[Value]] = []
    for one in counts.indicators:
        for told in trends[one.number].together[-1:]:
            if (count := told.count).children >= counts.method.setting(one).smallest:
                known = reach(rate_interval(count.events, count.children))
                period = f"{told.first} tot en met {told.last}"
                rows.append([str(one), period, count.events, count.children, percentage(count.rate), known])
    head = ("Indicator", "Periode", "Teller", "Noemer", "%", "95%-interval")
    note = "Minder dan vijf gebeurtenissen per kwartaal: grenzen per kwartaal zeggen dan niets, en staan niet in de grafiek."
    return [ReportTable("Zeldzame gebeurtenissen, kwartalen samen", head, rows, note)] if rows else []


def _own_bands(counts, hospital) -> ReportTable:
    rows = []
    for one in counts.indicators:
        bands = counts.bands[one.number].get(hospital.id, {})
        rows.append([str(one), *(share(bands.get(name, Count())) for name in NAMES)])
    return ReportTable("Uw ziekenhuis naar zwangerschapsduur in weken (teller van noemer)", ("Indicator", *NAMES), rows)


def _left_out(counts, hospital) -> ReportSection:
    found = counts.reasons(hospital)
    rows: list[list[Value]] = []
    for one in counts.indicators:
        told = [
            (letter, reason, times) for (at, letter, reason), times in found.items() if at == one.number and letter in "ube"
        ]
        rows += [
            [str(one), PLACES[letter], sentence(reason), times]
            for letter, reason, times in sorted(told, key=lambda row: ("ube".index(row[0]), -row[2], row[1]))
        ]
    table = ReportTable("Waarom opnamen niet meetellen", ("Indicator", "Plaats", "Reden", "Opnamen"), rows)
    return ReportSection("buiten", "Wie niet meetelt, en waarom", (), [table] if rows else [])


# ---- of both -------------------------------------------------------------------------------------------------------------


def _method(counts) -> ReportSection:
    rows: list[list[Value]] = [
        [one.number, one.version, str(one), one.teller_nl, one.noemer_nl, one.source]
        for one in [*counts.indicators, *counts.of_days]
    ]
    head = ("Nr", "Versie", "Indicator", "Teller", "Noemer", "Bron")
    told, chosen = _chosen(counts)
    return ReportSection(
        "methode", "Methode", [*METHOD, care_weight(counts), *told], [ReportTable("Begrippen", head, rows), *chosen]
    )


def _chosen(counts):
    """What the management of the LNR chose for this year, as it was closed; nothing of a year from before it could."""
    if counts.closed.method is None:
        return [], []
    text = f"Versie van de methode: {counts.method}. Het laatste getal is hoe vaak het LNR-beheer die voor dit jaar wijzigde."
    rows: list[list[Value]] = [[str(one), str(setting), setting.why] for one, setting in counts.method.changed]
    if not rows:
        return [text], []
    if any(setting.smallest > SMALLEST for _, setting in counts.method.changed):
        text += " Waar hieronder ‘vanaf’ staat, is er pas vanaf zoveel kinderen of opnamen een cijfer van een ziekenhuis."
    wider = (
        "Verruimd: het oordeel laat ruimte voor verschillen tussen ziekenhuizen die toeval niet verklaart; ‘precies’ is zonder."
    )
    return [text], [ReportTable("Anders dan geleverd", ("Indicator", "Hoe", "Waarom"), rows, wider)]


def _colophon(counts) -> ReportSection:
    text = [
        f"SHA-256 van de tellingen waarvan dit verslag is gemaakt: {counts.closed.facts}.",
        f"Versie van de rekenregels: {counts.closed.rules}.",
    ]
    return ReportSection("colofon", "Colofon", text)
