"""Which month's question a case answers."""

from datetime import datetime
from typing import Any

from models import access, clock
from models.access import Process
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case_part import CasePart
from models.cases.status import Status
from models.monthly.month_answer import MonthAnswer


class CountsForMonth:
    """What `Case` knows about its month. Only a NethOSS case answers one."""

    def count_for(self, by: Any, month: Any, now: datetime | None = None) -> None:
        """Let the case answer another month than was thought (Q17), 'YYYY-MM'. The month it leaves is open again when empty."""
        access.demand(by, "review", self.process)
        if self.process != Process.NETHOSS:
            raise Refused("LZA1-meldingen tellen niet mee in de maandelijkse uitvraag.")
        if CasePart.of(self):
            raise Refused("Een deel van een casus telt niet apart mee.")
        if month == self.month:
            return
        with db.atomic():
            left, self.month = self.month, clock.month_of(clock.first_of(month))
            self.save()
            AuditEvent.log("case.month", by=by, case=self, detail=f"{left} > {self.month}", at=now)
            self._answer_month(by, now)
            self._leave_month(left, by, now)

    def _answer_month(self, by: Any, now: Any) -> None:
        """The question about the case's month is answered by it, in the caller's transaction."""
        if self.month:
            MonthAnswer.case_reported(self.hospital_id, self.month, by, now)

    def _leave_month(self, month: Any, by: Any, now: Any) -> None:
        """The question about `month` is open again unless another case answers it, in the caller's transaction."""
        case = type(self)
        # One that the coordinator closed was reported all the same: the hospital answered.
        counts = (case.status != Status.INGETROKKEN) | case.dismissed
        others = (case.hospital == self.hospital_id) & (case.month == month) & counts
        if month and not case.select().where(others).exists():
            MonthAnswer.no_case_left(self.hospital_id, month, by, now)
