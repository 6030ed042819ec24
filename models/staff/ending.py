"""Accounts with an end date: the person and who can extend it hear of it in time, on the day it ends, and what goes after."""

from datetime import datetime, timedelta

from peewee import SQL, ModelSelect

from models import clock
from models.access import Role
from models.accounts.identity.linked_identity import LinkedIdentity
from models.accounts.known_device import KnownDevice
from models.accounts.passkey import Passkey
from models.accounts.user import User
from models.base import Refused, db, new_key
from models.long_work.shutdown import until_asked
from models.mail.outbox import Mail

STAGES = (30, 7)  # days before
AT_ONCE = 50  # accounts that one run of a clock takes
WITH_END = SQL("active AND ends_on IS NOT NULL")

User.add_index(User.index(User.ends_on, where=WITH_END, name="user_ends_on"))
SECRETS = (
    "password", "tf_primary_method", "tf_totp_secret", "tf_last_counter", "mf_recovery_codes", "reset_key", "last_login_ip",
    "current_login_ip", "fs_webauthn_user_handle",
)  # fmt: skip


def ends_within(days: str) -> ModelSelect:
    """The ids of the accounts that end within so many days, as a sub-query."""
    return User.select(User.id).where(WITH_END, User.ends_on <= clock.today() + timedelta(days=int(days)))


def helpers(account: User) -> list[User]:
    """Who can extend or revive this account: the managers of its hospital, without the account itself; else the beheerders."""
    stewards = User.stewards_of(account.hospital_id) if account.hospital_id else []
    managers = [steward for steward in stewards if steward.appoints_since and steward != account]
    return managers or list(User.with_role(Role.BEHEERDER).order_by(User.name))


def warn(now: datetime) -> int:
    """Queue the mails about accounts that end within STAGES days; returns about how many. Each stage of each day once."""
    today, told = clock.today(now), 0
    for account in until_asked(_to_tell(today)):
        stage = min(stage for stage in STAGES if account.ends_on <= today + timedelta(days=stage))
        with db.atomic():
            new = User.ending_told.is_null() | (User.ending_told > stage)
            mine = (User.id == account.id) & (User.ends_on == account.ends_on) & new
            if not User.update(ending_told=stage).where(mine).execute():
                continue  # another worker told it, or the day was moved
            for person in [account, *helpers(account)]:
                once = f"account_ending:{account.id}:{account.ends_on}:{stage}:{person.id}"
                Mail.queue("account_ending", person, once=once, now=now, account=account.id, day=f"{account.ends_on}")
            told += 1
    return told


def _to_tell(today):
    last, first = (today + timedelta(days=stage) for stage in STAGES)
    untold = User.ending_told.is_null() | ((User.ends_on <= first) & (User.ending_told > STAGES[-1]))
    soon = User.select().where(WITH_END, User.ends_on > today, User.ends_on <= last, untold)
    return list(soon.order_by(User.ends_on, User.id).limit(AT_ONCE))


def end_due(now: datetime) -> int:
    """End the accounts whose day has come; returns how many. They open nothing since that day began (`is_active`)."""
    due = User.select().where(WITH_END, User.ends_on <= clock.today(now)).order_by(User.ends_on, User.id).limit(AT_ONCE)
    ended = 0
    for account in until_asked(list(due)):
        try:
            account.deactivate(now=now, reason="einddatum bereikt")
            ended += 1
        except Refused:
            continue  # the last one of a role, which got its end date before its role; a beheerder decides
    return ended


def forget_secrets(user: User) -> None:
    """Take away what this account proved itself with, and from where it came, in the caller's transaction."""
    for table in (Passkey, KnownDevice):
        table.delete().where(table.user == user).execute()
    LinkedIdentity.forget(user)
    gone = dict.fromkeys(SECRETS)
    User.update(gone | {"phone": "", "fs_uniquifier": new_key()}).where(User.id == user.id).execute()
