"""One case with its committee, for who leads: the coordinator, and the chair of the meeting."""

from flask import abort, redirect
from flask_admin import expose
from wtforms import IntegerField

from admin_views.grid.act_forms import ActForm, DayField, Many, OfRound, RowField
from admin_views.grid.acts import act
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import who
from admin_views.review.lookup_lists import AllCasesView
from admin_views.web.screen import Screen
from models import access, clock
from models.accounts.hospital import Hospital
from models.cases.case import Case
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.case_use import USE_LABELS, CaseUse
from models.committee.committee_form import CommitteeForm
from models.committee.comparison import Comparison
from models.committee.following import assessor_terms
from models.committee.lesson_letter import LessonLetter
from models.committee.meeting import IN_LESSONS, Meeting
from models.committee.rules.committee_settings import CommitteeSettings
from models.committee.ties.late_ties import involve
from models.committee.treatment import Treatment, TreatmentState
from models.committee.verdict.verdict_draft import verdict_draft
from models.lza1.committee_steps import CommitteeStep, StepKind


class Assessors(ActForm):
    assessors = Many(name="beoordelaar")

    def arguments(self):
        return {"assessors": [int(one) for one in self.assessors.data if one.isascii() and one.isdigit() and len(one) < 10]}


class Involved(ActForm):
    hospital = RowField(name="betrokken", model=Hospital)


class OtherMeeting(OfRound):
    meeting = RowField(name="vergadering", model=Meeting, field="key")


class OfAssessor(ActForm):
    assessor = IntegerField(name="van")


class NewTerm(OfAssessor):
    day = DayField(name="dag")


class TreatmentView(RowPage):
    """Addresses below the case; what the hospital sees of it stands on its own page."""

    screen = Screen("treatment", "/behandeling/<key>", "Behandeling", listed=False, below=AllCasesView)
    ability = "review"
    reads = "treatment.read"
    along = (Case.theme,)

    @expose("/")
    def index(self, key):
        (treatment,) = self.rows(key)
        by, case = who(), treatment.case
        in_lessons, at_hospitals = case.process in IN_LESSONS, case.at_hospitals()
        return self.render(
            "committee/treatment.html",
            case=case,
            treatment=treatment,
            rules=CommitteeSettings.of(case.process),
            assessors=Assessment.of(treatment),
            ended=Assessment.ended_of(treatment),
            today=clock.today(),
            meetings=[one for one in Meeting.coming(case.process) if one.id != treatment.meeting_id],
            candidates=Assessment.candidates(treatment, by),
            hospitals=treatment.involved_hospitals(),
            others=access.visible(Hospital, by),
            questions=consensus.asked_about(case),
            form=CommitteeForm.consensus(treatment),
            third_wanted=treatment.state == TreatmentState.BINNEN and Comparison.of(treatment, by).third_wanted,
            at_hospitals=at_hospitals,
            not_told=case.not_handed_in() if in_lessons else [],
            letters=LessonLetter.of_case(*at_hospitals),
            read=LessonLetter.read_by(*at_hospitals),
            uses=CaseUse.of_case(case),
            kinds=USE_LABELS,
            in_lessons=in_lessons,
            lacking=treatment.lacking_forms() if in_lessons and treatment.undiscussed else [],
            verdict_draft=verdict_draft(treatment, by),
            verdicts=[] if in_lessons else [step for step in CommitteeStep.of_case(case) if step.kind == StepKind.OORDEEL],
        )

    move = act(
        "/vergadering", Treatment.move_to, form=OtherMeeting, done="De casus staat op de agenda van een andere vergadering."
    )
    appoint = act("/beoordelaars", Assessment.appoint, form=Assessors, done="De beoordelaars zijn genoemd.")
    extend = act("/termijn", assessor_terms.extend, form=NewTerm, done="De inleverdag is gewijzigd.", anchor="beoordelaars")
    withdraw = act(
        "/terugnemen",
        assessor_terms.withdraw,
        form=OfAssessor,
        done="De casus is teruggenomen. Noem nu iemand anders.",
        anchor="beoordelaars",
    )
    involve = act("/ziekenhuis", involve, form=Involved, done="Het ziekenhuis is vastgelegd.")

    def rows(self, key):
        """The treatment of this case; 404 for a case that is out of sight, or on no agenda."""
        case = self.row(key)
        if not access.may(who(), self.ability, case.process):
            abort(404)
        treatment = Treatment.of(case) or abort(404)
        treatment.case = case
        return (treatment,)

    def repeats(self, verb, form, treatment):
        return isinstance(form, OtherMeeting) and treatment.meeting == form.meeting.data

    def onward(self, treatment, anchor=None):
        return redirect(self.get_url(".index", key=treatment.case.key, _anchor=anchor))
