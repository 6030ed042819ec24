"""The supplier's site `/lnr/specificatie/`: for everybody, in Dutch and English, and made from the definition."""

import io
import json
import zipfile
from functools import cache, partial

from flask import Response, abort, request, url_for
from flask_admin import BaseView, expose

from admin_views.accounts.demo_accounts import LNR_KEY
from admin_views.grid.act_forms import ActForm, TextField, Upload
from admin_views.lnr.api.api_answer import AGAIN, MEANINGS, OF_BATCH
from admin_views.lnr.site.chapters import CHAPTERS
from admin_views.web.screen import Placed, Screen
from models import clock
from models.accounts.contact_point import LNR, ContactPoint
from models.lnr.dataset import wording
from models.lnr.dataset.definition import definition
from models.lnr.dataset.wording import EN, NL
from models.lnr.derived.derivation import derivations, reasons
from models.lnr.intake.public_check_limit import PublicCheck
from models.lnr.message.validation import check
from models.lnr.message.xml_tree import SIZE
from models.lnr.rules.registry import rules
from models.lnr.specification import broken_examples, examples, fhir_mapping, site_files
from models.lnr.specification.examples import INSTITUTION
from models.lnr.specification.openapi import describe
from models.lnr.suppliers.api_key import A_MINUTE
from models.lnr.suppliers.scenarios import SCENARIOS, wanted
from models.lnr.year_report.lnr_edition import LnrEdition
from settings import settings

OWN_ADDRESS = {"start": ".index", "controle": ".form"}
LANGUAGE = "/<any(en):tongue>"
STAMP = (2026, 4, 1, 0, 0, 0)  # the same content is the same zip
TYPES = {
    ".xml": "application/xml", ".xsd": "application/xml; charset=utf-8", ".csv": "text/csv; charset=utf-8",
    ".json": "application/json", ".zip": "application/zip",
}  # fmt: skip
TOO_LARGE = (
    "Dit bericht is groter dan 1 MB. Zet elke opname in een eigen bericht.",
    "This message is larger than 1 MB. Put each stay in a message of its own.",
)
NOTHING = ("Plak een bericht, of kies een bestand.", "Paste a message, or choose a file.")
WAIT = ("U hebt veel berichten in één minuut bekeken. Wacht {} seconden en probeer het opnieuw.",
        "You looked at many messages in one minute. Wait {} seconds and try again.")  # fmt: skip


class OneMessage(ActForm):
    """The message as a file, or as pasted text."""

    file = Upload(name="bestand", most=SIZE)
    text = TextField(name="bericht")


class SiteView(Placed, BaseView):
    """Open to everybody. A page's second address, below `/en`, is the same in English."""

    screen = Screen("lnr_site", "/lnr/specificatie", "LNR-specificatie", listed=False)

    @expose("/")
    @expose(f"{LANGUAGE}/")
    def index(self, tongue=NL):
        """How to connect, from nothing to the first message."""
        return self._page("start", tongue, demo_key=_demo_key(), example_agb=INSTITUTION[1])

    @expose("/<chapter>")
    @expose(f"{LANGUAGE}/<chapter>")
    def chapter(self, chapter, tongue=NL):
        """One page."""
        if chapter not in CHAPTERS:
            abort(404)
        return self._page(chapter, tongue, **FACTS.get(chapter, dict)())

    @expose("/controle", methods=["GET"])
    @expose(f"{LANGUAGE}/controle", methods=["GET"])
    def form(self, tongue=NL):
        """The form for a message."""
        return self._page("controle", tongue)

    @expose("/controle", methods=["POST"])
    @expose(f"{LANGUAGE}/controle", methods=["POST"])
    def check(self, tongue=NL):
        """The report on one message; nothing of it is kept."""
        if wait := PublicCheck.take(request.remote_addr):
            return self._page("controle", tongue, problem=_in(WAIT, tongue).format(wait)), 429, {"Retry-After": str(wait)}
        sent = OneMessage.sent()
        raw = sent.file.data or sent.text.data.encode(errors="replace")
        if not raw.strip():
            return self._page("controle", tongue, problem=_in(NOTHING, tongue)), 400
        if len(raw) > SIZE:
            return self._page("controle", tongue, problem=_in(TOO_LARGE, tongue)), 413
        verdict = check(raw, clock.now())
        said = json.dumps(verdict.as_dict(), ensure_ascii=False, indent=2)
        return self._page("controle", tongue, verdict=verdict, said=said, text=sent.text.data)

    @expose("/openapi.json")
    def openapi(self):
        """The description of the addresses for software."""
        return Response(description(), mimetype="application/json", headers={"Access-Control-Allow-Origin": "*"})

    @expose("/bestanden/<path:file>")
    def file(self, file):
        """One published file, or all of them as a zip."""
        body = package() if file == zip_name() else published_files().get(file)
        if body is None:
            abort(404)
        kind = next((kind for ending, kind in TYPES.items() if file.endswith(ending)), "application/octet-stream")
        answer = Response(body, content_type=kind)
        shown = "attachment" if file.endswith(".zip") else "inline"
        answer.headers.set("Content-Disposition", shown, filename=file.rpartition("/")[2])
        return answer

    def _page(self, name, tongue, **facts):
        return self.render(
            f"lnr/site/{name}.html",
            name=name,
            page=CHAPTERS.get(name),
            chapters=CHAPTERS.values(),
            of=definition(),
            tongue=tongue,
            other=EN if tongue == NL else NL,
            t=partial(_said, tongue),
            here=partial(_address, tongue),
            spoken=wording,
            server=settings.portal_url,
            zip_name=zip_name(),
            version=version(),
            **facts,
        )


def _address(tongue, chapter="start", anchor=None, to=None):
    """Where a chapter stands, in the language of the page or in another one."""
    more = {} if (to or tongue) == NL else {"tongue": to or tongue}
    if chapter in OWN_ADDRESS:
        return url_for(OWN_ADDRESS[chapter], _anchor=anchor, **more)
    return url_for(".chapter", chapter=chapter, _anchor=anchor, **more)


def _said(tongue, nl, en):
    return en if tongue == EN else nl


def _in(pair, tongue):
    return _said(tongue, *pair)


def _demo_key():
    return LNR_KEY if settings.demo else None


def _items():
    of = definition()
    found = {}
    for item in of.items.values():
        found.setdefault(item.section, []).append(item)
    return {"sections": [(of.sections[section], items) for section, items in found.items()]}


def _fhir():
    return _items() | {"places": fhir_mapping.mapping(), "statuses": fhir_mapping.STATUSES, "counts": fhir_mapping.by_status()}


def _codes():
    of = definition()
    used = {name: [item for item in of.items.values() if name in item.lists] for name in of.lists}
    return {"lists": [(row, list(of.by_list[name].values()), used[name]) for name, row in of.lists.items()]}


def _rules():
    of, found = definition(), {}
    for one in broken_examples.broken():
        for number, _ in one.expected:
            found.setdefault(number, []).append(one)
    return {"rules": rules().values(), "broken": found, "asking": of.by_rule, "kept": published_files()}


def _derived():
    return {"values": derivations().values(), "why": reasons()}


def _examples():
    return {"good": examples.good(), "broken": broken_examples.broken(), "kept": published_files()}


def _delivering():
    return {"statuses": MEANINGS, "of_batch": OF_BATCH, "again": AGAIN, "a_minute": A_MINUTE, "size": SIZE}


def _scenarios():
    return {"scenarios": SCENARIOS, "wanted": wanted(), "kept": published_files()}


def _files():
    return {"files": {name: len(body) for name, body in published_files().items()}}


def _public_reports():
    return {"editions": LnrEdition.public()}


FACTS = {
    "aanleveren": _delivering, "gegevens": _items, "codelijsten": _codes, "regels": _rules, "berekend": _derived,
    "voorbeelden": _examples, "kwalificatie": _scenarios, "wijzigingen": _files, "fhir": _fhir,
    "jaarverslagen": _public_reports,
}  # fmt: skip


def description() -> str:
    """The OpenAPI description as JSON, with the contact of today."""
    told = describe(settings.portal_url, MEANINGS, OF_BATCH, ContactPoint.of(LNR))
    return json.dumps(told, ensure_ascii=False, indent=2)


@cache
def published_files():
    """{name: bytes} of everything that suppliers may download."""
    folder = site_files.FOLDER
    made = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for one in wanted().values():
        made.setdefault(f"voorbeelden/{one.example.name}.xml", one.example.raw)
        made.setdefault(f"voorbeelden/{one.example.name}.verslag.json", site_files.report(one.example))
    return dict(sorted(made.items())) | {"openapi.json": description().encode()}


def version():
    return definition().versions[-1]["version"]


def zip_name():
    return f"lnr-specificatie-{version()}.zip"


@cache
def package():
    """All published files as one zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in published_files().items():
            archive.writestr(zipfile.ZipInfo(name, STAMP), body, zipfile.ZIP_DEFLATED)
    return made.getvalue()
