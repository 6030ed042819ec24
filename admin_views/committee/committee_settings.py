"""'Instellingen van de commissie': what each committee holds to. The list is the history; above it stands what counts."""

from flask import redirect, request
from wtforms import IntegerField, SelectChoice, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from admin_views.grid import columns
from admin_views.grid.act_forms import ActForm, TextField
from admin_views.grid.acts import Acts, act
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import access
from models.access import PROCESS_LABELS
from models.committee.rules.committee_settings import (
    FEWEST,
    MOST_AHEAD,
    MOST_ASSESSORS,
    MOST_DUE_DAYS,
    MOST_LOOK_BACK,
    MOST_QUORUM,
    CommitteeSettings,
)


def _number(low, high, description, needed=True):
    bounds = NumberRange(low, high, f"Kies een getal van {low} tot en met {high}.")
    first = InputRequired("Vul een getal in.") if needed else Optional()
    return {"validators": [first, bounds], "description": description, "render_kw": {"min": low, "max": high}}


def _restored(made):
    if made.waits:
        return "De geleverde instellingen gelden pas als een tweede persoon ze bevestigt. Tot dan blijft alles zoals het is."
    return "De geleverde instellingen gelden weer."


class OfSettings(ActForm):
    """Which committee, and which of its settings the page showed."""

    belongs_to = TextField(name="commissie")  # not `process`: a WTForms form has a method of that name
    seen = IntegerField(name="nummer")

    def arguments(self):
        return {"process": self.belongs_to.data, "seen": self.seen.data}


class CommitteeSettingsView(Acts, ScopedModelView):
    """Every change there was, and for each committee what counts now and what waits for a second person."""

    screen = Screen("committee_settings", "/beheer/commissie", "Commissie-instellingen", of=CommitteeSettings, menu="Beheer")
    ability = "curate"
    list_template = "committee/settings/list.html"
    create_template = "committee/settings/create.html"
    intro = "Waar de commissie zich aan houdt. Hieronder staat wie dat wanneer wijzigde."
    empty = ("Nog nooit gewijzigd", "De instellingen zijn zoals ze zijn geleverd.")
    create_label = "Instellingen van de commissie wijzigen"
    can_create = True
    related = (CommitteeSettings.changed_by, CommitteeSettings.confirmed_by)
    column_list = (
        "changed_at", "changed_by", "process", "assessors", "due_days", "look_back", "region_blocks", "quorum",
        "first_reminder", "second_reminder", "counts_from",
    )  # fmt: skip
    column_labels = {
        "changed_at": "Gewijzigd", "changed_by": "Door", "process": "Commissie", "assessors": "Beoordelaars per casus",
        "due_days": "Inleveren (dagen ervoor)", "look_back": "Werkplek telt nog (maanden)",
        "region_blocks": "Opvangregio is een band", "quorum": "Quorum", "first_reminder": "Eerste herinnering (dagen ervoor)",
        "second_reminder": "Tweede herinnering (dagen ervoor)", "counts_from": "Geldt vanaf",
    }  # fmt: skip
    column_sortable_list = ("changed_at",)
    column_default_sort = ("changed_at", True)
    form_columns = ("assessors", "due_days", "look_back", "region_blocks", "quorum", "first_reminder", "second_reminder")
    form_args = {
        "assessors": _number(FEWEST, MOST_ASSESSORS, "Zoveel leden noemt de coördinator ten minste bij een casus."),
        "due_days": _number(1, MOST_DUE_DAYS, "Dagen voor de vergadering. Wat al is gepland, houdt zijn dag."),
        "look_back": _number(
            0, MOST_LOOK_BACK, "Zoveel maanden na de laatste dag. Minder maanden gelden pas na een tweede persoon."
        ),
        "region_blocks": {"description": "Uitzetten geldt pas als een tweede persoon dat bevestigt."},
        "quorum": _number(
            1, MOST_QUORUM, "Zoveel leden zonder band met de casus zijn er ten minste bij de bespreking. Leeg: geen.", False
        ),
        "first_reminder": _number(2, MOST_AHEAD, "Dagen voor de inleverdag. Op de inleverdag zelf gaat er altijd een mail."),
        "second_reminder": _number(1, MOST_AHEAD - 1, "Minder dagen voor de inleverdag dan de eerste."),
    }
    form_extra_fields = {
        "belongs_to": SelectField("Commissie"),
        "seen": IntegerField(widget=HiddenInput()),
    }

    def _counts(self, context, row, name):
        if row.counts_from:
            told = f"bevestigd door {row.confirmed_by.name}" if row.confirmed_by_id else ""
            return columns.with_note(columns.when(self, context, row, name), told)
        waits = row.number == CommitteeSettings.latest(row.process).number
        return columns.badge("wacht op een tweede persoon" if waits else "ging niet door", "warning" if waits else "neutral")

    column_formatters = {
        "changed_at": columns.when, "counts_from": _counts, "quorum": lambda view, context, row, name: row.quorum or "geen",
    }  # fmt: skip

    @property
    def mine(self):
        """The committees that this person keeps the settings of."""
        return sorted(access.processes(who(), self.ability), reverse=True)

    def beside(self):
        told = [(one, PROCESS_LABELS[one], CommitteeSettings.of(one), CommitteeSettings.latest(one)) for one in self.mine]
        return {"committees": told, "me": who()}

    @property
    def chosen(self):
        """The committee that the address names, or else the first."""
        asked = request.args.get("commissie")
        return asked if asked in self.mine else self.mine[0]

    def latest(self):
        """What somebody chose last for that committee, for the page on which it is changed."""
        return CommitteeSettings.latest(self.chosen)

    def create_form(self, obj=None):
        """The settings that count now, of the committee that the address names."""
        process = self.chosen
        form = super().create_form(obj or CommitteeSettings.of(process))
        form.belongs_to.choices = [SelectChoice(process, PROCESS_LABELS[process])]
        if form.seen.data is None:
            form.seen.data = CommitteeSettings.latest(process).mark
        return form

    def add(self, form):
        chosen = {name: form[name].data for name in self.form_columns}
        return CommitteeSettings.amend(who(), form.belongs_to.data, form.seen.data, **chosen)

    restore = act("/geleverd", CommitteeSettings.restore, form=OfSettings, done=_restored)
    confirm = act("/bevestigen", CommitteeSettings.confirm, form=OfSettings, done="De wijziging geldt vanaf nu.")
    drop = act("/niet-doorgaan", CommitteeSettings.drop, form=OfSettings, done="De wijziging gaat niet door.")

    def onward(self, anchor=None):
        return redirect(self.get_url(".index_view"))
