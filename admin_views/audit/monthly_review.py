"""The monthly look at the trail, which somebody signs for."""

from flask import flash, redirect, request
from flask_admin import expose

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import request_values
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.web.screen import Screen
from models import clock
from models.audit import monthly_review
from models.audit.audit_event import AuditEvent
from models.audit.monthly_review import AuditReview, Figures
from models.base import Refused


class TrailReviewView(ShortlyAfterSecondStep, ScopedView):
    """Months, their figures and the signature under them."""

    screen = Screen("trail_review", "/beheer/controle", "Maandelijkse controle", menu="Beheer")
    ability = "manage"

    @expose("/")
    def index(self):
        return self.render("audit/months.html", months=AuditReview.overview())

    @expose("/<month>/")
    def month(self, month):
        month = request_values.month_or_404(month)
        AuditEvent.log("trail.read", by=who(), subject=f"{self.name} {month}")
        return self._page(month)

    @expose("/<month>/aftekenen", methods=("POST",))
    def sign(self, month):
        month = request_values.month_or_404(month)
        try:
            AuditReview.sign(month, who(), request.form.get("bevinding"))
        except Refused as reason:
            review = AuditReview.of_month(month)
            if not (review and review.by == who()):  # a double click is no error
                flash(str(reason), "error")
                return self._page(month), 409
        flash("De maand is afgetekend.", "success")
        return redirect(self.get_url(".month", month=month))

    def _page(self, month):
        return self.render(
            "audit/month.html",
            month=month,
            figures=Figures(month),
            review=AuditReview.of_month(month),
            link=_grid(month),
            over=month < clock.month_of(clock.today()),
            typed=request.form.get("bevinding", ""),
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
