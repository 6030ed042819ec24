"""Meetings of the committee, and the agenda of one: which cases, how far each of them is."""

from flask import abort
from flask_admin import expose
from wtforms import SelectChoice, SelectField
from wtforms.validators import Optional

from admin_views.committee.agreement_table import AgreementPage
from admin_views.grid import columns, request_values
from admin_views.grid.act_forms import ActForm, Many, RowField, TextField
from admin_views.grid.acts import act
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import access
from models.access import PROCESS_LABELS
from models.committee.consensus import USED_FOR, formalities, settle_formalities
from models.committee.following import assessor_terms
from models.committee.following.open_places import open_places
from models.committee.meeting import Meeting
from models.committee.meeting_agenda import MeetingAgenda, close_meeting, move_all, schedule_all
from models.committee.member import CommitteeMember
from models.committee.rules.attendance import Attendance, members_of
from models.committee.rules.committee_settings import CommitteeSettings

PAGE = 50


class ChosenCases(ActForm):
    cases = Many(name="casus")


class SettledCases(ChosenCases):
    used_for = Many(name="gebruik")


class MovedCases(ChosenCases):
    target = RowField(name="naar", model=Meeting, field="key")


class Left(ActForm):
    left = TextField(name="overig")


class Present(ActForm):
    members = Many(name="aanwezig")


class MeetingsView(AgreementPage, ScopedModelView):
    """Every meeting of the own process, the latest first."""

    screen = Screen("meetings", "/vergaderingen", "Vergaderingen", of=Meeting)
    ability = "review"
    list_template = "committee/meetings.html"
    intro = "Zet goedgekeurde casussen op de agenda van een vergadering. Beoordelaars krijgen mail als hun dag nadert."
    create_label = "Vergadering plannen"
    can_create = True
    form_columns = ("day", "due_days")
    form_args = {
        "due_days": {"label": "Beoordelingen binnen", "default": None, "validators": [Optional()]},
    }
    # Not `process`: a WTForms form has a method of that name.
    form_extra_fields = {"belongs_to": SelectField("Commissie")}
    column_list = ("day", "process", "closed_at")
    column_labels = {
        "day": "Vergadering",
        "due_days": "Beoordelingen binnen",
        "process": "Commissie",
        "closed_at": "Afgerond op",
    }
    column_sortable_list = ("day",)
    column_default_sort = ("day", True)

    def beside(self):
        return {"open_places": open_places(*access.processes(who(), self.ability))}

    def _day(self, context, row, name):
        return columns.link(f"/vergadering/{row.key}/", str(row))

    column_formatters = {"day": _day, "closed_at": columns.when}

    def create_form(self, obj=None):
        form = super().create_form(obj)
        mine = access.processes(who(), self.ability)
        told = [f"{CommitteeSettings.of(process).due_days} dagen ({PROCESS_LABELS[process]})" for process in sorted(mine)]
        form.due_days.description = f"Dagen voor de vergadering. Leeg: {' of '.join(told)}, zoals ingesteld."
        form.belongs_to.choices = [SelectChoice(process, label) for process, label in PROCESS_LABELS.items() if process in mine]
        return form

    def add(self, form):
        return Meeting.plan(who(), form.belongs_to.data, form.day.data, due_days=form.due_days.data)


class AgendaView(RowPage):
    """The cases of one meeting."""

    screen = Screen("agenda", "/vergadering/<meeting>", "Agenda", listed=False, below=MeetingsView)
    ability = "review"
    others = ("study",)

    def row(self, key):
        """The meeting, for its coordinator and for the chair and secretary of the committee."""
        meeting = super().row(key)
        return meeting if CommitteeMember.leads_for(who(), meeting.process) else abort(404)

    @expose("/")
    def index(self, meeting):
        meeting = self.row(meeting)
        page = request_values.page(999)
        agenda = MeetingAgenda.of(meeting, who())
        waiting, more = agenda.waiting(page, PAGE)
        paged = dict(
            more=more, page=page, page_url=lambda number: self.get_url(".index", meeting=meeting.key, bladzijde=number)
        )
        late = [row for row in assessor_terms.late(who()) if row.treatment.meeting_id == meeting.id]
        room = dict(
            members=members_of(meeting),
            present={one.id for one in Attendance.present_at(meeting)},
            quorum=CommitteeSettings.of(meeting.process).quorum,
        )
        plans = access.may(who(), self.ability, meeting.process)
        told = dict(
            meeting=meeting,
            plans=plans,
            agenda=agenda,
            waiting=waiting,
            late=late,
            formal=formalities(meeting, who()),
            used_for=USED_FOR,
        )
        return self.render("committee/agenda.html", **told, **paged, **room)

    schedule = act("/agenderen", schedule_all, form=ChosenCases, done="{made} op de agenda gezet.")
    formalities = act("/hamerstukken", settle_formalities, form=SettledCases, done="{made} hamerstuk(ken) vastgesteld.")
    note = act("/aanwezig", Attendance.note, form=Present, done="Vastgelegd: {made}.", anchor="aanwezig")
    move = act("/verplaatsen", move_all, form=MovedCases, done="{made} op een andere agenda gezet.", anchor="agenda")
    close = act(
        "/afronden",
        close_meeting,
        form=Left,
        done="De vergadering is afgerond; er komen geen casussen meer bij.",
        anchor="afronden",
    )
