// How large is the model that a hand designs? Every size is a slider, and all numbers follow it with the next frame.

const SIZES = [["layers", "Layers", "L"], ["width", "Width", "d"], ["heads", "Heads", "h"], ["kv", "Key/value heads", "g"], ["head", "Size of a head", "k"], ["mlp", "MLP width", "m"],
  ["vocabulary", "Vocabulary", "V"], ["experts", "Experts", "E"], ["chosen", "Chosen of them", "c"], ["context", "Context, tokens", "n"]];
const LABELS = Object.fromEntries(SIZES.map(([name, label]) => [name, label]));
const KEPT = 100; // steps back
const OWN = "";

class Designer extends Figure {
  title() { return `A design of ${whole(this.now.total)} parameters`; }
  facts() {
    const { rules, device } = this.data;
    return [`A decoder of the kind of ${this.design.experts > 1 ? "Mixtral" : "Llama"}: RMSNorm, gated MLP, RoPE`, ...rules.map((rule) => `${rule.name}: ${rule.source}`),
      `Training: 6 × parameters × tokens (Kaplan et al. 2020, arXiv:2001.08361); ${device.name} at ${Math.round(this.data.utilisation * 100)}% of its peak (${device.source})`];
  }
  get design() {
    const { target, ...design } = this.state;
    return design;
  }

  build() {
    const { data } = this;
    this.past = [];
    this.start = null;
    this.notes = [];
    const through = this.through();
    this.dials = SIZES.map(([name, label, symbol]) => new Dial({ name, label, symbol, limits: data.limits[name], values: through[name],
      moved: (value) => this.moved(name, value), done: () => { this.start = null; },
      refused: (text) => this.refuse(`${label}: “${cut(text, 20)}” is no whole number from ${whole(data.limits[name][0])} to ${whole(data.limits[name][1])}.`), words: (value) => (name === "head" && !value ? `${headOf(this.design)}, width over heads` : whole(value)) }));
    this.tied = h("input", { type: "checkbox", onchange: () => this.jump({ tied: this.tied.checked ? 1 : 0 }) });
    this.presets = h("select", { "aria-label": "Begin with a published model", onchange: () => this.preset() }, h("option", { value: OWN }, "a design of your own"),
      data.presets.map((each) => h("option", { value: each.name }, each.title)));
    this.total = h("strong");
    this.active = h("span", { class: "quiet" });
    this.undo = this.button("Undo", () => this.back());
    this.note = h("p", { class: "note", role: "status" });
    this.bar.classList.add("design");
    this.bar.replaceChildren(h("p", { class: "total" }, this.total, " ", this.active),
      h("div", { class: "control" }, h("label", { class: "control" }, h("span", { class: "name" }, "Begin with"), this.presets), this.undo, this.button("As at first", () => this.jump({ ...this.defaults })),
        this.button("Count it with transformers", () => this.ask())),
      h("div", { class: "dials" }, this.dials.map((dial) => dial.parts), h("label", { class: "check" }, this.tied, "Output head is the embedding (tied)")), this.note);
    this.files ??= [this.button("config.json", () => this.config(), { "aria-label": "Save config.json" }), this.button("CSV", () => this.csv(), { "aria-label": "Save numbers as CSV" })];
    if (!this.files[0].isConnected) this.actions.append(...this.files);
    this.layOut();
    const [design, changed] = possible(this.design, data.limits);
    if (changed.length) this.take(design, changed);
  }
  // What each range goes through: only designs that can be. While the hand holds one, the others stand where they stood.
  through() {
    const { limits } = this.data, now = () => this.start ?? this.design, most = (name) => limits[name][1];
    const fixed = { layers: ladder(1, most("layers")), width: ladder(64, most("width")), mlp: ladder(64, most("mlp")), vocabulary: ladder(256, most("vocabulary")), experts: ladder(1, most("experts")),
      head: Array.from({ length: most("head") / 16 + 1 }, (_, i) => i * 16), context: Array.from({ length: 14 }, (_, i) => 2 ** (i + 7)) };
    return { ...Object.fromEntries(Object.entries(fixed).map(([name, values]) => [name, () => values])),
      heads: () => headsFor(now(), most("heads")), kv: () => divisors(now().heads, most("kv")), chosen: () => Array.from({ length: now().experts }, (_, i) => i + 1) };
  }
  layOut() {
    const { data } = this;
    this.words = h("p", { class: "words" });
    this.drawn = Object.fromEntries(["parts", "cost"].map((name) => [name, h("div", { class: name })]));
    this.rows = {};
    this.marks = {};
    const row = (key, cells, mark) => h("tr", null, h("th", { scope: "row" }, mark ? (this.marks[key] = h("i", { class: "mark" })) : null, cells[0]), (this.rows[key] = cells.slice(1).map((cell) => h("td", null, cell))));
    const table = (heads, rows, label, kind) => h("table", { "aria-label": label, class: kind }, h("thead", null, h("tr", null, heads.map((words) => h("th", { scope: "col" }, words)))), h("tbody", null, rows));
    this.partRows = Object.fromEntries(["embedding", "attention", "mlp", "experts", "router", "norm", "head"].map((part) => [part, row(part, [data.names[part], "", "", "", ""], true)]));
    const parts = table(["part", "formula", "parameters", "share", "on a token"], Object.values(this.partRows), "Parameters by part", "formula");
    const memory = table(["weights, all of them", ""], Object.keys(data.formats).map((name) => row(`weights ${name}`, [name, ""])), "Memory of the weights by number format");
    const run = table(["to run it", ""], [row("cache", ["keys and values, in 16 bits", ""]), row("one", ["of that, for one token", ""]), row("arithmetic", ["operations to write one token", ""]), row("matrices", ["of that, in its matrices", ""]), row("scores", ["of that, looking back", ""])], "Cache and arithmetic");
    this.context = h("p", { class: "quiet" });
    const trained = table(["trained as", "tokens", "operations, 6 N D", "without token tables", `one ${data.device.name.replace(" 80 GB", "")}`], data.rules.map((rule) => row(rule.name, [rule.name, "", "", "", ""])), "Cost of training", "training");
    this.size = h("input", { class: "field", "aria-label": "Parameters of the shapes", onchange: () => this.sized(), size: 8 });
    this.stacks = [["This design"], ...SHAPES_OF].map(([name], i) => {
      const parts = { name, drawing: h("div"), said: h("p"), count: h("p", { class: "quiet" }) };
      parts.use = i ? this.button("Take this shape", () => this.jump(parts.design), { class: "leave", "aria-label": `Take this shape: ${name.toLowerCase()}` }) : h("span", { class: "leave" });
      parts.root = h("div", { class: "stack" }, h("h3", null, name), parts.drawing, parts.said, parts.count, parts.use);
      return parts;
    });
    this.question = h("h2");
    this.runs = h("p", { class: "runs" }, `In the drawing: ${list(data.trained.map((each, i) => `${i + 1} ${each.name} (${short(each.tokens)} tokens)`))}.`);
    this.body.replaceChildren(this.words, this.drawn.parts, h("div", { class: "pair" }, parts, h("div", { class: "pair costs" }, memory, h("div", null, run, this.context))),
      this.question, h("div", { class: "control leave sizes" }, h("span", { class: "name" }, "Parameters"), [1e8, 1e9, 1e10, 1e11].map((size) => this.button(rounded(size), () => this.aim(size))), this.size),
      h("div", { class: "stacks" }, this.stacks.map((stack) => stack.root)),
      h("h2", null, "To train it"), h("div", { class: "pair train" }, h("div", null, trained, this.runs), h("div", null, this.drawn.cost)));
  }

  // ---- the hand
  // One step of a dial, counted from where the hand took hold of it: what had to give way comes back with the hand.
  moved(name, value) {
    if (!this.start) this.keep((this.start = this.design));
    this.take(...possible({ ...this.start, [name]: value }, this.data.limits));
  }
  keep(design) {
    this.past.push(design);
    if (this.past.length > KEPT) this.past.shift();
  }
  take(design, changed) {
    this.notes = changed;
    this.set(design);
  }
  jump(patch) {
    this.start = null;
    this.keep({ ...this.state });
    const { target = this.state.target, ...rest } = patch;
    this.take(...possible({ ...this.design, ...rest }, this.data.limits));
    this.set({ target });
  }
  back() {
    const before = this.past.pop();
    if (!before) return;
    this.start = null;
    this.notes = [];
    this.set(before);
  }
  preset() {
    const chosen = this.data.presets.find((each) => each.name === this.presets.value);
    if (chosen) this.jump(chosen.design);
  }
  aim(target) {
    this.keep({ ...this.state });
    this.set({ target });
  }
  sized() {
    const size = sizeIn(this.size.value, this.data.target);
    if (size) this.aim(size);
    else {
      const [least, most] = this.data.target.map(rounded);
      this.refuse(`“${cut(this.size.value, 20)}” is no size from ${least} to ${most}; write 1.5 B or 350 M.`);
    }
    this.size.value = rounded(this.state.target);
  }
  refuse(words) { this.say((this.note.textContent = words)); }
  ask() {
    const { total, active, cache, arithmetic } = this.now;
    this.send("asked", { design: this.design, counts: { total, active, cache, arithmetic } });
  }

  // ---- the picture
  render() {
    const { data, state, design, look, em } = this, now = (this.now = counted(design));
    for (const dial of this.dials) dial.show(state[dial.name], dial.name === "head" ? headOf(design) : undefined);
    this.tied.checked = state.tied === 1;
    const known = data.presets.find((each) => Object.entries(each.design).every(([name, value]) => state[name] === value));
    this.presets.value = known?.name ?? OWN;
    this.presets.title = known?.source ?? "";
    this.undo.disabled = this.past.length === 0;
    this.total.textContent = `${whole(now.total)} parameters`;
    this.active.textContent = now.active === now.total ? `${short(now.total)}, all of which work on each token` : `${short(now.total)}, of which ${whole(now.active)} (${percent(now.active / now.total)}) work on a token`;
    this.note.textContent = this.notes.map(([name, before, after, why]) => `${LABELS[name]}: ${whole(before)} became ${whole(after)}, ${why}.`).join(" ");
    this.words.textContent = this.described(design);
    this.drawn.parts.replaceChildren(partsDrawing(now, data.names, data.colours, look, this.width, em));
    this.fill(now);
    this.drawStacks();
    this.train();
    this.say(`${whole(now.total)} parameters`);
  }
  described(d) {
    const groups = d.kv === d.heads ? "" : ` and ${whole(d.kv)} of keys and values`;
    return `${whole(d.layers)} layer${d.layers === 1 ? "" : "s"} · ${whole(d.width)} wide · ${whole(d.heads)} head${d.heads === 1 ? "" : "s"} of ${whole(headOf(d))}${groups} · MLP ${whole(d.mlp)}${
      d.experts > 1 ? `, ${d.experts} experts, ${d.chosen} chosen` : ""} · vocabulary ${whole(d.vocabulary)}, ${d.tied ? "tied" : "untied"}`;
  }
  put(key, ...words) { words.forEach((word, i) => { this.rows[key][i].textContent = word; }); }
  fill(now) {
    const { design, data, look } = this, present = new Set(now.parts.map(([part]) => part));
    for (const [part, row] of Object.entries(this.partRows)) {
      row.hidden = !present.has(part);
      this.marks[part].style.background = look.stroke(data.colours[part]);
    }
    for (const [part, formula, count, active] of now.parts) this.put(part, formula, whole(count), percent(count / now.total), whole(active));
    for (const [name, size] of Object.entries(data.formats)) this.put(`weights ${name}`, bytes(now.total * size));
    this.put("cache", bytes(2 * now.cache));
    this.put("one", bytes((2 * now.cache) / design.context));
    this.put("arithmetic", flop(now.arithmetic));
    this.put("matrices", `${flop(now.matrices)}, ${percent(now.matrices / now.arithmetic)}`);
    this.put("scores", `${flop(now.scores)}, ${percent(now.scores / now.arithmetic)}`);
    this.context.textContent = `For one text, behind ${whole(design.context)} tokens.`;
  }
  drawStacks() {
    const { state, design, look, em, data } = this, wide = this.width / (this.root.classList.contains("small") ? 2 : 4) - em;
    this.question.textContent = `What would ${rounded(state.target)} look like, wide or deep?`;
    if (this.size.getRootNode().activeElement !== this.size) this.size.value = rounded(state.target);
    const designs = [design, ...shapes(design, state.target, data.limits)];
    const scale = { wide, tall: em * 11, width: Math.max(...designs.map((d) => d.width)), layers: Math.max(...designs.map((d) => d.layers)) };
    designs.forEach((d, i) => {
      const stack = this.stacks[i], counts = i ? counted(d) : this.now, shape = `${whole(d.layers)} layer${d.layers === 1 ? "" : "s"} × ${whole(d.width)}`;
      stack.design = d;
      stack.drawing.replaceChildren(stackDrawing(d, scale, look.stroke(look.parts[i ? "residual" : "mlp"]), `${stack.name}: ${shape}`));
      stack.said.textContent = shape;
      stack.count.textContent = `${short(counts.total)} · cache ${bytes(2 * counts.cache)} · width is ${three(d.width / d.layers)} times the layers`;
    });
  }
  train() {
    const { data, now, look, em } = this, wide = this.root.classList.contains("narrow") ? Math.min(this.width, em * 42) : this.width * 0.5 - em, colours = ["query", "key"].map((part) => look.parts[part]);
    for (const rule of data.rules) {
      const cost = training(now, rule.rate, data.device, data.utilisation);
      this.put(rule.name, short(cost.tokens), power(cost.operations), power(cost.inner), lasting(cost.seconds));
    }
    this.drawn.cost.replaceChildren(costDrawing({ size: now.active, rules: data.rules.map((rule, i) => ({ ...rule, colour: colours[i] })), trained: data.trained, look, width: wide, em }));
  }

  // ---- files
  config() { download(new Blob([`${JSON.stringify(configOf(this.design), null, 2)}\n`], { type: "application/json" }), "config.json"); }
  csv() {
    const { design, now, data } = this, rows = now.parts.map(([part, formula, count, active]) => [`parameters: ${data.names[part]}`, formula, count, active]);
    const one = (name, formula, value) => rows.push([name, formula, value, ""]);
    rows.push(["parameters in all", "", now.total, now.active]);
    for (const [name, size] of Object.entries(data.formats)) one(`bytes of the weights in ${name}`, `parameters · ${size}`, now.total * size);
    one("bytes of keys and values in 16 bits", "2·L·g·k·n·2", 2 * now.cache);
    one("operations to write one token", "2·matrices + 4·L·h·k·(n + 1)", now.arithmetic);
    for (const rule of data.rules) {
      const cost = training(now, rule.rate, data.device, data.utilisation);
      one(`tokens to train it as ${rule.name}`, `${rule.rate}·N`, cost.tokens);
      one(`operations to train it as ${rule.name}`, "6·N·D", cost.operations);
    }
    const quoted = (cell) => (/[",]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell);
    const origin = Object.entries(design).map(([name, value]) => `# ${name}: ${name === "head" ? headOf(design) : value}`);
    download(new Blob([[...origin, "quantity,formula,value,on a token", ...rows.map((cells) => cells.map(quoted).join()), ""].join("\n")], { type: "text/csv" }), "orrery-design.csv");
  }
}

export default mount(Designer);
