// What becomes of each candidate of a beam search? A node is a candidate of a step: step * width + its place there.

const LOOSE = new TextDecoder("utf-8");
const count = (n, one) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
const raised = (digits) => digits.replace("-", "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);
// A score as a person reads it: three digits behind the point, three digits in all below 0.1, or powers of ten.
function score(x) {
  const size = Math.abs(x), text = size >= 1e5 || (size > 0 && size < 1e-4) ? size.toExponential(2).replace(/e\+?(-?\d+)/, (_, to) => ` × 10${raised(to)}`) : size > 0 && size < 0.0995 ? size.toPrecision(3) : size.toFixed(3);
  return x < 0 ? `−${text}` : text;
}
const times = (x) => x >= 1e6 ? x.toExponential(1).replace(/e\+?(-?\d+)/, (_, to) => ` × 10${raised(to)}`) : x >= 100 ? Math.round(x).toLocaleString("en") : x.toPrecision(2);
const bytesOf = (hex) => (hex.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
// The text of several tokens together: a letter can be cut in two by them.
const joined = (raw) => LOOSE.decode(Uint8Array.from(raw.flatMap(bytesOf))).replaceAll("\ufffd", "□");

class Search {
  constructor({ beams, penalty, width, steps, finished, greedy }) {
    Object.assign(this, { beams, penalty, width, steps, greedy });
    this.finished = finished.map(({ way, score: final }) => ({ node: this.at(way.length - 1, way.at(-1)), final }));
    this.listed = new Set(this.finished.map(({ node }) => node));
    this.alike = new Set(greedy.way.map((candidate, step) => this.at(step, candidate))); // where one beam goes along
  }
  at(step, candidate) { return step * this.width + candidate; }
  step(node) { return Math.floor(node / this.width); }
  candidate(node) { return node % this.width; }
  of(node, what) { return this.steps[this.step(node)][what][this.candidate(node)]; }
  // -1: the prompt
  parent(node) {
    const step = this.step(node);
    return step === 0 ? -1 : this.at(step - 1, this.steps[step - 1].kept[this.of(node, "parents")]);
  }
  path(node) {
    const nodes = [];
    for (let n = node; n >= 0; n = this.parent(n)) nodes.unshift(n);
    return nodes;
  }
  // Where a text stands after some steps: the node itself, or the beginning that it had then; -1: the prompt.
  after(node, step) {
    let n = node;
    while (n >= 0 && this.step(n) >= step) n = this.parent(n);
    return n;
  }
  sum(node) { return node < 0 ? 0 : this.of(node, "scores"); }
  lnp(node) { return Math.min(0, this.sum(node) - this.sum(this.parent(node))); }
  text(node) { return joined(this.path(node).map((n) => this.of(n, "raw"))); }
  length(node) { return this.step(node) + 1; }
  final(node) { return this.sum(node) / this.length(node) ** this.penalty; }
  fate(node) {
    const step = this.step(node), candidate = this.candidate(node), last = step === this.steps.length - 1;
    if (this.of(node, "ended")) return candidate < this.beams ? "finished" : "late";
    if (!this.steps[step].kept.includes(candidate)) return "cut";
    return last ? "left" : "alive";
  }
  // The least of the sums that went on from a step.
  least(step) { const { kept, scores } = this.steps[step]; return Math.min(...kept.map((candidate) => scores[candidate])); }
  tellFate(node) {
    const step = this.step(node), { kept } = this.steps[step], place = kept.indexOf(this.candidate(node)) + 1;
    switch (this.fate(node)) {
      case "alive": return `Goes on: number ${place} of the ${count(this.beams, "beam")} after ${count(step + 1, "token")}.`;
      case "left": return "Still alive when the search ended: even as it is, its score was no longer above that of the finished texts.";
      case "late": return `Ended, but it wasn't among the best ${this.beams} candidates of this step, and is dropped.`;
      case "cut": return `Cut: its sum ${score(this.sum(node))} is less than ${score(this.least(step))}, the least of the ${this.beams} that went on.`;
      default: return this.listed.has(node) ? `Finished, and number ${this.finished.findIndex((f) => f.node === node) + 1} at the end.` : "Finished, but better ones have taken its place.";
    }
  }
}
