"""A saved view: the filters and the order of a list under a name, of one person, and shared with colleagues if they wish."""

from collections.abc import Sequence

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegrityError

from models import clock
from models.accounts.user import User, UserRole
from models.audit.audit_event import AuditEvent
from models.base import Record, Refused, db
from models.typed_text import one_line

LONGEST_NAME, LONGEST_QUERY = 60, 2000
MOST = 30  # of one person at one list


class SavedView(Record):
    """`query`: the part of the list's address that says how it is filtered and sorted; never what was searched for."""

    owner = ForeignKeyField(User, backref="saved_views", on_delete="RESTRICT")
    list = CharField(max_length=40)
    name = CharField(max_length=LONGEST_NAME)
    query = CharField(max_length=LONGEST_QUERY)
    shared = BooleanField(default=False)
    created_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("owner", "list", "name"), True), (("list",), False))

    def __str__(self):
        return self.name

    @classmethod
    def of_list(cls, screen: str, user: User) -> Sequence["SavedView"]:
        """What this person saved at a list, and what colleagues share: of the same hospital, or of none, with a common role."""
        of_place = User.hospital.is_null() if user.hospital_id is None else User.hospital == user.hospital_id
        colleague = of_place & User.active & User.id.in_(UserRole.holders(*user.role_names)) & (cls.shared == True)  # type: ignore[attr-defined]  # noqa: E712
        query = cls.select(cls, User).join(User).where(cls.list == screen, (cls.owner == user) | colleague)
        return sorted(query, key=lambda one: (one.owner_id != user.id, one.name.casefold(), one.id))

    @classmethod
    def keep(cls, screen: str, name: str, query: str, shared: bool, by: User) -> "SavedView":
        """Save how a list is filtered and sorted; the same name again replaces it. Raises Refused."""
        name = one_line(name, LONGEST_NAME, "De naam van de weergave")
        if not name:
            raise Refused("Geef de weergave een naam.")
        if not query:
            raise Refused("Kies eerst een filter of een volgorde. Daarna kunt u de weergave bewaren.")
        if len(query) > LONGEST_QUERY:
            raise Refused("Deze weergave heeft te veel filters om te bewaren. Haal er een paar weg.")
        mine = (cls.owner == by) & (cls.list == screen)
        try:
            with db.atomic():
                known = cls.get_or_none(mine, cls.name == name)
                if known is None and cls.select().where(mine).count() >= MOST:
                    raise Refused(f"U hebt hier al {MOST} weergaven. Wis er eerst een.")
                made = known or cls(owner=by, list=screen, name=name)
                made.query, made.shared = query, shared
                made.save()
                AuditEvent.log(
                    "row.update" if known else "row.create",
                    by=by,
                    subject=f"Weergave van {screen}",
                    detail="gedeeld" if shared else "",
                )
                return made
        except IntegrityError:
            raise Refused("U hebt deze weergave net al opgeslagen.") from None

    @classmethod
    def discard(cls, screen: str, number: str, by: User) -> None:
        """Take away a view of one's own; repeating it changes nothing. Raises Refused for a colleague's."""
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise Refused("Deze weergave is er niet.")
        with db.atomic():
            found = cls.get_or_none(cls.id == int(number), cls.list == screen)
            if found is None:
                return
            if found.owner_id != by.id:
                raise Refused("Deze weergave is van een collega. Alleen die collega kan de weergave wissen.")
            found.delete_instance()
            AuditEvent.log("row.update", by=by, subject=f"Weergave van {screen}", detail="gewist")
