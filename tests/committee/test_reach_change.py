"""What lets somebody read more cases, though no account changes, waits for a second beheerder, or a day (trust.md F4)."""

import html
import re
from datetime import date, timedelta

import pytest
from peewee import IntegrityError

from models import AuditEvent, Mail, User, access, clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.approval.change_kind import ChangeOutcome
from models.approval.four_eyes import ALONE
from models.base import Refused, db
from models.cases.case import Case
from models.cases.case_reader import CaseReader
from models.cases.status import Status
from models.committee import conflict
from models.committee.assessment import Assessment
from models.committee.member import CommitteeMember, Workplace
from models.committee.ties.reach_change import ReachChange, ReachKind
from models.committee.treatment import Treatment
from models.mail.letter import NotKnown
from models.mail.mail_status import MailStatus
from models.operations import after_restore
from models.retention.erasure_request import forget_person
from tests import make
from tests.web.pages import edit, form_of, send

NOW, DAY = clock.now(), date(2024, 1, 1)
LONG_AGO = clock.today() - timedelta(days=895)  # longer than what counts as a tie


@pytest.fixture
def bea():
    return make.user(role=Role.BEHEERDER, name="Bea Beheer")


@pytest.fixture
def second(bea):
    return make.user(role=Role.BEHEERDER, name="Cor Tweede")


@pytest.fixture
def enter(app, login):
    return lambda user: login(app.test_client(), User.get_by_id(user.id))


class World:
    """A case of LZA1 that a colleague does not see, and members whom something keeps away from a case."""

    def __init__(self):
        self.home = make.hospital("Ziekenhuis Oost", region="Oost", lza1_kept_apart=True)
        self.near = make.hospital("Ziekenhuis West", region="Oost")
        self.far = make.hospital("Ziekenhuis Ver")
        lza1 = make.theme(Process.LZA1)
        melder = make.user(role=Role.LZA1_MELDER, hospital=self.home)
        self.case, self.apart = make.case(Status.GOEDGEKEURD, by=melder, theme=lza1), make.case(by=melder, theme=lza1)
        self.colleague = make.user(hospital=self.home)
        self.near_user, self.home_user, self.far_user = map(self.member, (self.near, self.home, self.far))
        over = CommitteeMember.update(term_until=clock.today() - clock.DAY)
        over.where(CommitteeMember.user == self.far_user).execute()
        self.new_user = make.user(role=Role.COMMISSIELID, committee=Process.LZA1, recorded=False)
        self.new = CommitteeMember.create(user=self.new_user, discipline="jurist", term_from=DAY)
        self.place = Workplace.get(Workplace.member == CommitteeMember.of(self.home_user))

    def member(self, hospital):
        return make.member(make.user(role=Role.COMMISSIELID, committee=Process.LZA1, recorded=False), hospital)

    def reads(self, kind):
        """Whether what this change opens is open."""
        if kind == ReachKind.CHAIR:
            return CommitteeMember.of(self.home_user).chair
        user, case = {
            ReachKind.APART: (self.colleague, self.apart),
            ReachKind.REGION: (self.near_user, self.case),
            ReachKind.OUTSIDE: (self.new_user, self.case),
            ReachKind.FIRST: (self.new_user, self.case),
            ReachKind.PLACE: (self.home_user, self.case),
            ReachKind.TERM: (self.far_user, self.case),
        }[kind]
        return access.visible(Case, User.get_by_id(user.id)).where(Case.id == case.id).exists()

    def ask(self, kind, by):
        fields = {"member": self.place.member, "since": self.place.since, "until": None}
        if kind == ReachKind.APART:
            (held,) = ReachChange.amend_hospital(self.home, by, NOW, lza1_kept_apart=False, phone="020")
        elif kind == ReachKind.REGION:
            (held,) = ReachChange.amend_hospital(self.home, by, NOW, region="Noord")
        elif kind == ReachKind.OUTSIDE:
            (held,) = ReachChange.amend_member(self.new, by, NOW, user=self.new_user, outside=True)
        elif kind == ReachKind.CHAIR:
            (held,) = ReachChange.amend_member(CommitteeMember.of(self.home_user), by, NOW, chair=True)
        elif kind == ReachKind.TERM:
            (held,) = ReachChange.amend_member(CommitteeMember.of(self.far_user), by, NOW, term_until=None)
        elif kind == ReachKind.FIRST:
            held = ReachChange.add_workplace(by, NOW, **fields | {"member": self.new, "hospital": self.far})
        else:
            held = ReachChange.amend_workplace(self.place, by, NOW, **fields | {"hospital": self.home, "until": LONG_AGO})
        return held


@pytest.fixture
def world():
    return World()


every_kind = pytest.mark.parametrize("kind", list(ReachKind))


def told(now=NOW):
    """As if every mail about it had left at `now`."""
    Mail.update(status=MailStatus.VERZONDEN, sent_at=now).execute()


@every_kind
def test_one_beheerder_alone_opens_nothing_and_a_second_one_does(bea, second, world, kind):
    held = world.ask(kind, bea)
    assert not world.reads(kind)
    with pytest.raises(Refused, match="Iemand anders moet dit bevestigen"):
        held.confirm(bea)
    for stranger in (make.user(hospital=world.home), make.coordinator(), world.home_user):
        for verb in (held.confirm, held.stop):
            with pytest.raises(Refused):
                verb(User.get_by_id(stranger.id))
    assert not world.reads(kind)

    ReachChange.get_by_id(held.id).confirm(second)

    assert world.reads(kind) and ReachChange.get().outcome == ChangeOutcome.CONFIRMED
    actions = [event.action for event in AuditEvent.select().where(AuditEvent.action.startswith("change."))]
    assert sorted(actions) == ["change.ask", "change.confirm"]


@every_kind
def test_alone_it_waits_a_day_after_the_mails_have_left(bea, second, world, kind):
    world.ask(kind, bea)
    assert ReachChange.take_effect(NOW + 3 * ALONE) == 0  # no mail has left yet
    told(NOW + timedelta(hours=1))
    assert ReachChange.take_effect(NOW + ALONE) == 0 and not world.reads(kind)
    assert ReachChange.take_effect(NOW + ALONE + timedelta(hours=1)) == 1 and world.reads(kind)
    assert ReachChange.take_effect(NOW + 3 * ALONE) == 0
    assert AuditEvent.select().where(AuditEvent.action == "change.effect").count() == 1


@every_kind
def test_who_knows_better_stops_it_without_logging_in(bea, second, world, client, kind):
    world.ask(kind, bea)
    text = Mail.get(Mail.user == second).render().get_body(("plain",)).get_content()
    address = re.search(r"/dit-klopt-niet/[\w-]+/", text).group()
    page = client.get(address)
    assert "Klopt deze wijziging niet?" in page.text and "de gegevens van" in page.text
    key = re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)
    assert "is tegengehouden" in client.post(address, data={"csrf_token": key}, follow_redirects=True).text
    told()
    assert ReachChange.take_effect(NOW + 3 * ALONE) == 0 and not world.reads(kind)
    with pytest.raises(Refused, match="al beslist"):
        ReachChange.get().confirm(second)


@every_kind
def test_a_second_beheerder_refuses_it_and_it_can_be_asked_again(bea, second, world, kind):
    held = world.ask(kind, bea)
    with pytest.raises(Refused, match="Er wacht al een wijziging van"):
        world.ask(kind, second)
    held.stop(second)
    assert not world.reads(kind) and world.ask(kind, bea).id != held.id


@every_kind
def test_the_database_keeps_one_of_each_waiting(bea, world, kind):
    held = world.ask(kind, bea)
    twin = {name: value for name, value in held.__data__.items() if name not in ("id", "stop_hash")}
    with pytest.raises(IntegrityError), db.atomic():
        ReachChange.create(stop_hash="x", **twin)


@every_kind
def test_a_restore_lets_it_lapse_and_names_it(bea, second, world, kind):
    held = world.ask(kind, bea)
    after_restore.begin(NOW - clock.DAY)
    told()
    assert ReachChange.take_effect(NOW + 3 * ALONE) == 0 and not world.reads(kind)
    assert ReachChange.get().outcome == ChangeOutcome.LAPSED
    lines = "\n".join(after_restore.overview(after_restore.standing()))
    assert f"{held.label}, gevraagd door {bea.email}" in lines and held.named in lines


def test_the_verbs_of_hospital_member_and_workplace_open_nothing_for_one_person(bea, world):
    fields = {"member": world.new, "hospital": world.far, "since": DAY, "until": None}
    record = {"user": make.user(role=Role.COMMISSIELID), "discipline": "jurist", "term_from": DAY}
    for direct in (
        lambda: world.home.amend(bea, lza1_kept_apart=False),
        lambda: world.home.amend(bea, region=""),
        lambda: world.new.amend(bea, outside=True),
        lambda: world.new.amend(bea, chair=True),
        lambda: CommitteeMember.of(world.far_user).amend(bea, term_until=None),
        lambda: CommitteeMember.add(bea, outside=True, **record),
        lambda: CommitteeMember.add(bea, chair=True, **record),
        lambda: Workplace.add(bea, **fields),
        lambda: world.place.amend(bea, until=clock.today()),
    ):
        with pytest.raises(Refused, match="twee mensen"):
            direct()
    assert not any(map(world.reads, ReachKind))


def test_what_keeps_more_away_is_done_at_once(bea, world):
    """Also what opens nothing: a hospital alone in its region keeps nobody away by that."""
    alone = make.hospital(region="Zuid")
    assert ReachChange.amend_hospital(world.far, bea, lza1_kept_apart=True, region="Oost") == []
    assert ReachChange.amend_hospital(alone, bea, region="Midden") == []
    assert Hospital.get_by_id(world.far.id).region == "Oost" and Hospital.get_by_id(alone.id).region == "Midden"
    member = CommitteeMember.of(world.home_user)
    fields = {"member": member, "hospital": world.far, "since": DAY, "until": None}
    ended = ReachChange.add_workplace(bea, **fields | {"until": DAY + clock.DAY})
    assert isinstance(ended, Workplace) and ReachChange.amend_workplace(ended, bea, **fields) is None
    assert ReachChange.amend_member(member, bea, outside=True) == []  # a workplace counts all the same
    assert ReachChange.amend_member(member, bea, outside=False, secretary=True) == []
    assert not ReachChange.select().exists() and not Mail.select().exists()


def test_the_operator_does_it_at_once(world):
    world.home.amend(None, lza1_kept_apart=False)
    assert world.reads(ReachKind.APART)


def test_a_record_and_a_workplace_stay_with_their_person(bea, world):
    for amend in (
        lambda: ReachChange.amend_member(CommitteeMember.of(world.home_user), bea, user=world.new_user),
        lambda: ReachChange.amend_workplace(
            world.place, bea, member=world.new, hospital=world.home, since=world.place.since, until=None
        ),
        lambda: ReachChange.amend_workplace(
            world.place, bea, member=world.new, hospital=world.home, since=world.place.since, until=LONG_AGO
        ),
    ):
        with pytest.raises(Refused, match="gaan niet over op iemand anders"):
            amend()
    assert not any(map(world.reads, ReachKind))


def test_a_new_member_stands_in_the_list_and_reads_nothing_yet(bea, second):
    user = make.user(role=Role.COMMISSIELID)
    record = {"user": user, "discipline": "jurist", "term_from": DAY, "outside": True, "chair": True, "secretary": True}
    made, held = ReachChange.add_member(bea, **record)
    assert [one.kind for one in held] == [ReachKind.CHAIR, ReachKind.OUTSIDE]
    assert (made.outside, made.chair, made.secretary) == (False, False, True)
    for one in held:
        one.confirm(second)
    made = CommitteeMember.of(user)
    assert (made.outside, made.chair, made.secretary) == (True, True, True)


def test_everybody_who_could_know_better_is_told(bea, second, world):
    keeper, other = make.coordinator(Process.LZA1), make.coordinator()
    told_of = {}
    for kind in (ReachKind.PLACE, ReachKind.APART):
        Mail.delete().execute()
        world.ask(kind, bea)
        told_of[kind] = {mail.user for mail in Mail.select()}
        texts = [mail.render().get_body(("plain",)).get_content() for mail in Mail.select()]
        # Only the second beheerder can confirm it: nobody else is led to a screen that is closed.
        assert sum("/wijzigingen/meldingen/" in text for text in texts) == 1 and all("Bea Beheer" in text for text in texts)
    assert told_of[ReachKind.PLACE] >= {bea, second, world.home_user, keeper} and other not in told_of[ReachKind.PLACE]
    assert told_of[ReachKind.APART] >= {bea, second, world.apart.reporter, world.colleague}
    assert world.home_user not in told_of[ReachKind.APART]


@every_kind
@pytest.mark.parametrize("alone", [False, True], ids=["confirmed", "by itself"])
def test_everybody_hears_that_it_took_effect_also_when_no_warning_left(bea, second, world, kind, alone):
    keeper = make.coordinator(Process.LZA1)
    held = world.ask(kind, bea)
    if alone:
        told()
        assert ReachChange.take_effect(NOW + 2 * ALONE) == 1
    else:
        held.confirm(second)
    mails = [mail for mail in Mail.select().where(Mail.status == MailStatus.WACHT) if mail.facts["moment"] == "gedaan"]
    others = {world.apart.reporter, world.colleague} if held.about is None else {held.about, keeper}
    assert {mail.user for mail in mails} >= {bea, second} | others and len(mails) == len({mail.user for mail in mails})
    message = mails[0].render()
    text = " ".join(message.get_body(("plain",)).get_content().split())
    assert message["Subject"].endswith("Iemand kan meer meldingen lezen") and "Gevraagd door Bea Beheer" in text
    assert ("niemand hield het tegen" if alone else "bevestigd door Cor Tweede") in text and held.named in text


def test_the_mail_of_the_member_is_no_warning(bea, second, world):
    world.ask(ReachKind.PLACE, bea)
    told()
    Mail.update(bounced_at=NOW).where(Mail.user.not_in([bea, world.home_user])).execute()
    assert ReachChange.take_effect(NOW + 3 * ALONE) == 0
    Mail.update(bounced_at=None).execute()
    assert ReachChange.take_effect(NOW + 3 * ALONE) == 1


def test_what_a_beheerder_asked_who_is_none_any_more_does_not_take_effect(bea, second, world):
    world.ask(ReachKind.APART, bea)
    told()
    bea.deactivate()
    assert ReachChange.take_effect(NOW + 3 * ALONE) == 0 and not world.reads(ReachKind.APART)
    assert ReachChange.get().outcome == ChangeOutcome.LAPSED


def test_another_workplace_ties_at_once_and_only_the_end_of_the_old_one_waits(bea, second, world):
    fields = {"member": world.place.member, "since": world.place.since, "until": None}
    for ask in (lambda: ReachChange.amend_workplace(world.place, bea, NOW, **fields | {"hospital": world.far}),
                lambda: world.place.amend(None, hospital=world.far)):  # fmt: skip
        with pytest.raises(Refused, match="Voeg de nieuwe werkplek toe"):
            ask()
    assert isinstance(ReachChange.add_workplace(bea, NOW, **fields | {"hospital": world.far}), Workplace)
    held = world.ask(ReachKind.PLACE, bea)
    assert not world.reads(ReachKind.PLACE)
    held.confirm(second)
    assert world.reads(ReachKind.PLACE)
    assert {place.hospital for place in world.place.member.workplaces if not place.until} == {world.far}


@pytest.mark.parametrize("kind", [ReachKind.FIRST, ReachKind.OUTSIDE])
def test_several_first_workplaces_wait_and_none_opens_without_the_others(bea, second, world, kind):
    fields = {"member": world.new, "since": DAY, "until": None}
    waiting = [ReachChange.add_workplace(bea, NOW, **fields | {"hospital": place}) for place in (world.home, world.near)]
    assert [one.kind for one in waiting] == 2 * [ReachKind.FIRST] and not world.reads(kind)
    with pytest.raises(Refused, match="Er wacht al een wijziging van"):
        ReachChange.add_workplace(bea, NOW, **fields | {"hospital": world.near})

    (world.ask(kind, bea) if kind == ReachKind.OUTSIDE else waiting[1]).confirm(second)

    assert {place.hospital for place in world.new.workplaces} == {world.home, world.near} and not world.reads(kind)
    assert not ReachChange.select().where(ReachChange.open()).exists()


@pytest.mark.parametrize("kind", [ReachKind.REGION, ReachKind.PLACE, ReachKind.CHAIR, ReachKind.TERM])
def test_what_was_asked_on_other_ground_does_not_take_effect(bea, second, world, kind):
    member = CommitteeMember.of(world.home_user)
    if kind == ReachKind.CHAIR:
        CommitteeMember.update(chair=True, term_until=LONG_AGO).where(CommitteeMember.id == member.id).execute()
        member = CommitteeMember.of(world.home_user)
        (held,) = ReachChange.amend_member(member, bea, NOW, term_until=None, term_from=member.term_from)
    else:
        held = world.ask(kind, bea)
    Hospital.update(region="Zuid").where(Hospital.id == world.home.id).execute()
    Workplace.update(until=clock.today()).where(Workplace.id == world.place.id).execute()
    over = CommitteeMember.update(term_until=LONG_AGO + clock.DAY)
    over.where(CommitteeMember.id.in_([member.id, CommitteeMember.of(world.far_user).id])).execute()
    with pytest.raises(Refused, match="intussen gewijzigd"):
        ReachChange.get_by_id(held.id).confirm(second)
    told()
    assert ReachChange.take_effect(NOW + 3 * ALONE) == 0 and ReachChange.get().outcome == ChangeOutcome.LAPSED
    assert Hospital.get_by_id(world.home.id).region == "Zuid"
    assert Workplace.get_by_id(world.place.id).until == clock.today()
    assert not CommitteeMember.of(world.home_user).sits_on(clock.today())


def test_two_changes_of_one_form_come_in_one_mail_that_names_both(bea, second, world, client):
    ReachChange.amend_hospital(world.home, bea, NOW, lza1_kept_apart=False, region="Noord")
    mails = list(Mail.select())
    assert len(mails) == len({mail.user_id for mail in mails})
    message = Mail.get(Mail.user == second).render()
    for kind in ("plain", "html"):
        text = " ".join(message.get_body((kind,)).get_content().split())
        assert "om 2 wijzigingen waardoor iemand meer meldingen kan lezen" in text
        assert "alle melders en invoerders" in text and "Noord (nu Oost)" in text and text.count("/dit-klopt-niet/") == 2
    member, user = CommitteeMember.of(world.near_user), world.near_user
    CommitteeMember.update(outside=False).where(CommitteeMember.id == member.id).execute()
    Workplace.delete().where(Workplace.member == member).execute()
    ReachChange.amend_member(member, bea, NOW, user=user, outside=True, chair=True)
    text = Mail.select().where(Mail.user == user).order_by(Mail.id.desc()).get().render().get_body(("plain",)).get_content()
    assert "wordt voorzitter van de commissie" in " ".join(text.split()) and "niet in een ziekenhuis" in text
    told()
    assert ReachChange.take_effect(NOW + 3 * ALONE) == 4, "one mail tells of both"


def test_what_was_corrected_meanwhile_is_not_overwritten(bea, second, world):
    region, place = world.ask(ReachKind.REGION, bea), world.ask(ReachKind.PLACE, bea)
    Workplace.update(until=LONG_AGO + timedelta(days=30)).where(Workplace.id == world.place.id).execute()
    fields = {"member": world.place.member, "hospital": world.home, "since": world.place.since, "until": None}
    assert ReachChange.amend_workplace(Workplace.get_by_id(world.place.id), second, NOW, **fields) is None
    Hospital.update(region="").where(Hospital.id == world.home.id).execute()
    assert ReachChange.amend_hospital(Hospital.get_by_id(world.home.id), second, NOW, region="Zuid") == []
    for held in (region, place):
        assert ReachChange.get_by_id(held.id).outcome == ChangeOutcome.LAPSED
        with pytest.raises(Refused, match="al beslist"):
            ReachChange.get_by_id(held.id).confirm(second)
    assert Hospital.get_by_id(world.home.id).region == "Zuid" and Workplace.get_by_id(world.place.id).until is None
    assert "intussen gewijzigd" in AuditEvent.get(AuditEvent.action == "change.stop").detail


def test_who_saves_a_row_read_earlier_writes_only_what_changed(bea, world):
    old, old_member = Hospital.get_by_id(world.home.id), CommitteeMember.of(world.home_user)
    Hospital.update(lza1_kept_apart=False, phone="010").where(Hospital.id == world.home.id).execute()
    stale, stale_member = Hospital.get_by_id(world.home.id), CommitteeMember.of(world.home_user)
    Hospital.update(lza1_kept_apart=True).where(Hospital.id == world.home.id).execute()
    CommitteeMember.update(secretary=True, chair=True).where(CommitteeMember.id == old_member.id).execute()
    ReachChange.amend_hospital(old, bea, NOW, phone="020")
    stale.amend(bea, phone="030")
    old_member.amend(bea, discipline="jurist")
    stale_member.amend(bea, term_until=None)
    # Judged by what stands there, not by what was read: the form of before would open it.
    with pytest.raises(Refused, match="twee mensen"):
        Hospital(**stale.__data__ | {"lza1_kept_apart": False}).amend(bea, lza1_kept_apart=False)
    again, member = Hospital.get_by_id(world.home.id), CommitteeMember.of(world.home_user)
    assert again.lza1_kept_apart and again.phone == "030"
    assert member.secretary and member.chair and member.discipline == "jurist"


def test_a_chair_whose_term_begins_again_waits(bea, second, world):
    member = CommitteeMember.of(world.home_user)
    ended = {"chair": True, "term_until": clock.today() - clock.DAY}
    CommitteeMember.update(**ended).where(CommitteeMember.id == member.id).execute()
    member = CommitteeMember.of(world.home_user)
    with pytest.raises(Refused, match="twee mensen"):
        member.amend(bea, term_until=None)
    (held,) = ReachChange.amend_member(member, bea, NOW, term_until=None, term_from=member.term_from, secretary=True)
    member = CommitteeMember.of(world.home_user)
    assert member.secretary and not member.sits_on(clock.today()) and held.kind == ReachKind.CHAIR
    assert "in de commissie vanaf" in held.what
    held.confirm(second)
    assert CommitteeMember.of(world.home_user).sits_on(clock.today()) and CommitteeMember.of(world.home_user).chair


def test_a_term_that_begins_again_waits_with_the_chair_and_also_when_it_begins_later(bea, second, world):
    far = CommitteeMember.of(world.far_user)
    (held,) = ReachChange.amend_member(far, bea, NOW, term_until=None, chair=True, discipline="jurist")
    far = CommitteeMember.of(world.far_user)
    assert held.kind == ReachKind.CHAIR and held.since and far.discipline == "jurist"
    assert not far.chair and not far.sits_on(clock.today())
    held.confirm(second)
    far = CommitteeMember.of(world.far_user)
    assert far.chair and far.sits_on(clock.today())
    CommitteeMember.update(chair=False, term_until=clock.today() - clock.DAY).where(CommitteeMember.id == far.id).execute()
    later = {"term_from": clock.today() + clock.DAY, "term_until": None}
    (held,) = ReachChange.amend_member(CommitteeMember.of(world.far_user), bea, NOW, **later)
    assert held.kind == ReachKind.TERM and CommitteeMember.of(world.far_user).term_from == far.term_from
    held.stop(second)
    shorter = {"term_until": clock.today() - 2 * clock.DAY}
    assert ReachChange.amend_member(CommitteeMember.of(world.far_user), bea, NOW, **shorter) == []
    # Who works nowhere that is known reads nothing by a term.
    CommitteeMember.update(term_until=LONG_AGO).where(CommitteeMember.id == world.new.id).execute()
    assert ReachChange.amend_member(CommitteeMember.of(world.new_user), bea, NOW, term_until=None) == []


@pytest.mark.parametrize("end", ["confirm", "stop", "lapse"])
def test_while_another_region_waits_both_tie_and_the_new_one_does_so_at_once(bea, second, world, end):
    there = make.hospital(region="Noord")
    assessor, neighbour = make.member(hospital=there), make.member(hospital=world.near)
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, by=make.user(hospital=world.home)), [assessor, make.member()])
    case = treatment.case
    CaseReader.let(case, neighbour, "toets")

    def read(by):
        return access.visible(Case, User.get_by_id(by.id)).where(Case.id == case.id).exists()

    assert read(assessor) and not read(neighbour)
    held = world.ask(ReachKind.REGION, bea)
    assert not read(assessor) and not read(neighbour)
    reasons = Treatment.get_by_id(treatment.id).reasons_against([assessor, neighbour])
    assert reasons == {assessor.id: conflict.TIE, neighbour.id: conflict.REGION}
    assert assessor.id not in [one.assessor_id for one in Assessment.of(treatment)], "ended at once"
    # Who is alone there with one that comes keeps somebody away too.
    assert Hospital.get_by_id(there.id).opens(region="") == {"region"}
    held = ReachChange.get_by_id(held.id)
    held.lapse("toets", NOW) if end == "lapse" else getattr(held, end)(second)
    assert Hospital.get_by_id(world.home.id).coming_region is None
    late = make.member(hospital=there)
    for named in (late, neighbour):
        CaseReader.let(case, named, "toets")
    assert read(neighbour) == (end == "confirm") == (not read(late))


def test_a_kind_of_a_newer_version_is_left_to_that_one(bea, second, world, enter):
    held = world.ask(ReachKind.TERM, bea)
    ReachChange.update(kind="nieuw").where(ReachChange.id == held.id).execute()
    other = world.ask(ReachKind.APART, bea)
    with pytest.raises(NotKnown):
        Mail.select().order_by(Mail.id).first().render()
    told()
    assert ReachChange.take_effect(NOW + 3 * ALONE) == 1 and ReachChange.get_by_id(other.id).outcome
    with pytest.raises(Refused):
        ReachChange.get_by_id(held.id).confirm(second)
    assert ReachChange.get_by_id(held.id).outcome is None and not world.reads(ReachKind.TERM)
    assert enter(second).get("/wijzigingen/meldingen/").status_code == 200


def test_the_ordinary_melders_who_will_read_lza1_are_no_warning(bea, second, world):
    world.ask(ReachKind.APART, bea)
    told()
    Mail.update(bounced_at=NOW).where(Mail.user.not_in([bea, world.colleague])).execute()
    assert ReachChange.take_effect(NOW + 3 * ALONE) == 0
    Mail.update(bounced_at=None).where(Mail.user == world.apart.reporter).execute()
    assert ReachChange.take_effect(NOW + 3 * ALONE) == 1


def test_the_coordinators_hear_of_a_region(bea, second, world):
    keepers = {make.coordinator(Process.LZA1), make.coordinator()}
    world.ask(ReachKind.REGION, bea)
    assert {mail.user for mail in Mail.select()} >= keepers


def test_what_waits_for_a_member_whose_account_is_erased_lapses(bea, world):
    world.ask(ReachKind.PLACE, bea)
    forget_person(world.home_user)
    assert ReachChange.get().outcome == ChangeOutcome.LAPSED


# ---- the screens -----------------------------------------------------------------------------------------------------


def test_the_screens_say_that_it_waits_and_the_same_list_confirms_it(bea, second, world, enter):
    boss = enter(bea)
    form = f"/beheer/ziekenhuizen/edit/?id={world.home.id}"
    assert "Uitzetten wacht op een andere beheerder" in boss.get(form).text
    edit(boss, form, lza1_kept_apart=[], region="Noord", phone="020-123")
    page = boss.get("/beheer/ziekenhuizen/")
    for line in ("LZA1-meldingen van Ziekenhuis Oost: alle melders", "Opvangregio van Ziekenhuis Oost: Noord (nu Oost)"):
        assert line in page.text
    assert (
        "een andere beheerder het bevestigt, of gaat op" in page.text and Hospital.get_by_id(world.home.id).phone == "020-123"
    )
    assert not world.reads(ReachKind.APART) and not world.reads(ReachKind.REGION)

    listed = boss.get("/wijzigingen/").text
    assert "Wie meldingen leest" in listed and 'href="/wijzigingen/meldingen/"' in listed
    change = ReachChange.get(ReachChange.kind == ReachKind.APART)
    send(boss, "/wijzigingen/meldingen/action/", action="confirm", rowid=change.id)
    assert "Iemand anders moet dit bevestigen" in boss.get("/wijzigingen/meldingen/").text
    assert not world.reads(ReachKind.APART)

    other = enter(second)
    page = other.get("/wijzigingen/meldingen/")
    assert "Ziekenhuis Oost" in page.text and "Noord (nu Oost)" in page.text and "Gaat vanzelf in" in page.text
    send(other, "/wijzigingen/meldingen/action/", form_of(page), action="confirm", rowid=change.id)
    assert world.reads(ReachKind.APART) and not world.reads(ReachKind.REGION)


def test_a_first_workplace_on_the_screen_waits(bea, world, enter):
    boss = enter(bea)
    form = form_of(boss.get("/beheer/werkplekken/new/"))
    place = {"member": world.new.id, "hospital": world.far.id, "since": "2024-01-01"}
    send(boss, "/beheer/werkplekken/new/", form, **place)
    assert ReachChange.get().kind == ReachKind.FIRST and not world.reads(ReachKind.FIRST)
    assert "Eerste werkplek van" in boss.get("/beheer/werkplekken/").text


def test_a_melder_has_no_list_of_these(world, enter):
    melder = enter(world.colleague)
    assert melder.get("/wijzigingen/meldingen/").status_code == 403
    assert "Wie meldingen leest" not in melder.get("/wijzigingen/").text


def test_the_first_workplace_of_a_member_is_no_change_of_that_hospital(bea, second, world, enter):
    held = world.ask(ReachKind.FIRST, bea)
    assert held.hospital and "wijziging wacht" not in enter(second).get("/beheer/ziekenhuizen/").text
    assert "wijziging wacht" in enter(second).get("/beheer/commissieleden/").text


PLACES = {ReachKind.REGION: "ziekenhuizen", ReachKind.CHAIR: "commissieleden", ReachKind.PLACE: "werkplekken"}


@pytest.mark.parametrize("kind", list(PLACES))
@pytest.mark.parametrize("end", ["confirm", "stop"])
def test_the_list_and_the_form_of_what_it_is_about_say_that_it_waits(bea, second, world, enter, kind, end):
    client, place = enter(second), f"/beheer/{PLACES[kind]}/"
    assert "wijziging wacht" not in client.get(place).text
    held = world.ask(kind, bea)
    row = held.hospital if kind == ReachKind.REGION else held.workplace if kind == ReachKind.PLACE else held.member
    form = f"{place}edit/?id={row.id}"
    shown = client.get(form).text
    assert client.get(place).text.count("1 wijziging wacht</") == 1
    assert held.what in html.unescape(shown) and "Gevraagd door Bea Beheer" in shown and "/wijzigingen/meldingen/" in shown
    getattr(ReachChange.get_by_id(held.id), end)(second)
    assert "wijziging wacht" not in client.get(place).text and "wijziging wacht" not in client.get(form).text
