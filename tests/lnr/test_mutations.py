"""Mutated messages over the web: no 500, and a check without storing answers what delivering does."""

import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.lnr.specification.examples import good
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import SupplierStatus
from tests.faults.size import sized
from tests.lnr.messages import hospital, supplier

SEEDS = [one.raw.replace(b'verwerking="T"', b'verwerking="P"').replace(b"999900006", b"111222333") for one in good()]
VALUE = re.compile(rb'(value|code|unit|nullFlavor|root|codeSystem)="([^"]*)"')
ODD = [b"", b" ", b"0", b"-1", b"1e9", b"NaN", b"25.6", b"UNK", b"OTH", b"NASK", b"true", b"1", b"+5", b".5", b"weken", b"kg",
       b"2026-02-30", b"2026-10-25T02:30:00", b"1926-01-01", b"2099-01-01T00:00:00.123456789Z", b"2026-03-05+01:00",
       b"12345672", b"x" * 70, b"\xc3\xa9", b"&#0;", b"410605003", b"415684004", b"2.16.840.1.113883.6.96",
       b"99999999999"]  # fmt: skip


def mutated(raw, chance):
    """A message with one to four changes: a value, an element left out, doubled or moved, bytes cut, put in or before."""
    for _ in range(chance.randint(1, 4)):
        how = chance.randrange(7)
        lines = raw.split(b"\n")
        at = chance.randrange(len(lines))
        if how <= 2 and (found := list(VALUE.finditer(raw))):
            one = chance.choice(found)
            raw = raw[: one.start(2)] + chance.choice(ODD) + raw[one.end(2) :]
        elif how == 3:
            raw = b"\n".join(lines[:at] + lines[at + 1 :])
        elif how == 4:
            raw = b"\n".join([*lines[:at], lines[at], *lines[at:]])
        elif how == 5:
            place = chance.randrange(len(raw) + 1)
            raw = (
                raw[:place]
                + chance.choice([b"\0", b"<", b"<!-- -->", b"\r\n", b"\xff", b"<?x?>", b"&amp;", b"<kind/>"])
                + raw[place:]
            )
        else:
            raw = chance.choice([b"\r\n", b"\xef\xbb\xbf", b"", b" "]) + raw
    return raw


@pytest.fixture
def post(client):
    place, maker = hospital("06990001"), supplier(SupplierStatus.TOEGELATEN)
    _, token = ApiKey.issue(maker, place)
    ApiKey.update(per_minute=10**6).execute()

    def send(raw, path):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/xml", "Accept": "application/json"}
        return client.post(f"/lnr/v1/{path}", data=raw, headers=headers)

    return send


# At the size of the design: FAULTS=campaign pytest tests/lnr/test_mutations.py, some minutes.
@settings(max_examples=sized(150, 2000), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_a_mutated_message_is_judged_alike_by_both_addresses_and_never_breaks(post, seed):
    chance = random.Random(seed)
    raw = mutated(chance.choice(SEEDS), chance)
    looked, taken = post(raw, "controle"), post(raw, "berichten")
    assert looked.status_code == taken.status_code and taken.status_code in (200, 400, 403, 409, 413, 422)
    told = [
        [(one["rule"], one["variant"], one["path"], one["line"]) for one in answer.json["findings"]]
        for answer in (looked, taken)
    ]
    assert told[0] == told[1]
    assert (taken.status_code == 200) == (taken.json["outcome"] == "geaccepteerd")
