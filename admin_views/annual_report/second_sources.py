"""Lists of a second source: read in from a spreadsheet, compared with what was reported, and taken back."""

from flask_admin import expose

from admin_views.approval.sheet_import import FromSheet
from admin_views.grid import columns
from admin_views.grid.acts import row_act
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models.annual_report.second_source import SecondSourceList
from models.annual_report.second_source_sheet import SecondSourceSheet
from models.annual_report.source_comparison import comparison_section
from models.audit.audit_event import AuditEvent
from models.report.content import as_text


class SecondSourcesView(FromSheet, ScopedModelView):
    """One line per list; of each year at most one stands."""

    screen = Screen("second_sources", "/tweede-bron", "Tweede bron", of=SecondSourceList, menu="Naslag")
    ability = "follow"
    intro = (
        "Wat een andere registratie telde, per thema, maand en ziekenhuis. De vergelijking laat zien wat hier lijkt te "
        "ontbreken, en staat in het jaarverslag."
    )
    empty = ("Er is nog geen lijst", "Lees een lijst zonder patiëntgegevens in om te zien wat hier lijkt te ontbreken.")
    sheet, sheet_columns = SecondSourceSheet, ("Thema", "Maand", "Ziekenhuis")
    sheet_example = (
        "Eén regel per casus, over één jaar dat voorbij is. Bijvoorbeeld: Peripartum hysterectomie, 2025-03, Amphia. Zet er "
        "niets in dat over een patiënt gaat: geen nummer, geen geboortedatum, geen dag."
    )
    sheet_follows = "Bewaard worden alleen de aantallen per thema, maand en ziekenhuis; het bestand zelf niet."
    sheet_source = "Bijvoorbeeld: LBZ of OK-registers. Dit staat in het jaarverslag."
    related = (SecondSourceList.imported_by, SecondSourceList.taken_back_by)
    column_list = ("year", "source", "rows", "imported_by", "imported_at", "state")
    column_labels = {
        "year": "Jaar", "source": "Bron", "rows": "Casussen", "imported_by": "Ingelezen door", "imported_at": "Ingelezen op",
        "state": "Nu",
    }  # fmt: skip
    column_sortable_list = ("year", "source", "rows", "imported_at")
    column_default_sort = ("imported_at", True)

    def sheet_of(self, sent):
        return SecondSourceSheet(sent.source.data)

    def _year(self, context, row, name):
        return columns.link(self.get_url("second_source.index", listed=row.id), str(row.year)) if row.stands else str(row.year)

    def _state(self, context, row, name):
        if row.stands:
            return columns.badge("Telt mee", "success")
        return columns.with_note(columns.badge("Teruggenomen", "neutral"), f"door {row.taken_back_by.name}")

    column_formatters = {"year": _year, "state": _state, "imported_at": columns.when}

    def suits(self, action, row):
        return row.stands

    take_back = row_act(
        "take_back",
        "Terugnemen",
        SecondSourceList.take_back,
        "lijst is teruggenomen",
        "lijsten zijn teruggenomen",
        confirm=(
            "Wilt u deze lijst terugnemen? De aantallen worden gewist. De vergelijking verdwijnt uit het voorlopige "
            "jaarverslag. In uitgaven die al zijn vastgesteld, blijft ze staan."
        ),
    )


class SecondSourceView(RowPage):
    """One list beside what was reported."""

    screen = Screen("second_source", "/tweede-bron/<listed>", "Vergelijking", listed=False, below=SecondSourcesView)
    ability = "follow"
    named_by = "id"
    along = (SecondSourceList.imported_by,)

    @expose("/")
    def index(self, listed):
        listed = self.row(listed)
        AuditEvent.log("report.read", by=who(), subject=str(listed))
        sections = [comparison_section(listed.year, who())] if listed.stands else []
        return self.render("annual_report/second_source.html", listed=listed, sections=sections, as_text=as_text)
