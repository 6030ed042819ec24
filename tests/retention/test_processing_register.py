import pytest

from models import MODELS, encrypted_fields
from models.access import Role
from models.base import Refused
from models.retention.due import DUE
from models.retention.processing_register import processing_register
from tests import make


def register():
    return {row.table: row for row in processing_register(MODELS, make.user(role=Role.BEHEERDER))}


def test_the_register_names_every_table_every_field_and_what_is_encrypted():
    rows = register()
    assert set(rows) == {model._meta.table_name for model in MODELS}
    for model in MODELS:
        row = rows[model._meta.table_name]
        assert row.fields == [field.column_name for field in model._meta.sorted_fields]
        assert row.sealed == [field.column_name for field in encrypted_fields.columns(model)]


def test_it_says_who_reaches_a_table_and_when_its_rows_go():
    rows = register()
    assert rows["case"].reached_by == ["eigen ziekenhuis", "coördinator", "commissie"]
    assert rows["logged_call"].reached_by == ["coördinator"]
    going = {table for table, row in rows.items() if row.terms}
    assert {due.model._meta.table_name for due in DUE.values()} <= going
    # Only a line that is printed with its reason (retention_kind.WITHOUT_TERM) keeps what is sealed.
    assert {table for table, row in rows.items() if row.sealed} - going == {"trail_review", "audit_anchor"}
    assert rows["answer"].terms[0] == "Afgesloten en ingetrokken meldingen: 90 dagen na het afsluiten of intrekken"
    assert rows["lnr_part"].terms == ["Bestanden met LNR-berichten: 90 dagen na het aanleveren"]
    assert "Patiëntnummer van goedgekeurde meldingen: 180 dagen na de goedkeuring" in rows["case"].terms


@pytest.mark.parametrize("role", [role for role in Role if role != Role.BEHEERDER])
def test_only_a_beheerder_sees_it(role):
    with pytest.raises(Refused):
        processing_register(MODELS, make.user(role=role))


def test_the_page_is_printed_from_the_terms(client, login):
    login(client, make.user(role=Role.BEHEERDER))
    assert "Verwerkingsregister" in client.get("/beheer/bewaartermijnen/").text
    page = client.get("/beheer/bewaartermijnen/register/").text
    assert "patient_number" in page and "Landelijke Neonatale Registratie" in page
