"""'LNR-modellen': models of expected deaths, proposed and approved by two people, and how good each is."""

from datetime import date

from flask import redirect, url_for
from flask_admin import expose

from admin_views.grid import columns
from admin_views.grid.act_forms import ActForm, Choice, TextField, Upload
from admin_views.grid.acts import Acts, act
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import access, dutch
from models.lnr.benchmark import disclosure
from models.lnr.benchmark.fact import BANDS
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.model_file import LARGEST
from models.lnr.benchmark.risk.risk_picture import ratio

LOOKS = {
    "voorgesteld": "info", "goedgekeurd": "success", "vervangen": "neutral", "afgewezen": "error", "ingetrokken": "neutral",
}  # fmt: skip
TERMS = {
    "intercept": "Constante", "age": "Zwangerschapsduur", "weight": "Geboortegewicht voor de weken",
    "small": "Waarvan heel laag", "male": "Jongen", "multiple": "Meerling", "steroids": "Antenatale steroïden gegeven",
    "steroids_unknown": "Antenatale steroïden onbekend", "outborn": "Elders geboren",
    "anomaly": "Ernstige aangeboren afwijking",
}  # fmt: skip


NAMES = [name for _, name in BANDS]


def _place(band):
    """Where a band stands: by weeks; what is no band of ours last."""
    return NAMES.index(band) if band in NAMES else len(NAMES), band


class ModelFileForm(ActForm):
    file = Upload(name="bestand", most=LARGEST)


class RiskModelsView(Acts, ScopedModelView):
    """Every model, and the form to propose one."""

    screen = Screen("lnr_models", "/lnr/modellen", "LNR-modellen", of=CaseMixModel, menu="Cijfers")
    ability = "consult"
    list_template = "lnr/risk/models.html"
    heading = "Modellen voor verwachte sterfte"
    intro = (
        "Een model zegt hoeveel sterfte te verwachten is bij de kinderen die een ziekenhuis opneemt. Het geldt pas als twee "
        "mensen van het LNR-beheer het in gebruik nemen. Zonder model staat er geen SMR."
    )
    empty = ("Nog geen model", "Zolang er geen goedgekeurd model is, staat er nergens een SMR.")
    related = (CaseMixModel.proposed_by, CaseMixModel.decided_by)
    column_list = ("code", "proposed_at", "proposed_by", "decided_by", "approved")
    column_labels = {
        "code": "Model", "proposed_at": "Voorgesteld op", "proposed_by": "Door", "decided_by": "Beoordeeld door",
        "approved": "Stand",
    }  # fmt: skip
    column_sortable_list = ("proposed_at",)
    column_default_sort = [("proposed_at", True), ("id", True)]
    column_formatters = {
        "code": lambda view, context, row, name: columns.link(url_for("lnr_model.index", model=row.key), _headed(row)),
        "proposed_at": columns.moment,
        "proposed_by": lambda view, context, row, name: row.proposed_by.name,
        "decided_by": lambda view, context, row, name: row.decided_by.name if row.decided_by_id else "–",
        "approved": lambda view, context, row, name: columns.badge(row.state.capitalize(), LOOKS[row.state]),
    }

    def beside(self):
        return {"oversees": access.may(who(), "oversee"), "largest": LARGEST}

    propose = act(
        "/voorstellen",
        CaseMixModel.propose,
        form=ModelFileForm,
        ability="oversee",
        done="Het model is voorgesteld. Een collega van het LNR-beheer beoordeelt het.",
    )

    def onward(self, anchor=None):
        return redirect(url_for(".index_view"))


class ModelDecision(ActForm):
    """Only one of the two buttons decides: neither is what no button means."""

    approved = Choice(name="besluit", choices=("goedkeuren", "afwijzen"), wrong=400)
    reason = TextField(name="reden")

    def arguments(self):
        told = super().arguments()
        return {**told, "approved": told["approved"] == "goedkeuren"}


class ModelWithdrawal(ActForm):
    reason = TextField(name="reden")


class RiskModelView(RowPage):
    """One model: how good it is, what is in it, and the decision about it."""

    screen = Screen("lnr_model", "/lnr/modellen/<model>", "Model voor verwachte sterfte", listed=False, below=RiskModelsView)
    ability = "consult"
    along = (CaseMixModel.proposed_by,)

    @expose("/")
    def index(self, model):
        (one,) = self.rows(model=model)
        card, oversees = one.parsed.card, access.may(who(), "oversee")
        names = sorted(card["bands"], key=_place)
        return self.render(
            "lnr/risk/model.html",
            one=one,
            title=_headed(one),
            parsed=one.parsed,
            made_on=dutch.long_date(date.fromisoformat(one.parsed.made_on)),
            tenths=_groups([f"{place}e" for place in range(1, 11)], card["tenths"], oversees),
            bands=_groups(names, [card["bands"][name] for name in names], oversees),
            terms=[(_term(name), value) for name, value in _ordered(one.parsed)],
            me=who(),
            oversees=oversees,
            looks=LOOKS,
            ratio=ratio,
        )

    decide = act(
        "/besluit", CaseMixModel.decide, form=ModelDecision, ability="oversee", done="Het model {0.code} is beoordeeld."
    )
    withdraw = act(
        "/intrekken", CaseMixModel.withdraw, form=ModelWithdrawal, ability="oversee", done="Het model {0.code} geldt niet meer."
    )


def _groups(names, groups, oversees):
    """[(name, deaths of children, expected)] of groups (children, deaths, expected): small counts for the management alone."""
    exact = [f"{died} van {children}" for children, died, _ in groups]
    published = [told for (told,) in disclosure.cells([[(died, children)] for children, died, _ in groups])]
    expected = [
        ratio(value, 1) if oversees or told != disclosure.SMALL else "–"
        for told, (_, _, value) in zip(published, groups, strict=True)
    ]
    return list(zip(names, exact if oversees else published, expected, strict=True))


def _headed(row):
    return str(row).capitalize()


def _ordered(parsed):
    order = list(TERMS)
    return sorted(parsed.coefficients.items(), key=lambda pair: (order.index(_stem(pair[0])), pair[0]))


def _stem(name):
    return name.rstrip("0123456789")


def _term(name):
    stem = _stem(name)
    return TERMS[stem] + (f" ({int(name.removeprefix(stem)) + 1})" if stem != name else "")
