"""The world in which the rights are tested: two hospitals, two processes, one person of every role, canaries everywhere."""

import csv
import io
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from models import clock
from models.access import Process, Role
from models.annual_report.births import Births
from models.annual_report.second_source import SecondSourceList
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import db
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import Status
from models.cases.theme import RequestedDocument, Theme
from models.committee.lesson_letter import LessonLetter
from models.committee.meeting import Meeting
from models.committee.member import CommitteeMember, Workplace
from models.files.document import Document
from models.files.resumable.resumable_upload import ResumableUpload
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.closing.year_closing import YearClosing
from models.lnr.entry.draft import StayDraft
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.intake.upload_batch import UploadBatch
from models.lnr.registry.stay import Stay
from models.lnr.research.extract import EVERYTHING
from models.lnr.research.extract_request import ExtractRequest
from models.lnr.suppliers.supplier import Supplier
from models.lnr.year_report.lnr_edition import LnrEdition
from models.lza1.committee_steps import CommitteeStep
from models.mail.outbox import Mail
from models.mail.wording.mail_wording import MailWording
from models.monthly.monthly_request import MonthlyCall
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.definition.questionnaire import Questionnaire
from models.questionnaires.form import Form
from models.questionnaires.query import DataQuery
from models.report.content import ReportContent
from models.retention.retention_term import RetentionTerm
from models.review.call_log import LoggedCall
from models.review.notes.hospital_note import HospitalNote
from models.staff.account_review import AccountReview
from models.upload_links.upload_link import UploadLink
from tests import filling, make
from tests.lnr import messages
from tests.lnr.benchmark.test_case_mix import model

# A melder who also sees to the accounts of the own hospital: no role but a mark, with a column of its own. Who reported the
# cases is the other one, so what only the reporter may is told by the difference.
MANAGER = "ziekenhuisbeheerder"
# The columns of rights.csv, in order.
ROLES = {
    "niemand": None,
    "melder": Role.MELDER,
    MANAGER: Role.MELDER,
    "invoerder": Role.INVOERDER,
    "lza1-melder": Role.LZA1_MELDER,
    "coordinator": Role.COORDINATOR,
    "lza1-coordinator": Role.LZA1_COORDINATOR,
    "commissielid": Role.COMMISSIELID,
    "lza1-commissielid": Role.COMMISSIELID,
    "lnr-contact": Role.LNR_CONTACT,
    "lnr-beheer": Role.LNR_BEHEER,
    "beheerder": Role.BEHEERDER,
}
MONTH = "2026-10"
# What one answer may hold for nobody outside hospital B, and the own patient number for nobody outside hospital A.
FOREIGN, PATIENT = "CNRY-B", "CNRY-A-4711"

# The versions of questionnaires, by the case that they go with; 'concept' is a draft of the first.
VERSIONS = {"nethoss": "eigen", "lza1": "lza1"}


@cache
def matrix():
    """{(endpoint, method, row): what each role meets, in the order of ROLES}, as rights.csv says."""
    with (Path(__file__).parent / "rights.csv").open() as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter=";")
        return {(row["route"], row["method"], row["row"]): [row[name] for name in ROLES] for row in rows}


def lets_in(role):
    """{(endpoint, method)} of what this role gets further than the door of."""
    place = list(ROLES).index(role)
    return {(endpoint, method) for (endpoint, method, _), met in matrix().items() if met[place] in ("ja", "nee")}


# In the row of a hospital that keeps its cases of LZA1 apart these columns are people of that hospital: who reported the
# case, a colleague who was not named for it, and one who was.
KEEPS_APART = {"melder": Role.MELDER, MANAGER: Role.MELDER, "invoerder": Role.INVOERDER, "lza1-melder": Role.LZA1_MELDER}
# Rows of cases that are asked about only where the row matters: who is turned away at the door the others show.
ELSEWHERE = ("concept", "onvolledig", "ingetrokken", "lza1-goedgekeurd", "lza1-apart", "vreemd-deel")


@dataclass
class World:
    people: dict = field(default_factory=dict)
    apart: dict = field(default_factory=dict)
    cases: dict = field(default_factory=dict)
    token: dict = field(default_factory=dict)
    supplier: Supplier | None = None
    stays: dict = field(default_factory=dict)
    batches: dict = field(default_factory=dict)
    editions: dict = field(default_factory=dict)
    research: ExtractRequest | None = None
    models: dict = field(default_factory=dict)
    drafts: dict = field(default_factory=dict)
    versions: dict = field(default_factory=dict)
    assessors: list = field(default_factory=list)

    def person(self, name, row):
        """Who asks about this row in the column `name`; None for a visitor."""
        return (self.apart if row == "lza1-apart" else {}).get(name) or self.people.get(name)


def build():
    """Hospital A has a case of each process and status, hospital B two of its own, hospital C one that it keeps apart."""
    world = World()
    ours = make.hospital("Ziekenhuis A", agb="06000001", nicu=True, mail_domains="haven.example")
    theirs = make.hospital("Ziekenhuis B", agb="06000002")
    local = (Role.MELDER, Role.INVOERDER, Role.LZA1_MELDER, Role.LNR_CONTACT)
    for name, role in ROLES.items():
        if role:
            world.people[name] = _person(name, role, ours if role in local else None)
    stranger = make.user(hospital=theirs, name=f"{FOREIGN} Melder", email="cnry-b@example.com")
    nethoss, lza1 = make.theme(), make.theme(Process.LZA1)
    for theme in (nethoss, lza1):
        filling.questionnaire(filling.question("A1", "tekst (100)"), theme=theme)
    apart = make.hospital("Ziekenhuis C", lza1_kept_apart=True)
    world.apart = {name: _person(name, role, apart) for name, role in KEEPS_APART.items()}
    for name, by, theme, status in _cases(world, stranger, nethoss, lza1):
        canary = FOREIGN if by == stranger else PATIENT
        case = make.case(by=by, theme=theme, patient_number=canary, month=MONTH if theme == nethoss else None)
        body = make.PDF + f"% {canary}".encode()
        key = f"{name}-1"
        name_of_file = f"{FOREIGN}.pdf" if by == stranger else "verslag.pdf"
        Document.attach(case, io.BytesIO(body), name_of_file, by, upload_key=key, length=len(body))
        # As if the worker had looked into it: whoever reads for a committee first would have it looked into.
        Document.update(look_due=None).where(Document.case == case).execute()
        RequestedDocumentAnswer.give(
            case, case.theme.asked.first(), by, reason=f"{canary} niet gemaakt" if by == stranger else "niet gemaakt"
        )
        filling.save(Form.start(case, by), "A1", f"{canary} tekst" if by == stranger else "tekst")
        ResumableUpload.begin(case, by, name_of_file, 10)
        _bring(case, by, status)
        if theme == lza1 and status == Status.INGEDIEND:
            _judge(case)
        if case.submitted_at:
            _ask(case, f"{FOREIGN} klopt dit?" if by == stranger else "Klopt dit?")
        if name == "lza1-apart":
            case.entrust(world.apart["lza1-melder"], by)
        world.cases[name] = Case.get_by_id(case.id)
    for name in ("goedgekeurd", "vreemd-goedgekeurd"):
        treatment = make.treatment(world.cases[name], people := _assessors(world), declared=False)
        for one in people:  # who still has to declare, and reads along as who leads the meeting does
            make.reader(world.cases[name], one)
        make.letter(treatment, f"{FOREIGN} les" if name.startswith("vreemd") else "Een les.")
    world.cases["vreemd-deel"] = _part(world.cases["goedgekeurd"], stranger)
    world.versions = {name: Questionnaire.for_case(world.cases[case]).in_force() for name, case in VERSIONS.items()}
    world.versions["concept"] = Draft.begin(world.versions["nethoss"].questionnaire, world.people["beheerder"]).version
    world.supplier = Supplier.enrol("Leverancier")
    world.research = ExtractRequest.ask(
        make.user(role=Role.LNR_BEHEER), "Een doel dat lang genoeg is om te mogen.", 2026, 2026, EVERYTHING
    )
    for number, name in enumerate(("goedgekeurd", "voorgesteld"), 1):
        file = model(code=f"proef-{number}", invented=False).encode()
        world.models[name] = CaseMixModel.propose(make.user(role=Role.LNR_BEHEER), file)
    world.models["goedgekeurd"].decide(make.user(role=Role.LNR_BEHEER), True)
    YearClosing.propose(2024, make.user(role=Role.LNR_BEHEER))
    for name, hospital, set_id in (("eigen", ours, "opname-1"), ("vreemd", theirs, f"{FOREIGN}-1")):
        deliver(Delivery(hospital, messages.supplier()), messages.message(set_id=set_id, agb=hospital.agb, weight=5000))
        world.stays[name] = Stay.get(Stay.hospital == hospital)
        sender = world.people["lnr-contact"] if hospital == ours else make.user(role=Role.LNR_CONTACT, hospital=theirs)
        more = messages.message(set_id=f"{set_id}-b", agb=hospital.agb)
        world.batches[name] = UploadBatch.take(sender, f"{set_id}.xml", more, name)
        world.drafts[name] = _draft(name, hospital)
    for name, hospital in (("eigen", ours), ("vreemd", theirs), ("landelijk", None)):
        world.editions[name] = _edition(hospital, FOREIGN if name == "vreemd" else "", world.people["lnr-beheer"])
    AccountReview.begin(theirs, clock.now())
    MonthlyCall.open_all(MONTH)
    call = MonthlyCall.get(MonthlyCall.user == stranger)
    world.token = {purpose: call.address(purpose).split("/")[-2] for purpose in ("nee", "ja")}
    HeldChange.reset_factor(world.people["invoerder"], make.user(role=Role.BEHEERDER), "Teruggebeld via het huis.")
    LoggedCall.log(
        theirs, make.coordinator(), "gesprek-1", "gesproken", FOREIGN, f"{FOREIGN} belt terug", call_back_on=clock.today()
    )
    HospitalNote.write(theirs, make.coordinator(), "opmerking-1", f"{FOREIGN} belt liever")
    Births.state(make.coordinator(), theirs, 2025, 1200, FOREIGN)
    SecondSourceList.keep("Landelijke lijst", [(theirs.id, world.cases["vreemd"].theme_id, "2025-03")], make.coordinator())
    MailWording.create(
        name="case_closed", number=1, subject="", text="", reset=True, changed_by=make.coordinator(), changed_at=clock.now()
    )
    world.token["klopt niet"] = Mail.get(Mail.name == "held_change").facts["changes"][0][1]
    concept = world.cases["concept"]
    question = UploadLink.ask(concept, concept.theme.asked.first(), world.people["melder"], "j.jansen@haven.example")
    world.token["upload"] = question.token
    return world


def _person(name, role, hospital):
    committee = Process.LZA1 if name == "lza1-commissielid" else None
    return make.user(role=role, hospital=hospital, committee=committee, appoints_since=clock.now() if name == MANAGER else None)


def _assessors(world):
    """Two members without a tie: the one of the matrix, and another."""
    if not world.assessors:
        world.assessors = [make.member(world.people["commissielid"]), make.member()]
    return world.assessors


def _cases(world, stranger, nethoss, lza1):
    """(row, who reports it, theme, status) of every case."""
    melder = world.people["melder"]
    yield "eigen", melder, nethoss, Status.INGEDIEND
    yield "lza1", melder, lza1, Status.INGEDIEND
    yield "goedgekeurd", melder, nethoss, Status.GOEDGEKEURD
    yield "vreemd", stranger, nethoss, Status.INGEDIEND
    yield "vreemd-goedgekeurd", stranger, nethoss, Status.GOEDGEKEURD
    yield "concept", melder, nethoss, Status.CONCEPT
    yield "onvolledig", melder, nethoss, Status.ONVOLLEDIG
    yield "ingetrokken", melder, nethoss, Status.INGETROKKEN
    yield "lza1-goedgekeurd", melder, lza1, Status.GOEDGEKEURD
    yield "lza1-apart", world.apart["melder"], lza1, Status.INGEDIEND


def _part(whole, stranger):
    """What hospital B handed in for the case of hospital A, approved too."""
    coordinator = make.coordinator(whole.process)
    part = whole.invite(stranger.hospital, coordinator, f"{FOREIGN} bericht", [str(asked.id) for asked in whole.theme.asked])
    body = make.PDF + f"% {FOREIGN}".encode()
    Document.attach(part, io.BytesIO(body), f"{FOREIGN}.pdf", stranger, upload_key="deel-1", length=len(body))
    Document.update(look_due=None).where(Document.case == part).execute()
    part.set_patient_number(stranger, FOREIGN)
    ResumableUpload.begin(part, stranger, f"{FOREIGN}.pdf", 10)
    filling.save(Form.start(part, stranger), "A1", f"{FOREIGN} tekst")
    part = Case.get_by_id(part.id)
    part.submit(stranger)
    part.approve(coordinator)
    _ask(part, f"{FOREIGN} klopt dit?")
    return Case.get_by_id(part.id)


def _bring(case, by, status):
    coordinator = make.coordinator(case.process)
    if status == Status.INGETROKKEN:
        case.withdraw(by, "Per ongeluk.")
    if status in (Status.CONCEPT, Status.INGETROKKEN):
        return
    case.submit(by)
    case.mark_incomplete(coordinator, f"{FOREIGN} ontbreekt" if by.name.startswith(FOREIGN) else "Ontbreekt.")
    if status == Status.ONVOLLEDIG:
        return
    case.submit(by)
    if status == Status.GOEDGEKEURD:
        case.approve(coordinator)


def _judge(case):
    """A verdict of the committee on a case that was taken up again since."""
    coordinator = make.coordinator(case.process)
    case.approve(coordinator)
    CommitteeStep.judge(case, coordinator, make.PDF, clock.today(), f"oordeel {case.id}")
    case.reopen(coordinator, "Toch nog iets.")


def _ask(case, text):
    """A question of a coordinator about an answer, from when the case still lay with us."""
    case, coordinator = Case.get_by_id(case.id), make.coordinator(case.process)
    DataQuery.create(case=case, code="A1", about="A1", text=text, asked_by=coordinator, asked_at=case.created_at)


def addresses(rule, world):
    """{row: path} for every row that this route can be asked about; '-' where it takes none."""
    path, endpoint = rule.rule.replace("<export_type>", "csv"), rule.endpoint
    path = (
        path.replace("<review>", str(AccountReview.get().id))
        .replace("<supplier>", str(world.supplier.id))
        .replace("<user>", str(world.people["melder"].id))
    )
    if "<version>" in path:
        path = path.replace("<code>", "A" if "onderdeel" in path else "A1")
        return {name: path.replace("<version>", version.key) for name, version in world.versions.items()}
    if "<entry>" in path:
        return {name: path.replace("<entry>", draft.key).replace("<section>", "C") for name, draft in world.drafts.items()}
    if "<research>" in path:
        return {"-": path.replace("<research>", world.research.key)}
    if "<model>" in path:
        return {name: path.replace("<model>", one.key) for name, one in world.models.items()}
    if "<report>" in path:
        path = path.replace("<kind>", "xlsx")
        return {name: path.replace("<report>", edition.key) for name, edition in world.editions.items()}
    if "<batch>" in path:
        return {name: path.replace("<batch>", batch.key) for name, batch in world.batches.items()}
    if "<stay>" in path or "<message>" in path:
        return {name: _of_stay(path, stay) for name, stay in world.stays.items()}
    if "<key>" in path and endpoint.split(".")[0] not in ("mailbox",):
        return {name: _filled(path, case) for name, case in world.cases.items()}
    if "<person>" in path:
        people = {"eigen": world.people["invoerder"], "vreemd": world.cases["vreemd"].reporter}
        return {name: path.replace("<person>", str(person.id)) for name, person in people.items()}
    if endpoint.endswith((".details_view", ".edit_view")):
        return {name: f"{path}?id={number}" for name, number in _rows(endpoint.split(".")[0], world).items()}
    names = {
        "month": MONTH,
        "code": world.cases["vreemd"].hospital.code,
        "page": "statussen",
        "token": world.token["ja" if endpoint == "monthly.yes" else "upload" if "uploadlink" in path else "nee"],
        "document": "geen",
        "key": "geen",
        "change": world.token["klopt niet"],
        "provider": "geen",
        "filename": "web/portal.css",
        "any(en):tongue": "en",
        "chapter": "regels",
        "path:file": "regels.csv",
        "number": "voorlopig" if endpoint.startswith("annual_report.") else "1",
        "indicator": "sterfte",
        "listed": str(SecondSourceList.get().id),
        "meeting": Meeting.get().key,
        "int:year": "2025",
        "int:edition": str(world.editions["landelijk"].id),
        "int:proposal": str(YearClosing.get().id),
        "kind": "pdf",
        "letter": "case_closed",
        "note": HospitalNote.get().key,
    }
    for name, value in names.items():
        path = path.replace(f"<{name}>", value)
    return {"-": path}


def _draft(name, hospital):
    """A stay that is being typed in at this hospital."""
    draft = StayDraft.begin(contact := make.user(role=Role.LNR_CONTACT, hospital=hospital))
    draft.put("child_ids", {"0": [FOREIGN if name == "vreemd" else "4711"]}, contact)
    return draft


def _edition(hospital, said, by):
    """A settled year report about this hospital."""
    content = ReportContent("Jaarverslag LNR 2024", said)
    told = {"content": content.json, "hash": content.hash, "settled_at": clock.now(), "settled_by": by}
    return LnrEdition.create(year=2024, hospital=hospital, number=1, used=0, **told)


def _of_stay(path, stay):
    return path.replace("<stay>", stay.key).replace("<message>", stay.messages.first().key)


def _filled(path, case):
    for name, value in _known(case.id).items():
        path = path.replace(f"<{name}>", str(value)).replace(f"<int:{name}>", str(value))
    return path


@cache
def _known(case_id):
    """What an address of this case may name: looked up once, as every test begins with the same rows."""
    case = Case.get_by_id(case_id)
    step = CommitteeStep.select().where(CommitteeStep.case == case).first()
    letter = LessonLetter.get_or_none(LessonLetter.case == case)
    inquiry, question = case.inquiries.first(), UploadLink.get_or_none(UploadLink.case == case)
    return {
        "key": case.key,
        "document": Document.select().where(Document.case == case).first().key,
        "asked": RequestedDocument.select().where(RequestedDocument.theme == case.theme_id).first().id,
        "step": step.key if step else "geen",
        "section": "A",
        "letter": letter.key if letter else "geen",
        "upload": ResumableUpload.get(ResumableUpload.case == case).key,
        "inquiry": inquiry.key if inquiry else "geen",
        "question": question.key if question else "geen",
    }


def _rows(screen, world):
    """The rows of a generated screen: of the own hospital or process, and of another."""
    own, other, lza1 = (world.cases[name] for name in ("eigen", "vreemd", "lza1"))
    remark = {name: Remark.get(Remark.case == case).id for name, case in (("eigen", own), ("vreemd", other), ("lza1", lza1))}
    return {
        "cases": {"eigen": own.id, "vreemd": other.id, "lza1": lza1.id},
        "all_cases": {"eigen": own.id, "vreemd": other.id, "lza1": lza1.id},
        "lza1_register": {"eigen": own.id, "vreemd": other.id, "lza1": lza1.id},
        "remarks": remark,
        "answers": {"eigen": _answer(own), "vreemd": _answer(other)},
        "themes": {"nethoss": own.theme_id, "lza1": lza1.theme_id},
        "asked": {"nethoss": own.theme.asked.first().id, "lza1": lza1.theme.asked.first().id},
        "hospitals": {"-": own.hospital_id},
        "members": {"-": CommitteeMember.select().first().id},
        "workplaces": {"-": Workplace.select().first().id},
        "users": {"-": world.people["melder"].id},
        "births": {"-": Births.get().id},
        "second_sources": {"-": SecondSourceList.get().id},
        "retention": {"-": RetentionTerm.get().id},
        "calls": {"-": LoggedCall.get().id},
        "wordings": {"-": MailWording.get().id},
        "outbox": {"-": Mail.select().first().id},
        "trail": {"-": AuditEvent.select().first().id},
        "lnr_stays": _stays(world),
        "lnr_all_stays": _stays(world),
        "lnr_year_reports": {name: edition.id for name, edition in world.editions.items()},
        "lnr_flaws": _flaws(world),
        "lnr_all_flaws": _flaws(world),
        "lnr_loose": {name: stay.messages.first().id for name, stay in world.stays.items()},
    }.get(screen) or {"-": 1}


def _stays(world):
    return {name: stay.id for name, stay in world.stays.items()}


def _flaws(world):
    return {name: stay.flaws.first().id for name, stay in world.stays.items()}


def _answer(case):
    return case.hospital.answers.first().id


def form(rule, case, world):
    """A body with something sensible under every name that a form of the portal uses."""
    theme = Theme.get(Theme.process == Process.NETHOSS)
    return {
        "ziekenhuis": world.people["melder"].hospital.code,
        "ronde": case.round if case else 1,
        "bericht": "Tekst.",
        "reden": "Reden.",
        "toelichting": "Tekst.",
        "waarom": "dubbel",
        "notitie": "Tekst.",
        "bewaarreden": "Tekst.",
        "nummer": "P-1",
        "adres": "p.pieters@haven.example",
        "text": "Tekst.",
        "maand": MONTH,
        "patient_number": "1",
        "antwoord": "bevestigen",
        "theme": theme.id,
        "thema": case.theme_id if case else theme.id,
        "gesproken": "Iemand",
        "hoe": "gesproken",
        "aantal": "1200",
        "spoken_to": "Iemand",
        "action": "end",
        "rowid": world.people["invoerder"].id,
        "document": "",
        "collega": (world.apart if case and case.kept_apart else world.people)["invoerder"].id,
        "vraag": "Tekst.",
        "dag": "2026-01-05",
        "sleutel": "muur",
        "casus": world.cases["goedgekeurd"].key,
        "beoordelaar": world.people["commissielid"].id,
        "betrokken": world.apart["melder"].hospital_id,
        "ander": world.apart["melder"].hospital_id,
        "andere": world.cases["vreemd"].key,
        "waarom-apart": "Reden.",
    } | (_answered(case) if case else {})


def _answered(case):
    """The fields of the one question of the case's questionnaire, answered anew, and of one about it."""
    return {
        "over": "A1.0",
        "vraag": "A1.0",
        "versie": Form.of(case).version.key,
        "A1.0": "Anders.",
        "A1.0.gezien": "1",
        "A1.0.was": "",
    }


# What a look may leave behind: its line in the trail, the log-in, the opened link.
TOLD = {"event", "log_in", "link_visit", "known_device", "schema_migration", "failed_attempt"}


def state():
    """Everything that a refused request may not change: every row of every other table."""
    tables = sorted(set(db.get_tables()) - TOLD)
    return {table: sorted(map(str, db.execute_sql(f'SELECT * FROM "{table}"').fetchall())) for table in tables}
