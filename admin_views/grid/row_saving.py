"""Between a form and its row: tidy text, two people at one row, and what a person reads when saving fails."""

import hashlib
import json

from flask import flash
from flask_admin.contrib.peewee.form import CustomModelConverter
from peewee import CharField, DataError, IntegrityError, Model, TextField
from wtforms import HiddenField
from wtforms.validators import Length

from models.base import Refused, db
from models.dutch import plural
from models.typed_text import plain

LONGEST = 5000
NOT_TOGETHER = "Deze gegevens passen niet bij elkaar of bij wat er al is opgeslagen. Controleer wat u hebt ingevuld."
STALE = "Iemand heeft dit intussen gewijzigd. Uw tekst staat er nog; hieronder ziet u wat er nu is opgeslagen."
STALE_END = "Klopt uw tekst, sla dan nog een keer op."


def tidy(text):
    """Text as people see it, without spaces around it and without the characters that a database does not take."""
    return plain(text).replace("\x00", "").strip() if isinstance(text, str) else text


class Stale(Refused):
    """The row is not what the form was made from; `fields` maps the names that differ now to what is stored."""

    def __init__(self, fields):
        super().__init__(f"{STALE} {STALE_END}")
        self.fields = fields


class Stamp(HiddenField):
    """What the row looked like when its form was made. Never written to the row."""

    def populate_obj(self, obj, name):
        return None


class TidyConverter(CustomModelConverter):
    """Fields as Flask-Admin makes them, with tidy text of bounded length."""

    def convert(self, model, field, field_args):
        args = dict(field_args or {})
        if isinstance(field, CharField | TextField) and not field.choices:
            args["filters"] = [*args.get("filters", ()), tidy]
            args["validators"] = [*args.get("validators", ()), Length(max=LONGEST)]
        return super().convert(model, field, args)


def stamped(form_class):
    """The form with its stamp."""
    return type(form_class.__name__, (form_class,), {"stamp": Stamp()})


def contents(form):
    """What the form holds of its row, by name, as text that can be compared."""
    return {field.short_name: _text(field.data) for field in form if hasattr(form._obj, field.short_name)}


def _text(value):
    if isinstance(value, Model):
        return str(value._pk)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(sorted(map(str, value)))
    return "" if value is None else str(value)


def stamp_of(form):
    """A short name for everything the form holds."""
    return hashlib.sha256(json.dumps(contents(form)).encode()).hexdigest()[:20]


def check(form, stored):
    """Raise Stale unless `form` was made from the row of which `stored` is the form now, or asks for what is there already."""
    if form.stamp.data == stamp_of(stored):
        return
    typed, there = contents(form), contents(stored)
    form.stamp.data = stamp_of(stored)
    differing = {name: stored[name].data for name in there if typed[name] != there[name]}
    if differing:
        raise Stale(differing)


def explain(form, problem, model):
    """Say at the form why nothing was saved; `problem` is a Refused, or what the database said."""
    if isinstance(problem, Stale):
        for name, value in problem.fields.items():
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            form[name].errors = [f"Nu opgeslagen: {shown if shown not in (None, '') else '(leeg)'}"]
    elif not isinstance(problem, Refused):
        taken = _taken(form, str(problem), model)
        for field in taken:
            field.errors = ["Dit bestaat al. Vul iets anders in."]
        problem = "Niet opgeslagen: dit bestaat al." if taken else NOT_TOGETHER
    flash(str(problem), "error")


def _taken(form, message, model):
    """The fields whose value another row has already, by the words of the database: 'table.column' or 'table_column'."""
    meta = model._meta
    unique = {field.name: field.column_name for field in meta.sorted_fields if field.unique}
    sets = [names for names, is_unique in meta.indexes if is_unique]
    named = {name for name, column in unique.items() if _names(message, meta.table_name, column)}
    for names in sets:
        columns = [meta.fields[name].column_name for name in names]
        if _names(message, meta.table_name, *columns):
            named |= set(names)
    return [field for field in form if field.short_name in named]


def _names(message, table, *columns):
    if "UNIQUE constraint failed" in message:
        failed = message.partition("failed: ")[2].split(", ")
        return failed == [f"{table}.{column}" for column in columns]
    return "unique" in message and f'"{table}_{"_".join(columns)}"' in message


class SavedRow:
    """Creating and editing rows, each with its line in the trail, in one transaction."""

    create_label, edit_label = "Toevoegen", "{} wijzigen"  # titles; {} is the row

    def scaffold_form(self):
        args = self.form_args or {}
        self.form_args = {name: {"label": self.get_column_name(name), **args.get(name, {})} for name in self.form_columns or ()}
        return super().scaffold_form()

    def get_edit_form(self):
        return stamped(super().get_edit_form())

    def edit_form(self, obj=None):
        form = super().edit_form(obj)
        form.stamp.data = form.stamp.data or stamp_of(form)
        return form

    def create_model(self, form):
        return self._write(form)

    def update_model(self, form, model):
        return bool(self._write(form, model))

    def _write(self, form, row=None):
        """Let the model add or change the row, with its line in the trail: the row, or False, and the form says why."""
        try:
            with db.atomic():
                if row is None:
                    row = self.add(form)
                else:
                    check(form, self._edit_form_class(None, obj=self.stored(row)))
                    self.save(form, row)
                if self.stored(row) is None:
                    raise Refused("U mag dit niet zo opslaan: u zou het zelf niet meer kunnen zien.")
        except (Refused, IntegrityError, DataError) as problem:
            explain(form, problem, self.model)
            return False
        return row

    def add(self, form):
        """Make a row of the form by a verb of the model, which demands the right and writes the line. Raises Refused."""
        raise NotImplementedError

    def save(self, form, row):
        """Change the row by a verb of the model, in the same way."""
        raise NotImplementedError

    def each(self, rows, verb, one, many):
        """Do `verb` with every row, and tell how often it was possible and why not for the others."""
        done = 0
        for row in rows:
            try:
                verb(row)
                done += 1
            except Refused as reason:
                flash(str(reason), "error")
        if done:
            flash(f"{plural(done, one, many)}.", "success")
