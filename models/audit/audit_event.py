"""The trail: who did, saw, fetched or was refused what, and when (NEN 7513). Append-only and hash-chained."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from peewee import CharField, DateTimeField, DeferredForeignKey, IntegerField, ModelSelect, Node

from models import access, clock
from models.audit.committee_actions import COMMITTEE
from models.base import EVERYBODY, Record, db, on_postgresql
from models.database import prepared_statements

# Where the request came from; the web sets it per request, the worker once.
origin = ContextVar("origin", default="")
GENESIS = "0" * 64
CHAIN_LOCK = 7513
READ_AT_ONCE = 1000  # lines

# action -> (NEN 7513 kind: Create Read Update Delete Execute, what a person reads)
ACTIONS = {
    "case.open": ("C", "Melding aangemaakt"),
    "case.read": ("R", "Melding ingezien"),
    "case.submit": ("U", "Melding ingediend"),
    "case.mark_incomplete": ("U", "Onvolledig verklaard"),
    "case.approve": ("U", "Goedgekeurd"),
    "case.reopen": ("U", "Heropend"),
    "case.withdraw": ("U", "Ingetrokken"),
    "case.dismiss": ("U", "Afgesloten door de coördinator"),
    "case.restore": ("U", "Intrekken ongedaan gemaakt"),
    "remark.read": ("R", "Opmerkingen bij meldingen ingezien"),
    "case.note": ("C", "Interne notitie geplaatst"),
    "case.ask": ("U", "Vraag van de commissie"),
    "case.entrust": ("U", "Collega aangewezen"),
    "case.withhold": ("U", "Aanwijzing van een collega beëindigd"),
    "verdict.place": ("C", "Oordeel van de commissie geplaatst"),
    "verdict.read": ("R", "Oordeel van de commissie gelezen"),
    "verdict.lost": ("R", "Oordeel van de commissie kon niet worden gelezen"),
    "case.patient_number": ("U", "Patiëntnummer gewijzigd"),
    "case.month": ("U", "Maand van de casus gewijzigd"),
    "lza1.export": ("R", "LZA1-register geëxporteerd"),
    "case.export": ("R", "Meldingen geëxporteerd"),
    "document.attach": ("C", "Bestand toegevoegd"),
    "document.remove": ("D", "Bestand verwijderd"),
    "document.restore": ("U", "Verwijderen van bestand ongedaan gemaakt"),
    "document.link": ("U", "Bestand aan gevraagd document gekoppeld"),
    "document.download": ("R", "Bestand gedownload"),
    "document.preview": ("R", "Bestand bekeken"),
    "document.lost": ("R", "Bestand kon niet worden gelezen"),
    "document.infected": ("E", "Virus gevonden in bestand"),
    "document.blocked": ("E", "Bestand geblokkeerd: het kan niet worden gecontroleerd"),
    "document.decide": ("U", "Besluit over mogelijk herleidbare gegevens"),
    "document.unchecked": ("U", "Ingediend met een bestand dat nog niet was nagekeken"),
    "document.undecided": ("U", "Goedgekeurd met een bestand waarover nog niet was beslist"),
    "document.strip": ("U", "Auteursgegevens en locatie uit bestand verwijderd"),
    "document.generate": ("C", "Vragenlijst als document toegevoegd"),
    "form.start": ("C", "Vragenlijst begonnen"),
    "form.read": ("R", "Vragenlijst ingezien"),
    "form.answer": ("U", "Vraag beantwoord"),
    "inquiry.ask": ("C", "Vraag van de coördinator"),
    "inquiry.answer": ("U", "Vraag van de coördinator beantwoord"),
    "inquiry.settle": ("U", "Vraag van de coördinator afgehandeld"),
    "form.carry": ("U", "Vragenlijst overgezet naar een nieuwere versie"),
    "form.export": ("R", "Antwoorden van een vragenlijst geëxporteerd"),
    "questionnaire.change": ("U", "Concept van een vragenlijst gewijzigd"),
    "questionnaire.publish": ("U", "Vragenlijst in gebruik genomen"),
    "questionnaire.discard": ("U", "Concept van een vragenlijst weggegooid"),
    "asked.answer": ("U", "Gevraagd document beantwoord"),
    "zero.report": ("C", "Nul-melding geregistreerd"),
    "zero.confirm": ("U", "Nul-melding bevestigd"),
    "zero.withdraw": ("U", "Nul-melding ingetrokken"),
    "zero.supersede": ("U", "Nul-melding vervangen door casus"),
    "month.open": ("E", "Maandelijkse uitvraag verstuurd"),
    "month.remind": ("E", "Herinnering aan de uitvraag verstuurd"),
    "user.login": ("E", "Ingelogd"),
    "user.logout": ("E", "Uitgelogd"),
    "user.login_refused": ("E", "Inloggen geweigerd"),
    "user.throttled": ("E", "Te veel pogingen, moest wachten"),
    "user.password": ("U", "Wachtwoord gewijzigd"),
    "factor.set": ("U", "Tweede stap ingesteld"),
    "factor.removed": ("U", "Passkey verwijderd"),
    "factor.codes": ("U", "Herstelcodes gemaakt"),
    "factor.code_used": ("E", "Ingelogd met een herstelcode"),
    "factor.refused": ("E", "Tweede stap geweigerd"),
    "factor.trusted": ("U", "Apparaat vertrouwd"),
    "factor.distrusted": ("U", "Vertrouwde apparaten vergeten"),
    "factor.reset": ("U", "Tweede stap opnieuw laten instellen"),
    "user.sessions_ended": ("E", "Andere sessies beëindigd"),
    "user.roles": ("U", "Rollen gewijzigd"),
    "user.address": ("U", "E-mailadres gewijzigd"),
    "user.invite": ("E", "Uitgenodigd"),
    "user.deactivate": ("U", "Account beëindigd"),
    "user.activate": ("U", "Account weer actief"),
    "user.logged_out": ("U", "Overal uitgelogd door de beheerder"),
    "change.ask": ("C", "Wijziging van een account gevraagd"),
    "change.confirm": ("U", "Wijziging van een account bevestigd"),
    "change.stop": ("U", "Wijziging van een account tegengehouden"),
    "change.effect": ("U", "Wijziging van een account na de wachttijd ingegaan"),
    "mail.resend": ("E", "Mail opnieuw aangeboden"),
    "mail.bounced": ("U", "Mail teruggekomen"),
    "mail.drop": ("U", "Mail niet meer versturen"),
    "row.create": ("C", "Gegeven toegevoegd"),
    "row.update": ("U", "Gegeven gewijzigd"),
    "row.search": ("E", "Gezocht in een lijst"),
    "row.export": ("R", "Lijst geëxporteerd"),
    "trail.read": ("R", "Logboek ingezien"),
    "trail.export": ("R", "Logboek geëxporteerd"),
    "trail.sign": ("U", "Logboek van een maand afgetekend"),
    "lnr.deliver": ("C", "LNR-bericht ontvangen"),
    "lnr.replace": ("U", "LNR-opname vervangen"),
    "lnr.withdraw": ("D", "LNR-opname ingetrokken"),
    "lnr.refuse": ("E", "LNR-bericht geweigerd"),
    "lnr.repeat": ("E", "LNR-bericht nog eens ontvangen"),
    "lnr.read": ("R", "LNR-opname ingezien"),
    "lnr.original": ("R", "Oorspronkelijk LNR-bericht ingezien"),
    "lnr.form_begin": ("C", "LNR-formulier begonnen"),
    "lnr.form": ("U", "LNR-formulier ingevuld"),
    "lnr.form_read": ("R", "LNR-formulier ingezien"),
    "lnr.form_end": ("D", "LNR-formulier weggegooid"),
    "lnr.key": ("C", "Sleutel van een LNR-leverancier gemaakt"),
    "lnr.key_end": ("D", "Sleutel van een LNR-leverancier ingetrokken"),
    "lnr.supplier": ("U", "LNR-leverancier gewijzigd"),
    "lnr.key_refused": ("E", "LNR-sleutel geweigerd"),
    "lnr.upload": ("C", "Bestand met LNR-berichten aangeleverd"),
    "lnr.export_ask": ("C", "LNR-gegevens voor onderzoek aangevraagd"),
    "lnr.export_decide": ("U", "Aanvraag van LNR-gegevens beoordeeld"),
    "lnr.export": ("R", "LNR-gegevens voor onderzoek gemaakt"),
    "lnr.indicator": ("R", "Kinderen achter een LNR-indicator ingezien"),
    "lnr.agreement": ("U", "Afspraak over zichtbaarheid in de LNR-vergelijking"),
    "lnr.admissions": ("U", "Aantal LNR-opnamen opgegeven"),
    "restore.done": ("E", "Reservekopie teruggezet"),
    "restore.release": ("E", "Verzending vrijgegeven na terugzetten"),
    "access.refused": ("E", "Toegang geweigerd"),
    "sealed.unreadable": ("R", "Versleuteld gegeven kon niet worden gelezen"),
    **COMMITTEE,
}
# The story of a case for its hospital: the deeds, not who read what, and nothing that coordinators keep to themselves.
STORY = (
    *(f"case.{verb}" for verb in "open submit mark_incomplete approve ask reopen withdraw dismiss restore".split()),
    "case.patient_number", "case.entrust", "case.withhold", "verdict.place",
    "letter.release", "use.receipt", "use.add",
    "form.start", "document.generate", "inquiry.ask", "inquiry.answer",
    "document.attach", "document.remove", "document.restore", "document.infected", "document.blocked", "document.strip",
    "document.unchecked",
)  # fmt: skip
ACTION_LABELS = {action: label for action, (_, label) in ACTIONS.items()}


class AuditEvent(Record):
    """One line of the trail. `detail` says that something changed, never the content."""

    at = DateTimeField(index=True)
    # Deferred: accounts stand above this room, so that their verbs write lines too.
    actor = DeferredForeignKey("User", null=True, backref="events", on_delete="RESTRICT")
    roles = CharField(max_length=120)
    action = CharField(max_length=30, choices=list(ACTION_LABELS.items()))
    kind = CharField(max_length=1)
    # Numbers, not foreign keys: the trail outlives what it speaks of.
    case_id = IntegerField(null=True)
    hospital = DeferredForeignKey("Hospital", null=True, on_delete="RESTRICT")
    subject = CharField(max_length=200)
    rule = CharField(max_length=60)
    result = CharField(max_length=20)
    detail = CharField(max_length=500)
    address = CharField(max_length=64)
    previous = CharField(max_length=64)
    hash = CharField(max_length=64, unique=True)

    class Meta:
        table_name = "event"
        # The last by all three: by the action alone, or by its moment, SQLite would read that of every case.
        indexes = ((("action", "at"), False), (("result", "at"), False), (("case_id", "action", "at"), False))

    @classmethod
    def log(
        cls,
        action: str,
        by: Record | None = None,
        case: Any = None,
        account: Any = None,
        subject: Record | str = "",
        detail: Any = "",
        hospital: Record | int | None = None,
        process: str | None = None,
        result: str = "gelukt",
        at: Any = None,
    ) -> "AuditEvent":
        """Add one line, in the caller's transaction: the act and its record stand or fall together.

        What it is about is a case, an account, or what `subject` says.
        """
        kind, _ = ACTIONS[action]
        about, named = case or account, case.number if case else account.in_trail if account else subject
        rule = "geen" if result == "geweigerd" else access.rule_for(by, case.process if case else process)
        # Inside the caller's transaction a savepoint would be two more trips to the database for nothing.
        with nullcontext() if db.in_transaction() else db.atomic():
            event = cls(
                at=at or clock.now(),
                actor=by,
                roles=", ".join(sorted(by.role_names)) if by else "systeem",
                action=action,
                kind=kind,
                case_id=case and case.id,
                hospital=about.hospital_id if about else hospital,
                subject=str(named)[:200],
                rule=rule,
                result=result,
                detail=str(detail)[:500],
                address=origin.get()[:64],
                previous=cls._head(),
            )
            event.hash = event.digest()
            prepared_statements.insert(event)
        return event

    @classmethod
    def seen(cls, action: str, by: Record, case: Record, now: datetime | None = None) -> None:
        """Add the line that `by` read a case, unless it was added in the last minute: a page fetches parts of itself anew."""
        now = now or clock.now()
        same = (cls.action == action) & (cls.actor == by) & (cls.case_id == case.id) & (cls.address == origin.get()[:64])
        if not cls.select().where(same, cls.at > now - clock.MINUTE, cls.at <= now).exists():
            cls.log(action, by=by, case=case, at=now)

    @classmethod
    def _head(cls):
        """The hash of the last line; whoever adds next waits until this transaction is over."""
        if on_postgresql():
            db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (CHAIN_LOCK,))
        last = LAST.first()
        return last[0] if last else GENESIS

    def digest(self) -> str:
        """SHA-256 over the line before and everything this line says."""
        names = (
            "actor_id",
            "roles",
            "action",
            "kind",
            "case_id",
            "hospital_id",
            "subject",
            "rule",
            "result",
            "detail",
            "address",
        )
        said = [self.at.isoformat(timespec="microseconds"), *(getattr(self, name) for name in names)]
        return hashlib.sha256((self.previous + json.dumps(said, ensure_ascii=False)).encode()).hexdigest()

    @classmethod
    def addresses(cls, action: str, since: datetime) -> list[str]:
        """From where this was done since then, line by line."""
        return [address for (address,) in cls.select(cls.address).where(cls.action == action, cls.at > since).tuples()]

    @classmethod
    def broken_links(cls) -> Iterator[str]:
        """Yield a sentence for every line that was changed, removed or swapped."""
        previous, last = GENESIS, 0
        # By the thousand: one query for all would keep all of them in memory, or the database from tidying up.
        while events := list(cls.select().where(cls.id > last).order_by(cls.id).limit(READ_AT_ONCE)):
            for event in events:
                if event.previous != previous:
                    yield f"logboek: vóór regel {event.id} ontbreekt een regel of is de volgorde veranderd"
                if event.digest() != event.hash:
                    yield f"logboek: regel {event.id} is achteraf gewijzigd"
                previous, last = event.hash, event.id

    @classmethod
    def of_case(cls, case: Record) -> ModelSelect:
        """Everything that happened to a case, oldest first."""
        actor = cls.actor.rel_model
        return cls.select(cls, actor).left_outer_join(actor).where(cls.case_id == case.id).order_by(cls.id)

    @classmethod
    def story_of(cls, case: Record) -> ModelSelect:
        """What the hospital reads in the time line of its case, newest first."""
        return cls.of_case(case).where(cls.action.in_(STORY)).order_by(cls.id.desc())

    @property
    def signed(self) -> str:
        """The name that a hospital reads: not which reviewer it was (R4)."""
        if self.actor is None:
            return "het portaal"
        return self.actor.name if self.actor.hospital_id else "Perined Beoordelaar"

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def matching(cls, text: str, user: Record | None = None) -> Node:
        """What the people did that `text` names, as an expression."""
        return cls.actor.in_(cls.actor.rel_model.named(text))

    @property
    def label(self) -> str:
        return ACTION_LABELS.get(self.action, self.action)


LAST = prepared_statements.Prepared(lambda: AuditEvent.select(AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1).tuples())
