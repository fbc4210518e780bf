// How does a beam search go? The tree, the score of a chosen text, the finished texts, and what one beam finds.

const TOLD = 60; // steps told in words

class BeamTree extends Figure {
  constructor(parent) {
    super(parent);
    this.player = new Player(this, { unit: "step", last: () => this.search.steps.length });
    this.tree = new Tree(this);
    this.readout = new Readout();
    this.bar.append(this.player.parts);
  }
  build() {
    this.search = new Search(this.data);
    this.shown = null;
    this.heading = h("h2");
    this.told = h("div", { class: "hidden" }, ...this.tell());
    this.body.replaceChildren(this.heading, this.tree.box,
      h("p", { class: "legend quiet" }, "From top to bottom by the sum of ln p. Full frame: goes on, with its sum and the probability of its last token. Struck: cut. Corner: finished, with its sum and its score. Dot: where one beam goes along. Click one to see its score worked out."),
      this.readout.parts, h("p", { class: "apart" }, ...comparison(this.search)), ranking(this.search, (node) => this.choose(node)), this.told);
  }
  render() {
    const { search } = this, last = search.steps.length, step = Math.min(this.state.step, last), node = Math.min(this.state.node, last * search.width - 1);
    if (step !== this.state.step || node !== this.state.node) { this.set({ step, node }); return; } // of another search
    const now = (this.now = search.after(node, step)), before = this.shown;
    const moved = before ? (before.step !== step ? "step" : before.now !== now ? "node" : "") : step < last ? "step" : "";
    this.shown = { step, now };
    this.player.refresh();
    const alive = step === 0 ? 1 : step < last ? search.beams : 0;
    this.heading.textContent = step === 0 ? "The prompt, before the first step" : step < last
      ? `After ${count(step, "token")}: ${count(alive, "beam")} alive` : `The end, after ${count(step, "step")}: ${count(search.finished.length, "finished text")}`;
    this.tree.show(search, step, now, moved);
    this.readout.show(search, now, this.data.prompt);
    if (moved) this.say(this.summary());
  }
  choose(node) {
    this.player.stop();
    const step = node < 0 ? 0 : this.search.step(node) + 1;
    // The prompt is what any text is after 0 steps.
    if (node < 0) this.set({ step: 0 });
    else this.set({ node, step: Math.max(step, this.state.step) });
  }
  summary() {
    const { search, now } = this;
    return `${this.heading.textContent}. Chosen: ${now < 0 ? "the prompt" : `${search.text(now)}, sum ${score(search.sum(now))}. ${search.tellFate(now)}`}`;
  }
  // The tree in words.
  tell() {
    const { search } = this, rest = search.steps.length - TOLD;
    const steps = search.steps.slice(0, TOLD).map((_, step) => h("li", null, Array.from({ length: search.width }, (_, candidate) => search.at(step, candidate))
      .map((node) => `${plain({ text: search.of(node, "texts"), part: [0, 1] })}, ${score(search.sum(node))}, ${{ alive: "goes on", left: "goes on", cut: "cut", late: "dropped", finished: "finished" }[search.fate(node)]}`).join("; ")));
    return [h("p", null, "The candidates of each step:"), h("ol", null, ...steps), rest > 0 ? h("p", null, `and ${count(rest, "more step")}, in the file.`) : ""];
  }
  key(event) {
    if (this.tree.has(event)) {
      const node = this.tree.neighbour(event.key);
      if (node !== null) { this.choose(node); return true; }
    }
    return this.player.key(event);
  }
  title() { return `Beam search, ${count(this.search.beams, "beam")}, step ${this.state.step}`; }
}

export default mount(BeamTree);
