"""The pages that tell how to add a theme, a rule, a mail or a role: what stands there is done, and works."""

import json
import re
import shutil
import types
from datetime import date, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import peewee
import pytest
from jinja2 import ChoiceLoader, DictLoader
from peewee import Check, DatabaseProxy, IntegrityError, Model

from models import access, base
from models.access import Role
from models.accounts.user_role import UserRole
from models.base import db
from models.cases import theme as theme_module
from models.cases.case import Case
from models.cases.theme import Theme
from models.lnr import rules as rules_room
from models.lnr.benchmark import indicator as indicators
from models.lnr.benchmark.chain import Chain, Link
from models.lnr.benchmark.places import answer
from models.lnr.message.message_writer import build
from models.lnr.message.validation import check
from models.lnr.rules import registry
from models.lnr.specification.examples import preterm
from models.mail import mail_status, mail_templates
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from tests import make
from tests.lnr.benchmark.children import stay, where

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "howto"
BLOCK = re.compile(r"^( *)```(\w+)\n(.+?)^ *```", re.DOTALL | re.MULTILINE)
FILES = re.compile(r"`((?:models|admin_views|tests|templates|migrations)/[\w/.-]+)`")


def blocks(page: str, kind: str) -> list[str]:
    """What a page tells to write, of one language."""
    return [dedent(text) for _, language, text in BLOCK.findall((PAGES / page).read_text(encoding="utf-8")) if language == kind]


@pytest.mark.parametrize("page", sorted(path.name for path in PAGES.glob("*.md")))
def test_a_page_is_short_and_every_file_that_it_names_is_there(page):
    text = (PAGES / page).read_text(encoding="utf-8")
    assert text.startswith("# How to add ") and len(text.splitlines()) <= 80
    assert [name for name in FILES.findall(text) if not (ROOT / name).exists()] == []


def test_the_theme_of_the_page_can_be_reported_and_asks_its_documents(tmp_path, monkeypatch):
    told = json.loads(blocks("theme.md", "json")[0])
    file = tmp_path / "themes.json"
    file.write_text(json.dumps([*json.loads(theme_module.DEFAULTS.read_text()), told]))
    monkeypatch.setattr(theme_module, "DEFAULTS", file)

    theme_module.load_defaults(date(2026, 1, 1))
    case = Case.open(make.user(), Theme.get(Theme.name == "Uterusruptuur"), now=datetime(2026, 11, 29, 12))

    asked = {(line.label, line.if_applicable) for line in case.theme.asked}
    assert asked == {tuple(pair) for pair in told["documents"]} and case.theme in list(Theme.reported_on(date(2026, 11, 29)))


def test_the_rule_of_the_page_finds_what_it_says_and_lets_the_rest_be(tmp_path, monkeypatch):
    line, sentence = blocks("lnr-rule.md", "csv")
    for file in registry.DATA.glob("*.csv"):
        shutil.copy(file, tmp_path)
    for name, added in (("rules", line), ("sentences", sentence)):
        with (tmp_path / f"{name}.csv").open("a", encoding="utf-8") as kept:
            kept.write(added)
    made = types.ModuleType("made")
    exec(blocks("lnr-rule.md", "python")[0], vars(made) | {"rule": registry.rule}, vars(made))
    monkeypatch.setattr(registry, "DATA", tmp_path)
    registry.rules.cache_clear()
    monkeypatch.setattr(rules_room, "FUNCTIONS", rules_room.FUNCTIONS | registry.marked(made))

    def found(**scores: Any) -> list[str]:
        report = check(build(preterm("x", **scores)), datetime(2026, 6, 1))
        return [one.nl for one in report.findings if one.rule == "R-57"]

    try:
        said = found(apgar_1=9, apgar_5=4)
        assert len(said) == 1 and "5 punten lager dan na 1 minuut" in said[0]
        assert found(apgar_1=9, apgar_5=6) == found(apgar_1=9, apgar_5={"null": "UNK"}) == []
    finally:
        registry.rules.cache_clear()


def test_the_indicator_of_the_page_gives_a_child_its_place_and_an_unknown_is_no_no(tmp_path, monkeypatch):
    (line,), (function, days) = blocks("lnr-indicator.md", "csv"), blocks("lnr-indicator.md", "python")
    file = tmp_path / "indicators.csv"
    file.write_text(indicators.FILE.read_text(encoding="utf-8") + line, encoding="utf-8")
    monkeypatch.setattr(indicators, "FILE", file)
    for of_code in (answer.INDICATORS, answer.AMOUNTS):
        for code in ("apgar-laag", "opnameduur"):
            monkeypatch.setitem(of_code, code, of_code.get(code))  # put back afterwards
    indicators.all_indicators.cache_clear()
    try:
        exec(function, vars(answer) | {"Chain": Chain})
        exec(days, vars(answer) | {"Link": Link})
        places = [where("apgar-laag", stay(said={"apgar_5": score})) for score in (6, 7, None)]
        assert places == ["t0", "n0", "u" + answer.Reason.NOT_ANSWERED.value]
        assert where("apgar-laag", stay(gestation=240, said={"apgar_5": 6}))[0] == "b"
        numbers = [one.number for one in indicators.all_indicators()]
        assert len(numbers) == len(set(numbers)), "the number of the page was used"
        assert answer.AMOUNTS["opnameduur"](stay(last=77)) == (77, 0)
    finally:
        indicators.all_indicators.cache_clear()


def test_the_mail_of_the_page_is_sent_once_and_not_when_nothing_is_left_to_tell(monkeypatch):
    label, context, queue = blocks("mail.md", "python")
    texts = dict(zip(("subject.txt", "body.txt", "body.html"), blocks("mail.md", "jinja"), strict=True))
    monkeypatch.setitem(mail_status.MAIL_LABELS, *eval(f"{{{label}}}").popitem())
    loader = DictLoader({f"theme_added/{part}": text for part, text in texts.items()})
    monkeypatch.setattr(mail_templates.TEMPLATES, "loader", ChoiceLoader([mail_templates.TEMPLATES.loader, loader]))
    exec(context, said := {})
    mail_templates.CONTEXTS.update(said["CONTEXTS"])
    names = {"Mail": Mail, "person": make.user(name="Anna de Vries"), "theme": make.theme(name="Uterusruptuur")}
    try:
        first, again = eval(queue.strip(), names), eval(queue.strip(), names)
        message = first.render()
        text = message.get_body(("plain",)).get_content()
        assert message["Subject"] == "Nieuw thema: Uterusruptuur" and again is None
        assert "Dag Anna de Vries," in text and "/handleiding/begrippen" in text
        assert "<b>Uterusruptuur</b>" in message.get_body(("html",)).get_content()

        Theme.update(valid_to=date(2026, 1, 1)).where(Theme.id == names["theme"].id).execute()
        assert first.render() is None and first.status == MailStatus.WACHT
    finally:
        mail_templates.CONTEXTS.pop("theme_added", None)


def changed(source: str, diff: str) -> str:
    """`source` with the changes of `diff`: each line with + goes in the place of those with -, or behind the line before."""
    for part in diff.strip("\n").split("\n\n"):
        lines = part.splitlines()
        while lines:
            old = [lines.pop(0)]
            new = [] if old[0].startswith("-") else [old[0]]
            while lines and lines[0].startswith("+"):
                new.append(lines.pop(0))
            before, after = ("\n".join(line[1:] for line in some) for some in (old, new))
            assert source.count(f"\n{before}\n") == 1, before
            source = source.replace(f"\n{before}\n", f"\n{after}\n")
    return source


def test_the_role_of_the_page_may_what_the_page_says():
    source = (ROOT / "models" / "access.py").read_text(encoding="utf-8")
    made: dict[str, Any] = {"__name__": "made"}
    exec(changed(source, blocks("role.md", "diff")[0]), made)
    role = made["Role"]("vervanger")

    person = types.SimpleNamespace(is_active=True, role_names=[role], committee=None, appoints_since=None)
    may = {ability for ability in access.ABILITIES if made["may"](person, ability)}
    assert may == {"create", "complete"} and made["processes"](person, "create") == {"nethoss"}
    assert made["ROLE_LABELS"][role] == "NethOSS-vervanger" and role in made["HOSPITAL_ROLES"]
    assert set(made["Role"]) - {role} == set(Role)


@pytest.mark.db_dialect
def test_the_step_of_the_page_lets_the_database_keep_the_role():
    melder = make.user(Role.MELDER, Role.INVOERDER)
    with pytest.raises(IntegrityError), db.atomic():
        UserRole.create(user=melder, name="vervanger")

    with base.db.atomic() as undone:
        _take_step(blocks("role.md", "python")[0])
        assert UserRole.names_of(melder) == {Role.MELDER, Role.INVOERDER}
        UserRole.create(user=melder, name="vervanger")
        for refused in ("vervanger", "directeur"):
            with pytest.raises(IntegrityError), db.atomic():
                UserRole.create(user=melder, name=refused)
        undone.rollback()


def _take_step(step: str) -> None:
    class Frozen(Model):
        class Meta:
            database = DatabaseProxy()
            legacy_table_names = False

    class User(Frozen):
        pass

    names = {"Frozen": Frozen, "User": User, "db": Frozen._meta.database, "Check": Check, **vars(peewee)}
    exec(step, names)
    names["up"](None, base.db.obj)
