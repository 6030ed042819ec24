"""What must hold whatever happened, in the words of the domain. I1, what was acknowledged is there, each test holds itself."""

import time
from collections import Counter
from datetime import timedelta

from models import clock
from models.audit.audit_event import AuditEvent
from models.cases.case import TRANSITIONS, Case
from models.cases.remark import Remark
from models.cases.status import WITH_HOSPITAL, Status
from models.files import storage
from models.files.document import Document
from models.files.file_state import FileState
from models.mail.mail_schedule import WEEKS
from models.mail.outbox import LEASE_MINUTES, Mail, MailStatus
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind
from models.operations import integrity_check
from models.questionnaires.form import Form
from models.review.reminder import Reminder
from settings import settings

MOVES = {f"case.{verb}": target for verb, (_, target, _) in TRANSITIONS.items()}
HANDED_IN = (Status.INGEDIEND, Status.GOEDGEKEURD)


def broken(now=None):
    """Everything that is wrong, as sentences; an empty list is the only good answer."""
    now = now or clock.now()
    return [*integrity_check.problems(deep=True), *_files(), *_cases(), *_forms(), *_months(), *_mails(now), *_reminders()]


def after_the_sweep():
    """What is wrong a long time later, when the night has cleared what the faults left on the disk."""
    later = clock.now() + timedelta(days=400)
    integrity_check.clear_leftovers(later)
    return [*broken(), *integrity_check.documents(later)]


def _files():
    """I2: a row has its bytes (the checkup reads them all); I10: with a scanner, nothing opens before it was found clean."""
    for document in Document.select():
        if document.size <= 0 or not document.blob:
            yield f"file {document.id} has no content"
        if settings.clamd_url and document.may_open and document.state != FileState.SCHOON:
            yield f"file {document.id} opens though it is {document.state}"


def _cases():
    """I3 and I6: what was handed in has a file, and every move has its line, its message and its mail."""
    for case in Case.select():
        lines = [event.action for event in AuditEvent.of_case(case) if event.result == "gelukt"]
        moves = [action for action in lines if action in MOVES]
        if case.round != 1 + len(moves):
            yield f"{case} moved {case.round - 1} times, the trail tells of {len(moves)}"
        ends = {MOVES[moves[-1]] if moves else Status.CONCEPT}
        if moves[-1:] == ["case.reopen"]:
            ends |= set(WITH_HOSPITAL)  # where there was nothing to judge
        if case.status not in ends:
            yield f"{case} is {case.status}, the trail ends at {moves[-1:]}"
        if lines.count("case.open") != 1:
            yield f"{case} was opened {lines.count('case.open')} times"
        if case.status in HANDED_IN and not case.documents.where(Document.usable(), ~Document.generated).exists():
            yield f"{case} is {case.status} without a file that a person added"
        yield from _counted(case, lines)


def _counted(case, lines):
    told = sum(lines.count(f"case.{verb}") for verb in ("mark_incomplete", "reopen", "dismiss", "ask"))
    messages, notes = (case.remarks.where(Remark.internal == internal).count() for internal in (False, True))
    if (messages, notes) != (told, lines.count("case.note")):
        yield f"{case} has {messages} messages and {notes} notes, the trail tells of {told} and {lines.count('case.note')}"
    # Everybody whom the case concerns hears of each return once: `once` names the mail, the case, the round and the person.
    mails = Mail.select(Mail.once, Mail.user).where(Mail.case_id == case.id, Mail.name == "case_incomplete").tuples()
    returned = Counter((once.split(":")[2], user) for once, user in mails)
    if len({round for round, _ in returned}) != lines.count("case.mark_incomplete") or max(returned.values(), default=1) > 1:
        yield f"{case} was returned without a mail, or with two"
    files = case.documents.count()
    if files != sum(lines.count(f"document.{way}") for way in ("attach", "generate", "strip")):
        yield f"{case} has {files} files, the trail tells of another number"


def _forms():
    """Of a questionnaire: one document that stands, of answers that were complete, and a line for each revision."""
    for form in Form.select():
        standing = [file for file in Document.present(form.case) if file.generated]
        if len(standing) > 1 or bool(standing) != (form.document_id is not None):
            yield f"form {form.id} has {len(standing)} documents"
        if form.document_revision is not None and form.document_revision > form.revision:
            yield f"form {form.id} has a document of answers that never were"


def _months():
    """I5: one answer stands for a hospital and a month, and a case beats a zero report."""
    stands = MonthAnswer.select().where(MonthAnswer.ended_at.is_null())
    for (hospital, month), count in Counter((answer.hospital_id, answer.month) for answer in stands).items():
        if count > 1:
            yield f"hospital {hospital} has {count} answers about {month}"
    for answer in stands.where(MonthAnswer.kind == MonthAnswerKind.NUL):
        counts = (Case.hospital == answer.hospital_id) & (Case.month == answer.month) & (Case.status != Status.INGETROKKEN)
        if Case.select().where(counts).exists():
            yield f"hospital {answer.hospital_id} has a case in {answer.month}, and a zero report"


def _mails(now):
    """I4 and I9: nobody is asked twice, and no mail stays in the hands of a worker for longer than its lease."""
    asked = Mail.select(Mail.user, Mail.month).where(Mail.name == "monthly_request")
    for (user, month), count in Counter(asked.tuples()).items():
        if count > 1:
            yield f"user {user} has {count} requests about {month}"
    held = (Mail.status == MailStatus.BEZIG) & (Mail.claimed_at < now - (LEASE_MINUTES + 1) * clock.MINUTE)
    for mail in Mail.select().where(held):
        yield f"mail {mail.id} is held since {mail.claimed_at}"


def _reminders():
    """I7: of each stay of a case at the hospital, each person hears each term at most once."""
    said = Counter(Reminder.select(Reminder.case, Reminder.round, Reminder.weeks, Reminder.user).tuples())
    for which, count in said.items():
        if count > 1 or which[2] not in WEEKS:
            yield f"reminder {which} was given {count} times"


def in_clear(text):
    """The files of this installation in which `text` stands readable; the queue's and the log's as well."""
    return sorted(path.name for path in settings.data_dir.rglob("*") if path.is_file() and text in path.read_bytes())


def half_files():
    """What a broken upload left on the disk."""
    return [name for name, _ in storage.keys() if name.endswith(".half")]


def arrived(letters):
    """How often each mail came, by its Message-ID; the values must all be 1."""
    return Counter(letter.message["Message-ID"] for letter in letters)


def within(seconds):
    """Yields until the time is over; what a test does as often as it can."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
