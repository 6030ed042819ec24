"""How the hospitals of the demonstration answered the monthly request."""

from datetime import timedelta

from peewee import fn

from commands.demo.cast import HOME
from models import clock
from models.accounts.hospital import Hospital
from models.annual_report.births import Births
from models.annual_report.second_source import SecondSourceList
from models.base import Refused
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.mail.mail_schedule import SEND_HOUR
from models.monthly.link_visit import LinkVisit
from models.monthly.month_answer import MonthAnswer, Proof
from models.monthly.monthly_request import MonthlyCall
from models.review.call_log import LoggedCall

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
SCANNER = "Mozilla/5.0 (compatible; MailScanner preview)"

# How an answer comes, and how often of a hundred.
WAYS = {Proof.APPARAAT: 52, Proof.GEBAAR: 17, Proof.KNOP: 6, Proof.PORTAAL: 9, Proof.TELEFOON: 4, Proof.SCRIPT: 3, None: 9}

# The last month is still going on; who is not named here is silent: the first hospital, for a newcomer to answer.
LAST_MONTH = {
    "noorderdiep": Proof.APPARAAT,
    "delinde": Proof.GEBAAR,
    "hetveen": Proof.SCRIPT,
    "rivierenhof": Proof.APPARAAT,
    "duinrand": Proof.KNOP,
}

# (hospital, days ago, (how it went, with whom, what was said)); each is called back two days after.
CALLS = (
    (
        "zilverberg",
        2,
        ("komt nog", "secretaresse verloskunde", "Er was een casus. De melder is terug van vakantie en meldt deze week."),
    ),
    ("brigida", 1, ("niet bereikt", "", "Geen gehoor op het algemene nummer.")),
)

NATIONAL_BIRTHS = 165_000
BIRTHS = {
    HOME: 2640, "noorderdiep": 1890, "delinde": 1720, "brigida": 3900, "hetveen": 980, "rivierenhof": 1310, "duinrand": 1160,
    "zilverberg": 2210,
}  # fmt: skip


def plan(agenda, cast, months, luck):
    """Put an answer of each hospital about each of `months` on the agenda, or none."""
    for month in months:
        for hospital in Hospital.reporting():
            way = LAST_MONTH.get(hospital.code) if month == months[-1] else _way(hospital, luck)
            if way:
                asked = clock.start_of(clock.first_of(clock.add_months(month, 1)), SEND_HOUR)
                wait = timedelta(
                    days=_days(way, month == months[-1], luck), hours=luck.randint(1, 8), minutes=luck.randint(2, 58)
                )
                agenda.put(asked + wait, _answer, way, hospital, month, cast)


def plan_calls(agenda, cast, month, now):
    """What the coordinator heard from two hospitals that are silent about `month`, the last one; one is called back today."""
    for code, days, told in CALLS:
        call_back_on = clock.today(now) + timedelta(days=2 - days)
        agenda.put(now - timedelta(days=days, hours=1), _call, code, cast["coordinator"], month, told, call_back_on)


def plan_births(agenda, cast, now):
    """The births of last year, as the coordinator gathered them."""
    moment = now - timedelta(days=60)
    agenda.put(moment, _births, cast["coordinator"], clock.today(moment).year - 1)


def plan_second_source(agenda, cast, now):
    """What another registration counted of last year."""
    moment = now - timedelta(days=5)
    agenda.put(moment, _second_source, cast["coordinator"], clock.today(moment).year - 1)


def _births(by, year, now):
    Births.state(by, None, year, NATIONAL_BIRTHS, "verzonnen voor deze demonstratie", now)
    for code, count in BIRTHS.items():
        Births.state(by, Hospital.by_code(code), year, count, "verloskamerregister", now)


def _second_source(by, year, now):
    """Three of four cases that are here, and some of the first hospital that are not: one of before anybody was asked."""
    here = (Case.month.between(f"{year}-01", f"{year}-12")) & ~CasePart.there(Case.id)
    found = Case.select(Case.hospital, Case.theme, Case.month).where(here).order_by(Case.id).tuples()
    rows = [row for place, row in enumerate(found) if place % 4]
    if rows:
        home, theme = Hospital.by_code(HOME).id, rows[0][1]
        before = clock.add_months(MonthlyCall.select(fn.MIN(MonthlyCall.month)).scalar(), -1)
        rows += [(home, theme, month) for month in (*[f"{year}-12"] * 3, before) if month.startswith(str(year))]
        SecondSourceList.keep("LBZ, verzonnen voor deze demonstratie", rows, by, now)


def _call(code, by, month, told, call_back_on, now):
    hospital = Hospital.by_code(code)
    asked = MonthlyCall.select().where(MonthlyCall.hospital == hospital, MonthlyCall.month == month).exists()
    month = month if asked else None
    LoggedCall.log(hospital, by, f"demo-{code}", *told, call_back_on=call_back_on, month=month, now=now)


def _way(hospital, luck):
    ways = {**WAYS, None: 2} if hospital.code == HOME else WAYS
    return luck.choices(list(ways), weights=list(ways.values()))[0]


def _days(way, last, luck):
    if way == Proof.TELEFOON:
        return luck.randint(18, 45)
    return 0 if last or way == Proof.SCRIPT else luck.choice((0, 0, 0, 1, 1, 2, 3, 6, 12, 33))


def _answer(way, hospital, month, cast, now):
    call = MonthlyCall.get_or_none(MonthlyCall.hospital == hospital, MonthlyCall.month == month)
    try:
        if way == Proof.TELEFOON:
            MonthAnswer.zero_by_telephone(hospital, month, cast["coordinator"], "de secretaresse verloskunde", now=now)
        elif call and way == Proof.PORTAAL:
            MonthAnswer.zero_in_portal(month, call.user, now)
        elif call:
            agent = SCANNER if way == Proof.SCRIPT else BROWSER
            visit = LinkVisit.note(call, "nee", "GET", f"192.0.2.{hospital.id}", agent, now)
            call.answer_zero(way, visit.doubt(), now)
    except Refused:
        pass  # a colleague reported a case in the meantime
