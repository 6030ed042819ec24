"""From bytes to an answer: a message is checked against what is there, and kept with its verdict in one transaction.

Nothing is held while it is checked. That two messages cannot take the same id, the same version or the same place is held
by the database; who comes second is checked once more, and then meets the first.
"""

import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from peewee import IntegrityError, OperationalError

from models import access, clock
from models.audit.audit_event import AuditEvent
from models.base import broken_off, db, new_key
from models.database import prepared_statements
from models.lnr.benchmark.fact import StayFact
from models.lnr.dataset.definition import definition
from models.lnr.intake.delivery import Delivery
from models.lnr.message.validation import check
from models.lnr.message.validation_report import ValidationReport
from models.lnr.registry import overlapping_stays
from models.lnr.registry.message import Message, MessageContent, Outcome
from models.lnr.registry.open_finding import ERROR, WARNING, OpenFinding
from models.lnr.registry.stay import Stay, StayState
from models.lnr.rules.registry import finding
from models.lnr.suppliers.qualification import QualificationAttempt

if TYPE_CHECKING:
    from models.lnr.intake.dry_run import Rehearsal

WITHDRAW = "intrekking"
ACTIONS = {WITHDRAW: "lnr.withdraw", "vervanging": "lnr.replace"}
OUTCOMES = {200: Outcome.AANVAARD, 409: Outcome.VEROUDERD, 422: Outcome.GEWEIGERD}
# Only a guess to begin with; what the message is read to be decides. Of what cannot be read it is all there is, also in
# UTF-16; where not even this can be told, it counts, so that somebody sees it.
PROCESSING = re.compile(rb"\bverwerking\s*=\s*[\"']([PT])")
TRIES = 5


class _Overtaken(Exception):
    """Since the check, another message changed what this one was checked against."""


@dataclass(frozen=True)
class DeliveryAnswer:
    """What the sender gets: an HTTP status and the report; `key` asks for it again, None when nothing was kept."""

    status: int
    report: dict
    key: str | None = None


def deliver(delivery: Delivery, raw: bytes, now: datetime | None = None) -> DeliveryAnswer:
    """Take one message in; the same bytes again get the same Answer, and leave no more than a line in the trail.

    That holds for a refusal too, unless it was refused only for what other messages or the clock said (R-04, R-41, R-09): then
    it is judged again, and taken when that has changed. `received_at` in the report is when it came first, or was taken. What
    it answers is durable. Raises OperationalError when the database cannot; then nothing was kept.
    """
    if delivery.by is not None:
        access.demand(delivery.by, "deliver")
    now, digest = now or clock.now(), hashlib.sha256(raw).hexdigest()
    for _ in range(TRIES):
        delivery, verdict = checked(delivery, raw, now)
        # The same bytes have the same id. Where the rules did not come to it (the schema refused), it has to be asked.
        known = not _erased(delivery) and ("R-03" in _wrong(verdict) or verdict.identity is None)
        earlier = Message.same(delivery.hospital, digest) if known else None
        if earlier and earlier.may_fare_better:
            delivery, verdict = checked(replace(delivery, again=True), raw, now)
        if earlier and (not delivery.again or verdict.refused):
            return _repeated(delivery, earlier, now)
        try:
            with db.atomic():
                return _taken(delivery, verdict, raw, digest, now, earlier)
        except (IntegrityError, _Overtaken):
            continue
        except OperationalError as problem:
            # Two about one child hold each a stay that the other wants. Which comes first is not known before it is read.
            if not broken_off(problem):
                raise
    raise OperationalError("the stay of this message keeps changing")


def _repeated(delivery, message, now):
    """The Answer that these bytes had before; that they came again is in the trail."""
    report = message.report
    with db.atomic():
        _log("lnr.repeat", delivery, f"bericht {message.key}, eerder ontvangen op {report['received_at']}", now, message.stay)
    return DeliveryAnswer(message.status, report, message.key)


def checked(delivery: "Delivery | Rehearsal", raw: bytes, now: datetime) -> "tuple[Delivery | Rehearsal, ValidationReport]":
    """The verdict, and the delivery as it was asked: among tests, or among what counts."""
    told = PROCESSING.search(raw[:4000].replace(b"\0", b""))
    test = told is not None and told[1] == b"T"
    for _ in range(2):
        delivery = replace(delivery, test=test, seen={})
        verdict = check(raw, now, delivery)
        test = verdict.header is None or verdict.header.processing != "P"
        if test == delivery.test or verdict.header is None:
            break
    return delivery, _with_its_name(delivery, _as_erased(delivery, verdict))


def _erased(delivery):
    return delivery.seen.get("erased") is not None


def _as_erased(delivery, verdict):
    """Of a stay that was erased on request only that is said, also of what the schema refuses: nothing else about the child."""
    header = verdict.header
    if header is None or header.set_id is None or "R-02" in _wrong(verdict):
        return verdict
    if not delivery.is_erased(header.set_root, header.set_id):
        return verdict
    told = finding("R-04", "erased", definition().items["case_set_id"].full_path)
    return ValidationReport(header=header, findings=(told,))


def _with_its_name(delivery, verdict):
    """What the schema refuses never comes to the rules, but its name may be taken as well (R-03)."""
    header = verdict.header
    if header is None or header.message_id is None or verdict.identity is not None or _erased(delivery):
        return verdict
    if not delivery.same_message_other_content(header.message_root, header.message_id):
        return verdict
    taken = finding("R-03", path=definition().items["message_id"].full_path)
    return replace(verdict, findings=(*verdict.findings, taken))


def status_of(verdict: Any, delivery: Any = None) -> int:
    """The status of the answer over HTTP; without a delivery, of a message by itself."""
    if verdict.malformed:
        return 413 if verdict.too_large else 400
    wrong = _wrong(verdict)
    if "R-02" in wrong:
        return 403
    late = "R-04" in wrong and delivery is not None and delivery.is_late(verdict.header.version)
    return 409 if late or "R-03" in wrong else 422 if wrong else 200


def _wrong(verdict):
    return {finding.rule for finding in verdict.findings if finding.severity == ERROR}


def _taken(delivery, verdict, raw, digest, now, earlier=None):
    status, wrong = status_of(verdict, delivery), _wrong(verdict)
    if "R-03" in wrong and Message.same(delivery.hospital, digest):
        raise _Overtaken  # by these very bytes
    if status == 403 or "R-03" in wrong or _erased(delivery):
        # Kept nowhere: it is about another hospital's child, its name is taken, or it was erased on request.
        _log("lnr.refuse", delivery, f"geweigerd om {', '.join(sorted(wrong))}", now)
        return DeliveryAnswer(status, _report(delivery, verdict, now))
    stay = _stay(delivery, verdict, status, now)
    message = _message(delivery, verdict, status, stay, now, earlier, sha256=digest, size=len(raw))
    errors = stay.errors if stay else 0
    _keep(message, stay, verdict, raw)
    if message.test and message.supplier:
        QualificationAttempt.note(message, verdict, now)
    if status == 200:
        _settle(delivery, stay, now)
    elif stay and not stay.test and stay.state == StayState.ONTVANGEN and stay.errors != errors:
        # A refusal tells nothing of the child, but that an error is open is counted too.
        Stay.hold_children(stay.names)
        StayFact.settle(Stay.of_child(stay.test, stay.names), None, now)
    done = ACTIONS.get(message.action, "lnr.deliver") if status == 200 else "lnr.refuse"
    _log(done, delivery, f"bericht {message.key}", now, stay)
    return DeliveryAnswer(status, message.report, message.key)


def _settle(delivery, stay, now):
    """What follows for the stays of the child, and of the one that the stay was about before."""
    children = (stay.names, stay.left) if stay.names != stay.left else (stay.names,)
    Stay.hold_children(*children)
    for names in children:
        stays = Stay.of_child(delivery.test, names)
        overlapping_stays.settle(stays, delivery.hospital, now)
        if not delivery.test:
            StayFact.settle(stays, stay, now)


def _stay(delivery, verdict, status, now):
    """The stay as this message leaves it; None when the message does not say which."""
    header = verdict.header
    if header is None or header.set_id is None:
        return None
    stay = Stay.held(delivery.hospital, delivery.test, header.set_root, header.set_id)
    if (stay and stay.erased_at) or (status == 200 and (stay.version if stay else None) != delivery.seen.get("version")):
        raise _Overtaken
    stay = stay or Stay.begun(delivery.hospital, delivery.test, header.set_root, header.set_id, now)
    stay.left = stay.names
    if status == 200:
        stay.accept(header.version, header.action == WITHDRAW, now)
    if stay.state != StayState.INGETROKKEN and status != 409:
        stay.last_at = now
        if verdict.stay and (status == 200 or stay.state == StayState.GEWEIGERD):
            stay.describe(verdict.stay, verdict.identity)
    stay.save() if stay.id else prepared_statements.insert(stay)
    return stay


def _message(delivery, verdict, status, stay, now, earlier=None, **more):
    """The row of a message; in the place of its own `earlier` refusal, with the same key, when these bytes fare better now."""
    header, key = verdict.header, earlier.key if earlier else new_key()
    told = (
        {}
        if header is None
        else {
            "message_root": header.message_root or "",
            "message_id": header.message_id,
            "version": header.version,
            "action": header.action,
            "schema_version": header.schema_version,
            "software": f"{header.software or ''} {header.software_version or ''}".strip(),
        }
    )
    report = _report(delivery, verdict, now, delivery_id=key, **({"stay": stay.number} if stay else {}))
    row = Message(
        key=key,
        hospital=delivery.hospital,
        supplier=delivery.supplier,
        by=delivery.by,
        route=delivery.route,
        stay=stay,
        test=delivery.test,
        received_at=now,
        outcome=OUTCOMES.get(status, Outcome.ONLEESBAAR),
        status=status,
        answer=json.dumps(report, ensure_ascii=False),
        **told,
        **more,
    )
    if earlier is None:
        return prepared_statements.insert(row)
    row.id = earlier.id
    row.save()
    MessageContent.delete().where(MessageContent.message == row).execute()
    return row


def _keep(message, stay, verdict, raw):
    """Content and findings; a withdrawal leaves neither, not its own, not of what came before, nor of what is refused later.

    Where a legal hold stands it counts, and takes no content away: lifting the hold does.
    """
    if message.outcome == Outcome.AANVAARD and message.action == WITHDRAW:
        if stay.on_hold:
            MessageContent.keep(message, raw)
        else:
            Message.empty(stay)
        OpenFinding.forget(stay)
        StayFact.forget(stay, message.received_at)
        return
    if message.outcome != Outcome.ONLEESBAAR and (stay is None or stay.state != StayState.INGETROKKEN):
        read = {name: getattr(verdict, name) for name in ("stay", "derived", "why", "completeness")}
        MessageContent.keep(message, raw, read if message.outcome == Outcome.AANVAARD else None)
    if stay is None or message.outcome == Outcome.VEROUDERD or stay.state == StayState.INGETROKKEN:
        OpenFinding.note(message, verdict.findings)
    else:
        OpenFinding.renew(stay, message, verdict.findings, (ERROR,) if verdict.refused else (ERROR, WARNING))
        stay.save()


def _report(delivery, verdict, now, **more):
    about = {"received_at": f"{now.isoformat(timespec='seconds')}Z", "hospital": delivery.hospital.code, **more}
    return verdict.as_dict() | about


def _log(action, delivery, detail, now, stay=None):
    sender = f"leverancier {delivery.supplier}" if delivery.supplier else delivery.route
    AuditEvent.log(
        action,
        by=delivery.by,
        hospital=delivery.hospital,
        subject=stay.number if stay else "LNR-bericht",
        detail=f"{detail}, {sender}",
        at=now,
        result="geweigerd" if action == "lnr.refuse" else "gelukt",
    )
