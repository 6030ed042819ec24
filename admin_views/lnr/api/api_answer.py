"""What a machine reads: the same report for a verdict and for a request that never became a message, as XML or JSON."""

import json
from typing import Any

from flask import Response, g, request

from models.lnr.message.validation_report import as_xml
from models.lnr.specification.openapi import API_VERSION, BATCH_SIZE, PREFIX, PROBLEM
from settings import settings

XML, JSON = "application/xml", "application/json"

CONTACT = f"{settings.portal_url}/handleiding/#contact"
# status of a request that never became a message -> (what happened, what to do) in Dutch, and the same in English
TEXTS = {
    400: (
        ("Het verzoek is niet te begrijpen.", "Stuur één XML-bericht als inhoud, helemaal en zonder verpakking."),
        ("The request makes no sense.", "Send one XML message as the body of the request, whole and without packing."),
    ),
    401: (
        ("Er is geen geldige sleutel meegestuurd.", "Stuur de kop ‘Authorization: Bearer’ met een geldige sleutel."),
        ("No valid key was sent.", "Send the header ‘Authorization: Bearer’ with a key that has not expired."),
    ),
    403: (
        ("De leverancier van deze sleutel is geschorst.", f"Neem contact op: {CONTACT}"),
        ("The supplier of this key is suspended.", f"Contact the registry: {CONTACT}"),
    ),
    404: (
        ("Bij deze sleutel is zo'n bericht of adres er niet.", "Controleer het adres, of lever het bericht opnieuw aan."),
        ("There is no such message or address for this key.", "Check the address, or deliver the message again."),
    ),
    405: (
        ("Dit adres kent deze methode niet.", "Gebruik een methode uit de kop ‘Allow’ van dit antwoord."),
        ("This address does not know this method.", "Use a method from the ‘Allow’ header of this answer."),
    ),
    408: (
        ("Het bericht is niet op tijd helemaal aangekomen.", "Stuur het opnieuw; er is niets bewaard."),
        ("The message did not arrive whole in time.", "Send it again; nothing was kept."),
    ),
    413: (
        ("Het bericht is te groot.", "Een bericht is hoogstens 1 MB en gaat over één kind en één opname."),
        ("The message is too large.", "A message is 1 MB at most, about one child and one stay."),
    ),
    415: (
        ("Dit is geen XML in UTF-8 zonder compressie.", "Stuur ‘Content-Type: application/xml’ en geen ‘Content-Encoding’."),
        ("This is not XML in UTF-8 without compression.", "Send ‘Content-Type: application/xml’ and no ‘Content-Encoding’."),
    ),
    429: (
        ("Met deze sleutel kwamen te veel berichten in één minuut.", "Wacht zoveel seconden als de kop ‘Retry-After’ zegt."),
        ("Too many messages in one minute with this key.", "Wait as many seconds as the ‘Retry-After’ header says."),
    ),
    500: (
        ("Er ging iets mis in het portaal; er is niets bewaard.", f"Stuur het later opnieuw. Blijft het: {CONTACT}"),
        ("Something went wrong in the portal; nothing was kept.", f"Send the message again later. If it lasts: {CONTACT}"),
    ),
    503: (
        ("Het portaal is even bezet; er is niets bewaard.", "Stuur hetzelfde bericht over een minuut opnieuw."),
        ("The portal is busy; nothing was kept.", "Send the same message again in a minute."),
    ),
}  # fmt: skip
# What a status means wherever it comes from: with these a message that was read is refused as well.
MEANINGS = TEXTS | {
    400: (
        (
            "Dit is geen XML-bericht dat te lezen is: bijvoorbeeld afgebroken, met een DOCTYPE, of niet echt in UTF-8.",
            "Lees in het verslag waar het misgaat, en stuur een nieuw bericht.",
        ),
        (
            "This is no XML message that can be read: broken off, with a DOCTYPE, or not really in UTF-8, for example.",
            "Read in the report where it goes wrong, and send a new message.",
        ),
    ),
    403: (
        (
            "Met deze sleutel mag dit niet: het bericht is van een andere instelling, de leverancier is nog niet toegelaten "
            'voor productie (verwerking="P"), of hij is geschorst.',
            "Lees in het verslag welke van de drie het is. Er is niets bewaard.",
        ),
        (
            "This key may not do this: the message is of another institution, the supplier is not admitted for production yet "
            '(verwerking="P"), or is suspended.',
            "Read in the report which of the three it is. Nothing was kept.",
        ),
    ),
}
# What differs of them where a ZIP of messages is sent.
OF_BATCH = {
    413: (
        ("De ZIP is te groot.", f"Een ZIP is hoogstens {BATCH_SIZE // 1_000_000} MB. Verdeel de berichten."),
        ("The ZIP is too large.", f"A ZIP is {BATCH_SIZE // 1_000_000} MB at most. Divide the messages over more ZIPs."),
    ),
    415: (
        ("Dit is geen ZIP zonder verdere compressie.", "Stuur ‘Content-Type: application/zip’ en geen ‘Content-Encoding’."),
        ("This is not a ZIP without more compression.", "Send ‘Content-Type: application/zip’ and no ‘Content-Encoding’."),
    ),
}  # fmt: skip
NEVER, LATER = ("nee", "no"), ("ja, later", "yes, later")
# status -> whether the same bytes can be sent again
AGAIN = {status: LATER if status in (408, 429, 500, 503) else NEVER for status in TEXTS} | {
    401: ("ja, met een geldige sleutel", "yes, with a valid key"),
    403: ("ja, als u bent toegelaten of de juiste sleutel gebruikt", "yes, once admitted, or with the right key"),
    415: ("ja, met de juiste koppen", "yes, with the right headers"),
}
CHALLENGE = 'Bearer realm="LNR"'


def to_a_machine() -> bool:
    """Whether this request is one that software makes, and people never see."""
    return request.path.startswith(PREFIX)


def told(status: int, report: dict[str, Any], **headers: str) -> Response:
    """The report as the sender likes it: XML, unless JSON is asked for; of a refusal also as a problem (RFC 9457)."""
    kinds = [XML, "text/xml", JSON, PROBLEM]
    wanted = request.accept_mimetypes.best_match(kinds, default=XML)
    if wanted == PROBLEM and status >= 400:
        return framed(_as_json({**_as_problem(status, report), **report}, status, PROBLEM), **headers)
    if wanted in (JSON, PROBLEM):
        return framed(_as_json(report, status, JSON), **headers)
    return framed(Response(as_xml(report), status, content_type=f"{XML}; charset=utf-8"), **headers)


def data(found: dict[str, Any]) -> Response:
    """What was asked, which is there as JSON only."""
    return framed(_as_json(found, 200, JSON))


def framed(answer: Response, **headers: str) -> Response:
    """The answer with what every answer to a machine tells: the version of the API, how much of the minute is left."""
    answer.headers.update({"API-Version": API_VERSION, "Vary": "Accept", **headers})
    if "key" in g and g.key is not None:
        limit, left, seconds = g.key.minute_left()
        answer.headers.update({"RateLimit-Limit": limit, "RateLimit-Remaining": left, "RateLimit-Reset": seconds})
    return answer


def _as_json(found, status, kind):
    return Response(json.dumps(found, ensure_ascii=False), status, content_type=kind)


def _as_problem(status, report):
    """What RFC 9457 asks beside the report: where the kind of problem is explained, and the first thing that is wrong."""
    first = next(iter(report["findings"]), {"en": "", "hint_en": ""})
    return {
        "type": f"{settings.portal_url}/lnr/specificatie/en/aanleveren#status-{status}",
        "title": MEANINGS.get(status, TEXTS[400 if status < 500 else 500])[1][0],
        "status": status,
        "detail": f"{first['en']} {first['hint_en']}".strip(),
        "instance": request.path,
    }


def problem(status: int, texts: tuple | None = None, **headers: str) -> Response:
    """The answer to a request that never became a message; `texts` in place of those of the status."""
    (nl, hint_nl), (en, hint_en) = texts or TEXTS.get(status) or TEXTS[400 if status < 500 else 500]
    finding = {
        "rule": f"HTTP-{status}",
        "version": 1,
        "severity": "fout",
        "path": "",
        "line": None,
        "column": None,
        "nl": nl,
        "en": en,
        "hint_nl": hint_nl,
        "hint_en": hint_en,
        "acts": "leverancier",
    }
    counts = {"errors": 1, "warnings": 0, "remarks": 0}
    return told(status, {"outcome": "geweigerd", **counts, "message": None, "findings": [finding]}, **headers)
