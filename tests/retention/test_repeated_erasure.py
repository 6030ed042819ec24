"""After a restore: what the trail of then says was erased on request is erased again, and nothing else."""

import json
import re
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest
from peewee import fn

from commands import main
from models import MODELS, clock
from models.access import Role
from models.accounts.user import User
from models.audit import fhir_audit_event
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.status import Status
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.message import MessageContent
from models.lnr.registry.stay import Stay, StayState
from models.mail.outgoing_hold import OutgoingHold
from models.operations import after_restore, integrity_check, siem
from models.operations.restored_item import ItemDecision, RestoredItem
from models.retention import repeated_erasure
from models.retention.erasure_request import ErasureRequest
from models.retention.legal_hold import LegalHold
from models.retention.stay_erasure import StayErasure
from models.retention.stay_hold import StayHold
from tests import make
from tests.lnr.messages import hospital, message, supplier

pytestmark = pytest.mark.db_dialect
WHY = "Op verzoek."


@pytest.fixture
def world():
    """A case, an account and a stay as the copy holds them, and a case that nobody erased."""
    place = hospital()
    deliver(Delivery(place, supplier()), message())
    return SimpleNamespace(
        case=make.case(Status.INGEDIEND, patient_number="P-1"),
        kept=make.case(Status.INGEDIEND),
        account=make.user(email="weg@example.com", name="Vertrokken"),
        stay=Stay.get(),
    )


class Undone(Exception):
    pass


def trail(world, form):
    """The trail, in this form, of erasing all three after the copy; the database is then as the copy has it."""
    beheerders, coordinators, lnr = (
        [make.user(role=role) for _ in range(2)] for role in (Role.BEHEERDER, Role.COORDINATOR, Role.LNR_BEHEER)
    )
    with suppress(Undone), db.atomic():
        ErasureRequest.ask(coordinators[0], world.case.number, WHY).grant(coordinators[1], MODELS)
        User.get_by_id(world.account.id).deactivate(beheerders[0])
        ErasureRequest.ask(beheerders[0], world.account.email, WHY).grant(beheerders[1], MODELS)
        (asked,) = StayErasure.ask(lnr[0], world.stay.number, WHY)
        asked.grant(lnr[1])
        ErasureRequest.ask(coordinators[0], world.kept.number, WHY).reject(coordinators[1])
        lines = [form(event) for event in AuditEvent.select().order_by(AuditEvent.id)]
        raise Undone
    return lines


def as_exported(event):
    return json.dumps(fhir_audit_event.audit_event(event), ensure_ascii=False)


def as_shipped(event):
    return f"Nov 30 02:10:11 siem {siem.message(event).decode()}"


@pytest.fixture
def restored(world):
    """restored(): the restore of the copy that was made right after the world."""
    copied = clock.now()

    def restore():
        after_restore.begin(copied)
        return OutgoingHold.standing()

    return restore


@pytest.mark.parametrize("form", [as_exported, as_shipped])
def test_what_the_trail_of_then_tells_is_erased_again_and_nothing_else(world, form, tmp_path, capsys, restored):
    file = tmp_path / "logboek.txt"
    file.write_text("\n".join(["een regel van iets anders", *trail(world, form)]), encoding="utf-8")
    assert Case.get_by_id(world.case.id).erased_at is None  # as a restore brings it back
    restored()

    with pytest.raises(SystemExit) as end:
        main(["release", "--erased", str(file)])

    said = capsys.readouterr().out
    assert not end.value.code and OutgoingHold.standing().erasures_at
    assert "regels van het logboek, van " in said and "1 regel was niet te lezen" in said
    for number in (world.case.number, world.stay.number, world.account.in_trail):
        assert f"{number}: opnieuw gewist" in said
    assert Case.get_by_id(world.case.id).erased_at and Case.get_by_id(world.case.id).patient_number is None
    account = User.get_by_id(world.account.id)
    assert not account.active and "Vertrokken" not in account.name and account.email.startswith("gewist-")
    assert Stay.get().erased_at and not MessageContent.select().exists()
    assert Case.get_by_id(world.kept.id).erased_at is None
    assert AuditEvent.select().where(AuditEvent.action == "restore.erase").count() == 3
    assert list(integrity_check.problems(deep=True)) == []

    with pytest.raises(SystemExit):
        main(["release", "--erased", str(file)])
    assert capsys.readouterr().out.count("was al gewist") == 3


def test_what_was_made_after_the_copy_or_erased_before_it_is_left_alone(world, restored):
    """Numbers of accounts and stays are given out again after a restore."""
    lines, hold = trail(world, as_exported), restored()
    for model, moment in ((Case, Case.created_at), (User, User.created_at), (Stay, Stay.first_at)):
        model.update({moment: hold.restored_at + timedelta(seconds=1)}).execute()

    _, *said = after_restore.erase_again(lines, MODELS)

    assert len(said) == 3 and all("is niet in de kopie" in one for one in said)
    assert Case.get_by_id(world.case.id).erased_at is None and Stay.get().erased_at is None
    assert User.get_by_id(world.account.id).active

    OutgoingHold.update(copied_at=clock.now() + timedelta(hours=1), restored_at=clock.now() + timedelta(hours=3)).execute()
    of_then = as_exported(AuditEvent.log("user.login", subject="x", at=clock.now() + timedelta(hours=2)))
    assert len(list(after_restore.erase_again([*lines, of_then], MODELS))) == 1


def test_an_erasure_that_was_under_way_when_the_copy_began_is_not_forgotten(world, restored):
    lines, hold = trail(world, as_exported), restored()
    OutgoingHold.update(copied_at=clock.now(), restored_at=clock.now() + timedelta(hours=3)).execute()
    of_then = as_exported(AuditEvent.log("user.login", subject="x", at=hold.restored_at + timedelta(hours=1)))
    assert len(list(after_restore.erase_again([*lines, of_then], MODELS))) == 4


@pytest.mark.parametrize("form", [as_exported, as_shipped])
def test_what_was_erased_again_after_one_restore_is_so_after_the_next(world, form, restored):
    first, hold, again = trail(world, as_exported), restored(), []
    with suppress(Undone), db.atomic():  # the copy of which the second restore is was made before this
        list(after_restore.erase_again(first, MODELS))
        again.extend(form(line) for line in AuditEvent.select().order_by(AuditEvent.id))
        raise Undone
    OutgoingHold.update(released_at=clock.now()).execute()
    after_restore.begin(hold.restored_at)

    _, *said = after_restore.erase_again(again, MODELS)

    assert len(said) == 3 and all("opnieuw gewist" in one for one in said)
    assert Case.get_by_id(world.case.id).erased_at and Stay.get().erased_at


def test_a_trail_of_another_time_decides_nothing(world, restored):
    lines, hold = trail(world, as_exported), restored()
    of_now = as_exported(AuditEvent.log("user.login", subject="x", at=clock.now() + timedelta(minutes=1)))
    OutgoingHold.update(copied_at=hold.restored_at).execute()
    for told in (lines, [of_now], [*lines, of_now]):
        with pytest.raises(Refused, match="van na de kopie en van voor het terugzetten") as said:
            list(after_restore.erase_again(told, MODELS))
        assert re.search(r"Gelezen: \d+ regels? van het logboek, van ", str(said.value))
    assert OutgoingHold.standing().erasures_at is None and Case.get_by_id(world.case.id).erased_at is None


def test_nothing_is_decided_while_one_of_them_could_not_be_erased(world, restored, monkeypatch):
    lines, _ = trail(world, as_shipped), restored()
    with monkeypatch.context() as patched:
        patched.setattr(User, "deactivate", refuse)
        said = list(after_restore.erase_again(lines, MODELS))

    assert f"{world.account.in_trail}: NIET gewist: Dit kan nu niet." in said
    assert said[-1].startswith("Niet alles is opnieuw gewist") and OutgoingHold.standing().erasures_at is None
    assert Case.get_by_id(world.case.id).erased_at and Stay.get().erased_at

    assert "Niet alles" not in str(list(after_restore.erase_again(lines, MODELS))) and OutgoingHold.standing().erasures_at


def refuse(account, by=None, now=None):
    raise Refused("Dit kan nu niet.")


def test_what_could_not_be_erased_again_is_waved_away_by_nobody(world, restored, monkeypatch):
    """Neither by who says that nothing was erased, nor by a release that was asked for before the trail was read."""
    two = [make.user(role=Role.BEHEERDER) for _ in range(2)]
    lines, _ = trail(world, as_shipped), restored()
    after_restore.none_erased(two[0])
    RestoredItem.update(decision=ItemDecision.BLIJFT, decided_by=two[0], decided_at=clock.now()).execute()
    after_restore.ask(two[0])
    with monkeypatch.context() as patched:
        patched.setattr(User, "deactivate", refuse)
        list(after_restore.erase_again(lines, MODELS))

    for wave in (
        lambda: after_restore.confirm(two[1]),
        lambda: after_restore.none_erased(two[1]),
        after_restore.none_erased,
        lambda: after_restore.release(leave_months=tuple(after_restore.months(after_restore.standing()))),
    ):
        with pytest.raises(Refused, match="Niet alles is opnieuw gewist"):
            wave()
    hold = OutgoingHold.standing()
    assert f"nog 1 niet opnieuw gewist: account {world.account.id}" in "\n".join(after_restore.overview(hold))
    told = AuditEvent.select().where(AuditEvent.action == "restore.decide").order_by(AuditEvent.id.desc()).get()
    assert told.detail == "opnieuw gewist volgens het logboek: 2, nog niet gelukt: 1"

    list(after_restore.erase_again(lines, MODELS))
    after_restore.confirm(two[1])
    assert OutgoingHold.standing() is None


def test_a_trail_that_does_not_tell_what_could_not_be_erased_leaves_it_standing(world, restored, monkeypatch):
    """Not even what it tells itself counts for it, and of the account no address is kept."""
    lines, hold = trail(world, as_shipped), restored()
    of_account = [line for line in lines if "account" in line and "erasure.grant" in line]
    others = [line for line in lines if line not in of_account]
    with monkeypatch.context() as patched:
        patched.setattr(User, "deactivate", refuse)
        list(after_restore.erase_again(of_account, MODELS))
    nothing = as_shipped(AuditEvent.log("user.login", subject="x", at=hold.copied_at))
    for slice_of_then in (others, [nothing], others):
        assert "Niet alles is opnieuw gewist" in str(list(after_restore.erase_again(slice_of_then, MODELS)))
        assert OutgoingHold.standing().not_erased == [f"account {world.account.id}"]
        with pytest.raises(Refused, match="Niet alles is opnieuw gewist"):
            after_restore.release()

    assert "Niet alles" not in str(list(after_restore.erase_again(lines, MODELS)))
    assert OutgoingHold.standing().erasures_at and OutgoingHold.standing().not_erased == []
    assert not User.get_by_id(world.account.id).active


def test_a_trail_that_was_read_half_way_decides_nothing(world, restored, monkeypatch):
    def hangs(blob):
        raise OSError("de opslag antwoordt niet")

    lines, _ = trail(world, as_exported), restored()
    make.document(world.case)
    after_restore.none_erased()
    with monkeypatch.context() as patched, pytest.raises(OSError):
        patched.setattr(repeated_erasure.storage, "delete", hangs)
        list(after_restore.erase_again(lines, MODELS))
    with pytest.raises(Refused, match="Niet alles is opnieuw gewist"):
        after_restore.none_erased()


def test_the_trail_of_two_files_is_one_trail(world, restored, tmp_path, capsys, monkeypatch):
    """Of the two, the second alone would decide: everything that it tells is erased again."""
    lines = trail(world, as_shipped)
    of_account = [line for line in lines if "account" in line and "erasure.grant" in line]
    restored()
    files = [tmp_path / "een", tmp_path / "twee"]
    files[0].write_text("\n".join(of_account))
    files[1].write_text("\n".join(line for line in lines if line not in of_account))
    monkeypatch.setattr(User, "deactivate", refuse)

    with pytest.raises(SystemExit, match="Niet alles is opnieuw gewist"):
        main(["release", "--erased", str(files[0]), "--erased", str(files[1]), "--none-erased", "--confirm"])

    assert "opnieuw gewist" in capsys.readouterr().out and OutgoingHold.standing().erasures_at is None


def test_a_line_with_an_impossible_moment_is_counted_and_the_rest_is_read(world, restored):
    lines, _ = trail(world, as_shipped), restored()
    for moment in ("2026-13-45T99:00:00Z", "0001-01-01T00:00:00+14:00", "gisteren"):
        lines.append(f'<110>1 {moment} machine meldportaal - erasure.grant [x subject="N-1"] iets')
    read, *said = after_restore.erase_again(lines, MODELS)
    assert len(said) == 3 and "3 regels waren niet te lezen" in read and OutgoingHold.standing().erasures_at


def test_what_a_hold_of_the_copy_keeps_waits_until_it_is_lifted_again(world, restored):
    """It was lifted after the copy, by two people: else nobody could have erased it."""
    lines, _ = trail(world, as_exported), restored()
    hold = LegalHold.place(world.case, make.coordinator(), "Rechtszaak.")  # as the copy has it

    _, *said = after_restore.erase_again(lines, MODELS)

    assert any(f"{world.case.number}: NIET gewist: er geldt een bewaarplicht" in one for one in said) and len(said) == 4
    assert Case.get_by_id(world.case.id).erased_at is None and Stay.get().erased_at
    assert OutgoingHold.standing().not_erased == [world.case.number]
    hold.ask_to_lift(make.coordinator())
    hold.lift(make.coordinator())
    list(after_restore.erase_again(lines, MODELS))
    assert Case.get_by_id(world.case.id).erased_at and OutgoingHold.standing().erasures_at


@pytest.mark.parametrize("form", [as_exported, as_shipped])
def test_a_hold_that_was_placed_after_the_copy_stands_again_before_anything_leaves(world, form, restored):
    judge, lnr = make.coordinator(), make.user(role=Role.LNR_BEHEER)
    with suppress(Undone), db.atomic():
        lifted = LegalHold.place(world.kept, judge, "Vergissing.")
        lifted.ask_to_lift(judge)
        lifted.lift(make.coordinator())
        LegalHold.place(world.case, judge, "Rechtszaak.")
        StayHold.place_on(world.stay.number, lnr, "Rechtszaak.")
        lines = [form(event) for event in AuditEvent.select().order_by(AuditEvent.id)]
        raise Undone
    restored()

    _, *said = after_restore.erase_again(lines, MODELS)

    for at, one in enumerate((world.case, world.stay)):
        assert said[at].startswith(f"bewaarplicht van {one.number}: geldt NIET meer")
    with pytest.raises(Refused, match="Niet alles is opnieuw gewist"):
        after_restore.none_erased()
    LegalHold.place(world.case, judge, "Rechtszaak.")
    StayHold.place_on(world.stay.number, lnr, "Rechtszaak.")
    _, *said = after_restore.erase_again(lines, MODELS)
    assert [one.split(": ")[1] for one in said] == ["geldt", "geldt"] and OutgoingHold.standing().erasures_at


def test_a_stay_that_was_withdrawn_after_the_copy_does_not_live_again(world, restored):
    with suppress(Undone), db.atomic():
        deliver(Delivery(world.stay.hospital, supplier()), message(version=2, action="intrekking"))
        lines = [as_shipped(event) for event in AuditEvent.select().order_by(AuditEvent.id)]
        raise Undone
    restored()
    assert MessageContent.select().exists()

    _, said = after_restore.erase_again(lines, MODELS)

    assert said.startswith(f"intrekking van {world.stay.number}: opnieuw ingetrokken") and OutgoingHold.standing().erasures_at
    assert Stay.get().state == StayState.INGETROKKEN and not MessageContent.select().exists()
    assert list(integrity_check.problems(deep=True)) == []
    assert deliver(Delivery(world.stay.hospital, supplier()), message(version=3)).status == 200  # unlike what was erased


def test_a_stay_that_was_sent_anew_after_its_withdrawal_is_left_alone(world, restored):
    with suppress(Undone), db.atomic():
        deliver(Delivery(world.stay.hospital, supplier()), message(version=2, action="intrekking"))
        deliver(Delivery(world.stay.hospital, supplier()), message(version=3))
        lines = [as_shipped(event) for event in AuditEvent.select().order_by(AuditEvent.id)]
        raise Undone
    restored()

    assert len(list(after_restore.erase_again(lines, MODELS))) == 1 and MessageContent.select().exists()


def test_a_stay_that_was_held_and_then_withdrawn_is_emptied_by_nobody(world, restored):
    lnr = make.user(role=Role.LNR_BEHEER)
    with suppress(Undone), db.atomic():
        StayHold.place_on(world.stay.number, lnr, "Rechtszaak.")
        deliver(Delivery(world.stay.hospital, supplier()), message(version=2, action="intrekking"))
        lines = [as_shipped(event) for event in AuditEvent.select().order_by(AuditEvent.id)]
        raise Undone
    restored()

    _, withdrawn, held, *_ = after_restore.erase_again(lines, MODELS)

    assert withdrawn.startswith(f"intrekking onder bewaarplicht van {world.stay.number}: NIET gewist")
    assert held.startswith(f"bewaarplicht van {world.stay.number}: geldt NIET meer") and MessageContent.select().exists()


def test_lines_of_one_moment_are_no_gap(world, restored):
    same = clock.now()
    for _ in range(3):
        AuditEvent.log("user.login", by=world.account, at=same)
    copied = AuditEvent.select(fn.MAX(AuditEvent.id)).scalar()
    with suppress(Undone), db.atomic():
        for _ in range(3):
            AuditEvent.log("user.login", by=world.account, at=same)
        lines = [as_shipped(event) for event in AuditEvent.select().order_by(AuditEvent.id)]
        raise Undone
    assert AuditEvent.select(fn.MAX(AuditEvent.id)).scalar() == copied
    restored()

    *_, last = after_restore.erase_again(lines, MODELS)

    assert "ontbreken" not in last and OutgoingHold.standing().erasures_at


@pytest.mark.parametrize("lost", [0, 3, 7])
def test_a_trail_with_a_gap_does_not_say_that_this_was_all(world, restored, lost):
    lines = trail(world, as_shipped)
    known = AuditEvent.select().count()  # and who asks, whom the copy knows as well
    hold = restored()
    del lines[known + lost]

    *_, last = after_restore.erase_again(lines, MODELS)

    assert last.startswith("Er ontbreken regels van ") and "--none-erased" in last
    assert OutgoingHold.standing().erasures_at is None and hold.not_erased == []
    with pytest.raises(Refused, match="Zeg eerst wat sinds de kopie"):
        after_restore.release()
    after_restore.none_erased()
    assert OutgoingHold.standing().erasures_at


def test_a_restore_of_a_copy_that_waited_for_a_release_remembers_what_could_not_be_erased(world, restored, monkeypatch):
    lines, hold = trail(world, as_shipped), restored()
    with monkeypatch.context() as patched:
        patched.setattr(User, "deactivate", refuse)
        list(after_restore.erase_again(lines, MODELS))
    after_restore.begin(hold.restored_at)
    assert OutgoingHold.standing().not_erased == [f"account {world.account.id}"]


def test_a_file_that_is_no_trail_says_so_and_decides_nothing(world, tmp_path, restored):
    restored()
    for text in ("", "zomaar tekst\n", '{"a": 1}\n{"subtype": 3}\n'):
        (file := tmp_path / "f").write_text(text)
        with pytest.raises(SystemExit, match="staat geen logboek"):
            main(["release", "--erased", str(file)])
    with pytest.raises(SystemExit, match="kan niet worden gelezen"):
        main(["release", "--erased", str(tmp_path / "weg")])
    assert OutgoingHold.standing().erasures_at is None
