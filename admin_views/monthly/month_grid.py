"""The month grid: which hospital answered which month, and everything that follows from an empty cell."""

from flask import flash, redirect, request
from flask_admin import expose

from admin_views.grid import request_values
from admin_views.grid.act_forms import ActForm, Pressed, TextField
from admin_views.grid.acts import Acts, act
from admin_views.grid.list_export import ExportSheet, local_moment
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.web.screen import Screen
from models import clock
from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.dutch import month_name, percentage, plural, short_month
from models.mail.outbox import MAIL_STATUS_LABELS
from models.mail.sending_hold import SendingHold
from models.monthly import response
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from models.review import silent_hospitals
from models.review.call_log import OUTCOMES, LoggedCall

PAGE = 50  # hospitals
SPAN = 12  # months
EARLIEST = "2000-01"
SHOWN = 20  # names in a warning
CALLS = 10  # on the page of a month
CELLS = {"telaat": "te laat", "leeg": "geen"}  # what the components call these states


class OfPlace(ActForm):
    """An act at one hospital in one month; `listed`: its button stood in the list of the month."""

    listed = Pressed(name="lijst")

    def arguments(self):
        return {name: value for name, value in super().arguments().items() if name != "listed"}


class SpokenTo(OfPlace):
    spoken_to = TextField(name="gesproken")


def remind(hospital, month, by):
    """Remind its melders; returns how many mails go out."""
    if count := MonthlyCall.remind(hospital, month, by):
        return count
    raise Refused("Vandaag is dit ziekenhuis al herinnerd. Morgen kan het opnieuw.")


def withdraw(hospital, month, by):
    """Take its zero report back, if it stands."""
    if answer := MonthAnswer.standing(hospital, month):
        answer.withdraw(by)


def _reminded(count, hospital, month):
    return f"{plural(count, 'herinnering gaat', 'herinneringen gaan')} naar {hospital.name}."


def _zero(verb):
    return lambda made, hospital, month: f"De nul-melding van {hospital.name} over {month_name(month)} is {verb}."


class MonthsView(Acts, ScopedView):
    """Hospital by month, for the NethOSS coordinator."""

    screen = Screen("months", "/maanden", "Maandoverzicht")
    ability = "follow"

    @expose("/")
    def index(self):
        last = clock.previous_month(clock.today())
        until = _month(request.args.get("tot") or last, last)
        months = clock.months_until(until, SPAN)
        search, page = request.args.get("zoek", "").strip()[:100], request_values.page()
        everyone = silent_hospitals.hospitals()
        found = [hospital for hospital in everyone if search.casefold() in f"{hospital.name} {hospital.code}".casefold()]
        hospitals = found[page * PAGE : (page + 1) * PAGE]
        counted = response.turnouts({*months, last})
        nothing = response.Turnout()
        return self.render(
            "monthly/grid/index.html",
            months=months,
            names={month: (short_month(month), month_name(month)) for month in months},
            rows=_rows(hospitals, response.grid(hospitals, months)),
            total=len(found),
            page=page,
            search=search,
            totals=[counted.get(month, nothing) for month in months],
            percentage=percentage,
            states=CELLS,
            shown=SHOWN,
            more=(page + 1) * PAGE < len(found),
            earlier=_shift(until, -SPAN, last),
            later=_shift(until, SPAN, last),
            last=last,
            silent=response.silent(last).count(),
            warnings=silent_hospitals.Warnings.among(everyone, counted.get(last, nothing).asked),
            paused=SendingHold.paused(),
            here={"tot": until if until < last else None},
            page_url=lambda number: self.get_url(".index", bladzijde=number, zoek=search or None, tot=until),
        )

    @expose("/export")
    def export(self):
        """The grid of every hospital as a workbook: the months in words, how many were answered, and the response below."""
        last = clock.previous_month(clock.today())
        months = clock.months_until(_month(request.args.get("tot") or last, last), SPAN)
        everyone, counted = silent_hospitals.hospitals(), response.by_month(months)
        cells = response.grid(everyone, months)
        blocks = [
            [hospital.name, hospital.code, *(row[month].label for month in months), done, asked]
            for hospital, row, done, asked in _rows(everyone, cells)
        ]
        below = ["Respons", "", *(percentage(*counted.get(month, (0, 0))) for month in months), None, None]
        heads = ["Ziekenhuis", "Code", *map(month_name, months), "Maanden beantwoord", "Maanden gevraagd"]
        about = [
            ("Maanden", f"{month_name(months[0])} tot en met {month_name(months[-1])}"),
            ("Respons", "antwoorden gedeeld door het aantal ziekenhuizen dat de uitvraag echt kreeg"),
            ("Gemaakt op", local_moment(clock.now())),
        ]
        AuditEvent.log("row.export", by=who(), subject=self.screen.name, detail=f"{months[0]} tot en met {months[-1]}")
        return ExportSheet(self.screen.name, heads, [blocks, [below]], about).answer("xlsx")

    @expose("/<month>/")
    def silent(self, month):
        """Who has not answered about one month."""
        month, page = _month(month), request_values.page()
        rows, total = silent_hospitals.silences(month, page, PAGE)
        return self.render(
            "monthly/grid/silent.html",
            month=month,
            rows=rows,
            total=total,
            page=page,
            more=(page + 1) * PAGE < total,
            few=silent_hospitals.FEW,
            outcomes=OUTCOMES,
            page_url=lambda number: self.get_url(".silent", month=month, bladzijde=number),
        )

    @expose("/<month>/herinner", methods=["POST"])
    def remind_all(self, month):
        mails, hospitals = silent_hospitals.remind_silent(_month(month), who())
        if mails:
            asked = plural(hospitals, "ziekenhuis", "ziekenhuizen")
            flash(f"{plural(mails, 'herinnering gaat', 'herinneringen gaan')} naar {asked}.", "success")
        else:
            flash("Er gaat geen nieuwe herinnering uit: vandaag is iedereen die dat kan al herinnerd.", "info")
        return redirect(self.get_url(".silent", month=month))

    @expose("/<code>/<month>/")
    def cell(self, code, month):
        """One hospital in one month: answers, mails, cases, and what can be done."""
        return self._cell(*self.rows(code, month))

    remind = act("/<code>/<month>/herinner", remind, form=OfPlace, done=_reminded)
    telephone = act("/<code>/<month>/nul", MonthAnswer.zero_by_telephone, form=SpokenTo, done=_zero("geregistreerd"))
    withdraw = act("/<code>/<month>/intrekken", withdraw, form=OfPlace, done=_zero("ingetrokken"))

    def rows(self, code, month):
        return self.find(Hospital, code, field="code"), _month(month)

    def onward(self, hospital, month, anchor=None):
        """Back to where the button stood."""
        if OfPlace.sent().listed.data:
            return redirect(self.get_url(".silent", month=month))
        return redirect(self.get_url(".cell", code=hospital.code, month=month))

    def refused(self, reason, form, hospital, month, anchor=None):
        """The reason; on the page of the cell with what was typed."""
        flash(str(reason), "error")
        return (
            self.onward(hospital, month)
            if form.listed.data
            else (self._cell(hospital, month, form.typed.get("gesproken", "")), 409)
        )

    def _cell(self, hospital, month, spoken_to=""):
        answers, people = silent_hospitals.history(hospital, month), silent_hospitals.asked(hospital, month)
        standing = next((answer for answer in answers if answer.ended_at is None), None)
        return self.render(
            "monthly/grid/cell.html",
            hospital=hospital,
            month=month,
            spoken_to=spoken_to,
            answers=answers,
            standing=standing,
            people=people,
            cell=response.cell_of(hospital, month, standing),
            cases=silent_hospitals.cases(hospital, month, who()),
            melders_now=silent_hospitals.melder_counts([hospital.id]).get(hospital.id, 0),
            few=silent_hospitals.FEW,
            states=CELLS,
            remindable=any(not person.call.expired() for person in people),
            mail_labels=MAIL_STATUS_LABELS,
            over=month < clock.month_of(clock.today()),
            calls=LoggedCall.of_hospital(hospital, CALLS, month),
            outcomes=OUTCOMES,
            today=clock.today(),
        )


def _rows(hospitals, cells):
    """(hospital, its cells by month, months answered, months asked) for each row of the grid."""
    for hospital in hospitals:
        row = cells[hospital.id]
        asked = [cell for cell in row.values() if cell.asked]
        yield hospital, row, sum(cell.answered for cell in asked), len(asked)


def _month(text, last=None):
    """A month of an address, or 404 for what is none, or lies in the future."""
    return request_values.month_or_404(text, last or clock.month_of(clock.today()))


def _shift(until, count, last):
    """The last month of the span before or behind this one, or None where the grid ends."""
    other = min(clock.add_months(until, count), last)
    return other if other != until and other >= EARLIEST else None
