"""What was found, grouped by kind, each with where it was found and a way to the page on which it stands."""

from flask import request, url_for
from flask_admin import expose
from flask_security import current_user

from admin_views.web.safe_redirect import log_in_first
from models import access
from models.audit.audit_event import AuditEvent
from models.base import db
from models.cases.case_part import CasePart
from models.lnr.registry.stay import Stay
from models.search.find import LONGEST, SHOWN, SearchHit, find, kinds
from models.search.word_index import BEGINNING, SHORTEST
from models.typed_text import plain


class Searching:
    """The page of the results, which stands beside the first page: it is of nobody's work in particular."""

    @expose("/zoeken")
    def search(self):
        if not current_user.is_authenticated:
            return log_in_first()
        user, asked = current_user._get_current_object(), plain(request.args.get("q", "")).strip()[:LONGEST]
        groups = find(asked, user)
        self._note(groups, user)
        return self.render(
            "search/results.html",
            asked=asked,
            groups=groups,
            kinds=kinds(user),
            address=lambda hit: _address(hit, user),
            shown=SHOWN,
            beginning=BEGINNING,
            shortest=SHORTEST,
            works=any(access.may(user, one) for one in ("complete", "review")),
        )

    @staticmethod
    def _note(groups, user):
        """Of which cases and stays something was told, a line each: never what was asked, which may be a name."""
        hits = [hit for group in groups for hit in group.hits]
        stays = [hit.row for hit in hits if isinstance(hit.row, Stay)]
        line = None
        with db.atomic():
            for case in {hit.case.id: hit.case for hit in hits if hit.case}.values():
                line = AuditEvent.log("search.read", by=user, case=case, after=line)
            for stay in stays:
                line = AuditEvent.log("search.read", by=user, hospital=stay.hospital_id, subject=stay.number, after=line)


def _address(hit: SearchHit, user):
    if (case := hit.case) is not None:
        if access.may(user, "review", case.process):
            return url_for("review.detail", key=case.key)
        if access.may(user, "complete", case.process):
            return url_for("reporting.case", key=case.key)
        return url_for("committee.detail", key=CasePart.whole_of(case).key)  # a committee reads a part with its whole
    name, row = type(hit.row).__name__, hit.row
    if name == "Hospital":
        national = access.may(user, "follow")
        return url_for("followed.hospital", code=row.code) if national else url_for("hospitals.edit_view", id=row.id)
    return url_for("users.edit_view", id=row.id) if name == "User" else url_for("lnr_stay.index", stay=row.key)
