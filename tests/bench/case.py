"""Opening a case with twenty files, as its reporter and as the coordinator."""

import io

from admin_views.accounts import demo_accounts
from app import create_app
from commands.demo import papers, synthetic
from models.accounts.user import User
from models.base import db
from models.cases.case import Case
from models.cases.theme import Theme
from models.files.document import Document
from models.operations import schema
from tests.bench.measure import counted, logged_in, summary, table, timed

FILES, TIMES = 20, 30


def main():
    """Make such a case in an otherwise small database, and open it."""
    app = create_app()
    schema.migrate()
    synthetic.fill(8, 500, "x", say=lambda said: None)
    melder, coordinator = (User.by_email(account.email) for account in demo_accounts.accounts()[0:3:2])
    case = Case.open(melder, Theme.select().first(), "4711")
    page = papers.report("Verslag")
    for number in range(FILES):
        Document.attach(case, io.BytesIO(page), f"verslag {number}.pdf", melder, f"bench-{number}", len(page))
    case.submit(melder)
    db.close()
    rows = [
        (title, *_measured(logged_in(app, user), address))
        for title, user, address in (
            ("aanvullen (melder)", melder, f"/melding/{case.key}/"),
            ("beoordelen (coördinator)", coordinator, f"/beoordelen/{case.key}/"),
        )
    ]
    table(f"A case with {FILES} files", ("page", "status", "queries", "p50 ms", "p95 ms"), rows)


def _measured(client, address):
    with counted() as sent:
        answer = client.get(address)
    took = []
    for _ in range(TIMES):
        with timed(took):
            client.get(address)
    return answer.status_code, len(sent), *summary(took)


if __name__ == "__main__":
    main()
