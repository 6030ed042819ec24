"""The domain. MODELS lists every table, parents before children, for the migrations and the tests."""

from models import case_mail  # noqa: F401  no table: it registers what the mails about a case tell
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
from models.lnr import ending  # noqa: F401  the same of a key that ends
from models.lnr.batch import Batch, Part
from models.lnr.completeness import Admissions
from models.lnr.entry import Entry
from models.lnr.flaw import Flaw
from models.lnr.key import Key
from models.lnr.look import Look
from models.lnr.message import Content, Message
from models.lnr.qualification import Attempt
from models.lnr.research import Research
from models.lnr.stay import Stay
from models.lnr.supplier import Supplier
from models.lza1.committee import CommitteeStep
from models.lza1.term import Term
from models.mail.outbox import Mail
from models.monthly.link_visit import LinkVisit
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import CallLink, MonthlyCall, MonthOpening
from models.questionnaire.definition import Question, Questionnaire, Section, Version
from models.questionnaire.form import Answer, Form
from models.questionnaire.inquiry import Inquiry

MODELS = [
    Hospital, User, UserRole, KnownDevice, Event, Mail, Theme, AskedDocument, MonthAnswer, MonthOpening, MonthlyCall, CallLink,
    LinkVisit, Series, Case, Entrusted, Remark, Document, Trace, AskedAnswer, Reminder, Term, CommitteeStep,
    LogIn, FailedAttempt, TrailReview, Passkey, Questionnaire, Version, Section, Question, Form, Answer, Inquiry,
    Supplier, Key, Stay, Message, Content, Flaw, Admissions, Attempt, Look, Entry,
    Batch, Part, Research,
]  # fmt: skip
