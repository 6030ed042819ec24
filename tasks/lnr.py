"""Of the LNR. Every minute: uploaded messages, and stays to derive anew. Each night: broken uploads, and risks left open."""

from huey import crontab

from models.lnr.benchmark import counting
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.recompute import recompute
from models.lnr.benchmark.risk.risk_cell import RiskCell
from models.lnr.intake.upload_batch import UploadBatch
from tasks.queue import every

YEARS_A_MINUTE = 60  # of a hospital that are counted in one run; half a second each at 5,000 stays
A_MINUTE = 1000  # stays that are derived anew in one run; some seconds


@every(crontab())
def deliver_uploaded_messages():
    UploadBatch.work_waiting()


@every(crontab())
def derive_anew_after_a_change_of_a_rule():
    # A part at a time: the whole registry takes longer than a minute.
    recompute(most=A_MINUTE)


@every(crontab())
def count_what_changed():
    counting.refresh(most=YEARS_A_MINUTE)


@every(crontab(hour="2", minute="45"))
def forget_broken_uploads():
    UploadBatch.forget_broken()


@every(crontab(hour="2", minute="50"))
def reckon_what_could_not_be_opened():
    RiskCell.mark_open()
    StayFact.try_sealed()
