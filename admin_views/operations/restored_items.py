"""'Na het terugzetten': what lives again after a restore, and the release by two beheerders."""

from flask import redirect

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import columns
from admin_views.grid.acts import Acts, act, row_act
from admin_views.grid.filters import OneOf, YesNoFilter
from admin_views.grid.scoped_views import ScopedModelView
from admin_views.web.screen import Screen
from models.access import Role
from models.accounts.user import User
from models.mail.outgoing_hold import OutgoingHold
from models.operations import after_restore
from models.operations.restored_item import DECISION_LABELS, ItemDecision, RestoredItem

LOOKS = {
    ItemDecision.BLIJFT: "success",
    ItemDecision.EINDIGT: "neutral",
    ItemDecision.OPNIEUW: "info",
    ItemDecision.NIET_OPNIEUW: "success",
}
UNDECIDED = "?flt0_besloten_is=0"


class RestoredItemsView(ShortlyAfterSecondStep, Acts, ScopedModelView):
    """Every account, key and month that the latest restore brought back; above them what waits, and the release."""

    screen = Screen("restored", "/beheer/toestand/terugzetten", "Na het terugzetten", of=RestoredItem, listed=False)
    ability = "manage"
    shortly = ("action_view", "ask", "none_erased", "confirm")
    scope = "of_latest"
    list_template = "operations/restored_items.html"
    intro = "Wat na de kopie is gebeurd, weet het portaal niet meer. Kijk daarom na wie en wat er weer toegang heeft."
    empty = ("Er is nooit iets teruggezet", "Na het terugzetten van een reservekopie kijkt u hier na wat er weer werkt.")
    one_by_one = frozenset({"end"})
    related = (RestoredItem.hold, RestoredItem.account, RestoredItem.key, RestoredItem.decided_by)
    column_list = ("what", "reach", "decision", "decided_by")
    column_labels = {"what": "Wat", "reach": "Waarbij het kan", "decision": "Besluit", "decided_by": "Door"}
    column_sortable_list = ("decision",)
    column_default_sort = ("id", False)
    column_filters = (
        YesNoFilter(RestoredItem.decision, "Besloten", empty=True),
        OneOf(RestoredItem.decision, "Besluit", options=[(value.value, label) for value, label in DECISION_LABELS.items()]),
    )
    page_size = 100

    def above(self):
        return [("Beheer", None), ("Toestand", self.get_url("installation_status.index_view"))]

    def complete(self, rows):
        return RestoredItem.described(rows)

    def _what(self, context, row, name):
        return columns.with_note(row.said, row.kind)

    def _decision(self, context, row, name):
        label = DECISION_LABELS.get(row.decision, "Nog nakijken")
        return columns.badge(label, LOOKS.get(row.decision, "warning"))

    column_formatters = {
        "what": _what,
        "decision": _decision,
        "decided_by": lambda view, context, row, name: row.decided_by.name if row.decided_by_id else "",
    }

    def suits(self, action, row):
        fits = (action in ("ask_again", "leave")) is bool(row.month) and row.decision != ItemDecision.EINDIGT
        return fits and row.hold.released_at is None and row.hold.asked_by_id is None

    def beside(self):
        hold = OutgoingHold.latest()
        if hold is None:
            return {"hold": None}
        doubtful, fresh = after_restore.waiting_mails(hold)
        return {
            "hold": hold,
            "left": RestoredItem.undecided(hold),
            "undecided_url": self.get_url(".index_view") + UNDECIDED,
            "doubtful": doubtful,
            "fresh": fresh,
            "lapsed": RestoredItem.lapsed(hold),
            "alone": User.with_role(Role.BEHEERDER).count() < 2,
        }

    def onward(self, *rows, anchor=None):
        return redirect(self.get_url(".index_view"))

    ask = act("/vrijgave-vragen", after_restore.ask, done="De vrijgave is gevraagd. Een andere beheerder moet die bevestigen.")
    none_erased = act("/niets-gewist", after_restore.none_erased, done="Genoteerd: er is niets op verzoek gewist.")
    take_back = act("/vrijgave-terugnemen", after_restore.take_back, done="Er wordt nog niet vrijgegeven.")
    confirm = act("/vrijgeven", after_restore.confirm, done="Vrijgegeven: mail, uitvraag en herinneringen gaan weer uit.")

    keep = row_act("keep", "Klopt", RestoredItem.keep, "regel klopt", "regels kloppen")
    end = row_act(
        "end",
        "Beëindigen",
        RestoredItem.end,
        "account of sleutel is beëindigd",
        "accounts of sleutels zijn beëindigd",
        confirm="Wilt u dit beëindigen? Wie het is kan er meteen niet meer in.",
    )
    ask_again = row_act(
        "ask_again", "Opnieuw vragen", RestoredItem.ask_again, "maand wordt opnieuw gevraagd", "maanden worden opnieuw gevraagd"
    )
    leave = row_act(
        "leave",
        "Niet opnieuw vragen",
        RestoredItem.leave,
        "maand wordt niet opnieuw gevraagd",
        "maanden worden niet opnieuw gevraagd",
    )
