"""When an item is asked for, in the notation of `dataset.csv`: one test on another item or on a derived value.

deceased = true          birth_place_type = 5632…        gestational_age_days < 238
infection_code           (it has a value)                infection_code is sepsis|meningitis   (by meaning of the code)
"""

import operator
import re

TEST = re.compile(r"(\w+)(?: (=|!=|<|>=|is) (\S+))?")
COMPARE = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, ">=": operator.ge}


class Condition:
    """One condition. `item`: the item or derived value that it looks at; `sign`: None, '=', '!=', '<', '>=' or 'is'."""

    def __init__(self, text):
        parts = TEST.fullmatch(text)
        if parts is None:
            raise ValueError(f"Not a condition: {text}")
        self.text = text
        self.item, self.sign, self.wish = parts.groups()

    def __repr__(self):
        return self.text

    def holds(self, value, meaning=frozenset()):
        """Whether it holds for this value of `item` (None: absent or unknown) and the words of meaning of its code."""
        if self.sign is None:
            return value is not None
        if self.sign == "is":
            return bool(meaning & set(self.wish.split("|")))
        if value is None:
            return self.sign == "!="
        if isinstance(value, bool):
            value = str(value).lower()
        return COMPARE[self.sign](value, type(value)(self.wish))
