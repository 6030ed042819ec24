"""Each night: files that were removed long ago, and what a crash left on the disk. Each hour: how far the trail has come."""

from huey import crontab

from models import checkpoint, checkup, schema
from models.document import Document
from models.lnr.entry import Entry
from models.lnr.message import Message
from models.throttle import FailedAttempt
from tasks.queue import every, log


@every(crontab(hour="3", minute="10"))
def forget_refused_messages():
    Message.forget_refused()


@every(crontab(hour="3", minute="20"))
def forget_abandoned_forms():
    Entry.forget_old()


@every(crontab(hour="2", minute="30"))
def tidy_documents():
    Document.purge()
    checkup.clear_leftovers()
    for problem in checkup.documents():
        log.error(problem)


@every(crontab(minute="5"))
def note_how_far_the_trail_has_come():
    checkpoint.write()


@every(crontab(hour="3", minute="0"))
def forget_failed_attempts():
    FailedAttempt.forget_old()


@every(crontab(hour="3", minute="30"))
def count_anew():
    schema.count_anew()
