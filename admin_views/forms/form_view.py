"""Filling in a form, whatever asks its questions: section by section, saved per answer, by several people at once."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import expose
from werkzeug.datastructures import MultiDict
from wtforms import StringField

from admin_views.forms.form_page import FormPage, mark
from admin_views.grid.act_forms import ActForm, TextField
from admin_views.grid.row_pages import NAMED, RowPage
from admin_views.grid.scoped_views import who
from models import clock
from models.base import Refused
from models.forms.edit_conflict import EditConflict

NOT_ALL = "Nog niet alles is opgeslagen. Verbeter de velden die hieronder zijn aangegeven."


class PageSent(ActForm):
    """What a page of a form sends beside the answers: its version, the button that led on, and for one answer its place."""

    version = TextField(name="versie")
    onward = TextField(name="naar")
    at = TextField(name="vraag")
    reason = StringField(name="reden")


def answers_sent() -> MultiDict:
    """The fields of a page of questions, as they were sent."""
    return request.form


class FormView(RowPage):
    """The sections of one form. A subclass says which form (`page`), and what else is on its pages.

    `where` is what the address says of the form: the view's own url names it. `section_template` shows one section.
    """

    section_template: str

    def page(self, for_script=False, **where) -> FormPage:
        """The form to fill in. Raises Refused when it cannot be; aborts with a redirect to who had better look elsewhere."""
        raise NotImplementedError

    def read(self, page, section=""):
        """Write down that this was read."""
        raise NotImplementedError

    def shown(self, page, section):
        """What the template of a section reads beside the page and its fields."""
        return {}

    def show(self, page, section, fields):
        """The page of a section."""
        where = {name: request.view_args[name] for name in NAMED.findall(self.screen.url)}
        shown = self.shown(page, section)
        return self.render(self.section_template, page=page, where=where, section=section, parts=page.parts(fields), **shown)

    def part(self, page, field):
        """One field by itself as HTML, for the script."""
        return render_template("forms/one.html", field=field)

    @expose("/<section>/")
    def section(self, section, **where):
        """The fields of one section."""
        page = self._page_of(section, where)
        self.read(page, section)
        return self.show(page, section, page.fields(section))

    @expose("/<section>/", methods=("POST",))
    def save(self, section, **where):
        """The same without script: every answer of the section at once."""
        page = self._page_of(section, where)
        fields = page.fields(section, spare=True)
        wrong = self._save_all(page, fields)
        # Once more: an answer that was refused may fit beside the ones after it.
        wrong = wrong and self._save_all(page, [field for field in fields if field.at in wrong])
        if wrong:
            flash(NOT_ALL, "error")
            return self._again(section, wrong, where), 422
        onward = self.after(page, section, where)
        flash("Uw antwoorden zijn opgeslagen.", "success")
        return redirect(onward)

    @expose("/antwoord", methods=("POST",))
    def answer(self, **where):
        """Save one answer while somebody types, for the script; answers JSON, with what the page shows from now on."""
        sent = PageSent.sent()
        at = sent.at.data
        try:
            page = self.page(for_script=True, **where)
            saved = self._put(page, at, reason=sent.reason.data)
        except EditConflict as clash:
            told = {"mine": clash.mine, "theirs": clash.theirs, "by": clash.by.name, "revision": clash.revision}
            page = self.page(for_script=True, **where)
            return {"error": str(clash), **told, "html": self.part(page, page.field(at))}, 409
        except Refused as reason:
            return {"error": str(reason)}, 422
        page.filled = saved.filled
        told = {"revision": saved.revision, "mark": mark(saved.kept), "reason": saved.reason, "warnings": saved.warnings}
        return {**told, **page.state(page.filled.section_of(at)), "at": f"{clock.local(clock.now()):%H:%M}"}

    def after(self, page, section, where):
        """Where the button that was pressed leads: on, or back to the same section. Raises Refused."""
        _, onward = self.page(**where).around(section)
        if PageSent.sent().onward.data != "verder":
            return url_for(".section", section=section, **where)
        return url_for(".section", section=onward.code, **where) if onward else url_for(".index", **where)

    def _page_of(self, section, where):
        page = self.page(**where)
        return page if page.has(section) else abort(404)

    def _again(self, section, wrong, where):
        """The page with what could not be saved still in its fields."""
        page = self.page(**where)
        fields = page.fields(section)
        for field in (one for one in fields if one.at in wrong):
            reason = wrong[field.at]
            field.values, field.trouble, field.clash = request.form, str(reason), getattr(reason, "theirs", None)
        return self.show(page, section, fields)

    @staticmethod
    def _put(page, at, before=None, reason=None):
        return page.put(at, request.form, request.form.get(f"{at}.gezien", "0"), who(), before, reason)

    def _save_all(self, page, fields):
        """{place: why not} of the answers in these fields that could not be saved."""
        wrong = {}
        for field in fields:
            try:
                if f"{field.at}.gezien" in request.form and self._touched(field):
                    reason = request.form.get(f"{field.at}.reden", field.reason)
                    self._put(page, field.at, field.kept, None if reason == field.reason else reason)
            except Refused as reason:
                wrong[field.at] = reason
        return wrong

    @staticmethod
    def _touched(field):
        if request.form.get(f"{field.at}.reden", field.reason) != field.reason:
            return True
        return mark(field.read(request.form)) != request.form.get(f"{field.at}.was")
