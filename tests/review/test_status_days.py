import re
from datetime import datetime

from models import clock
from models.audit.audit_event import AuditEvent
from models.cases.status import Status
from models.dutch import short_date
from models.review.figures.status_days import spans
from tests import make

MADE = datetime(2026, 3, 2, 9)


def test_the_way_of_a_case_is_told_from_its_trail(client, login):
    melder, coordinator = make.user(), make.coordinator()
    case = make.case(by=melder, at=MADE)
    make.document(case, at=MADE)

    def way(now):
        return [(one.name, clock.whole_days(one.since, one.until)) for one in spans(case, AuditEvent.of_case(case), now)]

    day = clock.DAY
    assert way(MADE + 2 * day) == [("concept", 2)]
    case.submit(melder, MADE + 4 * day)
    case.mark_incomplete(coordinator, "Het OK-verslag ontbreekt.", MADE + 10 * day)
    case.submit(melder, MADE + 11 * day)
    case.approve(coordinator, MADE + 20 * day)
    told = [("concept", 4), ("ingediend", 6), ("onvolledig", 1), ("ingediend", 9)]
    assert way(MADE + 100 * day) == told, "what is settled waits for nobody"
    case.reopen(coordinator, "Er kwam een bestand bij.", MADE + 40 * day)
    assert way(MADE + 41 * day) == [*told, ("goedgekeurd", 20), ("ingediend", 1)]

    found = spans(case, AuditEvent.of_case(case), MADE + 41 * day)
    assert 99.5 < sum(one.width for one in found) < 100.5 and found[0].said == "Concept: 4 dagen, vanaf 2-3-2026"
    login(client, melder)
    page = client.get(f"/melding/{case.key}/").text
    assert "Onvolledig: 1 dag, vanaf 12-3-2026" in page
    beneath = re.findall(r'<tr><th scope="row">([^<]+)</th><td>([^<]+)</td><td class="number">([^<]+)</td></tr>', page)
    assert [row[:2] for row in beneath] == [(one.label, short_date(one.since)) for one in found]
    assert beneath[0] == ("Concept", "2-3-2026", "4 dagen")


def test_a_case_that_is_reopened_without_a_file_was_with_the_hospital():
    coordinator = make.coordinator()
    case = make.case(at=MADE)
    case.dismiss(coordinator, "dubbel", "Dubbel.", MADE + clock.DAY)
    case.reopen(coordinator, "Toch niet.", MADE + 3 * clock.DAY)
    statuses = [one.name for one in spans(case, AuditEvent.of_case(case), MADE + 4 * clock.DAY)]
    assert statuses == [Status.CONCEPT, Status.INGETROKKEN, Status.CONCEPT]
