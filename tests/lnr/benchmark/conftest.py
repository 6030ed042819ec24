"""Who the tests of the benchmark have in common."""

import pytest

from models.access import Role
from tests import make


@pytest.fixture
def managers():
    return [make.user(role=Role.LNR_BEHEER, name=name) for name in ("Anna", "Bert")]
