"""What a model may know of a child: how it was at admission, from the record of its first NICU stay. None is unknown."""

from collections.abc import Iterable, Mapping
from functools import cache

from models.lnr.benchmark.chain import Link
from models.lnr.dataset.definition import definition

WEEK = 7  # days
SEX = {"M": "male", "F": "female", "UN": "undifferentiated"}
ANOMALIES, STATUSES, OTHER = "L32", "L0", "overig"  # lists of codes, and how the names of other anomalies begin
CONFIRMED, RULED_OUT = "confirmed", "absent"


def predictors(link: Link) -> dict[str, object]:
    """{age (weeks), weight (g), sex, multiple, steroids, outborn, anomaly} of a child; what is unknown is None."""
    weight, gestation = link.value("birth_weight_g"), link.stay.gestation
    return {
        "age": None if gestation is None else gestation / WEEK,
        "weight": weight if _is_number(weight) else None,
        "sex": next((SEX[code] for code in link.codes("sex") if code in SEX), None),
        "multiple": _yes_or_no(link.value("multiple_birth")),
        "steroids": _yes_or_no(link.value("antenatal_steroids_given")),
        "outborn": _yes_or_no(link.derived.get("outborn")),
        "anomaly": _anomaly(link.value("congenital_present"), link.rows("congenital_anomalies")),
    }


def _anomaly(present: object, rows: Iterable[Mapping]) -> bool | None:
    """Whether a major anomaly is confirmed. Another one, a suspected one, and one without a name or status leave it open."""
    told = [(_said(row, "congenital_anomaly_code"), _state(_said(row, "congenital_anomaly_status"))) for row in rows]
    if any(code in major() and state == CONFIRMED for code, state in told):
        return True
    if any(state != RULED_OUT for _, state in told):
        return None
    return False if told or present is False else None  # a yes that does not say what it is leaves it open


@cache
def major() -> frozenset[str]:
    """The codes of anomalies that are major: all but the 'other' ones, until the profession marks them itself."""
    return frozenset(
        one.code for one in definition().codes if one.list == ANOMALIES and not one.nl.casefold().startswith(OTHER)
    )


@cache
def _states() -> dict[str, str]:
    return {one.code: word for one in definition().codes if one.list == STATUSES for word in one.meaning}


def _state(code: str | None) -> str | None:
    """'confirmed', 'suspected' or 'absent'; None for no status, or one that is said to be unknown."""
    return _states().get(code or "")


def _said(row: Mapping, name: str) -> str | None:
    said = row.get(name)
    return said.get("code") if isinstance(said, Mapping) else said


def _yes_or_no(said: object) -> bool | None:
    return said if isinstance(said, bool) else None


def _is_number(said: object) -> bool:
    return isinstance(said, int | float) and not isinstance(said, bool) and said > 0
