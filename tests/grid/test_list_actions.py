"""One action on everything that a list selects, with its number told first; and views of a list under a name."""

import re

import pytest

from admin_views.grid import list_actions
from models import AuditEvent, User
from models.access import Role
from models.accounts.saved_view import SavedView
from models.base import Refused
from tests import make
from tests.web.pages import send

USERS = "/beheer/gebruikers/action/"
FILTER = "flt0_rol_is=melder"


@pytest.fixture
def boss(client, login):
    boss = make.user(role=Role.BEHEERDER)
    login(client, boss)
    return boss


def everything(client, query=FILTER, **more):
    return send(client, f"{USERS}?{query}", action="end", alles="1", **more)


def which(page):
    return re.search(r'name="welke" value="(\w+)"', page.text).group(1)


def test_everything_asks_first_and_says_how_many(client, boss):
    melders = [make.user(role=Role.MELDER, hospital=make.hospital()) for _ in range(30)]
    melders[0].deactivate(boss)

    page = everything(client)

    assert "Dit gebeurt met 29 regels" in page.text and "30" in page.text and "Rol is NethOSS-melder" in page.text
    assert User.select().where(User.active, User.id.in_([one.id for one in melders])).count() == 29

    everything(client, welke=which(page))
    assert User.select().where(User.active, User.id.in_([one.id for one in melders])).count() == 0
    assert User.get_by_id(boss.id).active
    assert AuditEvent.select().where(AuditEvent.action == "user.deactivate").count() == 30


def test_who_came_in_meanwhile_is_asked_about_again(client, boss):
    make.user(role=Role.MELDER, hospital=make.hospital())
    page = everything(client)
    late = make.user(role=Role.MELDER, hospital=make.hospital())

    again = everything(client, welke=which(page))

    assert "Dit gebeurt met 2 regels" in again.text
    assert User.get_by_id(late.id).active


def test_too_many_rows_are_refused_in_words(client, boss, monkeypatch):
    monkeypatch.setattr(list_actions, "MOST_AT_ONCE", 1)
    one, other = (make.user(role=Role.MELDER, hospital=make.hospital()) for _ in range(2))

    everything(client)

    assert list_actions.TOO_MANY in client.get("/beheer/gebruikers/").text
    assert User.get_by_id(one.id).active and User.get_by_id(other.id).active


def test_an_action_about_one_person_is_not_done_with_everybody(client, boss):
    make.user(role=Role.MELDER, hospital=make.hospital())
    send(client, f"{USERS}?{FILTER}", action="factor", alles="1")
    assert "Kies eerst een of meer regels" in client.get("/beheer/gebruikers/").text


def test_a_list_of_more_pages_offers_everything(client, boss):
    assert "data-pick-everything" not in client.get(f"/beheer/gebruikers/?{FILTER}").text
    for _ in range(26):
        make.user(role=Role.MELDER, hospital=make.hospital())
    assert "Alle 26 gevonden regels" in client.get(f"/beheer/gebruikers/?{FILTER}").text


# ---- saved views ---------------------------------------------------------------------------------------------------------


def keep(client, name, query=FILTER, **more):
    return send(client, f"{USERS}?{query}", action="bewaar-weergave", naam=name, **more)


def test_a_view_keeps_filters_and_order_and_not_what_was_searched(client, boss):
    keep(client, "Alle melders", f"{FILTER}&sort=0&desc=1&search=Jansen&page=3")

    view = SavedView.get()
    assert (view.owner, view.list, view.name, view.shared) == (boss, "users", "Alle melders", False)
    assert "rol_is=melder" in view.query and "desc=1" in view.query
    assert "Jansen" not in view.query and "page=" not in view.query
    page = client.get("/beheer/gebruikers/").text
    assert "Alle melders" in page and view.query.replace("&", "&amp;") in page
    assert client.get(f"/beheer/gebruikers/?{view.query}").text.count("Gefilterd op") == 1


def test_the_same_name_replaces_the_view(client, boss):
    keep(client, "Werk")
    keep(client, "Werk", "flt0_actief_is=0")
    assert ["actief" in view.query for view in SavedView.select()] == [True]
    assert [event.action for event in AuditEvent.select().where(AuditEvent.subject == "Weergave van users")] == [
        "row.create",
        "row.update",
    ]


def test_a_view_without_a_name_or_without_a_filter_is_refused(client, boss):
    keep(client, " ")
    assert "Geef de weergave een naam" in client.get("/beheer/gebruikers/").text
    keep(client, "Leeg", "")
    assert "Kies eerst een filter of een volgorde" in client.get("/beheer/gebruikers/").text
    assert SavedView.select().count() == 0


def test_a_shared_view_is_for_colleagues_with_the_same_role_and_only_theirs():
    here, there = make.hospital(), make.hospital()
    owner, colleague, stranger = (
        make.user(role=Role.MELDER, hospital=here),
        make.user(role=Role.MELDER, hospital=here),
        make.user(role=Role.MELDER, hospital=there),
    )
    shared = SavedView.keep("cases", "Van ons", "sort=1", True, by=owner)
    own = SavedView.keep("cases", "Van mij", "sort=2", False, by=owner)

    assert SavedView.of_list("cases", owner) == [own, shared]
    assert SavedView.of_list("cases", colleague) == [shared]
    assert SavedView.of_list("cases", stranger) == [] == SavedView.of_list("users", owner)
    assert SavedView.of_list("cases", make.user(role=Role.LNR_CONTACT, hospital=here)) == []


def test_national_colleagues_share_by_role():
    first, second = make.coordinator(), make.coordinator()
    lza1 = make.user(role=Role.LZA1_COORDINATOR)
    view = SavedView.keep("all_cases", "Oud", "sort=1", True, by=first)
    assert (SavedView.of_list("all_cases", second), SavedView.of_list("all_cases", lza1)) == ([view], [])


def test_only_its_owner_takes_a_view_away():
    here = make.hospital()
    owner, colleague = make.user(role=Role.MELDER, hospital=here), make.user(role=Role.MELDER, hospital=here)
    view = SavedView.keep("cases", "Van ons", "sort=1", True, by=owner)

    with pytest.raises(Refused, match="van een collega"):
        SavedView.discard("cases", str(view.id), by=colleague)
    with pytest.raises(Refused):
        SavedView.discard("cases", "²", by=owner)
    SavedView.discard("cases", str(view.id), by=owner)
    SavedView.discard("cases", str(view.id), by=owner)
    assert SavedView.select().count() == 0


def test_nobody_saves_without_end(monkeypatch):
    monkeypatch.setattr("models.accounts.saved_view.MOST", 2)
    owner = make.user(role=Role.MELDER, hospital=make.hospital())
    for number in range(2):
        SavedView.keep("cases", f"Nummer {number}", "sort=1", False, by=owner)
    with pytest.raises(Refused, match="Wis er eerst een"):
        SavedView.keep("cases", "Nog een", "sort=1", False, by=owner)
