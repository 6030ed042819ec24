"""The one guarded base of every screen: role, rows, choices, form keys. The only screen file with a query."""

from flask import abort
from flask_admin import BaseView
from flask_security import current_user

from admin_views.onward import log_in_first
from models import access
from models.event import Event


def who():
    """The person who is logged in as a User record, or None: what the models' verbs want as `by`."""
    return current_user._get_current_object() if current_user.is_authenticated else None


class Guarded:
    """Closed unless the person has the screen's `ability`; who is not logged in is led to the log-in page and back."""

    ability = None

    def is_accessible(self):
        return access.may(who(), self.ability)

    def inaccessible_callback(self, name, **values):
        if who() is None:
            return log_in_first()
        self.refuse()

    def refuse(self, subject=""):
        """Answer 403 with the reason, and leave a line in the trail."""
        Event.log("access.refused", by=who(), subject=subject or self.endpoint, result="geweigerd")
        abort(403, description=access.ABILITY_SENTENCES[self.ability])


class ScopedView(Guarded, BaseView):
    """A screen of our own making."""

    def find(self, model, key, field="key", also=()):
        """The row whose `field` is `key`, if this person may see it; else 404, the same for a foreign row as for none.

        `also` names foreign keys, each to another model, whose rows are read in the same query.
        """
        column = getattr(model, field)
        query = access.visible(model, who()).where(column == key)
        for relation in also:
            query = query.select_extend(relation.rel_model).join_from(model, relation.rel_model, on=relation)
        row = query.first() if _fits(column, key) else None
        if row is None:
            if _fits(column, key) and model.select().where(column == key).exists():
                Event.log("access.refused", by=who(), subject=f"{model.__name__} {key}", result="geweigerd")
            abort(404)
        return row


def _fits(column, key):
    """Whether `key` can be looked up at all: a number for a number column, and nothing the database chokes on."""
    if column.field_type in ("INT", "AUTO", "BIGINT"):
        return str(key).isascii() and str(key).isdigit() and len(str(key)) < 10
    return isinstance(key, str) and "\x00" not in key and len(key) < 200
