"""What arrived about one stay, version after version, and what each changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from models.lnr.message import display
from models.lnr.registry.message import Message, MessageContent, Outcome
from models.lnr.registry.stay import Stay

MOST = 30  # messages of a stay that are opened for their changes


@dataclass(frozen=True)
class Arrival:
    """One message of a stay; `changes` against the accepted one before it, None where there is nothing to compare."""

    message: Message
    changes: list | None
    kept: bool


def arrivals(stay: Stay, without: Sequence = ()) -> list[Arrival]:
    """Everything that arrived about a stay, newest first; the items `without` are compared with nothing.

    Nor is what a hospital withdrew, of which a legal hold may still keep the content.
    """
    messages = Message.of_stay(stay)
    accepted = [message for message in messages if message.outcome == Outcome.AANVAARD]
    since = list(takewhile(lambda message: message.action != "intrekking", accepted))
    records = _records(since[:MOST], without)
    kept = MessageContent.kept(messages)
    found, before = [], None
    for message in reversed(messages):
        record = records.get(message.id)
        compared = display.changes(before, record) if before is not None and record is not None else None
        found.append(Arrival(message, compared, message.id in kept))
        before = record if record is not None else before
    return found[::-1]


def values(stay: Stay) -> tuple[None, None, None]:
    """({item: value}, {derived: value}, {derived: reason}) of what the registry holds of a stay; None thrice for nothing."""
    message = Message.standing(stay)
    record = message and message.record()
    return (record["stay"], record["derived"], record.get("why", {})) if record else (None, None, None)


def completeness(stay: Stay) -> Any:
    """How many of the items that belong to a stay are filled in, and the names of those that are not; None when not known."""
    message = Message.standing(stay)
    record = message and message.record()
    return record and record.get("completeness")


def _records(messages, without):
    query = MessageContent.select(MessageContent.message, MessageContent.record).where(
        MessageContent.message.in_(messages), MessageContent.record.is_null(False)
    )
    records = {content.message_id: json.loads(content.record)["stay"] for content in query}
    return {number: {name: said for name, said in record.items() if name not in without} for number, record in records.items()}
