"""The view "vary" without a browser: what it says of good links and of bad ones."""

from __future__ import annotations

import json

import pytest

from models import catalog, defaults, generation
from tests.pages.visiting import badges, is_whole, opened, sentences
from viz.components import text_fan

VIEW = {"view": "vary"}
FEW = {"max_new_tokens": "3", "times": "3"}


def test_a_seed_gives_its_text_again() -> None:
    app = opened("next_token", VIEW | FEW | {"seed": "7"})
    assert sentences(app) == []
    assert any("Seed 7 drawn a second time: the same text" in said for said in badges(app))


def test_numbers_are_checked_against_the_margin() -> None:
    app = opened("next_token", VIEW | {"why": "numbers", "max_new_tokens": "3", "text": "Once upon a time"})
    assert sentences(app) == []
    assert any("twice the difference reaches the margin: holds at 15 steps" in said for said in badges(app))
    assert any("The text is the same by all 5 other ways" in text.value for text in app.markdown)


def test_another_first_token_is_said() -> None:
    app = opened("next_token", VIEW | {"why": "numbers", "max_new_tokens": "7", "text": "In the year 2050,"})
    assert any("**1 of 5 other ways writes another text**, from token 6 on" in text.value for text in app.markdown)


def test_letters_of_several_tokens_and_the_end_of_a_long_prompt_travel_whole() -> None:
    lm = catalog.load(defaults.DECODER)
    given = lm.tokenizer("\N{PARROT}\N{PARTY POPPER}")["input_ids"]
    prompt = "word " * 100 + "and the end is"
    trace = generation.generate(lm, prompt, given=given, tokens=len(given))
    packed = text_fan.pack(
        [trace], [(0, len(given), [0], [])], ["seed 0"], [None], ([1], [1]), title="", facts=[], prompt=prompt
    )
    data = json.loads(b"{" + packed + b"}")["data"]
    assert len(given) > 2
    assert data["texts"][0]["text"] == "\N{PARROT}\N{PARTY POPPER}"
    assert data["prompt"].endswith("word and the end is")
    assert len(data["prompt"]) < len(prompt)


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ({"text": ""}, "The prompt is empty; type a word or a sentence."),
        ({"text": " word" * 510}, "are over the 512 that are run at once"),
        ({"text": "a" * 20_001}, "at most 20,000 are read at once"),
        ({"model": "minilm-l6-v2"}, "predicts no next token"),
        ({"model": "minilm-l6-v2", "why": "numbers"}, "predicts no next token"),
        ({"times": "20", "max_new_tokens": "300"}, "20 texts of 300 tokens are 6,000 together; at most 1,000"),
        ({"why": "numbers", "max_new_tokens": "41"}, "1 to 40 tokens can be written in every way."),
        ({"temperature": "1e-10"}, "it must be 0, or from 1e-09"),
        ({"why": "numbers", "text": ""}, "The prompt is empty; type a word or a sentence."),
    ],
)
def test_bad_inputs_are_told_in_one_sentence(link: dict[str, str], sentence: str) -> None:
    app = opened("next_token", VIEW | link)
    (said,) = sentences(app)
    assert sentence in said
    assert is_whole(app)


@pytest.mark.parametrize(
    "values",
    [
        {"temperature": "1e9", "top_k": "0", "top_p": "1"},
        {"temperature": "1e-9"},
        {"top_k": "1000000000"},
        {"top_p": "0"},
        {"min_p": "1"},
        {"repetition_penalty": "1000"},
        {"seed": str(2**32 - 1)},
        {"chat": "true", "text": "Say <|im_end|> twice."},
    ],
)
def test_what_is_possible_draws_texts(values: dict[str, str]) -> None:
    app = opened("next_token", VIEW | FEW | values)
    assert sentences(app) == []
    assert any("the same text" in said for said in badges(app))


def test_impossible_values_fall_back_and_are_told() -> None:
    wrong = {"why": "<script>", "times": "1", "seed": "-1", "at": "99", "max_new_tokens": "0"}
    app = opened("next_token", VIEW | wrong)
    assert sentences(app) == []
    said = " ".join(box.value for box in app.warning)
    for name in wrong:
        assert f"asks for {name.replace('_', chr(92) + '_')} " in said
    assert is_whole(app)
