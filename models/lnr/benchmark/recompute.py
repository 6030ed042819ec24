"""Derive stays anew after a rule changed (`lnr-recompute`): in blocks, resumable, while deliveries go on."""

import time
from collections.abc import Iterator

from peewee import fn

from models import clock
from models.accounts.hospital import Hospital
from models.base import db
from models.encrypted_fields import CannotDecrypt
from models.lnr.benchmark.chain import NOTHING, Chain, Link
from models.lnr.benchmark.fact import FIXED, StayFact, rules
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.predictors import predictors
from models.lnr.benchmark.risk.risk_cell import risk_of
from models.lnr.intake.delivery import Delivery
from models.lnr.message.validation import derive
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.registry.message import Message, MessageContent
from models.lnr.registry.stay import Stay, StayState
from models.long_work import shutdown
from models.long_work.shutdown import until_asked

BLOCK = 500
TRIES = 5
WAIT = 0.2  # seconds, for the delivery that holds the child
COMPARED = ("hospital_id", "year", "month", "band", "inborn", "first", "end", "places", "answers", "amounts")


def rebuild() -> int:
    """Derive every stay anew, also by the rules of now: what `verify` tells to do when a fact does not follow; how many."""
    done, last = 0, 0
    while found := list(_standing(last).limit(BLOCK)):
        for stay in until_asked(found):
            _anew(stay, clock.now())
            done, last = done + 1, stay.id
        if shutdown.asked.is_set():
            break
    return done


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


def differences(sample: int | None = None) -> Iterator[str]:
    """A Dutch sentence for each fact that does not follow from the messages of its child; of some stays, or of all.

    Those of a closed year need not: late messages are kept, and its counts stand. closing/year_closing.py verifies them. What
    is still by other rules waits for `recompute`, and is no difference.
    """
    last, closed, model = 0, ClosedYear.standing(), CaseMixModel.standing()
    chosen = None if sample is None else _standing().order_by(fn.Random()).limit(sample)
    while stays := list(_standing(last).limit(BLOCK) if chosen is None else chosen):
        last = stays[-1].id
        kept = {fact.stay_id: fact for fact in StayFact.select().where(StayFact.stay.in_([stay.id for stay in stays]))}
        for stay in stays:
            fact = kept.get(stay.id)
            if (fact.year if fact else stay.year) not in closed and _differs(stay, fact, model):
                yield f"LNR: de telling van {stay} volgt niet uit zijn bericht. Herstel: python app.py lnr-recompute --all"
        if chosen is not None:
            break


def _standing(last=0):
    return Stay.real().where(Stay.state == StayState.ONTVANGEN, Stay.id > last).order_by(Stay.id)


def _differs(stay, fact, model):
    """Whether a fact is not what its messages tell by the rules of now; never of one that is behind, or cannot be opened.

    Nor is its risk what the model of now tells; one by another model, or none, waits for who counts the hospital-year.
    """
    chain, link = _chain(stay, StayFact.kin(stay))
    if chain.sealed:
        return False  # registry/stored_messages_check.py tells
    if fact is None:
        return link is not None
    told = link and StayFact.of(link, chain, clock.now())
    if told is None or fact.rules != told.rules:
        return False
    if link.record != Message.standing(stay).record() or any(getattr(told, name) != getattr(fact, name) for name in COMPARED):
        return True
    return model is not None and fact.model == model.code and fact.risk != risk_of(model, predictors(link))


def _behind(year, most):
    if most <= 0:
        return []
    # Of the facts alone: joined with the stays, SQLite reads all of them where nothing is behind.
    late = [number for (number,) in StayFact.behind(year).limit(most).tuples()]
    return list(Stay.select().where(Stay.id.in_(late)))


def _anew(stay, now):
    """One stay; the other stays of its child are derived along, because its place in the chain depends on them.

    Derived outside the transaction, so that no delivery waits for it. Where one came between about this child, it is derived
    once more; what keeps changing is left as its own deliveries wrote it.
    """
    for _ in range(TRIES):
        kin = StayFact.kin(stay)
        _mend_told(kin)
        chain, link = _chain(stay, kin)
        with db.atomic():
            # In the order of a delivery: first the stay, then its child. It never waits for the child: a delivery that holds
            # it may wait for this stay.
            held = Stay.held(stay.hospital_id, stay.test, stay.set_root, stay.set_id)
            free = Stay.hold_children(held.names, wait=False)
            if free and _rows(held, *StayFact.kin(held)) == _rows(stay, *kin):
                _write(stay, chain, link, now)
                return
        stay = held
        if not free:
            time.sleep(WAIT)


def _rows(*stays):
    return [stay.__data__ for stay in stays]


def _mend_told(stays):
    """Say of these stays when they were told last, where a program of before took a message and left that as it was."""
    moved = [one for one in stays if one.told_at != one.last_at]  # as after a refusal too
    for number, message in Message.standing_of(moved).items() if moved else ():
        here = (
            Stay.id == number,
            Stay.version == message.version,
            Stay.told_at.is_null() | (Stay.told_at != message.received_at),
        )
        Stay.update(told_at=message.received_at).where(*here).execute()


def _write(stay, chain, link, now):
    if chain.sealed:
        StayFact.mark_sealed(stay)
    elif link:
        MessageContent.correct(Message.standing(stay), link.record)
        StayFact.of(link, chain, now).write(ClosedYear.standing())
    else:  # `verify` tells that its content is not there, or cannot be read
        mine = StayFact.stay == stay, StayFact.rules != FIXED
        StayFact.update(rules=rules(Hospital.nicus()), at=now).where(*mine).execute()


def _chain(stay, kin):
    """(the chain of its child, its own link in it or None), from the messages of these stays as they came."""
    links, sealed = [], set()
    for one in kin:
        try:
            found = _derived(one)
        except CannotDecrypt:
            found = NOTHING
            sealed.add(one.id)
        if found:
            links.append(Link(one, found))
    chain = Chain(links, Hospital.nicus(), sealed)
    return chain, next((link for link in chain.links if link.stay.id == stay.id), None)


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
