"""Births of hospitals and of the country by year, as the coordinator keeps them."""

from wtforms import IntegerField
from wtforms.validators import InputRequired

from admin_views.grid import columns
from admin_views.grid.filters import ListFilter, OneOf
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import clock
from models.accounts.hospital import Hospital
from models.annual_report.births import Births
from models.base import Refused

YEARS = 8  # offered as a filter


def _years():
    this = clock.today().year
    return [(year, str(year)) for year in range(this - 1, this - 1 - YEARS, -1)]


class BirthsView(ScopedModelView):
    """One line per hospital and year; the line without a hospital is the Netherlands."""

    screen = Screen("births", "/geboorten", "Geboorten", of=Births, menu="Naslag")
    ability = "follow"
    intro = "Het aantal geboren kinderen per jaar: de noemer van de incidentie in het jaarverslag, en van de radar."
    create_label = "Geboorten invullen"
    can_create = can_edit = can_export = True
    edit_label = "Geboorten wijzigen: {}"
    related = (Births.hospital, Births.stated_by)
    column_list = ("year", "hospital", "count", "source", "stated_by", "stated_at")
    column_labels = {
        "year": "Jaar", "hospital": "Ziekenhuis", "count": "Geboren kinderen", "source": "Bron", "stated_by": "Ingevuld door",
        "stated_at": "Ingevuld op",
    }  # fmt: skip
    column_sortable_list = ("year", ("hospital", Hospital.name), "count")
    column_default_sort = ("year", True)
    column_filters = (
        OneOf(Births.year, "Jaar", options=_years),
        ListFilter(Births.hospital, "Ziekenhuis", find=Hospital.named, says="bevat"),
    )
    form_columns = ("hospital", "year", "count", "source")
    form_overrides = {"year": IntegerField, "count": IntegerField}
    form_args = {
        "hospital": {"description": "Leeg: heel Nederland."},
        "year": {"validators": [InputRequired()], "description": "Een jaar dat voorbij is."},
        "count": {"validators": [InputRequired()], "description": "Kinderen, niet bevallingen. Vul 0 in als er geen waren."},
        "source": {"description": "Bijvoorbeeld: verloskamerregister, Perined of CBS."},
    }

    def _hospital(self, context, row, name):
        return row.hospital.name if row.hospital_id else columns.badge("Nederland", "info")

    column_formatters = {"hospital": _hospital, "stated_at": columns.when}

    def add(self, form):
        return Births.state(who(), form.hospital.data, form.year.data, form.count.data, form.source.data)

    def save(self, form, row):
        if (form.hospital.data, form.year.data) != (row.hospital, row.year):
            raise Refused("Ziekenhuis en jaar liggen vast. Kies ‘Geboorten invullen’ voor een ander ziekenhuis of jaar.")
        Births.state(who(), form.hospital.data, form.year.data, form.count.data, form.source.data)
