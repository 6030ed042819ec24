"""What a message about a child changes in the other stays of that child.

In two hospitals at once (R-40): told in the standing list of both, never in the answer to the other. And whether a stay belongs
in the registry because the child was in intensive care before.
"""

from collections.abc import Sequence
from datetime import datetime

from models.accounts.hospital import Hospital
from models.encrypted_fields import CannotDecrypt
from models.lnr.dataset.definition import definition
from models.lnr.derived.clinical import in_scope
from models.lnr.registry.message import Message, MessageContent
from models.lnr.registry.open_finding import WARNING, OpenFinding
from models.lnr.registry.stay import Stay

RULE, VERSION = "R-40", "1"


def settle(stays: Sequence[Stay], hospital: Hospital, now: datetime) -> None:
    """Put these stays of one child right after a message of `hospital` about it."""
    for stay in stays:
        if stay.hospital_id != hospital.id:
            _settle(stay, any(_meet(stay, other) for other in stays), now)
        if not stay.intensive:
            _place(stay, any(other.intensive and other.may_precede(stay.admitted) for other in stays))


def _meet(one, other):
    if one.hospital_id == other.hospital_id or one.admitted is None:
        return False
    return other.goes_on(one.admitted, one.discharged or datetime.max)


def _settle(stay, overlaps, now):
    flaw = stay.flaws.where(OpenFinding.rule == RULE, OpenFinding.resolved_at.is_null()).first()
    if overlaps and flaw is None:
        # The place where the check of a message of its own finds it: one finding, with one first day.
        path = definition().items["admission_datetime"].full_path
        OpenFinding.create(
            hospital=stay.hospital_id,
            test=stay.test,
            stay=stay,
            message=Message.standing(stay),
            rule=RULE,
            rule_version=VERSION,
            severity=WARNING,
            path=path,
            first_at=now,
        )
        Stay.update(warnings=Stay.warnings + 1).where(Stay.id == stay.id).execute()
    elif flaw and not overlaps:
        OpenFinding.update(resolved_at=now).where(OpenFinding.id == flaw.id).execute()
        Stay.update(warnings=Stay.warnings - 1).where(Stay.id == stay.id).execute()


def _place(stay, before):
    """Whether a stay without intensive care belongs in the registry, by what is known now of the ones before it."""
    message = Message.standing(stay)
    try:
        record = message and message.record()
    except CannotDecrypt:
        return  # stored_messages_check.py tells
    if not record:
        return
    codes = [code for code in record["stay"].get("admission_indication", ()) if isinstance(code, str)]
    scope = in_scope(stay.intensive, codes, before)
    if scope != record["derived"]["in_scope"]:
        why = {name: said for name, said in record.get("why", {}).items() if name != "in_scope" or scope is None}
        MessageContent.correct(message, record | {"derived": record["derived"] | {"in_scope": scope}, "why": why})
