"""Asking a colleague for a requested document, on the page 'Melding aanvullen'."""

from flask import abort

from admin_views.grid.act_forms import ActForm, TextField
from admin_views.grid.acts import act
from models.upload_links.upload_link import DAYS, LONGEST_NOTE, UploadLink


class ColleagueForm(ActForm):
    address = TextField(name="adres")
    note = TextField(name="bericht")


def questions_of(case):
    """What the page of a case knows of the colleagues who were asked."""
    return {
        "questions": UploadLink.of_case(case),
        "own_domains": sorted(case.hospital.own_domains),
        "longest_note": LONGEST_NOTE,
        "link_days": DAYS,
    }


def take_back(case, link, by):
    """Take the question back; what came stays."""
    link.withdraw(by)


def repeat(case, link, by):
    """Ask the same colleague again, in a new mail."""
    link.ask_again(by)


class AskColleague:
    """The part of the reporter's screens about colleagues who are asked. `rows` gives the case and what the address names."""

    def question(self, case, key):
        """A question about this very case; else 404."""
        link = self.find(UploadLink, key)
        return link if link.case_id == case.id else abort(404)

    ask_colleague = act("/<key>/gevraagd/<asked>/collega", UploadLink.ask, form=ColleagueForm, anchor="gevraagd-{1.id}")
    take_back_question = act("/<key>/vraag/<question>/intrekken", take_back, anchor="gevraagd-{1.asked_id}")
    repeat_question = act("/<key>/vraag/<question>/opnieuw", repeat, anchor="gevraagd-{1.asked_id}")
