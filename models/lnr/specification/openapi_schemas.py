"""The shapes of the answers of `/lnr/v1/`, as JSON Schema (2020-12) in the OpenAPI description."""

from models.lnr.message.validation_report import REPORT, Severity, WhoActs
from models.lnr.rules.registry import rules
from models.lnr.suppliers.scenarios import ScenarioState


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


def _object(description, **properties):
    """An object of which every property is there, and no other."""
    about = {"type": "object", "description": description, "additionalProperties": False}
    return about | {"required": list(properties), "properties": properties}


def _rows(schema):
    return {"type": "array", "items": schema}


UTC_MOMENT = {"format": "date-time"}
NEXT = _text("Where the next page is; null on the last one.", "null", format="uri-reference")
SENT = _object(
    "The own messages, oldest first.",
    messages=_rows(_object(
        "One message.",
        delivery_id=_text("Our id of it."), message_id=_text("Your `identificatie`.", "null"),
        processing=_text("P counts, T is a test.", enum=["P", "T"]),
        action=_text("`actie` of the message.", "null"),
        stay=_text("Our number of the stay.", "null"), set_id=_text("Your `set_identificatie`.", "null"),
        version={"type": ["integer", "null"], "description": "The version of the stay."},
        received_at=_text("When it came, in UTC.", **UTC_MOMENT),
        status={"type": "integer", "description": "The HTTP status that it got."},
        outcome=_text("Whether it was taken.", enum=["geaccepteerd", "geweigerd"]),
        stands={"type": "boolean", "description": "Whether the registry holds its values: false once corrected by anybody."},
    )),
    next=NEXT,
)  # fmt: skip
STANDING = _object(
    "What is still wrong in stays that count, in the order in which it was found.",
    findings=_rows(_object(
        "One finding at one place.",
        stay=_text("Our number of the stay."), set_id=_text("Your `set_identificatie`."),
        delivery_id=_text("The message in which it was found."), message_id=_text("Your `identificatie` of it.", "null"),
        rule=_text("The number of the rule.", pattern=r"^R-\d\d$"), severity=_text("How bad.", enum=["fout", "waarschuwing"]),
        path=_text("XPath without prefixes."), since=_text("Since when, in UTC.", **UTC_MOMENT),
        nl=_text("What must hold, in Dutch."), en=_text("What must hold, in English."),
    )),
    next=NEXT,
)  # fmt: skip
SERVICE = _object(
    "What this key may send, within which limits and until when.",
    now=_text("The clock of the registry, in UTC.", **UTC_MOMENT), software=_text("The version of the portal."),
    api=_text("The version of this API."), schema_versions=_rows(_text("A version of the schema that is accepted.")),
    supplier=_text("Whose key it is."),
    supplier_status=_text("How far the supplier is.", enum=["aangemeld", "getest", "toegelaten", "geschorst"]),
    production={"type": "boolean", "description": "Whether `verwerking=\"P\"` is taken."},
    hospital=_text("The code of the hospital of the key."), key_expires_at=_text("When the key ends, in UTC.", **UTC_MOMENT),
    resend_since=_text("After a restore: deliver again what was accepted since then, in UTC.", "null", **UTC_MOMENT),
    limits=_object("Limits.", message_bytes=_count("Bytes of a message."), messages_per_minute=_count("Messages a minute."),
                   batch_messages=_count("Messages in a batch."), batch_bytes=_count("Bytes of a batch, packed.")),
)  # fmt: skip
LINE = _object("One value in words.", label=_text("What, in Dutch."), text=_text("The value, in Dutch."),
               empty={"type": "boolean", "description": "Known to be unknown."})  # fmt: skip
READ_BACK = _object(
    "What the registry read in the message, without numbers of people.",
    report={"$ref": "#/components/schemas/Report"},
    sections=_rows(_object(
        "A section of the dataset.", letter=_text("Its letter."), name=_text("Its name, in Dutch."), lines=_rows(LINE),
        tables=_rows(_object("A repeating group.", label=_text("Its name."), heads=_rows(_text("A column.")),
                             rows=_rows(_rows(_text("A value."))))),
    )),
    derived=_rows(LINE),
)  # fmt: skip
BATCH_RESULT = _object(
    "A verdict for each message of the batch, in the order of the ZIP.",
    results=_rows(_object(
        "One message.", name=_text("Its name in the ZIP."), status={"type": "integer", "description": "As delivered alone."},
        problem=_text("Why there is no report, in Dutch.", "null"),
        report={"anyOf": [{"$ref": "#/components/schemas/Report"}, {"type": "null"}]},
    )),
)  # fmt: skip
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "A refusal as RFC 9457 has it; the report stands beside it as extension members.",
    "required": ["type", "title", "status", "detail", "instance", "outcome", "findings"],
    "properties": {
        "type": _text("Where this kind of refusal is explained.", format="uri"), "title": _text("What the status means."),
        "status": {"type": "integer"}, "detail": _text("The first finding, and what to do."),
        "instance": _text("The address that was asked.", format="uri-reference"),
        **REPORT_SCHEMA["properties"],  # type: ignore[dict-item]
    },
}  # fmt: skip
SCHEMAS = {
    "Report": REPORT_SCHEMA, "Finding": FINDING, "Header": HEADER, "Qualification": QUALIFICATION, "Sent": SENT,
    "Standing": STANDING, "Service": SERVICE, "ReadBack": READ_BACK, "BatchResult": BATCH_RESULT, "Problem": PROBLEM_SCHEMA,
}  # fmt: skip
