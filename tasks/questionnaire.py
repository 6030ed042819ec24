"""Every minute: questionnaires that became complete, and those whose answers changed since."""

from huey import crontab

from models.questionnaires.export.pdf_attachment import attach_due
from tasks.queue import every


@every(crontab())
def attach_complete_questionnaires():
    attach_due()
