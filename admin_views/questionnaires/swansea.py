"""The Swansea helper for acute fatty liver: counts what somebody ticks. It keeps nothing and decides nothing."""

from flask_admin import expose

from admin_views.grid.act_forms import ActForm, Many
from admin_views.grid.scoped_views import ScopedView
from models.questionnaires.swansea import swansea


class Ticked(ActForm):
    criteria = Many(name="criterium")


class SwanseaView(ScopedView):
    """For who reports and who reviews. The ticks are posted, so that they stand in no address and no log."""

    ability = "complete"
    others = ("review",)

    def is_visible(self):
        return False

    @expose("/", methods=("GET", "POST"))
    def index(self):
        ticked = Ticked.sent().criteria.data or []
        return self.render("questionnaires/fill_in/swansea.html", swansea=swansea(), ticked=ticked)
