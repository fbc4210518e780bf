"""A trace survives its file, and refuses what isn't one."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load as load_safetensors

from models import traces
from models.traces import AttentionTrace, InductionTrace, InputError, Source, Tokens


def example() -> AttentionTrace:
    weights = np.tril(np.ones((2, 4, 3, 3), dtype=np.float32))
    weights /= weights.sum(axis=-1, keepdims=True)
    table = Tokens(
        ids=np.array([5, 6, 7]),
        pieces=("<s>", "ðŁĺ", "Ģ"),
        texts=("<s>", "😀", "😀"),
        raw=(b"", b"\xf0\x9f\x98", b"\x80"),
        kinds=("special", "text", "text"),
        segments=(0, 0, 0),
        spans=((0, 0), (0, 1), (0, 1)),
        parts=((0, 1), (0, 2), (1, 2)),
    )
    source = Source("tiny", "abc", "😀</script>", pair=None, versions={"torch": "2"})
    return AttentionTrace(source, table, weights, True, np.array([0, 2]), np.array([0, 0, 1, 1]))


def test_file_gives_back_the_trace() -> None:
    before = example()
    after = traces.from_bytes(traces.to_bytes(before))
    assert isinstance(after, AttentionTrace)
    assert after.source == before.source
    assert after.token_table.to_json() == before.token_table.to_json()
    assert after.tokens == ("<s>", "😀", "😀")
    assert after.kinds == ("special", "text", "text")
    np.testing.assert_array_equal(after.weights, before.weights)
    np.testing.assert_array_equal(after.windows, before.windows)


def test_file_is_the_same_each_time() -> None:
    assert len({traces.to_bytes(example()) for _ in range(20)}) == 1


def test_file_opens_with_the_safetensors_library() -> None:
    before = example()
    np.testing.assert_array_equal(load_safetensors(traces.to_bytes(before))["weights"], before.weights)


def test_induction_scores_survive_their_file() -> None:
    before = InductionTrace(Source("tiny", "abc", ""), np.random.default_rng(0).random((2, 4), np.float32), 8, 3)
    after = traces.from_bytes(traces.to_bytes(before))
    assert isinstance(after, InductionTrace)
    assert (after.length, after.seed) == (8, 3)
    np.testing.assert_array_equal(after.scores, before.scores)


@pytest.mark.parametrize(
    "blob",
    [b"", b"hello", b"\x00" * 100, traces.to_bytes(example())[:-20], traces.to_bytes(example())[:40]],
    ids=["empty", "text", "zeros", "cut at the end", "cut in the header"],
)
def test_what_is_no_trace_is_refused_in_a_sentence(blob: bytes) -> None:
    with pytest.raises(InputError, match="not a trace"):
        traces.from_bytes(blob)


def test_shapes_are_checked() -> None:
    good = example()
    with pytest.raises(ValueError, match="queries"):
        AttentionTrace(good.source, good.token_table, good.weights[:, :, :2], True, good.windows, good.key_value_heads)
    with pytest.raises(ValueError, match="float32"):
        AttentionTrace(
            good.source,
            good.token_table,
            good.weights.astype(np.float64),
            True,
            good.windows,
            good.key_value_heads,
        )


def test_mask_and_window() -> None:
    trace = example()
    np.testing.assert_array_equal(trace.visible(0), np.tril(np.ones((3, 3), dtype=bool)))
    np.testing.assert_array_equal(trace.visible(1), [[True, False, False], [True, True, False], [False, True, True]])
