"""The ground under every test: an installation of its own, and empty tables.

TEST_DATABASE=postgresql runs the same tests on PostgreSQL; REQUIRE=all turns every skipped component into a failure.
"""

import atexit
import importlib
import importlib.util
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster import Cluster, programs

pytest_plugins = ["tests.dialect", "tests.cost", "tests.plans"]
ON_POSTGRESQL = os.environ.get("TEST_DATABASE", "sqlite") == "postgresql"


def _quick_disk():
    """Memory that looks like a disk, where there is plenty: waiting for a real one is half the time of these tests."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4_000_000_000 else None


DATA = Path(tempfile.mkdtemp(prefix="meldportaal-test-", dir=_quick_disk()))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
CLUSTER = Cluster() if ON_POSTGRESQL else None

# Before anything of ours is imported: settings are read once.
for name in (
    "DATABASE_URL",
    "REDIS_URL",
    "STORAGE_URL",
    "S3_ENDPOINT",
    "SMTP_URL",
    "SIEM_URL",
    "SECRET_KEYS",
    "AGE_IDENTITIES",
    "DEMO",
    "PROXY_HOPS",
):
    os.environ.pop(name, None)
os.environ.update(DATA_DIR=str(DATA), PORTAL_URL="http://localhost", MAIL_FROM="noreply@example.com")
# Most tests are about something else; test_factor.py and flows/test_second_factor.py require it.
os.environ["SECOND_FACTOR"] = "optional"
if CLUSTER:
    os.environ["DATABASE_URL"] = CLUSTER.url

from playhouse import migrations  # noqa: E402

from app import create_app  # noqa: E402
from models import MODELS, base, clock  # noqa: E402
from models.accounts.contact_point import PARTS, ContactPoint  # noqa: E402
from models.accounts.session import LogIn  # noqa: E402
from models.retention.retention_kind import KINDS  # noqa: E402
from models.retention.retention_term import RetentionTerm  # noqa: E402
from settings import settings  # noqa: E402
from tests import rights  # noqa: E402
from tests.object_store import ObjectStore  # noqa: E402

settings.make_keys()
TABLES = [model._meta.table_name for model in MODELS]
STEPS = Path(__file__).parent.parent / "migrations"
FILE, TEMPLATE, WORLD = DATA / "portal.db", DATA / "empty.db", DATA / "world.db"
# When what is copied was written, in nanoseconds: a moment that no writing leaves behind.
ORIGINAL = {TEMPLATE: 1_000_000_000, WORLD: 2_000_000_000}


@pytest.fixture(scope="session")
def schema():
    """The tables, made once as an installation makes them."""
    try:
        if CLUSTER:
            CLUSTER.start()
        database = base.connect(settings.database_url)
        migrations.run(database, str(STEPS))
        base.let_go()
        if not CLUSTER:
            shutil.copyfile(FILE, TEMPLATE)
        yield database
    finally:
        if CLUSTER:
            CLUSTER.stop()


@pytest.fixture(autouse=True)
def empty_database(schema):
    """Every test begins with empty tables. The trail forbids deleting rows, so this goes around it."""
    if CLUSTER:
        with _without_triggers():
            _delete_everything()
    else:
        _put_back(TEMPLATE)
    yield
    base.db.close()


def _put_back(kept):
    """Take a copy of `kept` for the database, unless nothing was written since that was done.

    Another file in its place, as after a restore: a server of the test before may have the old one open still.
    """
    base.let_go()
    write_ahead = FILE.with_name(FILE.name + "-wal")
    if FILE.exists() and FILE.stat().st_mtime_ns == ORIGINAL[kept] and not write_ahead.exists():
        return
    for leftover in (write_ahead, FILE.with_name(FILE.name + "-shm")):
        leftover.unlink(missing_ok=True)
    fresh = FILE.with_name("fresh.db")
    shutil.copyfile(kept, fresh)
    os.utime(fresh, ns=(ORIGINAL[kept], ORIGINAL[kept]))
    fresh.replace(FILE)


@contextmanager
def _without_triggers():
    with base.db.connection_context(), base.db.atomic():
        base.db.execute_sql("SET LOCAL session_replication_role = replica")
        yield


def _delete_everything():
    """Ten times as quick as TRUNCATE, for tables that hold next to nothing."""
    holds = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in TABLES)
    for (table,) in base.db.execute_sql(holds).fetchall():
        base.db.execute_sql(f'DELETE FROM "{table}"')
    # What a migration puts there, as every installation has it.
    ContactPoint.insert_many([{"id": number, "about": part} for number, part in enumerate(PARTS, 1)]).execute()
    RetentionTerm.insert_many([{"kind": kind, "days": facts.days} for kind, facts in KINDS.items()]).execute()


class Kept:
    """The database and the files as they are at this moment, to begin later tests with."""

    def __init__(self):
        self.files = DATA / "kept-documents"
        shutil.rmtree(self.files, ignore_errors=True)
        shutil.copytree(settings.documents_dir, self.files)
        if CLUSTER:
            with base.db.connection_context(), base.db.atomic():
                base.db.execute_sql("DROP SCHEMA IF EXISTS kept CASCADE")
                base.db.execute_sql("CREATE SCHEMA kept")
                for table in TABLES:
                    base.db.execute_sql(f'CREATE TABLE kept."{table}" AS TABLE "{table}"')
        else:
            base.let_go()
            shutil.copyfile(FILE, WORLD)

    def put_back(self):
        if CLUSTER:
            with _without_triggers():
                _delete_everything()
                ContactPoint.delete().execute()
                RetentionTerm.delete().execute()
                for table in TABLES:
                    base.db.execute_sql(f'INSERT INTO "{table}" SELECT * FROM kept."{table}"')
        else:
            _put_back(WORLD)
        shutil.rmtree(settings.documents_dir, ignore_errors=True)
        shutil.copytree(self.files, settings.documents_dir)


KEPT = []


@pytest.fixture
def world(empty_database):
    """What rights.py builds, with cases everywhere: built once, and put back for every test that begins with it."""
    if not KEPT:
        shutil.rmtree(settings.documents_dir, ignore_errors=True)
        KEPT.append((rights.build(), Kept()))
    made, kept = KEPT[0]
    kept.put_back()
    return made


@pytest.fixture(scope="session")
def app(schema):
    """The web application; errors that a person would read as 'Er ging iets mis' come out as themselves."""
    made = create_app()
    made.testing = True
    return made


@pytest.fixture
def client(app):
    """A visitor's browser, without script."""
    return app.test_client()


@pytest.fixture
def login():
    """login(client, user): the browser of somebody who logged in a moment ago; returns it."""

    def enter(client, user):
        with client.session_transaction() as session:
            session["_user_id"] = user.fs_uniquifier
            session["_fresh"] = True
            session["login"] = LogIn.start(user, "127.0.0.1", "test")
        return client

    return enter


READ_ON = clock.today()
READ_AGAIN = {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """A run may pass midnight: what a module reckoned from today when it was read, it reckons anew on the next day."""
    day = clock.today()
    if day != READ_ON and READ_AGAIN.get(item.module.__name__) != day:
        READ_AGAIN[item.module.__name__] = day
        importlib.reload(item.module)


def pytest_collection_modifyitems(items):
    """Leave out what only the other database can meet: such a test is not skipped, it has nothing to ask here."""
    elsewhere = "only_sqlite" if ON_POSTGRESQL else "only_postgresql"
    items[:] = [item for item in items if not item.get_closest_marker(elsewhere)]


SPECTRAL = Path(__file__).parent / "lnr" / "api_rules" / "node_modules" / ".bin"
OIDC = Path(__file__).parent / "accounts" / "oidc"
COMPONENTS = {
    "postgresql": programs,
    "chromium": lambda: shutil.which("chromium"),
    "age": lambda: shutil.which("age"),
    "curl": lambda: shutil.which("curl"),
    "clamd": lambda: shutil.which("clamd", path=os.pathsep.join((os.environ["PATH"], "/usr/sbin"))),
    "nginx": lambda: shutil.which("nginx", path=os.pathsep.join((os.environ["PATH"], "/usr/sbin"))),
    "redis": lambda: shutil.which("redis-server"),
    "swift": lambda: importlib.util.find_spec("swift"),
    "statsmodels": lambda: importlib.util.find_spec("statsmodels"),
    "systemd": lambda: shutil.which("systemd-analyze"),
    "git": lambda: shutil.which("git"),
    "strace": lambda: shutil.which("strace"),
    "spectral": lambda: shutil.which("spectral", path=str(SPECTRAL)),
    "an identity provider": lambda: (OIDC / "node_modules" / "oidc-provider").is_dir() and shutil.which("node"),
    "a small disk": lambda: os.geteuid() == 0 and shutil.which("mount"),
}


@pytest.fixture(scope="session")
def object_store(require):
    """A store that speaks S3, with the bucket `portal`."""
    require("swift")
    store = ObjectStore().start()
    yield store
    store.stop()


@pytest.fixture(scope="session")
def require():
    """require("chromium"): skip where it is not installed, fail under REQUIRE=all; returns where it was found."""

    def look(component):
        found = COMPONENTS[component]()
        if not found:
            reason = f"{component} is not installed on this machine"
            (pytest.fail if os.environ.get("REQUIRE") == "all" else pytest.skip)(reason)
        return found

    return look
