"""`python -m tasks.worker`: Huey's consumer, which tells our own loops when it has to stop.

Started by Huey's own command line a task goes on to the end of its backlog: 20 s with 290 new files, broken off in the middle.
"""

import logging
import os
import time

from redis import RedisError

from models.long_work import shutdown
from models.operations.health import log_lines
from tasks import huey

# Four threads: a malware scanner that hangs holds one for a quarter of an hour, and files that are looked into another.
THREADS = 4
LONGEST_SLEEP = 1  # seconds between two looks at an empty queue
STOP = 2  # seconds for what is in hand; whatever is broken off is claimed until its lease ends, and comes again
MAIL = 18  # seconds more for a mail that the mail server has in hand: broken off, a person must decide about it


class Brief(logging.Filter):
    """A queue that is away is one line a minute, in place of a traceback each second from each thread.

    Nor is it a warning that what is in hand at a stop is broken off.
    """

    def __init__(self):
        super().__init__()
        self.said = float("-inf")

    def filter(self, record):
        if str(record.msg).startswith("Shutdown timeout"):
            return False
        if not record.exc_info or not isinstance(record.exc_info[1], RedisError):
            return True
        if time.monotonic() < self.said + 60:
            return False
        self.said = time.monotonic()
        record.msg, record.args = "De wachtrij (REDIS_URL) is niet bereikbaar: %s", (record.exc_info[1],)
        record.exc_info = record.exc_text = None
        return True


def main():
    log_lines.begin()
    for handler in logging.getLogger().handlers:
        handler.addFilter(Brief())
    consumer = huey.create_consumer(workers=THREADS, max_delay=LONGEST_SLEEP, graceful_signal="TERM", shutdown_timeout=STOP)
    shutdown.asked = consumer.stop_flag
    consumer.run()
    shutdown.wait(MAIL)
    # Tidying its memory would take Python another second; what is durable is in the database.
    os._exit(0)


if __name__ == "__main__":
    main()
