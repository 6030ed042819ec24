"""The yearly reviews of accounts, for the beheerder: which hospital did it, which did not, and who said what."""

from flask import url_for

from admin_views.grid import columns
from admin_views.grid.filters import ListFilter, OneOf
from admin_views.grid.row_pages import ListAbout
from admin_views.grid.scoped_views import ScopedModelView
from admin_views.web.screen import Screen
from models import dutch
from models.accounts.hospital import Hospital
from models.staff.account_review import AccountReview, ReviewedAccount

LOOKS = {"nagekeken": "success", "open": "info", "niet nagekeken": "error"}


class AccountReviewsView(ScopedModelView):
    """One line for each hospital and year."""

    screen = Screen("account_reviews", "/beheer/controles", "Controle van accounts", of=AccountReview, menu="Beheer")
    ability = "manage"
    intro = (
        "Eén keer per jaar kijkt elk ziekenhuis na wie er nog werkt. Na zes weken zonder antwoord staat hier ‘niet nagekeken’: "
        "vraag het ziekenhuis dan zelf. Wie geen ziekenhuis heeft of er een zonder melder, kijkt u zelf na onder ‘Gebruikers’."
    )
    empty = ("Er is nog geen controle geweest", "De eerste begint een jaar nadat een ziekenhuis is toegevoegd.")
    can_export = True
    related = (AccountReview.hospital,)
    column_list = ("place", "year", "opened_at", "state", "done", "closed_at")
    column_labels = {
        "place": "Wie", "year": "Jaar", "opened_at": "Begonnen op", "state": "Stand", "done": "Nagekeken",
        "closed_at": "Klaar op",
    }  # fmt: skip
    column_sortable_list = ("year", "opened_at", "closed_at")
    column_default_sort = ("opened_at", True)
    column_filters = (
        OneOf(AccountReview.id, "Stand", find=AccountReview.in_state, options=[(state, state) for state in LOOKS]),
        ListFilter(AccountReview.hospital, "Ziekenhuis", find=Hospital.named, says="bevat"),
    )

    def complete(self, rows):
        counts = AccountReview.counts([row.id for row in rows])
        for row in rows:
            left, whole = counts.get(row.id, (0, 0))
            row.done = f"{whole - left} van {whole}"
        return rows

    def _place(self, context, row, name):
        return columns.link(url_for("reviewed_accounts.index_view", review=row.id), row.place)

    column_formatters = {
        "place": _place,
        "opened_at": columns.when,
        "closed_at": columns.when,
        "state": lambda view, context, row, name: columns.badge(row.state.capitalize(), LOOKS[row.state]),
    }


class ReviewedAccountsView(ListAbout, ScopedModelView):
    """One review: of every account what was said, by whom and when."""

    screen = Screen(
        "reviewed_accounts", "/beheer/controles/<review>", "Controle van één ziekenhuis", of=ReviewedAccount, listed=False
    )
    ability = "manage"
    scope = "of"
    can_export = True
    related = (ReviewedAccount.account, ReviewedAccount.by)
    column_list = ("account", "email", "said", "by", "at")
    column_labels = {"account": "Naam", "email": "E-mailadres", "said": "Gezegd", "by": "Door", "at": "Op"}
    column_sortable_list = ("at",)
    column_default_sort = "id"

    def about(self, review):
        return self.find(AccountReview, review, "id")

    @property
    def heading(self):
        return str(self.subject)

    @property
    def intro(self):
        return f"Begonnen op {dutch.long_date(self.subject.opened_at)}: {self.subject.state}."

    def above(self):
        return [("Controle van accounts", url_for("account_reviews.index_view"))]

    def complete(self, rows):
        for row in rows:
            row.email = row.account.email
        return rows

    def _said(self, context, row, name):
        return row.said.capitalize() or ("Account beëindigd" if not row.account.active else "Nog niets")

    column_formatters = {"said": _said, "at": columns.when}
