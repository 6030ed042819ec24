"""The trail of one case and of one account as a page to read; reading it leaves a line as well."""

from flask import abort, request
from flask_admin import expose

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import request_values
from admin_views.grid.list_export import MOST, ExportSheet, local_moment
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.web.screen import Screen
from models import access, clock
from models.accounts.user import User
from models.audit import audit_log
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.files.dossier import file_names

PAGE = 100


class _Lines(ShortlyAfterSecondStep, ScopedView):
    """Lines, newest first, a page at a time, with a filter above them."""

    def _lines(self, template, query, hospital=None, **more):
        page = request_values.page()
        found = [audit_log.LogLine.of(event, hospital) for event in query.limit(PAGE + 1).offset(page * PAGE)]
        here = {name: value for name in ("van", "tot", "soort", "uitkomst") if (value := request.args.get(name))}
        return self.render(
            template,
            lines=found[:PAGE],
            more=len(found) > PAGE,
            page=page,
            here=here,
            kinds=audit_log.KINDS,
            results=audit_log.RESULTS,
            clear=request.path,
            page_url=lambda number: self.get_url(".index", **request.view_args, **here, bladzijde=number),
            **more,
        )


class CaseTrailView(_Lines):
    """Who looked into a case: whole for its coordinator, without addresses and names of others for its hospital."""

    screen = Screen("case_trail", "/inzage/<key>", "Wie heeft ingezien", listed=False)
    ability = "review"
    others = ("complete",)

    @expose("/")
    def index(self, key):
        case, hospital = self._case(key)
        AuditEvent.log("trail.read", by=who(), case=case)
        query = audit_log.of_case(case, _choice(), told=hospital is not None)
        return self._lines("audit/case.html", query, hospital, case=case, own=hospital is not None, names=file_names(case))

    @expose("/export")
    def export(self, key):
        """Everything that the page can show, as CSV with the columns of NEN 7513."""
        case, hospital = self._case(key)
        AuditEvent.log("trail.export", by=who(), case=case)
        events = audit_log.of_case(case, told=hospital is not None).limit(MOST)
        columns = {
            name: label for name, label in audit_log.COLUMNS.items() if hospital is None or name not in ("address", "hash")
        }
        lines = (audit_log.LogLine.of(event, hospital) for event in events)
        rows = [[getattr(line, name) for name in columns] for line in lines]
        about = [("Melding", case.number), ("Gemaakt op", local_moment(clock.now()))]
        return ExportSheet(f"Logboek {case.number}", list(columns.values()), [rows], about).answer("csv")

    def _case(self, key):
        """The case, and its hospital when that is who asks; 404 for who may only study it."""
        case = self.find(Case, key, also=(Case.theme, Case.hospital))
        if access.may(who(), "review", case.process):
            return case, None
        return (case, case.hospital) if access.may(who(), "complete", case.process) else abort(404)


class UserTrailView(_Lines):
    """What one account did, and what was done to it."""

    screen = Screen("user_trail", "/beheer/logboek/gebruiker/<user>", "Logboek van een account", listed=False)
    ability = "manage"

    @expose("/")
    def index(self, user):
        user = self.find(User, user, field="id")
        AuditEvent.log("trail.read", by=who(), account=user)
        return self._lines("audit/user.html", audit_log.of_user(user, _choice()), user=user, names={})


def _choice():
    """Which lines the address asks for; what cannot be meant is left out."""
    first, last = (request_values.day(request.args.get(name)) for name in ("van", "tot"))
    kind, result = request_values.one_of("soort", audit_log.KINDS), request_values.one_of("uitkomst", audit_log.RESULTS)
    return audit_log.LogFilter(first, last, kind, result)
