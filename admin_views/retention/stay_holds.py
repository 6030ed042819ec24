"""Legal holds on stays of the LNR: which keep everything, and placing one by the number of the stay."""

from wtforms import StringField
from wtforms.validators import DataRequired

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid.acts import row_act
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.retention.legal_holds import state
from admin_views.web.screen import Screen
from models.retention.legal_hold import LONGEST
from models.retention.stay_hold import StayHold


class StayHoldsView(ShortlyAfterSecondStep, ScopedModelView):
    """The holds on stays that stand and stood."""

    screen = Screen("lnr_holds", "/lnr/bewaarplicht", "LNR-bewaarplicht", of=StayHold, menu="Privacy")
    ability = "oversee"
    shortly = ("action_view",)
    intro = (
        "Van een opname met bewaarplicht wordt niets vernietigd, ook niet op verzoek. "
        "Bijvoorbeeld tijdens een calamiteitenonderzoek of een rechtszaak. Trekt het ziekenhuis de opname in, dan telt die "
        "niet meer mee. Wat erover is verstuurd, wordt vernietigd zodra de bewaarplicht is opgeheven."
    )
    empty = ("Er geldt geen bewaarplicht", "Voor alle opnamen gelden de gewone bewaartermijnen.")
    can_create, create_label = True, "Bewaarplicht instellen"
    related = (StayHold.stay, StayHold.placed_by, StayHold.lift_asked_by)
    column_list = ("number", "reason", "placed_by", "placed_at", "state")
    column_labels = {
        "number": "Opname", "reason": "Reden", "placed_by": "Ingesteld door", "placed_at": "Ingesteld op", "state": "Nu",
    }  # fmt: skip
    column_formatters = {
        "placed_by": lambda view, context, row, name: row.placed_by.name,
        "state": state,
    }
    column_default_sort = ("placed_at", True)
    form_columns = ("number", "reason")
    form_extra_fields = {
        "number": StringField(
            "LNR-nummer van de opname", [DataRequired("Vul het nummer in.")], description="Zoals LNR-0000012."
        ),
        "reason": StringField(
            "Waarom", [DataRequired("Vul de reden in.")], description=f"Hoogstens {LONGEST} tekens, zonder patiëntgegevens."
        ),
    }

    def add(self, form):
        return StayHold.place_on(form.number.data, who(), form.reason.data)

    def suits(self, action, row):
        asked = row.lift_asked_at is not None
        if row.lifted_at is not None or (action == "lift" and row.lift_asked_by_id == who().id):
            return False
        return asked == (action != "ask_to_lift")

    ask_to_lift = row_act(
        "ask_to_lift",
        "Opheffen",
        StayHold.ask_to_lift,
        "bewaarplicht wordt opgeheven zodra iemand anders dat bevestigt",
        "bewaarplichten worden opgeheven zodra iemand anders dat bevestigt",
        confirm="Wilt u de bewaarplicht opheffen? Iemand anders moet dat bevestigen. Daarna gelden de bewaartermijnen weer.",
    )
    lift = row_act(
        "lift",
        "Opheffen bevestigen",
        StayHold.lift,
        "bewaarplicht is opgeheven",
        "bewaarplichten zijn opgeheven",
        confirm="Weet u het zeker? Daarna gelden de bewaartermijnen weer, en wat vernietigd wordt kan niet terug. "
        "Wat over een ingetrokken opname is verstuurd, wordt meteen vernietigd.",
    )
    keep = row_act(
        "keep",
        "Toch bewaren",
        StayHold.keep,
        "bewaarplicht blijft gelden",
        "bewaarplichten blijven gelden",
        confirm="Moet de bewaarplicht blijven gelden?",
    )
