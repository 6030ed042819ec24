"""Three-valued answers: True (the event), False, or a Reason why it is neither, or a no with a remark."""

import csv
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path

from models import clock
from models.lnr.benchmark.chain import Chain, End, Link

FOLDER = Path(__file__).parent.parent / "data"


def _rows() -> list[dict[str, str]]:
    with (FOLDER / "reasons.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SENTENCES = {row["letter"]: row for row in _rows()}
Reason = Enum("Reason", {row["reason"]: row["letter"] for row in SENTENCES.values()})
Reason.__doc__ = "Why a stay stands where it stands (reasons.csv); the value is one letter, for good."

Answer = bool | Reason
PLACES = {"t": "teller", "n": "noemer", "u": "onbekend", "b": "buiten", "e": "elders"}
# Why a derived value is None (derived_reasons.csv) -> the reason here; 'none' is a no.
DERIVED = {
    "section": Reason.NOT_ANSWERED,
    "status": Reason.STATUS,
    "name": Reason.NAME,
    "grade": Reason.GRADE,
    "committee": Reason.COMMITTEE,
    "input": Reason.INPUT,
    "period": Reason.PERIOD,
    "onset": Reason.ONSET,
    "screening": Reason.SCREENING,
    "elsewhere": Reason.ELSEWHERE,
    "not_reached": Reason.DIED_BEFORE,
    "not_yet": Reason.NOT_YET,
    "not_due": Reason.NOT_DUE,
    "none": False,
}


def kind_of(answer: Answer) -> str:
    """The place of an answer: t, n, u, b or e."""
    return SENTENCES[answer.value]["place"] if isinstance(answer, Reason) else "t" if answer else "n"


def sentence(letter: str, language: str = "nl") -> str:
    """The sentence of a reason; empty for a plain yes or no."""
    return SENTENCES[letter][language]


def item(link: Link, name: str) -> Answer:
    """What a yes-no item says."""
    if isinstance(value := link.value(name), bool):
        return value
    return Reason.SAID_UNKNOWN if link.said_unknown(name) else Reason.NOT_ANSWERED


def item_of(chain: Chain, *names: str) -> Answer:
    """The first answer of the chain to one of these yes-no items that say the same."""
    answers = [item(link, name) for link in chain.following for name in names]
    return next((answer for answer in answers if isinstance(answer, bool)), _first(answers, Reason.SAID_UNKNOWN))


def ever(chain: Chain, name: str, later: str, since: int = 0) -> Answer:
    """Whether this was done in any stay, or after discharge (`later`).

    A 'no' speaks of its own time alone. So every stay that went on to `since` days of age has to say it, and so has what came
    after the last: of a child that left it alive its silence leaves open what was done then.
    """
    if any(link.value(one) is True for link in chain.following for one in (name, later)):
        return True
    asked = [link for link in chain.following if not _left_before(chain, link, since)]
    if unknown := [answer for link in asked if (answer := item(link, name)) is not False]:
        return _first(unknown, Reason.SAID_UNKNOWN)
    if chain.end is End.OPEN:
        return Reason.NOT_YET
    after = item(chain.last, later)
    if chain.last.derived.get("discharged_alive") is False:
        return False
    return Reason.AFTERWARDS if asked and after is Reason.NOT_ANSWERED else after


def _left_before(chain: Chain, link: Link, age: int) -> bool:
    """Whether a child is known to have left a stay younger than this, in days."""
    days = chain.age_on(clock.local_date(link.stay.discharged)) if link.stay.discharged else None
    return days is not None and days < age


def procedure(rows: Iterable[dict], name: str, code: str) -> Answer:
    """Whether one of these rows is this procedure; one that does not say which it was may be."""
    codes = [None if isinstance(said := row.get(name), Mapping) else said for row in rows]
    return True if code in codes else Reason.NAME if None in codes else False


def derived(link: Link, name: str, event: Callable = bool) -> Answer:
    """What a derived value says; `event` tells whether a value is one."""
    value, why = link.derived.get(name), link.why.get(name)
    if value is None:
        return DERIVED.get(why, Reason.NOT_ANSWERED)
    return True if event(value) else Reason.SUSPECTED if why == "suspected" else False


def during(chain: Chain, name: str, event: Callable = bool) -> Answer:
    """Whether it happened in any stay. Every stay in intensive care has to tell; of the others only an event counts."""
    answers = [(link, derived(link, name, event)) for link in chain.following]
    if any(answer is True for _, answer in answers):
        return True
    open_ = [answer for link, answer in answers if link.stay.intensive and kind_of(answer) == "u"]
    # That it was elsewhere says nothing once the elsewhere speaks.
    spoken = [answer for _, answer in answers if kind_of(answer) == "n"]
    if open_ and not (spoken and set(open_) <= {Reason.ELSEWHERE}):
        return open_[0]
    return _settled([answer for _, answer in answers])


def at_moment(chain: Chain, name: str, event: Callable = bool) -> Answer:
    """The first stay that knows decides, for what is seen at one moment: 36 weeks, a screening that was closed."""
    answers = [derived(link, name, event) for link in chain.following]
    known = next((answer for answer in answers if kind_of(answer) in "tn"), None)
    return _settled(answers) if known is None else True if True in answers else known


def _settled(answers: list[Answer]) -> Answer:
    for place in "nbu":
        if found := [answer for answer in answers if kind_of(answer) == place]:
            return _first(found, Reason.SUSPECTED)
    return Reason.NOT_ANSWERED


def _first(answers: list[Answer], preferred: Reason) -> Answer:
    return preferred if preferred in answers else answers[0]


def any_event(answers: Iterable[Answer]) -> Answer:
    """The three-valued 'or': one event decides; without one an unknown leaves it open. What is outside is no event."""
    answers = list(answers)
    if True in answers:
        return True
    return next((answer for answer in answers if kind_of(answer) == "u"), False)


def waiting(chain: Chain, answer: Answer) -> Answer:
    """An unknown after a transfer of which nothing came back says so."""
    return Reason.CHAIN_OPEN if kind_of(answer) == "u" and chain.moved else answer


INDICATORS: dict[str, Callable] = {}


def indicator(code: str) -> Callable[[Callable], Callable]:
    """Mark the function that answers for an indicator; it takes the chain, and for a stay its Link as well."""

    def marked(function: Callable) -> Callable:
        INDICATORS[code] = function
        return function

    return marked


# code of an indicator of days -> (days, events in them) of a stay that counts in it
AMOUNTS: dict[str, Callable[[Link], tuple[int, int]]] = {}


def amount(code: str) -> Callable[[Callable], Callable]:
    """Mark the function that tells the days of a stay, and the events in them, for an indicator of days."""

    def marked(function: Callable) -> Callable:
        AMOUNTS[code] = function
        return function

    return marked
