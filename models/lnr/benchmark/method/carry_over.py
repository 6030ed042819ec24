"""Using the indicators as the year before did: a year that sets nothing uses them as delivered, whatever was set before."""

from datetime import datetime

from peewee import IntegrityError

from models import access, clock
from models.accounts.user import User
from models.base import Refused, db
from models.lnr.benchmark.indicator import Indicator
from models.lnr.benchmark.method import method_change
from models.lnr.benchmark.method.indicator_setting import IndicatorSetting, YearMethod
from models.lnr.benchmark.method.method_change import MOVED, Effect
from models.lnr.registry.closed_year import ClosedYear

NOTHING = "Er is niets over te nemen: wat {} anders gebruikt dan geleverd, is voor {} al ingesteld."


def missing(year: int) -> list[tuple[Indicator, IndicatorSetting]]:
    """What the year before uses otherwise than delivered, of the indicators that this year sets nothing about."""
    return _missing(YearMethod.of_years([year - 1, year]), year)


def _missing(methods, year):
    return [pair for pair in methods[year - 1].changed if pair[0].number not in methods[year].settings]


def effect(by: User, year: int) -> list[Effect]:
    """What carrying over would do in each hospital with a NICU, of all that is missing together; counts only."""
    access.demand(by, "oversee")
    return method_change.effects(year, missing(year))


def carry_over(by: User, year: int, seen: int, before: int, now: datetime | None = None) -> list[IndicatorSetting]:
    """Use what is `missing` as the year before does, each the next version of the method; what the year sets itself stands.

    `seen` and `before`: the version of its method, and of that of the year before, from which it was shown. Raises Refused
    when either is another one by now, when nothing is missing, and for a closed year.
    """
    access.demand(by, "oversee")
    now, made = now or clock.now(), list[IndicatorSetting]()
    try:
        with db.atomic():
            ClosedYear.demand_open(year)
            methods = YearMethod.of_years([year - 1, year])
            for one, number in ((year, seen), (year - 1, before)):
                if methods[one].number != number:
                    raise Refused(MOVED.format(one))
            for number, (about, setting) in enumerate(_missing(methods, year), start=seen + 1):
                told = {"year": year, "number": number, "indicator": about.number, "note": setting.note}
                row = IndicatorSetting(**setting.fields, **told, carried_from=year - 1, changed_by=by, changed_at=now)
                made.append(method_change.keep(row, about, methods[year].setting(about)))
            if not made:
                raise Refused(NOTHING.format(year - 1, year))
    except IntegrityError:
        raise Refused(MOVED.format(year)) from None
    return made
