"""What software asks about its own deliveries: the messages since a moment, and what is still wrong in its stays."""

from datetime import datetime
from typing import Any

from peewee import JOIN

from models.lnr.registry.message import Message, Outcome
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.stay import Stay
from models.lnr.rules.registry import rules
from models.lnr.suppliers.api_key import ApiKey

PAGE = 100  # rows of one answer


def sent(key: ApiKey, since: datetime | None = None, after: str | None = None) -> tuple[list[dict[str, Any]], str | None]:
    """The messages of this supplier for this hospital, oldest first, and after which delivery_id the next page begins.

    `since`: UTC, with what came at that moment. `after`: a delivery_id that was answered before; of somebody else's nothing
    comes. `stands` tells whether the registry holds the values of the message: False as well when the hospital corrected it.
    """
    query = Message.select(Message, Stay).join(Stay, JOIN.LEFT_OUTER)
    query = query.where(Message.supplier == key.supplier_id, Message.hospital == key.hospital_id)
    if since is not None:
        query = query.where(Message.received_at >= since)
    if after is not None:
        query = query.where(_later_than(key, after))
    rows = list(query.order_by(Message.received_at, Message.id).limit(PAGE + 1))
    return [_told(one) for one in rows[:PAGE]], rows[PAGE - 1].key if len(rows) > PAGE else None


def standing_errors(key: ApiKey, after: int = 0) -> tuple[list[dict[str, Any]], str | None]:
    """What is still wrong in the stays that this supplier told of, oldest first, and after which finding the next page begins.

    Errors and warnings; `path` is an XPath without prefixes, and no value of the message is repeated.
    """
    mine = (Message.supplier == key.supplier_id) & (OpenFinding.hospital == key.hospital_id)
    query = OpenFinding.select(OpenFinding, Stay, Message).join(Stay).switch(OpenFinding).join(Message, on=OpenFinding.message)
    query = query.where(OpenFinding.still_open(), mine, OpenFinding.id > after).order_by(OpenFinding.id)
    rows = list(query.limit(PAGE + 1))
    return [_wrong(one) for one in rows[:PAGE]], str(rows[PAGE - 1].id) if len(rows) > PAGE else None


def _later_than(key, name):
    seen = Message.asked_for(key, name)
    if seen is None:
        return Message.id < 0
    return (Message.received_at > seen.received_at) | ((Message.received_at == seen.received_at) & (Message.id > seen.id))


def _told(message):
    stay = message.stay
    stands = message.outcome == Outcome.AANVAARD and message.action != "intrekking" and message.version == stay.version
    return {
        "delivery_id": message.key,
        "message_id": message.message_id,
        "processing": "T" if message.test else "P",
        "action": message.action,
        "stay": stay and stay.number,
        "set_id": stay and stay.set_id,
        "version": message.version,
        "received_at": _utc(message.received_at),
        "status": message.status,
        "outcome": message.report["outcome"],
        "stands": stands,
    }


def _wrong(found):
    rule = rules().get(found.rule)
    return {
        "stay": found.stay.number,
        "set_id": found.stay.set_id,
        "delivery_id": found.message.key,
        "message_id": found.message.message_id,
        "rule": found.rule,
        "severity": found.severity,
        "path": found.path,
        "since": _utc(found.first_at),
        "nl": rule.nl if rule else "",
        "en": rule.en if rule else "",
    }


def _utc(moment):
    return f"{moment.isoformat(timespec='seconds')}Z"
