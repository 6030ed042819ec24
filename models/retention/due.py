"""What has had its term: one question per kind, and the indexes that answer it without reading what was emptied before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL, ModelSelect, Node, fn

from models.accounts.identity.linked_identity import ProviderLogIn
from models.accounts.known_device import KnownDevice
from models.accounts.session import LogIn
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import Record
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.committee.package.dossier_package import LIVE, DossierPackage
from models.committee.treatment import OPEN, Treatment
from models.files.document import Document
from models.files.resumable.resumable_upload import STANDING, ResumableUpload
from models.lnr.entry.draft import DRAFT, StayDraft
from models.lnr.intake.upload_batch import UploadBatch, UploadPart
from models.lnr.registry.message import NOT_TAKEN, Message, MessageContent
from models.lnr.registry.stay import Stay
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from models.monthly.link_visit import LinkVisit
from models.monthly.month_answer import MonthAnswer
from models.retention.erasure_request import ErasureRequest
from models.retention.legal_hold import LegalHold
from models.retention.retention_kind import RetentionKind
from models.retention.stay_erasure import StayErasure
from models.retention.stay_hold import StayHold
from models.review.call_log import LoggedCall
from models.review.notes.hospital_note import HospitalNote
from models.staff.account_review import AccountReview
from models.upload_links.upload_link import UploadLink

# In the words of the indexes: the databases use a partial index only for exactly its own words.
CLOSED = SQL("status = 'ingetrokken' AND erased_at IS NULL")
NUMBERED = SQL("status = 'goedgekeurd' AND patient_number IS NOT NULL")
KEPT_STAY = SQL("state <> 'ingetrokken'")
KEPT_TEXT = SQL("to_address <> ''")
ADDRESSED = SQL("address <> '' AND ended_at IS NOT NULL")
NOTED = SQL("note <> ''")
DECIDED = SQL("decided_at IS NOT NULL AND (reason <> '' OR address <> '')")
REASONED = SQL("reason <> '' AND granted IS NOT NULL")
LIFTED = SQL("reason <> '' AND lifted_at IS NOT NULL")
NOT_PURGED = SQL("removed_at IS NOT NULL AND purged_at IS NULL")
ASLEEP = timedelta(days=365)
MOST_LINES = 2**31 - 1  # as many as the trail can number
UNDER_WAY = (MailStatus.WACHT, MailStatus.BEZIG, MailStatus.DAGMAIL)

Case.add_index(Case.index(Case.status_since, where=CLOSED, name="case_closed"))
Case.add_index(Case.index(Case.status_since, where=NUMBERED, name="case_numbered"))
Document.add_index(Document.index(Document.removed_at, where=NOT_PURGED, name="document_replaced"))
LogIn.add_index(LogIn.index(LogIn.seen_at, name="log_in_seen"))
LinkVisit.add_index(LinkVisit.index(LinkVisit.at, name="link_visit_at"))
KnownDevice.add_index(KnownDevice.index(KnownDevice.created_at, name="known_device_created"))
Stay.add_index(Stay.index(Stay.last_at, where=KEPT_STAY, name="lnr_stay_kept"))
UploadLink.add_index(UploadLink.index(UploadLink.asked_at, where=ADDRESSED, name="upload_link_addressed"))
Mail.add_index(Mail.index(Mail.created_at, where=KEPT_TEXT, name="mail_kept"))
LoggedCall.add_index(LoggedCall.index(LoggedCall.at, name="logged_call_at"))
HospitalNote.add_index(HospitalNote.index(HospitalNote.at, name="hospital_note_at"))
MonthAnswer.add_index(MonthAnswer.index(MonthAnswer.at, where=NOTED, name="monthanswer_noted"))
HeldChange.add_index(HeldChange.index(HeldChange.decided_at, where=DECIDED, name="heldchange_decided"))
ErasureRequest.add_index(ErasureRequest.index(ErasureRequest.decided_at, where=REASONED, name="erasure_reasoned"))
StayErasure.add_index(StayErasure.index(StayErasure.decided_at, where=REASONED, name="lnr_stay_erasure_reasoned"))
StayHold.add_index(StayHold.index(StayHold.lifted_at, where=LIFTED, name="lnr_stay_hold_lifted"))

# Sealed texts that go with the row of another table, by the terms of that one. What hangs below a case goes with the case.
ALONG = {
    MessageContent: (RetentionKind.LNR_STAY, RetentionKind.LNR_REFUSED),
    UploadPart: (RetentionKind.LNR_UPLOAD,),
    ProviderLogIn: (RetentionKind.SESSION,),
}
OF_A_CASE = (RetentionKind.CLOSED_CASE, RetentionKind.APPROVED_CASE)


@dataclass(frozen=True)
class Due:
    """Of one kind: the table, which rows are older than a moment, and by what a person knows such a row."""

    model: type[Record]
    clause: Callable[[datetime], Node]
    number: Callable[[Record], str]
    order: Node | None = None

    def rows(self, before: datetime) -> ModelSelect:
        """The rows whose term ended before this moment, the oldest first."""
        return self.model.select().where(self.clause(before)).order_by(self.order or self.model.id)


def _case(status):
    return lambda before: status & (Case.status_since < before) & ~LegalHold.on(Case.id)


def _numbered(before):
    """Approved cases with their number, but not while the committee may still ask about them."""
    treated = Treatment.select(SQL("1")).where(Treatment.state.in_(OPEN))
    of_whole = treated.join(CasePart, on=(CasePart.whole == Treatment.case)).where(CasePart.case == Case.id)
    return _case(NUMBERED)(before) & ~fn.EXISTS(treated.where(Treatment.case == Case.id)) & ~fn.EXISTS(of_whole)


def _file(superseded):
    of_kind = Document.superseded if superseded else ~Document.superseded
    return lambda before: NOT_PURGED & (Document.removed_at < before) & of_kind & ~LegalHold.on(Document.case)


def _old_line(before):
    """Lines of the trail: the chain is cut off at one place, so a case on hold keeps its first line and all after it.

    So does each of its parts, of which one may have been reported before it; and a stay, from its first message on.
    """
    stays = [stay for (stay,) in StayHold.select(StayHold.stay).where(StayHold.open()).tuples()]
    if stays:
        before = min(before, *(at for (at,) in Stay.select(Stay.first_at).where(Stay.id.in_(stays)).tuples()))
    wholes = LegalHold.select(LegalHold.case).where(LegalHold.open())  # few, and not for ever
    parts = CasePart.select(CasePart.case).where(CasePart.whole.in_(wholes))
    held = [case for query in (wholes, parts) for (case,) in query.tuples()]
    first = AuditEvent.select(fn.MIN(AuditEvent.id)).where(AuditEvent.case_id.in_(held)).scalar() if held else None
    return (AuditEvent.at < before) & (AuditEvent.id < (first or MOST_LINES))


def _ended(before):
    """Ended accounts that still have a secret, but not who was ended since: few, and the trail knows them.

    A suspended account is as an ended one when nobody revived it for ASLEEP.
    """
    secret = (
        User.password.is_null(False)
        | User.tf_totp_secret.is_null(False)
        | User.mf_recovery_codes.is_null(False)
        | User.reset_key.is_null(False)
        | User.last_login_ip.is_null(False)
        | User.current_login_ip.is_null(False)
        | (User.phone != "")
    )
    lately = AuditEvent.select(AuditEvent.subject).where(AuditEvent.action == "user.deactivate", AuditEvent.at >= before)
    ids = [int(row.subject.partition(":")[0].removeprefix("account ")) for row in lately]
    asleep = User.suspended_at.is_null() | (User.suspended_at < before - ASLEEP)
    return ~User.active & asleep & secret & User.id.not_in(ids)


def _refused(before):
    """Messages that were not taken and whose original is still there."""
    kept = MessageContent.select(SQL("1")).where(MessageContent.message == Message.id)
    old = Message.outcome.in_(NOT_TAKEN) & (Message.received_at < before)
    return old & fn.EXISTS(kept) & ~StayHold.on(Message.stay)


DUE = {
    RetentionKind.CLOSED_CASE: Due(Case, _case(CLOSED), str, Case.status_since),
    RetentionKind.PATIENT_NUMBER: Due(Case, _numbered, str, Case.status_since),
    RetentionKind.APPROVED_CASE: Due(Case, _case(Case.status == "goedgekeurd"), str, Case.status_since),
    RetentionKind.REMOVED_FILE: Due(Document, _file(False), lambda file: f"bestand {file.id}", Document.removed_at),
    RetentionKind.REPLACED_PDF: Due(Document, _file(True), lambda file: f"bestand {file.id}", Document.removed_at),
    RetentionKind.UNFINISHED_UPLOAD: Due(
        ResumableUpload, lambda before: STANDING & (ResumableUpload.moved_at < before) & ~LegalHold.on(ResumableUpload.case),
        lambda row: f"upload {row.id}", ResumableUpload.moved_at,
    ),
    RetentionKind.DOSSIER_PACKAGE: Due(
        DossierPackage, lambda before: SQL(LIVE) & (DossierPackage.asked_at < before),
        lambda row: f"dossier {row.id}", DossierPackage.asked_at,
    ),
    RetentionKind.ENDED_ACCOUNT: Due(User, _ended, lambda user: f"account {user.id}"),
    RetentionKind.ACCOUNT_REVIEW: Due(
        AccountReview, lambda before: AccountReview.opened_at < before, lambda row: f"controle {row.id}",
        AccountReview.opened_at,
    ),
    RetentionKind.SESSION: Due(
        LogIn, lambda before: LogIn.seen_at < before, lambda row: f"sessie {row.id}", LogIn.seen_at
    ),
    RetentionKind.LINK_VISIT: Due(
        LinkVisit, lambda before: LinkVisit.at < before, lambda row: f"bezoek {row.id}", LinkVisit.at
    ),
    RetentionKind.DEVICE: Due(
        KnownDevice, lambda before: KnownDevice.created_at < before, lambda row: f"apparaat {row.id}", KnownDevice.created_at
    ),
    RetentionKind.MAIL_TEXT: Due(
        Mail,
        lambda before: KEPT_TEXT & (Mail.created_at < before) & Mail.status.not_in(UNDER_WAY) & ~LegalHold.on(Mail.case_id),
        lambda mail: f"mail {mail.id}",
        Mail.created_at,
    ),
    RetentionKind.LNR_STAY: Due(
        Stay, lambda before: KEPT_STAY & (Stay.last_at < before) & ~StayHold.on(Stay.id), str, Stay.last_at
    ),
    RetentionKind.UPLOAD_LINK: Due(
        UploadLink, lambda before: ADDRESSED & (UploadLink.asked_at < before) & ~LegalHold.on(UploadLink.case),
        lambda link: f"uploadlink {link.id}", UploadLink.asked_at,
    ),
    RetentionKind.LNR_REFUSED: Due(Message, _refused, lambda message: f"LNR-bericht {message.id}", Message.received_at),
    RetentionKind.LNR_UPLOAD: Due(
        UploadBatch, lambda before: UploadBatch.created_at < before, lambda batch: f"LNR-bestand {batch.id}",
        UploadBatch.created_at,
    ),
    RetentionKind.LNR_DRAFT: Due(
        StayDraft, lambda before: SQL(DRAFT) & (StayDraft.changed_at < before) & ~StayHold.on(StayDraft.stay),
        lambda draft: f"LNR-formulier {draft.id}",
        StayDraft.changed_at,
    ),
    RetentionKind.CALL_LOG: Due(
        LoggedCall,
        lambda before: (LoggedCall.at < before) & (LoggedCall.call_back_on.is_null() | LoggedCall.settled_at.is_null(False)),
        lambda call: f"gesprek {call.id}", LoggedCall.at,
    ),
    RetentionKind.HOSPITAL_NOTE: Due(
        HospitalNote,
        lambda before: (HospitalNote.at < before) & (HospitalNote.changed_at.is_null() | (HospitalNote.changed_at < before)),
        lambda note: f"opmerking {note.id}", HospitalNote.at,
    ),
    RetentionKind.MONTH_NOTE: Due(
        MonthAnswer, lambda before: NOTED & (MonthAnswer.at < before), lambda answer: f"antwoord {answer.id}", MonthAnswer.at
    ),
    RetentionKind.HELD_CHANGE: Due(
        HeldChange, lambda before: DECIDED & (HeldChange.decided_at < before), lambda change: f"wijziging {change.id}",
        HeldChange.decided_at,
    ),
    RetentionKind.ERASURE_REASON: Due(
        ErasureRequest,
        lambda before: REASONED & (ErasureRequest.decided_at < before) & ~LegalHold.on(ErasureRequest.case),
        lambda request: f"verzoek {request.id}", ErasureRequest.decided_at,
    ),
    RetentionKind.LNR_ERASURE_REASON: Due(
        StayErasure, lambda before: REASONED & (StayErasure.decided_at < before) & ~StayHold.on(StayErasure.stay),
        lambda request: f"LNR-verzoek {request.id}", StayErasure.decided_at,
    ),
    RetentionKind.STAY_HOLD: Due(
        StayHold, lambda before: LIFTED & (StayHold.lifted_at < before), lambda hold: f"bewaarplicht {hold.id}",
        StayHold.lifted_at,
    ),
    RetentionKind.TRAIL: Due(AuditEvent, _old_line, lambda line: f"regel {line.id}", AuditEvent.at),
}  # fmt: skip
