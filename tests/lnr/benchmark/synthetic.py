"""A registry made of facts alone, with a known truth: what would take hours through the door of the deliveries."""

from datetime import datetime

from models.base import new_key
from models.lnr.benchmark.cell import UncountedYear
from models.lnr.benchmark.fact import StayFact, rules
from models.lnr.benchmark.indicator import MARK, all_indicators
from models.lnr.registry.stay import Stay

AT = datetime(2025, 6, 1)
WIDTH = (all_indicators()[-1].number + 1) * MARK


def places(told):
    """The row of places in which `told` {number of the indicator: mark} stands, and everywhere else 'b4' (another group)."""
    row = ["--"] * (WIDTH // MARK)
    for one in all_indicators():
        row[one.number] = told.get(one.number, "b4")
    return "".join(row)


def hospital_year(hospital, year, stays, nicus, **more):
    """Put stays in the registry: for each a (month, band, {number of the indicator: mark}); `more`: what each fact says too."""
    rows = [
        dict(key=new_key(), hospital=hospital, test=False, set_root="", set_id=f"{hospital.id} {year} {number}", version=1,
             state="ontvangen", year=year, intensive=True, first_at=AT, last_at=AT)
        for number in range(len(stays))
    ]  # fmt: skip
    for start in range(0, len(rows), 50):
        Stay.insert_many(rows[start : start + 50]).execute()
    query = Stay.select(Stay.id).where(Stay.hospital == hospital, Stay.year == year).order_by(Stay.id).tuples()
    facts = [
        dict(stay=number, hospital=hospital, year=year, month=month, band=band, inborn=True, first=True, end="thuis",
             rules=rules(nicus), places=places(told), at=AT, **more)
        for (number,), (month, band, told) in zip(query, stays, strict=True)
    ]  # fmt: skip
    for start in range(0, len(facts), 50):
        StayFact.insert_many(facts[start : start + 50]).execute()
    UncountedYear.mark(hospital.id, year)
