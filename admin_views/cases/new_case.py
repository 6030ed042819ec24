"""The form 'Nieuwe melding maken'."""

import hashlib
from itertools import groupby

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import Select

from admin_views.grid.act_forms import Pressed, TextField
from models import access
from models.access import Process
from models.base import new_key

HEADINGS = {
    Process.NETHOSS: "Op dit moment registreren we:",
    Process.LZA1: "En, via een iets ander proces, maar ook in deze beveiligde omgeving:",
}
WHY_PATIENT_NUMBER = (
    "Niet verplicht. Hiermee vindt u de stukken later terug in uw eigen dossier. Alleen uw eigen ziekenhuis ziet dit nummer."
)
WHICH_THEME = "Bij twijfel: hieronder staat wat elk thema inhoudt."
CHOOSE = "Kies een thema uit de lijst."
NOTHING_CHOSEN = Markup('<option value="">Kies een thema</option>')


class ThemeWidget(Select):
    """The grouped choice, with nothing chosen beforehand."""

    def __call__(self, field, **kwargs):
        opening, end, choices = super().__call__(field, **kwargs).partition(">")
        return opening + end + NOTHING_CHOSEN + choices


class ThemeField(SelectField):
    """A choice among the themes that this person may report today, under the names of their processes."""

    widget = ThemeWidget()

    def offer(self, themes):
        """Let the reporter choose from `themes`."""
        self.themes = {str(theme.id): theme for theme in themes}
        self.choices = {
            access.PROCESS_LABELS[process]: [(str(theme.id), theme.long_name) for theme in group]
            for process, group in groupby(themes, lambda theme: theme.process)
        }

    def pre_validate(self, form):
        if self.data not in self.themes:
            raise StopValidation(CHOOSE)

    @property
    def chosen(self):
        return self.themes[self.data]


class NewCase(FlaskForm):
    """The two fields of the manual, and what the page knows: its own key, the month it was opened for, 'Toch aanmaken'."""

    theme = ThemeField("Thema", description=WHICH_THEME, validators=[InputRequired(CHOOSE)], render_kw={"autocomplete": "off"})
    patient_number = StringField(
        "Patiëntnummer",
        description=WHY_PATIENT_NUMBER,
        render_kw={"autocomplete": "off"},
        validators=[Length(max=64, message="Het patiëntnummer mag hoogstens 64 tekens lang zijn.")],
    )

    page_key = TextField(name="sleutel")
    month = TextField(name="maand")
    all_the_same = Pressed(name="toch")

    @property
    def number(self):
        return self.patient_number.data or ""

    def request_key(self):
        """Names this form with this content: sent twice it is one case, with other content it is another."""
        said = f"{self.page_key.data or new_key()}|{self.theme.data}|{self.number}"
        return hashlib.sha256(said.encode()).hexdigest()[:43]
