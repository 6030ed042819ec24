"""Correcting a wrong theme: first what will be kept and what becomes loose, then the act."""

from flask_admin import expose

from admin_views.grid import request_values
from admin_views.grid.act_forms import OfRound, RowField, TextField
from admin_views.grid.acts import act
from admin_views.grid.scoped_views import who
from models.base import Refused
from models.cases.theme import Theme
from models.review.correction import theme_correction
from models.review.correction.theme_correction import correct_theme
from models.review.correction.theme_outlook import mark


class CorrectedTheme(OfRound):
    theme = RowField(name="thema", model=Theme)
    reason = TextField(name="reden")
    seen = TextField(name="gezien")


class ThemeCorrecting:
    """The part of the coordinator's screens that corrects the theme of a case."""

    @expose("/<key>/thema/")
    def theme(self, key):
        return self.theme_page(self._case(key))

    correct_theme = act(
        "/<key>/thema/corrigeren", correct_theme, form=CorrectedTheme,
        done="Het thema van melding {0.number} is nu ‘{0.theme.name}’; het ziekenhuis krijgt bericht.",
    )  # fmt: skip

    def theme_page(self, case, chosen=None, typed=None):
        """The page, with what will happen under the chosen theme and what was typed."""
        themes = theme_correction.themes_for(case)
        chosen = chosen or request_values.row_of("naar", themes)
        outlooks, why_not = [], theme_correction.why_not(case)
        if chosen and not why_not:
            try:
                outlooks = theme_correction.outlook(case, chosen, who())
            except Refused as reason:
                why_not = str(reason)
        return self.render(
            "review/theme.html",
            case=case,
            themes=themes,
            chosen=chosen,
            outlooks=outlooks,
            why_not=why_not,
            mark=mark(outlooks),
            typed=typed or {},
        )
