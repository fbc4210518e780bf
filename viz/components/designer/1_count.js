// What does a decoder of these sizes come to? Parameters, memory and arithmetic of the Llama and Mixtral kind.
//
//   V vocabulary   d width   L layers   h heads   g key/value heads   k size of a head   m MLP   E experts   c chosen
//
// Every number here is a whole number that a double holds exactly; models/designs.py counts the same with transformers.

const headOf = (d) => d.head || d.width / d.heads;

// [part, formula, parameters, those of them that work on one token]
function partsOf(d) {
  const { layers: L, width: w, heads: h, kv: g, mlp: m, vocabulary: V, experts: E, chosen: c } = d, k = headOf(d);
  const table = V * w, attention = L * (2 * w * h * k + 2 * w * g * k), mlp = L * 3 * w * m, router = L * w * E, norms = (2 * L + 1) * w;
  const middle = E === 1 ? [["mlp", "L·3·d·m", mlp, mlp]] : [["experts", "L·E·3·d·m", E * mlp, c * mlp], ["router", "L·d·E", router, router]];
  return [["embedding", "V·d", table, table], ["attention", "L·(2·d·h·k + 2·d·g·k)", attention, attention], ...middle,
    ["norm", "(2·L + 1)·d", norms, norms], d.tied ? ["head", "the embedding, used again", 0, 0] : ["head", "V·d", table, table]];
}

function counted(d) {
  const parts = partsOf(d), k = headOf(d), sum = (i, skip = []) => parts.reduce((all, part) => all + (skip.includes(part[0]) ? 0 : part[i]), 0);
  // A product and a sum are 2. Rows are looked up in the embedding, and norms have no matrix; the head always multiplies.
  const matrices = 2 * (sum(3, ["embedding", "norm", "head"]) + d.vocabulary * d.width);
  const scores = 4 * d.layers * d.heads * k * (d.context + 1);
  return { parts, total: sum(2), active: sum(3), inner: sum(3, ["embedding", "head"]), cache: 2 * d.layers * d.kv * k * d.context, matrices, scores, arithmetic: matrices + scores };
}

// So many tokens for each parameter that works on a token, and what training on them takes.
function training(counts, rate, device, utilisation) {
  const tokens = rate * counts.active, operations = 6 * counts.active * tokens;
  return { tokens, operations, inner: 6 * counts.inner * tokens, seconds: operations / (device.arithmetic * utilisation) };
}

// ---- which designs can be
const DIVISORS = new Map(); // each frame asks for hundreds
function divisors(n, most) {
  const key = n * 1024 + most;
  if (!DIVISORS.has(key)) DIVISORS.set(key, Array.from({ length: Math.min(n, most) }, (_, i) => i + 1).filter((i) => n % i === 0));
  return DIVISORS.get(key);
}
const nearest = (allowed, value) => allowed.reduce((best, each) => (Math.abs(Math.log(each / value)) < Math.abs(Math.log(best / value)) ? each : best));
// RoPE turns numbers in pairs, so a head has an even number of them.
const headsFor = (d, most) => divisors(d.width, most).filter((h) => d.head || (d.width / h) % 2 === 0);
const WHY = {
  width: () => "to be even",
  head: () => "to be even",
  heads: (d) => (d.head || d.width % d.heads ? "to divide the width" : "to divide it into even sizes"),
  kv: () => "to divide the heads",
  chosen: () => "as there are no more",
};
// The nearest design that can be, and what had to be changed: [size, before, after, why].
function possible(wanted, limits) {
  const d = { ...wanted }, changed = [];
  const put = (name, value) => { if (d[name] !== value) { changed.push([name, d[name], value, WHY[name]({ ...d, heads: wanted.heads })]); d[name] = value; } };
  put("width", d.width + (d.width % 2));
  put("head", d.head + (d.head % 2));
  put("heads", nearest(headsFor(d, limits.heads[1]), d.heads));
  put("kv", nearest(divisors(d.heads, limits.kv[1]), d.kv));
  put("chosen", Math.min(d.chosen, d.experts));
  return [d, changed];
}

// The config.json of a design, as models/designs.py writes it.
function configOf(d) {
  const experts = d.experts > 1;
  return { model_type: experts ? "mixtral" : "llama", architectures: [experts ? "MixtralForCausalLM" : "LlamaForCausalLM"], hidden_size: d.width,
    num_hidden_layers: d.layers, num_attention_heads: d.heads, num_key_value_heads: d.kv, head_dim: headOf(d), intermediate_size: d.mlp, vocab_size: d.vocabulary,
    max_position_embeddings: d.context, tie_word_embeddings: Boolean(d.tied), ...(experts ? { num_local_experts: d.experts, num_experts_per_tok: d.chosen } : {}) };
}

// ---- numbers as a person reads them
const whole = (n) => n.toLocaleString("en", { maximumFractionDigits: 0 });
const UNITS = [[1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
const three = (x) => (x >= 1000 ? whole(x) : x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));
function scaled(value, units, one) {
  const [size, unit] = units.find(([least]) => value >= least * 0.9995) ?? [1, ""];
  return `${size === 1 && Number.isInteger(value) ? value : three(value / size)} ${unit}${one}`.trim();
}
const bytes = (value) => scaled(value, UNITS, "B");
const flop = (value) => scaled(value, UNITS, "FLOP");
// 1.24 B, as models are named: B is 10^9.
const short = (value) => scaled(value, [[1e15, "quadrillion"], [1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "k"]], "");
// A round size without its zeros: 1 B.
const rounded = (value) => short(value).replace(/\.(\d*?)0+(?= |$)/, (_, kept) => (kept ? `.${kept}` : ""));
const RAISED = [..."⁰¹²³⁴⁵⁶⁷⁸⁹"];
const raised = (power) => `10${[...String(power)].map((digit) => RAISED[digit]).join("")}`;
function power(value) {
  const [digits, exponent] = value.toExponential(2).split("e+");
  return `${digits} × ${raised(exponent)}`;
}
function lasting(seconds) {
  const days = seconds / 86400;
  if (days > 1000) return `${days / 365.25 >= 1e6 ? power(days / 365.25) : whole(Math.round(days / 365.25))} years`;
  return days >= 2 ? `${three(days)} days` : days * 24 >= 2 ? `${three(days * 24)} hours` : days * 1440 >= 2 ? `${three(days * 1440)} minutes` : `${three(seconds)} seconds`;
}
