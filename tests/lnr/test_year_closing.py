"""A registry year closed by two people: what it counted stands, and what comes after is kept and marked."""

import hashlib
from argparse import Namespace
from datetime import datetime

import pytest

from commands import lnr
from models.access import Role
from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.benchmark import counting
from models.lnr.benchmark import recompute as again
from models.lnr.benchmark.agreement import Agreement, Level
from models.lnr.benchmark.amounts.amount_cell import AmountCell
from models.lnr.benchmark.cell import CountCell, UncountedYear
from models.lnr.benchmark.fact import FIXED, StayFact
from models.lnr.benchmark.indicator import named
from models.lnr.closing import year_closing
from models.lnr.closing.kept_for_report import KeptForReport
from models.lnr.closing.rehearsal import rehearsal
from models.lnr.closing.year_closing import YearClosing
from models.lnr.registry.admissions import Admissions
from models.lnr.registry.closed_year import ClosedYear, LateChange
from models.lnr.registry.message import Message
from models.lnr.registry.stay import Stay
from models.lnr.registry.year_figures import closings
from tests import make
from tests.lnr.test_facts import HOME, OTHER, Registry
from tests.web.pages import send

DEATH = named("sterfte").number
FIRST = {"born": "2025-02-27T09:00:00", "admitted": "2025-03-01T09:00:00", "discharged": "2025-03-11T10:00:00"}
SECOND = {"born": "2025-02-27T09:00:00", "admitted": "2025-03-11T12:00:00", "discharged": "2025-04-05T10:00:00"}
AFTER = datetime(2026, 3, 2, 12)


@pytest.fixture
def registry():
    made = Registry()
    Hospital.update(nicu=True).where(Hospital.id.in_([one.id for one in made.hospitals.values()])).execute()
    made.send(to=OTHER, **FIRST)
    counting.refresh()
    return made


@pytest.fixture
def two():
    return make.user(role=Role.LNR_BEHEER), make.user(role=Role.LNR_BEHEER)


def close(two, year=2025, now=AFTER):
    YearClosing.propose(year, two[0], now=now).confirm(two[1], now=now)


def cells():
    return set(CountCell.select().where(CountCell.year == 2025).tuples())


def verified(capsys):
    ended = lnr.verify_figures(Namespace())
    return ended, capsys.readouterr().out


def test_nobody_closes_a_year_alone_or_too_early_or_twice(registry, two):
    asks, confirms = two
    with pytest.raises(Refused, match="tellen zeker mee tot en met 1 maart 2026"):
        YearClosing.propose(2025, asks, now=datetime(2026, 3, 1, 12))
    made = YearClosing.propose(2025, asks, now=AFTER)
    with pytest.raises(Refused, match="wacht al een voorstel"):
        YearClosing.propose(2025, confirms, now=AFTER)
    with pytest.raises(Refused, match="niemand sluit of heropent een jaar alleen"):
        made.confirm(asks)
    assert ClosedYear.of(2025) is None
    made.confirm(confirms, now=AFTER)
    with pytest.raises(Refused, match="al beslist"):
        made.confirm(confirms)
    assert ClosedYear.of(2025).closed_at == AFTER
    told = [(one.action, one.actor_id) for one in AuditEvent.select().where(AuditEvent.action.startswith("lnr.closing"))]
    assert told == [("lnr.closing_ask", asks.id), ("lnr.closing_confirm", confirms.id)]
    with pytest.raises(Refused):
        YearClosing.propose(2024, make.user(role=Role.LNR_CONTACT), now=AFTER)


def test_a_proposal_taken_back_changes_nothing(registry, two):
    made = YearClosing.propose(2025, two[0], now=AFTER)
    made.reject(two[0])
    assert ClosedYear.of(2025) is None and YearClosing.waiting() == []
    YearClosing.propose(2025, two[0], now=AFTER)


def test_what_waits_to_be_counted_is_counted_at_the_closing(registry, two):
    registry.next_child()
    registry.send(set_id="meer", to=HOME, **FIRST)
    assert UncountedYear.select().count() == 1
    close(two)
    assert (
        UncountedYear.select().count() == 0 and counting.counts([2025], DEATH)[DEATH][registry.hospitals["A"].id].children == 1
    )
    assert {one.rules for one in StayFact.select()} == {FIXED}


def test_a_year_that_is_being_derived_anew_waits(registry, two):
    StayFact.update(rules="").execute()
    with pytest.raises(Refused, match="herrekent nog 1 opname"):
        close(two)
    assert ClosedYear.of(2025) is None and again.recompute() == 1
    (waits,) = YearClosing.waiting()
    waits.confirm(two[1], now=AFTER)
    assert ClosedYear.of(2025) is not None


def test_what_the_report_keeps_of_earlier_years_is_counted_first(registry, two):
    before = {name: day.replace("2025", "2024") for name, day in FIRST.items()}
    registry.next_child()
    registry.send(set_id="eerder", to=HOME, **before)
    StayFact.update(rules="").where(StayFact.year == 2024).execute()
    with pytest.raises(Refused, match="herrekent nog 1 opname van 2024"):
        close(two)
    again.recompute()
    YearClosing.waiting()[0].confirm(two[1], now=AFTER)
    kept = KeptForReport.read(ClosedYear.of(2025).report)
    assert kept.before[2024][DEATH][registry.hospitals["A"].id].children == 1


def test_deliveries_after_the_closing_are_kept_and_move_no_cell(registry, two, capsys):
    close(two)
    before = cells()
    # The same child goes on, another child comes new, the first stay is replaced, a third is moved into the year.
    registry.send(died="2025-04-05T10:00:00", place="B", set_id="twee", **SECOND)
    registry.send(died="2025-03-11T10:00:00", version=2, action="vervanging", **FIRST)
    registry.next_child()
    registry.send(set_id="nieuw", to=HOME, **FIRST)
    registry.next_child()
    later = FIRST | {"admitted": "2026-01-01T09:00:00", "discharged": "2026-01-09T09:00:00", "born": "2025-12-30T09:00:00"}
    registry.send(set_id="schuift", to=HOME, **later)
    registry.send(set_id="schuift", to=HOME, version=2, action="vervanging", **FIRST)
    counting.refresh()

    assert cells() == before and Message.select().where(Message.outcome == "aanvaard").count() == 6
    assert {one.stay.set_id.split()[0] for one in LateChange.of_year(2025)} == {"een", "twee", "nieuw", "schuift"}
    assert StayFact.select().count() == 1 and counting.counts([2026], DEATH).get(DEATH, {}) == {}
    assert verified(capsys) == (0, "Elke telling volgt uit de berichten.\n")


def test_a_replacement_that_undoes_another_is_no_late_change(registry, two):
    close(two)
    registry.send(to=HOME, version=2, action="vervanging", **FIRST)
    assert LateChange.select().count() == 1
    registry.send(to=OTHER, version=3, action="vervanging", **FIRST)
    assert LateChange.select().count() == 0


def test_a_withdrawal_after_the_closing_leaves_only_numbers(registry, two, capsys):
    close(two)
    before = cells()
    registry.send(version=2, action="intrekking")
    counting.refresh()
    assert StayFact.select().count() == 0 and cells() == before and LateChange.get().withdrawn
    assert verified(capsys)[0] == 0


def test_verifying_tells_of_a_closed_year_that_moved(registry, two, capsys):
    close(two)
    CountCell.update(events=CountCell.events + 1).where(CountCell.indicator == DEATH).execute()
    StayFact.update(month=4).execute()
    ended, told = verified(capsys)
    assert ended == 1 and "de cellen van 2025 zijn anders" in told and "de tellingen van 2025 zijn anders" in told


def test_other_rules_leave_a_closed_year_as_it_was(registry, two):
    close(two)
    kept = [one.places for one in StayFact.select()]
    Hospital.update(nicu=False).execute()
    assert again.remaining() == 0 and again.recompute() == 0 and [one.places for one in StayFact.select()] == kept


def test_a_year_that_was_closed_before_days_were_kept_keeps_its_hashes(registry, two, capsys):
    """As the version before wrote them: of the same columns, in the same order."""
    StayFact.update(amounts=None).execute()
    AmountCell.delete().execute()
    close(two)
    about = (StayFact.month, StayFact.band, StayFact.inborn, StayFact.first, StayFact.end, StayFact.places, StayFact.risk)
    facts = StayFact.select(Stay.key, StayFact.hospital, *about, StayFact.model).join(Stay).order_by(StayFact.stay)
    cells = sorted(row[1:2] + row[3:] for row in CountCell.select().tuples())
    for rows, kept in ((facts.tuples(), ClosedYear.get().facts), (cells, ClosedYear.get().cells)):
        assert hashlib.sha256("".join(f"{row!r}\n" for row in rows).encode()).hexdigest() == kept
    registry.send(version=2, action="vervanging", to=OTHER, **FIRST)
    assert not LateChange.select().exists()  # the same stay again: that days are kept now changes nothing of it
    # Nobody fills its days afterwards: not the worker, not a late message, not a rebuild.
    registry.send(version=3, action="vervanging", to=HOME, **FIRST | {"discharged": "2025-03-20T10:00:00"})
    again.recompute(), again.rebuild(), counting.refresh()
    assert not AmountCell.select().exists() and StayFact.get().amounts is None and verified(capsys)[0] == 0


def test_the_hashes_of_a_year_hold_its_days(registry, two, capsys):
    close(two)
    assert verified(capsys)[0] == 0 and StayFact.get().amounts
    kept = AmountCell.get()
    AmountCell.update(days="[[99,1]]").where(AmountCell.id == kept.id).execute()
    assert "de cellen van 2025 zijn anders" in verified(capsys)[1]
    kept.save()
    StayFact.update(amounts='{"41":[99,0]}').execute()
    assert "de tellingen van 2025 zijn anders" in verified(capsys)[1]


def test_a_program_of_before_reads_how_the_hospitals_stood(registry, two):
    close(two)
    closed, place = ClosedYear.of(2025), registry.hospitals["A"]
    assert all(row["delay"] is None and "median_delay" not in row for row in closed.stood.values())
    stood = year_closing.rehearsal.read(closed)[place.id]
    assert stood == closings(2025, place, AFTER)[place.id] and stood.median_delay > 400


def test_a_closed_year_takes_no_admissions_and_no_agreement(registry, two):
    contact = make.user(role=Role.LNR_CONTACT, hospital=registry.hospitals["A"])
    now = datetime(2026, 2, 1, 12)
    Admissions.state(contact, "2025-03", 4, now=now)
    close(two)
    with pytest.raises(Refused, match="2025 is gesloten"):
        Admissions.state(contact, "2025-03", 5, now=now)
    with pytest.raises(Refused, match="2025 is gesloten"):
        Agreement.state(contact, 2025, Level.GENOEMD, "Het bestuur", now=now)
    assert Admissions.of_year(contact.hospital_id, "2025") == {"2025-03": 4}


def test_opened_again_the_year_counts_what_came_after(registry, two, capsys):
    close(two)
    registry.send(died="2025-04-05T10:00:00", place="B", set_id="twee", **SECOND)
    registry.next_child()
    registry.send(set_id="nieuw", to=HOME, **FIRST)
    with pytest.raises(Refused, match="waarom het jaar weer open moet"):
        YearClosing.propose(2025, two[0], "fout", now=AFTER)
    made = YearClosing.propose(2025, two[0], "Ziekenhuis B was vergeten.", now=AFTER)
    made.confirm(two[1], now=AFTER)
    assert again.recompute() == 3
    counting.refresh()
    a, b = (registry.hospitals[name].id for name in "AB")
    told = counting.counts([2025], DEATH)[DEATH]
    assert (told[a].events, told[a].children, told[b].elsewhere) == (1, 2, 1) and LateChange.select().count() == 0
    assert verified(capsys)[0] == 0
    close(two)
    assert list(year_closing.differences()) == []


def test_the_rehearsal_says_what_is_missing_and_what_would_be_won(registry, two):
    contact = make.user(role=Role.LNR_CONTACT, hospital=registry.hospitals["A"])
    Admissions.state(contact, "2025-03", 3, now=datetime(2026, 2, 1))
    registry.next_child()
    registry.send(place="B", set_id="elders", to=HOME, **SECOND)
    counting.refresh()
    (mine,) = rehearsal(contact, 2025, None, now=AFTER)
    assert (mine.missing, mine.complete, mine.closing.stated) == (2, False, 3)
    death = next(one for one in mine.gains if one.indicator.number == DEATH)
    assert (death.children, death.unknown, death.complete) == (0, 1, 1)
    assert {one.hospital.id for one in rehearsal(two[0], 2025, None)} == {one.id for one in registry.hospitals.values()}
    close(two)
    registry.next_child()
    registry.send(set_id="nieuw", to=HOME, **FIRST)
    (stood,) = rehearsal(contact, 2025, ClosedYear.of(2025))
    assert stood.closing.received == 1 and Stay.select().where(Stay.hospital == contact.hospital_id).count() == 2


def test_two_people_close_a_year_on_the_page(registry, two, client, login):
    asks, confirms = two
    login(client, asks)
    page = client.get("/lnr/overzicht/?jaar=2025").get_data(as_text=True)
    assert "als het jaar vandaag sloot" in page and registry.hospitals["A"].name in page
    send(client, "/lnr/overzicht/2025/voorstellen")
    page = client.get("/lnr/overzicht/?jaar=2025").get_data(as_text=True)
    assert "niemand sluit of heropent een jaar alleen" in page and "bevestigen" not in re_forms(page)
    (made,) = YearClosing.waiting()
    send(client, f"/lnr/overzicht/voorstel/{made.id}/bevestigen")
    assert ClosedYear.of(2025) is None
    login(client, confirms)
    send(client, f"/lnr/overzicht/voorstel/{made.id}/bevestigen")
    page = client.get("/lnr/overzicht/?jaar=2025").get_data(as_text=True)
    assert "zoals het jaar is gesloten" in page and "Waarom moet 2025 weer open?" in page
    registry.next_child()
    registry.send(set_id="nieuw", to=HOME, **FIRST)
    page = client.get("/lnr/overzicht/?jaar=2025").get_data(as_text=True)
    assert "1 opname kwam na de sluiting" in page


def test_the_page_of_a_stay_says_what_came_after_the_closing(registry, two, client, login):
    close(two)
    registry.send(to=HOME, version=2, action="vervanging", **FIRST)
    Message.update(received_at=datetime(2025, 4, 1)).where(Message.version == 1).execute()
    login(client, make.user(role=Role.LNR_CONTACT, hospital=registry.hospitals["A"]))
    page = client.get(f"/lnr/opname/{Stay.get().key}/").get_data(as_text=True)
    assert "verandert de cijfers van dat jaar niet" in page and page.count("na sluiting</span>") == 1


def re_forms(page):
    """The addresses that the forms of a page send to."""
    return " ".join(part.split('"')[0] for part in page.split('action="')[1:])


@pytest.mark.parametrize("again_in", ["2025", "2026"])
def test_a_stay_that_is_sent_again_after_its_withdrawal_still_explains_its_missing_fact(registry, two, capsys, again_in):
    close(two)
    registry.send(version=2, action="intrekking")
    about = {name: day.replace("2025", again_in) for name, day in FIRST.items()}
    assert registry.send(version=3, action="nieuw", to=OTHER, **about).status == 200
    mark = LateChange.get()
    assert (mark.withdrawn, mark.year) == (True, 2025) and verified(capsys)[0] == 0
    YearClosing.propose(2025, two[0], "De opname is opnieuw gestuurd.", now=AFTER).confirm(two[1], now=AFTER)
    again.recompute()
    assert LateChange.select().count() == 0 and StayFact.get().year == int(again_in)


def test_opening_a_year_writes_no_fact_in_another_that_is_closed(registry, two, capsys):
    registry.next_child()
    registry.send(set_id="eerder", to=HOME, **{name: day.replace("2025", "2024") for name, day in FIRST.items()})
    counting.refresh()
    close(two, 2024)
    close(two)
    registry.send(set_id="weg", to=HOME, **FIRST)
    stay = Stay.get(Stay.set_id.startswith("weg "))
    LateChange.note(stay, 2025, True, AFTER)  # as a withdrawal leaves it
    Stay.update(year=2024).where(Stay.id == stay.id).execute()  # and what was sent again
    YearClosing.propose(2025, two[0], "De opname is opnieuw gestuurd.", now=AFTER).confirm(two[1], now=AFTER)
    again.recompute()
    assert again.remaining() == 0 and StayFact.get_or_none(StayFact.stay == stay) is None
    mark = LateChange.get(LateChange.stay == stay)
    assert (mark.year, mark.withdrawn) == (2024, False) and verified(capsys)[0] == 0
