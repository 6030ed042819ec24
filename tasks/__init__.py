"""The clocks. They only say when; what is due stands in the database. The consumer is started with `tasks.huey`."""

from tasks import committee, lnr, mail, monthly, questionnaire, reminders, scan, upkeep
from tasks.queue import huey

__all__ = ["committee", "huey", "lnr", "mail", "monthly", "questionnaire", "reminders", "scan", "upkeep"]
