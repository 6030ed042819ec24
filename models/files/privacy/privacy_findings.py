"""Help with anonymising: what in a file, or in its name, may tell who the woman is; and what makes a file dangerous.

Files are read in a process of their own (`files/sandbox/`); nothing that was found is logged or kept here. It is help, not
proof: no finding does not mean that a file tells nothing, and what could not be read is itself a finding.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from models import clock
from models.files.sandbox import METADATA, Kind
from models.files.sandbox.masking import mark, masked
from models.files.sandbox.patterns import Search
from models.files.sandbox.start import NoAnswer, start

__all__ = ["Kind", "PrivacyFinding", "findings", "hazards"]

TABLE = (".csv", ".tsv")  # endings by which a program for tables opens a text, and works out its cells
UNREADABLE = "Dit bestand kunnen wij niet controleren. Sla het opnieuw op, het liefst als PDF, en voeg dat toe."


@dataclass(frozen=True)
class PrivacyFinding:
    """One thing that was found. `text`: partly masked, fit to show; `place`: where to look, in Dutch.

    `mark` is equal for equal things of one case, however they are masked.
    """

    kind: Kind
    text: str
    place: str
    mark: str = field(default="", compare=False)

    @property
    def removable(self) -> bool:
        """Whether `metadata.strip` takes it out; what stands in the text itself the reporter must change."""
        return self.kind in METADATA or self.place.startswith("metadata")


def findings(
    content: Any, media_type: Any, name: str = "", known_names: Sequence[str] = (), today: Any = None, salt: str = ""
) -> list[PrivacyFinding]:
    """What may identify somebody in `content` (bytes, or blocks) and in the file's `name`.

    `known_names`: full names of users and hospital people; `today`: the local date that ages are counted from; `salt`: key
    of the marks. Takes at most 30 seconds of processor time and 90 in all; what is in a file never makes it raise. Raises
    NotStarted when the machine cannot start the process, and what the blocks themselves raise.
    """
    today, names = today or clock.today(), sorted(set(known_names))
    found = in_name(name, names, today, salt)
    try:
        job = {"act": "find", "media_type": media_type, "names": names, "today": today.isoformat(), "salt": salt}
        rows, _ = start(job, content)
    except NoAnswer as reason:
        return [*found, PrivacyFinding(Kind.UNCHECKED, str(reason), "het hele bestand")]
    return found + [PrivacyFinding(Kind(kind), text, place, mark) for kind, text, place, mark in rows]


def in_name(name: str, known_names: Sequence[str] = (), today: Any = None, salt: str = "") -> list[PrivacyFinding]:
    """What may identify somebody in the name of a file: no parser is needed for it."""
    searched = Search(sorted(set(known_names)), today or clock.today()).title(name)
    return [PrivacyFinding(kind, masked(kind, text), "bestandsnaam", mark(text, salt)) for kind, text in searched]


def hazards(content: Iterable, media_type: str, name: str = "") -> list[str]:
    """Why the file must not be accepted, in Dutch sentences; one that cannot be read, or is too large for that, among them.

    Raises as `findings` does.
    """
    try:
        rows, _ = start({"act": "hazards", "media_type": media_type, "table": name.lower().endswith(TABLE)}, content)
    except NoAnswer:
        return [UNREADABLE]
    return rows
