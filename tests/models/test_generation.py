"""A written text is what transformers' own `generate` writes, alone and beside others, and what the samplers draw."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models import catalog, decoding, generation, next_token, sampling, traces, writers
from models.engine import Engine, Request
from models.generation import Writing
from models.in_process import InProcess
from models.language_model import LanguageModel
from models.traces import GenerationTrace, InputError
from tests.families import DECODERS, tiny_model, tiny_tokenizer
from tests.models.test_beam import PROMPTS, generated

TOKENS = 9
USUAL: list[tuple[Any, Any]] = [("repetition_penalty", 1.1), ("temperature", 0.8), ("top_k", 50), ("top_p", 0.95)]
WRITTEN = '[["repetition_penalty", 1.1], ["temperature", 0.8], ["top_k", 50], ["top_p", 0.95]]'
ONE_AT_A_TIME = {"mistral", "gemma2", "bloom"}  # sliding windows; no position ids


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load("smollm2-135m")


@pytest.fixture(scope="module")
def theirs(smollm2: LanguageModel) -> dict[str, list[int]]:
    return {prompt: generated(smollm2, prompt, TOKENS) for prompt in PROMPTS}


@pytest.fixture
def door(smollm2: LanguageModel, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(InProcess(lambda *_: smollm2), stored=tmp_path)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def tiny() -> LanguageModel:
    return LanguageModel(tiny_model("llama"), tiny_tokenizer(), "tiny", "r1")


def slowly(
    lm: LanguageModel, text: str, tokens: int, seed: int, chain: Sequence[tuple[Any, Any]] = tuple(USUAL)
) -> list[int]:
    """Each step a pass over the whole text, without a cache, and every sampler on the whole vocabulary."""
    ids = lm.encode(text).ids.tolist()
    count = len(ids)
    for number in np.random.RandomState(seed).random_sample(tokens):
        with torch.inference_mode():
            logits = lm.model(torch.tensor([ids]), use_cache=False).logits[0, -1].double().numpy()
        running = np.cumsum(sampling.run(logits, chain, ids).probabilities)
        ids.append(int(np.searchsorted(running, number * running[-1], side="right")))
        if ids[-1] in lm.ends:
            break
    return ids[count:]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_most_probable_text_is_transformers_own(
    prompt: str, smollm2: LanguageModel, theirs: dict[str, list[int]]
) -> None:
    trace = generation.generate(smollm2, prompt, tokens=TOKENS)
    assert trace.tokens.tolist() == theirs[prompt]
    assert trace.text == smollm2.tokenizer.decode(theirs[prompt], skip_special_tokens=True)
    assert (trace.ended == "token") == (theirs[prompt][-1] in smollm2.ends)
    assert trace.likely[:, 0].tolist() == theirs[prompt]


def test_twenty_at_once_write_what_each_writes_alone(
    door: Engine, theirs: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "MOST_ROWS", 9)  # so that they join and leave at different times
    asked = {prompt: 4 + number * 5 % (TOKENS - 3) for number, prompt in enumerate(PROMPTS)}
    greedy = ("chain", '[["temperature", 0]]')
    jobs = [
        door.submit(Request("generation", "smollm2-135m", prompt, settings=(("tokens", str(tokens)), greedy)))
        for prompt, tokens in asked.items()
    ]
    for job, (prompt, tokens) in zip(jobs, asked.items(), strict=True):
        trace = job.result(120)
        assert isinstance(trace, GenerationTrace)
        assert trace.tokens.tolist() == theirs[prompt][:tokens]


def test_what_is_drawn_is_what_the_slow_way_draws(smollm2: LanguageModel, door: Engine) -> None:
    prompts = PROMPTS[:4]
    jobs = [
        door.submit(
            Request("generation", "smollm2-135m", prompt, settings=(("tokens", "8"), ("chain", WRITTEN), ("seed", "3")))
        )
        for prompt in prompts
    ]
    for prompt, job in zip(prompts, jobs, strict=True):
        expected = slowly(smollm2, prompt, 8, 3)
        beside = job.result(120)
        assert isinstance(beside, GenerationTrace)
        alone = generation.generate(smollm2, prompt, chain=USUAL, seed=3, tokens=8)
        assert alone.tokens.tolist() == beside.tokens.tolist() == expected


def test_the_numbers_are_those_of_one_pass_over_the_whole(smollm2: LanguageModel) -> None:
    trace = generation.generate(smollm2, PROMPTS[1], chain=USUAL, seed=1, tokens=10)
    prompt = smollm2.encode(PROMPTS[1]).ids.tolist()
    with torch.inference_mode():
        logits = smollm2.model(torch.tensor([prompt + trace.tokens.tolist()])).logits[0].double()[len(prompt) - 1 : -1]
    shares = logits.softmax(-1)
    steps = range(len(trace.tokens))
    np.testing.assert_allclose(trace.probabilities, shares[steps, trace.tokens], rtol=1e-3)
    np.testing.assert_allclose(
        trace.entropies, torch.distributions.Categorical(shares).entropy() / np.log(2), rtol=1e-3
    )
    np.testing.assert_allclose(trace.likely_probabilities, shares.topk(8).values, rtol=1e-3)
    for step in steps:
        left = sampling.run(logits[step].numpy(), USUAL, prompt + trace.tokens[:step].tolist()).probabilities
        assert trace.chances[step] == pytest.approx(left[trace.tokens[step]], rel=1e-3)
        assert trace.kept[step] == (left > 0).sum()
        np.testing.assert_allclose(trace.likely_chances[step], left[trace.likely[step]], rtol=1e-3)
    again = traces.from_bytes(traces.to_bytes(trace))
    assert isinstance(again, GenerationTrace)
    assert again.likely_texts == trace.likely_texts


def test_a_branch_is_drawn_on_with_the_same_numbers(smollm2: LanguageModel) -> None:
    whole = generation.generate(smollm2, PROMPTS[1], chain=USUAL, seed=5, tokens=10)
    for count in (1, 9, 10):
        begun = whole.tokens[:count].tolist()
        branch = generation.generate(smollm2, PROMPTS[1], chain=USUAL, seed=5, tokens=10, given=begun)
        assert branch.given == count
        assert branch.tokens.tolist() == whole.tokens.tolist()
        np.testing.assert_allclose(branch.probabilities, whole.probabilities, rtol=1e-3)
    other = int(whole.likely[3, 1])
    branch = generation.generate(
        smollm2, PROMPTS[1], chain=USUAL, seed=5, tokens=10, given=[*whole.tokens[:3].tolist(), other]
    )
    assert branch.tokens[:4].tolist() == [*whole.tokens[:3].tolist(), other]


@pytest.mark.parametrize("family", DECODERS)
def test_rows_that_join_and_leave_are_what_each_is_alone(family: str) -> None:
    lm = LanguageModel(tiny_model(family), tiny_tokenizer(), family, "r1")
    draw = random.Random(0)
    texts = [[draw.randrange(3, 259) for _ in range(draw.randrange(2, 30))] for _ in range(10)]
    begun = [draw.randrange(1, len(text)) for text in texts]  # how much is read at first
    groups: list[tuple[decoding.Batch, list[int]]] = []
    found: list[list[torch.Tensor]] = [[] for _ in texts]
    waiting, most = list(range(len(texts))), 0
    while waiting or groups:
        if waiting and (not groups or draw.random() < 0.7):
            row = waiting.pop()
            batch, logits = decoding.begin(lm, texts[row][: begun[row]], keep=begun[row])
            found[row].extend(logits)
            assert batch.joins == (family not in ONE_AT_A_TIME)
            if batch.joins and groups:
                groups[0][0].join(batch)
                groups[0][1].append(row)
            else:
                groups.append((batch, [row]))
        for batch, rows in groups:
            logits = batch.step([texts[row][len(found[row])] for row in rows])
            for row, found_here in zip(rows, logits, strict=True):
                found[row].append(found_here)
            stay = [place for place, row in enumerate(rows) if len(found[row]) < len(texts[row])]
            if stay:
                batch.keep(stay)
            rows[:] = [rows[place] for place in stay]
            most = max(most, len(rows))
        groups = [group for group in groups if group[1]]
    assert most == 1 if family in ONE_AT_A_TIME else most > 3
    for text, rows_found in zip(texts, found, strict=True):
        with torch.inference_mode():
            whole = lm.model(torch.tensor([text]), use_cache=False).logits[0]
        torch.testing.assert_close(torch.stack(rows_found), whole, rtol=1e-4, atol=1e-5)


def test_a_model_without_a_cache_reads_it_all_again() -> None:
    from transformers import OpenAIGPTConfig, OpenAIGPTLMHeadModel

    torch.manual_seed(0)
    config = OpenAIGPTConfig(vocab_size=300, n_embd=32, n_layer=2, n_head=4, n_positions=64, eos_token_id=2)
    lm = LanguageModel(OpenAIGPTLMHeadModel(config).eval(), tiny_tokenizer(), "gpt", "r1")
    trace = generation.generate(lm, "Ab", tokens=10, chain=USUAL, seed=1)
    assert trace.tokens.tolist() == slowly(lm, "Ab", 10, 1)


def test_a_text_ends_with_the_token_that_completes_its_stop(smollm2: LanguageModel) -> None:
    free = generation.generate(smollm2, PROMPTS[3], tokens=12)  # 5, 6, 7 ...
    pieces = [smollm2.tokenizer.decode([token]) for token in free.tokens.tolist()]
    stop = (pieces[3] + pieces[4])[1:]  # across the border of two tokens
    assert stop not in "".join(pieces[:4])
    ours = generation.generate(smollm2, PROMPTS[3], tokens=12, stop=stop)
    assert ours.ended == "text"
    assert ours.tokens.tolist() == free.tokens[:5].tolist()
    settings = {"stop_strings": [stop], "tokenizer": smollm2.tokenizer}
    assert ours.tokens.tolist() == generated(smollm2, PROMPTS[3], 12, **settings)
    never = generation.generate(smollm2, PROMPTS[3], tokens=12, stop="a text that never comes")
    assert never.ended == "length"
    assert never.tokens.tolist() == free.tokens.tolist()


def test_an_end_of_text_ends_it_wherever_it_stands(tiny: LanguageModel) -> None:
    laid_down = generation.generate(tiny, "abc", tokens=9, given=[50, 2, 51])  # 2 is </s>
    assert (laid_down.ended, laid_down.tokens.tolist(), laid_down.given) == ("token", [50, 2], 2)
    drawn = generation.generate(tiny, "abc", tokens=9, chain=[("logit_bias", {2: 1e9})])
    assert (drawn.ended, drawn.tokens.tolist(), drawn.text) == ("token", [2], "")


def test_no_half_a_character_is_shown(tiny: LanguageModel) -> None:
    text = "a\N{THUMBS UP SIGN}b\N{LATIN SMALL LETTER E WITH ACUTE}"
    ids = tiny.tokenizer(text)["input_ids"]
    assert len(ids) == len(text.encode())
    writing = Writing(tiny, "x", tokens=len(ids) + 1, given=ids)
    assert writing.so_far() is None
    shown = []
    for _ in ids:
        writing.take(torch.zeros(1, 300))
        draft = writing.so_far()
        assert draft is not None
        shown.append(draft.text)
    assert shown == [text[:1]] * 4 + [text[:2]] + [text[:3]] * 2 + [text]


def test_the_window_may_be_filled_to_its_end(tiny: LanguageModel) -> None:
    trace = generation.generate(tiny, "x" * 118, tokens=10, chain=[("logit_bias", {2: -1e9})])
    assert (len(trace.tokens), trace.ended) == (10, "length")
    with pytest.raises(InputError, match="over the 128 that are run at once"):
        generation.generate(tiny, "x" * 119, tokens=10)


def test_logits_that_are_no_numbers_are_refused(tiny: LanguageModel) -> None:
    writing = Writing(tiny, "x")
    with pytest.raises(InputError, match="not numbers"):
        writing.take(torch.full((1, 300), torch.nan))


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"tokens": "0"}, "1 to 300 tokens"),
        ({"tokens": "301"}, "1 to 300 tokens"),
        ({"tokens": "many"}, "tokens is 'many'; it must be a whole number"),
        ({"tokens": "9" * 5000}, "tokens is"),
        ({"seed": "-1"}, "seed must be a whole number from 0 to 4,294,967,295"),
        ({"seed": str(2**32)}, "seed must be"),
        ({"seed": "1.5"}, "seed is '1.5'"),
        ({"stop": "x" * 101}, "101 characters; at most 100"),
        ({"given": "1,300"}, "There is no token 300; ids go from 0 to 299"),
        ({"given": "-1"}, "There is no token -1"),
        ({"given": "a,b"}, "given is 'a,b'; it must be ids"),
        ({"given": "5,5,5", "tokens": "2"}, "3 tokens are laid down, and at most 2"),
        ({"chain": "nonsense"}, "must be a list"),
        ({"chain": "[" * 100_000}, "must be a list"),
        ({"chain": "[[1, 2, 3]]"}, "must be a list"),
        ({"chain": '[["topk", 1]]'}, "no sampler"),
        ({"chain": '[["temperature", NaN]]'}, "temperature is nan"),
        ({"chain": f'[["temperature", 1{"0" * 400}]]'}, "temperature is 1000"),
        ({"chain": '[["temperature", "hot"]]'}, "must be a number"),
        ({"chain": '[["logit_bias", [[300, 1]]]]'}, "There is no token 300"),
        ({"chain": '[["logit_bias", [[3, "x"]]]]'}, "must be a number"),
        ({"chain": '[["logit_bias", 3]]'}, "must be a list"),
        ({"chat": "1"}, "chat template"),
    ],
)
def test_what_a_link_asks_for_and_cannot_be_is_one_sentence(
    settings: dict[str, str], part: str, tiny: LanguageModel
) -> None:
    with pytest.raises(InputError, match=part) as caught:
        next_token.writing(tiny, Request("generation", "tiny", "text", settings=tuple(settings.items())))
    assert str(caught.value).count(". ") == 0
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("name", ["beams", "tokens", "length_penalty"])
def test_what_a_link_asks_of_a_search_must_be_numbers(name: str, tiny: LanguageModel) -> None:
    for value in ("few", "nan", ""):
        with pytest.raises(InputError, match=r"must be a|takes 1 to"):
            next_token.ANALYSES["beam"](
                tiny, Request("beam", "tiny", "text", settings=((name, value),)), lambda *_: None
            )


def test_a_model_without_a_head_is_refused() -> None:
    with pytest.raises(InputError, match="predicts no next token"):
        generation.generate(catalog.load("minilm-l6-v2"), "text")
