"""The Swansea helper for acute fatty liver: counts what somebody ticks. It keeps nothing and decides nothing."""

from flask import request
from flask_admin import expose

from admin_views.grid.scoped_views import ScopedView
from models.questionnaires.swansea import swansea


class SwanseaView(ScopedView):
    """For who reports and who reviews. The ticks are posted, so that they stand in no address and no log."""

    ability = "complete"
    others = ("review",)

    def is_visible(self):
        return False

    @expose("/", methods=("GET", "POST"))
    def index(self):
        return self.render("questionnaires/fill_in/swansea.html", swansea=swansea(), ticked=request.form.getlist("criterium"))
