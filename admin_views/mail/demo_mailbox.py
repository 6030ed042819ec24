"""/postvak: the mails that a demonstration wrote, so that a newcomer can read them and press their buttons. Nowhere else."""

from flask import Response, abort, current_app, flash, redirect, request, url_for
from flask_admin import BaseView, expose

from admin_views.grid.act_forms import ActForm, TextField
from admin_views.web.screen import Placed, Screen
from models import dutch
from models.mail.outbox import Mail
from models.mail.smtp import FolderPost
from settings import settings

SHOWN = 100
# A mail brings its own styles and may run nothing; its links open in the whole window.
SANDBOX = "allow-top-navigation-by-user-activation"
POLICY = f"default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; sandbox {SANDBOX}"


class Mailbox(ActForm):
    person = TextField(name="aan")


class MailboxView(Placed, BaseView):
    """A mailbox for everybody at once."""

    screen = Screen("mailbox", "/postvak", "Postvak", listed=False)

    def is_accessible(self):
        return settings.demo

    def inaccessible_callback(self, name, **values):
        abort(404)

    @expose("/")
    def index(self):
        """The mails, newest first, of everybody or of one person."""
        letters, person = _post().messages(), request.args.get("aan", "")
        people = sorted({letter.to for letter in letters})
        mine = [letter for letter in letters if not person or letter.to == person]
        return self.render("mail/demo_mailbox/index.html", letters=mine[:SHOWN], many=len(mine), people=people, person=person)

    @expose("/<key>")
    def letter(self, key):
        """One mail, with its HTML in a frame and its text below."""
        message = _message(key)
        text = message.get_body(["plain"])
        text = text.get_content() if text else ""
        files = [part.get_filename() for part in message.iter_attachments()]
        return self.render("mail/demo_mailbox/letter.html", key=key, message=message, text=text, sandbox=SANDBOX, files=files)

    @expose("/<key>/bijlage/<number>")
    def attachment(self, key, number):
        """What came with the mail, by its place from 1, to keep."""
        for place, part in enumerate(_message(key).iter_attachments(), 1):
            if number == str(place):
                headers = {"Content-Disposition": f"attachment; filename={part.get_filename()}"}
                return Response(part.get_content(), mimetype=part.get_content_type(), headers=headers)
        abort(404)

    @expose("/<key>/html")
    def html(self, key):
        """The HTML of the mail, for the frame."""
        body = _message(key).get_body(["html"])
        page = body.get_content().replace("<head>", '<head><base target="_top">', 1) if body else ""
        answer = current_app.response_class(page, mimetype="text/html")
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    @expose("/versturen", methods=("POST",))
    def send(self):
        """'Nu versturen': what the worker does every minute."""
        sent = Mail.send_waiting()
        flash(f"Verstuurd: {dutch.plural(sent, 'mail', 'mails')}." if sent else "Er wachtten geen mails.", "success")
        return redirect(url_for(".index", aan=Mailbox.sent().person.data or None))


def _post():
    return FolderPost(settings.data_dir / "mail")


def _message(key):
    return _post().message(key) or abort(404)
