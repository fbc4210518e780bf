"""Neighbours, lengths and heads are those of the model's own tables; turned positions keep what attention keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModel
from transformers.models.codegen import modeling_codegen as codegen
from transformers.models.gptj import modeling_gptj as gptj
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb
from transformers.models.roformer.modeling_roformer import RoFormerSelfAttention

from models import catalog, embeddings, traces
from models.language_model import LanguageModel
from models.traces import InputError, NeighbourTrace, PositionTrace, TableTrace, TooLongError
from tests.families import FAMILIES, USUAL, tiny_model, tiny_tokenizer

LEARNED = {"gpt2": 0, "opt": 2, "bert": 0, "roberta": 1, "distilbert": 0}  # rows before that of the first position
ROTARY = {"llama": 1, "qwen2": 1, "qwen3": 1, "mistral": 1, "gemma2": 1, "gpt_neox": 0.25, "phi": 0.5, "falcon": 1}


def wrap(family: str, **attributes: Any) -> tuple[Any, LanguageModel]:
    model = tiny_model(family, **attributes)
    return model, catalog.wrap(model, tiny_tokenizer())


@pytest.mark.parametrize("family", FAMILIES)
def test_neighbours_are_those_of_torch(family: str) -> None:
    model, lm = wrap(family)
    trace = embeddings.neighbours(lm, "aé", count=7)
    rows = model.get_input_embeddings().weight.detach()[: len(tiny_tokenizer())]
    for number, token in enumerate(trace.token_table.ids.tolist()):
        near = torch.cosine_similarity(rows, rows[token][None])
        near[token] = -2
        best = near.topk(7)
        assert trace.ids[number].tolist() == best.indices.tolist()
        np.testing.assert_allclose(trace.cosines[number], best.values, atol=1e-6)
        assert trace.norms[number] == pytest.approx(float(rows[token].norm()), rel=1e-5)
    assert trace.pieces[0] == tuple(tiny_tokenizer().convert_ids_to_tokens(trace.ids[0].tolist()))


def test_a_token_of_length_0_has_no_direction() -> None:
    model = tiny_model("llama")
    with torch.no_grad():
        model.get_input_embeddings().weight[tiny_tokenizer()("b")["input_ids"][0]] = 0
    trace = embeddings.neighbours(catalog.wrap(model, tiny_tokenizer()), "b")
    np.testing.assert_array_equal(trace.cosines, 0)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_head_is_compared_with_the_table(family: str) -> None:
    model, lm = wrap(family)
    trace = embeddings.table(lm)
    rows = model.get_input_embeddings().weight.detach()[: len(tiny_tokenizer())]
    np.testing.assert_allclose(trace.norms, rows.norm(dim=1), rtol=1e-5)
    lengths = trace.norms[trace.ends]
    assert (np.diff(lengths) >= 0).all()
    assert (lengths[0], lengths[-1]) == (trace.norms.min(), trace.norms.max())
    head = model.get_output_embeddings()
    if head is None:
        assert trace.head == "none"
    elif model.config.tie_word_embeddings:
        assert trace.head == "tied"
        assert trace.head_difference == 0
    else:
        assert trace.head == "untied"
        other = head.weight.detach()[: len(rows)]
        np.testing.assert_allclose(trace.head_cosines, torch.cosine_similarity(rows, other), atol=1e-6)
        assert trace.head_difference == pytest.approx(float((rows - other).abs().max()))


@pytest.mark.parametrize(("family", "first"), LEARNED.items())
def test_learned_positions_are_rows_of_the_table(family: str, first: int) -> None:
    model, lm = wrap(family)
    trace = embeddings.positions(lm, count=9)
    weight = next(
        module.weight.detach()
        for name, module in model.named_modules()
        if name.endswith(("wpe", "embed_positions", "position_embeddings"))
    )
    rows = weight[first : first + 9]
    assert trace.kind == "learned"
    np.testing.assert_allclose(
        trace.similarity[0], torch.cosine_similarity(rows[:, None], rows[None], dim=-1), atol=1e-6
    )


@pytest.mark.parametrize(("family", "turned"), ROTARY.items())
def test_rotary_positions_turn_by_the_models_frequencies(family: str, turned: float) -> None:
    _, lm = wrap(family)
    trace = embeddings.positions(lm, count=20)
    distance = np.subtract.outer(np.arange(20), np.arange(20))
    expected = np.cos(distance[..., None] * trace.frequencies[0].astype(float)).mean(axis=-1)
    np.testing.assert_allclose(trace.similarity[0], expected, atol=1e-5)
    assert trace.turned == turned
    np.testing.assert_array_equal(trace.by_distance[0], trace.similarity[0, 0])


def test_turning_is_what_the_models_own_attention_does() -> None:
    """The product of two equal vectors with equal shares in every pair, turned by transformers' own function."""
    model, lm = wrap("llama")
    angles = torch.rand(4, generator=torch.Generator().manual_seed(0)) * 7
    # Llama turns dimension i together with dimension i + half.
    vector = torch.cat([angles.cos(), angles.sin()]).repeat(20, 1)[None, None] / 2
    cosine, sine = model.model.rotary_emb(vector, torch.arange(20)[None])
    queries, keys = apply_rotary_pos_emb(vector, vector, cosine, sine)
    expected = (queries @ keys.transpose(-1, -2))[0, 0].detach()
    np.testing.assert_allclose(embeddings.positions(lm, count=20).similarity[0], expected, atol=1e-5)


def older(family: str, **attributes: Any) -> Any:
    """A tiny model of a family that the app doesn't name: its positions are tables made before rotary modules were."""
    sizes = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128, "vocab_size": 300}
    config = AutoConfig.for_model(family, **(sizes | {"bos_token_id": 1, "eos_token_id": 2} | attributes))
    return AutoModel.from_config(config, attn_implementation="eager").eval()


def same_vector(pairs: int) -> torch.Tensor:
    """One vector with equal shares in every pair of neighbouring dimensions, for each of 20 positions."""
    angles = torch.rand(pairs, generator=torch.Generator().manual_seed(0)) * 7
    return torch.stack([angles.cos(), angles.sin()], dim=-1).flatten().repeat(20, 1) / pairs**0.5


@pytest.mark.parametrize("family", ["gptj", "codegen"])
def test_tables_of_sines_turn_as_the_older_families_do(family: str) -> None:
    model = older(family, rotary_dim=4)
    vector = same_vector(2)[None, :, None]  # one head, whose second half isn't turned
    sine, cosine = model.h[0].attn.embed_positions[None, :20].chunk(2, dim=-1)
    turn = gptj.apply_rotary_pos_emb if family == "gptj" else codegen.apply_rotary_pos_emb
    turned = turn(vector, sine, cosine)[0, :, 0]
    trace = embeddings.positions(catalog.wrap(model, tiny_tokenizer()), count=20)
    np.testing.assert_allclose(trace.similarity[0], turned @ turned.T, atol=1e-5)
    assert (trace.kind, trace.kinds, trace.turned) == ("rotary", ("",), 0.5)
    np.testing.assert_allclose(trace.frequencies[0], [1, 0.01], rtol=1e-5)


def test_roformer_turns_too() -> None:
    model = AutoModel.from_config(AutoConfig.for_model("roformer", **USUAL, embedding_size=32)).eval()
    vector = same_vector(4)[None, None]
    angles = model.encoder.embed_positions((1, 20))[None, None]
    query, key = RoFormerSelfAttention.apply_rotary_position_embeddings(angles, vector, vector)
    trace = embeddings.positions(catalog.wrap(model, tiny_tokenizer()), count=20)
    np.testing.assert_allclose(trace.similarity[0], (query @ key.transpose(-1, -2))[0, 0], atol=1e-5)
    assert (trace.kind, trace.turned) == ("rotary", 1)


def test_fixed_tables_of_sines_are_tables() -> None:
    ctrl = older("ctrl", dff=64)
    sizes = {"d_model": 32, "num_layers": 2, "attention_heads": 4, "ffn_dim": 64, "max_position_embeddings": 128}
    xglm = AutoModel.from_config(AutoConfig.for_model("xglm", vocab_size=300, **sizes)).eval()
    places = torch.arange(20)[None]
    for model, rows in ((ctrl, ctrl.pos_encoding[:20]), (xglm, xglm.embed_positions(places, 0)[0])):
        trace = embeddings.positions(catalog.wrap(model, tiny_tokenizer()), count=20)
        assert trace.kind == "learned"
        expected = torch.cosine_similarity(rows[:, None], rows[None], dim=-1)
        np.testing.assert_allclose(trace.similarity[0], expected.detach(), atol=1e-6)


def test_each_kind_of_layer_has_its_own_picture() -> None:
    config = AutoConfig.for_model("modernbert", **USUAL, global_attn_every_n_layers=2)
    lm = catalog.wrap(AutoModel.from_config(config, attn_implementation="eager").eval(), tiny_tokenizer())
    trace = embeddings.positions(lm, count=5)
    assert set(trace.kinds) == {"full_attention", "sliding_attention"}
    for similarity, frequencies in zip(trace.similarity, trace.frequencies, strict=True):
        expected = np.cos(np.arange(5)[:, None] * frequencies.astype(float)).mean(axis=-1)
        np.testing.assert_allclose(similarity[0], expected, atol=1e-5)
    assert not np.allclose(trace.similarity[0], trace.similarity[1])


def test_a_rotary_module_that_takes_a_kind_of_layer_and_has_none() -> None:
    config = AutoConfig.for_model("esm", **USUAL, position_embedding_type="rotary", mask_token_id=5)
    lm = catalog.wrap(AutoModel.from_config(config, attn_implementation="eager").eval(), tiny_tokenizer())
    trace = embeddings.positions(lm, count=20)
    assert (trace.kind, trace.kinds, trace.turned) == ("rotary", ("",), 1)
    frequencies = 10_000.0 ** -(np.arange(4) / 4)
    expected = np.cos(np.subtract.outer(np.arange(20), np.arange(20))[..., None] * frequencies).mean(axis=-1)
    np.testing.assert_allclose(trace.similarity[0], expected, atol=1e-6)


def test_scaling_for_long_texts_is_no_turning() -> None:
    scaled = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32, "rope_theta": 10_000.0}
    model = AutoModel.from_config(
        AutoConfig.for_model("llama", **USUAL, rope_parameters=scaled), attn_implementation="eager"
    )
    assert model.rotary_emb.attention_scaling != 1
    trace = embeddings.positions(catalog.wrap(model.eval(), tiny_tokenizer()), count=5)
    np.testing.assert_allclose(np.diagonal(trace.similarity[0]), 1, atol=1e-6)


def test_a_model_without_positions_says_so() -> None:
    with pytest.raises(InputError, match="ALiBi"):
        embeddings.positions(wrap("bloom")[1])


def test_a_model_without_a_table_says_so() -> None:
    """CANINE reads characters, and makes their vectors from hashes."""
    sizes = {"num_hash_functions": 4, "num_hash_buckets": 64}
    lm = catalog.wrap(AutoModel.from_config(AutoConfig.for_model("canine", **USUAL, **sizes)).eval(), tiny_tokenizer())
    for ask in (embeddings.table, lambda lm: embeddings.neighbours(lm, "a")):
        with pytest.raises(InputError, match="no table with a vector for each token"):
            ask(lm)


def test_no_more_positions_than_there_are() -> None:
    assert embeddings.positions(wrap("bert")[1], count=500).similarity.shape == (1, 128, 128)
    with pytest.raises(InputError, match="2 to 512"):
        embeddings.positions(wrap("bert")[1], count=1_000_000)


@pytest.mark.parametrize(
    ("text", "count", "sentence"),
    [("", 5, "empty"), ("a" * 33, 5, "at most 32"), ("a", 0, "1 to 100"), ("a", 1_000, "1 to 100")],
)
def test_impossible_neighbours_are_refused(text: str, count: int, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        embeddings.neighbours(wrap("llama")[1], text, count=count)


def test_a_text_too_long_can_be_cut() -> None:
    for family in ("llama", "bert"):
        _, lm = wrap(family)
        text = "é a" * 20
        with pytest.raises(TooLongError, match="at most 32") as caught:
            embeddings.neighbours(lm, text)
        assert text.startswith(caught.value.fitting)
        assert 28 <= len(embeddings.neighbours(lm, caught.value.fitting).token_table) <= 32


def test_traces_survive_their_files() -> None:
    lm = wrap("llama")[1]
    near = traces.from_bytes(traces.to_bytes(before := embeddings.neighbours(lm, "ab")))
    assert isinstance(near, NeighbourTrace)
    assert (near.pieces, near.texts) == (before.pieces, before.texts)
    np.testing.assert_array_equal(near.ids, before.ids)
    whole = traces.from_bytes(traces.to_bytes(embeddings.table(lm)))
    assert isinstance(whole, TableTrace)
    assert whole.head == "untied"
    places = traces.from_bytes(traces.to_bytes(embeddings.positions(lm)))
    assert isinstance(places, PositionTrace)
    assert places.kinds == ("",)


@given(st.integers(2, 40), st.integers(1, 6), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_cosines_of_any_vectors(count: int, dimensions: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(count, dimensions)) * 10.0 ** (seed % 13 - 6)
    vectors[0] = 0
    found = traces.cosines(vectors)
    assert (np.abs(found) <= 1).all()
    np.testing.assert_array_equal(found[0], 0)
    np.testing.assert_allclose(np.diagonal(found)[1:], 1, atol=1e-6)
    np.testing.assert_allclose(found, found.T, atol=1e-6)
