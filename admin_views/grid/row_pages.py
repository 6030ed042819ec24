"""Screens about what their address names: a list about one row of another model, and a page about one row of a list."""

import re

from flask import g, redirect

from admin_views.grid.acts import Acts
from admin_views.grid.scoped_views import ScopedView

NAMED = re.compile(r"<(?:\w+:)?(\w+)>")


class ListAbout(Acts):
    """A list about what its address names: the keys of a supplier, the audit log of a case.

    `about` gets what the address names and finds it, or ends with 404; the list and its acts read it as `subject`.
    """

    def about(self, **named):
        """What the address names, if this person may see it; else 404."""
        raise NotImplementedError

    @property
    def subject(self):
        """What this request is about."""
        return g.subject

    def _run_view(self, fn, *args, **keys):
        # Flask-Admin knows no list whose address names something: its views take no such arguments.
        g.named = {name: keys.pop(name) for name in NAMED.findall(self.screen.url)}
        g.subject = self.about(**g.named)
        return super()._run_view(fn, *args, **keys)

    def scoped(self):
        return getattr(self.model, self.scope)(self.subject)

    def get_url(self, endpoint, **values):
        """The address of a view; of one of this list about the same subject."""
        return super().get_url(endpoint, **(g.named if endpoint.startswith(".") else {}), **values)

    def rows(self):
        return (self.subject,)

    def onward(self, *rows, anchor=None):
        return redirect(self.get_url(".index_view", _anchor=anchor))


class RowPage(Acts, ScopedView):
    """A page about one row of the generated list that its screen stands `below`, with what is done there.

    `named_by`: the field that stands in the address; `along`: the foreign keys of the row that are read in the same query.
    """

    along = ()
    named_by = "key"

    def row(self, key):
        """The row that the address names, if this person may see it; else 404."""
        return self.find(self.screen.below.screen.of, key, self.named_by, also=self.along)

    def rows(self, **named):
        ((_, key),) = named.items()
        return (self.row(key),)

    def onward(self, row, *rest, anchor=None):
        (name,) = NAMED.findall(self.screen.url)
        return redirect(self.get_url(".index", _anchor=anchor, **{name: getattr(row, self.named_by)}))
