"""The handleiding: what everybody may read about the portal, with or without log-in. No data of anybody."""

from dataclasses import dataclass

from flask import abort
from flask_admin import BaseView, expose

from admin_views.grid.scoped_views import who
from admin_views.web.screen import Placed, Screen
from models import clock, dutch
from models.access import PROCESS_LABELS, Process
from models.accounts.contact_point import ContactPoint
from models.accounts.known_device import TRUST_DAYS
from models.accounts.session import ABSOLUTE, IDLE
from models.cases.status import STATUS_LABELS, STATUS_MEANING
from models.cases.theme import Theme
from models.committee.rules.committee_settings import CommitteeSettings
from models.files.document import UNDO_DAYS
from models.files.file_type import ACCEPTED_TEXT
from models.files.resumable.resumable_upload import IN_PARTS_FROM
from models.files.sandbox.start import LARGEST
from models.files.upload_limits import MAX_FILES, MAX_SIZE
from models.lnr.entry import draft
from models.lnr.intake import upload_batch, zip_upload
from models.lnr.registry import message
from models.lnr.research import extract, extract_request
from models.lnr.suppliers import api_key, supplier
from models.mail.mail_schedule import MailSchedule
from models.mail.mail_status import MAIL_LABELS
from models.retention.retention_kind import KINDS, RetentionKind
from settings import VERSION, settings


@dataclass(frozen=True)
class HandbookPage:
    """One page: its last part of the address, its title, and a sentence about it."""

    name: str
    title: str
    about: str


GROUPS = {
    "Voor melders en invoerders": (
        HandbookPage("melden", "Melden in vier stappen", "Van de maandelijkse mail tot een goedgekeurde melding."),
        HandbookPage(
            "inloggen", "Inloggen in twee stappen", "Wachtwoord, passkey of app, en wat u doet als u iets kwijt bent."
        ),
        HandbookPage("mail", "De maandelijkse mail", "De twee knoppen, en wat u doet als de mail niet aankomt."),
        HandbookPage("statussen", "Statussen en herinneringen", "Wat elke status betekent en wanneer u bericht krijgt."),
        HandbookPage("bestanden", "Bestanden en anonimiseren", "Welke bestanden kunnen, en wat u eerst onleesbaar maakt."),
        HandbookPage("lza1", "Melden bij LZA1", "Late zwangerschapsafbreking: wat er anders gaat dan bij NethOSS."),
        HandbookPage("begrippen", "Wat registreren we?", "De thema's met hun definitie, en woorden die u tegenkomt."),
    ),
    "Voor andere rollen": (
        HandbookPage("rollen", "Wie doet wat", "De rollen, en wat ieder kan zien."),
        HandbookPage("coordinator", "Voor de landelijk coördinator", "Beoordelen, de maanden volgen, nabellen."),
        HandbookPage(
            "commissie", "De commissie", "Casussen beoordelen, vergelijken en bespreken, en wat het ziekenhuis hoort."
        ),
        HandbookPage(
            "vragenlijsten",
            "Vragenlijsten wijzigen",
            "Vragen toevoegen en wijzigen, voorwaarden schrijven, antwoorden downloaden.",
        ),
        HandbookPage("beheer", "Voor de beheerder", "Accounts, uitgaande mail en het logboek."),
        HandbookPage("it", "Voor ICT van het ziekenhuis", "Mails van het portaal toelaten en links met rust laten."),
    ),
    "Voor de LNR": (
        HandbookPage("lnr", "LNR: opnamen aanleveren", "Opnamen volgen, fouten oplossen, aanleveren en het jaar afsluiten."),
        HandbookPage("lnr-beheer", "LNR-beheer", "Leveranciers toelaten, sleutels, het overzicht en gegevens voor onderzoek."),
    ),
    "Over het portaal": (
        HandbookPage("toegankelijkheid", "Toegankelijkheid", "Hoe toegankelijk het portaal is, en waar u een probleem meldt."),
    ),
}
PAGES = {page.name: page for group in GROUPS.values() for page in group}
# Mails that a page is about, and one that no hospital gets.
TOLD_ELSEWHERE = ("monthly_request", "monthly_reminder", "reminder", "alarm")


class HandbookView(Placed, BaseView):
    """Open to everybody; the header links to it."""

    screen = Screen("handbook", "/handleiding", "Handleiding", listed=False)

    @expose("/")
    def index(self):
        """The list of pages."""
        return self.render(
            "web/handbook/index.html",
            groups=GROUPS,
            sender=settings.mail_from,
            version=VERSION,
            contact_parts=ContactPoint.parts(),
        )

    @expose("/<page>")
    def page(self, page):
        """One page; whatever the program decides elsewhere comes from there, so that the text stays true."""
        if page not in PAGES:
            abort(404)
        return self.render(f"web/handbook/{page}.html", page=PAGES[page], groups=GROUPS, **_facts())


def _facts():
    return {
        "sender": settings.mail_from,
        "portal": settings.portal_url,
        "other_mails": [label for name, label in MAIL_LABELS.items() if name not in TOLD_ELSEWHERE and name[:4] != "lnr_"],
        "host": settings.host,
        "statuses": [(status, STATUS_LABELS[status], STATUS_MEANING[status]) for status in STATUS_MEANING],
        "weeks": dutch.listed(MailSchedule.current().weeks),
        "accepted": ACCEPTED_TEXT,
        "largest": dutch.size(MAX_SIZE),
        "largest_document": dutch.size(LARGEST),
        "in_parts_from": dutch.size(IN_PARTS_FROM),
        "upload_days": KINDS[RetentionKind.UNFINISHED_UPLOAD].days,
        "most": MAX_FILES,
        "undo_days": UNDO_DAYS,
        "trust_days": TRUST_DAYS,
        "idle_minutes": IDLE.seconds // 60,
        "most_hours": ABSOLUTE.seconds // 3600,
        "themes": list(Theme.reported_on(clock.today())),
        "processes": PROCESS_LABELS,
        "lnr": _lnr_facts(),
        "committee": _committee_facts(),
    }


def _committee_facts():
    rules = CommitteeSettings.of(getattr(who(), "committee", None) or Process.NETHOSS)
    return {
        "months": rules.look_back,
        "due_days": rules.due_days,
        "first": rules.first_reminder,
        "second": rules.second_reminder,
        "fewest": rules.assessors,
        "region": rules.region_blocks,
        "dossier_days": KINDS[RetentionKind.DOSSIER_PACKAGE].days,
    }


def _lnr_facts():
    return {
        "messages": dutch.number(zip_upload.MOST),
        "largest": dutch.size(zip_upload.LARGEST),
        "report_days": upload_batch.KEPT_DAYS,
        "draft_days": draft.KEPT_DAYS,
        "refused_days": message.REFUSED_DAYS,
        "key_days": api_key.DAYS,
        "most_keys": api_key.MOST_VALID,
        "statuses": supplier.STATUS_LABELS,
        "meanings": supplier.STATUS_MEANING,
        "open_days": extract_request.OPEN_DAYS,
        "smallest": extract.SMALLEST,
    }
