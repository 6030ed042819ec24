"""The form for one stay, typed in: the drafts of a hospital, and filling one in, sending it or throwing it away."""

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose

from admin_views.forms.form_view import FormView, PageSent
from admin_views.grid.acts import act
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.lnr.entry.entry_page import EntryPage
from admin_views.web.screen import Screen
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.dataset.definition import definition
from models.lnr.entry.draft import SENT, StayDraft
from models.lnr.intake.portal_messages import withdraw
from models.lnr.registry.stay import Stay, StayState

GONE = "Dit formulier is weggegooid."


class EntryView(ScopedView):
    """'LNR-formulier': the drafts of the own hospital, and what begins one."""

    screen = Screen("lnr_entry", "/lnr/invoeren", "LNR-formulier")
    ability = "deliver"

    @expose("/")
    def index(self):
        """The drafts that lie there, and a new one."""
        return self.render("lnr/entry/index.html", drafts=StayDraft.drafts(who()))

    @expose("/beginnen", methods=("POST",))
    def begin(self):
        """An empty form."""
        try:
            entry = StayDraft.begin(who())
        except Refused as reason:
            flash(str(reason), "error")
            return redirect(url_for(".index"))
        return redirect(url_for("lnr_form.section", entry=entry.key, section=EntryPage(entry).following.code))

    @expose("/opname/<stay>/corrigeren", methods=("POST",))
    def correct(self, stay):
        """A form with what the registry has of a stay."""
        stay = self.find(Stay, stay, also=(Stay.hospital,))
        try:
            return redirect(url_for("lnr_form.index", entry=StayDraft.correct(stay, who()).key))
        except Refused as reason:
            flash(str(reason), "error")
            return redirect(url_for("lnr_stay.index", stay=stay.key))

    @expose("/opname/<stay>/intrekken", methods=("GET", "POST"))
    def withdraw(self, stay):
        """Asks first, and takes the stay back."""
        stay = self.find(Stay, stay, also=(Stay.hospital,))
        if request.method == "GET" and stay.state != StayState.INGETROKKEN:
            return self.render("lnr/entry/withdraw.html", stay=stay)
        try:
            withdraw(stay, who())
            flash(f"De opname {stay.number} is ingetrokken.", "success")
        except Refused as reason:
            flash(str(reason), "error")
        return redirect(url_for("lnr_stay.index", stay=stay.key))


class EntryFormView(FormView):
    """One draft, filled in per section by several colleagues at once."""

    screen = Screen("lnr_form", "/lnr/invoeren/<entry>", "LNR-formulier invullen", listed=False)
    ability = "deliver"

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
        then=lambda view, made, entry: redirect(url_for("lnr_entry.index")),
    )

    def rows(self, entry):
        return (self.find(StayDraft, entry, also=(StayDraft.hospital,)),)

    def onward(self, entry, anchor=None):
        return redirect(url_for(".index", entry=entry.key, _anchor=anchor))

    # ---- what every form asks --------------------------------------------------------------------------------------------

    def page(self, entry, for_script=False):
        """The draft; who comes back to one that was sent is led to the stay."""
        draft = self.find(StayDraft, entry, also=(StayDraft.hospital, StayDraft.changed_by))
        if draft.is_draft or for_script:
            return EntryPage(draft, request.args.get("erbij", ""))
        flash(SENT if draft.message_id else GONE, "info")
        sent = draft.message_id and url_for("lnr_stay.index", stay=draft.message.stay.key)
        abort(redirect(sent or url_for("lnr_entry.index")))

    def read(self, page, section=""):
        entry = page.entry
        AuditEvent.log("lnr.form_read", by=who(), hospital=entry.hospital_id, subject=f"LNR-formulier, {entry}", detail=section)

    def show(self, page, section, fields):
        return self.render(
            "lnr/entry/section.html",
            page=page,
            entry=page.entry,
            where={"entry": page.entry.key},
            section=section,
            parts=page.parts(fields),
        )

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
