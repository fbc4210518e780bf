"""The view "vary" in a real browser: texts, chances and logits are the model's, and stand in the link."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
import torch
from playwright.sync_api import Page, expect

from models import catalog, defaults, traces
from models.traces import GenerationTrace, VariationTrace
from tests.browser.test_attention_page import READY
from tests.browser.wire import download, harmless, wire

Visit = Callable[[str], Page]
SEEDS = {"times": "6", "max_new_tokens": "6"}
NUMBERS = {"why": "numbers", "text": defaults.PARTING, "max_new_tokens": "6"}
HOSTILE = "</script><script>alert(1)</script> <img src=x onerror=alert(1)> **a** [b](https://example.org)"


@pytest.fixture(scope="module")
def lm() -> Any:
    return catalog.load(defaults.DECODER)


@pytest.fixture(autouse=True)
def patient(page: Page) -> None:
    """The first of all loads the model."""
    page.set_default_timeout(120_000)


def link(**parameters: str) -> str:
    return "/next-token?view=vary" + "".join(f"&{name}={quote(value)}" for name, value in parameters.items())


def opened(visit: Visit, **parameters: str) -> Page:
    page = visit(link(**parameters))
    page.wait_for_selector(READY)
    return page


def greedy(lm: Any, prompt: str, tokens: int) -> Any:
    """What transformers' own `generate` writes and reads off."""
    ids = lm.tokenizer(prompt, return_tensors="pt").input_ids
    with torch.inference_mode():
        return lm.model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=tokens,
            do_sample=False,
            output_logits=True,
            return_dict_in_generate=True,
            pad_token_id=0,
        )


def test_the_tree_holds_the_texts_and_a_parting_stands_in_the_link(visit: Visit, page: Page) -> None:
    with wire(page) as count:
        opened(visit, **SEEDS)
        table = pd.read_csv(io.BytesIO(download(page, "Texts, CSV")), comment="#")
        steps = pd.read_csv(io.BytesIO(download(page, "Steps, CSV")), comment="#")
        names = page.locator(".orrery .texts tbody th").all_inner_texts()
        assert names == [f"seed {seed}" for seed in table["seed"]]
        by_seed = [[json.loads(text) for text in group["token"]] for _, group in steps.groupby("seed")]
        leaves = page.locator(".orrery .tree .ends")
        named = sorted(name for words in leaves.all_inner_texts() for name in words.split(", "))
        assert named == sorted(names)
        # As many chips as there are different beginnings of texts.
        beginnings = {tuple(text[:end]) for text in by_seed for end in range(1, len(text) + 1)}
        expect(page.locator(".orrery .tree .tok")).to_have_count(len(beginnings))
        ways = {
            beginning: {text[len(beginning)] for text in by_seed if tuple(text[: len(beginning)]) == beginning}
            for beginning in {(), *beginnings}
            if any(len(text) > len(beginning) and tuple(text[: len(beginning)]) == beginning for text in by_seed)
        }
        partings = [beginning for beginning, after in ways.items() if len(after) > 1]
        expect(page.locator(".orrery .parting")).to_have_count(len(partings))
        assert len(partings) > 1
        page.wait_for_timeout(500)
        before = count["sent"]
        page.locator(".orrery .tree").focus()
        page.keyboard.press("ArrowDown")
        page.wait_for_function("location.search.includes('at=1')")
        expect(page.locator(".orrery .bar output").first).to_have_text(f"parting 2 of {len(partings)}")
        page.locator(".orrery .parting").first.hover()
        assert count["sent"] == before
    readout = page.locator(".orrery .readout").inner_text()
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(READY)
    assert again.locator(".orrery .readout").inner_text() == readout


def test_counts_stand_beside_the_models_own_chances(visit: Visit, page: Page, lm: Any) -> None:
    """Without samplers the chance of each token is the softmax of the model's own logits."""
    opened(visit, **SEEDS, temperature="1", top_k="0", top_p="1")
    ids = lm.tokenizer(defaults.VARIED, return_tensors="pt").input_ids
    with torch.inference_mode():
        exact = lm.model(ids).logits[0, -1].double().softmax(dim=0).numpy()
    steps = pd.read_csv(io.BytesIO(download(page, "Steps, CSV")), comment="#")
    first = steps[steps["step"] == 1]
    assert first["chance"].to_numpy() == pytest.approx(exact[first["id"]], rel=1e-4)
    assert first["probability"].to_numpy() == pytest.approx(exact[first["id"]], rel=1e-4)
    entropy = -(exact * np.log2(exact)).sum()
    assert first["entropy_bits"].to_numpy() == pytest.approx(entropy, rel=1e-4)
    texts = json.loads(download(page, "JSON"))
    for row in texts["texts"]:
        own = steps[steps["seed"] == row["seed"]]
        assert row["log_probability"] == pytest.approx(np.log(own["probability"]).sum(), rel=1e-5)
    products = [np.cumprod([1, *group["chance"]]) for _, group in steps.groupby("seed")]
    filled = [np.pad(product, (0, 7 - len(product)), mode="edge") for product in products]
    assert texts["pairs_that_agree"]["expected"] == pytest.approx(np.mean(filled, axis=0).tolist(), rel=1e-5)


def test_at_temperature_0_all_are_what_transformers_writes(visit: Visit, page: Page, lm: Any) -> None:
    opened(visit, **SEEDS, temperature="0")
    found = greedy(lm, defaults.VARIED, 6)
    written = found.sequences[0, -len(found.logits) :].tolist()
    expect(page.locator(".orrery .readout")).to_contain_text("All 6 texts are the same: they never part.")
    with zipfile.ZipFile(io.BytesIO(download(page, "Traces"))) as archive:
        for name in archive.namelist():
            trace = traces.from_bytes(archive.read(name))
            assert isinstance(trace, GenerationTrace)
            assert trace.tokens.tolist() == written
    expect(page.locator(".orrery .tree .tok")).to_have_count(len(written))


def test_numbers_are_the_models_and_a_step_stands_in_the_link(visit: Visit, page: Page, lm: Any) -> None:
    found = greedy(lm, defaults.PARTING, 6)
    with wire(page) as count:
        opened(visit, **NUMBERS, step="1")
        page.wait_for_timeout(500)
        before = count["sent"]
        rows = page.locator(".orrery .readout tbody tr")
        for step in (1, 2):
            expect(page.locator(".orrery .readout h3")).to_contain_text(f"Token {step + 1}:")
            two = found.logits[step][0].topk(2)
            shown = rows.first.locator(".digits").all_inner_texts()
            assert [float(words.replace("−", "-")) for words in shown] == pytest.approx(two.values.tolist(), abs=1e-4)
            # What differs from the first way's is marked, and nothing else.
            for words, other in zip(rows.nth(1).locator(".digits").all_inner_texts(), shown, strict=True):
                marked = rows.nth(1).locator(".digits").nth(shown.index(other)).locator(".differ")
                if words == other:
                    expect(marked).to_have_count(0)
                else:
                    same = next(k for k, pair in enumerate(zip(words, other, strict=True)) if pair[0] != pair[1])
                    expect(marked).to_have_text(words[same:])
            page.locator(".orrery .ways").focus()
            page.keyboard.press("ArrowRight")
        page.wait_for_function("location.search.includes('step=3')")
        page.locator(".orrery .ways tr").first.locator(".tok").first.click()
        page.wait_for_function("location.search.includes('step=0')")
        assert count["sent"] == before
    readout = page.locator(".orrery .readout").inner_text()
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector(READY)
    assert again.locator(".orrery .readout").inner_text() == readout


def test_differences_leave_as_a_table(visit: Visit, page: Page, lm: Any) -> None:
    opened(visit, **NUMBERS)
    table = pd.read_csv(io.BytesIO(download(page, "Differences, CSV")), comment="#")
    trace = traces.from_bytes(download(page, "Trace"))
    assert isinstance(trace, VariationTrace)
    found = greedy(lm, defaults.PARTING, 6)
    first = table[table["way"] == '"cache"']
    assert first["id"].tolist() == found.sequences[0, -len(found.logits) :].tolist()
    two = np.array([logits[0].topk(2).values.tolist() for logits in found.logits])
    assert first["logit"].to_numpy() == pytest.approx(two[:, 0], abs=1e-4)
    assert first["margin"].to_numpy() == pytest.approx(two[:, 0] - two[:, 1], abs=2e-4)
    whole = table[table["way"] == '"whole"']["difference"].to_numpy()
    assert whole == pytest.approx(trace.differences[trace.ways.index("whole")].tolist())
    drawn = page.locator(".orrery .chart .curve").count()
    assert drawn == len(trace.ways) - 1
    document = json.loads(download(page, "JSON"))
    assert [way["way"] for way in document["ways"]] == list(trace.ways)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as SVG").click()
    drawing = Path(caught.value.path()).read_text("utf-8")
    for words in ("bfloat16", "half the margin", "in a batch of 8"):
        assert words in drawing
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture as PNG").click()
    assert Path(caught.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "parameters",
    [
        {"text": HOSTILE} | {"times": "2", "max_new_tokens": "2"},
        {"text": HOSTILE, "why": "numbers", "max_new_tokens": "2"},
        {"why": "<script>", "at": "-1", "times": "1e9", "seed": "NaN", "model": "../../etc/passwd"},
    ],
)
def test_hostile_links_do_nothing(parameters: dict[str, str], page: Page, server: str) -> None:
    with harmless(page):
        page.goto(server + link(**parameters))
        if "text" in parameters:
            page.wait_for_selector(READY)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(scheme: str, visit: Visit, page: Page, axe: Callable[[Page], None]) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(visit, **SEEDS)
    axe(page)
    opened(visit, **NUMBERS)
    axe(page)


@pytest.mark.parametrize("parameters", [SEEDS, NUMBERS])
def test_a_telephone_needs_no_sideways_scrolling(parameters: dict[str, str], visit: Visit, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(visit, **parameters)
    page.wait_for_timeout(500)
    main = '[data-testid="stMain"]'
    assert page.locator(main).evaluate("element => element.scrollWidth <= element.clientWidth")
