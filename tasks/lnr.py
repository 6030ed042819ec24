"""Every minute: messages of the neonatal registry that were uploaded. Each night: what need not be kept of them."""

from huey import crontab

from models.lnr.intake.upload_batch import UploadBatch
from tasks.queue import every


@every(crontab())
def deliver_uploaded_messages():
    UploadBatch.work_waiting()


@every(crontab(hour="2", minute="45"))
def forget_old_uploads():
    UploadBatch.forget_old()
