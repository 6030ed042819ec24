"""The report of the country for everybody: made public by a second person, read without an account, and nothing beside it."""

import pytest

from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.year_report.lnr_edition import LnrEdition
from tests import make
from tests.lnr.test_year_report import nicus, settled, two  # noqa: F401
from tests.web.pages import send

LIST = "/lnr/specificatie/jaarverslagen"


@pytest.fixture
def national(settled):  # noqa: F811
    return settled[None]


@pytest.fixture
def second(national, two):  # noqa: F811
    """Somebody of the management who did not settle it."""
    return next(one for one in two if one.id != national.settled_by_id)


def address(edition, rest=""):
    return f"/lnr/jaarverslag/{edition.key}/{rest}"


def fresh(edition):
    return LnrEdition.get_by_id(edition.id)


def test_a_second_person_makes_the_report_of_the_country_public_and_one_takes_it_back(national, second):
    with pytest.raises(Refused, match="u stelde het zelf vast"):
        national.publish(national.settled_by)
    own = LnrEdition.get(LnrEdition.hospital.is_null(False))
    with pytest.raises(Refused, match="Alleen het verslag van alle NICU"):
        own.publish(second)
    for stranger in (make.coordinator(), make.user(role=Role.BEHEERDER), make.user(role=Role.LNR_CONTACT)):
        for act in (lambda by: national.publish(by), lambda by: national.retract(by, "Nee, dit mag niet.")):
            with pytest.raises(Refused):
                act(stranger)
    with pytest.raises(Refused, match="niet openbaar"):
        national.retract(second, "Er staat iets fout in.")
    assert LnrEdition.public() == []

    national.publish(second)
    with pytest.raises(Refused, match="al openbaar"):
        fresh(national).publish(second)
    assert LnrEdition.public() == [national] and fresh(national).published_by == second
    with pytest.raises(Refused, match="Schrijf waarom"):
        national.retract(national.settled_by, " ")
    national.retract(national.settled_by, "Er staat iets fout in.")
    assert LnrEdition.public() == []
    lines = (
        AuditEvent.select().where(AuditEvent.action.in_(["lnr.report_publish", "lnr.report_retract"])).order_by(AuditEvent.id)
    )
    assert [(one.action, one.actor, one.detail) for one in lines] == [
        ("lnr.report_publish", second, national.hash), ("lnr.report_retract", national.settled_by, "Er staat iets fout in."),
    ]  # fmt: skip


def test_everybody_reads_what_is_public_and_nothing_else(national, second, client, login):
    closed = [address(one, rest) for one in LnrEdition.select() for rest in ("", "bestand/pdf", "bestand/csv")]
    assert {client.get(path).status_code for path in closed} == {302}, "led to the log-in page"
    assert "Er is nog geen openbaar jaarverslag." in client.get(LIST).text
    assert "There is no public annual report yet." in client.get("/lnr/specificatie/en/jaarverslagen").text

    national.publish(second)
    page = client.get(LIST).text
    assert address(national) in page and address(national, "bestand/pdf") in page
    read = client.get(address(national))
    assert read.status_code == 200 and national.hash in read.text and f'href="{LIST}"' in read.text
    for kind, begins in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
        file = client.get(address(national, f"bestand/{kind}"))
        assert file.status_code == 200 and file.data.startswith(begins), kind
    assert client.get(address(national, "bestand/zip")).status_code == 404
    others = [one for one in LnrEdition.select() if one != national]
    assert others and {client.get(address(one)).status_code for one in others} == {302}
    assert not AuditEvent.select().where(AuditEvent.action == "lnr.report_read").exists()

    login(client, make.user())  # of a hospital, and nothing of the LNR
    assert client.get(address(national)).status_code == 200 and client.get(address(others[0])).status_code == 403
    fresh(national).retract(second, "Er staat iets fout in.")
    assert client.get(address(national)).status_code == 403 and address(national) not in client.get(LIST).text


def test_of_a_year_only_the_newest_public_edition_is_read(national, second):
    national.publish(second)
    again = {name: getattr(national, name) for name in ("year", "content", "hash", "settled_at", "settled_by", "used")}
    newer = LnrEdition.create(number=national.number + 1, why="Een telfout.", **again)
    assert LnrEdition.public() == [national]
    newer.publish(second)
    assert LnrEdition.public() == [newer]


def test_the_management_does_it_on_its_page(national, second, client, login):
    page = f"/lnr/overzicht/?jaar={national.year}"
    login(client, national.settled_by)
    assert "niet wie het vaststelde" in client.get(page).text and "/openbaar" not in client.get(page).text
    login(client, second)
    assert f"/lnr/overzicht/uitgave/{national.id}/openbaar" in client.get(page).text
    send(client, f"/lnr/overzicht/uitgave/{national.id}/openbaar")
    assert fresh(national).published_at and "<strong>openbaar</strong> sinds" in client.get(page).text
    send(client, f"/lnr/overzicht/uitgave/{national.id}/niet-openbaar", reden="Er staat iets fout in.")
    assert fresh(national).published_at is None
