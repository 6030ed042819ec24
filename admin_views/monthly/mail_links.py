"""What the two buttons of the monthly mail open. No log-in: the link itself says who was asked about which month.

Mail scanners open links too, so GET, HEAD and OPTIONS answer nothing (portal.md 4.2).
"""

import re

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_admin import BaseView, expose
from itsdangerous import BadData, URLSafeSerializer

from admin_views.accounts.login import DEVICE_COOKIE
from admin_views.grid.act_forms import ActForm, TextField
from admin_views.grid.scoped_views import who
from admin_views.web import mangled_address
from admin_views.web.screen import Placed, Screen
from models import clock
from models.accounts.known_device import KnownDevice
from models.base import Refused
from models.mail.outgoing_hold import OutgoingHold
from models.monthly.link_visit import LinkVisit
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind, Proof
from models.monthly.monthly_request import MonthlyCall
from settings import settings

# A whole token, and which button is named behind it.
LINK = re.compile(r"(?<![0-9a-f])(?P<token>[0-9a-f]{64})(?![0-9a-f])/?(?P<behind>nee|ja|)")
BUTTONS = {"nee": ".no", "ja": ".yes"}
OPENING = ("GET", "HEAD", "OPTIONS")
OLD_PAGE = "Deze pagina is niet meer geldig. Open de knop in de mail opnieuw."


class LinkPage(ActForm):
    """What the page of a link sends: the number of the visit, signed, and what stands behind the answer."""

    key = TextField(name="sleutel")
    proof = TextField(name="bewijs")


class LinksView(Placed, BaseView):
    """'Nee, geen casus' and 'Ja, 1 of meer casus'."""

    screen = Screen("monthly", "/uitvraag", "Uitvraag", listed=False)

    @expose("/")
    def index(self):
        """The other way to answer, for who shortens the address."""
        return redirect(url_for("cases.index_view"))

    @expose("/<token>/nee", methods=(*OPENING, "POST"))
    def no(self, token):
        """The page that posts itself, and what it posts."""
        call = _call(token, "nee")
        if request.method == "POST":
            return self._answer(call, token)
        visit = LinkVisit.note(call, "nee", request.method, request.remote_addr or "", request.user_agent.string)
        if request.method == "OPTIONS":
            return current_app.make_default_options_response()
        if call.expired():
            return self._expired(call, "cases.index_view")
        answer, key = MonthAnswer.standing(call.hospital_id, call.month), _keys(token).dumps(visit.id if visit else 0)
        # A scanner looks when the mail arrives; who comes back on another day presses the button, which counts.
        waits = bool(answer and answer.waits and clock.local_date(answer.at) < clock.today())
        by_itself = not waits and not MonthAnswer.was_withdrawn(call.hospital_id, call.month)
        return self._page("no", call, token, key=key, by_itself=by_itself, waits=waits)

    def _answer(self, call, token):
        try:
            proof = _proof(call)
            call.answer_zero(proof, LinkVisit.doubt_about(call, _visit(token), pressed=proof == Proof.KNOP))
        except Refused as reason:
            return self._page("refused", call, token, reason=reason), 409
        return self._result(token)

    @expose("/<token>/antwoord")
    def answer(self, token):
        """What stands now: a page of its own, so that going back to it sends nothing again."""
        call = _call(token, "nee")
        if call.expired():
            return self._expired(call, "cases.index_view")
        answer = MonthAnswer.standing(call.hospital_id, call.month)
        if answer is None:
            return self._page("open", call, token, undone=MonthAnswer.was_withdrawn(call.hospital_id, call.month))
        if answer.kind == MonthAnswerKind.CASUS:
            return redirect(url_for("cases.index_view"))
        return self._page("registered", call, token, key=request.args.get("sleutel", ""), answer=answer)

    @expose("/<token>/gebaar", methods=("POST",))
    def gesture(self, token):
        """A person moved on the result page; asked by its script."""
        call = _call(token, "nee")
        answer = call.confirm_zero(LinkVisit.doubt_about(call, _visit(token)))
        return {"telt": bool(answer and answer.confirmed), "waarom": answer.doubt if answer else ""}

    @expose("/<token>/ongedaan", methods=("POST",))
    def undo(self, token):
        """'Ongedaan maken'."""
        call = _call(token, "nee")
        try:
            _visit(token)
            call.withdraw_zero()
        except Refused as reason:
            return self._page("refused", call, token, reason=reason), 409
        return self._result(token)

    @expose("/<token>/ja", methods=OPENING)
    def yes(self, token):
        """On to 'Nieuwe melding maken', by way of the log-in; marks nothing."""
        call = _call(token, "ja")
        LinkVisit.note(call, "ja", request.method, request.remote_addr or "", request.user_agent.string)
        if request.method == "OPTIONS":
            return current_app.make_default_options_response()
        if call.expired():
            return self._expired(call, "reporting.new")
        if who() and who().hospital and who().hospital_id != call.hospital_id:
            flash(f"De mail was voor een ander ziekenhuis. U bent ingelogd voor {who().hospital.name}.", "warning")
            return redirect(url_for("reporting.new"))
        # Twice, because a forgotten password leads through a mail, in which no more than the path survives.
        session["maand"] = call.month
        return redirect(url_for("reporting.new", maand=call.month))

    @expose("/<path:rest>")
    def mangled(self, rest):
        """A link that did not come whole out of the mail."""
        return _mend(rest)

    def _expired(self, call, onward):
        page = "expired" if call.is_owned else "not_owned"
        return self.render(f"monthly/{page}.html", onward=url_for(onward)), 410

    def _result(self, token):
        return redirect(url_for(".answer", token=token, sleutel=LinkPage.sent().key.data), 303)

    def _page(self, name, call, token, **more):
        return self.render(f"monthly/{name}.html", call=call, token=token, **more)


def _call(token, purpose):
    """The call behind this link; else the page that a wrong address gets, whatever was wrong with it."""
    return MonthlyCall.by_token(token, purpose) or abort(_mend(f"{token}/{purpose}"))


def _mend(rest):
    """On to the button whose whole token stands in `rest`; else how to go on without the link. Answers nothing itself."""
    found = LINK.search(mangled_address.unbroken(rest).lower())
    for purpose, page in BUTTONS.items() if found and request.method == "GET" else ():
        # Never by a part of a token; nor when the other button is named behind it, for then nobody knows which was meant.
        if found["behind"] in ("", purpose) and MonthlyCall.by_token(found["token"], purpose):
            return redirect(url_for(page, token=found["token"]))
    # After a restore a link that was mailed may be unknown here.
    if OutgoingHold.epoch() and found:
        abort(410)
    if request.method != "GET":
        abort(404)
    return current_app.make_response((render_template("monthly/mangled.html"), 404))


def _proof(call):
    """What stands behind this answer: an earlier log-in on this device, a pressed button, or only the page itself."""
    if KnownDevice.recognises(request.cookies.get(DEVICE_COOKIE), call.user):
        return Proof.APPARAAT
    return Proof.KNOP if LinkPage.sent().proof.data == "knop" else Proof.SCRIPT


def _keys(token):
    """Signs the number of the visit into the page, for this link alone."""
    return URLSafeSerializer([*reversed(settings.secret_keys)], salt=f"uitvraag {token}")


def _visit(token):
    """The number of the visit that the page hands back; 0 when none was kept. Raises Refused for a page that is not ours."""
    try:
        return _keys(token).loads(LinkPage.sent().key.data)
    except BadData:
        raise Refused(OLD_PAGE) from None
