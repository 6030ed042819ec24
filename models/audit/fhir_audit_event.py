"""The audit trail as FHIR R4 AuditEvent, one JSON object a line: the fixed format in which NEN 7513 is exchanged."""

import json
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import Any

from models import clock
from models.access import ROLE_LABELS
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from settings import settings

# The letters of NEN 7513 are those of FHIR's action.
OUTCOMES = {"gelukt": "0", "geweigerd": "4", "mislukt": "8"}  # success, minor failure, serious failure
TYPE = {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110100", "display": "Application Activity"}
READ_AT_ONCE = 1000


def audit_event(event: AuditEvent) -> dict[str, Any]:
    """One line of the trail as an AuditEvent; `actor` and its hospital may be joined."""
    base, actor = settings.portal_url, event.actor
    agent = {"requestor": True, "who": _who(actor) if actor else {"display": event.without_account}}
    if event.roles:
        agent["role"] = [
            {"coding": [{"code": role, "display": ROLE_LABELS.get(role, role)}]} for role in event.roles.split(", ")
        ]
    if event.address:
        agent["network"] = {"address": event.address, "type": "2"}
    if event.rule:
        agent["policy"] = [f"{base}/autorisatie#{event.rule.replace(' ', '-')}"]
    told = {
        "resourceType": "AuditEvent",
        "id": str(event.id),
        "type": TYPE,
        "subtype": [{"system": f"{base}/audit-actions", "code": event.action, "display": event.label}],
        "action": event.kind,
        "recorded": event.at.replace(tzinfo=UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "outcome": OUTCOMES.get(event.result, "4"),
        "agent": [agent],
        "source": {"site": settings.host, "observer": {"display": "meldportaal"}},
    }
    if event.detail:
        told["outcomeDesc"] = event.detail
    entity = {"name": event.subject} if event.subject else {}
    if event.case_id:
        entity["what"] = {"identifier": {"system": f"{base}/melding", "value": str(event.case_id)}}
    facts = {"hash": event.hash, "previous": event.previous}
    facts |= {"hospital": str(event.hospital_id)} if event.hospital_id else {}
    facts |= {name: value for name in ("request", "outsider") if (value := getattr(event, name))}
    entity["detail"] = [{"type": name, "valueString": value} for name, value in facts.items()]
    told["entity"] = [entity]
    return told


def _who(actor):
    return {"identifier": {"system": f"{settings.portal_url}/account", "value": str(actor.id)}, "display": actor.name}


def export(first: date, last: date) -> Iterator[str]:
    """The lines of the local days from `first` up to and including `last`, oldest first; each a line of JSON."""
    since, until, number = clock.start_of(first), clock.start_of(last + timedelta(days=1)), 0
    query = AuditEvent.select(AuditEvent, User).left_outer_join(User).left_outer_join(Hospital)
    query = query.where(AuditEvent.at >= since, AuditEvent.at < until).order_by(AuditEvent.id).limit(READ_AT_ONCE)
    while events := list(query.where(AuditEvent.id > number)):
        for event in events:
            yield json.dumps(audit_event(event), ensure_ascii=False)
        number = events[-1].id
