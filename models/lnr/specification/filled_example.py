"""A plausible value for every item that a story does not mention, from the definition."""

from typing import Any

from models.lnr.dataset.definition import Definition, definition

LEFT_OUT = (
    "death_datetime",
    "death_within_12h",
    "death_in_delivery_room",
    "cause_of_death",
    "intensive_care_withdrawn",
    "practitioner_id",
    "practitioner_name",
)
SOME = {"janee": True, "moment": "2026-01-20T12:00:00", "datum": "1993-07-21", "tekst": "Voorbeeld", "postcode": "3511"}


def filled(told: dict, institution: tuple[str, str]) -> dict:
    """The items of a story with every other one that a child who lives can have; `institution`: where a number is asked."""
    of = definition()
    for one in of.items.values():
        places = [told] if one.row_group is None else told.setdefault(one.row_group.name, [{}])
        if one.name not in LEFT_OUT and not any(one.name in place for place in places):
            places[0][one.name] = some(one, of, institution)
    return told


def some(one: Any, of: Definition, institution: Any) -> bool | list[str] | str:
    """A plausible value of an item that the story does not mention."""
    value: Any
    if one.type == "code":
        value = of.choices(one)[0].code
    elif one.type == "nummer":
        value = institution
    elif one.is_number:
        value = int(((one.usual_low or one.low or 0) + (one.usual_high or one.high or 1)) / 2)
    else:
        value = SOME[one.type]
    return [value] if one.repeats else value
