"""Whatever is sent: an answer, soon, with a report that can be sent back; never an exception."""

import json
import time
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.lnr.dataset.definition import definition
from models.lnr.message.message_writer import Raw, build
from models.lnr.message.validation import check
from models.lnr.specification.examples import good, late_preterm, preterm

NOW = datetime(2026, 6, 1)
MESSAGES = [example.raw for example in good()]
LONGEST = 2  # seconds
ANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
PIECES = [b"<", b">", b"/>", b'"', b"&", b"&#x0;", b"&amp;", b"]]>", b"<!--", b"-->", b"<![CDATA[", b"<!DOCTYPE a>", b"<?x?>",
          b"\x00", b"\xff\xfe", b"\xc3\x28", "\u202e".encode(), b"<kind>", b"</kind>", b' xmlns="x"', b' xml:id="a"', b"NaN",
          b"1e400", b"-0", b"9" * 400, b' value=""', b"\xef\xbb\xbf", b"\r", b"\xf0\x9f\x98\x80"]  # fmt: skip


def judged(raw):
    """The verdict, after holding it to everything that is true of every verdict."""
    started = time.thread_time()  # what others do on this machine does not count
    verdict = check(raw, NOW)
    assert time.thread_time() - started < LONGEST
    assert ElementTree.fromstring(verdict.as_xml()) is not None
    json.dumps([verdict.as_dict(), verdict.stay, verdict.derived], allow_nan=False)
    assert verdict.refused or verdict.header
    assert not verdict.malformed or (verdict.refused and verdict.header is verdict.stay is verdict.identity is None)
    assert verdict.stay is None or verdict.identity is not None
    return verdict


@ANY
@given(st.binary(max_size=2000))
def test_any_bytes_are_judged(raw):
    # Not always malformed: the shortest XML is four bytes.
    assert {one.rule for one in judged(raw).findings} == {"R-01"}


@ANY
@given(st.sampled_from(MESSAGES), st.data())
def test_a_message_with_anything_put_in_taken_out_or_swapped_is_judged(raw, data):
    for _ in range(data.draw(st.integers(1, 4))):
        place, length = data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, 60))
        piece = data.draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8), st.just(raw[place : place + length][::-1])))
        raw = raw[:place] + piece + raw[place + data.draw(st.sampled_from([0, 1, length])) :]
    judged(raw)


@ANY
@given(st.sampled_from(MESSAGES), st.data())
def test_a_message_with_lines_in_another_order_is_judged(raw, data):
    lines = raw.split(b"\n")
    for _ in range(data.draw(st.integers(1, 3))):
        one, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        lines[one], lines[other] = lines[other], lines[one]
    judged(b"\n".join(lines))


NAME = st.text(min_size=1, max_size=4).map(lambda text: text.encode("utf-8", "replace"))


@ANY
@given(st.sampled_from(MESSAGES), NAME, st.sampled_from([b"<%s/>", b"<kind %s=''/>", b"<a%s/>", b"<kind a%s=''/>"]), st.data())
def test_a_message_with_any_name_is_judged(raw, name, form, data):
    places = [place for place in range(len(raw)) if raw[place] == ord("<") and place]
    place = data.draw(st.sampled_from(places))
    assert judged(raw[:place] + form % name + raw[place:]).refused


# Letters of names in the fifth edition of XML and not yet in the fourth.
@pytest.mark.parametrize("form", ["<%s/>", "<a%s/>", "<kind %s=''/>", "<kind><a%s/></kind>"])
@pytest.mark.parametrize("letter", "\u1200\u2c00\u218f\U00010000")
def test_a_name_that_not_every_reader_of_xml_knows_is_refused_with_its_place(form, letter):
    raw = MESSAGES[0].replace(b"<bevallingsgegevens>", b"\n" + (form % letter).encode() + b"<bevallingsgegevens>")
    (found,) = judged(raw).findings
    assert (found.rule, found.variant) == ("R-01", "name")
    assert raw.splitlines()[found.line - 1].startswith(form.partition("%")[0].encode()) and found.column


NOT_XML = {code: None for code in [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)]}
ODD = [
    "", " ", "UNK", "true", "-1", "2026-02-30", "1900-01-01", "2099-12-31T23:59:59+14:00", "2026-03-29T02:30:00",
    "2026-10-25T02:30:00", "99999999", "000000000", "0.000001",
]  # fmt: skip
STRANGE = st.one_of(st.text(max_size=40), st.sampled_from(ODD)).map(lambda text: text.translate(NOT_XML))
NAMES = st.sampled_from(
    [
        ["value"],
        ["value", "unit"],
        ["code", "codeSystem"],
        ["nullFlavor"],
        ["code", "codeSystem", "originalText"],
        ["root", "value"],
        [],
    ]
)


@ANY
@given(st.data())
def test_a_message_with_strange_values_is_judged_and_what_it_keeps_can_be_sent_again(data):
    values = preterm("x") | {}
    for item in data.draw(st.lists(st.sampled_from([*definition().items.values()]), min_size=1, max_size=6)):
        said = {name: data.draw(STRANGE) for name in data.draw(NAMES)}
        if item.is_attribute:
            values[item.name] = data.draw(STRANGE)
        elif item.row_group is None:
            values[item.name] = Raw(said)
        else:
            values[item.row_group.name] = [{item.name: Raw(said)}]
    judged(build(values))


# Beside these another element is required.
STANDING_ALONE = [
    one
    for one in definition().items.values()
    if one.section > "C" and not any(other.min for other in one.parent.children.values() if other is not one)
]


@ANY
@given(st.data())
def test_what_the_definition_allows_passes_the_schema_and_is_kept(data):
    of = definition()
    told = late_preterm()
    for item in data.draw(st.lists(st.sampled_from(STANDING_ALONE), max_size=15)):
        value = data.draw(_allowed(item, of))
        if item.row_group is None:
            told[item.name] = [value] if item.repeats else value
        else:
            told[item.row_group.name] = [{item.name: [value] if item.repeats else value}]
    verdict = judged(build(told))
    assert verdict.stay is not None, verdict.findings
    again = judged(
        build(
            {name: told[name] for name in told if of.items.get(name) and of.items[name].section == "A"}
            | {"child_ids": told["child_ids"]}
            | verdict.stay
        )
    )
    assert again.stay == verdict.stay and again.derived == verdict.derived


def _allowed(item, of):
    null = st.sampled_from([{"null": flavour} for flavour in ("UNK", "NI", "NA", "ASKU", "MSK")])
    if item.type == "code":
        plain = st.sampled_from([choice.code for choice in of.choices(item)]).map(lambda code: {"code": code, "text": "x"})
    elif item.is_number:
        plain = st.integers(int(item.low or 0), int(item.high or 100))
    else:
        plain = PLAIN[item.type]
    return st.one_of(plain, null) if item.nullable else plain


PLAIN = {
    "janee": st.booleans(),
    "tekst": st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=100),
    "moment": st.integers(0, 150 * 24 * 60).map(
        lambda minutes: (datetime(2026, 1, 1) + timedelta(minutes=minutes)).isoformat()
    ),
    "nummer": st.just(("2.16.1", "7")),
    "verwijzing": st.just("x"),
    "postcode": st.just("3511 AB"),
}
