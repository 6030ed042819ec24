"""What a committee reads: the approved cases of its process, without hospital, people or patient number."""

from flask import abort, redirect, url_for
from flask_admin import expose
from markupsafe import Markup

from admin_views.committee.agreement_table import AgreementPage
from admin_views.grid import columns
from admin_views.grid.acts import Acts, act
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.questionnaires.questionnaire_page import Read
from admin_views.web.screen import Screen
from models import access, clock, dutch
from models.access import Process
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.case_reader import CaseReader
from models.cases.theme import Theme
from models.committee import consensus
from models.committee.assessment import LONGEST_NOTE, Assessment, return_reasons
from models.committee.meeting import IN_LESSONS, Meeting
from models.committee.member import CommitteeMember
from models.committee.treatment import Treatment
from models.files import virus_scanning
from models.lza1.committee_steps import CommitteeStep
from models.questionnaires.progress import FormProgress
from models.review import case_sheet

SHOWN_APART = 20  # cases with a tie, by number in one sentence; more of them stand below it


class CommitteeView(AgreementPage, Acts, ScopedModelView):
    """What a member reads, and has to assess; questions go through the coordinator."""

    screen = Screen("committee", "/commissie", "Mijn casussen", of=Case)
    ability = "study"
    list_template = "committee/index.html"
    scope = "studied_by"
    related = (Case.theme,)
    hidden = frozenset({Case.patient_number})
    column_list = ("number", "theme", "approved_at", "files", "assessment")
    column_labels = {
        "number": "Casus", "theme": "Thema", "approved_at": "Goedgekeurd", "files": "Bestanden",
        "assessment": "Mijn beoordeling",
    }  # fmt: skip
    column_sortable_list = (("theme", Theme.name), "approved_at")
    column_default_sort = ("status_since", True)

    @property
    def named(self):
        """Whether members are named for the cases that they read."""
        return access.processes(who(), self.ability) == {Process.NETHOSS}

    @property
    def heading(self):
        return "Mijn casussen" if self.named else "Goedgekeurde casussen"

    @property
    def intro(self):
        if self.named:
            return "De casussen die u beoordeelt of in de vergadering leidt. U ziet geen ziekenhuis en geen melder."
        return (
            "De casussen die de coördinator compleet vond, de laatste bovenaan. Zijn er leden genoemd voor een casus, dan "
            "lezen alleen die leden, de voorzitter en de secretaris de casus. U ziet geen ziekenhuis en geen melder."
        )

    @property
    def empty(self):
        if self.named:
            told = "Zodra de coördinator u als beoordelaar noemt, staat de casus hier met de dag van inleveren."
            return "U hebt nu geen casussen", told
        return (
            "Nog geen goedgekeurde casussen",
            "Zodra de coördinator een melding goedkeurt, kunt u die hier lezen, tenzij er andere leden voor zijn genoemd.",
        )

    def scoped(self):
        return case_sheet.studied_by(who())  # who coordinates the other process sees its cases too, and not here

    def complete(self, rows):
        mine = {one.treatment.case_id: one for one in Assessment.mine(who())}
        for row in virus_scanning.counted(rows):
            row.assessment = mine.get(row.id)
        return rows

    def beside(self):
        mine = Assessment.mine(who())
        assesses = self.named or mine  # in the committee of LZA1 only some do
        return {
            "undeclared": [one for one in mine if not one.declared_at],
            "apart": Case.kept_from(who()),
            "shown_apart": SHOWN_APART,
            "named": self.named,
            "awaited": CommitteeStep.awaited(who()),
            "member": (member := CommitteeMember.of(who())),
            "meetings": Meeting.coming(who().committee) if member and member.leads else [],
            "today": clock.today(),
            "list_columns": [one for one in self._list_columns if assesses or one[0] != "assessment"],
        }

    def _number(self, context, row, name):
        return columns.link(url_for("committee.detail", key=row.key), Markup("<strong>{}</strong>").format(row.number))

    def _assessment(self, context, row, name):
        mine = row.assessment
        if mine is None:
            return "u leidt de vergadering" if self.named else ""
        if mine.handed_in_at:
            return columns.badge("ingeleverd", "success")
        late = mine.term < clock.today()
        badge = columns.badge("te laat" if late else "open", "error" if late else "info")
        return columns.with_note(badge, f"inleveren op {dutch.short_date(mine.term)}")

    column_formatters = {
        "number": _number, "theme": lambda view, context, row, name: row.theme.name, "approved_at": columns.when,
        "assessment": _assessment,
    }  # fmt: skip

    declare = act("/verklaring", CommitteeMember.declare, done="Dank u. Uw verklaring geldt een jaar.")

    def rows(self):
        """The own record as a member."""
        return (CommitteeMember.of(who()) or abort(404),)

    def onward(self, member, anchor=None):
        return redirect(self.get_url(".index_view"))

    @expose("/<key>/")
    def detail(self, key):
        assessment = Assessment.at(key, who())
        if assessment and not assessment.declared_at and not CaseReader.reads(assessment.treatment.case, who()):
            told = {
                "case": assessment.treatment.case,
                "assessment": assessment,
                "given_back": return_reasons(),
                "longest": LONGEST_NOTE,
            }
            return self.render("committee/to_declare.html", **told)
        case = self.find(Case, key, also=(Case.theme,))
        if not case_sheet.is_studied(case, who()):
            abort(404)
        AuditEvent.seen("case.read", who(), case)
        treatment = Treatment.of(case) if CommitteeMember.leads_for(who(), case.process) else None
        return self.render(
            "committee/case.html",
            case=case,
            sheet=case_sheet.CaseSheet.of(case, who()),
            answers=Read(FormProgress.of(case)),
            steps=CommitteeStep.of_case(case),
            assessment=assessment,
            given_back=return_reasons() if assessment and not assessment.handed_in_at else {},
            longest=LONGEST_NOTE,
            questions=consensus.asked_about(case),
            leading=treatment if treatment and treatment.at_table(who()) else None,
            in_lessons=case.process in IN_LESSONS,
            studied=True,
        )
