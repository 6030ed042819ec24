"""How an indicator is used in a year: on or off, judged by which rate, how strictly, from how many children.

One row for each change, never altered: the number of the latest of a year is the version of its method. What is counted stands
in the code (indicators.csv); here it is only switched. Nothing here reaches disclosure.py: a lower minimum, or switching off
and on, opens no figure that is withheld. A larger one only takes away from what disclosure.py lets through (`enough`).
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peewee import (
    BooleanField,
    CharField,
    Check,
    DateField,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    Node,
)

from models.accounts.user import User
from models.base import EVERYBODY
from models.dutch import short_date
from models.lnr.benchmark.indicator import Indicator, all_indicators
from models.lnr.registry.registry_row import LnrRow

PER = 1000  # days, of which a rate of days is told
SMALLEST = 10  # children, below which there is never a figure


class IndicatorSetting(LnrRow):
    """The change `number` of the method of `year`, and how its indicator is used from then on.

    `target`: a fixed standard, as a rate (per child, or per day), with its source; without one the rate of all NICUs together.
    `wider`: the verdict allows for overdispersion. `carried_from`: the year whose setting this repeats. Without any row an
    indicator is used as delivered, whatever another year sets.
    """

    year = IntegerField()
    number = IntegerField(constraints=[Check("number >= 1")])
    indicator = IntegerField()
    active = BooleanField(default=True)
    target = FloatField(null=True)
    source = CharField(max_length=200, default="")
    source_date = DateField(null=True)
    wider = BooleanField(default=False)
    smallest = IntegerField(default=SMALLEST, constraints=[Check(f"smallest >= {SMALLEST}")])
    note = CharField(max_length=500)
    carried_from = IntegerField(null=True)
    changed_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    changed_at = DateTimeField()

    class Meta:
        indexes = ((("year", "number"), True),)
        constraints = [
            Check("target IS NULL OR target > 0 AND target < 1 AND source_date IS NOT NULL", "lnr_indicator_setting_target")
        ]

    @classmethod
    def delivered_by(cls, hospital: Any) -> Node:
        return EVERYBODY  # how is judged is no secret

    def __str__(self):
        told = ["staat aan" if self.active else "staat uit"]
        if self.target is not None:
            told.append(f"norm {self.standard} ({self.source}, {short_date(self.source_date)})")
        if self.wider:
            told.append("verruimd oordeel")
        if self.smallest != SMALLEST:
            told.append(f"vanaf {self.smallest}")
        return ", ".join(told)

    @property
    def about(self) -> Indicator | None:
        """The indicator; None for one that the code no longer has."""
        return next((one for one in all_indicators() if one.number == self.indicator), None)

    @property
    def standard(self) -> str:
        """The fixed standard in Dutch: '12,5%', '3,2 per 1000 lijndagen'; '' without one."""
        if self.target is None:
            return ""
        of_days = self.about is not None and self.about.measure == "lijndagen"
        return f"{decimals(PER * self.target)} per {PER} lijndagen" if of_days else percentage(self.target)

    @property
    def why(self) -> str:
        """The note, and of which year it was written where it was carried over."""
        return f"{self.note} (overgenomen van {self.carried_from})" if self.carried_from else self.note

    @property
    def fields(self) -> dict[str, Any]:
        """What can be chosen, by name."""
        return {name: getattr(self, name) for name in CHOSEN}

    def enough(self, dots: Iterable[Any]) -> list[Any]:
        """Of the dots of other hospitals those with enough children for a figure.

        By the number that is told of them: by the exact one a minimum would tell more of who is told rounded.
        """
        return [dot for dot in dots if dot.children >= self.smallest]

    @property
    def is_delivered(self) -> bool:
        return self.fields == DELIVERED.fields


CHOSEN = ("active", "target", "source", "source_date", "wider", "smallest")
DELIVERED = IndicatorSetting()


def percentage(rate: float) -> str:
    """'12,5%' of 0.125: as many decimals as were chosen."""
    return decimals(100 * rate) + "%"


def decimals(number: float) -> str:
    """'12,5' of 12.5: at most four decimals."""
    return f"{number:.4f}".rstrip("0").rstrip(".").replace(".", ",")


def at_least(settings: Iterable[IndicatorSetting], what: str) -> str:
    """From how many there is a figure: '10 kinderen', '10 kinderen (bij sommige indicatoren 50)'."""
    asked = sorted({one.smallest for one in settings}) or [SMALLEST]
    others = " of ".join(str(count) for count in asked[1:])
    return f"{asked[0]} {what}" + (f" (bij sommige indicatoren {others})" if others else "")


@dataclass(frozen=True)
class YearMethod:
    """How every indicator is used in a year: the latest `settings` {number of the indicator: row}, and how many changes."""

    year: int
    number: int
    settings: Mapping[int, IndicatorSetting]

    @classmethod
    def of(cls, year: int) -> "YearMethod":
        return cls.of_years([year])[year]

    @classmethod
    def of_years(cls, years: Collection[int]) -> dict[int, "YearMethod"]:
        """{year: its method}; one query."""
        found: dict[int, dict[int, IndicatorSetting]] = {year: {} for year in years}
        last = dict.fromkeys(years, 0)
        rows = IndicatorSetting.select().where(IndicatorSetting.year.in_(list(years)))
        for row in rows.order_by(IndicatorSetting.year, IndicatorSetting.number):
            found[row.year][row.indicator] = row
            last[row.year] = row.number
        return {year: cls(year, last[year], settings) for year, settings in found.items()}

    def __str__(self):
        return f"{self.year}-{self.number}"

    def setting(self, one: Indicator) -> IndicatorSetting:
        """How an indicator is used."""
        return self.settings.get(one.number, DELIVERED)

    def uses(self, one: Indicator) -> bool:
        """Whether an indicator is counted and told at all."""
        return self.setting(one).active

    @property
    def off(self) -> list[Indicator]:
        """The indicators that are not used."""
        return [one for one in all_indicators() if not self.uses(one)]

    @property
    def changed(self) -> list[tuple[Indicator, IndicatorSetting]]:
        """The indicators that are used otherwise than delivered, with how."""
        told = ((one, self.setting(one)) for one in all_indicators())
        return [(one, setting) for one, setting in told if not setting.is_delivered]

    @property
    def hash(self) -> str:
        """SHA-256 over how the indicators are used; a closed year keeps it."""
        told = [(self.number, number, sorted(self.settings[number].fields.items())) for number in sorted(self.settings)]
        return hashlib.sha256(repr(told).encode()).hexdigest()


def used_in(methods: Mapping[int, YearMethod], years: Collection[int], one: Indicator) -> list[int]:
    """In which of these years an indicator is used."""
    return [year for year in years if methods[year].uses(one)]


def judged_as(methods: Mapping[int, YearMethod], years: Collection[int], one: Indicator) -> IndicatorSetting:
    """How years together are judged: as the newest of them in which the indicator is used."""
    return methods[max(used_in(methods, years, one) or years)].setting(one)
