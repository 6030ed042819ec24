"""The annual report of NethOSS: the figures of one year in sentences and tables, the same for screen, PDF and spreadsheet."""

from collections.abc import Iterable

from models import access
from models.access import Process
from models.accounts.user import User
from models.annual_report.annual_figures import ThemeCount, Turnaround, YearFigures
from models.annual_report.births import Births
from models.annual_report.committee_figures.assessor_agreement import CommitteeAgreement
from models.annual_report.committee_figures.committee_year import CommitteeYear
from models.annual_report.source_comparison import comparison_section
from models.cases.status import Status
from models.committee.treatment import Treatment
from models.dutch import long_date, number, percentage, plural
from models.lnr.benchmark.limits import mean_interval
from models.report.content import ReportContent, ReportSection, ReportTable

PER = 10_000  # births


def per_births(cases: int, births: int) -> tuple[float, float, float]:
    """(incidence, lower, upper) per 10,000 births with the exact 95% Poisson interval. Raises ValueError without births."""
    if births <= 0:
        raise ValueError(f"no births: {births}")
    return tuple(PER * count / births for count in (cases, *mean_interval(cases)))  # type: ignore[return-value]


def annual_report(year: int, user: User, figures: YearFigures | None = None) -> ReportContent:
    """The report of `year` as the rows stand now. Raises Refused for who does not coordinate NethOSS."""
    access.demand(user, "follow")
    figures = figures or YearFigures(year)
    sections = (
        _reported(figures),
        _incidence(figures),
        _response(figures),
        *filter(None, [comparison_section(year, user)]),
        _times(figures),
        _documents(figures),
        _committee(figures),
    )
    about = f"Stand van {long_date(figures.now)}. Een casus telt in het jaar van de maand waarover is gevraagd."
    if len(figures.months) < 12:
        about += f" Het jaar is nog niet compleet: er is over {len(figures.months)} van 12 maanden gevraagd."
    return ReportContent(f"Jaarverslag NethOSS {year}", about, sections)


def _reported(figures):
    counts = figures.by_theme()
    total = sum(one.reported for one in counts)
    rows = [_of_theme(one.theme.name, [one]) for one in counts] + [_of_theme("Alle thema’s", counts)]
    return ReportSection(
        "gemeld",
        "Gemelde casussen",
        [f"Over {figures.year} {'is' if total == 1 else 'zijn'} {plural(total, 'casus', 'casussen')} gemeld."],
        [
            ReportTable(
                "Gemelde casussen per thema",
                ("Thema", "Gemeld", "Goedgekeurd", "In behandeling", "Ingetrokken", "Dubbel", "Buiten de definitie"),
                rows,
                "In behandeling: concept, onvolledig of ingediend.",
            )
        ],
    )


def _of_theme(name, counts: Iterable[ThemeCount]):
    fields = ("reported", "approved", "busy", "withdrawn", "doubled", "outside")
    return [name, *(sum(getattr(one, field) for one in counts) for field in fields)]


def _incidence(figures):
    births = Births.national(figures.year)
    if births is None or not births.count:
        return ReportSection(
            "incidentie", "Incidentie", [f"Het aantal geboorten in Nederland in {figures.year} is nog niet ingevuld."]
        )
    rows = []
    for one in figures.by_theme():
        found = per_births(one.approved, births.count)
        rows.append([one.theme.name, one.approved, *(_decimal(value) for value in found)])
    return ReportSection(
        "incidentie",
        "Incidentie",
        [f"In {figures.year} werden in Nederland {number(births.count)} kinderen geboren (bron: {births.source})."],
        [
            ReportTable(
                f"Goedgekeurde casussen per {number(PER)} geboorten",
                ("Thema", "Goedgekeurd", f"Per {number(PER)}", "Ondergrens", "Bovengrens"),
                rows,
                "Grenzen: het exacte 95%-interval van Poisson. Casussen in behandeling tellen nog niet mee. Wat ziekenhuizen "
                "niet meldden, ontbreekt.",
            )
        ],
    )


def _response(figures):
    rows, found = [], figures.responses()
    for one in found:
        share = percentage(one.answered, one.asked)
        rows.append([one.hospital.name, one.asked, one.answered, share, one.on_time, one.provisional, one.cases])
    asked, answered, on_time = (sum(getattr(one, name) for one in found) for name in ("asked", "answered", "on_time"))
    text = [
        f"Van {plural(asked, 'gestelde vraag', 'gestelde vragen')} {'is' if answered == 1 else 'zijn'} er {number(answered)} "
        f"beantwoord ({percentage(answered, asked)}), waarvan {number(on_time)} binnen veertien dagen."
        if asked
        else "Er is over dit jaar nog niets gevraagd."
    ]
    table = ReportTable(
        "Respons per ziekenhuis",
        ("Ziekenhuis", "Maanden gevraagd", "Beantwoord", "Respons", "Binnen veertien dagen", "Nog voorlopig", "Casussen"),
        rows,
        "Een vraag telt als de uitvraag echt is verzonden, en is beantwoord met een casus of een bevestigde nul-melding. "
        "De respons zegt niet of alle casussen gemeld zijn.",
    )
    return ReportSection("respons", "Respons", text, [table] if rows else [])


def _times(figures):
    rounds = figures.rounds()
    tables = [
        ReportTable(
            "Doorlooptijden in dagen",
            ("Van … tot …", "Afgerond", "Mediaan", "90% binnen", "Nog bezig", "Langst bezig"),
            [_spread(name, spread) for name, spread in figures.times().items()],
            "Wat nog bezig is, telt niet mee in mediaan en 90%, maar wordt niet weggelaten: zie de laatste twee kolommen.",
        ),
        ReportTable(
            "Hoe vaak een goedgekeurde casus is ingediend",
            ("Keer ingediend", "Casussen"),
            [list(one) for one in rounds.items()],
        ),
    ]
    if reminded := figures.reminders():
        tables.append(
            ReportTable(
                "Herinneringen",
                ("Na weken", "Verstuurd", "Daarna kwam het ziekenhuis"),
                [list(one) for one in reminded],
                "Per keer dat een casus bij het ziekenhuis lag. Na de laatste volgt een telefoontje van de coördinator.",
            )
        )
    return ReportSection("doorlooptijd", "Doorlooptijd en herinneringen", (), tables)


def _spread(name, spread: Turnaround):
    return [name, spread.done, _decimal(spread.median, 1), _decimal(spread.ninetieth, 1), spread.waiting, spread.longest]


def _documents(figures):
    rows = [
        [one.theme.name, one.label, one.asked, one.at_first, one.present, one.later, one.unavailable] for one in figures.slots()
    ]
    head = ("Thema", "Document", "Gevraagd", "Bij eerste indiening", "Nu aanwezig", "Volgt later", "Niet beschikbaar")
    note = "Bij casussen die zijn ingediend en niet afgesloten. Documenten ‘indien van toepassing’ staan erbij."
    tables = [ReportTable("Gevraagde documenten", head, rows, note)] if rows else []
    return ReportSection("documenten", "Documenten", () if rows else ["Er is nog geen casus ingediend."], tables)


def _committee(figures):
    approved = [case for case in figures.cases if case.status == Status.GOEDGEKEURD]
    scheduled = Treatment.select().where(Treatment.case.in_(approved)).count()
    # What was discussed and closed stands below, where small numbers are not told.
    rows = [["Goedgekeurd", len(approved)], ["Op een agenda gezet", scheduled]]
    tables = [ReportTable("Stand bij de commissie", ("", "Casussen"), rows)]
    tables += CommitteeYear.among(Process.NETHOSS, approved).tables if scheduled else []
    agreement = CommitteeAgreement.among(approved)
    if agreement.pairs:
        tables.append(agreement.table)
    return ReportSection("commissie", "Behandeling door de commissie", (), tables)


def _decimal(value: float | None, places: int = 2) -> float | None:
    return None if value is None else round(value, places)
