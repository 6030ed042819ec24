"""How cells of a list look: badges, links, and buttons that do something to one row."""

from flask import get_template_attribute
from flask_admin.model.template import BaseListRowAction
from markupsafe import Markup, escape

from models import dutch


def _ui(macro):
    return get_template_attribute("components.html", macro)


def badge(label, kind="neutral"):
    """A coloured word; kinds: neutral, info, success, warning, error, purple."""
    return _ui("badge")(label, kind)


def progress(value, of, label):
    """A bar with '3 van 8' beside it; `label` says of what."""
    return _ui("progress")(value, of, label, f"{value} van {of}")


def status(view, context, row, name):
    """The badge of a case's status."""
    return _ui("status_badge")(row.status)


def link(address, text):
    # Not by `Markup.format`, which reads its text anew for each cell of fifty rows.
    return Markup(f'<a class="nowrap" href="{escape(address)}">{escape(text)}</a>')


def with_note(text, note):
    """Something with a small line below it, or alone when there is nothing to note."""
    return Markup("{} <br><small>{}</small>").format(text, note) if note else text


def short(text, longest=120):
    """The beginning of a long text, for a list."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def when(view, context, row, name):
    """A stored moment as a short date, with the time for who wants it."""
    moment = getattr(row, name)
    if moment is None:
        return ""
    return Markup(f'<time class="nowrap" title="{dutch.date_and_time(moment)}">{dutch.short_date(moment)}</time>')


def moment(view, context, row, name):
    """A stored moment in words, with the time; 'nog niet' when it did not come yet."""
    value = getattr(row, name)
    return dutch.date_and_time(value) if value else "nog niet"


def day(value):
    return Markup('<time class="nowrap">{}</time>').format(dutch.short_date(value))


def month(view, context, row, name):
    value = getattr(row, name)
    return dutch.month_name(value) if value else ""


def joined(view, context, row, name):
    return ", ".join(getattr(row, name))


class RowLink(BaseListRowAction):
    """A link beside a row; `address(row)` says where to."""

    def __init__(self, title, icon, address):
        super().__init__(title=title)
        self.icon_class, self.address = icon, address

    def render(self, context, row_id, row):
        return self._resolve_symbol(context, "row_actions.link")(self, self.address(row))


class RowButton(BaseListRowAction):
    """A button beside a row that does one of the list's actions with this row alone."""

    def __init__(self, view, action, title, icon=None, shown=lambda row: True):
        super().__init__(title=title)
        self.view, self.action, self.icon, self.shown = view, action, icon, shown

    def render(self, context, row_id, row):
        if not self.shown(row):
            return ""
        fields = {"action": self.action, "rowid": row_id, "url": context["return_url"]}
        address = self.view.get_url(".action_view")
        return _ui("post_button")(self.title, address, "quiet", icon=self.icon, fields=fields, small=True)
