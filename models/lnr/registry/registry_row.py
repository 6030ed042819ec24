"""What every row of the neonatal registry shares: its name in the database, and who reaches it."""

import re
from collections.abc import Collection

from peewee import Node

from models.accounts.hospital import Hospital
from models.base import EVERYBODY, NOBODY, Record


def _table_name(model):
    return "lnr_" + re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


class LnrRow(Record):
    """A row that its hospital's LNR contact and the national management of the LNR reach, and nobody else."""

    class Meta:
        table_function = _table_name

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Node:
        return NOBODY

    @classmethod
    def delivered_by(cls, hospital: int) -> Node:
        return cls.hospital == hospital

    @classmethod
    def of_lnr(cls) -> Node:
        return EVERYBODY
