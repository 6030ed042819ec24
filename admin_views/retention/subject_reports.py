"""'Wat bewaart u over deze persoon': by number, on the screen or as one workbook."""

from flask import Response, flash
from flask_admin import expose

from admin_views.grid.act_forms import ActForm, Pressed, TextField
from admin_views.grid.list_export import as_workbook
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.grid.workbook import WorkbookPage
from admin_views.web.screen import Screen
from models import access, clock
from models.base import Refused
from models.retention.subject_report import SubjectReport

KEPT = ("Wat", "Bijzonderheden", "Sinds", "Blijft tot")
CONTENT = ("Waarvan", "Wat", "Bijzonderheden", "Sinds")
READERS = ("Wanneer", "Wie", "Wat", "Waarvan")


class PersonAsked(ActForm):
    number = TextField(name="nummer")
    as_file = Pressed(name="bestand")


class SubjectReportView(ScopedView):
    """What is kept about one person. The number travels in the body: not in an address, nor in the trail."""

    screen = Screen("subject", "/wat-bewaart-u", "Wat bewaart u over deze persoon", menu="Privacy")
    ability = "disclose"

    def is_visible(self):
        return access.may(who(), self.ability)

    @expose("/")
    def index(self):
        return self._page()

    @expose("/", methods=("POST",))
    def report(self):
        """What was found, or the same as a workbook."""
        asked = PersonAsked.sent()
        try:
            found = SubjectReport.make(who(), asked.number.data)
        except Refused as reason:
            flash(str(reason), "error")
            return self._page(), 409
        if not asked.as_file.data:
            return self._page(found, asked.number.data)
        kept = [(what, said, f"{clock.local(since):%d-%m-%Y}", until) for what, said, since, until in found.kept]
        content = [(*told, f"{clock.local(since):%d-%m-%Y}") for *told, since in found.content]
        pages = [WorkbookPage("Gegevens", kept, KEPT), WorkbookPage("Bestanden en antwoorden", content, CONTENT)]
        pages += [WorkbookPage("Wie heeft ingezien", found.readers, READERS)]
        headers = {"Content-Disposition": 'attachment; filename="gegevens-van-een-persoon.xlsx"'}
        content, mimetype = as_workbook(*pages)
        return Response(content, mimetype=mimetype, headers=headers)

    def _page(self, found=None, number=""):
        of_lnr = access.may(who(), "consult")
        heads = {"kept": KEPT, "content": CONTENT, "readers": READERS}
        return self.render("retention/subject.html", found=found, number=number, of_lnr=of_lnr, **heads)
