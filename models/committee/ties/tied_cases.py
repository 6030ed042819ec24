"""Which cases a member has a tie to, as an expression: so no list, search, file or count reaches them, named or not.

The same facts as `Treatment.reasons_against`, asked row by row in the database, where the reading of every row is decided.
"""

from typing import Any

from peewee import JOIN, SQL, Node, fn

from models import clock
from models.accounts.hospital import Hospital
from models.base import any_of
from models.cases.case_part import CasePart
from models.cases.doubles.duplicate_clue import DuplicateClue
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.conflict import ENDINGS_BY_TIE
from models.committee.member import CommitteeMember, Workplace
from models.committee.rules.committee_settings import CommitteeSettings
from models.committee.treatment import InvolvedHospital, Treatment


def tied(case: Any, user: Any) -> Node:
    """Whether `user` has a tie to a case; `case` is its model, or an alias of that."""
    ours = _in_the_way(user)
    part = CasePart.case.rel_model.alias()
    other = CasePart.select(SQL("1")).join(part, on=CasePart.case == part.id)
    other = other.join(DuplicateClue, JOIN.LEFT_OUTER, on=DuplicateClue.case == part.id)
    theirs = part.hospital.in_(ours) | DuplicateClue.transfer.in_(ours)
    other = other.where(CasePart.whole == case.id, part.status != Status.INGETROKKEN, theirs)
    moved = DuplicateClue.select(SQL("1")).where(DuplicateClue.case == case.id, DuplicateClue.transfer.in_(ours))
    involved = InvolvedHospital.select(SQL("1")).join(Treatment)
    involved = involved.where(Treatment.case == case.id, InvolvedHospital.hospital.in_(ours))
    told = Assessment.select(SQL("1")).join(Treatment)
    told = told.where(Treatment.case == case.id, Assessment.assessor == user, Assessment.ended_why.in_(ENDINGS_BY_TIE))
    # The longest last, where it stands in the fewest brackets: see `_in_the_way`.
    return any_of([fn.EXISTS(told), case.hospital.in_(ours), fn.EXISTS(involved), fn.EXISTS(moved), fn.EXISTS(other)])


def _in_the_way(user):
    """The hospitals where this member works or worked, and those of the same regions unless the settings leave those out."""
    place, near = Hospital.alias(), Hospital.alias()
    same = near.id == place.id
    if CommitteeSettings.of(user.committee).region_blocks:
        # What waits ties already, of the one and of the other; it is never empty, and NULL is equal to nothing.
        same |= near.coming_region.in_((place.region, place.coming_region))
        same |= near.region.in_((fn.NULLIF(place.region, ""), place.coming_region))
    # Joined and not asked within each other: SQLite's parser does not go deeper than a hundred brackets.
    found = near.select(near.id).join(place, on=same).join(Workplace, on=Workplace.hospital == place.id)
    return found.join(CommitteeMember).where(CommitteeMember.user == user, Workplace.recent(user.committee))


def known(user: Any) -> Node:
    """Whether `user` sits on the committee, and it was written down where: before that a tie cannot be ruled out."""
    workplace = Workplace.select(SQL("1")).where(Workplace.member == CommitteeMember.id)
    mine = CommitteeMember.sits(user) & (CommitteeMember.outside | fn.EXISTS(workplace))
    return fn.EXISTS(CommitteeMember.select(SQL("1")).where(mine))


def over(case: Any, user: Any) -> Node:
    """Whether the term of office of `user` is over; not for a case, by its id, that waits for a form that is still in time.

    So who was named before the term ended hands that form in; after that, or after its last day, nothing is left to read.
    """
    waits = Assessment.select(SQL("1")).join(Treatment).where(Treatment.case == case, Assessment.assessor == user)
    waits = waits.where(Assessment.ended_at.is_null(), Assessment.handed_in_at.is_null(), Assessment.term >= clock.today())
    return CommitteeMember.left(user) & ~fn.EXISTS(waits)
