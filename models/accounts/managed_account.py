"""What others do with an account: rights, address, term, end. What opens something takes two people (four-eyes principle).

A beheerder does it with every account; the manager of a hospital's accounts (`appoints_since`) ends those of the own hospital.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from models import access, clock
from models.access import HOSPITAL_ROLES, ROLE_LABELS, SOLITARY_ROLES, Role
from models.accounts.identity.linked_identity import LinkedIdentity
from models.accounts.known_device import KnownDevice
from models.accounts.session import LogIn
from models.accounts.user_role import UserRole
from models.audit.audit_event import AuditEvent
from models.base import Refused, db, new_key
from models.dutch import long_date
from models.typed_text import mailable, tidy_address

if TYPE_CHECKING:
    from models.accounts.hospital import Hospital
    from models.accounts.user import User

FIELD_LABELS = {"name": "Naam", "email": "E-mailadres", "phone": "Telefoon", "hospital": "Ziekenhuis", "committee": "Commissie"}
IRREPLACEABLE = {Role.COORDINATOR, Role.LZA1_COORDINATOR, Role.LNR_BEHEER}  # without whom nobody judges what comes in
ENDLESS = IRREPLACEABLE | SOLITARY_ROLES  # no day in the calendar may leave the registry without them
OWN_ROLE = "U kunt uzelf geen rol geven. Vraag een andere beheerder om dat te doen."


def demand_agreed(by: "User | None", agreed: bool) -> None:
    """Raise Refused unless a second person agreed, or it is the operator (`by` None), who has the database anyway.

    Only models/approval passes `agreed`: it asked the first person for the right, and found the second.
    """
    if agreed or by is None:
        return
    access.demand(by, "manage")
    raise Refused("Hiervoor zijn twee mensen nodig: iemand anders moet dit eerst bevestigen.")


def demand_steward(by: "User", hospital_id: int | None) -> None:
    """Raise Refused unless `by` manages the portal, or the accounts of this hospital."""
    if access.may(by, "manage"):
        return
    access.demand(by, "appoint")
    if hospital_id is None or by.hospital_id != hospital_id:
        raise Refused(access.ABILITY_SENTENCES["appoint"])


class ManagedAccount:
    """What `User` lets others do with it. `agreed`: a second person confirmed it, or nobody stopped it in time."""

    @property
    def is_known(self) -> bool:
        """Whether this person chose a password or came in another way; who was only invited cannot judge anything yet."""
        return self.password is not None or self.current_login_at is not None

    def opens(self, roles: Iterable[str], hospital: "Hospital | None" = None, committee: str | None = None) -> bool:
        """Whether `roles`, at this hospital or in this committee, reach anything that the account does not reach now.

        Every role does: a beheerder can make whoever reads cases.
        """
        wanted = {_reach(Role(role), hospital and hospital.id, committee) for role in roles}
        return bool(wanted - {_reach(role, self.hospital_id, self.committee) for role in UserRole.names_of(self)})

    def grant(self, roles: Iterable[str], by: "User | None" = None, agreed: bool = False) -> None:
        """Give the account exactly `roles`; the trail tells which came and went.

        Raises Refused for a combination that cannot be, and for a role that nobody else agreed to.
        """
        roles, before = {Role(role) for role in roles}, UserRole.names_of(self)
        ends = Role.BEHEERDER in before - roles
        if by == self and roles - before and not ends:
            raise Refused(OWN_ROLE)
        access.demand_of(None if agreed else by, "manage")
        with db.atomic():
            if ends:
                self._stop_managing(by)
            if roles - before:
                demand_agreed(by, agreed)
            self._demand_successor(roles)
            self._give(roles)
            if roles & ENDLESS:
                self._last_until(None, by)
            if Role.MELDER not in roles:
                self._mark(None, by)
            changes = [*(f"+{role}" for role in sorted(roles - before)), *(f"-{role}" for role in sorted(before - roles))]
            if changes:
                AuditEvent.log("user.roles", by=by, account=self, detail=" ".join(changes))

    def place(
        self,
        roles: Iterable[str],
        hospital: "Hospital | None",
        committee: str | None,
        by: "User | None" = None,
        agreed: bool = False,
    ) -> None:
        """Give the account exactly `roles`, at this hospital or in this committee."""
        if self.opens(roles, hospital, committee):
            demand_agreed(by, agreed)
        access.demand_of(None if agreed else by, "manage")
        with db.atomic():
            moved = {"hospital": hospital, "committee": committee}
            changed = [name for name, value in moved.items() if value != getattr(self, name)]
            if "hospital" in changed:
                self._mark(None, by)  # of the other hospital
            self.hospital, self.committee = hospital, committee
            if "hospital" in changed:  # the provider of the hospital that they left speaks for them no more
                LinkedIdentity.forget(self, by)
            self.check_roles({Role(role) for role in roles})
            self.save()
            if changed:
                AuditEvent.log("row.update", by=by, account=self, detail=", ".join(FIELD_LABELS[name] for name in changed))
            self.grant(roles, by, agreed)

    def _give(self, roles):
        self.check_roles(roles)
        UserRole.delete().where(UserRole.user == self).execute()
        for role in sorted(roles):
            UserRole.create(user=self, name=role)

    def check_roles(self, roles: set[Role]) -> None:
        """Raise Refused unless `roles` fit the account's hospital and committee (choice C14)."""
        check_fit(roles, self.hospital_id, self.committee)

    def amend(self, by: "User", name: str, phone: str) -> None:
        """Correct the name and the telephone."""
        access.demand(by, "manage")
        with db.atomic():
            fields = {"name": name, "phone": phone}
            changed = [field for field, value in fields.items() if value != getattr(self, field)]
            self.name, self.phone = name, phone
            self.save()
            if changed:
                AuditEvent.log("row.update", by=by, account=self, detail=", ".join(FIELD_LABELS[field] for field in changed))

    def free_address(self, email: str) -> str:
        """The address as it is kept. Raises Refused when it is none, or another account has it."""
        mailable(email := tidy_address(email))
        if (other := type(self).by_email(email)) and other != self:
            raise Refused(f"Er is al een account met het e-mailadres {email}.")
        return email

    def move_address(self, email: str, by: "User | None" = None, agreed: bool = False) -> None:
        """Mail goes to `email` from now on, which is also the name to log in with; links that were mailed before end."""
        demand_agreed(by, agreed)
        with db.atomic():
            before, self.email = self.email, self.free_address(email)
            if self.email == before:
                return
            self.address_refused_at = None
            # A link for a new password that went to the old address opens nothing any more, nor does an invitation.
            self.reset_key = new_key()
            self.fs_uniquifier = self.fs_uniquifier if self.password else new_key()
            self.save()
            AuditEvent.log("user.address", by=by, account=self, detail=f"{before} > {self.email}")
            AuditEvent.log("row.update", by=by, account=self, detail=FIELD_LABELS["email"])

    def _stop_managing(self, by):
        managers = type(self).with_role(Role.BEHEERDER)
        # Held until the transaction ends: two beheerders could end each other at the same moment.
        if not [one for one in (managers.for_update() if db.for_update else managers) if one != self]:
            raise Refused("Dit is de laatste beheerder. Maak eerst iemand anders beheerder.")
        if by == self:
            raise Refused("U kunt uw eigen beheer niet beëindigen. Vraag een andere beheerder om dat te doen.")

    def _demand_successor(self, roles):
        """Raise Refused when, with only `roles` left to this account, nobody would hold one of IRREPLACEABLE any more."""
        for role in sorted((self.role_names & IRREPLACEABLE) - set(roles)) if self.active else ():
            others = type(self).with_role(role)
            if not [one for one in (others.for_update() if db.for_update else others) if one != self]:
                label = ROLE_LABELS[role]
                raise Refused(f"Dit is het laatste account met de rol {label}. Geef die rol eerst aan iemand anders.")

    def end_sessions(self) -> None:
        """Log every browser of this person out, on its next request."""
        with db.atomic():
            for login in self.logins.where(LogIn.ended_at.is_null()):
                login.end()
            self.fs_uniquifier = new_key()
            self.save()

    def log_out_everywhere(self, by: "User | None" = None, now: datetime | None = None) -> None:
        """End all sessions of this person, and trust none of the devices any more (ASVS 7.4.5)."""
        access.demand_of(by, "manage")
        with db.atomic():
            KnownDevice.distrust(self)
            self.end_sessions()
            AuditEvent.log("user.logged_out", by=by, account=self, at=now)

    def deactivate(self, by: "User | None" = None, now: datetime | None = None, reason: str = "") -> None:
        """End the account; what it did stays. Raises Refused for one's own account, and for the last one of a national role."""
        if by is not None:
            demand_steward(by, self.hospital_id)
        with db.atomic():
            if Role.BEHEERDER in self.role_names and self.active:
                self._stop_managing(None)
            if by == self:
                raise Refused("U kunt uw eigen account niet beëindigen. Vraag een andere beheerder om dat te doen.")
            self._demand_successor(set())
            today = clock.today(now)
            self.active, self.suspended_at, self.ends_on = False, None, min(self.ends_on or today, today)
            KnownDevice.distrust(self)
            self.end_sessions()
            AuditEvent.log("user.deactivate", by=by, account=self, detail=reason, at=now)

    def reactivate(self, by: "User | None" = None, agreed: bool = False) -> None:
        """Let somebody in again, with the password and roles of then; who was suspended has the end date of then."""
        demand_agreed(by, agreed)
        with db.atomic():
            if not self.suspended_at or self.is_over():
                self.ends_on = None
            self.active, self.suspended_at = True, None
            self.used_at = clock.now()  # else it would be suspended once more tonight
            self.save()
            AuditEvent.log("user.activate", by=by, account=self)

    # ---- how long it lasts -----------------------------------------------------------------------------------------------

    def end_per(self, day: date | None, by: "User", now: datetime | None = None, reviewed: bool = False) -> None:
        """Let the account end by itself at the beginning of this local day; None: no end.

        Raises Refused for days that have been, for one's own account, for one that has ended, and for roles without which
        nobody does the work. Only models/staff passes `reviewed`: `by` judges this account in the yearly review.
        """
        if not reviewed:
            demand_steward(by, self.hospital_id)
        if by == self:
            raise Refused("Uw eigen einddatum kunt u niet wijzigen. Vraag de beheerder of een andere ziekenhuisbeheerder.")
        if not self.active:
            raise Refused(f"Het account van {self.name} is niet actief. Vraag eerst om het weer actief te maken.")
        if day is not None and day <= clock.today(now):
            raise Refused("Kies een dag na vandaag. Moet het vandaag al, beëindig dan het account.")
        if day is not None and UserRole.names_of(self) & ENDLESS:
            raise Refused("Een coördinator of beheerder heeft geen einddatum. Beëindig het account als er een opvolger is.")
        self._last_until(day, by, now)

    def _last_until(self, day, by, now=None):
        if day == self.ends_on:
            return
        with db.atomic():
            self.ends_on, self.ending_told = day, None
            self.save()
            told = f"stopt per {long_date(day)}" if day else "geen einddatum"
            AuditEvent.log("user.term", by=by, account=self, detail=told, at=now)

    def suspend(self, now: datetime) -> None:
        """Nobody used it for long: it opens nothing until two people let it live again. What it is and has stays.

        Raises Refused for the last one of a national role.
        """
        with db.atomic():
            if Role.BEHEERDER in self.role_names:
                self._stop_managing(None)
            self._demand_successor(set())
            self.active, self.suspended_at = False, now
            KnownDevice.distrust(self)
            self.end_sessions()
            AuditEvent.log("user.suspend", account=self, at=now)

    def appoint(self, by: "User", now: datetime | None = None) -> None:
        """Let this melder see to the accounts of the own hospital. Raises Refused for who is no melder."""
        access.demand(by, "manage")
        if not self.active or Role.MELDER not in UserRole.names_of(self):
            raise Refused(f"{self.name} is geen melder. Alleen een NethOSS-melder kan ziekenhuisbeheerder zijn.")
        self._mark(now or clock.now(), by, now)

    def dismiss(self, by: "User", now: datetime | None = None) -> None:
        """Let this melder no longer see to the accounts of the own hospital."""
        access.demand(by, "manage")
        self._mark(None, by, now)

    def _mark(self, since, by, now=None):
        if bool(since) == bool(self.appoints_since):
            return
        with db.atomic():
            self.appoints_since = since
            self.save()
            AuditEvent.log("user.steward", by=by, account=self, detail="aangewezen" if since else "beëindigd", at=now)


def _reach(role, hospital_id, committee):
    """(role, where it holds): what a role reaches depends on a hospital, a committee, or nothing."""
    return role, hospital_id if role in HOSPITAL_ROLES else committee if role == Role.COMMISSIELID else None


def check_fit(roles: set[Role], hospital_id: int | None, committee: str | None) -> None:
    """Raise Refused unless `roles` go together, and with this hospital and committee (choice C14)."""
    if roles & SOLITARY_ROLES and len(roles) > 1:
        raise Refused("Een beheerder ziet geen meldingen en heeft daarom geen andere rol. Haal die andere rol weg.")
    local = roles & HOSPITAL_ROLES
    if local and hospital_id is None:
        raise Refused(f"De rol {ROLE_LABELS[min(local)]} hoort bij een ziekenhuis. Kies een ziekenhuis.")
    if hospital_id is not None and roles - HOSPITAL_ROLES:
        raise Refused("Een landelijke rol hoort niet bij één ziekenhuis. Haal het ziekenhuis of de rol weg.")
    if (Role.COMMISSIELID in roles) != (committee is not None):
        raise Refused("Kies voor een commissielid de commissie, en alleen voor een commissielid.")
