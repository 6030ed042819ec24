"""What somebody gets by mail at once, once a day or not at all: their own choice, on the page of their account."""

from flask import flash, redirect, request, url_for
from flask_security import current_user as person

from models.base import Refused
from models.mail.mail_preference import KINDS, WAY_LABELS, MailPreference
from models.mail.mail_status import MAIL_LABELS


def of(user):
    """(name, label, [(way, words)], the way now) of each kind of mail about which this person may choose."""
    chosen = MailPreference.of(user)
    return [(name, MAIL_LABELS[name], [(way, WAY_LABELS[way]) for way in KINDS[name][0]], way) for name, way in chosen.items()]


def choose():
    """Keep what was chosen."""
    try:
        chosen = {name: request.form[name] for name in KINDS if name in request.form}
        MailPreference.choose(person._get_current_object(), chosen)
        flash("Uw keuze voor mail is bewaard.", "success")
    except Refused as no:
        flash(str(no), "error")
    return redirect(url_for("account", _anchor="mail"))
