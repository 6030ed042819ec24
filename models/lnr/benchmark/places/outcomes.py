"""Death and complications over the child's chain: indicators 20 to 33, 35 and 37."""

from models.lnr.benchmark.chain import Chain, End, Link
from models.lnr.benchmark.places.answer import (
    Answer,
    Reason,
    any_event,
    at_moment,
    during,
    indicator,
    item,
    kind_of,
    procedure,
    waiting,
)

LAPAROTOMY = "86481000"
BPD = 2  # the grade from which it counts
NEONATAL = 28  # days


@indicator("sterfte")
def death(chain: Chain) -> Answer:
    """Death before discharge home; who was transferred after 36 weeks without other news counts as alive."""
    if chain.end is End.OVERLEDEN:
        return True
    if chain.end is not End.OPEN:
        return False
    early = chain.before_36_weeks(chain.known_until)
    if early is None:
        return Reason.INPUT
    if early:
        return Reason.CHAIN_OPEN if chain.moved else Reason.NOT_YET
    return Reason.INPUT if chain.last.lives is None else Reason.COUNTED_ALIVE


@indicator("sterfte-28-dagen")
def neonatal_death(chain: Chain) -> Answer:
    if chain.born_on is None:
        return Reason.INPUT
    if chain.died_on:
        return chain.age_on(chain.died_on) < NEONATAL
    if chain.end is End.OVERLEDEN:
        return Reason.INPUT  # died, and nobody says when
    if chain.end is End.THUIS or chain.age_on(chain.known_until) >= NEONATAL:
        return Reason.INPUT if chain.last.lives is None else False
    return Reason.CHAIN_OPEN if chain.moved else Reason.NOT_YET


@indicator("sterfte-12-uur")
def death_within_12_hours(chain: Chain, link: Link) -> Answer:
    if link.died:
        return item(link, "death_within_12h")
    return Reason.INPUT if link.lives is None else Reason.ALIVE


def _before_36_weeks(chain: Chain) -> Answer:
    """Whether the child died before 36+0 weeks."""
    if not any(link.died for link in chain.following):
        return Reason.INPUT if chain.last.lives is None else False
    early = chain.died_on and chain.before_36_weeks(chain.died_on)
    return Reason.INPUT if early is None else early


def _bpd(chain: Chain, name: str) -> Answer:
    if _before_36_weeks(chain) is True:
        return Reason.DIED_BEFORE
    return waiting(chain, at_moment(chain, name, lambda grade: grade >= BPD))


@indicator("bpd")
def bpd(chain: Chain) -> Answer:
    """Moderate or severe, by Jobe and Bancalari."""
    return _bpd(chain, "bpd_grade_jobe_bancalari")


@indicator("bpd-jensen")
def bpd_jensen(chain: Chain) -> Answer:
    return _bpd(chain, "bpd_grade_jensen")


@indicator("bpd-of-overleden")
def bpd_or_death(chain: Chain) -> Answer:
    return any_event((_before_36_weeks(chain), bpd(chain)))


@indicator("ernstige-ivh")
def severe_ivh(chain: Chain) -> Answer:
    return during(chain, "severe_ivh")


@indicator("cysteuze-pvl")
def cystic_pvl(chain: Chain) -> Answer:
    return during(chain, "cystic_pvl")


@indicator("hersenletsel")
def brain_injury(chain: Chain) -> Answer:
    """Severe IVH, cystic PVL or post-haemorrhagic hydrocephalus."""
    return any_event((severe_ivh(chain), cystic_pvl(chain), during(chain, "hydrocephalus")))


@indicator("nec")
def nec(chain: Chain) -> Answer:
    """Of Bell stage IIA or higher: the only stages that the dataset knows."""
    return during(chain, "nec_bell")


@indicator("nec-laparotomie")
def nec_operated(chain: Chain) -> Answer:
    """NEC for which a laparotomy was done: often elsewhere, so where nothing was told of the bowel it may have been."""
    found = nec(chain)
    if found is not True:
        return found
    rows = (row for link in chain.following for row in link.rows("gi_procedures"))
    operated = procedure(rows, "gi_procedure_code", LAPAROTOMY)
    if operated is not False:
        return operated
    silent = any(link.stay.intensive and not _tells_of_bowel(link) for link in chain.following)
    return Reason.CHAIN_OPEN if chain.moved else Reason.NOT_ANSWERED if silent else False


def _tells_of_bowel(link: Link) -> bool:
    return any(link.value(name) not in (None, []) for name in ("gi_problems_present", "gi_problems", "gi_procedures"))


@indicator("ernstige-rop")
def severe_rop(chain: Chain) -> Answer:
    return waiting(chain, at_moment(chain, "severe_rop"))


@indicator("late-sepsis")
def late_sepsis(chain: Chain) -> Answer:
    return during(chain, "late_sepsis")


@indicator("vroege-sepsis")
def early_sepsis(chain: Chain) -> Answer:
    return during(chain, "early_sepsis")


@indicator("pneumothorax")
def pneumothorax(chain: Chain) -> Answer:
    return during(chain, "pneumothorax")


@indicator("overleving-zonder-complicatie")
def survival_without_complication(chain: Chain) -> Answer:
    """At home, and none of BPD, severe IVH, cystic PVL, NEC, severe ROP and late sepsis."""
    found = any_event(test(chain) for test in (bpd, severe_ivh, cystic_pvl, nec, severe_rop, late_sepsis))
    if chain.end is End.OVERLEDEN or found is True:
        return False
    if chain.end is End.OPEN:
        return Reason.CHAIN_OPEN if chain.moved else Reason.NOT_YET
    if chain.end is End.BUITENLAND:
        return Reason.ELSEWHERE
    return found if kind_of(found) == "u" else True
