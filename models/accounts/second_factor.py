"""The second step of logging in, as an account knows it: whether there is one, each code once, and how it is lost."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from models.accounts.identity.linked_identity import LinkedIdentity
from models.accounts.known_device import KnownDevice
from models.accounts.managed_account import demand_agreed
from models.audit.audit_event import AuditEvent
from models.base import db

if TYPE_CHECKING:
    from models.accounts.user import User


class SecondStep:
    """What `User` knows about its app, passkeys and recovery codes."""

    on_trusted_device = False  # of this log-in only; set by who sees the device

    @property
    def has_second_factor(self) -> bool:
        return bool(self.tf_totp_secret and self.tf_primary_method) or self.webauthn.exists()

    def check_tf_required(self, tf_setup_methods: Sequence[tuple[str, str]], tf_fresh: bool) -> Any:
        """Asked by Flask-Security after the password: who has a second step takes it, unless this device is trusted.

        Who has none yet comes in, to nothing but the pages where they set one up (admin_views/factor.py).
        """
        return bool(tf_setup_methods) and not self.on_trusted_device, tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """Asked by Flask-Security: nobody switches the second step off; it can be replaced, or a beheerder takes it away."""
        return True

    def use_counter(self, counter: Any) -> bool:
        """Take the code of this time step; False when it, or a later one, was taken before."""
        model = type(self)
        newer = model.tf_last_counter.is_null() | (model.tf_last_counter < counter)
        return bool(model.update(tf_last_counter=counter).where(model.id == self.id, newer).execute())

    def use_recovery_code(self, code: str) -> bool:
        """Take one recovery code; False when it is not, or no longer, there."""
        with db.atomic():
            query = type(self).select().where(type(self).id == self.id)
            codes = (query.for_update() if db.for_update else query).get().mf_recovery_codes or []
            if code not in codes:
                return False
            self.mf_recovery_codes = [other for other in codes if other != code]
            self.save()
        return True

    def lose_second_factor(self, by: "User | None", reason: str, agreed: bool = False) -> None:
        """Take every second step away and end all sessions, so that the owner sets a new one up at the next log-in.

        `reason` says how it was checked who is asking. Raises Refused unless a second person agreed.
        """
        demand_agreed(by, agreed)
        with db.atomic():
            for passkey in self.webauthn:
                passkey.delete_instance()
            self.tf_primary_method = self.tf_totp_secret = self.mf_recovery_codes = None
            LinkedIdentity.forget(self, by)  # whose second step may be taken there
            KnownDevice.distrust(self)
            self.end_sessions()
            AuditEvent.log("factor.reset", by=by, account=self, detail=reason)
