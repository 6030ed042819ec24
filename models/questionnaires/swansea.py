"""The Swansea criteria for acute fatty liver of pregnancy: a help to count with, which never decides."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.cases.theme import Theme

DATA = Path(__file__).parent / "data" / "swansea.json"


@dataclass(frozen=True)
class Swansea:
    """`criteria`: (code, text) each; `enough` of them point to the disease; `caution` belongs beside the count.

    `about`: words by which the name of a theme tells that the criteria go with it.
    """

    criteria: tuple
    enough: int
    caution: str
    about: tuple = ()

    def goes_with(self, theme: Theme) -> bool:
        """Whether to offer the help at this theme."""
        named = f"{theme.name} {theme.long_name}".casefold()
        return any(word in named for word in self.about)

    @property
    def sentences(self) -> list:
        """What `counted` says, by the number of ticks from none to all."""
        codes = [code for code, _ in self.criteria]
        return [self.counted(codes[:count]) for count in range(len(codes) + 1)]

    def counted(self, ticked: Sequence[str]) -> str:
        """'6 van 14': how many different known criteria are ticked, and what the number says."""
        count = len({code for code, _ in self.criteria} & set(ticked))
        says = "past bij" if count >= self.enough else "is nog minder dan de grens voor"
        return (
            f"{count} van {len(self.criteria)} criteria aangekruist; dat {says} AFLP volgens Swansea ({self.enough} of meer)."
        )


@cache
def swansea() -> Swansea:
    """The criteria as models/data/swansea.json has them."""
    told = json.loads(DATA.read_text(encoding="utf-8"))
    criteria = tuple((row["code"], row["text"]) for row in told["criteria"])
    return Swansea(criteria, told["enough"], told["caution"], tuple(told["about"]))
