"""What we change in Flask-Admin's lists and forms, and why: see docs/grid.md."""
