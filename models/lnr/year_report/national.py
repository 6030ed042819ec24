"""The report of all NICUs together: everybody may read it.

All of it went through benchmark/disclosure.py, and a hospital stands in it by name only where it agreed to that.
"""

from collections.abc import Mapping

from models.dutch import number, plural
from models.lnr.benchmark import disclosure, limits
from models.lnr.benchmark.counting import Count
from models.lnr.registry.year_figures import Closing
from models.lnr.year_report import pictures
from models.lnr.year_report.days import national_days
from models.lnr.year_report.smr import national_smr
from models.lnr.year_report.year_counts import NAMES, UNKNOWN, YearCounts, percentage, reach
from models.report.content import ReportSection, ReportTable, Value


def national(counts: YearCounts) -> list[ReportSection]:
    """The chapters about all NICUs together, before those on the method."""
    hospitals = {one.id for one in counts.hospitals}
    rows, banded = [], []
    for one in counts.indicators:
        counted = {place: count for place, count in counts.counted(one).items() if place in hospitals}
        told = disclosure.published(counted)
        rows.append([str(one), *((told.events, told.children, percentage(told.rate)) if told else ("te klein", None, None))])
        bands = counts.bands[one.number]
        banded.append([{place: bands[place].get(name, Count()) for place in counted} for name in [*NAMES, ""]])
    shown = disclosure.banded(banded)
    volume = [{place: counts.volumes[place].get(name, (0, 0, 0))[0] for place in hospitals} for name in [*NAMES, ""]]
    tables = [
        ReportTable("Alle NICU’s samen", ("Indicator", "Teller", "Noemer", "%"), rows),
        ReportTable(
            "Alle NICU’s samen naar zwangerschapsduur in weken (teller van noemer)",
            ("Indicator", *NAMES, UNKNOWN),
            [[str(one), *cells] for one, cells in zip(counts.indicators, shown, strict=True)],
            "‘1-4’: een tot en met vier. ‘Te klein’: minder dan tien kinderen. ‘Verborgen’: anders volgt een ander getal.",
        ),
    ]
    sizes = disclosure.sizes(volume)
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
        _national_completeness({place: one for place, one in counts.stood.items() if place in counts.kept.nicus}),
        ReportSection("indicatoren", "Indicatoren", (), tables),
        *national_days(counts, hospitals),
        *national_smr(counts, hospitals),
        *_named(counts, hospitals),
    ]


def _national_completeness(stood: Mapping[int, Closing]) -> ReportSection:
    """How many came of what was stated, where neither number is that of a few hospitals, and of how many nothing came.

    `stood`: every NICU as it stood when the year closed, one of which nothing came included.
    """
    stated, found = (
        disclosure.published({place: Count(children=getattr(one, name)) for place, one in stood.items()})
        for name in ("stated", "found")
    )
    if stated and found:
        of = number(stated.children)
        text = [f"Van {of} NICU-opnamen die de ziekenhuizen opgaven zijn er {number(found.children)} ontvangen."]
    elif any(one.stated for one in stood.values()):
        text = ["Hoeveel er kwam van wat werd opgegeven, staat hier niet: te weinig ziekenhuizen gaven genoeg op."]
    else:
        text = ["Geen ziekenhuis gaf op hoeveel opnamen er waren."]
    if silent := len(stood) - sum(one.received > 0 for one in stood.values()):
        text.append(f"Van {plural(silent, 'ziekenhuis', 'ziekenhuizen')} met een NICU is geen opname ontvangen.")
    if unstated := sum(len(one.unstated) == len(one.months) for one in stood.values()):
        text.append(
            f"Bij {plural(unstated, 'ziekenhuis', 'ziekenhuizen')} met een NICU is niet bekend hoeveel opnamen er waren."
        )
    return ReportSection("volledig", "Volledigheid", text)


def _named(counts, hospitals) -> list[ReportSection]:
    """The chapter of who agreed to stand in it by name; none where nobody did, or nothing may be told of who did."""
    names = {one.id: one.name for one in counts.hospitals}
    rows: list[list[Value]] = []
    drawn = []
    for one in counts.indicators:
        counted = {place: count for place, count in counts.counted(one).items() if place in hospitals}
        least = counts.method.setting(one).smallest
        told = {place: count for place, count in disclosure.named(counted, counts.public).items() if count.children >= least}
        for place, count in sorted(told.items(), key=lambda row: names[row[0]]):
            interval = reach(limits.rate_interval(count.events, count.children))
            rows.append([str(one), names[place], count.events, count.children, percentage(count.rate), interval])
        drawn += pictures.named(one, {names[place]: count for place, count in told.items()}, sum(counted.values(), Count()))
    if not rows:
        return []
    text = [
        "Deze ziekenhuizen kozen ervoor hun cijfers openbaar te maken. Wat te klein is staat er niet bij, en ook niet waaruit "
        "een getal van een ander ziekenhuis zou volgen.",
        "De volgorde is het alfabet, en in de grafieken het aantal kinderen; geen rangorde.",
    ]
    head = ("Indicator", "Ziekenhuis", "Teller", "Noemer", "%", "95%-interval")
    return [ReportSection("ziekenhuizen", "Ziekenhuizen met naam", text, [ReportTable("Per ziekenhuis", head, rows)], drawn)]
