"""The two buttons of the monthly mail in a real browser: what a scanner does, and what a person does."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from models import clock
from models.mail.outbox import Mail, MailStatus
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from tests import make
from tests.flows.walk import follow, log_in, passes

DONE = re.compile(r"Uw nul-melding over .* is geregistreerd\.")


@pytest.fixture
def call():
    """A melder whose request left an hour ago."""
    user = make.user()
    MonthlyCall.open_all(clock.previous_month(clock.today()))
    Mail.update(status=MailStatus.VERZONDEN, sent_at=clock.now() - timedelta(hours=1)).execute()
    return MonthlyCall.get(MonthlyCall.user == user)


def path(call, purpose="nee"):
    return call.address(purpose).removeprefix("http://localhost")


def say_no(page, call):
    """Open the 'Nee' of the mail, and wait for what it says in the end."""
    page.goto(path(call))
    expect(page.get_by_role("heading", level=1)).to_have_text(DONE)
    return page


def patiently(page):
    """Let the second pass before which a movement proves nothing."""
    page.wait_for_timeout(1200)


def standing(call):
    return MonthAnswer.standing(call.hospital_id, call.month)


def becomes_confirmed(page, call):
    """Whether the answer counts within two seconds."""
    for _ in range(20):
        if standing(call).counts:
            return True
        page.wait_for_timeout(100)
    return False


# ---- machines -----------------------------------------------------------------------------------------------------


def test_a_browser_that_nobody_touches_stays_provisional(window, call):
    page = window()
    page.clock.install()
    say_no(page, call)

    expect(page.get_by_text("U hoeft niets meer te doen.")).to_be_hidden()
    page.clock.fast_forward(60_000)
    page.wait_for_timeout(1500)

    expect(page.get_by_text("Tik op deze pagina")).to_be_visible()
    assert not standing(call).counts and standing(call).proof == "script"


def test_events_made_by_a_script_prove_nothing(window, call):
    page = say_no(window(), call)
    patiently(page)

    page.evaluate(
        """() => {
            for (const [kind, name] of [[PointerEvent, "pointermove"], [PointerEvent, "pointerdown"], [WheelEvent, "wheel"],
                [KeyboardEvent, "keydown"]]) document.body.dispatchEvent(new kind(name, { bubbles: true }));
            document.body.style.minHeight = "5000px";
            window.scrollTo(0, 500);
        }"""
    )
    page.wait_for_timeout(800)

    assert not standing(call).counts


def test_a_browser_that_calls_itself_headless_proves_nothing_by_moving(window, call):
    page = say_no(window(user_agent="Mozilla/5.0 HeadlessChrome/141.0.0.0"), call)
    patiently(page)
    page.mouse.move(200, 300)

    expect(page.get_by_text("De nul-melding telt nog niet mee")).to_be_visible()
    expect(page.get_by_text("U hoeft niets meer te doen.")).to_be_hidden()
    assert not standing(call).counts


def test_a_page_in_the_background_waits_until_it_is_seen(window, call):
    page = window()
    page.add_init_script(
        "Object.defineProperty(document, 'visibilityState', { get: () => window.shown ? 'visible' : 'hidden' });"
    )
    page.goto(path(call))
    page.wait_for_timeout(800)
    assert standing(call) is None

    page.evaluate("window.shown = true; document.dispatchEvent(new Event('visibilitychange'));")

    expect(page.get_by_role("heading", level=1)).to_have_text(DONE)
    assert standing(call) is not None


def test_both_links_at_once_and_then_the_button_stay_provisional(window, call):
    page = window(java_script_enabled=False)
    page.goto(path(call, "ja"))
    page.goto(path(call))
    page.get_by_role("button", name="Nee, geen casus").click()

    expect(page.get_by_text("De nul-melding telt nog niet mee")).to_be_visible()
    assert not standing(call).counts


# ---- people -------------------------------------------------------------------------------------------------------


def test_one_click_and_a_moving_mouse_is_one_answer_that_counts(window, call):
    page = say_no(window(), call)
    patiently(page)
    page.mouse.move(200, 300)
    page.mouse.move(240, 340)

    assert becomes_confirmed(page, call) and standing(call).proof == "gebaar"
    assert MonthAnswer.select().count() == 1
    expect(page.get_by_text("U hoeft niets meer te doen.")).to_be_visible()


def test_a_movement_in_the_first_second_is_not_enough_and_a_key_later_is(window, call):
    page = say_no(window(), call)
    page.mouse.move(200, 300)
    page.wait_for_timeout(400)
    assert not standing(call).counts

    patiently(page)
    page.keyboard.press("Tab")
    assert becomes_confirmed(page, call)


def test_a_tap_on_a_phone_counts(window, call):
    page = say_no(window(390, has_touch=True, is_mobile=True), call)
    patiently(page)
    page.get_by_role("heading", level=1).tap()

    assert becomes_confirmed(page, call)


def test_a_device_on_which_the_melder_logged_in_before_counts_without_a_movement(window, call):
    page = window()
    page.goto("/inloggen")
    log_in(page, call.user)
    expect(page).not_to_have_url(re.compile("/inloggen"))
    page.context.clear_cookies(name="portaal")

    say_no(page, call)
    assert standing(call).counts and standing(call).proof == "apparaat"

    say_no(page, call)
    assert MonthAnswer.select().count() == 1


def test_without_script_the_two_buttons_of_the_mail_stand_there_and_the_keyboard_reaches_them(window, call):
    page = window(java_script_enabled=False)
    page.goto(path(call))
    choices = page.locator("[data-choice] .button").all_inner_texts()
    assert choices == ["Ja, 1 of meer casus", "Nee, geen casus"]

    page.get_by_role("link", name="Ja, 1 of meer casus").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text(DONE)
    assert standing(call).counts and standing(call).proof == "knop"


def test_what_was_undone_stays_undone_when_the_page_is_opened_again(window, call):
    page = say_no(window(), call)
    page.get_by_role("button", name="Ongedaan maken").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("is ongedaan gemaakt")

    page.goto(path(call))
    patiently(page)
    page.mouse.move(200, 300)
    page.wait_for_timeout(500)
    assert standing(call) is None

    page.get_by_role("button", name="Nee, geen casus").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(DONE)
    assert standing(call).counts


def test_the_way_back_in_the_browser_makes_no_second_answer(window, call):
    page = say_no(window(), call)
    page.get_by_role("link", name="Toch een casus melden").click()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(DONE)
    page.reload()

    expect(page.get_by_role("heading", level=1)).to_have_text(DONE)
    assert MonthAnswer.select().count() == 1


# ---- 'Ja' ---------------------------------------------------------------------------------------------------------


def test_yes_leads_through_the_log_in_straight_to_a_new_case(window, call):
    page = window()
    page.goto(path(call, "ja"))
    log_in(page, call.user)

    expect(page.get_by_role("heading", level=1)).to_have_text("Nieuwe melding maken")
    assert f"maand={call.month}" in page.url and MonthAnswer.select().count() == 0


def test_yes_survives_a_forgotten_password(window, call):
    page = window()
    page.goto(path(call, "ja"))
    page.get_by_role("link", name=re.compile("vergeten", re.I)).click()
    page.get_by_label("E-mailadres").fill(call.user.email)
    follow(page, page.locator("main").get_by_role("button"))
    text = Mail.get(Mail.name == "account").render().get_body(["plain"]).get_content()
    page.goto(re.search(r"http://localhost(/wachtwoord-vergeten/\S+)", text).group(1))
    for field in page.locator("input[type=password]").all():
        field.fill("een heel andere zin")
    follow(page, page.locator("main").get_by_role("button").last)
    if "/inloggen" in page.url:
        log_in(page, call.user, "een heel andere zin")

    expect(page.get_by_role("heading", level=1)).to_have_text("Nieuwe melding maken")


# ---- for everybody ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_behind_the_links_are_usable_by_everybody(window, call, width):
    page = window(width)
    passes(say_no(page, call))
    page.get_by_role("button", name="Ongedaan maken").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ongedaan gemaakt")
    passes(page)
    page.get_by_role("link", name="Nee, geen casus").click()
    expect(page.get_by_role("button", name="Nee, geen casus")).to_be_visible()
    passes(page)
    MonthlyCall.update(expires_at=clock.now()).execute()
    page.goto(path(call, "ja"))
    passes(page)
