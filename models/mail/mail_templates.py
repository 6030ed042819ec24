"""The texts of mails: their templates, and per mail the function that gives its template what it may know."""

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from models import dutch
from settings import ROOT

TEMPLATES = Environment(
    loader=FileSystemLoader(ROOT / "templates" / "mail"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters.update(dutch.FILTERS)

# name -> what the mail's templates may know, or None when there is nothing left to tell; see `tells`.
CONTEXTS = {}


def tells(name):
    """Register the function that gives the context of mail `name` from its row, at the moment of sending."""

    def register(function):
        CONTEXTS[name] = function
        return function

    return register
