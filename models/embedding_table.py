"""What is in a model's own tables: a vector for each token, and one, or an angle, for each position?

Tokens. The input table has a row for each entry of the vocabulary. Many models read the next token off the same table
(a tied head: Press and Wolf 2017, arXiv:1608.05859); others have a second one, and how far it is from the first is
measured here.

Positions. A learned table is compared by cosine. Rotary position embeddings (RoPE: Su et al. 2021, arXiv:2104.09864)
have no table: they turn each pair i of a query's and a key's dimensions by position * frequency[i]. Two equal vectors
m and n places apart then keep, of their product, the share

    similarity(m, n) = mean over i of cos((m - n) * frequency[i])

if every pair holds as much of the vector. The cosines and sines are those that the model's own rotary module gives, or,
in families older than such modules (GPT-J, CodeGen, RoFormer), those of its own table of them.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from models import vocabulary
from models.traces import InputError, NeighbourTrace, PositionTrace, TableTrace, TooLongError, cosines

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from models.language_model import LanguageModel

MAX_TOKENS: Final = 32  # whose neighbours are looked for at once
MAX_NEIGHBOURS: Final = 100
MAX_POSITIONS: Final = 512
ENDS: Final = 10  # tokens named at each end of the norms


def neighbours(lm: LanguageModel, text: str, *, count: int = 10) -> NeighbourTrace:
    """For each token of `text`, the `count` other entries of the input table with the highest cosine.

    Raises:
        InputError: the text can't be used or is too long, or so many neighbours aren't shown.
    """
    encoding = lm.encode(text)
    ids = encoding.token_table.ids
    if len(ids) > MAX_TOKENS:
        kinds, spans = encoding.token_table.kinds, encoding.token_table.spans
        own = [number for number, kind in enumerate(kinds) if kind != "special"]
        room = MAX_TOKENS - kinds.count("special")
        raise TooLongError(
            f"This text is {len(ids)} tokens; neighbours are shown for at most {MAX_TOKENS}.",
            fitting=text[: spans[own[room]][0]] if 0 < room < len(own) else "",
        )
    rows = _rows(lm)
    if not 1 <= count <= min(MAX_NEIGHBOURS, len(rows) - 1):
        raise InputError(f"{count} neighbours can't be shown; choose 1 to {min(MAX_NEIGHBOURS, len(rows) - 1)}.")
    norms: NDArray[np.float32] = np.linalg.norm(rows, axis=1)
    products = rows[ids] @ rows.T
    lengths = norms[ids, None] * norms
    near = np.clip(np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0), -1, 1)
    near[np.arange(len(ids)), ids] = -2  # a token is no neighbour of itself
    best = np.argpartition(-near, count, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(near, best, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(best, order, axis=1)
    readable = iter(vocabulary.texts(lm.tokenizer, best.ravel().tolist()))  # it reads the tokenizer's file each time
    return NeighbourTrace(
        source=lm.source(text),
        token_table=encoding.token_table,
        ids=best,
        pieces=tuple(tuple(map(str, lm.tokenizer.convert_ids_to_tokens(row.tolist()))) for row in best),
        texts=tuple(tuple(next(readable) for _ in row) for row in best),
        cosines=np.take_along_axis(near, best, axis=1),
        norms=norms[ids],
    )


def table(lm: LanguageModel) -> TableTrace:
    """The length of every token's vector, and how the output head differs from the input table."""
    rows = _rows(lm)
    norms: NDArray[np.float32] = np.linalg.norm(rows, axis=1)
    order = np.argsort(norms, kind="stable")
    ends = np.concatenate([order[:ENDS], order[-ENDS:]]) if len(order) > 2 * ENDS else order
    output = lm.model.get_output_embeddings()
    weight = None if output is None else output.weight
    head: Literal["tied", "untied", "none"]
    apart, difference = np.empty(0, dtype=np.float32), 0.0
    if weight is None:
        head = "none"
    elif weight is _table(lm):
        head = "tied"
    else:
        other = _numbers(weight)[: len(rows)]
        if other.shape != rows.shape:
            raise InputError(f"{lm.name}'s output head has another shape than its input table; choose another model.")
        head = "untied"
        lengths = norms * np.linalg.norm(other, axis=1)
        products = np.einsum("td,td->t", rows, other)
        apart = np.clip(np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0), -1, 1)
        difference = float(np.abs(rows - other).max())
    return TableTrace(
        source=lm.source(""),
        norms=norms,
        dimensions=rows.shape[1],
        ends=ends,
        end_texts=vocabulary.texts(lm.tokenizer, ends.tolist()),
        head=head,
        head_cosines=apart,
        head_difference=difference,
    )


def positions(lm: LanguageModel, *, count: int = 128) -> PositionTrace:
    """How alike the first `count` positions are to the model, or as many as it has.

    Raises:
        InputError: the model has neither a table of positions nor rotary ones (ALiBi lowers attention with the
            distance instead), or the count is out of range.
    """
    if not 2 <= count <= MAX_POSITIONS:
        raise InputError(f"{count} positions can't be shown; choose 2 to {MAX_POSITIONS}.")
    turns = sines(lm)
    if turns is not None:
        return _turned(lm, turns[:count])
    rows = learned(lm)
    if rows is not None:
        return PositionTrace(
            source=lm.source(""),
            kind="learned",
            kinds=("",),
            similarity=cosines(rows[:count])[None],
            frequencies=np.empty((1, 0), dtype=np.float32),
            turned=0.0,
        )
    rotary = [module for module in lm.model.modules() if _frequencies(module)]
    if not rotary:
        raise InputError(
            f"No table of positions and no rotary angles were found in {lm.name}; some models (those with ALiBi) have "
            "neither and lower attention with the distance, so choose another model."
        )
    return _rotary(lm, rotary[0], count)


def sines(lm: LanguageModel) -> NDArray[np.float32] | None:
    """float32 [position, dimension] the sines, then the cosines, that the model turns by, if it has a table of them."""
    for name, module in lm.model.named_modules():
        if "embed_positions" in dict(module.named_buffers(recurse=False)):  # GPT-J, CodeGen: in each block
            return _numbers(module.embed_positions)
        if lm.config.model_type == "roformer" and name.endswith("embed_positions"):
            return _numbers(module.weight)
    return None


def _turned(lm: LanguageModel, sines: NDArray[np.float32]) -> PositionTrace:
    """Positions of a table of sines and cosines."""
    width = sines.shape[1]
    sine, cosine = np.split(sines.astype(np.float64), 2, axis=1)
    return PositionTrace(
        source=lm.source(""),
        kind="rotary",
        kinds=("",),
        similarity=((cosine @ cosine.T + sine @ sine.T) * 2 / width)[None].astype(np.float32),
        frequencies=np.arctan2(sine[1], cosine[1])[None].astype(np.float32),
        turned=width / _head_size(lm),
    )


def learned(lm: LanguageModel) -> NDArray[np.float32] | None:
    """float32 [position, dimension] the rows of the model's table of positions that texts use, if it has one."""
    for name, module in lm.model.named_modules():
        fixed = dict(module.named_buffers(recurse=False))
        if "pos_encoding" in fixed:  # CTRL's table of sines
            return _numbers(fixed["pos_encoding"])
        if "position" in name.rpartition(".")[2] and "weights" in fixed:  # XGLM leaves two rows, too
            return _numbers(fixed["weights"][module.offset :])
    table = _position_table(lm)
    # OPT leaves two rows before its first, and doesn't count them.
    return None if table is None else _numbers(table.weight[first_position(lm) or int(getattr(table, "offset", 0)) :])


def first_position(lm: LanguageModel) -> int:
    """The position id of a text's first token: RoBERTa's, MPNet's and others' stands behind the padding token's."""
    padding = getattr(_position_table(lm), "padding_idx", None)
    return 0 if padding is None else int(padding) + 1


def _position_table(lm: LanguageModel) -> torch.nn.Embedding | None:
    """The module with the model's learned positions, if it has one."""
    import torch

    for name, module in lm.model.named_modules():
        last = name.rpartition(".")[2]
        if isinstance(module, torch.nn.Embedding) and (last == "wpe" or "position" in last):
            return module
    return None


def _rotary(lm: LanguageModel, module: torch.nn.Module, count: int) -> PositionTrace:
    """What the model's rotary module turns, one picture for each kind of layer that has frequencies of its own."""
    import torch

    names = _frequencies(module)
    kinds = [name.removesuffix("inv_freq").rstrip("_") for name in names]
    by_kind = "layer_type" in inspect.signature(module.forward).parameters
    places = torch.arange(count, device=lm.device)[None]
    pictures, frequencies, width = [], [], 0
    for name, kind in zip(names, kinds, strict=True):
        with torch.inference_mode():
            given = {"layer_type": kind} if by_kind and kind else {}  # ESM's takes a kind and has none
            # Only the type and the device of the first argument matter.
            found = module(torch.zeros(1, device=lm.device), places, **given)
        cosine, sine = (part[0].double().cpu().numpy() for part in found)  # [position, dimension]
        # Where the angles are stretched for long texts, both are scaled too, which is no turning.
        scale = cosine[0, 0]
        width = cosine.shape[1]
        pictures.append((cosine @ cosine.T + sine @ sine.T) / width / scale**2)
        frequencies.append(_numbers(getattr(module, name)))
    return PositionTrace(
        source=lm.source(""),
        kind="rotary",
        kinds=tuple(kinds),
        similarity=np.stack(pictures).astype(np.float32),
        frequencies=np.stack(frequencies),
        turned=width / _head_size(lm),
    )


def _frequencies(module: torch.nn.Module) -> list[str]:
    """The names of a rotary module's frequencies; of another module, none."""
    names = [name for name, _ in module.named_buffers(recurse=False)]
    return [name for name in names if name.endswith("inv_freq") and "original" not in name]


def _head_size(lm: LanguageModel) -> int:
    """Dimensions of one head's query."""
    for name in ("qk_head_dim", "head_dim"):  # the first where only a part of it, its head_dim, is turned
        if size := getattr(lm.config, name, None):
            return int(size)
    return int(lm.config.hidden_size // lm.heads)


def _rows(lm: LanguageModel) -> NDArray[np.float32]:
    """float32 [token, dimension] the input table, without rows that no entry of the vocabulary has."""
    return _numbers(_table(lm))[: len(lm.tokenizer)]


def _table(lm: LanguageModel) -> torch.Tensor:
    """[entry, dimension] the input table as the model holds it."""
    try:
        return lm.model.get_input_embeddings().weight
    except (NotImplementedError, AttributeError) as error:
        raise InputError(
            f"{lm.name} has no table with a vector for each token; choose a model that has one, such as smollm2-135m."
        ) from error


def _numbers(weight: Any) -> NDArray[np.float32]:
    found: NDArray[np.float32] = weight.detach().float().cpu().numpy()
    return found
