"""Where a screen stands: its address, its name, and its place in the menu; said at the screen itself.

    screen = Screen("outbox", "/beheer/mail", "Uitgaande mail", of=Mail, menu="Beheer")

The menu is the list VIEWS of admin_views/__init__.py, from top to bottom.
"""

from dataclasses import dataclass

from flask_admin import BaseView
from peewee import Model


@dataclass(frozen=True)
class Screen:
    """One screen. `menu`: under which heading; `listed`: whether in the menu.

    `of`: the model of a list made by Flask-Admin; `below`: of a page about one row, the list of that row.
    """

    endpoint: str
    url: str
    name: str
    of: type[Model] | None = None
    menu: str | None = None
    listed: bool = True
    below: "type[Placed] | None" = None


class Placed:
    """A view that says where it stands."""

    screen: Screen

    def is_visible(self):
        return self.screen.listed

    @classmethod
    def made(cls) -> BaseView:
        """The view as Flask-Admin takes it."""
        of = (cls.screen.of,) if cls.screen.of else ()
        return cls(*of, name=cls.screen.name, category=cls.screen.menu, endpoint=cls.screen.endpoint, url=cls.screen.url)
