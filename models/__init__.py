"""The domain. MODELS lists every table, parents before children, for the migrations and the tests."""

# First: its deferred foreign keys find hospitals and people when those are defined.
from models.audit.audit_event import AuditEvent

# isort: split
from models.accounts.contact_point import ContactPoint
from models.accounts.deputies.absence import Absence
from models.accounts.hospital import Hospital, when_region_changes
from models.accounts.identity.linked_identity import HeardLogOut, LinkedIdentity, ProviderLogIn
from models.accounts.known_device import KnownDevice
from models.accounts.passkey import Passkey
from models.accounts.rate_limit import FailedAttempt
from models.accounts.saved_view import SavedView
from models.accounts.session import LogIn
from models.accounts.user import User, UserRole
from models.annual_report import births_request
from models.annual_report.births import Births
from models.annual_report.edition import ReportEdition
from models.annual_report.second_source import ListedCount, SecondSourceList
from models.approval import change_mails
from models.approval.held_change import HeldChange
from models.audit.audit_anchor import AuditAnchor
from models.audit.monthly_review import AuditReview
from models.cases import case_part, deadline, theme
from models.cases.case import Case
from models.cases.case_colleague import CaseColleague, naming_followers
from models.cases.case_number import Series
from models.cases.case_part import CasePart, PartSlot
from models.cases.case_reader import CaseReader, keeps_away
from models.cases.deadline import Deadline
from models.cases.doubles import duplicate_clue
from models.cases.doubles.duplicate_clue import DuplicateClue
from models.cases.recipients import move_followers
from models.cases.remark import MissingDocument, Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.theme import RequestedDocument, Theme, ThemeDefinition
from models.committee import case_use, lesson_letter
from models.committee.assessment import Assessment
from models.committee.case_use import CaseUse
from models.committee.committee_form import CommitteeForm
from models.committee.following import assessor_mails, assessor_news, theme_change
from models.committee.lesson_letter import LessonLetter
from models.committee.meeting import Meeting
from models.committee.member import CommitteeMember, Workplace, when_workplace_changes
from models.committee.package.dossier_package import DossierPackage
from models.committee.rules.attendance import Attendance
from models.committee.rules.committee_settings import CommitteeSettings, when_ties_change
from models.committee.ties import late_ties, reach_mails, tied_cases
from models.committee.ties.reach_change import ReachChange
from models.committee.treatment import InvolvedHospital, Treatment
from models.files.document import Document
from models.files.privacy import gate
from models.files.privacy.privacy_decision import PrivacyDecision
from models.files.resumable.resumable_upload import ResumableUpload
from models.files.resumable.sealed_part import SealedPart
from models.lnr.benchmark.agreement import Agreement
from models.lnr.benchmark.amounts.amount_cell import AmountCell
from models.lnr.benchmark.cell import CountCell, UncountedYear
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.method.indicator_setting import IndicatorSetting
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.risk_cell import RiskCell
from models.lnr.benchmark.trend.rebase import Rebase
from models.lnr.closing.year_closing import YearClosing
from models.lnr.entry.draft import StayDraft
from models.lnr.intake.public_check_limit import PublicCheck
from models.lnr.intake.upload_batch import UploadBatch, UploadPart
from models.lnr.registry.admissions import Admissions
from models.lnr.registry.closed_year import ClosedYear, LateChange
from models.lnr.registry.message import Message, MessageContent
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.stay import Stay
from models.lnr.research.extract_request import ExtractRequest
from models.lnr.suppliers import key_expiry_mails, qualification, resend_mails
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.qualification import QualificationAttempt
from models.lnr.suppliers.supplier import Supplier
from models.lnr.year_report.lnr_edition import LnrEdition, StayUse
from models.lza1 import committee_steps
from models.lza1.committee_steps import CommitteeStep
from models.mail import daily_mail, damage_alert, unusual_access
from models.mail.mail_preference import MailPreference
from models.mail.mail_schedule import MailSchedule
from models.mail.mail_templates import CONTEXTS
from models.mail.outbox import Mail
from models.mail.outgoing_hold import OutgoingHold
from models.mail.sending_hold import SendingHold
from models.mail.wording import wording_proof
from models.mail.wording.mail_wording import MailWording
from models.monthly import month_answer, monthly_request
from models.monthly.link_visit import LinkVisit
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import CallLink, MonthlyCall, MonthOpening
from models.operations.backup_run import BackupRun
from models.operations.health.heartbeat import Heartbeat
from models.operations.health.integrity_run import IntegrityRun
from models.operations.keys.key_fingerprint import KeyFingerprint
from models.operations.restored_item import RestoredItem
from models.operations.siem import AuditShipment
from models.questionnaires import query
from models.questionnaires.definition.questionnaire import Question, Questionnaire, Section, Version
from models.questionnaires.form import Answer, Form
from models.questionnaires.query import DataQuery, reply_followers
from models.retention import legal_hold, stay_erasure
from models.retention.destruction import Destruction
from models.retention.erasure_request import ErasureRequest
from models.retention.legal_hold import LegalHold
from models.retention.retention_term import RetentionTerm
from models.retention.stay_erasure import StayErasure
from models.retention.stay_hold import StayHold
from models.review import assignment, case_mails, open_queries, reminder
from models.review.assignment import CaseAssignment
from models.review.call_log import LoggedCall
from models.review.notes.hospital_note import HospitalNote
from models.review.reminder import Reminder, ReminderWait
from models.search.word_index import SearchWord
from models.staff import staff_mails
from models.staff.account_review import AccountReview, ReviewedAccount
from models.upload_links import link_mails
from models.upload_links.upload_code import UploadCode
from models.upload_links.upload_link import UploadLink

MODELS = [
    ContactPoint,
    Hospital,
    User,
    UserRole,
    KnownDevice,
    AuditEvent,
    SavedView,
    Absence,
    Mail,
    MailPreference,
    Theme,
    ThemeDefinition,
    RequestedDocument,
    MonthAnswer,
    MonthOpening,
    MonthlyCall,
    CallLink,
    LinkVisit,
    Series,
    Case,
    CaseColleague,
    CaseReader,
    CasePart,
    PartSlot,
    DuplicateClue,
    Remark,
    UploadLink,
    UploadCode,
    Document,
    PrivacyDecision,
    ResumableUpload,
    SealedPart,
    RequestedDocumentAnswer,
    MissingDocument,
    Reminder,
    ReminderWait,
    CaseAssignment,
    Deadline,
    CommitteeStep,
    LogIn,
    LinkedIdentity,
    ProviderLogIn,
    HeardLogOut,
    FailedAttempt,
    AuditReview,
    AuditAnchor,
    Passkey,
    Questionnaire,
    Version,
    Section,
    Question,
    Form,
    Answer,
    DataQuery,
    CommitteeMember,
    Workplace,
    Meeting,
    Treatment,
    InvolvedHospital,
    Assessment,
    CommitteeForm,
    LessonLetter,
    CaseUse,
    DossierPackage,
    Supplier,
    ApiKey,
    Stay,
    Message,
    MessageContent,
    StayFact,
    CountCell,
    CaseMixModel,
    RiskCell,
    AmountCell,
    UncountedYear,
    IndicatorSetting,
    Rebase,
    Agreement,
    ClosedYear,
    LateChange,
    YearClosing,
    LnrEdition,
    StayUse,
    OpenFinding,
    Admissions,
    QualificationAttempt,
    PublicCheck,
    StayDraft,
    UploadBatch,
    UploadPart,
    ExtractRequest,
    OutgoingHold,
    RestoredItem,
    BackupRun,
    AuditShipment,
    KeyFingerprint,
    Heartbeat,
    IntegrityRun,
    HeldChange,
    ReachChange,
    AccountReview,
    ReviewedAccount,
    LoggedCall,
    HospitalNote,
    Births,
    SecondSourceList,
    ListedCount,
    ReportEdition,
    LegalHold,
    RetentionTerm,
    Destruction,
    ErasureRequest,
    StayErasure,
    StayHold,
    SearchWord,
    MailSchedule,
    SendingHold,
    MailWording,
    CommitteeSettings,
    Attendance,
]

# The outbox stands below the rooms that know what these mails tell.
for room in (
    daily_mail,
    damage_alert,
    unusual_access,
    wording_proof,
    change_mails,
    month_answer,
    monthly_request,
    deadline,
    committee_steps,
    query,
    assignment,
    reminder,
    open_queries,
    case_mails,
    case_use,
    lesson_letter,
    assessor_mails,
    assessor_news,
    reach_mails,
    staff_mails,
    link_mails,
    key_expiry_mails,
    resend_mails,
    qualification,
    stay_erasure,
    births_request,
):
    CONTEXTS.update(room.CONTEXTS)

# What the committee knows of ties decides who reads a case, below it.
keeps_away.tied, keeps_away.known, keeps_away.over = tied_cases.tied, tied_cases.known, tied_cases.over
when_workplace_changes(late_ties.workplace_changed)
when_ties_change(late_ties.settings_changed)
when_region_changes(late_ties.region_changed)
# A case stands below the rooms that may refuse what becomes of it, or go along with it.
theme.theme_guards += [theme_change.keeps_its_form, committee_steps.keeps_its_verdict]
naming_followers.append(committee_steps.CommitteeStep.tell_named)
theme.theme_followers += [(theme_change.outlook, theme_change.follow)]
gate.approval_followers.append((DataQuery.lapsing, DataQuery.lapse))
move_followers.append(assessor_news.moved)
reply_followers.append(assessor_news.answered)
case_part.part_guards += [legal_hold.keeps_its_parts]
case_part.part_watchers += [late_ties.hospital_joined]
duplicate_clue.clue_watchers += [late_ties.transfer_told]
