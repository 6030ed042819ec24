"""What a list does: an action with the rows that were ticked or with every row it selects, and views that are saved."""

import hashlib

from flask import abort, flash, redirect, request
from flask_admin import helpers
from flask_security import current_user

from models.accounts.saved_view import SavedView
from models.base import Refused
from models.dutch import number

MOST_AT_ONCE = 1000  # rows of one action on everything that a list selects
TOO_MANY = f"Dit zijn meer dan {number(MOST_AT_ONCE)} regels. Maak de lijst kleiner met een filter en probeer het dan opnieuw."
NONE_SUITS = "Bij geen van de gevonden regels kan dit nu."


class ListActions:
    """The bar under a list and the menu with saved views, both by the one address that Flask-Admin has for actions."""

    one_by_one = frozenset()  # actions that ask something about a single row

    def suits(self, action, row):
        """Whether it makes sense to offer this action at this row; the verb itself decides once more."""
        return True

    def handle_action(self, return_view=None):
        """Do what was chosen with the chosen rows; the action gets them as rows. One that is foreign ends it with 404."""
        name = request.form.get("action")
        if name in ("bewaar-weergave", "wis-weergave"):
            return self._of_views(name)
        if name not in self._actions_data or not self.is_action_allowed(name):
            abort(404)
        if "alles" in request.form and name not in self.one_by_one:
            return self._with_everything(name)
        ids = request.form.getlist("rowid")[: max(self.page_size_options)]
        if ids:
            self._actions_data[name][0](self.get_all(ids))
        else:
            flash("Kies eerst een of meer regels.", "error")
        return self._back()

    def _back(self):
        return redirect(helpers.get_redirect_target() or self.get_url(".index_view"))

    # ---- everything that the list selects --------------------------------------------------------------------------------

    def _with_everything(self, name):
        """Tell how many rows it is about, and do it once the person has said yes to just these rows."""
        asked = self._get_list_extra_args()
        found = self.selected(asked, MOST_AT_ONCE + 1)
        rows = [row for block in self.blocks(found[:MOST_AT_ONCE]) for row in block if self.suits(name, row)]
        if len(found) > MOST_AT_ONCE or not rows:
            flash(TOO_MANY if rows else NONE_SUITS, "error")
            return self._back()
        which = hashlib.sha256(",".join(str(row._pk) for row in rows).encode()).hexdigest()[:20]
        if request.form.get("welke") == which:
            self._actions_data[name][0](rows)
            return self._back()
        names, questions = self.get_actions_list()
        return self.render(
            "grid/all_rows.html",
            action=name,
            label=dict(names)[name],
            question=questions.get(name),
            count=len(rows),
            found=len(found),
            which=which,
            about=self._about(asked, len(found)),
            return_url=helpers.get_redirect_target() or self.get_url(".index_view"),
        )

    # ---- saved views -----------------------------------------------------------------------------------------------------

    def saved_views(self):
        """The views of this list that this person saved or was given, with their addresses; and whether one can be saved."""
        found = SavedView.of_list(self.endpoint, current_user._get_current_object())
        here = self.get_url(".index_view")
        return [(one, f"{here}?{one.query}") for one in found], bool(self._shape())

    def _shape(self):
        """How the list is filtered and sorted now, as the query of its address. Not what was searched: it may be a name."""
        asked = self._get_list_extra_args()
        if not asked.filters and asked.sort is None:
            return ""
        return self._get_list_url(asked.clone(page=0, search=None)).partition("?")[2]

    def _of_views(self, name):
        me, sent = current_user._get_current_object(), request.form
        try:
            if name == "bewaar-weergave":
                shared = "gedeeld" in sent
                made = SavedView.keep(self.endpoint, sent.get("naam", ""), self._shape(), shared, by=me)
                flash(f"De weergave ‘{made.name}’ is opgeslagen{' en gedeeld met uw collega’s' if shared else ''}.", "success")
            else:
                SavedView.discard(self.endpoint, sent.get("weergave", ""), by=me)
                flash("De weergave is gewist. De regels zelf zijn niet veranderd.", "success")
        except Refused as reason:
            flash(str(reason), "error")
        return self._back()
