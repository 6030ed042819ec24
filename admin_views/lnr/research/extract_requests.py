"""Data for research, for the LNR's management: asked for with a purpose, approved by a second person, then made."""

import csv
import io
import zipfile

from flask import Response, abort, flash, redirect, request, url_for
from flask_admin import expose

from admin_views.grid.list_export import harmless
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.lnr.research import parquet
from admin_views.web.screen import Screen
from models import clock
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.lnr.dataset.definition import definition
from models.lnr.research.extract import ALWAYS, FEW, MORE, NUMBER, SMALLEST, YES_NO, Extract, book
from models.lnr.research.extract_request import ExtractRequest

KINDS = {YES_NO: parquet.BOOLEAN, NUMBER: parquet.DOUBLE}
BOOK = ("kolom", "groep", "soort", "betekenis", "waarden")
ABOUT = """{number}: gegevens uit de Landelijke Neonatale Registratie
Jaren van opname: {first} tot en met {last}. Zwangerschapsduur: {children}. Opnamen: {count}. Gemaakt op {made} door {by}.
Aangevraagd door {asker}, goedgekeurd door {approver}.

Doel: {purpose}

opnamen     één regel per opname: wat één keer voorkomt, en wat het register berekende (d_…).
meer        wat vaker voorkomt (groep, rij), en waarom een gegeven onbekend is (groep leeg).
codeboek    alle kolommen met hun betekenis en waarden.

Kinderen, moeders, opnamen en ziekenhuizen hebben namen die alleen in dit bestand gelden. Datums zijn dagen vanaf de geboorte.
Vrije tekst, postcode en nummers zijn weggelaten. De gegevens blijven herleidbaar voor wie een kind kent: bewaar ze versleuteld,
gebruik ze alleen voor het doel hierboven en geef ze niet door.
Publiceer geen aantallen kleiner dan {smallest}, ook niet als ze uit andere cijfers te berekenen zijn.
"""


class ExportView(ScopedView):
    """'LNR-onderzoek'."""

    screen = Screen("lnr_export", "/lnr/onderzoek", "LNR-onderzoek")
    ability = "oversee"

    @expose("/")
    def index(self):
        """Every request, and the form for a new one."""
        this = clock.today().year
        return self.render(
            "lnr/export/index.html",
            requests=ExtractRequest.all(),
            me=who(),
            years=range(this, this - 10, -1),
            smallest=SMALLEST,
            fields=_fields(),
            hospitals=ExtractRequest.places(),
            extracts={one.id: Extract(one) for one in ExtractRequest.all()},
            few=FEW,
        )

    @expose("/aanvragen", methods=("POST",))
    def ask(self):
        """Ask for the data of some years, with a purpose."""
        years = [request.form.get(name, "") for name in ("van", "tot")]
        if not all(year.isascii() and year.isdigit() and len(year) == 4 for year in years):
            abort(404)
        return self._done(
            lambda: self._asked(*map(int, years)),
            "De aanvraag is gedaan. Een collega van het LNR-beheer beoordeelt haar.",
        )

    def _asked(self, first, last):
        fields = [row[0] for row in book() if row[0] in set(request.form.getlist("veld"))]
        weeks = [_weeks(request.form.get(name, "")) for name in ("weken-van", "weken-tot")]
        hospitals = [one.id for one in ExtractRequest.places() if str(one.id) in request.form.getlist("ziekenhuis")]
        asked = ExtractRequest.ask(who(), request.form.get("doel"), first, last, fields, *weeks, hospitals)
        asked.counted(Extract(asked).anonymity())

    @expose("/<research>/besluit", methods=("POST",))
    def decide(self, research):
        """Approve or reject somebody else's request."""
        asked, approved = self.find(ExtractRequest, research), request.form.get("besluit") == "goedkeuren"
        return self._done(lambda: asked.decide(who(), approved, request.form.get("reden")), "De aanvraag is beoordeeld.")

    @expose("/<research>/bestand", methods=("POST",))
    def download(self, research):
        """The file; the trail has a line of it before it leaves."""
        asked, kind = self.find(ExtractRequest, research), request.form.get("soort", "csv")
        if kind not in WRITERS:
            abort(404)
        try:
            asked.demand_open(who())
        except Refused as reason:
            flash(str(reason), "error")
            return redirect(url_for(".index"))
        extract = Extract(asked)
        count = extract.count()
        AuditEvent.log("lnr.export", by=who(), subject=asked.number, detail=f"{count} opnamen, {kind}")
        name = f"{asked.number.lower()}-{kind}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(_connected(_archive(extract, kind, _about(asked, count))), mimetype="application/zip", headers=headers)

    def _done(self, verb, said):
        try:
            verb()
            flash(said, "success")
        except Refused as reason:
            flash(str(reason), "error")
        return redirect(url_for(".index"))


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
            found.setdefault(definition().groups[group].nl or group if group else "Per opname", []).append((name, label))
    return found


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
    """Yield the bytes of a ZIP with the tables, a block at a time."""
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


def _connected(blocks):
    """The blocks; the request that began them, and its connection, is over by the time that they are asked for."""
    opened = db.connect(reuse_if_open=True)
    try:
        yield from blocks
    finally:
        if opened:
            db.close()
