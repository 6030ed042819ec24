"""The engine for forms: kinds of answers, expressions, a filled form. Pure: no database, no web."""
