"""The questionnaires with which an installation begins; coordinators go on from there."""

from datetime import date, datetime
from pathlib import Path

from models import clock
from models.access import Process
from models.base import db
from models.cases.theme import Theme
from models.questionnaires.definition.definition_csv import load
from models.questionnaires.definition.draft_version import new_version, write
from models.questionnaires.definition.questionnaire import Purpose, Questionnaire, Version, VersionState

DATA = Path(__file__).parent.parent / "data"
FIRST = (
    ("crf-maternale-sterfte", {"theme": "Maternale sterfte"}),
    ("aanmeldformulier-lza1", {"process": Process.LZA1}),
    ("assessment-maternale-sterfte", {"theme": "Maternale sterfte", "purpose": Purpose.BEOORDELING}),
    ("assessment-morbiditeit", {"process": Process.NETHOSS, "purpose": Purpose.BEOORDELING}),
    ("assessment-consensus", {"process": Process.NETHOSS, "purpose": Purpose.CONSENSUS}),
)


def load_questionnaires(since: date, now: datetime | None = None) -> None:
    """Put the questionnaires that are not there yet in force from the day `since`."""
    with db.atomic():
        for code, goes_with in FIRST:
            where = _place(**goes_with)
            if where and not Questionnaire.select().where(Questionnaire.code == code).exists():
                _load(code, where, since, now or clock.now())


def _place(theme=None, process=None, purpose=Purpose.MELDING):
    if process:
        return {"process": process, "purpose": purpose}
    found = Theme.get_or_none(Theme.name == theme)
    return found and {"theme": found, "purpose": purpose}


def _load(code, where, since, now):
    content = load((DATA / f"{code}.csv").read_bytes())
    questionnaire = Questionnaire.create(code=code, name=content.name, **where)
    version = new_version(questionnaire, now=now)
    write(version, content.blocks, content.questions, content.intro, content.timeline)
    Version.update(state=VersionState.GEPUBLICEERD, valid_from=since, published_at=now).where(
        Version.id == version.id
    ).execute()
