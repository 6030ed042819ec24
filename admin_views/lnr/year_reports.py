"""The year reports of the LNR: the editions of the own hospital and of the country, on the page, as PDF and as workbook."""

from flask import Response, abort, redirect, request, url_for
from flask_admin import expose

from admin_views.grid import columns
from admin_views.grid.filters import ListFilter
from admin_views.grid.list_export import as_csv
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.report.report_file import KINDS, report_file
from admin_views.web.screen import Screen
from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.lnr.year_report.lnr_edition import LnrEdition
from models.report.content import as_text

NATIONAL = "Alle NICU’s samen"
CSV = "csv"


class YearReportsView(ScopedModelView):
    """Every edition stays; the newest stands first."""

    screen = Screen("lnr_year_reports", "/lnr/jaarverslagen", "LNR-jaarverslagen", of=LnrEdition, menu="Cijfers")
    ability = "consult"
    intro = "Het jaarverslag van een gesloten opnamejaar: per ziekenhuis met een NICU, en van alle NICU’s samen."
    empty = ("Nog geen jaarverslag", "Het verslag wordt gemaakt nadat het LNR-beheer een opnamejaar heeft gesloten.")
    related = (LnrEdition.hospital,)
    hidden = frozenset({LnrEdition.content})
    column_list = ("year", "hospital", "number", "used", "settled_at")
    column_labels = {
        "year": "Opnamejaar", "hospital": "Over", "number": "Uitgave", "used": "Opnamen", "settled_at": "Vastgesteld op",
    }  # fmt: skip
    column_sortable_list = ("year", ("hospital", Hospital.name), "settled_at")
    column_default_sort = [("year", True), ("number", True), ("id", False)]
    column_filters = (ListFilter(LnrEdition.hospital, "Ziekenhuis", find=Hospital.named, says="bevat"),)

    column_formatters = {
        "year": lambda view, context, row, name: columns.link(url_for("lnr_year_report.index", report=row.key), str(row.year)),
        "hospital": lambda view, context, row, name: row.hospital.name if row.hospital_id else NATIONAL,
        "used": lambda view, context, row, name: row.used if row.hospital_id else "–",
        "settled_at": columns.when,
    }


class YearReportView(RowPage):
    """One edition."""

    screen = Screen("lnr_year_report", "/lnr/jaarverslag/<report>", "LNR-jaarverslag", listed=False, below=YearReportsView)
    ability = "consult"

    def is_accessible(self):
        return super().is_accessible() or self._public() is not None

    def _public(self):
        """The edition that the address names, when everybody may read it."""
        asked = (request.view_args or {}).get("report")  # the menu asks of every page whether this one opens
        return next((one for one in LnrEdition.public() if one.key == asked), None) if asked else None

    @expose("/")
    def index(self, report):
        """To read."""
        edition = self._edition(report, "pagina")
        inside = super().is_accessible()
        return self.render(
            "lnr/year_report/report.html", edition=edition, content=edition.parsed, as_text=as_text, inside=inside
        )

    @expose("/bestand/<kind>")
    def file(self, report, kind):
        """As pdf or xlsx; as csv the table of the indicators alone, as the report tells it."""
        if kind not in (*KINDS, CSV):
            abort(404)
        edition = self._edition(report, kind)
        about = f"lnr-{edition.year}-{edition.hospital.code if edition.hospital_id else 'landelijk'}-uitgave-{edition.number}"
        if kind == CSV:
            table = next(one for one in edition.parsed.sections if one.key == "indicatoren").tables[0]
            body, mimetype = as_csv(table.head, [table.rows])
            headers = {"Content-Disposition": f'attachment; filename="indicatoren-{about}.csv"'}
            return Response(body, mimetype=mimetype, headers=headers)
        return report_file(edition.parsed, edition.said, edition.settled_at, kind, f"jaarverslag-{about}")

    def onward(self, edition, anchor=None):
        return redirect(self.get_url(".index", report=edition.key, _anchor=anchor))

    def _edition(self, key, how):
        if not super().is_accessible():  # for everybody: no line, as of a page that says who may read what
            return self._public()
        edition = self.row(key)
        AuditEvent.log("lnr.report_read", by=who(), hospital=edition.hospital_id, subject=str(edition), detail=how)
        return edition
