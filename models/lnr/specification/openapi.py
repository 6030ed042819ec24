"""The OpenAPI 3.1 description of `/lnr/v1/`. tests/admin_views/test_lnr_openapi.py holds it against the running portal."""

from models.lnr.dataset.definition import definition
from models.lnr.message.validation_report import REPORT, Severity, WhoActs
from models.lnr.message.xml_tree import SIZE
from models.lnr.rules.registry import rules
from models.lnr.suppliers.scenarios import ScenarioState

XML, JSON = "application/xml", "application/json"
# operation -> the statuses that it answers with; every description of one comes from the portal itself
SENT = (401, 403, 408, 413, 415, 429, 500, 503)
STATUSES = {
    "deliver": (200, 400, 409, 422, *SENT),
    "again": (200, 400, 401, 403, 404, 409, 413, 422, 500, 503),
    "check": (200, 400, 409, 422, *SENT),
    "qualification": (200, 401, 403, 500, 503),
}
JUDGED = {
    200: "Accepted, perhaps with warnings. It is stored, or was stored before.",
    409: "Conflict: the message id was used for other content, or a version this high is there already.",
    422: "Refused by the schema or a rule. The findings say what to correct.",
}
WORDS = {
    "deliver": (
        "Deliver one message",
        "Checked against everything that is there, and kept with its verdict. The same bytes again get the same answer and "
        "change nothing, so repeat whenever no answer came.",
    ),
    "again": (
        "The report on a message once more",
        "By our delivery_id or by your own message id; only messages that you sent for this hospital. The status is the one "
        "that the message got.",
    ),
    "check": (
        "Check a message and keep nothing",
        "The answer that delivering this message would give right now, compared with what was sent before. Only whether the "
        "child was admitted to another hospital (R-40) is not told. A message that was delivered gets its own report again.",
    ),
    "qualification": (
        "How far the qualification is",
        "Each published scenario with its steps: done, or what differs from what was expected.",
    ),
}
BEARER = {"description": "How to authenticate (RFC 6750).", "schema": {"type": "string"}}
HEADERS = {
    401: {"WWW-Authenticate": BEARER},
    403: {"WWW-Authenticate": BEARER},
    429: {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1, "maximum": 60}}},
}
REFERENCE = {"type": "string", "format": "uri-reference"}
LOCATION = {"Location": {"description": "Where to get the report again.", "schema": REFERENCE}}


def describe(server, texts):
    """The description as JSON can hold it.

    `texts`: {status: ((nl, hint), (en, hint))} of what refuses a request, but for what JUDGED tells.
    """
    version = definition().versions[-1]["version"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "LNR: neonatal messages from record systems",
            "version": version,
            "summary": "Delivers stays of newborns to the Landelijke Neonatale Registratie.",
            "description": f"A message is XML by the schema {server}/lnr/specificatie/bestanden/lnr-{version}.xsd. "
            f"All documentation: {server}/lnr/specificatie/en/",
            "contact": {"name": "Perined", "url": "https://www.perined.nl"},
        },
        "servers": [{"url": server}],
        "externalDocs": {"url": f"{server}/lnr/specificatie/en/", "description": "Every item, every rule, examples"},
        "security": [{"key": []}],
        "paths": {
            "/lnr/v1/berichten": {"post": _posting("deliver", texts)},
            "/lnr/v1/berichten/{name}": {"get": _operation("again", texts) | {"parameters": [NAME]}},
            "/lnr/v1/controle": {"post": _posting("check", texts)},
            "/lnr/v1/kwalificatie": {"get": _operation("qualification", texts)},
        },
        "components": {
            "securitySchemes": {"key": KEY},
            "schemas": {"Report": REPORT_SCHEMA, "Finding": FINDING, "Header": HEADER, "Qualification": QUALIFICATION},
        },
    }


def _operation(name, texts):
    summary, description = WORDS[name]
    return {
        "operationId": name,
        "summary": summary,
        "description": description,
        "responses": {str(status): _answer(name, status, texts) for status in sorted(STATUSES[name])},
    }


def _posting(name, texts):
    """An operation that takes a message."""
    example = "/lnr/specificatie/voorbeelden"
    body = {
        "required": True,
        "description": f"One message in UTF-8, at most {SIZE} bytes, without compression. Examples: {example}",
        "content": {kind: {"schema": {"type": "string", "maxLength": SIZE}} for kind in (XML, "text/xml")},
    }
    return _operation(name, texts) | {"requestBody": body}


def _answer(name, status, texts):
    told = JUDGED.get(status) or " ".join(texts[status][1])
    kind = "Qualification" if name == "qualification" and status == 200 else "Report"
    schema = {"$ref": f"#/components/schemas/{kind}"}
    # The elements and attributes of the XML carry the names of the JSON; lists are repeated elements.
    bodies = {JSON: {"schema": schema}} | ({} if kind == "Qualification" else {XML: {"schema": {"type": "string"}}})
    headers = HEADERS.get(status, {}) | (LOCATION if name == "deliver" and status in (200, 422) else {})
    return {"description": told, "content": bodies} | ({"headers": headers} if headers else {})


KEY = {"type": "http", "scheme": "bearer", "description": "A key for one supplier and one hospital."}
NAME = {
    "name": "name", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1},
    "description": "The delivery_id from the report, or the value of `identificatie` in your message.",
}  # fmt: skip


def _text(description, *kinds, **more):
    return {"type": ["string", *kinds] if kinds else "string", "description": description} | more


def _count(description):
    return {"type": "integer", "minimum": 0, "description": description}


FINDING = {
    "type": "object",
    "required": "rule version severity path line column nl en hint_nl hint_en acts".split(),
    "additionalProperties": False,
    "properties": {
        "rule": _text("The number of the rule; HTTP-… for a request that never became a message.",
                      pattern=r"^(R-\d\d|HTTP-\d{3})$", examples=sorted(rules())[:3]),
        "variant": _text("Which of the sentences of the rule; absent for a request that never became a message."),
        "version": {"type": "integer", "minimum": 1, "description": "The version of the rule."},
        "severity": _text("Only `fout` refuses a message.", enum=[str(one) for one in Severity]),
        "path": _text("XPath without prefixes; empty for a finding on the request."),
        "line": {"type": ["integer", "null"], "minimum": 1, "description": "Line in the message as sent."},
        "column": {"type": ["integer", "null"], "minimum": 0, "description": "Column in that line."},
        "nl": _text("What is wrong, in Dutch."), "en": _text("What is wrong, in English."),
        "hint_nl": _text("What to do, in Dutch."), "hint_en": _text("What to do, in English."),
        "acts": _text("Who can do something about it: supplier or hospital.", enum=[str(one) for one in WhoActs]),
    },
}  # fmt: skip
HEADER = {
    "type": "object",
    "required": "schema_version processing action supplier message_id set_id version institution".split(),
    "description": "Who sent what, as found in the message; null where it is missing or makes no sense.",
    "properties": {
        **{name: _text(f"`{name}` of the message.", "null", maxLength=64) for name in (
            "schema_version", "supplier", "software", "software_version", "message_id", "message_root", "set_id", "set_root",
            "created_at",
        )},
        "processing": {"enum": ["P", "T", None], "description": "P counts, T is a test."},
        "action": {"enum": ["nieuw", "vervanging", "intrekking", None]},
        "version": {"type": ["integer", "null"], "minimum": 0, "description": "The version of the stay."},
        "institution": {"type": "object", "description": "The sender's numbers by kind.", "properties": {
            kind: _text(f"{kind.upper()} number.") for kind in ("agb", "ura", "perined")
        }},
    },
}  # fmt: skip
REPORT_SCHEMA = {
    "type": "object",
    "description": f"The report. As XML: the element `verslag` in the namespace {REPORT}, with the plain values below as "
    "attributes and one element `finding` for each finding, whose texts are elements and whose other values are attributes.",
    "required": "outcome errors warnings remarks message findings".split(),
    "properties": {
        "outcome": _text("Whether the message is taken.", enum=["geaccepteerd", "geweigerd"]),
        "errors": _count("Findings that refuse."), "warnings": _count("Findings to look at."),
        "remarks": _count("Findings to know."),
        "message": {"anyOf": [{"$ref": "#/components/schemas/Header"}, {"type": "null"}]},
        "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
        "left_out": _count("How many more findings there are; only there when not all are told, the errors first."),
        "received_at": _text("When it came first, in UTC.", format="date-time"),
        "hospital": _text("The code of the hospital of the key."),
        "delivery_id": _text("Our id of this message; asks for the report again."),
        "stay": _text("Our number of the stay, by which people at both ends speak of it."),
    },
}  # fmt: skip
DIFFERENCE = {
    "type": "object",
    "required": "path expected found expected_en found_en".split(),
    "additionalProperties": False,
    "properties": {
        "path": _text("Where; `#` numbers rows."), 
        "expected": _text("What the scenario says, in Dutch.", "null"),
        "found": _text("What your message said, in Dutch.", "null"),
        "expected_en": _text("What the scenario says.", "null"), "found_en": _text("What your message said.", "null"),
    },
}  # fmt: skip
STEP = {
    "type": "object",
    "required": ["step", "example", "state", "delivery_id", "differences"],
    "additionalProperties": False,
    "properties": {
        "step": {"type": "integer", "minimum": 1}, "example": _text("The example message with the expected values."),
        "state": _text("`open`, `goed` (done), `afwijkend` (differs).", enum=list(map(str, ScenarioState))),
        "delivery_id": _text("The message that was judged.", "null"),
        "differences": {"type": "array", "items": DIFFERENCE},
    },
}  # fmt: skip
QUALIFICATION = {
    "type": "object",
    "required": ["supplier", "status", "done", "of", "scenarios"],
    "additionalProperties": False,
    "properties": {
        "supplier": _text("Whose key it is."),
        "status": _text("How far the supplier is.", enum=["aangemeld", "getest", "toegelaten", "geschorst"]),
        "done": _count("Scenarios that are done."), "of": _count("Scenarios in all."),
        "scenarios": {"type": "array", "items": {
            "type": "object", "required": ["scenario", "nl", "en", "state", "steps"], "additionalProperties": False,
            "properties": {"scenario": _text("Its name."), "nl": _text("In Dutch."), "en": _text("In English."),
                           "state": _text("`open`, `goed` (done), `afwijkend` (differs).", enum=list(map(str, ScenarioState))),
                           "steps": {"type": "array", "items": STEP}},
        }},
    },
}  # fmt: skip
