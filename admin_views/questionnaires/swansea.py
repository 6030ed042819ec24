"""The Swansea helper for acute fatty liver: counts what somebody ticks. It keeps nothing and decides nothing."""

from flask_admin import expose

from admin_views.grid.act_forms import ActForm, Many
from admin_views.grid.scoped_views import ScopedView
from admin_views.web.screen import Screen
from models.questionnaires.swansea import swansea


class Ticked(ActForm):
    criteria = Many(name="criterium")


class SwanseaView(ScopedView):
    """For who reports and who reviews. The ticks are posted, so that they stand in no address and no log."""

    screen = Screen("swansea", "/swansea", "Swansea-criteria", listed=False)
    ability = "complete"
    others = ("review",)

    @expose("/", methods=("GET", "POST"))
    def index(self):
        ticked = Ticked.sent().criteria.data or []
        return self.render("questionnaires/fill_in/swansea.html", swansea=swansea(), ticked=ticked)
