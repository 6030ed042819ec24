"""Every list, its filters, its search and its last page, in the process."""

from app import create_app
from models.accounts.user import User
from models.base import db
from models.cases.case import Case
from models.cases.status import Status
from models.dutch import number
from tests.bench.measure import counted, logged_in, summary, table, timed

TIMES = 15

PAGES = (
    ("melder", "overzicht", "/meldingen/"),
    ("melder", "overzicht, status", "/meldingen/?flt0_status_is=goedgekeurd"),
    ("melder", "overzicht, zoek eigen nummer", "/meldingen/?search={patient}"),
    ("melder", "overzicht, oudste eerst", "/meldingen/?sort=3"),
    ("melder", "overzicht, laatste bladzijde", "/meldingen/?page={last}"),
    ("coordinator", "alle meldingen", "/alle-meldingen/"),
    ("coordinator", "alle meldingen, ingediend", "/alle-meldingen/?flt0_status_is=ingediend"),
    ("coordinator", "alle meldingen, goedgekeurd", "/alle-meldingen/?flt0_status_is=goedgekeurd"),
    ("coordinator", "alle meldingen, thema", "/alle-meldingen/?flt0_thema_is={theme}"),
    ("coordinator", "alle meldingen, ziekenhuis", "/alle-meldingen/?flt0_ziekenhuis_bevat={hospital}"),
    ("coordinator", "alle meldingen, periode", "/alle-meldingen/?flt0_aangemaakt_ligt_tussen=2024-01-01+tot+2024-02-01"),
    ("coordinator", "alle meldingen, zoek ID", "/alle-meldingen/?search={case}"),
    ("coordinator", "alle meldingen, zoek zonder treffer", "/alle-meldingen/?search=bestaat-niet"),
    ("coordinator", "alle meldingen, bladzijde 200", "/alle-meldingen/?page=200"),
    ("coordinator", "alle meldingen, laatste bladzijde", "/alle-meldingen/?eind=1"),
    ("coordinator", "werklijst", "/beoordelen/"),
    ("coordinator", "maandoverzicht", "/maanden/"),
    ("coordinator", "een melding", "/beoordelen/{key}/"),
    ("beheerder", "uitgaande post", "/beheer/mail/"),
    ("beheerder", "logboek", "/beheer/logboek/"),
    ("beheerder", "gebruikers", "/beheer/gebruikers/"),
)


def main():
    """One table for the database that DATA_DIR names."""
    app = create_app()
    with db.connection_context():
        people = {short: User.by_email(f"{short}@example.com") for short in ("melder", "coordinator", "beheerder")}
        own = Case.select().where(Case.hospital == people["melder"].hospital_id, Case.process == "nethoss")
        case, size = own.order_by(Case.id.desc()).first(), Case.select().count()
        review = Case.select().where(Case.status == Status.INGEDIEND, Case.process == "nethoss").first()
        words = {
            "patient": case.patient_number,
            "case": case.number,
            "theme": case.theme_id,
            "hospital": "00005",
            "last": max(0, (own.count() - 1) // 25),
            "key": review.key,
        }
    clients = {short: logged_in(app, user) for short, user in people.items()}
    rows = [(f"{who}: {title}", *measured(clients[who], address.format(**words))) for who, title, address in PAGES]
    table(f"Pages at {number(size)} cases", ("page", "status", "queries", "p50 ms", "p95 ms", "kB"), rows)


def measured(client, address):
    """(status, statements, median and 95th percentile in ms, kB) of one page."""
    answer = client.get(address)  # the first one fills caches that every later one finds
    with counted() as sent:
        client.get(address)
    took = []
    for _ in range(TIMES):
        with timed(took):
            client.get(address)
    return (
        answer.status_code,
        len(sent),
        *summary(took),
        len(answer.data) // 1000,
    )


if __name__ == "__main__":
    main()
