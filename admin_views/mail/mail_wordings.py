"""'Mailteksten en zinnen': the words of every mail, with a preview and a try-out, and those of the standard phrases; the list
tells who changed what."""

from flask import abort, current_app, flash, redirect, request
from flask_admin import expose
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.widgets import HiddenInput

from admin_views.grid import columns
from admin_views.grid.act_forms import ActForm, TextField, posted
from admin_views.grid.filters import OneOf
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.mail.demo_mailbox import POLICY
from admin_views.web.screen import Screen
from models.base import Refused
from models.mail.wording import wording_proof
from models.mail.wording.mail_wording import (
    FIXED_SUBJECT,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    WORDING_LABELS,
    MailWording,
    can_change,
    delivered,
    known_placeholders,
    problems,
)
from models.mail.wording.standard_phrase import LONGEST_PHRASE, STANDARD_PHRASES


def _changeable():
    return (*can_change(), *STANDARD_PHRASES)


class WordingForm(ActForm):
    """Subject and text; what the model says of them stands at the field."""

    subject = StringField("Onderwerp", default="", render_kw={"maxlength": LONGEST_SUBJECT})
    text = TextAreaField(
        "Tekst",
        default="",
        description="Een lege regel begint een nieuwe alinea. Knoppen, links en kleine letters blijven vanzelf staan.",
        render_kw={"rows": 12, "maxlength": LONGEST_TEXT},
    )

    seen = IntegerField(name="nummer", widget=HiddenInput())
    pressed = TextField(name="knop")

    def explain(self, name):
        """Put what is wrong at its field; whether nothing is."""
        found = problems(name, self.subject.data or "", self.text.data or "")
        for part, problem in found.items():
            self[part].errors = [problem]
        return not found


class MailWordingsView(ScopedModelView):
    """Every change of a mail's text or a phrase, the latest first; above it all of them."""

    screen = Screen("wordings", "/beheer/mailteksten", "Mailteksten en zinnen", of=MailWording, menu="Beheer")
    ability = "curate"
    list_template = "mail/wordings/list.html"
    intro = (
        "De woorden van de mails die het portaal verstuurt, en de redenen en zinnen die u daarbuiten gebruikt. "
        "Een wijziging geldt vanaf dan; wat al is geschreven, verandert niet."
    )
    empty = ("Nog nooit gewijzigd", "Alle mails, redenen en zinnen hebben de geleverde tekst.")
    can_view_details = True
    related = (MailWording.changed_by,)
    column_list = ("name", "changed_at", "changed_by", "reset")
    column_details_list = ("name", "changed_at", "changed_by", "reset", "subject", "text", "before")
    column_labels = {
        "name": "Mail of zin", "changed_at": "Gewijzigd", "changed_by": "Door", "reset": "Terug naar geleverd",
        "subject": "Onderwerp", "text": "Tekst", "before": "Vorige tekst",
    }  # fmt: skip
    column_sortable_list = ("name", "changed_at")
    column_default_sort = ("changed_at", True)
    column_filters = (OneOf(MailWording.name, "Mail", options=[(name, WORDING_LABELS[name]) for name in _changeable()]),)
    column_formatters = {"changed_at": columns.when}

    def complete(self, rows):
        before = MailWording.before(rows)
        for row in rows:
            row.before = before[row.id]
        return rows

    def beside(self):
        changed = MailWording.changed()
        lists = {"mails": can_change(), "sentences": STANDARD_PHRASES}
        return {what: [(name, WORDING_LABELS[name], changed.get(name)) for name in names] for what, names in lists.items()}

    @expose("/<letter>/", methods=("GET", "POST"))
    def mail(self, letter):
        """One mail or phrase: its words, what it looks like, and what is done with them."""
        latest, words = self._known(letter)
        number, phrase = latest.number if latest else 0, STANDARD_PHRASES.get(letter)
        form = WordingForm(posted(), data={"subject": words.subject, "text": words.text, "seen": number})
        if phrase:
            form.text.description = phrase.place
            form.text.render_kw = {"rows": 3, "maxlength": LONGEST_PHRASE}
        pressed = form.pressed.data
        if request.method == "POST" and (pressed == "geleverd" or form.explain(letter)):
            try:
                if answer := self._do(letter, form):
                    return answer
            except Refused as reason:
                flash(str(reason), "error")
        elif pressed == "proef":
            flash("Verbeter eerst de tekst. Er is geen proefmail verstuurd.", "error")
        return self.render(
            "mail/wordings/mail.html",
            letter=letter,
            label=WORDING_LABELS[letter],
            phrase=phrase,
            form=form,
            latest=latest,
            fixed_subject=letter in FIXED_SUBJECT,
            placeholders=known_placeholders(letter),
            delivered=delivered(letter),
            me=who().email,
        )

    def _do(self, name, form):
        pressed, seen = form.pressed.data, form.seen.data
        if pressed == "proef":
            wording_proof.send(who(), name, form.subject.data, form.text.data)
            flash(f"De proefmail gaat binnen een minuut naar {who().email}. De tekst is nog niet opgeslagen.", "success")
            return None
        if pressed == "geleverd":
            MailWording.restore(who(), name, seen)
            flash(f"‘{WORDING_LABELS[name]}’ heeft weer de geleverde tekst.", "success")
        else:
            MailWording.amend(who(), name, seen, form.subject.data, form.text.data)
            flash("De tekst is opgeslagen en geldt vanaf nu.", "success")
        return redirect(self.get_url(".index_view"))

    @expose("/<letter>/voorbeeld", methods=("GET", "POST"))
    def preview(self, letter):
        """The HTML of the mail with made-up facts, for the frame; of the words that were sent, or those that count."""
        _, words = self._known(letter)
        if letter in STANDARD_PHRASES:
            abort(404)  # no mail
        form = WordingForm(posted(), data={"subject": words.subject, "text": words.text})
        _, page = wording_proof.shown(letter, form.subject.data or "", form.text.data or "")
        answer = current_app.response_class(page, mimetype="text/html")
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    def _known(self, name):
        """(the latest change of this mail or None, the words that count); 404 for what cannot be changed."""
        if name not in _changeable():
            abort(404)
        latest = MailWording.latest(name)
        return latest, MailWording.current(name) or delivered(name)
