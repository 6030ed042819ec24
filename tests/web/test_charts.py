"""What is drawn is what was given: every number is read back from the picture, by the scale that the picture itself shows."""

import re
from itertools import pairwise

import pytest
from flask import render_template_string

HEIGHT = 100  # units from the axis to the line of the largest, in `columns`
SERIES = [("handed-in", [0, 3, 12, 7]), ("judged", [1, 0, 5, 12])]


@pytest.fixture
def drawn(app):
    """What a macro of charts.html draws."""

    def draw(call, **values):
        with app.test_request_context():
            return render_template_string("{% import 'charts.html' as charts %}{{ charts." + call + " }}", **values)

    return draw


def marks(picture, shape):
    """The attributes of each such shape, in order; percentages without their sign."""
    found = re.findall(rf"<{shape} ([^>]*)>", picture)
    return [{name: value.rstrip("%") for name, value in re.findall(r'([\w-]+)="([^"]*)"', one)} for one in found]


def test_columns_have_the_height_of_their_number_on_the_scale_beside_them(drawn):
    picture = drawn("columns(series, 'abcd', 'zegt het')", series=SERIES)
    largest = int(re.search(r"<text[^>]*>(\d+)</text>", picture)[1])
    rects = marks(picture, "rect")
    for name, values in SERIES:
        mine = [one for one in rects if one["class"] == name]
        assert [round(float(one["height"]) * largest / HEIGHT) for one in mine] == values
        assert all(float(one["y"]) + float(one["height"]) == pytest.approx(110, abs=0.11) for one in mine), "they stand on 0"
    # From left to right, none over another, all within the picture.
    ends = sorted((float(one["x"]), float(one["x"]) + float(one["width"])) for one in rects)
    assert all(before[1] <= after[0] + 0.02 for before, after in pairwise(ends)) and ends[-1][1] <= 100
    assert re.findall(r'class="place"[^>]*>(\w)<', picture) == list("abcd") and 'aria-label="zegt het"' in picture


def test_columns_of_nothing_are_drawn_as_nothing(drawn):
    rects = marks(drawn("columns([('judged', [0, 0])], 'ab', '')"), "rect")
    assert [float(one["height"]) for one in rects] == [0, 0]


def test_a_share_is_filled_from_below_by_each_part_of_the_whole(drawn):
    picture = drawn("share([('on-time', 6), ('late', 3)], 12, '9 van 12')")
    rest, on_time, late = marks(picture, "rect")
    assert (rest["class"], rest["height"]) == ("rest", "100") and "<title>9 van 12</title>" in picture
    assert (float(on_time["y"]), float(on_time["height"])) == (50, 50)
    assert (float(late["y"]), float(late["height"])) == (25, 25), "on top of who was on time"


@pytest.mark.parametrize("values", [[0, 4, 2, 8], [5, 5, 5], [0, 0]])
def test_a_small_line_goes_through_every_number_and_ends_in_a_dot(drawn, values):
    picture = drawn("spark(values)", values=values)
    lines, (dot,) = marks(picture, "line"), marks(picture, "circle")
    heights = [float(lines[0]["y1"]), *(float(one["y2"]) for one in lines)]
    most = max(1, *values)
    assert [round((90 - height) * most / 80) for height in heights] == values
    assert all((one["x2"], one["y2"]) == (other["x1"], other["y1"]) for one, other in pairwise(lines))
    assert float(lines[0]["x1"]) == 2 and (dot["cx"], dot["cy"]) == ("98", lines[-1]["y2"])


def test_a_strip_has_each_period_with_its_words(drawn):
    spans = [
        {"name": "concept", "x": 0, "width": 40, "said": "5 dagen concept"},
        {"name": "judged", "x": 40, "width": 60, "said": "7 dagen bij Perined"},
    ]
    picture = drawn("strip(spans, 'de weg')", spans=spans)
    assert [(one["class"], one["x"], one["width"]) for one in marks(picture, "rect")] == [
        ("concept", "0", "40"),
        ("judged", "40", "60"),
    ]
    assert re.findall(r"<title>([^<]*)</title>", picture) == [span["said"] for span in spans]


def test_every_case_is_one_dot_at_its_number_of_days_and_equals_are_stacked(drawn):
    days = [0, 0, 0, 10, 40]
    picture = drawn("dots(days, '', [('own', 20)])", days=days)
    dots, mark = marks(picture, "circle"), marks(picture, "line")[-1]
    across = [round((float(one["cx"]) - 1.5) * 40 / 97) for one in dots]
    assert sorted(across) == days, "the largest is at the right, 40 days wide"
    assert len({(one["cx"], one["cy"]) for one in dots}) == len(days), "none hides another"
    assert all(4 <= float(one["cy"]) <= 76 for one in dots)
    assert mark["class"] == "mark own" and float(mark["x1"]) == float(mark["x2"]) == 50
