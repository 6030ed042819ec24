"""Derive stays anew after a rule changed (`lnr-recompute`): in blocks, resumable, while deliveries go on."""

from collections.abc import Iterator

from models import clock
from models.accounts.hospital import Hospital
from models.base import db
from models.lnr.benchmark.chain import Chain, Link
from models.lnr.benchmark.fact import StayFact, rules
from models.lnr.intake.delivery import Delivery
from models.lnr.message.validation import derive
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.registry.message import Message, MessageContent
from models.lnr.registry.stay import Stay
from models.long_work import shutdown
from models.long_work.shutdown import until_asked

BLOCK = 500
COMPARED = ("hospital_id", "year", "month", "band", "inborn", "first", "end", "places")


def recompute(year: int | None = None, most: int | None = None) -> int:
    """Bring every stay up to the rules of now, at most `most` of them; returns how many.

    What was done is known by its fact, so that a broken run goes on where it was.
    """
    done = 0
    while found := _behind(year, BLOCK if most is None else min(BLOCK, most - done)):
        for stay in until_asked(found):
            _anew(stay, clock.now())
            done += 1
        if shutdown.asked.is_set():
            break
    return done


def remaining(year: int | None = None) -> int:
    """How many stays are still by other rules."""
    return StayFact.behind(year).count()


def differences() -> Iterator[str]:
    """A Dutch sentence for each fact that does not follow from the sealed records of its child.

    Those of a closed year need not: late messages are kept, and its counts stand. closing/year_closing.py verifies them.
    """
    last, closed = 0, ClosedYear.standing()
    while stays := list(Stay.real().where(Stay.state == "ontvangen", Stay.id > last).order_by(Stay.id).limit(BLOCK)):
        last = stays[-1].id
        kept = {fact.stay_id: fact for fact in StayFact.select().where(StayFact.stay.in_([stay.id for stay in stays]))}
        for stay in stays:
            if (kept[stay.id].year if stay.id in kept else stay.year) in closed:
                continue
            chain = Chain.of(Stay.of_child(False, stay.names), Hospital.nicus())  # type: ignore[arg-type]
            link = next((link for link in chain.links if link.stay.id == stay.id), None)
            told = link and StayFact.of(link, chain, clock.now())
            if stay.id not in kept or (told and any(getattr(told, one) != getattr(kept[stay.id], one) for one in COMPARED)):
                yield f"LNR: de telling van {stay} volgt niet uit zijn bericht"


def _behind(year, most):
    if most <= 0:
        return []
    # Of the facts alone: joined with the stays, SQLite reads all of them where nothing is behind.
    late = [number for (number,) in StayFact.behind(year).limit(most).tuples()]
    return list(Stay.select().where(Stay.id.in_(late)))


def _anew(stay, now):
    """One stay; the other stays of its child are derived along, because its place in the chain depends on them."""
    chain = Chain(
        [Link(one, found) for one in Stay.of_child(stay.test, stay.names) if (found := _derived(one))], Hospital.nicus()
    )
    link = next((link for link in chain.links if link.stay.id == stay.id), None)
    with db.atomic():
        if not Stay.select().where(Stay.id == stay.id, Stay.version == stay.version, Stay.state == stay.state).exists():
            return  # a newer message came meanwhile, and wrote its own by the rules of now
        if link:
            MessageContent.correct(Message.standing(stay), link.record)
            StayFact.of(link, chain, now).write(ClosedYear.standing())
        else:  # `verify` tells that its content is not there, or cannot be read
            StayFact.update(rules=rules(Hospital.nicus()), at=now).where(StayFact.stay == stay).execute()


def _derived(stay):
    """The record of a stay by the rules of now, as if its message had just come; None when it cannot be read."""
    message = Message.standing(stay)
    content = message and message.content.first()
    if not content:
        return None
    try:
        return derive(content.original, message.received_at, Delivery(stay.hospital, test=stay.test))
    except ValueError:
        return None
