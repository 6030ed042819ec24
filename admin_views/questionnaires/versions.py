"""Questionnaires and their versions: what is in use, what is being prepared, and what is done with a version as a whole."""

from datetime import date

from flask import Response, flash, redirect, request, url_for
from flask_admin import expose
from wtforms import StringField

from admin_views.grid import columns
from admin_views.grid.act_forms import ActForm, Many, TextField, posted
from admin_views.grid.acts import act
from admin_views.grid.filters import OneOf
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.questionnaires.new_questionnaire import NewForm
from admin_views.web.screen import Screen
from models import access, clock, dutch
from models.base import Refused
from models.forms.kind_notation import KIND_LABELS, apart
from models.questionnaires.definition import data_dictionary, new_questionnaire
from models.questionnaires.definition.definition_csv import LARGEST, for_spreadsheet
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.definition.questionnaire import STATE_LABELS, Questionnaire, Version, VersionState
from models.questionnaires.export.answers_export import counts

LOOKS = {"concept": "info", "in gebruik": "success", "gaat nog in": "purple"}
NO_FILE = "Kies eerst het CSV-bestand dat u wilt inlezen."
NO_DAY = "Vul een datum in, bijvoorbeeld 2026-12-31."


class VersionsView(ScopedModelView):
    """Every version of every questionnaire of the own processes."""

    screen = Screen("questionnaires", "/beheer/vragenlijsten", "Vragenlijsten", of=Version, menu="Beheer")
    ability = "curate"
    intro = (
        "De vragenlijsten bij de meldingen, met al hun versies. Een versie die in gebruik is (geweest) verandert nooit meer: "
        "wie iets wil wijzigen, maakt er een concept van en neemt dat in gebruik."
    )
    create_at, create_label = "questionnaires.new", "Nieuwe vragenlijst"
    related = (Version.questionnaire,)
    column_list = ("questionnaire", "number", "standing", "valid_from", "filled")
    column_labels = {
        "questionnaire": "Vragenlijst", "number": "Versie", "standing": "Nu", "valid_from": "Geldt vanaf",
        "filled": "Begonnen bij",
    }  # fmt: skip
    column_sortable_list = ("number", "valid_from")
    column_default_sort = [(Version.questionnaire, False), (Version.number, True)]
    column_filters = (
        OneOf(Version.questionnaire, "Vragenlijst", options=lambda: Questionnaire.pairs(who())),
        OneOf(Version.state, "Stand", options=list(STATE_LABELS.items())),
    )
    column_extra_row_actions = [columns.RowLink("Openen", "eye", lambda row: url_for("version.index", version=row.key))]

    def complete(self, rows):
        filled, in_force = counts(), Version.numbers_in_force()
        for row in rows:
            row.filled, row.now = filled.get(row.id, 0), row.standing(in_force.get(row.questionnaire_id))
        return rows

    def _name(self, context, row, name):
        return columns.link(url_for("version.index", version=row.key), row.questionnaire.name)

    def _standing(self, context, row, name):
        return columns.badge(row.now, LOOKS.get(row.now, "neutral"))

    def _filled(self, context, row, name):
        return dutch.plural(row.filled, "melding", "meldingen")

    column_formatters = {"questionnaire": _name, "standing": _standing, "filled": _filled}

    @expose("/nieuw/", methods=("GET", "POST"))
    def new(self):
        """A questionnaire with its first version, a draft that no melder sees; empty or from a spreadsheet."""
        form = NewForm(posted())
        form.place.choices = new_questionnaire.places(who())
        if request.method == "GET" or not form.validate():
            return self._new(form)
        file = request.files.get("file")
        content = file.stream.read(LARGEST + 1) if file and file.filename else None
        try:
            draft = new_questionnaire.begin(who(), form.place.data, form.name.data, content).version
        except Refused as reason:
            return self._new(form, getattr(reason, "found", None) or [str(reason)])
        flash(f"De vragenlijst ‘{draft.questionnaire.name}’ is gemaakt, als concept. Melders zien deze nog niet.", "success")
        return redirect(url_for("version.index", version=draft.key))

    def _new(self, form, found=()):
        status = 409 if found or form.errors else 200
        return self.render("questionnaires/versions/new.html", form=form, found=found), status


class OfVersion(RowPage):
    """What the screens below one version share."""

    ability = "curate"
    along = (Version.questionnaire,)

    def version(self, key):
        """The version, for who may change questionnaires of its process; 404 or 403 for others."""
        version = self.row(key)
        if not access.may(who(), self.ability, version.questionnaire.in_process):
            self.refuse(f"Version {key}")
        return version

    def page(self, template, version, **more):
        """A page about the version, with what its head shows."""
        in_force = version.questionnaire.in_force()
        draft = version if version.state == VersionState.CONCEPT else version.questionnaire.draft
        standing = version.standing(in_force and in_force.number)
        return self.render(
            f"questionnaires/versions/{template}.html",
            version=version,
            in_force=in_force,
            draft=draft,
            standing=standing,
            look=LOOKS.get(standing, "neutral"),
            is_draft=draft == version,
            answers=access.may(who(), "review", version.questionnaire.in_process),
            **more,
        )

    def back(self, version, anchor=None, view="version.index"):
        return redirect(url_for(view, version=version.key, _anchor=anchor))

    def rows(self, version, **keys):
        return (self.version(version), *keys.values())

    def onward(self, version, *rest, anchor=None):
        return self.back(version, anchor)


class Order(ActForm):
    """A question or block to move a place, or the questions of a block in the order in which they were dragged."""

    up = StringField(name="omhoog")
    down = StringField(name="omlaag")
    block_up = StringField(name="deel-omhoog")
    block_down = StringField(name="deel-omlaag")
    dragged = Many(name="vraag")

    @property
    def anchor(self):
        """Where what moved stands."""
        code, block = self.up.data or self.down.data, self.block_up.data or self.block_down.data
        return f"vraag-{code}" if code else f"deel-{block}" if block else ""


class FirstDay(ActForm):
    day = TextField(name="vanaf", default=lambda: clock.today().isoformat())


def order(version, by, up, down, block_up, block_down, dragged):
    """Put the questions or the blocks of a draft in another order."""
    draft = Draft(version, by)
    if up or down:
        draft.shift(up or down, -1 if up else 1)
    elif block_up or block_down:
        draft.shift_block(block_up or block_down, -1 if block_up else 1)
    else:
        draft.arrange_shown(dragged)


class VersionView(OfVersion):
    """One version: its questions, what changed, and what can be done with it as a whole."""

    screen = Screen("version", "/beheer/vragenlijsten/<version>", "Vragenlijst", listed=False, below=VersionsView)

    @expose("/")
    def index(self, version):
        version = self.version(version)
        _, problems = version.read()
        blocks, rows = version.rows()
        by_block = {block.code: [row for row in rows if row.block_code == block.code] for block in blocks}
        return self.page(
            "version",
            version,
            blocks=blocks,
            rows=by_block,
            problems=problems,
            kind=_kind,
            filled=counts().get(version.id),
            others=version.questionnaire.versions_known(),
        )

    @expose("/kopie", methods=("POST",))
    def copy(self, version):
        """A draft like this version; the one that is there already is opened instead."""
        version = self.version(version)
        try:
            draft = Draft.begin(version.questionnaire, who(), copy=version).version
            flash(f"Concept gemaakt: versie {draft.number}. Niemand ziet het tot u het in gebruik neemt.", "success")
        except Refused as reason:
            draft = version.questionnaire.draft or version
            flash(str(reason), "info")
        return self.back(draft)

    discard = act(
        "/weg",
        Version.discard,
        done="Het concept, versie {0.number}, is weggegooid.",
        then=lambda view, made, version: redirect(url_for("questionnaires.index_view")),
    )
    order = act("/volgorde", order, form=Order, anchor="{sent.anchor}")

    @expose("/verschil")
    def difference(self, version):
        version = self.version(version)
        others = [other for other in version.questionnaire.versions_known() if other != version]
        older = next((other for other in others if other.key == request.args.get("met")), None) or version.before
        return self.page(
            "difference", version, older=older, others=others, change=version.difference(older) if older else None, kind=_kind
        )

    @expose("/in-gebruik", methods=("GET", "POST"))
    def publish(self, version):
        version = self.version(version)
        typed = FirstDay.sent().day.data
        if request.method == "POST":
            try:
                version.publish(who(), _day(typed))
            except Refused as reason:
                flash(str(reason), "error")
            else:
                flash(f"Versie {version.number} geldt vanaf {dutch.long_date(version.valid_from)}.", "success")
            return self.back(version) if version.state != VersionState.CONCEPT else (self._ready(version, typed), 409)
        return self._ready(version, typed)

    def _ready(self, version, typed):
        older = version.before
        return self.page(
            "publish",
            version,
            older=older,
            problems=version.problems() if version.state == VersionState.CONCEPT else [],
            change=version.difference(older) if older else None,
            kind=_kind,
            typed=typed,
            today=clock.today(),
        )

    @expose("/bestand")
    def download(self, version):
        """The version as a file for a spreadsheet."""
        version = self.version(version)
        name = f"{version.questionnaire.code}-versie-{version.number}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(for_spreadsheet(version), mimetype="text/csv; charset=utf-8", headers=headers)

    @expose("/redcap")
    def dictionary(self, version):
        """The version as a data dictionary for REDCap."""
        version = self.version(version)
        name = f"{version.questionnaire.code}-versie-{version.number}-redcap.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(data_dictionary.dump(version), mimetype="text/csv; charset=utf-8", headers=headers)

    @expose("/inlezen", methods=("GET", "POST"))
    def upload(self, version):
        """Take a file in, into the draft; every mistake is told and then nothing is changed."""
        version = self.version(version)
        if request.method == "GET":
            return self.page("upload", version, found=[])
        file = request.files.get("bestand")
        try:
            if not file or not file.filename:
                raise Refused(NO_FILE)
            draft = Draft.take_in(version, who(), file.stream.read(LARGEST + 1)).version
        except Refused as reason:
            return self.page("upload", version, found=getattr(reason, "found", None) or [str(reason)]), 409
        flash(f"Het bestand staat nu in het concept, versie {draft.number}. Hieronder ziet u wat er verandert.", "success")
        return self.back(draft, view=".difference")


def _kind(row):
    """The kind of answer of a question, in a few plain words."""
    word, filling, _ = apart(row.answer)
    label = KIND_LABELS[word][0] if word in KIND_LABELS else row.answer
    parts = "; ".join(filling.split("\n"))
    return f"{label}: {columns.short(parts, 110)}" if parts else label


def _day(text):
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused(NO_DAY) from None
