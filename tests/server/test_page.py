"""The page in a real browser: typing, speaking, hearing samples flow."""

import os
import time

import pytest

SCREENSHOTS = os.environ.get("DIAMOE_SCREENSHOTS")


def visit(browser, server, width=1100, height=900, **more):
    page = browser.new_page(viewport={"width": width, "height": height}, **more)
    faults: list[str] = []
    page.on("console", lambda m: m.type in ("error", "warning") and faults.append(m.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(server.url)
    page.wait_for_selector("#dialects input")
    return page, faults


def speak(page, text: str, dialects: list[str]) -> None:
    page.fill("#text", text)
    for box in page.locator("#dialects input").all():
        box.set_checked(box.get_attribute("value") in dialects, force=True)
    page.click("#speak")


def wait_for(page, condition: str, seconds: float = 30) -> None:
    """Ask until it is so; the page's policy forbids Playwright's own waiting."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(20)


def wait_done(page, cards: int) -> None:
    shown = "document.querySelectorAll('article a:not([hidden])').length"
    wait_for(page, f"{shown} === {cards}")


def test_typing_speaking_hearing_and_correcting(browser, server, tmp_path):
    page, faults = visit(browser, server, locale="en-GB")
    speak(page, "重庆的火锅好吃。", ["chengdu"])
    wait_done(page, 1)
    wait_for(page, "diamoe.player.played > 4000 && diamoe.player.loudest > 0.001")
    wait_for(page, "diamoe.cards[0].picture.columns.length > 10")
    assert page.locator(".phones span").count() > 10
    page.click("article button:has-text('Play')")
    page.wait_for_selector(".phones .now")
    page.locator(".words button").first.click()
    page.fill("#reading", "cong2 qin4")
    page.click("#editor button[value=ok]")
    wait_for(page, "diamoe.cards[0].marked === '重庆{cong2 qin4}的火锅好吃。'")
    wait_for(page, "document.querySelector('#status').textContent === 'Done'")
    with page.expect_download() as download:
        page.click("article a")
    sound = download.value.path().read_bytes()
    assert sound[:4] == b"RIFF" and len(sound) > 10_000
    page.click("#language")
    assert page.locator("#speak").inner_text() == "朗读"
    assert page.locator("article .hint").inner_text().endswith("秒")
    assert page.locator("article a").get_attribute("aria-label").startswith("下载")
    assert faults == []
    page.close()


def test_a_language_with_letters_is_corrected_by_spelling(browser, server):
    page, faults = visit(browser, server, locale="en-GB")
    for box in page.locator("#dialects input").all():
        box.set_checked(box.get_attribute("value") == "german", force=True)
    assert page.input_value("#text").startswith("Heute")  # nobody wrote the example
    page.click("#speak")
    wait_done(page, 1)
    page.locator(".words button").first.click()
    assert page.input_value("#reading") == "Heute"
    assert "Spell" in page.locator("#editor-hint").inner_text()
    page.fill("#reading", "Hoite")
    page.keyboard.press("Enter")
    wait_for(page, "diamoe.cards[0].marked.startsWith('Heute{Hoite} ist')")
    wait_for(page, "document.querySelector('#status').textContent === 'Done'")
    assert faults == []
    page.close()


def test_stopping_drops_the_job(browser, server):
    page, faults = visit(browser, server)
    speak(page, "今天天气好。" * 300, ["chengdu", "xian"])
    wait_for(page, "diamoe.player.played > 0")
    page.keyboard.press("Escape")
    assert server.idle(2.0)
    wait_for(page, "diamoe.player.played === 0")
    assert faults == []
    page.close()


def test_an_unreadable_text_is_told(browser, server):
    page, _ = visit(browser, server)
    speak(page, "\U00030000", ["chengdu"])
    page.wait_for_selector("#status.error")
    assert "U+30000" in page.locator("#status").inner_text()
    page.close()


def test_a_voice_from_a_file(browser, server, shared):
    page, faults = visit(browser, server, locale="en-GB")
    file = shared / "data" / "dialect_prompts" / "chengdu_female_prompt.flac"
    page.set_input_files("#file", file)
    wait_for(page, "document.querySelector('#voice').value.startsWith('own-')", 60)
    groups = [group.get_attribute("label") for group in page.locator("#voice optgroup").all()]
    assert groups[0] == "Your voice" and len(groups) > 1
    speak(page, "你好。", ["chengdu"])
    wait_done(page, 1)
    assert faults == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1100])
def test_nothing_runs_out_of_the_page(browser, server, width, scheme):
    page, faults = visit(browser, server, width, 800, color_scheme=scheme, locale="zh-CN")
    speak(page, "今天天气好，我们去公园走走。", ["chengdu", "cantonese"])
    wait_done(page, 2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        "[...document.querySelectorAll('button:not([hidden])')].filter(b => b.offsetParent &&"
        " b.offsetHeight < 40).length"
    )
    assert small == 0  # large enough for a finger
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, input, select, textarea, canvas')]"
        ".filter(e => !(e.labels?.length || e.textContent.trim() || e.ariaLabel)).length"
    )
    assert unnamed == 0
    if SCREENSHOTS:
        page.screenshot(path=f"{SCREENSHOTS}/{width}-{scheme}.png", full_page=True)
    assert faults == []
    page.close()
