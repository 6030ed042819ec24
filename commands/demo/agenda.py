"""Time as the demonstration tells it: everything happens in order, and the portal's own clocks run each day."""

import heapq
import itertools
import os
from datetime import timedelta

from models import clock
from models.cases.deadline import Deadline
from models.long_work import how_far
from models.mail import daily_mail
from models.mail.mail_schedule import SEND_HOUR
from models.mail.outbox import Mail
from models.mail.smtp import FolderPost, Uncertain, Undeliverable
from models.monthly.monthly_request import MonthlyCall
from models.review import open_queries
from models.review.reminder import Reminder
from settings import settings


class Agenda:
    """What is going to happen, by moment."""

    def __init__(self, now):
        self.now = now
        self.order = itertools.count()  # of what happens at the same moment
        self.entries = []

    def put(self, moment, act, *arguments):
        """Let `act(*arguments, now=moment)` happen at `moment`; what lies in the future does not happen."""
        if moment < self.now:
            heapq.heappush(self.entries, (moment, next(self.order), act, arguments))

    def put_clocks(self, first, post):
        """Run the portal's clocks on every third morning and each first of the month from `first`, and its mail with them.

        Call it last: on the evening of each day on which something happens, the mail about it leaves.
        """
        days = [first + timedelta(days=n) for n in range((clock.today(self.now) - first).days + 1)]
        evenings = {clock.local_date(entry[0]) for entry in self.entries}
        for number, day in enumerate(days):
            if day.day == 1 or number % 3 == 0:
                morning = clock.start_of(day, SEND_HOUR)
                self.put(morning, _morning, day)
                self.put(morning + clock.MINUTE, _deliver, post)
            if day in evenings:
                self.put(clock.start_of(day, 19), _deliver, post)

    def happen(self):
        """Live through all of it. What happens may put more on the agenda."""
        for act, arguments, moment in how_far.told("Gebeurtenissen van de demonstratie", self._entries()):
            act(*arguments, now=moment)

    def _entries(self):
        while self.entries:
            moment, _, act, arguments = heapq.heappop(self.entries)
            yield act, arguments, moment


def _morning(day, now):
    daily_mail.gather(now)
    MonthlyCall.open_due(now)
    Reminder.send_due(day, now)
    open_queries.send_due(day, now)
    Deadline.remind_due(day, now)


def _deliver(post, now):
    post.moment = now
    Mail.send_waiting(now, post)


class StoryPost:
    """Delivers as the mail server would have done then; only what was sent since `kept_since` still lies in the mailbox."""

    def __init__(self, kept_since, dead, uncertain):
        self.folder = FolderPost(settings.data_dir / "mail")
        self.kept_since, self.dead, self.uncertain = kept_since, dead, uncertain
        self.moment = None

    def __enter__(self):
        self.folder.__enter__()
        return self

    def __exit__(self, *problem):
        return None

    def deliver(self, message, to, hand_over):
        if self.moment < self.kept_since:
            return
        if to == self.dead:
            raise Undeliverable("550 5.1.1 Mailbox bestaat niet")
        if to == self.uncertain:
            hand_over()
            raise Uncertain("De verbinding met de mailserver viel weg na het aanbieden.")
        sent = self.moment.replace(tzinfo=clock.UTC).timestamp()
        self.folder.deliver(message, to, hand_over)
        path = self.folder.folder / (message["Message-ID"].strip("<>").split("@")[0] + ".eml")
        os.utime(path, (sent, sent))
