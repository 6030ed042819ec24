"""The SMR on the page of the indicator that has models, and in its file, for BenchmarkView."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from admin_views.grid.list_export import ExportSheet
from admin_views.grid.scoped_views import who
from admin_views.lnr.benchmark_file import TOGETHER
from models import dutch
from models.lnr.benchmark import limits
from models.lnr.benchmark.counting import Bands
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.method.indicator_setting import judged_as
from models.lnr.benchmark.risk import risk_disclosure
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.model_file import OUTCOME
from models.lnr.benchmark.risk.risk_cell import by_hospital, risks_of_years, together
from models.lnr.benchmark.risk.risk_figure import risk_figure
from models.lnr.benchmark.risk.risk_picture import ratio, risk_funnel
from models.lnr.benchmark.risk.vlad import by_month, life_adjusted, signed, vlad
from models.lnr.registry.closed_year import ClosedYear

COLUMNS = ("Verwacht", "SMR")  # at the end of the file
COURSE = "SMR per maand van opname"  # the months of the VLAD
ABOUT = (
    "overleden gedeeld door verwacht volgens {}; interval (mid-P) en grenzen (Poisson rond 1) zijn verhoudingen en geen "
    "percentages; ‘Onbekend’ zijn hier kinderen van wie het model geen verwachting geeft, die niet meetellen"
)


def told(one: Indicator, asked: Mapping, years: Sequence[Bands]) -> dict:
    """`smr`: the RiskFigure, None without an approved model or for another indicator; with its funnel and the other dots."""
    if one.code != OUTCOME:
        return {"smr": None, "has_models": False}
    usable, own = CaseMixModel.usable(), asked["hospital"]
    if not usable:
        return {"smr": None, "has_models": True}
    risks, codes = risks_of_years(asked["years"], [model.code for model in usable])
    if not codes and not CaseMixModel.standing():
        return {"smr": None, "has_models": True}
    covered, missing = _covered(asked["years"], own.id, years, risks)
    years, risks = ([one for year, one in zip(asked["years"], told, strict=True) if year in covered] for told in (years, risks))
    counted = by_hospital(risks, asked["band"])
    everything = (
        together(counted.values()) if asked["unrestricted"] else risk_disclosure.told_risks(years, risks, asked["band"])
    )
    models = [model for model in usable if model.code in codes] or usable[:1]
    figure = risk_figure(one, counted, own.id, models, everything, judged_as(asked["methods"], asked["years"], one))
    seen = own.id, asked["years"], asked["oversees"], figure.setting.smallest
    dots = risk_disclosure.other_risks(counted, *seen) if asked["unrestricted"] else []
    shown = {
        "smr_years": covered,
        "smr_missing": missing,
        "smr_dots": dots,
        "smr_funnel": risk_funnel(figure, dots, own.name),
        "ratio": ratio,
        "signed": signed,
        **_course(one, asked, covered, figure),
    }
    return {"smr": figure, "has_models": True, **shown}


def _course(one, asked, covered, figure):
    """What the VLAD shows; nothing where there are too few children for an SMR."""
    codes = [model.code for model in figure.models]
    found = life_adjusted(who(), asked["hospital"], one, covered, codes, asked["band"]) if figure.shown else []
    return {"vlad": vlad(found), "vlad_months": by_month(found), "vlad_died": [child for child in found if child.died]}


def _covered(asked, own, years, risks):
    """(the years that the SMR is of, sentences about those with children of whom no expectation is there)."""
    without = [
        year for year, counted, bands in zip(asked, years, risks, strict=True) if own not in bands and _has(counted, own)
    ]
    if not without:
        return asked, []
    lasting = set(ClosedYear.standing()) if CaseMixModel.standing() else set(without)
    kept, awaited = ([str(year) for year in without if (year in lasting) is last] for last in (True, False))
    told = [f"Van {dutch.listed(kept)} is geen verwachting bewaard."] if kept else []
    told += [f"De verwachting van {dutch.listed(awaited)} wordt nu berekend."] if awaited else []
    return [year for year, bands in zip(asked, risks, strict=True) if own in bands], told


def _has(counted, own):
    return any(count.children for count in counted.get(own, {}).values())


def with_smr(sheet: ExportSheet, one: Indicator, asked: Mapping, years: Sequence[Bands]) -> ExportSheet:
    """The file of an indicator with the rows of the page's SMR; as it is where there is none."""
    shown = told(one, asked, years)
    if (smr := shown["smr"]) is None:
        return sheet
    asked, lines = {**asked, "years": shown["smr_years"]}, smr.lines or {}
    bounds = (smr.interval, lines.get(limits.WARN), lines.get(limits.SIGNAL))
    own, verdict = smr.own, smr.no_verdict or smr.label
    rows = [
        _row(smr, asked, str(asked["hospital"]), own.events, own.children, own.unknown, verdict, bounds, own.expected, smr.smr)
    ]
    if smr.national is not None:
        all_of = smr.told
        bounds = (smr.national_interval, None, None)
        rows.append(_row(smr, asked, TOGETHER, all_of.events, all_of.children, None, "", bounds, all_of.expected, smr.national))
    rows += [
        _row(smr, asked, dot.name, None, None, None, "", (None, None, None), dot.children, dot.rate)
        for dot in shown["smr_dots"]
        if dot.name
    ]
    rows += [
        _row(smr, asked, month.name, month.died, month.children, None, "", (None, None, None), month.expected, None, COURSE)
        for month in shown["vlad_months"]
    ]
    about = [("SMR", told) for told in (ABOUT.format(", ".join(map(str, smr.models))), *shown["smr_missing"])]
    blocks = [*sheet.blocks, rows] if asked["years"] else sheet.blocks
    return replace(sheet, headings=[*sheet.headings, *COLUMNS], blocks=blocks, about=[*sheet.about, *about])


def _row(smr, asked, name, events, children, unknown, label, bounds, expected, value, kind="SMR"):
    window = ", ".join(map(str, asked["years"])), asked["band"] or "alle"
    pairs = [None if limit is None else round(limit, 3) for bound in bounds for limit in bound or (None, None)]
    ends = [round(expected, 2), None if value is None else round(value, 3)]
    return [str(smr.indicator), kind, name, *window, events, children, None, unknown, label, *pairs, *ends]
