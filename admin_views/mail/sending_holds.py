"""'Wat gaat er uit': the rehearsal of a day, and what the coordinator holds back."""

from flask import flash, redirect, request, url_for
from flask_admin import expose
from wtforms import IntegerField

from admin_views.grid import columns, request_values
from admin_views.grid.act_forms import ActForm, DayField, TextField
from admin_views.grid.acts import Acts, act, row_act
from admin_views.grid.filters import PeriodFilter, YesNoFilter
from admin_views.grid.list_export import ExportSheet, local_moment
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import clock
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.dutch import long_date, plural
from models.mail.mail_schedule import MailSchedule
from models.mail.outgoing_hold import OutgoingHold
from models.mail.sending_hold import LONGEST, SendingHold
from models.operations.rehearsal.mail_preview import FURTHEST, SORTED, MailDay


class Hold(ActForm):
    """One kind of mail to one person, until a day."""

    person = IntegerField(name="persoon")
    name = TextField(name="soort")
    until = DayField(name="tot")
    reason = TextField(name="reden")
    shown = DayField(name="op")  # of the page on which the button stood

    def arguments(self):
        return {name: value for name, value in super().arguments().items() if name != "shown"}


class SendingHoldsView(Acts, ScopedModelView):
    """Every hold, the latest first; one that ended stays in the list."""

    screen = Screen("sending", "/verzenden", "Wat gaat er uit", of=SendingHold, menu="Naslag")
    ability = "follow"
    list_template = "mail/sending/list.html"
    intro = "Kies een dag en zie welke mails dan uitgaan, naar wie en waarom. Daar houdt u een mail ook tegen."
    empty = ("U houdt niets tegen", "Wat u tegenhoudt, staat hier tot en met de dag die u koos; de dag erna gaat het weer uit.")
    can_export = True
    related = (SendingHold.hospital, SendingHold.user, SendingHold.by, SendingHold.ended_by)
    column_list = ("what", "until", "reason", "by", "at", "ended_at", "ended_by")
    column_labels = {
        "what": "Wat", "until": "Tot en met", "reason": "Waarom", "by": "Door", "at": "Sinds", "ended_at": "Opgeheven",
        "ended_by": "Opgeheven door",
    }  # fmt: skip
    column_sortable_list = ("until", "at", "ended_at")
    column_default_sort = ("at", True)
    column_filters = (
        YesNoFilter(SendingHold.ended_at, "Opgeheven", empty=True),
        PeriodFilter(SendingHold.at, "Sinds"),
    )

    def complete(self, rows):
        for row in rows:
            row.what = str(row)
        return rows

    def _what(self, context, row, name):
        state = columns.badge("wordt tegengehouden", "warning") if row.stands() else columns.badge("voorbij", "muted")
        return columns.with_note(str(row), state)

    column_formatters = {"what": _what, "at": columns.when, "ended_at": columns.when}

    def suits(self, action, row):
        return row.stands()

    def beside(self):
        now = MailSchedule.current()
        return _about_the_clock() | {"next_request": now.next_request()}

    lift = row_act("lift", "Niet meer tegenhouden", SendingHold.lift, "mail gaat weer uit", "mails gaan weer uit")
    hold = act("/tegenhouden", SendingHold.hold, form=Hold, done="Tegengehouden: {made}.")

    def onward(self, *rows, anchor=None):
        return redirect(self.get_url(".day", op=Hold.sent().shown.data))

    @expose("/dag/")
    def day(self):
        """The rehearsal of one day: which mails, to whom and why."""
        if "op" not in request.args:
            return redirect(self.get_url(".day", op=clock.today()))
        try:
            rehearsal = MailDay.of(request_values.day(request.args["op"]), who())
        except Refused as reason:
            flash(str(reason), "error")
            return redirect(self.get_url(".index_view"))
        chosen = request.args.get("volgorde", "")
        return self.render(
            "mail/sending/day.html",
            rehearsal=rehearsal,
            letters=rehearsal.sorted_by(chosen),
            columns=SORTED,
            chosen=chosen,
            longest=LONGEST,
            work_url=_work_url,
            **_about_the_clock(),
        )

    @expose("/dag/export")
    def day_file(self):
        """The same list as a workbook, with a line in the trail."""
        try:
            rehearsal = MailDay.of(request_values.day(request.args.get("op")), who())
        except Refused as reason:
            flash(str(reason), "error")
            return redirect(self.get_url(".index_view"))
        rows = [
            [letter.name, letter.hospital, letter.person, letter.to, letter.why, "tegengehouden" if letter.held else "gaat uit"]
            for letter in (*rehearsal.sorted_by(request.args.get("volgorde", "")), *rehearsal.held)
        ]
        said = long_date(rehearsal.day)
        told = f"{said}, {plural(len(rows), 'regel', 'regels')}"
        AuditEvent.log("row.export", by=who(), subject=self.screen.name, detail=told)
        about = [("Dag", said), ("Planning", str(MailSchedule.current())), ("Gemaakt op", local_moment(clock.now()))]
        heads = ["Soort", "Ziekenhuis", "Aan", "E-mailadres", "Waarom", "Gaat uit"]
        work = [[one.what, "", one.who, "", one.why, "doen mensen zelf"] for one in rehearsal.work]
        return ExportSheet(self.screen.name, heads, [rows, work], about).answer("xlsx")


def _work_url(work):
    """The page where somebody does it."""
    endpoint, name = {
        "bellen": ("followed.hospital", "code"),
        "maand": ("months.silent", "month"),
        "oordeel": ("review.detail", "key"),
        "beoordelaar": ("treatment.index", "key"),
        "jaar": ("annual_report.report", "year"),
    }.get(work.kind, ("agenda.index", "meeting"))
    return url_for(endpoint, **{name: work.key})


def _about_the_clock():
    today = clock.today()
    return {
        "today": today,
        "furthest": today + FURTHEST * clock.DAY,
        "schedule": MailSchedule.current(),
        "stands_still": OutgoingHold.standing(),
    }
