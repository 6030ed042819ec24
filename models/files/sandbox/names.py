"""Finding the names of known people in a text: whole words, whatever the capitals and accents."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

TITLES = {"dr", "drs", "prof", "professor", "ir", "mr", "mw", "mevr", "mevrouw", "dhr", "heer", "dokter", "arts", "gynaecoloog",
          "verloskundige", "klinisch", "anios", "aios", "msc", "bsc", "md", "phd"}  # fmt: skip
PARTICLES = {"van", "de", "der", "den", "ter", "ten", "te", "het", "in", "t", "von", "el", "al", "ben", "bin", "d", "la", "du"}
SHORTEST = 4  # letters of a surname that is taken for a name by itself
WORD = re.compile(r"[^\W_]+")
UNFOLDED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})


def fold(text: str) -> str:
    """The text without capitals and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(UNFOLDED)


class Names:
    """Known people by the last word of their surname, so that a text is read once, however many people there are."""

    def __init__(self, names: Any) -> None:
        self.by_last_word = {}
        for name in names:
            words = [word for word in WORD.findall(fold(name)) if word not in TITLES]
            if words and len(words[-1]) > 1:
                self.by_last_word.setdefault(words[-1], []).append((name, *_parts(words[:-1])))

    def within(self, text: str, alone: bool = False) -> Iterator[Any]:
        """Yield the known names, as they were given, that stand in `text`.

        A surname in small letters counts with a first name, an initial or a title beside it; with `alone` also without.
        """
        words = WORD.findall(text) if self.by_last_word else []
        folded = [fold(word) for word in words]
        for at, word in enumerate(folded):
            for name, given, particles in self.by_last_word.get(word, ()):
                start = at - len(particles)
                if start >= 0 and folded[start:at] == particles:
                    long = len(word) >= SHORTEST and (alone or not given or words[at][0].isupper())
                    if long or _belongs(folded[start - 1] if start else "", given):
                        yield name
                elif _inverted(folded[at + 1 : at + 5], given, particles):
                    yield name


def _parts(before: list[Any]) -> tuple[Any | str, Any]:
    """The first name ('' when there is none) and the particles of a surname, from the words before its last one."""
    split = len(before)
    while split and before[split - 1] in PARTICLES:
        split -= 1
    return (before[0] if split else ""), before[split:]


def _belongs(word: Any, given: Any) -> bool:
    """Whether the word beside a surname is a title, the first name, or its initial."""
    return word in TITLES or (bool(given) and word in (given, given[0]))


def _inverted(behind: Any, given: Any, particles: Any) -> Any:
    """Whether 'Vries, A. de' is meant."""
    return bool(behind) and bool(given) and _belongs(behind[0], given) and all(word in behind for word in particles)
