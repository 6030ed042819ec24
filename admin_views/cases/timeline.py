"""The time line that a hospital reads: the deeds of the trail, without who looked at what."""

from itertools import groupby

from admin_views.audit.case_history import LOOKS
from models.clock import local_date
from models.dutch import date_and_time

SEVERAL = {"document.attach": "{} bestanden toegevoegd", "document.remove": "{} bestanden verwijderd"}
OTHER = ("neutral", "undo")


def story(events):
    """Items for ui.timeline; files that one person added or removed on one day are one item."""
    return [_item(list(alike)) for _, alike in groupby(events, _together)]


def _together(event):
    return (event.actor_id, event.action, local_date(event.at)) if event.action in SEVERAL else event.id


def _item(alike):
    event = alike[0]
    kind, icon = LOOKS.get(event.action, OTHER)
    title = SEVERAL[event.action].format(len(alike)) if len(alike) > 1 else event.label
    return {"when": date_and_time(event.at), "who": event.signed, "title": title, "kind": kind, "icon": icon}
