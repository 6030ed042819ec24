"""A questionnaire where there was none: for a theme, for all cases of a process that have no other, or for its committee."""

import re
import unicodedata
from datetime import datetime
from typing import Any

from peewee import IntegrityError

from models import access, clock
from models.access import PROCESS_LABELS, Process
from models.accounts.user import User
from models.base import Refused, db
from models.cases.theme import Theme
from models.questionnaires.definition.definition_file import load
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.definition.questionnaire import Purpose, Questionnaire, Version, VersionState
from models.typed_text import one_line

ALL_OF = "Alle {}-meldingen zonder eigen vragenlijst"
ASSESSING = "Beoordeling door de commissie {}"
OF_PROCESS = {Purpose.MELDING: "proces", Purpose.BEOORDELING: "commissie"}
TAKEN = "Hierbij hoort al een vragenlijst. U vindt deze in de lijst, met de versies."
LONGEST = 120


def places(by: User) -> list:
    """[(key, label)]: what this person can begin a questionnaire for."""
    mine, used = access.processes(by, "curate"), _used()
    today = clock.today()
    themes = Theme.select().where(Theme.process.in_(mine), Theme.valid_to.is_null() | (Theme.valid_to >= today))
    free = [(f"thema-{theme.id}", theme.name) for theme in themes.order_by(Theme.process.desc(), Theme.position)]
    ours = [(process, PROCESS_LABELS[process]) for process in Process if process in mine]
    free += [(f"proces-{process}", ALL_OF.format(name)) for process, name in ours]
    free += [(f"commissie-{process}", ASSESSING.format(name)) for process, name in ours]
    return [(key, label) for key, label in free if key not in used]


def begin(by: User, place: Any, name: str, content: bytes | None = None, now: datetime | None = None) -> Any:
    """Begin the questionnaire called `name` for `place`, a key of `places`; returns its Draft.

    The draft is empty, or holds what the file `content` (bytes) says. Raises Refused, and then there is nothing.
    """
    name = one_line(name, LONGEST, "De naam van de vragenlijst")
    if not name:
        raise Refused(f"Geef de vragenlijst een naam van hoogstens {LONGEST} tekens.")
    if place not in dict(places(by)):
        raise Refused(TAKEN)
    read = load(content) if content is not None else None
    try:
        with db.atomic():
            draft = Draft.begin(_made(place, name), by, now=now)
            if read:
                draft.replace(read.blocks, read.questions, read.intro, read.timeline)
            return draft
    except IntegrityError:
        raise Refused(TAKEN) from None  # somebody was first


def _used():
    """The places that have a questionnaire; one of which every version was thrown away is none."""
    alive = Version.select(Version.questionnaire).where(Version.state != VersionState.VERVALLEN)
    rows = Questionnaire.select().where(Questionnaire.id.in_(alive))
    return {_key(row) for row in rows}


def _key(row):
    """Of the committee's forms those of one theme, and those of a meeting, have no place here."""
    if row.theme_id:
        return f"thema-{row.theme_id}" if row.purpose == Purpose.MELDING else ""
    return f"{OF_PROCESS.get(row.purpose, row.purpose)}-{row.process}"


def _made(place, name):
    """The row for this place, called `name`: a new one, or that of which everything was thrown away."""
    kind, _, key = place.partition("-")
    goes_with = {"theme": int(key)} if kind == "thema" else {"process": key}
    purpose = Purpose.BEOORDELING if kind == OF_PROCESS[Purpose.BEOORDELING] else Purpose.MELDING
    if row := Questionnaire.get_or_none(**goes_with, purpose=purpose):
        row.name = name
        row.save()
        return row
    return Questionnaire.create(code=_code(name), name=name, purpose=purpose, **goes_with)


def _code(name):
    """What its files are called: the name in plain letters, with a number when another has it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    code = re.sub(r"[^a-z0-9]+", "-", plain)[:30].strip("-") or "vragenlijst"
    taken = {other for (other,) in Questionnaire.select(Questionnaire.code).tuples()}
    return next(free for free in (code, *(f"{code}-{count}" for count in range(2, len(taken) + 3))) if free not in taken)
