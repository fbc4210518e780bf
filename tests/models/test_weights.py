"""A model's matrices: torch's and NumPy's own numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]

from models import catalog, random_matrices, traces, weights
from models.engine import Request
from models.language_model import LanguageModel
from models.traces import InputError
from tests.families import tiny_model, tiny_tokenizer


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load("smollm2-135m")


@pytest.fixture(scope="module")
def minilm() -> LanguageModel:
    return catalog.load("minilm-l6-v2")


def weights_of(lm: LanguageModel, path: str) -> NDArray[np.float32]:
    own: NDArray[np.float32] = lm.model.get_submodule(path).weight.detach().numpy()
    return own


@pytest.mark.parametrize("path", ["model.layers.5.self_attn.q_proj", "model.layers.0.mlp.down_proj"])
def test_one_matrix(path: str, smollm2: LanguageModel) -> None:
    own = weights_of(smollm2, path)
    found = weights.matrix(smollm2, path)
    assert found.shape == found.size == own.shape
    assert found.axes == "outputs, inputs"
    assert found.levels == max(len(np.unique(block)) for block in own.reshape(-1, 32)) == 16  # from 4 bits each
    # numpy's own decomposition in float64: theirs and ours differ by less than one of float32 does.
    singular = np.linalg.svd(own.astype(np.float64), compute_uv=False)
    np.testing.assert_allclose(found.singular, singular, atol=1e-7 * singular[0], rtol=0)
    assert 0 < found.difference < 1e-5
    assert found.effective_rank == pytest.approx(np.exp(stats.entropy(singular)), rel=1e-6)
    exact = own.astype(np.float64)
    assert (found.mean, found.deviation) == pytest.approx((exact.mean(), exact.std()), rel=1e-9, abs=1e-12)
    assert found.beyond == (abs(exact - exact.mean()) > 4 * exact.std()).sum()
    counts, edges = np.histogram(exact, weights.BINS, (-abs(exact).max(), abs(exact).max()))
    np.testing.assert_array_equal(found.counts, counts)
    np.testing.assert_allclose(found.edges, edges)
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, traces.MatrixTrace)
    assert again.effective_rank == found.effective_rank
    assert again.region == found.region


def test_each_tile_is_the_mean_of_its_weights(smollm2: LanguageModel) -> None:
    path = "model.layers.2.mlp.up_proj"
    found = weights.matrix(smollm2, path)
    own = weights_of(smollm2, path)
    assert (found.tile, found.picture.shape) == ((11, 4), (140, 144))  # 1536 rows: the last tile has 7 of them
    for row, column in ((0, 0), (7, 143), (139, 0), (139, 143)):
        tile = own[row * 11 : row * 11 + 11, column * 4 : column * 4 + 4]
        assert found.picture[row, column] == pytest.approx(tile.mean(), rel=1e-4, abs=1e-7)
        assert found.largest[row, column] == abs(tile).max()


def test_a_region_is_looked_at_like_a_matrix_of_its_own(smollm2: LanguageModel) -> None:
    path = "model.layers.5.self_attn.q_proj"
    own = weights_of(smollm2, path)[64:128, 30:40]
    found = weights.matrix(smollm2, path, (64, 128), (30, 40))
    assert (found.shape, found.size, found.tile) == ((576, 576), (64, 10), (1, 1))
    np.testing.assert_array_equal(found.picture, own)
    np.testing.assert_array_equal(found.largest, abs(own))
    np.testing.assert_allclose(found.singular, np.linalg.svd(own.astype(np.float64), compute_uv=False), rtol=1e-6)
    assert found.counts.sum() == own.size
    given = weights.values(smollm2, path, (64, 128), (30, 40))
    np.testing.assert_array_equal(given.values, own)
    again = traces.from_bytes(traces.to_bytes(given))
    assert isinstance(again, traces.WeightsTrace)
    np.testing.assert_array_equal(again.values, own)
    one = weights.matrix(smollm2, path, (3, 4), (5, 6))
    assert one.singular.tolist() == pytest.approx([abs(one.mean)])
    assert (one.deviation, one.beyond) == (0, 0)


def test_a_table_with_a_row_for_each_token(minilm: LanguageModel) -> None:
    found = weights.matrix(minilm, "embeddings.word_embeddings")
    own = weights_of(minilm, "embeddings.word_embeddings")
    assert found.axes == "entries, dimensions"
    assert found.counts.sum() == own.size  # in several slices
    singular = torch.linalg.svdvals(torch.from_numpy(own)).numpy()
    np.testing.assert_allclose(found.singular, singular, rtol=1e-4)
    assert np.isnan(found.difference)  # too many weights to do both on each visit
    assert found.mean == pytest.approx(own.mean(dtype=np.float64), rel=1e-6)


def test_gpt2_keeps_its_matrices_the_other_way_round() -> None:
    lm = catalog.wrap(tiny_model("gpt2"), tiny_tokenizer())
    axes = {path: weights.matrix(lm, path).axes for path in weights.matrices(lm).paths}
    assert axes["transformer.h.0.mlp.c_fc"] == "inputs, outputs"
    assert axes["transformer.wte"] == "entries, dimensions"


def test_a_matrix_of_zeros_has_no_directions() -> None:
    model = tiny_model("gpt2")
    with torch.no_grad():
        model.get_submodule("transformer.h.0.mlp.c_fc").weight.zero_()
    found = weights.matrix(catalog.wrap(model, tiny_tokenizer()), "transformer.h.0.mlp.c_fc")
    assert np.isnan(found.effective_rank)
    assert (found.deviation, found.beyond) == (0, 0)


@pytest.mark.parametrize(("rows", "columns"), [(300, 300), (1000, 250), (90, 2000)])
def test_a_random_matrix_has_the_singular_values_of_the_law(rows: int, columns: int) -> None:
    numbers = np.random.default_rng(0).normal(0, 0.3, (rows, columns))
    drawn = np.linalg.svd(numbers, compute_uv=False)
    expected = random_matrices.singular(rows, columns, 0.3)
    low, high = random_matrices.edges(rows, columns, 0.3)
    np.testing.assert_allclose(expected, drawn, atol=0.02 * drawn[0])
    assert low <= expected.min() <= expected.max() <= high
    assert high == pytest.approx(drawn[0], rel=0.03)


def test_norms_of_all_layers(smollm2: LanguageModel) -> None:
    found = weights.norms(smollm2)
    assert found.values.shape == (8, 30)
    assert np.isfinite(found.values).all()
    own = smollm2.model.get_submodule("model.layers.7.mlp.up_proj").weight.detach().numpy()
    row = found.kinds.index("model.layers.*.mlp.up_proj")
    assert found.values[row, 7] == pytest.approx(np.sqrt(np.square(own, dtype=np.float64).mean()), rel=1e-5)
    assert [kind for kind, single in zip(found.kinds, found.single, strict=True) if single] == ["model.embed_tokens"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"matrix": "model.layers.99.mlp.up_proj"}, "no matrix"),
        ({"rows": "0:577"}, "576 rows, from 0 to 575: 0 to 576"),
        ({"columns": "600:700"}, "576 columns"),
        ({"rows": "5:5"}, "576 rows"),
        ({"rows": "-1:5"}, "written as 0:64"),
        ({"rows": "all"}, "written as 0:64"),
        ({"matrix": "model.embed_tokens", "give": "weights"}, "too many for one file"),
    ],
)
def test_what_there_is_not_is_refused(settings: dict[str, str], said: str, smollm2: LanguageModel) -> None:
    given = {"matrix": "model.layers.5.self_attn.q_proj"} | settings
    request = Request("matrix", "smollm2-135m", settings=tuple(given.items()))
    with pytest.raises(InputError, match=said):
        weights.ANALYSES["matrix"](smollm2, request, lambda sentence, fraction: None)
