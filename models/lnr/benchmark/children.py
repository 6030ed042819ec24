"""From a figure to the stays behind it: who stands in which place, why, and by which message."""

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import fn

from models import access
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.indicator import Indicator, all_indicators
from models.lnr.benchmark.method.indicator_setting import YearMethod
from models.lnr.benchmark.places.answer import PLACES, sentence
from models.lnr.message import display
from models.lnr.registry.message import Message, MessageContent
from models.lnr.registry.stay import Stay

PAGE = 50
SHOWN = (Stay.id, Stay.key, Stay.set_id, Stay.gestation, Stay.admitted)


@dataclass(frozen=True)
class Child:
    """A stay in its place: the reason in a sentence, and the items that decided with what was said of them."""

    stay: Stay
    letter: str
    reason: str
    message: Message | None
    said: list[tuple[str, str]]


@dataclass(frozen=True)
class Standing:
    """Where a stay stands in one indicator."""

    indicator: Indicator
    place: str
    reason: str


def behind(
    by: User, hospital: Hospital, one: Indicator, years: Sequence[int], letter: str, band: str = "", after: str = ""
) -> tuple[list[Child], str]:
    """(the next PAGE stays in this place, where the page after it begins or ''), in the trail first.

    Those that one answer would settle stand together: by reason, then by number. Raises Refused for who may not see them.
    """
    access.demand(by, "consult")
    reason = fn.SUBSTR(StayFact.places, one.at + 2, 1)
    wanted = [
        StayFact.hospital == hospital,
        StayFact.year.in_(list(years)),
        fn.SUBSTR(StayFact.places, one.at + 1, 1) == letter,
    ]
    if band:
        wanted.append(StayFact.band == band)
    if after:
        last, number = after[0], int(after[1:])
        wanted.append((reason > last) | ((reason == last) & (StayFact.stay > number)))
    # Of the facts alone: joined with the stays, each stay in this place would be read before fifty of them are left.
    query = StayFact.select(StayFact.stay, StayFact.places).where(*wanted).order_by(reason, StayFact.stay)
    found = list(query.limit(PAGE + 1).tuples())
    page, more = found[:PAGE], found[PAGE:]
    AuditEvent.log(
        "lnr.indicator",
        by=by,
        hospital=hospital,
        subject=f"LNR-indicator {one.code}",
        detail=f"{PLACES[letter]}, {min(years)} tot en met {max(years)}: {len(page)} opnamen",
    )
    following = f"{page[-1][1][one.at + 1]}{page[-1][0]}" if more else ""
    return list(_children(one, page)), following


def _children(one, facts):
    stays = {stay.id: stay for stay in Stay.select(*SHOWN).where(Stay.id.in_([number for number, _ in facts]))}
    (records, _), messages = MessageContent.readable_records(list(stays.values())), Message.standing_of(list(stays.values()))
    for number, places in facts:
        values, letter = records.get(number, {"stay": {}})["stay"], places[one.at + 1]
        said = [(line.label, line.text) for name in one.items.split() if (line := display.told(name, values))]
        yield Child(stays[number], letter, why(one, places[one.at], letter), messages.get(number), said)


def why(one: Indicator, place: str, reason: str) -> str:
    """The sentence of a reason (both letters of a fact); empty where the place says enough.

    Over a chain it may come from the message of another hospital, such as a suspicion: of a child that counts it is not told.
    """
    counts = PLACES[place] in ("teller", "noemer")
    return "" if counts and one.attribution == "keten" else sentence(reason)


def standings(stay: Stay) -> list[Standing]:
    """Where a stay stands in every indicator that is used in its year; empty for one that is not counted (yet)."""
    fact = StayFact.get_or_none(StayFact.stay == stay)
    if fact is None or not fact.places:
        return []
    found, method = [], YearMethod.of(fact.year)
    for one in filter(method.uses, all_indicators()):
        mark = fact.places[one.at : one.at + 2]
        found.append(Standing(one, mark[0], why(one, *mark)))
    return found
