// The figure of the unigram view: one of four parts.

const NAMES = { lattice: "Lattice", best: "Best ways", samples: "Samples", rounds: "Training rounds" };

class LatticeFigure extends Figure {
  build() {
    const before = this.paths, paths = (this.paths = new Paths(this.data)), { word, edge } = this.state;
    // A piece or word that was chosen in another text, or that there is none of.
    const other = before && (before.text !== paths.text || before.title !== paths.title);
    if (other || word >= paths.words.length || edge >= paths.edges.length) this.set({ word: null, edge: null });
    this.bars = new Bars(this, this.paths);
    this.tabs = Object.entries(NAMES).map(([part, words]) => this.button(words, () => this.set({ part }), { role: "tab", id: `tab-${part}`, "aria-controls": "part" }));
    const tablist = h("div", { class: "tabs", role: "tablist", "aria-label": "Part", onkeydown: (e) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key], parts = Object.keys(NAMES);
      if (!step) return;
      e.stopPropagation();
      e.preventDefault();
      const at = (parts.indexOf(this.state.part) + step + parts.length) % parts.length;
      this.set({ part: parts[at] });
      this.tabs[at].focus();
    } }, this.tabs);
    this.pickers = { lattice: this.wordPicker(), best: this.bestPicker(), samples: this.samplesPicker(), rounds: this.roundPicker() };
    this.bar.replaceChildren(tablist, ...Object.values(this.pickers));
    this.panel = h("div", { role: "tabpanel", id: "part" });
    this.keys = h("p", { class: "keys leave" });
    this.body.replaceChildren(this.panel, this.keys);
    this.drawn = null;
  }

  // ---- controls of each part
  wordPicker() {
    const words = this.paths.words.length, go = (step) => this.set({ word: this.state.word == null ? (step > 0 ? 0 : words - 1) : (this.state.word + step + words) % words, edge: null });
    this.wordText = h("output");
    this.allWords = this.button("All words", () => this.set({ word: null }));
    return h("div", { class: "control", hidden: words < 2 }, h("span", { class: "name" }, "One word"), this.button("‹", () => go(-1), { "aria-label": "Previous word" }),
      this.wordText, this.button("›", () => go(1), { "aria-label": "Next word" }), this.allWords);
  }
  bestPicker() {
    this.n = h("input", { type: "range", min: 1, max: 20, step: 1, "aria-label": "How many of the best", oninput: () => this.set({ n: Number(this.n.value) }) });
    this.nText = h("output");
    return h("div", { class: "control" }, h("span", { class: "name" }, "How many"), this.n, this.nText);
  }
  samplesPicker() {
    this.alpha = h("input", { type: "range", min: 0, max: 2, step: 0.05, "aria-label": "Alpha", oninput: () => { this.alphaText.textContent = Number(this.alpha.value).toFixed(2); }, onchange: () => this.ask({ alpha: Number(this.alpha.value) }) });
    this.alphaText = h("output");
    this.samples = h("select", { "aria-label": "Samples", onchange: () => this.ask({ samples: Number(this.samples.value) }) });
    this.seed = h("input", { type: "number", min: 0, max: 999999999, step: 1, class: "link", "aria-label": "Seed", onchange: () => this.ask({ seed: Math.min(999999999, Math.max(0, Math.round(Number(this.seed.value)) || 0)) }) });
    return h("div", { class: "control" }, h("span", { class: "name" }, "Alpha"), this.alpha, this.alphaText, h("span", { class: "name" }, "Samples"), this.samples,
      h("span", { class: "name" }, "Seed"), this.seed, this.button("Draw again", () => this.ask({ seed: (this.state.seed + 1) % 1000000000 })));
  }
  roundPicker() {
    const go = (step) => this.turnTo(step);
    this.roundText = h("output");
    return h("div", { class: "control" }, h("span", { class: "name" }, "Round"), this.button("‹", () => go(-1), { "aria-label": "Previous round" }), this.roundText,
      this.button("›", () => go(1), { "aria-label": "Next round" }));
  }
  // Samples are drawn by the server.
  ask(patch) {
    this.set(patch);
    const { alpha, samples, seed } = this.state;
    this.send("drawing", { alpha, samples, seed });
  }
  turnTo(step) {
    const round = this.state.round + step;
    if (!this.data.rounds || round < 0 || round >= this.data.rounds.sizes.length) return;
    this.set({ round });
    this.say(`Round ${round + 1}: ${count(this.data.rounds.sizes[round])} pieces`);
  }

  key(event) {
    if (event.composedPath()[0].getAttribute?.("role") === "tab") return false;
    const arrow = event.key.startsWith("Arrow");
    if (this.state.part === "lattice" && arrow) return this.bars.step(event.key);
    if (this.state.part === "lattice" && event.key === "Escape") { this.set({ edge: null }); return true; }
    if (this.state.part === "rounds" && (event.key === "ArrowLeft" || event.key === "ArrowRight")) { this.turnTo(event.key === "ArrowLeft" ? -1 : 1); return true; }
    return false;
  }

  render() {
    const { state, paths, data } = this, part = data.rounds || state.part !== "rounds" ? state.part : "lattice";
    this.root.dataset.part = part;
    this.tabs.forEach((tab, i) => {
      const name = Object.keys(NAMES)[i], on = name === part;
      tab.setAttribute("aria-selected", on);
      tab.tabIndex = on ? 0 : -1;
      tab.hidden = name === "rounds" && !data.rounds;
      this.pickers[name].classList.toggle("off", !on);
    });
    this.panel.setAttribute("aria-labelledby", `tab-${part}`);
    const word = paths.words.length < 2 ? null : state.word;
    if (part === "lattice") {
      this.show(part, this.bars.parts);
      this.bars.draw(word, state.edge);
      this.wordText.textContent = word == null ? "all" : `${word + 1} of ${count(paths.words.length)}`;
      this.allWords.disabled = word == null;
    }
    if (part === "best") {
      this.n.value = state.n;
      this.nText.textContent = state.n;
      this.show([part, state.n, this.width].join(), bestTable(paths, state.n));
    }
    if (part === "samples") {
      this.alpha.value = state.alpha;
      this.alphaText.textContent = state.alpha.toFixed(2);
      const offered = [...new Set([10, 100, 1000, state.samples])].sort((a, b) => a - b);
      this.samples.replaceChildren(...offered.map((k) => h("option", { value: k, selected: k === state.samples }, count(k))));
      this.seed.value = state.seed;
      this.show([part, this.version].join(), data.drawn ? samplesTable(paths) : [h("p", { class: "note" }, "Nothing was drawn.")]);
    }
    if (part === "rounds") {
      const round = Math.min(state.round, data.rounds.sizes.length - 1);
      this.roundText.textContent = `${round + 1} of ${data.rounds.sizes.length}`;
      this.show([part, round, this.look.name].join(), roundsPart(this, data.rounds, round));
    }
    this.keys.textContent = { lattice: "Keys: ← → along the text · ↑ ↓ between pieces that begin at one place · Esc lets go", rounds: "Keys: ← → from round to round" }[part] ?? "";
  }
  // What stands in the panel, put there once.
  show(version, parts) {
    if (version === this.drawn) return;
    this.drawn = version;
    this.panel.replaceChildren(...parts);
  }
  title() {
    const of = cut(Array.from(this.data.text.replaceAll("▁", " ")).join("").trim(), 40);
    return { lattice: `Unigram lattice of “${of}”`, best: `Best segmentations of “${of}”`, samples: `Samples of “${of}”`, rounds: "Unigram training, round by round" }[this.root.dataset.part];
  }
}
export default mount(LatticeFigure);
