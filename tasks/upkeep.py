"""Each night: files that were removed long ago, and what a crash may have left on the disk."""

from huey import crontab

from models import checkup
from models.document import Document
from models.throttle import FailedAttempt
from tasks.queue import every, log


@every(crontab(hour="2", minute="30"))
def tidy_documents():
    Document.purge()
    checkup.clear_leftovers()
    for problem in checkup.documents():
        log.error(problem)


@every(crontab(hour="3", minute="0"))
def forget_failed_attempts():
    FailedAttempt.forget_old()
