"""Screening, feeding, lines, cooling, days, and how well the registry is filled: indicators 10 to 12, 34, 36, 40 to 54."""

from collections.abc import Mapping
from datetime import timedelta

from models.lnr.benchmark.chain import HOME, Chain, End, Link
from models.lnr.benchmark.places.answer import (
    Answer,
    Reason,
    amount,
    derived,
    ever,
    indicator,
    item,
    kind_of,
    procedure,
    waiting,
)

BREAST_MILK, NOT_APPLICABLE, UNKNOWN = "226789007", "NA", "UNK"
HIE, MODERATE_OR_SEVERE, MILD, COOLING = "703300001", {"6736007", "24484000"}, "255604002", "182660006"
CONFIRMED, ABSENT, SUSPECTED = "410605003", "410516002", {"415684004", "410590009"}
SEPSIS, SUSPECTED_SEPSIS = {"206376005", "10001005", "736152001", "9331000146100"}, "9331000146100"
ROP_FROM = 28  # days: nobody is screened for ROP before
ON_TIME = timedelta(days=30)


@indicator("rop-screening")
def rop_screening(chain: Chain) -> Answer:
    """Done in any stay, or afterwards. 'No' only once nothing more is to be heard, and all that was heard says so."""
    risk = _told(chain, "rop_at_risk", Reason.NOT_DUE)
    lived = _told(chain, "lived_28_days", Reason.DIED_BEFORE)
    if risk is not True or lived is not True:
        return risk if kind_of(risk) == "b" or lived is True else lived
    return waiting(chain, ever(chain, "rop_screening_done", "fu_rop_screening_done", since=ROP_FROM))


def _told(chain: Chain, name: str, otherwise: Reason) -> Answer:
    """True, `otherwise` where a derived value is False, or why it is unknown."""
    answers = [derived(link, name) for link in chain.following]
    if True in answers:
        return True
    return otherwise if False in answers else answers[0]


@indicator("gehoorscreening")
def hearing_screening(chain: Chain) -> Answer:
    if chain.end is not End.THUIS:
        return Reason.NOT_HOME
    return ever(chain, "aabr_done", "fu_aabr_done")


@indicator("moedermelk")
def breast_milk(chain: Chain) -> Answer:
    """Any breast milk at discharge home, by the last stay; what else it got may be unknown."""
    if chain.end is not End.THUIS:
        return Reason.NOT_HOME
    said = chain.last.values.get("feeding_at_discharge") or ()
    codes = chain.last.codes("feeding_at_discharge")
    if BREAST_MILK in codes:
        return True
    if set(codes) - {NOT_APPLICABLE, UNKNOWN} and UNKNOWN not in codes and len(codes) == len(said):
        return False
    return Reason.SAID_UNKNOWN if said else Reason.NOT_ANSWERED


@indicator("lijnsepsis")
def line_sepsis(chain: Chain, link: Link) -> Answer:
    """Whether a stay with a line had a sepsis of it; the figure is of episodes per 1000 line days."""
    if not link.rows("lines"):
        return Reason.NO_LINE
    days = derived(link, "line_days", lambda days: True)
    return _line_sepsis(link) if days is True else days


def _line_sepsis(link):
    """Unknown while one episode more is possible: the figure counts them all, and not only whether there was any."""
    rows = link.rows("infections")
    answers = [_of_a_line(row) for row in rows]
    if unknown := next((answer for answer in answers if kind_of(answer) == "u"), None):
        return unknown
    if found := next((answer for answer in (True, Reason.SUSPECTED) if answer in answers), None):
        return found
    answered = item(link, "infection_present")
    if answered is True:
        return False if rows else Reason.NOT_ANSWERED
    return False if any(_plain(row).get("infection_code") in SEPSIS for row in rows) else answered


def _of_a_line(row):
    """Whether an infection is a sepsis from a line: only what is confirmed is one, and silence is no 'no'."""
    code, status, said = map(_plain(row).get, ("infection_code", "infection_status", "line_sepsis"))
    if said is False or status == ABSENT or (said is None and code is not None and code not in SEPSIS):
        return False
    if status in SUSPECTED or code == SUSPECTED_SEPSIS:
        return Reason.SUSPECTED
    if status != CONFIRMED:
        return Reason.STATUS
    if said is True:
        return True
    return Reason.NAME if code is None else Reason.NOT_ANSWERED


@amount("lijnsepsis")
def line_days(link: Link) -> tuple[int, int]:
    """The line days of a stay, and the confirmed episodes of sepsis from a line."""
    return link.derived["line_days"], sum(_of_a_line(row) is True for row in link.rows("infections"))


@indicator("koeling")
def cooling(chain: Chain, link: Link) -> Answer:
    """Cooled, of the children with moderate or severe HIE."""
    told = [_plain(row) for row in link.rows("neuro_problems")]
    maybe = [row for row in told if row.get("neuro_problem_status") not in (ABSENT, *SUSPECTED)]
    rows = [row for row in maybe if row.get("neuro_problem_code") == HIE]
    if not rows:
        answered = link.value("neuro_problems_present")
        if any("neuro_problem_code" not in row for row in maybe) or (answered is True and not told):
            return Reason.NAME
        spoken = any(row.get("neuro_problem_code") == HIE for row in told)
        return Reason.NO_HIE if spoken or isinstance(answered, bool) else Reason.NOT_ANSWERED
    severe = [row for row in rows if row.get("encephalopathy_severity") != MILD]
    if not severe:
        return Reason.NO_HIE
    if not any(row.get("neuro_problem_status") == CONFIRMED for row in severe):
        return Reason.STATUS
    if not any(row.get("encephalopathy_severity") in MODERATE_OR_SEVERE for row in severe):
        return Reason.GRADE
    return procedure(link.rows("neuro_procedures"), "neuro_procedure_code", COOLING)


def _plain(row):
    """What a row says, without what is sent as unknown."""
    return {name: value for name, value in row.items() if not isinstance(value, Mapping)}


@indicator("beademingsdagen")
def ventilation_days(chain: Chain, link: Link) -> Answer:
    """Whether the days of invasive ventilation are known, of a stay that ended: before, they still rise."""
    days = derived(link, "invasive_days", lambda days: days > 0)
    if days is False:
        return Reason.NOT_VENTILATED
    return days if days is not True else length_of_stay(chain, link)


@indicator("opnameduur")
def length_of_stay(chain: Chain, link: Link) -> Answer:
    days = derived(link, "nicu_days", lambda days: True)
    return Reason.ADMITTED if days is Reason.NOT_YET else days


@amount("beademingsdagen")
def days_ventilated(link: Link) -> tuple[int, int]:
    return link.derived["invasive_days"], 0


@amount("opnameduur")
def days_of_stay(link: Link) -> tuple[int, int]:
    return link.derived["nicu_days"], 0


@indicator("op-tijd")
def on_time(chain: Chain, link: Link) -> Answer:
    """The first message that was accepted came within 30 days of discharge."""
    came = link.stay.accepted_at or link.stay.first_at
    return came <= link.stay.discharged + ON_TIME if link.stay.discharged else Reason.ADMITTED


@indicator("keten-bekend")
def chain_known(chain: Chain) -> Answer:
    """Of the children who went on to another hospital: whether it is known how it ended."""
    first, destination = chain.first, chain.first.codes("discharge_destination")
    if not first.stay.discharged or HOME in destination or first.derived.get("discharged_alive") is False:
        return Reason.NOT_MOVED
    if not destination:
        return Reason.SAID_UNKNOWN if first.said_unknown("discharge_destination") else Reason.NOT_ANSWERED
    return chain.end is not End.OPEN


@indicator("open-fouten")
def open_errors(chain: Chain, link: Link) -> Answer:
    return link.stay.errors > 0
