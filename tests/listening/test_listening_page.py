"""The listening page in a real browser, opened from the disk: keys, answers, the saved file."""

import os

from diamoe.cli import main
from tests.listening.test_listening import make

SCREENSHOTS = os.environ.get("DIAMOE_SCREENSHOTS")


def visit(browser, folder, width=1100, height=800, **more):
    page = browser.new_page(viewport={"width": width, "height": height}, locale="en-GB", **more)
    page.set_default_timeout(15_000)
    faults: list[str] = []
    page.on("console", lambda m: m.type in ("error", "warning") and faults.append(m.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((folder / "index.html").as_uri())
    return page, faults


def begin(page, listener: str) -> None:
    page.fill("#listener", listener)
    page.press("#listener", "Enter")


def heard(page, *keys: str) -> None:
    """Press keys that play; wait until every sound was heard."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_selector("#players .playing")
        page.wait_for_selector("#players .playing", state="detached")
    page.wait_for_selector("#answers button:enabled")


def shot(page, name: str) -> None:
    if SCREENSHOTS:
        page.screenshot(path=f"{SCREENSHOTS}/{name}.png")


def test_a_comparison_by_keys_alone(browser, tmp_path, capsys):
    folder, key = make(tmp_path, "ab")
    page, faults = visit(browser, folder)
    shot(page, "listen-start")
    begin(page, '王, "一"')
    page.keyboard.press("1")
    assert page.inner_text("#notice") == "Hear everything first."
    assert page.locator("#answers button:enabled").count() == 0
    order = []
    for answer in "13":
        order.append(page.inner_text("#text"))
        heard(page, "a", "b")
        page.keyboard.press(answer)
        assert page.locator("#answers [aria-pressed=true]").count() == 1
        shot(page, "listen-ab")
        page.keyboard.press("Enter")
    assert page.is_visible("#end")
    with page.expect_download() as download:
        page.click("#download")
    saved = tmp_path / "answers.csv"
    download.value.save_as(saved)
    capsys.readouterr()
    assert main(["listen", "score", str(tmp_path / "page.key.json"), str(saved)]) == 0
    assert "2 answers of 1 listeners" in capsys.readouterr().out
    assert '"王, ""一"""' in saved.read_text(encoding="utf-8-sig")

    page.reload()  # answers are kept, and the order is the listener's own
    begin(page, '王, "一"')
    assert page.is_visible("#end")
    page.click("#again")
    assert page.inner_text("#text") == order[0]
    assert page.locator("#answers [aria-pressed=true]").inner_text().startswith("A is better")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#text") == order[1]
    assert faults == []
    page.close()


def test_marks_on_a_phone_in_chinese(browser, tmp_path):
    folder, key = make(tmp_path, "mos")
    page, faults = visit(browser, folder, 360, 740, is_mobile=True, has_touch=True)
    page.click("#language")
    begin(page, "b")
    page.tap("#players button")
    page.wait_for_selector("#answers button:enabled")
    shot(page, "listen-mos-phone")
    assert page.inner_text("#place") == "第 1 题，共 4 题"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("#answers button >> nth=4")
    page.click("#next")
    assert page.inner_text("#place").startswith("第 2 题") and page.is_disabled("#next")
    with page.expect_download() as download:  # what is done so far
        page.click("#save")
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 2 and lines[1].split(",")[8] == "5"
    assert lines[1].split(",")[6] in key.clips
    page.close()
    assert faults == []


def test_listeners_hear_orders_of_their_own(browser, tmp_path):
    folder, _ = make(tmp_path, "ab")
    page, _ = visit(browser, folder)
    page.add_init_script(
        "const A = Audio; sounds = []; Audio = function (u) { sounds.push(u); return new A(u); }"
    )
    seen = set()
    for name in "abcdef":
        page.reload()
        begin(page, name)
        seen.add((page.inner_text("#text"), page.evaluate("sounds[0]")))
    assert len(seen) > 1
    page.close()


def test_a_missing_sound_is_named(browser, tmp_path):
    folder, _ = make(tmp_path, "mos")
    for path in (folder / "audio").iterdir():
        path.unlink()
    page, _ = visit(browser, folder)
    begin(page, "x")
    page.wait_for_selector("#notice.error")
    assert ".flac" in page.inner_text("#notice") and page.is_disabled("#answers button >> nth=0")
    page.close()
