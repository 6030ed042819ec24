import pytest

from models import clock
from models.access import Process, Role
from models.annual_report.births import Births
from models.annual_report.own_year import OwnYear
from models.base import Refused
from models.cases.status import Status
from models.committee.case_use import CaseUse, UseKind
from models.mail.outbox import Mail, MailStatus
from models.monthly.monthly_request import MonthlyCall
from tests import make
from tests.web.pages import send

YEAR = clock.today().year - 1
MARCH = f"{YEAR}-03"


def test_the_own_year_holds_only_the_own_hospital_and_only_nethoss():
    melder, other, theme = make.user(), make.user(), make.theme()
    MonthlyCall.open_all(MARCH)
    Mail.update(status=MailStatus.VERZONDEN).execute()
    own = make.case(Status.GOEDGEKEURD, by=melder, theme=theme, month=MARCH)
    make.case(by=other, theme=theme, month=MARCH)
    make.case(by=make.user(role=Role.LZA1_MELDER, hospital=melder.hospital), theme=make.theme(Process.LZA1))
    CaseUse.counted(own, UseKind.JAARVERSLAG, str(YEAR), make.coordinator(), clock.now())

    found = OwnYear.of(melder.hospital, YEAR, melder)
    assert found.cases == [own] and [use.said for use in found.uses[own.id]] == [str(YEAR)]
    assert (found.response.asked, found.response.answered, found.response.cases) == (1, 1, 1)
    assert found.times["Van aanmaken tot goedkeuring"].done == 1
    with pytest.raises(Refused):
        OwnYear.of(other.hospital, YEAR, melder)
    with pytest.raises(Refused):
        OwnYear.of(melder.hospital, YEAR, make.user(role=Role.LZA1_MELDER, hospital=melder.hospital))


def test_a_melder_reads_the_year_and_states_the_births(client, login):
    melder = make.user()
    make.case(by=melder, month=MARCH)
    login(client, melder)
    address = f"/meldingen/jaar/{YEAR}/"
    assert "nog niets" in client.get(address).text

    for wrong in ("veel", "-3", "", "999999"):
        answer = send(client, f"{address}geboorten", aantal=wrong)
        assert answer.status_code == 409 and "een heel getal" in answer.text and f'value="{wrong}"' in answer.text
    send(client, f"{address}geboorten", aantal="1.812")
    assert (Births.get().count, Births.get().hospital) == (1812, melder.hospital)
    assert "1.812" in client.get(address).text
    for no in (1999, YEAR + 2):
        assert client.get(f"/meldingen/jaar/{no}/").status_code == 404


def test_the_own_days_stand_beside_those_of_the_others_once_these_are_enough(client, login):
    melder, theme, others = make.user(), make.theme(), [make.user() for _ in range(3)]
    at = clock.start_of(clock.first_of(MARCH))
    make.case(Status.GOEDGEKEURD, by=melder, theme=theme, month=MARCH, at=at)
    for number in range(9):
        make.case(Status.GOEDGEKEURD, by=others[number % 3], theme=theme, month=MARCH, at=at)
    login(client, melder)
    address = f"/meldingen/jaar/{YEAR}/"
    assert OwnYear.of(melder.hospital, YEAR, melder).elsewhere is None and "te weinig casussen" in client.get(address).text

    last = make.case(Status.GOEDGEKEURD, by=others[0], theme=theme, month=MARCH, at=at)
    found = OwnYear.of(melder.hospital, YEAR, melder)
    assert len(found.days) == 1 and found.elsewhere == found.days[0], "made and approved alike"
    page = client.get(address).text
    assert "te weinig casussen" not in page and page.count('<circle class="dot"') == 1
    assert last.number not in page and others[0].hospital.name not in page
