"""The domain. MODELS lists every table, parents before children, for the migrations and the tests."""

from models.accounts.hospital import Hospital
from models.accounts.known_device import KnownDevice
from models.accounts.passkey import Passkey
from models.accounts.rate_limit import FailedAttempt
from models.accounts.session import LogIn
from models.accounts.user import User, UserRole
from models.audit.audit_event import Event
from models.audit.monthly_review import TrailReview
from models.cases.case import Case
from models.cases.case_colleague import Entrusted
from models.cases.case_number import Series
from models.cases.remark import Remark
from models.cases.reminder import Reminder
from models.cases.requested_document import AskedAnswer
from models.cases.theme import AskedDocument, Theme
from models.files.document import Document
from models.files.privacy.privacy_decision import Trace
from models.lnr.entry.draft import Entry
from models.lnr.intake.public_check_limit import Look
from models.lnr.intake.upload_batch import Batch, Part
from models.lnr.registry.admissions import Admissions
from models.lnr.registry.message import Content, Message
from models.lnr.registry.open_finding import Flaw
from models.lnr.registry.stay import Stay
from models.lnr.research.extract_request import Research
from models.lnr.suppliers import key_expiry_mails  # noqa: F401  the same of a key that ends
from models.lnr.suppliers.api_key import Key
from models.lnr.suppliers.qualification import Attempt
from models.lnr.suppliers.supplier import Supplier
from models.lza1.committee import CommitteeStep
from models.lza1.deadline import Term
from models.mail.outbox import Mail
from models.monthly.link_visit import LinkVisit
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import CallLink, MonthlyCall, MonthOpening
from models.questionnaires.definition.questionnaire import Question, Questionnaire, Section, Version
from models.questionnaires.form import Answer, Form
from models.questionnaires.query import Inquiry
from models.review import case_mails  # noqa: F401  no table: it registers what the mails about a case tell

MODELS = [
    Hospital, User, UserRole, KnownDevice, Event, Mail, Theme, AskedDocument, MonthAnswer, MonthOpening, MonthlyCall, CallLink,
    LinkVisit, Series, Case, Entrusted, Remark, Document, Trace, AskedAnswer, Reminder, Term, CommitteeStep,
    LogIn, FailedAttempt, TrailReview, Passkey, Questionnaire, Version, Section, Question, Form, Answer, Inquiry,
    Supplier, Key, Stay, Message, Content, Flaw, Admissions, Attempt, Look, Entry,
    Batch, Part, Research,
]  # fmt: skip
