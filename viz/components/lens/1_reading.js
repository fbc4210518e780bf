// What does the lens say of a cell, and how is that coloured? Row 0 is what enters the first layer, row r what leaves
// layer r - 1. Each colour has a shade and, so that colour is never the only sign, a line that is filled as far.

const count = (n) => n.toLocaleString("en");
const bits = (x) => `${x.toFixed(2)} bits`;
// A probability as a person reads it.
function chance(p) {
  if (p === 0) return "0%";
  if (p >= 0.001) return `${Number((100 * p).toPrecision(3))}%`;
  return p >= 1e-9 ? `1 in ${count(Number((1 / p).toPrecision(3)))}` : p.toExponential(1).replace("-", "−");
}
const rowName = (row) => (row ? String(row - 1) : "input");
const rowWords = (row) => (row ? `layer ${row - 1}` : "the input");

class Reading {
  constructor(data) {
    this.data = data;
    this.rows = data.entropies.length;
    this.columns = data.tokens.length;
    this.own = data.followed.length === 1; // the followed token is the answer at each position
    this.followed = data.followed.at(-1);
  }
  // An entry of the vocabulary as a chip takes it.
  entry(number) {
    const [id, text] = this.data.entries[number];
    return { id, text, part: [0, 1] };
  }
  top(row, column) { return this.entry(this.data.top[row][column][0]); }
  answer(column) { return this.entry(this.data.followed[0].entries[column]); }
  target(column) { return this.entry(this.followed.entries[column]); }
  // The ten likeliest: [{entry, p, followed}].
  best(row, column) {
    return this.data.top[row][column].map((number, i) => ({ ...this.entry(number), p: this.data.probabilities[row][column][i], followed: number === this.followed.entries[column] }));
  }
  share(row, column) { return this.followed.probabilities[row][column]; }
  rank(row, column) { return this.followed.ranks[row][column] + 1; }
  isAnswer(row, column) { return this.data.followed[0].ranks[row][column] === 0; }
  // The row in which the answer is the likeliest for the first time, and the one from which it stays so.
  appears(column) { return this.data.followed[0].ranks.findIndex((ranks) => ranks[column] === 0); }
  stays(column) { return this.data.settled[column]; }
  whose() { return this.own ? "the final answer" : "the followed token"; }
}

// milli: the shade, in thousandths of which the look takes a root; line: the part of the line that is filled.
const COLOURS = {
  top: { name: () => "probability of the top token", milli: (r, i, j) => 1000 * r.data.probabilities[i][j][0], line: (r, i, j) => r.data.probabilities[i][j][0], legend: () => [0.01, 0.1, 0.3, 0.6, 1].map((p) => [`${100 * p}%`, 1000 * p, p]) },
  entropy: { name: () => "entropy, from sure to unsure", milli: (r, i, j) => 1000 * uncertain(r, r.data.entropies[i][j]) ** 2, line: (r, i, j) => uncertain(r, r.data.entropies[i][j]),
    legend: (r) => [0, 4, 8, 12].filter((b) => b < Math.log2(r.data.vocabulary)).map((b) => [`${b} bits`, 1000 * uncertain(r, b) ** 2, uncertain(r, b)]) },
  probability: { name: (r) => `probability of ${r.whose()}`, milli: (r, i, j) => 1000 * r.share(i, j), line: (r, i, j) => r.share(i, j), legend: () => COLOURS.top.legend() },
  rank: { name: (r) => `rank of ${r.whose()}`, milli: (r, i, j) => 1000 * near(r, r.rank(i, j)) ** 2, line: (r, i, j) => near(r, r.rank(i, j)),
    legend: (r) => [1, 10, 100, 1000, 10000].filter((k) => k <= r.data.vocabulary).map((k) => [count(k), 1000 * near(r, k) ** 2, near(r, k)]) },
};
const uncertain = (reading, entropy) => Math.min(1, Math.max(0, entropy / Math.log2(reading.data.vocabulary)));
const near = (reading, rank) => 1 - Math.log(rank) / Math.log(reading.data.vocabulary);

function paint(figure, element, milli, line) {
  const { back, ink } = figure.look.shade(figure.look.parts.logits, Math.min(1000, milli)), level = element.querySelector(".level");
  element.style.background = back;
  element.style.color = ink;
  level.style.background = ink;
  level.style.width = `${line < 0.01 ? 0 : 100 * line}%`;
}
const level = () => h("i", { class: "level", "aria-hidden": "true" });
// A token in a cell: spaces are seen only where they are asked for, or where there is nothing else.
const cellText = (entry, spaces) => (entry.text.trim() && !spaces ? tokenText(entry, false, 24).trim() : tokenText(entry, true, 24));
