// What does the lattice say? Reads the columns that __init__.py describes, and places them.

// A piece as the chip of every page shows it.
const pieceChip = (piece, kind) => {
  const e = chip({ text: piece, kind: kind === "unknown" ? "special" : "text", part: [0, 1] }, false);
  if (kind) e.classList.add(kind);
  return e;
};
const percent = (share) => (share > 0.9995 && share < 1 ? ">99.9%" : share >= 0.0005 || share === 0 ? `${(100 * share).toFixed(1)}%` : `${brief(100 * share)}%`);
const log = (value, digits = 2) => value.toFixed(digits).replace("-", "−");
const count = (value) => value.toLocaleString("en");
const raised = (text) => text.replace("+", "").replace("-", "−").replace(/[−0-9]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["−0123456789".indexOf(c)]);
// A number of any size in two digits: 0.34, 12, 6.0 × 10⁻⁵.
function brief(value) {
  if (value === 0) return "0";
  const [digits, exponent] = value.toExponential(1).split("e");
  if (Number(exponent) < -3 || Number(exponent) > 5) return `${digits.replace("-", "−")} × 10${raised(exponent)}`;
  return Number(exponent) > 0 ? count(Math.round(value)).replace("-", "−") : value.toPrecision(2).replace("-", "−");
}

class Paths {
  constructor(data) {
    Object.assign(this, data);
    this.letters = Array.from(data.text);
    this.edges = data.starts.map((_, e) => e);
    this.isUnknown = new Set(data.unknown);
    this.onBest = new Set(data.best);
    this.words = data.words.slice(1).map((end, w) => ({ index: w, start: data.words[w], end }));
    this.wordOf = this.letters.map(() => 0);
    for (const w of this.words) for (let at = w.start; at < w.end; at++) this.wordOf[at] = w.index;
    for (const w of this.words) w.edges = [];
    for (const e of this.edges) this.words[this.wordOf[this.starts[e]]].edges.push(e);
    this.words.forEach((w) => this.stack(w));
  }
  piece(e) { return this.letters.slice(this.starts[e], this.ends[e]).join(""); }
  room(e) { return this.ends[e] - this.starts[e]; }
  // Rows below a word: its best path first, then the others, each in the first row where it fits, the likeliest first.
  stack(word) {
    word.rows = [word.edges.filter((e) => this.onBest.has(e))];
    const others = word.edges.filter((e) => !this.onBest.has(e)).sort((a, b) => this.shares[b] - this.shares[a] || a - b);
    for (const e of others) {
      const free = word.rows.findIndex((row, i) => i && row.every((o) => this.ends[o] <= this.starts[e] || this.ends[e] <= this.starts[o]));
      if (free > 0) word.rows[free].push(e);
      else word.rows.push([e]);
    }
  }
  // A word in parts of at most `room` characters, if there are gaps to part it at.
  parts(word, room) {
    const gaps = this.free.filter((gap) => gap > word.start && gap <= word.end), found = [word.start];
    gaps.forEach((gap, i) => { if (i === gaps.length - 1 || gaps[i + 1] - found.at(-1) > room) found.push(gap); });
    return found.slice(1).map((end, i) => ({ start: found[i], end }));
  }
  // The best path through one edge, as far as its word goes.
  through(edge) {
    const word = this.words[this.wordOf[this.starts[edge]]], path = [edge];
    for (let gap = this.starts[edge]; gap > word.start; gap = this.starts[path[0]]) path.unshift(this.before[gap]);
    for (let gap = this.ends[edge]; gap < word.end; gap = this.ends[path.at(-1)]) path.push(this.after[gap]);
    return path;
  }
  sum(path) { return path.reduce((total, e) => total + this.scores[e], 0); }
  bestOf(word) { return word.rows[0]; }
  // Characters of the person's own text, in words.
  place(e) {
    const from = this.spans[this.starts[e]][0], to = this.spans[this.ends[e] - 1][1];
    if (to <= from) return "not in your text: SentencePiece puts a space before it";
    return to - from === 1 ? `character ${from + 1} of your text` : `characters ${from + 1} to ${to} of your text`;
  }
  kind(e) { return this.isUnknown.has(e) ? "unknown" : ""; }
  describe(e) {
    const what = this.isUnknown.has(e) ? `unknown character, penalty ${log(this.scores[e])}` : `log-probability ${log(this.scores[e])}`;
    return `${this.piece(e)}: ${what}, share ${percent(this.shares[e])}${this.onBest.has(e) ? ", on the best path" : ""}`;
  }
}
