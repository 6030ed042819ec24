"""The colours of the stylesheets: each has a name, a value for light and dark, and is legible on its ground (WCAG 1.4.3)."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "static"
ROOT = re.compile(r":root \{(.*?)\}", re.S)
NAMED = re.compile(r"(--[\w-]+): (#[0-9a-f]{3,6}|rgb\([^)]*\))")
ON_CARDS = ("--ink", "--ink-soft", "--action", "--action-dark", "--green", "--amber", "--red", "--blue")
PAIRS = [
    *((text, ground) for text in ON_CARDS for ground in ("--page", "--card", "--sunk")),
    *((f"--{kind}", f"--{kind}-tint") for kind in ("green", "amber", "red", "blue", "action")),
    *(("--ink", f"--{kind}-tint") for kind in ("green", "amber", "red", "blue", "action", "grey")),
    *(("--ink-soft", ground) for ground in ("--grey-tint", "--amber-tint", "--action-tint", "--red-tint")),
    *(("--on-action", ground) for ground in ("--action", "--action-dark", "--green")),
    ("--action-dark", "--action-tint"), ("--action-dark", "--action-line"), ("--on-code", "--code"),
]  # fmt: skip


def schemes():
    """The values of the four ways to look, each laid over the one it changes."""
    style = (STATIC / "web" / "portal.css").read_text()
    light, dark, more, more_dark = (dict(NAMED.findall(block)) for block in ROOT.findall(style)[:4])
    return {"light": light, "dark": light | dark, "more": light | more, "more in dark": light | dark | more | more_dark}


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "more", "more in dark"])
def test_every_word_can_be_read_on_its_ground(scheme):
    colours, least = schemes()[scheme], 7 if scheme.startswith("more") else 4.5
    asked = [
        (text, ground, least if ground in ("--page", "--card") and text.startswith("--ink") else 4.5) for text, ground in PAIRS
    ]
    faint = {
        f"{text} on {ground}": round(contrast(colours[text], colours[ground]), 2)
        for text, ground, wanted in asked
        if contrast(colours[text], colours[ground]) < wanted
    }
    assert faint == {}


def test_what_bounds_a_control_stands_out_in_dark_too():
    for colours in schemes().values():
        assert contrast(colours["--line-strong"], colours["--card"]) >= 3, "WCAG 1.4.11"


def test_a_colour_is_named_once_and_used_by_its_name():
    light, literal, unknown = schemes()["light"], [], []
    for path in sorted(STATIC.rglob("*.css")):
        style = ROOT.sub("", path.read_text())
        literal += [
            f"{path.name}: {line.strip()[:90]}"
            for line in style.splitlines()
            if re.search(r"#[0-9a-fA-F]{3,8}\b(?=[;,) ])", line)
        ]
        unknown += [
            f"{path.name}: {name}"
            for name in set(re.findall(r"var\((--[\w-]+)", style)) - set(light)
            if f"{name}:" not in path.read_text() and f"{name}:" not in (STATIC / "web" / "portal.css").read_text()
        ]
    assert literal == [] and unknown == []


def test_dark_leaves_no_colour_of_light_behind():
    blocks = [dict(NAMED.findall(block)) for block in ROOT.findall((STATIC / "web" / "portal.css").read_text())]
    assert set(blocks[0]) - set(blocks[1]) == {"--paper", "--code", "--on-code"}, "paper is white in the dark as well"
