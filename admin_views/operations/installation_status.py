"""'Toestand': whether everything that should go by itself does, for who looks after the portal; below it each heartbeat."""

from admin_views.grid import columns
from admin_views.grid.scoped_views import ScopedModelView
from admin_views.web.screen import Screen
from models import clock, dutch
from models.operations.health import system_status
from models.operations.health.heartbeat import Heartbeat, Look

LOOKS = {Look.GOOD: "success", Look.LOOK: "info", Look.BAD: "error"}


class InstallationStatusView(ScopedModelView):
    """The readings of /status in words, what is wrong first; then the clocks and workers."""

    screen = Screen("installation_status", "/beheer/toestand", "Toestand", of=Heartbeat, menu="Beheer")
    ability = "manage"
    intro = "Gaat alles wat vanzelf hoort te gaan? Een bewakingsprogramma leest hetzelfde op /status."
    list_template = "operations/installation_status.html"
    empty = ("Nog niets van een worker gehoord", "Start de worker: dan staat hier wat hij op vaste tijden doet.")
    page_size = 100
    column_list = ("name", "look", "at", "due_at")
    column_labels = {"name": "Klok of worker", "look": "Hoe", "at": "Laatst gelukt", "due_at": "Verwacht"}
    column_sortable_list = ("name", "at", "due_at")
    column_default_sort = [("is_worker", True), ("name", False)]

    def _look(self, context, row, name):
        look = row.look(clock.now())
        return columns.badge(look.capitalize(), LOOKS[look])

    def _moment(self, context, row, name):
        return dutch.date_and_time(getattr(row, name))

    column_formatters = {"look": _look, "at": _moment, "due_at": _moment}

    def beside(self):
        found = system_status.readings()
        bad, attention = ([one for one in found if one.look == look] for look in (Look.BAD, Look.LOOK))
        rest = [one for one in found if one.metric != "clock_age_seconds"]
        ordered = sorted(rest, key=lambda one: list(Look)[::-1].index(one.look))
        return {"bad": bad, "attention": attention, "readings": ordered, "looks": LOOKS}
