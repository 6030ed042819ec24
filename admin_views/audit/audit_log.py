"""The trail, for who has to answer for it. Looking at it leaves a line as well."""

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import columns
from admin_views.grid.filters import ListFilter, OneOf, PeriodFilter
from admin_views.grid.scoped_views import ScopedModelView
from admin_views.web.screen import Screen
from models.access import PROCESS_LABELS
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_action import ACTION_LABELS
from models.audit.audit_event import AuditEvent
from models.audit.audit_log import KINDS, RESULTS
from models.cases.case import Case


class TrailView(ShortlyAfterSecondStep, ScopedModelView):
    """Who did, saw, fetched or was refused what, and when; newest first."""

    screen = Screen("trail", "/beheer/logboek", "Logboek", of=AuditEvent, menu="Beheer")
    ability = "manage"
    reads = "trail.read"
    intro = "Wie wat deed, inzag, ophaalde of niet mocht. Niemand kan hier iets wijzigen, en ook uw kijken staat erin."
    can_view_details = can_export = True
    page_size = 50
    search_hint = "Zoek op naam of e-mailadres"
    related = (AuditEvent.actor, AuditEvent.hospital)
    column_list = ("at", "actor", "action", "subject", "hospital", "result", "address")
    column_details_list = (
        "id", "at", "actor", "roles", "rule", "action", "kind", "subject", "hospital", "result", "detail", "address",
        "request", "previous", "hash",
    )  # fmt: skip
    column_export_list = (
        "id",
        "at",
        "actor",
        "roles",
        "rule",
        "action",
        "subject",
        "hospital",
        "result",
        "detail",
        "address",
        "request",
    )
    column_labels = {
        "id": "Regel", "at": "Wanneer", "actor": "Wie", "roles": "Rollen op dat moment", "rule": "Op grond van",
        "action": "Wat", "kind": "Soort (NEN 7513)", "subject": "Waarover", "hospital": "Ziekenhuis", "result": "Uitkomst",
        "detail": "Bijzonderheden", "address": "Vanaf adres",
        "request": "Nummer van het verzoek", "previous": "Controlegetal vorige regel", "hash": "Controlegetal",
    }  # fmt: skip
    column_choices = {"kind": list(KINDS.items())}
    column_sortable_list = ("at",)
    column_default_sort = ("at", True)
    column_filters = (
        PeriodFilter(AuditEvent.at, "Wanneer"),
        ListFilter(AuditEvent.actor, "Wie", find=User.named, says="bevat"),
        OneOf(AuditEvent.action, "Wat", options=list(ACTION_LABELS.items())),
        OneOf(AuditEvent.result, "Uitkomst", options=[(result, result) for result in RESULTS]),
        OneOf(AuditEvent.case_id, "Proces", find=Case.ids_in, options=list(PROCESS_LABELS.items())),
        ListFilter(AuditEvent.case_id, "Nummer van de melding", find=Case.ids_numbered),
        ListFilter(AuditEvent.hospital, "Ziekenhuis", find=Hospital.named, says="bevat"),
        ListFilter(AuditEvent.request, "Nummer van het verzoek"),
    )

    def _actor(self, context, row, name):
        return row.actor or (row.without_account if row.outsider else "het portaal zelf")

    def _result(self, context, row, name):
        return columns.badge(row.result, "neutral" if row.result == "gelukt" else "error")

    column_formatters = {"actor": _actor, "result": _result}
