"""Trying a version out as its reporters will meet it. What is typed here is kept nowhere."""

from flask_admin import expose

from admin_views.forms.form_page import parts_of
from admin_views.forms.form_view import answers_sent
from admin_views.questionnaires.questionnaire_page import QuestionnairePage
from admin_views.questionnaires.versions import OfVersion, VersionsView
from admin_views.web.screen import Screen
from models import clock
from models.base import Refused
from models.forms.answer_saving import KeptAnswer
from models.forms.filled_form import MOST_REPEATS, Filled, Given, place
from models.questionnaires.answer_check import LONGEST_REASON


class Trial:
    """What a page sent, as the form of a case would hold it. `refused`: place -> why an answer was not taken."""

    def __init__(self, structure, fields):
        self.structure, self.answers, self.refused = structure, {}, {}
        for item in structure.items.values():
            numbers = range(1, MOST_REPEATS + 1) if structure.block_of[item.code].per else (0,)
            for number in numbers if not item.formula else ():
                self._take(item, number, fields)

    def _take(self, item, number, fields):
        at = place(item.code, number)
        reason = fields.get(f"{at}.reden", "")[:LONGEST_REASON]
        try:
            kept = item.read(item.sent(parts_of(fields, at)))
        except Refused as trouble:
            self.refused[at], kept = str(trouble), None
        if kept is not None or reason:
            self.answers[item.code, number] = KeptAnswer(self, Given(kept, reason))

    def rows(self):
        return self.answers

    def filled(self, given, now=None):
        return Filled(self.structure, given, clock.today(now))


class TrialView(OfVersion):
    """The whole questionnaire on one page; after each answer the server says what is shown."""

    screen = Screen("trial", "/beheer/vragenlijsten/<version>/uitproberen", "Uitproberen", listed=False, below=VersionsView)

    @expose("/", methods=("GET", "POST"))
    def index(self, version):
        version = self.version(version)
        structure, problems = version.read()
        trial = Trial(structure, answers_sent())
        page = QuestionnairePage(trial)
        parts = [(block, self._fields(page, block, trial)) for block in structure.blocks]
        return self.page(
            "trial",
            version,
            problems=problems,
            sheet=page,
            parts=parts,
            longest_reason=LONGEST_REASON,
            form=trial,
        )

    @staticmethod
    def _fields(page, block, trial):
        fields = page.fields(block.code)
        for field in fields:
            if field.at in trial.refused:
                field.trouble, field.values = trial.refused[field.at], answers_sent()
        return page.parts(fields)
