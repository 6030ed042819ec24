"""Where in a list somebody is. A long list is counted up to a point and opened from both ends: its size costs nothing."""

from flask import request

from admin_views.grid.row_saving import tidy
from models.dutch import number, plural

COUNTED = 10_000
LONGEST_SEARCH = 100
MOST_FILTERS = 10


class Place:
    """One page of a list; `page` counts from 0, from the end when `from_end`."""

    def __init__(self, page, size, count, from_end=False):
        self.size = size
        self.capped = count > COUNTED
        self.count = min(count, COUNTED)
        self.from_end = from_end and self.capped
        self.furthest = max(self.count - 1, 0) // size
        self.page = min(max(page, 0), self.furthest)

    @property
    def offset(self):
        return self.page * self.size

    @property
    def pages(self):
        """How many there are, or None when that was not counted."""
        return None if self.capped else self.furthest + 1

    @property
    def title(self):
        """What a person reads between the buttons."""
        if self.from_end:
            return "Laatste pagina" if self.page == 0 else f"{self.page} vóór de laatste pagina"
        if self.capped and self.page == self.furthest:
            return f"Pagina {self.page + 1}. Zoek of filter om verder te kijken"
        return f"Pagina {self.page + 1}" + (f" van {self.pages}" if self.pages else "")

    @property
    def total(self):
        return f"meer dan {number(COUNTED)} resultaten" if self.capped else plural(self.count, "resultaat", "resultaten")

    def links(self, url):
        """The pages to go to from here; `url(page, from_end)` makes an address."""
        more = self.page < self.furthest
        onward, back = url(self.page + 1, self.from_end) if more else None, None
        if self.page:
            back = url(self.page - 1, self.from_end)
        if self.from_end:
            return {"first": url(0, False), "previous": onward, "next": back, "last": url(0, True) if self.page else None}
        last = url(0, True) if self.capped else url(self.furthest, False) if more else None
        return {"first": url(0, False) if self.page else None, "previous": back, "next": onward, "last": last}


class Paged:
    """What the address of a list may ask, whatever it holds, and the pages that lead on from it."""

    can_set_page_size = named_filter_urls = True
    page_size, page_size_options = 25, (25, 50, 100)
    search_hint = None

    def init_search(self):
        return bool(self.search_hint)

    def search_placeholder(self):
        return self.search_hint

    def _get_list_extra_args(self):
        asked = super()._get_list_extra_args()
        asked.page = max(asked.page or 0, 0)
        asked.search = tidy(asked.search or "")[:LONGEST_SEARCH] or None
        asked.sort = asked.sort if self.sorted_by(asked.sort) else None
        asked.filters = (asked.filters or [])[:MOST_FILTERS]
        asked.extra_args = {}
        return asked

    def sorted_by(self, index):
        column = self._get_column_by_idx(index)
        return column[0] if column and column[0] in self._sortable_columns else None

    def _get_filter_groups(self):
        groups = super()._get_filter_groups() or {}
        for shown in [shown for filters in groups.values() for shown in filters]:
            shown["options"] = self._filters[shown["index"]].choices()
        return groups

    def get_invalid_value_msg(self, value, filter):
        return f"Op ‘{filter.name}’ is niet gefilterd: met deze waarde kan niet worden gezocht."

    def render(self, template, **context):
        if template == self.list_template:
            url, page = context["pager_url"], context["page"]
            place = Place(page, context["page_size"], context["count"], from_end="eind" in request.args)
            links = place.links(lambda page, from_end: url(page) + ("&eind=1" if from_end else ""))
            context |= dict(page=place.page, num_pages=place.pages, count_label=place.total, pager_links=links)
            context["pager_place"] = place.title
        return super().render(template, **context)

    def _run_view(self, fn, *args, **kwargs):
        # Flask-Admin calls a view that raised TypeError once more, and hides the first cause.
        return fn(self, *args, **kwargs)
