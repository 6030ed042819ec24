"""The audit log of one case and of one account, as lists; reading one leaves a line as well."""

from flask import abort, request, url_for

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import columns, request_values
from admin_views.grid.filters import OneOf, PeriodFilter
from admin_views.grid.list_export import ExportSheet
from admin_views.grid.row_pages import ListAbout
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import access, clock
from models.access import PROCESS_LABELS
from models.accounts.user import User
from models.audit import audit_log
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.files.dossier import file_names
from models.review.access_history import could_see

TOO_CLOSE = ("address", "request", "hash")  # what a hospital does not read of others


class AccessLines(ShortlyAfterSecondStep, ListAbout, ScopedModelView):
    """Lines about one thing, newest first, each in words (`LogLine`)."""

    reads, export_action = "trail.read", "trail.export"
    page_size = 100
    can_export, export_types = True, ("csv", "xlsx")
    empty = ("Nog geen regels",)
    column_list = ("when", "who", "what", "rule", "result", "address")
    column_labels = {
        "when": "Wanneer", "who": "Wie", "what": "Wat", "rule": "Op grond van", "result": "Uitkomst", "address": "Vanaf adres",
    }  # fmt: skip
    column_default_sort = ("id", True)
    column_filters = (
        PeriodFilter(AuditEvent.at, "Wanneer"),
        OneOf(AuditEvent.kind, "Soort", options=list(audit_log.KINDS.items())),
        OneOf(AuditEvent.result, "Uitkomst", options=[(result, result) for result in audit_log.RESULTS]),
    )
    hospital = None  # whose people read: they are told nobody's name outside it

    def complete(self, rows):
        for row in rows:
            row.line = audit_log.LogLine.of(row, self.hospital)
        return rows

    def _said(self, context, row, name):
        return getattr(row.line, name)

    def _who(self, context, row, name):
        line = row.line
        roles = "" if line.roles == "systeem" else " · ".join(filter(None, (line.roles, line.roles and line.behalf)))
        return columns.with_note(line.who, roles)

    def _result(self, context, row, name):
        return columns.badge(row.result, "neutral" if row.result == "gelukt" else "error")

    column_formatters = {"when": _said, "who": _who, "rule": _said, "result": _result, "address": _said}

    def _sheet(self, asked, ids):
        """All that NEN 7513 asks of a line."""
        told = {name: label for name, label in audit_log.COLUMNS.items() if not self.hospital or name not in TOO_CLOSE}
        rows = ([[getattr(row.line, name) for name in told] for row in block] for block in self.blocks(ids))
        return ExportSheet(self.heading, list(told.values()), rows, self._about(asked, len(ids)))


class CaseTrailView(AccessLines):
    """Who looked into a case: whole for its coordinator, without addresses and names of others for its hospital."""

    screen = Screen("case_trail", "/inzage/<key>", "Wie heeft deze melding ingezien", of=AuditEvent, listed=False)
    ability = "review"
    others = ("complete",)
    list_template = "audit/case_trail.html"

    def about(self, key):
        """The case; 404 for who may only study it."""
        case = self.find(Case, key, also=(Case.theme, Case.hospital))
        return case if any(access.may(who(), ability, case.process) for ability in ("review", "complete")) else abort(404)

    @property
    def hospital(self):
        return None if access.may(who(), "review", self.subject.process) else self.subject.hospital

    @property
    def intro(self):
        said = (
            f"Melding {self.subject.number}: wie wat deed, inzag of ophaalde, de nieuwste regel bovenaan. Ook uw kijken staat "
            "erin. Lijsten en exports met meer meldingen tegelijk staan niet per melding in dit overzicht, maar wel in het "
            "logboek van het portaal."
        )
        strangers = "Van beoordelaars, de commissie en andere ziekenhuizen ziet u geen namen. Wilt u meer weten, vraag het dan"
        return f"{said} {strangers} aan Perined." if self.hospital else said

    def above(self):
        case = self.subject
        if self.hospital:
            cases = (PROCESS_LABELS[case.process], url_for("cases.index_view"))
            return [cases, ("Melding", url_for("reporting.case", key=case.key))]
        return [("Werklijst", url_for("review.index")), (f"Melding {case.number}", url_for("review.detail", key=case.key))]

    def told(self, row=None):
        return {"case": self.subject}

    def get_query(self):
        return audit_log.of_case(self.subject, told=self.hospital is not None)

    def beside(self):
        shown = [one for one in self._list_columns if not self.hospital or one[0] not in TOO_CLOSE]
        day, today = request_values.day(request.args.get("dag")), clock.today()
        day = min(day, today) if day else None
        could = could_see(self.subject, day, self.hospital) if day else []
        return {"list_columns": shown, "day": day, "today": today, "could": could}

    def complete(self, rows):
        names = file_names(self.subject)
        for row in super().complete(rows):
            row.file = names.get(row.detail)
        return rows

    def _what(self, context, row, name):
        return columns.with_note(row.line.what, row.file)

    column_formatters = AccessLines.column_formatters | {"what": _what}


class UserTrailView(AccessLines):
    """What one account did, and what was done to it."""

    screen = Screen("user_trail", "/beheer/logboek/gebruiker/<user>", "Logboek van een account", of=AuditEvent, listed=False)
    ability = "manage"
    intro = "Wat dit account deed en wat ermee gebeurde, de nieuwste regel bovenaan. Ook uw kijken staat in het logboek."

    def about(self, user):
        return self.find(User, user, field="id")

    @property
    def heading(self):
        return f"Logboek van {self.subject.name}"

    def above(self):
        return [("Beheer", None), ("Gebruikers", url_for("users.index_view"))]

    def told(self, row=None):
        return {"account": self.subject}

    def get_query(self):
        return audit_log.of_user(self.subject)

    def _what(self, context, row, name):
        return columns.with_note(row.line.what, row.line.subject)

    column_formatters = AccessLines.column_formatters | {"what": _what}
