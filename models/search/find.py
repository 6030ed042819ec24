"""Search across everything a person may see: the index gives rows, `access.visible` decides which of them are told.

Every kind of row is one query, so a page costs the same whatever is found. Nothing is counted: a count of what is not shown
would tell of it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models import access
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.base import NOBODY, any_of
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.theme import Theme
from models.files.document import Document
from models.lnr.registry.stay import Stay
from models.questionnaires.definition.questionnaire import Question
from models.questionnaires.form import Answer, Form
from models.questionnaires.query import DataQuery
from models.search.word_index import BEGINNING, in_names, in_sealed, words

SHOWN = 10  # of each kind
LONGEST = 100  # letters of a question
AROUND = 60  # letters on both sides of the word that was found
SEARCHED: tuple[type[Any], ...] = (User, Remark, Document, Answer, DataQuery, Hospital)
UNREAD = {
    Case.patient_number,
    Case.patient_hash,
    Case.closed_why,
}  # not read along: of the own hospital only (C12), or not shown


@dataclass(frozen=True)
class SearchHit:
    """One row that was found, the case it belongs to, and the text around the word: (before, word, after)."""

    row: Any
    case: Case | None
    where: str
    text: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class FoundGroup:
    """What was found of one kind, the newest first; `more`: whether there is more than is shown."""

    kind: str
    label: str
    hits: list[SearchHit]
    more: bool


@dataclass(frozen=True)
class _Asked:
    """What is asked, by whom."""

    text: str
    user: User

    @cached_property
    def words(self) -> list[str]:
        return words(self.text)

    @cached_property
    def hospitals(self) -> list[int]:
        """Whose sealed words may be looked for."""
        if access.may(self.user, "review"):
            return [number for (number,) in Hospital.select(Hospital.id).tuples()]
        return [self.user.hospital_id]


def find(text: str, user: User) -> list[FoundGroup]:
    """Everything that `user` may see and that `text` names, in groups; kinds of which nothing was found are left out."""
    asked = _Asked(" ".join(text[:LONGEST].replace("\x00", "").split()), user)
    groups = []
    for kind, label, abilities, look in KINDS if len(asked.text) >= BEGINNING else ():
        if any(access.may(user, ability) for ability in abilities) and (hits := list(look(asked))):
            groups.append(FoundGroup(kind, label, hits[:SHOWN], len(hits) > SHOWN))
    return groups


def kinds(user: User) -> list[str]:
    """In what `find` looks for this person, in words."""
    return [label for _, label, abilities, _ in KINDS if any(access.may(user, one) for one in abilities)]


def _numbered(asked: _Asked) -> Iterator[SearchHit]:
    """Cases by their own number, and by the patient number of the own hospital."""
    numbers = Case.numbers_meant(asked.text)
    ways = [Case.number.in_(numbers)] if numbers else []
    if access.may(asked.user, "complete"):
        ways.append(Case.with_patient_number(asked.user.hospital_id, asked.text))
    for case in _cases(any_of(ways), asked.user):
        yield SearchHit(case, case, "nummer" if case.number in numbers else "patiëntnummer")


def _of_melder(asked: _Asked) -> Iterator[SearchHit]:
    """Cases by who reported them."""
    if (people := in_names(User, asked.words)) is not None:
        for case in _cases(Case.reporter.in_(people) & _worked(asked.user), asked.user):
            # The address as well: it may be what begins with the word.
            yield SearchHit(case, case, f"melder: {case.reporter.name} ({case.reporter.email})")


def _cases(which, user):
    if which is NOBODY:
        return []
    # The ids first: for the order alone a database would walk through all the cases of the country.
    ids = Case.select(Case.id).where(which)
    query = access.visible(Case, user).where(Case.id.in_(ids)).order_by(Case.created_at.desc(), Case.id.desc())
    joined = query.select(*_of_case(), User).join_from(Case, Hospital, on=Case.hospital).join_from(Case, Theme)
    return joined.join_from(Case, User, on=Case.reporter).limit(SHOWN + 1)


def _remarks(asked: _Asked) -> Iterator[SearchHit]:
    for row in _of_a_case(Remark, asked):
        yield SearchHit(row, row.case, "interne notitie" if row.is_note else "bericht", around(row.text, asked.words))


def _files(asked: _Asked) -> Iterator[SearchHit]:
    for row in _of_a_case(Document, asked, Document.removed_at.is_null()):
        yield SearchHit(row, row.case, "naam van het bestand", around(row.name, asked.words))


def _inquiries(asked: _Asked) -> Iterator[SearchHit]:
    for row in _of_a_case(DataQuery, asked):
        yield SearchHit(row, row.case, f"over {row.about}", around(row.searched_text(), asked.words))


def _of_a_case(model, asked, *also):
    """Rows that hang below a case at once, with the case at hand."""
    if (query := _found(model, asked)) is None:
        return []
    return _with_case(query.select(model, *_of_case()).join_from(model, Case), asked.user).where(*also)


def _answers(asked: _Asked) -> Iterator[SearchHit]:
    if (query := _found(Answer, asked)) is None:
        return
    query = query.select(Answer, Form, *_of_case(), Question.label).join_from(Answer, Form).join_from(Form, Case)
    here = (Question.version == Form.version) & (Question.code == Answer.code)
    query = query.join_from(Answer, Question, on=here, attr="question")
    for row in _with_case(query, asked.user).where(Form.replaced_at.is_null()):
        yield SearchHit(row, row.form.case, f"vraag {row.code}: {row.question.label}", around(row.searched_text(), asked.words))


def _found(model, asked):
    """The rows of `model` whose sealed text holds all the words, as far as this person may see them; None without words."""
    ids = in_sealed(model, asked.words, asked.hospitals)
    if ids is None:
        return None
    return access.visible(model, asked.user).where(model.id.in_(ids)).order_by(model.id.desc()).limit(SHOWN + 1)


def _with_case(query, user):
    return query.join_from(Case, Hospital, on=Case.hospital).join_from(Case, Theme).where(_worked(user))


def _of_case():
    return *(field for field in Case._meta.sorted_fields if field not in UNREAD), Hospital, Theme


def _worked(user):
    """The cases with which a person works. A committee learns neither hospital nor people of its cases, and finds by none."""
    clauses = [Case.hospital == user.hospital_id] if access.may(user, "complete") else []
    national = access.processes(user, "review")
    return any_of([*clauses, Case.of_process(national)] if national else clauses)


def _hospitals(asked: _Asked) -> Iterator[SearchHit]:
    for row in _named(Hospital, asked):
        yield SearchHit(row, None, f"code {row.code}")


def _people(asked: _Asked) -> Iterator[SearchHit]:
    for row in _named(User, asked):
        yield SearchHit(row, None, row.email)


def _stays(asked: _Asked) -> Iterator[SearchHit]:
    mine = access.visible(Stay, asked.user).where(Stay.matching(asked.text, asked.user))
    for row in mine.order_by(Stay.id.desc()).limit(SHOWN + 1):
        yield SearchHit(row, None, "nummer")


def _named(model, asked):
    if (ids := in_names(model, asked.words)) is None:
        return []
    return access.visible(model, asked.user).where(model.id.in_(ids)).order_by(model.name).limit(SHOWN + 1)


def around(text: str, asked: Sequence[str]) -> tuple[str, str, str] | None:
    """(what stands before, the first of the words, what stands behind) in a text; None when only a part of a word is in it."""
    line = " ".join(text.split())
    found = next((match for match in re.finditer(r"[^\W_]+", line) if set(words(match[0])) & set(asked)), None)
    if found is None:
        return None
    start, end = max(found.start() - AROUND, 0), found.end() + AROUND
    before = ("… " if start else "") + line[start : found.start()]
    return before, found[0], line[found.end() : end] + (" …" if end < len(line) else "")


# key, label, the abilities of who is looked for, and how
WORKS = ("complete", "review")
KINDS: tuple[tuple[str, str, tuple[str, ...], Callable[..., Iterator[SearchHit]]], ...] = (
    ("case", "Meldingen, op nummer", (*WORKS, "study"), _numbered),
    ("melder", "Meldingen, op melder", WORKS, _of_melder),
    ("file", "Bestanden", WORKS, _files),
    ("remark", "Opmerkingen", WORKS, _remarks),
    ("answer", "Antwoorden in vragenlijsten", WORKS, _answers),
    ("inquiry", "Vragen van de coördinator", WORKS, _inquiries),
    ("hospital", "Ziekenhuizen", ("follow", "manage"), _hospitals),
    ("account", "Accounts", ("manage",), _people),
    ("stay", "LNR-opnamen", ("deliver", "oversee"), _stays),
)
