"""The demonstration's model of expected deaths: fitted on children that are as invented as those of its NICUs.

`made` makes demo-1.json anew (tests/lnr/benchmark/test_model_fit.py holds the file against it).
"""

import random
from pathlib import Path

from commands import lnr_model
from commands.demo.neonatal.newborn import DEATHS, SHARES, WEEKS
from models.lnr.benchmark.fact import BANDS
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel

FILE = Path(__file__).with_name("demo-1.json")
CHILDREN, SEED, BOOTSTRAPS = 3_000, 1901, 10
ABOUT = {
    "code": "demo-1", "first": 2019, "last": 2021, "made_on": "2022-01-10", "made_by": "de demonstratie", "invented": True,
}  # fmt: skip


def use(asks, confirms, now):
    """Propose and approve the model, as two people would."""
    CaseMixModel.propose(asks, FILE.read_bytes(), now).decide(confirms, True, now=now)


def made():
    """The text of the file."""
    return lnr_model.fitted(list(_children()), ABOUT, BOOTSTRAPS)


def _children():
    """Children as newborn.py draws them, with more that differs at admission: how they are is no fault of their hospital."""
    luck = random.Random(SEED)
    for _ in range(CHILDREN):
        days = 7 * luck.choices(WEEKS, weights=SHARES)[0] + luck.randrange(7)
        small = luck.random() < 0.12
        child = {
            "age": days / 7,
            "weight": round((640 + 19 * (days - 168)) * (luck.uniform(0.68, 0.85) if small else luck.uniform(0.86, 1.16))),
            "sex": luck.choice(("male", "female")),
            "multiple": luck.random() < 0.25,
            "steroids": luck.choices((True, False, None), weights=(87, 9, 4))[0],
            "outborn": luck.random() < 0.1,
            "anomaly": luck.random() < 0.03,
        }
        risk = DEATHS[days // 7] / 100 * (1.5 if small else 1) * (4 if child["anomaly"] else 1)
        risk *= (1.1 if child["sex"] == "male" else 0.9) * (1.5 if child["steroids"] is False else 1)
        yield child, next(name for up_to, name in BANDS if days < up_to), luck.random() < min(risk, 0.9)
