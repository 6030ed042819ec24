"""'Planning van mails': when the clock asks and reminds. The list is the history; its page shows what a change would send."""

from flask import flash, redirect, request
from flask_admin import expose
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from admin_views.grid import columns
from admin_views.grid.act_forms import ActForm, posted
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models.base import Refused
from models.dutch import listed
from models.mail.mail_schedule import DAYS, HOURS, MOST_WEEKS, MailSchedule
from models.operations.rehearsal import mail_preview

SHOWN = 20  # of the mails that a change would send at once
NEEDED = [InputRequired("Vul een getal in.")]


def _number(label, span, description="", needed=True):
    bounds = {"min": span[0], "max": span[-1]}
    return IntegerField(label, NEEDED if needed else [Optional()], description=description, render_kw=bounds)


class ScheduleForm(ActForm):
    """The fields of a schedule; what is wrong with them stands at the field."""

    send_day = _number("Dag van de uitvraag", DAYS, "Van 1 tot en met 28: die dagen heeft elke maand.")
    send_hour = _number("Uur van verzenden", HOURS, "Van 6 tot en met 20, voor de uitvraag en de herinneringen.")
    remind_day = _number(
        "Dag waarop stille ziekenhuizen een herinnering krijgen",
        DAYS,
        "Eén keer, als niemand van het ziekenhuis heeft geantwoord. Leeg: niemand krijgt die vanzelf.",
        needed=False,
    )
    births_month = _number(
        "Maand waarin om de geboorten van het vorige jaar wordt gevraagd",
        range(1, 13),
        "Van 1 (januari) tot en met 12, op de dag van de uitvraag. Leeg: er wordt niet om gevraagd.",
        needed=False,
    )
    first_weeks = _number("Eerste herinnering na (weken)", range(1, MOST_WEEKS + 1))
    second_weeks = _number("Tweede herinnering na (weken)", range(1, MOST_WEEKS + 1))
    third_weeks = _number("Derde herinnering na (weken)", range(1, MOST_WEEKS + 1), "Daarna is de coördinator aan zet.")

    seen = IntegerField(name="nummer", widget=HiddenInput())
    agreed = HiddenField(name="gezien")

    @property
    def chosen(self):
        """The fields of the schedule, by name."""
        return {name: value for name, value in self.data.items() if name not in ("seen", "agreed")}

    @property
    def schedule(self):
        return MailSchedule(**self.chosen)

    def validate(self, *args, **more):
        """Also what the model says of the numbers together."""
        if not super().validate(*args, **more):
            return False
        for name, problem in self.schedule.problems().items():
            self[name].errors = [problem]
        return not self.errors


class MailSchedulesView(ScopedModelView):
    """Every schedule there was, the one that counts on top."""

    screen = Screen("schedule", "/beheer/planning", "Planning van mails", of=MailSchedule, menu="Beheer")
    ability = "curate"
    list_template = "mail/schedule/list.html"
    intro = (
        "Wanneer de uitvraag en de herinneringen uitgaan. Hieronder staat wie dat wanneer wijzigde; de bovenste regel geldt."
    )
    empty = ("Nog nooit gewijzigd", "De planning is zoals die is geleverd.")
    related = (MailSchedule.changed_by,)
    column_list = ("changed_at", "changed_by", "send_day", "send_hour", "remind_day", "births_month", "weeks")
    column_labels = {
        "changed_at": "Gewijzigd", "changed_by": "Door", "send_day": "Dag", "send_hour": "Uur",
        "remind_day": "Stille herinneren op dag",
        "births_month": "Geboorten vragen", "weeks": "Herinneren na weken",
    }  # fmt: skip
    column_sortable_list = ("changed_at",)
    column_default_sort = ("number", True)
    column_formatters = {
        "changed_at": columns.when,
        "weeks": lambda view, context, row, name: listed(row.weeks),
        "send_hour": lambda view, context, row, name: f"{row.send_hour}.00",
        "births_month": lambda view, context, row, name: row.births_asked or "niet",
        "remind_day": lambda view, context, row, name: row.remind_day or "niet",
    }

    def beside(self):
        return {"current": MailSchedule.current()}

    @expose("/wijzigen/", methods=("GET", "POST"))
    def change(self):
        """Another schedule: first what it would send at once, then whether to keep it."""
        current, effect = MailSchedule.current(), None
        delivered = "geleverd" in request.args
        form = ScheduleForm(posted(), data=(MailSchedule() if delivered else current).fields | {"seen": current.number})
        if request.method == "POST" and form.validate():
            try:
                effect = mail_preview.effect_of(who(), form.seen.data, **form.chosen)
                if form.agreed.data == str(form.schedule):
                    MailSchedule.amend(who(), form.seen.data, **form.chosen)
                    flash("De planning is gewijzigd.", "success")
                    return redirect(self.get_url(".index_view"))
            except Refused as reason:
                flash(str(reason), "error")
        return self.render(
            "mail/schedule/change.html",
            form=form,
            effect=effect,
            shown=SHOWN,
            said=str(form.schedule) if effect is not None else "",
        )
