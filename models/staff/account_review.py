"""The yearly access review: each hospital says of every account who still works there; a beheerder of who has no hospital.

It opens a year after the last one, or after the hospital came; the database keeps one a year. What nobody looks at within
OVERDUE stands in the list of the beheerders as 'niet nagekeken'.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from peewee import SQL, CharField, Check, DateField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, Node, fn

from models import access, clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, PartOf, Record, Refused, count_of, db
from models.dutch import long_date
from models.long_work.shutdown import until_asked
from models.mail.outbox import Mail

REMINDED = (timedelta(weeks=2), timedelta(weeks=4))
OVERDUE = timedelta(weeks=6)
A_DAY = 5  # reviews that open on one day: after an upgrade all are due, and what opens together comes back together
AT_ONCE = 20  # reviews of which one run of the clock reminds
STAYS, STOPS = "werkt", "stopt"
OPEN = SQL("closed_at IS NULL")


class AccountReview(Record):
    """One review of the accounts of one hospital, or of everybody without a hospital (None)."""

    hospital = ForeignKeyField(Hospital, null=True, backref="+", on_delete="RESTRICT")
    year = IntegerField()
    opened_at = DateTimeField()
    reminded = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])  # how many of REMINDED went out
    closed_at = DateTimeField(null=True)  # when the last account of it was judged

    class Meta:
        indexes = ((("hospital", "year"), True),)

    def __str__(self) -> str:
        return f"{self.place} {self.year}"

    @property
    def place(self) -> str:
        """Whose accounts it is about."""
        return self.hospital.name if self.hospital_id else "Landelijk"

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Node:
        return cls.hospital == hospital

    @property
    def state(self) -> str:
        """'nagekeken', 'open' or 'niet nagekeken', now."""
        if self.closed_at:
            return "nagekeken"
        return "open" if self.opened_at > clock.now() - OVERDUE else "niet nagekeken"

    @classmethod
    def in_state(cls, state: str) -> Node:
        """The reviews that are in this state now, as a sub-query of their ids."""
        late = cls.opened_at <= clock.now() - OVERDUE
        clauses = {"nagekeken": cls.closed_at.is_null(False), "open": OPEN & ~late, "niet nagekeken": OPEN & late}
        return cls.select(cls.id).where(clauses[state])

    # ---- the clock -------------------------------------------------------------------------------------------------------

    @classmethod
    def open_due(cls, now: datetime) -> int:
        """Open what is due, A_DAY at most; returns how many."""
        year_ago = _year_before(now)
        left = max(0, A_DAY - cls.select().where(cls.opened_at >= clock.start_of(clock.today(now))).count())
        lately = cls.select(SQL("1")).where(cls.hospital == Hospital.id, cls.opened_at > year_ago)
        staffed = User.select(SQL("1")).where(User.hospital == Hospital.id, User.active)
        here = Hospital.active & (Hospital.created_at <= year_ago) & fn.EXISTS(staffed) & ~fn.EXISTS(lately)
        due: list[Hospital | None] = list(Hospital.select().where(here).order_by(Hospital.id).limit(left))
        national = User.active & User.hospital.is_null() & (User.created_at <= year_ago)
        known = cls.hospital.is_null() & (cls.opened_at > year_ago)
        if User.select().where(national).exists() and not cls.select().where(known).exists():
            due.insert(0, None)
        return sum(cls.begin(hospital, now) is not None for hospital in until_asked(due[:left]))

    @classmethod
    def begin(cls, hospital: Hospital | None, now: datetime) -> "AccountReview | None":
        """Open the review of this year with every account of now, and mail who does it; None when there is one already."""
        people = User.select(User.id).where(User.active, User.hospital == hospital if hospital else User.hospital.is_null())
        try:
            with db.atomic():
                made = cls.create(hospital=hospital, year=clock.today(now).year, opened_at=now)
                rows = [{"review": made.id, "account": person.id} for person in people.order_by(User.id)]
                ReviewedAccount.insert_many(rows).execute()
                AuditEvent.log("accounts.review", hospital=hospital, subject=str(made), at=now)
                made._tell(0, now)
        except IntegrityError:
            return None
        return made

    @classmethod
    def remind_due(cls, now: datetime) -> int:
        """Remind of what is open after REMINDED, each stage once; returns how many. Closes what has nothing open meanwhile."""
        left = ReviewedAccount.select(SQL("1")).join(User, on=ReviewedAccount.account)
        cls.update(closed_at=now).where(
            OPEN, ~fn.EXISTS(left.where(ReviewedAccount.review == cls.id, ReviewedAccount.undecided()))
        ).execute()
        stages = [(cls.opened_at <= now - wait) & (cls.reminded < stage) for stage, wait in enumerate(REMINDED, 1)]
        waits = cls.select().where(OPEN, reduce(or_, stages))
        sent = 0
        for review in until_asked(list(waits.order_by(cls.opened_at, cls.id).limit(AT_ONCE))):
            stage = sum(review.opened_at <= now - wait for wait in REMINDED)
            with db.atomic():
                mine = (cls.id == review.id) & OPEN & (cls.reminded == review.reminded)
                if cls.update(reminded=stage).where(mine).execute():
                    review._tell(stage, now)
                    sent += 1
        return sent

    def reviewers(self) -> list[User]:
        """Who does it: the managers of the hospital's accounts, its melders where there is none; beheerders for the others.

        So also for a hospital that has no melder.
        """
        local = User.stewards_of(self.hospital_id) if self.hospital_id else []
        return local or list(User.with_role(Role.BEHEERDER).order_by(User.name))

    def _tell(self, stage, now):
        for person in self.reviewers():
            once = f"account_review:{self.id}:{stage}:{person.id}"
            Mail.queue("account_review", person, once=once, now=now, review=self.id, reminder=bool(stage))

    # ---- what is judged --------------------------------------------------------------------------------------------------

    @classmethod
    def standing(cls, hospital_id: int | None) -> "AccountReview | None":
        """The review of this hospital (None: of the national accounts) that is open, the latest when an older one is too."""
        place = cls.hospital == hospital_id if hospital_id else cls.hospital.is_null()
        return cls.select().where(place, OPEN).order_by(cls.year.desc()).first()

    @classmethod
    def counts(cls, ids: Collection[int]) -> dict[int, tuple[int, int]]:
        """{review id: (accounts that nobody judged, all accounts)}; an account that ended meanwhile needs no judging."""
        row = ReviewedAccount
        query = row.select(row.review, count_of(row.undecided()), fn.COUNT(row.id)).join(User, on=row.account)
        found = query.where(row.review.in_(ids)).group_by(row.review).tuples()
        return {review: (left, whole) for review, left, whole in found}

    def close_if_done(self, now: datetime) -> None:
        """Close it when no account is left to judge."""
        if not AccountReview.counts([self.id]).get(self.id, (0, 0))[0]:
            AccountReview.update(closed_at=now).where(AccountReview.id == self.id, OPEN).execute()


class ReviewedAccount(PartOf, Record):
    """One account in one review; without a verdict until somebody says it. `stops_on`: with 'stopt'."""

    whole = "review"

    review = ForeignKeyField(AccountReview, backref="accounts", on_delete="CASCADE")
    account = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    verdict = CharField(max_length=10, null=True, constraints=[Check("verdict IN ('werkt', 'stopt')")])
    stops_on = DateField(null=True)
    by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    at = DateTimeField(null=True)

    class Meta:
        indexes = ((("review", "account"), True),)

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def of(cls, review: AccountReview) -> Node:
        """The rows of one review, as an expression."""
        return cls.review == review

    @classmethod
    def undecided(cls) -> Node:
        """Which of them, joined with their accounts, nobody judged and still can come in."""
        return cls.verdict.is_null() & User.active

    @classmethod
    def to_judge(cls, accounts: Collection[int]) -> "dict[int, ReviewedAccount]":
        """{account id: its row in the open review}, for those of `accounts` that are in one."""
        found = cls.select(cls, AccountReview).join(AccountReview).where(cls.account.in_(accounts), OPEN)
        return {row.account_id: row for row in found.order_by(AccountReview.year)}

    @property
    def said(self) -> str:
        """The verdict in words; empty when there is none."""
        if self.verdict == STOPS:
            return f"stopt per {long_date(self.stops_on)}"
        return "werkt hier nog" if self.verdict else ""


def confirm(account: User, by: User, now: datetime | None = None) -> None:
    """'Werkt hier nog', in the review that is open. Raises Refused when none is, and for who does not do it."""
    _judge(account, by, STAYS, None, now or clock.now())


def stop_per(account: User, by: User, day: date | None, now: datetime | None = None) -> None:
    """'Stopt per': the account ends by itself on that day; None: it has no end. In an open review this judges it too.

    Without an open review only the managers of the hospital's accounts and the beheerders do this.
    """
    now = now or clock.now()
    with db.atomic():
        reviewed = account.id in ReviewedAccount.to_judge([account.id])
        account.end_per(day, by, now, reviewed=day is not None and reviewed and does_review(account, by))
        if reviewed:
            _judge(account, by, STOPS if day else STAYS, day, now)


def does_review(account: User, by: User) -> bool:
    """Whether `by` judges this account in a review."""
    if access.may(by, "manage"):
        return True
    own = account.hospital_id is not None and by.hospital_id == account.hospital_id
    return own and access.may(by, "attest") and by in User.stewards_of(account.hospital_id)


def _judge(account, by, verdict, day, now):
    if not does_review(account, by):
        raise Refused(access.ABILITY_SENTENCES["attest"])
    with db.atomic():
        if (row := ReviewedAccount.to_judge([account.id]).get(account.id)) is None:
            raise Refused(f"Er loopt nu geen controle waarin {account.name} staat.")
        if not account.active:
            raise Refused(f"Het account van {account.name} is al beëindigd; daar hoeft u niets over te zeggen.")
        row.verdict, row.stops_on, row.by, row.at = verdict, day, by, now
        row.save()
        AuditEvent.log("accounts.judge", by=by, account=account, detail=f"{row.review}: {row.said}", at=now)
        row.review.close_if_done(now)


def _year_before(now):
    """The same moment a year ago; of 29 February the 28th."""
    try:
        return now.replace(year=now.year - 1)
    except ValueError:
        return now.replace(year=now.year - 1, day=28)


# A hospital's rows are kept one a year by Meta; NULL is never equal to NULL.
AccountReview.add_index(
    AccountReview.index(AccountReview.year, unique=True, where=SQL("hospital_id IS NULL"), name="account_review_national")
)
AccountReview.add_index(AccountReview.index(AccountReview.opened_at, name="account_review_opened"))
