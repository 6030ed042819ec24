"""The first page: it leads to the work of whoever is logged in."""

from flask import current_app, redirect, url_for
from flask_admin import AdminIndexView, expose
from flask_security import current_user

from admin_views.search.results import Searching
from admin_views.web.safe_redirect import log_in_first
from models import access
from models.approval.held_change import HeldChange

# ability -> (endpoint, name of the work, one sentence about it), most urgent work first
DOORS = (
    ("complete", "cases.index_view", "NethOSS / LZA1-meldingen", "Meldingen van uw ziekenhuis aanvullen en indienen."),
    ("review", "review.index", "Werklijst", "Ingediende meldingen beoordelen."),
    ("study", "committee.index_view", "Mijn casussen", "De casussen van uw commissie lezen en beoordelen."),
    ("deliver", "lnr_stays.index_view", "LNR-opnamen", "Bekijken wat uw ziekenhuis aan de LNR leverde."),
    ("oversee", "lnr_overview.index", "LNR", "De aangeleverde opnamen en de leveranciers volgen."),
    ("manage", "hospitals.index_view", "Beheer", "Ziekenhuizen, gebruikers en instellingen beheren."),
)


class StartView(Searching, AdminIndexView):
    """Straight to the work when there is one kind of it, else a choice."""

    @expose("/")
    def index(self):
        if not current_user.is_authenticated:
            return log_in_first()
        doors = [door for door in DOORS if door[1] in current_app.view_functions and access.may(current_user, door[0])]
        if len(doors) == 1:
            return redirect(url_for(doors[0][1]))
        return self.render("web/start.html", doors=doors, waiting=not doors and HeldChange.waits_for(current_user))
