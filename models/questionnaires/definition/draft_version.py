"""Working on a draft: every change is checked at once, and a published version is never touched."""

from collections.abc import Collection, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from peewee import IntegrityError

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.questionnaires.definition.definition_csv import BlockLine, QuestionLine
from models.questionnaires.definition.definition_file import load_for
from models.questionnaires.definition.definition_parser import Problem
from models.questionnaires.definition.questionnaire import Question, Questionnaire, Section, Version, VersionState
from models.typed_text import tidy

BLOCK_FIELDS = ("title", "shown_when", "per")
HEAD_FIELDS = ("intro", "timeline")
QUESTION_FIELDS = ("label", "help", "answer", "unit", "required", "shown_when", "checks", "source")
LONGEST_TEXT = 20_000
TAKEN = "De code {} is al gebruikt, misschien voor een vervallen vraag. Kies een andere."
NOT_A_DRAFT = "Deze versie is al in gebruik (geweest) en verandert niet meer. Maak een nieuw concept."


class Unsound(Refused):
    """A change would make the version unsound; `problems` are Problem rows or sentences."""

    def __init__(self, problems, before=""):
        self.problems = problems
        super().__init__(before + " ".join(dict.fromkeys(map(str, problems))))


class Draft:
    """A version in 'concept' in the hands of `by`."""

    def __init__(self, version, by):
        access.demand(by, "curate", version.questionnaire.in_process)
        if version.state != VersionState.CONCEPT:
            raise Refused(NOT_A_DRAFT)
        self.version, self.by = version, by

    @classmethod
    def begin(cls, questionnaire: Questionnaire, by: User, copy: Any = None, now: datetime | None = None) -> "Draft":
        """A new draft, as a copy of version `copy` (default: the newest in use). Refused while there is another draft."""
        access.demand(by, "curate", questionnaire.in_process)
        with db.atomic():
            version = new_version(questionnaire, by, now)
            if source := copy or _newest(questionnaire):
                write(version, *source.rows(), source.intro, source.timeline)  # type: ignore[call-arg]
            AuditEvent.log("questionnaire.change", by=by, subject=version, process=questionnaire.in_process, at=now)
        return cls(version, by)

    def put_block(self, code: str, new: bool = False, **fields: Any) -> None:
        """Add a block at the end, or (unless it must be `new`) change the one with this code. Refused with what is wrong."""
        with self._change(code):
            made = Section.get_or_none(version=self.version, code=code)
            _demand_free(new and made)
            made = made or self._new_block(code)
            self._save(made, {"code": code} | {name: fields[name] for name in BLOCK_FIELDS if name in fields})

    def put_question(self, code: str, block: Any = None, new: bool = False, **fields: Any) -> None:
        """Add a question at the end of `block`, or (unless it must be `new`) change the one with this code, retired or not.

        Refused with what is wrong with it.
        """
        with self._change(code):
            made = Question.get_or_none(version=self.version, code=code)
            _demand_free(new and made)
            section = Section.get_or_none(version=self.version, code=block) if block else made and made.section
            if section is None:
                raise Refused("Kies een onderdeel voor deze vraag.")
            made = made or Question(version=self.version, code=code, label="", answer="", position=_last(section) + 1)
            if made.section_id != section.id:
                made.section, made.position = section, _last(section) + 1
            made.retired = False
            self._save(made, {"code": code} | {name: fields[name] for name in QUESTION_FIELDS if name in fields})

    def put_head(self, **texts: Any) -> None:
        """Change the introduction (`intro`) or the days from which the document counts (`timeline`)."""
        with self._change("*"):
            self._save(self.version, {name: texts[name] for name in HEAD_FIELDS if name in texts})

    def retire_question(self, code: str) -> None:
        """Ask it no longer. Refused while something else looks at it."""
        with self._change(code, f"Vraag {code} is nog nodig. "):
            if not Question.update(retired=True).where(Question.version == self.version, Question.code == code).execute():
                raise Refused(f"Vraag {code} bestaat niet in deze versie.")

    def retire_block(self, code: str) -> None:
        """Ask none of its questions any longer; one that never held a question is taken away."""
        with self._change(code, f"Onderdeel {code} is nog nodig. "):
            section = Section.get_or_none(version=self.version, code=code)
            if section is None:
                raise Refused(f"Onderdeel {code} bestaat niet in deze versie.")
            if not Question.update(retired=True).where(Question.section == section).execute():
                section.delete_instance()

    def arrange(self, codes: list[Any]) -> None:
        """Put the questions in the order of `codes`, which names every question of one block."""
        with db.atomic():
            self.hold()
            rows = {row.code: row for row in self.version.questions}
            sections = {rows[code].section_id if code in rows else None for code in codes}
            whole = {row.code for row in rows.values() if row.section_id in sections}
            if len(sections) != 1 or set(codes) != whole or len(codes) != len(whole):
                raise Refused("De vragen van dit onderdeel zijn intussen gewijzigd. Ververs de pagina.")
            for position, code in enumerate(codes, 1):
                Question.update(position=position).where(Question.id == rows[code].id).execute()
            self._log("volgorde")

    def arrange_shown(self, codes: Collection[str]) -> None:
        """As `arrange`, of the questions that are still asked: the retired ones of the block go to its end."""
        rows = self.version.rows()[1]
        blocks = {row.block_code for row in rows if row.code in codes}
        retired = [row.code for row in rows if row.retired and row.block_code in blocks and row.code not in codes]
        self.arrange([*codes, *retired])

    def shift(self, code: str, step: Any) -> None:
        """Move a question one place up (-1) or down (1) within its block; beyond the end nothing changes."""
        rows = self.version.rows()[1]
        block = next((row.block_code for row in rows if row.code == code), None)
        codes = [row.code for row in rows if row.block_code == block and not row.retired]
        if code not in codes:
            raise Refused(f"Vraag {code} wordt niet meer gesteld. Ververs de pagina.")
        self.arrange_shown(_swapped(codes, code, step))

    def shift_block(self, code: str, step: Any) -> None:
        """Move a whole block one place up (-1) or down (1); beyond the end nothing changes."""
        with db.atomic():
            self.hold()
            sections = {row.code: row for row in self.version.rows()[0]}
            if code not in sections:
                raise Refused(f"Onderdeel {code} bestaat niet in deze versie.")
            for position, other in enumerate(_swapped(list(sections), code, step), 1):
                Section.update(position=position).where(Section.id == sections[other].id).execute()
            self._log("volgorde")

    @classmethod
    def take_in(cls, version: Version, by: User, content: bytes) -> Any:
        """Let the draft hold what a file says; of a version that is no draft a new one is begun. Refused: nothing changed."""
        questionnaire = version.questionnaire
        access.demand(by, "curate", questionnaire.in_process)
        read = load_for(questionnaire, content)
        with db.atomic():
            draft = cls(version, by) if version.state == VersionState.CONCEPT else cls.begin(questionnaire, by, copy=version)
            draft.replace(read.blocks, read.questions, read.intro, read.timeline)
        return draft

    def replace(self, blocks: list[Any], questions: list[Any], intro: str, timeline: str) -> None:
        """Let the draft hold exactly these rows, as an import gives them, and what `write` adds to them."""
        with db.atomic():
            self.hold()
            Question.delete().where(Question.version == self.version).execute()
            Section.delete().where(Section.version == self.version).execute()
            write(self.version, blocks, questions, intro, timeline)
            self._log("import")

    def hold(self) -> None:
        """Keep everybody else from this draft until the transaction is over. Refused when it is no draft any more."""
        mine = (Version.id == self.version.id) & (Version.state == VersionState.CONCEPT)
        if not Version.update(state=VersionState.CONCEPT).where(mine).execute():
            raise Refused(NOT_A_DRAFT)

    @contextmanager
    def _change(self, code, refusal=""):
        """A transaction that is undone, with Unsound, when the change brings a problem, here or with another question."""
        with db.atomic():
            self.hold()
            before = set(map(str, self._problems()))
            yield
            problems = self._problems()
            mine = [one for one in problems if getattr(one, "code", "") == code or str(one) not in before]
            if mine:
                raise Unsound(mine, refusal)
            self._log(code)

    def _problems(self):
        return self.version.read()[1]

    def _new_block(self, code):
        return Section(version=self.version, code=code, title="", position=self.version.sections.count() + 1)

    @staticmethod
    def _save(row, fields):
        for name, text in fields.items():
            longest = getattr(row._meta.fields[name], "max_length", None) or LONGEST_TEXT
            try:
                setattr(row, name, tidy(text, longest, "Deze tekst"))
            except Refused as reason:
                raise Unsound([Problem(row.code, name, str(reason)) if "code" in fields else str(reason)]) from None
        row.save()

    def _log(self, what):
        process = self.version.questionnaire.in_process
        AuditEvent.log("questionnaire.change", by=self.by, subject=self.version, detail=what, process=process)


def new_version(questionnaire: Questionnaire, by: User | None = None, now: datetime | None = None) -> Version:
    """An empty draft with the next number. Refused while there is another one."""
    number = max([version.number for version in questionnaire.versions], default=0) + 1
    try:
        with db.atomic():
            return Version.create(questionnaire=questionnaire, number=number, created_at=now or clock.now(), created_by=by)
    except IntegrityError:
        raise Refused("Er is al een concept van deze vragenlijst. Werk daarin verder, of gooi het eerst weg.") from None


def write(version: Version, blocks: Sequence[BlockLine], questions: Sequence[QuestionLine], intro: str, timeline: str) -> None:
    """Make these rows the content of an empty draft; they need not be rows of this database.

    A question that a published version asked and that is not among them comes along retired, so that its code is never free.
    """
    forgotten = _forgotten(version, {row.code for row in questions})
    known = {row.code for row in blocks}
    blocks = [*blocks, *{row.block_code: row.section for row in forgotten if row.block_code not in known}.values()]
    questions = [*questions, *forgotten]
    Version.update(intro=intro, timeline=timeline).where(Version.id == version.id).execute()
    version.intro, version.timeline = intro, timeline
    sections = {}
    for position, row in enumerate(blocks, 1):
        copied = {name: getattr(row, name) for name in BLOCK_FIELDS}
        sections[row.code] = Section.create(version=version, code=row.code, position=position, **copied)
    rows = [
        {
            "version": version,
            "section": sections[row.block_code],
            "code": row.code,
            "position": position,
            "retired": row.retired,
        }
        | {name: getattr(row, name) for name in QUESTION_FIELDS}
        for position, row in enumerate(questions, 1)
    ]
    for start in range(0, len(rows), 50):
        Question.insert_many(rows[start : start + 50]).execute()


def _forgotten(version, codes):
    """The questions of published versions with other codes than these, as they were last, retired."""
    published = (Version.questionnaire == version.questionnaire_id) & (Version.state == VersionState.GEPUBLICEERD)
    asked = Question.select(Question, Section).join(Section).switch(Question).join(Version).where(published)
    found = {row.code: row for row in asked.order_by(Version.number, Section.position, Question.position)}
    forgotten = [row for code, row in found.items() if code not in codes]
    for row in forgotten:
        row.retired = True
        row.section.shown_when = row.section.per = ""  # a block that comes along for its sake asks nothing
    return forgotten


def _newest(questionnaire):
    return questionnaire.in_force() or questionnaire.versions.order_by(Version.number.desc()).first()


def _demand_free(known):
    if known:
        raise Unsound([Problem(known.code, "code", TAKEN.format(known.code))])


def _last(section):
    return max([row.position for row in section.questions], default=0)


def _swapped(codes, code, step):
    at = codes.index(code)
    other = max(0, min(at + step, len(codes) - 1))
    codes[at], codes[other] = codes[other], codes[at]
    return codes
