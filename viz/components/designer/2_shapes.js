// Which model of a given size is wide, and which is deep? A search over layers and widths; all else is the design's:
// vocabulary, experts, the MLP's width and the query heads of each key/value head in proportion.

// Width over layers. GPT-3, Llama 2 7B, Llama 3 8B and Llama 3.1 405B have 128 or 130.
const SHAPES_OF = [["Wide", 1024], ["As usual", 128], ["Deep", 16]];
const SIZED = 20; // how much worse it is to miss the size than to miss the shape

// For each of SHAPES_OF the design whose count is near `target` and whose width over layers is near its ratio. Heads are of
// 64, from a width of 4,096 on of 128, as in the Llamas.
function shapes(design, target, limits) {
  const perWidth = design.mlp / design.width, perGroup = design.heads / design.kv, best = SHAPES_OF.map(() => [Infinity, null]);
  for (let width = 64; width <= limits.width[1]; width += width < 4096 ? 64 : 128) {
    const heads = width / (width < 4096 ? 64 : 128), mlp = Math.min(limits.mlp[1], Math.max(limits.mlp[0], Math.round((width * perWidth) / 64) * 64));
    const one = { ...design, layers: 1, width, heads, kv: nearest(divisors(heads, limits.kv[1]), heads / perGroup), head: 0, mlp };
    const first = counted(one).total, each = counted({ ...one, layers: 2 }).total - first;
    const layers = Math.max(1, Math.min(limits.layers[1], Math.round((target - first) / each) + 1)), total = first + (layers - 1) * each;
    const miss = SIZED * Math.abs(Math.log(total / target)) + Math.abs(Math.log(heads / one.kv / perGroup));
    SHAPES_OF.forEach(([, ratio], i) => {
      const error = miss + Math.abs(Math.log(width / layers / ratio));
      if (error < best[i][0]) best[i] = [error, { ...one, layers }];
    });
  }
  return best.map(([, found]) => found);
}

// "1.3 B", "350M", "7e9": a number of parameters, or null.
function sizeIn(text, [least, most]) {
  const found = /^([\d.,]+(?:e\d+)?)\s*([kmbt]?)$/i.exec(text.trim());
  const size = found ? Number(found[1].replaceAll(",", "")) * { "": 1, k: 1e3, m: 1e6, b: 1e9, t: 1e12 }[found[2].toLowerCase()] : NaN;
  return size >= least && size <= most ? Math.round(size) : null;
}
