"""What the beheerders have to know at once: something that is kept is damaged, or the trail was changed."""

import hashlib
import logging
from datetime import datetime
from typing import Any

from models.access import Role
from models.accounts.user import User
from models.base import db
from models.mail.outbox import Mail

log = logging.getLogger(__name__)

MOST = 20  # sentences of one mail


def sound(problems: list[str], now: datetime | None = None) -> None:
    """Log these Dutch sentences and mail them to every active beheerder; the same ones together are mailed once, ever.

    They name files and lines by number: never a file by its name, nor anything of a patient.
    """
    problems = list(problems)
    for problem in problems:
        log.error(problem)
    if not problems:
        return
    digest = hashlib.sha256("\n".join(sorted(problems)).encode()).hexdigest()[:32]
    about: dict[str, Any] = {"problems": problems[:MOST], "more": max(0, len(problems) - MOST)}
    with db.atomic():
        for person in User.with_role(Role.BEHEERDER):
            Mail.queue("alarm", person, once=f"alarm:{digest}:{person.id}", now=now, **about)


CONTEXTS = {"alarm": lambda mail: mail.facts}
