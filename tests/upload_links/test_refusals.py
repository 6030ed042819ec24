"""Refusals about upload links in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

import io
from datetime import timedelta

import pytest

from models import clock
from models.cases.status import Status
from models.upload_links.upload_code import MOST_A_DAY, TRIES, UploadCode
from models.upload_links.upload_link import MOST_A_DAY as MOST_QUESTIONS
from models.upload_links.upload_link import MOST_FILES, UploadLink
from tests import make
from tests.refusals import Pairs
from tests.upload_links.test_upload_link import ADDRESS, ask, receive, visit

pair = Pairs()
LATER = timedelta(minutes=2)


def case(status=Status.CONCEPT, domains="haven.example", **more):
    return make.case(status, by=make.user(hospital=make.hospital(mail_domains=domains)), **more)


def code_of(link):
    return UploadCode.select().where(UploadCode.link == link).order_by(UploadCode.id.desc()).get()


@pair("kunt u geen collega meer vragen.")
def asked_after_handing_in(earns):
    ask(case(Status.INGEDIEND if earns else Status.ONVOLLEDIG))


@pair("Voor uw ziekenhuis zijn nog geen maildomeinen ingevuld.")
def without_domains(earns):
    ask(case(domains=None if earns else "haven.example"))


@pair("Vul één volledig e-mailadres in.")
def two_addresses(earns):
    ask(case(), address=f"{ADDRESS}, p@haven.example" if earns else ADDRESS)


@pair("U kunt alleen collega's van uw eigen ziekenhuis vragen.")
def another_domain(earns):
    ask(case(), address="x@kwaad-haven.example" if earns else ADDRESS)


@pair("In uw bericht staat mogelijk iets waaraan de patiënt te herkennen is.")
def a_note_about_the_patient(earns):
    ask(case(), note="Het gaat om mevrouw Bakker." if earns else "Bel mij op 06-12345678.")


@pair("Dit document wordt bij deze melding niet gevraagd.")
def of_another_theme(earns):
    made = case()
    ask(made, asked=(make.theme() if earns else made.theme).asked.first())


@pair("keer een collega vragen. Vraag het morgen.")
def too_many(earns):
    made = case()
    for number in range(MOST_QUESTIONS - (not earns)):
        ask(made, address=f"collega{number}@haven.example")
    ask(made)


@pair("Deze collega is al om dit document gevraagd.")
def the_same_twice(earns):
    made = case()
    ask(made)
    ask(made, asked=None if earns else list(made.theme.asked)[1])


@pair("Dit mailadres is na de bewaartermijn gewist.")
def forgotten_address(earns):
    link = ask(case())
    if earns:
        UploadLink.update(address="").where(UploadLink.id == link.id).execute()
    link.ask_again(link.asked_by)


@pair("Deze link werkt niet meer.")
def withdrawn(earns):
    link = ask(case())
    if earns:
        link.withdraw(link.asked_by)
    UploadCode.send(link)


@pair("codes gevraagd. Probeer het morgen opnieuw.")
def too_many_codes(earns):
    link, now = ask(case()), clock.now()
    for number in range(MOST_A_DAY + earns):
        UploadCode.send(link, now + number * LATER)


@pair("Er zijn te veel verkeerde codes ingevuld.")
def too_many_tries(earns):
    link, now = ask(case()), clock.now()
    UploadCode.send(link, now)
    for _ in range(TRIES):
        with pytest.raises(Exception, match="klopt niet"):
            UploadCode.enter(link, "x", now)
    later = now + LATER
    UploadCode.send(link, later)
    UploadCode.enter(link, code_of(link).digits, now + timedelta(seconds=30) if earns else later)


@pair("Deze code geldt niet meer. Vraag een nieuwe code.")
def an_old_code(earns):
    link, now = ask(case()), clock.now()
    UploadCode.send(link, now)
    UploadCode.enter(link, code_of(link).digits, now + timedelta(minutes=10 if earns else 9))


@pair("keer proberen.")
def a_wrong_code(earns):
    link = ask(case())
    UploadCode.send(link)
    right = code_of(link).digits
    UploadCode.enter(link, f"{(int(right) + 1) % 1_000_000:06d}" if earns else f"{right[:3]} {right[3:]}")


@pair("Deze code klopt niet, en geldt nu niet meer.")
def the_last_try(earns):
    link = ask(case())
    UploadCode.send(link)
    for _ in range(TRIES - 1):
        with pytest.raises(Exception, match="keer proberen"):
            UploadCode.enter(link, "x")
    UploadCode.enter(link, "x" if earns else code_of(link).digits)


@pair("Uw bezoek is voorbij.")
def after_klaar(earns):
    code = visit(ask(case()))
    receive(code)
    if earns:
        code.finish()
    receive(code, key="b")


@pair("bestanden worden verstuurd. Zet er een paar samen in één PDF.")
def too_many_files(earns):
    code = visit(ask(case()))
    for number in range(MOST_FILES - (not earns)):
        receive(code, key=str(number))
    code.receive(io.BytesIO(make.PDF), "x.pdf", "laatste")


@pair("Dit bestand kunt u hier niet meer verwijderen.")
def a_file_of_the_hospital(earns):
    made = case()
    own, code = make.document(made), visit(ask(made))
    code.remove(own if earns else receive(code))


@pair("Voeg eerst een bestand toe.")
def klaar_without_a_file(earns):
    code = visit(ask(case()))
    if not earns:
        receive(code)
    code.finish()


@pair("is geen maildomein.")
def no_domain(earns):
    make.hospital().amend(make.user(role="beheerder"), mail_domains="haven" if earns else "haven.nl")


@pair("kan iedereen een adres hebben.")
def a_public_domain(earns):
    make.hospital().amend(make.user(role="beheerder"), mail_domains="ziggo.nl" if earns else "ziggo-haven.nl")


@pair("Dit zijn te veel maildomeinen.")
def too_many_domains(earns):
    named = ", ".join(f"domein-nummer-{number}.nl" for number in range(30 if earns else 10))
    make.hospital().amend(make.user(role="beheerder"), mail_domains=named)


@pytest.mark.parametrize("sentence", pair)
def test_only_what_earns_a_refusal_gets_it(sentence):
    pair.check(sentence)
