"""The month grid: which hospital answered which month, and everything that follows from an empty cell."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
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
from models.dutch import listed, month_name, number, percentage, plural, short_month
from models.mail.outbox import MAIL_STATUS_LABELS
from models.mail.sending_hold import SendingHold
from models.monthly import response
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from models.monthly.response import REQUEST_ENDS
from models.review import silent_hospitals
from models.review.call_log import OUTCOMES, LoggedCall
from models.review.figures.month_table import KEPT, ORDERS, MonthTable

PAGE = 50  # hospitals in the list of a month
ROWS = 150  # of the grid: the country fits on one page
SPAN = 12  # months
TOTALS = ("Maanden beantwoord", "Maanden gevraagd", "Maanden zonder antwoord", "Maanden te laat", "Casussen")
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
        page, asked = request_values.page(), _asked()
        last, months = asked.last, asked.months
        table = asked.table()
        earlier, later = _shift(months[-1], -SPAN, last), _shift(months[-1], SPAN, last)
        return self.render(
            "monthly/grid/index.html",
            table=table,
            months=months,
            names={month: (short_month(month), month_name(month)) for month in months},
            rows=table.rows[page * ROWS : (page + 1) * ROWS],
            total=len(table.rows),
            page=page,
            more=(page + 1) * ROWS < len(table.rows),
            asked=asked,
            chips=[
                {"label": label, "count": table.counts[name], "href": asked.url(toon=asked.pressed(name)), "active": on}
                for name, label in _chips(months[-1]).items()
                for on in [name in asked.kept]
            ],
            totals=[table.turnout(month) for month in months],
            percentage=percentage,
            request_said=_request(months[-1], table.request),
            states=CELLS,
            shown=SHOWN,
            earlier=earlier and asked.url(tot=earlier),
            later=later and asked.url(tot=later),
            last=last,
            silent=sum(one.silent for one in table.everyone),
            warnings=silent_hospitals.Warnings.among(table.everyone, table.turnout(last).asked),
            paused=SendingHold.paused(),
            page_url=lambda number: asked.url(bladzijde=number),
        )

    @expose("/export")
    def export(self):
        """The same hospitals, in the same order, as a workbook: the months in words, the totals, and those of a month below."""
        asked = _asked()
        table, months = asked.table(), asked.months
        rows = [
            [row.hospital.name, row.hospital.code, *(cell.label for cell in row.cells.values()), *row.totals]
            for row in table.rows
        ]
        turnouts, (done, questions) = [table.turnout(month) for month in months], table.total
        below = [
            ["Respons van alle ziekenhuizen", "", *(percentage(one.answered, one.asked) for one in turnouts), done, questions],
            ["Casussen van alle ziekenhuizen", "", *(table.cases[month] for month in months), *[None] * 4, table.cases.total()],
        ]
        heads = ["Ziekenhuis", "Code", *map(month_name, months), *TOTALS]
        about = [
            ("Maanden", f"{month_name(months[0])} tot en met {month_name(months[-1])}"),
            ("Gezocht", asked.search or "alle ziekenhuizen"),
            ("Filter", listed([_chips(months[-1])[name] for name in asked.kept]) or "geen"),
            ("Uitvraag", _request(months[-1], table.request)),
            ("Respons", "antwoorden gedeeld door het aantal ziekenhuizen dat de uitvraag echt kreeg"),
            ("Gemaakt op", local_moment(clock.now())),
        ]
        told = f"{months[0]} tot en met {months[-1]}, {plural(len(rows), 'regel', 'regels')}"
        AuditEvent.log("row.export", by=who(), subject=self.screen.name, detail=told)
        return ExportSheet(self.screen.name, heads, [rows, below], about).answer("xlsx")

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
            ends=_ends,
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
            requests=_ends(silent_hospitals.requests(mail for one in people for mail in one.mails)),
            pause=SendingHold.of_hospital(hospital),
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


@dataclass(frozen=True)
class _Asked:
    """What the address of the grid asks; `url` is the address that asks the same but for what it is told."""

    last: str  # the newest month there is
    until: str
    search: str
    kept: list
    order: str

    @property
    def months(self):
        return clock.months_until(self.until, SPAN)

    def table(self):
        return MonthTable.of(who(), self.months, self.search, self.kept, self.order)

    def pressed(self, name):
        """Which chips are on once this one is pressed, as the address says it."""
        return ",".join(one for one in KEPT if (one in self.kept) != (one == name)) or None

    @property
    def fields(self):
        """What the address says, but for the search."""
        until = self.until if self.until < self.last else ""
        said = {"tot": until, "toon": ",".join(self.kept), "volgorde": self.order}
        return {name: value for name, value in said.items() if value}

    def url(self, to=".index", **other):
        return url_for(to, **{"zoek": self.search or None, **self.fields, **other})


def _asked():
    last = clock.previous_month(clock.today())
    return _Asked(
        last=last,
        until=_month(request.args.get("tot") or last, last),
        search=request.args.get("zoek", "").strip()[:100],
        kept=[name for name in KEPT if name in request.args.get("toon", "").split(",")],
        order=request_values.one_of("volgorde", ORDERS, ""),
    )


def _chips(month):
    return {
        "stil": f"Stil over {month_name(month)}",
        "te-laat": "Te laat",
        "drie": "Drie maanden op rij zonder antwoord",
    }


def _request(month, ends):
    """'Uitvraag over oktober 2026: 74 verstuurd, 1 geweigerd.'; what did not happen is not told."""
    if not ends:
        return f"Over {month_name(month)} ging geen uitvraag uit."
    return f"Uitvraag over {month_name(month)}: {_ends(ends)}."


def _ends(ends):
    """'74 verstuurd, 1 geweigerd': what became of requests, {how it ended: number}."""
    return ", ".join(f"{number(ends[end])} {end}" for end in dict.fromkeys(REQUEST_ENDS.values()) if ends[end])


def _month(text, last=None):
    """A month of an address, or 404 for what is none, or lies in the future."""
    return request_values.month_or_404(text, last or clock.month_of(clock.today()))


def _shift(until, count, last):
    """The last month of the span before or behind this one, or None where the grid ends."""
    other = min(clock.add_months(until, count), last)
    return other if other != until and other >= EARLIEST else None
