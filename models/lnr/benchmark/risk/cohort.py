"""The children on which a model is fitted: first NICU stays under 32 weeks with a known outcome (benchmark.md 3.5)."""

from collections.abc import Iterator

from peewee import chunked

from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.risk.risk_cell import BLOCK, children_of, outcome


def cohort(first: int, last: int) -> Iterator[tuple[dict[str, object], str, bool]]:
    """(predictors, band, whether it died) of each child admitted in the years `first` to `last`, in a fixed order.

    A child of whom a predictor is unknown is among them; of a record that cannot be opened no predictor is known.
    """
    query = StayFact.select(StayFact.stay, StayFact.band, outcome()).where(*_known(first, last)).order_by(StayFact.stay)
    for block in chunked(list(query.tuples()), BLOCK):
        told = children_of(stay for stay, _, _ in block)
        for stay, band, place in block:
            yield told.get(stay, {}), band or "", place == "t"


def cohort_size(first: int, last: int) -> int:
    """How many children that are, without opening a record."""
    return StayFact.select().where(*_known(first, last)).count()


def _known(first, last):
    return StayFact.year.between(first, last), outcome().in_(["t", "n"])
