"""Viewing a file as pixels: page by page, drawn in the sandbox, so that a coordinator or committee member opens no original.

To put a page on a screen of your own, link to or frame the address `files.page` (key, document, bladzijde=N), which is a whole
page with turning, text and reasons. Or, behind the same guards, call `show` and render the PageView yourself:

    page = page_view.show(document, 3, who())       # raises Refused with the sentence to show instead, or storage.Damaged
    page.source                                     # for <img src>; needs `img-src data:` in the page's policy; '' without one
    page.text, page.number, page.count

Made on demand and kept nowhere: a page costs about half a second of processor time, and a copy in clear would outlive its file.
"""

import base64
import io
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.files import storage
from models.files.document import Document
from models.files.privacy import inspection
from models.files.sandbox.start import LARGEST, NoAnswer, NotStarted, start

WIDTH, LARGE_WIDTH = 1240, 2480  # pixels: A4 at 150 and at 300 dots per inch
SECONDS = 30  # for one page, from start to answer
PLACES = 2  # pages that are drawn at once; each may take a gigabyte
PATIENCE = 10  # seconds to wait for a place
QUALITY = 88
AGAIN = timedelta(hours=1)  # turning pages within it is one reading, and one line in the trail
TOO_LARGE = "Dit bestand is te groot om hier te laten zien. Download het en open het op uw eigen apparaat."
UNDRAWN = "Deze bladzijde kan het portaal niet tekenen: het bestand is beschadigd of te ingewikkeld."
BUSY = "Er worden nu veel bladzijden getekend. Probeer het over een minuut opnieuw."


class DrawingBusy(Refused):
    """Too much is drawn right now: the machine's doing, not the file's. Later it may work."""


_places = threading.BoundedSemaphore(PLACES)


@dataclass(frozen=True)
class PageView:
    """One page: `number` of `count`, its pixels as a JPEG of our own making (b'' for a text), and the words on it."""

    number: int
    count: int
    width: int
    height: int
    jpeg: bytes
    text: str

    @property
    def source(self) -> str:
        """The pixels as an address of their own ('data:…')."""
        return f"data:image/jpeg;base64,{base64.b64encode(self.jpeg).decode()}" if self.jpeg else ""


def show(document: Document, number: int, by: User, large: bool = False, now: datetime | None = None) -> PageView:
    """Page `number` (from 1; the nearest that there is) of `document` for `by`, who found it through `access.visible`.

    The trail has its line first. Raises Refused, with what to show instead: a file that `by` may not see (yet), one that cannot
    be drawn, or a moment too busy for it; and storage.Damaged, already written down.
    """
    if not any(access.may(by, ability, document.case.process) for ability in ("complete", "review", "study")):
        access.demand(by, "study", document.case.process)
    document.demand_open()
    inspection.demand_decided(document, by, now)
    if document.size <= LARGEST:
        _note(document, by, now or clock.now())
    return draw(document, number, by, LARGE_WIDTH if large else WIDTH)


def draw(document: Document, number: int, reader: User | None, width: int = WIDTH) -> PageView:
    """The same page without asking who sees it, for a caller that did, and with no line in the trail: nobody looks yet.

    `reader`: who is named when the file turns out to be damaged.
    """
    if document.size > LARGEST:
        raise Refused(TOO_LARGE)
    answer, pixels = _drawn(document, number, reader, width)
    if answer.get("reason"):
        raise Refused(answer["reason"])
    count, width, height = (int(answer[name]) for name in ("count", "width", "height"))
    return PageView(max(1, min(number, count)), count, width, height, _jpeg(width, height, pixels), str(answer["text"]))


def _note(document, by, now):
    same = (AuditEvent.case_id == document.case_id) & (AuditEvent.actor == by) & (AuditEvent.action == "document.preview")
    lately = (AuditEvent.detail == document.key) & (AuditEvent.at > now - AGAIN) & (AuditEvent.at <= now)
    if not AuditEvent.select().where(same, lately).exists():
        AuditEvent.log("document.preview", by=by, case=document.case, detail=document.key, at=now)


def _drawn(document, number, by, width):
    if not _places.acquire(timeout=PATIENCE):
        raise DrawingBusy(BUSY)
    try:
        job = {"act": "draw", "media_type": document.media_type, "number": number, "width": width}
        return start(job, storage.read(document.blob, document.sha256), SECONDS)
    except NotStarted as problem:
        raise DrawingBusy(BUSY) from problem
    except NoAnswer as problem:
        raise Refused(UNDRAWN) from problem
    except storage.Damaged:
        document.lost(by)
        raise
    finally:
        _places.release()


def _jpeg(width, height, pixels):
    # Only bare pixels are taken from the sandbox: a picture that was packed there could itself be an attack.
    if not pixels:
        return b""
    if len(pixels) != width * height * 3:
        raise Refused(UNDRAWN)
    packed = io.BytesIO()
    Image.frombytes("RGB", (width, height), pixels).save(packed, "JPEG", quality=QUALITY, subsampling=0)
    return packed.getvalue()
