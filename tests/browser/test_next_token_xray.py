"""The view "xray" in a real browser: colours, ranks and sums are the model's, the hand needs no server."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
import torch
from playwright.sync_api import Page, expect

from models import catalog, traces
from models.traces import SurpriseTrace
from tests.browser.server import serving
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, query, wire
from tests.families import tiny_model, tiny_tokenizer
from viz.next_token_words import xray as words

Visit = Callable[[str], Page]
TEXT = "The capital of France is Rome.\nTwo plus two is four."
HOSTILE = "</script><script>alert(1)</script> <img src=x onerror=alert(1)>"
CHIPS = ".orrery .running .tok"


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """What transformers and torch say of TEXT."""
    lm = catalog.load("smollm2-135m")
    ids = lm.tokenizer(TEXT, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        shares = lm.model(input_ids=ids).logits[0, :-1].double().softmax(dim=-1)
    came = shares.gather(1, ids[0, 1:, None])
    return {
        "ids": ids[0].tolist(),
        "probabilities": came[:, 0].numpy(),
        "ranks": (1 + (shares > came).sum(dim=1)).numpy(),
        "surprisals": -came[:, 0].log2().numpy(),
        "entropies": -(shares * shares.log2()).nan_to_num().sum(dim=1).numpy(),
        "best": [[lm.tokenizer.decode([id_]) for id_ in row.topk(5).indices] for row in shares],
    }


def opened(visit: Visit, **parameters: str) -> Page:
    link = "".join(f"&{name}={quote(value)}" for name, value in ({"text": TEXT} | parameters).items())
    page = visit(f"/next-token?view=xray{link}")
    page.wait_for_selector(READY)
    return page


def numbers(page: Page) -> dict[str, str]:
    """What stands beside the names in the readout."""
    rows = page.locator(".orrery .readout .numbers tr").all()
    return {row.locator("th").inner_text(): row.locator("td").inner_text() for row in rows}


def test_every_token_is_the_models_own_and_stands_in_the_link(
    visit: Visit, page: Page, expected: dict[str, Any]
) -> None:
    page.set_default_timeout(120_000)  # the first of all loads the model
    with wire(page) as count:
        opened(visit)
        page.wait_for_timeout(500)
        before = count["sent"]
        chips = page.locator(CHIPS)
        expect(chips).to_have_count(len(expected["ids"]))
        said = [chip.get_attribute("aria-label") or "" for chip in chips.all()]
        assert said[0].endswith("not predicted")
        found = [int(words.split("rank ")[1].split(", ")[0].replace(",", "")) for words in said[1:]]
        assert found == expected["ranks"].tolist()
        widths = [chip.evaluate("e => e.querySelector('.level').style.width") for chip in chips.all()[1:]]
        buckets = np.searchsorted([10, 100, 1000], expected["ranks"])
        assert [round(float(width.rstrip("%")) / 100 * 3) for width in widths] == buckets.tolist()
        # The one that is chosen at first: where the model was most sure and wrong.
        wrong = expected["surprisals"] - expected["entropies"]
        worst = int(wrong.argmax()) + 1
        expect(page.locator(".orrery .readout .which")).to_contain_text(f"token {worst} ")
        for place in (worst, worst + 1):
            at, shown = place - 1, numbers(page)
            assert shown["Rank"].startswith(f"{expected['ranks'][at]:,} of 49,152")
            assert float(shown["Surprisal"].split()[0]) == pytest.approx(expected["surprisals"][at], abs=0.006)
            assert float(shown["Entropy"].split()[0]) == pytest.approx(expected["entropies"][at], abs=0.006)
            total = expected["surprisals"][:place].sum()
            assert float(shown["So far"].split()[0]) == pytest.approx(total, abs=0.06)
            assert float(shown["So far"].split()[-1]) == pytest.approx(total / place, abs=0.006)
            likely = page.locator(".orrery .likeliest .what .tok").all_inner_texts()
            assert [text.replace("␣", " ").replace("⏎", "\n") for text in likely[:5]] == expected["best"][at]
            page.locator(".orrery .running").focus()
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Home")
        expect(page.locator(".orrery .readout")).to_contain_text("Not predicted")
        chips.nth(5).hover()
        expect(page.locator(".orrery .readout .which")).to_contain_text("token 5 ")
        chips.nth(3).click()
        page.get_by_label("Colour by").select_option("wrong")
        page.wait_for_function("location.search.includes('colour=wrong')")
        assert query(page)["token"] == "3"
        assert count["sent"] == before
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(READY)
    page.mouse.move(0, 0)
    assert again.locator(".orrery .readout").inner_text() == page.locator(".orrery .readout").inner_text()
    backgrounds = "chips => chips.map(chip => chip.style.background)"
    assert again.locator(CHIPS).evaluate_all(backgrounds) == page.locator(CHIPS).evaluate_all(backgrounds)


def test_the_course_and_the_list_lead_to_their_tokens(visit: Visit, page: Page, expected: dict[str, Any]) -> None:
    opened(visit)
    wrong = np.r_[-np.inf, expected["surprisals"] - expected["entropies"]]
    order = [int(place) for place in np.argsort(-wrong) if wrong[place] > 0][:8]
    entries = page.locator(".orrery .wrong button")
    assert [int(e.get_attribute("aria-label").split("token ")[1]) for e in entries.all()] == order  # type: ignore[union-attr]
    entries.nth(1).click()
    page.wait_for_function(f"location.search.includes('token={order[1]}')")
    strip = page.locator(".orrery .course > svg")
    box = strip.bounding_box()
    assert box
    left = 2.6 * 16
    step = (box["width"] - left) / len(expected["ids"])
    strip.click(position={"x": left + step * 2.5, "y": box["height"] / 2})
    page.wait_for_function("location.search.includes('token=2')")
    shares = page.locator(".orrery .shares .value").all_inner_texts()
    assert [int(text.split(" ")[0]) for text in shares] == np.bincount(
        np.searchsorted([10, 100, 1000], expected["ranks"]), minlength=4
    ).tolist()
    sums = dict(
        zip(*[page.locator(f".orrery .sums .numbers {tag}").all_inner_texts() for tag in ("th", "td")], strict=True)
    )
    mean = expected["surprisals"].mean()
    assert float(sums["Perplexity"].replace(",", "")) == pytest.approx(2**mean, rel=1e-3)
    size = len(TEXT.encode()) - len("The")
    assert float(sums["Per byte of UTF-8"].split()[0]) == pytest.approx(mean * len(expected["ranks"]) / size, abs=0.006)


def test_files_and_pictures(visit: Visit, page: Page, expected: dict[str, Any]) -> None:
    opened(visit)
    table = pd.read_csv(io.BytesIO(download(page, "CSV")), comment="#")
    assert table["id"].tolist() == expected["ids"]
    np.testing.assert_allclose(table["surprisal"][1:], expected["surprisals"], rtol=1e-4, atol=1e-5)
    document = json.loads(download(page, "JSON"))
    assert document["loss"] == pytest.approx(expected["surprisals"].mean() * math.log(2), rel=1e-4)
    assert isinstance(traces.from_bytes(download(page, "Trace")), SurpriseTrace)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as SVG").click()
    drawing = Path(caught.value.path()).read_text("utf-8")
    for word in ("capital", "France", "Rome"):
        assert f"{word}</text>" in drawing
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as PNG").click()
    assert Path(caught.value.path()).read_bytes().startswith(b"\x89PNG")


def test_what_the_model_wrote_itself_is_all_of_rank_one(visit: Visit, page: Page) -> None:
    opened(visit, text=words.GREEDY)
    said = [chip.get_attribute("aria-label") or "" for chip in page.locator(CHIPS).all()]
    assert all(": rank 1," in label for label in said[1:])


def test_two_models_are_compared_where_both_cut(page: Page, tmp_path: Path, axe: Callable[[Page], None]) -> None:
    for name, family in (("one", "llama"), ("two", "gpt2")):
        tiny_model(family).save_pretrained(tmp_path / name)
        tiny_tokenizer().save_pretrained(tmp_path / name)
    listed = f"{tmp_path / 'one'},{tmp_path / 'two'}"
    with serving(tmp_path / "log.txt", ORRERY_MODELS=listed) as url:
        page.goto(f"{url}/next-token?view=xray&text=a+b%0A%E4%BD%A0&compare=true&model2=two&token=2")
        page.wait_for_selector(READY, timeout=120_000)
        expect(page.locator(".orrery .difference").first).to_have_text("–")
        trace = traces.from_bytes(download(page, "Second trace"))
        assert isinstance(trace, SurpriseTrace)
        first = [token["surprisal"] for token in json.loads(download(page, "JSON"))["tokens"]]
        exact = [float(theirs) - mine for theirs, mine in zip(trace.surprisals[:3], first[1:4], strict=True)]
        shown = [part.inner_text().replace("−", "-") for part in page.locator(".orrery .difference").all()][1:4]
        assert [float(text) for text in shown] == pytest.approx(exact, abs=0.051)
        two = page.locator(".orrery .two tbody tr").nth(1).locator("td").all_inner_texts()
        assert float(two[1].split()[0]) == pytest.approx(float(trace.surprisals.sum()), abs=0.06)
        expect(page.locator(".orrery .beside")).to_contain_text("two reads")
        axe(page)


@pytest.mark.parametrize(
    "link",
    [
        f"text={quote(HOSTILE)}",
        "token=-1&colour=%3Cimg%20src=x%3E&text=%00%07%1B%5B0m%0D%0A+%E2%80%AE+x",
        "model=../../etc/passwd&compare=true&model2=%3Cscript%3E",
    ],
)
def test_hostile_links_do_nothing(link: str, page: Page, server: str) -> None:
    with harmless(page):
        page.goto(f"{server}/next-token?view=xray&{link}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit)
    axe(page)
    page.get_by_label("Colour by").select_option("wrong")
    page.wait_for_function("location.search.includes('colour=wrong')")
    axe(page)


def test_a_telephone_needs_no_sideways_scrolling(visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, text="Uncharacteristically long words, 你好 👩‍🚀 " + "m" * 120, compare="true")
    page.wait_for_timeout(500)
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
