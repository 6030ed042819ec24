"""What a rule looks at: the values of one valid message, and what is known around it."""

from datetime import datetime
from functools import cached_property
from typing import Any

from lxml import etree

from models.lnr.dataset.condition import Condition
from models.lnr.dataset.definition import Element, definition
from models.lnr.derived import clinical, respiratory_support
from models.lnr.derived.presence import split
from models.lnr.message.message_reader import Scope, Value
from models.lnr.message.validation_context import Context
from models.lnr.message.validation_report import Header
from models.lnr.message.xml_tree import find_all
from models.lnr.rules import complete
from models.lnr.rules.registry import Hit


class RuleSubject:
    """`stay`: the Scope of the message; `now`: the moment of receipt (UTC, without a zone)."""

    def __init__(self, stay: Scope, header: Header, now: datetime, context: Context) -> None:
        self.stay, self.header, self.now, self.context = stay, header, now, context
        self.of = definition()
        self.items = self.of.items
        # What many rules go through, sorted out once.
        self.values = stay.everything
        self.codes = [value for value in self.values if value.item.type == "code"]
        self.moments = [value for value in self.values if value.item.type in ("moment", "datum") and value.value is not None]
        self.numbers = [value for value in self.values if value.item.is_number and value.value is not None]

    @cached_property
    def _told(self) -> tuple[dict[str, int | str | None], dict[str, str]]:
        return split(clinical.derive(self.stay, self.now, self.context) | respiratory_support.derive(self.stay, self.now))

    @property
    def derived(self) -> dict[str, int | str | None]:
        """What the registry computes, by name; None where it cannot be told, and `why` says why not."""
        return self._told[0]

    @cached_property
    def completeness(self) -> dict[str, int | list[str]]:
        """How much of what belongs here was filled in (rules/complete.py)."""
        return complete.completeness(self)

    @property
    def why(self) -> dict[str, str]:
        """The reasons of `derived_reasons.csv` by derived value."""
        return self._told[1]

    def hit(self, name: str, variant: str = "", scope: Scope | None = None, /, **words: Any) -> Hit:
        """A Hit on this item of the stay or of a row: at its element, or where that should have stood."""
        scope = scope or self.stay
        if sent := scope.sent(name):
            return self.hit_at(sent, variant, **words)
        item = self.items[name]
        return Hit(self._around(item, scope), variant, item, {"item": item} | words)

    def hit_at(self, sent: Value, variant: str = "", /, **words: Any) -> Hit:
        """A Hit on this Value."""
        return Hit(sent.node, variant, words={"item": sent.item} | words)

    def lacks(self, name: str, scope: Scope | None = None) -> bool:
        """Whether nothing was sent for this item; what was sent but is no use has its own error."""
        return (scope or self.stay).sent(name) is None

    def _around(self, item: Element, scope: Scope) -> etree._Element:
        """The nearest element of the message around where the item should stand."""
        if scope.group is not None:
            return scope.node
        node = self.stay.node
        for tag in item.full_path.split("/")[2:-1]:
            below = find_all(node, tag)
            if not below:
                break
            node = below[0]
        return node

    def holds(self, condition: Condition, scope: Scope) -> bool:
        """Whether an item with this condition is asked for in this scope; what a row does not say, the stay does."""
        name = condition.item
        if name in self.items:
            place = scope if self.items[name].row_group is scope.group else self.stay
            return condition.holds(place.one(name), place.means(name))
        return condition.holds(self.derived[name])

    def rows_of(self, item: Element) -> list[Scope]:
        """The scopes in which this item may stand: the stay, or each row of its group."""
        group = item.row_group
        return [self.stay] if group is None else self.stay.each(group.name)
