"""What does a model know of a text only by its positions?

The same tokens are read five times, in one batch: as they are written; with the words in another order; with every
position moved by as many places; with all at the first position, which is to have none; and so, with the words in that
other order. Nothing but `input_ids` and `position_ids` differs, and both are arguments of transformers' own models.

A word is what stands between spaces; its tokens move together and are not made anew. In a model that writes, the last
word stays where it is: what follows it is what is asked. Vectors are those behind the last layer (and its norm).
"""

from __future__ import annotations

import inspect
import re
from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from models import adapters, embedding_table, vocabulary
from models.traces import InputError, ShuffledTrace, Tokens, Trace
from models.traces.positions import Run, Way

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.engine import Request
    from models.language_model import Encoding, LanguageModel
    from models.progress import Progress

LIKELY: Final = 5
FURTHEST: Final = 4_096  # places that positions are moved
PLACED: Final[tuple[Run, ...]] = ("written", "shuffled", "shifted", "unplaced", "unplaced shuffled")


def shuffle(lm: LanguageModel, text: str, *, seed: int = 0, by: int = 10) -> ShuffledTrace:
    """The text in every order and at every place that the model takes.

    Args:
        lm: any model; one that takes no position ids is given the words in another order only.
        text: what it reads.
        seed: of the order; each gives one that differs from the text's.
        by: how many places the positions are moved.

    Raises:
        InputError: the text can't be used, has no two words that can change places, or the model has no such positions.
    """
    if not 0 <= by <= FURTHEST:
        raise InputError(f"Positions are moved by 0 to {FURTHEST:,} places.")
    encoding = lm.encode(text)
    count = len(encoding.ids)
    words = words_of(encoding.token_table, text)
    movable = words[:-1] if lm.generates else words
    if len(movable) < 2:
        needed = "three words, since the last one stays" if lm.generates else "two words"
        raise InputError(f"Words can change places in a text of at least {needed}; write a longer one.")
    order = _order(count, movable, np.random.default_rng(seed))
    way = _way(lm)
    takes_places = "position_ids" in inspect.signature(lm.model.forward).parameters
    runs = PLACED if takes_places and way != "alibi" else PLACED[:2]
    first = embedding_table.first_position(lm)
    if len(runs) > 2:
        _check_reach(lm, count, by)
    plain = np.arange(count)
    orders = np.stack([order if run.endswith("shuffled") else plain for run in runs])
    moved = {"shifted": plain + by, "unplaced": 0 * plain, "unplaced shuffled": 0 * plain}
    places = first + np.stack([moved.get(run, plain) for run in runs])
    vectors, logits = _run(lm, encoding, orders, places if len(runs) > 2 else None)
    alone = _run(lm, encoding, orders[:1], None)[0][0]
    restored = np.empty_like(vectors)
    np.put_along_axis(restored, orders[:, :, None], vectors, axis=1)
    ids = np.argsort(-logits, axis=1, kind="stable")[:, : min(LIKELY, logits.shape[1])]
    return ShuffledTrace(
        source=lm.source(text),
        token_table=encoding.token_table,
        words=words,
        way=way,
        causal=lm.generates,
        seed=seed,
        by=by,
        runs=runs,
        orders=orders,
        places=places,
        vectors=restored,
        logits=logits,
        likely=ids,
        texts=tuple(vocabulary.texts(lm.tokenizer, row.tolist()) for row in ids),
        difference=float(np.abs(vectors[0] - alone).max() / np.abs(alone).max()),
    )


def words_of(table: Tokens, text: str) -> tuple[tuple[int, int], ...]:
    """[word] its first token and the one behind its last; where a text has no spaces, its characters are its words."""
    starts = [found.start() for found in re.finditer(r"\s*\S+", text)]
    own = [place for place, kind in enumerate(table.kinds) if kind == "text"]
    of_token = {place: bisect_right(starts, table.spans[place][0]) for place in own}
    if len(set(of_token.values())) < 2:
        of_token = {place: place - table.parts[place][0] for place in own}
    words: list[tuple[int, int]] = []
    for place in own:
        # What is no text, such as a special token that a visitor has typed, parts words too.
        if words and words[-1][1] == place and of_token[place] == of_token[place - 1]:
            words[-1] = (words[-1][0], place + 1)
        else:
            words.append((place, place + 1))
    return tuple(words)


def _order(count: int, movable: tuple[tuple[int, int], ...], source: np.random.Generator) -> NDArray[np.int64]:
    """[place] which token stands there when these words have changed places; all others keep theirs."""
    drawn = source.permutation(len(movable))
    while (drawn == np.arange(len(movable))).all():
        drawn = source.permutation(len(movable))
    inside = [token for number in drawn for token in range(*movable[number])]
    held = [token for word in movable for token in range(*word)]
    order = np.arange(count)
    order[held] = inside
    return order


def _way(lm: LanguageModel) -> Way:
    """How the model knows positions."""
    if adapters.alibi(lm):
        return "alibi"
    family = adapters.FAMILIES.get(lm.config.model_type)
    if family is None:
        return "unknown"
    return "rotary" if family.rotary else "learned"


def _check_reach(lm: LanguageModel, count: int, by: int) -> None:
    """Refuse positions that a table has no rows for."""
    turns = embedding_table.sines(lm)
    table = embedding_table.learned(lm) if turns is None else turns
    if table is None:
        return
    rows = len(table)
    if count + by > rows:
        raise InputError(
            f"{lm.name} has a vector for {rows:,} positions, and {count:,} tokens moved by {by:,} need {count + by:,}; "
            f"move them by {rows - count:,} at most."
        )


def _run(
    lm: LanguageModel, encoding: Encoding, orders: NDArray[np.int64], places: NDArray[np.int64] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """[run, place, dimension] what leaves the last layer, and [run, vocabulary] the logits behind the last token."""
    rows = torch.from_numpy(orders).to(lm.device)
    ids = encoding.ids[rows]
    given: dict[str, Any] = {}
    if places is not None:
        # The mask is given too: without one, transformers takes positions that don't grow for texts packed together.
        given = {"mask": torch.ones_like(ids), "positions": torch.from_numpy(places).to(lm.device)}
    if not lm.generates or lm.model.get_output_embeddings() is None:
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        inputs |= {"position_ids": given["positions"]} if given else {}
        if "token_type_ids" in encoding.inputs:
            inputs["token_type_ids"] = encoding.inputs["token_type_ids"].expand(len(ids), -1)
        found = lm.forward(inputs).last_hidden_state
        return found.float().cpu().numpy(), np.empty((len(ids), 0), dtype=np.float32)
    kept: list[torch.Tensor] = []
    with lm.lock:
        body: Any = lm.model.base_model
        body = getattr(body, "decoder", body)  # OPT's head asks it past the body around it
        handle = body.register_forward_hook(lambda _module, _given, output: kept.append(output[0]))
        try:
            logits, _ = lm.next_logits(ids, None, **given)
        finally:
            handle.remove()
    return kept[0].float().cpu().numpy(), logits[:, -1].cpu().numpy()


def _shuffled(lm: LanguageModel, request: Request, _progress: Progress) -> Trace:
    settings = dict(request.settings)
    return shuffle(lm, request.text, seed=int(settings["seed"]), by=int(settings["by"]))


ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"shuffled": _shuffled}
