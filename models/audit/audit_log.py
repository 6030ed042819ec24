"""Reading the trail: the lines of one case or one account, and what each says in the words of NEN 7513."""

from dataclasses import dataclass

from peewee import JOIN, ModelSelect

from models import clock
from models.access import ROLE_LABELS, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_action import ACTIONS, STORY
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record

KINDS = {"C": "Toevoegen", "R": "Inzien", "U": "Wijzigen", "D": "Verwijderen", "E": "Uitvoeren"}
RESULTS = ("gelukt", "geweigerd", "mislukt")
EXPORTS = tuple(action for action in ACTIONS if action.endswith(".export"))
# The content of a case or a stay before somebody's eyes: not the trail itself, nor a file that could not be shown.
READS = tuple(
    action
    for action, (kind, _) in ACTIONS.items()
    if kind == "R" and action not in (*EXPORTS, "trail.read", "document.lost", "verdict.lost")
)
# What a hospital reads about its own case: not what the coordinators keep to themselves.
TOLD = (
    *STORY, "case.read", "case.export", "search.read", "access.refused",
    *(one for one in ACTIONS if one.partition(".")[0] in ("document", "form", "asked", "colleague", "trail", "verdict")),
)  # fmt: skip
ABOUT_ACCOUNTS = tuple(action for action in ACTIONS if action.partition(".")[0] in ("user", "factor"))
COLUMNS = {
    "number": "Regel", "stamp": "Datum en tijd (ISO 8601)", "who": "Gebruiker", "roles": "Rol op dat moment",
    "behalf": "Namens", "kind": "Soort gebeurtenis (CRUDE)", "what": "Gebeurtenis", "subject": "Object",
    "rule": "Autorisatieregel", "result": "Uitkomst", "detail": "Bijzonderheden", "address": "Toegangspunt",
    "request": "Nummer van het verzoek", "hash": "Controlegetal",
}  # fmt: skip


def of_case(case: Record, told: bool = False) -> ModelSelect:
    """The lines about a case, newest first, as a query; `told` leaves out what its hospital does not read."""
    query = _lines().where(AuditEvent.case_id == case.id)
    return query.where(AuditEvent.action.in_(TOLD)) if told else query


def of_user(user: User) -> ModelSelect:
    """What an account did, and what was done to it, newest first, as a query."""
    # With the actions named, so that the database finds these by index too.
    undergone = AuditEvent.action.in_(ABOUT_ACCOUNTS) & AuditEvent.subject.startswith(user.in_trail.removesuffix(user.email))
    return _lines().where((AuditEvent.actor == user) | undergone)


def _lines():
    joined = (
        AuditEvent.select(AuditEvent, User, Hospital)
        .join(User, JOIN.LEFT_OUTER, on=AuditEvent.actor)
        .join(Hospital, JOIN.LEFT_OUTER, on=User.hospital)
    )
    return joined.where(EVERYBODY).order_by(AuditEvent.id.desc())


@dataclass(frozen=True)
class LogLine:
    """One line in words. Made with `by` a hospital, it names nobody outside that hospital and no network address (R4)."""

    number: int
    stamp: str
    when: str
    who: str
    roles: str
    behalf: str
    kind: str
    what: str
    subject: str
    rule: str
    result: str
    detail: str
    address: str
    request: str
    hash: str

    @classmethod
    def of(cls, event: AuditEvent, hospital: Hospital | None = None) -> "LogLine":
        actor, moment = event.actor, clock.local(event.at)
        stranger = hospital is not None and actor is not None and actor.hospital_id != hospital.id
        return cls(
            number=event.id,
            stamp=moment.isoformat(timespec="seconds"),
            when=f"{moment:%d-%m-%Y %H:%M:%S} ({moment.isoformat()[-6:]})",
            who=_stranger(event) if stranger else actor.name if actor else event.without_account,
            roles="" if stranger else _roles(event),
            behalf="" if stranger and actor.hospital_id else _behalf(event),
            kind=event.kind,
            what=event.label,
            subject=event.subject,
            rule=event.rule,
            result=event.result,
            detail=event.detail,
            address="" if hospital is not None else event.address,
            request="" if hospital is not None else event.request or "",
            hash=event.hash,
        )


def _stranger(event):
    if event.actor.hospital_id:
        return "Iemand van een ander ziekenhuis"
    return "Lid van de commissie" if Role.COMMISSIELID in event.roles.split(", ") else event.signed


def _roles(event):
    return ", ".join(ROLE_LABELS.get(name, name) for name in event.roles.split(", "))


def _behalf(event):
    """For whom somebody acted: their hospital, or Perined, which the national roles work for."""
    if event.actor is None:
        return ""
    return event.actor.hospital.name if event.actor.hospital_id else "Perined"
