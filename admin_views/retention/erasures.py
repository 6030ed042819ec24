"""Erasing on request: what was asked, and the second person who does it."""

from wtforms import StringField
from wtforms.validators import DataRequired

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import columns
from admin_views.grid.acts import row_act
from admin_views.grid.filters import PeriodFilter, YesNoFilter
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import MODELS
from models.retention.erasure_request import LONGEST, ErasureRequest

LOOKS = {"wacht": "warning", "gewist": "success", "afgewezen": "neutral"}


def grant(asked, by):
    """Erase, as a second person."""
    asked.grant(by, MODELS)


class ErasuresView(ShortlyAfterSecondStep, ScopedModelView):
    """Requests to erase a case or an account."""

    screen = Screen("erasures", "/wissen-op-verzoek", "Wissen op verzoek", of=ErasureRequest, menu="Privacy")
    ability = "curate"
    shortly = ("action_view",)
    intro = (
        "Wissen vraagt twee mensen en kan niet terug. Van een melding gaat de inhoud weg, van een beëindigd account de naam. "
        "De regels in het logboek blijven, en reservekopieën van daarvoor ook, tot hun beheerder ze vernietigt."
    )
    empty = ("Er is niets gevraagd", "Een verzoek komt van het ziekenhuis of van de persoon zelf.")
    can_create, create_label = True, "Wissen aanvragen"
    related = (ErasureRequest.case, ErasureRequest.account, ErasureRequest.asked_by)
    column_list = ("what", "reason", "asked_by", "asked_at", "state")
    column_labels = {
        "what": "Wat", "reason": "Reden", "asked_by": "Gevraagd door", "asked_at": "Gevraagd op", "state": "Stand",
    }  # fmt: skip
    column_formatters = {
        "what": lambda view, context, row, name: row.what[0].upper() + row.what[1:],
        "asked_by": lambda view, context, row, name: row.asked_by.name,
        "state": lambda view, context, row, name: columns.badge(row.state.capitalize(), LOOKS[row.state]),
    }
    column_default_sort = ("asked_at", True)
    column_filters = (
        YesNoFilter(ErasureRequest.decided_at, "Beslist", empty=True),
        PeriodFilter(ErasureRequest.asked_at, "Gevraagd op"),
    )
    form_columns = ("named", "reason")
    form_extra_fields = {
        "named": StringField(
            "Nummer van de melding, of e-mailadres van het account", [DataRequired("Vul in wat er gewist moet worden.")]
        ),
        "reason": StringField(
            "Wie vraagt dit en waarom", [DataRequired("Vul de reden in.")], description=f"Hoogstens {LONGEST} tekens."
        ),
    }

    def add(self, form):
        return ErasureRequest.ask(who(), form.named.data, form.reason.data)

    def suits(self, action, row):
        return row.granted is None and (action != "grant" or who().id not in (row.asked_by_id, row.account_id))

    grant = row_act(
        "grant",
        "Wissen",
        grant,
        "verzoek is uitgevoerd: de inhoud is vernietigd",
        "verzoeken zijn uitgevoerd: de inhoud is vernietigd",
        confirm="Weet u het zeker? De inhoud gaat meteen weg en kan niet terug.",
    )
    reject = row_act(
        "reject",
        "Afwijzen",
        ErasureRequest.reject,
        "verzoek is afgewezen",
        "verzoeken zijn afgewezen",
        confirm="Wilt u dit verzoek afwijzen? Er wordt dan niets gewist.",
    )
