"""How a file came to its case, and what became of it: there, removed, or replaced by another one."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, BinaryIO

from models import access
from models.audit.audit_action import VERDICTS
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.files import storage

# How a file came that its hospital did not upload: the coordinator adds it, and says so. The values are stored.
ROUTES = ("per mail", "per post", "op een usb-stick of dvd", "op een andere manier")
LATER = (
    "Dit kan zolang de melding is ingediend of bij het ziekenhuis ligt; daarna hoort het ziekenhuis zelf iets aan te vullen."
)
ANOTHER = "Deze pagina heeft al een ander bestand verstuurd. Ververs de pagina en voeg dit bestand daarna opnieuw toe."
REPLACED = "Dit bestand is intussen verwijderd of al vervangen."


class FileHistory:
    """What Document knows of the files of a case."""

    @classmethod
    def present(cls, case: Any) -> list:
        """The files of a case that were not removed, in the order in which they came."""
        return list(case.documents.where(cls.removed_at.is_null()).order_by(cls.id))

    @classmethod
    def removed(cls, case: Any) -> list:
        """The files that were removed and can still be put back, the last one first."""
        gone = cls.removed_at.is_null(False) & cls.purged_at.is_null() & ~cls.superseded
        return list(case.documents.where(gone).order_by(cls.removed_at.desc()))

    @classmethod
    def earlier(cls, case: Any) -> list:
        """The documents of the questionnaire that a newer one replaced, the last one first."""
        return list(case.documents.where(cls.superseded, cls.purged_at.is_null()).order_by(cls.id.desc()))

    @classmethod
    def demand_adding(cls, case: Any, user: Any, route: str | None, sentence: str) -> None:
        """Raise Refused unless `user` may add a file: who completes the case, or, by a `route`, who reviews it."""
        if route is None:
            case.open_for(user, case.may_add, sentence)
            return
        access.demand(user, "review", case.process)
        if route not in ROUTES:
            raise Refused("Kies hoe dit bestand is binnengekomen.")
        if case.submitted_at is None or not case.may_add:
            raise Refused(LATER)

    def demand_removing(self, case: Any, user: Any) -> None:
        """Raise Refused unless `user` may take this file out: its hospital, or a coordinator what one added."""
        if self.route and access.may(user, "review", case.process):
            if case.status != Status.INGEDIEND or case.uploads < 2:  # a case that was handed in has a file
                raise Refused("U kunt dit bestand verwijderen zolang u de melding beoordeelt en er nog een ander bestand is.")
            return
        case.open_for(user, case.may_remove, "Bij een melding met de status {} kunt u geen bestanden meer verwijderen.")

    def demand_sent(self, size: int, digest: str) -> Any:
        """This file, if so many bytes with this SHA-256 are what was kept. Raises Refused for another under its key."""
        if (self.size, self.sha256) != (size, digest):
            raise Refused(ANOTHER)
        return self

    def sent_again(self, source: BinaryIO, length: int | None = None) -> Any:
        """This file, when that is what can be read from `source`: a repeated upload. Raises Refused as above."""
        if length not in (None, self.size):
            raise Refused(ANOTHER)
        size, digest = 0, hashlib.sha256()
        while block := source.read(storage.BLOCK):
            size += len(block)
            digest.update(block)
        return self.demand_sent(size, digest.hexdigest())

    def demand_replaceable(self, case: Any, user: Any) -> None:
        """Raise Refused unless another file of this case may take the place of this one."""
        if self.case_id != case.id or self.removed_at or self.generated:
            raise Refused(REPLACED)
        self.demand_removing(case, user)

    def _give_way(self, by: Any, now: datetime) -> None:
        """Another file takes the place of this one, in the caller's transaction, which holds the case."""
        model = type(self)
        gone = model.update(removed_at=now, removed_by=by).where(model.id == self.id, model.removed_at.is_null())
        if not gone.execute():
            raise Refused(REPLACED)
        Case.update(uploads=Case.uploads - 1).where(Case.id == self.case_id).execute()
        AuditEvent.log("document.replace", by=by, case=self.case, detail=self.key, at=now)

    def take_place_back(self) -> None:
        """It is put back, in the caller's transaction: nothing came in its place any more, whatever becomes of it later."""
        model = type(self)
        model.update(replaces=None).where(model.case == self.case_id, model.replaces == self.id).execute()

    def stood_at(self, moment: datetime) -> bool:
        """Whether it was there at that moment."""
        return self.added_at <= moment and (self.removed_at is None or moment < self.removed_at)

    @property
    def was_replaced(self) -> bool:
        """Whether another file took its place after a verdict on it; it can be read until it is destroyed."""
        model = type(self)
        gone = self.removed_at is not None and self.purged_at is None
        if not gone or not model.select().where(model.case == self.case_id, model.replaces == self.id).exists():
            return False
        verdicts = AuditEvent.select().where(AuditEvent.case_id == self.case_id, AuditEvent.action.in_(VERDICTS))
        return any([self.stood_at(event.at) for event in verdicts])


def replaced_since(files: Iterable[Any], removed: Iterable[Any], judged_at: datetime | None) -> dict[int, list]:
    """{id of a file: those whose place it took after `judged_at`, the last one first}: what a reviewer saw and sees no more."""
    gone = {file.id: file for file in removed}
    found: dict[int, list] = {}
    for file in files:
        before = gone.get(file.replaces_id)
        while before is not None and judged_at is not None:
            if before.stood_at(judged_at):
                found.setdefault(file.id, []).append(before)
            before = gone.get(before.replaces_id)
    return found
