"""The pages that tell how to add an act or a list: their code is run as it stands; and the page of what we change."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from admin_views.accounts.users import HospitalsView
from admin_views.web.application import create_app
from models import AuditEvent, Remark
from models.access import Role
from tests import make
from tests.web.pages import send

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FILES = re.compile(r"`((?:models|admin_views|tests|templates|docs)/[\w/.-]+)`")


def built(page, name):
    """The portal with the screen `name` that a page tells to write."""
    written = re.search(r"```python\n(.+?)```", (DOCS / "howto" / page).read_text(encoding="utf-8"), re.DOTALL)[1]
    made = {}
    exec(compile(dedent(f"   {written.lstrip()}"), page, "exec"), made)
    app = create_app()
    app.testing = True
    app.extensions["admin"][0].add_view(made[name].made())
    return app


@pytest.mark.parametrize("page", ["grid.md", "howto/act.md", "howto/list.md"])
def test_every_file_that_a_page_names_is_there(page):
    named = FILES.findall((DOCS / page).read_text(encoding="utf-8"))
    assert named and [name for name in named if not (ROOT / name).exists()] == []


def test_every_test_that_the_page_of_changes_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", (DOCS / "grid.md").read_text(encoding="utf-8")))
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert named and {name for name in named if f"def {name}(" not in tests} == set()


def test_the_act_of_the_page_is_done_and_its_line_is_written(schema, login):
    case = make.case()
    browser = login(built("act.md", "NotesView").test_client(), make.coordinator())

    answer = send(browser, f"/notities/{case.key}/bewaren", notitie="Gebeld met de afdeling.")

    assert (answer.status_code, answer.location) == (302, f"/beoordelen/{case.key}/#notities")
    assert f"De notitie bij {case.number} is opgeslagen." in browser.get(answer.location).text
    assert Remark.get(Remark.case == case).text == "Gebeld met de afdeling."
    assert AuditEvent.select().where(AuditEvent.action == "case.note", AuditEvent.case_id == case.id).count() == 1


def test_what_the_act_of_the_page_refuses_is_told_and_nobody_else_may(schema, login):
    case, app = make.case(), built("act.md", "NotesView")
    browser = login(app.test_client(), make.coordinator())

    answer = send(browser, f"/notities/{case.key}/bewaren", notitie=" ")

    assert answer.status_code == 302 and "is opgeslagen" not in browser.get(answer.location).text
    melder = login(app.test_client(), case.reporter)
    assert send(melder, f"/notities/{case.key}/bewaren", notitie="x").status_code == 403
    assert not Remark.select().exists()


def test_the_list_of_the_page_shows_its_rows_to_whom_it_should(schema, login):
    make.hospital(name="Ziekenhuis Oost", phone="020-1234567")
    app = built("list.md", "TelephonesView")
    boss = login(app.test_client(), make.user(role=Role.BEHEERDER))

    page = boss.get("/telefoons/?search=oost").text

    assert "<title>Telefoonlijst" in page and "Ziekenhuis Oost" in page and "020-1234567" in page
    assert 'href="/telefoons/"' in boss.get("/beheer/ziekenhuizen/").text
    assert login(app.test_client(), make.user()).get("/telefoons/").status_code == 403


def test_a_list_that_fails_is_asked_once(app, login, monkeypatch):
    asked = []

    def fail(*args, **kwargs):
        asked.append(args)
        raise TypeError("the first cause")

    monkeypatch.setattr(HospitalsView, "get_list", fail)
    with pytest.raises(TypeError, match="the first cause"):
        login(app.test_client(), make.user(role=Role.BEHEERDER)).get("/beheer/ziekenhuizen/")
    assert len(asked) == 1
