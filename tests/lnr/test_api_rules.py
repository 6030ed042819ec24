"""The OpenAPI description against the Dutch API Design Rules, by Spectral (`npm ci` in api_rules, as .ci/run does)."""

import json
import subprocess
from pathlib import Path

import pytest

from models.access import Role
from models.accounts.contact_point import LNR, ContactPoint
from tests import make

RULES = Path(__file__).parent / "api_rules"


@pytest.fixture
def lint(require, tmp_path):
    """lint(description): {(code of the rule, where)} of what Spectral finds, warnings among them."""
    spectral = require("spectral")

    def look(described):
        file = tmp_path / "openapi.json"
        file.write_text(json.dumps(described))
        command = [spectral, "lint", file, "--ruleset", RULES / "ruleset.yaml", "--format", "json", "--quiet"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert ended.returncode in (0, 1), ended.stderr
        return {(one["code"], ".".join(map(str, one["path"]))) for one in json.loads(ended.stdout or "[]")}

    return look


@pytest.fixture
def described(client):
    ContactPoint.get(ContactPoint.about == LNR).amend(make.user(role=Role.BEHEERDER), mail="lnr@example.nl")
    return client.get("/lnr/v1/openapi.json").json


def test_nothing_differs_from_the_rules(lint, described):
    assert lint(described) == set()


def test_each_rule_finds_what_it_is_for(lint, described):
    described["openapi"] = "3.1.0"
    described["info"]["version"] = "1.1"
    described["info"]["contact"].pop("email")
    described["servers"] = [{"url": "https://example.nl/lnr"}]
    paths = described["paths"]
    paths["/kwalificatie/"] = paths.pop("/kwalificatie")
    paths["/Begrepen_ding"] = paths.pop("/begrepen")
    paths["/berichten"]["get"]["parameters"][0]["name"] = "sinds_wanneer"
    paths["/status"]["get"]["responses"]["200"]["headers"].pop("API-Version")
    paths["/fouten"]["get"]["responses"]["200"].pop("headers")
    paths["/fouten"]["get"]["responses"]["401"]["content"].pop("application/problem+json")
    paths["/controle"]["trace"] = {**paths["/controle"]["post"], "operationId": "trace"}
    found = {code for code, _ in lint(described) if code.startswith("nlgov:")}
    assert found == {
        f"nlgov:{name}"
        for name in (
            "semver", "doc-openapi-contact", "uri-version", "no-trailing-slash", "path-segments-kebab-case",
            "query-keys-camel-case", "version-header", "missing-header", "problem-details", "http-methods",
        )
    }  # fmt: skip
