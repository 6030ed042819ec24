"""Who sees to which case: assigning on the work list and on the page of a case, and the absences of coordinators."""

from wtforms import SelectChoice, SelectField

from admin_views.grid import columns
from admin_views.grid.act_forms import ActForm, Many, TextField
from admin_views.grid.acts import act, row_act
from admin_views.grid.filters import YesNoFilter
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models.accounts.deputies.absence import Absence, peers
from models.base import Refused
from models.dutch import plural
from models.review.assignment import CaseAssignment


class Assigned(ActForm):
    """The ticked cases, and who sees to them: a number, or 'niemand'."""

    cases = Many(name="casus")
    to = TextField(name="aan")


def assign(by, cases, to):
    """Assign to the chosen coordinator, or take the assignment away."""
    if not (to == "niemand" or to.isdecimal()) or len(to) > 9:
        raise Refused("Kies aan wie u toewijst.")
    return CaseAssignment.assign(by, cases, None if to == "niemand" else int(to))


def _said(changed):
    return f"{plural(changed, 'melding', 'meldingen')} toegewezen." if changed else "Dat was al zo; er is niets veranderd."


class Assigning:
    """The part of the coordinator's screens that assigns; the same address for one case and for many."""

    assign = act("/toewijzen", assign, form=Assigned, done=_said)


class AbsencesView(ScopedModelView):
    """Who is away when, and who stands in."""

    screen = Screen("absences", "/afwezigheid", "Afwezigheid", of=Absence, menu="Beheer")
    ability = "review"
    intro = (
        "Wie vervangt een coördinator die er niet is? "
        "De vervanger ziet die meldingen bij ‘Van mij’ en krijgt ook de mail over wat dan wordt toegewezen."
    )
    empty = ("Er staat geen afwezigheid", "Leg vast wie er weg is en wie vervangt. Het begint en eindigt vanzelf.")
    create_label = "Afwezigheid vastleggen"
    can_create = True
    related = (Absence.person, Absence.deputy, Absence.by)
    form_columns = ("first_day", "last_day")
    form_args = {"first_day": {"label": "Eerste dag"}, "last_day": {"label": "Laatste dag"}}
    form_extra_fields = {
        "away": SelectField("Wie is er afwezig?", coerce=int),
        "stands_in": SelectField("Wie vervangt?", coerce=int),
    }
    column_list = ("person", "deputy", "first_day", "last_day", "state", "by")
    column_labels = {
        "person": "Afwezig", "deputy": "Vervanger", "first_day": "Van", "last_day": "Tot en met", "state": "Stand",
        "by": "Vastgelegd door", "ended_at": "Beëindigd",
    }  # fmt: skip
    column_sortable_list = ("first_day", "last_day")
    column_default_sort = ("last_day", True)
    column_filters = (YesNoFilter(Absence.ended_at, "Beëindigd", empty=True),)

    def _state(self, context, row, name):
        kinds = {"nu afwezig": "warning", "gepland": "info"}
        return columns.badge(row.state, kinds.get(row.state, "muted"))

    column_formatters = {"state": _state}

    def create_form(self, obj=None):
        form = super().create_form(obj)
        people = [SelectChoice(one.id, one.name) for one in peers(who())]
        form.away.choices, form.stands_in.choices = people, people
        if form.away.data is None:
            form.away.data = who().id
        if form.stands_in.data is None:
            form.stands_in.data = next((one.value for one in people if one.value != who().id), None)
        return form

    def add(self, form):
        return Absence.plan(who(), form.away.data, form.stands_in.data, form.first_day.data, form.last_day.data)

    def suits(self, action, row):
        return row.stands()

    end = row_act("end", "Beëindigen", Absence.end, "afwezigheid beëindigd", "afwezigheden beëindigd")


class OwnAbsencesView(AbsencesView):
    """The same for the melders of a hospital, who stand in for each other."""

    screen = Screen("own_absences", "/collegas/afwezigheid", "Afwezigheid van melders", of=Absence, listed=False)
    ability = "create"
    intro = (
        "Wie vervangt een melder die er niet is? De maandelijkse uitvraag gaat altijd naar alle melders van uw ziekenhuis. "
        "De vervanger krijgt ook de mails en herinneringen over meldingen van wie er niet is."
    )
