"""Data for research, for the LNR's management: asked for with a purpose, approved by a second person, then made."""

import csv
import io
import zipfile

from flask import Response, abort, redirect, url_for
from flask_admin import expose

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid import columns
from admin_views.grid.act_forms import ActForm, Choice, Many, Pressed, TextField
from admin_views.grid.acts import Acts, act
from admin_views.grid.filters import PeriodFilter, YesNoFilter
from admin_views.grid.list_export import harmless
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.lnr.research import parquet
from admin_views.web.screen import Screen
from models import clock
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.lnr.dataset.definition import definition
from models.lnr.research import anonymity
from models.lnr.research.extract import ALWAYS, MORE, NUMBER, SMALLEST, YES_NO, Extract, book
from models.lnr.research.extract_request import ExtractRequest

PARTS = {"d_": "Berekend door het register", "i_": "Plaats in de indicatoren"}
KINDS = {YES_NO: parquet.BOOLEAN, NUMBER: parquet.DOUBLE}
BOOK = ("kolom", "groep", "soort", "betekenis", "waarden")
ABOUT = """{number}: gegevens uit de Landelijke Neonatale Registratie
Jaren van opname: {first} tot en met {last}. Zwangerschapsduur: {children}. Opnamen: {count}. Gemaakt op {made} door {by}.
Aangevraagd door {asker}, goedgekeurd door {approver}.

Doel: {purpose}

opnamen     één regel per opname: wat één keer voorkomt, wat het register berekende (d_…), en de plaats in de
            indicatoren (i_…), in een gesloten jaar zoals het is gesloten.
meer        wat vaker voorkomt (groep, rij), en waarom een gegeven onbekend is (groep leeg).
codeboek    alle kolommen met hun betekenis en waarden.

Kinderen, moeders, opnamen en ziekenhuizen hebben namen die alleen in dit bestand gelden. Datums zijn dagen vanaf de geboorte.
Vrije tekst, postcode en nummers zijn weggelaten. Wie een kind kent, kan het hierin herkennen. Bewaar de gegevens
versleuteld, gebruik ze alleen voor het doel hierboven en geef ze niet door.
Publiceer geen aantallen kleiner dan {smallest}, ook niet als ze uit andere cijfers te berekenen zijn.
"""


LOOKS = {"aangevraagd": "info", "goedgekeurd": "success", "afgewezen": "error", "verlopen": "neutral"}


class YearField(TextField):
    """A year of an address or a list; anything else ends the request with 404."""

    def process_formdata(self, values):
        super().process_formdata(values)
        self.data = int(self.data) if self.data.isascii() and self.data.isdigit() and len(self.data) == 4 else abort(404)


class NewRequest(ActForm):
    purpose = TextField(name="doel")
    first = YearField(name="van")
    last = YearField(name="tot")
    youngest = TextField(name="weken-van")
    oldest = TextField(name="weken-tot")
    fields = Many(name="veld")
    hospitals = Many(name="ziekenhuis")


def ask(by, purpose, first, last, youngest, oldest, fields, hospitals):
    """Ask for the data of some years, with a purpose."""
    known = [row[0] for row in book() if row[0] in set(fields)]
    places = [one.id for one in ExtractRequest.places() if str(one.id) in hospitals]
    ExtractRequest.ask(by, purpose, first, last, known, _weeks(youngest), _weeks(oldest), places)


class ExportView(Acts, ScopedModelView):
    """'LNR-onderzoek': every request, and the form for a new one."""

    screen = Screen("lnr_export", "/lnr/onderzoek", "LNR-onderzoek", of=ExtractRequest)
    ability = "oversee"
    list_template = "lnr/export/index.html"
    heading = "Gegevens voor onderzoek"
    intro = "Een aanvraag heeft een doel en wordt door een tweede persoon goedgekeurd. Elke stap staat in het logboek."
    empty = ("Nog geen aanvragen",)
    related = (ExtractRequest.asked_by,)
    column_list = ("id", "purpose", "first", "asked_by", "asked_at", "approved")
    column_labels = {
        "id": "Aanvraag", "purpose": "Doel", "first": "Jaren van opname", "asked_by": "Aangevraagd door",
        "asked_at": "Aangevraagd op", "approved": "Stand",
    }  # fmt: skip
    column_sortable_list = ("asked_at",)
    column_default_sort = ("asked_at", True)
    column_filters = (
        YesNoFilter(ExtractRequest.decided_at, "Beslist", empty=True),
        PeriodFilter(ExtractRequest.asked_at, "Aangevraagd op"),
    )
    column_formatters = {
        "id": lambda view, context, row, name: columns.link(url_for("lnr_request.index", research=row.key), row.number),
        "purpose": lambda view, context, row, name: columns.short(row.purpose),
        "first": lambda view, context, row, name: f"{row.first} tot en met {row.last}",
        "asked_by": lambda view, context, row, name: row.asked_by.name,
        "asked_at": columns.moment,
        "approved": lambda view, context, row, name: columns.badge(row.state().capitalize(), LOOKS[row.state()]),
    }

    def beside(self):
        this = clock.today().year
        return {"years": range(this, this - 10, -1), "fields": _fields(), "hospitals": ExtractRequest.places()}

    ask = act("/aanvragen", ask, form=NewRequest, done="De aanvraag is gedaan. Een collega van het LNR-beheer beoordeelt die.")

    def onward(self, anchor=None):
        return redirect(url_for(".index_view"))


class Decision(ActForm):
    approved = Pressed(name="besluit", value="goedkeuren")
    reason = TextField(name="reden")
    seen = TextField(name="gezien")


class Format(ActForm):
    kind = Choice(name="soort", choices=("csv", "parquet"), default="csv")


class RequestView(ShortlyAfterSecondStep, RowPage):
    """One request: what it asks for, the decision, and the file."""

    screen = Screen("lnr_request", "/lnr/onderzoek/<research>", "Aanvraag voor onderzoek", listed=False, below=ExportView)
    ability = "oversee"
    shortly = ("decide", "download")
    along = (ExtractRequest.asked_by,)

    @expose("/")
    def index(self, research):
        (asked,) = self.rows(research=research)
        shown = dict(one=asked, me=who(), smallest=SMALLEST, few=anonymity.FEW, looks=LOOKS, book=Extract(asked).book())
        return self.render("lnr/export/request.html", **shown)

    decide = act("/besluit", ExtractRequest.decide, form=Decision, done="De aanvraag is beoordeeld.")

    recount = act(
        "/opnieuw",
        ExtractRequest.recount,
        done="De gegevens zijn opnieuw geteld. Een collega van het LNR-beheer beoordeelt de aanvraag opnieuw.",
    )

    @expose("/bestand", methods=("POST",))
    def download(self, research):
        """The file; the trail has a line of it before it leaves, and one when all of it left."""
        (asked,), kind = self.rows(research=research), Format.sent().kind.data
        try:
            extract = asked.demand_open(who())
        except Refused as reason:
            return self.refused(reason, None, asked)
        count = len(extract.first)
        line = {"by": who(), "subject": asked.number, "detail": f"{count} opnamen, {kind}"}
        AuditEvent.log("lnr.export", **line)
        name = f"{asked.number.lower()}-{kind}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        blocks = _to_the_end(_archive(extract, kind, _about(asked, count)), line)
        return Response(_connected(blocks), mimetype="application/zip", headers=headers)


def _weeks(text):
    """A number of weeks, None for an empty field. Raises Refused."""
    if not (text := text.strip()):
        return None
    if not (text.isascii() and text.isdigit() and 20 <= int(text) <= 45):
        raise Refused("Vul hele weken zwangerschapsduur in, van 20 tot en met 45.")
    return int(text)


def _fields():
    """{section or group: [(name, label)]} of what can be chosen."""
    found = {}
    for name, group, _, label, _ in book():
        if name not in ALWAYS:
            found.setdefault(_part(name, group), []).append((name, label))
    return found


def _part(name, group):
    if group:
        return definition().groups[group].nl or group
    return PARTS.get(name[:2], "Per opname")


def _about(asked, count):
    return ABOUT.format(
        number=asked.number,
        first=asked.first,
        last=asked.last,
        children=asked.children,
        count=count,
        made=f"{clock.today():%d-%m-%Y}",
        by=who().name,
        asker=asked.asked_by.name,
        approver=asked.decided_by.name,
        purpose=asked.purpose,
        smallest=SMALLEST,
    )


class _Outlet(io.RawIOBase):
    """Where the archive writes; what was written is taken away piece by piece."""

    def __init__(self):
        self.held = bytearray()

    def writable(self):
        return True

    def write(self, block):
        self.held += block
        return len(block)

    def take(self):
        taken, self.held = bytes(self.held), bytearray()
        return taken


def _archive(extract, kind, about):
    """Yield the bytes of a ZIP with the tables, a block at a time.

    What changed since it was counted ends it with StaysChanged, before the directory without which nothing opens a ZIP.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("LEESMIJ.txt", about)
        heads = [(one.name, KINDS.get(one.kind, parquet.TEXT)) for one in extract.columns]
        tables = {
            f"opnamen.{kind}": WRITERS[kind](heads, extract.stays()),
            f"meer.{kind}": WRITERS[kind](
                [(name, parquet.DOUBLE if name == "rij" else parquet.TEXT) for name in MORE], extract.more()
            ),
            "codeboek.csv": _csv([(name, parquet.TEXT) for name in BOOK], [extract.book()]),
        }
        for name, blocks in tables.items():
            with archive.open(name, "w", force_zip64=True) as file:
                for block in blocks:
                    file.write(block)
                    yield outlet.take()
    yield outlet.take()


def _csv(heads, blocks):
    """Yield a CSV with points in numbers and 1 and 0 for yes and no, as programs for statistics read it."""
    yield _lines([[name for name, _ in heads]])
    for rows in blocks:
        yield _lines([[_cell(value) for value in row] for row in rows])


def _lines(rows):
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()


def _cell(value):
    if isinstance(value, bool):
        return int(value)
    return harmless(value) if isinstance(value, str) else value


WRITERS = {"csv": _csv, "parquet": parquet.parquet}


def _to_the_end(blocks, line):
    """The blocks; the trail tells when the last was taken, which a download that broke off never asks for."""
    yield from blocks
    AuditEvent.log("lnr.export_done", **line)


def _connected(blocks):
    """The blocks; the request that began them, and its connection, is over by the time that they are asked for."""
    opened = db.connect(reuse_if_open=True)
    try:
        yield from blocks
    finally:
        if opened:
            db.close()
