"""Retention: the table of terms, what the coming night destroys, and what the latest nights destroyed."""

from flask_admin import expose
from wtforms import IntegerField
from wtforms.validators import InputRequired

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import columns
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import MODELS, dutch
from models.retention import destruction
from models.retention.processing_register import processing_register
from models.retention.retention_kind import WITHOUT_TERM
from models.retention.retention_term import RetentionTerm


def _span(days):
    """'30 dagen', '15 jaar (5.475 dagen)'."""
    said = dutch.plural(days, "dag", "dagen")
    return f"{days // 365} jaar ({said})" if days and days % 365 == 0 else said


def _days(view, context, row, name):
    facts, later = row.facts, row.shorter_from and f"vanaf {dutch.date_and_time(row.shorter_from)}"
    bounds = "ligt vast" if facts.fixed else f"te kiezen: {_span(facts.least)} tot en met {_span(facts.most)}"
    return columns.with_note(_span(row.days), "; ".join(filter(None, (later, bounds))))


def _why(view, context, row, name):
    return columns.with_note(row.facts.purpose, row.facts.ground)


def _fact(view, context, row, name):
    return getattr(row.facts, name)


class RetentionTermsView(ShortlyAfterSecondStep, ScopedModelView):
    """How long each kind of data is kept; a beheerder changes a term within its bounds."""

    screen = Screen("retention", "/beheer/bewaartermijnen", "Bewaartermijnen", of=RetentionTerm, menu="Privacy")
    ability = "manage"
    shortly = ("edit_view",)
    list_template = "retention/terms.html"
    intro = (
        "Hoe lang elk soort gegevens blijft, waarvoor en op welke grond. ’s Nachts gaat weg wat zijn termijn heeft gehad. "
        "Een regel van het logboek gaat nooit binnen vijf jaar weg (NEN 7513)."
    )
    can_edit, edit_label = True, "Termijn wijzigen: {}"
    column_list = ("kind", "days", "counts_from", "happens", "purpose")
    column_labels = {
        "kind": "Wat", "days": "Termijn", "counts_from": "Gerekend vanaf", "happens": "Daarna", "purpose": "Waarvoor en grond",
    }  # fmt: skip
    column_formatters = {"days": _days, "purpose": _why} | dict.fromkeys(("counts_from", "happens"), _fact)
    column_default_sort = "id"
    form_columns = ("days",)
    form_extra_fields = {
        "days": IntegerField(
            "Termijn in dagen",
            [InputRequired("Vul een aantal dagen in.")],
            description="Een kortere termijn gaat na zeven dagen in, ook voor wat er al is. "
            "Beheerders en coördinatoren krijgen er een mail over.",
        )
    }

    def render(self, template, **kwargs):
        return super().render(template, without_term=WITHOUT_TERM, **kwargs)

    def save(self, form, row):
        row.amend(who(), form.days.data)

    @expose("/vannacht/")
    def tonight(self):
        """What the coming night destroys, and what the latest nights did."""
        return self.render(
            "retention/tonight.html",
            foretold=destruction.foretell(),
            latest=destruction.Destruction.latest(),
            changes=RetentionTerm.changes(),
        )

    @expose("/register/")
    def register(self):
        """What is kept about people, table by table: for the register of processing and the DPIA."""
        return self.render("retention/register.html", register=processing_register(MODELS, who()))
