"""How many children of a request share what somebody who knows a child may know of it: the k of k-anonymity.

It is counted when the data are asked for, which is what the other person approves, and again before each file.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from models import dutch
from models.base import Refused
from models.lnr.dataset import moment
from models.lnr.registry.stay import Stay
from models.lnr.research.extract import Extract

FEW = 5  # children with one combination, below which it is told
GRAMS = 250  # who knows a birth weight does not know it to the gram
WEEK = 7  # days, to which a stay or a death is remembered
CHANGED = "Dit bestand is niet meer wat er is goedgekeurd: {}. Vraag de gegevens opnieuw aan."


@dataclass(frozen=True)
class Aspect:
    """One thing that may be known of a child, and the fields of which any tells it."""

    words: str
    fields: frozenset[str]
    of: Callable[[Stay, Mapping], object]


def _aspect(words, fields, of):
    return Aspect(words, frozenset(fields.split()), of)


def _said(name):
    return lambda stay, values: str(values.get(name))


def _died(stay, values):
    return str(values.get("deceased")) if values.get("death_datetime") is None else "True"


def _weight(stay, values):
    said = values.get("birth_weight_g")
    return said // GRAMS if isinstance(said, int | float) else str(said)


def _weeks(name):
    """How many whole weeks after the birth this moment fell."""

    def of(stay, values):
        born, then = values.get("birth_datetime"), values.get(name)
        if not (isinstance(born, str) and isinstance(then, str)):
            return None
        return (moment.read(then).day - moment.read(born).day).days // WEEK

    return of


ASPECTS = (
    _aspect("jaar", "jaar", lambda stay, values: stay.year),
    _aspect("ziekenhuis", "ziekenhuis", lambda stay, values: stay.hospital_id),
    _aspect(
        "weken",
        "gestational_age_days d_gestational_age",
        lambda stay, values: None if stay.gestation is None else stay.gestation // 7,
    ),
    _aspect("geboortegewicht", "birth_weight_g", _weight),
    _aspect("geslacht", "sex", _said("sex")),
    _aspect("meerling", "multiple_birth birth_order number_born moeder", _said("multiple_birth")),
    _aspect("leeftijd van de moeder", "d_mother_age", _said("d_mother_age")),
    _aspect("hoeveelste zwangerschap", "gravidity parity_before", _said("gravidity")),
    _aspect("herkomst", "origin", _said("origin")),
    _aspect("week van opname", "admission_datetime d_age_at_admission_minutes readmission", _weeks("admission_datetime")),
    _aspect("week van ontslag", "discharge_datetime d_nicu_days", _weeks("discharge_datetime")),
    _aspect("bestemming", "discharge_destination", _said("discharge_destination")),
    _aspect(
        "overleden",
        "deceased death_datetime d_discharged_alive death_within_12h death_in_delivery_room cause_of_death "
        "intensive_care_withdrawn i_sterfte i_sterfte_28_dagen i_sterfte_12_uur",
        _died,
    ),
    _aspect("week van overlijden", "death_datetime", _weeks("death_datetime")),
    _aspect("plaats van de bevalling", "birth_place_type d_outborn i_geboren_in_nicu", _said("birth_place_type")),
)


def counted(extract: Extract) -> dict:
    """{"stays", "children", "combination": words, "smallest", "few": children in combinations of fewer than FEW, "book"}.

    `book`: a hash of what its columns are and mean.
    It opens every record of the request: two seconds for the 20,000 stays of five years.
    """
    known = [one for one in ASPECTS if any(extract.holds(name) for name in one.fields)]
    found, stays = {}, 0
    for stay, values in extract.records():
        stays += 1
        found.setdefault(tuple(one.of(stay, values) for one in known), set()).add(stay.child or stay.own_number)
    sizes = [len(children) for children in found.values()]
    few = sum(size for size in sizes if size < FEW)
    return {
        "stays": stays,
        "children": len(set().union(*found.values())),
        "combination": [one.words for one in known],
        "smallest": min(sizes, default=0),
        "few": few,
        "book": hashlib.sha256(json.dumps(extract.book()).encode()).hexdigest(),
    }


def demand_as_approved(extract: Extract, approved: dict | None) -> None:
    """Raise Refused when the file would tell more than was `approved`, the answer of `counted` of then.

    Fewer children in larger groups, as after a withdrawal, are let be.
    """
    if changed := list(_changed(approved, counted(extract)) if approved else ["wat erin staat, is toen niet geteld"]):
        raise Refused(CHANGED.format(" en ".join(changed)))


def _changed(then, now):
    if (then.get("book"), then["combination"]) != (now["book"], now["combination"]):
        yield "de kolommen, of wat ze betekenen, zijn veranderd"
    if now["children"] > then["children"]:
        yield f"er staan {_children(now['children'])} in, en het waren er {then['children']}"
    if 0 < now["smallest"] < then["smallest"]:
        yield f"de kleinste groep kinderen die op elkaar lijken, telt er {now['smallest']}, en dat waren er {then['smallest']}"
    if now["few"] > then["few"]:
        yield f"op minder dan {FEW} kinderen {_few(now['few'])}, en dat waren er {then['few']}"


def _children(count):
    return dutch.plural(count, "kind", "kinderen")


def _few(count):
    return f"{'lijkt' if count == 1 else 'lijken'} er nu {count}"
