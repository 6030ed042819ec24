"""What comes of saving an answer."""

from dataclasses import dataclass, field

from models.base import Refused
from models.forms.filled_form import Filled


class EditConflict(Refused):
    """Somebody else answered the question since it was shown. Nothing was changed: a person has to choose.

    `mine` and `theirs` are the two answers for a person's eyes, `revision` what to save with now, `by` who was first.
    """

    def __init__(self, item, mine, answer):
        self.item, self.revision, self.by = item, answer.revision, answer.changed_by
        self.mine, self.theirs = item.shown(mine) or "leeg", item.shown(answer.kept) or "leeg"
        super().__init__(
            f"{self.by.name} heeft vraag {item.code} intussen ook beantwoord. Daar staat nu: {self.theirs}. "
            f"U vulde in: {self.mine}. Kies welk antwoord blijft staan."
        )


@dataclass(frozen=True)
class SavedAnswer:
    """What a screen needs after saving. `asks`: soft checks that want a reason; `warnings`: about free text."""

    revision: int
    kept: object
    filled: Filled
    reason: str = ""
    asks: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
