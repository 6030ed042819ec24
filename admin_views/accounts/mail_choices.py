"""What somebody gets by mail at once, once a day or not at all: their own choice, on the page of their account."""

from flask import flash, redirect, url_for
from flask_security import current_user as person

from admin_views.grid.act_forms import ActForm, ByPrefix
from models.base import Refused
from models.mail.mail_preference import KINDS, WAY_LABELS, MailPreference
from models.mail.mail_status import MAIL_LABELS


class Choices(ActForm):
    ways = ByPrefix(name="mail-")


def of(user):
    """(name, label, [(way, words)], the way now) of each kind of mail about which this person may choose."""
    chosen = MailPreference.of(user)
    return [(name, MAIL_LABELS[name], [(way, WAY_LABELS[way]) for way in KINDS[name][0]], way) for name, way in chosen.items()]


def choose():
    """Keep what was chosen."""
    try:
        MailPreference.choose(person._get_current_object(), Choices.sent().ways.data)
        flash("Uw keuze voor mail is opgeslagen.", "success")
    except Refused as no:
        flash(str(no), "error")
    return redirect(url_for("account", _anchor="mail"))
