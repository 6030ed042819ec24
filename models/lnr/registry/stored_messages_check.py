"""Is what the neonatal registry keeps still whole: is every content there, does it open, and do its people have their names?"""

from collections.abc import Iterator
from typing import Any

from peewee import fn

from models.encrypted_fields import CannotDecrypt
from models.lnr.message.validation import check
from models.lnr.registry.message import Message, MessageContent, Outcome
from models.lnr.registry.pseudonym import pseudonyms
from models.lnr.registry.stay import Stay, StayState, names_of

SAMPLE = 200  # contents that are opened when not all of them are


def problems(deep: bool = False) -> Iterator[Any]:
    """A Dutch sentence for each thing that is wrong. `deep` opens every content; else a sample of SAMPLE."""
    yield from _missing()
    contents = MessageContent.select(MessageContent, Message, Stay).join(Message).left_outer_join(Stay)
    every = MessageContent.select(MessageContent.id)
    chosen = every.order_by(MessageContent.id) if deep else every.order_by(fn.Random()).limit(SAMPLE)
    for number in [number for (number,) in chosen.tuples()]:
        yield from _opened(contents.where(MessageContent.id == number))


def _missing():
    """Accepted messages without their content, but for what a withdrawal took away: itself, and what came before it."""
    later = Message.alias()
    withdrawn = later.select(later.id).where(
        later.stay == Message.stay,
        later.outcome == Outcome.AANVAARD,
        later.action == "intrekking",
        later.version >= Message.version,
    )
    kept = (
        Message.select(Message.key, Stay.id)
        .join(Stay)
        .where(
            Message.outcome == Outcome.AANVAARD,
            Stay.state != StayState.INGETROKKEN,
            Message.id.not_in(MessageContent.select(MessageContent.message)),
            ~fn.EXISTS(withdrawn),
        )
    )
    for key, stay in kept.tuples().iterator():
        yield f"LNR: de inhoud van bericht {key} van opname LNR-{stay:07d} is er niet meer"


def _opened(query):
    try:
        content = query.first()
        if content is not None and content.message.describes:
            yield from _named(content)
    except CannotDecrypt:
        key = query.select(Message.key).scalar()
        yield f"LNR: de inhoud van bericht {key} gaat niet open"


def _named(content):
    """The people of a stay by their numbers in the original, under any key of the pseudonyms."""
    stay, identity = content.message.stay, check(content.original, content.message.received_at).identity
    if identity is None:
        # Only reached by what was read once; what the schema refused told nothing of a stay.
        yield f"LNR: het bewaarde bericht {content.message.key} is niet meer te lezen"
        return
    named = names_of(stay.hospital_id, identity.child_numbers, identity.mother_numbers, pseudonyms)
    for column, names in named.items():
        if getattr(stay, column) not in (names or [None]):
            yield f"LNR: {stay} staat onder een andere naam dan zijn bericht zegt ({column})"
            return
