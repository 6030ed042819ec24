"""The SMR on the page of the indicator that has models: what its template shows, for BenchmarkView."""

from collections.abc import Mapping, Sequence

from models.lnr.benchmark.counting import Bands
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.method.indicator_setting import judged_as
from models.lnr.benchmark.risk import risk_disclosure
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.model_file import OUTCOME
from models.lnr.benchmark.risk.risk_cell import by_hospital, risks_of_years, together
from models.lnr.benchmark.risk.risk_figure import risk_figure
from models.lnr.benchmark.risk.risk_picture import ratio, risk_funnel


def told(one: Indicator, asked: Mapping, years: Sequence[Bands]) -> dict:
    """`smr`: the RiskFigure, None without an approved model or for another indicator; with its funnel and the other dots."""
    if one.code != OUTCOME:
        return {"smr": None, "has_models": False}
    usable, own = CaseMixModel.usable(), asked["hospital"]
    if not usable:
        return {"smr": None, "has_models": True}
    risks, codes = risks_of_years(asked["years"], [model.code for model in usable])
    counted = by_hospital(risks, asked["band"])
    everything = (
        together(counted.values()) if asked["unrestricted"] else risk_disclosure.told_risks(years, risks, asked["band"])
    )
    models = [model for model in usable if model.code in codes] or usable[:1]
    figure = risk_figure(one, counted, own.id, models, everything, judged_as(asked["methods"], asked["years"], one))
    seen = own.id, asked["years"], asked["oversees"], figure.setting.smallest
    dots = risk_disclosure.other_risks(counted, *seen) if asked["unrestricted"] else []
    shown = {"smr_dots": dots, "smr_funnel": risk_funnel(figure, dots, own.name), "ratio": ratio}
    return {"smr": figure, "has_models": True, **shown}
