"""The answers of a version as a file for analysis, with its code book: for the coordinator of the process."""

import re

from flask import Response, flash
from flask_admin import expose

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.grid.act_forms import ActForm, Choice, TextField
from admin_views.grid.list_export import as_csv, as_workbook, local_moment
from admin_views.grid.scoped_views import who
from admin_views.grid.workbook import WorkbookPage
from admin_views.questionnaires.versions import OfVersion, VersionsView
from admin_views.web.screen import Screen
from models import clock
from models.base import Refused
from models.questionnaires.export.answers_export import CASE, Answers

BOOK = {
    "name": "Kolom", "code": "Vraag", "block": "Onderdeel", "label": "Tekst", "kind": "Soort", "values": "Waarden",
    "unit": "Eenheid", "condition": "Tonen als", "required": "Verplicht",
}  # fmt: skip
ABOUT_CASE = {
    "casus": "ID van de melding", "status": "Status van de melding", "ziekenhuis": "Code van het ziekenhuis",
    "maand": "Maand waarvoor de melding meetelt", "ingediend_op": "Dag van indienen",
    "compleet": "Of de vragenlijst compleet is",
}  # fmt: skip

YEAR = re.compile(r"20\d\d", re.ASCII)


class CodedView(ShortlyAfterSecondStep, OfVersion):
    """What can be taken out of one version, and the file itself."""

    screen = Screen("coded", "/beheer/vragenlijsten/<version>/antwoorden", "Antwoorden", listed=False, below=VersionsView)
    ability = "review"
    shortly = ("download",)

    @expose("/")
    def index(self, version):
        version = self.version(version)
        answers = Answers(version, who())
        return self.page("answers", version, count=answers.count(), years=answers.years())

    @expose("/bestand", methods=("POST",))
    def download(self, version):
        """A file with everything that was answered; the trail has a line of it before it leaves."""
        version = self.version(version)
        asked = ExportChoice.sent()
        kind, year = asked.kind.data, asked.year.data
        year = int(year) if YEAR.fullmatch(year) else None
        answers = Answers(version, who(), exact=asked.days.data == "exact", year=year)
        try:
            count = answers.gather(kind)
        except Refused as reason:
            flash(str(reason), "error")
            return self.back(version, view=".index")
        content, mimetype = KINDS[kind](answers, _about(version, answers, count))
        name = f"{version.questionnaire.code}-v{version.number}-{kind}-{clock.today():%Y%m%d}.{kind.split('-')[-1]}"
        return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _about(version, answers, count):
    by = answers.by
    return [
        ("Vragenlijst", str(version)),
        ("Datums", "zoals ingevuld" if answers.exact else "als dagen vanaf dag0"),
        ("Ingediend in", answers.year or "alle jaren"),
        ("Aantal meldingen", count),
        ("Gemaakt op", local_moment(clock.now())),
        ("Gemaakt door", f"{by.name} ({by.email})"),
        ("Let op", "Deze gegevens gaan over patiënten. Bewaar het bestand versleuteld en deel het alleen met de commissie."),
    ]


def _book(answers):
    """The rows of the code book."""
    yield from ([name, "", "Melding", text, "", "", "", "", ""] for name, text in ABOUT_CASE.items())
    yield from ([getattr(column, name) for name in BOOK] for column in answers.columns())


def _heads(answers):
    return [*CASE, *(column.name for column in answers.columns())]


def _xlsx(answers, about):
    heads, book = _heads(answers), list(BOOK.values())
    return as_workbook(
        WorkbookPage("Antwoorden", (row for block in answers.rows() for row in block), heads, (12,) * len(heads)),
        WorkbookPage("Codeboek", _book(answers), book, (18, 8, 28, 60, 14, 60, 10, 40, 10)),
        WorkbookPage("Toelichting", about, widths=(20, 90)),
    )


KINDS = {
    "xlsx": _xlsx,
    "csv": lambda answers, about: as_csv(_heads(answers), answers.rows()),
    "codeboek-csv": lambda answers, about: as_csv(list(BOOK.values()), [_book(answers)]),
}


class ExportChoice(ActForm):
    kind = Choice(name="soort", choices=tuple(KINDS), default="csv")
    year = TextField(name="jaar")
    days = TextField(name="datums")
