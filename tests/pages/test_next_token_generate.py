"""The view "generate" as a script: what it shows is transformers' own, and nothing a visitor gives it breaks it."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest
from transformers import TextGenerationPipeline
from transformers.generation import logits_process as theirs

from models import catalog, defaults, engine
from models.engine import Request
from models.language_model import LanguageModel
from models.traces import GenerationTrace, InputError
from pages.parts.next_token import generate_files, generate_tree
from pages.parts.next_token.generate_asking import Asked
from tests.pages import visiting
from tests.pages.visiting import badges, is_whole, sentences
from viz.components import text_tree
from viz.components.text_tree import Tree
from viz.next_token_words import generate as words

SHORT = {"max_new_tokens": "5"}
GREEDY = {"do_sample": "false", **SHORT}


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load(defaults.DECODER)


class Shown:
    """What reached the figure last."""

    data: dict[str, Any]
    state: Mapping[str, Any]
    command: int
    trees: list[tuple[Asked, Tree]]


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """Catches what the figure gets, and the files' contents."""
    caught = Shown()
    caught.trees = []

    def figure(packed: bytes, *, state: Mapping[str, Any], command: int, **rest: Any) -> None:
        caught.data = json.loads(b"{" + packed + b"}")["data"]
        caught.state, caught.command = state, command

    monkeypatch.setattr(text_tree, "text_tree", figure)
    save = generate_files.save

    def saving(asked: Asked, tree: Tree) -> None:
        caught.trees.append((asked, tree))
        save(asked, tree)

    monkeypatch.setattr(generate_files, "save", saving)
    return caught


def opened(**query: str) -> AppTest:
    return visiting.opened("next_token", {"view": "generate"} | query)


def ids(branch: Mapping[str, Any]) -> list[int]:
    return [token["id"] for token in branch["tokens"]]


def told(app: AppTest) -> str:
    return " ".join(box.value.replace("\\", "") for box in app.warning)


def generated(lm: LanguageModel, given: list[int], tokens: int) -> list[int]:
    with torch.inference_mode():
        found = lm.model.generate(
            torch.tensor([given]), attention_mask=torch.ones((1, len(given)), dtype=torch.long),
            max_new_tokens=tokens, do_sample=False, pad_token_id=0,
        )  # fmt: skip
    return found[0, len(given) :].tolist()


def drawn(lm: LanguageModel, given: list[int], numbers: list[float]) -> list[int]:
    """Token after token without a cache, by transformers' processors for the usual samplers and by these numbers."""
    processors = [
        theirs.TemperatureLogitsWarper(defaults.TEMPERATURE),
        theirs.TopKLogitsWarper(defaults.TOP_K),
        theirs.TopPLogitsWarper(defaults.TOP_P),
    ]
    sequence = torch.tensor([given])
    for number in numbers:
        with torch.inference_mode():
            scores = lm.model(sequence).logits[:, -1].double()
        for processor in processors:
            scores = processor(sequence, scores)
        running = scores[0].softmax(-1).cumsum(-1)
        sequence = torch.cat([sequence, (running <= number * running[-1]).sum()[None, None]], dim=1)
    return sequence[0, len(given) :].tolist()


def test_the_usual_view_is_one_that_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Request] = []

    def peek(request: Request) -> None:
        asked.append(request)
        raise InputError("enough")

    monkeypatch.setattr(engine, "peek", peek)
    app = opened()
    assert sentences(app) == ["enough"]
    assert is_whole(app)
    assert asked[-1].analysis == "generation"
    assert engine.key(asked[-1]) in {engine.key(request) for request in defaults.VIEWS}


def test_greedy_is_generates_own_and_a_branch_goes_on_as_generate_would(smollm2: LanguageModel, shown: Shown) -> None:
    app = opened(text="The capital of France is", fork="0.1.1234,1.3.88", branch="2", step="3", **GREEDY)
    assert sentences(app) == []
    prompt = smollm2.tokenizer("The capital of France is")["input_ids"]
    trunk, first, second = (ids(branch) for branch in shown.data["branches"])
    assert trunk == generated(smollm2, prompt, 5)
    given = [*trunk[:1], 1234]
    assert first == [1234, *generated(smollm2, prompt + given, 3)]
    given = [*trunk[:1], *first[:2], 88]
    assert second == [88, *generated(smollm2, prompt + given, 1)]
    assert badges(app)[0].startswith(":green")
    assert "12 tokens are those of transformers" not in badges(app)[0]
    assert "9 tokens are those of transformers" in badges(app)[0]  # 5, 3 and 1: those put there by hand don't count
    assert (shown.state["branch"], shown.state["step"]) == (2, 3)
    assert shown.data["numbers"] is None
    assert words.RESTING in [text.value for text in app.caption]


def test_a_text_is_drawn_by_the_seeds_numbers_and_so_is_a_branch(smollm2: LanguageModel, shown: Shown) -> None:
    app = opened(seed="7", fork="0.2.3102", **SHORT)
    assert sentences(app) == []
    prompt = smollm2.tokenizer(defaults.STORY)["input_ids"]
    numbers = np.random.RandomState(7).random_sample(5).tolist()
    trunk, branch = (ids(branch) for branch in shown.data["branches"])
    assert trunk == drawn(smollm2, prompt, numbers)
    assert branch == [3102, *drawn(smollm2, [*prompt, *trunk[:2], 3102], numbers[3:])]
    assert shown.data["numbers"] == pytest.approx(numbers, rel=1e-5)
    assert badges(app)[0].startswith(":green")
    assert "7 of 7 tokens" in badges(app)[0]


def test_a_wrong_text_gets_a_red_badge(monkeypatch: pytest.MonkeyPatch) -> None:
    check = Asked.check

    def of_another(asked: Asked, trace: GenerationTrace) -> Request:
        return check(asked, dataclasses.replace(trace, tokens=trace.tokens[::-1].copy()))

    monkeypatch.setattr(Asked, "check", of_another)
    assert badges(opened(**SHORT))[0].startswith(":red")


@pytest.mark.parametrize("chat", [False, True])
def test_what_code_gets_is_the_pipelines_own(chat: bool, smollm2: LanguageModel, shown: Shown) -> None:
    text = "Say “hi”\nand 'bye'."
    opened(text=text, chat=str(chat).lower(), **GREEDY)
    pipe = TextGenerationPipeline(model=smollm2.model, tokenizer=smollm2.tokenizer)
    given: Any = [{"role": "user", "content": text}] if chat else text
    for full in (False, True):
        settings = {"max_new_tokens": 5, "do_sample": False, "return_full_text": full}
        found = pipe(given, **settings)[0]["generated_text"]
        assert shown.data["branches"][0]["returned"][full] == repr(found)
        call = shown.data["call"].replace("RETURNED", str(full))
        assert eval(call, {"pipe": pipe, "prompt": text}) == found
    kinds = [token["kind"] for token in shown.data["prompt"]]
    assert ("special" in kinds) is chat


def test_code_draws_by_the_samplers_on_show_and_no_others(shown: Shown) -> None:
    opened(temperature="1", top_k="0", top_p="1", **SHORT)  # the pipeline's own usual ones are 0.7 and 50
    assert "temperature=1, top_k=0, max_new_tokens=5" in shown.data["call"]


def test_the_badge_of_a_single_token(shown: Shown) -> None:
    assert "1 token is that of transformers" in badges(opened(do_sample="false", max_new_tokens="1"))[0]


def test_it_says_how_a_text_ended(shown: Shown) -> None:
    opened(text="1, 2, 3,", stop="5", **GREEDY)
    assert (shown.data["branches"][0]["ended"], shown.data["branches"][0]["text"]) == ("by the stop text", " 4, 5")
    app = opened(text="1, 2, 3,", stop="never", **GREEDY)
    assert "the stop text never came" in shown.data["branches"][0]["ended"]
    assert any("the stop text never came" in text.value for text in app.caption)
    opened(fork="0.1.2", **SHORT)
    assert shown.data["branches"][1]["ended"] == "by the end-of-text token <|im_end|>"
    assert ids(shown.data["branches"][1]) == [2]


@pytest.mark.parametrize(
    ("fork", "said", "there"),
    [
        ("0.1.49152,0.2.88", "There is no token 49152; ids go from 0 to 49,151", [True, False, True]),
        ("0.9.88,1.1.5,0.2.7", "it replaces token 10 of the trunk, which has only 5", [True, False, False, True]),
        ("0.1.2,1.3.5", "it replaces token 4 of branch 1, which has only 2", [True, True, False]),
        ("0.1.x", "up to 12 branches", [True]),
        ("1.1.1", "up to 12 branches", [True]),
    ],
)
def test_branches_that_can_not_be_are_told_and_the_rest_is_kept(
    fork: str, said: str, there: list[bool], shown: Shown
) -> None:
    app = opened(fork=fork, **SHORT)
    assert sentences(app) == []
    assert said in told(app)
    assert [bool(branch["tokens"]) for branch in shown.data["branches"]] == there


@pytest.mark.parametrize(
    ("name", "value"),
    [("branch", "1"), ("branch", "x"), ("step", "5"), ("max_new_tokens", "301"), ("seed", "-1"), ("seed", "1e400")],
)
def test_an_impossible_view_falls_back_and_says_so(name: str, value: str, shown: Shown) -> None:
    app = opened(**{**SHORT, name: value})
    assert sentences(app) == []
    assert name in told(app)
    assert len(app.warning) == 1


def test_branches_go_with_their_prompt_and_stay_with_their_seed(shown: Shown) -> None:
    app = opened(fork="0.1.3102", branch="1", **SHORT)
    assert (len(shown.data["branches"]), shown.command) == (2, 0)
    app.number_input(key="seed").set_value(3).run()
    assert (len(shown.data["branches"]), shown.command) == (2, 0)
    app.text_area(key="text").set_value("The sea").run()
    assert sentences(app) == []
    assert (len(shown.data["branches"]), shown.command) == (1, 1)
    assert "fork" not in shown.state
    app.number_input(key="seed").set_value(4).run()  # the address may still hold them
    assert len(shown.data["branches"]) == 1


def test_what_the_visitor_asks_for_counts_before_the_address(shown: Shown) -> None:
    app = opened(fork="0.1.3102", **SHORT)
    app.session_state[f"{generate_tree.KEY} wish"] = {"fork": "0.2.88", "branch": "1", "step": "2"}
    app.run()
    assert shown.data["branches"][1]["fork"] == [0, 2, 88]
    assert (shown.state["branch"], shown.state["step"]) == (1, 2)


def test_a_stopped_branch_leaves_the_trunk(monkeypatch: pytest.MonkeyPatch, shown: Shown) -> None:
    monkeypatch.setattr(generate_tree, "answers", lambda requests, meanwhile: None)
    app = opened(fork="0.1.3102", **SHORT)
    assert sentences(app) == []
    assert not app.warning
    assert [branch["problem"] for branch in shown.data["branches"]] == ["", words.STOPPED]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"text": ""}, "prompt is empty"),
        ({"text": "word " * 600}, "at most 512"),
        ({"text": "word " * 480, "max_new_tokens": "300"}, "300 more are over the 512"),
        ({"model": "minilm-l6-v2"}, "predicts no next token"),
        ({"temperature": "1e-12"}, "it must be 0, or from 1e-09"),
    ],
)
def test_what_can_not_be_used_is_told(query: dict[str, str], said: str) -> None:
    app = opened(**query)
    assert len(sentences(app)) == 1
    assert said in sentences(app)[0]
    assert is_whole(app)
    assert app.text_area(key="text").value == query.get("text", defaults.STORY)


@pytest.mark.parametrize("temperature", ["0", "1e-9", "1e9"])
def test_the_ends_of_the_scale_of_temperature(temperature: str, smollm2: LanguageModel, shown: Shown) -> None:
    app = opened(temperature=temperature, **SHORT)
    assert sentences(app) == []
    assert badges(app)[0].startswith(":green")
    greedy = generated(smollm2, smollm2.tokenizer(defaults.STORY)["input_ids"], 5)
    assert (ids(shown.data["branches"][0]) == greedy) is (temperature != "1e9")
    assert (words.COLD in [text.value for text in app.caption]) is (temperature == "0")


def test_the_files_hold_every_step(smollm2: LanguageModel, shown: Shown) -> None:
    app = opened(fork="0.1.3102,1.4.400,0.9.1", text="=1+1", **SHORT)
    asked, tree = shown.trees[-1]
    table = pd.read_csv(io.BytesIO(generate_files.csv(asked, tree)), comment="#")
    taken = table[table.taken == 1]
    assert taken[taken.branch == 0].id.tolist() == tree.trunk.tokens.tolist()
    assert taken[taken.by_hand == 1][["branch", "step", "id"]].to_numpy().tolist() == [[1, 1, 3102], [2, 4, 400]]
    sequence = torch.tensor([smollm2.tokenizer("=1+1")["input_ids"] + tree.trunk.tokens.tolist()])
    with torch.inference_mode():
        exact = smollm2.model(sequence).logits[0].softmax(-1).numpy()
    first = sequence.shape[1] - 6
    rows = table[table.branch == 0]
    np.testing.assert_allclose(rows.probability, exact[first + rows.step, rows.id], atol=1e-4)
    document = json.loads(generate_files.json_(asked, tree))
    assert [text["fork"] for text in document["texts"]] == [
        None, {"parent": 0, "step": 1, "token": 3102}, {"parent": 1, "step": 4, "token": 400},
    ]  # fmt: skip
    assert [text["text"] for text in document["texts"]] == [text.trace.text for text in tree.texts]
    assert document["missing"][0]["problem"].startswith("it replaces token 10")
    whole = generate_files.text(asked, tree).decode().split("\n\n----\n\n")
    assert whole[0] == "=1+1" + tree.trunk.text
    lines = csv.reader(io.StringIO(generate_files.csv(asked, tree).decode()))
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels == ["Texts", "All steps, CSV", "Tree, JSON", "Trace"]


def test_a_hub_model_waits_for_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "submit", lambda request: pytest.fail("asked without consent"))
    app = opened(model="someone/some-model")
    assert sentences(app) == []
    assert [button.label for button in app.button if "download" in button.label] == ["Look it up and download"]


def test_a_stopped_check_shows_no_badge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.parts.next_token.generate_check.answers", lambda requests: None)
    app = opened(**SHORT)
    assert sentences(app) == []
    assert not badges(app)
