"""Conflict of interest: computed from where a member works or worked against every hospital of a case, never a courtesy."""

from dataclasses import dataclass
from datetime import date, datetime

from models import clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.committee.member import CommitteeMember, Workplace
from models.committee.rules.committee_settings import CommitteeSettings

OWN = "werkt of werkte bij een ziekenhuis van deze casus"
REGION = "werkt of werkte in dezelfde opvangregio"
TIE = "heeft zelf een band met deze casus gemeld"
NO_RECORD = "heeft geen gegevens als commissielid"
NO_WORKPLACE = "heeft geen werkplek opgegeven, dus een band is niet uit te sluiten"
NO_TERM = "zit op die dag niet in de commissie"
NOT_DECLARED = "heeft de jaarlijkse verklaring niet gegeven"
# Why an assessment ended, by a tie: such a person does not come back to the case.
ENDINGS_BY_TIE = ("band met de casus", "band gevonden")


@dataclass(frozen=True)
class Candidate:
    """A member of the committee beside one case. `against`: why this person does not assess it; empty when nothing is."""

    user: User
    discipline: str
    against: str
    open_work: int = 0


def against(
    member: CommitteeMember | None,
    workplaces: list | None,
    hospitals: list[Hospital],
    day: date,
    tied: bool = False,
    region_blocks: bool = True,
) -> str:
    """Why a member does not assess a case of these hospitals on `day`; empty when nothing stands in the way.

    `workplaces`: the hospitals that still count; None when it was never written down where this member works.
    """
    if member is None:
        return NO_RECORD
    if tied:
        return TIE
    if workplaces is None:
        return NO_WORKPLACE
    if {place.id for place in workplaces} & {hospital.id for hospital in hospitals}:
        return OWN
    if region_blocks and _regions(workplaces) & _regions(hospitals):
        return REGION
    if not member.sits_on(day):
        return NO_TERM
    return "" if member.has_declared(day) else NOT_DECLARED


def _regions(hospitals):
    return {region for hospital in hospitals for region in hospital.regions}


def conflicting(reason: str) -> bool:
    """Whether a reason is a tie to the case, which ends an assessment at once, and not a matter of the calendar."""
    return reason in (OWN, REGION, TIE)


def check(
    users: list[User], hospitals: list[Hospital], tied: set, rules: CommitteeSettings, now: datetime | None = None
) -> dict[int, str]:
    """{account id: why that person does not assess a case of these hospitals}; empty text when nothing is against it."""
    day = clock.today(now)
    members = {member.user_id: member for member in CommitteeMember.select().where(CommitteeMember.user.in_(users))}
    places = Workplace.standing(day, rules.left_after(day))
    found = {}
    for user in users:
        member = members.get(user.id)
        here = places.get(member.id) if member else None
        found[user.id] = against(member, here, hospitals, day, user.id in tied, rules.region_blocks)
    return found
