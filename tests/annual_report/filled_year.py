"""One year of NethOSS with something in every table of the annual report, brought there by the verbs that people use."""

from datetime import date, datetime, timedelta

from models import clock
from models.access import Process
from models.annual_report.births import Births
from models.annual_report.second_source import SecondSourceList
from models.cases.case import Case
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.theme import RequestedDocument, Theme
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.committee_form import CommitteeForm
from models.committee.conflict import ENDINGS_BY_TIE
from models.committee.lesson_letter import LessonLetter
from models.committee.meeting import Meeting
from models.committee.treatment import Treatment
from models.mail.outbox import Mail, MailStatus
from models.monthly.month_answer import Proof
from models.monthly.monthly_request import MonthlyCall
from models.questionnaires.query import DataQuery
from models.review.reminder import Reminder
from tests import filling, make
from tests.committee.test_outcome import CALM, GOOD, MAYBE, SURE, TEACHES
from tests.committee.test_treatment import finish, fresh, hand_in

YEAR = clock.today().year - 1
ASKED = range(1, 7)  # the months about which was asked
DISCUSSED = 25  # cases of the largest theme, all of them before the committee
FACTOR = {
    "wat kon beter": "Bloedverlies werd geschat", "fase": "bevalling", "klasse": "bewaking en opvolging", "niveau": "team",
    "norm": "landelijke richtlijn", "invloed op de uitkomst": "waarschijnlijk",
}  # fmt: skip


def at(month, day, hour=10):
    return datetime(YEAR, month, day, hour)


class FilledYear:
    """Four hospitals, three themes, half a year of requests, and a committee that met in December."""

    def __init__(self):
        filling.crf()
        names = ("Amstelzicht", "Berkenhof", "Duinrand", "Eemland")
        self.melders = [make.user(hospital=make.hospital(name)) for name in names]
        self.coordinator, self.members = make.coordinator(), [make.member(), make.member()]
        asked = ("partusverslag", "OK-verslag", "ontslagbrieven")
        self.large = make.theme(name="Peripartum hysterectomie", asked=asked)
        self.small, _ = make.theme(name="Eclampsie", asked=asked[:2]), make.theme(name="AFLP", asked=asked[:1])
        for number, theme in enumerate(Theme.select().where(Theme.process == Process.NETHOSS).order_by(Theme.id)):
            Theme.update(position=number).where(Theme.id == theme.id).execute()
        for month in ASKED:
            MonthlyCall.open_all(f"{YEAR}-{month:02}", now=at(month + 1, 1, 8))
        Mail.update(status=MailStatus.VERZONDEN).where(Mail.name == "monthly_request").execute()
        self.answer()
        self.report()
        self.assess()
        Births.state(self.coordinator, None, YEAR, 167_159, "CBS")
        rows = [(one.hospital_id, self.large.id, f"{YEAR}-{month:02}") for month in (1, 2, 3) for one in self.melders]
        SecondSourceList.keep("LBZ", [*rows, *rows[:3], (rows[0][0], self.small.id, f"{YEAR}-11")], self.coordinator)

    def answer(self):
        """Zero reports in time and late, and one that nobody stands behind."""
        first, second, third, _ = self.melders
        make.zero(first, f"{YEAR}-01", at=at(2, 14))
        make.zero(second, f"{YEAR}-02", at=at(3, 15))  # a case comes in its place
        make.zero(third, f"{YEAR}-02", at=at(3, 15))
        make.zero(third, f"{YEAR}-03", at=at(4, 3))
        make.zero(third, f"{YEAR}-04", at=at(6, 20))
        make.zero(third, f"{YEAR}-05", proof=Proof.SCRIPT, at=at(6, 4))

    def report(self):
        """The cases that the committee sees, and of the other theme one in every state there is."""
        slots = list(self.large.asked.order_by(RequestedDocument.position))
        self.discussed = []
        for number in range(DISCUSSED):
            melder, month = self.melders[number % 2], ASKED[number % 6]
            case = make.case(by=melder, theme=self.large, month=f"{YEAR}-{month:02}", at=at(month + 1, 1 + number))
            for slot in slots[: 1 + number % 2]:
                make.document(case, at=case.created_at, asked=slot)
            if number % 5 == 0:
                RequestedDocumentAnswer.give(case, slots[2], melder, reason="Niet gemaakt", now=case.created_at)
            if number % 5 == 1:
                RequestedDocumentAnswer.give(case, slots[2], melder, expected_on=date(YEAR + 2, 1, 1), now=case.created_at)
            self.through(case, slots[1], first=number % 7, verdict=2 + number % 3, again=(number % 4 == 0) + (number % 8 == 0))
            self.discussed.append(case)
        late = self.melders[3]
        for number, verb in enumerate((None, "submit", "incomplete", "withdraw", "dubbel", "definitie", "approve")):
            case = make.case(by=late, theme=self.small, month=f"{YEAR}-02", at=at(3, 20 + number))
            if verb == "withdraw":
                case.withdraw(late, "Per ongeluk.", now=at(3, 28))
            elif verb:
                make.document(case, at=case.created_at)
                case.submit(late, now=at(4, 2 + number))
            if verb == "incomplete":
                case.mark_incomplete(self.coordinator, "Nog een verslag.", now=at(4, 9))
            if verb in ("dubbel", "definitie"):
                case.dismiss(self.coordinator, verb, "Uitleg.", now=at(4, 9))
            if verb == "approve":
                case.approve(self.coordinator, now=at(4, 12))
        for weeks in (4, 8):
            moment = at(3, 20) + timedelta(weeks=weeks)
            Reminder.send_due(moment.date(), moment)
        waiting = Case.get(Case.theme == self.small, Case.status == "onvolledig")
        make.document(waiting, at=at(7, 1))
        waiting.submit(late, now=at(7, 1))

    def through(self, case, slot, first, verdict, again):
        """Submit after `first` days, sent back `again` times and approved, with `verdict` days for each judgement."""
        by, moment = case.reporter, case.created_at + timedelta(days=first)
        case.submit(by, now=moment)
        for number in range(again):
            moment += timedelta(days=verdict)
            case.mark_incomplete(self.coordinator, "Nog een verslag.", now=moment)
            moment += timedelta(days=3 + number)
            make.document(case, name=f"aanvulling {number}.pdf", at=moment, asked=slot)
            case.submit(by, now=moment)
        case.approve(self.coordinator, now=moment + timedelta(days=verdict))

    # ---- the committee -----------------------------------------------------------------------------------------------------

    def assess(self):
        """All of them compared, the most discussed, some closed, six with a letter: their forms are copies of a few."""
        treatments = [make.treatment(case, by=self.coordinator) for case in self.discussed]
        self.meeting = Meeting.create(process=Process.NETHOSS, day=date(YEAR, 12, 1))
        worried = {"C6": MAYBE, "C7": MAYBE, "C10": SURE, "D1": "ja", "E1": "mogelijk", "E2": "enige", "D2": [FACTOR]}
        worried |= {"F3": "richtlijn onduidelijk", "F4": "De richtlijn over bloedverlies."}
        calm, grave = [self.forms(one, said) for one, said in zip(treatments, ({"C10": GOOD}, worried), strict=False)]
        agreed, other = self.consensus(treatments[0], {}), self.consensus(treatments[1], {"V8": MAYBE, "V9": "mogelijk"})
        for number, treatment in enumerate(treatments):
            moment = datetime(YEAR, 10, 1 + number, 12)
            pair = (calm, grave) if number < 7 else (grave, grave) if number < 13 else (calm, calm)
            if number > 1:
                for by, form in zip(self.members, pair, strict=True):
                    row = {"assessor": by, "named_by": self.coordinator, "named_at": moment, "declared_at": moment}
                    late = {"term": moment.date(), "handed_in_at": moment, "late": number % 4 == 0}
                    copied(form, treatment, Assessment.create(treatment=treatment, **row, **late), form.answers)
            if 1 < number < 19:
                copied(other if number < 11 else agreed, treatment, None, (other if number < 11 else agreed).answers, moment)
            state = "gesloten" if number < 8 else "besproken" if number < 19 else "binnen"
            ends = {"closed_at": datetime(YEAR, 12, 20) if number < 8 else None, "compared_at": moment, "meeting": self.meeting}
            Treatment.update(state=state, **ends).where(Treatment.id == treatment.id).execute()
        self.deal(treatments)

    def deal(self, treatments):
        """Letters of which some were read in time, questions of which some were answered, thirds, and ties."""
        told = datetime(YEAR, 12, 10, 12)
        outside = {"term": self.meeting.day, "named_at": told, "named_by": self.coordinator}
        others = [make.member() for _ in range(2)]
        for number, treatment in enumerate(treatments[:12]):
            letter, melder = make.letter(treatment), treatment.case.reporter
            LessonLetter.update(released_at=told).where(LessonLetter.id == letter.id).execute()
            if number < 8:
                letter.content(melder, now=told + timedelta(days=5 * number + 8))
            question = DataQuery.ask_for_committee(treatment.case, self.coordinator, "Hoeveel was het?", now=at(11, 1))
            if number < 7:
                question.answer(melder, "Twee liter.", now=at(11, 3 + number * number % 10))
                Assessment.create(treatment=treatment, assessor=others[0], third=True, **outside)
            if number < 11:
                ending = ENDINGS_BY_TIE[number < 5]
                Assessment.create(treatment=treatment, assessor=others[1], ended_at=told, ended_why=ending, **outside)

    def forms(self, treatment, said):
        """The form of one assessor, filled in with `said`; the other one of the pair is the same."""
        Assessment.appoint(treatment, self.coordinator, [one.id for one in self.members])
        for one in Assessment.of(treatment):
            one.declare(one.assessor)
            hand_in(one, one.assessor, {**CALM, **said})
        return CommitteeForm.get(CommitteeForm.assessment == Assessment.of(treatment)[0])

    def consensus(self, treatment, said):
        form = consensus.prefill(fresh(treatment), self.coordinator)
        finish(form, self.coordinator, {**TEACHES, **said, **({} if said else {"V11": consensus.FORMALITY})})
        CommitteeForm.update(fixed_at=at(12, 1)).where(CommitteeForm.id == form.id).execute()
        return CommitteeForm.get_by_id(form.id)


def copied(form, treatment, assessment, answers, fixed_at=None):
    fields = {name: getattr(form, name) for name in ("version", "still_open", "asked", "changed_at", "changed_by")}
    CommitteeForm.create(treatment=treatment, assessment=assessment, answers=answers, fixed_at=fixed_at, **fields)
