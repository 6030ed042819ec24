"""What is only shown a short while after the second step: whoever took it longer ago logs in again, and comes back."""

from flask import flash, redirect, render_template, request, session, url_for
from flask_security import auth_required, logout_user

from admin_views import factor, onward


def install(app):
    """Add the page that leads to a new log-in to `app`."""
    page = auth_required("session")(_again)
    app.add_url_rule("/account/opnieuw-inloggen", "again", page, methods=["GET", "POST"])


class ShortlyAfterSecondStep:
    """A screen that opens only to who just took the second step, where that is required. Put it before the screen's base."""

    shortly = None  # the names of the views that it holds for; None: all

    def _handle_view(self, name, **values):
        refused = super()._handle_view(name, **values)
        if refused is not None or (self.shortly and name not in self.shortly) or factor.is_fresh():
            return refused
        return redirect(url_for("again", next=onward.asked_page()))


def _again():
    target = onward.own_path(request.args.get("next"))
    if request.method == "GET":
        return render_template("security/again.html", target=target)
    logout_user()
    session[factor.NO_TRUST] = True
    flash("Log opnieuw in. Daarna komt u vanzelf terug.", "info")
    return redirect(target or "/")  # which leads to the log-in page and back
