"""How people reach Perined; shown on the log-in page, at errors, in the handbook and in every mail."""

from wtforms.validators import Email, Optional

from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models.accounts.contact_point import FIELD_LABELS, ContactPoint


class ContactPointsView(ScopedModelView):
    """One row for the portal, and one for each part of the work that has people of its own."""

    screen = Screen("contact", "/beheer/contact", "Contact", of=ContactPoint, menu="Beheer")
    ability = "manage"
    intro = (
        "Zo bereikt men Perined. Dit staat bij het inloggen, bij fouten, in de handleiding en in elke mail. Een antwoord op "
        "een mail gaat naar dit adres. Wat u bij een onderdeel leeg laat, is gelijk aan dat van het portaal."
    )
    can_edit, edit_label = True, "Contact wijzigen: {}"
    column_list = ("about", "mail", "phone", "hours")
    column_labels = {"about": "Voor"} | FIELD_LABELS
    column_default_sort = "id"
    form_columns = ("mail", "phone", "hours")
    form_args = {
        "mail": {"description": "Een adres dat iemand leest.", "validators": [Optional(), Email("Dit is geen e-mailadres.")]},
        "phone": {"description": "Bijvoorbeeld 030-1234567."},
        "hours": {"description": "Bijvoorbeeld: werkdagen van 9 tot 17 uur."},
    }

    def save(self, form, row):
        row.amend(who(), **{name: form[name].data for name in self.form_columns})
