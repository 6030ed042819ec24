"""What people type and paste, as it is kept."""

import pytest

from models.base import Refused
from models.cases.case_number import tidy_patient_number
from models.typed_text import keepable, one_line, plain, tidy, tidy_address

BLANKS = ["\u00a0", "\u2007", "\u2009", "\u202f", "\u3000"]
FORMAT = ["\u202d", "\u202c", "\u200b", "\u200e", "\u00ad", "\u2060", "\ufeff"]


@pytest.mark.parametrize("blank", BLANKS)
def test_every_blank_is_a_space(blank):
    assert plain(f"2400{blank}ml") == "2400 ml"
    assert tidy_patient_number(f"12{blank}34") == "12 34"


@pytest.mark.parametrize("letter", FORMAT)
def test_letters_that_nobody_sees_go(letter):
    assert tidy_patient_number(f"{letter}1234567{letter}") == "1234567"
    assert tidy_address(f"{letter}Anna@Example.org ") == "anna@example.org"
    assert one_line(f"Anna{letter} de Vries", 80, "De naam") == "Anna de Vries"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_line_end_is_one(end):
    assert tidy(f"een{end}twee", 20) == "een\ntwee"
    assert one_line(f"een{end}twee", 20, "De naam") == "een twee"


@pytest.mark.parametrize("text", ["é ß Ğ 病理 😀 ½ µ ≥ €", "een\ttwee", "naam met 'apostrof' en – streep"])
def test_the_rest_stays(text):
    assert plain(text) == text and keepable(text)


@pytest.mark.parametrize("letter", ["\x00", "\x07", "\x1b", "\ud800"])
def test_what_nobody_types_is_refused_with_what_to_do(letter):
    assert not keepable(letter)
    with pytest.raises(Refused, match="zonder te plakken"):
        tidy(f"tekst {letter}", 80)


def test_too_long_is_told_with_both_numbers():
    with pytest.raises(Refused, match="65 tekens, hoogstens 64"):
        tidy_patient_number("1" * 65)
    assert tidy_patient_number("1" * 64 + "\u202c") == "1" * 64
