"""The form for one stay, typed in: the drafts of a hospital, and filling one in, sending it or throwing it away."""

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose

from admin_views.forms.form_view import FormView, PageSent
from admin_views.grid import columns
from admin_views.grid.acts import Acts, act
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.lnr.entry.entry_page import EntryPage
from admin_views.lnr.stay_lists import PEOPLE
from admin_views.web.screen import Screen
from models import dutch
from models.audit.audit_event import AuditEvent
from models.lnr.dataset.definition import definition
from models.lnr.entry.draft import SENT, StayDraft
from models.lnr.intake.portal_messages import withdraw
from models.lnr.registry.stay import Stay, StayState

GONE = "Dit formulier is weggegooid."


class EntryView(Acts, ScopedModelView):
    """'LNR-formulier': the drafts of the own hospital, and what begins one."""

    screen = Screen("lnr_entry", "/lnr/invoeren", "LNR-formulier", of=StayDraft)
    ability = "deliver"
    list_template = "lnr/entry/index.html"
    scope = "unsent"
    related = (StayDraft.stay, StayDraft.changed_by)
    hidden = frozenset({StayDraft.content}) | PEOPLE
    intro = (
        "Voer een opname met de hand in als uw dossier die niet zelf kan versturen. Voor het formulier gelden dezelfde regels "
        "als voor berichten. Een formulier waaraan 90 dagen niemand werkt, wordt vanzelf weggegooid."
    )
    empty = (
        "Er ligt geen formulier klaar",
        "Wilt u een opname verbeteren die al verstuurd is? Open die dan en kies “Corrigeren”.",
    )
    column_list = ("stay", "begun_at", "changed_at")
    column_labels = {"stay": "Nog niet verstuurd", "begun_at": "Begonnen", "changed_at": "Laatst gewijzigd"}
    column_sortable_list = ("begun_at", "changed_at")
    column_default_sort = ("changed_at", True)

    def _draft(self, context, row, name):
        return columns.link(
            url_for("lnr_form.index", entry=row.key), f"Correctie van {row}" if row.stay_id else "Nieuwe opname"
        )

    def _changed(self, context, row, name):
        return f"{dutch.date_and_time(row.changed_at)} door {row.changed_by.name}"

    column_formatters = {"stay": _draft, "begun_at": columns.moment, "changed_at": _changed}

    begin = act(
        "/beginnen",
        StayDraft.begin,
        then=lambda view, entry: redirect(
            url_for("lnr_form.section", entry=entry.key, section=EntryPage(entry).following.code)
        ),
    )
    correct = act(
        "/opname/<stay>/corrigeren",
        StayDraft.correct,
        then=lambda view, entry, stay: redirect(url_for("lnr_form.index", entry=entry.key)),
    )
    withdraw = act("/opname/<stay>/intrekken", withdraw, done="De opname {0.number} is ingetrokken.")

    def rows(self, stay=None):
        return (self.find(Stay, stay, also=(Stay.hospital,)),) if stay else ()

    def onward(self, stay=None, anchor=None):
        return redirect(url_for("lnr_stay.index", stay=stay.key) if stay else url_for(".index_view"))

    @expose("/opname/<stay>/intrekken")
    def ask(self, stay):
        """Asks before a stay is taken back."""
        (stay,) = self.rows(stay)
        return self.onward(stay) if stay.state == StayState.INGETROKKEN else self.render("lnr/entry/withdraw.html", stay=stay)


class EntryFormView(FormView):
    """One draft, filled in per section by several colleagues at once."""

    screen = Screen("lnr_form", "/lnr/invoeren/<entry>", "LNR-formulier invullen", listed=False, below=EntryView)
    ability = "deliver"
    along = (StayDraft.hospital, StayDraft.changed_by)
    section_template = "lnr/entry/section.html"

    @expose("/")
    def index(self, entry):
        """What is still open, what is wrong, and sending."""
        page = self.page(entry)
        self.read(page)
        return self.render("lnr/entry/form.html", page=page, entry=page.entry)

    send = act(
        "/versturen",
        StayDraft.send,
        done="De opname {made.stay.number} is verstuurd: versie {made.version} is aangenomen.",
        then=lambda view, message, entry: redirect(url_for("lnr_stay.index", stay=message.stay.key)),
    )
    discard = act(
        "/weggooien",
        StayDraft.discard,
        done="Het formulier is weggegooid.",
        then=lambda view, made, entry: redirect(url_for("lnr_entry.index_view")),
    )

    # ---- what every form asks --------------------------------------------------------------------------------------------

    def page(self, entry, for_script=False):
        """The draft; who comes back to one that was sent is led to the stay."""
        draft = self.row(entry)
        if draft.is_draft or for_script:
            return EntryPage(draft, request.args.get("erbij", ""))
        flash(SENT if draft.message_id else GONE, "info")
        sent = draft.message_id and url_for("lnr_stay.index", stay=draft.message.stay.key)
        abort(redirect(sent or url_for("lnr_entry.index_view")))

    def read(self, page, section=""):
        entry = page.entry
        AuditEvent.log("lnr.form_read", by=who(), hospital=entry.hospital_id, subject=f"LNR-formulier, {entry}", detail=section)

    def shown(self, page, section):
        return {"entry": page.entry}

    def after(self, page, section, where):
        """A row more or less leads back to its group."""
        verb, _, which = PageSent.sent().onward.data.partition(":")
        here = url_for(".section", section=section, **where)
        if verb == "erbij" and which in definition().groups:
            return f"{here}?erbij={which}#rij-{which}-nieuw"
        if verb == "weg":
            page.entry.drop_row(*which.partition(".")[::2], who())
            return f"{here}#groep-{which.partition('.')[0]}"
        return super().after(page, section, where)
