"""What is kept about one person: of the own hospital only, with who looked, itself in the trail without the number."""

import io
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from openpyxl import load_workbook

from models import clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.status import Status
from models.dutch import size
from models.files.document import Document
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.stay import Stay
from models.questionnaires.form import Form
from models.retention.stay_hold import StayHold
from models.retention.subject_report import SubjectReport
from tests import filling, make
from tests.lnr import messages

NUMBER = "P-4711"


def test_a_melder_sees_the_cases_of_the_own_hospital_and_who_looked():
    melder, coordinator = make.user(), make.coordinator()
    case = make.case(Status.GOEDGEKEURD, by=melder, patient_number=NUMBER)
    make.case(patient_number=NUMBER)  # the same number, in another hospital
    AuditEvent.log("case.read", by=coordinator, case=case)

    found = SubjectReport.make(melder, f" {NUMBER.lower()} ")

    assert [row[0] for row in found.kept] == [f"Melding {case.number}"]
    assert [(who, what) for _, who, what, _ in found.readers] == [("Perined Beoordelaar", "Melding ingezien")]
    (line,) = AuditEvent.select().where(AuditEvent.action == "subject.report")
    assert line.case_id == case.id and NUMBER not in str(line.__data__)


def test_files_answers_and_messages_of_a_case_are_told_by_name_and_count():
    theme, melder = make.theme(), make.user()
    filling.questionnaire(filling.question("A1", "tekst (100)"), filling.question("A2", "tekst (100)"), theme=theme)
    case = make.case(by=melder, theme=theme, patient_number=NUMBER)
    form = Form.start(case, melder)
    filling.save(form, "A1", "Ja.")
    kept, gone, purged = (make.document(case, name=f"{name}.pdf") for name in ("brief", "oud", "weg"))
    gone.remove(melder)
    Document.update(purged_at=clock.now(), removed_at=clock.now(), name="").where(Document.id == purged.id).execute()
    make.document(make.case(patient_number=NUMBER), name="van een ander.pdf")
    case.note(make.coordinator(), "Intern.")
    with db.atomic():
        Remark.write(case, melder, "Graag overleg.", clock.now())

    found = SubjectReport.make(melder, NUMBER)

    told = [(of, what, details) for of, what, details, _ in found.content]
    about, name = f"Melding {case.number}", form.version.questionnaire.name
    assert (about, "Bestand brief.pdf", size(kept.size)) in told
    assert (about, "Bestand oud.pdf", f"{size(gone.size)}, verwijderd") in told
    assert (about, f"Vragenlijst {name}", "1 antwoord") in told and (about, "Berichten met Perined", "1 bericht") in told
    assert {of for of, *_ in told} == {about} and not any(what.endswith("Bestand ") for _, what, _ in told)


def test_messages_of_a_stay_are_counted():
    own = messages.hospital()
    deliver(Delivery(own, messages.supplier()), messages.message(child=(messages.CHILD_BSN,)))
    ((about, what, details, _),) = SubjectReport.make(make.user(role=Role.LNR_BEHEER), messages.CHILD_BSN[1]).content
    assert (about, what, details) == (f"Opname {Stay.get().number}", "LNR-berichten zoals ze kwamen", "1 bericht")


def test_nothing_found_is_in_the_trail_as_well_and_who_may_not_is_refused():
    melder = make.user()
    assert SubjectReport.make(melder, "P-1").kept == []
    assert AuditEvent.select().where(AuditEvent.action == "subject.report").count() == 1
    for other in (make.coordinator(), make.user(role=Role.INVOERDER), make.user(role=Role.BEHEERDER)):
        with pytest.raises(Refused):
            SubjectReport.make(other, NUMBER)
    with pytest.raises(Refused, match="Vul het"):
        SubjectReport.make(melder, "  ")


def test_a_case_whose_number_was_forgotten_is_not_found():
    melder = make.user()
    case = make.case(Status.GOEDGEKEURD, by=melder, patient_number=NUMBER)
    Case.update(patient_number=None, patient_hash=None).where(Case.id == case.id).execute()
    assert SubjectReport.make(melder, NUMBER).kept == []


def test_the_screen_shows_it_and_gives_the_same_as_a_workbook(app, login):
    melder = make.user()
    case = make.case(by=melder, patient_number=NUMBER)
    make.document(case, name="brief.pdf")
    client = login(app.test_client(), melder)
    page = client.get("/wat-bewaart-u/").text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    shown = client.post("/wat-bewaart-u/", data={"nummer": NUMBER, "csrf_token": token})
    assert case.number in shown.text
    book = client.post("/wat-bewaart-u/", data={"nummer": NUMBER, "bestand": "ja", "csrf_token": token})
    assert "Bestanden en antwoorden" in shown.text and "brief.pdf" in shown.text
    pages = load_workbook(io.BytesIO(book.data))
    assert pages.sheetnames == ["Gegevens", "Bestanden en antwoorden", "Wie heeft ingezien"]
    rows = [[cell.value for cell in row] for row in pages["Bestanden en antwoorden"]]
    assert [f"Melding {case.number}", "Bestand brief.pdf"] in [row[:2] for row in rows]


def test_by_citizen_service_number_the_lnr_answers_within_the_hospital_and_its_management_everywhere():
    own, other = messages.hospital(), messages.hospital(agb="06020202")
    supplier = messages.supplier()
    for place in (own, other):
        raw = messages.message(agb=place.agb, child=(messages.CHILD_BSN,), mother=(messages.MOTHER_BSN,))
        deliver(Delivery(place, supplier), raw)
    contact, manager = make.user(role=Role.LNR_CONTACT, hospital=own), make.user(role=Role.LNR_BEHEER)
    stay = own.stays.get()
    AuditEvent.log("lnr.read", by=manager, subject=stay.number, hospital=own)

    for _, bsn in (messages.CHILD_BSN, messages.MOTHER_BSN):
        assert [row[0] for row in SubjectReport.make(contact, bsn).kept] == [f"Opname {stay.number}"]
        assert len(SubjectReport.make(manager, bsn).kept) == 2
        assert SubjectReport.make(make.user(hospital=own), bsn).kept == []  # a melder has nothing to do with the LNR
    assert "LNR-opname ingezien" in [what for _, _, what, _ in SubjectReport.make(contact, messages.CHILD_BSN[1]).readers]
    lines = AuditEvent.select().where(AuditEvent.action == "subject.report")
    assert not any(bsn in str(line.__data__) for line in lines for _, bsn in (messages.CHILD_BSN, messages.MOTHER_BSN))


def test_a_mother_is_found_by_the_number_of_her_hospital_there_and_nowhere_else():
    own, other = messages.hospital(), messages.hospital(agb="06020202")
    deliver(
        Delivery(own, messages.supplier()), messages.message(agb=own.agb, mother=(("2.16.840.1.113883.2.4.99", "M-77 12"),))
    )
    found, elsewhere = (
        SubjectReport.make(make.user(role=Role.LNR_CONTACT, hospital=place), "m-77 12").kept for place in (own, other)
    )
    assert [row[0] for row in found] == [f"Opname {own.stays.get().number}"] and elsewhere == []


def test_what_is_on_hold_has_no_date_on_which_it_goes():
    own = messages.hospital()
    deliver(Delivery(own, messages.supplier()), messages.message(child=(messages.CHILD_BSN,)))
    manager, stay = make.user(role=Role.LNR_BEHEER), Stay.get()

    def until():
        ((_, _, _, told),) = SubjectReport.make(manager, messages.CHILD_BSN[1]).kept
        return told

    assert until()[-4:].isdigit()
    StayHold.place_on(stay.number, manager, "Rechtszaak.")
    assert until() == "zolang de bewaarplicht geldt"


@contextmanager
def asked():
    """The questions to the database; what the trail asks for the line that it writes of each, is none."""
    found, execute = [], db.obj.execute_sql

    def note(sql, *rest, **more):
        of_the_trail = any(part in sql for part in ('ORDER BY "t1"."id" DESC LIMIT', 'FROM "user_role"', "advisory_xact_lock"))
        if sql.startswith("SELECT") and not of_the_trail:
            found.append(sql)
        return execute(sql, *rest, **more)

    with patch.object(db.obj, "execute_sql", note):
        yield found


def test_more_stays_and_cases_of_one_person_take_no_more_questions():
    place, supplier = messages.hospital(), messages.supplier()
    contact = make.user(Role.MELDER, Role.LNR_CONTACT, hospital=place)
    taken = []
    for number in range(1, 6):
        make.case(Status.GOEDGEKEURD, by=contact, patient_number=messages.CHILD_BSN[1], theme=make.theme())
        day = f"2026-03-{3 * number:02d}T10:00:00"
        deliver(
            Delivery(place, supplier), messages.message(set_id=f"opname-{number}", child=(messages.CHILD_BSN,), admitted=day)
        )
        if number in (1, 5):
            with asked() as found:
                assert len(SubjectReport.make(contact, messages.CHILD_BSN[1]).kept) == 2 * number
            taken.append(found)
    assert len(taken[0]) == len(taken[1]), "\n".join(taken[1])
