"""The dossier of a case as one file, for its coordinator and for who reads it for the committee: ask, follow, fetch."""

from flask import Response, abort, flash, redirect, request
from flask_admin import expose

from admin_views.files.sending import SEALED, disposition, held_back, with_first
from admin_views.grid.act_forms import ActForm, TextField
from admin_views.grid.acts import act
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import who
from admin_views.review.lookup_lists import AllCasesView
from admin_views.web.screen import Screen
from models import access, clock
from models.base import Refused
from models.cases.case import Case
from models.committee.package.dossier_package import LOST, MEDIA_TYPES, DossierPackage, PackageKind
from models.files.storage import Damaged
from models.retention.retention_kind import RetentionKind
from models.retention.retention_term import RetentionTerm

WORDS = {
    PackageKind.PDF: ("PDF", "Om te lezen of af te drukken: vragenlijst, tijdlijn en de bladzijden van elk bestand als beeld."),
    PackageKind.ZIP: ("ZIP", "De bestanden zelf met een inhoudsopgave; ook wat geen bladzijden heeft, zoals een echoclip."),
}  # fmt: skip


class PackageWanted(ActForm):
    kind = TextField(name="soort")


class DossierView(RowPage):
    """What this person asked for, each kind once."""

    screen = Screen("dossier", "/dossier/<key>", "Dossier", listed=False, below=AllCasesView)
    ability = "review"
    others = ("study",)
    along = (Case.theme,)

    @expose("/")
    def index(self, key):
        (case,) = self.rows(key)
        home = "review.detail" if access.may(who(), "review", case.process) else "committee.detail"
        standing, days = DossierPackage.standing(case, who()), RetentionTerm.days_of(RetentionKind.DOSSIER_PACKAGE, clock.now())
        return self.render("committee/dossier.html", case=case, home=home, words=WORDS, standing=standing, days=days)

    ask = act(
        "/maken", DossierPackage.ask, form=PackageWanted, then=lambda view, made, case: view.onward(case, anchor=made.kind)
    )

    @expose("/stand")
    def progress(self, key):
        """How far each is, for the script of the page."""
        (case,) = self.rows(key)
        standing = DossierPackage.standing(case, who())
        return {
            kind: {"done": row.done, "total": row.total, "finished": row.due is None, "text": row.progress}
            for kind, row in standing.items()
        }

    @expose("/ophalen")
    def fetch(self, key):
        """The file itself."""
        (case,) = self.rows(key)
        try:
            row, blocks = DossierPackage.fetch(case, who(), request.args.get("soort", ""))
            blocks = held_back(row, blocks, who())
            first = next(blocks)
        except Damaged:
            flash(LOST, "error")
            return self.onward(case)
        except Refused as reason:
            flash(str(reason), "error")
            return self.onward(case)
        answer = Response(content_type=MEDIA_TYPES[PackageKind(row.kind)])
        answer.headers["Content-Disposition"] = disposition("attachment", row.name)
        answer.headers["Content-Security-Policy"] = SEALED
        answer.content_length = row.size
        answer.response = () if request.method == "HEAD" else with_first(first, blocks)
        return answer

    def rows(self, key):
        """The case, for who coordinates it or reads it for its committee; else 404."""
        case = self.row(key)
        if case.submitted_at is None or not any(access.may(who(), one, case.process) for one in (self.ability, *self.others)):
            abort(404)
        return (case,)

    def onward(self, case, anchor=None):
        return redirect(self.get_url(".index", key=case.key, _anchor=anchor))
