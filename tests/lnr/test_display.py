from datetime import datetime

from models.lnr.benchmark.indicator import all_indicators
from models.lnr.dataset.definition import definition
from models.lnr.derived import support_timeline
from models.lnr.message import display
from models.lnr.message.message_writer import build
from models.lnr.message.validation import check
from models.lnr.specification.examples import corrected, late_preterm, maximal, preterm

NOW = datetime(2026, 6, 1)


def record(values):
    return check(build(values), NOW).stay


def lines(values):
    return {line.label: line.text for section in display.sections(record(values)) for line in section.lines}


def test_values_are_told_with_names_units_and_words():
    told = lines(preterm("x", antenatal_steroids_given={"null": "UNK"}))

    assert told["Geboortegewicht"] == "1010 g"
    assert told["Zwangerschapsduur"] == "27 weken en 3 dagen"
    assert told["Type partus"] == "spoedkeizersnede"
    assert "onbekend" in told.values()
    assert not {"true", "false", "410605003"} & set(told.values())


def test_every_item_of_the_fullest_record_stands_on_the_page():
    values = record(maximal())
    sections = list(display.sections(values))
    shown_labels = {line.label for one in sections for line in one.lines}
    shown_labels |= {head for one in sections for table in one.tables for head in table.heads}

    flat = set(values) | {
        name for rows in values.values() if isinstance(rows, list) for row in rows if isinstance(row, dict) for name in row
    }
    wanted = {definition().items[name].nl for name in flat if name in definition().items}
    assert wanted - shown_labels == set()


def test_a_new_version_shows_only_what_it_changed():
    found = display.changes(record(late_preterm()), record(corrected()))
    assert found == [display.ValueChange("Geboortegewicht", "2410 g", "2140 g")]


def test_what_a_version_leaves_out_or_adds_is_told_too():
    found = {
        one.label: (one.before, one.after)
        for one in display.changes(record(late_preterm(apgar_5=9)), record(late_preterm(apgar_1=7)))
    }
    assert found == {"Apgarscore na 5 minuten": ("9", ""), "Apgarscore na 1 minuut": ("", "7")}


def test_support_is_drawn_between_the_first_and_the_last_day():
    # 10 January to 28 March is 78 days; the first period takes 5 of them, the second begins on day 4.
    found = support_timeline.picture(record(preterm("x")), NOW)

    assert [name for name, _, _ in found.tracks] == ["invasive", "noninvasive", "oxygen"]
    (first,), (second,) = found.tracks[0][2], found.tracks[1][2]
    assert (first.days, first.x, first.width) == (5, 0, round(5000 / 78))
    assert (second.days, second.x) == (38, round(4000 / 78))
    assert [(mark.label, mark.day) for mark in found.marks] == [("28 dagen oud", "7-2-2026"), ("36 weken", "11-3-2026")]


def test_a_period_without_an_end_goes_on_until_discharge():
    rows = [{"respiratory_support_start": "2026-01-10T04:40:00", "respiratory_support_type": "47545007"}]
    ((_, _, (period,)),) = support_timeline.picture(record(preterm("x", respiratory_supports=rows)), NOW).tracks
    assert (period.days, period.said) == (78, "vanaf 10-1-2026, zonder einde")


def test_the_drawing_counts_days_as_the_derived_values_do():
    """A midnight ends the day before, and an end that is not known is not told as the day of discharge."""
    cpap = {"respiratory_support_start": "2026-01-10T04:40:00", "respiratory_support_type": "47545007"}
    for end, leaves, days, said in (
        ({"respiratory_support_end": "2026-01-13T00:00:00"}, "2026-03-28", 3, "10-1-2026 tot en met 12-1-2026"),
        ({}, "2026-01-20T00:00:00", 10, "vanaf 10-1-2026, zonder einde"),
        ({"respiratory_support_end": {"null": "UNK"}}, "2026-03-28", None, "vanaf 10-1-2026, einde onbekend"),
    ):
        verdict = check(build(preterm("x", discharge_datetime=leaves, respiratory_supports=[cpap | end])), NOW)
        ((_, _, (period,)),) = support_timeline.picture(verdict.stay, NOW).tracks
        assert (period.days, period.said) == (days, said)
        assert verdict.derived["noninvasive_days"] == days


def test_without_support_there_is_no_picture():
    assert support_timeline.picture(record(late_preterm()), NOW) is None


def test_what_stands_in_the_rows_of_a_group_is_told_and_not_taken_for_empty():
    rows = {"respiratory_medication": [{"surfactant": "R07AA02"}, {"respiratory_stimulant": {"null": "UNK"}}]}
    assert display.told("surfactant", rows).text == "natuurlijke fosfolipiden (surfactant)"
    assert display.told("surfactant", {}).text == ""
    assert display.told("respiratory_medication", rows).text == "natuurlijke fosfolipiden (surfactant); onbekend"
    assert display.told("respiratory_medication", {}).text == "" and display.told("geen-onderdeel", rows) is None


def test_every_item_that_an_indicator_shows_is_one_of_a_record():
    names = {name for one in all_indicators() for name in one.items.split()}
    assert {name for name in names if display.told(name, {}) is None} == set()
