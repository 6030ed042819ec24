"""Who answered the monthly request: the grid hospital x month, and the response counted from it.

Response is answers over questions: a month counts for a hospital once a request about it was really sent, and is answered
by a case or a confirmed zero report. It says nothing of the completeness of cases or files.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, Case, ModelSelect, Node, Select, fn

from models import clock
from models.accounts.hospital import Hospital
from models.base import db
from models.mail.outbox import Mail, MailStatus
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind, next_requests
from models.monthly.monthly_request import MonthlyCall

CELL_LABELS = {
    "casus": "Casus gemeld",
    "nul": "Nul-melding",
    "voorlopig": "Voorlopige nul-melding (telt nog niet)",
    "stil": "Nog geen antwoord",
    "telaat": "Geen antwoord, termijn voorbij",
    "leeg": "Geen uitvraag ontvangen",
}

# Nothing guessed: of what is uncertain or under way is not said that it was sent, nor that it was not.
REQUEST_ENDS = {
    MailStatus.VERZONDEN: "verstuurd",
    MailStatus.MISLUKT: "geweigerd",
    MailStatus.ONZEKER: "onzeker of hij aankwam",
    MailStatus.WACHT: "wacht nog",
    MailStatus.DAGMAIL: "wacht nog",
    MailStatus.BEZIG: "wordt verzonden",
    MailStatus.VERVALLEN: "niet meer nodig",
}


@dataclass(frozen=True)
class Cell:
    """One hospital in one month."""

    state: str
    late: bool = False
    asked: bool = False

    @property
    def label(self) -> str:
        return CELL_LABELS[self.state] + (", na de volgende uitvraag" if self.late else "")

    @property
    def answered(self) -> bool:
        return self.state in ("casus", "nul")


EMPTY = Cell("leeg")


def grid(
    hospitals: Sequence[Hospital | ModelSelect],
    months: Sequence[str],
    now: datetime | None = None,
    asked: Collection[tuple[int, str]] | None = None,
) -> defaultdict:
    """{hospital id: {month: Cell}} for these hospitals and months, in three queries; two where the (hospital id, month)
    about which was `asked` are known."""
    now, ends = now or clock.now(), next_requests(months)
    ids = [hospital.id for hospital in hospitals]
    if asked is None:
        asked = {(hospital, month) for hospital, month, _ in asked_months(ids, months)}
    answers = {
        (answer.hospital_id, answer.month): answer
        for answer in MonthAnswer.select().where(
            MonthAnswer.hospital.in_(ids), MonthAnswer.month.in_(months), MonthAnswer.ended_at.is_null()
        )
    }
    cells = defaultdict(lambda: defaultdict(lambda: EMPTY))
    for hospital in ids:
        for month in months:
            cells[hospital][month] = _cell(answers.get((hospital, month)), (hospital, month) in asked, ends[month], now)
    return cells


def cell_of(hospital: Hospital, month: str, standing: MonthAnswer | None, now: datetime | None = None) -> Cell:
    """One cell of the grid, for who has the answer that stands at hand; two queries."""
    asked = bool(asked_months([hospital.id], [month]))
    return _cell(standing, asked, next_requests([month])[month], now or clock.now())


def _cell(answer, asked, end, now):
    if answer and answer.confirmed:
        return Cell("casus" if answer.kind == MonthAnswerKind.CASUS else "nul", answer.at >= end, asked)
    if answer:
        return Cell("voorlopig", asked=asked)
    if not asked:
        return EMPTY
    return Cell("telaat" if now >= end else "stil", asked=True)


def asked_months(hospital_ids: Sequence[int] | None, months: Sequence[str]) -> list[tuple[int, str, int]]:
    """(hospital id, month, melders) for every month about which a request was really sent; None asks about all hospitals."""
    sent = _really_sent(months)
    if hospital_ids is not None:
        sent &= Mail.hospital.in_(hospital_ids)
    query = Mail.select(Mail.hospital, Mail.month, fn.COUNT(Mail.id)).where(sent).group_by(Mail.hospital, Mail.month)
    return list(query.tuples())


def _really_sent(months):
    return (Mail.name == "monthly_request") & (Mail.status == MailStatus.VERZONDEN) & Mail.month.in_(list(months))


@dataclass(frozen=True)
class MonthResponse:
    """One month of one hospital: its cell, the answer that stands, and whether it still asks for one."""

    month: str
    cell: Cell
    answer: MonthAnswer | None
    open: bool


def year_of(hospital: Hospital, now: datetime | None = None) -> list[MonthResponse]:
    """The last twelve months of one hospital, oldest first, in three queries."""
    now = now or clock.now()
    months = clock.months_until(clock.previous_month(clock.today(now)), 12)
    ends = next_requests(months)
    requests = (Mail.name == "monthly_request") & (Mail.hospital == hospital) & Mail.month.in_(months)
    asked = set(Mail.select(Mail.month, Mail.status).where(requests).distinct().tuples())
    opened = {month for month, _ in asked}
    answers = {answer.month: answer for answer in MonthAnswer.standing_in(hospital, months)}
    return [
        MonthResponse(
            month=month,
            cell=_cell(answers.get(month), (month, MailStatus.VERZONDEN) in asked, ends[month], now),
            answer=answers.get(month),
            # A request that has not left yet can be answered here all the same.
            open=month in opened and not (month in answers and answers[month].counts),
        )
        for month in months
    ]


@dataclass(frozen=True)
class Turnout:
    """How many hospitals were asked about a month, and how many answered before the next month's request or after it."""

    asked: int = 0
    on_time: int = 0
    late: int = 0

    @property
    def answered(self) -> int:
        return self.on_time + self.late

    @property
    def silent(self) -> int:
        return self.asked - self.answered


def by_month(months: Iterable[str]) -> dict[str, tuple[int, int]]:
    """{month: (answered, asked)} over all hospitals: the response of each month."""
    return {month: (one.answered, one.asked) for month, one in turnouts(months).items()}


def turnouts(months: Iterable[str]) -> dict[str, Turnout]:
    """{month: Turnout} over all hospitals, for the months about which was asked."""
    if not (months := list(months)):
        return {}
    # Counted by the database, in one query: a thousand hospitals over a year are too many rows to fetch.
    asked = Mail.select(Mail.hospital, Mail.month).where(_really_sent(months)).distinct().alias("asked")
    answered = (
        (MonthAnswer.hospital == asked.c.hospital_id)
        & (MonthAnswer.month == asked.c.month)
        & MonthAnswer.ended_at.is_null()
        & MonthAnswer.confirmed
    )
    by = asked.c["month"]
    borders = [(by == month, end) for month, end in next_requests(months).items()]
    late = fn.COUNT(Case(None, [(MonthAnswer.at >= Case(None, borders), 1)]))
    query = Select([asked], [by, fn.COUNT(by), fn.COUNT(MonthAnswer.id), late])
    query = query.join(MonthAnswer, JOIN.LEFT_OUTER, on=answered).group_by(by).bind(db)
    return {month: Turnout(count, done - after, after) for month, count, done, after in query.tuples()}


@dataclass(frozen=True)
class Requests:
    """What became of the mails that asked about some months, as the outbox has it; without the reminders."""

    rows: list[tuple[int, str, str, bool, int]]  # (hospital id, month, status, whether it came back, number of mails)

    @classmethod
    def about(cls, months: Sequence[str]) -> "Requests":
        """The requests about these months to every hospital; one query."""
        back = Mail.bounced_at.is_null(False)
        sent = (Mail.name == "monthly_request") & Mail.month.in_(list(months))
        query = Mail.select(Mail.hospital, Mail.month, Mail.status, back, fn.COUNT(Mail.id)).where(sent)
        return cls(list(query.group_by(Mail.hospital, Mail.month, Mail.status, back).tuples()))

    def asked(self) -> set[tuple[int, str]]:
        """(hospital id, month) about which a request was really sent."""
        return {(hospital, month) for hospital, month, status, *_ in self.rows if status == MailStatus.VERZONDEN}

    def ends(self, month: str) -> Counter:
        """How many mails about `month` ended how, by the names in REQUEST_ENDS; 'geweigerd' too when it came back later."""
        counts: Counter = Counter()
        for _, about, status, returned, count in self.rows:
            if about == month:
                counts["geweigerd" if returned else REQUEST_ENDS[MailStatus(status)]] += count
        return counts


def silent(month: str) -> ModelSelect:
    """The hospitals that were asked about `month` and have not answered, by name, as a query: the list to telephone."""
    return Hospital.reporting().where(silent_about(month))


def silent_for(months: str, now: datetime | None = None) -> ModelSelect:
    """The ids of the hospitals that answered none of the last so many ('3') months, though asked, as a sub-query."""
    last = clock.previous_month(clock.today(now))
    return Hospital.select(Hospital.id).where(*(silent_about(month) for month in clock.months_until(last, int(months))))


def silent_about(month: str) -> Node:
    """Whether a hospital was asked about `month` and did not answer, as an expression."""
    asked = MonthlyCall.select(MonthlyCall.hospital).where(MonthlyCall.month == month)
    answered = MonthAnswer.select(MonthAnswer.hospital).where(
        MonthAnswer.month == month, MonthAnswer.ended_at.is_null(), MonthAnswer.confirmed
    )
    return Hospital.id.in_(asked) & Hospital.id.not_in(answered)
