"""The files of the demonstration: small real PDFs and images with invented, anonymous contents."""

import io
import json
import re
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from models.pdf.typesetting import pdf

FOOT = "Fictief document voor demonstratie. Naam, geboortedatum en patiëntnummer zijn onleesbaar gemaakt."

WRITER = "R. Voorbeeld"
# a word of the asked document's label -> what such a report might say; the last, empty word fits all
TEXTS = json.loads((Path(__file__).parent / "reports.json").read_text())

LAB = (
    ("Hb (mmol/l)", 4.2, 7.6),
    ("trombocyten (10E9/l)", 48, 190),
    ("fibrinogeen (g/l)", 0.9, 3.8),
    ("lactaat (mmol/l)", 1.1, 7.4),
    ("ASAT (U/l)", 24, 310),
    ("creatinine (µmol/l)", 55, 170),
)


def for_label(label, luck):
    """A file that could answer the asked document `label`: (name, bytes). `luck` is a random.Random."""
    words = label.split(" (")[0].split(",")[0]
    name = re.sub(r"[^a-z0-9]+", "-", words.lower().replace("é", "e").replace("ï", "i")).strip("-")[:60]
    if "echo" in label or "beeldvorming" in label:
        return f"{name}.jpg", echo(luck)
    if "lab" in label:
        return f"{name}.pdf", report(words, table=_laboratory(luck))
    text = next(text for word, text in TEXTS.items() if word in label)
    # A letter of one department still says who wrote it, as many do: somebody has to decide about that.
    return f"{name}.pdf", report(words, _filled(text, luck), author=[WRITER] if "consult" in label else [])


def _filled(text, luck):
    return text.format(
        g=luck.randint(3, 9),
        p=luck.randint(1, 4),
        age=luck.randint(24, 41),
        d=luck.randint(1, 6),
        w=luck.randint(25, 41),
        h=luck.randint(4, 11),
        m=luck.randint(12, 59),
        ml=luck.randrange(1100, 4300, 100),
    )


def _laboratory(luck):
    rows = []
    for name, low, high in LAB:
        rows.append([name, *(f"{luck.uniform(low, high):.1f}".replace(".", ",") for _ in range(4))])
    return {"head": ["Bepaling", "0 uur", "2 uur", "6 uur", "24 uur"], "rows": rows}


def report(title, *paragraphs, author=(), **more):
    """One page on A4; `author`: the names that its properties tell."""
    return pdf(
        "pdf/letter.typ", {"paragraphs": paragraphs, "foot": FOOT, "author": author, **more}, title[0].upper() + title[1:]
    )


def echo(luck):
    """Something like an ultrasound image: a fan of noise with a dark space in it."""
    noise = Image.frombytes("L", (160, 120), luck.randbytes(160 * 120)).resize((640, 480)).filter(ImageFilter.GaussianBlur(2))
    fan = Image.new("L", noise.size, 0)
    draw = ImageDraw.Draw(fan)
    draw.pieslice((-60, -330, 700, 460), 48, 132, fill=150)
    left, top = luck.randint(220, 300), luck.randint(180, 260)
    draw.ellipse((left, top, left + luck.randint(80, 150), top + luck.randint(60, 110)), fill=18)
    picture = Image.composite(noise, Image.new("L", noise.size, 0), fan.filter(ImageFilter.GaussianBlur(4)))
    return _saved(picture, "JPEG", quality=70)


def strip(luck):
    """A piece of a cardiotocogram on squared paper."""
    picture = Image.new("RGB", (800, 300), "#fffaf0")
    draw = ImageDraw.Draw(picture)
    for x in range(0, 800, 20):
        draw.line((x, 0, x, 300), fill="#f3c9a5")
    for y in range(0, 300, 20):
        draw.line((0, y, 800, y), fill="#f3c9a5")
    heart, push = [], []
    for x in range(0, 800, 4):
        dip = max(0, 45 - abs(x % 260 - 130))
        heart.append((x, 90 + dip + luck.randint(-6, 6)))
        push.append((x, 260 - dip + luck.randint(-2, 2)))
    draw.line(heart, fill="#222222", width=2)
    draw.line(push, fill="#444488", width=2)
    return _saved(picture, "PNG")


def _saved(picture, kind, **more):
    kept = io.BytesIO()
    picture.save(kept, kind, **more)
    return kept.getvalue()
