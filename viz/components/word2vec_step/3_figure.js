// How does a pair of words train word2vec? The sentence with its window, and below it the samples, one a row: output
// vector, product, sigmoid, loss, step, and what is added to what. A step is one sample; the last one moves the context.

const REST = "Point at a bar to read it.";
const COLUMNS = [["word", "sample"], ["before", "output vector o"], ["product", "o · h"], ["sigmoid", "sigmoid"], ["loss", "loss"], ["step", "step"], ["added", "step × h, added to o"]];

class Word2VecStep extends Figure {
  constructor(parent) {
    super(parent);
    this.player = new Player(this, { unit: "step", pace: 1400, last: () => this.update().words.length + 1 });
    this.pick = h("select", { "aria-label": "Pair", onchange: () => this.choose(Number(this.pick.value)) });
    const turn = (words, label, by) => this.button(words, () => this.choose(this.state.pair + by), { "aria-label": label });
    this.bar.append(h("div", { class: "control" }, h("span", { class: "name" }, "Pair"), turn("‹", "Earlier pair", -1), this.pick, turn("›", "Later pair", 1)), this.player.parts);
    this.body.addEventListener("pointerover", (e) => this.hover(e));
  }
  build() {
    const { data } = this, says = (this.telling = new Telling(data));
    this.player.stop();
    const named = (update) => { const { context, target } = says.names(update); return `${context.map((word) => cut(word, 16)).join(" ")} → ${cut(target, 16)}`; };
    this.pick.replaceChildren(...data.updates.map((update, i) => h("option", { value: i }, `${i + 1}: ${cut(named(update), 50)}`)));
    this.heading = h("h2");
    this.words = data.sentence.map((word, at) => h("button", { type: "button", class: "plain word", onclick: () => this.choose(data.updates.findIndex((u) => u.target === at)) }, h("bdi", null, cut(word, 40)), h("small")));
    this.why = h("p", { class: "why" });
    this.head = h("div", { class: "given" });
    this.rows = h("tbody");
    this.scales = Object.fromEntries(["before", "added"].map((name) => [name, h("small", { class: "scale" })]));
    this.read = h("p", { class: "readout quiet" }, REST);
    const shown = Math.min(data.dimensions, data.updates[0].hidden.length);
    this.part = shown < data.dimensions ? `first ${shown} of ${data.dimensions} numbers` : `all ${shown} numbers`;
    const table = h("table", null,
      h("thead", null, h("tr", null, ...COLUMNS.map(([name, words]) => h("th", { scope: "col", class: name }, words, this.scales[name] ?? "")))), this.rows);
    const box = h("div", { class: "table", tabindex: 0, role: "group", "aria-label": "Samples" }, table);
    this.result = h("div", { class: "given result" });
    this.body.replaceChildren(this.heading, h("div", { class: "sentence", role: "group", "aria-label": "The sentence; choose the target" }, ...this.words), this.why, this.head, box, this.result, this.read,
      h("p", { class: "legend quiet" }, `Bars: the ${this.part} of a vector. gensim reads the sigmoid from a table, right to 0.01; where it is off in what is shown, the exact one stands below it, and losses are of the exact one. Each pair begins where the pair before left the vectors.`));
  }
  update() { return this.data.updates[Math.min(this.state.pair, this.data.updates.length - 1)]; }
  choose(pair) {
    this.player.stop();
    this.set({ pair: Math.max(0, Math.min(this.data.updates.length - 1, pair)), step: Math.min(1, this.state.step) });
  }
  // As gensim adds it: in single precision.
  added(update, i) { return update.hidden.map((x) => Math.fround(Math.fround(update.steps[i]) * Math.fround(x))); }

  render() {
    const { data, telling } = this, pair = Math.min(this.state.pair, data.updates.length - 1), update = data.updates[pair], step = Math.min(this.state.step, update.words.length + 1);
    if (pair !== this.state.pair || step !== this.state.step) { this.set({ pair, step }); return; } // of another sentence
    this.now = { update, step };
    this.root.classList.toggle("compact", this.width < 49 * this.em);
    this.player.refresh();
    this.pick.value = pair;
    this.heading.replaceChildren(...telling.heading(update));
    this.words.forEach((e, at) => {
      const role = at === update.target ? "target" : update.context.includes(at) ? "context" : "";
      e.className = `plain word ${role}`;
      e.lastChild.textContent = role || "\u00a0";
      if (role === "target") e.setAttribute("aria-current", "true"); else e.removeAttribute("aria-current");
    });
    this.why.replaceChildren(...telling.said(update, step));
    this.lay(update, step);
    this.say(`${this.heading.textContent}. ${this.why.textContent}`);
  }
  lay(update, step) {
    const { em, look } = this, samples = update.words.map((_, i) => i), colours = { hidden: look.stroke(look.parts.query), output: look.stroke(look.parts.value), change: look.stroke(look.parts.logits) };
    const added = samples.map((i) => this.added(update, i)), most = { before: largest(update.before), added: largest(added) };
    const { context } = this.telling.names(update), one = context.length === 1, h1 = largest([update.hidden]), w1 = largest([update.work]), moved = step > update.words.length;
    for (const name of ["before", "added"]) this.scales[name].textContent = ` ±${three(most[name])}`;
    this.vectors = { hidden: ["h", update.hidden], work: ["the sum of step × o", update.work] };
    this.head.replaceChildren(h("span", { class: "label" }, h("b", null, "h"), one ? ", the vector of " : ", the mean of the vectors of ", ...spread(context), h("small", { class: "scale" }, ` ±${three(h1)}`)),
      this.hold(bars(update.hidden, h1, "h", colours.hidden, em), "hidden"));
    this.result.replaceChildren(h("span", { class: "label" }, h("b", null, "step × o, summed"), one ? ", added to the vector of " : ", added to each vector of ", ...spread(context), h("small", { class: "scale" }, moved ? ` ±${three(w1)}` : "")),
      moved ? this.hold(bars(update.work, w1, "the sum of step times o", colours.change, em), "work") : h("span", { class: "quiet later" }, "after the last sample"));
    this.result.classList.toggle("now", moved);
    this.rows.replaceChildren(...samples.map((i) => this.row(update, i, step, added[i], most, colours)));
  }
  row(update, i, step, added, most, colours) {
    const { em } = this, done = i < step, sigmoid = update.sigmoids[i], exact = three(update.exact[i]), number = (value) => done ? h("span", { title: whole(value ?? "left alone") }, three(value)) : "·";
    this.vectors[`before ${i}`] = [`o of “${cut(update.words[i], 40)}”`, update.before[i], update.hidden];
    this.vectors[`added ${i}`] = [`step × h for “${cut(update.words[i], 40)}”`, added];
    const cells = {
      word: [h("b", { class: i ? "noise" : "target" }, h("bdi", null, cut(update.words[i], 24))), h("small", null, i ? "noise, label 0" : "target, label 1")],
      before: [this.hold(bars(update.before[i], most.before, `o of ${update.words[i]}`, colours.output, em), `before ${i}`)],
      product: [number(update.products[i])],
      sigmoid: [number(sigmoid), done && sigmoid != null && exact !== three(sigmoid) ? h("small", { title: whole(update.exact[i]) }, exact) : h("small", null, "\u00a0")],
      loss: [number(update.losses[i])],
      step: [number(update.steps[i])],
      added: [done ? this.hold(bars(added, most.added, `added to o of ${update.words[i]}`, colours.change, em), `added ${i}`) : "·"],
    };
    return h("tr", { class: i === step - 1 ? "now" : done ? "" : "later", "aria-current": i === step - 1 ? "step" : null, onclick: () => this.player.go(i + 1) },
      ...COLUMNS.map(([name, words]) => h(name === "word" ? "th" : "td", { class: name, scope: name === "word" ? "row" : null }, name === "word" ? null : h("small", { class: "caption" }, words), ...cells[name])));
  }
  hold(drawn, name) {
    drawn.dataset.of = name;
    return drawn;
  }
  hover(event) {
    const at = event.target.dataset.at, drawn = event.target.closest("[data-of]");
    if (at == null || !drawn) { this.read.textContent = REST; return; }
    const [name, values, other] = this.vectors[drawn.dataset.of], i = Number(at);
    this.read.textContent = `${name}, number ${i + 1}: ${whole(values[i])}${other ? `; times ${whole(other[i])} of h, it gives ${three(values[i] * other[i])} of o · h` : ""}`;
  }
  key(event) {
    const by = { "[": -1, ArrowUp: -1, "]": 1, ArrowDown: 1 }[event.key];
    if (by) this.choose(this.state.pair + by);
    return Boolean(by) || this.player.key(event);
  }
  title() { return `${this.data.title}: ${this.heading.textContent.replace(/[“”]/g, "")}, step ${this.now.step}`; }
}

export default mount(Word2VecStep);
