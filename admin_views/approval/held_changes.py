"""What waits for a second person, and the page behind 'dit klopt niet' in the mails about it."""

from flask import abort, flash, make_response, redirect, render_template, url_for
from flask_admin import BaseView, expose

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid.acts import row_act
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web import mangled_address
from admin_views.web.screen import Placed, Screen
from models import access, dutch
from models.approval.held_change import HeldChange
from models.base import Refused


class HeldChangesView(ShortlyAfterSecondStep, ScopedModelView):
    """Changes of accounts that wait: a beheerder sees all, a melder those of the own hospital."""

    screen = Screen("held", "/wijzigingen", "Wacht op bevestiging", of=HeldChange, menu="Beheer")
    ability = "vouch"
    shortly = ("action_view",)
    scope = "open"
    intro = (
        "Wat iemand toegang geeft, bevestigt een tweede persoon: een andere beheerder, of een melder van het ziekenhuis. "
        "Zonder bevestiging gaat het na 24 uur vanzelf in. Klopt er iets niet, houd het dan tegen."
    )
    related = (HeldChange.account, HeldChange.hospital, HeldChange.asked_by)
    column_list = ("account", "kind", "what", "asked_by", "asked_at", "due_at")
    column_labels = {
        "account": "Van wie", "kind": "Wat", "what": "Wordt", "asked_by": "Gevraagd door", "asked_at": "Gevraagd op",
        "due_at": "Gaat vanzelf in",
    }  # fmt: skip
    column_default_sort = ("asked_at", True)

    def is_visible(self):
        """In the menu of who manages; a melder comes here through the mail."""
        return access.may(who(), "manage")

    column_formatters = {
        "account": lambda view, context, row, name: f"{row.account.name} ({row.account.email})",
        "asked_by": lambda view, context, row, name: row.asked_by.name,
        "due_at": lambda view, context, row, name: dutch.date_and_time(row.due_at),
    }

    def get_empty_list_message(self):
        return "Er wacht niets op bevestiging."

    def suits(self, action, row):
        return action != "confirm" or who().id not in (row.asked_by_id, row.account_id)

    confirm = row_act(
        "confirm",
        "Bevestigen",
        HeldChange.confirm,
        "wijziging is bevestigd en ingegaan",
        "wijzigingen zijn bevestigd en ingegaan",
        confirm="Hebt u nagevraagd of dit klopt? Na het bevestigen gaat het meteen in.",
    )
    stop = row_act(
        "stop",
        "Tegenhouden",
        HeldChange.stop,
        "wijziging is tegengehouden",
        "wijzigingen zijn tegengehouden",
        confirm="Wilt u dit tegenhouden? Alle beheerders krijgen daarover een mail.",
    )


class StopLinkView(Placed, BaseView):
    """'Dit klopt niet', without logging in: somebody who is being shut out cannot. Opening the page changes nothing."""

    screen = Screen("stop_link", "/dit-klopt-niet/<change>", "Dit klopt niet", listed=False)

    @expose("/")
    def page(self, change):
        """Which change it is about, and the button."""
        return self.render("approval/stop.html", change=_change(change), key=change)

    @expose("/", methods=("POST",))
    def stop(self, change):
        """Stop it."""
        try:
            _change(change).stop()
        except Refused as reason:
            flash(str(reason), "error")
        return redirect(url_for(".page", change=change))


def _change(key):
    if change := HeldChange.by_link(mangled_address.bare(key)):
        return change
    abort(make_response((render_template("approval/no_change.html"), 404)))
