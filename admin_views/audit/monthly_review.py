"""The monthly look at the trail, which somebody signs for."""

from flask import flash, redirect, url_for
from flask_admin import expose

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import columns, request_values
from admin_views.grid.act_forms import ActForm, TextField
from admin_views.grid.acts import Acts, act
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import clock, dutch
from models.audit import monthly_review
from models.audit.audit_event import AuditEvent
from models.audit.monthly_review import AuditReview, Figures


class Signature(ActForm):
    note = TextField(name="bevinding")


class TrailReviewView(ShortlyAfterSecondStep, Acts, ScopedModelView):
    """The months that were signed off, those that wait, and a page for each with its figures and the signature."""

    screen = Screen("trail_review", "/beheer/controle", "Maandelijkse controle", of=AuditReview, menu="Beheer")
    ability = "manage"
    list_template = "audit/months.html"
    intro = "Elke maand leest iemand het logboek na en tekent daarvoor. Zo valt misbruik op, en kunt u laten zien dat u kijkt."
    empty = ("Nog niets afgetekend", "Een maand die is afgetekend, staat daarna hier.")
    related = (AuditReview.by,)
    hidden = frozenset({AuditReview.note})
    column_list = ("month", "at", "by")
    column_labels = {"month": "Maand", "at": "Afgetekend", "by": "Door"}
    column_sortable_list = ("month", "at")
    column_default_sort = ("month", True)

    def _month(self, context, row, name):
        return columns.link(url_for("trail_review.month", month=row.month), dutch.month_name(row.month))

    column_formatters = {"month": _month, "at": columns.moment, "by": lambda view, context, row, name: row.by.name}

    def beside(self):
        return {"waiting": AuditReview.unsigned()}

    @expose("/<month>/")
    def month(self, month):
        (month,) = self.rows(month)
        AuditEvent.log("trail.read", by=who(), subject=f"{self.name} {month}")
        return self._page(month)

    sign = act("/<month>/aftekenen", AuditReview.sign, form=Signature, done="De maand is afgetekend.")

    def rows(self, month):
        return (request_values.month_or_404(month),)

    def onward(self, month, anchor=None):
        return redirect(self.get_url(".month", month=month))

    def repeats(self, verb, form, month):
        review = AuditReview.of_month(month)
        return review is not None and review.by == who()

    def refused(self, reason, form, month, anchor=None):
        flash(str(reason), "error")
        return self._page(month, form.note.data), 409

    def _page(self, month, typed=""):
        return self.render(
            "audit/month.html",
            month=month,
            figures=Figures(month),
            year=monthly_review.year_until(month),
            review=AuditReview.of_month(month),
            link=_grid(month),
            over=month < clock.month_of(clock.today()),
            typed=typed,
            many=monthly_review.MANY,
            office=monthly_review.OFFICE,
            note_max=monthly_review.NOTE_MAX,
            shown=monthly_review.MOST_ACCOUNTS,
        )


def _grid(month):
    """A function from filters to the address of the lines of this month in the list of the trail."""
    first, following = clock.first_of(month), clock.first_of(clock.add_months(month, 1))
    period = f"/beheer/logboek/?flt0_wanneer_ligt_tussen={first}+to+{following - clock.DAY}"
    return lambda name, value: f"{period}&flt1_{name}_is={value}"
