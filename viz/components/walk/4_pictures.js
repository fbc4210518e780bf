// What picture does a stage have? By its kind; each at the scale that is asked for.

// How a vector lies in rows: heads, one below the other, or 64 numbers to a row.
function laid(shape) {
  if (shape.length > 1) return { rows: shape[0], columns: shape[1], heads: true };
  const count = shape[0], columns = [64, 48, 32, 96, 128, 40, 56, 80, 100].find((n) => count % n === 0 && count / n > 1) ?? (count <= 128 ? count : 64);
  return { rows: Math.ceil(count / columns), columns, heads: false };
}
const padded = (values, count) => (values.length === count ? values : Float64Array.from({ length: count }, (_, i) => values[i] ?? 0));

const PICTURES = {
  text: (f) => [h("p", { class: "written" }, visible(f.data.text)), h("p", { class: "arrow quiet" }, `↓ cut into ${f.data.count.toLocaleString("en")} token${f.data.count === 1 ? "" : "s"}${f.data.count === f.data.tokens.length ? "" : `, of which ${f.data.tokens.length} are shown`}; below each, its bytes in UTF-8`),
    labelled(f, (token) => (token.kind === "special" ? "special" : token.hex))],
  ids: (f) => [labelled(f, (token) => String(token.id))],
  lookup: (f) => f.vector(),
  add: (f) => f.vector(),
  norm: (f) => f.vector(),
  input: (f) => f.vector(),
  product: (f) => (f.stage.id === "final.logits" ? PICTURES.vocabulary(f) : f.vector()),
  activation: (f) => f.vector(),
  times: (f) => f.vector(),
  join: (f) => f.vector(),
  angles: (f) => [dials(f, null)],
  rotate: (f) => (f.state.zoom === "machine" ? f.vector() : [f.vector(), dials(f, f.stage.id)]),
  dot: (f) => byKey(f),
  scale: (f) => byKey(f),
  mask: (f) => byKey(f),
  softmax: (f) => byKey(f),
  mix: (f) => (f.state.zoom === "machine" ? f.vector() : [f.vector(), mixture(f)]),
  vocabulary: (f) => [candidates(f, (one) => one.logit, (one) => three(one.logit))],
  shares: (f) => [candidates(f, (one) => one.p, (one) => three(one.p))],
  next: (f) => [continued(f), candidates(f, (one) => one.p, (one) => three(one.p))],
};

// The tokens side by side, something written below each.
function labelled(f, words) {
  return h("div", { class: "ids" }, f.data.tokens.map((token, i) => h("span", { class: i + f.data.first === f.data.position ? "on" : "" }, chip(token, true), h("span", { class: "id" }, cut(words(token), 60)))));
}

// Pairs of numbers as hands of clocks: where the position turns them.
function dials(f, stage) {
  const { em, look, state } = f, cos = f.numbers.of("rotation.cosine", 0).values, sin = f.numbers.of("rotation.sine", 0).values, count = cos.length;
  const from = stage && f.numbers.of(f.stage.inputs[0], state.layer), size = from ? from.shape[1] : 0, row = from ? f.row(from.shape[0]) : 0, to = stage && f.numbers.of(stage, state.layer);
  const pairs = Array.from({ length: count }, (_, i) => (from ? [from.values[row * size + i], from.values[row * size + i + count], to.values[row * size + i], to.values[row * size + i + count]] : [1, 0, cos[i], sin[i]]));
  const most = from ? Math.max(...pairs.map(([a, b]) => Math.hypot(a, b))) || 1 : 1, wide = em * 3.4, r = em * 1.35, colour = look.stroke(look.parts[stage ? f.stage.part : "position"]);
  const long = (x, y) => r / Math.sqrt((Math.hypot(x, y) || 1) * most); // by the square root of its length
  const chosen = state.dimension === null ? -1 : from ? (state.dimension % size) % count : state.dimension % count;
  return h("div", null, h("h3", null, from ? `Pairs of head ${row}, before (thin) and after (thick)` : `Angles at position ${f.data.position}`, h("span", { class: "quiet" }, ` each dial: one pair of numbers${from ? "; a hand is as long as the square root of its length" : " of a head"}`)),
    h("div", { class: "dials" }, pairs.map(([a, b, c, d], i) => {
      const hand = (x, y, width, fade) => svg("line", { x1: 0, y1: 0, x2: long(x, y) * x, y2: -long(x, y) * y, stroke: colour, "stroke-width": width, "stroke-opacity": fade, "stroke-linecap": "round" });
      const turn = f.turn_(i);
      return h("button", { type: "button", class: `dial${i === chosen ? " on" : ""}`, "aria-label": `Pair ${i}: turned by ${three(turn)} radians`, "aria-pressed": String(i === chosen), onclick: () => f.choose(from ? row * size + i : i), onpointerenter: () => f.point(`pair ${i}, numbers ${i} and ${i + count}: turned by ${three(turn)} rad`) },
        svg("svg", { viewBox: `${-wide / 2} ${-wide / 2} ${wide} ${wide}`, width: wide, height: wide, "aria-hidden": "true" },
          svg("circle", { r, fill: "none", stroke: look.paper.line, "stroke-width": 1 }), hand(a, b, 1, 0.55), hand(c, d, 2.4, 1)), h("small", null, String(i)));
    })));
}

// Scores or weights: heads x keys as cells, and those of one head as bars.
function byKey(f) {
  const { state, data, stage } = f, name = stage.kind === "dot" ? "dot" : stage.kind === "softmax" ? "attention.weights" : "attention.scores", count = data.tokens.length;
  const seen = data.tokens.map((_, i) => f.sees(i)), hides = stage.kind === "mask" || stage.kind === "softmax", least = stage.kind === "softmax" ? 0 : -1;
  const pick = (key) => f.key_(key), what = (r, c) => `${named_(f, c)}`;
  if (state.zoom === "machine") {
    const rows = Array.from({ length: data.layers }, (_, l) => f.numbers.of(name, l).values.slice(state.head * count, (state.head + 1) * count)), values = Float64Array.from(rows.flatMap((row) => [...row]));
    return [h("h3", null, `Head ${state.head} of every layer`, h("span", { class: "quiet" }, " rows: layers; columns: tokens looked at")),
      cells(f, { values, rows: data.layers, columns: count, names: rows.map((_, l) => String(l)), lit: state.layer, chosen: state.layer * count + f.at, least, hidden: (r, c) => hides && !f.sees(c, r), pick: (r, c) => f.set({ layer: r, key: c + data.first }), what: (r, c) => `layer ${r}, ${named_(f, c)}` })];
  }
  const { values } = f.numbers.of(name, state.layer), own = values.slice(state.head * count, (state.head + 1) * count);
  const colour = f.look.stroke(f.look.parts.query), top = largestOf(own.filter((_, i) => !hides || seen[i])) || 1;
  const entries = data.tokens.map((token, i) => ({ value: hides && !seen[i] ? (stage.kind === "softmax" ? 0 : -Infinity) : own[i], name: label(token, true), key: i, on: i === f.at, about: String(i + data.first), words: hides && !seen[i] ? (stage.kind === "softmax" ? "0" : "−∞") : undefined }));
  const many = entries.length > 16, shown = stage.kind === "softmax" && data.count > count ? 1 - summed(entries.map((e) => e.value)) : 0;
  if (many) entries.sort((a, b) => b.value - a.value);
  const list_ = bars(f, entries,
    { most: stage.kind === "softmax" ? 1 : top, colour, pick: ({ key }) => pick(key), width: f.width < 40 * f.em ? 7 : 12 });
  const sees = (head, i) => f.sees(i, state.layer, head);
  const heads = h("div", null, h("h3", null, `All heads of layer ${state.layer}`, h("span", { class: "quiet" }, " rows: heads; columns: tokens looked at")),
    cells(f, { values, rows: data.heads, columns: count, names: f.headNames(data.heads), lit: state.head, chosen: state.head * count + f.at, least, most: hides ? largestOf(values.filter((_, i) => sees(Math.floor(i / count), i % count))) : undefined, hidden: (r, c) => hides && !sees(r, c), pick: (r, c) => f.set({ head: r, key: c + data.first }), what: (r, c) => `head ${r}, ${what(r, c)}` }));
  return [state.zoom === "layer" ? heads : null, h("div", null, h("h3", null, `Head ${state.head}`, h("span", { class: "quiet" }, ` of layer ${state.layer}, by the token that is looked at${many ? ", the largest first" : ""}${shown ? `; those that aren’t shown have ${three(Math.max(0, shown))} together` : ""}`)), h("div", { class: "scroll" }, list_))];
}
const named_ = (f, i) => `token ${i + f.data.first} “${plain(f.data.tokens[i])}”`;

// The values of the tokens that a head looks at, each as pale as its weight is small, and their sum.
function mixture(f) {
  const { state, data } = f, values = f.numbers.of("values", state.layer), [, kv, size] = values.shape, row = Math.floor(state.head / (data.heads / kv)), count = data.tokens.length;
  const weights = f.numbers.of("attention.weights", state.layer).values.slice(state.head * count, (state.head + 1) * count);
  const order = [...weights.keys()].sort((a, b) => weights[b] - weights[a]).slice(0, 12), own = f.numbers.of("attention.mixed", state.layer).values.slice(state.head * size, (state.head + 1) * size);
  const all = order.flatMap((t) => [...values.values.slice((t * kv + row) * size, (t * kv + row + 1) * size)].map((v) => v * weights[t]));
  const factor = f.factor("attention.mixed", state.layer, state.head), rows = Float64Array.from([...all, ...own]), names = [...order.map((t) => `${three(weights[t])} × ${cut(label(data.tokens[t], true), 12)}`), factor === 1 ? "sum" : `sum × ${three(factor)}`];
  const inHead = state.dimension === null ? null : state.dimension % size;
  return h("div", null, h("h3", null, `Head ${state.head}: weight × value`, h("span", { class: "quiet" }, count > 12 ? " the 12 largest weights, and the sum over all" : " and their sum")),
    cells(f, { values: rows, rows: names.length, columns: size, names, lit: names.length - 1, chosen: inHead === null ? null : (names.length - 1) * size + inHead, pick: (r, c) => f.choose(state.head * size + c), what: (r, c) => `${names[r]}, number ${c}`, height: f.em * 0.95 }));
}

// The most probable next tokens.
function candidates(f, value, words) {
  const { data } = f, colour = f.look.stroke(f.look.parts.logits), shown = data.top.slice(0, f.state.zoom === "layer" ? 12 : 24);
  return h("div", null, h("h3", null, "The likeliest", h("span", { class: "quiet" }, ` of ${data.vocabulary.toLocaleString("en")} tokens`)),
    bars(f, shown.map((one) => ({ value: value(one), name: one.text === "" ? `id ${one.id}` : cut(visible(one.text).replace(/ /g, "␣"), 24), about: String(one.id), on: one.id === f.candidate.id, words: words(one), one })), { colour, pick: ({ one }) => f.choose(one.id), most: f.stage.kind === "product" ? undefined : 1, width: 10 }));
}
// The text, and what comes behind it.
function continued(f) {
  const { data, candidate } = f, last = data.position === data.count - 1, word = h("span", { class: "tok new" }, h("bdi", null, cut(visible(candidate.text).replace(/ /g, "␣"), 40) || `id ${candidate.id}`));
  const why = last ? "This token stands for no letters, so it can't be put behind the text." : "The text goes on behind this token already; walk its last token to go on.";
  return h("div", { class: "continued" }, h("p", null, h("span", { class: "quiet" }, last ? "" : `behind token ${data.position}: `), data.tokens.slice(Math.max(0, data.position - data.first - 11), data.position - data.first + 1).map((token) => chip(token, true)), word),
    h("p", null, f.button("Append it and walk on", () => f.append(), { disabled: candidate.append === null, class: "go" }), h("span", { class: "quiet" }, candidate.append === null ? ` ${why}` : " a new pass, on a text that is one token longer")));
}
