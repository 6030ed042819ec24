"""Legal holds: which cases keep everything, and placing one by the number of the case."""

from wtforms import StringField
from wtforms.validators import DataRequired

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import columns
from admin_views.grid.acts import row_act
from admin_views.grid.filters import PeriodFilter, YesNoFilter
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models.retention.legal_hold import LONGEST, LegalHold, Lifted


def state(view, context, row, name):
    """How a hold stands, with who asks to lift it."""
    badge = columns.badge(row.state.capitalize(), "neutral" if row.lifted_at else "warning")
    return columns.with_note(badge, f"door {row.lift_asked_by.name}") if row.lift_asked_at and not row.lifted_at else badge


class Holds(ShortlyAfterSecondStep, ScopedModelView):
    """Any list of holds that stand and stood: placing one by a number, and two people who lift it.

    Each list says whose holds it shows, and what lifting one does.
    """

    shortly = ("action_view",)
    can_create, create_label = True, "Bewaarplicht instellen"
    column_list = ("number", "reason", "placed_by", "placed_at", "state")
    column_formatters = {
        "placed_by": lambda view, context, row, name: row.placed_by.name,
        "state": state,
    }
    column_default_sort = ("placed_at", True)
    form_columns = ("number", "reason")

    def add(self, form):
        return self.model.place_on(form.number.data, who(), form.reason.data)

    def suits(self, action, row):
        asked = row.lift_asked_at is not None
        if row.lifted_at is not None or (action == "lift" and row.lift_asked_by_id == who().id):
            return False
        return asked == (action != "ask_to_lift")

    ask_to_lift = row_act(
        "ask_to_lift",
        "Opheffen",
        Lifted.ask_to_lift,
        "bewaarplicht wordt opgeheven zodra iemand anders dat bevestigt",
        "bewaarplichten worden opgeheven zodra iemand anders dat bevestigt",
        confirm="Wilt u de bewaarplicht opheffen? Iemand anders moet dat bevestigen. Daarna gelden de bewaartermijnen weer.",
    )
    keep = row_act(
        "keep",
        "Toch bewaren",
        Lifted.keep,
        "bewaarplicht blijft gelden",
        "bewaarplichten blijven gelden",
        confirm="Moet de bewaarplicht blijven gelden?",
    )


def labels(of):
    """The heads of the columns, where a hold is on `of`."""
    return dict(number=of, reason="Reden", placed_by="Ingesteld door", placed_at="Ingesteld op", state="Nu")


def fields(label, example):
    """What is asked to place one: a number that looks like `example`, and why."""
    why = f"Hoogstens {LONGEST} tekens, zonder patiëntgegevens."
    return {
        "number": StringField(label, [DataRequired("Vul het nummer in.")], description=f"Zoals {example}."),
        "reason": StringField("Waarom", [DataRequired("Vul de reden in.")], description=why),
    }


def filters(of):
    """What holds of the model `of` are looked for by."""
    return YesNoFilter(of.lifted_at, "Opgeheven", empty=True), PeriodFilter(of.placed_at, "Ingesteld op")


def lifting(verb, more=""):
    """The act of the second person, who lifts what another asked to lift."""
    return row_act(
        "lift",
        "Opheffen bevestigen",
        verb,
        "bewaarplicht is opgeheven",
        "bewaarplichten zijn opgeheven",
        confirm=f"Weet u het zeker? Daarna gelden de bewaartermijnen weer, en wat vernietigd wordt kan niet terug.{more}",
    )


class LegalHoldsView(Holds):
    """The holds on cases; for who sees no cases the only place to set one."""

    screen = Screen("holds", "/bewaarplicht", "Bewaarplicht", of=LegalHold, menu="Privacy")
    ability = "curate"
    intro = (
        "Van een melding met bewaarplicht wordt niets vernietigd, ook niet op verzoek. "
        "Bijvoorbeeld tijdens een calamiteitenonderzoek of een rechtszaak."
    )
    empty = ("Er geldt geen bewaarplicht", "Voor alle meldingen gelden de gewone bewaartermijnen.")
    related = (LegalHold.case, LegalHold.placed_by, LegalHold.lift_asked_by)
    column_labels = labels("Melding")
    column_filters = filters(LegalHold)
    form_extra_fields = fields("Nummer van de melding", "N-1234")
    lift = lifting(LegalHold.lift)
