"""Saving one answer at which several people work: what becomes of it, and who was first. The same for every form. Pure.

`was` is what the form holds at the place: its `given`, the `revision` that goes up with every change, and `changed_by`.
"""

from dataclasses import dataclass, field
from typing import Any

from models.accounts.user import User
from models.forms.edit_conflict import EditConflict
from models.forms.filled_form import FilledForm, Given
from models.forms.form_structure import AnswerFields


@dataclass(frozen=True)
class KeptAnswer:
    """One answer of a `form` that holds all of them in one column, so that who changed the form last is who was first."""

    form: Any
    given: Given = field(default_factory=Given)
    revision: int = 0

    @property
    def changed_by(self) -> User:
        return self.form.changed_by


@dataclass(frozen=True)
class SavedAnswer:
    """What stands there after saving. `asks`: soft checks that want a reason; `warnings`: what may be as it is."""

    given: Given
    revision: int
    filled: FilledForm
    changed: bool = True  # whether that is anything else than before
    asks: list = field(default_factory=list)
    warnings: list = field(default_factory=list)

    @property
    def kept(self) -> object:
        return self.given.kept

    @property
    def reason(self) -> str:
        return self.given.reason


def answer_of(question: AnswerFields, sent: Any, was: Any, reason: str | None = None) -> Given:
    """What `sent` makes of the answer; `reason` None leaves the reason, which goes with the answer that it was given for.

    Raises Refused with a sentence.
    """
    kept = question.read(sent, was.given.kept)
    stays = was.given.reason if kept == was.given.kept else ""
    return Given(kept, stays if reason is None else reason)


def is_changed(question: AnswerFields, given: Given, was: Any, seen_revision: int) -> bool:
    """Whether this is another answer than stands there. Raises EditConflict when the page had not shown that one."""
    if given == was.given:
        return False
    if was.revision != seen_revision:
        shown = question.shown(given.kept), question.shown(was.given.kept)
        raise EditConflict(question.named, *shown, was.revision, was.changed_by)
    return True
