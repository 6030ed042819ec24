"""The outbox: what was mailed, what waits, and what a person has to decide."""

from admin_views.grid import columns
from admin_views.grid.acts import row_act
from admin_views.grid.filters import ListFilter, MonthFilter, OneOf, PeriodFilter
from admin_views.grid.scoped_views import ScopedModelView
from admin_views.web.screen import Screen
from models.accounts.hospital import Hospital
from models.cases.case import Case
from models.mail.outbox import MAIL_LABELS, MAIL_STATUS_LABELS, Mail, MailStatus

LOOKS = {
    MailStatus.WACHT: "info", MailStatus.DAGMAIL: "info", MailStatus.BEZIG: "info", MailStatus.VERZONDEN: "success",
    MailStatus.ONZEKER: "warning", MailStatus.MISLUKT: "error", MailStatus.VERVALLEN: "neutral",
}  # fmt: skip

OPEN_ENDS = (MailStatus.ONZEKER, MailStatus.MISLUKT)


class OutboxView(ScopedModelView):
    """Every mail of the portal. Its text is kept without the links that open something."""

    screen = Screen("outbox", "/beheer/mail", "Uitgaande mail", of=Mail, menu="Beheer")
    ability = "manage"
    intro = "Alle mails van het portaal. Een mail wordt nooit vanzelf twee keer verzonden."
    list_template, details_template = "mail/outbox/list.html", "mail/outbox/details.html"
    can_view_details = can_export = True
    search_hint = "Zoek op naam of e-mailadres"
    column_list = ("created_at", "name", "to", "hospital", "status", "sent_at")
    column_export_list = (*column_list, "attempts", "error", "month")
    column_details_list = (
        "name", "to", "hospital", "month", "status", "created_at", "sent_at", "not_before", "attempts", "error",
    )  # fmt: skip
    column_labels = {
        "created_at": "Gemaakt", "name": "Soort", "to": "Aan", "hospital": "Ziekenhuis", "status": "Status",
        "sent_at": "Verzonden", "attempts": "Mislukte pogingen", "error": "Melding van de mailserver", "month": "Maand",
        "not_before": "Niet eerder dan",
    }  # fmt: skip
    related = (Mail.hospital,)
    column_sortable_list = ("created_at", "name", ("hospital", Hospital.name), "status", "sent_at")
    column_default_sort = ("created_at", True)
    column_filters = (
        OneOf(Mail.status, "Status", options=list(MAIL_STATUS_LABELS.items())),
        OneOf(Mail.name, "Soort", options=list(MAIL_LABELS.items())),
        PeriodFilter(Mail.created_at, "Gemaakt"),
        ListFilter(Mail.hospital, "Ziekenhuis", find=Hospital.named, says="bevat"),
        MonthFilter(Mail.month, "Maand"),
        ListFilter(Mail.case_id, "Nummer van de melding", find=Case.ids_numbered),
    )

    def _status(self, context, row, name):
        return columns.badge(MAIL_STATUS_LABELS[row.status], LOOKS[row.status])

    def _with_error(self, context, row, name):
        return columns.with_note(self._status(context, row, name), columns.short(row.error, 80))

    column_formatters = {"status": _with_error, "created_at": columns.when, "sent_at": columns.when}
    column_formatters_detail = {"status": _status, "month": columns.month}

    def suits(self, action, row):
        return row.status in OPEN_ENDS

    def beside(self):
        return {"undecided": Mail.undecided(), "resting": Mail.resting_until()}

    resend = row_act(
        "resend",
        "Opnieuw aanbieden",
        Mail.offer_again,
        "mail opnieuw aangeboden",
        "mails opnieuw aangeboden",
        confirm="Wilt u dit nog een keer versturen? Misschien krijgt iemand de mail dan dubbel.",
    )
    drop = row_act(
        "drop",
        "Niet meer versturen",
        Mail.drop,
        "mail vervalt",
        "mails vervallen",
        confirm="Wilt u deze mail laten vervallen? Hij wordt dan niet meer verstuurd.",
    )
