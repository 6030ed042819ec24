"""The screens, and the menu from top to bottom."""

from admin_views.accounts.contact_points import ContactPointsView
from admin_views.accounts.users import HospitalsView, UsersView
from admin_views.annual_report.births_list import BirthsView
from admin_views.annual_report.report_page import AnnualReportView, RadarView
from admin_views.annual_report.second_sources import SecondSourcesView, SecondSourceView
from admin_views.approval.held_changes import HeldChangesView, ReachChangesView, StopLinkView
from admin_views.audit.access_log import CaseTrailView, UserTrailView
from admin_views.audit.audit_log import TrailView
from admin_views.audit.monthly_review import TrailReviewView
from admin_views.cases.complete_case import ReportingView
from admin_views.cases.overview import CasesView
from admin_views.cases.themes import AskedView, ThemesView
from admin_views.committee.assessment import AssessmentView
from admin_views.committee.committee_settings import CommitteeSettingsView
from admin_views.committee.dossier_package import DossierView
from admin_views.committee.meetings import AgendaView, MeetingsView
from admin_views.committee.members import MembersView, WorkplacesView
from admin_views.committee.my_cases import CommitteeView
from admin_views.committee.table_acts import ConsensusView, LessonsView, OutcomeView
from admin_views.committee.treatment import TreatmentView
from admin_views.files.case_files import FilesView
from admin_views.files.resumable_upload import ResumableUploadsView
from admin_views.lnr.admissions import CompletenessView
from admin_views.lnr.benchmark import BenchmarkView
from admin_views.lnr.entry.entry_form import EntryFormView, EntryView
from admin_views.lnr.indicator_settings import IndicatorSettingsView
from admin_views.lnr.loose_messages import LooseView
from admin_views.lnr.registry_overview import OverviewView
from admin_views.lnr.research.extract_requests import ExportView, RequestView
from admin_views.lnr.risk.risk_models import RiskModelsView, RiskModelView
from admin_views.lnr.site.supplier_site import SiteView
from admin_views.lnr.stay_lists import AllFlawsView, AllStaysView, FlawsView, StaysView
from admin_views.lnr.stay_page import OriginalView, StayView
from admin_views.lnr.suppliers import KeysView, QualificationView, ScenariosView, SuppliersView
from admin_views.lnr.upload import UploadView
from admin_views.lnr.year_reports import YearReportsView, YearReportView
from admin_views.lza1.case_acts import Lza1View, RegisterView
from admin_views.mail.demo_mailbox import MailboxView
from admin_views.mail.mail_schedules import MailSchedulesView
from admin_views.mail.mail_wordings import MailWordingsView
from admin_views.mail.outbox import OutboxView
from admin_views.mail.sending_holds import SendingHoldsView
from admin_views.monthly.mail_links import LinksView
from admin_views.monthly.month_grid import MonthsView
from admin_views.operations.installation_status import InstallationStatusView
from admin_views.operations.restored_items import RestoredItemsView
from admin_views.questionnaires.answers_export import CodedView
from admin_views.questionnaires.edit_version import EditingView
from admin_views.questionnaires.fill_in import QuestionnaireView
from admin_views.questionnaires.swansea import SwanseaView
from admin_views.questionnaires.try_out import TrialView
from admin_views.questionnaires.versions import VersionsView, VersionView
from admin_views.retention.erasures import ErasuresView
from admin_views.retention.legal_holds import LegalHoldsView
from admin_views.retention.retention_terms import RetentionTermsView
from admin_views.retention.stay_erasures import StayErasuresView
from admin_views.retention.stay_holds import StayHoldsView
from admin_views.retention.subject_reports import SubjectReportView
from admin_views.review.assignment import AbsencesView, OwnAbsencesView
from admin_views.review.case_sheet import ReviewView
from admin_views.review.hospitals import CallsView, FollowedHospitalsView
from admin_views.review.lookup_lists import AllCasesView, AnswersView, RemarksView
from admin_views.review.queries import InquiriesView
from admin_views.staff.account_reviews import AccountReviewsView, ReviewedAccountsView
from admin_views.staff.colleagues import ColleaguesView, ColleagueView
from admin_views.web.handbook import HandbookView

VIEWS = (
    CasesView,
    ReportingView,
    FilesView,
    ResumableUploadsView,
    QuestionnaireView,
    Lza1View,
    InquiriesView,
    CaseTrailView,
    ReviewView,
    MonthsView,
    FollowedHospitalsView,
    AnnualReportView,
    AllCasesView,
    RegisterView,
    RemarksView,
    AnswersView,
    CallsView,
    SendingHoldsView,
    BirthsView,
    SecondSourcesView,
    SecondSourceView,
    RadarView,
    SwanseaView,
    CommitteeView,
    AssessmentView,
    MeetingsView,
    AgendaView,
    TreatmentView,
    OutcomeView,
    ConsensusView,
    LessonsView,
    DossierView,
    LinksView,
    ColleaguesView,
    ColleagueView,
    HandbookView,
    SiteView,
    StaysView,
    StayView,
    OriginalView,
    LooseView,
    FlawsView,
    UploadView,
    CompletenessView,
    BenchmarkView,
    YearReportsView,
    YearReportView,
    OverviewView,
    IndicatorSettingsView,
    RiskModelsView,
    RiskModelView,
    AllStaysView,
    AllFlawsView,
    SuppliersView,
    KeysView,
    EntryView,
    EntryFormView,
    ExportView,
    RequestView,
    QualificationView,
    ScenariosView,
    MailboxView,
    SubjectReportView,
    RetentionTermsView,
    LegalHoldsView,
    ErasuresView,
    StayHoldsView,
    StayErasuresView,
    ThemesView,
    AskedView,
    VersionsView,
    VersionView,
    EditingView,
    TrialView,
    CodedView,
    HospitalsView,
    UsersView,
    AbsencesView,
    OwnAbsencesView,
    MembersView,
    WorkplacesView,
    CommitteeSettingsView,
    HeldChangesView,
    ReachChangesView,
    AccountReviewsView,
    ReviewedAccountsView,
    StopLinkView,
    ContactPointsView,
    MailSchedulesView,
    MailWordingsView,
    OutboxView,
    InstallationStatusView,
    RestoredItemsView,
    TrailView,
    UserTrailView,
    TrailReviewView,
)


def register(admin):
    """Add every screen to `admin`."""
    for view in VIEWS:
        admin.add_view(view.made())
