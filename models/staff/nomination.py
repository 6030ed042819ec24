"""What the manager of a hospital's accounts does with people: nominate them, and see them go."""

from collections.abc import Collection
from datetime import date, datetime

from models import access
from models.access import HOSPITAL_ROLES, Role
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.base import Refused, db
from models.cases.case import Case
from models.cases.status import WITH_HOSPITAL
from models.mail.outbox import Mail
from models.typed_text import plain, required

REASON = 200  # letters
LAST_MELDER = (
    "{} is de laatste melder van {}. Zonder melder krijgt het ziekenhuis geen maandelijkse uitvraag en kan niemand er een "
    "melding maken. Nomineer eerst een opvolger, of bevestig dat er geen opvolger is."
)


def nominate(
    by: User,
    name: str,
    email: str,
    phone: str,
    roles: Collection[str],
    ends_on: date | None = None,
    now: datetime | None = None,
) -> User:
    """Make an account for somebody of the own hospital; the roles wait for a second person. Raises Refused for other roles."""
    access.demand(by, "appoint")
    wanted = {Role(role) for role in roles}
    if not wanted or wanted - HOSPITAL_ROLES:
        raise Refused("Kies een of meer rollen in uw ziekenhuis. Een landelijke rol geeft alleen de beheerder.")
    with db.atomic():
        made = HeldChange.invite(by, email, plain(name).strip(), phone, wanted, by.hospital, now=now)
        if ends_on:
            made.end_per(ends_on, by, now)
    return made


def end(
    account: User,
    by: User,
    reason: str,
    successor: int | str | None = None,
    no_melder_left: bool = False,
    now: datetime | None = None,
) -> tuple[int, int]:
    """End the account of a leaver, and offer what lies open to `successor` (account id).

    Returns how many cases were offered, and how many not because the successor (without one: `by`) does not see them.

    Raises Refused without a reason, and for the last melder of the hospital unless `no_melder_left` says that it is so.
    """
    why = required(reason, REASON, "De reden", "Schrijf op waarom dit account stopt, bijvoorbeeld: werkt hier niet meer.")
    with db.atomic():
        if account.hospital_id is not None:
            account.hospital.hold()  # two managers could end each other's last melder at the same moment
        if is_last_melder(account) and not no_melder_left:
            raise Refused(LAST_MELDER.format(account.name, account.hospital.name))
        account.deactivate(by, now, why)
        if not successor:
            return 0, len(_open(account)) - len(open_cases(account, by))
        return _offer(account, _colleague(account, successor), now)


def is_last_melder(account: User) -> bool:
    """Whether this account is the only melder of a hospital that takes part."""
    if account.hospital_id is None or not account.hospital.active:
        return False
    return [melder.id for melder in User.melders_of(account.hospital_id)] == [account.id]


def successors(account: User) -> list[User]:
    """The colleagues of the same hospital who may complete cases, by name."""
    there = User.select().where(User.active, User.hospital == account.hospital_id, User.id != account.id).order_by(User.name)
    return [colleague for colleague in there if access.may(colleague, "complete")]


def waiting(hospital_id: int) -> int:
    """How many changes of accounts of this hospital wait for a second person."""
    return HeldChange.select().where(HeldChange.hospital == hospital_id, HeldChange.open()).count()


def _colleague(account, number):
    for colleague in successors(account):
        if str(colleague.id) == str(number):
            return colleague
    raise Refused("Kies een collega van dit ziekenhuis die meldingen mag aanvullen.")


def open_cases(account: User, user: User) -> list[Case]:
    """What this person made and still lies with the hospital, the oldest first; without what is kept apart from `user`."""
    return [case for case in _open(account) if case.is_open_to(user)]


def _open(account):
    mine = (Case.reporter == account) & Case.status.in_(WITH_HOSPITAL)
    return list(Case.select().where(mine).order_by(Case.id))


def _offer(account, colleague, now):
    """Mail the colleague which cases wait for somebody: only those that the colleague sees. How many those are, and not."""
    mine = [case for case in open_cases(account, colleague) if access.may(colleague, "complete", case.process)]
    if mine:
        Mail.queue(
            "cases_offered",
            colleague,
            once=f"cases_offered:{account.id}:{account.fs_uniquifier}",
            now=now,
            leaver=account.id,
            cases=[case.id for case in mine],
        )
    return len(mine), len(_open(account)) - len(mine)
