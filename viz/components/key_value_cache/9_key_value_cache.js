// What is computed again, and what is kept, while a model writes? Two ways to write the same text, step by step.

const SIDE_BY_SIDE = 44; // em: below, the two ways stand one below the other

class KeyValueCache extends Figure {
  constructor(parent) {
    super(parent);
    this.player = new Player(this, { last: () => this.data.steps - 1, unit: "step", pace: 700 });
    this.choice = h("select", { "aria-label": "What the curves count", onchange: () => this.set({ measure: this.choice.value }) });
    this.bar.append(this.player.parts, h("label", { class: "control" }, "Count", this.choice));
  }
  build() {
    const timed = Boolean(this.data.seconds);
    this.choice.replaceChildren(...Object.keys(MEASURES).map((name) => h("option", { value: name, disabled: name === "time" && !timed }, name === "time" && !timed ? "time (not measured yet)" : MEASURES[name].name)));
    if (timed && this.waiting) this.set({ measure: "time" }); // it was measured for whom this picture waited
    this.waiting = !timed;
    this.heading = h("h2");
    const { tokens, hidden, prompt } = this.data;
    // All of them from the beginning, the later ones unseen, so that nothing moves from step to step.
    this.chips = tokens.slice(0, -1).map((token, i) => { const shown = chip(token, true); shown.classList.toggle("own", i >= prompt - hidden); return shown; });
    this.text = h("div", { class: "text", tabindex: 0, role: "group", "aria-label": "The text so far" }, hidden ? h("span", { class: "quiet" }, `… ${hidden.toLocaleString("en")} tokens `) : null, this.chips);
    this.legend = h("p", { class: "legend quiet" }, h("span", { class: "sample now" }), " computed at this step ", h("span", { class: "sample before" }), " kept from before ", h("span", { class: "sample gone" }), " computed before, and needed no more");
    this.rows = [new Rows(this, "With the cache", true), new Rows(this, "Without the cache", false)];
    this.store = new Store(this);
    this.table = h("table", { class: "totals" });
    this.curves = [new Growth(this, "Each step", (line) => line), new Growth(this, "All steps so far", soFar)];
    this.body.replaceChildren(this.heading, this.text, this.legend, h("div", { class: "pair" }, this.rows.map((one) => one.e)), this.table, this.store.e, h("div", { class: "pair" }, this.curves.map((one) => one.e)));
  }
  render() {
    const { data } = this, last = data.steps - 1;
    if (this.state.step > last) { this.set({ step: last }); return; } // of another text
    const apart = this.width >= SIDE_BY_SIDE * this.em;
    this.half = apart ? (this.width - 2 * this.em) / 2 : this.width;
    this.body.classList.toggle("apart", apart);
    const { step } = this.state, name = this.state.measure === "time" && !data.seconds ? "multiplications" : this.state.measure;
    const moved = this.shown !== undefined && this.shown !== step, written = data.prompt - data.hidden + step;
    this.shown = step;
    this.player.refresh();
    this.choice.value = name;
    this.heading.replaceChildren(`Step ${step} writes `, chip(data.tokens[written], true), step ? "" : ", once the prompt is read");
    this.follow(written - 1);
    for (const one of this.rows) one.show(step);
    this.store.show(step);
    this.total(step);
    for (const curve of this.curves) curve.show(step, MEASURES[name]);
    if (moved) this.say(this.summary(step));
  }
  // The text up to the token that is read last, which is marked and in sight.
  follow(last) {
    this.chips.forEach((shown, i) => { shown.classList.toggle("later", i > last); shown.classList.toggle("last", i === last); });
    const box = this.chips[last].getBoundingClientRect(), frame = this.text.getBoundingClientRect();
    if (box.bottom > frame.bottom) this.text.scrollTop += box.bottom - frame.bottom + 4;
    else if (box.top < frame.top) this.text.scrollTop += box.top - frame.top - 4;
  }
  total(step) {
    const { data } = this, said = this.width < 24 * this.em ? "short" : "words", cells = (words, [ours, anew]) => [words(ours), words(anew), anew === ours ? "as much" : `${amount(anew / ours, [""])} times`];
    const rows = [];
    for (const measure of Object.values(MEASURES)) {
      const lines = measure.of(data);
      rows.push([`${measure.name}, this step`, ...(lines ? cells(measure[said], lines.map((line) => line[step])) : [])]);
      rows.push([`${measure.name}, so far`, ...(lines ? cells(measure[said], lines.map((line) => soFar(line)[step])) : [])]);
    }
    this.table.replaceChildren(h("caption", { class: "hidden" }, "What the steps take"),
      h("thead", null, h("tr", null, ["", "with the cache", "without", "without, against with"].map((name) => (name ? h("th", { scope: "col" }, name) : h("td"))))),
      h("tbody", null, rows.map(([name, ...values]) => h("tr", null, h("th", { scope: "row" }, name), values.length ? values.map((value) => h("td", null, value)) : h("td", { colspan: 3 }, "not measured yet")))));
  }
  summary(step) {
    const { reading, products, bytes } = this.data, { words } = MEASURES.multiplications;
    return `Step ${step}: with the cache ${reading[0][step]} read and ${words(products[0][step])} multiplications, without ${reading[1][step]} read and ${words(products[1][step])}. The cache holds ${bytesOf(bytes[step])}.`;
  }
  key(event) { return this.player.key(event); }
  title() { return `Writing with and without a cache, step ${this.state.step}`; }
  destroy() { this.player.stop(); super.destroy(); }
}

export default mount(KeyValueCache);
