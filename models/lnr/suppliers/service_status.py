"""What a key may send, within which limits and until when: what software asks to warn its users in time."""

from datetime import datetime
from typing import Any

from models import clock
from models.lnr.dataset.definition import definition
from models.lnr.message.xml_tree import SIZE
from models.lnr.specification.openapi import API_VERSION, BATCH, BATCH_SIZE
from models.lnr.suppliers import resend_mails
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import SupplierStatus
from settings import VERSION


def of(key: ApiKey, now: datetime | None = None) -> dict[str, Any]:
    """The state of the service for this key, as JSON can hold it; moments in UTC."""
    now = now or clock.now()
    return {
        "now": _utc(now),
        "software": VERSION,
        "api": API_VERSION,
        "schema_versions": [one["version"] for one in definition().versions],
        "supplier": str(key.supplier),
        "supplier_status": key.supplier.status,
        "production": key.supplier.status == SupplierStatus.TOEGELATEN,
        "hospital": key.hospital.code,
        "key_expires_at": _utc(key.expires_at),
        "resend_since": _utc(lost) if (lost := resend_mails.resend_since(now)) else None,
        "limits": {
            "message_bytes": SIZE,
            "messages_per_minute": key.per_minute,
            "batch_messages": BATCH,
            "batch_bytes": BATCH_SIZE,
        },
    }


def _utc(moment):
    return f"{moment.isoformat(timespec='seconds')}Z"
