"""What the overview of a hospital asks about its cases, beyond the rows themselves."""

from peewee import ModelSelect, fn

from models.accounts.user import User
from models.cases.case import Case
from models.cases.deadline import Deadline
from models.cases.theme import Theme


def with_names(cases: ModelSelect) -> ModelSelect:
    """The query `cases` with the theme, the melder and the LZA1 term of each at hand."""
    return Deadline.along(cases.select_extend(Theme, User).join_from(Case, Theme).join_from(Case, User, on=Case.reporter))


def per_status(cases: ModelSelect) -> dict[str, int]:
    """{status: number} of the cases in the query `cases`."""
    return dict(cases.select(Case.status, fn.COUNT(Case.id)).group_by(Case.status).tuples())
