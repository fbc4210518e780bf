// Which formula made one number, with the numbers in it? Lines of words, and a table of terms where there are many.

const WRITTEN = {
  lookup: "x = E[row]", add: "y = x + what was written", norm: (f) => (f.data.rms ? "y = x / √(mean of x² + ε) · w" : "y = (x − mean) / √(variance + ε) · w + b"),
  product: "y = W x + b: each number is a dot product of one row of W with x", dot: "dot = q · k = Σ qᵢ kᵢ", mask: "score, or −∞ where the token may not be looked at",
  softmax: "weight = e^(score − max) / Σ e^(score − max)", mix: "mixed = Σ weight · value, over all tokens", join: "the heads' numbers, side by side", times: "h = activation · up",
  rotate: "(a, b) → (a cos θ − b sin θ, b cos θ + a sin θ), θ = position × frequency", angles: "θ = position × frequency, for each pair", shares: "p = e^(logit − max) / Σ e^(logit − max)",
  next: "next = the token with the largest p", input: (f) => (f.data.norms === "after" ? "x = what the layer before has left, brought to a usual size there" : "x = the embedding + all that the layers before have written"), ids: "id = the place in the vocabulary", text: "",
  scale: (f) => (f.data.softcap ? `score = ${three(f.data.softcap)} · tanh(dot × scale / ${three(f.data.softcap)})` : f.numbers.has("attention.bias") ? "score = dot × scale + slope × position" : "score = dot × scale"),
  activation: (f) => ({ silu: "silu(x) = x / (1 + e^−x)", swish: "silu(x) = x / (1 + e^−x)", relu: "relu(x) = max(0, x)", gelu: "gelu(x) = x · Φ(x), Φ: the normal distribution’s share below x" }[f.data.activation] ?? "gelu(x) ≈ x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))"),
};
const formula = (f) => { const made = WRITTEN[f.stage.kind]; return typeof made === "function" ? made(f) : made; };

// The largest terms one by one, the others together, and what they come to; `rest`: what no shown term has.
function terms(f, entries, { total, head, constant, most = 8, factor = 1 }) {
  const order = entries.map((entry, i) => ({ ...entry, i })).sort((a, b) => Math.abs(b.product) - Math.abs(a.product)), few = f.state.zoom === "product" ? 24 : most;
  const shown = order.slice(0, few), others = total - summed(shown.map((e) => e.product)) - (constant?.value ?? 0), colour = f.look.stroke(f.look.parts[f.stage.part] ?? f.look.parts.query);
  const rows = shown.map((e) => ({ value: e.product, name: `${e.name}`, about: `${bracketed(e.a)} × ${bracketed(e.b)}` }));
  if (order.length > few) rows.push({ value: others, name: `the other ${(order.length - few).toLocaleString("en")}`, about: "together", on: false });
  if (constant) rows.push({ value: constant.value, name: constant.name, about: "", on: false });
  return h("div", { class: "terms" }, h("h3", null, head), h("div", { class: "scroll" }, bars(f, rows, { colour, width: f.width < 40 * f.em ? 6 : 10 })), h("p", { class: "total" }, `sum = ${three(total)}${factor === 1 ? "" : `; × ${bracketed(factor)} = ${three(total * factor)}`}`));
}

// The lines for the number that is chosen; a list of nodes.
const FORMULAS = {
  lookup: (f) => [f.line(`row ${f.stage.id === "embedding.tokens" ? `${f.data.token.id} (the id)` : f.stage.id === "embedding.positions" ? `of position ${f.data.position}` : `of text ${f.data.token.segment}`}, number ${f.dimension}: ${three(f.value)}`)],
  add(f) {
    const { stage, data } = f, factor = stage.id === "mlp.residual" && data.norms !== "after" ? f.factor("layer") : 1, said = (names) => names.map((name) => `${f.short(name)} ${bracketed(f.part(name))}`).join(" + ");
    if (factor === 1) return [f.line(`${said(stage.inputs)} = ${three(f.value)}`)];
    const entered = bracketed(f.part("input")), added = stage.inputs[0] === "input" ? said(stage.inputs.slice(1)) : `${said(stage.inputs)} − what entered ${entered}`;
    return [f.line(`what entered ${entered} + ${bracketed(factor)} × (${added}) = ${three(f.value)}`)];
  },
  input(f) {
    const { data, state, stage } = f, before = stage.id === "out" ? data.layers - 1 : state.layer - 1, factor = data.norms === "after" && before >= 0 ? f.factor("layer", before) : 1;
    if (factor === 1) return [f.line(`number ${f.dimension}: ${three(f.value)}`)];
    const [entered, left] = ["input", "mlp.norm_after"].map((name) => bracketed(f.numbers.of(name, before).values[f.dimension]));
    return [f.line(`number ${f.dimension}: what entered layer ${before} ${entered} + ${bracketed(factor)} × (what it made of it ${left} − ${entered}) = ${three(f.value)}`)];
  },
  join: (f) => [f.line(`number ${f.dimension}: number ${f.dimension % f.headSize} of head ${Math.floor(f.dimension / f.headSize)}: ${three(f.value)}`)],
  activation: (f) => [f.line(`${f.data.activation}(${three(f.part(f.stage.inputs[0]))}) = ${three(f.value)}`)],
  times: (f) => [f.line(`${bracketed(f.part("mlp.activation"))} × ${bracketed(f.part("mlp.up"))} = ${three(f.value)}`)],
  norm(f) {
    const { stage, data, state } = f, x = f.part(stage.inputs[0]), row = f.rowOfWeights(), width = f.array(stage.id).shape.at(-1);
    let [mean, spread] = [data.stats[stage.id]].map((s) => { if (stage.where === "layer") s = s[state.layer]; return Array.isArray(s[0]) ? s[Math.floor(f.dimension / width)] : s; })[0];
    const epsilon = row ? ` + ${three(row.epsilon)}` : " + ε", top = data.rms ? three(x) : `(${three(x)} − ${bracketed(mean)})`, from = row ? (data.rms ? x : x - mean) / Math.sqrt(spread + row.epsilon) : null;
    const weight = row ? ` × ${bracketed(row.weights[0])}${row.bias === null ? "" : ` + ${bracketed(row.bias)}`}` : ` × w${data.rms ? "" : " + b"}`, factor = f.factor(stage.id), scaled = factor === 1 ? "" : `, × ${bracketed(factor)} `;
    return [f.line(data.rms ? `mean of x² = ${three(spread)}` : `mean = ${three(mean)}, variance = ${three(spread)}`),
      f.line(`${top} / √(${three(spread)}${epsilon})${weight} ${row ? `= ${three(from)}${weight} ` : ""}${scaled}= ${three(f.value)}`), row ? null : f.asks("Fetch this norm’s weight")];
  },
  product(f) {
    const { stage, data } = f, row = f.rowOfWeights(), logits = stage.id === "final.logits", what = logits ? `the logit of “${plainly(f.candidate)}”` : `number ${f.dimension}`;
    const { values } = f.array(stage.inputs[0]);
    if (!row) return [f.line(`${what} = row ${logits ? f.candidate.id : f.dimension} of W · x${stage.id === "final.logits" && data.final_softcap ? ", capped" : ""} = ${three(f.value)}`), f.asks(`Fetch the ${values.length.toLocaleString("en")} weights of this row`)];
    const entries = Array.from(values, (a, i) => ({ a, b: row.weights[i], product: a * row.weights[i], name: `x${sub(i)} × W${sub(i)}` }));
    const cap = logits && data.final_softcap, factor = f.factor(stage.id), made = row.sum * factor, total = cap ? cap * Math.atanh(row.sum / cap) : row.sum;
    return [terms(f, entries, { total, head: `${what}: ${values.length.toLocaleString("en")} terms, the largest first`, constant: row.bias === null ? null : { name: "bias", value: row.bias }, factor }),
      f.line(`${cap ? `${three(cap)} · tanh(${three(total)} / ${three(cap)}) = ${three(row.sum)}; ` : ""}the model’s own: ${three(row.own)}; apart by ${roughly(Math.abs(made - row.own))}`)];
  },
  rotate(f) {
    const from = f.array(f.stage.inputs[0]), size = from.shape[1], half = f.numbers.size("rotation.cosine"), within = f.dimension % size, row = Math.floor(f.dimension / size);
    if (within >= 2 * half) return [f.line(`number ${within} of head ${row} isn’t turned: ${three(f.value)}`)];
    const i = within % half, a = from.values[row * size + i], b = from.values[row * size + i + half], second = within >= half, turn = f.turn_(i);
    const [c, s] = ["cosine", "sine"].map((name) => f.numbers.of(`rotation.${name}`, 0).values[i]);
    return [f.line(`θ = ${f.data.position} × ${three(f.step_(i))} = ${three(turn)} rad; cos θ = ${three(c)}, sin θ = ${three(s)}`),
      f.line(second ? `${bracketed(b)} × ${bracketed(c)} + ${bracketed(a)} × ${bracketed(s)} = ${three(f.value)}` : `${bracketed(a)} × ${bracketed(c)} − ${bracketed(b)} × ${bracketed(s)} = ${three(f.value)}`)];
  },
  angles(f) {
    const i = f.dimension % f.numbers.size("rotation.cosine");
    return [f.line(`pair ${i}: θ = ${f.data.position} × ${three(f.step_(i))} = ${three(f.turn_(i))} rad; cos θ = ${three(f.numbers.of("rotation.cosine", 0).values[i])}, sin θ = ${three(f.numbers.of("rotation.sine", 0).values[i])}`)];
  },
  dot(f) {
    const { state, data, at } = f, keys = f.numbers.of("keys", state.layer), [, kv, size] = keys.shape, row = Math.floor(state.head / (data.heads / kv)), q = f.array(f.stage.inputs[0]).values, total = f.byHead("dot")[at];
    const entries = Array.from({ length: size }, (_, i) => { const a = q[state.head * size + i], b = keys.values[(at * kv + row) * size + i]; return { a, b, product: a * b, name: `q${sub(i)} × k${sub(i)}` }; });
    return [terms(f, entries, { total, head: `query of this token · key of ${named_(f, at)}${kv < data.heads ? `, key/value head ${row}` : ""}` })];
  },
  scale(f) {
    const { data, state, at } = f, dot = f.byHead("dot")[at], scale = data.scales[state.layer], score = f.byHead("attention.scores")[at];
    const bias = f.numbers.has("attention.bias") ? ` + ${bracketed(f.byHead("attention.bias")[at])}` : "", inner = `${bracketed(dot)} × ${three(scale)}${bias}`;
    return [f.line(`scale = 1 / √${Number((1 / scale ** 2).toPrecision(6))} = ${three(scale)}`), f.line(data.softcap ? `${named_(f, at)}: ${three(data.softcap)} · tanh(${inner} / ${three(data.softcap)}) = ${three(score)}` : `${named_(f, at)}: ${inner} = ${three(score)}`)];
  },
  mask(f) {
    const { data, at, state } = f, seen = f.sees(at), place = at + data.first;
    const why = f.cut.has([state.layer, state.head, place].join()) ? "this edge is cut, see the top of the page" : data.causal && place > data.position ? "it comes later" : `it is more than ${data.windows[state.layer] - 1} tokens away`;
    return [f.line(`${named_(f, at)}: ${seen ? `may be looked at, and keeps its score ${three(f.byHead("attention.scores")[at])}` : `−∞: ${why}`}`)];
  },
  softmax(f) {
    const { data, state, at } = f, seen = f.sees(at), most = data.softmax.most[state.layer][state.head], sum = data.softmax.sum[state.layer][state.head];
    const score = f.byHead("attention.scores")[at], p = f.byHead("attention.weights")[at];
    return [f.line(seen ? `${named_(f, at)}: e^(${three(score)} − ${bracketed(most)}) / ${three(sum)} = ${three(p)}` : `${named_(f, at)} is masked: 0`)];
  },
  mix(f) {
    const { state, data } = f, values = f.numbers.of("values", state.layer), [, kv, size] = values.shape, head = Math.floor(f.dimension / size), within = f.dimension % size, row = Math.floor(head / (data.heads / kv)), count = data.tokens.length;
    const weights = f.numbers.of("attention.weights", state.layer).values;
    const entries = data.tokens.map((token, t) => { const a = weights[head * count + t], b = values.values[(t * kv + row) * size + within]; return { a, b, product: a * b, name: label(token, true) }; });
    const factor = f.factor("attention.mixed"), shown = summed(entries.map((e) => e.product)), total = factor === 1 ? f.value : factor ? f.value / factor : shown;
    if (data.count > count && factor) entries.push({ a: NaN, b: NaN, product: total - shown, name: "tokens that aren’t shown" });
    return [terms(f, entries, { total, factor, head: `number ${within} of head ${head}: weight × value, token by token` })];
  },
  shares(f) {
    const { data, candidate } = f;
    return [f.line(`“${plainly(candidate)}”: e^(${three(candidate.logit)} − ${bracketed(data.top[0].logit)}) / ${three(data.sum_of_powers)} = ${three(candidate.p)}`)];
  },
  next: (f) => [f.line(`“${plainly(f.candidate)}” has p = ${three(f.candidate.p)}${f.candidate.id === f.data.top[0].id ? ", the largest" : ""}`)],
  ids: (f) => [f.line(`“${plain(f.data.token)}” is number ${f.data.token.id} of the vocabulary`)],
  text: (f) => [f.line(`the token that is walked: ${about(f.data.token, f.data.position)}`)],
};
const SUB = [..."₀₁₂₃₄₅₆₇₈₉"];
const sub = (i) => [...String(i)].map((digit) => SUB[digit]).join("");
const plainly = (one) => visible(one.text).trim() || (one.text ? "space" : `id ${one.id}`);
