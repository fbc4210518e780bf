// What goes through the layers as a sum, and who adds what? The stream at every layer and position; what is written at
// the chosen token; which parts speak for the one token and which for its rival.

class ResidualStream extends Figure {
  title() { return this.data.title; }

  build() {
    const { data } = this;
    this.numbers = new Numbers(data);
    this.pointed = this.spoken = this.drawn = this.framed = null;
    const step = (by, words, sign) => this.button(sign, () => this.go({ token: this.state.token + by }), { "aria-label": words });
    this.which = h("select", { "aria-label": "Token of the text", onchange: () => this.go({ token: data.first + this.which.selectedIndex }) }, data.tokens.map((token, i) => h("option", null, `${data.first + i}: ${cut(label(token, true), 30)}`)));
    this.kind = h("select", { "aria-label": "Heads are coloured by", onchange: () => this.set({ written: this.kind.value }) }, h("option", { value: "norm" }, "norm"), h("option", { value: "cosine" }, "cosine with the stream"));
    this.bar.replaceChildren(h("span", { class: "name" }, "Token"), step(-1, "Token before", "‹"), this.which, step(1, "Next token", "›"), h("span", { class: "name" }, "Heads by"), this.kind);

    const layered = { pointed: (place) => this.point(place && { layer: place.layer }), clicked: ({ layer }) => this.go({ layer }) };
    const headed = { rows: true, pointed: (place) => this.point(place && place.layer >= 0 && place.layer < data.layers ? { layer: place.layer, head: place.row } : null), clicked: ({ layer, row }) => this.go({ layer, head: row }) };
    this.all = new Stage(this, "Norm of the stream. Left and right arrow keys go from layer to layer, up and down from token to token.", { rows: true,
      pointed: (place) => this.point(place && place.layer < data.layers ? { layer: place.layer, token: data.first + place.row } : null), clicked: ({ layer, row }) => this.go({ layer, token: data.first + row }) });
    this.norms = new Stage(this, "Norms of what attention and MLP write at each layer", layered);
    this.cosines = new Stage(this, "Cosines of what attention and MLP write with the stream", layered);
    this.heads = new Stage(this, "What each head writes. Left and right arrow keys go from layer to layer, up and down from head to head.", headed);
    this.streamKey = h("p", { class: "legend" });
    this.headKey = h("p", { class: "legend" });
    this.streamSays = h("div", { class: "readout", "data-about": "stream" });
    this.writtenSays = h("div", { class: "readout", "data-about": "written" });
    this.writtenTitle = h("h2");
    this.doors = h("p", { class: "doors leave" });
    this.summary = h("p", { class: "hidden" });
    const stood = data.norms === "after" ? "the norm behind each layer has just made it as long as that norm’s weights say" : "all that was added to it so far";
    this.body.replaceChildren(
      h("h2", null, "How long the stream is behind every layer"), h("p", { class: "quiet" }, `The L2 norm of each token’s vector: ${stood}.`), this.streamKey, this.all.part, this.streamSays, this.summary,
      this.writtenTitle, h("p", { class: "legend" }, sample("attention", "attention writes (left bar)"), sample("mlp", "MLP writes (right bar)"), sample("line", data.norms === "after" ? "the stream that leaves the layer" : "the stream behind the layer")), this.norms.part,
      h("p", { class: "legend" }, "Cosine with the stream that it is added to: 1 makes it longer, 0 is a new direction, −1 takes away"), this.cosines.part,
      this.headKey, this.heads.part, this.writtenSays, this.doors, ...(data.shares ? this.attribution(layered, headed) : []));
  }
  // The part about two tokens.
  attribution(layered, headed) {
    this.shares = new Stage(this, "Shares of the logit difference: embedding, attention and MLP of each layer", layered);
    this.sums = new Stage(this, "The sum of the shares along the layers", layered);
    this.sums.part.classList.add("sums");
    this.speakers = new Stage(this, "Share of each head. Left and right arrow keys go from layer to layer, up and down from head to head.", headed);
    this.sharesTitle = h("h2");
    this.total = h("p", { class: "total" });
    this.shareKey = h("p", { class: "legend" });
    this.sharesSay = h("div", { class: "readout", "data-about": "shares" });
    this.sides = h("div", { class: "sides" });
    const choice = (which, name) => h("select", { "aria-label": name, "data-which": which, onchange: (e) => this.send("pair", [which, e.target.value, (this.asks = (this.asks ?? 0) + 1) + Date.now()]) });
    this.choices = [choice("answer", "Token that the shares speak for"), choice("rival", "Its rival")];
    const rest = this.numbers.rest ? [sample("rest", "biases that are no layer’s")] : [];
    return [this.sharesTitle, h("p", { class: "control pair leave" }, h("span", { class: "name" }, "Of the likeliest:"), this.choices[0], h("span", { class: "name" }, "against"), this.choices[1], h("span", { class: "quiet" }, "or type any token at the left")), this.total,
      h("p", { class: "quiet" }, "The final norm’s scale is held at what it really is here. What a part does by way of later layers, which read it, is not in its share."),
      h("p", { class: "legend" }, sample("stream", "embedding"), sample("attention", "attention (left bar)"), sample("mlp", "MLP (right bar)"), rest), this.shares.part,
      h("p", { class: "legend" }, sample("sum", "their sum, layer by layer")), this.sums.part, this.shareKey, this.speakers.part, this.sharesSay, this.sides];
  }

  get p() { return this.state.token - this.data.first; }
  render() {
    const { state, data } = this, frame = [this.width, this.em, this.look.name].join(), last = data.first + data.tokens.length - 1;
    if (!(state.token >= data.first && state.token <= last)) state.token = this.defaults.token; // of another text
    if (state.layer >= data.layers) state.layer = this.defaults.layer;
    if (state.head >= data.heads) state.head = this.defaults.head;
    this.which.selectedIndex = this.p;
    this.kind.value = state.written;
    if (frame !== this.framed) {
      const longest = Math.max(`head ${data.heads - 1}`.length, ...data.tokens.map((token) => Array.from(label(token, true)).length));
      const edge = Math.min(this.em * 8, this.width * 0.24, this.em * (1 + 0.5 * longest));
      this.plan = new Plan({ width: this.width, em: this.em, layers: data.layers, rest: Boolean(data.shares) && this.numbers.rest, edge });
      this.paintStream();
    }
    const drawn = [frame, state.token, state.written].join();
    if (drawn !== this.drawn) {
      this.paintWritten();
      if (data.shares) this.paintShares();
    }
    Object.assign(this, { framed: frame, drawn });
    this.tell();
  }
  paintStream() {
    const { numbers, data, em } = this, { layers, positions } = numbers, norms = Array.from({ length: positions * (layers + 1) }, (_, i) => numbers.stream(Math.floor(i / (layers + 1)), i % (layers + 1)));
    const low = Math.max(1e-9, Math.min(...norms.filter((norm) => norm > 0))), high = Math.max(...norms), extent = Math.max(1e-6, Math.log(high / low));
    const colours = new Colours(this.look, this.theme, { low: 0, high: extent }), high1 = Math.max(7, Math.min(22, 480 / positions));
    this.streamKey.replaceChildren(...ramp(colours, 0, extent, (x) => long(low * Math.exp(x)), "each step of the colour is the same factor"));
    const room = Math.floor((this.plan.edge - em) / (em * 0.5));
    Object.assign(this.all, { from: -1, columns: layers + 1 });
    this.all.cells({ rows: positions, columns: layers + 1, from: -1, high: high1, foot: true,
      colour: (p, l) => colours.of(Math.log(Math.max(low, norms[p * (layers + 1) + l]) / low)), label: (p) => cut(label(data.tokens[p], true), Math.max(3, room)) });
    const most = norms.indexOf(high), [p, l] = [Math.floor(most / (layers + 1)), most % (layers + 1)];
    this.summary.textContent = `${positions} tokens, ${layers} layers. The largest norm is ${long(high)}: token ${data.first + p}, ${plain(data.tokens[p])}, ${l ? `behind layer ${l - 1}` : "before the first layer"}. The smallest is ${long(low)}.`;
  }
  paintWritten() {
    const { numbers, data, em, p } = this, { layers, heads } = numbers, { written } = this.state, zero = (x) => (x === 0 ? "0" : long(x)), every = (length, of) => Array.from({ length }, (_, i) => of(i));
    this.writtenTitle.replaceChildren("What is written at ", chip(data.tokens[p], true));
    const line = every(layers + 1, (l) => numbers.stream(p, l)), most = Math.max(...line, ...every(layers, (l) => numbers.attention.norm(p, l)), ...every(layers, (l) => numbers.mlp.norm(p, l)));
    bars(this.norms, { bars: PAIR(layers, (l) => numbers.attention.norm(p, l), (l) => numbers.mlp.norm(p, l)), line, low: 0, high: most, height: em * 11, write: zero });
    bars(this.cosines, { bars: PAIR(layers, (l) => numbers.attention.cosine(p, l), (l) => numbers.mlp.cosine(p, l)), low: -1, high: 1, height: em * 8, write: angle });
    const values = every(layers * heads, (i) => numbers.head[written](p, Math.floor(i / heads), i % heads)), top = Math.max(1e-9, ...values.map(Math.abs)), low = written === "norm" ? 0 : -top;
    const colours = new Colours(this.look, this.theme, { low, high: top });
    this.headKey.replaceChildren(h("b", null, written === "norm" ? "Norm of what each head writes" : "Cosine of what each head writes with the stream"), ...ramp(colours, low, top, written === "norm" ? zero : angle, written === "norm" ? "" : "0 has the paper’s colour"));
    this.table(this.heads, (l, head) => colours.of(values[l * heads + head]));
  }
  // Heads as rows, layers as columns.
  table(stage, colour) {
    const { layers, heads } = this.numbers, high = Math.max(6, Math.min(this.em * 1.15, 320 / heads));
    Object.assign(stage, { from: 0, columns: layers });
    stage.cells({ rows: heads, columns: layers, from: 0, high, foot: true, colour: (head, layer) => colour(layer, head), label: (head) => `head ${head}` });
  }
  paintShares() {
    const { numbers, data, em, p } = this, { layers, heads, shares } = numbers, every = (length, of) => Array.from({ length }, (_, i) => of(i));
    const own = data.shares.tokens[p], other = data.shares.rivals[p], entry = (id) => data.shares.entries[id];
    const word = (id) => chip({ text: entry(id)[0], kind: "text", part: [0, 1] }, true);
    this.sharesTitle.replaceChildren(word(own), " against ", word(other), ", behind ", chip(data.tokens[p], true));
    const likely = data.shares.likely[p], offered = likely.map(([id]) => id);
    [["answer", own, other, "likeliest"], ["rival", other, own, "likeliest other"]].forEach(([which, id, not, usual], i) => {
      const typed = data.shares[which], option = (name, words, chosen) => { const made = h("option", { value: name }, words); made.selected = chosen; return made; };
      const chance = new Map(likely), ids = offered.includes(id) ? offered : [id, ...offered];
      this.choices[i].replaceChildren(option("", `the ${usual}`, !typed), ...ids.filter((each) => each !== not).map((each) => option(entry(each)[1], `${tokenText({ text: entry(each)[0] }, true, 24)}${chance.has(each) ? ` ${(100 * chance.get(each)).toFixed(1)}%` : ""}`, Boolean(typed) && each === id)));
    });
    const [sum, total] = [shares.sums[p], shares.totals[p]], ratio = Math.exp(Math.abs(total));
    this.total.replaceChildren(value("all shares together", plus(sum, 4)), value("the model’s own logit difference", plus(total, 4)),
      h("span", { class: "quiet" }, ratio < 1e6 ? `so that ${total < 0 ? "the rival" : "the token"} is ${long(ratio)} times as likely` : ""));
    const attention = (l) => shares.attention(p, l), mlp = (l) => shares.mlp(p, l), single = (name, at, amount) => ({ name, from: at, to: at + 1, at: () => amount, place: 0, of: 1 });
    const amounts = [shares.embedding[p], shares.constant[p], ...every(layers, attention), ...every(layers, mlp)], running = numbers.running(p);
    const digits = (low, high) => (high - low < 0.6 ? 2 : high - low < 6 ? 1 : 0), span = (list) => [Math.min(0, ...list), Math.max(0, ...list)], write = (low, high) => (x) => (x === 0 ? "0" : plus(x, digits(low, high)));
    const [low, high] = span(amounts), [least, most] = span(running);
    bars(this.shares, { bars: [single("stream", -1, shares.embedding[p]), ...PAIR(layers, attention, mlp), ...(numbers.rest ? [single("rest", layers, shares.constant[p])] : [])], low, high, height: em * 11, write: write(low, high) });
    bars(this.sums, { bars: [], line: running, low: least, high: most, height: em * 8, write: write(least, most) });
    const top = Math.max(1e-9, ...every(layers * heads, (i) => Math.abs(shares.head(p, Math.floor(i / heads), i % heads)))), colours = new Colours(this.look, this.theme, { low: -top, high: top });
    this.shareKey.replaceChildren(h("b", null, "Share of each head"), ...ramp(colours, -top, top, (x) => plus(x), "0 has the paper’s colour"));
    this.table(this.speakers, (l, head) => colours.of(shares.head(p, l, head)));
    const [favour, against] = numbers.loudest(p), loudest = Math.max(1e-9, ...[...favour, ...against].map((part) => Math.abs(part.value)));
    this.sides.replaceChildren(loud(this, ["Loudest for ", word(own)], favour, loudest), loud(this, ["Loudest for ", word(other)], against, loudest));
  }

  // ---- what is said
  tell() {
    const { state, data, pointed } = this, layer = pointed?.layer ?? state.layer, head = pointed?.head ?? state.head, p = (pointed?.token ?? state.token) - data.first, rest = layer >= data.layers;
    this.all.mark(rest ? null : layer, rest ? null : p);
    for (const stage of [this.norms, this.cosines]) stage.mark(rest ? null : layer);
    this.heads.mark(layer < 0 || rest ? null : layer, layer < 0 || rest ? null : head);
    this.streamSays.replaceChildren(...aboutStream(this, p, Math.min(layer, data.layers - 1)));
    this.writtenSays.replaceChildren(...aboutWritten(this, this.p, layer, head));
    if (data.shares) {
      for (const stage of [this.shares, this.sums]) stage.mark(layer);
      this.speakers.mark(layer < 0 || rest ? null : layer, layer < 0 || rest ? null : head);
      this.sharesSay.replaceChildren(...aboutShares(this, this.p, layer, head));
    }
    const chosen = [state.token, state.layer, state.head].join();
    if (chosen === this.spoken) return;
    const place = { layer: state.layer, head: state.head, token: state.token };
    this.doors.replaceChildren(door(this, "attention", { view: "heads", ...place }, `Head ${state.layer}.${state.head} on Attention`), door(this, "inside", { view: "walk", ...place }, `Layer ${state.layer} step by step`));
    if (this.spoken !== null) this.say([this.streamSays, this.writtenSays, ...(data.shares ? [this.sharesSay] : [])].map((part) => part.textContent).join(". "));
    this.spoken = chosen;
  }

  // ---- the hand
  point(place) {
    if (JSON.stringify(place) === JSON.stringify(this.pointed) || !this.plan) return;
    this.pointed = place;
    this.tell();
  }
  choose({ layer, head }) { this.go(head === null ? { layer } : { layer, head }); }
  go(patch) {
    const { data } = this, within = { token: [data.first, data.first + data.tokens.length - 1], layer: [0, data.layers - 1], head: [0, data.heads - 1] };
    this.pointed = null;
    this.set(Object.fromEntries(Object.entries(patch).map(([name, to]) => [name, Math.max(within[name][0], Math.min(within[name][1], to))])));
  }
  key(event) {
    const { state } = this, turn = { ArrowLeft: -1, ArrowRight: 1 }[event.key], climb = { ArrowUp: -1, ArrowDown: 1 }[event.key], leaf = { "[": -1, "]": 1 }[event.key];
    const inside = (stage) => stage && event.composedPath().includes(stage.part);
    if (turn) this.go({ layer: state.layer + turn });
    else if (leaf) this.go({ token: state.token + leaf });
    else if (climb && inside(this.all)) this.go({ token: state.token + climb });
    else if (climb && (inside(this.heads) || inside(this.speakers))) this.go({ head: state.head + climb });
    else return false;
    return true;
  }
}
export default mount(ResidualStream);
