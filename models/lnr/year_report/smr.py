"""The chapter of the SMR in the year report; none for a year that was closed without a model of expected deaths."""

from collections.abc import Iterable
from dataclasses import asdict

from models.accounts.hospital import Hospital
from models.dutch import plural
from models.lnr.benchmark import limits
from models.lnr.benchmark.agreement import Level
from models.lnr.benchmark.disclosure import Dot
from models.lnr.benchmark.risk import risk_disclosure
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.risk_cell import Expectation, by_hospital, together
from models.lnr.benchmark.risk.risk_figure import RiskFigure, risk_figure
from models.lnr.benchmark.risk.risk_picture import own_said, ratio, risk_funnel
from models.lnr.year_report.year_counts import NAMES, YearCounts
from models.report.content import ReportPicture, ReportSection, ReportTable, Value

DRAWING = "lnr/risk/smr_funnel.svg"
WITHOUT = (
    "Zorgzwaarte: de cijfers zijn niet gecorrigeerd voor hoe ziek of onrijp de kinderen waren. Er is nog geen goedgekeurd "
    "model, en daarom geen gecorrigeerde sterfte (SMR)."
)
WITH = (
    "Zorgzwaarte: de cijfers zijn niet gecorrigeerd voor hoe ziek of onrijp de kinderen waren. Alleen de SMR is dat, met wat "
    "bij opname bekend was."
)
MEANING = (
    "De SMR is hoeveel kinderen overleden, gedeeld door hoeveel er naar verwachting zouden overlijden met hun "
    "zwangerschapsduur, gewicht en wat meer bij opname bekend was. Boven 1 is meer dan verwacht, onder 1 minder."
)
INVENTED = "Verzonnen model: het is van verzonnen kinderen, en zegt niets over echte kinderen."
METHOD = (
    "Interval: mid-P, 95%. Grenzen: de precieze Poisson-verdeling rond 1. Vergelijk twee ziekenhuizen niet met elkaars SMR: "
    "elk is vergeleken met wat bij zijn eigen kinderen te verwachten was."
)

NAMED = (
    "Met naam staan er alleen ziekenhuizen die daarvoor kozen, en alleen als er niets uit volgt over een kind of een ander "
    "ziekenhuis. De volgorde is het alfabet, geen rangorde."
)


def care_weight(counts: YearCounts) -> str:
    """What the chapter on the method says of how ill the children were."""
    return WITH if counts.risk_models else WITHOUT


def own_smr(counts: YearCounts, hospital: Hospital) -> list[ReportSection]:
    """The SMR of a hospital beside that of all NICUs together, with how good the model is."""
    if not counts.risk_models or counts.deaths is None:
        return []
    counted = by_hospital([counts.risks])
    everything = together(counted.values()) if counts.level is not Level.NIET else _told(counts)
    figure = risk_figure(
        counts.deaths, counted, hospital.id, counts.risk_models, everything, counts.method.setting(counts.deaths)
    )
    own = figure.own
    without = plural(own.unknown, "kind", "kinderen")
    text = [
        *_meant(counts.risk_models),
        f"Zonder verwachting, en niet meegeteld: {without}, van wie {own.unknown_events} overleden.",
    ]
    if figure.no_verdict:
        text.append(figure.no_verdict)
    if figure.withheld:
        text.append(
            "De SMR van de NICU’s samen is afgeschermd: die zou te veel over een kind of een ander ziekenhuis vertellen."
        )
    head = ("", "Kinderen", "Overleden", "Verwacht", "SMR", "95%-interval", "Oordeel")
    rows = [["Uw ziekenhuis", *_line(own, figure.smr, figure.interval), figure.label]]
    if figure.national is not None and figure.told is not None:
        rows.append(["NICU’s samen", *_line(figure.told, figure.national, figure.national_interval), ""])
    least = f"Onder {figure.setting.smallest} kinderen staat er geen SMR."
    bands: list[list[Value]] = [
        [name, one.children, one.events, round(one.expected, 1), one.unknown]
        for name in NAMES
        if (one := counts.risks.get(hospital.id, {}).get(name))
    ]
    bounds: list[list[Value]] = [
        [name, round(lower, 2), round(upper, 2)]
        for name, (lower, upper) in zip(("95%", "99,8%"), (figure.lines or {}).values(), strict=False)
    ]
    tables = [
        ReportTable("Overleden naast verwacht", head, rows, least),
        ReportTable("SMR die toeval geeft, bij zoveel verwacht", ("", "Onder", "Boven"), bounds),
        ReportTable(
            "Verwachte sterfte naar weken",
            ("Weken", "Kinderen", "Overleden", "Verwacht", "Zonder verwachting"),
            bands,
        ),
        *map(_card, counts.risk_models),
    ]
    return [
        ReportSection("smr", "Verwachte sterfte (SMR)", [*text, METHOD], tables, _pictures(counts, hospital, figure, counted))
    ]


def national_smr(counts: YearCounts, hospitals: Iterable[int]) -> list[ReportSection]:
    """The SMR of all NICUs together, as everybody may read it."""
    if not counts.risk_models or counts.deaths is None:
        return []
    told = _told(counts, set(hospitals))
    head = ("", "Kinderen", "Overleden", "Verwacht", "SMR", "95%-interval")
    row: list[Value] = ["NICU’s samen", "te klein", None, None, None, ""]
    if told and told.expected:
        row = ["NICU’s samen", *_line(told, told.smr, limits.ratio_interval(told.events, told.expected))]
    tables = [ReportTable("Overleden naast verwacht", head, [row])]
    text = [*_meant(counts.risk_models), METHOD]
    if shown := _named(counts, set(hospitals)):
        tables.append(ReportTable("SMR per ziekenhuis", ("Ziekenhuis", *head[1:]), shown))
        text.append(NAMED)
    return [ReportSection("smr", "Verwachte sterfte (SMR)", text, [*tables, *map(_card, counts.risk_models)])]


def _named(counts, chosen) -> list[list[Value]]:
    """A row of each hospital that stands in the report by name, by the alphabet, as far as its SMR may be told."""
    counted = {place: count for place, count in counts.counted(counts.deaths).items() if place in chosen}
    told = risk_disclosure.named_risks(
        counted, {place: cells for place, cells in counts.risks.items() if place in chosen}, counts.public
    )
    names, least = {one.id: one.name for one in counts.hospitals}, counts.method.setting(counts.deaths).smallest
    shown = sorted((names[place], one) for place, one in told.items() if one.children >= least)
    return [[name, *_line(one, one.smr, limits.ratio_interval(one.events, one.expected))] for name, one in shown]


def _told(counts, chosen=None) -> Expectation | None:
    """What was expected of all, or of some hospitals, together as it may be told."""
    both = counts.bands[counts.deaths.number], counts.risks
    stand, risks = ({place: one for place, one in bands.items() if chosen is None or place in chosen} for bands in both)
    return risk_disclosure.told_risks([stand], [risks])


def _meant(models: Iterable[CaseMixModel]) -> list[str]:
    invented = [INVENTED] if any(one.parsed.invented for one in models) else []
    return [*invented, MEANING, f"Verwacht volgens: {', '.join(map(str, models))}."]


def _line(told: Expectation, smr: float | None, interval: limits.Limits | None) -> list[Value]:
    shown = None if smr is None else round(smr, 2)
    return [told.children, told.events, round(told.expected, 1), shown, _pair(interval)]


def _pair(two: limits.Limits | None) -> str:
    return " – ".join(map(ratio, two)) if two else ""


def _card(model: CaseMixModel) -> ReportTable:
    """How good a model is, as its file tells."""
    parsed, card = model.parsed, model.parsed.card

    def reached(name: str) -> str:
        return f"{ratio(card[name])} ({ratio(card[f'{name}_low'])} – {ratio(card[f'{name}_high'])})"

    rows: list[list[Value]] = [
        ["Opnamejaren", f"{parsed.first} tot en met {parsed.last}"],
        ["Kinderen", card["children"]],
        ["Van wie overleden", card["deaths"]],
        ["Weggelaten: een kenmerk onbekend, te weinig kinderen van die week, of niet te openen", card["left_out"]],
        ["Onderscheid (AUC, 95%-interval)", reached("auc")],
        ["AUC na correctie", ratio(card["auc_corrected"])],
        ["Helling van de kalibratie", reached("slope")],
        ["Helling na correctie", ratio(card["slope_corrected"])],
        ["Brierscore", ratio(card["brier"], 3)],
    ]
    return ReportTable(
        f"{model.code}: hoe goed dit model is", ("Kenmerk", "Waarde"), rows, f"SHA-256 van het bestand: {parsed.sha256}."
    )


def _pictures(counts, hospital, figure: RiskFigure, counted) -> list[ReportPicture]:
    asked = {one.id for one in counts.hospitals}
    seen = {place: one for place, one in counted.items() if place in asked}
    dots: list[Dot] = risk_disclosure.risks_seen_by(hospital.id, seen, counts.level, figure.setting.smallest)
    drawn = risk_funnel(figure, dots, hospital.name)
    alt = f"{own_said(figure, hospital.name)}. Zoveel als verwacht is 1."
    return [ReportPicture("SMR: naast wat te verwachten was", alt, DRAWING, asdict(drawn))] if drawn else []
