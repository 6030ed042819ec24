"""The coordinator's lists over the whole registry, to look things up: cases, remarks and monthly answers."""

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import columns
from admin_views.grid.filters import ListFilter, MonthFilter, OneOf, PeriodFilter, YesNoFilter
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.status import STATUS_LABELS
from models.cases.theme import Theme
from models.files import virus_scanning
from models.monthly.month_answer import PROOF_LABELS, MonthAnswer

KINDS = {"nul": "Nul-melding", "casus": "Casus"}
PATIENT = frozenset({Case.patient_number, Case.patient_hash})  # of the own hospital only (C12)
ENDS = {"": "", "ingetrokken": "ingetrokken", "vervangen": "vervangen door een casus"}


def own_themes():
    """The themes whose cases this person may see, as pairs for a filter."""
    return Theme.pairs(who())


class AllCasesView(ShortlyAfterSecondStep, ScopedModelView):
    """Every case of the own process, without patient numbers; a row leads to the page where it is judged."""

    screen = Screen("all_cases", "/alle-meldingen", "Alle meldingen", of=Case)
    ability = "review"
    shortly = ("export",)
    intro = "Alle meldingen van uw proces. Patiëntnummers ziet alleen het ziekenhuis zelf."
    can_export = True
    export_action = "case.export"
    search_hint = "Zoek op nummer of ziekenhuis"
    related = (Case.hospital, Case.theme, Case.reporter)
    hidden = PATIENT
    column_list = ("number", "hospital", "theme", "status", "status_since", "month", "files", "reporter", "created_at")
    column_export_list = (*column_list, "submitted_at", "approved_at", "closed_why")
    column_labels = {
        "number": "ID", "hospital": "Ziekenhuis", "theme": "Thema", "status": "Status", "status_since": "Sinds",
        "month": "Maand", "files": "Bestanden", "reporter": "Melder", "created_at": "Aangemaakt", "submitted_at": "Ingediend",
        "approved_at": "Goedgekeurd", "closed_why": "Waarom afgesloten",
    }  # fmt: skip
    column_sortable_list = (
        "number", ("hospital", Hospital.name), ("theme", Theme.name), "status", "status_since", "month", "created_at",
    )  # fmt: skip
    column_default_sort = ("created_at", True)
    column_filters = (
        OneOf(Case.status, "Status", options=list(STATUS_LABELS.items())),
        OneOf(Case.theme, "Thema", options=own_themes),
        ListFilter(Case.hospital, "Ziekenhuis", find=Hospital.named, says="bevat"),
        MonthFilter(Case.month, "Maand"),
        PeriodFilter(Case.created_at, "Aangemaakt"),
        PeriodFilter(Case.status_since, "Status sinds"),
    )

    def complete(self, rows):
        return virus_scanning.counted(rows)

    def _number(self, context, row, name):
        return columns.link(f"/beoordelen/{row.key}/", row.number)

    column_formatters = {
        "number": _number, "status": columns.status, "status_since": columns.when, "created_at": columns.when,
        "month": columns.month,
    }  # fmt: skip


class RemarksView(ShortlyAfterSecondStep, ScopedModelView):
    """Messages to hospitals and internal notes of the own process, newest first."""

    screen = Screen("remarks", "/opmerkingen", "Opmerkingen", of=Remark, menu="Naslag")
    ability = "review"
    shortly = ("export",)
    reads = "remark.read"
    intro = "Wat er bij meldingen is geschreven: berichten aan het ziekenhuis en interne notities."
    can_view_details = can_export = True
    related = (Remark.case, Remark.author)
    hidden = PATIENT
    column_list = ("created_at", "case", "author", "internal", "text")
    column_details_list = column_list
    column_labels = {
        "created_at": "Geschreven", "case": "Melding", "author": "Door", "internal": "Alleen intern", "text": "Tekst",
    }  # fmt: skip
    column_sortable_list = ("created_at", ("case", Case.number), ("author", User.name), "internal")
    column_default_sort = ("id", True)
    column_filters = (
        YesNoFilter(Remark.internal, "Alleen intern"),
        PeriodFilter(Remark.created_at, "Geschreven"),
        ListFilter(Remark.case, "Nummer van de melding", find=Case.ids_numbered),
    )

    def _case(self, context, row, name):
        return columns.link(f"/beoordelen/{row.case.key}/", row.case.number)

    def _text(self, context, row, name):
        return columns.short(row.text)

    column_formatters = {"case": _case, "text": _text, "created_at": columns.when}
    column_formatters_detail = {"case": _case}


class AnswersView(ShortlyAfterSecondStep, ScopedModelView):
    """What hospitals answered month by month, with the proof behind it; ended answers included."""

    screen = Screen("answers", "/antwoorden", "Antwoorden per maand", of=MonthAnswer, menu="Naslag")
    ability = "follow"
    shortly = ("export",)
    intro = "Alle antwoorden op de maandelijkse uitvraag, ook de ingetrokken en vervangen antwoorden."
    can_view_details = can_export = True
    related = (MonthAnswer.hospital, MonthAnswer.by, MonthAnswer.ended_by)
    column_list = ("month", "hospital", "kind", "confirmed", "at", "by", "ended_at")
    column_details_list = (*column_list[:4], "proof", "doubt", "note", "at", "by", "ended_at", "ended_why", "ended_by")
    column_export_list = column_details_list
    column_labels = {
        "month": "Maand", "hospital": "Ziekenhuis", "kind": "Antwoord", "confirmed": "Telt mee", "proof": "Hoe gegeven",
        "doubt": "Twijfel", "note": "Aantekening", "at": "Gegeven op", "by": "Door", "ended_at": "Geldt niet meer sinds",
        "ended_why": "Waarom", "ended_by": "Beëindigd door",
    }  # fmt: skip
    column_choices = {"kind": list(KINDS.items()), "ended_why": list(ENDS.items())}
    column_sortable_list = ("month", ("hospital", Hospital.name), "kind", "confirmed", "at", "ended_at")
    column_default_sort = ("id", True)
    column_filters = (
        MonthFilter(MonthAnswer.month, "Maand"),
        ListFilter(MonthAnswer.hospital, "Ziekenhuis", find=Hospital.named, says="bevat"),
        OneOf(MonthAnswer.kind, "Antwoord", options=list(KINDS.items())),
        OneOf(MonthAnswer.proof, "Hoe gegeven", options=list(PROOF_LABELS.items())),
        YesNoFilter(MonthAnswer.confirmed, "Telt mee"),
        PeriodFilter(MonthAnswer.at, "Gegeven op"),
    )
    column_formatters = {"month": columns.month, "at": columns.when, "ended_at": columns.when}
