"""The rules of the rooms (docs/architecture.md): one noun of the work, one folder, the same name everywhere."""

import ast
import csv
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from fnmatch import fnmatch
from pathlib import Path

from packaging.requirements import Requirement

from admin_views import VIEWS
from admin_views.forms.form_view import FormView
from admin_views.grid.row_pages import NAMED, RowPage
from admin_views.grid.scoped_views import ScopedModelView
from settings import ROOT, VERSION
from tests import source

LAYERS = ("models", "admin_views", "tasks", "commands")
PYTHON = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
MODELS = [path for path in PYTHON if path.is_relative_to(ROOT / "models")]
ROOMS = {path.name for path in (ROOT / "models").iterdir() if path.is_dir() and path.name != "__pycache__"}
# Folders that are no room of the work: around the screens, of a library's own name, and kinds of tests.
BESIDE = {
    "admin_views": {"grid", "web"},
    "templates": {"grid", "web", "admin", "security"},
    "static": {"grid", "web"},
    "tests": {"ground", "grid", "web", "flows", "faults", "bench"},
}
READING = {"GET", "HEAD", "OPTIONS"}
FLAT, FILES, LINES = 8, 12, 3000
# Distribution -> the name by which it is imported, where the two differ.
IMPORTED_AS = {
    "flask-security-too": "flask_security", "argon2-cffi": "argon2", "psycopg": "psycopg", "pillow": "PIL",
    "wtf-peewee": "wtfpeewee", "xlsxwriter": "xlsxwriter", "pypdfium2": "pypdfium2",
}  # fmt: skip
# Used without an import of ours: by name in a command line, by Flask-Security, by Flask-Admin, by zoneinfo.
NOT_IMPORTED = {"gunicorn", "argon2-cffi", "wtf-peewee", "tzdata", "redis", "psycopg", "nh3"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def classes(path: Path) -> list[ast.ClassDef]:
    return [node for node in source.tree(path).body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]


def test_every_room_imports_only_what_stands_below_it():
    # In a process of its own: where it runs, it silences every logger that exists.
    lint = [Path(sys.executable).with_name("lint-imports"), "--config", ROOT / "pyproject.toml", "--no-cache"]
    ended = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


# Where `.model` is a field of ours, or peewee asks a column whose table it is in.
NAMES_A_TABLE = {"models/encrypted_fields.py", "models/retention/destruction.py", "models/retention/due.py"}


def test_no_model_is_reached_through_a_back_reference():
    assert [name(path) for path in PYTHON if re.search(r"\bself\.\w+\.model\b(?!\.|s)", source.text(path))] == []
    # Also by way of a name: `cases = theme.cases`, and then a column of `cases.model`.
    assert {name(path) for path in MODELS if re.search(r"\b[a-z_]\w*\.model\.\w", source.text(path))} == NAMES_A_TABLE


def test_a_folder_of_any_layer_is_a_room_of_the_models():
    strange = {
        f"{layer}/{path.name}"
        for layer, beside in BESIDE.items()
        for path in (ROOT / layer).iterdir()
        if any(one.is_file() for one in path.rglob("*")) and path.name not in ROOMS | beside | {"__pycache__"}
    }
    assert strange == set()


def test_a_public_class_has_a_name_of_its_own():
    found = defaultdict(list)
    for path in PYTHON:
        for node in classes(path):
            found[node.name].append(name(path))
    assert {word: places for word, places in found.items() if len(places) > 1} == {}


def test_a_module_shares_its_name_at_most_with_its_own_screen():
    found = defaultdict(list)
    for path in PYTHON:
        # Tasks and commands are one file per room, and bear its name.
        if path.stem not in ("__init__", "__main__") and path.parent.parent != ROOT and path.parts[-3] != "demo":
            found[path.stem].append(path.relative_to(ROOT).parts)
    twice = {word: places for word, places in found.items() if len(places) > 1}
    assert {
        word
        for word, places in twice.items()
        if len(places) > 2
        or {place[0] for place in places} != {"models", "admin_views"}
        or len({place[1] for place in places}) > 1
    } == set()


def test_no_folder_is_crowded():
    flat = [path for path in MODELS if path.parent == ROOT / "models"]
    crowded = {}
    for folder in {path.parent for path in PYTHON}:
        files = [path for path in PYTHON if path.parent == folder and path.stem != "__init__"]
        lines = sum(len(source.text(path).splitlines()) for path in files)
        if len(files) > FILES or lines > LINES:
            crowded[name(folder)] = (len(files), lines)
    assert (len(flat) <= FLAT, crowded) == (True, {})


def test_nothing_is_imported_only_to_register():
    """An import for its side effect would have to say so to the linter; `models/__init__.py` names what it collects."""
    silent = re.compile(r"^\s*(?:from|import) .*noqa:.*F401")
    assert {name(path) for path in PYTHON if any(silent.match(line) for line in source.text(path).splitlines())} == set()


def test_nothing_registers_itself_with_another_room():
    """What a room must know of the rooms above it stands in `models/__init__.py`, and comes by no decorator of that room.

    Within a room its own decorators make a table, as of rules and of indicators.
    """
    wraps = {"unbroken"}  # does something before and after, and keeps nothing of what it was put on
    strange = set()
    for path in MODELS:
        nodes = list(ast.walk(source.tree(path)))
        homes = {
            one.asname or one.name: (ROOT / node.module.replace(".", "/")).parent
            for node in nodes
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("models")
            for one in node.names
        }
        for node in nodes:
            for one in getattr(node, "decorator_list", ()):
                word = ast.unparse(one).split("(")[0].split(".")[0]
                if word in homes and word not in wraps and not path.is_relative_to(homes[word]):
                    strange.add(f"{name(path)}: @{word}")
    assert strange == set()


def test_a_mixin_stands_in_the_folder_of_its_noun_and_is_used_once():
    """A mixin: a public class of ours that is no table and that a table inherits from."""
    where = {node.name: path for path in MODELS for node in classes(path)}
    bases = {
        node.name: [base.id for base in node.bases if isinstance(base, ast.Name)] for path in MODELS for node in classes(path)
    }
    shared = {"Model", "Record", "PartOf", "Searched", "Row", "Lifted"}  # what many tables are; not a part of one of them

    def is_table(word: str) -> bool:
        return word in shared or any(is_table(base) for base in bases.get(word, []))

    users = defaultdict(list)
    for word, its in bases.items():
        if is_table(word):
            for base in its:
                if base in where and not is_table(base):
                    users[base].append(word)
    wrong = {
        mixin: tables for mixin, tables in users.items() if len(tables) > 1 or where[mixin].parent != where[tables[0]].parent
    }
    assert wrong == {}


def test_every_screen_that_says_where_it_stands_is_in_the_menu_list():
    """In the list once, with a place of its own; what is shared by several screens says none."""
    placed = {node.name for path in PYTHON for node in classes(path) if any(_names_screen(part) for part in node.body)}
    assert [view.__name__ for view in VIEWS if "screen" not in vars(view)] == []
    assert sorted(placed) == sorted(view.__name__ for view in VIEWS)


def _names_screen(part: ast.stmt) -> bool:
    return isinstance(part, ast.Assign) and [getattr(target, "id", "") for target in part.targets] == ["screen"]


AT_LEAST = 27  # generated lists
AT_MOST = 15  # screens by hand
MADE_BY_HAND = {
    "ReportingView": "a case is reported in steps: ask, look at what it is, hand in",
    "ReviewView": "the work list has piles, and its case is read beside its files",
    "MonthsView": "a grid of hospitals by months, not of rows by columns",
    "SwanseaView": "a calculator: it keeps nothing",
    "LinksView": "opened from a mail, without logging in",
    "StopLinkView": "opened from a mail, without logging in",
    "HandbookView": "text",
    "SiteView": "the specification for suppliers: text and files, open to everybody",
    "CompletenessView": "a form of twelve months; of a month that nobody stated there is no row",
    "BenchmarkView": "figures and drawings over all stays",
    "AnnualReportView": "the figures of a year and its settled editions",
    "RadarView": "figures over all hospitals, beside what their births let expect",
    "OverviewView": "figures over all hospitals and suppliers",
    "MailboxView": "the demonstration's: files in a folder, no rows",
    "SubjectReportView": "what is kept about one person, by number, over all tables: no row of a list",
}


def _generated(view):
    return issubclass(view, ScopedModelView)


def _belongs_to_a_list(view):
    """Whether it is a page about one row of a generated list, made by the one base: its address names the row."""
    below = view.screen.below
    return issubclass(view, RowPage) and below in VIEWS and _generated(below) and len(NAMED.findall(view.screen.url)) == 1


def test_what_is_neither_a_list_nor_a_page_of_one_stands_here_with_its_reason():
    alone = {view.__name__ for view in VIEWS if not _generated(view) and not _belongs_to_a_list(view)}

    assert alone == set(MADE_BY_HAND) and len(MADE_BY_HAND) <= AT_MOST and all(MADE_BY_HAND.values())


def test_most_screens_are_made_by_flask_admin():
    assert sum(map(_generated, VIEWS)) >= AT_LEAST


def test_a_generated_list_says_its_model_and_its_columns():
    assert [view.__name__ for view in VIEWS if _generated(view) and not (view.screen.of and view.column_list)] == []


A_YEAR = "a few rows a year"
OF_ONE = "the rows of one thing that the address names"
# Lists that offer neither a search nor a filter, and why: another one has to offer one of both.
NOTHING_TO_LOOK_FOR = {
    "CommitteeSettingsView": A_YEAR,
    "CommitteeView": "the cases that wait for one committee",
    "ContactPointsView": "one row for each subject",
    "EntryView": "the drafts of one hospital that are not sent",
    "HeldChangesView": "only what still waits for a second person",
    "InstallationStatusView": "one row for each clock",
    "KeysView": OF_ONE,
    "MailSchedulesView": A_YEAR,
    "MeetingsView": "a dozen rows a year",
    "MembersView": "the members of the committees",
    "ReachChangesView": "only what still waits for a second person",
    "RetentionTermsView": "one row for each kind of data",
    "ReviewedAccountsView": OF_ONE,
    "RiskModelsView": A_YEAR,
    "SecondSourcesView": A_YEAR,
    "TrailReviewView": "a dozen rows a year",
    "WorkplacesView": "of the members of the committees",
}


def test_a_list_can_be_sorted_and_searched_or_filtered():
    lists = [view for view in VIEWS if _generated(view)]
    assert [view.__name__ for view in lists if not view.column_sortable_list] == []
    assert {view.__name__ for view in lists if not (view.search_hint or view.column_filters)} == set(NOTHING_TO_LOOK_FOR)


def test_every_form_of_the_one_engine_is_a_page_of_a_list():
    assert [view.__name__ for view in VIEWS if issubclass(view, FormView) and not _belongs_to_a_list(view)] == []


# Views that change something and are no act, each with the reason. Those of the libraries are not ours.
STREAM = "the body is a file, read as it comes in; an act has a form"
TWO_STEPS = "shows what would become of it before it is done; the page is the answer to both"
OWN_PAGE = "a refusal shows the page again with what was typed"
NO_LOG_IN = "opened from a mail, by who is not logged in"
MACHINE = "a program asks, and gets its answer as data"
DOOR = "at the door: about this session, with Flask-Security's own forms"
ENGINE = "the engine for forms: a conflict and a refusal stand at their field"
ONLY_SHOWS = "keeps nothing: shows what was asked"
DOWNLOAD = "the answer is the file, in this same request"
NOT_AN_ACT = {
    "accounts.browser_sessions:_end_others": DOOR,
    "accounts.hospital_login:_confirm": DOOR,
    "accounts.hospital_login:_ended": MACHINE,
    "accounts.hospital_login:_link": DOOR,
    "accounts.hospital_login:_start": DOOR,
    "accounts.hospital_login:_unlink": DOOR,
    "accounts.mail_choices:choose": "on the page of Flask-Security's account, which is no screen of ours",
    "accounts.reauthentication:_again": DOOR,
    "accounts.second_factor:_distrust": DOOR,
    "accounts.users:UsersView.reset_factor": TWO_STEPS,
    "approval.held_changes:StopLinkView.stop": NO_LOG_IN,
    "approval.sheet_import:FromSheet.sheet_taken": TWO_STEPS,
    "cases.complete_case:ReportingView.new": OWN_PAGE,
    "committee.table_acts:OutcomeView.preview": ONLY_SHOWS,
    "files.case_files:FilesView.upload": STREAM,
    "files.case_files:FilesView.upload_form": STREAM,
    "files.resumable_upload:ResumableUploadsView.append": STREAM,
    "files.resumable_upload:ResumableUploadsView.begin": STREAM,
    "files.resumable_upload:ResumableUploadsView.end": STREAM,
    "forms.form_view:FormView.answer": ENGINE,
    "forms.form_view:FormView.save": ENGINE,
    "lnr.api.delivery_api:look": MACHINE,
    "lnr.api.delivery_api:take": MACHINE,
    "lnr.api.delivery_api:take_many": MACHINE,
    "lnr.api.delivery_api:understand": MACHINE,
    "lnr.benchmark:BenchmarkView.agreement": TWO_STEPS,
    "lnr.indicator_settings:IndicatorSettingsView.carry": TWO_STEPS,
    "lnr.indicator_settings:IndicatorSettingsView.change": TWO_STEPS,
    "lnr.research.extract_requests:RequestView.download": DOWNLOAD,
    "lnr.site.supplier_site:SiteView.check": ONLY_SHOWS,
    "lnr.upload:UploadView.take": STREAM,
    "lnr.upload:UploadView.take_form": STREAM,
    "mail.demo_mailbox:MailboxView.send": "what the worker does every minute: nobody does it, so there is no `by`",
    "mail.mail_schedules:MailSchedulesView.change": TWO_STEPS,
    "mail.mail_wordings:MailWordingsView.mail": OWN_PAGE,
    "mail.mail_wordings:MailWordingsView.preview": ONLY_SHOWS,
    "monthly.mail_links:LinksView.gesture": NO_LOG_IN,
    "monthly.mail_links:LinksView.no": NO_LOG_IN,
    "monthly.mail_links:LinksView.undo": NO_LOG_IN,
    "monthly.month_grid:MonthsView.remind_all": "about the mails of all hospitals at once; fits an act, and waits for it",
    "questionnaires.answers_export:CodedView.download": DOWNLOAD,
    "questionnaires.edit_version:EditingView.block": OWN_PAGE,
    "questionnaires.edit_version:EditingView.head": OWN_PAGE,
    "questionnaires.edit_version:EditingView.new_block": OWN_PAGE,
    "questionnaires.edit_version:EditingView.new_question": OWN_PAGE,
    "questionnaires.edit_version:EditingView.question": OWN_PAGE,
    "questionnaires.swansea:SwanseaView.index": ONLY_SHOWS,
    "questionnaires.try_out:TrialView.index": ONLY_SHOWS,
    "questionnaires.versions:VersionView.copy": "a refusal opens the draft that is there already",
    "questionnaires.versions:VersionView.publish": TWO_STEPS,
    "questionnaires.versions:VersionView.upload": TWO_STEPS,
    "questionnaires.versions:VersionsView.new": OWN_PAGE,
    "retention.subject_reports:SubjectReportView.report": DOWNLOAD,
    **{
        f"upload_links.colleague_pages:{view}": NO_LOG_IN
        for view in ("append", "begin", "enter", "finish", "remove", "send_code", "stop", "take", "take_form")
    },
}


def test_what_changes_something_is_an_act_or_stands_here_with_its_reason(app):
    views = (app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules() if rule.methods - READING)
    by_hand = {f"{view.__module__}:{view.__qualname__}" for view in views if not hasattr(view, "act")}
    ours = {view.removeprefix("admin_views.") for view in by_hand if view.startswith("admin_views.")}
    assert ours == set(NOT_AN_ACT)


def _reads_by_hand(path: Path) -> bool:
    """Whether a file takes fields out of a request itself: `request.form`, `request.values`, or a page number."""
    return any(
        (isinstance(node, ast.Attribute) and node.attr in ("form", "values") and getattr(node.value, "id", "") == "request")
        or (isinstance(node, ast.Constant) and node.value == "bladzijde")
        for node in ast.walk(source.tree(path))
    )


def test_a_screen_takes_what_was_sent_from_a_form_that_says_its_fields():
    engine = (ROOT / "admin_views" / "grid", ROOT / "admin_views" / "forms")
    screens = [path for path in PYTHON if path.is_relative_to(ROOT / "admin_views") and not set(engine) & set(path.parents)]
    assert [name(path) for path in screens if _reads_by_hand(path)] == []
    pages = (ROOT / "templates").rglob("*.html")
    assert [name(path) for path in pages if "request.form" in source.text(path)] == []


# Whose own words some rows are, so that not all were chosen by who named the files: a higher number, never a lower one.
GLOSSARIES = ("NEN 7513", "FHIR", "REDCap", "GOV.UK Notify", "ODK")
OF_OTHERS = 20


def test_a_word_of_the_trade_finds_its_file():
    """At least 57 of 60: the word, as somebody would type it, is in at most three paths, and one of them is the file."""
    paths = [name(path) for path in PYTHON if path.stem != "__init__"]
    with (ROOT / "tests" / "findable.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    missed = []
    for row in rows:
        pattern = re.compile(r"s?[\W_]*".join(map(re.escape, re.split(r"[\W_]+", row["word"]))), re.IGNORECASE)
        hits = [path for path in paths if pattern.search(path)]
        if len(hits) > 3 or row["file"] not in hits:
            missed.append((row["word"], len(hits)))
    assert len(rows) >= 60
    assert len(missed) <= len(rows) // 20, missed
    assert {row["source"] for row in rows} <= {"own", *GLOSSARIES}
    assert sum(row["source"] != "own" for row in rows) >= OF_OTHERS


def functions(body, method=False):
    """(function, its arguments but self) of each public function and method; not what stands within a function."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from functions(node.body, method=True)
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            given = node.args
            named = [*given.posonlyargs, *given.args]
            static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in node.decorator_list)
            rest = [*given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
            yield node, [*named[method and not static :], *rest]


def test_every_public_function_of_the_models_says_its_types():
    bare = {
        f"{name(path)}:{node.name}"
        for path in MODELS
        for node, given in functions(source.tree(path).body)
        if node.returns is None or any(one.annotation is None for one in given)
    }
    assert bare == set()


def test_no_type_is_wrong():
    # Kept beside the tests, for the next time: seconds where a minute was needed.
    check = [sys.executable, "-m", "mypy", "--no-error-summary"]
    ended = subprocess.run(check, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


# Modules whose bodies are not checked yet: a lower number when one of them was mended, never a higher one.
UNCHECKED = 19


def test_what_is_not_checked_yet_only_shrinks():
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    (unchecked,) = [one["module"] for one in overrides if one.get("ignore_errors")]
    (strict,) = [one["module"] for one in overrides if one.get("disallow_untyped_defs")]
    assert len(unchecked) == UNCHECKED
    assert [module for module in unchecked if any(fnmatch(module, pattern) for pattern in strict)] == []
    assert [module for module in unchecked if not (ROOT / f"{module.replace('.', '/')}.py").exists()] == []


def test_no_dependency_is_there_that_nobody_imports():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = "\n".join(source.text(path) for path in [*PYTHON, ROOT / "settings.py", ROOT / "app.py"])
    imported = {word.split(".")[0] for word in re.findall(r"^\s*(?:from|import) ([\w.]+)", text, re.M)}
    unused = set()
    for line in project["dependencies"]:
        distribution = Requirement(line).name.lower()
        module = IMPORTED_AS.get(distribution, distribution.replace("-", "_"))
        if module not in imported and distribution not in NOT_IMPORTED:
            unused.add(distribution)
    assert unused == set()


def test_only_tables_of_data_are_laid_out_by_hand():
    wrong = set()
    for path in PYTHON:
        text = source.text(path)
        if "# fmt: skip" not in text or path.name == "examples.py":  # stories of children, which are data
            continue
        tables = {
            node.end_lineno
            for parent in ast.walk(source.tree(path))
            if isinstance(parent, ast.Module | ast.ClassDef)
            for node in parent.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
        }
        wrong |= {
            f"{name(path)}:{number}"
            for number, line in enumerate(text.splitlines(), 1)
            if "# fmt: skip" in line and number not in tables
        }
    assert wrong == set()


def test_every_file_that_a_page_of_ours_names_is_there():
    """In README.md, CONTRIBUTING.md and docs/: a path in code letters, from the root, or below tests/."""
    named = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|csv|html|conf|md))`|\]\(((?!http)[^)#]+)")
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    lost = {
        f"{name(page)}: {found}"
        for page in pages
        for pair in named.findall(page.read_text())
        if (found := pair[0] or pair[1]) and not any((start / found).exists() for start in (ROOT, ROOT / "tests", page.parent))
    }
    assert lost == set()


def test_every_room_stands_in_the_tree_of_the_architecture():
    tree = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("\n## ")[0]
    assert {room for room in ROOMS if not re.search(rf"(?<![\w/]){room}/ ", tree)} == set()


def test_the_version_stands_in_one_place_and_the_changelog_knows_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    assert f"\n## {VERSION}\n" in (ROOT / "CHANGELOG.md").read_text()
