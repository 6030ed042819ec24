"""The trail of a case as a time line that a person can read and filter."""

from itertools import groupby

from models import clock
from models.dutch import date_and_time, month_name

# action -> (kind of the dot, icon); what is not named here gets the look of its group
LOOKS = {
    "case.open": ("neutral", "plus"),
    "case.submit": ("info", "send"),
    "case.mark_incomplete": ("warning", "warning"),
    "case.approve": ("success", "check-circle"),
    "case.reopen": ("info", "undo"),
    "case.ask": ("warning", "message"),
    "case.entrust": ("neutral", "user"),
    "case.withhold": ("neutral", "user"),
    "verdict.place": ("success", "file-text"),
    "case.restore": ("neutral", "undo"),
    "case.withdraw": ("neutral", "archive"),
    "case.dismiss": ("neutral", "archive"),
    "case.month": ("neutral", "calendar"),
    "case.theme": ("info", "refresh"),
    "document.attach": ("neutral", "upload"),
    "document.remove": ("neutral", "trash"),
    "document.link": ("neutral", "link"),
    "asked.answer": ("neutral", "list"),
    "form.start": ("neutral", "list"),
    "form.answer": ("neutral", "list"),
    "form.carry": ("neutral", "list"),
    "document.generate": ("success", "file-pdf"),
    "inquiry.ask": ("warning", "message"),
    "inquiry.answer": ("info", "message"),
    "inquiry.settle": ("neutral", "check"),
}
GROUPS = {"stap": "Stappen", "bestand": "Bestanden", "notitie": "Notities", "inzage": "Inzage"}
GROUP_LOOKS = {"stap": ("neutral", "clock"), "bestand": ("neutral", "file"), "notitie": ("purple", "message"),
               "inzage": ("neutral", "eye")}  # fmt: skip
SEEN = (
    "case.read", "case.export", "form.read", "document.preview", "document.download", "document.lost", "verdict.read",
    "remark.read", "trail.read", "trail.export", "access.refused",
)  # fmt: skip


def timeline(sheet):
    """What happened to the case of this sheet, latest first, as items for ui.timeline; repeated looks are one item."""
    names = {document.key: document.name for document in [*sheet.files, *sheet.removed]}
    asked = {f"document {line.asked.id}": line.asked.label for line in sheet.dossier.lines}
    items = []
    for _, same in groupby(reversed(sheet.events), _once):
        events = list(same)
        items.append(_item(events[0], len(events), {**names, **asked}))
    return items


def _once(event):
    """Looks at the same thing by the same person on the same day are told once, and so is filling in a questionnaire."""
    if event.action not in (*SEEN, "form.answer"):
        return event.id
    many = event.action in ("form.read", "form.answer")
    return (event.action, event.actor_id, "" if many else event.detail, clock.local_date(event.at))


def _item(event, times, names):
    group = _group(event.action)
    kind, icon = LOOKS.get(event.action, GROUP_LOOKS[group])
    return {
        "when": date_and_time(event.at),
        "who": event.actor.name if event.actor else event.without_account if event.outsider else "Systeem",
        "title": event.label + (f" ({times} keer)" if times > 1 else ""),
        "text": CHANGES[event.action](event.detail) if event.action in CHANGES else _named(event.detail, names),
        "kind": kind,
        "icon": icon,
        "group": group,
    }


def _named(detail, names):
    return ", ".join(filter(None, map(names.get, detail.split(", "))))


def _months(detail):
    """'van oktober 2026 naar september 2026' for what the trail keeps as '2026-10 > 2026-09'."""
    left, _, entered = detail.partition(" > ")
    return " ".join([f"van {month_name(left)}" if left != "None" else "", f"naar {month_name(entered)}"]).strip()


def _themes(detail):
    """'van X naar Y' for what the trail keeps as 'X > Y'."""
    return "van {} naar {}".format(*detail.split(" > ", 1)) if " > " in detail else ""


# action -> the words for what it changed
CHANGES = {"case.month": _months, "case.theme": _themes}


def _group(action):
    if action in SEEN:
        return "inzage"
    if action == "case.note":
        return "notitie"
    return "stap" if action.startswith("case.") or action == "verdict.place" else "bestand"
