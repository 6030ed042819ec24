"""The screens, and the menu from top to bottom."""

from admin_views.accounts.contact_points import ContactPointsView
from admin_views.accounts.users import HospitalsView, UsersView
from admin_views.audit.access_log import CaseTrailView, UserTrailView
from admin_views.audit.audit_log import TrailView
from admin_views.audit.monthly_review import TrailReviewView
from admin_views.cases.complete_case import ReportingView
from admin_views.cases.overview import CasesView
from admin_views.cases.themes import AskedView, ThemesView
from admin_views.files.case_files import FilesView
from admin_views.lnr.admissions import CompletenessView
from admin_views.lnr.benchmark import BenchmarkView
from admin_views.lnr.entry.entry_form import EntryFormView, EntryView
from admin_views.lnr.loose_messages import LooseView
from admin_views.lnr.qualification import QualificationView
from admin_views.lnr.registry_overview import OverviewView
from admin_views.lnr.research.extract_requests import ExportView
from admin_views.lnr.site.supplier_site import SiteView
from admin_views.lnr.stay_lists import AllFlawsView, AllStaysView, FlawsView, StaysView
from admin_views.lnr.stay_page import OriginalView, StayView
from admin_views.lnr.suppliers import SuppliersView
from admin_views.lnr.upload import UploadView
from admin_views.lza1.case_acts import Lza1View, RegisterView
from admin_views.mail.demo_mailbox import MailboxView
from admin_views.mail.outbox import OutboxView
from admin_views.monthly.mail_links import LinksView
from admin_views.monthly.month_grid import MonthsView
from admin_views.questionnaires.answers_export import CodedView
from admin_views.questionnaires.edit_version import EditingView
from admin_views.questionnaires.fill_in import QuestionnaireView
from admin_views.questionnaires.new_questionnaire import NewQuestionnaireView
from admin_views.questionnaires.swansea import SwanseaView
from admin_views.questionnaires.try_out import TrialView
from admin_views.questionnaires.versions import VersionsView, VersionView
from admin_views.review.case_sheet import ReviewView
from admin_views.review.committee import CommitteeView
from admin_views.review.lookup_lists import AllCasesView, AnswersView, RemarksView
from admin_views.review.queries import InquiriesView
from admin_views.web.handbook import HandbookView
from models import AuditEvent, Case, ContactPoint, Hospital, Mail, MonthAnswer, Remark, RequestedDocument, Theme, User
from models.lnr.registry.message import Message
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.stay import Stay
from models.questionnaires.definition.questionnaire import Version

QUESTIONNAIRES = "/beheer/vragenlijsten"


def register(admin):
    """Add every screen to `admin`, in the order of the menu."""
    admin.add_view(CasesView(Case, name="NethOSS / LZA1-meldingen", endpoint="cases", url="/meldingen"))
    admin.add_view(ReportingView(name="Nieuwe melding", endpoint="reporting", url="/melding"))
    admin.add_view(FilesView(name="Bestanden", endpoint="files", url="/melding/<key>/bestanden"))
    admin.add_view(QuestionnaireView(name="Vragenlijst", endpoint="questionnaire", url="/melding/<key>/vragenlijst"))
    admin.add_view(Lza1View(name="LZA1", endpoint="lza1", url="/melding/<key>/lza1"))
    admin.add_view(InquiriesView(name="Vragen bij een melding", endpoint="inquiries", url="/melding/<key>/vragen"))
    admin.add_view(CaseTrailView(name="Wie heeft ingezien", endpoint="case_trail", url="/inzage/<key>"))
    admin.add_view(ReviewView(name="Werklijst", endpoint="review", url="/beoordelen"))
    admin.add_view(MonthsView(name="Maandoverzicht", endpoint="months", url="/maanden"))
    admin.add_view(AllCasesView(Case, "Alle meldingen", endpoint="all_cases", url="/alle-meldingen"))
    admin.add_view(RegisterView(Case, "LZA1-register", endpoint="lza1_register", url="/lza1-register"))
    admin.add_view(RemarksView(Remark, "Opmerkingen", "Naslag", endpoint="remarks", url="/opmerkingen"))
    admin.add_view(AnswersView(MonthAnswer, "Antwoorden per maand", "Naslag", endpoint="answers", url="/antwoorden"))
    admin.add_view(SwanseaView(name="Swansea-criteria", endpoint="swansea", url="/swansea"))
    admin.add_view(CommitteeView(name="Goedgekeurde casussen", endpoint="committee", url="/commissie"))
    admin.add_view(LinksView(name="Uitvraag", endpoint="monthly", url="/uitvraag"))
    admin.add_view(HandbookView(name="Handleiding", endpoint="handbook", url="/handleiding"))
    admin.add_view(SiteView(name="LNR-specificatie", endpoint="lnr_site", url="/lnr/specificatie"))
    admin.add_view(StaysView(Stay, "LNR-opnamen", endpoint="lnr_stays", url="/lnr/opnamen"))
    admin.add_view(StayView(name="LNR-opname", endpoint="lnr_stay", url="/lnr/opname/<stay>"))
    admin.add_view(OriginalView(name="LNR-bericht", endpoint="lnr_original", url="/lnr/bericht/<message>"))
    admin.add_view(LooseView(Message, "Berichten zonder opname", endpoint="lnr_loose", url="/lnr/zonder-opname"))
    admin.add_view(FlawsView(OpenFinding, "Openstaande fouten", endpoint="lnr_flaws", url="/lnr/fouten"))
    admin.add_view(UploadView(name="LNR aanleveren", endpoint="lnr_upload", url="/lnr/aanleveren"))
    admin.add_view(CompletenessView(name="Volledigheid", endpoint="lnr_completeness", url="/lnr/volledigheid"))
    admin.add_view(BenchmarkView(name="Benchmark", endpoint="lnr_benchmark", url="/lnr/benchmark"))
    admin.add_view(OverviewView(name="LNR-overzicht", endpoint="lnr_overview", url="/lnr/overzicht"))
    admin.add_view(AllStaysView(Stay, "Alle LNR-opnamen", endpoint="lnr_all_stays", url="/lnr/alle-opnamen"))
    admin.add_view(AllFlawsView(OpenFinding, "Alle openstaande fouten", endpoint="lnr_all_flaws", url="/lnr/alle-fouten"))
    admin.add_view(SuppliersView(name="Leveranciers LNR", endpoint="lnr_suppliers", url="/lnr/leveranciers"))
    admin.add_view(EntryView(name="LNR-formulier", endpoint="lnr_entry", url="/lnr/invoeren"))
    admin.add_view(EntryFormView(name="LNR-formulier invullen", endpoint="lnr_form", url="/lnr/invoeren/<entry>"))
    admin.add_view(ExportView(name="LNR-onderzoek", endpoint="lnr_export", url="/lnr/onderzoek"))
    admin.add_view(QualificationView(name="Kwalificatie LNR", endpoint="lnr_qualification", url="/lnr/kwalificatie"))
    admin.add_view(MailboxView(name="Postvak", endpoint="mailbox", url="/postvak"))
    admin.add_view(ThemesView(Theme, "Thema's", "Beheer", endpoint="themes", url="/beheer/themas"))
    admin.add_view(AskedView(RequestedDocument, "Gevraagde documenten", "Beheer", endpoint="asked", url="/beheer/documenten"))
    admin.add_view(VersionsView(Version, "Vragenlijsten", "Beheer", endpoint="questionnaires", url=QUESTIONNAIRES))
    admin.add_view(NewQuestionnaireView(name="Nieuwe vragenlijst", endpoint="new_questionnaire", url=f"{QUESTIONNAIRES}/nieuw"))
    admin.add_view(VersionView(name="Vragenlijst", endpoint="version", url=f"{QUESTIONNAIRES}/<version>"))
    admin.add_view(EditingView(name="Vragen wijzigen", endpoint="editing", url=f"{QUESTIONNAIRES}/<version>/wijzigen"))
    admin.add_view(TrialView(name="Uitproberen", endpoint="trial", url=f"{QUESTIONNAIRES}/<version>/uitproberen"))
    admin.add_view(CodedView(name="Antwoorden", endpoint="coded", url=f"{QUESTIONNAIRES}/<version>/antwoorden"))
    admin.add_view(HospitalsView(Hospital, "Ziekenhuizen", "Beheer", endpoint="hospitals", url="/beheer/ziekenhuizen"))
    admin.add_view(UsersView(User, "Gebruikers", "Beheer", endpoint="users", url="/beheer/gebruikers"))
    admin.add_view(ContactPointsView(ContactPoint, "Contact", "Beheer", endpoint="contact", url="/beheer/contact"))
    admin.add_view(OutboxView(Mail, "Uitgaande mail", "Beheer", endpoint="outbox", url="/beheer/mail"))
    admin.add_view(TrailView(AuditEvent, "Logboek", "Beheer", endpoint="trail", url="/beheer/logboek"))
    admin.add_view(UserTrailView(name="Logboek van een account", endpoint="user_trail", url="/beheer/logboek/gebruiker/<user>"))
    admin.add_view(TrailReviewView("Maandelijkse controle", "Beheer", endpoint="trail_review", url="/beheer/controle"))
