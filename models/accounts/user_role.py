"""The roles of an account, a row each."""

from typing import TYPE_CHECKING

from peewee import CharField, Check, DeferredForeignKey, ModelSelect, Node

from models.access import ROLE_LABELS, Role
from models.base import EVERYBODY, Record

if TYPE_CHECKING:
    from models.accounts.managed_account import ManagedAccount


class UserRole(Record):
    """One role of one account."""

    # Deferred: an account knows its roles.
    user = DeferredForeignKey("User", backref="roles", on_delete="CASCADE")
    name = CharField(
        max_length=20,
        choices=list(ROLE_LABELS.items()),
        constraints=[Check("name IN ({})".format(", ".join(f"'{role}'" for role in Role)))],
    )

    class Meta:
        indexes = ((("user", "name"), True),)

    def __str__(self):
        return ROLE_LABELS[self.name]

    @classmethod
    def holders(cls, *roles: str) -> ModelSelect:
        """The ids of the accounts, ended ones too, that hold one of `roles`, as a sub-query."""
        return cls.select(cls.user).where(cls.name.in_(roles))

    @classmethod
    def names_of(cls, user: "ManagedAccount") -> set[Role]:
        """The roles of an account as the database has them now."""
        return {Role(name) for (name,) in cls.select(cls.name).where(cls.user == user).tuples()}

    def get_permissions(self) -> frozenset[str]:
        """Asked by Flask-Security at every request; rights are decided in access.py, not here."""
        return frozenset()

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY
