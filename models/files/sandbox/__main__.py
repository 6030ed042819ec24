"""Inside the limited process: one job and one file come in, one answer goes out.

In: a line of JSON, then the file until its end. Out: READY, a line of JSON, then (after cleaning) the new file.
"""

import encodings
import importlib
import json
import pkgutil
import re
import resource
import sys
import time
from collections.abc import Iterator
from datetime import date
from types import ModuleType
from typing import Any

from . import METADATA, Fact, Kind, Passage, Unfit
from .masking import mark, masked
from .patterns import Search
from .start import LARGEST, MEMORY, PROCESSOR, READY

READERS = {
    "application/pdf": "pdf",
    "image/jpeg": "image",
    "image/png": "image",
    "image/tiff": "tiff",
    "image/heic": "iso_media",
    "video/mp4": "iso_media",
    "application/msword": "old_office",
    "application/vnd.ms-excel": "old_office",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "office",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "office",
    "application/vnd.oasis.opendocument.text": "office",
    "text/plain": "plain_text",
    "application/rtf": "plain_text",
    "application/dicom": "dicom",
    "video/quicktime": "iso_media",
    # Containers, until they have said what is in them.
    "application/zip": "office_package",
    "application/x-ole-storage": "old_office",
}
PATIENCE = 0.6 * PROCESSOR  # after this a search stops by itself, and what it found counts
MOST_FOUND = 200
PIECE, OVERLAP = 1_000_000, 200  # characters that are searched at once, and what is searched twice
NEVER_NEEDED = re.compile(r"\.(cli|examples|overlays|report|__main__)\b")
PAGE = re.compile(r"bladzijde (\d+)")
BROKEN = "Dit bestand kunnen wij niet controleren. Sla het opnieuw op, het liefst als PDF, en voeg dat toe."
LEFT = "Niet alles kon uit dit bestand worden gehaald. Sla het op als PDF of maak er een afbeelding van, en voeg dat toe."


def main() -> None:
    # What a library prints may never end up in an answer, or at the end of somebody's file.
    output, sys.stdout = sys.stdout.buffer, sys.stderr
    job = json.loads(sys.stdin.buffer.readline())
    reader = importlib.import_module(f".readers.{READERS[job['media_type']]}", __package__)
    act = importlib.import_module(".drawing", __package__).draw if job["act"] == "draw" else ACTS[job["act"]]
    _load([encodings, *reader.LIBRARIES])
    _lock()
    output.write(READY)
    output.flush()
    content = sys.stdin.buffer.read(LARGEST + 1)
    answer, result = act(reader, content, job)
    output.write(json.dumps(answer).encode() + b"\n" + result)
    output.flush()


def _load(packages: list[Any]) -> None:
    """Import all of these now: what they would import on the way, they cannot open later."""
    for package in packages:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not NEVER_NEEDED.search(module.name):
                try:
                    importlib.import_module(module.name)
                except Exception:
                    continue  # a part for another system, or one that wants a library which is not here


def _lock() -> None:
    """From here on nothing can be opened or connected, no file grow, no process be started, no memory be dumped.

    What is open already goes on. The account of the portal remains: by a path alone a file of it can still be removed,
    emptied or renamed, and a process of it signalled. Root is not held to the number of processes.
    """
    # No descriptor at all may be new: below 3, one that is closed would make room for another.
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, PROCESSOR),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(what, (most, most))


def find(reader: ModuleType, content: bytes, job: Any) -> Any:
    found = {}
    search = Search(job["names"], date.fromisoformat(job["today"]))
    try:
        for thing in _timed(reader.passages(content)):
            for kind, text in _looked(thing, search):
                # What can be taken out with one click is not mixed with what the text itself says.
                found.setdefault((kind, text, thing.place.startswith("metadata")), []).append(thing.place)
            if len(found) >= MOST_FOUND:
                found[Kind.UNCHECKED, "de rest: er is al veel gevonden", False] = ["het hele bestand"]
                break
    except Unfit as reason:
        found[Kind.UNCHECKED, str(reason), False] = ["het hele bestand"]
    except Exception:
        found[Kind.UNCHECKED, "de rest: het bestand is beschadigd of te groot", False] = ["het hele bestand"]
    rows = ((kind, text, _together(places)) for (kind, text, _), places in found.items())
    return [(kind, masked(kind, text), place, mark(text, job["salt"])) for kind, text, place in rows], b""


def kind(reader: ModuleType, content: bytes, job: Any) -> tuple[tuple[None, str], bytes]:
    """(media type, "") of a container; (None, why it is not accepted) for one that holds something else."""
    try:
        return (reader.kind(content), ""), b""
    except Unfit as reason:
        return (None, str(reason)), b""
    except Exception:
        return (None, BROKEN), b""


def hazards(reader: ModuleType, content: bytes, job: Any) -> tuple[list[str], bytes]:
    try:
        return reader.hazards(content) + (reader.table_hazards(content) if job.get("table") else []), b""
    except Unfit as reason:
        return [str(reason)], b""
    except Exception:
        return [BROKEN], b""


def clean(reader: ModuleType, content: bytes, job: Any) -> tuple[str, bytes]:
    try:
        result = reader.cleaned(content)
        about = [thing for thing in reader.passages(result) if _tells(thing)]
        return (LEFT, b"") if about else ("", result)
    except Unfit as reason:
        return str(reason), b""
    except Exception:
        return BROKEN, b""


ACTS = {"kind": kind, "find": find, "hazards": hazards, "clean": clean}


def _timed(things: Any) -> Iterator[Fact]:
    for thing in things:
        yield thing
        if time.process_time() > PATIENCE:
            yield Fact(Kind.UNCHECKED, "de rest: het zoeken duurde te lang", "het hele bestand")
            return


def _looked(thing: Any, search: Search) -> Iterator[Any] | list[tuple[Kind, str]]:
    if isinstance(thing, Fact):
        return [(thing.kind, thing.text)]
    if thing.place.startswith("metadata"):
        return search.title(thing.text)
    pieces = range(0, len(thing.text), PIECE)
    return (found for start in pieces for found in search.text(thing.text[start : start + PIECE + OVERLAP]))


def _tells(thing: Any) -> bool:
    """Whether it says who, where or when, beside the content itself."""
    if isinstance(thing, Passage):
        return thing.place.startswith("metadata") and bool(list(Search((), date.today()).title(thing.text)))
    return isinstance(thing, Fact) and thing.kind in METADATA


def _together(places: list[str]) -> str:
    """'bladzijde 1 tot en met 4 en 7' from the places of one thing."""
    pages = sorted({int(hit[1]) for place in places if (hit := PAGE.fullmatch(place))})
    others = list(dict.fromkeys(place for place in places if not PAGE.fullmatch(place)))
    runs = []
    for page in pages:
        if runs and runs[-1][1] == page - 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    texts = [f"{a}" if a == b else f"{a} en {b}" if b == a + 1 else f"{a} tot en met {b}" for a, b in runs]
    return ", ".join(
        ([f"bladzijde {', '.join(texts[:10])}{' en verder' if len(texts) > 10 else ''}"] if texts else []) + others[:5]
    )


if __name__ == "__main__":
    main()
