"""What happens to a text on its way through the model, tensor by tensor?

    walked = forward.walk(lm, "The capital of France is")
    walked["layers.3.attention.query"]      # float32 [position, head, size]
    walked.max_difference                   # between our arithmetic and the model's own numbers

One plain pass of the model runs, with hooks that only look (models/forward_capture.py). Every tensor in the trace is
the model's own. Each stage is then computed again, from the stage's inputs and by models/forward_arithmetic.py, for all
layers at once; the trace says how far that is from the model's own tensor. Nothing is folded or centred, and no weight
is copied but those of the norms: these are the numbers of transformers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import torch

from models import adapters, attention, numbers_in, switched_off
from models import forward_arithmetic as arithmetic
from models.forward_capture import Capture
from models.traces import ForwardTrace, InputError, Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.engine import Request
    from models.language_model import Encoding, LanguageModel
    from models.progress import Progress


def walk(
    lm: LanguageModel,
    text: str,
    pair: str | None = None,
    *,
    position: int | None = None,
    progress: Progress | None = None,
) -> ForwardTrace:
    """Every tensor of one pass.

    Args:
        lm: a model of one of the families in models/adapters.py.
        text: what it reads.
        pair: a second text, for encoders.
        position: the one token whose vectors are kept and computed again, from the end where it is negative; the keys
            and values of the others, which it looks at, are kept too. None: all of them, which takes more than twice
            the time of the pass.
        progress: called before each layer; may raise `Cancelled`.

    Raises:
        InputError: the text can't be used, it has no such position, the family has no adapter, or all the tensors
            together are too large.
    """
    family = adapters.of(lm)
    function = arithmetic.activation(lm)
    encoding = lm.encode(text, pair)
    count = len(encoding.ids)
    if position is not None and not -count <= position < count:
        raise InputError(f"There is no token {position} in a text of {count:,}; choose one from 0 to {count - 1:,}.")
    kept = slice(0, count) if position is None else slice(position % count, position % count + 1)
    logits = None
    with lm.lock, Capture(lm, family, kept, count) as capture:
        if lm.generates and lm.model.get_output_embeddings() is not None:
            logits = lm.logits(encoding.inputs, progress, None if position is None else kept.start)
        else:
            lm.forward(encoding.inputs, progress, use_cache=False)
    check = _Check(lm, family, encoding, kept, capture)
    with torch.inference_mode():
        check.before()
        check.attention()
        check.mlp(arithmetic.ACTIVATIONS[function])
        check.behind(logits)
    return ForwardTrace(
        source=lm.source(text, pair),
        token_table=encoding.token_table,
        family=lm.config.model_type,
        layers=lm.layers,
        heads=lm.heads,
        norms=family.norms,
        activation=function,
        causal=check.causal,
        softcap=check.softcap,
        final_softcap=check.final_softcap,
        positions=np.arange(kept.start, kept.stop),
        windows=check.windows,
        scales=check.scales,
        tensors=check.tensors,
        differences=check.differences,
    )


class _Check:
    """Takes the tensors of one pass, all layers of a stage together, and computes each again."""

    def __init__(
        self, lm: LanguageModel, family: adapters.Family, encoding: Encoding, kept: slice, capture: Capture
    ) -> None:
        self.lm, self.family, self.encoding, self.kept, self.capture = lm, family, encoding, kept, capture
        self.count = len(encoding.ids)
        self.body = lm.model.base_model
        self.blocks: Sequence[Any] = list(self.body.get_submodule(family.blocks))
        self.causal = lm.generates
        self.windows = attention.windows(lm.config, lm.layers, self.causal)
        modules = self._modules(family.attention)
        scales = [float(getattr(module, "scaling", None) or module.inv_norm_factor) for module in modules]
        self.scales = np.array(scales)
        self.softcap = float(getattr(lm.config, "attn_logit_softcapping", None) or 0)
        self.final_softcap = float(getattr(lm.config, "final_logit_softcapping", None) or 0)
        self.off = switched_off.in_force(lm)
        self.factors = switched_off.factors(self.off, lm.layers, lm.heads)
        self.tensors: dict[str, NDArray[np.float32]] = {}
        self.differences: dict[str, NDArray[np.float64]] = {}

    def before(self) -> None:
        """What stands before the first layer."""
        family, kept, capture = self.family, self.kept, self.capture
        table: Any = self.body.get_submodule(family.embedding)
        parts = [capture.body[family.embedding][1][kept]]
        self._keep(
            "embedding.tokens", parts[0], table.weight[self.encoding.ids[kept]] * getattr(table, "embed_scale", 1)
        )
        if family.positions:
            module: Any = self.body.get_submodule(family.positions)
            parts.append(capture.body[family.positions][1][kept])
            self._keep("embedding.positions", parts[-1], module.weight[self._places(module)[kept]])
        if family.segments:
            module = self.body.get_submodule(family.segments)
            given = self.encoding.inputs.get("token_type_ids")
            rows = torch.zeros_like(self.encoding.ids) if given is None else given[0]
            parts.append(capture.body[family.segments][1].expand(self.count, -1)[kept])
            self._keep("embedding.segments", parts[-1], module.weight[rows[kept]])
        entered = self._taken("input")[0]
        total = capture.body[family.embedding_norm][0][kept] if family.embedding_norm else entered
        if len(parts) > 1:
            self._keep("embedding.sum", total, sum(parts[1:], parts[0]))
        if family.embedding_norm:
            self._keep("embedding.norm", entered, self._norm([self.body.get_submodule(family.embedding_norm)], total))
        if family.rotary:
            rotary: Any = self.body.get_submodule(family.rotary)
            angles = torch.arange(self.count, device=self.lm.device)[:, None] * rotary.inv_freq.float()
            self._keep("rotation.cosine", capture.rotation[0], angles.cos().repeat(1, 2) * rotary.attention_scaling)
            self._keep("rotation.sine", capture.rotation[1], angles.sin().repeat(1, 2) * rotary.attention_scaling)

    def _places(self, table: Any) -> torch.Tensor:
        """int64 [token] the row of the table of positions for each token."""
        if table.padding_idx is not None:  # RoBERTa's begin behind the padding token's, and count nothing else
            real = (self.encoding.ids != table.padding_idx).long()
            return real.cumsum(0) * real + table.padding_idx
        return torch.arange(self.count, device=self.lm.device) + getattr(table, "offset", 0)

    def attention(self) -> None:
        """The first half of every layer."""
        family, kept = self.family, self.kept
        entered = read = self._taken("input")
        self._keep("input", entered)
        if family.norm_attention:
            read = self._taken("attention.norm")
            self._keep("attention.norm", read, self._norm(self._modules(family.norm_attention), entered))
        query, key, value = self._projected(read)
        if family.query_norm:
            ours = self._norm(self._modules(family.query_norm), query)
            query = self._keep("attention.query_norm", self._taken("attention.query_norm"), ours)
            ours = self._norm(self._modules(family.key_norm), key)
            key = self._keep("attention.key_norm", self._taken("attention.key_norm"), ours)
        sharing = query.shape[2] // key.shape[2]  # query heads of a key/value head
        if family.rotary:
            cosine, sine = self.capture.rotation
            ours = arithmetic.rotated(query, cosine[kept], sine[kept])
            query = self._keep("attention.query_rotated", self._taken("attention.query_rotated").transpose(1, 2), ours)
            # The model has repeated each key/value head for the query heads that share it.
            theirs = self._taken("attention.key_rotated")[:, :, ::sharing]
            key = self._keep("attention.key_rotated", theirs, arithmetic.rotated(key, cosine, sine))
        # One below the other, the query heads that share a key/value head: [layer, key/value head, these x kept, size]
        scores = query.transpose(1, 2).reshape(len(key), key.shape[2], -1, key.shape[3]) @ key.permute(0, 2, 3, 1)
        scores = scores.reshape(len(key), query.shape[2], -1, self.count)  # [layer, head, kept, token]
        scores = scores * torch.from_numpy(self.scales).to(scores)[:, None, None, None]
        if family.alibi:
            slopes = arithmetic.slopes(self.lm.heads).to(scores)
            bias = slopes[:, None] * torch.arange(self.count).to(scores)
            self.tensors["attention.bias"] = bias.expand(self.lm.layers, -1, -1).cpu().numpy().copy()
            scores = scores + bias[:, None, :]
        if self.softcap:
            scores = self.softcap * torch.tanh(scores / self.softcap)
        masked, weights, seen = self._taken("attention.scores"), self._taken("attention.weights"), self._mask()
        # Where the mask hides a score, the model's own is gone; ours stands there.
        self._keep("attention.scores", torch.where(seen, masked, scores), scores)
        allowed = (masked > torch.finfo(masked.dtype).min / 2).any(1)
        self._keep("attention.mask", allowed.float(), seen.any(1).float())
        self._keep("attention.weights", weights, arithmetic.softmax(torch.where(seen, masked, -torch.inf)))
        ours = weights.reshape(len(value), value.shape[2], -1, self.count) @ value.transpose(1, 2)
        ours = self._scaled("head", ours.reshape(*weights.shape[:3], -1)).transpose(1, 2)
        mixed = self._taken("attention.mixed")
        self._keep("attention.mixed", mixed.unflatten(2, query.shape[2:]), ours)
        ours = self._product(family.output, mixed)
        ours = ours if family.norms == "around" else self._scaled("attention", ours)
        written = self._keep("attention.output", self._taken("attention.output"), ours)
        if family.norms == "after":
            total = self._keep("attention.residual", self._taken("attention.residual"), entered + written)
            ours = self._norm(self._modules(family.norm_attention_after), total)
            self._keep("attention.norm_after", self._taken("attention.norm_after"), ours)
        elif family.norms != "parallel":
            if family.norms == "around":
                ours = self._scaled("attention", self._norm(self._modules(family.norm_attention_after), written))
                written = self._keep("attention.norm_after", self._taken("attention.norm_after"), ours)
            self._keep("attention.residual", self._taken("attention.residual"), entered + written)

    def _projected(self, read: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The model's queries [layer, kept, head, size], keys and values [layer, token, key/value head, size]."""
        family, kept = self.family, self.kept
        size = self.capture.layers["attention.mixed"][0].shape[-1] // self.lm.heads
        if family.fused:
            shape, axis = ((self.lm.heads, 3, size), 3) if family.fused_by_head else ((3, self.lm.heads, size), 2)
            query, key, value = self._taken("attention.fused").unflatten(2, shape).unbind(axis)
            ours = self._product(family.fused, read).unflatten(2, shape).unbind(axis)
            query = query[:, kept]
        else:
            names = ("attention.query", "attention.key", "attention.value")
            query, key, value = (self._taken(name).unflatten(2, (-1, size)) for name in names)
            paths = (family.query, family.key, family.value)
            ours = tuple(self._product(path, read).unflatten(2, (-1, size)) for path in paths)
        self._keep("attention.query", query, ours[0])
        self._keep("attention.key", key, ours[1], kept)
        self._keep("attention.value", value, ours[2], kept)
        return query, key, value

    def _mask(self) -> torch.Tensor:
        """[layer, 1 or head, kept, token] whether the query may look at the key."""
        position = torch.arange(self.count, device=self.lm.device)
        apart = position[self.kept, None] - position
        windows = torch.from_numpy(np.where(self.windows > 0, self.windows, self.count)).to(self.lm.device)
        seen = apart.abs() < windows[:, None, None, None]
        seen = seen & (apart >= 0) if self.causal else seen
        cut = [(part, part.edge) for part in self.off if part.edge is not None]
        if cut:
            seen = seen.repeat(1, self.lm.heads, 1, 1)
        for part, (query, key) in cut:
            heads = slice(part.head, part.head + 1) if part.kind == "head" else slice(None)
            seen[part.layer, heads] &= ~((position[self.kept, None] == query) & (position == key))
        return seen

    def mlp(self, activation: Callable[[torch.Tensor], torch.Tensor]) -> None:
        """The second half of every layer."""
        family = self.family
        entered = self._taken("input")
        middle = {"parallel": "input", "after": "attention.norm_after"}.get(family.norms, "attention.residual")
        before = read = self._taken(middle)
        if family.norm_mlp:
            read = self._taken("mlp.norm")
            self._keep("mlp.norm", read, self._norm(self._modules(family.norm_mlp), before))
        activated = "mlp.gate" if family.gate else "mlp.up"
        for name, path in (("mlp.gate", family.gate), ("mlp.up", family.up)):
            if path:
                self._keep(name, self._taken(name), self._product(path, read))
        inner = self._keep("mlp.activation", self._taken("mlp.activation"), activation(self._taken(activated)))
        if family.gate:
            inner = self._keep("mlp.product", self._taken("mlp.product"), inner * self._taken("mlp.up"))
        ours = self._product(family.down, inner)
        ours = ours if family.norms == "around" else self._scaled("mlp", ours)
        written = self._keep("mlp.output", self._taken("mlp.output"), ours)
        if family.norms == "around":
            ours = self._scaled("mlp", self._norm(self._modules(family.norm_mlp_after), written))
            written = self._keep("mlp.norm_after", self._taken("mlp.norm_after"), ours)
        ours = before + written
        if family.norms == "parallel":
            ours = entered + self._taken("attention.output") + written
        if family.norms != "after":
            ours = entered + self._scaled("layer", ours - entered) if self.factors else ours
        total = self._keep("mlp.residual", self._taken("mlp.residual"), ours)
        if family.norms == "after":
            ours = self._norm(self._modules(family.norm_mlp_after), total)
            self._keep("mlp.norm_after", self._taken("mlp.norm_after"), ours)

    def behind(self, theirs: torch.Tensor | None) -> None:
        """What stands behind the last layer: the final norm and, under a head, the logits [kept, vocabulary]."""
        left = self._taken("mlp.norm_after" if self.family.norms == "after" else "mlp.residual")[-1]
        if self.factors and self.family.norms == "after":
            entered = self._taken("input")[-1]
            left = entered + (left - entered) * float(self.factors.layer[-1])
        if self.family.final_norm:
            module = self.body.get_submodule(self.family.final_norm)
            left = self._keep(
                "final.norm", self.capture.body[self.family.final_norm][1][self.kept], self._norm([module], left)
            )
        if theirs is not None:
            logits = arithmetic.product(self.lm.model.get_output_embeddings(), left)
            if self.final_softcap:
                logits = self.final_softcap * torch.tanh(logits / self.final_softcap)
            self._keep("final.logits", theirs, logits)

    def _taken(self, stage: str) -> torch.Tensor:
        """[layer, ...] the model's own."""
        found = self.capture.layers[stage]
        if len(found) > 1:
            found[:] = [torch.stack(found)]  # once, and what was held layer by layer is let go
        return found[0] if self.lm.layers > 1 else found[0][None]

    def _scaled(self, part: Literal["head", "attention", "mlp", "layer"], ours: torch.Tensor) -> torch.Tensor:
        """[layer, ...] times what the visitor has this part multiplied by: `head` [layer, head, ...]."""
        if self.factors is None:
            return ours
        scale = torch.from_numpy(getattr(self.factors, part)).to(ours)
        return ours * scale.reshape(*scale.shape, *[1] * (ours.dim() - scale.dim()))

    def _modules(self, path: str) -> list[Any]:
        """[layer] a part of each block."""
        return [block.get_submodule(path) for block in self.blocks]

    def _product(self, path: str, x: torch.Tensor) -> torch.Tensor:
        """[layer, ..., output] each layer by its own matrix."""
        pairs = zip(self._modules(path), x, strict=True)
        return torch.stack([arithmetic.product(module, rows) for module, rows in pairs])

    def _norm(self, modules: list[Any], x: torch.Tensor) -> torch.Tensor:
        """[layer, ..., dimension] each layer by its own norm; with one norm, [..., dimension]."""
        return arithmetic.norm(modules, x, self.family.norm_offset)

    def _keep(
        self, stage: str, theirs: torch.Tensor, ours: torch.Tensor | None = None, kept: slice | None = None
    ) -> torch.Tensor:
        """Notes the model's own tensor and how far ours is from it; gives back the model's own.

        Args:
            stage: its name; those of the layers have no first word in `_AROUND`, and a first axis for the layer.
            theirs: the model's.
            ours: computed from the stage's inputs; None: it is an input.
            kept: where ours has only those tokens; None: both have the same.
        """
        around = stage.partition(".")[0] in _AROUND
        numbers = theirs.float().cpu().numpy()
        # Those of the layers were put together for us alone; the others are a part of something larger of the model's.
        self.tensors[stage] = numbers.copy() if around else np.ascontiguousarray(numbers)
        if ours is not None:
            compared = theirs if kept is None else theirs[:, kept]
            axes = tuple(range(0 if around else 1, compared.dim()))
            apart = (ours - compared).abs().amax(axes).cpu().double().numpy()
            largest = compared.abs().amax(axes).cpu().double().numpy()
            self.differences[stage] = np.divide(apart, largest, out=apart.copy(), where=apart > 0)
        return theirs


_AROUND: Final = ("embedding", "rotation", "final")


def _forward(lm: LanguageModel, request: Request, progress: Progress) -> Trace:
    settings = dict(request.settings)
    position = numbers_in.whole(settings, "position", "-1") if "position" in settings else None
    return walk(lm, request.text, request.pair, position=position, progress=progress)


# What the engine runs for a request, by the name of its analysis. Settings: position (left out: all of them).
ANALYSES: Final[dict[str, Callable[[LanguageModel, Request, Progress], Trace]]] = {"forward": _forward}
