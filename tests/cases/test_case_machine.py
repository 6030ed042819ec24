"""A state machine over the moves of a case: orders nobody wrote, and after each step what must always hold.

What a move is, who may make it and where it ends is written here once more, in the words of the manual: so that a slip in
TRANSITIONS, in a right or in a verb is seen, whatever came before it.
"""

from collections import Counter
from contextlib import ExitStack
from datetime import datetime, timedelta

from hypothesis import HealthCheck, Phase
from hypothesis import settings as bounds
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models import base
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.status import DISMISSALS, Status
from models.files.document import Document
from models.mail.outbox import Mail
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind, Proof
from tests import make
from tests.faults.invariants import broken

BOUNDS = bounds(
    max_examples=20,
    derandomize=True,  # a red run can be run again
    stateful_step_count=20,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
MONTH, BEGAN = "2026-10", datetime(2026, 11, 2, 9)
PEOPLE = ("melder", "invoerder", "lza1-melder", "foreign", "coordinator", "lza1-coordinator", "member", "manager")
# Who works on a case of the process, and who may open and withdraw one.
COMPLETES = {Process.NETHOSS: {"melder", "invoerder"}, Process.LZA1: {"melder", "invoerder", "lza1-melder"}}
REPORTS = {Process.NETHOSS: {"melder"}, Process.LZA1: {"melder", "lza1-melder"}}
REVIEWS = {Process.NETHOSS: {"coordinator"}, Process.LZA1: {"lza1-coordinator"}}
# The move: who makes it, in which statuses, where it ends.
MOVES = {
    "submit": (COMPLETES, {"concept", "onvolledig"}, "ingediend"),
    "mark_incomplete": (REVIEWS, {"ingediend"}, "onvolledig"),
    "approve": (REVIEWS, {"ingediend"}, "goedgekeurd"),
    "ask": (REVIEWS, {"goedgekeurd"}, "onvolledig"),
    "reopen": (REVIEWS, {"goedgekeurd", "ingetrokken"}, "ingediend"),
    "withdraw": (REPORTS, {"concept"}, "ingetrokken"),
    "restore": (REPORTS, {"ingetrokken"}, "concept"),
    "dismiss": (REVIEWS, {"concept", "ingediend", "onvolledig"}, "ingetrokken"),
}
SAID = {"mark_incomplete", "ask", "reopen", "withdraw", "dismiss"}  # and why, in words
FILES_COME = {"concept", "ingediend", "onvolledig"}
FILES_GO = {"concept", "onvolledig"}


class CaseMachine(RuleBasedStateMachine):
    """Two hospitals, everybody of one of them and of the country, and a few cases; all of it undone at the end."""

    cases, files = Bundle("cases"), Bundle("files")

    def __init__(self):
        super().__init__()
        self.around = ExitStack()
        self.around.enter_context(base.db.connection_context())
        self.undone = self.around.enter_context(base.db.atomic())
        self.now, self.frozen = BEGAN, {}

    @initialize(target=cases)
    def people_and_themes(self):
        home, away = make.hospital(), make.hospital()
        of_home = {"melder": Role.MELDER, "invoerder": Role.INVOERDER, "lza1-melder": Role.LZA1_MELDER}
        national = {"coordinator": Role.COORDINATOR, "lza1-coordinator": Role.LZA1_COORDINATOR}
        national |= {"member": Role.COMMISSIELID, "manager": Role.BEHEERDER}
        self.people = {name: make.user(role, hospital=home, password=None) for name, role in of_home.items()}
        self.people |= {name: make.user(role, password=None) for name, role in national.items()}
        self.people["foreign"] = make.user(Role.MELDER, hospital=away, password=None)
        self.themes = {process: make.theme(process) for process in Process}
        self.home = home
        return multiple(
            *(Case.open(self.people["melder"], self.themes[process], month=MONTH, now=BEGAN).id for process in Process)
        )

    def teardown(self):
        try:
            if hasattr(self, "home"):
                assert broken(self.now) == []
        finally:
            self.undone.rollback()
            self.around.close()

    def later(self):
        self.now += timedelta(minutes=7)
        return self.now

    def done(self, act, expected, case=None):
        """Whether `act` was done; it must be exactly when `expected`, and what is refused leaves nothing behind."""
        before = self.everything()
        try:
            with base.db.atomic():
                act()
        except Refused as problem:
            assert not expected, f"refused: {problem}"
            assert self.everything() == before
            return False
        assert expected, f"was done, from {before[0].get(case and case.id)}"
        return True

    def everything(self):
        rows = {row["id"]: row for row in Case.select().dicts()}
        counts = [table.select().count() for table in (AuditEvent, Remark, Mail, Document)]
        return rows, counts, list(Document.select(Document.id, Document.removed_at).tuples()), self.standing()

    def standing(self):
        answers = MonthAnswer.select().where(MonthAnswer.ended_at.is_null())
        return Counter((answer.hospital_id, answer.month, answer.kind) for answer in answers)

    @rule(target=cases, who=st.sampled_from(PEOPLE), process=st.sampled_from(Process))
    @precondition(lambda self: Case.select().count() < 5)
    def open(self, who, process):
        made = []

        def act():
            made.append(Case.open(self.people[who], self.themes[process], month=MONTH, now=self.later()))

        if self.done(act, who in REPORTS[process] or (who == "foreign")):
            return made[0].id
        return multiple()

    @rule(month_said_by=st.sampled_from(("melder", "coordinator")))
    def nothing_happened(self, month_said_by):
        """A zero report, which any case of the hospital in that month beats."""
        by = self.people[month_said_by]
        mine = Case.select().where(Case.hospital == self.home, Case.month == MONTH, Case.status != Status.INGETROKKEN)
        if month_said_by == "melder":
            self.done(lambda: MonthAnswer.zero_in_portal(MONTH, by, self.later()), not self.answered(mine))
        else:
            act = lambda: MonthAnswer.zero(self.home, MONTH, Proof.TELEFOON, by, now=self.later())  # noqa: E731
            self.done(act, not self.answered(mine))

    def answered(self, mine):
        """By a case: also by one that the coordinator dismissed, which was a case to the hospital."""
        return bool(self.standing()[self.home.id, MONTH, MonthAnswerKind.CASUS]) or mine.exists()

    @rule(target=files, key=cases, who=st.sampled_from(PEOPLE))
    def attach(self, key, who):
        return self.attach_by(Case.get_by_id(key), who)

    def attach_by(self, case, who):
        made = []
        may = self.works_on(who, case) and case.status in FILES_COME
        done = self.done(lambda: made.append(make.document(case, by=self.people[who], at=self.later())), may, case)
        return made[0].id if done else multiple()

    @rule(file=consumes(files), who=st.sampled_from(PEOPLE))
    def remove(self, file, who):
        document = Document.get_by_id(file)
        case = Case.get_by_id(document.case_id)
        self.done(
            lambda: document.remove(self.people[who], now=self.later()),
            self.works_on(who, case) and case.status in FILES_GO,
            case,
        )

    @rule(key=cases, verb=st.sampled_from(sorted(MOVES)), who=st.sampled_from(PEOPLE), stale=st.booleans(), mute=st.booleans())
    def move(self, key, verb, who, stale, mute):
        self.moved(Case.get_by_id(key), verb, who, stale and mute, mute and not stale)

    @rule(key=cases, draws=st.lists(st.integers(0, 5), min_size=2, max_size=6))
    def move_on(self, key, draws):
        for draw in draws:
            self.one_on(key, draw)

    def one_on(self, key, draw):
        """A move that exists from here, by somebody who may: most of what is drawn at random is refused at the door."""
        case = Case.get_by_id(key)
        verbs = [verb for verb, (_, origins, _) in MOVES.items() if case.status in origins]
        if case.process == Process.NETHOSS and "ask" in verbs:
            verbs.remove("ask")
        verb = verbs[draw % len(verbs)]
        if verb == "submit" and not case.uploads:
            self.attach_by(case, self.reporter_of(case))
        makes = MOVES[verb][0]
        self.moved(
            Case.get_by_id(key), verb, min(makes[case.process]) if makes is REVIEWS else self.reporter_of(case), False, False
        )

    def reporter_of(self, case):
        return next(name for name, person in self.people.items() if person.id == case.reporter_id)

    def moved(self, case, verb, who, stale, mute):
        makes, origins, target = MOVES[verb]
        by, was = self.people[who], case.status
        words = () if verb not in SAID else (" " if mute else "Het verslag ontbreekt.",)
        if verb == "dismiss":
            words = (sorted(DISMISSALS)[0], *words)
        expected = was in origins and not stale and not (mute and verb in SAID)
        expected &= self.works_on(who, case, makes) if makes is not REVIEWS else who in REVIEWS[case.process]
        if verb == "submit":
            expected &= case.uploads > 0
        if verb == "ask":
            expected &= case.process == Process.LZA1
        if was == Status.INGETROKKEN:
            expected &= case.dismissed == (verb == "reopen")
        if verb == "reopen":
            target = "concept" if case.submitted_at is None else "ingediend" if case.uploads else "onvolledig"
        if stale:
            case.round -= 1
        if not self.done(lambda: getattr(case, verb)(by, *words, now=self.later()), expected, case):
            return
        fresh = Case.get_by_id(case.id)
        assert (fresh.status, fresh.status_since) == (target, self.now)
        line = AuditEvent.of_case(fresh).where(AuditEvent.action == f"case.{verb}", AuditEvent.at == self.now).get()
        assert (line.actor_id, line.result, line.hospital_id) == (by.id, "gelukt", case.hospital_id)
        if target == Status.GOEDGEKEURD:
            self.frozen[case.id] = self.content(fresh)
        else:
            self.frozen.pop(case.id, None)

    def works_on(self, who, case, makes=COMPLETES):
        if who == "foreign":
            return case.hospital_id == self.people[who].hospital_id
        return case.hospital_id == self.home.id and who in makes[case.process]

    def content(self, case):
        return sorted(document.id for document in case.documents if document.removed_at is None), case.patient_number

    @invariant()
    def what_was_approved_stays_as_it_was(self):
        for key, content in self.frozen.items():
            assert self.content(Case.get_by_id(key)) == content

    @invariant()
    def counts_are_those_of_the_rows(self):
        for case in Case.select():
            assert case.uploads == case.documents.where(Document.removed_at.is_null()).count()
            moves = AuditEvent.of_case(case).where(AuditEvent.action.in_([f"case.{verb}" for verb in MOVES])).count()
            assert case.round == 1 + moves

    @invariant()
    def a_month_has_one_answer_and_no_case_lies_under_a_zero(self):
        standing = self.standing()
        places = Counter((hospital, month) for hospital, month, _ in standing.elements())
        assert set(places.values()) <= {1}
        for case in Case.select().where(Case.month.is_null(False), Case.status != Status.INGETROKKEN):
            assert standing[case.hospital_id, case.month, MonthAnswerKind.CASUS] == 1


def test_a_case_keeps_its_promises_in_any_order_of_moves(schema):
    run_state_machine_as_test(CaseMachine, settings=BOUNDS)
