"""A model's matrices: torch's and NumPy's own numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]

from models import catalog, traces, weights
from models.language_model import LanguageModel
from models.traces import InputError


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return catalog.load("smollm2-135m")


@pytest.mark.parametrize("path", ["model.layers.5.self_attn.q_proj", "model.layers.0.mlp.down_proj"])
def test_one_matrix(path: str, smollm2: LanguageModel) -> None:
    own = smollm2.model.get_submodule(path).weight.detach().numpy()
    found = weights.matrix(smollm2, path)
    assert found.shape == own.shape
    singular = np.linalg.svd(own, compute_uv=False)
    np.testing.assert_allclose(found.singular, singular, rtol=1e-3, atol=1e-4)
    assert found.effective_rank == pytest.approx(np.exp(stats.entropy(singular)), rel=1e-3)
    assert (found.mean, found.deviation) == pytest.approx((own.mean(), own.std()), rel=1e-3, abs=1e-6)
    assert found.counts.sum() == own.size
    assert found.largest.max() == pytest.approx(abs(own).max())
    assert found.picture.mean() == pytest.approx(own.mean(), abs=1e-3)
    again = traces.from_bytes(traces.to_bytes(found))
    assert isinstance(again, traces.MatrixTrace)
    assert again.effective_rank == found.effective_rank


def test_each_pixel_is_the_mean_of_its_tile(smollm2: LanguageModel) -> None:
    path = "model.layers.2.self_attn.k_proj"
    found = weights.matrix(smollm2, path)
    own = smollm2.model.get_submodule(path).weight.detach().numpy()
    assert found.picture.shape == (192, 256)
    for column in (0, 1, 100, 255):
        tile = own[:, column * 576 // 256 : -(-(column + 1) * 576 // 256)]
        np.testing.assert_allclose(found.picture[:, column], tile.mean(axis=1), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(found.largest[:, column], abs(tile).max(axis=1), rtol=1e-6)


def test_norms_of_all_layers(smollm2: LanguageModel) -> None:
    found = weights.norms(smollm2)
    assert found.values.shape == (8, 30)
    assert np.isfinite(found.values).all()
    own = smollm2.model.get_submodule("model.layers.7.mlp.up_proj").weight.detach().numpy()
    row = found.kinds.index("model.layers.*.mlp.up_proj")
    assert found.values[row, 7] == pytest.approx(np.sqrt(np.square(own, dtype=np.float64).mean()), rel=1e-5)
    assert [kind for kind, single in zip(found.kinds, found.single, strict=True) if single] == ["model.embed_tokens"]


def test_an_unknown_matrix_is_refused(smollm2: LanguageModel) -> None:
    with pytest.raises(InputError, match="no matrix"):
        weights.matrix(smollm2, "model.layers.99.mlp.up_proj")
