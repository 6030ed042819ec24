"""Acts declared: one line says where a verb is reached, with which form, what is said when it is done, and where to go on.

    note = act("/<key>/notitie", Case.note, form=Note, done="De notitie is opgeslagen.", anchor="notities")

The verb gets the rows of the address, who asks as `by`, and the fields of the form by the names of its own parameters. It
demands the right and writes the line in the trail itself; what it refuses is told in its own words.
"""

from flask import flash
from flask_admin.actions import action

from admin_views.grid.act_forms import ActForm, OfRound
from admin_views.grid.scoped_views import who
from models import access
from models.base import Refused


class Acts:
    """A screen with acts. It says which rows an address is about, and may say where to go on and what a refusal shows."""

    def rows(self, **keys):
        """The rows that the address names, as a tuple in the order of the verb's parameters; 404 for what is out of sight."""
        return ()

    def onward(self, *rows, anchor=None):
        """The answer after an act: where its button stands, at `anchor`."""
        raise NotImplementedError

    def repeats(self, verb, form, *rows):
        """Whether this very person has done just this already: the other click of a double click is no error."""
        return False

    def refused(self, reason, form, *rows, anchor=None):
        """The answer when the verb refused: the reason, and back to where the act stands."""
        flash(str(reason), "error")
        return self.onward(*rows, anchor=anchor)


def act(path, verb, form=ActForm, done="", anchor="", then=None, ability=None):
    """A view for POST at `path` that does `verb(*rows, by=…, **fields of the form)`.

    `done`: a sentence in which {0} is the first row and {made} what the verb returned, or a function of (made, *rows) that
    gives one; empty says nothing. `anchor`: where on the page the button stands, in which {sent} is the form.
    `then(view, made, *rows)`: the answer, instead of the screen's own `onward`.
    `ability`: what this act wants beyond the screen's own.
    """

    def view(self, **keys):
        if ability and not access.may(who(), ability):
            self.refuse()
        rows, sent, place, made = self.rows(**keys), form(), None, None
        try:
            sent = form.sent()
            place = anchor.format(*rows, sent=sent) or None
            if isinstance(sent, OfRound):
                rows[0].as_seen(sent.round.data)
            made = verb(*rows, by=who(), **sent.arguments())
        except Refused as reason:
            if not self.repeats(verb.__name__, sent, *rows):
                return self.refused(reason, sent, *rows, anchor=place)
        if said := done(made, *rows) if callable(done) else done.format(*rows, made=made):
            flash(said, "success")
        return then(self, made, *rows) if then else self.onward(*rows, anchor=place)

    view.__name__, view.__doc__ = verb.__name__, verb.__doc__
    view._urls = [(path, ("POST",))]  # what Flask-Admin's expose() leaves on a view
    view.act = verb
    return view


def row_act(name, label, verb, one, many, confirm=None):
    """An action of a list that does `verb(row, by=…)` with every chosen row, and counts: 'mail vervalt', 'mails vervallen'."""

    @action(name, label, confirm)
    def chosen(self, rows):
        self.each(rows, lambda row: verb(row, by=who()), one, many)

    chosen.__name__, chosen.__doc__ = name, verb.__doc__
    chosen.act = verb
    return chosen
