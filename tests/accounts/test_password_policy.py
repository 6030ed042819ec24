"""Passwords that will do, and those that will not."""

import pytest

from models.accounts.password_policy import COMMON, MONOTONOUS, OWN, weakness

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


@pytest.mark.parametrize(
    "password",
    [
        "vier woorden op een rij", "kapstok gondel mierikswortel", "x7#Kq9!vT2mP", "het regent pannenkoeken",
        "medisch gezien een raadsel", "correct horse battery staple", "hf83-kd02-mx71-qp55",
    ],
)  # fmt: skip
def test_length_is_enough_when_it_cannot_be_guessed(password):
    assert weakness(password, *OWNER) is None
