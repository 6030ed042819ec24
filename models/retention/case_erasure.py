"""Erasing a case: everything that was written or handed in about it goes, and its number, theme and trail stay.

What people write about a case is sealed (models/encrypted_fields.py). So every sealed column of every table that hangs below
the case is emptied: a new table forgets by itself.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from peewee import ForeignKeyField, Model, Node

from models import encrypted_fields
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, Record
from models.cases.case import Case
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import Status
from models.committee.package.dossier_package import DossierPackage
from models.files.document import Document
from models.files.resumable.resumable_upload import ResumableUpload
from models.lza1.committee_steps import CommitteeStep
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from models.questionnaires.form import Form
from models.retention.legal_hold import LegalHold
from models.search.word_index import SearchWord

WHY = "De inhoud is vernietigd"
# Of tables that may be about a case: the rows whose text somebody still has to decide by, and that keep it until then.
UNDECIDED: dict[type[Record], Node] = {}
SETTLED = (MailStatus.VERZONDEN, MailStatus.VERVALLEN)


def below(tables: Collection[type[Record]]) -> Iterator[tuple[type[Record], ForeignKeyField]]:
    """(table, the key that leads to its whole) of all `tables` below a case, nearest first."""
    reached: list[type[Model]] = [Case]
    for whole in reached:
        for model in tables:
            keys = [key for key in model._meta.refs if key.rel_model is whole and not key.null]
            if keys and model not in reached:
                reached.append(model)
                yield model, keys[0]


def erase(case: Case, why: str, now: datetime, tables: Collection[type[Record]]) -> list[str]:
    """Empty the case in the caller's transaction, which holds it (Case.held); returns the keys of the bytes to destroy then.

    `tables`: models.MODELS, which this room cannot import.
    """
    # Without its reason it would say nothing, which the database refuses.
    RequestedDocumentAnswer.delete().where(RequestedDocumentAnswer.case == case).execute()
    within: dict[type[Model], Node] = {Case: Case.select(Case.id).where(Case.id == case.id)}
    for model, key in below(tables):
        mine = key.in_(within[key.rel_model])
        within[model] = model.select(model.id).where(mine)
        encrypted_fields.empty(model, mine)
    for model in tables:  # what may be about a case, or about something else
        for key in (key for key in model._meta.refs if key.rel_model is Case and key.null):
            encrypted_fields.empty(model, (key == case) & ~UNDECIDED.get(model, NOBODY))
    SearchWord.forget_case(case.id)
    blobs = [row.blob for row in Document.select(Document.blob).where(Document.case == case, Document.purged_at.is_null())]
    blobs += ResumableUpload.end_of(case, now)
    letters = CommitteeStep.letters_of(case)
    packages = [blob for row in DossierPackage.select().where(DossierPackage.case == case) for blob in row.destroy(now)]
    Document.update(removed_at=now).where(Document.case == case, Document.removed_at.is_null()).execute()
    gone = {"purged_at": now, "look_due": None, "scan_due": None, "state_said": ""}
    Document.update(gone).where(Document.case == case, Document.purged_at.is_null()).execute()
    CommitteeStep.update(size=0).where(CommitteeStep.case == case, CommitteeStep.blob.is_null(False)).execute()
    Form.update(replaced_at=now).where(Form.case == case, Form.replaced_at.is_null()).execute()
    told = {"about": "", "subject": "", "text": ""}
    Mail.update(told).where(Mail.case_id == case.id, Mail.status.in_(SETTLED)).execute()
    # Of a colleague without an account the address goes too; what still waits has nothing left to tell.
    Mail.update(to="").where(Mail.case_id == case.id, Mail.user.is_null(), Mail.status.in_(SETTLED)).execute()
    closed = {} if case.status == Status.INGETROKKEN else {"status": Status.INGETROKKEN, "status_since": now, "dismissed": True}
    emptied = {"erased_at": now, "patient_number": None, "patient_hash": None, "closed_why": WHY, "uploads": 0}
    Case.update(closed | emptied | {"round": Case.round + 1}).where(Case.id == case.id).execute()
    AuditEvent.log("case.erase", case=case, detail=why, at=now)
    parts = [part for part in case.parts_ever() if part.erased_at is None and not LegalHold.of(part)]
    return blobs + letters + packages + [blob for part in parts for blob in erase(part, why, now, tables)]
