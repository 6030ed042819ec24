"""One answer of a questionnaire, before it is kept: whether it is asked, fits the others, and was seen as it stands."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from models.base import Refused
from models.forms.answer_saving import SavedAnswer, answer_of, is_changed
from models.forms.filled_form import Filled, Given
from models.forms.form_structure import Item, Structure
from models.questionnaires.privacy_warnings import warnings
from models.typed_text import one_line

LONGEST_REASON = 500


def checked(
    form: Any,
    at: tuple[str, int],
    sent: Any,
    was: Any,
    seen_revision: int,
    reason: str | None,
    now: datetime,
    locked: Collection[str] = (),
) -> SavedAnswer:
    """What this answer (None empties it) to question and repetition `at` comes to; the form writes it when it `changed`.

    `reason`: why a soft check may be passed over; None leaves it as it is. `was`: see `answer_saving`. `locked`: questions that
    the portal answers itself.
    Raises EditConflict, or Refused with a sentence.
    """
    item, structure = form.structure.items[at[0]], form.structure
    reason = None if reason is None else one_line(reason, LONGEST_REASON, "De toelichting")
    given = answer_of(item, sent, was, reason)
    filled = form.filled({**form.given(), at: given}, now)
    if at not in filled.shows:
        raise Refused(f"Vraag {item.code} hoort niet bij deze casus, gezien de andere antwoorden. Ververs de pagina.")
    changed = is_changed(item, given, was, seen_revision)
    if changed:
        _demand_sound(filled, item, given, locked)
    soft = [(line, check) for line, check in filled.violations if not check.hard and not line.reason]
    asks = [(line.item.code, check.sentence) for line, check in soft if structure.touches(check, item.code)]
    return SavedAnswer(given, was.revision + changed, filled, changed, asks, warnings(item.texts(given.kept)))


def asked_item(structure: Structure, code: Any) -> Item:
    """The question with this code. Raises Refused."""
    item = structure.items.get(code) if isinstance(code, str) else None
    if item is None:
        raise Refused("Deze vraag bestaat niet in deze versie van de vragenlijst. Ververs de pagina.")
    return item


def _demand_sound(filled: Filled, item: Item, given: Given, locked: Collection[str]) -> None:
    """A hard check speaks up where the answer is given; emptying an answer is always possible."""
    for line, check in filled.violations if given.kept is not None else ():
        if check.hard and filled.structure.touches(check, item.code):
            raise Refused(f"{check.sentence} {_way_out(filled, line, check, {item.code, *locked})}".strip())


def _way_out(filled, line, check, kept):
    """Which other answers this one clashes with: where both are wrong, neither can be mended before one is emptied.

    `kept`: this one, and those that the portal fills in, which nobody empties.
    """
    items, values = filled.structure.items, filled.values_at(line.item, line.number)
    asked = [at for at in items if at in filled.structure.looked_at(check) and not items[at].formula]
    others = " en ".join(f"vraag {at}" for at in asked if at not in kept and values.get(at) is not None)
    return others and f"Klopt dit antwoord wel, maak dan eerst {others} leeg en vul die daarna opnieuw in."
