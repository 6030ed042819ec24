"""`python app.py COMMAND`."""

import os
import sys

import click


@click.group(help="Meldportaal: the commands of an installation.")
def main():
    """Entry of `python app.py`."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes; each serves eight requests at once.")
def web(host, port, workers):
    """The web application alone."""
    command = ["gunicorn", "--bind", f"{host}:{port}", "--workers", str(workers), "--threads", "8", "app:create_app()"]
    os.execv(sys.executable, [sys.executable, "-m", *command])
