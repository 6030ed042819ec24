"""One stay on a page: its values, its time line, what is wrong, its versions; and a message as it came."""

from flask import Response, abort, flash, redirect, url_for
from flask_admin import expose

from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import who
from admin_views.lnr.loose_messages import OUTCOME_LOOKS, LooseView
from admin_views.lnr.stay_lists import LOOKS, StaysView
from admin_views.web.screen import Screen
from models import access, clock
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.benchmark.children import standings
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.places.answer import PLACES
from models.lnr.derived import support_timeline
from models.lnr.message import display
from models.lnr.registry import stay_history
from models.lnr.registry.closed_year import ClosedYear, LateChange
from models.lnr.registry.finding_trends import told
from models.lnr.registry.message import OUTCOME_LABELS, ROUTE_LABELS, Message
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.stay import STATE_LABELS, Stay
from models.lnr.year_report.lnr_edition import StayUse

# Where a child lives says too much together with its day of birth; the management does not need it.
OWN_HOSPITAL_ONLY = ("postcode",)


class StayView(RowPage):
    """For the LNR contact of the hospital and the management of the LNR; the original is for the hospital alone."""

    screen = Screen("lnr_stay", "/lnr/opname/<stay>", "LNR-opname", listed=False, below=StaysView)
    along = (Stay.hospital,)
    ability = "consult"

    @expose("/")
    def index(self, stay):
        stay = self.row(stay)
        values, derived, why = stay_history.values(stay)
        own = access.may(who(), "deliver")
        hidden = () if own else OWN_HOSPITAL_ONLY
        values = {name: said for name, said in (values or {}).items() if name not in hidden}
        AuditEvent.log("lnr.read", by=who(), hospital=stay.hospital_id, subject=stay.number)
        return self.render(
            "lnr/stays/stay.html",
            stay=stay,
            own=own,
            state=("Gewist" if stay.erased_at else STATE_LABELS[stay.state], LOOKS[stay.state]),
            sections=list(display.sections(values)),
            derived=list(display.derived(derived or {}, why)),
            support=support_timeline.picture(values, clock.now()),
            wrong=[(flaw, *told(flaw)) for flaw in OpenFinding.of_stay(stay)],
            arrivals=stay_history.arrivals(stay, hidden),
            correctable=own and Message.correctable(stay),
            outcomes=OUTCOME_LABELS,
            looks=OUTCOME_LOOKS,
            standings=standings(stay),
            behind=StayFact.is_behind(stay),
            closed=ClosedYear.of(stay.year) if stay.year else None,
            uses=StayUse.of_stay(stay),
            late=LateChange.of_stay(stay),
            places=PLACES,
            routes=ROUTE_LABELS,
        )


class OriginalView(RowPage):
    """A message as it came, for the LNR contact of the hospital alone; the trail has a line of every look."""

    screen = Screen("lnr_original", "/lnr/bericht/<message>", "LNR-bericht", listed=False, below=LooseView)
    ability = "deliver"

    @expose("/")
    def index(self, message):
        """To read."""
        message, raw = self._original(message)
        text = raw.decode("utf-8", errors="replace")
        return self.render("lnr/stays/original.html", stay=message.stay, message=message, text=text, outcomes=OUTCOME_LABELS)

    @expose("/bestand")
    def file(self, message):
        """As a file."""
        message, raw = self._original(message)
        headers = {"Content-Disposition": f'attachment; filename="lnr-{message.key}.xml"'}
        return Response(raw, mimetype="application/xml", headers=headers)

    def _original(self, message):
        message = self.row(message)
        try:
            return message, message.original(who())
        except Refused as reason:
            flash(str(reason), "error")
            stay = message.stay
            abort(redirect(url_for("lnr_stay.index", stay=stay.key) if stay else url_for("lnr_loose.index_view")))
