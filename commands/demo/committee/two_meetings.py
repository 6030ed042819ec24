"""The committee of the demonstration: a meeting that was, with a case that taught something, and one that is coming."""

from datetime import timedelta

from models import clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.case_use import CaseUse
from models.committee.committee_form import CommitteeForm
from models.committee.comparison import judged
from models.committee.lesson_letter import LessonLetter
from models.committee.meeting import Meeting
from models.committee.meeting_agenda import close_meeting
from models.committee.member import CommitteeMember, Workplace
from models.committee.rules.attendance import Attendance, members_of
from models.committee.treatment import Treatment

MEMBERS = {  # account: (discipline, hospital, or None for who works outside them, chair)
    "commissielid": ("gynaecoloog", "zilverberg", False),
    "m.hoekstra": ("anesthesioloog", "duinrand", False),
    "e.bos": ("klinisch verloskundige", "hetveen", False),
    "s.haddad": ("gynaecoloog", "brigida", True),
    "commissielid-lza1": ("jurist", None, False),
}
GOOD, MAYBE = "goed", "kon beter, mogelijk van invloed"
WITHOUT, SURE = "kon beter, zonder invloed op de uitkomst", "kon beter, waarschijnlijk van invloed"
CALM = {
    "A1": "ja", "A3": ["ziekenhuisdossier", "OK- en anesthesieverslag"], "A4": "ja", "B1": "ja, tot en met 42 dagen",
    "B2": "direct", "B3": "bloeding", "B4": "bloeding", "B8": ["geen van deze"], "C11": ["landelijke richtlijn"],
    "C12": "De ernst werd snel herkend en het hele team was binnen tien minuten aanwezig.", "D1": "nee", "D3": ["nergens"],
    "E1": "nee", "E2": "geen", "E5": "De zorg volgde de richtlijn; het beloop was niet te keren.", "E6": "zeker", "F1": "nee",
    "F3": "nee", "F5": "alleen bericht van gebruik", "F6": "hamerstuk", "M2": "ja", "M3": ["stolling"], "M4": "atonie",
    "M5": "nee", "M6": "op tijd", "M8": "op tijd", "M9": "ja", "M18": ["geen"],
}  # fmt: skip
WORRIED = CALM | {
    "C3": MAYBE, "C7": SURE, "C10": SURE, "D1": "ja", "E1": "waarschijnlijk", "E2": "goede", "E6": "redelijk zeker",
    "D2": [{"wat kon beter": "Bloedverlies werd geschat en niet gewogen", "fase": "bevalling",
            "klasse": "bewaking en opvolging", "niveau": "team", "norm": "landelijke richtlijn",
            "invloed op de uitkomst": "waarschijnlijk"}],
    "E5": "Het bloedverlies werd laat gemeten, waardoor de behandeling later begon.", "F1": "ja",
    "F2": [{"les of aanbeveling": "Weeg het bloedverlies vanaf het begin", "voor wie": "ziekenhuis",
            "werkt door": "eerder herkennen", "verwacht effect": "groot"}],
    "F5": "lessenbrief", "F6": "uitvoerig bespreken",
}  # fmt: skip
LESSONS = (
    "Weeg het bloedverlies vanaf het begin, en noem het totaal hardop bij elke overdracht.\n"
    "Spreek af bij welke hoeveelheid de operatiekamer wordt gebeld, en hang die afspraak op de verloskamer."
)
AGREED = {
    "V2": 9, "V3": 0, "V4": "ja", "V8": MAYBE, "V9": "mogelijk", "V11": "na bespreking, allen eens", "V13": ["andere weging"],
    "W2": "Bloedverlies geschat in plaats van gewogen", "W3": "ja", "W4": LESSONS, "W5": ["jaarverslag", "onderwijs"],
    "W6": "ja",
}  # fmt: skip


def plan(agenda, cast, now):
    """Put the committee on the agenda: its members, the meeting of a month ago, and the next one."""
    table = _Table(cast)
    at = lambda days, hour=10: clock.start_of(clock.today(now) - timedelta(days=days), hour)  # noqa: E731
    agenda.put(at(75), table.begin)
    agenda.put(at(74), table.schedule, clock.today(now) - timedelta(days=30), 3)
    agenda.put(at(45), table.hand_in_all)
    agenda.put(at(30, 19), table.meet)
    agenda.put(at(27), table.close_one)
    agenda.put(at(20), table.read)
    agenda.put(at(12), table.schedule, clock.today(now) + timedelta(days=16), 6)
    agenda.put(at(4), table.hand_in_some)
    agenda.put(at(2), table.use)


class _Table:
    """The people of the committee, and what lies before them."""

    def __init__(self, cast):
        self.cast, self.coordinator = cast, cast["coordinator"]
        self.treatments, self.closed = [], None

    def begin(self, now):
        for short, (discipline, hospital, chair) in MEMBERS.items():
            user, since = self.cast[short], clock.today(now) - timedelta(days=800)
            facts = {"discipline": discipline, "term_from": since, "chair": chair, "outside": hospital is None}
            member = CommitteeMember.create(user=user, **facts)
            if hospital:
                Workplace.create(member=member, hospital=Hospital.by_code(hospital), since=since)
            member.declare(user, now)

    def schedule(self, day, most, now):
        """Put the cases that wait longest on the agenda, and name for each the two with the least open work."""
        meeting = Meeting.plan(self.coordinator, Process.NETHOSS, day, now)
        self.treatments = []
        for case in list(Treatment.waiting(self.coordinator, Process.NETHOSS).limit(most)):
            treatment = Treatment.schedule(case, meeting, self.coordinator, now)
            free = [one for one in Assessment.candidates(treatment, self.coordinator, now) if not one.against]
            # The account that a newcomer tries has something to do.
            free.sort(key=lambda one: one.user != self.cast["commissielid"])
            Assessment.appoint(treatment, self.coordinator, [one.user.id for one in free[:2]], now)
            self.treatments.append(treatment)

    def hand_in_all(self, now):
        for place, treatment in enumerate(self.treatments):
            for number, one in enumerate(Assessment.of(treatment)):
                _assess(one, WORRIED if place == 0 and number else CALM, now)

    def hand_in_some(self, now):
        """One case in twice and far apart, one in once; the rest is open."""
        first, second = self.treatments[:2]
        for number, one in enumerate(Assessment.of(first)):
            _assess(one, WORRIED if number else CALM, now)
        for one in Assessment.of(second):
            if one.assessor != self.cast["commissielid"]:
                _assess(one, CALM, now)

    def meet(self, now):
        first, *others = [Treatment.get_by_id(one.id) for one in self.treatments]
        ready = [one.key for one in others if judged(one).formality]
        Attendance.note(first.meeting, self.coordinator, [str(one.id) for one in members_of(first.meeting)], now)
        if ready:
            consensus.settle_formalities(first.meeting, self.coordinator, ready, ["jaarverslag"], now)
        for one in [first, *(one for one in others if one.key not in ready)]:
            _fill(consensus.prefill(one, self.coordinator, now), self.coordinator, AGREED, now)
            consensus.fix_consensus(one, self.coordinator, now)
        close_meeting(Meeting.get_by_id(first.meeting_id), self.coordinator, now=now)

    def close_one(self, now):
        self.closed = Treatment.get_by_id(self.treatments[0].id)
        draft = LessonLetter.draft(self.closed)
        LessonLetter.release(self.closed, self.coordinator, draft["text"], draft["good"], self.closed.round, now)
        consensus.close(self.closed, self.coordinator, now=now)

    def read(self, now):
        case = self.closed.case
        LessonLetter.of_case(case)[0].content(case.reporter, now)

    def use(self, now):
        CaseUse.add(self.closed.case, self.coordinator, "onderwijs", "Landelijke scholing fluxus postpartum", now=now)


def _assess(assessment, answers, now):
    by = assessment.assessor
    assessment.declare(by, now)
    _fill(CommitteeForm.of_assessor(assessment, by, now), by, answers, now)
    Assessment.get_by_id(assessment.id).hand_in(by, now)


def _fill(form, by, answers, now):
    """Answer what is asked as `answers` says, else with the first option, until nothing waits."""
    filled = form.filled(now=now)
    while filled.open:
        line, why = filled.open[0].line, filled.open[0].why
        row = form.rows().get((line.item.code, 0))
        value = line.kept if why == "toelichting" else answers.get(line.item.code, _usual(line.item))
        reason = "Een oorzaak buiten de zorg." if why == "toelichting" else None
        filled = form.put(line.item.code, value, by, row.revision if row else 0, reason=reason, now=now).filled


def _usual(item):
    """The first option of a question, which on a scale of care is 'goed'."""
    return list(item.options)[:1] if item.answer.word == "meer" else item.options[0] if item.options else "onbekend"
