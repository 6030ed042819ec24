"""What every mail needs to look as it should in Outlook, where Word lays it out, and in the line of a mailbox."""

from datetime import datetime
from html.parser import HTMLParser

import pytest

from models.accounts.contact_point import Contact
from models.dutch import listed
from models.mail.mail_status import MAIL_LABELS
from models.mail.mail_templates import TEMPLATES

NOW = datetime(2026, 11, 28, 12)
CASES = [
    {"process": "NethOSS", "number": f"N-{number:05d}", "status": "Concept", "since": NOW, "weeks": 4, "returned": number % 2,
     "last": number == 3, "link": "https://portaal.example/melding/x/", "late": number, "late_days": "3 november 2026",
     "later": number % 2, "later_days": "15 december 2026"}
    for number in range(1, 6)
]  # fmt: skip
SAMPLE = {
    "together": [], "of": "case_approved", "said": ["Een tekst <b>.", "Nog een."], "rewritten_subject": "Een onderwerp",
    "portal": "https://portaal.example", "portal_name": "NethOSS & LZA1-portaal", "name": "Anna de Vries", "subject": "Bericht",
    "html": '<p>Een bericht.</p>', "text": "Een bericht.", "problems": ["een regel"], "more": 2, "process": "NethOSS",
    "number": "N-00015", "link": "https://portaal.example/melding/x/", "count": 2, "by": "Jan Smit", "infected": True,
    "days": 7, "supplier": "EPD BV", "hint": "lnr_ab", "hospital": "Ziekenhuis Oost", "last_day": "1 januari 2027",
    "last_day_en": "2027-01-01", "sentence": "Iemand las 60 meldingen in een uur.",
    "year": 2025, "since": "1 december 2026, 01:00", "restored": "1 december 2026, 09:00", "since_en": "2026-12-01 01:00",
    "restored_en": "2026-12-01 09:00",
    "month": "2026-10", "no_link": "https://portaal.example/nee", "yes_link": "https://portaal.example/ja", "valid_until": NOW,
    "cases": CASES, "term": "8 december 2026", "terms": "4, 8 en 12", "telephone": False, "provisional": False, "at": NOW,
    "part": "N-00015-2", "coordinating": False, "of_committee": False, "weeks": 12, "last": True,
    "stands_in_for": "Anna de Vries",
    "moment": "wacht", "own": False, "kind": "access", "label": "Rollen", "what": "NethOSS-melder · Oost", "before": "",
    "account": {"name": "Mia Bos", "email": "mia@example.nl"}, "asked_by": "Bea Beheer", "due_at": NOW, "may_confirm": True,
    "screen": "https://portaal.example/wijzigingen/", "stop_link": "https://portaal.example/dit-klopt-niet/x/",
    "invited": True, "whole": "N-00014", "named": "Ziekenhuis Oost",
    "asker": "Marieke de Vries", "asker_mail": "m@haven.example", "asker_phone": "050-1234567", "document": "OK-verslag",
    "mark": "4F7A2", "until": NOW, "note": "Graag voor vrijdag <b>.", "one_time_code": "012345", "minutes": 10,
    "colleague": "j.jansen@haven.example",
    "meeting": "8 december 2026", "moved": "vergadering en inleverdag", "news": "het ziekenhuis heeft een vraag beantwoord",
    "lines": [{"number": "N-00015", "term": "1 december 2026",
               "subject": "NethOSS: melding N-00015", "link": "https://portaal.example/"}],
    "last_melder": True, "helpers": ["Bea Beheer", "Jan Smit"], "whose": "Het account van Mia Bos", "reminder": True,
    "contact": Contact("hulp@example.nl", "030-1234567", "werkdagen <9-17> uur"),
}  # fmt: skip
VOID = {"meta", "br", "img", "hr", "link"}
# Word knows none of these; where one stands on the side, something that it does know must do the work.
UNKNOWN = (
    "display: flex",
    "display: inline-block",
    "float:",
    "position:",
    "rgb(",
    "calc(",
    "background-image",
    "rem;",
)


def rendered(mail, part="body.html"):
    return TEMPLATES.get_template(f"{mail}/{part}").render(SAMPLE)


class Layout(HTMLParser):
    """Every element with its style and the elements around it, as Word sees them: conditional comments are opened."""

    def __init__(self, html):
        super().__init__()
        self.open, self.elements = [], []
        self.feed(html.replace("<!--[if mso]>", "").replace("<![endif]-->", ""))
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        element = (tag, attributes, _style(attributes.get("style", "")), list(self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open and self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0] if self.open else 'nothing'}>"
            self.open.pop()


def _style(text):
    return {name.strip(): value.strip() for name, _, value in (rule.partition(":") for rule in text.split(";")) if value}


def word_problems(html):
    """What Word would lay out otherwise than it is meant, as sentences."""
    layout = Layout(html)
    assert layout.open == []
    for tag, attributes, style, around in layout.elements:
        padded = any(name.startswith("padding") and value != "0" for name, value in style.items())
        if padded and tag != "td":
            cell = around[-1][2] if around and around[-1][0] == "td" else {}
            if tag != "a" or cell.get("mso-padding-alt") != style.get("padding"):
                yield f"padding on <{tag}>"
        if "max-width" in style and not any(tag == "td" and more.get("width") for tag, more, _, _ in around):
            yield f"<{tag}> has no width for Word"
        if style.get("display") == "block" and "mso-padding-alt" not in around[-1][2]:
            yield f"<{tag}> is no block for Word"
        if style.get("display") == "none" and style.get("mso-hide") != "all":
            yield f"<{tag}> is shown by Word"
        if tag == "table" and not (attributes.get("role") and attributes.get("width") and attributes.get("border") == "0"):
            yield "a table without role, width or border"
        if "background" in style and attributes.get("bgcolor") != style["background"]:
            yield f"the background of <{tag}> is not in bgcolor"
        if tag == "a" and "color" not in style:
            yield "a link in the blue of the browser"
        yield from (f"{name} on <{tag}>" for name in UNKNOWN if name in attributes.get("style", ""))


@pytest.mark.parametrize("mail", sorted(MAIL_LABELS))
def test_word_lays_out_every_mail_as_it_is_meant(mail):
    assert list(word_problems(rendered(mail))) == []


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a style="padding: 3px; color: red;">x</a>', "padding on <a>"),
        ('<table role="presentation" width="100%" border="0" style="max-width: 9px;"></table>', "no width for Word"),
        ('<div style="display: none;">x</div>', "is shown by Word"),
        ('<td style="background: #fff;">x</td>', "not in bgcolor"),
        ("<a>x</a>", "blue of the browser"),
        ('<div style="float: left">x</div>', "float:"),
    ],
)
def test_the_rules_see_what_word_does_not_know(html, problem):
    assert any(problem in said for said in word_problems(html))


@pytest.mark.parametrize("mail", sorted(set(MAIL_LABELS) - {"account"}))
def test_nothing_of_the_text_stands_behind_the_line_of_the_mailbox(mail):
    hidden, _, rest = rendered(mail).partition("mso-hide: all;")[2].partition("</div>")
    said = hidden.partition(">")[2].partition("&#847;")[0].strip()
    assert len(said) > 10 and hidden.count("&zwnj;&nbsp;") >= 80 and "Dag Anna" in rest


@pytest.mark.parametrize(
    # Who gets cases assigned may get several; see below.
    "mail",
    sorted(
        name for name in MAIL_LABELS if name.startswith(("case_", "committee_", "lza1_", "file_")) and name != "case_assigned"
    ),
)
def test_a_subject_names_the_process_and_the_number(mail):
    subject = rendered(mail, "subject.txt").strip()
    assert subject.startswith("NethOSS: ") and "N-00015" in subject and len(subject) < 79


def test_the_subject_of_a_reminder_names_what_waits():
    assert rendered("reminder", "subject.txt").strip() == "NethOSS: N-00001, N-00002, N-00003 en nog 2 wachten op u"
    several = "NethOSS: N-00001, N-00002, N-00003 en nog 2 toegewezen aan wie u vervangt"
    assert rendered("case_assigned", "subject.txt").strip() == several
    assert [listed(words) for words in ("", "a", "ab", "abc")] == ["", "a", "a en b", "a, b en c"]


@pytest.mark.parametrize("mail", sorted(MAIL_LABELS))
def test_a_mail_says_how_to_reach_perined_as_it_was_typed(mail):
    assert "Bel 030-1234567 (werkdagen &lt;9-17&gt; uur) of mail naar hulp@example.nl." in rendered(mail)
    assert "Bel 030-1234567 (werkdagen <9-17> uur) of mail naar hulp@example.nl." in rendered(mail, "body.txt")


@pytest.mark.parametrize("mail", sorted(MAIL_LABELS))
def test_a_text_ends_with_the_mark_of_a_signature(mail):
    assert "\n-- \n" in rendered(mail, "body.txt")
