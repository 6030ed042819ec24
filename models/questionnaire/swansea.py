"""The Swansea criteria for acute fatty liver of pregnancy: a help to count with, which never decides."""

import json
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent.parent / "data" / "swansea.json"


@dataclass(frozen=True)
class Swansea:
    """`criteria`: (code, text) each; `enough` of them point to the disease; `caution` belongs beside the count."""

    criteria: tuple
    enough: int
    caution: str

    def counted(self, ticked):
        """'6 van 14': how many different known criteria are ticked, and what the number says."""
        count = len({code for code, _ in self.criteria} & set(ticked))
        says = "past bij" if count >= self.enough else "is nog minder dan de grens voor"
        return (
            f"{count} van {len(self.criteria)} criteria aangekruist; dat {says} AFLP volgens Swansea ({self.enough} of meer)."
        )


def swansea():
    """The criteria as models/data/swansea.json has them."""
    told = json.loads(DATA.read_text(encoding="utf-8"))
    return Swansea(tuple((row["code"], row["text"]) for row in told["criteria"]), told["enough"], told["caution"])
