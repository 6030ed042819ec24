"""A case: theme, requested documents, status, people and dates around it."""
