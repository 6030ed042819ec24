"""What software asks about its own deliveries, in the forms of RFC 9457 and RFC 9110."""

import io
import json
import zipfile
from datetime import datetime, timedelta

import pytest
from peewee import OperationalError

from admin_views.lnr.api import delivery_api
from models import clock
from models.access import Role
from models.accounts.contact_point import LNR, ContactPoint
from models.lnr.registry.message import Message
from models.lnr.specification.openapi import API_VERSION, BATCH, BATCH_SIZE, BATCH_UNPACKED
from models.lnr.suppliers import sent_messages
from models.lnr.suppliers.supplier import SupplierStatus
from models.mail.outgoing_hold import OutgoingHold
from tests import make
from tests.lnr.messages import CHILD_BSN, OWN, message
from tests.lnr.test_delivery_api import LOOK, MESSAGES, sender  # noqa: F401

PROBLEM = {"Accept": "application/problem+json"}
ZIP = "application/zip"


def packed(**named):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in named.items():
            archive.writestr(f"{name}.xml", raw)
    return made.getvalue()


def test_a_refusal_is_a_problem_for_who_asks_for_one(sender):  # noqa: F811
    answer = sender().post(message(admitted="2026-02-01"), **PROBLEM)

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    told = json.loads(answer.data)
    assert told["status"] == 422 and told["instance"] == MESSAGES and told["type"].endswith("#status-422")
    assert told["detail"].startswith(told["findings"][0]["en"]) and told["outcome"] == "geweigerd"


def test_a_request_that_never_became_a_message_is_a_problem_too(client, sender):  # noqa: F811
    for answer, status in (
        (client.post(MESSAGES, headers=PROBLEM), 401),
        (sender().get(f"{MESSAGES}/niets", **PROBLEM), 404),
        (sender().get("/lnr/v1/niets", **PROBLEM), 404),
        (sender().get(f"{MESSAGES}?sinds=gisteren", **PROBLEM), 400),
    ):
        told = json.loads(answer.data)
        assert (answer.status_code, told["status"], answer.mimetype) == (status, status, "application/problem+json")
        assert told["title"] and told["detail"]


def test_what_is_taken_is_no_problem(sender):  # noqa: F811
    assert sender().post(message(), **PROBLEM).mimetype == "application/json"


def test_every_answer_tells_its_version_and_that_it_differs_by_what_is_asked(client, sender):  # noqa: F811
    one = sender()
    for answer in (
        one.post(message()),
        one.post(message(admitted="2026-02-01"), LOOK),
        one.get("/lnr/v1/status"),
        one.get("/lnr/v1/niets"),
        client.get("/lnr/v1/openapi.json"),
        client.get(MESSAGES),
    ):
        assert answer.headers["API-Version"] == API_VERSION and "Accept" in answer.headers["Vary"]


def test_an_answer_tells_how_much_of_the_minute_is_left(sender, monkeypatch):  # noqa: F811
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 5, 12, 0, 20))
    one = sender()
    for left in (59, 58):
        answer = one.post(message(), LOOK)
        told = {name: answer.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")}
        assert told == {"Limit": "60", "Remaining": str(left), "Reset": "40"}
    assert "RateLimit-Limit" not in one.get("/lnr/v1/status", Authorization="Bearer niets").headers


def test_a_report_that_did_not_change_is_not_sent_again(sender):  # noqa: F811
    one = sender()
    where = one.post(message()).headers["Location"]
    first = one.get(where)

    again = one.get(where, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = one.get(where, **{"If-None-Match": first.headers["ETag"], "Accept": "application/json"})
    assert other.status_code == 200 and other.headers["ETag"] != first.headers["ETag"]


def test_the_own_messages_come_a_page_at_a_time_and_nobody_elses(sender, monkeypatch):  # noqa: F811
    monkeypatch.setattr(sent_messages, "PAGE", 2)
    one, same_place = sender(), sender()
    for number in range(3):
        one.post(message(id=f"b{number}", set_id=f"s{number}", child=((OWN, str(number)),)))
    same_place.post(message(id="anders", set_id="anders"))

    first = one.get(MESSAGES).json
    assert [row["message_id"] for row in first["messages"]] == ["b0", "b1"]
    second = one.get(first["next"]).json
    assert [row["message_id"] for row in second["messages"]] == ["b2"] and second["next"] is None
    stranger = Message.get(Message.message_id == "anders").key
    assert one.get(f"{MESSAGES}?na={stranger}").json == {"messages": [], "next": None}


def test_messages_since_a_moment_in_any_zone(sender):  # noqa: F811
    one = sender()
    one.post(message())
    came = Message.get().received_at
    for said, count in (
        (f"{came.isoformat()}Z", 1),
        ("2001-01-01T00:00:00+02:00", 1),
        ("2001-01-01T00:00:00%2B02:00", 1),
        ("2999-01-01", 0),
    ):
        assert len(one.get(f"{MESSAGES}?sinds={said}").json["messages"]) == count, said
    assert one.get(f"{MESSAGES}?sinds=0001-01-01T00:00:00%2B12:00").status_code == 400


def test_a_message_stands_until_anybody_corrects_it(sender):  # noqa: F811
    one = sender()
    one.post(message())
    one.post(message(id="b", version=2, action="vervanging"))
    assert [row["stands"] for row in one.get(MESSAGES).json["messages"]] == [False, True]
    one.post(message(id="c", version=3, action="intrekking"))
    assert [row["stands"] for row in one.get(MESSAGES).json["messages"]] == [False, False, False]


def test_what_is_still_wrong_is_told_until_it_is_solved(sender):  # noqa: F811
    one, stranger = sender(), sender()
    one.post(message(admitted="2026-02-01"))
    told = one.get("/lnr/v1/fouten").json
    assert told["next"] is None and told["findings"]
    assert {row["set_id"] for row in told["findings"]} == {Message.get().stay.set_id}
    assert all(row["rule"] and row["nl"] and row["en"] for row in told["findings"])
    assert stranger.get("/lnr/v1/fouten").json["findings"] == []

    one.post(message(id="beter"))
    assert [row for row in one.get("/lnr/v1/fouten").json["findings"] if row["severity"] == "fout"] == []
    assert one.get("/lnr/v1/fouten?na=onzin").status_code == 400


def test_the_service_tells_what_a_key_may_send(sender):  # noqa: F811
    told = sender(status=SupplierStatus.AANGEMELD).get("/lnr/v1/status").json
    assert (told["production"], told["supplier_status"], told["limits"]["messages_per_minute"]) == (False, "aangemeld", 60)
    assert sender().get("/lnr/v1/status").json["production"] is True and told["resend_since"] is None


def test_after_a_restore_the_service_tells_since_when_messages_may_be_gone(sender):  # noqa: F811
    copied = clock.now().replace(microsecond=0) - timedelta(hours=9)
    held = OutgoingHold.create(copied_at=copied, restored_at=clock.now() - timedelta(days=89))
    OutgoingHold.create(copied_at=copied + timedelta(hours=2), restored_at=clock.now())  # once more, of a newer copy
    assert sender().get("/lnr/v1/status").json["resend_since"] == f"{copied.isoformat()}Z"
    OutgoingHold.update(restored_at=held.restored_at - timedelta(days=2)).execute()
    assert sender().get("/lnr/v1/status").json["resend_since"] is None


def test_what_is_understood_is_told_without_numbers_of_people_and_nothing_is_kept(sender):  # noqa: F811
    answer = sender().post(message(child=((OWN, "4711"), CHILD_BSN)), "/lnr/v1/begrepen")
    assert answer.status_code == 200 and Message.select().count() == 0
    words = {line["label"]: line["text"] for section in answer.json["sections"] for line in section["lines"]}
    assert words and answer.json["derived"] and answer.json["report"]["outcome"] == "geaccepteerd", answer.json["report"]
    assert CHILD_BSN[1] not in answer.text and "4711" not in answer.text


def test_each_message_of_a_batch_has_its_own_verdict_and_sending_it_again_changes_nothing(sender):  # noqa: F811
    one = sender()
    batch = packed(goed=message(), fout=message(id="f", set_id="f", admitted="2026-02-01"), geen=b"geen xml")
    first, again = (one.post(batch, "/lnr/v1/reeksen", **{"Content-Type": ZIP}) for _ in range(2))
    assert first.status_code == 200
    assert [(row["name"], row["status"]) for row in first.json["results"]] == [
        ("goed.xml", 200),
        ("fout.xml", 422),
        ("geen.xml", 400),
    ]
    assert [row["status"] for row in again.json["results"]] == [200, 422, 400] and Message.select().count() == 3
    keys = [[row["report"].get("delivery_id") for row in answer.json["results"]] for answer in (first, again)]
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    "batch",
    [
        b"",
        b"geen zip",
        packed(),
        packed(**{f"b{number}": b"x" for number in range(BATCH + 1)}),
        packed(groot=b" " * (BATCH_UNPACKED + 1)),
    ],
    ids=["leeg", "anders", "zonder", "te veel", "bom"],
)
def test_a_batch_that_is_no_batch_is_refused_whole(sender, batch):  # noqa: F811
    answer = sender().post(batch, "/lnr/v1/reeksen", **{"Content-Type": ZIP, "Accept": "application/json"})
    assert answer.status_code == 400 and answer.json["findings"][0]["nl"] and Message.select().count() == 0


def test_a_batch_counts_for_more_than_one_message(sender, monkeypatch):  # noqa: F811
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 5, 12, 0, 20))
    one, batch = sender(), packed(een=message())
    statuses = [one.post(batch, "/lnr/v1/reeksen", **{"Content-Type": ZIP}).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_the_description_is_also_below_the_addresses_that_it_describes(client):
    ContactPoint.get(ContactPoint.about == LNR).amend(make.user(role=Role.BEHEERDER), mail="lnr@example.nl")
    told = client.get("/lnr/v1/openapi.json")
    assert told.status_code == 200 and told.json["info"]["contact"]["email"] == "lnr@example.nl"
    assert told.json["servers"][0]["url"].endswith("/lnr/v1")


@pytest.mark.parametrize("address", ["/lnr/v1/status", "/lnr/v1/kwalificatie", "/lnr/v1/berichten/x"])
def test_every_address_that_is_asked_without_a_message_counts_as_well(sender, monkeypatch, address):  # noqa: F811
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 5, 12, 0, 20))
    one = sender()
    told = [one.get(address).status_code for _ in range(62)]
    assert 429 not in told[:60] and told[60:] == [429, 429]


def test_a_message_of_a_batch_that_fails_takes_no_verdict_of_another_away(sender, monkeypatch):  # noqa: F811
    def fails(delivery, raw):
        if b"stuk" in raw or b"bezet" in raw:
            raise OperationalError("locked") if b"bezet" in raw else ValueError("broken")
        return deliver(delivery, raw)

    one, deliver = sender(), delivery_api.deliver
    monkeypatch.setattr(delivery_api, "deliver", fails)
    batch = packed(
        een=message(),
        stuk=message(set_id="stuk"),
        bezet=message(set_id="bezet"),
        twee=message(set_id="twee", child=((OWN, "2"),)),
    )
    answer = one.post(batch, "/lnr/v1/reeksen", **{"Content-Type": ZIP})
    assert [row["status"] for row in answer.json["results"]] == [200, 500, 503, 200] and Message.select().count() == 2
    assert all((row["report"] is None) is ("er is niets bewaard" in (row["problem"] or "")) for row in answer.json["results"])


def test_advice_about_a_batch_is_about_a_batch(sender):  # noqa: F811
    one = sender()
    wrong = one.post(
        packed(een=message()), "/lnr/v1/reeksen", **{"Content-Type": "application/xml", "Accept": "application/json"}
    )
    large = one.post(b"x" * (BATCH_SIZE + 1), "/lnr/v1/reeksen", **{"Content-Type": ZIP, "Accept": "application/json"})
    for answer, status, hint in ((wrong, 415, "application/zip"), (large, 413, "more ZIPs")):
        assert answer.status_code == status and hint in answer.json["findings"][0]["hint_en"]
    told = one.get("/lnr/v1/openapi.json").json["paths"]
    assert "more ZIPs" in told["/reeksen"]["post"]["responses"]["413"]["description"]
    assert "about one child" in told["/berichten"]["post"]["responses"]["413"]["description"]


def test_a_moment_without_a_zone_is_dutch(sender, monkeypatch):  # noqa: F811
    one = sender()
    one.post(message())
    Message.update(received_at=datetime(2026, 7, 1, 12)).execute()
    counts = [
        len(one.get(f"{MESSAGES}?sinds=2026-07-01T{said}").json["messages"]) for said in ("14:00:00", "14:00:01", "12:00:00Z")
    ]
    assert counts == [1, 0, 1]
