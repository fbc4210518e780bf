// Which samplers are there, how is the value of each one set by hand, and how is it said? `usual` is what one gets that is
// switched on; `at(value)` and `from(at)` turn a value into the place of a slider, 0 to 1000, and back.

const linear = (least, most, step) => ({
  at: (value) => (1000 * (value - least)) / (most - least),
  from: (at) => Number((Math.round((least + ((most - least) * at) / 1000) / step) * step).toFixed(4)),
});
// From 0, which is the left end, over `least` to 1, each tenfold as long as the next.
const shares = (least) => ({
  at: (value) => (value > 0 ? 20 + 980 * Math.max(0, 1 - Math.log(value) / Math.log(least)) : 0),
  from: (at) => (at < 20 ? 0 : Number((least ** (1 - (at - 20) / 980)).toPrecision(2))),
});
const KINDS = {
  logit_bias: { title: "Logit bias", what: "adds to the logits of chosen tokens" },
  repetition_penalty: { title: "Repetition penalty", usual: 1.3, what: "divides logits of tokens of the prompt (multiplies those below 0)", ...linear(0.5, 2, 0.01) },
  presence_penalty: { title: "Presence penalty", usual: 1, what: "takes this off the logit of every token of the prompt", ...linear(-5, 5, 0.05) },
  frequency_penalty: { title: "Frequency penalty", usual: 1, what: "takes this off for each time that a token is in the prompt", ...linear(-5, 5, 0.05) },
  temperature: { title: "Temperature", usual: 0.8, what: "divides the logits", ...linear(0, 2, 0.01) },
  top_n_sigma: { title: "Top-nσ", usual: 1, what: "cuts logits more than n standard deviations below the largest",
    at: (value) => (value === null ? 1000 : 196 * value), from: (at) => (at > 990 ? null : Number((at / 196).toFixed(2))) },
  top_k: { title: "Top-k", usual: 50, what: "keeps the k largest",
    at: (value, size) => (value ? (1000 * Math.log(value)) / Math.log(size) : 1000), from: (at, size) => (at >= 1000 ? 0 : Math.round(size ** (at / 1000))) },
  top_p: { title: "Top-p", usual: 0.95, what: "keeps the fewest that have this probability together", ...linear(0, 1, 0.005) },
  min_p: { title: "Min-p", usual: 0.05, what: "cuts below this share of the largest probability", ...shares(1e-4) },
  typical_p: { title: "Typical-p", usual: 0.9, what: "keeps those whose surprise is nearest to the mean surprise", ...linear(0, 1, 0.005) },
  epsilon_cutoff: { title: "Epsilon cut-off", usual: 0.001, what: "cuts probabilities below ε", ...shares(1e-6) },
  eta_cutoff: { title: "Eta cut-off", usual: 0.002, what: "as epsilon, and lower where the entropy is high", ...shares(1e-6) },
};
const said = (value) => (value === null ? "∞" : String(value).replace("-", "−"));

// A bias as the link has it, "id:value,id:value", and as a map.
const biasOf = (text) => new Map(text ? text.split(",").map((pair) => pair.split(":").map(Number)) : []);
const biasText = (bias) => [...bias].map((pair) => pair.join(":")).join(",");

// A probability as a person reads it.
function percent(p) {
  const of100 = 100 * p;
  if (of100 >= 99.995) return "100%";
  if (of100 >= 0.00995) return `${of100 >= 9.995 ? of100.toFixed(1) : of100 >= 0.0995 ? of100.toFixed(2) : of100.toFixed(3)}%`;
  return p === 0 ? "0%" : tiny(p);
}
const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const raised = (whole) => Array.from(String(whole), (sign) => RAISED[sign]).join("");
function tiny(p) {
  const [digits, power] = p.toExponential(0).split("e");
  return `${digits}·10${raised(Number(power))}`;
}
const many = (count) => count.toLocaleString("en");
const possessive = (name) => `${name}’${name.endsWith("s") ? "" : "s"}`;
