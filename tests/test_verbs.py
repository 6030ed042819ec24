"""Verbs own right and trail: who does something (`by`) is asked for an ability, and the model writes the line of it."""

import ast
from pathlib import Path

import pytest

from models.access import Role
from models.accounts.user import User
from models.audit.audit_action import ACTIONS
from models.audit.audit_event import AuditEvent
from models.base import Refused
from tests import calls, make, source

ROOT = Path(__file__).parent.parent
RIGHTS = {f"access:{name}" for name in ("demand", "demand_of", "may", "processes", "visible", "reach")}
LINES = {"audit/audit_event:AuditEvent.log", "audit/audit_event:AuditEvent.seen"}
# How a verb of ours is called that does nothing but ask.
ASKING = r"_?demand|open_for$"

# Public functions of models/ that take `by` and ask no ability themselves, and why that is right.
ASKS_NOTHING = {
    "accounts/hospital:Hospital.await_region": "in the transaction of asking for a change of reach, or of deciding it",
    "accounts/identity/linked_identity:LinkedIdentity.forget": "in the transaction of who ends the account or its second step",
    "accounts/saved_view:SavedView.discard": "a view of this very person",
    "accounts/saved_view:SavedView.keep": "a view of this very person, of a list that asked for the right",
    "annual_report/second_source_sheet:SecondSourceSheet.add": "a row of a sheet: `rehearse` and `take` ask first",
    "approval/enrolment_sheet:PeopleSheet.finish": "the end of a sheet: `rehearse` and `take` ask first",
    "approval/row_sheet:Sheet.add": "a row of a sheet: `rehearse` and `take` ask first",
    "approval/row_sheet:Sheet.finish": "the end of a sheet: `rehearse` and `take` ask first",
    "cases/remark:Remark.write": "in the transaction of a verb that asked by what right it is written",
    "committee/assessment:Assessment.end_by_tie": "in the transaction of the verb that brought the tie, which asked",
    "committee/assessment:Assessment.move_term": "in the transaction of `extend` and `schedule`, which ask for 'review'",
    "committee/case_use:CaseUse.counted": "in the transaction of settling the annual report, which asks",
    "committee/case_use:CaseUse.receive": "in the transaction of closing the treatment, which asks",
    "committee/package/dossier_package:DossierPackage.lost": "what the portal finds while it reads: the bytes are broken",
    "committee/package/dossier_package:DossierPackage.standing": "what this very person asked for",
    "committee/assessment:Assessment.end_by_theme": "in the transaction of correcting the theme, which asks",
    "committee/committee_form:CommitteeForm.restart": "in the transaction of correcting the theme, which asks",
    "committee/following/theme_change:follow": "in the transaction of correcting the theme, which asks",
    "committee/ties/late_ties:hospital_joined": "in the transaction of joining a part, which asks",
    "committee/ties/late_ties:region_changed": "in the transaction of correcting a hospital, which asks",
    "committee/ties/late_ties:settings_changed": "in the transaction of changing the settings, which asks",
    "committee/ties/late_ties:transfer_told": "in the transaction of telling the clues, which asks",
    "committee/ties/late_ties:workplace_changed": "in the transaction of adding or changing a workplace, which asks",
    "committee/treatment:Treatment.shift": "in the transaction of each verb of a treatment, which asks",
    "files/document:Document.attach_generated": "made by the portal of a form whose verb asked",
    "files/document:Document.lost": "what the portal finds while it reads: the bytes are broken",
    "files/resumable/resumable_upload:ResumableUpload.expire": "in the transaction of the clock, or of ending a link",
    "lza1/committee_steps:CommitteeStep.lost": "what the portal finds while it reads: the bytes are broken",
    "monthly/month_answer:MonthAnswer.case_reported": "in the transaction of the case that answers, whose verb asked",
    "monthly/month_answer:MonthAnswer.no_case_left": "in the transaction of the case that leaves, whose verb asked",
    "monthly/month_answer:MonthAnswer.prove": "the link of the mail is the right; in the portal `confirm` asks",
    "monthly/month_answer:MonthAnswer.zero": "the link of the mail is the right; in the portal `report` and `by_phone` ask",
    "monthly/monthly_request:MonthlyCall.open_all": "of the clock and of the command line, for whom there is no `by`",
    "questionnaires/definition/draft_version:new_version": "of the draft that asked, and of the portal's own questionnaires",
    "questionnaires/form:Answer.change": "one answer of a form whose verb asked",
    "questionnaires/form:Form.new": "in the transaction of the form whose verb asked",
    "review/case_sheet:was_done": "what this very person did, of a row that access.visible gave",
    "upload_links/upload_link:UploadLink.end": "in the transaction of `withdraw` and `ask`, which ask, or of the clock",
}
READS = "only reads, or says whether something may be done"
# Those that write no line, and why that is right.
LEAVES_NOTHING = {
    "accounts/hospital:Hospital.await_region": "asking for the change is the line, and deciding it",
    "accounts/managed_account:demand_agreed": READS,
    "accounts/managed_account:demand_steward": READS,
    "annual_report/committee_figures/assessor_agreement:CommitteeAgreement.of": READS,
    "annual_report/committee_figures/committee_year:CommitteeYear.of": READS,
    "annual_report/second_source_sheet:SecondSourceSheet.add": "the sheet is one line: its `finish` writes it",
    "approval/enrolment_sheet:PeopleSheet.finish": "asks a second person, which is the line of `HeldChange`",
    "approval/row_sheet:Sheet.add": "the verb that makes the row writes its line",
    "approval/row_sheet:Sheet.finish": "nothing is left to do after most sheets",
    "approval/row_sheet:rehearse": "nothing of it is kept",
    "approval/row_sheet:take": "the verb that makes each row writes its line",
    "audit/audit_event:AuditEvent.log": "is the line",
    "cases/case_colleague:KeptApart.may_name": READS,
    "cases/case_colleague:KeptApart.open_for": READS,
    "cases/case_number:FoundByNumber.alike": READS,
    "cases/remark:Remark.write": "the line is that of the verb that it is written for",
    "committee/assessment:Assessment.at": READS,
    "committee/assessment:Assessment.candidates": READS,
    "committee/assessment:Assessment.demand_own": READS,
    "committee/assessment:Assessment.mine": READS,
    "committee/assessment:Assessment.own": READS,
    "committee/committee_form:CommitteeForm.restart": "the line is that of the treatment, which goes back to the agenda",
    "committee/comparison:Comparison.of_other_themes": READS,
    "committee/consensus:formalities": READS,
    "committee/following/assessor_terms:late": READS,
    "committee/meeting_agenda:MeetingAgenda.of": READS,
    "committee/package/dossier_package:DossierPackage.standing": READS,
    "committee/rules/attendance:demand_quorum": READS,
    "committee/member:CommitteeMember.leads_for": READS,
    "committee/treatment:Treatment.at_table": READS,
    "committee/treatment:Treatment.demand_table": READS,
    "committee/treatment:Treatment.waiting": READS,
    "files/document:Document.succeed": "the line is that of stripping what tells who somebody is",
    "lnr/benchmark/method/carry_over:effect": READS,
    "lnr/benchmark/method/method_change:effect": READS,
    "lnr/research/extract_request:ExtractRequest.demand_open": READS,
    "lza1/case_page:Matter.of": READS,
    "lza1/committee_steps:CommitteeStep.awaited": READS,
    "monthly/month_answer:MonthAnswer.no_case_left": "the line of the case that was withdrawn or moved says it",
    "questionnaires/definition/draft_version:new_version": "the line is that of the draft that is begun",
    "questionnaires/definition/new_questionnaire:places": READS,
    "questionnaires/form:Answer.change": "the line is that of the form, which counts what changed",
    "questionnaires/form:Form.new": "the line is that of the form, once its answers are in",
    "review/case_sheet:CaseSheet.of": READS,
    "review/case_sheet:alike": READS,
    "review/case_sheet:is_studied": READS,
    "review/case_sheet:studied_by": READS,
    "review/case_sheet:was_done": READS,
    "review/correction/theme_correction:outlook": READS,
    "review/silent_hospitals:cases": READS,
    "review/work_list:choices": READS,
    "review/work_list:counts": READS,
    "review/work_list:next_case": READS,
    "review/work_list:page_of": READS,
    "staff/account_review:does_review": READS,
}
WRITING = {"create", "insert", "insert_many", "save", "delete_instance", "bulk_create", "bulk_update", "queue"}


def verbs():
    """The public functions of models/ that are told who does it: 'room/file:Class.name'."""
    for key, node in calls.functions().items():
        arguments = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
        if "by" in arguments and not node.name.startswith("_") and key not in RIGHTS:
            yield key


def test_every_verb_demands_an_ability_or_says_why_not():
    assert {verb for verb in verbs() if not calls.led_to(verb) & RIGHTS} == set(ASKS_NOTHING)


def test_every_verb_writes_its_own_line_or_says_why_not():
    assert {verb for verb in verbs() if not calls.led_to(verb) & LINES} == set(LEAVES_NOTHING)


def test_what_only_reads_writes_nothing():
    told = {
        f"{verb} by {key}: {call.func.attr}"
        for verb, reason in LEAVES_NOTHING.items()
        for key in ({verb, *calls.led_to(verb)} if reason == READS else ())
        for call, _ in calls.calls(key)
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITING
    }
    assert told == set()


def test_a_demand_or_a_line_that_is_taken_out_of_a_verb_is_missed():
    """The two rules above would be silent without meaning it if another function led to a demand, or a line, by chance.

    A verb that calls other verbs asks once more by them, and may keep a line: that is a quarter of them, and a fifth.
    """
    move = "cases/case:Case._move"
    assert calls.led_to(move) & RIGHTS and not calls.led_to(move, calls.without(move, RIGHTS, ASKING)) & RIGHTS
    for wanted, named, missed in ((RIGHTS, ASKING, 0.75), (LINES, "$^", 0.8)):
        twins = {verb: twin for verb in verbs() if (twin := calls.without(verb, wanted, named))}
        kept = sorted(verb for verb, twin in twins.items() if calls.led_to(verb, twin) & wanted)
        assert len(twins) > 100 and len(kept) < len(twins) * (1 - missed), kept


@pytest.mark.parametrize(
    "text, leads",
    [
        ("AuditEvent.log('x', by=by)", LINES),  # not to another class that has a `log`
        ("', '.join(words)", set()),  # nor from a string to a verb of a case
        ("case.open_for(by, True, '')", {"cases/case_colleague:KeptApart.open_for"}),
        ("something.shift(by)", set()),  # two classes have one
    ],
)
def test_a_call_is_followed_by_its_receiver(text, leads):
    call = ast.parse(text, mode="eval").body
    assert set(calls.leads_to(call, {}, "cases/case", None)) <= leads


def test_no_screen_writes_the_line_of_a_change():
    """Screens say that something was read, searched, exported or refused, and what happens at the door: `user.`, `factor.`."""
    door = ("user.", "factor.")
    changes = {action for action, (kind, _) in ACTIONS.items() if kind in "CUD" and not action.startswith(door)}
    written = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.args[0].value}"
        for path in (ROOT / "admin_views").rglob("*.py")
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "log"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value in changes
    }
    assert written == set()


def test_a_melder_neither_gives_roles_nor_ends_an_account():
    melder, victim, boss = make.user(), make.user(), make.user(role=Role.BEHEERDER)
    for verb in (
        lambda: victim.grant([Role.INVOERDER], by=melder),
        lambda: victim.deactivate(by=melder),
        lambda: victim.reactivate(by=melder),
        lambda: boss.deactivate(by=melder),
        lambda: victim.lose_second_factor(melder, "Gebeld."),
        lambda: victim.amend(melder, name="X", phone=""),
        lambda: victim.move_address("x@example.com", by=melder),
        lambda: victim.place([], None, None, by=melder),
        lambda: victim.log_out_everywhere(by=melder),
        lambda: User.enrol("nieuw@example.com", "Nieuw", [Role.MELDER], hospital=melder.hospital, by=melder),
        lambda: victim.hospital.amend(melder, name="Anders"),
    ):
        with pytest.raises(Refused, match=r"Alleen de (ziekenhuis)?beheerder"):
            verb()
    assert User.get_by_id(victim.id).active and User.get_by_id(boss.id).active and User.get_by_id(victim.id).name != "X"


def test_ending_an_account_and_opening_it_again_leave_lines():
    victim, boss = make.user(), make.user(role=Role.BEHEERDER)
    victim.deactivate(by=boss)
    victim.reactivate(by=boss, agreed=True)
    lines = AuditEvent.select().where(AuditEvent.actor == boss).order_by(AuditEvent.id)
    assert [(line.action, line.subject) for line in lines] == [
        ("user.deactivate", victim.in_trail),
        ("user.activate", victim.in_trail),
    ]
