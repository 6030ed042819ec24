"""The administrator's lists: hospitals and accounts."""

from flask import flash, redirect, request
from flask_admin import expose
from flask_admin.actions import action
from wtforms import DateField, SelectChoice, SelectMultipleField, widgets
from wtforms.validators import Email, Length, Optional, Regexp

from admin_views.accounts import login
from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.approval.held_changes import WIDER, ToldOfWaiting, waits
from admin_views.approval.sheet_import import FromSheet
from admin_views.grid import columns
from admin_views.grid.act_forms import ActForm, ChosenRows, TextField
from admin_views.grid.acts import row_act
from admin_views.grid.filters import ListFilter, OneOf, YesNoFilter
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.staff.reviewed import ENDS_ON, Reviewed, last_used, state_badge, verdict
from admin_views.web.screen import Screen
from models.access import HOSPITAL_ROLES, ROLE_LABELS, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User, UserRole
from models.approval.enrolment_sheet import HospitalsSheet, PeopleSheet
from models.approval.held_change import HeldChange
from models.base import Refused
from models.committee.ties.reach_change import ReachChange
from models.staff import ending
from models.staff.account_review import stop_per

FEWEST_MELDERS = 2
EIGHT_DIGITS = Regexp(r"^\d{1,8}$", message="Vul hier alleen cijfers in, hoogstens acht.")
WAITS = "wacht tot een andere beheerder of een melder van het ziekenhuis dit bevestigt, of gaat na 24 uur vanzelf in."


class FactorReset(ActForm):
    id = TextField()
    reason = TextField()


class HospitalsView(ToldOfWaiting, ShortlyAfterSecondStep, FromSheet, ScopedModelView):
    """Who reports. A hospital that stops is switched off; its cases and answers stay."""

    screen = Screen("hospitals", "/beheer/ziekenhuizen", "Ziekenhuizen", of=Hospital, menu="Beheer")
    ability = "manage"
    waiting_in = ReachChange.hospital
    shortly = ("create_view", "edit_view")  # opens cases
    intro = "De ziekenhuizen die melden. Een ziekenhuis dat stopt, zet u uit; de meldingen blijven."
    create_label = "Ziekenhuis toevoegen"
    sheet, sheet_columns = (
        HospitalsSheet,
        ("Naam", "Code", "Telefoon", "AGB-nummer", "URA-nummer", "Perined-nummer", "Heeft een NICU"),
    )
    sheet_example = "Alleen Naam en Code zijn verplicht. Bijvoorbeeld: Amphia, AMPHIA, 076-5955000."
    sheet_follows = "Een ziekenhuis wordt herkend aan zijn code."
    can_create = can_edit = can_export = True
    search_hint = "Zoek op naam of code"
    column_list = ("name", "code", "melders", "phone", "active")
    column_export_list = (*column_list, "agb", "ura", "perined", "nicu", "mail_on_approval", "lza1_kept_apart", "created_at")
    column_descriptions = {"melders": "liefst twee of meer"}
    column_labels = {
        "name": "Naam", "code": "Code", "melders": "Melders", "phone": "Telefoon", "active": "Doet mee", "agb": "AGB-nummer",
        "ura": "URA-nummer", "perined": "Perined-nummer", "mail_on_approval": "Mail bij goedkeuring",
        "lza1_kept_apart": "LZA1 alleen zichtbaar voor de melder en aangewezen collega's", "created_at": "Toegevoegd op",
        "nicu": "Heeft een NICU", "region": "Opvangregio", "mail_domains": "Maildomeinen",
    }  # fmt: skip
    column_sortable_list = ("name", "code", "active")
    column_default_sort = "name"
    column_filters = (YesNoFilter(Hospital.active, "Doet mee"),)
    form_columns = (
        "name", "code", "phone", "mail_domains", "region", "active", "mail_on_approval", "lza1_kept_apart", "nicu", "agb",
        "ura", "perined",
    )  # fmt: skip
    form_args = {
        "code": {"description": "Kort en blijvend, bijvoorbeeld OLVG-O. Staat in adressen en bestanden."},
        "phone": {"description": "Om te bellen als een antwoord uitblijft."},
        "mail_domains": {"description": "Wat bij medewerkers achter de @ staat, met komma's ertussen. Alleen aan zulke "
                                        "adressen vragen melders een collega om een document. Leeg: dat kan niet."},
        "region": {"description": "Commissieleden beoordelen geen casus uit hun eigen opvangregio. Leeg: geen blokkade. "
                                 f"Wat dit ziekenhuis bij andere weghaalt, {WIDER}"},
        "active": {"description": "Uit: de melders krijgen geen maandelijkse uitvraag meer."},
        "mail_on_approval": {"description": "De melder krijgt bericht zodra een melding is goedgekeurd."},
        "nicu": {"description": "Alleen NICU-centra worden in de LNR met elkaar vergeleken."},
        "lza1_kept_apart": {"description": "Uit: alle melders en invoerders van het ziekenhuis zien ook de LZA1-meldingen. "
                                           "Aan: alleen nog de melder van de casus en wie die melder aanwijst. Geldt "
                                           f"ook voor meldingen die er al zijn. Uitzetten {WIDER}"},
        **{name: {"description": "Alleen nodig voor automatische aanlevering.", "validators": [EIGHT_DIGITS]}
           for name in ("agb", "ura", "perined")},
    }  # fmt: skip

    def waiting_about(self, rows):
        # Of where a member works it is not the hospital that changes.
        return {place: [one for one in held if not one.member_id] for place, held in super().waiting_about(rows).items()}

    def add(self, form):
        return Hospital.add(who(), **{name: form[name].data for name in self.form_columns})

    def save(self, form, row):
        for held in ReachChange.amend_hospital(row, who(), **{name: form[name].data for name in self.form_columns}):
            flash(waits(held), "info")

    def complete(self, rows):
        counts = User.melder_counts()
        for row in rows:
            row.melders = counts.get(row.id, 0)
        return super().complete(rows)

    def _melders(self, context, row, name):
        if row.active and row.melders < FEWEST_MELDERS:
            return columns.badge(f"{row.melders}: te weinig", "warning")
        return row.melders

    column_formatters = {"melders": _melders}


class UsersView(ToldOfWaiting, ShortlyAfterSecondStep, FromSheet, Reviewed, ScopedModelView):
    """Accounts. A new one gets an invitation by mail; one that ends can no longer come in, and what it did stays."""

    screen = Screen("users", "/beheer/gebruikers", "Gebruikers", of=User, menu="Beheer")
    ability = "manage"
    changes, waiting_in = HeldChange, HeldChange.account
    shortly = (
        "create_view",
        "edit_view",
        "reset_factor",
        "sheet_form",
        "sheet_taken",
    )  # what gives somebody rights, or a way in
    intro = "Wie een account krijgt, ontvangt per mail een uitnodiging om een wachtwoord te kiezen."
    create_label = "Gebruiker uitnodigen"
    create_template, edit_template = "accounts/user_create.html", "accounts/user_edit.html"
    role_fields = {"hospital": sorted(HOSPITAL_ROLES), "committee": [Role.COMMISSIELID]}
    sheet, sheet_columns = PeopleSheet, ("Naam", "E-mailadres", "Telefoon", "Ziekenhuis", "Rollen", "Commissie")
    sheet_example = (
        "Naam, E-mailadres en Rollen zijn verplicht. Bijvoorbeeld: Jan de Vries, j.devries@ziekenhuis.nl, Amphia, "
        "NethOSS-melder. Meer rollen staan met een komma ertussen."
    )
    sheet_follows = (
        "Iedereen die nieuw is, krijgt meteen een uitnodiging per mail. De rollen wachten op bevestiging door iemand anders."
    )
    can_create = can_edit = can_export = can_view_details = True
    search_hint = "Zoek op naam of e-mailadres"
    related = (User.hospital, User.roles)
    column_list = ("name", "hospital", "state", "used", "judged")
    column_export_list = (
        "name", "email", "hospital", "role_labels", "state", "ends_on", "current_login_at", "used_at", "suspended_at",
        "address_refused_at", "invited_at", "phone",
    )  # fmt: skip
    column_details_list = (
        "name", "email", "phone", "hospital", "role_labels", "committee", "state", "appoints_since", "ends_on",
        "suspended_at", "used_at", "address_refused_at", "invited_at", "created_at", "current_login_at", "login_count",
    )  # fmt: skip
    column_labels = {
        "name": "Naam", "email": "E-mailadres", "phone": "Telefoon", "hospital": "Ziekenhuis", "role_labels": "Rollen",
        "role_names": "Rollen", "committee": "Commissie", "state": "Account", "address_refused_at": "E-mailadres geweigerd",
        "invited_at": "Uitgenodigd op", "created_at": "Aangemaakt op",
        "current_login_at": "Laatst ingelogd", "login_count": "Aantal keren ingelogd", "used": "Laatst gebruikt",
        "judged": "Controle", "ends_on": "Stopt per", "suspended_at": "Geschorst op", "used_at": "Laatst gebruikt per mail",
        "appoints_since": "Ziekenhuisbeheerder sinds",
    }  # fmt: skip
    column_sortable_list = ("name", ("hospital", Hospital.name), "current_login_at")
    column_default_sort = "name"
    column_extra_row_actions = [columns.RowLink("Logboek", "eye", lambda user: f"/beheer/logboek/gebruiker/{user.id}/")]
    column_filters = (
        OneOf(User.id, "Rol", find=UserRole.holders, options=list(ROLE_LABELS.items())),
        ListFilter(User.hospital, "Ziekenhuis", find=Hospital.named, says="bevat"),
        YesNoFilter(User.active, "Actief"),
        OneOf(User.id, "Loopt af", find=ending.ends_within, says="binnen", options=(("30", "30 dagen"), ("90", "90 dagen"))),
        YesNoFilter(User.suspended_at, "Geschorst", empty=True),
        YesNoFilter(User.appoints_since, "Ziekenhuisbeheerder", empty=True),
        YesNoFilter(User.address_refused_at, "E-mailadres geweigerd", empty=True),
    )
    form_columns = ("name", "email", "phone", "hospital", "committee")  # and `ends_on`, by a verb of its own
    form_args = {
        "email": {"validators": [Email("Vul een volledig e-mailadres in, zoals naam@ziekenhuis.nl.")],
                  "description": "Hierheen gaan de uitnodiging en de maandelijkse uitvraag."},
        "hospital": {"description": "Alleen voor rollen in een ziekenhuis. Landelijke rollen hebben geen ziekenhuis."},
        "committee": {"description": "Alleen voor een commissielid: van welke commissie.", "blank_text": "Geen"},
    }  # fmt: skip
    form_extra_fields = {
        "role_names": SelectMultipleField(
            "Rollen", choices=[SelectChoice(*pair) for pair in ROLE_LABELS.items()],
            widget=widgets.ListWidget(prefix_label=False),
            option_widget=widgets.CheckboxInput(), validators=[Length(1, message="Kies minstens één rol.")],
        ),
        "ends_on": DateField("Stopt per", [Optional()], description=ENDS_ON),
    }  # fmt: skip

    def _email(self, context, row, name):
        refused = row.address_refused_at and columns.badge("adres geweigerd", "error")
        return columns.with_note(row.email, refused)

    def _name(self, context, row, name):
        return columns.with_note(row.name, self._email(context, row, name))

    def _hospital(self, context, row, name):
        return columns.with_note(row.hospital or "Landelijk", columns.joined(self, context, row, "role_labels"))

    column_formatters = {"name": _name, "hospital": _hospital, "state": state_badge, "used": last_used, "judged": verdict}
    column_formatters_detail = {"role_labels": columns.joined, "state": state_badge, "email": _email}

    def add(self, form):
        """Enrol and invite; the roles wait for a second person."""
        made = HeldChange.invite(who(), roles=form.role_names.data, **{name: form[name].data for name in self.form_columns})
        if form.ends_on.data:
            stop_per(made, who(), form.ends_on.data)
        login.invite(made, who())
        flash(f"{made.name} krijgt een uitnodiging op {made.email}. De link werkt een week.", "success")
        flash(f"De rollen van {made.name} {WAITS}", "info")
        return made

    def save(self, form, row):
        fields = {name: form[name].data for name in self.form_columns}
        if form.ends_on.data != row.ends_on and row.active:
            stop_per(row, who(), form.ends_on.data)
        for held in HeldChange.amend(row, who(), form.role_names.data, **fields):
            flash(f"{held}: {held.what}. Dit {WAITS}", "info")

    def taken(self, made):
        login.invite(made, who())

    def suits(self, action, row):
        steward = row.active and row.appoints_since is not None
        return {
            "invite": row.active and row.password is None,
            "end": row.active or row.suspended_at is not None,
            "revive": not row.active,
            "confirm": self.to_confirm(row),
            "appoint": row.active and not steward and Role.MELDER in row.role_names,
            "dismiss": steward,
        }.get(action, row.active)

    one_by_one = frozenset({"factor"})

    @action("invite", "Uitnodiging opnieuw versturen", "Wilt u een nieuwe uitnodiging sturen?")
    def invite(self, rows):
        self.each(rows, _invite_again, "uitnodiging verstuurd", "uitnodigingen verstuurd")

    @action("factor", "Tweede stap opnieuw instellen")
    def factor(self, rows):
        """Leads to its own page, see `handle_action`: it asks one question about one person."""
        flash("Kies hiervoor één account.", "error")

    def handle_action(self, return_view=None):
        chosen = ChosenRows.sent()
        if chosen.action.data == "factor" and len(chosen.rowid.data) == 1:
            return redirect(self.get_url(".reset_factor", id=chosen.rowid.data[0]))
        return super().handle_action(return_view)

    @expose("/tweede-stap/", methods=("GET", "POST"))
    def reset_factor(self):
        """Take the second step of one person away, after checking who is asking."""
        asked = FactorReset.sent()
        user = self.get_one(asked.id.data or request.args.get("id", ""))
        if request.method == "GET":
            return self.render("accounts/factor.html", user=user, reason="")
        try:
            HeldChange.reset_factor(user, who(), asked.reason.data)
        except Refused as problem:
            flash(str(problem), "error")
            return self.render("accounts/factor.html", user=user, reason=asked.reason.data)
        flash(f"De tweede stap van {user.name} wissen {WAITS}", "info")
        return redirect(self.get_url(".index_view"))

    end = row_act(
        "end",
        "Account beëindigen",
        User.deactivate,
        "account beëindigd",
        "accounts beëindigd",
        confirm="Wilt u het account beëindigen? De persoon kan meteen niet meer inloggen.",
    )
    appoint = row_act(
        "appoint",
        "Ziekenhuisbeheerder maken",
        User.appoint,
        "melder is nu ziekenhuisbeheerder",
        "melders zijn nu ziekenhuisbeheerder",
        confirm="Mag deze melder collega’s van het eigen ziekenhuis nomineren en beëindigen?",
    )
    dismiss = row_act(
        "dismiss",
        "Geen ziekenhuisbeheerder meer",
        User.dismiss,
        "melder is geen ziekenhuisbeheerder meer",
        "melders zijn geen ziekenhuisbeheerder meer",
    )
    log_out = row_act(
        "log_out",
        "Overal uitloggen",
        User.log_out_everywhere,
        "persoon is overal uitgelogd",
        "personen zijn overal uitgelogd",
        confirm="Wilt u deze persoon op alle apparaten uitloggen? Wie nog een wachtwoord heeft, kan daarna opnieuw inloggen.",
    )


def _invite_again(user):
    if user.active and user.password is not None:
        raise Refused(f"{user.name} heeft al een wachtwoord en kan bij het inloggen ‘Wachtwoord vergeten’ gebruiken.")
    login.invite(user, who())
