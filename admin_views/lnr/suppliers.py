"""Suppliers and their keys, for who keeps the neonatal registry."""

from flask import flash, redirect, request, url_for
from flask_admin import expose

from admin_views.grid.scoped_views import ScopedView, who
from admin_views.web.screen import Screen
from models import clock
from models.accounts.hospital import Hospital
from models.base import Refused, new_key
from models.lnr.suppliers.api_key import DAYS, MOST_VALID, ApiKey
from models.lnr.suppliers.supplier import REASON, STATUS_LABELS, STATUS_MEANING, Supplier, SupplierStatus

LOOKS = {
    SupplierStatus.AANGEMELD: "neutral",
    SupplierStatus.GETEST: "info",
    SupplierStatus.TOEGELATEN: "success",
    SupplierStatus.GESCHORST: "error",
}
KEY_LOOKS = {"geldig": "success", "verlopen": "neutral", "ingetrokken": "neutral"}


class SuppliersView(ScopedView):
    """A list, a page for each supplier, and a key that is shown once."""

    screen = Screen("lnr_suppliers", "/lnr/leveranciers", "Leveranciers LNR")
    ability = "oversee"

    @expose("/")
    def index(self):
        """Every supplier, and a form to register one."""
        return self.render("lnr/suppliers/index.html", suppliers=list(Supplier.all_by_name()), looks=LOOKS)

    @expose("/", methods=["POST"])
    def enrol(self):
        """Register a supplier."""
        try:
            made = Supplier.enrol(request.form.get("naam", ""), request.form.get("contact", ""), who())
        except Refused as problem:
            flash(str(problem), "error")
            return redirect(url_for(".index"))
        flash(f"{made} is aangemeld en kan met een sleutel testberichten sturen.", "success")
        return redirect(url_for(".supplier", supplier=made.id))

    @expose("/<supplier>/")
    def supplier(self, supplier):
        """One supplier: status and keys."""
        return self._page(self.find(Supplier, supplier, "id"))

    @expose("/<supplier>/status", methods=["POST"])
    def move(self, supplier):
        """Change how far a supplier is."""
        found = self.find(Supplier, supplier, "id")
        status, reason = (request.form.get(name, "") for name in ("status", "reden"))
        return self._done(found, lambda: found.move(status, who(), reason), "De status is gewijzigd.")

    @expose("/<supplier>/sleutel", methods=["POST"])
    def issue(self, supplier):
        """Make a key, and show it: the only page that ever does."""
        found, chosen = self.find(Supplier, supplier, "id"), request.form.get("ziekenhuis", "")
        hospital = self.find(Hospital, chosen, "code")
        try:
            key, token = ApiKey.issue(found, hospital, who(), request=request.form.get("verzoek"))
        except Refused as problem:
            flash(str(problem), "error")
            return redirect(url_for(".supplier", supplier=found.id))
        return self._page(found, made=key, token=token)

    @expose("/<supplier>/sleutel/<number>/intrekken", methods=["POST"])
    def revoke(self, supplier, number):
        """End a key at once."""
        found, row = self.find(Supplier, supplier, "id"), self.find(ApiKey, number, "id")
        return self._done(found, lambda: row.revoke(who()), "De sleutel is ingetrokken en opent niets meer.")

    def _page(self, supplier, made=None, token=None):
        return self.render(
            "lnr/suppliers/supplier.html",
            supplier=supplier,
            keys=ApiKey.of(supplier),
            made=made,
            token=token,
            now=clock.now(),
            hospitals=Hospital.reporting(),
            wanted=new_key(),
            days=DAYS,
            most=MOST_VALID,
            looks=LOOKS,
            key_looks=KEY_LOOKS,
            labels=STATUS_LABELS,
            meanings=STATUS_MEANING,
            reason=REASON,
        )

    def _done(self, supplier, verb, sentence):
        try:
            verb()
            flash(sentence, "success")
        except Refused as problem:
            flash(str(problem), "error")
        return redirect(url_for(".supplier", supplier=supplier.id))
