"""A thousand melders click 'Nee, geen casus' and post what the page posts by itself."""

import re

from app import create_app
from commands.demo import synthetic
from models import clock
from models.base import db
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from models.operations import schema
from tests.bench.measure import summary, table, timed

CLICKS = 1000
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"}


def main():
    """One hospital for each click, so that each writes its own answer."""
    app = create_app()
    schema.migrate()
    synthetic.fill(CLICKS, 0, "x", say=lambda said: None)
    month = clock.previous_month(clock.today())
    MonthAnswer.delete().where(MonthAnswer.month == month).execute()
    calls = MonthlyCall.select().where(MonthlyCall.month == month, MonthlyCall.id.bin_and(1) == 1)
    paths = ["/uitvraag/" + call.address("nee").split("/uitvraag/")[1] for call in calls]
    db.close()
    opened, posted = [], []
    for path in paths:
        client = app.test_client()
        with timed(opened):
            page = client.get(path, headers=BROWSER)
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        with timed(posted):
            client.post(path, data=form, headers=BROWSER, follow_redirects=True)
    with db.connection_context():
        written = MonthAnswer.select().where(MonthAnswer.month == month).count()
    rows = [
        (title, len(took), *summary(took), f"{len(took) / sum(took):.0f}")
        for title, took in (("open the link", opened), ("post the answer", posted))
    ]
    table(f"'Nee, geen casus': {written} answers written", ("step", "times", "p50 ms", "p95 ms", "a second"), rows)


if __name__ == "__main__":
    main()
