"""The OpenAPI 3.1 description of `/lnr/v1/`, by the Dutch API Design Rules (Logius). tests/lnr/test_openapi.py holds it against
the running portal, tests/lnr/test_api_rules.py against the rules."""

from typing import Any

from models.accounts.contact_point import Contact
from models.lnr.dataset.definition import definition
from models.lnr.message.xml_tree import SIZE
from models.lnr.specification.openapi_schemas import SCHEMAS

API_VERSION = "1.3.0"  # semantic: the first number is in the address, the second grows with what is new
PREFIX = "/lnr/v1/"
BATCH, BATCH_SIZE, BATCH_UNPACKED = 1_000, 3_000_000, 50_000_000  # messages, and bytes of a batch packed and unpacked
XML, JSON, PROBLEM, ZIP = "application/xml", "application/json", "application/problem+json", "application/zip"
# operation -> the statuses that it answers with; every description of one comes from the portal itself
SENT = (401, 403, 408, 413, 415, 429, 500, 503)
STATUSES = {
    "deliver": (200, 400, 409, 422, *SENT),
    "again": (200, 304, 400, 401, 403, 404, 409, 413, 422, 500, 503),
    "check": (200, 400, 409, 422, *SENT),
    "qualification": (200, 401, 403, 500, 503),
    "batch": (200, 400, *SENT),
    "read_back": (200, 400, 409, 422, *SENT),
    "sent": (200, 400, 401, 403, 429, 500, 503),
    "standing": (200, 400, 401, 403, 429, 500, 503),
    "service": (200, 401, 403, 500, 503),
    "description": (200, 500, 503),
}
# operation -> the schema of its own answer, which is JSON only
ANSWERS = {
    "qualification": "Qualification", "batch": "BatchResult", "read_back": "ReadBack", "sent": "Sent", "standing": "Standing",
    "service": "Service", "description": None,
}  # fmt: skip
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
    "batch": (
        "Deliver many messages",
        f"A ZIP of at most {BATCH} messages, each judged by itself, in the order of the ZIP. It counts for 20 messages of the "
        "minute. Sent again after no answer, each message gets the answer that it got. One that fails gets 500 or 503, and "
        "keeps no other from being taken.",
    ),
    "read_back": (
        "What is understood of a message",
        "The values and what is computed from them, in words, of the message in the request. Nothing is kept.",
    ),
    "sent": ("The own messages since a moment", "Ask `next` for the next page until it is null."),
    "standing": (
        "What is still wrong",
        "Errors and warnings in stays that you delivered and that count, until a later message solves them.",
    ),
    "service": ("What this key may send", "Limits, accepted versions, admission, and when the key ends."),
    "description": ("This description", "OpenAPI 3.1; no key is needed."),
}
BEARER = {"description": "How to authenticate (RFC 6750).", "schema": {"type": "string"}}
HEADERS = {
    401: {"WWW-Authenticate": BEARER},
    403: {"WWW-Authenticate": BEARER},
    429: {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1, "maximum": 60}}},
}
REFERENCE = {"type": "string", "format": "uri-reference"}
LOCATION = {"Location": {"description": "Where to get the report again.", "schema": REFERENCE}}


def describe(server: str, texts: dict[int, tuple], of_batch: dict[int, tuple], contact: Contact) -> dict[str, Any]:
    """The description as JSON can hold it.

    `texts`: {status: ((nl, hint), (en, hint))} of what refuses a request, but for what JUDGED tells; `of_batch`: of a
    batch, where that differs. `contact`: who answers.
    """
    version = definition().versions[-1]["version"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "LNR: neonatal messages from record systems",
            "version": API_VERSION,
            "summary": "Delivers stays of newborns to the Landelijke Neonatale Registratie.",
            "description": f"A message is XML by the schema {server}/lnr/specificatie/bestanden/lnr-{version}.xsd. "
            f"All documentation: {server}/lnr/specificatie/en/",
            "contact": {
                "name": "Perined",
                "url": "https://www.perined.nl",
                **({"email": contact.mail} if contact.mail else {}),
            },
        },
        "servers": [{"url": f"{server}{PREFIX.rstrip('/')}"}],
        "tags": [{"name": name, "description": said} for name, said in TAGS.items()],
        "externalDocs": {"url": f"{server}/lnr/specificatie/en/", "description": "Every item, every rule, examples"},
        "security": [{"key": []}],
        "paths": {
            "/berichten": {
                "post": _posting("deliver", texts),
                "get": _operation("sent", texts) | {"parameters": [SINCE, AFTER]},
            },
            "/berichten/{name}": {"get": _operation("again", texts) | {"parameters": [NAME]}},
            "/reeksen": {"post": _posting("batch", texts | of_batch)},
            "/controle": {"post": _posting("check", texts)},
            "/begrepen": {"post": _posting("read_back", texts)},
            "/fouten": {"get": _operation("standing", texts) | {"parameters": [AFTER]}},
            "/status": {"get": _operation("service", texts)},
            "/kwalificatie": {"get": _operation("qualification", texts)},
            "/openapi.json": {"get": _operation("description", texts) | {"security": []}},
        },
        "components": {
            "securitySchemes": {"key": KEY},
            "schemas": SCHEMAS,
        },
    }


def _operation(name, texts):
    summary, description = WORDS[name]
    return {
        "operationId": name,
        "summary": summary,
        "description": description,
        "tags": [next(tag for tag, names in TAGGED.items() if name in names)],
        "responses": {str(status): _answer(name, status, texts) for status in sorted(STATUSES[name])},
    }


def _posting(name, texts):
    """An operation that takes a message, or a ZIP of them."""
    if name == "batch":
        told = f"A ZIP in at most {BATCH_SIZE} bytes, at most {BATCH_UNPACKED} unpacked, of files whose names end in .xml."
        body = {"required": True, "description": told, "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}
        return _operation(name, texts) | {"requestBody": body}
    example = "/lnr/specificatie/voorbeelden"
    body = {
        "required": True,
        "description": f"One message in UTF-8, at most {SIZE} bytes, without compression. Examples: {example}",
        "content": {kind: {"schema": {"type": "string", "maxLength": SIZE}} for kind in (XML, "text/xml")},
    }
    return _operation(name, texts) | {"requestBody": body}


def _answer(name, status, texts):
    if status == 304:
        return {"description": "The report is the one that you have.", "headers": ALWAYS | RATE | ETAG}
    told = JUDGED.get(status) or " ".join(texts[status][1])
    if status == 200 and name in ANSWERS:
        schema = {"$ref": f"#/components/schemas/{ANSWERS[name]}"} if ANSWERS[name] else {"type": "object"}
        told, bodies = WORDS[name][0], {JSON: {"schema": schema}}
    else:
        # The elements and attributes of the XML carry the names of the JSON; lists are repeated elements.
        bodies = {JSON: {"schema": {"$ref": "#/components/schemas/Report"}}, XML: {"schema": {"type": "string"}}}
        if status >= 400:
            bodies[PROBLEM] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    more = LOCATION if name == "deliver" and status in (200, 422) else ETAG if name == "again" and status == 200 else {}
    rate = RATE if status in COUNTED and name != "description" else {}
    return {"description": told, "content": bodies, "headers": ALWAYS | rate | HEADERS.get(status, {}) | more}


TAGS = {
    "messages": "Delivering and checking messages.",
    "overview": "What became of them.",
    "service": "The service itself, and the qualification of software.",
}
TAGGED = {
    "messages": ("deliver", "batch", "check", "read_back", "again"),
    "overview": ("sent", "standing"),
    "service": ("service", "qualification", "description"),
}
ALWAYS = {"API-Version": {"description": "The version of this API.", "schema": {"type": "string"}}}
_NUMBER = {"type": "integer", "minimum": 0}
RATE = {  # of who sent a key
    "RateLimit-Limit": {"description": "How many messages this key may send in a minute.", "schema": _NUMBER},
    "RateLimit-Remaining": {"description": "How many of them are left in this minute.", "schema": _NUMBER},
    "RateLimit-Reset": {"description": "Seconds until the next minute begins.", "schema": _NUMBER},
}
COUNTED = (200, 409, 422)
ETAG = {
    "ETag": {"description": "Send it back as `If-None-Match`: 304 when the report is the same.", "schema": {"type": "string"}}
}
SINCE = {
    "name": "sinds", "in": "query", "schema": {"type": "string", "format": "date-time"},
    "description": "Only messages that came at this moment or later; without a zone it is the time in the Netherlands.",
}  # fmt: skip
AFTER = {
    "name": "na", "in": "query", "schema": {"type": "string"}, "description": "Where the page begins: take it from `next`.",
}  # fmt: skip
KEY = {"type": "http", "scheme": "bearer", "description": "A key for one supplier and one hospital."}
NAME = {
    "name": "name", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1},
    "description": "The delivery_id from the report, or the value of `identificatie` in your message.",
}  # fmt: skip
