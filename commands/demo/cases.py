"""The cases of the demonstration: when each was made, and what happened to it."""

import io
import random
from collections import defaultdict
from datetime import timedelta

from commands.demo import answers, lza1, papers
from commands.demo.cast import HOME, LEAVER
from models import clock
from models.access import Process
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.theme import Theme
from models.files.document import Document
from models.files.dossier import Dossier
from models.questionnaires.query import DataQuery

STERFTE, HYSTERECTOMIE, EMBOLISATIE, RELAPAROTOMIE, AFLP, LZA1 = range(6)

# How often each theme of NethOSS comes up.
SHARED_SEED = 12
THEMES = {STERFTE: 4, HYSTERECTOMIE: 9, EMBOLISATIE: 14, RELAPAROTOMIE: 7, AFLP: 3}

# What is still going on: hospital, theme, then days ago and what happened.
OPEN = (
    (HOME, EMBOLISATIE, (3, "open"), (2, "some")),
    (HOME, HYSTERECTOMIE, (33, "open"), (32, "some")),
    (HOME, RELAPAROTOMIE, (96, "open by leaver")),
    (HOME, AFLP, (30, "open"), (29, "all"), (6, "submit")),
    (HOME, EMBOLISATIE, (58, "open"), (56, "some"), (52, "submit"), (31, "incomplete")),
    (HOME, STERFTE, (75, "open"), (74, "some"), (72, "questionnaire"), (70, "submit"), (60, "incomplete"), (44, "rest"),
     (43, "submit"), (12, "incomplete")),
    (HOME, RELAPAROTOMIE, (120, "open"), (118, "some"), (117, "submit"), (100, "incomplete")),
    (HOME, HYSTERECTOMIE, (200, "open"), (198, "all"), (196, "submit"), (180, "approve"), (5, "reopen")),
    (HOME, LZA1, (24, "open"), (24, "ended in time"), (23, "some"), (22, "later")),
    (HOME, LZA1, (61, "open"), (60, "ended in time"), (58, "all"), (20, "submit")),
    (HOME, LZA1, (95, "open"), (94, "ended long ago"), (93, "all"), (90, "submit"), (85, "approve"), (60, "ask"),
     (50, "rest"), (49, "submit"), (46, "approve"), (9, "judge"), (7, "read verdict")),
    ("noorderdiep", EMBOLISATIE, (45, "open"), (44, "all"), (16, "submit"), (15, "note"), (14, "inquire"),
     (11, "reply")),
    ("noorderdiep", STERFTE, (40, "open"), (39, "some"), (38, "later"), (37, "half a questionnaire")),
    ("noorderdiep", EMBOLISATIE, (110, "open"), (109, "some"), (108, "submit"), (88, "incomplete"), (9, "rest"), (8, "submit")),
    ("noorderdiep", LZA1, (90, "open"), (86, "some"), (85, "submit"), (64, "incomplete")),
    ("delinde", HYSTERECTOMIE, (19, "open"), (18, "all"), (17, "submit")),
    ("delinde", RELAPAROTOMIE, (64, "open"), (62, "some"), (61, "submit"), (57, "incomplete")),
    ("delinde", EMBOLISATIE, (66, "open"), (65, "all"), (63, "submit"), (50, "double")),
    ("brigida", EMBOLISATIE, (11, "open"), (10, "some"), (9, "unavailable"), (4, "submit")),
    ("brigida", LZA1, (44, "open"), (41, "all"), (35, "submit"), (33, "note")),
    ("brigida", STERFTE, (101, "open"), (99, "some"), (98, "submit"), (92, "incomplete")),
    ("hetveen", RELAPAROTOMIE, (70, "open"), (69, "withdraw")),
    ("hetveen", HYSTERECTOMIE, (52, "open"), (50, "withdraw"), (49, "restore"), (48, "some")),
    ("rivierenhof", EMBOLISATIE, (27, "open"), (26, "all"), (25, "submit"), (13, "incomplete"), (3, "rest"), (2, "submit")),
    ("rivierenhof", AFLP, (130, "open"), (129, "all"), (128, "submit"), (110, "outside")),
    ("duinrand", RELAPAROTOMIE, (88, "open"), (86, "some")),
    ("zilverberg", EMBOLISATIE, (150, "open"), (148, "all"), (140, "submit"), (120, "approve"), (40, "reopen"),
     (30, "incomplete")),
    ("zilverberg", HYSTERECTOMIE, (23, "open"), (22, "all"), (21, "submit")),
)  # fmt: skip

# Treated in two hospitals: who reported it and what happened there, who was invited and what happened to that part.
SHARED = (
    (HOME, HYSTERECTOMIE, ((48, "open"), (47, "some"), (46, "invite"), (45, "submit"), (38, "approve")),
     "zilverberg", ((42, "all"), (41, "submit"), (37, "approve"))),
    ("delinde", EMBOLISATIE, ((9, "open"), (8, "some"), (7, "submit"), (5, "invite by the coordinator")),
     HOME, ((3, "some"),)),
)  # fmt: skip

INVITING = "De vrouw is op de tweede dag overgeplaatst. Wij bellen uw secretariaat vandaag over wie het is."
APPROVED = 33  # more cases, spread over the months before


def plan(agenda, cast, luck):
    """Put the life of every case on the agenda."""
    people = _people(cast)
    for hospital, theme, *steps in OPEN:
        _Life(agenda, cast, people, hospital, theme, luck).plan(steps)
    hospitals = sorted(people)
    for _ in range(APPROVED):
        theme = LZA1 if luck.random() < 0.12 else luck.choices(list(THEMES), weights=list(THEMES.values()))[0]
        _Life(agenda, cast, people, luck.choice(hospitals), theme, luck, most=3).plan(_to_approval(luck, theme))
    luck = random.Random(SHARED_SEED)  # of their own: what was told before stays as it was
    for hospital, theme, steps, other, theirs in SHARED:
        host, guest = (_Life(agenda, cast, people, one, theme, luck) for one in (hospital, other))
        host.guest = guest
        host.plan(steps)
        guest.plan(theirs)


def _people(cast):
    """{hospital code: its people}, melders first."""
    people = defaultdict(list)
    for user in sorted(cast.values(), key=lambda user: "melder" not in user.role_names):
        if user.hospital_id and user != cast[LEAVER]:
            people[user.hospital.code].append(user)
    return people


def _to_approval(luck, theme):
    opened = luck.randint(70, 400)
    steps = [(opened, "open"), (opened - 1, "some"), (opened - luck.randint(2, 6), "submit")]
    if theme == STERFTE:
        steps.insert(2, (opened - 1, "questionnaire"))
    if luck.random() < 0.6:
        steps[1] = (opened - 1, "all")
    else:
        returned = opened - luck.randint(9, 20)
        again = returned - luck.randint(2, 25)
        steps += [(returned, "incomplete"), (again, "rest"), (again, "submit")]
    return [*steps, (steps[-1][0] - luck.randint(3, 15), "approve")]


class _Life(lza1.Steps):
    """One case, from its first step to where it stands now."""

    def __init__(self, agenda, cast, people, hospital, theme, luck, most=6):
        self.most, self.guest = most, None  # files at a time; what becomes of another hospital's part of this case
        self.agenda, self.cast, self.luck, self.case = agenda, cast, luck, None
        self.theme = Theme.select().order_by(Theme.position)[theme]
        process = self.theme.process
        able = [user for user in people[hospital] if process == Process.LZA1 or "lza1-melder" not in user.role_names]
        specialist = [user for user in able if "lza1-melder" in user.role_names]
        self.melder, self.helper = (specialist or able)[0], able[-1]
        self.reviewer = cast["lza1-coordinator" if process == Process.LZA1 else "coordinator"]

    def plan(self, steps):
        today, minute = clock.today(self.agenda.now), self.luck.randint(0, 59)
        for place, (ago, step) in enumerate(steps):
            moment = clock.start_of(today - timedelta(days=ago), 9 + place) + timedelta(minutes=minute)
            self.agenda.put(moment, self.take, step)

    def take(self, step, now):
        if self.case is not None:
            self.case = Case.get_by_id(self.case.id)
        getattr(self, "_" + step.replace(" ", "_"))(now)

    def _open(self, now, by=None):
        number = str(self.luck.randint(1_000_000, 9_999_999)) if self.luck.random() < 0.8 else ""
        # What is reported this month says nothing about the month that the mail asks about.
        month = clock.month_of(clock.today(now))
        recent = month == clock.month_of(clock.today(self.agenda.now))
        self.case = Case.open(by or self.melder, self.theme, number, month=month if recent else None, now=now)

    def _open_by_leaver(self, now):
        self._open(now, self.cast[LEAVER])

    def _some(self, now):
        """Half of what is asked."""
        lines = Dossier.of(self.case).lines
        self._attach(lines[: max(2, len(lines) // 2)], now)

    def _rest(self, now):
        self._attach(Dossier.of(self.case).missing[:4], now)

    def _all(self, now):
        lines = [line for line in Dossier.of(self.case).lines if not line.asked.if_applicable or self.luck.random() < 0.3]
        self._attach(lines, now)
        if self.luck.random() < 0.3:
            self._keep("ctg.png", papers.strip(self.luck), None, now)

    def _attach(self, lines, now):
        for line in lines[: self.most]:
            name, content = papers.for_label(line.asked.label, self.luck)
            self._keep(name, content, line.asked, now)

    def _keep(self, name, content, asked, now):
        key = f"demo-{self.luck.getrandbits(64):016x}"
        by = self.helper if self.luck.random() < 0.5 else self.melder
        document = Document.attach(self.case, io.BytesIO(content), name, by, key, len(content), asked, now)
        if name.endswith(".pdf") and papers.WRITER.encode() not in content:
            # What we made ourselves tells nobody's name: the worker would look at 250 of them for five minutes.
            Document.update(look_due=None).where(Document.id == document.id).execute()

    def _later(self, now):
        line = Dossier.of(self.case).missing[0]
        expected = clock.today(self.agenda.now) + timedelta(days=16)
        RequestedDocumentAnswer.give(self.case, line.asked, self.melder, expected_on=expected, now=now)

    def _unavailable(self, now):
        line = Dossier.of(self.case).missing[0]
        RequestedDocumentAnswer.give(
            self.case, line.asked, self.melder, "De verloskundige praktijk heeft geen kopie meer.", now=now
        )

    def _questionnaire(self, now):
        answers.fill(self.case, self.melder, now)

    def _half_a_questionnaire(self, now):
        answers.fill(self.case, self.melder, now, part=0.25)

    def _submit(self, now):
        self.case.submit(self.helper if self.luck.random() < 0.5 else self.melder, now)

    def _read(self, now):
        AuditEvent.log("case.read", by=self.reviewer, case=self.case, at=now)

    def _incomplete(self, now):
        self._read(now)
        missing = [line.asked for line in Dossier.of(self.case).missing][:3]
        listed = "\n".join(f"- {one.label}" for one in missing) or "- een toelichting op het beloop"
        remark = f"Dank voor uw melding. Wij missen nog:\n{listed}\nZou u deze willen toevoegen en de melding opnieuw indienen?"
        self.case.mark_incomplete(self.reviewer, remark, now, {one.id: "" for one in missing})

    def _approve(self, now):
        self._read(now)
        self.case.approve(self.reviewer, now)

    def _note(self, now):
        self._read(now)
        self.case.note(self.reviewer, "Gebeld met de melder: de obductie is nog niet afgerond, uitslag over drie weken.", now)

    def _inquire(self, now):
        self._read(now)
        document = self.case.documents.first()
        DataQuery.ask(
            self.case, self.reviewer, "De laatste bladzijde lijkt te ontbreken. Klopt dat?", document=document, now=now
        )

    def _reply(self, now):
        self.case.inquiries.first().answer(
            self.melder, "Nee, dit is het hele verslag; het vervolg staat in de ontslagbrief.", now
        )

    def _invite(self, now, by=None):
        """Ask the other hospital for what only it has: the last two of the list, and what is missing."""
        lines = Dossier.of(self.case).lines
        asked = [str(line.asked.id) for place, line in enumerate(lines, 1) if line.is_open or place > len(lines) - 2]
        self.guest.case = self.case.invite(self.guest.melder.hospital, by or self.melder, INVITING, asked, now)

    def _invite_by_the_coordinator(self, now):
        self._invite(now, self.reviewer)

    def _reopen(self, now):
        self.case.reopen(self.reviewer, "De commissie vraagt het volledige anesthesieverslag. Wilt u dat toevoegen?", now)

    def _double(self, now):
        self.case.dismiss(self.reviewer, "dubbel", "Deze casus is op dezelfde dag ook door uw collega gemeld.", now)

    def _outside(self, now):
        self.case.dismiss(self.reviewer, "definitie", "De Swansea-criteria zijn niet gehaald: vier van de veertien.", now)

    def _withdraw(self, now):
        self.case.withdraw(self.melder, "Bij nader inzien buiten de 42 dagen.", now)

    def _restore(self, now):
        self.case.restore(self.melder, now)
