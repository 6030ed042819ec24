"""Each value by itself: codes, units, limits, presence; nearly all of it from the definition."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from models.lnr.dataset.definition import NULL_FLAVOUR, Element
from models.lnr.rules.registry import rule

if TYPE_CHECKING:
    from models.lnr.rules.registry import Hit
    from models.lnr.rules.subject import RuleSubject

APGAR = ("apgar_1", "apgar_5", "apgar_10")
FAMILY = ("gravidity", "parity_before", "birth_order", "number_born")


@rule("R-06")
def code_in_list(case: "RuleSubject") -> "Iterator[Hit]":
    for value in case.codes:
        if value.known is None and value.null is None:
            yield case.hit_at(value, "list", list=" + ".join(value.item.lists))
        elif value.value == "OTH" and value.known.system == NULL_FLAVOUR and not value.text:
            yield case.hit_at(value, "other")


@rule("R-07")
def unit(case: "RuleSubject") -> "Iterator[Hit]":
    for value in case.values:
        if value.item.unit and value.null is None and "value" in value.node.attrib:
            spelling, said = case.of.units[value.item.unit].get(value.spelling), Decimal(value.node.get("value").strip())
            if spelling is None:
                yield case.hit_at(value, "unit", unit=value.item.unit)
            elif value.item.unit == "d" and said != said.to_integral_value():
                yield case.hit_at(value, "fraction")
            elif spelling.remarked or spelling.factor != 1:
                sent = f"{said.normalize():f} {value.spelling}"
                yield case.hit_at(value, "spelling", sent=sent, read=f"{said * spelling.factor:f} {value.item.unit}")


@rule("R-15")
def apgar(case: "RuleSubject") -> "Iterator[Hit]":
    yield from _outside(case, "", lambda item: item.name in APGAR)


@rule("R-16")
def family_ranges(case: "RuleSubject") -> "Iterator[Hit]":
    yield from _outside(case, "range", lambda item: item.name in FAMILY)
    for name, most, variant in (("parity_before", "gravidity", "parity"), ("birth_order", "number_born", "order")):
        number, limit = case.stay.one(name), case.stay.one(most)
        if number is not None and limit is not None and number > limit:
            yield case.hit(name, variant)


@rule("R-47")
def possible(case: "RuleSubject") -> "Iterator[Hit]":
    yield from _outside(case, "", lambda item: item.name not in APGAR + FAMILY)


@rule("R-48")
def usual(case: "RuleSubject") -> "Iterator[Hit]":
    for value in case.numbers:
        item = value.item
        if _is_odd(value.value, item):
            yield case.hit_at(value, value=float(value.value), unit=_shown(item))


def _is_odd(number: int, item: Element) -> bool:
    return _within(number, item.low, item.high) and not _within(number, item.usual_low, item.usual_high)


def _outside(case: "RuleSubject", variant: str, chosen: Callable) -> "Iterator[Hit]":
    for value in case.numbers:
        item = value.item
        if not _within(value.value, item.low, item.high) and chosen(item):
            words = {"value": float(value.value), "low": item.low, "high": item.high, "unit": _shown(item)}
            yield case.hit_at(value, variant, **words)


def _within(number: int, low: float | None, high: float | None) -> bool:
    return (low is None or number >= low) and (high is None or number <= high)


def _shown(item: Element) -> str:
    """The unit behind a number in a sentence."""
    return {"": "", "[pH]": "", "Cel": " °C"}.get(item.unit, f" {item.unit}")


@rule("R-46")
def required(case: "RuleSubject") -> "Iterator[Hit]":
    for item in case.of.by_rule["R-46"]:
        if case.lacks(item.name) and (item.condition is None or case.holds(item.condition, case.stay)):
            yield case.hit(item.name)


@rule("R-50")
def value_or_reason(case: "RuleSubject") -> "Iterator[Hit]":
    for value in case.values:
        if value.item.type == "code" or value.item.is_attribute:
            continue
        if value.value is None and value.null is None and "value" not in value.node.attrib:
            yield case.hit_at(value, "neither")
        elif value.null is not None and "nullFlavor" in value.node.attrib and "value" in value.node.attrib:
            yield case.hit_at(value, "both")
    for value in case.values:
        if value.loose:
            yield case.hit_at(value, "flavour", flavour=value.loose)
