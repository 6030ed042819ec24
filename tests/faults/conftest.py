"""Each test begins with an empty disk as well: what it leaves there is its own."""

import shutil

import pytest
from playhouse import migrations

from models import base
from settings import settings
from tests.cluster import Cluster
from tests.conftest import STEPS


@pytest.fixture(autouse=True)
def empty_disk(empty_database):
    shutil.rmtree(settings.documents_dir, ignore_errors=True)


@pytest.fixture
def cluster(require):
    """A PostgreSQL server of this test alone, to which the models speak meanwhile."""
    require("postgresql")
    cluster = Cluster()
    try:
        cluster.start()
        migrations.run(base.connect(cluster.url), str(STEPS))
        yield cluster
    finally:
        base.connect(settings.database_url)
        cluster.stop()
