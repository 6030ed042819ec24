"""Remarks about a hospital: for coordinators only, dated, in the trail, and changed by their author alone."""

import pytest

from models import access, clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.review.notes.hospital_note import HospitalNote
from tests import make
from tests.web.pages import send

pytestmark = pytest.mark.db_dialect
TEXT = "Belt liever na vieren."


def test_a_remark_is_kept_once_and_read_by_coordinators_only():
    boss, melder = make.coordinator(), make.user()
    for _ in range(2):  # a double click
        note = HospitalNote.write(melder.hospital, boss, "sleutel", TEXT)
    assert HospitalNote.of_hospital(melder.hospital) == [note] and HospitalNote.of_hospital(make.hospital()) == []
    assert access.visible(HospitalNote, make.coordinator()).count() == 1
    for other in (melder, make.coordinator("lza1"), make.user(role=Role.BEHEERDER), make.user(role=Role.COMMISSIELID)):
        assert access.visible(HospitalNote, other).count() == 0, other.role_names
        with pytest.raises(Refused):
            HospitalNote.write(melder.hospital, other, "ander", TEXT)
        with pytest.raises(Refused):
            note.amend(other, "Anders.", 1)
    lines = list(AuditEvent.select().where(AuditEvent.action.startswith("hospital_note.")))
    assert [(line.actor, line.hospital_id) for line in lines] == [(boss, melder.hospital_id)]
    assert TEXT not in lines[0].detail + lines[0].subject


def test_its_author_changes_it_and_of_two_tabs_one_does():
    boss, hospital = make.coordinator(), make.hospital()
    note = HospitalNote.write(hospital, boss, "sleutel", TEXT)
    note.amend(boss, "Belt liever voor vieren.", 1, note.at + clock.DAY)
    fresh = HospitalNote.get_by_id(note.id)
    assert (fresh.text, fresh.at, fresh.changed_at) == ("Belt liever voor vieren.", note.at, note.at + clock.DAY)
    for old in (note, fresh):
        with pytest.raises(Refused, match="intussen gewijzigd"):
            old.amend(boss, "Uit het andere tabblad.", 1)
    assert [line.action for line in AuditEvent.select().where(AuditEvent.action.startswith("hospital_note."))] == [
        "hospital_note.write",
        "hospital_note.amend",
    ]


def test_the_page_of_the_hospital_keeps_and_changes_remarks(app, login):
    boss, colleague, hospital, elsewhere = make.coordinator(), make.coordinator(), make.hospital(), make.hospital()
    browser, place = login(app.test_client(), boss), f"/ziekenhuizen/{hospital.code}/"
    assert send(browser, f"{place}opmerking", sleutel="een", opmerking=" ").status_code == 409
    send(browser, f"{place}opmerking", sleutel="een", opmerking=TEXT)
    note = HospitalNote.get()
    shown = browser.get(place).text
    assert TEXT in shown and boss.name in shown and f"opmerking/{note.key}" in shown
    assert TEXT not in browser.get(f"/ziekenhuizen/{elsewhere.code}/").text
    assert send(browser, f"/ziekenhuizen/{elsewhere.code}/opmerking/{note.key}", opmerking="X", ronde="1").status_code == 404
    send(browser, f"{place}opmerking/{note.key}", opmerking="Belt nooit.", ronde="1")
    assert "Belt nooit." in browser.get(place).text
    other = login(app.test_client(), colleague)
    assert "Belt nooit." in other.get(place).text and f"opmerking/{note.key}" not in other.get(place).text
    assert send(other, f"{place}opmerking/{note.key}", opmerking="Toch wel.", ronde="2").status_code == 409
    assert HospitalNote.get().text == "Belt nooit."
