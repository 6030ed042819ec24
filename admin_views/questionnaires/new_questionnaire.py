"""The form of 'Nieuwe vragenlijst': for a theme or a process that has none, empty or from a spreadsheet."""

from flask_admin.form import BaseForm
from wtforms import FileField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from models.questionnaires.definition import new_questionnaire

TOO_LONG = f"Dit is te lang: hoogstens {new_questionnaire.LONGEST} tekens."


class NewForm(BaseForm):
    place = SelectField("Bij welke meldingen", validate_choice=False)
    name = StringField(
        "Naam",
        [DataRequired("Geef de vragenlijst een naam."), Length(max=new_questionnaire.LONGEST, message=TOO_LONG)],
        description="Zoals melders deze zien, bijvoorbeeld: Vragenlijst AFLP.",
    )
    file = FileField(
        "Vragen uit een spreadsheet",
        description="Een CSV-bestand in de vorm waarin u vragenlijsten downloadt. Mag leeg "
        "blijven: u voegt de vragen dan hierna toe.",
    )
