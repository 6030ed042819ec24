"""When an item is asked for, in the notation of `dataset.csv`: one test on another item or on a derived value.

deceased = true          birth_place_type = 5632…        gestational_age_days < 238
infection_code           (it has a value)                infection_code is sepsis|meningitis   (by meaning of the code)

Not the language of questionnaires (forms/expression.py), which was tried on the 98 conditions of version 1.0: it reads none of
them as it stands, 15 (`!= true`) hold as long as the answer is unknown, where an unknown never holds there, and 5 look at the
meaning of a code, which its texts do not have. Suppliers read this notation in `gegevens.csv`. Once evaluated it costs 1.3
microseconds, the other 25 (processor time, 20,000 times), and a message is asked all of them.
"""

import operator
import re
from typing import Any

TEST = re.compile(r"(\w+)(?: (=|!=|<|>=|is) (\S+))?")
COMPARE = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, ">=": operator.ge}


class Condition:
    """One condition. `item`: the item or derived value that it looks at; `sign`: None, '=', '!=', '<', '>=' or 'is'."""

    def __init__(self, text: str) -> None:
        parts = TEST.fullmatch(text)
        if parts is None:
            raise ValueError(f"Not a condition: {text}")
        self.text = text
        self.item, self.sign, self.wish = parts.groups()

    def __repr__(self) -> str:
        return self.text

    def holds(self, value: Any, meaning: Any = frozenset()) -> bool:
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
