"""What the mails about changes by which somebody reads more cases may know."""

from functools import partial

from models.approval import change_mails
from models.committee.ties.reach_change import ReachChange

CONTEXTS = {"reach_change": partial(change_mails.about, ReachChange, "/wijzigingen/meldingen/")}
