"""Upload links: asking a colleague on the page of a case, and the pages that the colleague sees."""
