"""Rotating keys: seal every column, fingerprint and file anew under the newest key, while the portal goes on serving."""

from collections.abc import Iterator

from models import encrypted_fields
from models.accounts.identity.linked_identity import ProviderLogIn
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_anchor import AuditAnchor
from models.audit.monthly_review import AuditReview
from models.base import Refused, db
from models.cases.case import Case
from models.cases.remark import MissingDocument, Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.committee.assessment import Assessment
from models.committee.committee_form import CommitteeForm
from models.committee.lesson_letter import LessonLetter
from models.committee.package.dossier_package import DossierPackage
from models.files import storage
from models.files.document import Document
from models.files.privacy.privacy_decision import PrivacyDecision
from models.files.resumable.resumable_upload import ResumableUpload
from models.files.resumable.sealed_part import SealedPart
from models.lnr.entry.draft import StayDraft
from models.lnr.intake.upload_batch import UploadBatch, UploadPart
from models.lnr.message.validation import check
from models.lnr.registry.message import MessageContent
from models.long_work import how_far
from models.lza1.committee_steps import CommitteeStep
from models.mail.outbox import Mail
from models.monthly.month_answer import MonthAnswer
from models.operations.keys.key_fingerprint import KeyFingerprint
from models.questionnaires.form import Answer
from models.questionnaires.query import DataQuery
from models.retention.erasure_request import ErasureRequest
from models.retention.legal_hold import LegalHold
from models.retention.stay_erasure import StayErasure
from models.retention.stay_hold import StayHold
from models.review.call_log import LoggedCall
from models.review.notes.hospital_note import HospitalNote
from models.search.word_index import Searched, index
from models.upload_links.upload_link import UploadLink

BATCH = 200
DAMAGED = "Beschadigd, en daarom nog onder de oude sleutel: {}. Zet ze terug uit een back-up en geef reseal opnieuw."
# What is told of it: the models with sealed columns.
SEALED = {
    "meldingen": (Case,),
    "opmerkingen": (Remark,),
    "gevraagde documenten": (RequestedDocumentAnswer, MissingDocument),
    "namen van bestanden": (Document, ResumableUpload),
    "herkenbare gegevens": (PrivacyDecision,),
    "antwoorden": (Answer,),
    "vragen van de coördinator": (DataQuery,),
    "oordelen van de commissie": (CommitteeStep,),
    "beoordelingen en brieven van de commissie": (Assessment, CommitteeForm, LessonLetter),
    "antwoorden op de maand": (MonthAnswer,),
    "gesprekken met en opmerkingen over ziekenhuizen": (LoggedCall, HospitalNote),
    "vragen aan collega's": (UploadLink,),
    "mails": (Mail,),
    "aftekeningen van het logboek": (AuditReview,),
    "ankers van het logboek": (AuditAnchor,),
    "tweede stap van accounts": (User,),
    "inlog bij ziekenhuizen": (ProviderLogIn,),
    "wijzigingen die op een ander wachten": (HeldChange,),
    "bewaarplicht en verzoeken om te wissen": (LegalHold, StayHold, ErasureRequest, StayErasure),
    "LNR-berichten": (MessageContent,),
    "LNR-formulieren": (StayDraft,),
    "LNR-bestanden": (UploadBatch, UploadPart),
}


def reseal() -> Iterator[str]:
    """Yield a line of progress while everything that is sealed is sealed anew. Interrupted, it can simply be run again.

    At its end no process needs the older keys any more. Raises Refused instead, with their numbers, when rows or files
    were damaged: those stay under the old key.
    """
    damaged: list[str] = []
    for name, models in SEALED.items():
        yield f"{name}: {sum(_rows(model, name, damaged) for model in models)}"
    done, broken = _files()
    damaged += broken
    yield f"bestanden: {done}"
    yield f"delen van uploads: {SealedPart.reseal()}"
    if damaged:
        raise Refused(DAMAGED.format(", ".join(damaged)))
    KeyFingerprint.retire()


def _rows(model, name, damaged):
    """How many were sealed anew. What does not open is added to `damaged`, under this name, and holds up no other."""
    done, last = 0, 0
    while numbers := [row for (row,) in model.select(model.id).where(model.id > last).order_by(model.id).limit(BATCH).tuples()]:
        try:
            done += _sealed_anew(model, numbers)
        except encrypted_fields.CannotDecrypt:  # one of them: then each by itself
            for number in numbers:
                try:
                    done += _sealed_anew(model, [number])
                except encrypted_fields.CannotDecrypt:
                    damaged.append(f"{name} {number}")
        last = numbers[-1]
    return done


def _sealed_anew(model, numbers):
    columns, also = encrypted_fields.columns(model), ALSO.get(model, _nothing)
    with db.atomic():
        # The rows stay locked for this short transaction, so that nobody's change is lost in between.
        query = model.select().where(model.id.in_(numbers)).order_by(model.id)
        rows = list(query.for_update() if db.for_update else query)
        for row in rows:
            anew = {column: getattr(row, column.name) for column in columns}
            model.update(anew | also(row)).where(model.id == row.id).execute()
            if issubclass(model, Searched):
                index(row)
    return len(rows)


def _nothing(row):
    return {}


def _found(case):
    return {Case.patient_hash: Case.hash_of(case.hospital_id, case.patient_number)}


def _named(content):
    """The people of a message get their names under the newest key: their numbers stand in the sealed original only."""
    message = content.message
    if message.describes and (identity := check(content.original, message.received_at).identity):
        message.stay.rename(identity)
    return {}


ALSO = {Case: _found, MessageContent: _named}


def _files():
    """How many were encrypted anew, and the names of those that are damaged: these hold up no other."""
    files = list(Document.select(Document.id, Document.blob, Document.sha256).where(Document.purged_at.is_null()).tuples())
    done, damaged = 0, []
    of_tables = (
        ("bestand", Document, files),
        ("oordeel", CommitteeStep, CommitteeStep.letters()),
        ("dossier", DossierPackage, DossierPackage.kept()),
    )
    for what, model, rows in of_tables:
        for number, blob, sha256 in how_far.told("Bestanden opnieuw versleuteld", rows):
            try:
                done += storage.reencrypt(blob, sha256)
            except storage.Damaged:
                model.get_by_id(number).lost(None)
                damaged.append(f"{what} {number}")
    return done, damaged
