"""Following the assessors: reminders before their term, and what a coordinator does with who is late."""
