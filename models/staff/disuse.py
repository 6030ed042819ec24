"""Accounts that nobody uses: a mail first, then suspended. Whoever logs in, or answers by a button in a mail, uses it."""

from datetime import datetime, timedelta

from models import clock
from models.access import Role
from models.accounts.user import User
from models.base import Refused, db
from models.long_work.shutdown import until_asked
from models.mail.outbox import Mail
from models.staff.nomination import is_last_melder

UNUSED = timedelta(days=396)  # thirteen months
NOTICE = timedelta(days=30)
AT_ONCE = 50  # accounts that one run of a clock takes


def _unused_since(moment):
    """Accounts that were last used, or made, before this moment, as an expression."""
    unused = User.created_at < moment
    for used in (User.current_login_at, User.used_at, User.invited_at):
        unused &= used.is_null() | (used < moment)
    return User.active & unused


def warn(now: datetime) -> int:
    """Queue the mails that say when an account will be suspended; returns about how many.

    The last melder of a hospital will not be: beheerders hear of it, and find out who comes after.
    """
    told = 0
    quiet = _unused_since(now - UNUSED + NOTICE)
    untold = User.unused_told_at.is_null() | (User.unused_told_at <= now - UNUSED)
    for account in until_asked(list(User.select().where(quiet, untold).order_by(User.id).limit(AT_ONCE))):
        with db.atomic():
            if User.update(unused_told_at=now).where(User.id == account.id, quiet, untold).execute():
                day = f"{clock.today(now + NOTICE)}"
                for person in [account, *(User.with_role(Role.BEHEERDER) if is_last_melder(account) else ())]:
                    once = f"account_unused:{account.id}:{now.isoformat()}:{person.id}"
                    Mail.queue("account_unused", person, once=once, now=now, account=account.id, day=day)
                told += 1
    return told


def suspend_due(now: datetime) -> int:
    """Suspend who was told NOTICE ago and did not come; returns how many, AT_ONCE at most.

    Never the last one of a national role, nor the last melder of a hospital: nobody would be asked there any more.
    """
    done = 0
    told = (User.unused_told_at <= now - NOTICE) & (User.unused_told_at > now - UNUSED)
    due = _unused_since(now - UNUSED) & told
    for found in until_asked(list(User.select().where(due).order_by(User.id))):  # those that stay keep no other out
        if done == AT_ONCE:
            break
        try:
            with db.atomic():
                if found.hospital_id is not None:
                    found.hospital.hold()  # as in nomination.end
                query = User.select().where(User.id == found.id, due)
                account = (query.for_update() if db.for_update else query).first()  # who did not come this moment
                if account and not is_last_melder(account):
                    account.suspend(now)
                    done += 1
        except Refused:
            continue
    return done
