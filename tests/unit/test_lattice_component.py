"""What travels to the browser is the lattice, cut into words that no piece crosses, and the tokens of every path."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor

from models import unigram
from models.traces import Segmentation, UnigramLattice, UnigramTraining
from tests.unit.test_unigram import ALPHABET, babble, processor
from viz.components import shared
from viz.components.lattice import FOLDER, LISTED, MAX_WORD, Drawn, Shown, data, words


@cache
def training() -> UnigramTraining:
    return unigram.train(babble(3), vocabulary_size=120)


def shown(source: SentencePieceProcessor | UnigramTraining, text: str) -> Shown:
    lattice = unigram.lattice(source, text)
    nearest = unigram.n_best(lattice, 20)
    return Shown("A title", "sentencepiece", lattice, *unigram.around(lattice), nearest, unigram.ways(lattice))


def drawn(lattice: UnigramLattice) -> Drawn:
    paths = unigram.sample(lattice, count=3)
    return Drawn(1.0, 0, 3, 3, paths, np.ones(3, dtype=np.int64), np.full(3, 0.1))


@pytest.mark.parametrize("byte_fallback", [False, True], ids=["unknown", "bytes"])
@settings(max_examples=150, deadline=None)
@given(text=st.lists(st.sampled_from(ALPHABET), min_size=1, max_size=40).map("".join))
def test_words_are_whole_and_no_piece_crosses_them(byte_fallback: bool, text: str) -> None:
    lattice = unigram.lattice(processor(byte_fallback), text)
    assume(lattice.normalized)
    found = words(lattice)
    assert found == sorted(set(found))
    assert found[0] == 0
    assert found[-1] == len(lattice.normalized)
    for gap in found:
        assert not ((lattice.starts < gap) & (gap < lattice.ends)).any()


def test_words_begin_at_spaces_and_long_ones_are_parted() -> None:
    lattice = unigram.lattice(processor(), "the cat sat")
    assert [lattice.normalized[start] for start in words(lattice)[:-1]] == ["▁"] * 3
    lattice = unigram.lattice(processor(), "猫座手" * 30)
    assert max(np.diff(words(lattice))) <= MAX_WORD


@pytest.mark.parametrize("byte_fallback", [False, True], ids=["unknown", "bytes"])
@settings(max_examples=100, deadline=None)
@given(text=st.lists(st.sampled_from(ALPHABET), min_size=1, max_size=12).map("".join))
def test_every_token_stands_where_it_says(byte_fallback: bool, text: str) -> None:
    lattice = unigram.lattice(processor(byte_fallback), text)

    def check(path: Segmentation) -> None:
        for piece, (start, end) in zip(path.pieces, path.borders, strict=True):
            assert piece == lattice.normalized[start:end] or piece.startswith("<0x")

    for path in unigram.n_best(lattice, 5):
        check(path)


def test_the_data_are_the_traces() -> None:
    source = training()
    text = "karo stinmul 天地 zz"
    found = shown(source, text)
    record = json.loads(json.dumps(data(found, drawn(found.lattice), source, ["a fact"]), allow_nan=False))
    lattice = found.lattice
    assert record["text"] == lattice.normalized
    assert record["scores"] == lattice.scores.tolist()
    assert record["shares"] == lattice.shares.tolist()
    assert [row["pieces"] for row in record["nearest"]] == [list(path.pieces) for path in found.nearest]
    assert record["ways"] == f"{found.ways:,}"
    history = record["rounds"]
    assert history["sizes"] == source.sizes.tolist()
    assert len(history["steps"]) == len(source.sizes)
    for number, step in enumerate(history["steps"][:-1]):
        lost = step["pruned"]["total"] + step["unused"]["total"] + step["forgotten"]["total"]
        assert history["sizes"][number] - lost == history["sizes"][number + 1]
        assert len(step["pruned"]["pieces"]) == min(LISTED, step["pruned"]["total"])
        losses = [loss for _, loss in step["pruned"]["pieces"]]
        assert losses == sorted(losses)
        assert step["nearest"]["pieces"][0][1] >= losses[-1]
    last = history["steps"][-1]
    alive = {piece for piece, score in zip(source.candidates, source.log_probabilities[-1], strict=True) if score < 0}
    assert {piece for piece, _ in last["dropped"]["pieces"]} <= alive - set(source.final)
    assert last["dropped"]["total"] == len(alive - set(source.final))


def test_a_number_of_ways_beyond_reading_is_a_power_of_ten() -> None:
    record = data(shown(processor(), "newest " * 200), None, None, [])
    assert record["ways"].startswith("about 10")
    assert record["rounds"] is record["drawn"] is None


def test_the_script_is_one_module() -> None:
    script = shared.script(shared._FOLDER / "figure", FOLDER)
    assert script.count("export default") == 1
    assert "innerHTML" not in script


def test_importing_it_is_light() -> None:
    code = (
        "import sys, viz.components.lattice; "
        "assert not {'torch', 'transformers', 'tokenizers', 'sentencepiece'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
