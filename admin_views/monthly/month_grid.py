"""The month grid: which hospital answered which month, and everything that follows from an empty cell."""

from flask import flash, redirect, request
from flask_admin import expose

from admin_views.grid import request_values
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.web.screen import Screen
from models import clock
from models.accounts.hospital import Hospital
from models.base import Refused
from models.dutch import month_name, percentage, plural, short_month
from models.mail.outbox import MAIL_STATUS_LABELS
from models.monthly import response
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from models.review import silent_hospitals

PAGE = 50  # hospitals
SPAN = 12  # months
EARLIEST = "2000-01"
SHOWN = 20  # names in a warning
CELLS = {"telaat": "te laat", "leeg": "geen"}  # what the components call these states


class MonthsView(ScopedView):
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
        counted = response.by_month({*months, last})
        _, asked = counted.get(last, (0, 0))
        return self.render(
            "monthly/grid/index.html",
            months=months,
            names={month: (short_month(month), month_name(month)) for month in months},
            rows=_rows(hospitals, response.grid(hospitals, months)),
            total=len(found),
            page=page,
            search=search,
            totals=[counted.get(month, (0, 0)) for month in months],
            percentage=percentage,
            states=CELLS,
            shown=SHOWN,
            more=(page + 1) * PAGE < len(found),
            earlier=_shift(until, -SPAN, last),
            later=_shift(until, SPAN, last),
            last=last,
            silent=response.silent(last).count(),
            warnings=silent_hospitals.Warnings.among(everyone, asked),
            here={"tot": until if until < last else None},
            page_url=lambda number: self.get_url(".index", bladzijde=number, zoek=search or None, tot=until),
        )

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
        return self._cell(*self._place(code, month))

    @expose("/<code>/<month>/herinner", methods=["POST"])
    def remind(self, code, month):
        def act(hospital, month):
            count = MonthlyCall.remind(hospital, month, who())
            if not count:
                raise Refused("Vandaag is dit ziekenhuis al herinnerd. Morgen kan het opnieuw.")
            return f"{plural(count, 'herinnering gaat', 'herinneringen gaan')} naar {hospital.name}."

        return self._act(code, month, act)

    @expose("/<code>/<month>/nul", methods=["POST"])
    def telephone(self, code, month):
        def act(hospital, month):
            MonthAnswer.zero_by_telephone(hospital, month, who(), request.form.get("gesproken", ""))
            return f"De nul-melding van {hospital.name} over {month_name(month)} is geregistreerd."

        return self._act(code, month, act)

    @expose("/<code>/<month>/intrekken", methods=["POST"])
    def withdraw(self, code, month):
        def act(hospital, month):
            answer = MonthAnswer.standing(hospital, month)
            if answer is None:
                return "De nul-melding is ingetrokken."
            answer.withdraw(who())
            return f"De nul-melding van {hospital.name} over {month_name(month)} is ingetrokken."

        return self._act(code, month, act)

    def _place(self, code, month):
        return self.find(Hospital, code, field="code"), _month(month)

    def _act(self, code, month, act):
        """Do it, say so, and go back to where the button stood; a refusal keeps what was typed."""
        hospital, month = self._place(code, month)
        try:
            flash(act(hospital, month), "success")
        except Refused as reason:
            flash(str(reason), "error")
            if not request.form.get("lijst"):
                return self._cell(hospital, month), 409
        back = {"month": month} if request.form.get("lijst") else {"code": code, "month": month}
        return redirect(self.get_url(".silent" if request.form.get("lijst") else ".cell", **back))

    def _cell(self, hospital, month):
        answers, people = silent_hospitals.history(hospital, month), silent_hospitals.asked(hospital, month)
        standing = next((answer for answer in answers if answer.ended_at is None), None)
        return self.render(
            "monthly/grid/cell.html",
            hospital=hospital,
            month=month,
            answers=answers,
            standing=standing,
            people=people,
            cell=response.grid([hospital], [month])[hospital.id][month],
            cases=silent_hospitals.cases(hospital, month, who()),
            melders_now=silent_hospitals.melder_counts([hospital.id]).get(hospital.id, 0),
            few=silent_hospitals.FEW,
            states=CELLS,
            remindable=any(not person.call.expired() for person in people),
            mail_labels=MAIL_STATUS_LABELS,
            over=month < clock.month_of(clock.today()),
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
