// One text by several ways of computing: a row of tokens for each, the differences, and the numbers of the chosen step.

class NumberWays extends Figure {
  title() { return this.data.title; }
  build() {
    const { data } = this, last = data.margins.length - 1;
    this.last = last;
    this.said = h("output");
    this.range = h("input", { type: "range", min: 0, max: last, "aria-label": "Token", oninput: () => this.set({ step: Number(this.range.value) }) });
    this.bar.replaceChildren(h("div", { class: "control", role: "group", "aria-label": "Token by token" }, this.button("‹", () => this.by(-1), { "aria-label": "Token before" }),
      this.button("›", () => this.by(1), { "aria-label": "Next token" }), this.range, this.said));
    this.rows = h("table", { class: "ways", tabindex: 0, "aria-label": "The text by each way; arrow keys go from token to token", onclick: (e) => { const cell = e.target.closest("[data-step]"); if (cell) this.set({ step: Number(cell.dataset.step) }); } },
      h("tbody", null, data.ways.map((way, i) => this.way(way, i))));
    this.differences = new Differences(this);
    this.readout = h("section", { class: "readout" });
    this.body.replaceChildren(h("h2", { class: "leave" }, data.title), this.rows, ...data.skipped.map(([name, reason]) => h("p", { class: "quiet skipped" }, `${name}: not computed. ${reason}`)), this.differences.e, this.readout);
  }
  way({ name, about, parted, steps }, i) {
    const chips = steps.map(([[text]], step) => {
      const e = chip({ text, part: [0, 1] }, true);
      e.dataset.step = step;
      e.classList.add(i && (parted === null || step < parted) ? "same" : i ? "apart" : "first");
      return e;
    });
    const said = !i ? "the others are compared with it" : parted === null ? `the same ${steps.length} token${steps.length === 1 ? "" : "s"}` : `parts at token ${parted + 1}`;
    return h("tr", null, h("th", { scope: "row" }, h("span", null, name), h("small", null, about), h("small", { class: i && parted !== null ? "parts" : "" }, said)), h("td", null, chips));
  }
  render() {
    const { data, state } = this;
    if (state.step > this.last) state.step = this.last; // of another text
    for (const e of this.rows.querySelectorAll("[data-step]")) e.classList.toggle("on", Number(e.dataset.step) === state.step);
    this.range.value = state.step;
    this.said.textContent = `token ${state.step + 1} of ${data.margins.length}`;
    this.differences.lay(this.body.clientWidth, this.em);
    this.differences.show(state.step);
    this.tell(state.step);
  }
  tell(step) {
    const { data } = this, first = data.ways[0].steps[step], head = (words, kind) => h("th", { scope: "col", class: kind }, words);
    const known = new Map(first ? first[4].map((id, k) => [id, exact(first[k][1])]) : []);
    const rows = data.ways.map((way, i) => {
      const here = way.steps[step], compared = here && here[3] !== null;
      if (!here) return h("tr", null, h("th", { scope: "row" }, way.name), h("td", { colspan: 4, class: "quiet" }, "this text has ended"));
      const cells = [0, 1].map((k) => h("td", { class: "pair" }, chip({ text: here[k][0], part: [0, 1] }, true), digits(here[k][1], i && compared ? known.get(here[4][k]) ?? "" : undefined)));
      return h("tr", { class: compared ? "" : "gone" }, h("th", { scope: "row" }, way.name), ...cells, h("td", { class: "number margin" }, small(here[2])),
        h("td", { class: "number difference" }, !i ? "–" : compared ? small(here[3]) : "other tokens before"));
    });
    this.readout.replaceChildren(h("h3", null, `Token ${step + 1}: the two largest logits of each way`),
      h("table", null, h("caption", { class: "hidden" }, "Logits to six decimals; digits that differ from the first way’s are bold"),
        h("thead", null, h("tr", null, head("Way"), head("Best"), head("Second"), head("Margin", "number"), head("Largest difference", "number"))), h("tbody", null, rows)));
    const apart = data.ways.filter((way) => way.parted === step).map((way) => way.name);
    const said = `Token ${step + 1}: ${first ? `${plain({ text: first[0][0], part: [0, 1] })}, margin ${small(first[2])}` : "the first text has ended"}${apart.length ? `; here ${list(apart)} part${apart.length === 1 ? "s" : ""}` : ""}`;
    if (this.spoken && said !== this.spoken) this.say(said);
    this.spoken = said;
  }
  by(steps) { this.set({ step: Math.max(0, Math.min(this.last, this.state.step + steps)) }); }
  key({ key }) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[key];
    if (!steps) return false;
    this.by(steps);
    return true;
  }
}
export default mount(NumberWays);
