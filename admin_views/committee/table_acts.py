"""What the meeting makes of a case: differences, consensus, questions, the letter, and the end of the treatment."""

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from wtforms import StringField

from admin_views.cases.overview import CasesView
from admin_views.committee.assessment import OTHER_VERSION, CommitteePage
from admin_views.files.sending import pdf_answer
from admin_views.forms.form_view import FormView, PageSent
from admin_views.grid.act_forms import ActForm, TextField
from admin_views.grid.acts import act
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import who
from admin_views.review.lookup_lists import AllCasesView
from admin_views.web.screen import Screen
from models import access
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.committee import consensus
from models.committee.case_use import CaseUse
from models.committee.committee_form import CommitteeForm
from models.committee.comparison import Comparison
from models.committee.lesson_letter import LessonLetter
from models.committee.meeting import IN_LESSONS
from models.committee.treatment import Treatment


def _closed(_, treatment):
    told = "; het ziekenhuis leest waarvoor de casus is gebruikt" if treatment.case.process in IN_LESSONS else ""
    return f"De behandeling is gesloten{told}."


class Words(ActForm):
    text = TextField(name="vraag")


class ClosingReason(ActForm):
    reason = TextField(name="reden")


class Letter(ActForm):
    text = TextField(name="lessen")
    good = TextField(name="goed")
    request_round = StringField(name="ronde")
    part = TextField(name="aan")


class NewUse(ActForm):
    kind = TextField(name="soort")
    said = TextField(name="omschrijving")
    link = TextField(name="link")


def use(treatment, by, kind, said, link):
    """Tell the hospital of a use that happened since."""
    return CaseUse.add(treatment.case, by, kind, said, link)


class TableView:
    """Addresses below one case, for the coordinator and for who leads or assesses it: `find` decides who reaches it."""

    ability = "review"
    others = ("study",)
    along = (Case.theme,)

    def rows(self, key):
        """The treatment of this case; 404 for a case that is out of sight, or on no agenda."""
        case = self.row(key)
        if not any(access.may(who(), ability, case.process) for ability in (self.ability, *self.others)):
            abort(404)
        treatment = Treatment.of(case) or abort(404)
        treatment.case = case
        return (treatment,)

    def home(self, case, anchor=None):
        """The address of the case for this person: that of the coordinator, or that of the committee."""
        coordinates = access.may(who(), "review", case.process)
        return url_for("treatment.index" if coordinates else "committee.detail", key=case.key, _anchor=anchor)

    def onward(self, treatment, anchor=None):
        return redirect(self.home(treatment.case, anchor))


class OutcomeView(TableView, RowPage):
    """The acts of the meeting and after it."""

    screen = Screen("outcome", "/commissie/<key>/vergelijken", "Vergelijken", listed=False, below=AllCasesView)

    @expose("/")
    def index(self, key):
        """The forms side by side."""
        (treatment,) = self.rows(key)
        try:
            compared = Comparison.of(treatment, who())
        except Refused as reason:
            flash(str(reason), "info")
            return self.onward(treatment)
        return self.render(
            "committee/comparison.html",
            case=treatment.case,
            treatment=treatment,
            compared=compared,
            earlier=Comparison.of_other_themes(treatment, who()),
            leads=treatment.at_table(who()),
            home=self.home(treatment.case),
        )

    @expose("/brief")
    def letter(self, key):
        """Writing the letter: what the meeting wrote, to look at once more before it goes."""
        (treatment,) = self.rows(key)
        return self._letter_page(treatment, LessonLetter.draft(treatment))

    def _letter_page(self, treatment, typed):
        if treatment.case.process not in IN_LESSONS or not treatment.at_table(who()):
            abort(404)
        case = treatment.case
        leads = access.may(who(), "review", case.process)  # a chair reads no names of hospitals
        told = {one.key: f"Alleen {one.number}{f' ({one.hospital})' if leads else ''}" for one in case.at_hospitals()}
        return self.render(
            "committee/letter.html", case=case, home=self.home(case), treatment=treatment, typed=typed, told=told
        )

    @expose("/brief/voorbeeld", methods=("POST",))
    def preview(self, key):
        """The PDF as it would be."""
        (treatment,) = self.rows(key)
        sent = Letter.sent()
        content = LessonLetter.preview(treatment, who(), sent.text.data, sent.good.data)
        return pdf_answer(content, f"Voorbeeld {treatment.case.number}.pdf", inline=True)

    release = act(
        "/brief/vrijgeven", LessonLetter.release, form=Letter, done="De brief is vrijgegeven; het ziekenhuis krijgt bericht."
    )
    fix = act("/consensus/vaststellen", consensus.fix_consensus, done="De consensus is vastgesteld.")
    ask = act("/vraag", consensus.ask_hospital, form=Words, done="De vraag staat bij het ziekenhuis; de melder krijgt bericht.")
    close = act(
        "/sluiten",
        consensus.close,
        form=ClosingReason,
        done=_closed,
    )
    reopen = act("/heropenen", consensus.reopen, form=ClosingReason, done="De behandeling is heropend.")
    add_use = act("/gebruik", use, form=NewUse, done="Het ziekenhuis leest dit bij de melding.")

    def refused(self, reason, form, treatment, anchor=None):
        """Back with the reason; the letter that was typed stays in its form."""
        flash(str(reason), "error")
        if isinstance(form, Letter) and treatment.at_table(who()):
            return self._letter_page(treatment, form.data), 409
        return self.onward(treatment)


class ConsensusView(TableView, FormView):
    """The form of the meeting."""

    screen = Screen("consensus", "/commissie/<key>/consensus", "Consensus", listed=False, below=AllCasesView)
    section_template = "committee/section.html"

    @expose("/")
    def index(self, key):
        page = self.page(key)
        self.read(page)
        return self.render("committee/consensus.html", case=page.form.case, treatment=page.form.treatment, page=page)

    def page(self, key, for_script=False):
        (treatment,) = self.rows(key)
        if request.method == "GET":
            try:
                return CommitteePage(consensus.prefill(treatment, who()))
            except Refused as reason:
                flash(str(reason), "info")
                abort(self.onward(treatment))
        form = CommitteeForm.of_meeting(treatment, who())
        if form.version.key != PageSent.sent().version.data:
            raise Refused(OTHER_VERSION)
        return CommitteePage(form)

    def read(self, page, section=""):
        AuditEvent.log("treatment.read", by=who(), case=page.form.case, detail=section)

    def shown(self, page, section):
        case = page.form.case
        return {
            "case": case,
            "block": page.block(section),
            "home": (f"Casus {case.number}", url_for("outcome.index", key=case.key)),
        }


class LessonsView(RowPage):
    """The letter of the committee, for the hospital that reported the case, and for who made it."""

    screen = Screen("lessons", "/melding/<key>/lessen", "Lessen", listed=False, below=CasesView)
    ability = "complete"
    others = ("review",)

    @expose("/")
    def index(self, key):
        """Nothing to see here by itself: it stands on the page of the case."""
        case = self.row(key)
        return redirect(
            url_for("reporting.case" if access.may(who(), "complete", case.process) else "treatment.index", key=key)
        )

    @expose("/<letter>")
    def letter(self, key, letter):
        """The letter as PDF; that it was opened is written down."""
        case, row = self.row(key), self.find(LessonLetter, letter)
        if row.case_id != case.id:
            abort(404)
        return pdf_answer(row.content(who()), f"{case.number}_lessen_{row.number}.pdf")
