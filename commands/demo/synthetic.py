"""A large synthetic registry, to measure with. Rows only: the files of its cases have no bytes."""

import random
from datetime import timedelta
from operator import itemgetter

from admin_views.accounts.demo_accounts import accounts
from models import clock
from models.access import HOSPITAL_ROLES, Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User, UserRole
from models.audit.audit_action import ACTIONS
from models.audit.audit_event import GENESIS, AuditEvent
from models.base import Refused, db, new_key, on_postgresql
from models.cases.case import TRANSITIONS, Case
from models.cases.case_number import SERIES, Series
from models.cases.remark import Remark
from models.cases.status import Status
from models.cases.theme import Theme
from models.database.bulk_load import indexes_afterwards
from models.encrypted_fields import SealedField
from models.files.document import Document
from models.mail.mail_schedule import SEND_HOUR
from models.mail.outbox import Mail, MailStatus
from models.mail.wording.standard_phrase import STANDARD_PHRASES
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind, Proof
from models.monthly.monthly_request import CallLink, MonthlyCall, MonthOpening
from models.operations import schema

SEED = 42
BATCH = 20_000  # cases in one transaction
MONTHS = 12  # that were asked about
YEARS = 8  # over which the cases are spread
SHARES = (10, 24, 38, 19, 4, 5)  # of the themes, in a hundred
FILES = 2
RECENT = 0.98  # the cases after this part are still going on
GOING_ON = (Status.CONCEPT, Status.INGEDIEND, Status.ONVOLLEDIG, Status.GOEDGEKEURD)
LAST_VERB = {Status.INGEDIEND: "submit", Status.ONVOLLEDIG: "mark_incomplete", Status.GOEDGEKEURD: "approve",
             Status.INGETROKKEN: "dismiss"}  # fmt: skip


def fill(hospitals, cases, password, say, now=None):
    """Fill an empty database with `hospitals` and `cases`; the demonstration's accounts log in with `password` (hashed).

    `say` is told how far it is. Raises Refused when there is something already.
    """
    if Hospital.select().exists() or User.select().exists():
        raise Refused("Deze database is niet leeg. Kies voor fill een lege DATA_DIR of DATABASE_URL.")
    if hospitals < 1 or cases < 0:
        raise Refused("Kies minstens één ziekenhuis, en nul of meer meldingen.")
    registry = _Registry(hospitals, cases, password, now or clock.now())
    with db.atomic():
        registry.settle()
    with indexes_afterwards(Case, Document, Remark, AuditEvent):
        for first in range(1, cases + 1, BATCH):
            with db.atomic():
                registry.report(range(first, min(first + BATCH, cases + 1)))
            say(f"{min(first + BATCH - 1, cases)} van {cases} meldingen")
    with db.atomic():
        registry.ask_and_answer()
    _mend_counters()
    schema.count_anew()


class _Registry:
    """The hospitals with their people, and what they have reported so far."""

    def __init__(self, hospitals, cases, password, now):
        self.size, self.cases, self.password, self.now = hospitals, cases, password, now
        self.luck = random.Random(SEED)
        self.themes = list(Theme.select().order_by(Theme.position))
        self.asked = {theme.id: [row.id for row in theme.asked] for theme in self.themes}
        self.head, self.answered = GENESIS, {}
        self.counts = {process: 0 for process in Process}

    def settle(self):
        """Two melders and an invoerder in each hospital, and somebody for each national role."""
        numbers = range(1, self.size + 1)
        insert(Hospital, [{"id": n, "code": f"zh{n:05d}", "name": f"Ziekenhuis {n:05d}"} for n in numbers])
        people = [(a.email, a.label, a.role, 1 if a.role in HOSPITAL_ROLES else None, a.committee) for a in accounts()]
        for number in numbers:
            for short, role in (("melder", Role.MELDER), ("collega", Role.MELDER), ("invoerder", Role.INVOERDER)):
                people.append((f"{short}-{number}@example.com", f"{short} {number}", role, number, None))
        insert(
            User,
            [
                {
                    "id": i,
                    "email": email,
                    "name": name,
                    "hospital": hospital,
                    "committee": committee,
                    "password": self.password,
                    "fs_uniquifier": new_key(),
                }
                for i, (email, name, _, hospital, committee) in enumerate(people, 1)
            ],
        )
        insert(UserRole, [{"user": i, "name": person[2]} for i, person in enumerate(people, 1)])
        self.first_local = len(accounts()) + 1
        self.reviewers = {Process.NETHOSS: 3, Process.LZA1: 5}

    def melder(self, hospital):
        return self.first_local + 3 * (hospital - 1)

    def report(self, numbers):
        """Make the cases with these ids, their files, remarks and trail."""
        cases = [self._case(number) for number in numbers]
        insert(Case, cases)
        insert(Document, [self._document(case, place) for case in cases for place in range(case["uploads"])])
        insert(
            Remark,
            [
                {
                    "case": case["id"],
                    "author": self.reviewers[case["process"]],
                    "text": "Het partusverslag ontbreekt.",
                    "created_at": case["status_since"],
                }
                for case in cases
                if case["status"] == Status.ONVOLLEDIG
            ],
        )
        insert(AuditEvent, [event for case in cases for event in self._events(case)])

    def _case(self, number):
        hospital = self.luck.randint(1, self.size)
        theme = self.luck.choices(self.themes, weights=SHARES)[0]
        status = self._status(number)
        self.counts[theme.process] += 1
        opened = self.now - timedelta(days=365 * YEARS * (1 - number / (self.cases + 1)))
        moved = min(self.now, opened + timedelta(days=self.luck.randint(1, 40)))
        month = clock.previous_month(clock.local_date(opened)) if theme.process == Process.NETHOSS else None
        patient = str(self.luck.randint(1_000_000, 9_999_999))
        if month and status != Status.INGETROKKEN:
            self.answered.setdefault((hospital, month), (opened, self.melder(hospital)))
        case = {
            "id": number,
            "key": new_key(),
            "number": f"{SERIES[theme.process]}-{self.counts[theme.process]:05d}",
            "hospital": hospital,
            "theme": theme.id,
            "process": theme.process,
            "reporter": self.melder(hospital),
            "patient_number": patient,
            "patient_hash": Case.hash_of(hospital, patient),
            "month": month,
            "status": status,
            "status_since": opened if status == Status.CONCEPT else moved,
            "created_at": opened,
            "uploads": FILES,
        }
        if status != Status.CONCEPT:
            case |= {"round": 3, "submitted_at": opened, "submitted_by": self.melder(hospital)}
        if status == Status.GOEDGEKEURD:
            case |= {"approved_at": moved, "approved_by": self.reviewers[theme.process]}
        if status == Status.INGETROKKEN:
            case |= {"closed_why": STANDARD_PHRASES["closed_double"].text, "dismissed": True, "dismissed_as": "dubbel"}
        return case

    def _status(self, number):
        if number > self.cases * RECENT:
            return self.luck.choice(GOING_ON)
        return Status.INGETROKKEN if self.luck.random() < 0.04 else Status.GOEDGEKEURD

    def _document(self, case, place):
        asked = self.asked[case["theme"]]
        return {
            "key": new_key(),
            "case": case["id"],
            "asked": asked[place % len(asked)],
            "name": f"verslag-{place + 1}.pdf",
            "media_type": "application/pdf",
            "size": self.luck.randint(20_000, 4_000_000),
            "sha256": "0" * 64,
            "blob": f"{self.luck.getrandbits(128):032x}",
            "upload_key": f"fill-{place}",
            "added_by": case["reporter"],
            "added_at": case["created_at"],
        }

    def _events(self, case):
        yield self._event("case.open", case, case["created_at"], case["reporter"], Role.MELDER, "eigen ziekenhuis")
        if verb := LAST_VERB.get(case["status"]):
            local = TRANSITIONS[verb][2] != "review"
            actor = case["reporter"] if local else self.reviewers[case["process"]]
            role, rule = (Role.MELDER, "eigen ziekenhuis") if local else (Role.COORDINATOR, "landelijk coördinator")
            yield self._event(f"case.{verb}", case, case["status_since"], actor, role, rule)

    def _event(self, action, case, at, actor, role, rule):
        said = {
            "at": at,
            "actor": actor,
            "roles": str(role),
            "action": action,
            "kind": ACTIONS[action][0],
            "case_id": case["id"],
            "hospital": case["hospital"],
            "subject": case["number"],
            "rule": rule,
            "result": "gelukt",
            "detail": "",
            "address": "",
            "previous": self.head,
        }
        self.head = said["hash"] = AuditEvent(**said).digest()
        return said

    def ask_and_answer(self):
        """The requests about the last months and their mails; who had no case mostly said so."""
        for process, last in self.counts.items():
            Series.create(process=process, last=last)
        asked = clock.months_until(clock.previous_month(clock.today(self.now)), MONTHS)
        calls = []
        for month in asked:
            at = clock.start_of(clock.first_of(clock.add_months(month, 1)), SEND_HOUR)
            MonthOpening.create(month=month, opened_at=at)
            calls += self._calls(month, at, len(calls))
        insert(MonthlyCall, calls)
        insert(Mail, [self._mail(call) for call in calls])
        for call in MonthlyCall.select().where(MonthlyCall.month == asked[-1]):
            CallLink.make(call, "nee"), CallLink.make(call, "ja")
        insert(MonthAnswer, [self._answer(key, MonthAnswerKind.CASUS, *value) for key, value in self.answered.items()])
        zeros = [call for call in calls if (call["hospital"], call["month"]) not in self.answered and call["id"] % 2]
        insert(
            MonthAnswer,
            [
                self._answer(
                    (call["hospital"], call["month"]),
                    MonthAnswerKind.NUL,
                    call["created_at"] + timedelta(hours=4),
                    call["user"],
                )
                for call in zeros
                if self.luck.random() < 0.8
            ],
        )

    def _calls(self, month, at, before):
        expires = clock.start_of(clock.first_of(clock.add_months(month, 3)), SEND_HOUR)
        melders = [(self.melder(n) + extra, n) for n in range(1, self.size + 1) for extra in (0, 1)]
        return [
            {"id": before + place, "user": user, "hospital": hospital, "month": month, "created_at": at, "expires_at": expires}
            for place, (user, hospital) in enumerate(melders, 1)
        ]

    def _mail(self, call):
        return {
            "name": "monthly_request",
            "user": call["user"],
            "to": f"persoon{call['user']}@example.com",
            "month": call["month"],
            "hospital": call["hospital"],
            "once": f"monthly:{call['id']}",
            "status": MailStatus.VERZONDEN,
            "not_before": call["created_at"],
            "sent_at": call["created_at"],
            "created_at": call["created_at"],
            "subject": "Hebt u casussen te melden?",
            "text": "Geachte collega, …",
        }

    def _answer(self, place, kind, at, by):
        hospital, month = place
        proof = Proof.PORTAAL if kind == MonthAnswerKind.CASUS else Proof.APPARAAT
        return {"hospital": hospital, "month": month, "kind": kind, "proof": proof, "confirmed": True, "by": by, "at": at}


def insert(model, rows):
    """Write many rows at the speed of the driver; peewee would build a statement for each."""
    if not rows:
        return
    defaults = dict.fromkeys(model._meta.fields) | model._meta.get_default_dict()
    fields = [field for field in model._meta.sorted_fields if field.name != "id" or "id" in rows[0]]
    sealed = [field for field in fields if isinstance(field, SealedField)]
    in_order = itemgetter(*(field.name for field in fields))

    def values(row):
        row = {**defaults, **row}
        return in_order(row | {field.name: field.db_value(row[field.name]) for field in sealed})

    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    marks = ", ".join([db.param] * len(fields))
    statement = f'INSERT INTO "{model._meta.table_name}" ({columns}) VALUES ({marks})'
    db.cursor().executemany(statement, map(values, rows))


def _mend_counters():
    """On PostgreSQL, let the next id come after the ones that were given."""
    if on_postgresql():
        for model in (Hospital, User, Case, MonthlyCall):
            table = model._meta.table_name
            db.execute_sql(f"""SELECT setval(pg_get_serial_sequence('"{table}"', 'id'), (SELECT MAX(id) FROM "{table}"))""")
