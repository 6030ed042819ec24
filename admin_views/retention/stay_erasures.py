"""Erasing stays of the LNR on request: what was asked, and the second person who does it."""

from flask import url_for
from wtforms import StringField
from wtforms.validators import DataRequired

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import columns
from admin_views.grid.acts import row_act
from admin_views.grid.filters import PeriodFilter, YesNoFilter
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.retention.erasures import LOOKS
from admin_views.web.screen import Screen
from models import access
from models.operations.backup_thinning import LONGEST as LONGEST_COPY
from models.retention.stay_erasure import LONGEST, StayErasure

IN_COPIES = f"In reservekopieën staan de gegevens nog hoogstens {LONGEST_COPY.days} dagen"


class StayErasuresView(ShortlyAfterSecondStep, ScopedModelView):
    """Requests to erase a stay, or all stays of a child; the contact of a hospital sees those of the own hospital."""

    screen = Screen("lnr_erasures", "/lnr/wissen-op-verzoek", "LNR-opname wissen", of=StayErasure, menu="Privacy")
    ability = "consult"
    shortly = ("action_view",)
    intro = (
        "Wissen vraagt twee mensen en kan niet terug. De tweede is van het LNR-beheer. Alles over het kind gaat weg: "
        "berichten, waarden, formulieren, fouten en tellingen. Wat blijft: het nummer, het kenmerk van de afzender en de "
        "regels in het logboek. Daardoor wordt dezelfde opname niet opnieuw aangenomen. Cijfers van een gesloten jaar "
        f"veranderen niet. In reservekopieën staan de gegevens nog tot die zijn vernietigd: hoogstens {LONGEST_COPY.days} "
        "dagen, als ze volgens het schema worden uitgedund."
    )
    empty = ("Er is niets gevraagd", "Een verzoek komt van de ouders, van het kind zelf of van het ziekenhuis.")
    can_create, create_label = True, "Wissen aanvragen"
    related = (StayErasure.stay, StayErasure.asked_by)
    column_list = ("number", "reason", "asked_by", "asked_at", "state")
    column_labels = {
        "number": "Opname", "reason": "Reden", "asked_by": "Gevraagd door", "asked_at": "Gevraagd op", "state": "Stand",
    }  # fmt: skip
    column_formatters = {
        "number": lambda view, context, row, name: columns.link(url_for("lnr_stay.index", stay=row.stay.key), row.number),
        "asked_by": lambda view, context, row, name: row.asked_by.name,
        "state": lambda view, context, row, name: columns.badge(row.state.capitalize(), LOOKS[row.state]),
    }
    column_default_sort = ("asked_at", True)
    column_filters = (
        YesNoFilter(StayErasure.decided_at, "Beslist", empty=True),
        PeriodFilter(StayErasure.asked_at, "Gevraagd op"),
    )
    form_columns = ("named", "reason")
    form_extra_fields = {
        "named": StringField(
            "LNR-nummer van de opname, of nummer van het kind",
            [DataRequired("Vul in wat er gewist moet worden.")],
            description="Zoals LNR-0000012. Met het BSN, of met uw eigen patiëntnummer, vraagt u het voor alle opnamen van het "
            "kind die u ziet.",
        ),
        "reason": StringField(
            "Wie vraagt dit en waarom",
            [DataRequired("Vul de reden in.")],
            description=f"Hoogstens {LONGEST} tekens, zonder naam of nummer van het kind.",
        ),
    }

    def add(self, form):
        return StayErasure.ask(who(), form.named.data, form.reason.data)[0]

    def suits(self, action, row):
        mine = row.asked_by_id == who().id
        if row.granted is not None:
            return False
        return access.may(who(), "oversee") and not mine if action == "grant" else access.may(who(), "oversee") or mine

    grant = row_act(
        "grant",
        "Wissen",
        StayErasure.grant,
        f"opname is gewist. {IN_COPIES}",
        f"opnamen zijn gewist. {IN_COPIES}",
        confirm="Weet u het zeker? Alles over het kind gaat meteen weg en kan niet terug.",
    )
    reject = row_act(
        "reject",
        "Afwijzen",
        StayErasure.reject,
        "verzoek is afgewezen",
        "verzoeken zijn afgewezen",
        confirm="Wilt u dit verzoek afwijzen? Er wordt dan niets gewist.",
    )
