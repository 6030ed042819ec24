"""The texts of mails: their templates, and per mail the function that gives its template what it may know."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from models import access, dutch
from models.accounts.contact_point import GENERAL, LNR
from settings import ROOT

if TYPE_CHECKING:
    from models.mail.outbox import Mail

TEMPLATES = Environment(
    loader=FileSystemLoader(ROOT / "templates" / "mail"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters.update(dutch.FILTERS)


def _account(mail):
    # The links of an account that has ended open nothing any more.
    return mail.facts if mail.user.active else None


# {name: a function that gives, from its row and at the moment of sending, what the mail's templates may know, or None when
# there is nothing left to tell}. Each room says its own in a CONTEXTS; `models/__init__.py` puts them together.
CONTEXTS: dict[str, Callable[["Mail"], Any]] = {"account": _account, "invitation": _account}


def part_of_work(mail: "Mail", context: dict) -> str:
    """The part of the work that a mail is about: whose people answer questions about it (ContactPoint)."""
    if mail.month:
        return access.Process.NETHOSS
    if mail.name.startswith("lnr_") or context.get("portal_name") == access.LNR_NAME:
        return LNR
    processes = {label: process for process, label in access.PROCESS_LABELS.items()}
    return processes.get(context.get("process"), GENERAL)  # type: ignore[arg-type]


def mask_links(text: str) -> str:
    """The text without the parts of its links that open something; what the outbox may keep."""
    return re.sub(r"(?<=/)[\w.~-]{20,}", "…", text)
