"""What a colleague sees who was asked for a document: no log-in, one slot, nothing of the case.

Opening the link changes nothing, because mail scanners open links too. A code by mail proves who is there; then a visit is
open, of which the signed cookie holds the key, each link apart.
"""

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, session, url_for

from admin_views.files import tus
from admin_views.files.receiving import NOT_RAW, RAW, REFUSALS, announced_length, hear_out, name_in_header, upload_key
from admin_views.grid.act_forms import ActForm, TextField
from admin_views.web import mangled_address
from admin_views.web.error_pages import wants_json
from models.base import Refused, new_key
from models.files.document import Document
from models.files.file_name import shortened
from models.files.file_type import ACCEPTED, ACCEPTED_TEXT
from models.files.privacy import inspection
from models.files.resumable.resumable_upload import IN_PARTS_FROM
from models.files.sandbox.start import LARGEST
from models.files.upload_limits import MAX_SIZE
from models.upload_links.upload_code import UploadCode
from models.upload_links.upload_link import MOST_FILES, LinkOver, UploadLink
from tasks import scan

VISITS = "uploadlinks"  # in the session: {number of the link: key of the visit}
MOST_VISITS = 5  # that one browser holds; a cookie is small

pages = Blueprint("upload_link", __name__, url_prefix="/uploadlink")


class Typed(ActForm):
    code = TextField()
    key = TextField(name="sleutel")


def install(app):
    """Hang the pages into `app`."""
    app.register_blueprint(pages)


@pages.errorhandler(LinkOver)
def over(reason):
    """The link or the visit ended meanwhile."""
    if wants_json():
        return {"error": str(reason)}, 410
    return render_template("upload_links/over.html", reason=reason), 410


@pages.get("/<token>")
def start(token):
    """Who asks for what, until when, and the button that mails a code."""
    link = _link(token)
    if _visit(link):
        return redirect(url_for(".upload", token=token))
    return render_template("upload_links/start.html", link=link, token=token)


@pages.post("/<token>/code")
def send_code(token):
    """'Stuur mij een code'."""
    return _then(token, lambda: UploadCode.send(_link(token)), onward=".code", back=".start")


@pages.get("/<token>/code")
def code(token):
    """Where the code is typed."""
    link = _link(token)
    return (
        redirect(url_for(".upload", token=token))
        if _visit(link)
        else render_template("upload_links/code.html", link=link, token=token)
    )


@pages.post("/<token>/openen")
def enter(token):
    """The code as it was typed."""
    link = _link(token)
    if _visit(link):  # the other tab was first
        return redirect(url_for(".upload", token=token), 303)

    def opened():
        visit = UploadCode.enter(link, Typed.sent().code.data)
        kept = list(session.get(VISITS, {}).items())[1 - MOST_VISITS :]
        session[VISITS] = dict(kept) | {str(link.id): visit.key}

    return _then(token, opened, onward=".upload", back=".code")


@pages.get("/<token>/bestanden")
def upload(token):
    """Where files come in."""
    link = _link(token)
    if (visit := _visit(link)) is None:
        return redirect(url_for(".start", token=token))
    return render_template("upload_links/upload.html", link=link, token=token, **_received(visit), **_limits(link))


@pages.get("/<token>/lijst")
def received(token):
    """The part of the page that changes when files come and go, for the script."""
    return render_template("upload_links/received.html", token=token, **_received(_opened(token)))


@pages.put("/<token>/bestanden")
def take(token):
    """One file as the raw body; answers JSON, a Dutch sentence under `error` when refused."""
    if request.mimetype != RAW:
        return {"error": NOT_RAW}, 415
    name = name_in_header()
    try:
        made = _take(_opened(token), request.stream, name, request.args.get("sleutel"), announced_length())
    except Refused as reason:
        hear_out(request.stream)
        return {"error": str(reason)}, _status(reason)
    return {"key": made.key, "name": made.name, "size": made.size, "note": shortened(name, made.media_type)}, 201


@pages.post("/<token>/bestanden")
def take_form(token):
    """The same without script, small files in an ordinary form; and the raw body where a network lets no PUT through."""
    if request.mimetype == RAW:
        return take(token)
    visit = _opened(token)
    files = [file for file in request.files.getlist("bestanden") if file.filename]
    if not files:
        flash("Kies eerst een of meer bestanden.", "error")
    for number, file in enumerate(files):
        try:
            made = _take(visit, file.stream, file.filename, f"{Typed.sent().key.data[:36]}-{number}")
            flash(shortened(file.filename, made.media_type) or f"{made.name} is ontvangen.", "success")
        except LinkOver:
            raise
        except Refused as reason:
            flash(f"{file.filename[:80]}: {reason}", "error")
    return redirect(url_for(".upload", token=token), 303)


@pages.post("/<token>/bestanden/delen")
def begin(token):
    """Announce a large file, which then comes in parts."""
    visit = _opened(token)

    def place(upload):
        return url_for(".append", token=token, upload=upload.key)

    return tus.announced(lambda name, size, modified, about: visit.begin(name, size, modified), place, _status)


@pages.get("/<token>/bestanden/delen/<upload>")
def how_far(token, upload):
    """How many bytes of it are here."""
    return tus.how_far(_of_link(_opened(token), upload))


@pages.route("/<token>/bestanden/delen/<upload>", methods=("PATCH", "POST"))
def append(token, upload):
    """Bytes from Upload-Offset on; with the last of them it is a file of the case."""
    visit = _opened(token)
    row = _of_link(visit, upload)
    return tus.brought(row, lambda *part: visit.append(row, *part), lambda: visit.complete(row), _status)


@pages.post("/<token>/bestanden/delen/<upload>/stoppen")
def stop(token, upload):
    """Let go of what came of it."""
    visit = _opened(token)
    row = _of_link(visit, upload)
    if wants_json():
        visit.stop(row)
        return {"shown": {}}
    return _then(token, lambda: visit.stop(row), onward=".upload", back=".upload")


@pages.post("/<token>/bestanden/<document>/verwijderen")
def remove(token, document):
    """Take back what was sent in this visit."""
    visit = _opened(token)
    file = next((file for file in visit.files() if file.key == document), None) or abort(404)
    if wants_json():
        try:
            visit.remove(file)
        except Refused as reason:
            return {"error": str(reason)}, 409
        return {"shown": {}}
    return _then(token, lambda: visit.remove(file), onward=".upload", back=".upload")


@pages.post("/<token>/klaar")
def finish(token):
    """'Klaar': the visit ends."""
    link = _link(token)
    visit = _visit(link, over=True) or abort(404)
    return _then(token, visit.finish, onward=".receipt", back=".upload")


@pages.get("/<token>/ontvangen")
def receipt(token):
    """What came, and that the window may be closed."""
    link = UploadLink.by_token(token) or _unknown()
    visit = _visit(link, over=True)
    if visit is None or visit.done_at is None:
        return redirect(url_for(".start", token=token))
    return render_template("upload_links/receipt.html", link=link, files=visit.files())


# ---- behind the addresses --------------------------------------------------------------------------------------------


def _unknown():
    abort(make_response((render_template("upload_links/unknown.html"), 404)))


def _link(token):
    """The link of this address while it stands; else the page that says that it does not."""
    link = UploadLink.by_token(mangled_address.bare(token).lower()) or _unknown()
    link.demand_standing()
    return link


def _visit(link, over=False):
    """The visit of this browser to this link, while it is open; with `over` also afterwards."""
    visit = UploadCode.visit(link, session.get(VISITS, {}).get(str(link.id), ""))
    return visit if visit and (over or visit.is_open()) else None


def _opened(token):
    """The same, or the sentence that it is over."""
    visit = _visit(_link(token), over=True)
    if visit is None:
        raise LinkOver("Vraag eerst een code: open de link in de mail opnieuw.")
    visit.demand_open()
    return visit


def _status(reason):
    return 410 if isinstance(reason, LinkOver) else REFUSALS.get(type(reason), 422)


def _of_link(visit, upload):
    """An upload in parts that comes through this very link; else 404."""
    return visit.upload(upload) or abort(404)


def _then(token, act, onward, back):
    try:
        act()
    except LinkOver:
        raise
    except Refused as reason:
        flash(str(reason), "error")
        onward = back
    return redirect(url_for(onward, token=token), 303)


def _take(visit, source, name, key, length=None):
    made = visit.receive(source, name, upload_key(key), length, inspect=inspection.inspect)
    if inspection.look_at_arrival(made):
        scan.wake()
    return made


def _received(visit):
    return {"files": visit.files(), "unfinished": visit.unfinished(), "visit": visit}


def _limits(link):
    return {
        "upload_key": new_key(),
        "accepted": ACCEPTED_TEXT,
        "extensions": ",".join(ending for ending, _ in ACCEPTED.values()),
        "max_size": MAX_SIZE,
        "max_looked": LARGEST,
        "max_files": MOST_FILES,
        "in_parts_from": IN_PARTS_FROM,
        "room": Document.room_today(link.case.hospital_id),
    }
