"""The file of IDENTITY_PROVIDERS: what it may say, and what stops a start."""

import pytest

from models.accounts.identity.identity_provider import IdentityProvider, read
from settings import SettingsError
from tests.operations.test_processes import carry_out

WHOLE = {
    "label": '"Erasmus MC"',
    "issuer": '"https://inlog.erasmusmc.nl"',
    "client_id": '"portaal"',
    "client_secret_file": '"geheim"',
    "domains": '["ErasmusMC.nl"]',
}


@pytest.fixture
def write(tmp_path):
    """write(text) or write(name=value): a file, with a secret beside it."""
    (tmp_path / "geheim").write_text("heel geheim\n")
    (tmp_path / "geheim").chmod(0o600)

    def file(text=None, **more):
        told = {name: value for name, value in (WHOLE | more).items() if value is not None}
        path = tmp_path / "providers.toml"
        path.write_text("[huis]\n" + "".join(f"{name} = {value}\n" for name, value in told.items()) if text is None else text)
        read.cache_clear()
        return path

    return file


def test_a_whole_file_names_a_provider_and_shows_no_secret(write):
    (found,) = read(write(acr='["hoog"]')).values()
    assert (found.label, found.secret, found.domains, found.acr) == ("Erasmus MC", "heel geheim", {"erasmusmc.nl"}, {"hoog"})
    assert "geheim" not in repr(found)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text": "[huis"}, "geen goede TOML"),
        ({"text": "huis = 1"}, "hoort een tabel"),
        ({"text": "[Huis]"}, "kleine letters"),
        *(({name: None}, f"ontbreekt {name}") for name in ("label", "issuer", "client_id", "client_secret_file")),
        ({"domains": '"erasmusmc.nl"'}, "domains een lijst van teksten"),
        ({"amr": "[1]"}, "amr een lijst van teksten"),
        ({"trust_email": '"ja"'}, "trust_email true of false"),
        ({"client_secret": '"open en bloot"'}, "staat client_secret"),
        ({"issuer": '"http://inlog.erasmusmc.nl"'}, "https://"),
        ({"issuer": '"https://"'}, "https://"),
        ({"issuer": '"https://[x"'}, "geen adres"),
        ({"client_secret_file": '"niets"'}, "niet is of niet is te lezen"),
    ],
    ids=str,
)
def test_a_file_that_is_wrong_is_one_sentence_that_names_it(write, more, said):
    with pytest.raises(SettingsError, match="IDENTITY_PROVIDERS") as problem:
        read(write(**more))
    assert said in str(problem.value) and "\n" not in str(problem.value)


def test_a_secret_that_everybody_may_read_and_an_empty_one_are_refused(write, tmp_path):
    (tmp_path / "geheim").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        read(write())
    (tmp_path / "geheim").chmod(0o600)
    (tmp_path / "geheim").write_text("\n")
    with pytest.raises(SettingsError, match="leeg"):
        read(write())


def test_two_tables_for_one_issuer_are_refused(write):
    table = write().read_text()
    with pytest.raises(SettingsError, match="twee keer"):
        read(write(text=table + table.replace("[huis]", "[ander]")))


def test_a_wrong_file_stops_every_command(write, tmp_path):
    file = write(label=None)
    for command in ("serve", "check", "migrate", "send-mail"):
        ended = carry_out(tmp_path, command, IDENTITY_PROVIDERS=str(file))
        assert (ended.returncode, "Traceback" in ended.stderr) == (1, False)
        assert "IDENTITY_PROVIDERS" in ended.stderr and "ontbreekt label" in ended.stderr


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": None},
        {"email": ["anna@erasmusmc.nl"], "email_verified": True},
        {"email": "anna@erasmusmc.nl.elders.nl", "email_verified": True},
        {"email": "anna@elders.nl@", "email_verified": True},
        {"email": "ａnna@erasmusmc.nl", "email_verified": True},
        {"email": "anna@erasmusmc.nl", "email_verified": 1},
    ],
)
def test_no_address_is_taken_from_claims_that_do_not_prove_it(claims):
    provider = IdentityProvider("huis", "H", "https://h.nl", "p", "s", domains=frozenset(["erasmusmc.nl"]))
    assert provider.vouched_address(claims) is None
