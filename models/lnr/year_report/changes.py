"""What changed in a hospital since the year before: its own figures, and the method; none where nothing of that was kept."""

from models.accounts.hospital import Hospital
from models.dutch import plural
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.limits import difference_interval
from models.lnr.year_report.year_counts import YearCounts, decimal, percentage, share
from models.report.content import ReportSection, ReportTable, Value

LEVEL = 0.05


def changes(counts: YearCounts, hospital: Hospital) -> list[ReportSection]:
    """The own figures beside those of the year before, as they stood when the year closed, and what makes them another."""
    if counts.closed.report is None:
        return []
    rows: list[list[Value]] = []
    broken = []
    for one in counts.indicators:
        before, now = (
            counts.before[year].get(one.number, {}).get(hospital.id, Count()) for year in (counts.year - 1, counts.year)
        )
        if told := counts.kept.breaks[one.number].get(counts.year):
            broken.append(f"{one}: {told}")
        elif min(before.children, now.children) >= counts.method.setting(one).smallest:
            low, high = difference_interval((before.events, before.children), (now.events, now.children))
            rows.append(
                [str(one), share(before), share(now), percentage((now.rate or 0) - (before.rate or 0)), _pair(low, high)]
            )
    if not rows:
        text = [f"Er is geen indicator met genoeg kinderen in {counts.year - 1} en in {counts.year}, volgens dezelfde methode."]
        return [ReportSection("veranderd", f"Veranderd sinds {counts.year - 1}", [*text, *broken])]
    text = [
        f"Uw eigen cijfers naast die van {counts.year - 1}. Ligt 0 buiten het interval, dan verklaart toeval het verschil "
        f"moeilijk. Bij {plural(len(rows), 'indicator', 'indicatoren')} geeft toeval dat ongeveer "
        f"{decimal(LEVEL * len(rows))} keer."
    ]
    head = ("Indicator", str(counts.year - 1), str(counts.year), "Verschil (procentpunt)", "95%-interval")
    note = "Een indicator die dit jaar volgens een andere methode telt, staat er niet bij." if broken else ""
    table = ReportTable(f"Uw ziekenhuis in {counts.year - 1} en {counts.year}", head, rows, note)
    return [ReportSection("veranderd", f"Veranderd sinds {counts.year - 1}", [*text, *broken], [table])]


def _pair(low, high):
    return f"{decimal(100 * low)} tot {decimal(100 * high)}"
