"""How far the questionnaire of a case is, for the pages around it."""

from dataclasses import dataclass
from typing import Any

from models.cases.case import Case
from models.files.document import Document
from models.questionnaires.definition.questionnaire import Questionnaire
from models.questionnaires.form import Form


@dataclass(frozen=True)
class FormProgress:
    """The questionnaire that goes with a case, and its form once it was begun."""

    questionnaire: Questionnaire
    form: Form | None

    @classmethod
    def of(cls, case: Case) -> "FormProgress | Questionnaire | None":
        """None for a case that no questionnaire goes with."""
        form = Form.of(case)
        if form:
            form.case = case
            return cls(form.version.questionnaire, form)
        questionnaire = Questionnaire.for_case(case)
        return questionnaire and cls(questionnaire, None)

    @property
    def label(self) -> str:
        """What people call it; the manual says CRF where it goes with a theme."""
        return "Vragenlijst (CRF)" if self.questionnaire.theme_id else self.questionnaire.name

    @property
    def state(self) -> str:
        """'niet begonnen', 'bezig' or 'compleet'."""
        if self.form is None:
            return "niet begonnen"
        return "compleet" if self.form.complete else "bezig"

    @property
    def counted(self) -> str:
        """'7 van 92 open', or what else there is to say."""
        if self.form is None:
            return "nog niet begonnen"
        return "compleet" if self.form.complete else f"{self.form.still_open} van {self.form.asked} open"

    @property
    def waits_for_document(self) -> bool:
        """Whether it is complete and the document with these answers is still being made."""
        form = self.form
        return form is not None and form.complete and (form.document_revision is None or form.document_is_older)

    @property
    def older_document(self) -> Any:
        """The id of the tile when it does not have the latest answers, else None."""
        return self.form.document_id if self.form and self.form.document_is_older else None

    @property
    def document(self) -> Document | None:
        """The tile that was made of it, once there is one."""
        return self.form.document if self.form and self.form.document_id else None
