"""Drawing: one page of a file as bare pixels and as its text, after Dangerzone. Nothing else of the file gets any further.

A PDF is drawn by PDFium without scripts, a picture by Pillow, DICOM with pydicom. Of Office and text files only the text is
shown. A clip is not drawn: a decoder of video is too much for what a first frame tells. Nor is HEIC: whatever
number of threads it is told to use (0, 1, 4), libheif (pi-heif 1.4.0) starts one, may not in here, and takes the process down.
"""

import contextlib
import io
import itertools
import re
from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import Any

import pypdfium2
from PIL import Image, ImageOps

from . import Passage, Unfit
from .decoding import decoded
from .readers.image import MOST_PIXELS, TOO_LARGE

MOST_PAGES = 2000  # of one file that can be turned to
TALLEST = 4  # times its width: a page that is longer is made narrower
TEXT_OF_PAGE = 3500  # characters
MOST_TEXT = 2_000_000  # characters of one file
CELL = re.compile(r"(blad .*), cel [A-Z]+(\d+)")

NO_HEIC = (
    "Een foto in HEIC kan het portaal niet veilig tekenen. Vraag het ziekenhuis om een JPEG. Hebt u het origineel nodig? "
    "Download het en open het op een apparaat met de laatste updates. Soms staat erin waar de foto is gemaakt."
)
NO_CLIP = (
    "Dit is een filmpje. Het portaal tekent daar geen beeld van, want dat kan niet veilig. Wilt u het bekijken? "
    "Download het origineel en open het op een apparaat met de laatste updates."
)
BROKEN = "Deze bladzijde kan het portaal niet tekenen: het bestand is beschadigd of te ingewikkeld."
NO_TEXT = "In dit bestand staat geen tekst die het portaal kan laten zien."


def draw(reader: ModuleType, content: bytes, job: Any) -> tuple[dict[str, str], bytes]:
    """({count, width, height, text}, RGB pixels row by row), or ({reason}, nothing). `job`: number from 1, width in pixels."""
    try:
        make = MAKERS.get(job["media_type"], _text)
        count, picture, text = make(reader, content, job["number"], job["width"])
    except Unfit as reason:
        return {"reason": str(reason)}, b""
    except Exception:  # whatever a file of a stranger leads to in a library, lack of memory included
        return {"reason": BROKEN}, b""
    width, height = picture.size if picture else (0, 0)
    answer = {"count": min(count, MOST_PAGES), "width": width, "height": height, "text": text[:MOST_TEXT]}
    return answer, picture.tobytes() if picture else b""


def _pdf(reader: ModuleType, content: bytes, number: int, width: int) -> tuple[int, Any, Any]:
    with contextlib.closing(pypdfium2.PdfDocument(content)) as document:
        document.init_forms()  # else what was filled in does not show
        count = len(document)
        page = document[_within(number, count)]
        across, down = page.get_size()
        scale = min(width / max(across, 1), TALLEST * width / max(down, 1))
        picture = page.render(scale=scale).to_pil().convert("RGB")
        return count, picture, page.get_textpage().get_text_bounded()


def _picture(reader: ModuleType, content: bytes, number: int, width: int) -> Any:
    with Image.open(io.BytesIO(content)) as file:
        count = getattr(file, "n_frames", 1) if file.format == "TIFF" else 1
        file.seek(_within(number, count))
        if file.width * file.height > MOST_PIXELS:
            raise Unfit(TOO_LARGE)
        file.draft("RGB", (width, width))  # a JPEG is unpacked no larger than it is shown
        picture: Image.Image = file
        if picture.mode.startswith("I"):  # sixteen bits of grey, as a scanner writes them
            picture = picture.point(lambda value: value / 256).convert("L")
        picture.thumbnail((width, TALLEST * width))
        picture = ImageOps.exif_transpose(picture)
        if picture.has_transparency_data:
            picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
        return count, picture.convert("RGB"), ""


def _heic(reader: ModuleType, content: bytes, number: int, width: int) -> None:
    raise Unfit(NO_HEIC)


def _dicom(reader: ModuleType, content: bytes, number: int, width: int) -> Any:
    count, picture = reader.picture(content, partial(_within, number))
    picture.thumbnail((width, TALLEST * width))
    return count, picture.convert("RGB"), ""


def _text(reader: ModuleType, content: bytes, number: int, width: int) -> Any:
    return _written(_lines(reader.passages(content)), number)


def _plain(reader: Any, content: bytes, number: int, width: int) -> Any:
    return _written(decoded(content).splitlines(), number)


def _written(lines: Any, number: int) -> tuple[int, None, Any]:
    pages = list(_pages(lines))
    if not pages:
        raise Unfit(NO_TEXT)
    return len(pages), None, pages[_within(number, len(pages))]


def _clip(reader: ModuleType, content: bytes, number: int, width: int) -> None:
    raise Unfit(NO_CLIP)


def _lines(things: Any) -> Iterator[str]:
    """The text itself, without what stands beside it; a row of a table as one line."""
    said = (thing for thing in things if isinstance(thing, Passage) and not thing.place.startswith("metadata"))
    for (_, row), passages in itertools.groupby(said, lambda passage: _row(passage.place)):
        texts = [passage.text for passage in passages]
        yield from ["\t".join(texts)] if row else "\n".join(texts).splitlines()


def _row(place: str) -> Any:
    """(sheet, number of its row) for a cell; (place, None) for all else."""
    cell = CELL.fullmatch(place)
    return cell.groups() if cell else (place, None)


def _pages(lines: Any) -> Iterator[str]:
    page, size, whole = [], 0, 0
    for line in lines:
        for start in range(0, max(1, len(line)), TEXT_OF_PAGE):
            piece = line[start : start + TEXT_OF_PAGE]
            if page and size + len(piece) > TEXT_OF_PAGE:
                yield "\n".join(page)
                page, size = [], 0
            page.append(piece)
            size += len(piece) + 1
            whole += len(piece) + 1
        if whole > MOST_TEXT:
            break
    if any(line.strip() for line in page):
        yield "\n".join(page)


def _within(number: int, count: int) -> Any:
    """The place of page `number` from 0: the nearest one that there is."""
    if not count:
        raise Unfit(BROKEN)
    return max(1, min(number, count, MOST_PAGES)) - 1


MAKERS = {
    "application/pdf": _pdf,
    "image/jpeg": _picture,
    "image/png": _picture,
    "image/tiff": _picture,
    "text/plain": _plain,
    "image/heic": _heic,
    "video/mp4": _clip,
    "video/quicktime": _clip,
    "application/dicom": _dicom,
}
