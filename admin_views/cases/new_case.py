"""The form 'Nieuwe melding maken'."""

import hashlib

from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length, StopValidation

from admin_views.grid.act_forms import Pressed, TextField
from models.access import Process
from models.base import new_key

HEADINGS = {
    Process.NETHOSS: "Op dit moment registreren we:",
    Process.LZA1: "En, via een iets ander proces, maar ook in deze beveiligde omgeving:",
}
WHY_PATIENT_NUMBER = (
    "Niet verplicht. Hiermee vindt u de stukken later terug in uw eigen dossier. Alleen uw eigen ziekenhuis ziet dit nummer."
)
CHOOSE = "Kies een thema."


def headings(themes):
    """{process: the words above its themes}; 'also' only where something stands above it."""
    processes = {theme.process for theme in themes}
    return HEADINGS if len(processes) > 1 else dict.fromkeys(processes, HEADINGS[Process.NETHOSS])


class ThemeField(RadioField):
    """A choice among the themes that this person may report today; the page shows each with what it means and asks."""

    def offer(self, themes):
        """Let the reporter choose from `themes`."""
        self.themes = {str(theme.id): theme for theme in themes}
        self.choices = [(key, theme.long_name) for key, theme in self.themes.items()]

    def pre_validate(self, form):
        if self.data not in self.themes:
            raise StopValidation(CHOOSE)

    @property
    def chosen(self):
        return self.themes[self.data]


class NewCase(FlaskForm):
    """The two fields of the manual, and what the page knows: its own key, the month it was opened for, 'Toch aanmaken'."""

    theme = ThemeField("Thema", validators=[InputRequired(CHOOSE)])
    patient_number = StringField(
        "Patiëntnummer",
        description=WHY_PATIENT_NUMBER,
        render_kw={"autocomplete": "off"},
        validators=[Length(max=64, message="Het patiëntnummer mag hoogstens 64 tekens lang zijn.")],
    )

    page_key = TextField(name="sleutel")
    month = TextField(name="maand")
    counts_for = TextField(name="telt")
    all_the_same = Pressed(name="toch")

    @property
    def number(self):
        return self.patient_number.data or ""

    def request_key(self):
        """Names this form with this content: sent twice it is one case, with other content it is another."""
        said = f"{self.page_key.data or new_key()}|{self.theme.data}|{self.number}|{self.counts_for.data}"
        return hashlib.sha256(said.encode()).hexdigest()[:43]
