"""Who sits on a committee and where they work: kept by the beheerder, who sees no case."""

from flask import flash

from admin_views.accounts.reauthentication import ShortlyAfterSecondStep
from admin_views.approval.held_changes import WIDER, ToldOfWaiting, waits
from admin_views.grid import columns
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import clock
from models.accounts.hospital import Hospital
from models.committee.member import CommitteeMember, Workplace
from models.committee.ties.reach_change import ReachChange


class MembersView(ToldOfWaiting, ShortlyAfterSecondStep, ScopedModelView):
    """The record of a member beside the account: without one, nobody is named for a case."""

    screen = Screen("members", "/beheer/commissieleden", "Commissieleden", of=CommitteeMember, menu="Beheer")
    ability = "manage"
    waiting_in = ReachChange.member
    shortly = ("create_view", "edit_view")  # opens cases
    intro = (
        "Wie in de commissie zit, en hoe lang. Zonder deze gegevens, een werkplek en de jaarlijkse verklaring van het lid zelf "
        "kan niemand een casus beoordelen."
    )
    create_label = "Commissielid toevoegen"
    can_create = can_edit = True
    related = (CommitteeMember.user,)
    column_list = ("user", "discipline", "term_from", "term_until", "outside", "chair", "secretary", "declared_on")
    column_labels = {
        "user": "Commissielid", "discipline": "Discipline", "term_from": "In de commissie vanaf", "term_until": "Tot en met",
        "outside": "Werkt niet in een ziekenhuis",
        "chair": "Voorzitter", "secretary": "Secretaris", "declared_on": "Jaarlijkse verklaring",
    }  # fmt: skip
    column_sortable_list = ("discipline", "term_until")
    form_columns = ("user", "discipline", "term_from", "term_until", "outside", "chair", "secretary")
    form_args = {
        "user": {"description": "Een account met de rol Commissielid."},
        "discipline": {"description": "Bijvoorbeeld gynaecoloog, verloskundige of anesthesioloog."},
        "term_until": {
            "description": "De laatste dag; daarna leest en leidt dit lid niets meer. Leeg: zonder einde. "
            f"Een termijn die voorbij is weer laten gelden {WIDER}"
        },
        "outside": {
            "description": "Ook niet in de tijd die als band telt, zoals een jurist. Geef dan geen werkplek op. "
            f"Aanzetten {WIDER}"
        },
        "chair": {
            "description": f"Leest de casussen op de agenda, leidt de vergadering en geeft brieven vrij. Aanzetten {WIDER}"
        },
        "secretary": {"description": "Legt de consensus vast."},
    }

    def add(self, form):
        made, held = ReachChange.add_member(who(), **{name: form[name].data for name in self.form_columns})
        _tell(held)
        return made

    def save(self, form, row):
        _tell(ReachChange.amend_member(row, who(), **{name: form[name].data for name in self.form_columns}))

    def _declared(self, context, row, name):
        holds = row.has_declared(clock.today())
        return (
            columns.day(row.declared_on) if holds else columns.badge("verlopen" if row.declared_on else "nog niet", "warning")
        )

    def _until(self, context, row, name):
        if row.term_until is None:
            return ""
        over = row.term_until < clock.today()
        return columns.with_note(columns.day(row.term_until), columns.badge("termijn voorbij", "warning") if over else "")

    column_formatters = {"declared_on": _declared, "term_until": _until}


class WorkplacesView(ToldOfWaiting, ShortlyAfterSecondStep, ScopedModelView):
    """Where members work and worked: what a tie to a case is computed from."""

    screen = Screen("workplaces", "/beheer/werkplekken", "Werkplekken", of=Workplace, menu="Beheer")
    ability = "manage"
    waiting_in = ReachChange.workplace
    shortly = ("create_view", "edit_view")  # opens cases
    intro = (
        "Een werkplek blijft ook na de laatste dag meetellen: zo lang beoordeelt iemand geen casus van daar. "
        "Hoe lang staat bij ‘Commissie-instellingen’."
    )
    create_label = "Werkplek toevoegen"
    can_create = can_edit = True
    related = (Workplace.member, Workplace.hospital)
    column_list = ("member", "hospital", "since", "until")
    column_labels = {"member": "Commissielid", "hospital": "Ziekenhuis", "since": "Vanaf", "until": "Tot en met"}
    column_sortable_list = (("hospital", Hospital.name), "since", "until")
    form_columns = ("member", "hospital", "since", "until")
    form_args = {
        "hospital": {"description": f"De eerste werkplek van iemand {WIDER}"},
        "until": {"description": f"De laatste dag. Leeg: werkt daar nog. Invullen of vervroegen {WIDER}"},
    }

    def add(self, form):
        made = ReachChange.add_workplace(who(), **{name: form[name].data for name in self.form_columns})
        _tell([made] if isinstance(made, ReachChange) else [])
        return made

    def stored(self, row):
        return row if isinstance(row, ReachChange) else super().stored(row)

    def save(self, form, row):
        held = ReachChange.amend_workplace(row, who(), **{name: form[name].data for name in self.form_columns})
        _tell([held] if held else [])


def _tell(held):
    for change in held:
        flash(waits(change), "info")
