// What did each patch do? Cells by layer and column, with their numbers in words.

const STEPS = 65535, BEST = 8; // of the cells that go farthest, so many are listed
const signed = (value, digits = 2) => { const text = Math.abs(value).toFixed(digits); return `${value < 0 && Number(text) ? "−" : value > 0 && Number(text) ? "+" : ""}${text}`; };
const chance = (p) => (p >= 0.9995 ? ">99.9%" : p >= 0.0995 ? `${(100 * p).toFixed(1)}%` : p >= 0.0005 ? `${(100 * p).toFixed(2)}%` : "<0.05%");
const WROTE = { residual: "the stream behind it", attention: "what its attention wrote", mlp: "what its MLP wrote" };

class Patches {
  constructor(data) {
    Object.assign(this, { data, layers: data.layers, columns: data.columns, top: stepsOf(data.top), shares: stepsOf(data.shares), pairs: stepsOf(data.chosen) });
    [this.before, this.other] = data.ends.map((end) => end[0]);
  }
  difference(layer, column) { return this.data.differences[layer * this.columns + column]; }
  // How far a patch goes from one prompt's answer to the other's; where there is no way between them it goes nowhere.
  far(layer, column) { return this.data.way ? (this.difference(layer, column) - this.before) / (this.other - this.before) : 0; }
  // [difference, [of the answer, of the rival], [[place in names, probability] of the likeliest]] as the two ends have it.
  cell(layer, column) {
    const at = layer * this.columns + column, { ranks } = this.data;
    return [this.difference(layer, column), [0, 1].map((i) => this.pairs[at * 2 + i] / STEPS), Array.from({ length: ranks }, (_, r) => [this.top[at * ranks + r], this.shares[at * ranks + r] / STEPS])];
  }
  // Those that go farthest, either way.
  best() {
    const all = Array.from({ length: this.layers * this.columns }, (_, i) => [Math.floor(i / this.columns), i % this.columns]);
    return all.sort((a, b) => Math.abs(this.far(...b)) - Math.abs(this.far(...a))).slice(0, BEST);
  }
  differs(i) { return this.data.tokens[i].id !== this.data.others[i].id; }
  // A cell's name.
  name(layer, column) {
    const { data } = this;
    return data.heads ? `Layer ${layer}, head ${column}` : `Layer ${layer}, token ${data.first + column} “${plain(data.tokens[column])}”`;
  }
}
