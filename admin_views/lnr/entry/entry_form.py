"""The form for one stay, typed in: sections, rows, what is wrong at its field, and sending."""

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose

from admin_views.forms.answer_fields import mark
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.lnr.entry.entry_fields import EntryPage, cautions, sent, state
from models import clock
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.dataset.definition import definition
from models.lnr.entry.draft import SENT, StayDraft, StayDraftConflict
from models.lnr.entry.draft_message import place, split
from models.lnr.entry.typed_values import typed
from models.lnr.intake.portal_messages import withdraw
from models.lnr.registry.stay import Stay, StayState

GONE = "Dit formulier is weggegooid."
UNREAD = "Dit antwoord kwam niet goed aan. Ververs de pagina en probeer het opnieuw."


class EntryView(ScopedView):
    """'LNR-formulier': drafts of the own hospital, filled in per section, by several colleagues at once."""

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
        return redirect(url_for(".section", entry=entry.key, section=EntryPage(entry).following["section"]))

    @expose("/opname/<stay>/corrigeren", methods=("POST",))
    def correct(self, stay):
        """A form with what the registry has of a stay."""
        stay = self.find(Stay, stay, also=(Stay.hospital,))
        try:
            return redirect(url_for(".form", entry=StayDraft.correct(stay, who()).key))
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

    @expose("/<entry>/")
    def form(self, entry):
        """What is still open, what is wrong, and sending."""
        page = EntryPage(self._draft(entry))
        self._read(page.entry)
        return self.render("lnr/entry/form.html", page=page, entry=page.entry)

    @expose("/<entry>/<section>/")
    def section(self, entry, section):
        """The fields of one section."""
        draft = self._draft(entry)
        self._read(draft, section)
        return self._page(draft, section)

    @expose("/<entry>/<section>/", methods=("POST",))
    def save(self, entry, section):
        """The same without script: every field of the section at once; or a row more, or one less."""
        draft = self._draft(entry)
        page = EntryPage(draft)
        page.section(section) or abort(404)
        wrong = self._save_all(page, section)
        if wrong:
            flash("Nog niet alles is bewaard. Verbeter de velden die hieronder zijn aangegeven.", "error")
            return self._page(self._draft(entry), section, wrong), 422
        try:
            return redirect(self._after(draft, page, section))
        except Refused as reason:
            flash(str(reason), "error")
            return redirect(url_for(".form", entry=entry))

    @expose("/<entry>/antwoord", methods=("POST",))
    def answer(self, entry):
        """Save one field while somebody types, for the script; answers JSON, with what the page shows from now on."""
        draft = self.find(StayDraft, entry, also=(StayDraft.hospital, StayDraft.changed_by))
        try:
            item, row = split(request.form.get("vraag"))
            revision, kept, entered = self._put(draft, item, row)
        except StayDraftConflict as clash:
            return self._clash(draft, clash), 409
        except Refused as reason:
            return {"error": str(reason)}, 422
        told = {"revision": revision, "mark": mark(kept), "warnings": cautions(entered.findings.get(place(item, row), ()))}
        return {**told, **state(entered), "at": f"{clock.local(clock.now()):%H:%M}"}

    @expose("/<entry>/versturen", methods=("POST",))
    def send(self, entry):
        """Hand the stay in, and show what the registry has of it."""
        entry = self.find(StayDraft, entry, also=(StayDraft.hospital,))
        try:
            message = entry.send(who())
        except Refused as reason:
            flash(str(reason), "error")
            return redirect(url_for(".form", entry=entry.key))
        flash(f"De opname {message.stay.number} is verstuurd: versie {message.version} is aangenomen.", "success")
        return redirect(url_for("lnr_stay.index", stay=message.stay.key))

    @expose("/<entry>/weggooien", methods=("POST",))
    def discard(self, entry):
        """Throw a draft away."""
        try:
            self.find(StayDraft, entry).discard(who())
            flash("Het formulier is weggegooid.", "success")
        except Refused as reason:
            flash(str(reason), "error")
        return redirect(url_for(".index"))

    # ---- behind the addresses ----------------------------------------------------------------------------------------

    def _draft(self, key):
        """The draft; who comes back to one that was sent is led to the stay."""
        entry = self.find(StayDraft, key, also=(StayDraft.hospital, StayDraft.changed_by))
        if entry.is_draft:
            return entry
        flash(SENT if entry.message_id else GONE, "info")
        onward = url_for("lnr_stay.index", stay=entry.message.stay.key) if entry.message_id else url_for(".index")
        abort(redirect(onward))

    def _read(self, entry, section=""):
        AuditEvent.log("lnr.form_read", by=who(), hospital=entry.hospital_id, subject=f"LNR-formulier, {entry}", detail=section)

    def _put(self, draft, item, row):
        seen = request.form.get(f"{place(item, row)}.gezien", "0")
        if not (seen.isascii() and seen.isdigit() and len(seen) < 8):
            raise Refused(UNREAD)
        return draft.put(place(item, row), sent(item, row), who(), int(seen))

    def _clash(self, draft, clash):
        field = EntryPage(draft).field(clash.item, clash.row)
        html = self.render("lnr/entry/one.html", field=field)
        told = {"mine": clash.mine, "theirs": clash.theirs, "by": clash.by.name, "revision": clash.revision}
        return {"error": str(clash), **told, "html": html}

    def _save_all(self, page, section):
        """{place: why not} of the fields of a section that could not be saved."""
        wrong = {}
        for item, row in page.entered.fields():
            at = place(item, row)
            try:
                if item.section == section and f"{at}.gezien" in request.form and self._touched(page, item, row):
                    self._put(page.entry, item, row)
            except Refused as reason:
                wrong[at] = reason
        return wrong

    def _touched(self, page, item, row):
        kept, _ = page.cells.get(place(item, row), (None, 0))
        return mark(typed(item).read(sent(item, row), kept)) != request.form.get(f"{place(item, row)}.was")

    def _after(self, draft, page, section):
        """Where the button that was pressed leads: on, to the overview, or back here with a row more or less."""
        verb, _, which = request.form.get("naar", "").partition(":")
        here = url_for(".section", entry=draft.key, section=section)
        if verb == "erbij" and which in definition().groups:
            return f"{here}?erbij={which}#rij-{which}-nieuw"
        if verb == "weg":
            draft.drop_row(*which.partition(".")[::2], who())
            return f"{here}#groep-{which.partition('.')[0]}"
        _, _, onward = page.section(section)
        if verb == "verder":
            return (
                url_for(".section", entry=draft.key, section=onward["section"]) if onward else url_for(".form", entry=draft.key)
            )
        flash("Uw antwoorden zijn bewaard.", "success")
        return here

    def _page(self, draft, letter, wrong=None):
        page = EntryPage(draft, request.args.get("erbij", ""))
        section, back, onward = page.section(letter) or abort(404)
        parts = page.parts(letter)
        for field in (one for _, rows in parts for fields in rows.values() for one in fields if one.at in (wrong or ())):
            reason = wrong[field.at]
            field.values, field.trouble, field.clash = sent(field.item, field.row), str(reason), getattr(reason, "theirs", None)
        return self.render(
            "lnr/entry/section.html", page=page, entry=draft, section=section, back=back, onward=onward, parts=parts
        )
