"""Each test begins with an empty disk as well: what it leaves there is its own."""

import shutil

import pytest

from settings import settings


@pytest.fixture(autouse=True)
def empty_disk(empty_database):
    shutil.rmtree(settings.documents_dir, ignore_errors=True)
