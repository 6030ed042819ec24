"""Who of a hospital a case concerns, and so who hears of it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from models import access, clock
from models.access import Process, Role
from models.accounts.deputies.absence import Absence
from models.accounts.user import User
from models.cases.case_colleague import CaseColleague
from models.cases.case_part import CasePart
from models.mail.outbox import Mail
from settings import settings

# Called as hears(case, verb, now) in the transaction of each move of a case.
move_followers: list[Callable[[Any, str, datetime], None]] = []


class Concerned:
    """What `Case` knows about the people of its hospital."""

    def people(self, day: date | None = None) -> list[User]:
        """The melder with who stands in on `day` (today), or all melders of the hospital when that one can no longer complete
        it or nobody was it yet (a hospital that was invited), and who added files to it.

        Nobody from whom the hospital keeps the case; then the colleagues who were named stand in for the melder.
        """
        chosen = (
            self._is_work_of(self.reporter)
            and not CasePart.select()
            .where(CasePart.case == self.id, CasePart.invited_by.is_null(False), CasePart.invited_by != self.reporter_id)
            .exists()
        )
        away = Absence.deputies(self.reporter, day or clock.today()) if chosen else []
        first = [self.reporter, *away] if chosen else [*self._melders(), *CaseColleague.people(self)]
        workers = {document.added_by_id for document in self.documents}
        others = User.select().where(User.id.in_(workers)).order_by(User.id)
        everyone = dict.fromkeys([*first, *others])
        return [person for person in everyone if self._is_work_of(person) and self.is_open_to(person)]

    def tell(self, mail: Any, now: datetime, but: User | None = None, **about: Any) -> None:
        """Queue `mail` about this stay in its status for everybody whom it concerns, without the one who did it (`but`)."""
        for person in self.people(clock.today(now)):
            if person != but:
                Mail.queue(mail, person, once=f"{mail}:{self.id}:{self.round}:{person.id}", case=self, now=now, **about)

    def tell_of_move(self, verb: str, now: datetime) -> None:
        """Let the rooms above go along with a move of this case, in its transaction."""
        for hears in move_followers:
            hears(self, verb, now)

    @property
    def mail_facts(self) -> dict[str, str]:
        """All that a mail may say of a case: its process and number, and where to read on after logging in."""
        link = f"{settings.portal_url}/melding/{self.key}/"
        return {"process": access.PROCESS_LABELS[self.process], "number": self.number, "link": link}

    def _is_work_of(self, person):
        """Whether this person is still of the hospital, and may complete its cases."""
        return person.hospital_id == self.hospital_id and access.may(person, "complete", self.process)

    def _melders(self):
        roles = (Role.MELDER, Role.LZA1_MELDER) if self.process == Process.LZA1 else (Role.MELDER,)
        return User.with_role(*roles).where(User.hospital == self.hospital_id).order_by(User.name)
