"""Every minute: the dossiers that people asked for as one file."""

from huey import crontab

from models.committee.package.dossier_package import DossierPackage
from tasks.queue import every


@every(crontab())
def make_asked_dossiers():
    DossierPackage.make_waiting()
