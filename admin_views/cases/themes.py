"""What is reported, and which documents are asked for: coordinators and the administrator change both, without code."""

from flask_admin.actions import action
from wtforms import RadioField, SelectChoice, SelectField
from wtforms.validators import NumberRange, Optional, ValidationError

from admin_views.grid import columns
from admin_views.grid.filters import OneOf, YesNoFilter
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import access
from models.access import PROCESS_LABELS
from models.base import Refused
from models.cases.theme import RequestedDocument, Theme

ASKED_LOOKS = {"wordt gevraagd": "success", "begint nog": "info", "vervallen": "neutral"}
POSITION = [Optional(), NumberRange(0, 10_000, "Vul een getal in van 0 tot en met 10.000.")]
HOW = [
    SelectChoice("renew", "Voortaan anders. De oude regel vervalt vandaag; de nieuwe geldt voor meldingen vanaf morgen."),
    SelectChoice("reword", "Alleen beter verwoord. De nieuwe tekst komt ook bij bestaande meldingen te staan."),
]


def _ends_after_start(form, field):
    if field.data and form.valid_from.data and field.data < form.valid_from.data:
        raise ValidationError("De laatste dag ligt vóór de eerste dag.")


VALIDITY = {
    "valid_from": {"description": "De eerste dag waarop dit geldt."},
    "valid_to": {"description": "De laatste dag. Leeg: zonder einde.", "validators": [_ends_after_start]},
    "position": {"description": "De plaats in de lijst; het laagste getal staat bovenaan.", "validators": POSITION},
}


class ThemesView(ScopedModelView):
    """The themes of the own process. One that is no longer reported gets a last day; its cases stay."""

    screen = Screen("themes", "/beheer/themas", "Thema's", of=Theme, menu="Beheer")
    ability = "curate"
    intro = "Waarover wordt gemeld. Een thema dat stopt, krijgt een laatste dag; de meldingen blijven."
    create_label = "Thema toevoegen"
    can_create = can_edit = can_view_details = True
    column_list = ("name", "process", "asked_count", "valid_from", "valid_to")
    column_details_list = ("name", "long_name", "process", "definition", "position", "asked_count", "valid_from", "valid_to")
    column_labels = {
        "name": "Naam", "long_name": "Volledige naam", "process": "Proces", "definition": "Omschrijving", "position": "Plaats",
        "asked_count": "Gevraagde documenten", "valid_from": "Vanaf", "valid_to": "Tot en met",
        "always_discussed": "Altijd bespreken",
    }  # fmt: skip
    column_sortable_list = ("name", "process", "valid_from", "valid_to")
    column_default_sort = [(Theme.process, True), (Theme.position, False)]
    column_filters = (YesNoFilter(Theme.valid_to, "Heeft een laatste dag", empty=True),)
    form_columns = ("name", "long_name", "definition", "position", "valid_from", "valid_to", "always_discussed")
    form_args = {
        **VALIDITY,
        "name": {"description": "Kort, zoals het bij een melding staat. Een andere naam geldt ook voor bestaande meldingen."},
        "long_name": {"description": "Zoals het bij 'Nieuwe melding maken' staat."},
        "always_discussed": {"description": "Aan: de commissie bespreekt elke casus van dit thema; geen hamerstuk."},
        "definition": {"description": "Wat er onder het thema valt. Staat op de pagina ‘Nieuwe melding maken’."},
    }
    # Not `process`: a WTForms form has a method of that name.
    form_extra_fields = {"belongs_to": SelectField("Proces", description="Ligt vast zodra het thema er is.")}
    column_extra_row_actions = [
        columns.RowLink("Documenten", "list", lambda theme: f"/beheer/documenten/?flt0_thema_is={theme.id}")
    ]

    def complete(self, rows):
        counts = RequestedDocument.counts()
        for row in rows:
            row.asked_count = counts.get(row.id, 0)
        return rows

    def get_edit_form(self):
        form = super().get_edit_form()
        form.belongs_to = None  # the cases of a theme carry its process: it cannot move
        return form

    def create_form(self, obj=None):
        form = super().create_form(obj)
        own = access.processes(who(), "curate")
        form.belongs_to.choices = [SelectChoice(process, label) for process, label in PROCESS_LABELS.items() if process in own]
        return form

    def _fields(self, form):
        fields = {name: form[name].data for name in self.form_columns}
        # An empty place is no place: the theme keeps the one it has.
        return {name: value for name, value in fields.items() if name != "position" or value is not None}

    def add(self, form):
        return Theme.add(who(), form.belongs_to.data, **self._fields(form))

    def save(self, form, row):
        row.amend(who(), **self._fields(form))


class AskedView(ScopedModelView):
    """The lines of the lists 'De commissie ziet graag de volgende documenten tegemoet'."""

    screen = Screen("asked", "/beheer/documenten", "Gevraagde documenten", of=RequestedDocument, menu="Beheer")
    ability = "curate"
    intro = (
        "Welke documenten de commissie graag ontvangt, per thema en in deze volgorde. "
        "Een melding houdt de lijst van de dag waarop die is gemaakt."
    )
    create_label = "Document toevoegen"
    can_create = can_edit = can_export = True
    page_size = 50
    related = (RequestedDocument.theme,)
    column_list = ("label", "theme", "if_applicable", "state", "valid_from", "valid_to")
    column_labels = {
        "label": "Document", "theme": "Thema", "if_applicable": "Indien van toepassing", "state": "Nu", "position": "Plaats",
        "valid_from": "Vanaf", "valid_to": "Tot en met",
    }  # fmt: skip
    column_sortable_list = ("label", ("theme", Theme.name), "valid_from", "valid_to")
    column_default_sort = [(Theme.position, False), (RequestedDocument.theme, False), (RequestedDocument.position, False)]
    column_filters = (
        OneOf(RequestedDocument.theme, "Thema", options=lambda: Theme.pairs(who())),
        OneOf(RequestedDocument.id, "Nu", find=RequestedDocument.in_state, options=[(state, state) for state in ASKED_LOOKS]),
    )
    form_columns = ("theme", "label", "if_applicable", "position", "valid_from", "valid_to")
    form_args = {
        **VALIDITY,
        "if_applicable": {"description": "Aan: zonder dit document is de melding toch compleet."},
    }
    form_extra_fields = {"how": RadioField("Hoe wilt u dit wijzigen?", choices=HOW, validators=[Optional()])}

    def __init__(self, *args, **kwargs):
        self.column_extra_row_actions = [
            columns.RowButton(self, name, title, icon, shown=lambda row: row.state != "vervallen")
            for name, title, icon in (("up", "Omhoog", "chevron-up"), ("down", "Omlaag", "chevron-down"))
        ]
        super().__init__(*args, **kwargs)

    def _state(self, context, row, name):
        return columns.badge(row.state, ASKED_LOOKS[row.state])

    column_formatters = {"state": _state}

    def get_create_form(self):
        form = super().get_create_form()
        form.how = None
        return form

    def get_edit_form(self):
        form = super().get_edit_form()
        form.theme = None
        return form

    def edit_form(self, obj=None):
        form = super().edit_form(obj)
        if not obj.relied_on:
            del form.how
        return form

    def add(self, form):
        return RequestedDocument.add(who(), **{name: form[name].data for name in self.form_columns})

    def save(self, form, row):
        fields = {name: form[name].data for name in self.form_columns if name in form}
        reworded = any(fields[name] != getattr(row, name) for name in ("label", "if_applicable"))
        how = form.how.data if "how" in form and reworded else "reword"
        if not how:
            form.how.errors = ["Kies een van beide: bij bestaande meldingen staat deze regel al op de lijst."]
            raise Refused("Nog niet opgeslagen. Kies onderaan hoe u dit wilt wijzigen.")
        if fields["position"] is None:
            fields["position"] = row.position
        row.amend(who(), how == "renew", **fields)

    def get_actions_list(self):
        # One row at a time: the buttons stand beside the rows.
        return [], {}

    @action("up", "Omhoog")
    def up(self, rows):
        self._move(rows, -1)

    @action("down", "Omlaag")
    def down(self, rows):
        self._move(rows, 1)

    def _move(self, rows, step):
        for row in rows:
            row.move(who(), step)
