import pytest

from models.access import Role
from models.accounts.user import UserRole
from tests import make


@pytest.mark.parametrize(
    ("role", "door"),
    [
        (Role.MELDER, "/meldingen/"), (Role.INVOERDER, "/meldingen/"), (Role.LZA1_MELDER, "/meldingen/"),
        (Role.COORDINATOR, "/beoordelen/"), (Role.LZA1_COORDINATOR, "/beoordelen/"), (Role.COMMISSIELID, "/commissie/"),
        (Role.BEHEERDER, "/beheer/ziekenhuizen/"), (Role.LNR_CONTACT, "/lnr/opnamen/"),
    ],
)  # fmt: skip
def test_the_first_page_leads_straight_to_the_work(client, login, role, door):
    login(client, make.user(role))
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, door)
    assert client.get(door).status_code == 200


def test_who_has_two_kinds_of_work_chooses(client, login):
    login(client, make.user(Role.COORDINATOR, Role.BEHEERDER))
    page = client.get("/")
    assert 'href="/beoordelen/"' in page.text and 'href="/beheer/ziekenhuizen/"' in page.text
    assert "Mijn casussen" not in page.text


def test_who_has_no_work_here_reads_whom_to_ask(client, login):
    nobody = make.user(Role.LNR_CONTACT)
    UserRole.delete().where(UserRole.user == nobody).execute()
    login(client, nobody)
    assert "Er staat geen werk voor u klaar" in client.get("/").text


def test_a_visitor_is_led_to_the_log_in_page(client):
    assert client.get("/").location == "/inloggen"
