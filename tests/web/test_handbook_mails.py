"""What the handbook says of mails."""

from models.mail.mail_status import MAIL_LABELS


def test_every_mail_that_a_hospital_may_get_is_named(client):
    page = client.get("/handleiding/statussen").text.replace("&#39;", "'")
    for name, label in MAIL_LABELS.items():
        told = f"<li>{label}</li>" in page
        assert told != (name in ("monthly_request", "monthly_reminder", "reminder", "alarm") or name.startswith("lnr_")), name


def test_the_department_of_it_reads_by_what_a_rule_knows_the_mails(client):
    page = client.get("/handleiding/it").text
    assert "Auto-Submitted: auto-generated" in page and "&lt;soort.localhost&gt;" in page
