"""The walk's figure by itself, for every family: each stage and layer is drawn, and what is written is the model's."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from models import adapters, forward
from models.traces import ForwardTrace
from tests.families import shaken
from viz.components import shared
from viz.components import walk as figure
from viz.components.walk import stages as staging

TEXT = "Hello, Ada!"
# Draws a figure in an empty page; what it sends is kept.
MOUNT = """async ([script, packed]) => {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { default: draw } = await import(url);
  const parent = document.querySelector("main");
  window.sent = [];
  window.failed = [];
  const heard = console.error;
  console.error = (error) => { window.failed.push(String(error?.stack ?? error)); heard(error); };
  window.addEventListener("error", (event) => window.failed.push(event.message));
  const data = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  draw({ data, parentElement: parent, setStateValue: (name, value) => window.sent.push([name, value]) });
}"""
# Steps to the end; at the stages of the first layer a number is chosen and all scales are tried: [[heading, formula,
# what can't be read], ...]. Frames come at once: nobody looks.
STEP = """async () => {
  window.requestAnimationFrame = (act) => { Promise.resolve().then(act); return 1; };
  const root = document.querySelector(".orrery"), heading = root.querySelector("h2"), seen = [];
  const press = async (keys) => {
    for (const key of keys) {
      root.querySelector("button").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
      await Promise.resolve().then(() => {}).then(() => {});
    }
  };
  for (let i = 0; i < 200; i++) {
    const first = !/ layer [1-9]/.test(heading.textContent);
    if (first) await press([".", "."]);
    const words = root.querySelector(".formula").textContent;
    if (first) await press("-+++-");
    seen.push([heading.textContent, words, root.textContent.match(/NaN|undefined|null/)?.[0] ?? ""]);
    await press(["ArrowRight"]);
    if (heading.textContent === seen.at(-1)[0]) break;
  }
  return seen;
}"""


def packed_of(trace: ForwardTrace) -> bytes:
    """What the page would send, with tokens that have no names."""
    stages = staging.stages(trace)
    top, powers = [], 0.0
    if "final.logits" in trace.tensors:
        logits = trace["final.logits"][0].astype(np.float64)
        p = torch.softmax(torch.tensor(logits), 0).numpy()
        powers = float(np.exp(logits - logits.max()).sum())
        top = [
            {"id": i, "text": f"t{i}", "logit": float(logits[i]), "p": float(p[i]), "append": f"{TEXT}t{i}"}
            for i in np.argsort(-logits)[:24].tolist()
        ]
    count = len(trace.token_table)
    return figure.pack(
        trace,
        stages,
        about="it",
        window=(0, count),
        top=top,
        sum_of_powers=powers,
        factors={},
        cut=[],
        title="A walk",
        facts=[],
    )


@pytest.fixture
def mounted(page: Page) -> Page:
    page.set_content("<main style='width:1000px'></main>")
    return page


@pytest.mark.parametrize("family", sorted(adapters.FAMILIES))
def test_every_stage_of_every_family_is_drawn(family: str, mounted: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = forward.walk(shaken(family), TEXT, position=3)
    seen_blob: dict[str, bytes] = {}
    monkeypatch.setattr(
        shared, "renderer", lambda *_folders: lambda *, data, key, **_answers: seen_blob.update({key: data})
    )
    figure.walk(packed_of(trace), key="walk", state={"stage": "text"}, defaults=figure.DEFAULTS)
    script = shared.script(shared._FOLDER / "figure", figure.FOLDER)
    mounted.evaluate(MOUNT, [script, base64.b64encode(seen_blob["walk"]).decode()])
    mounted.wait_for_selector(".orrery h2:not(:empty)")
    seen = mounted.evaluate(STEP)
    assert mounted.evaluate("window.failed") == []
    assert mounted.evaluate("window.sent") == []
    stages = staging.stages(trace)
    of_layer = [stage for stage in stages if stage.where == "layer"]
    expected = [
        *(stage.title for stage in stages if stage.where == "before"),
        *(f"{stage.title} layer {layer}" for layer in range(trace.layers) for stage in of_layer),
        *(stage.title for stage in stages if stage.where == "after"),
    ]
    assert [heading for heading, _, _ in seen] == expected
    assert [words for _, words, wrong in seen if wrong] == []
    assert all(words for _, words, _ in seen)


def test_numbers_travel_within_half_a_thousandth() -> None:
    trace = forward.walk(shaken("llama"), TEXT, position=-1)
    for name, array in figure._arrays(trace, slice(0, 5), 3, {}).items():
        record = figure._packed(array)
        raw = np.frombuffer(base64.b64decode(record["data"]), np.uint8).astype(np.uint16)
        halves = (raw[: len(raw) // 2] | (raw[len(raw) // 2 :] << 8)).view(np.float16).astype(np.float64)
        rows = halves.reshape(len(record["powers"]), -1) * np.exp2(-np.array(record["powers"], float))[:, None]
        largest = np.abs(array).max()
        np.testing.assert_allclose(rows.ravel(), array.ravel(), rtol=2**-11, atol=largest * 1e-8, err_msg=name)
