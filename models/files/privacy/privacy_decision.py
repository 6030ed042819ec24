"""What in a file may tell who somebody is, as the portal found it, and what the reporter decided about it."""

import hashlib
from datetime import datetime
from typing import Any

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField

from models import clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db
from models.cases.case import Case
from models.cases.status import Status
from models.encrypted_fields import SealedField, SealedList
from models.files.document import Document
from models.files.privacy.metadata_removal import STRIPPABLE
from models.files.sandbox import METADATA, Kind
from models.typed_text import one_line

BESIDE = "bestandsgegevens"  # what stands beside the content, and can be taken out by one click
HARMLESS, SENT = "niet herleidbaar", "toch meesturen"  # as they are stored
DECISIONS = (HARMLESS, SENT)
SHORT = {Kind.BSN: "BSN", Kind.KNOWN_NAME: "naam van een medewerker", BESIDE: "bestandsgegevens"}
UNDECIDED = "Kies bij alles wat hieronder staat of er niemand aan te herkennen is, of dat u het toch meestuurt."
NO_REASON = "Schrijf bij wat u toch meestuurt kort waarom dat nodig is."


class PrivacyDecision(PartOf, Record):
    """All that was found of one kind in one file, decided about as one."""

    whole = "document"

    document = ForeignKeyField(Document, backref="traces", on_delete="RESTRICT")
    kind = CharField(max_length=30)  # a Kind, or BESIDE
    removable = BooleanField()
    places = SealedList()  # [kind, masked text, place, mark] of each; older rows have no mark
    decision = CharField(max_length=20, default="")
    why = SealedField(null=True)
    decided_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)

    class Meta:
        table_name = "trace"
        indexes = ((("document", "kind", "removable"), True),)

    @property
    def asks(self) -> bool:
        """Whether the reporter has to decide: what could not be looked into is only told."""
        return self.kind != Kind.UNCHECKED

    @property
    def is_open(self) -> Any:
        return self.asks and not self.decision

    @property
    def decided(self) -> str:
        """The decision in words, for people."""
        return "niet herkenbaar" if self.decision == HARMLESS else self.decision

    @property
    def strippable(self) -> bool:
        """Whether one click takes it out."""
        return self.removable and self.document.media_type in STRIPPABLE

    @property
    def words(self) -> str:
        """'BSN op bladzijde 3', 'bestandsgegevens: auteur, toestel'."""
        if self.kind == BESIDE:
            return f"{SHORT[BESIDE]}: {', '.join(dict.fromkeys(kind for kind, *_ in self.places))}"
        spots = ", ".join(dict.fromkeys(place for _, _, place, *_ in self.places))
        if not self.asks:
            return "; ".join(dict.fromkeys(f"{text} ({place})" for _, text, place, *_ in self.places))
        return f"{SHORT.get(self.kind, self.kind)} {'op' if spots.startswith('bladzijde') else 'in'} {spots}"

    @property
    def samples(self) -> list:
        """What was found, partly masked, each once."""
        return list(dict.fromkeys(text for _, text, *_ in self.places)) if self.asks else []

    @classmethod
    def open(cls) -> Any:
        """Which are still to be decided about, as an expression."""
        return (cls.decision == "") & (cls.kind != Kind.UNCHECKED)

    @staticmethod
    def may_decide(case: Case) -> bool:
        """Whether the hospital may still decide: also after approval, as what was found late holds the file back until then."""
        return case.may_add or case.status == Status.GOEDGEKEURD

    @classmethod
    def of_case(cls, case: Case) -> dict:
        """{document id: its traces} of the files that are there, in the order in which they came."""
        here = (Document.case == case) & Document.removed_at.is_null()
        found = cls.select(cls, Document).join(Document).where(here).order_by(Document.id, cls.id)
        sorted_out = {}
        for trace in found:
            sorted_out.setdefault(trace.document_id, []).append(trace)
        return sorted_out

    @classmethod
    def undecided(cls, case: Case) -> list:
        """What the reporter has to decide before handing the case in, for files that can be opened."""
        return [trace for traces in cls.of_case(case).values() for trace in traces if trace.is_open and trace.document.counts]

    @property
    def alike(self) -> Any:
        """Equal for what is decided about as one: exactly the same things of one kind, in however many files of the case."""
        marked = all((*place, "")[3] for place in self.places)
        return (self.kind, self.removable, _things(self.places)) if marked else self.id

    @property
    def seen(self) -> str:
        """Equal for as long as exactly these things are asked about: a page that shows others decides nothing about them."""
        return hashlib.sha256(repr(sorted(_things(self.places))).encode()).hexdigest()[:16]

    @classmethod
    def to_decide(cls, case: Case) -> list:
        """What is undecided, what is the same in several files together: [[PrivacyDecision]]."""
        groups = {}
        for trace in cls.undecided(case):
            groups.setdefault(trace.alike, []).append(trace)
        return list(groups.values())

    @classmethod
    def keep(cls, document: Document, findings: Any) -> None:
        """Keep these Findings in place of what was found before, in the caller's transaction.

        A decision stays while nothing was found that it was not about: its name is looked at before the content of a large
        file. Of one that no longer holds the trail keeps the line.
        """
        cls.delete().where(cls.document == document, cls.decision == "").execute()
        decided = {(row.kind, row.removable): row for row in cls.select().where(cls.document == document)}
        for (kind, removable), places in _grouped(findings).items():
            before = decided.get((kind, removable))
            if before and _things(places) <= _things(before.places):
                continue
            if before:
                before.delete_instance()
            cls.create(document=document, kind=kind, removable=removable, places=places)

    @classmethod
    def decide(cls, case: Case, by: User, choices: Any, now: datetime | None = None, seen: Any = None) -> None:
        """Keep what `by` chose: {trace id: (decision, reason)} for everything that is undecided.

        `seen`: {trace id: what the page showed of it}. Raises Refused, keeping nothing, when one is missing or no longer what
        was seen, or a reason for what is sent along all the same.
        """
        case.open_for(by, cls.may_decide(case), "Bij een melding met de status {} kan dit niet meer.")
        now = now or clock.now()
        with db.atomic():
            for trace in cls.undecided(case):
                stands = seen is None or seen.get(trace.id) == trace.seen
                decision, why = choices.get(trace.id, ("", "")) if stands else ("", "")
                trace._settle(by, decision, one_line(why, 300, "De reden"), now)
                detail = f"{trace.document.key} {trace.kind}: {decision}"
                AuditEvent.log("document.decide", by=by, case=case, detail=detail, at=now)

    def _settle(self, by, decision, why, now):
        if decision not in DECISIONS:
            raise Refused(UNDECIDED)
        if decision == SENT and not why:
            raise Refused(NO_REASON)
        self.decision, self.why, self.decided_by, self.decided_at = decision, why or None, by, now
        self.save()

    @classmethod
    def carry(cls, document: Document, successor: Any) -> None:
        """Give the file that came in place of `document` what was found in its content, with the decisions."""
        for trace in cls.select().where(cls.document == document, ~cls.removable):
            cls.create(
                document=successor,
                kind=trace.kind,
                removable=False,
                places=trace.places,
                decision=trace.decision,
                why=trace.why,
                decided_by=trace.decided_by_id,
                decided_at=trace.decided_at,
            )


def _things(places):
    """What was found, each thing once wherever it stands; what has no mark is only ever itself."""
    return frozenset((kind, *mark) if any(mark) else (kind, text, place) for kind, text, place, *mark in places)


def _grouped(findings):
    """{(kind, removable): places}"""
    groups = {}
    for finding in findings:
        beside = finding.removable and finding.kind != Kind.UNCHECKED
        kind = BESIDE if beside and finding.kind in METADATA | {Kind.NAME} else finding.kind
        groups.setdefault((str(kind), beside), []).append([str(finding.kind), finding.text, finding.place, finding.mark])
    return groups
