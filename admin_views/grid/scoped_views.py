"""The one guarded base of every screen: role, rows, choices, form keys. The only screen file with a query."""

from datetime import date, datetime

from flask import abort, request
from flask_admin import BaseView, helpers
from flask_admin.contrib.peewee import ModelView
from flask_security import current_user
from peewee import PREFETCH_TYPE, SQL, Load
from peewee import Case as CaseWhen
from wtfpeewee.fields import SelectQueryField

from admin_views.grid import columns
from admin_views.grid.list_actions import ListActions
from admin_views.grid.list_export import Exported
from admin_views.grid.paging import COUNTED, Paged, Place
from admin_views.grid.row_saving import SavedRow, TidyConverter
from admin_views.web.safe_redirect import log_in_first, own_path
from admin_views.web.screen import Placed
from models import access, dutch
from models.audit.audit_event import AuditEvent
from models.base import db, in_passing
from models.cases.case import Case

MOST_CHOICES = 2000

# Flask-Admin goes back to any address that its own check takes for ours; browsers repair some of those into another host.
helpers.is_safe_url = lambda target: own_path(target) is not None


def who():
    """The person who is logged in as a User record, or None: what the models' verbs want as `by`."""
    person = current_user._get_current_object()  # once: a page asks this a hundred times
    return person if person.is_authenticated else None


class Guarded(Placed):
    """Closed unless the person has the screen's `ability`; who is not logged in is led to the log-in page and back."""

    ability = None
    others = ()  # abilities that open the screen as well
    reads = None  # the action in the trail for who was shown what the screen is about; None: no line, or lines by hand
    process = None  # the one process that the screen is about; None: all in which the person has the ability

    def is_accessible(self):
        return any(access.may(who(), ability, self.process) for ability in (self.ability, *self.others))

    def inaccessible_callback(self, name, **values):
        if who() is None:
            return log_in_first()
        self.refuse()

    def refuse(self, subject=""):
        """Answer 403 with the reason, and leave a line in the trail."""
        AuditEvent.log("access.refused", by=who(), subject=subject or self.endpoint, result="geweigerd")
        abort(403, description=access.ABILITY_SENTENCES[self.ability])

    def find(self, model, key, field="key", also=()):
        """The row whose `field` is `key`, see `find` below."""
        return find(model, key, field, also)


class ScopedView(Guarded, BaseView):
    """A screen of our own making."""

    def render(self, template, **context):
        """The page; that its `case` was read is in the trail first."""
        if self.reads and "case" in context:
            AuditEvent.seen(self.reads, who(), context["case"])
        return super().render(template, **context)


def find(model, key, field="key", also=()):
    """The row whose `field` is `key`, if this person may see it; else 404, the same for a foreign row as for none.

    `also` names foreign keys, each to another model, whose rows are read in the same query.
    """
    column = getattr(model, field)
    query = access.visible(model, who()).where(column == key)
    for relation in also:
        query = query.select_extend(relation.rel_model).join_from(model, relation.rel_model, on=relation)
    row = query.first() if _fits(column, key) else None
    if row is None:
        if foreign := _fits(column, key) and model.select().where(column == key).first():
            about = {"case": foreign} if model is Case else {"subject": f"{model.__name__} {key}"}
            AuditEvent.log("access.refused", by=who(), result="geweigerd", **about)
        abort(404)
    return row


class ScopedSelect(SelectQueryField):
    """A choice among the rows of another model that this person may see."""

    def __init__(self, *args, model, order=None, **kwargs):
        self.order = order or model._meta.primary_key
        super().__init__(*args, query=model.select(), blank_text="Geen", **kwargs)

    @property
    def query(self):
        return access.visible(self.model, who()).order_by(self.order).limit(MOST_CHOICES)

    @query.setter
    def query(self, query):
        """The choices depend on who asks; what the field was made with only names the model."""
        self.model = query.model

    def get_model(self, pk):
        return super().get_model(pk) if _fits(self.model._meta.primary_key, pk) else None


class ScopedConverter(TidyConverter):
    """Form fields that offer no row, and take none, that the person may not see."""

    def handle_foreign_key(self, model, field, **kwargs):
        order = getattr(field.rel_model, "name", None)
        return field.name, ScopedSelect(model=field.rel_model, order=order, allow_blank=field.null, **kwargs)


FORMATS = {
    bool: lambda view, value, name: "ja" if value else "nee",
    datetime: lambda view, value, name: dutch.date_and_time(value),
    date: lambda view, value, name: columns.day(value),
    type(None): lambda view, value, name: "",
}


class ScopedModelView(Guarded, ListActions, Paged, Exported, SavedRow, ModelView):
    """Flask-Admin's screens over one model: only the rows this person may see, in every corner of them.

    A screen names its columns, the foreign keys to read along (`related`), a `search_hint` when its model answers
    `matching`, and turns `can_create` or `can_edit` on. Nothing is ever deleted here.
    """

    can_create = can_edit = can_delete = False
    model_form_converter = ScopedConverter
    details_template = "accounts/details.html"
    column_type_formatters = column_type_formatters_detail = FORMATS
    related = ()
    hidden = frozenset()  # fields that are not even read
    scope = None  # the name of a question of the model that says which rows the screen is about
    empty = None  # title and sentence of a list in which nothing stands

    # Flask-Admin finds these by name: without them there is no such address, and no such choice.
    delete_view = ajax_update = ajax_lookup = action_delete = None

    def __init__(self, model, *args, **kwargs):
        choices = {field.name: [*field.choices, (None, "–")] for field in model._meta.sorted_fields if field.choices}
        self.column_choices = {**choices, **(self.column_choices or {})}
        super().__init__(model, *args, **kwargs)

    @property
    def heading(self):
        """What stands above the list."""
        return self.name

    def above(self):
        """(text, address or None) of what the list stands below, in the path of the page."""
        return [(self.category, None)] if self.category else []

    def beside(self):
        """What the page of the list shows beside its rows, for its template."""
        return {}

    def told(self, row=None):
        """What a line in the trail says that the list, or this row of it, is about."""
        return {"case": getattr(row, "case", None), "subject": f"{self.name}, één regel" if row else self.name}

    def render(self, template, **context):
        """The page; that the list or one row of it was read is in the trail first."""
        if template == self.list_template:
            context |= self.beside()
        if self.reads and template in (self.list_template, self.details_template):
            AuditEvent.log(self.reads, by=who(), **self.told(context.get("model")))
        return super().render(template, **context)

    def get_query(self):
        rows = access.visible(self.model, who()).select(*self._read(self.model))
        rows = rows.where(self.scoped()) if self.scope else rows
        return rows.where(self.model.of_process({self.process})) if self.process else rows

    def scoped(self):
        """Which of the visible rows the screen is about, as an expression."""
        return getattr(self.model, self.scope)()

    def _read(self, model):
        return [field for field in model._meta.sorted_fields if field not in self.hidden]

    def complete(self, rows):
        """Fetch what the columns need beyond the rows themselves, in a fixed number of queries; returns the rows."""
        return rows

    def get_one(self, id):
        """The row, if this person may see it; else 404, the same for a foreign row as for none."""
        return self.get_all([id])[0]

    def get_all(self, ids):
        """These rows, or 404 when one of them is not there for this person."""
        key = self.model._meta.primary_key
        asked = set(map(str, ids))
        known = [int(id) for id in asked if _fits(key, id)]
        rows = list(self._with_related(self.get_query().where(key.in_(known))))
        if len(rows) < len(asked):
            seen = {row._pk for row in rows}
            for (foreign,) in self.model.select(key).where(key.in_(known), key.not_in(seen)).tuples():
                AuditEvent.log("access.refused", by=who(), subject=f"{self.model.__name__} {foreign}", result="geweigerd")
            abort(404)
        return self.complete(rows)

    def get_list(self, page, sort_column, sort_desc, search, filters, execute=True, page_size=None):
        query = self.narrowed(search, filters)
        count = self.how_many(query, search, filters)
        place = Place(page, page_size, count, from_end="eind" in request.args)
        if place.capped:
            query = self.narrowed(search, filters, common=True)
        if search:
            # What was typed may be somebody's number or name; that there was a search is enough.
            AuditEvent.log("row.search", by=who(), subject=self.name, detail=place.total)
        query = self._ordered(query, sort_column, sort_desc, place.from_end).limit(place.size).offset(place.offset)
        rows = list(self._with_related(query))
        return count, self.complete(rows[::-1] if place.from_end else rows)

    def how_many(self, query, search, filters):
        """How many rows `query` finds; more than COUNTED need not be counted."""
        return query.limit(COUNTED + 1).count()

    def narrowed(self, search, filters, common=False):
        """The visible rows that answer this search and these filters, as a query; `common` when very many rows do."""
        clauses = [self.model.matching(search, who())] if search and self.search_hint else []
        for index, _, value in filters or ():
            chosen = self._filters[index]
            clauses.append(chosen.clause(chosen.clean(value)))
        return self.get_query().where(*(map(in_passing, clauses) if common else clauses))

    def _ordered(self, query, column, descending, backwards=False):
        """In the order asked for, and by key in the end, so that no row stands on two pages."""
        order = [(self._sortable_columns[column], descending)] if column else self._get_default_order() or []
        clauses = []
        for field, down in [*order, (self.model._meta.primary_key, order[0][1] if order else False)]:
            field = getattr(self.model, field) if isinstance(field, str) else field
            if field.model is not self.model:
                query = query.left_outer_join(field.model)
            clauses.append(field.desc() if bool(down) != backwards else field.asc())
        return query.order_by(*clauses)

    def _with_related(self, query):
        return query.with_related(*map(self._along, self.related))

    def _along(self, key):
        # Materialized: else the whole query is repeated as a sub-select for every key.
        return Load(key, key.rel_model.select(*self._read(key.rel_model)), strategy=PREFETCH_TYPE.MATERIALIZE)

    def selected(self, asked, limit):
        """The keys of what an address selects, in its order, at most `limit`."""
        query = self._ordered(self.narrowed(asked.search, asked.filters), self.sorted_by(asked.sort), asked.sort_desc)
        return [key for (key,) in query.select(self.model._meta.primary_key).limit(limit).tuples()]

    def blocks(self, ids, size=1000):
        """The rows with these keys in their order, a block at a time."""
        key = self.model._meta.primary_key
        for start in range(0, len(ids), size):
            block = ids[start : start + size]
            rows = {row._pk: row for row in self.complete(list(self._with_related(self._among(key, block))))}
            yield [rows[id] for id in block if id in rows]

    def _among(self, key, block):
        """The rows with these keys, through get_query once more: rights may have ended since they were read.

        The scope in a CASE: by the index of a column of few values SQLite would read the whole table for every block.
        """
        query = self.get_query()
        scope, query._where = query._where, None
        query = query.where(key.in_(block))
        return query if scope is None else query.where(CaseWhen(None, [(scope, SQL("true"))]))

    def stored(self, row):
        """The row as the database has it now, held until the transaction ends; None when it is out of this person's sight."""
        query = self.get_query().where(self.model._meta.primary_key == row._pk)
        return (query.for_update() if db.for_update else query).first()


def _fits(column, key):
    """Whether `key` can be looked up at all: a number for a number column, and nothing the database chokes on."""
    if column.field_type in ("INT", "AUTO", "BIGINT"):
        return str(key).isascii() and str(key).isdigit() and len(str(key)) < 10
    return isinstance(key, str) and "\x00" not in key and len(key) < 200
