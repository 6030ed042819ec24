"""Two people at one answer: the conflict that saving it raises."""

from models.accounts.user import User
from models.base import Refused


class EditConflict(Refused):
    """Somebody else answered since the field was shown. Nothing was changed: a person has to choose.

    `mine` and `theirs` are the two answers for a person's eyes, `revision` what to save with now, `by` who was first (a User);
    `what` names the field in the sentence: 'vraag B3'.
    """

    def __init__(self, what: str, mine: str, theirs: str, revision: int, by: User) -> None:
        self.mine, self.theirs, self.revision, self.by = mine or "leeg", theirs or "leeg", revision, by
        super().__init__(
            f"{by.name} heeft {what} intussen ook beantwoord. Daar staat nu: {self.theirs}. "
            f"U vulde in: {self.mine}. Kies welk antwoord blijft staan."
        )
