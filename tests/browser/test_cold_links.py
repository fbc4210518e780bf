"""A link restores its view even when it is the very first request to a new process."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import DRAWN, SETTLED
from tests.browser.server import Way

TEXT = "A link holds its text."


@pytest.mark.parametrize("way", ["serve.py", "streamlit run"])
def test_a_cold_link_restores_its_state(way: Way, page: Page, cold_server: Callable[[Way], str]) -> None:
    page.goto(f"{cold_server(way)}/attention?model=minilm-l6-v2&text={TEXT.replace(' ', '+')}&layer=2&view=matrix")
    page.wait_for_selector(SETTLED)
    expect(page).to_have_title("Attention · Orrery")
    expect(page.get_by_label("Text", exact=True)).to_have_value(TEXT)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert "layer=2" in page.url
    assert "view=matrix" in page.url


# What each view shows when its link is opened.
TOKENIZERS = {
    "compare": ({"text": TEXT, "rows": "qwen"}, "Qwen 2.5"),
    "train": ({"corpus": "low", "pretokenizer": "whitespace", "step": "2"}, "Merge 2: es + t"),
    "replay": ({"text": "low unstoppable", "word": "1", "step": "3"}, "after 3 of"),
    "wordpiece": ({"text": "unstoppable cats", "word": "1"}, "cats"),
    "unigram": ({"text": "low lower lowest", "part": "best"}, "lowest"),
    "trained": ({"corpus": "code", "size": "600", "text": "low lower"}, "Unigram"),
    "vocabulary": ({"tokenizer": "minilm-l6-v2", "search": "planets"}, "planets"),
    "chat": ({"chat": '[["user","A chat in a link"]]'}, "A chat in a link"),
}
EMBEDDINGS = {
    "words": ({"ask": "analogy", "a": "paris", "b": "france", "c": "tokyo", "d": "japan"}, "japan"),
    "map": ({"point": "1000"}, "themselves"),
    "context": ({"word": "cell", "text": "The cell divided.\nHe sat in his cell.", "layer": "2"}, "Layer 2 of 6"),
    "sentences": ({"show": "search", "query": "feline", "text": "A cat.\nA car.\nA tree."}, "A cat."),
    "counting": ({"text": "A dog barks.\nA cat sleeps."}, "A dog barks."),
    "table": ({"text": "planet", "model": "minilm-l6-v2"}, "planets"),
    "word2vec": ({"epochs": "3", "epoch": "2", "seed": "4"}, "Epoch 2"),
}

NEXT_TOKEN = {
    "distribution": ({"text": "One, two, three,", "top_k": "7", "temperature": "0.5", "seed": "3"}, "four"),
    "softmax": ({"logits": "own", "z": "1,2.5"}, "2.5"),
    "generate": ({"text": "One, two, three,", "do_sample": "false", "max_new_tokens": "4"}, "four"),
    "beams": ({"text": "One, two, three,", "beams": "2", "max_new_tokens": "3"}, "four"),
    "vary": ({"text": "One, two, three,", "times": "3", "temperature": "0", "max_new_tokens": "3"}, "four"),
    "xray": ({"text": "Paris is the capital of France.", "token": "6"}, "France"),
    "window": ({"text": "One, two, three, four, five,", "window": "4"}, "six"),
}
PARAMETERS = {
    "breakdown": ({"model": "llama-3.2-1b", "shape": "icicle", "group": "block"}, "By formula 1,235,814,400"),
    "design": (
        {
            "layers": "4",
            "width": "192",
            "heads": "6",
            "kv": "3",
            "head": "48",
            "mlp": "500",
            "vocabulary": "1000",
            "tied": "0",
            "experts": "3",
            "chosen": "2",
            "context": "100",
            "target": "350000000",
        },
        "What would 350 M look like, wide or deep?",
    ),
    "compare": ({"compare": "bert-base", "drawing": "numbers"}, "BERT base: by formula 109,482,240"),
    "memory": (
        {
            "model": "qwen2-0.5b",
            "context": "2000",
            "batch": "4",
            "dtype": "float32",
            "rank": "4",
            "targets": "k_proj",
        },
        "LoRA of rank 4 beside k_proj: 98,304 parameters",
    ),
    "quantise": (
        {"matrix": "model.layers.29.mlp.down_proj", "bits": "4", "text": "The capital of Italy is", "shifted": "2"},
        "with one matrix at 4 bits",
    ),
    "small": ({"units": "10-5-3-1", "at": "2.4", "lines": "flow"}, "Unit 4 of hidden layer 1"),
    "weights": (
        {
            "loaded": "minilm-l6-v2",
            "matrix": "encoder.layer.0.attention.self.query",
            "rows": "64-95",
            "columns": "0-63",
            "tiles": "mean",
        },
        "Shown: rows 64 to 95, columns 0 to 63.",
    ),
    "history": ({"sizes": "active on a token", "rumours": "left out"}, "GShard, Switch-C"),
}
INSIDE = {
    "walk": (
        {
            "text": "The capital of Japan is",
            "token": "3",
            "stage": "dot",
            "layer": "7",
            "head": "5",
            "key": "1",
            "dimension": "3",
            "zoom": "product",
        },
        "key of token 1",
    ),
    "stream": (
        {
            "text": "The keys to the cabinet",
            "answer": "are",
            "rival": "is",
            "token": "3",
            "layer": "27",
            "head": "8",
            "written": "cosine",
        },
        "Head 27.8 on Attention",
    ),
    "lens": (
        {
            "text": "The author of Romeo and Juliet is William",
            "follow": "himself",
            "colour": "rank",
            "layer": "24",
            "token": "6",
            "spaces": "1",
        },
        "The likeliest, behind layer 24",
    ),
    "switch": (
        {
            "text": "Two plus two is four",
            "off": "m5x0.5,12.0,3.1:4>1",
            "layer": "3",
            "head": "1",
            "each": "true",
        },
        "Off: m5x0.5, 12.0, 3.1:4>1",
    ),
    "patch": (
        {
            "text": "The key to the cabinets",
            "other": "The keys to the cabinets",
            "what": "heads",
            "answer": "are",
            "rival": "is",
            "layer": "25",
            "head": "1",
        },
        "Layer 25, head 1",
    ),
    "positions": (
        {
            "reach": "256",
            "position": "200",
            "distance": "30",
            "shift": "700",
            "pair": "5",
            "theta": "500",
            "layer": "3",
            "head": "2",
            "token": "3",
            "key": "1",
        },
        "layer 3, head 2",
    ),
    "cache": ({"text": "One, two, three,", "new": "6", "step": "2", "measure": "tokens"}, "Step 2 writes"),
    "norms": (
        {
            "text": "The animal was too tired.",
            "layer": "4",
            "norm": "mlp",
            "token": "1",
            "dim": "100",
            "times": "0.01",
            "plus": "2",
        },
        "Layer 4, before the MLP",
    ),
}


@pytest.mark.parametrize(
    ("page_", "views"),
    [
        ("tokenizers", TOKENIZERS),
        ("embeddings", EMBEDDINGS),
        ("next-token", NEXT_TOKEN),
        ("parameters", PARAMETERS),
        ("inside", INSIDE),
    ],
)
def test_a_cold_link_restores_each_view(
    page_: str,
    views: dict[str, tuple[dict[str, str], str]],
    browser: Browser,
    cold_server: Callable[[Way], str],
) -> None:
    server = cold_server("streamlit run")
    for view, (query, shown) in views.items():
        fresh = browser.new_context().new_page()  # the first one is the process' very first request
        fresh.goto(f"{server}/{page_}?{urlencode({'view': view, **query})}")
        fresh.locator(DRAWN).first.wait_for(timeout=120_000)
        fresh.wait_for_selector(SETTLED)
        written = " ".join(" ".join(fresh.locator(".orrery .body, [data-testid=stMain]").all_inner_texts()).split())
        fields = " ".join(field.input_value() for field in fresh.locator("textarea, input:not([type])").all())
        assert shown in written + fields, (view, written[:300])
        assert fresh.get_by_role("alert").count() == 0, view
        kept = dict(parse_qsl(urlsplit(fresh.url).query))
        assert kept == {"view": view, **query}, (view, fresh.url)
        fresh.context.close()
