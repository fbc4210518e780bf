// A model as a board of switches: a click switches a part off, and the server says what the model then does.

class SwitchBoard extends Figure {
  title() { return this.data.title; }

  build() {
    const { data } = this;
    this.undo ??= [];
    this.factor ??= 0;
    // What the hand has asked for since counts before an answer to an older question. Questions are numbered: the same
    // one may come again, after something else has cleared the parts.
    this.asks = Math.max(this.asks ?? 0, parseInt(data.asked) || 0);
    if (this.wanted === undefined || this.wanted === data.asked) { this.parts = new Parts(data.off, data.heads); this.wanted = undefined; }
    this.at = [Math.min(this.at?.[0] ?? this.state.layer, data.layers - 1), Math.min(this.at?.[1] ?? this.state.head, data.heads + 2)];
    this.looks ??= new Looks(this);
    this.looks.take(data);

    const field = (props) => h("input", { class: "field", ...props });
    this.factorField = field({ type: "number", min: -10, max: 10, step: 0.25, value: this.factor, "aria-label": "A click multiplies by", oninput: () => this.setFactor(this.factorField.value) });
    this.factorRange = h("input", { type: "range", min: 0, max: 2, step: 0.25, value: this.factor, "aria-label": "A click multiplies by, from 0 to 2", oninput: () => this.setFactor(this.factorRange.value) });
    this.undoButton = this.button("Undo", () => this.back());
    this.clearButton = this.button("Clear", () => this.ask(""));
    this.bar.replaceChildren(h("span", { class: "name" }, "A click multiplies by"), this.factorRange, this.factorField, this.undoButton, this.clearButton);

    this.offField = field({ type: "text", class: "field off", "aria-label": "Switched off, as in the link", placeholder: "nothing; type 13.8 or m5x0.5", spellcheck: "false", onchange: () => this.ask(this.offField.value) });
    this.list = h("div", { class: "off-list" });
    this.board = h("div", { class: "board", tabindex: "0", role: "group", "aria-describedby": "board-summary", "aria-label": "The parts of the model. Arrow keys go from part to part; Enter switches one off or on; u undoes, c clears." });
    this.board.addEventListener("pointermove", (e) => { if (e.pointerType === "mouse") this.read(this.hit(e)); });
    this.board.addEventListener("pointerleave", () => this.read(null));
    this.board.addEventListener("click", (e) => { const place = this.hit(e); if (place) { this.go(place); this.toggle(); } });
    this.readout = h("p", { class: "readout" });
    this.lens = h("div", { class: "lens" });
    this.summary = h("p", { class: "hidden", id: "board-summary" });
    this.next = h("div", { class: "next" });
    const pick = (name, most) => field({ type: "number", min: 0, max: most, "aria-label": `Watched ${name}`, onchange: (e) => this.watch({ [name]: Math.max(0, Math.min(most, Math.round(Number(e.target.value) || 0))) }) });
    this.layerField = pick("layer", data.layers - 1);
    this.headField = pick("head", data.heads - 1);
    this.every = h("input", { type: "checkbox" });
    this.looksRead = h("p", { class: "readout looks-read" });
    this.legend = h("p", { class: "quiet legend" }, data.each ? "Colour: bits between the next token with nothing off and with this part alone off; darker is more, by the square root." : "Click a part to switch it off, and again to put it back.");
    this.body.replaceChildren(
      h("div", { class: "row leave" }, h("span", { class: "name" }, "Off"), this.offField, this.list),
      h("div", { class: "columns" },
        h("div", { class: "machine" }, h("h2", null, "The machine"), this.legend, this.board, this.readout),
        h("div", { class: "reads" }, h("h2", null, "Logit lens, last position"), h("p", { class: "quiet legend" }, "What it would say behind each layer; bold where it differs."), this.lens),
        this.next),
      h("div", { class: "row control" }, h("h2", null, "Attention of head"), h("label", null, "layer ", this.layerField), h("label", null, "head ", this.headField),
        h("label", { class: "check leave" }, this.every, "cut in all heads of the layer")),
      this.looksRead, this.looks.stage, this.summary);
    this.fillNext();
  }

  // ---- the hand
  hit(e) { const box = this.board.firstChild.getBoundingClientRect(); return this.under?.(e.clientX - box.left, e.clientY - box.top) ?? null; }
  setFactor(text) {
    const factor = Math.round(Number(text) * 1e6) / 1e6; // as many digits as a link takes
    if (!Number.isFinite(factor) || Math.abs(factor) > 10) return;
    this.factor = factor;
    if (Number(this.factorField.value) !== factor) this.factorField.value = factor;
    this.factorRange.value = factor;
  }
  go([layer, column]) {
    this.at = [layer, column];
    this.watch({ layer, ...(column < this.data.heads ? { head: column } : {}) });
    this.read(null);
  }
  watch(patch) {
    this.set(patch);
    if (!this.looks.has(this.state.layer)) this.send("around", this.state.layer);
  }
  toggle() {
    const parts = new Parts(this.parts.text, this.data.heads);
    parts.put(...this.at, this.factor);
    this.ask(parts.text);
  }
  cut(query, key) {
    if (key > query) return;
    const parts = new Parts(this.parts.text, this.data.heads), { layer, head } = this.state, { first } = this.data;
    parts.cut(parts.edge(layer, this.every.checked ? null : head, query + first, key + first));
    this.ask(parts.text);
  }
  ask(text, keep = true) {
    if (text === this.parts.text) return;
    if (keep) this.undo.push(this.parts.text);
    this.parts = new Parts(text, this.data.heads);
    this.wanted = `${++this.asks} ${text}`;
    this.send("asked", this.wanted);
    this.say(text ? `Off: ${text}` : "Nothing is off");
    this.draw();
  }
  back() { if (this.undo.length) this.ask(this.undo.pop(), false); }
  key(e) {
    const step = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key], [layer, column] = this.at;
    const onBoard = e.composedPath().includes(this.board);
    if (step) this.go([Math.max(0, Math.min(this.data.layers - 1, layer + step[0])), Math.max(0, Math.min(this.data.heads + 2, column + step[1]))]);
    else if (onBoard && (e.key === "Enter" || e.key === " ")) this.toggle();
    else if (e.key === "u") this.back();
    else if (e.key === "c") this.ask("");
    else return false;
    if (step) this.say(this.about(this.at));
    return true;
  }

  // ---- what is seen
  about([layer, column]) {
    const { data } = this, scale = this.parts.scale(layer, column), name = partName(layer, column, data.heads);
    const now = scale === 0 ? "off" : scale !== 1 ? `× ${scale}` : this.parts.silent(layer, column) ? "silent, as what holds it is off" : this.parts.hasEdges(layer, column) ? "on, an edge cut" : "on";
    if (!data.each) return `${name}: ${now}`;
    const [text, share, kept] = data.each.said[layer][column];
    return `${name}: ${now}. Alone off: ${number(data.each.bits[layer][column], "bits")}; “${visible(data.each.answer)}” ${data.each.probability.toFixed(3)} → ${kept.toFixed(3)}; it then says “${visible(text)}” (${share.toFixed(3)})`;
  }
  read(place) { this.readout.textContent = this.about(place ?? this.at); }
  readLooks() {
    const { data, looks, state } = this, cell = looks.cell;
    if (!cell || !looks.has(state.layer)) { this.looksRead.textContent = "Rows look, columns are looked at. Click a cell to cut that edge."; return; }
    const [query, key] = cell, weights = [0, 1].map((side) => looks.weight(side, state.layer, state.head, query, key).toFixed(3));
    const name = (i) => `${i + data.first} “${plain(data.tokens[i])}”`;
    this.looksRead.textContent = key > query ? `${name(query)} can't look at ${name(key)}: it comes later` :
      `${name(query)} looks at ${name(key)}: ${data.both ? weights.join(" → ") : weights[0]}${this.parts.isCut(state.layer, state.head, query + data.first, key + data.first) ? " (cut)" : ""}`;
  }
  fillNext() {
    const { data } = this, most = Math.max(...data.top.flatMap((row) => row.slice(2, data.both ? 4 : 3)));
    const bar = (share, side) => h("div", { class: "share" }, h("span", { class: "bar-room" }, h("span", { class: `bar-of ${side}`, style: `width:${(100 * share) / most}%` })), h("span", { class: "figure" }, share < 0.0005 ? "<0.001" : share.toFixed(3)));
    const key = (side, words) => h("span", { class: "key" }, h("span", { class: `swatch ${side}` }), words);
    const head = h("tr", null, h("th", { scope: "col" }, "token"), h("th", { scope: "col" }, key("before", data.both ? "before" : "now"), data.both ? key("after", "after") : null));
    const rows = data.top.map(([text, id, before, after]) => h("tr", { title: `id ${id}` }, h("th", { scope: "row" }, chip({ text, kind: "text", part: [0, 1] }, true)), h("td", null, bar(before, "before"), data.both ? bar(after, "after") : null)));
    this.bits = h("p", { class: "bits" }, data.both ? `KL divergence of after from before: ${data.bits < 1e-5 && data.bits > 0 ? data.bits.toExponential(1) : data.bits.toFixed(data.bits < 0.1 ? 4 : 2)} bits` : "Nothing is off: this is the model as it is.");
    this.next.replaceChildren(h("h2", null, "The next token"), this.bits, h("table", null, h("thead", null, head), h("tbody", null, ...rows)));
  }
  render() {
    const { data, state } = this, waiting = this.wanted !== undefined;
    this.room = this.root.clientWidth;
    drawBoard(this, this.parts);
    this.looks.draw();
    this.next.classList.toggle("old", waiting);
    this.lens.classList.toggle("old", waiting);
    this.looks.stage.classList.toggle("old", waiting);
    if (this.layerField !== this.layerField.getRootNode().activeElement) this.layerField.value = state.layer;
    if (this.headField !== this.headField.getRootNode().activeElement) this.headField.value = state.head;
    if (this.offField !== this.offField.getRootNode().activeElement) this.offField.value = waiting ? this.parts.text : data.off;
    const words = this.parts.words;
    this.list.replaceChildren(...words.slice(0, 8).map((word) => this.button(`${word} ✕`, () => this.ask(this.parts.without(word)), { "aria-label": `Put ${word} back` })), ...(words.length > 8 ? [h("span", { class: "quiet" }, `and ${words.length - 8} more`)] : []));
    this.undoButton.disabled = !this.undo.length;
    this.clearButton.disabled = !words.length;
    this.read(null);
    this.readLooks();
    const [first] = data.top, best = data.both ? data.top.reduce((a, b) => (b[3] > a[3] ? b : a)) : first;
    this.summary.textContent = `${data.layers} layers of ${data.heads} heads. Off: ${words.join(", ") || "nothing"}. Likeliest next token before: ${visible(first[0])}, ${first[2].toFixed(3)}${data.both ? `; after: ${visible(best[0])}, ${best[3].toFixed(3)}; divergence ${data.bits.toFixed(3)} bits` : ""}.`;
  }
}

export default mount(SwitchBoard);
