"""What becomes of a case and of its parts under another theme: read before it is corrected, and shown to who corrects it."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models.cases.case import Case
from models.cases.case_part import PartSlot
from models.cases.requested_document import RequestedDocumentAnswer, alike
from models.cases.theme import RequestedDocument, Theme, theme_followers
from models.files.document import Document
from models.files.dossier import AskedLine, Dossier
from models.questionnaires.definition.questionnaire import Questionnaire, Version
from models.questionnaires.form import Form
from models.questionnaires.query import OF_COMMITTEE, DataQuery


@dataclass(frozen=True)
class ThemeOutlook:
    """What becomes of one case, a whole or a part, under another theme."""

    case: Case
    theme: Theme
    slots: dict[int, int]  # by a document that an old theme asks: the one of the new theme
    dossier: Dossier
    unseen: list[AskedLine]  # of themes before the old one: what has no place now
    form: Form | None  # that is being filled in now
    asks: Questionnaire | None  # that the new theme asks
    beside: tuple[str, ...] = ()  # what happens elsewhere, in sentences; told of the whole

    @property
    def is_told(self) -> bool:
        """Whether the coordinator may read what is in it: not before it was handed in."""
        return self.case.submitted_at is not None

    @property
    def moving(self) -> list[AskedLine]:
        """The lines with a file or an answer that the new theme has too, those of earlier themes last."""
        return [line for line in [*self._filled, *self.unseen] if line.asked.id in self.slots]

    @property
    def without_place(self) -> list[AskedLine]:
        """Those that it has not: their files become loose, their answers rest."""
        return [line for line in self._filled if line.asked.id not in self.slots]

    @property
    def returning(self) -> list[Document]:
        """Loose files that had a place under the new theme before, and get it back."""
        there = {line.id for line in self.theme.asked}
        return [document for document in self.dossier.loose if document.asked_id in there]

    @property
    def resting(self) -> Form | None:
        """The questionnaire that is kept out of sight."""
        goes_on = self.form and self.asks and self.form.version.questionnaire_id == self.asks.id
        return None if goes_on else self.form

    @property
    def questions(self) -> list[DataQuery]:
        """What was asked about answers of the questionnaire that will rest, and is not settled."""
        mine = (DataQuery.case == self.case) & DataQuery.settled_at.is_null()
        about = DataQuery.code.is_null(False) & (DataQuery.code != OF_COMMITTEE)
        return list(DataQuery.select().where(mine, about).order_by(DataQuery.id)) if self.resting else []

    @cached_property
    def kept(self) -> Form | None:
        """The form of the new questionnaire that was begun before the theme was changed away from it."""
        if self.asks is None or (self.form and not self.resting):
            return None
        forms = Form.select(Form, Version).join(Version).where(Form.case == self.case, Version.questionnaire == self.asks)
        return forms.order_by(Form.id.desc()).first()

    @property
    def mark(self) -> str:
        """By which a page is known to have shown just this."""
        placed = [(line.asked.id, [one.id for one in line.documents], bool(line.answer)) for line in self.dossier.lines]
        loose, form = [document.id for document in self.dossier.loose], self.form and (self.form.id, self.form.revision)
        return repr((self.case.id, self.case.round, self.slots, placed, loose, form, self.asks and self.asks.id, self.beside))

    @property
    def _filled(self):
        return [line for line in self.dossier.lines if line.documents or line.answer]


def mark(outlooks: list[ThemeOutlook]) -> str:
    """By which the act knows that what happens is what was shown."""
    return hashlib.sha256("".join(one.mark for one in outlooks).encode()).hexdigest()


def parts_of(whole: Case) -> list[Any]:
    """The parts whose content is there, also those that were closed."""
    return [part for part in whole.parts_ever() if not part.erased_at]


def outlooks_of(whole: Case, theme: Theme) -> list[ThemeOutlook]:
    """Of the case and of each of its parts, the whole first."""
    cases = [whole, *parts_of(whole)]
    dossiers, answers, hung = Dossier.of_all(cases), _answers(cases), _hung(cases)
    here, there = (list(RequestedDocument.of_theme(one)) for one in (whole.theme, theme))
    beyond = RequestedDocument.theme.not_in([whole.theme_id, theme.id])
    earlier = list(
        RequestedDocument.select()
        .where(RequestedDocument.id.in_(set().union(*hung.values())), beyond)
        .order_by(RequestedDocument.id)
    )
    found = []
    for case in cases:
        old = [line for line in earlier if line.id in hung[case.id]]
        # What lies on the list of now comes first: where two answers claim one place, it has it.
        same = {line.id: alike(line, case, there) for line in [*here, *old]}
        slots = {place: line.id for place, line in same.items() if line}
        unseen = []
        for line in old:
            files = [document for document in dossiers[case.id].loose if document.asked_id == line.id]
            if files or (case.id, line.id) in answers:
                unseen.append(AskedLine(line, files, answers.get((case.id, line.id))))
        asks = Questionnaire.for_case(case, theme=theme)
        beside = tuple(filter(None, (tell(whole, theme) for tell, _ in theme_followers))) if case is whole else ()
        found.append(ThemeOutlook(case, theme, slots, dossiers[case.id], unseen, Form.of(case), asks, beside))
    return found


def _answers(cases):
    answers = RequestedDocumentAnswer.select().where(RequestedDocumentAnswer.case.in_(cases))
    return {(answer.case_id, answer.asked_id): answer for answer in answers}


def _hung(cases):
    """{case id: the documents, of whichever theme, at which it has a file, an answer or a question to a hospital}."""
    found = {case.id: set() for case in cases}
    for placed in (Document, RequestedDocumentAnswer, PartSlot):
        there = placed.select(placed.case, placed.asked).where(placed.case.in_(cases), placed.asked.is_null(False))
        for case, asked in there.distinct().tuples():
            found[case].add(asked)
    return found
