"""Suppliers and their keys, for who keeps the neonatal registry: two lists, and how far a supplier is."""

from flask import g, url_for
from flask_admin import expose
from wtforms import StringField
from wtforms.validators import DataRequired

from admin_views.grid import columns
from admin_views.grid.act_forms import ActForm, RowField, TextField
from admin_views.grid.acts import act, row_act
from admin_views.grid.filters import OneOf
from admin_views.grid.row_pages import ListAbout, RowPage
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import dutch
from models.accounts.hospital import Hospital
from models.base import new_key
from models.lnr.suppliers.api_key import DAYS, MOST_VALID, ApiKey
from models.lnr.suppliers.qualification import admit, counts, progress
from models.lnr.suppliers.scenarios import ScenarioState, wanted
from models.lnr.suppliers.supplier import NO_NAME, REASON, STATUS_LABELS, STATUS_MEANING, Supplier, SupplierStatus

LOOKS = {
    SupplierStatus.AANGEMELD: "neutral",
    SupplierStatus.GETEST: "info",
    SupplierStatus.TOEGELATEN: "success",
    SupplierStatus.GESCHORST: "error",
}
KEY_LOOKS = {"geldig": "success", "verlopen": "neutral", "ingetrokken": "neutral"}
STATES = {
    ScenarioState.OPEN: ("Nog niet ontvangen", "neutral"),
    ScenarioState.GOED: ("Goed", "success"),
    ScenarioState.AFWIJKEND: ("Wijkt af", "warning"),
}


class SuppliersView(ScopedModelView):
    """'Leveranciers LNR'."""

    screen = Screen("lnr_suppliers", "/lnr/leveranciers", "Leveranciers LNR", of=Supplier, menu="Leveranciers")
    ability = "oversee"
    intro = "Wie de software maakt waarmee ziekenhuizen berichten aan de LNR sturen."
    empty = (
        "Er is nog geen leverancier aangemeld",
        "Meld er een aan, en maak dan een sleutel voor het ziekenhuis waarvoor hij aanlevert.",
    )
    can_create, create_label = True, "Leverancier aanmelden"
    form_columns = ("name", "contact")
    form_extra_fields = {
        "name": StringField("Naam", [DataRequired(NO_NAME)]),
        "contact": StringField("E-mailadres", description="Hierheen gaat bericht van de toelating. Mag leeg blijven."),
    }
    column_list = ("name", "status", "created_at")
    column_labels = {
        "name": "Leverancier", "status": "Status", "created_at": "Aangemeld op",
        "done": "Stappen goed",
    }  # fmt: skip
    column_sortable_list = ("name", "status", "created_at")
    column_default_sort = "name"
    column_filters = (OneOf(Supplier.status, "Status", options=list(STATUS_LABELS.items())),)

    def _name(self, context, row, name):
        return columns.link(url_for("lnr_keys.index_view", supplier=row.id), row.name)

    def _status(self, context, row, name):
        return columns.with_note(columns.badge(STATUS_LABELS[row.status], LOOKS[row.status]), row.meaning)

    column_formatters = {"name": _name, "status": _status, "created_at": columns.moment}

    def add(self, form):
        return Supplier.enrol(form.name.data, form.contact.data, who())

    def get_save_return_url(self, model, is_created):
        return url_for("lnr_keys.index_view", supplier=model.id)


class QualificationView(SuppliersView):
    """The same suppliers, by how many steps of the scenarios they have done."""

    screen = Screen("lnr_qualification", "/lnr/kwalificatie", "Kwalificatie LNR", of=Supplier, menu="Leveranciers")
    list_template = "lnr/suppliers/qualification.html"
    intro = "Hoe ver elke leverancier is met de scenario's van de LNR."
    empty = (
        "Er is nog geen leverancier aangemeld",
        "Zodra een leverancier een sleutel heeft en testberichten stuurt, ziet u hier hoe ver hij is.",
    )
    can_create = False
    column_list = ("name", "status", "done")

    def complete(self, rows):
        done, of = counts()
        for row in rows:
            row.done, row.of = done.get(row.id, 0), of
        return rows

    def _name(self, context, row, name):
        return columns.link(url_for("lnr_scenarios.index", supplier=row.id), row.name)

    def _done(self, context, row, name):
        return columns.progress(row.done, row.of, f"Stappen goed van {row.name}")

    column_formatters = SuppliersView.column_formatters | {"name": _name, "done": _done}


class ScenariosView(RowPage):
    """One supplier: per scenario what is done and what differs; and letting it in."""

    screen = Screen(
        "lnr_scenarios",
        "/lnr/kwalificatie/<supplier>",
        "Kwalificatie van een leverancier",
        listed=False,
        below=QualificationView,
    )
    named_by = "id"
    ability = "oversee"

    @expose("/")
    def index(self, supplier):
        (supplier,) = self.rows(supplier=supplier)
        return self.render(
            "lnr/suppliers/scenarios.html",
            supplier=supplier,
            scenarios=progress(supplier),
            wanted=wanted(),
            states=STATES,
            may_admit=supplier.status == SupplierStatus.GETEST,
        )

    admit = act("/toelaten", admit, done="{0} is toegelaten en krijgt daarvan bericht.")


class NewStatus(ActForm):
    status = TextField()
    reason = TextField(name="reden")


class NewApiKey(ActForm):
    hospital = RowField(name="ziekenhuis", model=Hospital, field="code")
    request = TextField(name="verzoek", default=None)


class KeysView(ListAbout, ScopedModelView):
    """One supplier: its keys, a new one, and its status. The text of a key is shown once."""

    screen = Screen("lnr_keys", "/lnr/leveranciers/<supplier>", "Sleutels van een leverancier", of=ApiKey, listed=False)
    ability = "oversee"
    list_template = "lnr/suppliers/keys.html"
    related = (ApiKey.hospital,)
    hidden = frozenset({ApiKey.token_hash})
    scope = "of"
    empty = ("Er is nog geen sleutel", "Maak er hieronder een.")
    column_list = ("hospital", "hint", "state", "expires_at", "last_used_at")
    column_labels = {
        "hospital": "Ziekenhuis", "hint": "Begint met", "state": "Sleutel", "expires_at": "Geldig tot",
        "last_used_at": "Laatst gebruikt",
    }  # fmt: skip
    column_sortable_list = (("hospital", Hospital.name), "expires_at", "last_used_at")
    column_default_sort = ("created_at", True)

    def about(self, supplier):
        return self.find(Supplier, supplier, "id")

    @property
    def heading(self):
        return self.subject.name

    @property
    def intro(self):
        return f"{STATUS_LABELS[self.subject.status]}: {self.subject.meaning}."

    def above(self):
        return [("Leveranciers LNR", url_for("lnr_suppliers.index_view"))]

    def beside(self):
        return {
            "supplier": self.subject,
            "shown_once": g.get("shown_once"),
            "hospitals": Hospital.reporting(),
            "wanted": new_key(),
            "days": DAYS,
            "most": MOST_VALID,
            "labels": STATUS_LABELS,
            "meanings": STATUS_MEANING,
            "reason": REASON,
        }

    def _expires(self, context, row, name):
        left = row.days_left()
        ends = left is not None and columns.badge(f"verloopt over {dutch.plural(left, 'dag', 'dagen')}", "warning")
        return columns.with_note(dutch.date_and_time(row.expires_at), ends)

    column_formatters = {
        "hint": lambda view, context, row, name: f"{row.hint}…",
        "state": lambda view, context, row, name: columns.badge(row.state().capitalize(), KEY_LOOKS[row.state()]),
        "expires_at": _expires,
        "last_used_at": columns.moment,
    }

    def suits(self, action, row):
        return row.state() == "geldig"

    move = act("/status", Supplier.move, form=NewStatus, done="De status is gewijzigd.")
    revoke = row_act(
        "revoke",
        "Intrekken",
        ApiKey.revoke,
        "sleutel is ingetrokken en opent niets meer",
        "sleutels zijn ingetrokken en openen niets meer",
        confirm="Wilt u dit intrekken? Berichten met deze sleutel worden meteen geweigerd.",
    )

    issue = act("/sleutel", ApiKey.issue, form=NewApiKey, then=lambda view, made, supplier: view.show_once(made))

    def show_once(self, made):
        """The key and its text: the only page that ever does."""
        g.shown_once = made
        return self.index_view(**g.named)
