"""'Nieuwe vragenlijst': for a theme or a process that has none, empty or from a spreadsheet."""

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_admin.form import BaseForm
from wtforms import FileField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from admin_views.grid.act_forms import posted
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.web.screen import Screen
from models.base import Refused
from models.questionnaires.definition import new_questionnaire
from models.questionnaires.definition.definition_csv import LARGEST

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


class NewQuestionnaireView(ScopedView):
    """One form; what it makes is a draft that no melder sees."""

    screen = Screen("new_questionnaire", "/beheer/vragenlijsten/nieuw", "Nieuwe vragenlijst", listed=False)
    ability = "curate"

    @expose("/", methods=("GET", "POST"))
    def index(self):
        form = NewForm(posted())
        form.place.choices = new_questionnaire.places(who())
        if request.method == "GET" or not form.validate():
            return self._show(form)
        file = request.files.get("file")
        content = file.stream.read(LARGEST + 1) if file and file.filename else None
        try:
            draft = new_questionnaire.begin(who(), form.place.data, form.name.data, content).version
        except Refused as reason:
            return self._show(form, getattr(reason, "found", None) or [str(reason)])
        flash(f"De vragenlijst ‘{draft.questionnaire.name}’ is gemaakt, als concept. Melders zien deze nog niet.", "success")
        return redirect(url_for("version.index", version=draft.key))

    def _show(self, form, found=()):
        status = 409 if found or form.errors else 200
        return self.render("questionnaires/versions/new.html", form=form, found=found), status
