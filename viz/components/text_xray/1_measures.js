// By what are tokens coloured? Each measure gives every token a value, a level from 0 to 1 (from -1 where it has two
// directions), and words. The level is a shade and, so that colour is never the only sign, the filled part of a line.

const TOP = [10, 100, 1000]; // GLTR's
const BUCKETS = ["top 10", "top 100", "top 1,000", "beyond"];
const bucketOf = (rank) => TOP.filter((top) => rank > top).length;
const MOST = { surprisal: 16, entropy: 12, wrong: 12 }; // bits with the full shade

const signed = (value, digits = 1) => {
  const text = Math.abs(value).toFixed(digits);
  return !(Number(text) > 0) ? text.replace("NaN", "–") : `${value < 0 ? "−" : "+"}${text.replace("Infinity", "∞")}`;
};
const MEASURES = {
  rank: { name: "Rank", level: (x) => bucketOf(x.rank) / 3, legend: BUCKETS.map((words, i) => [words, i / 3]), of: "how many tokens the model thought more likely" },
  surprisal: { name: "Surprisal", level: (x) => Math.min(1, x.surprisal / MOST.surprisal), legend: [0, 4, 8, 12, 16].map((b) => [b === 16 ? "16 bits or more" : `${b}`, b / MOST.surprisal]), of: "−log₂ of the probability of what came" },
  probability: { name: "Probability", level: (x) => x.probability, legend: [0, 0.25, 0.5, 0.75, 1].map((p) => [`${100 * p}%`, p]), of: "what the model gave to what came" },
  entropy: { name: "Entropy", level: (x) => Math.min(1, x.entropy / MOST.entropy), legend: [0, 3, 6, 9, 12].map((b) => [b === 12 ? "12 bits or more" : `${b}`, b / MOST.entropy]), of: "how unsure the model was before the token came" },
  wrong: { name: "Surprisal − entropy", level: (x) => Math.max(-1, Math.min(1, x.wrong / MOST.wrong)), legend: [-12, -6, 0, 6, 12].map((b) => [b === 12 ? "+12: sure and wrong" : signed(b, 0), b / MOST.wrong]), of: "surprised beyond what the model itself expected" },
};

const bits = (value, digits = 2) => (Number.isFinite(value) ? `${value.toFixed(digits)} bits` : "∞ bits");
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", compactDisplay: "long", maximumSignificantDigits: 3 });
// A probability as a person reads it.
function chance(p) {
  if (p === 0) return "0%";
  if (p >= 0.001) return `${Number((100 * p).toPrecision(3))}%`;
  if (p < 1e-14) return p.toExponential(1).replace("-", "−");
  return `1 in ${p > 1e-6 ? Number((1 / p).toPrecision(3)).toLocaleString("en") : COMPACT.format(1 / p)}`;
}
const count = (n) => n.toLocaleString("en");
const several = (n, what) => `${count(n)} ${what}${n === 1 ? "" : "s"}`;

// The shade of a level, and letters that can be read on it.
function shadeOf(figure, level) {
  const { look, theme } = figure;
  if (level >= 0 && !figure.signed) return look.shade(look.parts.logits, 1000 * level * level); // the look takes a root
  const stops = theme.diverging[look.name].map(rgb), at = ((1 - level) / 2) * (stops.length - 1), low = Math.min(Math.floor(at), stops.length - 2);
  const back = mix(stops[low], stops[low + 1], at - low);
  return { back: css(back), ink: look.inkOn(back) };
}
// Shades an element, and fills the line in it as far as the level says; of two directions, from the middle.
function paint(figure, element, level) {
  const { back, ink } = shadeOf(figure, level), line = element.querySelector(".level");
  element.style.background = back;
  element.style.color = ink;
  line.style.background = ink;
  line.style.width = Math.abs(level) < 0.02 ? "0%" : `${100 * Math.abs(level) / (figure.signed ? 2 : 1)}%`;
  line.style.marginLeft = figure.signed ? `${level < 0 ? 50 * (1 + level) : 50}%` : "0";
}
function legend(figure) {
  const { name, legend: stops, of } = MEASURES[figure.state.colour];
  const samples = stops.map(([words, level]) => {
    const box = h("span", { class: "sample" }, words, h("i", { class: "level" }));
    paint(figure, box, level);
    return box;
  });
  return [h("span", { class: "quiet" }, `${name}: ${of}`), h("span", { class: "samples" }, samples)];
}
