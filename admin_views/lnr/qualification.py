"""How far suppliers are with the scenarios, for who keeps the neonatal registry; and letting them in."""

from flask import flash, redirect, url_for
from flask_admin import expose

from admin_views.grid.scoped_views import ScopedView, who
from admin_views.web.screen import Screen
from models.base import Refused
from models.lnr.suppliers.qualification import admit, counts, progress
from models.lnr.suppliers.scenarios import ScenarioState, wanted
from models.lnr.suppliers.supplier import Supplier, SupplierStatus

STATES = {
    ScenarioState.OPEN: ("Nog niet ontvangen", "neutral"),
    ScenarioState.GOED: ("Goed", "success"),
    ScenarioState.AFWIJKEND: ("Wijkt af", "warning"),
}


class QualificationView(ScopedView):
    """Suppliers and their scenarios."""

    screen = Screen("lnr_qualification", "/lnr/kwalificatie", "Kwalificatie LNR")
    ability = "oversee"

    @expose("/")
    def index(self):
        """Every supplier with the number of steps that are done."""
        done, of = counts()
        return self.render("lnr/qualification/index.html", suppliers=Supplier.all_by_name(), done=done, of=of)

    @expose("/<supplier>")
    def supplier(self, supplier):
        """Per scenario what is done and what differs."""
        found = self.find(Supplier, supplier, "id")
        return self.render(
            "lnr/qualification/supplier.html",
            supplier=found,
            scenarios=progress(found),
            wanted=wanted(),
            states=STATES,
            may_admit=found.status == SupplierStatus.GETEST,
        )

    @expose("/<supplier>/toelaten", methods=["POST"])
    def admit(self, supplier):
        """Let the supplier send what counts."""
        found = self.find(Supplier, supplier, "id")
        try:
            admit(found, who())
            flash(f"{found} is toegelaten en krijgt daarvan bericht.", "success")
        except Refused as problem:
            flash(str(problem), "error")
        return redirect(url_for(".supplier", supplier=found.id))
