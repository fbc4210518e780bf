// Which pair is merged next, by count and by score? Both trainings side by side, at the same number of merges.

const BEFORE = 7, SHOWN = 12; // merges above the next one; merges shown
const CRITERIA = [
  { title: "By count", note: "What the library's trainer does.", most: "and no pair stands more often", other: "score" },
  { title: "By score", note: "WordPiece as it is described.", most: "and no pair has a higher one", other: "count" },
];
const whole = (n) => n.toLocaleString("en");
// Four digits, as the score of a pair of rare letters can be 1 and that of common ones 0.000001.
const raised = (digits) => Array.from(digits, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("");
const score = (x) => {
  const [digits, power] = x.toExponential(2).split("e-");
  return x >= 0.001 ? String(Number(x.toPrecision(3))) : `${digits}\u2009×\u200910⁻${raised(power)}`;
};

class Run {
  constructor(data, prefix) {
    Object.assign(this, data, { prefix });
    this.made = this.left.map((left, i) => this.join(left, this.right[i]));
  }
  get size() { return this.left.length; }
  join(left, right) { return left + (right.startsWith(this.prefix) ? right.slice(this.prefix.length) : right); }
}
const symbol = (text) => chip({ text, part: [0, 1] }, true);

class PairRankings extends Figure {
  constructor(parent) {
    super(parent);
    this.player = new Player(this, { unit: "merge", last: () => Math.max(...this.runs.map((run) => run.size)) });
    this.bar.append(this.player.parts);
  }
  build() {
    this.runs = this.data.runs.map((run) => new Run(run, this.data.prefix));
    this.heading = h("h2");
    this.shared = h("p", { class: "shared" });
    this.columns = this.runs.map((run, i) => {
      const said = h("div", { class: "said" }), list = h("tbody");
      list.addEventListener("click", (e) => { const row = e.target.closest("[data-step]"); if (row) this.player.go(Number(row.dataset.step)); });
      const name = (words, number) => h("th", { scope: "col", class: number ? "number" : null }, words);
      const table = h("table", null, h("caption", { class: "hidden" }, `Merges ${CRITERIA[i].title.toLowerCase()}`),
        h("thead", null, h("tr", null, name("Merge", true), name("Pair"), name("Makes"), name("Count", true), name("Score", true))), list);
      return { run, said, list, part: h("section", null, h("h3", null, CRITERIA[i].title, h("span", { class: "quiet" }, ` ${CRITERIA[i].note}`)), said, table) };
    });
    this.body.replaceChildren(this.heading, this.shared, h("div", { class: "columns" }, ...this.columns.map((c) => c.part)));
  }
  render() {
    const step = Math.min(this.state.step, this.player.last());
    if (step !== this.state.step) { this.set({ step }); return; } // of another training
    this.player.refresh();
    this.heading.textContent = `After ${whole(step)} of ${whole(this.player.last())} merges`;
    const made = this.runs.map((run) => new Set(run.made.slice(0, step))), both = [...made[0]].filter((piece) => made[1].has(piece)).length;
    this.shared.textContent = step ? `${count(made[0].size, "new piece")} by count, ${whole(made[1].size)} by score; ${whole(both)} of them ${both === 1 ? "is" : "are"} the same.`
      : `Both begin with the same ${whole(this.data.alphabet)} entries: the single characters and the unknown token.`;
    this.columns.forEach((column, i) => this.show(column, CRITERIA[i], step));
    this.say(`${this.heading.textContent}. ${this.columns.map((c, i) => `${CRITERIA[i].title}: ${c.said.textContent}`).join(" ")}`);
  }
  show({ run, said, list }, { most, other }, step) {
    const pair = (left, right) => [symbol(left), " + ", symbol(right)];
    if (step >= run.size) said.replaceChildren(h("p", null, "No pair is left to merge, or the vocabulary is full."));
    else {
      const [left, right, times, value] = run.rivals[step], byCount = other === "score", same = run.left[step] === left && run.right[step] === right;
      const figure = byCount ? `${count(run.counts[step], "time")}, ${most}` : `score ${score(run.scores[step])}, ${most}`;
      said.replaceChildren(
        h("p", null, "Next: ", ...pair(run.left[step], run.right[step]), `, ${figure}.`),
        h("p", { class: "quiet" }, ...(same ? [`By ${other}, it would go next, too.`]
          : [`By ${other}, `, ...pair(left, right), byCount ? ` would go (score ${score(value)}, ${count(times, "time")}); ` : ` would go (${count(times, "time")}); `,
            run.ranks[step] ? `${count(run.ranks[step], "pair")} would go before this one.` : "this one ties with it."])));
    }
    const first = Math.max(0, Math.min(step - BEFORE, run.size - SHOWN));
    list.replaceChildren(...Array.from({ length: Math.min(SHOWN, run.size - first) }, (_, i) => this.row(run, first + i, step)));
  }
  row(run, i, step) {
    const state = i < step ? "made" : i === step ? "next" : "future";
    return h("tr", { class: state, "data-step": i, "aria-current": state === "next" ? "step" : null },
      h("td", { class: "number" }, `${state === "next" ? "▸ " : ""}${whole(i + 1)}`), h("td", null, symbol(run.left[i]), " ", symbol(run.right[i])), h("td", null, symbol(run.made[i])),
      h("td", { class: "number" }, whole(run.counts[i])), h("td", { class: "number" }, score(run.scores[i])));
  }
  key(event) { return this.player.key(event); }
  title() { return `Merges by count and by score, step ${this.state.step}`; }
}
const count = (n, one) => `${whole(n)} ${one}${n === 1 ? "" : "s"}`;

export default mount(PairRankings);
