"""A questionnaire among 100,000 filled ones: saving one answer, opening its pages, and its document."""

import io
import resource
from pathlib import Path

from pypdf import PdfReader

from admin_views.accounts import demo_accounts
from app import create_app
from commands.demo import synthetic
from commands.demo.answers import fill
from models import clock
from models.accounts.user import User
from models.base import db
from models.cases.case import Case
from models.cases.case_number import Series
from models.cases.theme import Theme
from models.operations import schema
from models.questionnaires.export.questionnaire_pdf import answers_pdf
from models.questionnaires.form import Answer, Form
from tests.bench.measure import counted, logged_in, summary, table, timed

FORMS, TIMES, PAPERS = 100_000, 200, 10
FORM = "version_id, revision, still_open, asked, changed_at, changed_by_id, document_revision"
ANSWER = "code, repeat, value, reason, revision, changed_at, changed_by_id"


def main():
    """Fill one questionnaire by its verbs, copy it to a hundred thousand cases, and measure at another one."""
    app = create_app()
    schema.migrate()
    synthetic.fill(100, FORMS, "x", say=lambda said: None)
    melder = User.by_email(demo_accounts.accounts()[0].email)
    theme = Theme.get(Theme.name == "Maternale sterfte")
    first, case = (Case.open(melder, theme, now=clock.now()) for _ in range(2))
    for one in (first, case):
        fill(one, melder, clock.now())
    _copy(Form.of(first), {first.id, case.id})
    print(f"{Form.select().count()} forms, {Answer.select().count()} answers, {Series.select().count()} series")
    rows = [_saving(Form.of(case), melder)]
    db.close()
    client = logged_in(app, melder)
    pages = {"the case": "", "overview": "vragenlijst/", "section B": "vragenlijst/B/", "section K": "vragenlijst/K/"}
    rows += [_opened(client, name, f"/melding/{case.key}/{rest}") for name, rest in pages.items()]
    table(f"A questionnaire among {FORMS}", ("what", "queries", "p50 ms", "p95 ms"), rows)
    _document(Form.of(case))


def _copy(form, mine):
    """A form with these answers for every other case, made inside the database."""
    with db.atomic():
        db.execute_sql(
            f'INSERT INTO form (case_id, {FORM}) SELECT "case".id, {FORM} FROM "case", form WHERE form.id = {form.id} '
            f'AND "case".id NOT IN ({", ".join(map(str, mine))})'
        )
        last, answer = max(mine), ", ".join(f"answer.{name}" for name in ANSWER.split(", "))
        others = f"answer.form_id = {form.id} AND other.id <> {form.id} AND other.case_id <> {last}"
        db.execute_sql(
            f"INSERT INTO answer (form_id, {ANSWER}) SELECT other.id, {answer} FROM answer, form AS other WHERE {others}"
        )
    db.execute_sql("ANALYZE")


def _saving(form, by):
    took, revision = [], form.rows()["P7", 0].revision
    for number in range(TIMES):
        with timed(took):
            revision = form.put("P7", f"Verloop, keer {number}.", by, revision).revision
    with counted() as sent:
        form.put("P7", "Verloop.", by, revision)
    return "saving one answer", len(sent), *summary(took)


def _opened(client, name, address):
    client.get(address)
    with counted() as sent:
        client.get(address)
    took = []
    for _ in range(TIMES // 4):
        with timed(took):
            client.get(address)
    return name, len(sent), *summary(took)


def _document(form):
    """Its PDF, with an answer changed each time: typst remembers what it laid out before."""
    before, took = resident(), []
    for number in range(PAPERS):
        form.put("P7", f"Verloop, document {number}.", form.case.reporter, form.rows()["P7", 0].revision)
        filled = form.filled()
        with timed(took):
            content = answers_pdf(form, filled)
    pages = len(PdfReader(io.BytesIO(content)).pages)
    rows = [(pages, f"{len(content) / 1000:.0f} kB", *summary(took), f"{resident() - before} MB")]
    table("Its document", ("pages", "size", "p50 ms", "p95 ms", "memory"), rows)


def resident():
    """MB of this process that lie in memory (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 2**20


if __name__ == "__main__":
    main()
