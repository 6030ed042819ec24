"""Who, or what, opened the links of the monthly mail: kept to tell mail scanners from people (portal.md 4.2)."""

from datetime import datetime, timedelta

from peewee import CharField, DateTimeField, ForeignKeyField, fn

from models import clock
from models.accounts.rate_limit import subscriber
from models.base import Record
from models.mail.outbox import Mail, MailStatus
from models.monthly.monthly_request import CallLink, MonthlyCall

# Around a visit, in seconds: what makes it suspicious.
BOTH_LINKS = 10
JUST_DELIVERED = 60
HEAD_BEFORE = 10
SEVERAL_MELDERS = 60
MACHINE_MARKS = ("headless", "bot", "crawler", "spider", "preview", "python", "curl", "wget", "scan", "phantom", "puppeteer")

MOST_A_DAY = 50  # visits of one link that are kept; nobody may fill the database through a link
UNSEEN = "De link is vandaag zo vaak geopend dat een mens niet meer te herkennen is."


class LinkVisit(Record):
    """One opening of one link. It answers nothing."""

    link = ForeignKeyField(CallLink, backref="visits", on_delete="CASCADE")
    call = ForeignKeyField(MonthlyCall, backref="visits", on_delete="CASCADE")
    at = DateTimeField()
    method = CharField(max_length=7)
    address = CharField(max_length=64)
    agent = CharField(max_length=300)

    class Meta:
        indexes = ((("address", "at"), False),)

    @classmethod
    def note(
        cls, call: MonthlyCall, purpose: str, method: str, address: str, agent: str, now: datetime | None = None
    ) -> "LinkVisit | None":
        """Record that a link was opened; returns the visit, or None once it was opened MOST_A_DAY times in a day."""
        now = now or clock.now()
        link = call.links.where(CallLink.purpose == purpose).get()
        if cls.select(fn.COUNT(cls.id)).where(cls.link == link, cls.at > now - clock.DAY).scalar() >= MOST_A_DAY:
            return None
        return cls.create(link=link, call=call, at=now, method=method[:7], address=address[:64], agent=agent[:300])

    @classmethod
    def doubt_about(cls, call: MonthlyCall, visit_id: int, pressed: bool = False) -> str:
        """The `doubt` of the visit with which a page of this call began; no visit was kept is a doubt too."""
        visit = cls.get_or_none(cls.id == visit_id, cls.call == call) if visit_id else None
        return visit.doubt(pressed) if visit else UNSEEN

    def doubt(self, pressed: bool = False) -> str:
        """Why this visit may not have been a person, as a Dutch sentence; empty when nothing speaks against it.

        `pressed`: the button of the page was pressed. Then a shared place says nothing: colleagues behind one address, with
        their hospital's own browser, answer within the same minute.
        """
        if any(mark in self.agent.lower() for mark in MACHINE_MARKS) or not self.agent:
            return "De link is geopend door een programma."
        if self._just_delivered():
            return "De link is geopend binnen een minuut na verzending."
        if self._near(HEAD_BEFORE).where(LinkVisit.call == self.call_id, LinkVisit.method == "HEAD").exists():
            return "Vlak ervoor is de link door een mailfilter nagekeken."
        if self._near(BOTH_LINKS).where(LinkVisit.call == self.call_id, LinkVisit.link != self.link_id).exists():
            return "Beide links van de mail zijn vrijwel tegelijk geopend."
        if pressed:
            return ""
        own = MonthlyCall.select(MonthlyCall.id).where(MonthlyCall.user == self.call.user_id)  # of other months too
        others = self._near(SEVERAL_MELDERS).where(LinkVisit.agent == self.agent, LinkVisit.call.not_in(own))
        # Of an IPv6 network a program has as many addresses as it likes.
        if subscriber(self.address) in {subscriber(visit.address) for visit in others}:
            return "Vanaf dezelfde plek zijn links van meer melders geopend."
        return ""

    def _just_delivered(self):
        """Whether a mail with this link was handed over less than a minute ago, or is being handed over."""
        margin = timedelta(seconds=JUST_DELIVERED)
        fresh = Mail.sent_at.between(self.at - margin, self.at + margin) | (Mail.status == MailStatus.BEZIG)
        names = Mail.name.in_(("monthly_request", "monthly_reminder"))
        return Mail.select().where(Mail.user == self.call.user_id, Mail.month == self.call.month, names, fresh).exists()

    def _near(self, seconds):
        margin = timedelta(seconds=seconds)
        return LinkVisit.select().where(LinkVisit.at.between(self.at - margin, self.at + margin))
