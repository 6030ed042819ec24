"""Legal holds on stays of the LNR: which keep everything, and placing one by the number of the stay."""

from admin_views.retention.legal_holds import Holds, fields, filters, labels, lifting
from admin_views.web.screen import Screen
from models.retention.stay_hold import StayHold


class StayHoldsView(Holds):
    """The holds on stays."""

    screen = Screen("lnr_holds", "/lnr/bewaarplicht", "LNR-bewaarplicht", of=StayHold, menu="Privacy")
    ability = "oversee"
    intro = (
        "Van een opname met bewaarplicht wordt niets vernietigd, ook niet op verzoek. "
        "Bijvoorbeeld tijdens een calamiteitenonderzoek of een rechtszaak. Trekt het ziekenhuis de opname in, dan telt die "
        "niet meer mee. Wat erover is verstuurd, wordt vernietigd zodra de bewaarplicht is opgeheven."
    )
    empty = ("Er geldt geen bewaarplicht", "Voor alle opnamen gelden de gewone bewaartermijnen.")
    related = (StayHold.stay, StayHold.placed_by, StayHold.lift_asked_by)
    column_labels = labels("Opname")
    column_filters = filters(StayHold)
    form_extra_fields = fields("LNR-nummer van de opname", "LNR-0000012")
    lift = lifting(StayHold.lift, " Wat over een ingetrokken opname is verstuurd, wordt meteen vernietigd.")
