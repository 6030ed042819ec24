"""The coordinator's hospitals: who answers, who is silent, whom to call back; and the page of one of them."""

from flask import Response, abort, redirect, request
from flask_admin import expose
from markupsafe import Markup

from admin_views.grid import columns, request_values
from admin_views.grid.act_forms import ActForm, DayField, Many, RequestKey, TextField
from admin_views.grid.acts import Acts, act, row_act
from admin_views.grid.filters import ListFilter, OneOf, PeriodFilter, YesNoFilter
from admin_views.grid.scoped_views import ScopedModelView, find, who
from admin_views.monthly.month_grid import CELLS
from admin_views.web.screen import Screen
from models import clock
from models.accounts.hospital import Hospital
from models.annual_report.births import Births
from models.base import new_key
from models.dutch import month_name, plural
from models.mail.calendar.calendar_file import calendar_files
from models.mail.sending_hold import LONGEST, SendingHold
from models.monthly import response
from models.review import silent_hospitals
from models.review.call_log import OUTCOMES, LoggedCall
from models.review.figures.month_table import IN_A_ROW
from models.review.hospital_sheet import CASES, HospitalSheet, follow_ups
from models.review.notes.hospital_note import LONGEST_NOTE, HospitalNote

YEARS = 4  # of births, the last that is over and those before


class Call(ActForm):
    """What the coordinator keeps of a call."""

    key = RequestKey(name="sleutel")
    outcome = TextField(name="hoe")
    spoken_to = TextField(name="gesproken")
    text = TextField(name="tekst")
    call_back_on = DayField(name="terugbellen")
    month = TextField(name="maand")
    settles = Many(name="afgehandeld")

    def arguments(self):
        given = super().arguments()
        typed = bool(self.typed.get("terugbellen", "").strip())
        return given | {"call_back": typed, "month": request_values.month(given["month"])}


class Pause(ActForm):
    until = DayField(name="tot")
    reason = TextField(name="reden")


class NoteText(ActForm):
    text = TextField(name="opmerking")


class NewNote(NoteText):
    key = RequestKey(name="sleutel")


class ChangedNote(NoteText):
    round = TextField(name="ronde")


def amend_note(hospital, note, by, text, round):
    """Give a remark about this hospital other words."""
    note.amend(by, text, round)


class FollowedHospitalsView(Acts, ScopedModelView):
    """Every hospital that takes part, with what is open there."""

    screen = Screen("followed", "/ziekenhuizen", "Ziekenhuizen", of=Hospital)
    ability = "follow"
    intro = "Wie antwoordt, wie is stil en wie belt u terug? Klik op een naam voor mensen, maanden, meldingen en gesprekken."
    can_export = True
    search_hint = "Zoek op naam of code"
    column_list = ("name", "phone", "melders", "answers", "silent_months", "open_cases", "call_back_on")
    column_labels = {
        "name": "Ziekenhuis", "phone": "Telefoon", "melders": "Melders", "answers": "Beantwoord", "silent_months": "Stil",
        "open_cases": "Open meldingen", "call_back_on": "Terugbellen", "active": "Doet mee",
    }  # fmt: skip
    column_descriptions = {
        "answers": "van de laatste twaalf maanden waarover is gevraagd",
        "silent_months": "maanden op rij tot en met de vorige zonder antwoord",
        "open_cases": "concept, onvolledig of ingediend",
    }
    column_sortable_list = ("name", "phone")
    column_default_sort = "name"
    column_filters = (
        OneOf(Hospital.id, "Stil", find=response.silent_for, says="over", options=(
            ("1", "de vorige maand"), ("2", "twee maanden op rij"), ("3", "drie maanden op rij"))),
        OneOf(Hospital.id, "Terugbellen", find=LoggedCall.hospitals_to_call, options=(
            ("nu", "vandaag of eerder"), ("gepland", "afgesproken"))),
        YesNoFilter(Hospital.active, "Doet mee"),
    )  # fmt: skip

    def complete(self, rows):
        found = follow_ups(rows)
        for row in rows:
            row.follow_up = found[row.id]
            row.melders, row.silent_months = row.follow_up.melders, row.follow_up.silent_months
            row.open_cases, row.call_back_on = row.follow_up.open_cases, row.follow_up.call_back_on
            row.answers = f"{row.follow_up.answered} van {row.follow_up.asked}" if row.follow_up.asked else "–"
        return rows

    def _name(self, context, row, name):
        return columns.link(self.get_url(".hospital", code=row.code), row.name)

    def _phone(self, context, row, name):
        return Markup('<a class="nowrap" href="tel:{}">{}</a>').format(row.phone.replace(" ", ""), row.phone)

    def _melders(self, context, row, name):
        # A hospital that only delivers to the LNR needs none.
        reports = row.follow_up.asked or row.open_cases
        few = row.active and reports and row.melders < silent_hospitals.FEW
        return columns.badge(f"{row.melders}: te weinig", "warning") if few else row.melders

    def _silent(self, context, row, name):
        if not row.silent_months:
            return ""
        return columns.badge(
            plural(row.silent_months, "maand", "maanden"), "warning" if row.silent_months >= IN_A_ROW else "neutral"
        )

    def _call_back(self, context, row, name):
        if row.call_back_on is None:
            return ""
        said = columns.day(row.call_back_on)
        return columns.with_note(said, columns.badge("bellen", "warning")) if row.call_back_on <= clock.today() else said

    column_formatters = {
        "name": _name,
        "phone": _phone,
        "melders": _melders,
        "silent_months": _silent,
        "call_back_on": _call_back,
    }

    @expose("/<code>/")
    def hospital(self, code):
        """One hospital: people, months, open cases, calls."""
        return self._page(*self.rows(code))

    @expose("/<code>/agenda")
    def agenda(self, code):
        """A day to call this hospital back as a file for a calendar: of the call `gesprek`, or the first; 404 without any."""
        (hospital,) = self.rows(code)
        waiting = LoggedCall.to_call_back(hospital)
        asked = [call.calendar_day for call in waiting if request.args.get("gesprek", call.key) == call.key]
        for file in calendar_files(asked[:1]):
            headers = {"Content-Disposition": f"attachment; filename={file.name}"}
            kind = f"text/calendar; charset=utf-8; method={file.day.method}"
            return Response(file.content(clock.now()), content_type=kind, headers=headers)
        abort(404)

    log = act("/<code>/gesprek", LoggedCall.log, form=Call, done="Het gesprek met {0} is vastgelegd.", anchor="gesprekken")

    pause = act("/<code>/pauze", SendingHold.pause, form=Pause, done="{0} is gepauzeerd.", anchor="pauze")
    resume = act("/<code>/hervat", SendingHold.resume, done="{0} doet weer mee met uitvraag en herinneringen.", anchor="pauze")

    write_note = act(
        "/<code>/opmerking", HospitalNote.write, form=NewNote, done="De opmerking is opgeslagen.", anchor="opmerkingen"
    )
    amend_note = act(
        "/<code>/opmerking/<note>", amend_note, form=ChangedNote, done="De opmerking is gewijzigd.", anchor="opmerkingen"
    )

    def rows(self, code, note=None):
        hospital = find(Hospital, code, field="code")
        if note is None:
            return (hospital,)
        row = find(HospitalNote, note)
        return (hospital, row) if row.hospital_id == hospital.id else abort(404)

    def onward(self, hospital, note=None, anchor=None):
        return redirect(self.get_url(".hospital", code=hospital.code, _anchor=anchor))

    def refused(self, reason, form, hospital, note=None, anchor=None):
        """The page with the reason at the form, and what was typed still in it."""
        return self._page(hospital, typed=form.typed, reason=str(reason), note=note), 409

    def _page(self, hospital, typed=None, reason="", note=None):
        sheet, this = HospitalSheet.of(hospital, who()), clock.today().year
        return self.render(
            "review/hospital.html",
            hospital=hospital,
            sheet=sheet,
            typed=typed or {},
            ticked=typed.getlist("afgehandeld") if typed else [call.key for call in sheet.to_call_back if call.due()],
            reason=reason,
            outcomes=OUTCOMES,
            months=[(month.month, month_name(month.month)) for month in sheet.year],
            month=request.args.get("maand"),
            to_call_back=sheet.to_call_back,
            states=CELLS,
            shown=CASES,
            few=silent_hospitals.FEW,
            pause=SendingHold.of_hospital(hospital),
            notes=HospitalNote.of_hospital(hospital),
            refused_note=note,
            longest_note=LONGEST_NOTE,
            births=Births.of_hospital(hospital, range(this - YEARS - 1, this)),
            years=range(this - 1, this - 1 - YEARS, -1),
            longest_reason=LONGEST,
            today=clock.today(),
            key=new_key(),
        )


class CallsView(ScopedModelView):
    """Every call with every hospital, the latest first."""

    screen = Screen("calls", "/gesprekken", "Gesprekken", of=LoggedCall, menu="Naslag")
    ability = "follow"
    reads = "call.read"
    intro = "Wat ziekenhuizen aan de telefoon vertelden. U legt een gesprek vast op de pagina van het ziekenhuis."
    can_view_details = can_export = True
    related = (LoggedCall.hospital, LoggedCall.by, LoggedCall.taken_by, LoggedCall.settled_by)
    column_list = ("at", "hospital", "month", "outcome", "spoken_to", "text", "by", "call_back_on", "settled_at")
    column_details_list = (*column_list, "taken_by", "settled_by")
    column_labels = {
        "at": "Gesproken op", "hospital": "Ziekenhuis", "month": "Over maand", "outcome": "Hoe het ging",
        "spoken_to": "Met wie", "text": "Wat is gezegd", "by": "Door", "call_back_on": "Terugbellen op",
        "settled_at": "Afgehandeld op", "settled_by": "Afgehandeld door", "taken_by": "Terugbellen overgenomen door",
    }  # fmt: skip
    column_sortable_list = (
        "at",
        ("hospital", Hospital.name),
        "month",
        "outcome",
        "call_back_on",
        "settled_at",
    )
    column_default_sort = ("id", True)
    column_filters = (
        ListFilter(LoggedCall.hospital, "Ziekenhuis", find=Hospital.named, says="bevat"),
        OneOf(LoggedCall.outcome, "Hoe het ging", options=list(OUTCOMES.items())),
        YesNoFilter(LoggedCall.settled_at, "Afgehandeld", empty=True),
        PeriodFilter(LoggedCall.at, "Gesproken"),
    )

    def _hospital(self, context, row, name):
        return columns.link(self.get_url("followed.hospital", code=row.hospital.code), row.hospital.name)

    def _text(self, context, row, name):
        return columns.short(row.text)

    column_formatters = {
        "hospital": _hospital, "at": columns.when, "month": columns.month, "text": _text, "settled_at": columns.when,
    }  # fmt: skip
    column_formatters_detail = {"hospital": _hospital, "month": columns.month}

    def suits(self, action, row):
        return row.open

    take = row_act("take", "Zelf terugbellen", LoggedCall.take, "keer belt u terug", "keer belt u terug")
    settle = row_act("settle", "Terugbellen is afgehandeld", LoggedCall.settle, "gesprek afgehandeld", "gesprekken afgehandeld")
