"""Around birth and the first hours: indicators 1 to 9."""

from models.lnr.benchmark.chain import Chain, Link
from models.lnr.benchmark.places.answer import Answer, Reason, derived, indicator, item, item_of
from models.lnr.dataset.definition import AGB

COMPLETE = "255594003434601000124108"  # L2
WARM, HOT, HOUR = 36.5, 37.5, 60
BREATHING = ("respiratory_problems_present", "respiratory_support_given", "respiratory_medication", "respiratory_problems")


@indicator("steroiden")
def steroids(chain: Chain) -> Answer:
    """Antenatal steroids, one dose or more."""
    return item_of(chain, "antenatal_steroids_given")


@indicator("steroiden-kuur")
def steroid_course(chain: Chain) -> Answer:
    """A complete course; not given is not complete."""
    given = steroids(chain)
    if given is not True:
        return given
    courses = [code for link in chain.following for code in link.codes("antenatal_steroids_course")]
    if courses:
        return courses[0] == COMPLETE
    unknown = any(link.said_unknown("antenatal_steroids_course") for link in chain.following)
    return Reason.SAID_UNKNOWN if unknown else Reason.NOT_ANSWERED


@indicator("magnesium")
def magnesium(chain: Chain) -> Answer:
    return item_of(chain, "magnesium_sulphate")


@indicator("geboren-in-nicu")
def born_in_nicu(chain: Chain) -> Answer:
    """By the number of the hospital of birth; who was born where the first NICU stay is, was born in a NICU."""
    first = chain.first
    if first.derived.get("outborn") is False:
        return True
    told = [pair for link in chain.following for pair in link.value("birth_institution_ids") or ()]
    if told:  # a NICU is known by its AGB code; of another number it is not known whose it is
        numbers = [number for root, number in told if root == AGB]
        return any(number in chain.nicus.values() for number in numbers) if numbers else Reason.BIRTH_PLACE
    # Outborn without a number: not in a hospital at all.
    return False if first.derived.get("outborn") is True else Reason.BIRTH_PLACE


def _inborn(link: Link) -> Answer:
    """True, or why a child is left out of what is asked of inborn children."""
    outborn = derived(link, "outborn")
    return Reason.OUTBORN if outborn is True else True if outborn is False else Reason.BIRTH_PLACE


@indicator("afnavelen")
def cord_clamping(chain: Chain) -> Answer:
    inborn = _inborn(chain.first)
    return item_of(chain, "deferred_cord_clamping") if inborn is True else inborn


@indicator("temperatuur")
def normal_temperature(chain: Chain, link: Link) -> Answer:
    """36.5 to 37.5 degrees, taken within the hour of birth; both have to be known."""
    value = _temperature(link)
    taken, born = link.moment("admission_temperature_at"), link.moment("birth_datetime")
    if isinstance(value, Reason):
        return value
    if not (taken and taken.exact and born and born.exact):
        return Reason.INPUT
    minutes = (taken.first - born.first).total_seconds() / 60
    return WARM <= value <= HOT and minutes <= HOUR if minutes >= 0 else Reason.INPUT


@indicator("onderkoeld")
def cold(chain: Chain, link: Link) -> Answer:
    value = _temperature(link)
    return value if isinstance(value, Reason) else value < WARM


def _temperature(link: Link) -> float | Reason:
    inborn, value = _inborn(link), link.value("admission_temperature")
    if inborn is not True:
        return inborn
    if isinstance(value, int | float):
        return value
    return Reason.SAID_UNKNOWN if link.said_unknown("admission_temperature") else Reason.NOT_ANSWERED


@indicator("antibiotica")
def antibiotics(chain: Chain, link: Link) -> Answer:
    return item(link, "antibiotics_first_3_days")


@indicator("surfactant")
def surfactant(chain: Chain, link: Link) -> Answer:
    """Given or not; unknown when the whole part on breathing is empty."""
    rows = link.rows("respiratory_medication")
    if any(isinstance(row.get("surfactant"), str) for row in rows):
        return True
    if any(isinstance(row.get("surfactant"), dict) for row in rows):
        return Reason.SAID_UNKNOWN
    answered = any(link.value(name) not in (None, []) for name in BREATHING)
    return False if answered else Reason.NOT_ANSWERED
