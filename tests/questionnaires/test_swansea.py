"""The Swansea helper: it counts, warns, keeps nothing."""

import pytest

from models.access import Role
from tests import make, rights
from tests.web.pages import send

AFLP = "Acute Fatty Liver of Pregnancy"


@pytest.mark.parametrize(("count", "says"), [(0, "0 van 14"), (5, "nog minder dan de grens"), (6, "dat past bij AFLP")])
def test_it_counts_what_is_ticked_with_the_warning_about_laboratories(client, login, count, says):
    login(client, make.user())
    before = rights.state()
    page = send(client, "/swansea/", criterium=[f"S{number}" for number in range(1, count + 1)]).text

    assert says in page and "referentiewaarden verschillen per laboratorium" in page and "geen oordeel" in page
    assert page.partition("<main")[2].partition("</main>")[0].count("checked") == count and page.count('name="criterium"') == 14
    assert rights.state() == before


def test_what_is_no_criterion_and_what_is_ticked_twice_does_not_count(client, login):
    login(client, make.user())
    assert "1 van 14 criteria" in send(client, "/swansea/", criterium=["S1", "S1", "<script>", "S99"]).text


@pytest.mark.parametrize(("name", "offered"), [(AFLP, True), ("Relaparotomie na sectio", False)])
def test_it_stands_at_cases_of_its_theme_only(client, login, name, offered):
    case = make.case(theme=make.theme(name=name))
    login(client, case.reporter)
    for address in (f"/melding/{case.key}/", "/melding/nieuw"):
        assert ("Swansea" in client.get(address).text) is offered


def test_it_is_not_for_who_sees_no_cases(client, login):
    login(client, make.user(role=Role.BEHEERDER))
    assert client.get("/swansea/").status_code == 403
