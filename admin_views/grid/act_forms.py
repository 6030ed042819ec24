"""What an act can be sent: forms whose fields bear the names of the verb's parameters, and the fields themselves."""

from flask import abort, request
from werkzeug.datastructures import CombinedMultiDict
from wtforms import Field, Form, SelectMultipleField, StringField

from admin_views.grid import request_values
from admin_views.grid.scoped_views import find
from models.base import Refused

LONGEST_KEY = 43


def posted():
    """Everything that this request was sent, fields and files, for a form of WTForms; None when it only asks for the page."""
    return CombinedMultiDict([request.form, request.files]) if request.method == "POST" else None


class ActForm(Form):
    """What an act is sent; `name=` at a field is its name in the page, where that is another word."""

    @classmethod
    def sent(cls):
        """The form as this request filled it in; empty when it only asks for the page."""
        return cls(posted())

    def arguments(self):
        """{parameter of the verb: value}."""
        return self.data

    @property
    def typed(self):
        """Everything that was typed, by its name in the page, to show it once more when the verb refused."""
        return request.form


class OfRound(ActForm):
    """A form that says which round of the case its page showed: a page from before a change does nothing."""

    round = StringField(name="ronde")

    def arguments(self):
        return {name: value for name, value in super().arguments().items() if name != "round"}


class TextField(StringField):
    """What was typed; empty when nothing was."""

    def __init__(self, *args, default="", **kwargs):
        super().__init__(*args, default=default, **kwargs)


class Choice(TextField):
    """One of `choices`; for anything else, nothing included unless `default` is one, the request ends with `wrong`."""

    def __init__(self, *args, choices, wrong=404, **kwargs):
        super().__init__(*args, **kwargs)
        self.choices, self.wrong = choices, wrong

    def process_formdata(self, values):
        super().process_formdata(values)
        if self.data not in self.choices:
            abort(self.wrong)


class DayField(StringField):
    """A day; None for what is none: the verb has the sentence for that."""

    def process_formdata(self, values):
        self.data = request_values.day(values[0] if values else None)


class Pressed(Field):
    """Whether the button, or the hidden field, of this name was sent; with `value`, whether it was sent with that value."""

    def __init__(self, *args, value=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.value = value

    def process_formdata(self, values):
        self.data = bool(values) if self.value is None else self.value in values


class Many(SelectMultipleField):
    """All values sent under one name, whatever they are; the verb looks them up among what is there."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, choices=[], validate_choice=False, **kwargs)

    def process_formdata(self, valuelist):
        # No row is named so, and PostgreSQL cannot even be asked for it.
        super().process_formdata([value for value in valuelist if "\x00" not in value])


class ByPrefix(Field):
    """{rest of its name: value} of everything that was sent under names that begin with the name of this field."""

    def process(self, formdata, *args, **kwargs):
        self.process_errors = []
        self.data = {
            name.removeprefix(self.name): value for name, value in (formdata or {}).items() if name.startswith(self.name)
        }


class RequestKey(StringField):
    """The key that a page made for one act, so that a double click is one act; without it the request ends with 400."""

    def process_formdata(self, values):
        key = values[0] if values else ""
        self.data = key if 0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable() else abort(400)


class RowField(StringField):
    """A row of `model` that this person may see, named by its `field`; else the request ends with 404.

    With `optional` an empty choice is no row; without it, it is refused: nothing was chosen.
    """

    def __init__(self, *args, model, field="id", optional=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.model, self.field, self.optional = model, field, optional

    def process_formdata(self, values):
        key = values[0] if values else ""
        if not key and not self.optional:
            raise Refused("Maak eerst een keuze.")
        self.data = find(self.model, key, self.field) if key else None


class Upload(Field):
    """The bytes of an uploaded file, at most `most` of them and one more; b"" when no file was chosen."""

    def __init__(self, *args, most, **kwargs):
        super().__init__(*args, **kwargs)
        self.most = most

    def process_formdata(self, values):
        file = next((one for one in values if getattr(one, "filename", "")), None)
        self.data = file.read(self.most + 1) if file else b""


class ChosenRows(ActForm):
    """What the bar under a list sends: the action, and the rows that were ticked."""

    action = TextField()
    rowid = Many()
