// How does softmax work, in the hand? Logits as bars on the left, and beside each every number on the way to its
// probability: as the formula is written, and with the maximum taken away first.

const LEAST = 2, MOST = 8, LARGEST = 10000, CONSTANT = 1000;
const HEADS = [["x", "x", "(z + c) / T"], ["power", "eˣ", "as written"], ["naive", "eˣ / sum", "as written"],
  ["shifted", "x − max", "0 at most"], ["small", "eˣ⁻ᵐᵃˣ", "1 at most"], ["p", "p", "eˣ⁻ᵐᵃˣ / sum"]];
const degrees = (text) => (text === "inf" ? Infinity : Number(text));
const inLink = (value) => (value === Infinity ? "inf" : String(value));
const short = (value) => Number(value.toPrecision(3));

class SoftmaxBars extends Figure {
  title() { return `${this.data.title}, T = ${exactly(this.now.t)}`; }

  build() {
    const { data } = this;
    this.names = data.names.map((name) => (data.tokens ? tokenText({ text: name }, true, 24) : name));
    this.temperature = new Slide({ name: "Temperature T", least: 0, most: 200, step: 1,
      of: (at) => (at === 0 ? 0 : at === 200 ? Infinity : short(10 ** ((at - 100) / 49.5))),
      to: (t) => (t === 0 ? 0 : t === Infinity ? 200 : Math.max(1, Math.min(199, Math.round(100 + 49.5 * Math.log10(t))))),
      read: (text) => { const t = /^(∞|inf|infinity)$/i.test(text) ? Infinity : text ? Number(text) : NaN; return t === 0 || t === Infinity || (t >= 0.01 && t <= 100) ? t : null; },
      write: exactly, changed: (t) => this.set({ t: inLink(t) }), title: "0 at the left end, infinity at the right end, 0.01 to 100 between them on a log scale" });
    this.constant = new Slide({ name: "Add c to all", least: -CONSTANT, most: CONSTANT, step: 1, of: Number, to: Number,
      read: (text) => (text && Math.abs(Number(text)) <= CONSTANT ? Number(text) : null), write: exactly, changed: (plus) => this.set({ plus }) });
    this.format = h("select", { "aria-label": "Format of the numbers", onchange: () => this.set({ format: this.format.value }) }, Object.keys(FORMATS).map((name) => h("option", { value: name }, name)));
    this.more = this.button("+", () => this.count(1), { "aria-label": "One bar more" });
    this.fewer = this.button("−", () => this.count(-1), { "aria-label": "One bar fewer" });
    this.said = h("output");
    this.back = this.button("As at first", () => this.set({ ...this.defaults }));
    this.bar.replaceChildren(this.temperature.parts, this.constant.parts,
      h("label", { class: "control" }, h("span", { class: "name" }, "Format"), this.format),
      h("div", { class: "control", role: "group", "aria-label": "How many bars" }, this.fewer, this.said, this.more), this.back,
      this.button("Check with torch", () => this.send("asked", { ...asText(this.state), about: this.data.about })));
    this.table ??= this.button("CSV", () => this.csv(), { "aria-label": "Save numbers as CSV" });
    if (!this.table.isConnected) this.actions.append(this.table);

    this.rows = h("tbody");
    this.sums = Object.fromEntries(HEADS.map(([name]) => [name, h("td", { class: name })]));
    const head = h("thead", null, h("tr", null, h("th", { scope: "col" }, data.tokens ? "token" : "name"), h("th", { scope: "col", class: "z" }, "z", h("small", null, "logit: drag, or arrow keys")),
      HEADS.map(([name, formula, meaning]) => h("th", { scope: "col", class: name }, formula, h("small", null, meaning)))));
    const table = h("table", null, head, this.rows, h("tfoot", null, h("tr", null, h("th", { scope: "row" }, "sum"), h("td", { class: "z" }), HEADS.map(([name]) => this.sums[name]))));
    this.heading = h("h2", { class: "leave" }, data.title);
    this.written = h("div", { class: "written" });
    this.notes = h("div", { class: "notes" });
    this.curve = h("div", { class: "curve" });
    this.body.replaceChildren(this.heading, table, h("div", { class: "below" }, h("div", null, h("h3", null, "With the numbers put in"), this.written, this.notes), this.curve));
    this.handles = [];
  }

  get logits() { return String(this.state.z).split(",").map(Number); }
  // One bar more, with the logit that it came with, or one fewer.
  count(by) {
    const now = this.logits, next = by > 0 ? [...now, this.data.logits[now.length]] : now.slice(0, -1);
    if (next.length >= LEAST && next.length <= MOST) this.set({ z: next.join(), bar: Math.min(this.state.bar, next.length - 1) });
  }
  put(i, value) {
    const now = this.logits;
    now[i] = value;
    this.set({ z: now.join(), bar: i });
  }
  choose(i) { if (this.state.bar !== i) this.set({ bar: i }); }

  // The rows stay while their numbers change, so that a bar can be held.
  lay(count) {
    this.handles = Array.from({ length: count }, (_, i) => new Handle(this.names[i], { most: LARGEST, changed: (value) => this.put(i, value), chosen: () => this.choose(i) }));
    this.cells = this.handles.map(() => Object.fromEntries(HEADS.map(([name]) => [name, h("td", { class: name })])));
    this.rows.replaceChildren(...this.handles.map((handle, i) => h("tr", { onclick: () => this.choose(i) },
      h("th", { scope: "row" }, this.chip(i)), h("td", { class: "z" }, h("div", { class: "pair" }, handle.drawing, handle.field)), HEADS.map(([name]) => this.cells[i][name]))));
  }
  chip(i) { return this.data.tokens ? chip({ text: this.data.names[i], kind: "plain", part: [0, 1] }, true) : h("b", null, this.names[i]); }

  render() {
    const { state, look, em } = this, z = this.logits, t = degrees(state.t), bar = Math.min(state.bar, z.length - 1);
    this.root.classList.toggle("compact", this.width < 50 * em);
    if (this.handles.length !== z.length) this.lay(z.length);
    const now = (this.now = { ...byHand(z, t, state.plus, state.format), z, t, bar });
    this.temperature.show(t);
    this.constant.show(state.plus);
    this.format.value = state.format;
    this.said.textContent = `${z.length} bars`;
    this.more.disabled = z.length === MOST;
    this.fewer.disabled = z.length === LEAST;
    const scale = roundEnds(z), width = Math.max(em * 6, this.handles[0].drawing.clientWidth);
    this.handles.forEach((handle, i) => handle.show(z[i], scale, look, { width, em, chosen: i === bar }));
    this.cells.forEach((cells, i) => {
      this.rows.children[i].classList.toggle("now", i === bar);
      const values = { x: now.x[i], power: now.powers[i], naive: now.naive[i], shifted: now.shifted[i], small: now.small[i], p: now.p[i] };
      for (const [name, formula] of HEADS) this.fill(cells[name], name, formula, values[name], t === 0);
    });
    const total = (values) => values.reduce((sum, v) => FORMATS[state.format].round(sum + v), 0);
    const sums = { power: now.total, naive: total(now.naive), small: now.sum, p: total(now.p) };
    for (const [name, formula] of HEADS) this.fill(this.sums[name], name, formula, sums[name], t === 0, true);
    this.write();
    this.remark();
    this.drawCurve();
    this.say(`p of ${this.names[bar]} is ${four(now.p[bar])}`);
  }
  fill(cell, name, formula, value, limit, sum) {
    if (value === undefined) { cell.replaceChildren(); return; }
    const missing = limit && (name === "shifted" || name === "small"), bad = !missing && !Number.isFinite(value);
    cell.classList.toggle("bad", bad);
    cell.title = missing ? "" : exactly(value);
    const parts = [h("small", { class: "caption" }, formula), h("span", null, missing ? "–" : four(value))];
    if (name === "p" && !sum) parts.splice(1, 0, this.share(value));
    cell.replaceChildren(...parts);
  }
  share(p) {
    const width = this.em * 2.8, tall = this.em * 0.9;
    return svg("svg", { class: "share", width, height: tall, viewBox: `0 0 ${width} ${tall}`, "aria-hidden": "true" },
      svg("rect", { width, height: tall, fill: this.look.paper.raised }), svg("rect", { width: Number.isFinite(p) ? Math.max(0, width * p) : 0, height: tall, fill: this.look.stroke(this.look.parts.logits) }));
  }

  // The formula with the numbers of the chosen bar put in.
  write() {
    const { now, state } = this, { bar, t } = now, plus = state.plus < 0 ? ` − ${four(-state.plus)}` : ` + ${four(state.plus)}`, line = (name, words, bad) => h("p", { class: bad ? "bad" : "" }, h("span", { class: "name" }, name), h("span", null, words));
    const power = (v) => (v < 0 ? `e^(${four(v)})` : `e^${four(v)}`), sum = (values) => values.map(power).join(" + ");
    const lines = [line("x", `(${four(now.z[bar])}${plus}) / ${four(t)} = ${four(now.x[bar])}`)];
    lines.push(line("as written", `${power(now.x[bar])} / (${sum(now.x)}) = ${four(now.powers[bar])} / ${four(now.total)} = ${four(now.naive[bar])}`, Number.isNaN(now.naive[bar])));
    if (t === 0) lines.push(line("limit", now.ties > 1 ? `1 / ${now.ties} for each of the ${now.ties} largest, else 0` : "1 for the largest, 0 for all others"));
    else lines.push(line("max taken away", `${power(now.shifted[bar])} / (${sum(now.shifted)}) = ${four(now.small[bar])} / ${four(now.sum)} = ${four(now.p[bar])}`, Number.isNaN(now.p[bar])));
    this.written.replaceChildren(h("p", null, this.chip(bar)), ...lines);
  }
  // What there is to say about the temperature, the constant, the format, and the rest of the vocabulary.
  remark() {
    const { now, state, data } = this, { t, x } = now, held = FORMATS[state.format], said = [];
    const [first, others] = [now.moved.indexOf(Math.max(...now.moved)), now.ties > 1];
    if (t === 0) said.push(`T = 0: a division by 0 gives no number, so this is the limit: all on the largest${others ? `, shared by the ${now.ties} that are equal. Samplers take the first of them, ${this.names[first]}` : ""}.`);
    else if (t === Infinity) said.push("T = ∞: every x is 0, so all are equal, whatever the logits are.");
    else if (t < 1) said.push(`T below 1 makes differences ${four(1 / t)} times as large: the largest gains.`);
    else if (t > 1) said.push(`T above 1 divides differences by ${four(t)}: probabilities come closer to each other.`);
    else said.push("T = 1: the logits as they are.");

    const still = byHand(now.z, t, 0, state.format).p, change = Math.max(...now.p.map((p, i) => Math.abs(p - still[i])));
    if (state.plus) {
      const told = Number.isNaN(change) ? "p is no number in this format" : `the largest change in any p is ${change ? four(change) : "0, exactly"}`;
      const apart = gap(Math.max(...now.moved.map(Math.abs)), held.bits);
      said.push(`c = ${exactly(state.plus)}: ${told}.${t === 0 ? "" : ` ${t === 1 ? "e^c" : "e^(c / T)"} stands above and below the fraction, and cancels.`}${change ? ` What has changed is rounding: near ${four(Math.max(...now.moved.map(Math.abs)))}, the numbers of ${state.format} are ${four(apart)} apart.` : ""}`);
    } else said.push("c = 0: nothing is added. Try any other: no p changes.");

    const beyond = now.powers.some((e) => e === Infinity), none = now.total === 0;
    const late = t !== 0 && now.p.some(Number.isNaN) ? " Here x itself is infinite already, and taking the maximum away comes too late." : "";
    if (t !== 0 && beyond) said.push(`${state.format} ends at ${four(held.most)}: from x = ${held.from} on, e^x is ∞, and ∞ / ∞ is not a number (NaN).${late || " With the maximum taken away no power is above e^0 = 1."}`);
    else if (t !== 0 && none) said.push(`Every e^x is too small for ${state.format} and becomes 0, and 0 / 0 is not a number (NaN).${late || " With the maximum taken away one power is e^0 = 1."}`);
    else if (t !== 0 && now.total === Infinity) said.push(`${state.format} ends at ${four(held.most)}: each e^x is below that, but their sum is ∞, and what is divided by ∞ becomes 0. With the maximum taken away the sum is ${now.z.length} at most.`);
    else if (t !== 0) said.push(`${state.format} ends at ${four(held.most)}: e^x is ∞ from x = ${held.from} on. The largest x here is ${four(Math.max(...x))}.`);
    if (now.z.some((z, i) => z !== data.logits[i]) && data.shares) said.push(`These bars have been moved: the model gave ${list(data.logits.slice(0, now.z.length).map(four))}. “As at first” brings that back.`);
    else if (data.shares) {
      const among = data.shares.slice(0, now.z.length).reduce((sum, p) => sum + p, 0);
      said.push(`The model has ${data.vocabulary.toLocaleString("en")} tokens. At T = 1 these ${now.z.length} have ${four(among * 100)}% of all probability; here they share it among themselves.`);
    }
    this.notes.replaceChildren(...said.map((words) => h("p", null, words)));
  }
  drawCurve() {
    const { now, em, look } = this, { bar, t } = now, two = now.z.length === 2, width = this.root.classList.contains("compact") ? Math.min(this.width, em * 26) : em * 22;
    const { moved, x } = now, top = Math.max(...moved.filter((_, i) => i !== bar)), far = moved[bar] === top ? -Math.log(now.ties - 1) : Math.sign(moved[bar] - top) * Infinity;
    const difference = t === 0 ? far : x[bar] - against(x, bar);
    const rest = two ? this.names[1 - bar] : "all others";
    this.curve.replaceChildren(h("h3", null, two ? "Two bars: softmax is the sigmoid" : "One bar against all others"),
      h("p", { class: "quiet" }, two ? `p = 1 / (1 + e^−(x of ${this.names[bar]} − x of ${rest}))` : `p = 1 / (1 + e^−d), d = x of ${this.names[bar]} − log of the sum of the others’ e^x`),
      sigmoidDrawing(difference, now.p[bar], this.names[bar], look, width, em),
      h("p", null, `1 / (1 + e^(${four(-difference)})) = ${four(sigmoid(difference))}`));
  }

  key(event) {
    const by = { "[": -1, ArrowUp: -1, "]": 1, ArrowDown: 1 }[event.key];
    if (by) this.choose(Math.max(0, Math.min(this.logits.length - 1, this.now.bar + by)));
    return Boolean(by);
  }
  // Every number of the table as it is, below lines that say what it was made of.
  csv() {
    const { now, state, data } = this, own = (value) => (Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf");
    const origin = [...data.origin, `# temperature: ${state.t}`, `# constant: ${state.plus}`, `# format: ${state.format}`];
    const rows = now.z.map((z, i) => [data.cells[i], ...[z, now.x[i], now.powers[i], now.naive[i], now.shifted[i], now.small[i], now.p[i]].map(own)].join());
    download(new Blob([[...origin, "name,z,x,power,naive,shifted,shifted_power,p", ...rows, ""].join("\n")], { type: "text/csv" }), "orrery-softmax.csv");
  }
}

export default mount(SoftmaxBars);
