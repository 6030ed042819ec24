"""The messages of a hospital that belong to no stay: not to be read, or without the name of the stay."""

from flask import url_for

from admin_views.grid import columns
from admin_views.grid.filters import OneOf, PeriodFilter
from admin_views.grid.scoped_views import ScopedModelView
from admin_views.web.screen import Screen
from models import dutch
from models.lnr.registry.message import OUTCOME_LABELS, ROUTE_LABELS, Message, MessageContent

OUTCOME_LOOKS = {"aanvaard": "success", "geweigerd": "error", "onleesbaar": "error", "verouderd": "neutral"}
SHOWN = 3  # findings of a message


class LooseView(ScopedModelView):
    """'Berichten zonder opname', one click behind 'Openstaande fouten'."""

    screen = Screen("lnr_loose", "/lnr/zonder-opname", "Berichten zonder opname", of=Message, listed=False)
    ability = "deliver"
    intro = (
        "Berichten die bij geen opname horen, omdat ze niet te lezen waren of niet zeiden over welke opname ze gaan. Laat de "
        "afzender ze herstellen en opnieuw sturen."
    )
    empty = ("Alle berichten horen bij een opname", "Een bericht dat niet te lezen is, staat hier met de reden.")
    related = (Message.supplier,)
    hidden = frozenset({Message.sha256})
    scope = "loose"
    column_list = ("received_at", "route", "outcome", "answer", "key")
    column_labels = {
        "received_at": "Ontvangen", "route": "Hoe", "outcome": "Uitkomst", "answer": "Wat er mis is", "key": "Bericht",
    }  # fmt: skip
    column_sortable_list = ("received_at",)
    column_default_sort = ("received_at", True)
    column_filters = (
        OneOf(Message.route, "Hoe", options=list(ROUTE_LABELS.items())),
        PeriodFilter(Message.received_at, "Ontvangen"),
    )

    def complete(self, rows):
        kept = MessageContent.kept(rows)
        for row in rows:
            row.kept = row.id in kept
        return rows

    def _route(self, context, row, name):
        return columns.with_note(ROUTE_LABELS[row.route], row.supplier and row.supplier.name)

    def _outcome(self, context, row, name):
        return columns.badge(OUTCOME_LABELS[row.outcome], OUTCOME_LOOKS[row.outcome])

    def _wrong(self, context, row, name):
        found = row.report["findings"]
        more = f" En nog {dutch.plural(len(found) - SHOWN, 'fout', 'fouten')}." if len(found) > SHOWN else ""
        return " ".join(one["nl"] for one in found[:SHOWN]) + more

    def _key(self, context, row, name):
        original = columns.link(url_for("lnr_original.index", message=row.key), "lees het bericht")
        return columns.with_note(row.key, original if row.kept else "niet bewaard")

    column_formatters = {"received_at": columns.when, "route": _route, "outcome": _outcome, "answer": _wrong, "key": _key}
