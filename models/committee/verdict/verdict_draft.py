"""The draft of a verdict: what the meeting settled, in words for the coordinator, who writes the letter and places it."""

from models import access
from models.accounts.user import User
from models.committee.committee_form import CommitteeForm
from models.committee.comparison import in_words
from models.committee.meeting import IN_LESSONS
from models.committee.treatment import Treatment
from models.dutch import long_date

HEAD = "Concept. Casus {}, besproken door de commissie {} in de vergadering van {}."


def verdict_draft(treatment: Treatment, user: User) -> str:
    """The text; empty for a committee that gives no verdicts, and before the meeting settled its consensus."""
    case = treatment.case
    access.demand(user, "review", case.process)
    form = None if case.process in IN_LESSONS else CommitteeForm.consensus(treatment)
    if form is None or not form.fixed_at:
        return ""
    parts = [HEAD.format(case.number, access.PROCESS_LABELS[case.process], long_date(treatment.meeting.day))]
    block = None
    for line in form.filled().lines:
        if line.kept is None:
            continue
        if line.block is not block:
            block = line.block
            parts.append(f"\n{block.title}")
        parts.append(f"{line.item.label}: {in_words(line)}")
    return "\n".join(parts)
