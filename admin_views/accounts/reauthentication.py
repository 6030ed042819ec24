"""What is only shown a short while after the second step: whoever took it longer ago logs in again, and comes back."""

from flask import flash, g, redirect, render_template, request, session, url_for
from flask_security import auth_required, current_user, logout_user

from admin_views.accounts import second_factor
from admin_views.web import safe_redirect

# What changes how somebody logs in: who has a second step took it a short while ago, on a trusted device as well.
CHANGES = {
    "second_step", "security.two_factor_setup", "security.two_factor_setup_validate", "security.wan_register",
    "security.wan_register_response", "security.wan_delete", "security.mf_recovery_codes",
    "provider_link", "provider_unlink",
}  # fmt: skip


def install(app):
    """Add the page that leads to a new log-in to `app`, and the door before what changes how somebody logs in."""
    app.before_request(_change_after_it)
    page = auth_required("session")(_again)
    app.add_url_rule("/account/opnieuw-inloggen", "again", page, methods=["GET", "POST"])


class ShortlyAfterSecondStep:
    """A screen that opens only to who just took the second step, where that is required. Put it before the screen's base."""

    shortly = None  # the names of the views that it holds for; None: all

    def _handle_view(self, name, **values):
        refused = super()._handle_view(name, **values)
        if refused is not None or (self.shortly and name not in self.shortly) or second_factor.is_fresh():
            return refused
        return redirect(url_for("again", next=safe_redirect.asked_page()))


def _change_after_it():
    if request.endpoint not in CHANGES or not current_user.is_authenticated:
        return None
    g.had_factor = current_user.has_second_factor
    return (
        redirect(url_for("again", next=safe_redirect.asked_page()))
        if g.had_factor and not second_factor.taken_lately()
        else None
    )


def _again():
    target = safe_redirect.own_path(request.args.get("next"))
    if request.method == "GET":
        return render_template("security/again.html", target=target)
    logout_user()
    session[second_factor.NO_TRUST] = True
    flash("Log opnieuw in. Daarna komt u vanzelf terug.", "info")
    return redirect(target or "/")  # which leads to the log-in page and back
