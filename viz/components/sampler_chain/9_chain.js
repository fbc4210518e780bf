// What does each sampler make of the whole vocabulary? The chain as columns that can be moved, each with its control; all
// of it is worked out here, from the logits, and only from the control on that was moved.

class SamplerChain extends Figure {
  title() { return this.data.title; }
  facts() { return [`Chain: ${this.words()}`, ...this.data.facts]; }
  token(id) { return { text: this.data.texts[id], id, part: [0, 1], kind: "ordinary" }; }
  build() {
    const { data } = this, codes = stepsOf(data.codes);
    this.z = Float64Array.from(codes, (code) => (code ? data.low + (code - 1) * data.step : -Infinity));
    const order = orderOfCodes(codes);
    this.first = measured("logits", this.z, order, 0, 0);
    this.counts = countsOf(data.context);
    this.known = [];
    if (!this.columns) this.lay();
    this.orders.build();
    this.columns = new Map();
    this.laid = null;
    this.repair();
  }
  // What stays, whatever the data: bars, places, parts below.
  lay() {
    const { data } = this;
    this.presets = Object.keys(data.orders).map((name) => this.button(possessive(name), () => this.set({ order: this.orderOf(name) }), { "aria-pressed": "false" }));
    this.asking = this.button("Check this chain", () => this.ask());
    this.asked = h("span", { class: "quiet", role: "status" });
    this.bar.replaceChildren(h("span", { class: "name" }, "Order"), ...this.presets, this.asking, this.asked);
    this.adds = h("div", { class: "adds leave", role: "group", "aria-label": "Samplers that are off" });
    this.said = h("p", { class: "said leave", role: "status" });
    this.line = h("p", { class: "chosen" });
    this.place = h("div", { class: "columns", role: "group", tabindex: 0, "aria-label": "The chain, one column for each stage",
      onfocusin: (e) => this.hold(e.target), onfocusout: (e) => this.hold(e.relatedTarget) });
    this.orders = new Orders(this);
    this.draws = new Draws(this);
    this.body.replaceChildren(this.adds, h("div", { class: "line" }, this.line, this.said), this.place, h("p", { class: "hidden" }, "The up and down arrow keys choose the token that is followed."), this.draws.parts, this.orders.parts);
  }
  // What was chosen for another model may not be there in this one.
  repair() {
    const { state } = this, size = this.data.texts.length;
    if (state.token !== null && state.token >= size) state.token = null;
    const bias = biasOf(state.logit_bias);
    if ([...bias.keys()].some((id) => id >= size)) state.logit_bias = biasText(new Map([...bias].filter(([id]) => id < size)));
  }

  // ---- the chain
  isOff(name) { return name === "logit_bias" ? this.state.logit_bias === "" : this.state[name] === this.data.off[name]; }
  value(name) {
    if (name === "logit_bias") return biasOf(this.state.logit_bias);
    return this.state[name] ?? Infinity;
  }
  names() { return this.state.order.split(","); }
  orderOf(library) { const own = this.data.orders[library]; return [...own, ...this.names().filter((name) => !own.includes(name)).sort()].join(","); }
  isOrder(library) { const own = this.data.orders[library]; return this.names().filter((name) => own.includes(name)).join() === own.join(); }
  chain() { return this.names().filter((name) => !this.isOff(name)).map((name) => ({ name, value: this.value(name) })); }
  words(chain = this.chain()) {
    return chain.map(({ name }) => `${KINDS[name].title} ${name === "logit_bias" ? `on ${biasOf(this.state.logit_bias).size}` : said(this.state[name])}`).join(" → ") || "nothing is switched on";
  }
  // The stages, those before the first change as they were.
  stages(chain) {
    const keys = chain.map(({ name }) => `${name} ${this.state[name]}`);
    let same = 0;
    while (same < this.known.length && same < chain.length && this.known[same].key === keys[same]) same++;
    this.known.length = same;
    for (let i = same; i < chain.length; i++) this.known.push({ key: keys[i], stage: follow(this.known[i - 1]?.stage ?? this.first, chain[i], this.counts) });
    return [this.first, ...this.known.map(({ stage }) => stage)];
  }

  // ---- the hand
  typed(name, box) {
    const words = box.value.trim().replace("−", "-").toLowerCase(), [least, most] = this.data.limits[name];
    const never = name === "top_n_sigma" && /^(∞|inf|infinity)$/.test(words), all = name === "top_k" && words === "all";
    const value = never ? null : all ? 0 : Number(words || NaN);
    const fits = never || all || (Number.isFinite(value) && value >= least && (most === null || value <= most) && (name !== "top_k" || Number.isInteger(value)) && (name !== "temperature" || value === 0 || value >= 1e-9));
    if (fits) { this.tell(""); this.set({ [name]: value }); return; }
    const kind = name === "temperature" ? "0, or a" : name === "top_k" ? "a whole" : "a", from = name === "temperature" ? "0.000000001" : said(least);
    this.tell(`${KINDS[name].title} must be ${kind} number ${most === null ? `of at least ${from}` : `from ${from} to ${many(most)}`}; it stays at ${said(this.state[name])}.`);
    this.columns.get(name).refresh();
    box.value = said(this.state[name]);
  }
  tell(words) { this.said.textContent = words; }
  // A sampler that is off keeps its column as long as something in it has the focus.
  hold(element) {
    const name = element?.closest?.("[data-sampler]")?.dataset.sampler ?? null;
    if (name === this.held) return;
    this.held = name;
    this.frame ||= requestAnimationFrame(() => this.draw());
  }
  on(name) {
    this.held = name;
    this.tell("");
    this.set(name === "logit_bias" ? {} : { [name]: KINDS[name].usual });
    this.draw();
    const column = this.columns.get(name);
    (column.range ?? column.biases.box).focus();
    column.part.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  off(name) {
    this.held = null;
    this.set({ [name]: name === "logit_bias" ? "" : this.data.off[name] });
    this.place.focus();
    this.say(`${KINDS[name].title} is off`);
  }
  // One place to the left or to the right among those that are on.
  move(name, by) {
    const shown = this.shown, other = shown[shown.indexOf(name) + by];
    if (!other) return;
    this.beside(name, other, by);
    this.draw();
    this.columns.get(name).grip.focus();
    this.say(`${KINDS[name].title} is now ${this.shown.indexOf(name) + 1} of ${this.shown.length}`);
  }
  beside(name, other, by) {
    const order = this.names().filter((one) => one !== name);
    order.splice(order.indexOf(other) + (by > 0 ? 1 : 0), 0, name);
    this.set({ order: order.join(",") });
  }
  drag(name, event) {
    event.preventDefault();
    const column = this.columns.get(name);
    column.grip.focus();
    column.part.classList.add("dragged");
    const follows = (e) => {
      for (const [by, other] of [[-1, this.shown[this.shown.indexOf(name) - 1]], [1, this.shown[this.shown.indexOf(name) + 1]]]) {
        if (!other) continue;
        const box = this.columns.get(other).part.getBoundingClientRect(), middle = (box.left + box.right) / 2;
        if (by < 0 ? e.clientX < middle : e.clientX > middle) { this.beside(name, other, by); this.draw(); column.grip.focus(); return; }
      }
    };
    const ends = () => {
      removeEventListener("pointermove", follows);
      for (const kind of ["pointerup", "pointercancel"]) removeEventListener(kind, ends);
      column.part.classList.remove("dragged");
    };
    addEventListener("pointermove", follows);
    for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, ends);
  }
  choose(row) { if (this.rows[row] !== undefined) this.set({ token: this.rows[row] }); }
  key({ key }) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (!by) return false;
    const now = this.rows.includes(this.state.token) ? this.state.token : this.chosen; // a key may come before the frame
    const at = this.rows.indexOf(now), id = this.rows[Math.max(0, Math.min(this.rows.length - 1, at + by))];
    this.set({ token: id });
    this.say(`${plain(this.token(id))}, ${percent(this.share(this.known.at(-1)?.stage ?? this.first, id))}`);
    return true;
  }
  share({ order, p }, id) { const at = order.lastIndexOf(id); return at < 0 ? 0 : p[at]; }
  // The server compares what is shown with transformers.
  ask() {
    const chain = this.chain(), stages = this.stages(chain), { order, p } = stages.at(-1), found = [];
    for (let i = order.length - 1; i >= 0 && found.length < 50; i--) found.push([order[i], p[i]]);
    const value = ({ name }) => (name === "logit_bias" ? [...biasOf(this.state.logit_bias)] : this.state[name]);
    this.send("check", [this.data.about, chain.map((sampler) => [sampler.name, value(sampler)]), found, stages.slice(1).map((stage) => stage.kept)]);
    this.compared = this.words(chain);
    this.draw();
  }

  // ---- the picture
  // The tokens of the rows, by the model's own ranking: the first of the last stage, the model's own first, the chosen one.
  pick(last) {
    const ids = new Set([this.chosen]), { order } = this.first, end = last.order;
    for (let i = end.length - 1; i >= 0 && ids.size < 9; i--) ids.add(end[i]);
    for (let i = order.length - 1; i >= 0 && ids.size < ROWS; i--) ids.add(order[i]);
    return [...ids].sort((a, b) => this.z[b] - this.z[a] || b - a);
  }
  structure(shown) {
    const laid = shown.join();
    if (laid === this.laid) return;
    this.laid = laid;
    const columns = ["", ...shown].map((name) => this.columns.get(name) ?? this.columns.set(name, new Column(this, name || null)).get(name));
    const active = this.root.getRootNode().activeElement;
    this.place.replaceChildren(...columns.map((column) => column.part));
    if (active && active !== this.root.getRootNode().activeElement && this.place.contains(active)) active.focus();
    const off = this.names().filter((name) => !shown.includes(name));
    this.adds.replaceChildren(h("span", { class: "name" }, "Switch on"), ...off.map((name) => this.button(`+ ${KINDS[name].title}`, () => this.on(name), { title: KINDS[name].what })));
  }
  render() {
    const { state, data } = this, shown = (this.shown = this.names().filter((name) => !this.isOff(name) || name === this.held));
    this.structure(shown);
    const chain = shown.map((name) => ({ name, value: this.value(name) })), stages = this.stages(chain);
    this.chosen = state.token ?? greedyOf(this.first);
    this.rows = this.pick(stages.at(-1));
    const most = Math.max(...stages.map((stage) => stage.p.at(-1)));
    const columns = ["", ...shown].map((name) => this.columns.get(name)), width = columns[0].curve.part.parentElement.clientWidth - this.em * 1.2;
    columns.forEach((column, i) => {
      column.curve.size(Math.max(80, Math.floor(width)), data.texts.length);
      column.refresh();
      column.show(stages[i], stages[i - 1], { rows: this.rows, most, chosen: this.chosen });
    });
    const id = this.chosen, token = this.token(id);
    if (this.named !== id || this.texts !== data.texts) this.line.replaceChildren("Followed through the chain: ", chip(token, true), h("span", { class: "quiet" }, ` id ${id} · ◆ greedy's choice: the most probable`));
    Object.assign(this, { named: id, texts: data.texts });
    Object.keys(data.orders).forEach((name, i) => this.presets[i].setAttribute("aria-pressed", String(this.isOrder(name))));
    this.asked.textContent = this.compared === undefined ? "" : this.compared === this.words() ? "checked: see below" : "changed since the check";
    this.orders.render(this.chain());
    this.draws.render(stages);
  }
}
export default mount(SamplerChain);
