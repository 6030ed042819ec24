"""Rotating keys: seal every column, fingerprint and file anew under the newest key, while the portal goes on serving."""

from models import storage
from models.base import Refused, db
from models.case import Case
from models.document import Document
from models.lnr.batch import Batch, Part
from models.lnr.check import check
from models.lnr.entry import Entry
from models.lnr.message import Content
from models.lza1.committee import CommitteeStep
from models.questionnaire.form import Answer
from models.questionnaire.inquiry import Inquiry
from models.remark import Remark
from models.trace import Trace
from models.user import User

BATCH = 200
DAMAGED = "Beschadigd, en daarom nog onder de oude sleutel: {}. Zet ze terug uit een back-up en geef reseal opnieuw."


def reseal():
    """Yield a line of progress while everything that is sealed is sealed anew. Interrupted, it can simply be run again.

    Raises Refused at its end, with their numbers, when files were damaged: those stay under the old key.
    """
    yield f"patiëntnummers: {_rows(Case, _case)}"
    yield f"opmerkingen: {_rows(Remark, _remark)}"
    yield f"antwoorden: {_rows(Answer, _answer)}"
    yield f"vragen van de coördinator: {_rows(Inquiry, _inquiry)}"
    yield f"herleidbare gegevens: {_rows(Trace, _trace)}"
    yield f"oordelen van de commissie: {_rows(CommitteeStep, _step)}"
    yield f"tweede stap van accounts: {_rows(User, _user)}"
    yield f"LNR-berichten: {_rows(Content, _content)}"
    yield f"LNR-formulieren: {_rows(Entry, _entry)}"
    yield f"LNR-bestanden: {_rows(Batch, _batch) + _rows(Part, _part)}"
    done, damaged = _files()
    yield f"bestanden: {done}"
    if damaged:
        raise Refused(DAMAGED.format(", ".join(damaged)))


def _rows(model, again):
    done = last = 0
    while True:
        with db.atomic():
            # The rows stay locked for this short transaction, so that nobody's change is lost in between.
            query = model.select().where(model.id > last).order_by(model.id).limit(BATCH)
            rows = list(query.for_update() if db.for_update else query)
            for row in rows:
                again(row)
        if not rows:
            return done
        done, last = done + len(rows), rows[-1].id


def _case(case):
    if case.patient_number is not None:
        sealed = {
            Case.patient_number: case.patient_number,
            Case.patient_hash: Case.hash_of(case.hospital_id, case.patient_number),
        }
        Case.update(sealed).where(Case.id == case.id).execute()


def _remark(remark):
    Remark.update(text=remark.text).where(Remark.id == remark.id).execute()


def _answer(answer):
    sealed = {Answer.value: answer.value, Answer.reason: answer.reason}
    Answer.update(sealed).where(Answer.id == answer.id).execute()


def _inquiry(inquiry):
    Inquiry.update(text=inquiry.text, reply=inquiry.reply).where(Inquiry.id == inquiry.id).execute()


def _trace(trace):
    Trace.update(places=trace.places, why=trace.why).where(Trace.id == trace.id).execute()


def _step(step):
    CommitteeStep.update(text=step.text).where(CommitteeStep.id == step.id).execute()


def _user(user):
    User.update(tf_totp_secret=user.tf_totp_secret, mf_recovery_codes=user.mf_recovery_codes).where(
        User.id == user.id
    ).execute()


def _entry(entry):
    Entry.update(content=entry.content).where(Entry.id == entry.id).execute()


def _content(content):
    """Sealed anew; and its people get their names under the newest key, because their numbers stand in the original only."""
    sealed = {Content.original: content.original, Content.record: content.record}
    Content.update(sealed).where(Content.id == content.id).execute()
    message = content.message
    if message.describes and (identity := check(content.original, message.received_at).identity):
        message.stay.rename(identity)


def _batch(batch):
    Batch.update(name=batch.name).where(Batch.id == batch.id).execute()


def _part(part):
    Part.update(name=part.name, content=part.content).where(Part.id == part.id).execute()


def _files():
    """How many were encrypted anew, and the names of those that are damaged: these hold up no other."""
    files = list(Document.select(Document.id, Document.blob, Document.sha256).where(Document.purged_at.is_null()).tuples())
    done, damaged = 0, []
    for what, model, rows in (("bestand", Document, files), ("oordeel", CommitteeStep, CommitteeStep.letters())):
        for number, blob, sha256 in rows:
            try:
                done += storage.reencrypt(blob, sha256)
            except storage.Damaged:
                model.get_by_id(number).lost(None)
                damaged.append(f"{what} {number}")
    return done, damaged
