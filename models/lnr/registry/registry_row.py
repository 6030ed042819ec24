"""What every row of the neonatal registry shares: its name in the database, and who reaches it."""

import re

from models.base import EVERYBODY, NOBODY, Record


def _table_name(model):
    return "lnr_" + re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


class LnrRow(Record):
    """A row that its hospital's LNR contact and the national management of the LNR reach, and nobody else."""

    class Meta:
        table_function = _table_name

    @classmethod
    def owned_by(cls, hospital, processes):
        return NOBODY

    @classmethod
    def delivered_by(cls, hospital):
        return cls.hospital == hospital

    @classmethod
    def of_lnr(cls):
        return EVERYBODY
