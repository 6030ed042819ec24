"""Telling the beheerders that something is damaged."""

from models import clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.audit.audit_log import RESULTS, of_case
from models.audit.monthly_review import Figures
from models.files import storage
from models.mail import damage_alert
from models.mail.outbox import Mail
from models.operations import integrity_check
from tests import make


def alarms():
    return list(Mail.select().where(Mail.name == "alarm").order_by(Mail.id))


def test_every_active_beheerder_is_told_once_of_a_damaged_file():
    first, second = (make.user(role=Role.BEHEERDER) for _ in range(2))
    make.user(role=Role.BEHEERDER, active=False)
    document, other = make.document(make.case(), name="CNRY.pdf"), make.document(make.case())

    for _ in range(3):
        document.lost(None)
    assert [mail.user for mail in alarms()] == [first, second]
    said = alarms()[0].render().as_string()
    assert f"bestand {document.id} is beschadigd" in said and "CNRY" not in said

    other.lost(document.added_by)
    assert len(alarms()) == 4


def test_what_failed_can_be_found_in_the_trail_and_is_counted():
    document = make.document(make.case())
    document.lost(None)

    assert "mislukt" in RESULTS
    assert [line.action for line in of_case(document.case) if line.result == "mislukt"] == ["document.lost"]
    assert Figures(clock.month_of(clock.local_date(AuditEvent.get().at))).damaged == 1


def test_many_problems_are_one_mail_and_none_are_none():
    make.user(role=Role.BEHEERDER)
    damage_alert.sound([])
    damage_alert.sound(f"bestanden: nummer {number}" for number in range(50))
    damage_alert.sound(f"bestanden: nummer {number}" for number in reversed(range(50)))

    (mail,) = alarms()
    assert "en nog 30" in mail.render().get_body(["plain"]).get_content()


def test_reading_everything_finds_a_damaged_file():
    document = make.document(make.case())
    storage.delete(document.blob)
    assert list(integrity_check.contents()) == [f"bestanden: de inhoud van bestand {document.id} is beschadigd"]
