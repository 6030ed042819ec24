"""The people of the own hospital: who nominates, ends and reviews them sees the list, and a page for each."""

from datetime import timedelta

from flask import flash
from flask_admin import expose
from wtforms import DateField, SelectChoice, SelectMultipleField, widgets
from wtforms.validators import Email, Length, Optional

from admin_views.accounts import login
from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import columns
from admin_views.grid.act_forms import ActForm, DayField, Pressed, TextField
from admin_views.grid.acts import act
from admin_views.grid.filters import OneOf, YesNoFilter
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.staff.reviewed import ENDS_ON, STATE_LOOKS, Reviewed, last_used, state_badge, verdict
from admin_views.web.screen import Screen
from models import access, clock, dutch
from models.access import HOSPITAL_ROLES, ROLE_LABELS
from models.accounts.user import User, UserRole
from models.base import Refused
from models.staff import nomination
from models.staff.account_review import AccountReview, ReviewedAccount, does_review, stop_per

WAITS = "wacht tot een andere melder van het ziekenhuis of een beheerder dit bevestigt, of gaat na 24 uur vanzelf in."
ROLES = [(role, label) for role, label in ROLE_LABELS.items() if role in HOSPITAL_ROLES]


class ColleaguesView(ShortlyAfterSecondStep, Reviewed, ScopedModelView):
    """Accounts of the own hospital. Its manager nominates and ends; without one the melders do the yearly review."""

    screen = Screen("colleagues", "/collegas", "Collega's", of=User)
    ability = "attest"
    shortly = ("create_view", "action_view")
    list_template = "staff/colleagues.html"
    create_label = "Collega nomineren"
    search_hint = "Zoek op naam of e-mailadres"
    related = (User.hospital, User.roles)
    scope = "of the own hospital"
    column_list = ("name", "email", "role_labels", "state", "used", "judged")
    column_labels = {
        "name": "Naam", "email": "E-mailadres", "phone": "Telefoon", "role_labels": "Rollen", "state": "Account",
        "used": "Laatst gebruikt", "judged": "Controle", "active": "Actief", "ends_on": "Stopt per",
    }  # fmt: skip
    column_sortable_list = ("name", "email")
    column_default_sort = [("active", True), ("name", False)]
    column_filters = (
        YesNoFilter(User.active, "Actief"),
        OneOf(User.id, "Rol", find=UserRole.holders, options=ROLES),
        YesNoFilter(User.ends_on, "Heeft een einddatum", empty=True),
    )
    form_columns = ("name", "email", "phone")
    form_args = {
        "email": {
            "validators": [Email("Vul een volledig e-mailadres in, zoals naam@ziekenhuis.nl.")],
            "description": "Hierheen gaat de uitnodiging.",
        },
    }
    form_extra_fields = {
        "roles": SelectMultipleField(
            "Rollen", choices=[SelectChoice(*pair) for pair in ROLES], widget=widgets.ListWidget(prefix_label=False),
            option_widget=widgets.CheckboxInput(), validators=[Length(1, message="Kies minstens één rol.")],
        ),
        "ends_on": DateField(
            "Stopt per", [Optional()], description=ENDS_ON
        ),
    }  # fmt: skip

    @property
    def intro(self):
        if access.may(who(), "appoint"):
            return "De mensen van uw ziekenhuis met een account. Iemand anders bevestigt de rollen van wie u nomineert."
        return "De mensen van uw ziekenhuis met een account. Nomineren en beëindigen doet de ziekenhuisbeheerder."

    @property
    def can_create(self):
        return access.may(who(), "appoint")

    def scoped(self):
        return User.hospital == who().hospital_id

    def beside(self):
        review = AccountReview.standing(who().hospital_id)
        left, whole = AccountReview.counts([review.id]).get(review.id, (0, 0)) if review else (0, 0)
        managers = [one for one in User.stewards_of(who().hospital_id) if one.appoints_since]
        mine = not managers or who() in managers
        shown = {"review": review if left else None, "left": left, "whole": whole}
        return shown | {"managers": managers, "mine": mine, "waits": nomination.waiting(who().hospital_id)}

    def _name(self, context, row, name):
        note = row.appoints_since and row.active and "ziekenhuisbeheerder"
        return columns.with_note(columns.link(self.get_url("colleague.index", person=row.id), row.name), note)

    column_formatters = {
        "name": _name, "role_labels": columns.joined, "state": state_badge, "used": last_used, "judged": verdict,
    }  # fmt: skip

    def suits(self, action, row):
        if action == "confirm":
            return self.to_confirm(row)
        return not row.is_active and access.may(who(), "appoint")

    def is_action_allowed(self, name):
        return super().is_action_allowed(name) and (name != "revive" or access.may(who(), "appoint"))

    def add(self, form):
        """Nominate and invite; the roles wait for a second person."""
        sent = {name: form[name].data for name in (*self.form_columns, *self.form_extra_fields)}
        made = nomination.nominate(who(), **sent)
        login.invite(made, who())
        flash(f"{made.name} krijgt een uitnodiging op {made.email}. De link werkt een week.", "success")
        flash(f"De rollen van {made.name}: dit {WAITS}", "info")
        return made


class LastDay(ActForm):
    """From which day the account opens nothing; empty is no end."""

    day = DayField(name="dag")

    def arguments(self):
        if self.day.data is None and self.typed.get("dag", "").strip():
            raise Refused("Vul een dag in, of laat het veld leeg voor geen einddatum.")
        return super().arguments()


class Leaver(ActForm):
    reason = TextField(name="reden")
    successor = TextField(name="opvolger")
    no_melder_left = Pressed(name="geen_melder")


def _ended(made, person):
    """What is said of who was ended, with how many open cases went to the colleague and how many to nobody."""
    offered, left = (count and dutch.plural(count, "open melding is", "open meldingen zijn") for count in made)
    said = [f"Het account van {person} is beëindigd."]
    if offered:
        said.append(f"{offered} aangeboden aan de collega.")
    if left:
        said.append(f"{left} niet aangeboden: niet elke collega mag die zien. De coördinator wijst daarvoor een collega aan.")
    return " ".join(said)


class ColleagueView(ShortlyAfterSecondStep, RowPage):
    """One colleague: until when, and the end of the account."""

    screen = Screen("colleague", "/collegas/<person>", "Collega", listed=False, below=ColleaguesView)
    ability = "attest"
    named_by = "id"
    shortly = ("end",)

    def row(self, key):
        person = super().row(key)
        if person.hospital_id != who().hospital_id:
            self.refuse()
        return person

    @expose("/")
    def index(self, person):
        """The account, its end date and its end."""
        return self._page(*self.rows(person=person))

    stop_per = act("/stopt-per", stop_per, form=LastDay, done="De einddatum van {0} is opgeslagen.", anchor="einddatum")
    end = act(
        "/beeindigen",
        nomination.end,
        form=Leaver,
        done=_ended,
    )

    def refused(self, reason, form, person, anchor=None):
        """The page with the reason at the form, and what was typed still in it."""
        return self._page(person, form.typed, str(reason), anchor), 409

    def _page(self, person, typed=None, reason="", anchor=None):
        manages = access.may(who(), "appoint")
        judged = ReviewedAccount.to_judge([person.id]).get(person.id)
        return self.render(
            "staff/colleague.html",
            person=person,
            state_look=STATE_LOOKS[person.state],
            manages=manages,
            may_stop=person.active and person != who() and (manages or (judged is not None and does_review(person, who()))),
            may_end=(person.active or person.suspended_at is not None) and person != who() and manages,
            judged=judged,
            last_melder=nomination.is_last_melder(person),
            successors=nomination.successors(person) if manages else [],
            open_cases=nomination.open_cases(person, who()) if manages else [],
            longest=nomination.REASON,
            tomorrow=clock.today() + timedelta(days=1),
            typed=typed or {},
            reason=reason,
            at_stop=anchor == "einddatum",
        )
