"""What does bertviz show for this trace, with no network?

bertviz (Vig, "A Multiscale Visualization of Attention in the Transformer Model", 2019) writes HTML that
fetches require.js, d3 and jQuery from a CDN, puts the data into the page twice, and doesn't escape token
texts. Here its own head view and model view become one document each that holds all it needs: d3 as mpld3
ships it, jQuery as XStatic-jQuery does, and two lines in place of require.js that hand them over. The data
goes in once, escaped.

bertviz draws a weight as a line's opacity and shows no digits, so the weights are rounded to four decimals:
a third of the bytes, and no visible difference. Exact numbers leave by `models.export`.

Importing this module imports neither bertviz nor torch.
"""

from __future__ import annotations

import html
import importlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.traces import AttentionTrace, InputError

if TYPE_CHECKING:
    import torch

View = Literal["head", "model"]

LIMIT_BYTES: Final = 8_000_000
# A browser keeps every line as an element of its own: 600,000 take it about 5 s and 70 MB. 12 x 12 x 64 fits.
LIMIT_LINES: Final = 600_000
DECIMALS: Final = 4

_LIBRARIES: Final = (  # package, file in it
    ("XStatic-jQuery", "xstatic/pkg/jquery/data/jquery.min.js"),
    ("mpld3", "mpld3/js/d3.v5.min.js"),
)
# All that bertviz needs of require.js.
_SHIM: Final = """
const libraries = { jquery: window.jQuery, d3: window.d3 };
const requirejs = (names, ready) => ready(...names.map((name) => libraries[name]));
"""
# bertviz writes its axes in black whatever its mode, so its paper is white.
_STYLE: Final = """
:root { color-scheme: light; }
body { margin: 12px; background: white; color: black; font: 14px/1.5 sans-serif; }
.source { margin: 0 0 8px; max-height: 4.5em; overflow: hidden; color: #555; overflow-wrap: anywhere; }
#vis { overflow-x: auto; }
"""
_POLICY: Final = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<p class="source">{facts}</p>
{body}
{scripts}
</body>
</html>
"""
_START: Final = "const params = "  # in bertviz's script, what stands before its data


def head_view(trace: AttentionTrace, layers: Sequence[int]) -> str:
    """Draw `layers` in bertviz's head view, as one HTML document that needs no network.

    Raises:
        InputError: there is no such layer, the document would be too large, or a package is missing.
    """
    return _document(trace, "head", layers, dark=False)


def model_view(trace: AttentionTrace, layers: Sequence[int], *, dark: bool = False) -> str:
    """Draw `layers` in bertviz's model view, as one HTML document that needs no network.

    Args:
        trace: what is drawn.
        layers: which of its layers, counted from 0.
        dark: bertviz's dark mode, which darkens the small pictures but not the page.

    Raises:
        InputError: there is no such layer, the document would be too large, or a package is missing.
    """
    return _document(trace, "model", layers, dark=dark)


def size(trace: AttentionTrace, view: View, layers: Sequence[int]) -> int:
    """Bytes of the document, known before it is built, to within a hundredth."""
    return _fixed_bytes(trace, view) + sum(_layer_bytes(trace, layer) for layer in layers)


def lines(trace: AttentionTrace, view: View, layers: Sequence[int]) -> int:
    """Lines that the browser keeps at once: the head view draws one layer at a time, the model view all."""
    return trace.heads * len(trace.token_table) ** 2 * (1 if view == "head" else len(layers))


def fitting(trace: AttentionTrace, view: View, layers: Sequence[int]) -> int:
    """How many of `layers`, taken in their order, one document holds within the limits."""
    room = LIMIT_BYTES - _fixed_bytes(trace, view)
    for count, layer in enumerate(layers):
        room -= _layer_bytes(trace, layer)
        if room < 0 or lines(trace, view, layers[: count + 1]) > LIMIT_LINES:
            return count
    return len(layers)


def _document(trace: AttentionTrace, view: View, layers: Sequence[int], *, dark: bool) -> str:
    """The document, once it is sure that it fits."""
    _check(trace, view, layers)
    body, script = _drawn_by_bertviz(trace, view, layers, dark=dark)
    source = trace.source
    facts = [f"bertviz {version('bertviz')} {view} view", source.made_by, f"revision {source.revision}"]
    facts += [json.dumps(text, ensure_ascii=False) for text in (source.text, source.pair) if text is not None]
    return _PAGE.format(
        policy=_POLICY,
        title=_as_html(f"bertviz {view} view: {source.model}"),
        style=_STYLE,
        facts=_as_html(" \u00b7 ".join(facts)),
        body=body,
        scripts="\n".join(f"<script>{part}</script>" for part in (*_libraries(), _SHIM, script)),
    )


def _check(trace: AttentionTrace, view: View, layers: Sequence[int]) -> None:
    if not layers:
        raise InputError("Choose at least one layer for bertviz to draw.")
    if wrong := [layer for layer in layers if not 0 <= layer < trace.layers]:
        raise InputError(f"There is no layer {wrong[0]}; this model's layers are 0 to {trace.layers - 1}.")
    bytes_, drawn = size(trace, view, layers), lines(trace, view, layers)
    if bytes_ <= LIMIT_BYTES and drawn <= LIMIT_LINES:
        return
    count = "1 layer" if len(layers) == 1 else f"{len(layers)} layers"
    fits = fitting(trace, view, layers)
    if fits:
        advice = f"Choose {fits} of them at most" if fits > 1 else "Choose one of them"
    else:
        most = max(size(trace, view, layers[:1]) / LIMIT_BYTES, lines(trace, view, layers[:1]) / LIMIT_LINES)
        advice = f"Shorten the text to about {int(len(trace.token_table) / most**0.5)} tokens"
    raise InputError(
        f"bertviz's {view} view of {count} at {len(trace.token_table)} tokens would send {bytes_ / 1e6:.1f} MB "
        f"and draw {drawn:,} lines; the limits are {LIMIT_BYTES / 1e6:.0f} MB and {LIMIT_LINES:,}. {advice}."
    )


def _drawn_by_bertviz(trace: AttentionTrace, view: View, layers: Sequence[int], *, dark: bool) -> tuple[str, str]:
    """What bertviz itself writes: its HTML, and apart from it its script, with the data in it once, escaped."""
    module = importlib.import_module(f"bertviz.{view}_view")
    options = {"display_mode": "dark" if dark else "light"} if view == "model" else {}
    written: str = getattr(module, f"{view}_view")(
        attention=_tensors(trace, layers),
        tokens=_texts(trace),
        sentence_b_start=_second_text(trace),
        prettify_tokens=False,  # the tokens are already what a person reads
        include_layers=list(layers),
        html_action="return",
        **options,
    ).data
    body = written[written.index("<div") : written.index("<script", written.index("<div"))].rstrip()
    template = _template(view)
    before = template.index(_START) + len(_START)
    start = written.index(template[:before]) + before
    data, end = json.JSONDecoder().raw_decode(written, start)
    # bertviz replaces its marker in the comment behind the data as well: leave out the rest of that line.
    rest = written[written.index("\n", end) : written.rindex("</script>")]
    named = body.replace('id="layer"', 'id="layer" aria-label="Layer"')
    named = named.replace('id="filter"', 'id="filter" aria-label="Which attention"')
    # Its credits stay; the lines that tell require.js about the CDN go.
    thanks = template[: template.index("require.config(")]
    return named, thanks + template[template.index("requirejs(") : before] + _as_script(data) + ";" + rest


def _tensors(trace: AttentionTrace, layers: Sequence[int]) -> list[torch.Tensor]:
    """[layer] of [1, head, query, key], as transformers gives them; in float64, 0.1234 is written so."""
    import torch

    left_out = torch.empty(1, trace.heads, 0, 0)  # bertviz counts the layers, but reads only what it draws
    tensors = [left_out] * trace.layers
    for layer in layers:
        tensors[layer] = torch.from_numpy(_rounded(trace.weights[layer]))[None]
    return tensors


def _rounded(weights: NDArray[np.float32]) -> NDArray[np.float64]:
    exact: NDArray[np.float64] = weights.astype(np.float64)
    return exact.round(DECIMALS)


def _texts(trace: AttentionTrace) -> list[str]:
    """[token] what a person reads; tokens that share one grapheme are told apart by their number in it."""
    table = trace.token_table
    return [
        text if of == 1 else f"{text} {part + 1}/{of}"
        for text, (part, of) in zip(table.texts, table.parts, strict=True)
    ]


def _second_text(trace: AttentionTrace) -> int | None:
    """Where the second text of a pair begins; None without one."""
    segments = trace.token_table.segments
    return segments.index(1) if 1 in segments else None


def _fixed_bytes(trace: AttentionTrace, view: View) -> int:
    """The libraries, bertviz's script and the tokens, which stand left and right of every drawing."""
    scripts = sum(len(script.encode()) for script in (*_libraries(), _template(view)))
    copies = 2 if _second_text(trace) is None else 6
    return scripts + copies * len(_as_script(_texts(trace)))


def _layer_bytes(trace: AttentionTrace, layer: int) -> int:
    """The JSON of one layer's weights: the digits of each, and a comma or bracket behind it."""
    steps = np.rint(_rounded(trace.weights[layer]) * 10**DECIMALS).astype(np.int64)
    digits = np.full(steps.shape, len("0.1234"), dtype=np.int64)
    for place in range(1, DECIMALS):
        digits -= steps % 10**place == 0  # a number ends at its last digit that isn't zero
    rows = 2 * trace.heads * len(trace.token_table)  # each has a bracket and a comma of its own
    # For a pair, bertviz sends everything, and once more cut into its four parts.
    return (int(digits.sum()) + digits.size + rows) * (1 if _second_text(trace) is None else 2)


def _as_script(data: object) -> str:
    """JSON that is inert inside a script element, whatever texts are in it; `json` leaves only ASCII."""
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _as_html(text: str) -> str:
    """Text for an HTML document; half a surrogate pair has no UTF-8 and is shown as its code."""
    return html.escape(text.encode("utf-8", "backslashreplace").decode("utf-8"))


@cache
def _libraries() -> tuple[str, ...]:
    """The scripts that bertviz would fetch from a CDN."""
    try:
        files = [distribution(package).locate_file(file) for package, file in _LIBRARIES]
        return tuple(Path(str(file)).read_text("utf-8") for file in files)
    except (PackageNotFoundError, OSError) as error:
        packages = " and ".join(package for package, _ in _LIBRARIES)
        message = f"bertviz needs the packages {packages} on this server; every other view works."
        raise InputError(message) from error


@cache
def _template(view: View) -> str:
    """The script of bertviz, with the marker where its data goes."""
    try:
        file = distribution("bertviz").locate_file(f"bertviz/{view}_view.js")
        return Path(str(file)).read_text("utf-8")
    except (PackageNotFoundError, OSError) as error:
        raise InputError("bertviz is not installed on this server; every other view works.") from error
