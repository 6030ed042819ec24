"""The coordinator's work: the list of what waits, one case on one page, and the verdict."""

from flask import abort, flash, redirect, request
from flask_admin import expose, helpers

from admin_views.audit.case_history import GROUPS, timeline
from admin_views.grid import request_values
from admin_views.grid.act_forms import ActForm, OfRound, TextField
from admin_views.grid.acts import Acts, act
from admin_views.grid.scoped_views import ScopedView, who
from admin_views.questionnaires.questionnaire_page import Read
from admin_views.review.assignment import Assigning
from admin_views.review.joined_cases import ReviewParts
from admin_views.review.theme_correction import CorrectedTheme, ThemeCorrecting
from admin_views.review.verdicts import (
    Approval,
    Dismissal,
    Incomplete,
    approve,
    asked_about,
    dismiss,
    mark_incomplete,
    taken_back,
    undoable,
)
from admin_views.web.screen import Screen
from models import access, clock
from models.access import PROCESS_LABELS
from models.accounts.deputies.absence import coordinators
from models.audit.audit_event import AuditEvent
from models.base import Refused, new_key
from models.cases.case import Case
from models.cases.status import DISMISSALS
from models.dutch import month_name, percentage, plural
from models.files.file_history import ROUTES
from models.files.privacy import gate
from models.files.privacy.privacy_decision import PrivacyDecision
from models.lza1.case_page import Matter
from models.mail.wording.mail_wording import phrases
from models.monthly import response
from models.questionnaires.swansea import swansea
from models.retention.legal_hold import LegalHold
from models.review import case_sheet, verdict_undo, work_list
from models.review.assignment import WHOSE_LABELS, CaseAssignment, JudgeBy, Whose, people_of
from models.review.call_log import LoggedCall
from models.review.correction.theme_correction import was_corrected
from models.review.figures import pace, status_days
from models.review.work_list import PILES, TO_REVIEW, Chosen

CLOSED_OR_APPROVED = ("goedgekeurd", "ingetrokken")
CALLS = 5  # call backs on the work list


class Reopening(OfRound):
    remark = TextField(name="reden")


class Note(ActForm):
    text = TextField(name="notitie")


class HoldReason(ActForm):
    reason = TextField(name="bewaarreden")


class CountedMonth(ActForm):
    month = TextField(name="maand")


def lift_hold(case, by):
    """Ask that the terms of retention count again for this case, or confirm it; returns whether they do."""
    if (hold := LegalHold.of(case)) is None:
        raise Refused("Voor deze melding geldt geen bewaarplicht (meer).")
    if asked := hold.lift_asked_at is not None:
        hold.lift(by)
    else:
        hold.ask_to_lift(by)
    return asked


def _lifted(asked, case):
    if asked:
        return f"De bewaarplicht van melding {case.number} is opgeheven."
    return "Iemand anders moet dit bevestigen. Tot dan geldt de bewaarplicht."


def count_for(case, by, month):
    """Let the case count for another month of the list."""
    if month not in case_sheet.months_for(case):
        raise Refused("Kies een maand uit de lijst.")
    case.count_for(by, month)


def _verdict(path, verb, form, done):
    """An act after which the next case is shown."""
    return act(path, verb, form, f"Melding {{0.number}} {done}", then=lambda view, made, case: view.go_on(case))


class ReviewView(ReviewParts, ThemeCorrecting, Assigning, Acts, ScopedView):
    """Work list and verdicts, for the coordinator of a process."""

    screen = Screen("review", "/beoordelen", "Werklijst")
    ability = "review"
    reads = "case.read"

    @expose("/")
    def index(self):
        pile = PILES.get(request.args.get("stapel"), TO_REVIEW)
        themes, hospitals = work_list.choices(who())
        whose = next((one for one in Whose if one == request.args.get("van")), None)
        people, covered = people_of(who(), clock.today()) if whose == Whose.MINE else ([], [])
        chosen = {"thema": request_values.row_of("thema", themes), "ziekenhuis": request_values.row_of("ziekenhuis", hospitals)}
        page = min(request_values.page(), work_list.PAGES - 1)
        cases, more = work_list.page_of(pile, who(), page, Chosen(*chosen.values(), whose, tuple(people)))
        counts = work_list.counts(who())
        calls, to_call = LoggedCall.to_do(who(), CALLS, people=people or None)
        whole = pile is TO_REVIEW and page == 0 and not any((whose, *chosen.values()))  # its first case is the oldest of all
        here = {"stapel": pile.key} | {name: row and row.id for name, row in chosen.items()} | {"van": whose}
        return self.render(
            "review/index.html",
            undoable=undoable(),
            here=here,
            piles=PILES.values(),
            pile=pile,
            counts=counts,
            cases=cases,
            **{"more": more, "page": page, "themes": themes, "hospitals": hospitals},
            **{"chosen": chosen, "whose": whose, "whose_labels": WHOSE_LABELS},
            covered=covered,
            coordinators=coordinators(access.processes(who(), self.ability)) if cases and pile.is_work else [],
            due={case.id: JudgeBy.of(case, clock.today()) for case in cases},
            **{"calls": calls, "to_call": to_call, "today": clock.today()},
            stats=self._stats(counts, cases[0] if cases and whole else work_list.next_case(who())),
            link=self._link,
            page_url=lambda number: self._link(**here, bladzijde=number),
            pages=work_list.PAGES,
            many=work_list.MANY,
            processes=[PROCESS_LABELS[name] for name in sorted(access.processes(who(), "review"))],
        )

    def _link(self, **to):
        return self.get_url(".index", **{name: value for name, value in to.items() if value})

    def _stats(self, counts, oldest):
        """The figures on top: (value, label, note, address, kind)."""
        waiting, spent = counts["te-beoordelen"], counts["uitgeput"]
        stats = [
            (_many(waiting), "Te beoordelen", None, self._link(), "purple" if waiting else None),
            (_age(oldest), "Wachttijd van de oudste", None, self.get_url(".following"), None),
            (
                _many(spent),
                "Laatste termijn voorbij",
                "niet meer herinneren, maar bellen",
                self._link(stapel="uitgeput"),
                "warning" if spent else None,
            ),
        ]
        return [*stats, self._response()] if access.may(who(), "follow") else stats

    def _response(self):
        month = clock.previous_month(clock.today())
        done, asked = response.by_month([month]).get(month, (0, 0))
        note = f"{done} van {plural(asked, 'ziekenhuis', 'ziekenhuizen')}" if asked else "nog niemand gevraagd"
        return percentage(done, asked), f"Respons over {month_name(month)}", note, self.get_url("months.index"), None

    @expose("/volgende")
    def following(self):
        """The oldest case to review, or the one behind `na`."""
        after = self.find(Case, request.args["na"]) if "na" in request.args else None
        return redirect(self._next_url(after))

    @expose("/tempo")
    def pace(self):
        """How long cases wait, and how many came in and were judged week by week."""
        return self.render("review/pace.html", pace=pace.WorkPace.of(who()), most_drawn=pace.MOST)

    @expose("/<key>/")
    def detail(self, key):
        return self._page(self._case(key))

    approve = _verdict("/<key>/goedkeuren", approve, Approval, "is goedgekeurd.")
    mark_incomplete = _verdict(
        "/<key>/onvolledig", mark_incomplete, Incomplete, "staat op Onvolledig; de melder krijgt bericht."
    )
    dismiss = _verdict("/<key>/afsluiten", dismiss, Dismissal, "is afgesloten.")
    undo = act("/<key>/ongedaan", verdict_undo.take_back, done=taken_back)
    reopen = act("/<key>/heropenen", Case.reopen, Reopening, "Melding {0.number} is heropend; het ziekenhuis krijgt bericht.")
    note = act("/<key>/notitie", Case.note, Note, "De notitie is opgeslagen.")
    hold = act("/<key>/bewaren", LegalHold.place, HoldReason, "Voor melding {0.number} geldt nu een bewaarplicht.")
    lift_hold = act("/<key>/bewaren/opheffen", lift_hold, done=_lifted)
    month = act("/<key>/maand", count_for, CountedMonth, "De maand waarvoor deze melding meetelt is opgeslagen.")

    def rows(self, key=None):
        return (self._case(key),) if key else ()

    def onward(self, case=None, anchor=None):
        if case is None:  # the act was about the list, or the page where the button stood
            return redirect(helpers.get_redirect_target() or self.get_url(".index"))
        return redirect(self.get_url(".detail", key=case.key, _anchor=anchor))

    def go_on(self, case):
        """To the next case that waits."""
        return redirect(self._next_url(case))

    def repeats(self, verb, form, case=None):
        if isinstance(form, CorrectedTheme):
            return was_corrected(case, who(), form.theme.data, form.round.data)
        return isinstance(form, OfRound) and case_sheet.was_done(case, verb, who(), form.round.data)

    def refused(self, reason, form, case=None, anchor=None):
        """The fresh page with the reason on top, and what was typed still in its form; or the question of the gate."""
        if isinstance(reason, gate.AskedAnyway):
            return self.render("review/ask_anyway.html", case=case, **asked_about(case)), 409
        flash(str(reason), "error")
        if case is None:
            return self.onward()
        if isinstance(form, CorrectedTheme):
            return self.theme_page(self._case(case.key), form.theme.data, form.typed), 409
        return self._page(self._case(case.key), form.typed), 409

    def _case(self, key):
        """The case for its coordinator. Whoever may only read it elsewhere, as a committee member, is not that."""
        case = self.find(Case, key, also=(Case.theme, Case.hospital, Case.reporter))
        return case if access.may(who(), self.ability, case.process) else abort(404)

    def _next_url(self, case):
        following = work_list.next_case(who(), case)
        return self.get_url(".detail", key=following.key) if following else self.get_url(".index")

    def _page(self, case, typed=None):
        sheet, answers = case_sheet.CaseSheet.of(case, who()), Read.of(case)
        said = phrases(*DISMISSALS.values(), *case_sheet.COMPOSED)
        traces, inviting = PrivacyDecision.of_case(case), "uitnodigen" in request.args or (typed and "ander" in typed)
        if answers.filled:
            AuditEvent.log("form.read", by=who(), case=case)
        return self.render(
            "review/case.html",
            undoable=undoable(),
            case=case,
            sheet=sheet,
            traces=traces,
            hold=LegalHold.of(case),
            inviting=inviting,
            hospitals=case_sheet.invitable(case, sheet) if inviting else [],
            unchecked=gate.unchecked(sheet.files),
            undecided=gate.undecided(traces) if case.submitted_at else [],
            typed=typed or {},
            events=timeline(sheet),
            spans=status_days.spans(case, sheet.events),
            groups=GROUPS,
            dismissals={why: said[phrase] for why, phrase in DISMISSALS.items()},
            asked=typed.getlist("ontbreekt") if typed else [],
            assignment=CaseAssignment.of(case) if sheet.was_assigned else None,
            coordinators=coordinators({case.process}) if "toewijzen" in request.args else [],
            due=JudgeBy.of(case, clock.today()) if case.status == "ingediend" else None,
            months=[] if sheet.part_of else case_sheet.months_for(case),
            lza1=Matter.of(case, who()),
            today=clock.today(),
            sleutels=(new_key(), new_key()),
            swansea=swansea(),
            answers=answers,
            asked_about=request.args.get("over"),
            opening=said[case_sheet.MISSING_OPENING],
            our_questions=said[case_sheet.OUR_QUESTIONS],
            closing=said[case_sheet.MISSING_CLOSING],
            closed=case.status in CLOSED_OR_APPROVED,
            routes=ROUTES,
            may_correct_theme=case.submitted_at and case.status != "ingetrokken" and not case.erased_at and not sheet.part_of,
            **dict.fromkeys(("may_ask", "may_add_file"), case.submitted_at is not None and case.may_add),
        )


def _many(count):
    return f"{work_list.MANY}+" if count > work_list.MANY else count


def _age(case):
    days = clock.whole_days(case.status_since, clock.now()) if case else None
    return "–" if days is None else plural(days, "dag", "dagen")
