"""Working on a draft: every change is checked at once, and a published version is never touched."""

from contextlib import contextmanager

from peewee import IntegrityError

from models import access, clock
from models.base import Refused, db
from models.event import Event
from models.questionnaire.definition import Question, Section, State, Version

BLOCK_FIELDS = ("title", "shown_when", "per")
QUESTION_FIELDS = ("label", "help", "answer", "unit", "required", "shown_when", "checks", "source")
LONGEST_TEXT = 20_000
NOT_A_DRAFT = "Deze versie is al in gebruik (geweest) en verandert niet meer. Maak een nieuw concept."


class Draft:
    """A version in 'concept' in the hands of `by`."""

    def __init__(self, version, by):
        access.demand(by, "curate", version.questionnaire.in_process)
        if version.state != State.CONCEPT:
            raise Refused(NOT_A_DRAFT)
        self.version, self.by = version, by

    @classmethod
    def begin(cls, questionnaire, by, copy=None, now=None):
        """A new draft, as a copy of version `copy` (default: the newest in use). Refused while there is another draft."""
        access.demand(by, "curate", questionnaire.in_process)
        with db.atomic():
            version = new_version(questionnaire, by, now)
            if source := copy or _newest(questionnaire):
                write(version, *source.rows(), source.intro, source.timeline)
            Event.log("questionnaire.change", by=by, subject=version, process=questionnaire.in_process, at=now)
        return cls(version, by)

    def put_block(self, code, **fields):
        """Add a block at the end, or change the one with this code. Refused with what is wrong with it."""
        with self._change(code):
            made = Section.get_or_none(version=self.version, code=code) or self._new_block(code)
            self._save(made, {name: fields[name] for name in BLOCK_FIELDS if name in fields})

    def put_question(self, code, block=None, **fields):
        """Add a question at the end of `block`, or change the one with this code. Refused with what is wrong with it."""
        with self._change(code):
            made = Question.get_or_none(version=self.version, code=code)
            section = Section.get_or_none(version=self.version, code=block) if block else made and made.section
            if section is None:
                raise Refused("Kies een onderdeel voor deze vraag.")
            made = made or Question(version=self.version, code=code, label="", answer="", position=_last(section) + 1)
            made.section, made.retired = section, False
            self._save(made, {name: fields[name] for name in QUESTION_FIELDS if name in fields})

    def retire_question(self, code):
        """Ask it no longer. Refused while another question looks at it."""
        with db.atomic():
            self._stands()
            found = Question.update(retired=True).where(Question.version == self.version, Question.code == code).execute()
            if not found:
                raise Refused(f"Vraag {code} bestaat niet in deze versie.")
            leaning = [problem for problem in self.version.problems() if f"Vraag {code} " in str(problem)]
            if leaning:
                raise Refused(f"Vraag {code} is nog nodig. " + " ".join(map(str, leaning)))
            self._log(code)

    def arrange(self, codes):
        """Put the questions in the order of `codes`, which names every question of one block."""
        with db.atomic():
            self._stands()
            rows = {row.code: row for row in self.version.questions}
            sections = {rows[code].section_id if code in rows else None for code in codes}
            whole = {row.code for row in rows.values() if row.section_id in sections}
            if len(sections) != 1 or set(codes) != whole or len(codes) != len(whole):
                raise Refused("De vragen van dit onderdeel zijn intussen gewijzigd. Ververs de pagina.")
            for position, code in enumerate(codes, 1):
                Question.update(position=position).where(Question.id == rows[code].id).execute()
            self._log("volgorde")

    def replace(self, blocks, questions, intro, timeline):
        """Let the draft hold exactly these rows, as an import gives them."""
        with db.atomic():
            self._stands()
            Question.delete().where(Question.version == self.version).execute()
            Section.delete().where(Section.version == self.version).execute()
            write(self.version, blocks, questions, intro, timeline)
            self._log("import")

    @contextmanager
    def _change(self, code):
        """A transaction that is undone when the change brings a problem, here or with another question."""
        with db.atomic():
            self._stands()
            before = set(map(str, self.version.problems()))
            yield
            problems = self.version.problems()
            mine = [str(one) for one in problems if getattr(one, "code", "") == code or str(one) not in before]
            if mine:
                raise Refused(" ".join(dict.fromkeys(mine)))
            self._log(code)

    def _stands(self):
        """The draft must still be one; its row is locked until the change is over."""
        mine = (Version.id == self.version.id) & (Version.state == State.CONCEPT)
        if not Version.update(state=State.CONCEPT).where(mine).execute():
            raise Refused(NOT_A_DRAFT)

    def _new_block(self, code):
        return Section(version=self.version, code=code, title="", position=self.version.sections.count() + 1)

    @staticmethod
    def _save(row, fields):
        for name, text in {"code": row.code, **fields}.items():
            longest = getattr(row._meta.fields[name], "max_length", None) or LONGEST_TEXT
            if not isinstance(text, str) or "\x00" in text or len(text.strip()) > longest:
                raise Refused(f"Een van de velden is te lang (hoogstens {longest} tekens) of kan niet bewaard worden.")
            setattr(row, name, text.strip())
        row.save()

    def _log(self, what):
        process = self.version.questionnaire.in_process
        Event.log("questionnaire.change", by=self.by, subject=self.version, detail=what, process=process)


def new_version(questionnaire, by=None, now=None):
    """An empty draft with the next number. Refused while there is another one."""
    number = max([version.number for version in questionnaire.versions], default=0) + 1
    try:
        with db.atomic():
            return Version.create(questionnaire=questionnaire, number=number, created_at=now or clock.now(), created_by=by)
    except IntegrityError:
        raise Refused("Er is al een concept van deze vragenlijst. Werk daarin verder, of gooi het eerst weg.") from None


def write(version, blocks, questions, intro, timeline):
    """Make these rows the content of an empty draft; they need not be rows of this database."""
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


def _newest(questionnaire):
    return questionnaire.in_force() or questionnaire.versions.order_by(Version.number.desc()).first()


def _last(section):
    return max([row.position for row in section.questions], default=0)
