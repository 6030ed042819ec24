"""The rules of the house (docs/architecture.md), held against every file."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from models import MODELS, access
from models.access import ABILITIES, ABILITY_SENTENCES, PROCESS_LABELS, ROLE_LABELS, Process, Role
from models.accounts.hospital import Hospital
from models.audit.audit_action import ACTIONS
from models.base import Record
from models.cases.status import STATUS_LABELS, STATUS_MEANING, Status
from models.mail.mail_status import MAIL_LABELS, MAIL_STATUS_LABELS, MailStatus
from models.mail.mail_templates import CONTEXTS
from models.monthly.month_answer import PROOF_LABELS, Proof
from tests import source

ROOT = Path(__file__).parent.parent
ASIDE = {
    ".git",
    ".hypothesis",
    ".venv",
    "var",
    "__pycache__",
    ".ruff_cache",
    ".mypy_cache",
    ".pytest_cache",
    "test-results",
    "node_modules",
}
FILES = [path for path in ROOT.rglob("*") if path.is_file() and not ASIDE & set(path.relative_to(ROOT).parts)]
CODE = [path for path in FILES if path.suffix == ".py"]
PAGES = [path for path in FILES if path.suffix == ".html" and path.is_relative_to(ROOT / "templates")]
MAILS = ROOT / "templates" / "mail"
# What a mail program shows, without our stylesheets: the texts of mails and what they share.
TEXTS = {
    path
    for path in PAGES
    if path.parent == MAILS or path.parent.joinpath("subject.txt").exists() or "/security/mail/" in str(path)
}

# layer -> the layers it may import, besides itself
MAY_IMPORT = {
    "settings": set(),
    "models": {"settings"},
    "tasks": {"models", "settings"},
    "admin_views": {"models", "settings", "tasks"},  # to wake the worker
    "app": {"admin_views", "models", "settings", "commands"},
    "commands": {"app", "admin_views", "models", "settings"},
}
# These belong to no hospital and to no process: `Record.owned_by` raises for them, so that nobody shows them by mistake.
WITHOUT_HOSPITAL = {
    "UserRole", "KnownDevice", "AuditEvent", "Mail", "MonthOpening", "CallLink", "LinkVisit", "Series", "CaseColleague",
    "CaseReader",
    "Reminder", "ContactPoint", "LogIn", "FailedAttempt", "AuditReview", "AuditAnchor", "Passkey", "OutgoingHold",
    "RestoredItem", "BackupRun", "MailPreference", "ReminderWait", "CaseAssignment",
    "AuditShipment", "SavedView", "RetentionTerm", "Destruction", "KeyFingerprint", "Heartbeat", "IntegrityRun",
    "MailSchedule", "MailWording", "SendingHold", "LinkedIdentity", "ProviderLogIn",
    "HeardLogOut", "ThemeDefinition",
}  # fmt: skip
QUERIES = {"select", "where", "get_by_id", "get_or_none", "order_by", "group_by", "execute_sql", "insert_many", "get_or_create"}
# The guarded base of all screens; and the demonstration, whose rows are nobody's.
MAY_QUERY = ("admin_views/grid/scoped_views.py", "commands/demo/")


def name(path):
    return path.relative_to(ROOT).as_posix()


def layer(path):
    top = path.relative_to(ROOT).parts[0]
    return top.removesuffix(".py")


def imported(path):
    """The first words of everything that `path` imports."""
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


OURS = [path for path in CODE if layer(path) in MAY_IMPORT]


def test_no_file_keeps_the_marks_of_a_merge_that_was_not_finished():
    marks = re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)
    assert marks.search(b"x\n" + b"<" * 7 + b" HEAD\n")
    assert not [str(path.relative_to(ROOT)) for path in FILES if marks.search(path.read_bytes())]


def test_imports_run_one_way():
    wrong = {name(path): set(imported(path)) & MAY_IMPORT.keys() - MAY_IMPORT[layer(path)] - {layer(path)} for path in OURS}
    assert {path: found for path, found in wrong.items() if found} == {}


def test_the_domain_knows_no_web():
    web = {"flask", "flask_admin", "flask_wtf", "flask_login", "werkzeug", "wtforms", "huey"}
    assert {name(path) for path in OURS if layer(path) == "models" and web & set(imported(path))} == set()


def test_queries_stand_in_the_models():
    asking = {
        f"{name(path)}:{node.lineno} .{node.attr}"
        for path in OURS
        if layer(path) in ("admin_views", "tasks", "app", "commands") and not name(path).startswith(MAY_QUERY)
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Attribute) and node.attr in QUERIES
    }
    assert asking == set()


def test_templates_ask_nothing():
    asking = re.compile(r"\.(select|where|get_by_id|execute)\(")
    assert {name(path) for path in PAGES if asking.search(source.text(path))} == set()


def test_no_file_is_named_after_nothing():
    assert {name(path) for path in CODE if path.stem in ("utils", "helpers", "services", "common", "misc")} == set()


def test_files_stay_short():
    # Not the migrations, which are a record, nor the tests, which nobody reads from end to end.
    assert {name(path): lines for path in OURS if (lines := len(source.text(path).splitlines())) > 300} == {}


def test_only_the_settings_read_the_environment():
    # A request has an environ of its own.
    reading = re.compile(r"(?<!request\.)(environ\.get|environ\[[^\]]+\](?! *=[^=])|getenv|environ\b(?!\.setdefault|\[|\.get))")
    assert {name(path) for path in OURS if layer(path) != "settings" and reading.search(source.text(path))} == set()


# Where only ASCII passes besides, or where every other letter becomes a blank: nothing that people type is refused by it.
PRINTABLE = {
    "admin_views/web/safe_redirect.py",
    "admin_views/grid/act_forms.py",
    "models/files/clamav.py",
    "models/operations/siem.py",
    "models/pdf/typesetting.py",
}


def test_whether_text_is_text_is_asked_in_one_place():
    # Python calls a no-break space, and every mark of direction, not printable: people paste both. models/typed_text.py.
    assert {name(path) for path in OURS if "isprintable" in source.text(path)} == PRINTABLE


def test_no_file_names_a_registry_or_this_machine():
    strange = re.compile(
        "|".join(("pypi" + r"\.org", "python" + "hosted", "registry" + r"\.npm", "deb" + r"\.debian", "/work" + "/"))
    )
    text = [path for path in FILES if path.suffix not in (".png", ".jpg", ".webp", ".ico", ".woff2", ".mo")]
    assert {name(path) for path in text if strange.search(path.read_text(errors="replace"))} == set()


def test_every_value_has_its_words():
    for values, words in (
        (Status, STATUS_LABELS),
        (Status, STATUS_MEANING),
        (MailStatus, MAIL_STATUS_LABELS),
        (Role, ROLE_LABELS),
        (Process, PROCESS_LABELS),
        (Proof, PROOF_LABELS),
        (ABILITIES, ABILITY_SENTENCES),
    ):
        assert set(values) == set(words)
    assert all(kind in "CRUDE" and label for kind, label in ACTIONS.values())


@pytest.mark.parametrize("mail", sorted(MAIL_LABELS))
def test_every_mail_has_its_texts_and_knows_what_to_tell(mail):
    assert mail in CONTEXTS
    assert {path.name for path in (MAILS / mail).iterdir()} >= {"subject.txt", "body.txt", "body.html"}


def test_every_model_says_which_rows_a_hospital_may_see_or_that_it_has_none():
    silent = {model.__name__ for model in MODELS if model.owned_by.__func__ is Record.owned_by.__func__}
    assert silent == WITHOUT_HOSPITAL
    for model in MODELS:
        if model.__name__ in silent:
            with pytest.raises(LookupError):
                access.reach(model, _Melder())


class _Melder:
    is_active, hospital_id, role_names, committee = True, 1, frozenset({Role.MELDER}), None
    hospital = Hospital()


@pytest.mark.parametrize("path", [path for path in PAGES if path not in TEXTS], ids=name)
def test_a_page_holds_nothing_that_the_content_policy_refuses(path):
    page = re.sub(r"{[#%].*?[#%]}|{{.*?}}", "", source.text(path), flags=re.S)
    assert not re.search(r"<[a-z][^<>]*\son[a-z]+\s*=", page), "an inline event handler"
    assert not re.search(r"<[a-z][^<>]*\sstyle\s*=", page), "a style attribute"
    assert "javascript:" not in page
    assert not re.search(r"""(src|href|action)\s*=\s*["'](https?:)?//""", page), "a request to another host"
    for tag in re.findall(r"<(?:script|style)\b[^>]*>", page):
        assert "nonce" in tag or "src=" in tag, tag


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked, extras = project["dependencies"], project["optional-dependencies"]
    _hold("requirements.lock", asked)
    _hold("requirements-dev.lock", asked + extras["dev"] + extras["analysis"] + extras["peer"])


def _hold(lock, asked):
    text = (ROOT / lock).read_text()
    pinned = {canonicalize_name(found): version for found, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.M)}
    for line in asked:
        wish = Requirement(line)
        assert wish.specifier.contains(pinned[canonicalize_name(wish.name)]), line
    assert text.count("==") <= text.count("--hash=sha256:") and "://" not in text


def test_the_running_and_the_testing_lock_agree():
    def pins(lock):
        return set(re.findall(r"^([\w.-]+==[^\s;]+)", (ROOT / lock).read_text(), re.M))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_no_answer_keeps_its_request_open_while_it_is_sent():
    """A stream with context leaves its user in the thread for the next request when nobody closes it."""
    assert [path for path in CODE if "stream_with_context" in source.text(path) and path.name != "test_house.py"] == []
