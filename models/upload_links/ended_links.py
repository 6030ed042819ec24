"""Links that no longer open anything: a clock writes down why, a part of them in each run."""

from datetime import datetime, timedelta

from models import clock
from models.long_work.shutdown import until_asked
from models.upload_links.upload_link import LIVE, UploadLink

EACH = 100  # links of a kind that one run looks at: each is some queries
EVERY = timedelta(minutes=10)  # it runs (tasks/upkeep.py)


def end_due(now: datetime | None = None) -> int:
    """End what is over; returns how many.

    One run looks at EACH links whose days are over, and at the next part of the others, round and round.
    """
    now = now or clock.now()
    live = UploadLink.select(UploadLink.id).where(LIVE)
    days_over = live.where(UploadLink.expires_at <= now).order_by(UploadLink.expires_at).limit(EACH)
    parts = max(1, -(-live.count() // EACH))
    turn = int((now - datetime.min) / EVERY) % parts
    part = live.order_by(UploadLink.expires_at, UploadLink.id).offset(turn * EACH).limit(EACH)
    numbers = dict.fromkeys(number for query in (days_over, part) for (number,) in query.tuples())
    return sum(UploadLink.end_over(UploadLink.id == number, now) for number in until_asked(numbers))
