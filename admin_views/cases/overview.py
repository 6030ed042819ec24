"""The overview of a hospital: its cases with their status, and the months it is asked about."""

from flask import abort, flash, g, redirect, url_for
from flask_admin import expose
from flask_admin.model.template import macro

from admin_views.grid import request_values
from admin_views.grid.act_forms import ActForm, Choice, TextField
from admin_views.grid.acts import Acts, act
from admin_views.grid.filters import OneOf
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import access, clock, dutch
from models.access import Process
from models.annual_report import births_request
from models.annual_report.births import FIRST_YEAR, MOST, Births
from models.annual_report.month_book import MonthBook
from models.annual_report.own_year import OwnYear
from models.base import Refused
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.deadline import DeadlineState
from models.cases.status import STATUS_LABELS
from models.cases.theme import Theme
from models.files.dossier import Dossier
from models.monthly import response
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind
from models.questionnaires.query import DataQuery
from models.report.content import as_text
from models.review import case_overview

EMPTY = "Er is nog geen casus gemeld door uw ziekenhuis."
YEARS = 4  # to choose from
OPEN_SHOWN = 3  # months with their buttons in sight; older ones are folded


def _themes():
    if "themes" not in g:
        g.themes = [(str(key), name) for key, name in Theme.pairs(who())]
    return g.themes


def _part_of(part, case):
    """What stands at a row that is a part of another case; empty for the others."""
    if part is None:
        return ""
    own = part.whole.hospital_id == case.hospital_id
    return f"aanvulling op {part.whole.number}" if own else f"uw deel van casus {part.whole.number}"


def _zero(month, by):
    MonthAnswer.zero_in_portal(month, by)
    return f"Uw nul-melding over {dutch.month_name(month)} is geregistreerd."


def _confirm(month, by):
    _standing_zero(month, by).confirm_in_portal(by)
    return f"Dank u wel. Uw nul-melding over {dutch.month_name(month)} is bevestigd."


def _withdraw(month, by):
    _standing_zero(month, by).withdraw(by)
    return f"De nul-melding over {dutch.month_name(month)} is ingetrokken. De vraag staat weer open."


ANSWERS = {"nul": _zero, "bevestigen": _confirm, "intrekken": _withdraw}


def _standing_zero(month, by):
    answer = MonthAnswer.standing(by.hospital_id, month)
    if answer is None or answer.kind != MonthAnswerKind.NUL:
        raise Refused(f"Over {dutch.month_name(month)} is er nu geen nul-melding van uw ziekenhuis.")
    return answer


class OfMonth(ActForm):
    answer = Choice(name="antwoord", choices=tuple(ANSWERS))


def answer_month(month, by, answer):
    """Answer a month, confirm a provisional zero report, or take a zero report back; returns what to say."""
    return ANSWERS[answer](month, by)


class OwnBirths(ActForm):
    count = TextField(name="aantal")


def state_births(year, by, count):
    """Keep how many children were born in the own hospital."""
    number = request_values.whole_number(count.strip().replace(".", ""), MOST)
    Births.state(by, by.hospital, year, number, "opgegeven door het ziekenhuis")


class CasesView(Acts, ScopedModelView):
    """'NethOSS / LZA1-meldingen'."""

    screen = Screen("cases", "/meldingen", "NethOSS / LZA1-meldingen", of=Case)
    ability = "complete"
    list_template = "cases/list.html"
    search_hint = "Meldingsnummer of patiëntnummer"
    can_export, export_action = True, "case.export"
    column_list = ("number", "theme", "patient_number", "status", "status_since", "asked", "reporter", "created_at")
    column_export_list = (*column_list[:5], "missing", "term", *column_list[6:])
    column_labels = {
        "number": "ID", "theme": "Thema", "patient_number": "Patiëntnummer", "status": "Status", "status_since": "Sinds",
        "asked": "Nog gevraagd", "missing": "Nog gevraagd", "term": "Termijn LZA1", "reporter": "Melder",
        "created_at": "Aangemaakt",
    }  # fmt: skip
    column_sortable_list = ("number", ("theme", Case.theme), "status", "status_since", "created_at")
    column_default_sort = ("created_at", True)
    column_filters = (
        OneOf(Case.status, "Status", options=tuple(STATUS_LABELS.items())),
        OneOf(Case.theme, "Thema", options=_themes),
    )
    # Macros of the list's template.
    shown = ("number", "theme", "status", "status_since", "asked", "created_at")
    column_formatters = {name: macro(f"show_{name}") for name in shown}

    @expose("/jaar/<int:year>/")
    def own_year(self, year):
        """What the hospital reported and answered in one year, and what came of it."""
        return self._own_year(year)

    state_births = act(
        "/jaar/<int:year>/geboorten", state_births, form=OwnBirths, done="Dank u wel. Het aantal geboorten is opgeslagen."
    )

    def _own_year(self, year, typed=""):
        this = clock.today().year
        if not FIRST_YEAR <= year <= this:
            abort(404)
        if not access.may(who(), "complete", Process.NETHOSS):
            self.refuse()
        found = OwnYear.of(who().hospital, year, who())
        years = [one for one in range(this, this - YEARS, -1) if one >= FIRST_YEAR]
        over = year < this and access.may(who(), "answer")
        book = MonthBook.of(who().hospital, year, found.months)
        return self.render("cases/own_year.html", book=book, found=found, years=years, over=over, typed=typed, as_text=as_text)

    def _with_related(self, query):
        return case_overview.with_names(query.select_extend(DataQuery.waiting_here().alias("questions")))

    def _get_filter_groups(self):
        # The tabs and the choice of a theme stand in for the builder of filters.
        return None

    def complete(self, rows):
        """Hold every row's asked documents against its files, for the whole page at once."""
        dossiers, parts = Dossier.of_all(rows), CasePart.among(row for row in rows if row.number.count("-") > 1)
        for case in rows:
            case.part_of_whole = _part_of(parts.get(case.id), case)
            case.dossier, case.standing = dossiers[case.id], DeadlineState.of(case)
            case.term = case.standing and case.standing.brief
            case.missing = len(case.dossier.missing) if case.may_add else None
        return rows

    def render(self, template, **context):
        """The list, with what stands above it."""
        if template == self.list_template:
            hospital = who().hospital
            nethoss = Process.NETHOSS in access.processes(who(), "complete")
            context |= {
                "tabs": self._tabs(),
                "themes": self._links("Thema", [("", "Alle thema's"), *_themes()]),
                "year": response.year_of(hospital) if nethoss else [],
                "open_shown": OPEN_SHOWN,
                "may_create": access.may(who(), "create"),
                "may_answer": access.may(who(), "answer"),
                "births_of": births_request.year_asked(hospital) if access.may(who(), "answer") else None,
                "filtered": bool(context["active_filters"]),
                "active_filters": None,
            }
        return super().render(template, **context)

    def how_many(self, query, search, filters):
        """What the tabs count is the number of rows too."""
        others = [chosen for chosen in filters or () if chosen[1] != "Status"]
        g.per_status = counts = case_overview.per_status(self.narrowed(search, others))
        status = next((value for _, name, value in filters or () if name == "Status"), None)
        return counts.get(status, 0) if status else sum(counts.values())

    def _tabs(self):
        counts = g.per_status
        links = self._links("Status", [("", "Alle"), *STATUS_LABELS.items()])
        return [{**link, "count": counts.get(link["value"], 0) if link["value"] else sum(counts.values())} for link in links]

    def _links(self, name, choices):
        """One address for each choice of the filter `name`, leaving the search and the other filters as they are."""
        asked = self._get_list_extra_args()
        others = [chosen for chosen in asked.filters if chosen[1] != name]
        now = next((value for _, other, value in asked.filters if other == name), "")
        index = next(index for index, shown in enumerate(self._filters) if shown.name == name)
        links = []
        for value, label in choices:
            chosen = [*others, (index, name, value)] if value else others
            href = self._get_list_url(asked.clone(page=0, filters=chosen))
            links.append({"value": value, "label": label, "active": value == now, "href": href})
        return links

    month = act("/maand/<month>", answer_month, form=OfMonth, done=lambda said, month: said)

    def rows(self, month=None, year=None):
        return (request_values.month_or_404(month),) if month else (year,)

    def onward(self, what, anchor=None):
        """To the overview after an answer about a month, to the page of the year after its births."""
        return redirect(self.get_url(".own_year", year=what) if isinstance(what, int) else url_for(".index_view"))

    def refused(self, reason, form, what, anchor=None):
        flash(str(reason), "error")
        births = isinstance(form, OwnBirths)
        return (self._own_year(what, form.count.data), 409) if births else self.onward(what)
