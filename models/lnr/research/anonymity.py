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
from models.lnr.research.extract import Extract

FEW = 5  # children with one combination, below which it is told
GRAMS = 250  # who knows a birth weight does not know it to the gram
WEEK = 7  # days, to which a stay or a death is remembered
CHANGED = "Dit bestand is niet meer wat er is goedgekeurd: {}. Laat opnieuw tellen en goedkeuren."


DAY = 24 * 60  # minutes


@dataclass(frozen=True)
class Aspect:
    """One thing that may be known of a child, and what each field that tells of it says, as coarse as it is remembered."""

    words: str
    fields: dict[str, Callable[[Mapping], object]]


def _aspect(words, fields="", **coarse):
    return Aspect(words, {name: _said(name) for name in fields.split()} | {name: of(name) for name, of in coarse.items()})


def _said(name):
    return lambda values: _plain(values.get(name))


def _plain(said):
    """A value without the words behind 'other', which do not leave."""
    if isinstance(said, list):
        return tuple(map(_plain, said))
    return str(said.get("code", said.get("null"))) if isinstance(said, dict) else said


def _steps(size):
    """A number in steps of this size."""

    def of(name):
        return lambda values: said // size if isinstance(said := values.get(name), int | float) else _plain(said)

    return of


def _before_plus(name):
    """The weeks of '31+4'."""
    return lambda values: str(values.get(name)).split("+")[0]


def _known(name):
    return lambda values: isinstance(values.get(name), str)


def _weeks(name):
    """How many whole weeks after the birth this moment fell."""

    def of(values):
        born, then = values.get("birth_datetime"), values.get(name)
        if not (isinstance(born, str) and isinstance(then, str)):
            return None
        return (moment.read(then).day - moment.read(born).day).days // WEEK

    return of


ASPECTS = (
    _aspect("jaar", "jaar"),
    _aspect("ziekenhuis", "ziekenhuis"),
    _aspect("weken", gestational_age_days=_steps(WEEK), d_gestational_age=_before_plus),
    _aspect("geboortegewicht", birth_weight_g=_steps(GRAMS)),
    _aspect("geslacht", "sex"),
    _aspect("meerling", "multiple_birth birth_order number_born moeder"),
    _aspect("leeftijd van de moeder", "d_mother_age"),
    _aspect("hoeveelste zwangerschap", "gravidity parity_before"),
    _aspect("herkomst", "origin"),
    _aspect("week van opname", "readmission", admission_datetime=_weeks, d_age_at_admission_minutes=_steps(WEEK * DAY)),
    _aspect("week van ontslag", discharge_datetime=_weeks, d_nicu_days=_steps(WEEK)),
    _aspect("bestemming", "discharge_destination"),
    _aspect(
        "overleden",
        "deceased d_discharged_alive death_within_12h death_in_delivery_room cause_of_death intensive_care_withdrawn "
        "i_sterfte i_sterfte_28_dagen i_sterfte_12_uur",
        death_datetime=_known,
    ),
    _aspect("week van overlijden", death_datetime=_weeks),
    _aspect("plaats van de bevalling", "birth_place_type d_outborn i_geboren_in_nicu"),
)


def counted(extract: Extract) -> dict:
    """{"stays", "children", "combination": words, "smallest", "few": children in combinations of fewer than FEW, "book"}.

    `book`: a hash of what its columns are and mean.
    It opens every record of the request: two seconds for the 20,000 stays of five years.
    """
    known = [one for one in ASPECTS if any(map(extract.holds, one.fields))]
    keys = [of for one in known for name, of in one.fields.items() if extract.holds(name)]
    rows, families = [], {}
    for stay, values in extract.records():
        child = stay.child or stay.own_number
        rows.append((child, stay.mother, tuple(of(values) for of in keys)))
        families.setdefault(stay.mother, set()).add(child)
    found = {}
    for child, mother, said in rows:
        # The name of a mother tells no more than how many of these children are hers.
        family = len(families[mother]) if mother and extract.holds("moeder") else 0
        found.setdefault((family, *said), set()).add(child)
    sizes = [len(children) for children in found.values()]
    few = sum(size for size in sizes if size < FEW)
    return {
        "stays": len(rows),
        "children": len(set().union(*found.values())),
        "combination": [one.words for one in known],
        "smallest": min(sizes, default=0),
        "few": few,
        "book": hashlib.sha256(json.dumps(extract.book()).encode()).hexdigest(),
    }


def demand_as_approved(extract: Extract, approved: dict | None) -> None:
    """Raise Refused when the file would tell more than was `approved`, the answer of `counted` of then.

    Fewer children in larger groups, as after a withdrawal, are let be. What came to be counted later (`book`) was not
    counted then.
    """
    now = counted(extract)
    if changed := list(_changed(approved, now) if approved and "book" in approved else ["wat erin staat, is toen niet geteld"]):
        raise Refused(CHANGED.format(" en ".join(changed)))


def _changed(then, now):
    if (then["book"], then["combination"]) != (now["book"], now["combination"]):
        yield "de kolommen, of wat ze betekenen, zijn veranderd"
    if now["children"] > then["children"]:
        yield f"er {_are('staat', 'staan', now['children'])} in, en dat {_was(then['children'])}"
    if 0 < now["smallest"] < then["smallest"]:
        yield f"de kleinste groep kinderen die op elkaar lijken, telt er {now['smallest']}, en dat {_was(then['smallest'])}"
    if now["few"] > then["few"]:
        yield f"nu {_are('lijkt', 'lijken', now['few'])} op minder dan {FEW - 1} andere, en dat {_was(then['few'])}"


def _are(one, more, count):
    return f"{one if count == 1 else more} {dutch.plural(count, 'kind', 'kinderen')}"


def _was(count):
    return f"{'was' if count == 1 else 'waren'} er {count}"
