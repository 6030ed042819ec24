"""What waits for a second person, and the page behind 'dit klopt niet' in the mails about it."""

from flask import abort, flash, make_response, redirect, render_template, url_for
from flask_admin import BaseView, expose
from jinja2 import pass_context

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import columns
from admin_views.grid.acts import row_act
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web import mangled_address
from admin_views.web.screen import Placed, Screen
from models import access, dutch
from models.approval.four_eyes import FourEyes
from models.approval.held_change import HeldChange
from models.base import Refused
from models.committee.ties.reach_change import ReachChange

# Said before the act, at what lets somebody read more cases.
WIDER = "wacht op een andere beheerder, of gaat na 24 uur vanzelf in."


class _WaitingView(ShortlyAfterSecondStep, ScopedModelView):
    """Changes that wait for a second person: of accounts, and of what else lets somebody read more cases."""

    list_template = "approval/waiting.html"
    shortly = ("action_view",)
    scope = "open"
    column_default_sort = ("asked_at", True)
    column_formatters = {
        "in_full": lambda view, context, row, name: row.in_full,
        "asked_by": lambda view, context, row, name: row.asked_by.name,
        "due_at": lambda view, context, row, name: dutch.date_and_time(row.due_at),
    }

    def get_empty_list_message(self):
        return "Er wacht niets op bevestiging."

    def beside(self):
        """Both lists with how many wait; a melder confirms changes of accounts only."""
        lists = [("Accounts", HeldChangesView), ("Wie meldingen leest", ReachChangesView)]
        tabs = [
            {
                "label": label,
                "href": url_for(f"{view.screen.endpoint}.index_view"),
                "count": view.screen.of.how_many_wait(),
                "active": isinstance(self, view),
            }
            for label, view in (lists if access.may(who(), "manage") else ())
        ]
        return {"tabs": tabs}

    def suits(self, action, row):
        return action != "confirm" or who().id not in row.parties

    confirm = row_act(
        "confirm",
        "Bevestigen",
        FourEyes.confirm,
        "wijziging is bevestigd en ingegaan",
        "wijzigingen zijn bevestigd en ingegaan",
        confirm="Hebt u nagevraagd of dit klopt? Na het bevestigen gaat het meteen in.",
    )
    stop = row_act(
        "stop",
        "Tegenhouden",
        FourEyes.stop,
        "wijziging is tegengehouden",
        "wijzigingen zijn tegengehouden",
        confirm="Wilt u dit tegenhouden? Alle beheerders krijgen daarover een mail.",
    )


class HeldChangesView(_WaitingView):
    """Changes of accounts that wait: a beheerder sees all, a melder those of the own hospital."""

    screen = Screen("held", "/wijzigingen", "Wacht op bevestiging", of=HeldChange, menu="Beheer")
    ability = "vouch"
    intro = (
        "Wat iemand toegang geeft, bevestigt een tweede persoon: een andere beheerder, of een melder van het ziekenhuis. "
        "Zonder bevestiging gaat het na 24 uur vanzelf in. Klopt er iets niet, houd het dan tegen."
    )
    related = (HeldChange.account, HeldChange.hospital, HeldChange.asked_by)
    column_list = ("in_full", "kind", "what", "asked_by", "asked_at", "due_at")
    column_labels = {
        "in_full": "Van wie", "kind": "Wat", "what": "Wordt", "asked_by": "Gevraagd door", "asked_at": "Gevraagd op",
        "due_at": "Gaat vanzelf in",
    }  # fmt: skip

    def is_visible(self):
        """In the menu of who manages; a melder comes here through the mail."""
        return access.may(who(), "manage")


class ReachChangesView(_WaitingView):
    """Changes of hospitals and of members of a committee that wait, because somebody would read more cases by them."""

    screen = Screen("reach", "/wijzigingen/meldingen", "Wie meldingen leest", of=ReachChange, menu="Beheer", listed=False)
    ability = "manage"
    intro = (
        "Wat iemand meer meldingen laat lezen, bevestigt een andere beheerder. "
        "Zonder bevestiging gaat het na 24 uur vanzelf in. Klopt er iets niet, houd het dan tegen."
    )
    related = (ReachChange.hospital, ReachChange.member, ReachChange.workplace, ReachChange.asked_by)
    column_list = HeldChangesView.column_list
    column_labels = HeldChangesView.column_labels | {"in_full": "Van wie of wat"}


class ToldOfWaiting:
    """A list that says of its rows, and of the form of one, what waits about them: so that nobody asks for it again.

    `changes`: what may wait; `waiting_in`: its foreign key that names a row.
    """

    changes = ReachChange
    waiting_in = None

    def waiting_about(self, rows):
        """{id of a row: what waits about it}."""
        return self.changes.waiting_about(self.waiting_in, rows)

    def changes_page(self):
        """Where they are confirmed and stopped."""
        view = HeldChangesView if self.changes is HeldChange else ReachChangesView
        return url_for(f"{view.screen.endpoint}.index_view")

    def complete(self, rows):
        rows = super().complete(rows)
        waiting = self.waiting_about(rows)
        for row in rows:
            row.waiting = waiting.get(row.id, [])
        return rows

    @pass_context
    def get_list_value(self, context, model, name):
        told, waiting = super().get_list_value(context, model, name), getattr(model, "waiting", [])
        if not waiting or name != self.column_list[1]:  # the first is read out as the name of the row
            return told
        return columns.with_note(
            told, columns.badge(dutch.plural(len(waiting), "wijziging wacht", "wijzigingen wachten"), "warning")
        )


def waits(held):
    """What a person reads who asked for a change that a second beheerder confirms."""
    due = dutch.date_and_time(held.due_at)
    return f"{held}: {held.what}. Dit wacht tot een andere beheerder het bevestigt, of gaat op {due} vanzelf in."


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
    bare = mangled_address.bare(key)
    if change := HeldChange.by_link(bare) or ReachChange.by_link(bare):
        return change
    abort(make_response((render_template("approval/no_change.html"), 404)))
