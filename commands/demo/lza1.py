"""What happens to the LZA1 cases of the demonstration and to no others: their form, and what the committee does."""

from datetime import timedelta

from commands.demo import papers
from models import clock
from models.lza1.committee_steps import CommitteeStep
from models.questionnaires.form import Form

QUESTION = (
    "De commissie wil graag weten wanneer het multidisciplinair overleg is gehouden en welke disciplines daarbij waren. "
    "Wilt u het verslag van dat overleg toevoegen?"
)
VERDICT = (
    "De commissie heeft de melding besproken. Zij vindt dat zorgvuldig is gehandeld. De onderbouwing van de prognose is "
    "helder, en de ouders zijn op verschillende momenten volledig geïnformeerd."
)


class Steps:
    """Steps of a life, by the names that `cases.OPEN` uses."""

    def _ended_in_time(self, now):
        """The term ends in about three weeks."""
        self._begin(160, now)

    def _ended_long_ago(self, now):
        self._begin(300, now)

    def _begin(self, ago, now):
        """Pass the gate, and say how many days before today the termination was."""
        ended = clock.today(self.agenda.now) - timedelta(days=ago)
        form = Form.start(self.case, self.melder, now)
        for code, answer in {"A1": "ja", "A2": "ja", "A3": "ja", "C1": ended.isoformat(), "C2": "25+3"}.items():
            form.put(code, answer, self.melder, now=now)

    def _ask(self, now):
        CommitteeStep.ask(self.case, self.reviewer, QUESTION, clock.today(now), f"demo-{self.case.id}", self.case.round, now)

    def _judge(self, now):
        letter = papers.report("Oordeel van de commissie LZA1", VERDICT)
        CommitteeStep.judge(
            self.case,
            self.reviewer,
            letter,
            clock.today(now),
            f"demo-oordeel-{self.case.id}",
            "Het oordeel in het kort: zorgvuldig.",
            now,
        )

    def _read_verdict(self, now):
        step = self.case.steps.where(CommitteeStep.blob.is_null(False)).get()
        step.letter(self.melder, now)
