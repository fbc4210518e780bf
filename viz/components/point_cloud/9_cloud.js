// Points that can be panned, turned, zoomed, searched and asked: pixels below, words and lines above them, a line that
// says what is pointed at.

const VIEW = ["x", "y", "zoom", "turn", "tilt"], ZOOMS = [0.5, 1000], VECTORS = 3000, SHARP = 20000, LIT = 2000, BESIDE = 8;
const LOOKED_AT = 3000; // points in sight whose labels are tried, so that a crowd costs no more than that
const between = (value, least, most) => Math.max(least, Math.min(most, value));
const several = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
const measure = (value) => String(Number(value.toPrecision(4)));

class PointCloud extends Figure {
  title() { return this.data.title; }
  facts() { return [...this.data.facts, this.counted()]; }
  counted() { return `${several(this.points.count, "point")} in ${this.points.dimensions} dimensions`; }
  name(i) { return cut(tokenText({ text: this.points.labels[i] }, false), 28); }

  build() {
    const { data } = this;
    this.points = new Points(data);
    this.solid = this.points.dimensions === 3;
    this.pointed = -1;
    this.sizes = data.sizes && fromBase64(data.sizes);
    const { kind } = data.colour ?? {}, grouped = kind === "groups";
    this.ranked = kind === "rank";
    this.steps = this.ranked ? Uint16Array.from({ length: data.count }, (_, i) => (1 - i / data.count) * 65535) : kind === "magnitude" ? stepsOf(data.colour.of) : null;
    this.kinds = grouped ? fromBase64(data.colour.of) : this.steps ? Uint8Array.from(this.steps, (q) => q >> 8) : new Uint8Array(data.count);
    this.shapes = Array.from({ length: grouped ? data.colour.names.length : this.steps ? 256 : 1 }, (_, k) => (grouped ? k % SHAPES.length : 0));

    this.input = h("input", { type: "search", placeholder: "find", "aria-label": "Find a label", spellcheck: "false", autocomplete: "off", maxlength: "80", oninput: () => this.set({ find: this.input.value }) });
    this.input.addEventListener("keydown", (e) => { if (e.key === "Enter") this.next(); });
    this.found = h("span", { class: "found quiet", role: "status" });
    const middle = () => [this.stage.clientWidth / 2, this.stage.clientHeight / 2];
    this.bar.replaceChildren(this.input, this.button("−", () => this.zoom(1 / 1.5, ...middle()), { "aria-label": "Zoom out" }),
      this.button("+", () => this.zoom(1.5, ...middle()), { "aria-label": "Zoom in" }), this.button("Show all", () => this.set({ ...this.first(), x: 0, y: 0, zoom: 1 })),
      ...(this.defaults.zoom === 1 ? [] : [this.button("First view", () => this.set(this.first()))]), this.found);

    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.over = h("canvas", { "aria-hidden": "true" });
    this.vectors = svg("svg", { "aria-hidden": "true", class: "vectors", hidden: true });
    this.summary = h("p", { class: "hidden", id: "summary" });
    this.stage = h("div", { class: "stage", role: "group", tabindex: "0", "aria-describedby": "summary",
      "aria-label": `${data.title}. Arrow keys ${this.solid ? "turn" : "move"} the picture, or go from the chosen point to the next one; plus and minus zoom; Escape lets go.` }, this.canvas, this.over, this.vectors);
    this.legend = h("div", { class: "legend", role: "group", "aria-label": "Legend", tabindex: "0" });
    this.readout = h("div", { class: "readout" });
    this.body.replaceChildren(h("h2", { class: "leave" }, data.title), this.legend, this.stage, this.readout, this.summary);
    this.painter = new Painter(this.canvas);
    new Hands(this, this.stage);
    this.drawn = this.framed = this.asked = this.told = this.near = null;
  }

  // ---- what is seen
  get chosen() { return this.state.point ?? -1; }
  colours() {
    if (this.steps) return Array.from({ length: 256 }, (_, k) => this.look.scale[Math.round(70 + (k * 185) / 255)]); // none as pale as the paper
    const line = (k) => (this.look.dark ? mix(rgb(this.look.head(k)), [255, 255, 255], 0.3) : rgb(this.look.head(k)));
    return this.shapes.map((_, k) => line(k));
  }
  radius() {
    const n = this.points.count, usual = n <= 500 ? 4.5 : n <= 5000 ? 3 : n <= 60000 ? 1.7 : 0.8;
    return usual * between((this.state.zoom / 3) ** 0.3, 1, 2.5);
  }
  strength() { return (this.points.count > 5000 ? 0.75 : 0.9) * (this.hits.length ? 0.35 : 1); }
  render() {
    const { state, points } = this, width = this.stage.clientWidth, height = this.stage.clientHeight;
    if (!width || !height) return; // on its way out of the page
    if (this.chosen >= points.count) this.choose(-1); // another cloud's
    if (this.input.value !== state.find) this.input.value = state.find;
    if (state.find !== this.asked) this.search();
    const frame = [width, height, this.em, this.look.name].join(), drawn = [frame, ...VIEW.map((name) => state[name]), this.hits.length > 0].join();
    if (frame !== this.framed) {
      this.framed = frame;
      this.painter.size(width, height, points.count <= SHARP);
      this.widths = new Map();
      this.explain();
    }
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      points.project(state, width, height);
      this.painter.paint(points, { paper: this.look.base, kinds: this.kinds, colours: this.palette, shapes: this.shapes,
        radius: this.radius(), sizes: this.sizes, strength: this.strength() });
    }
    this.above();
    this.tell();
  }
  // What colours and shapes mean.
  explain() {
    const { colour } = this.data, shown = 40;
    this.palette = this.colours();
    this.legend.hidden = !colour;
    if (!colour) return;
    const swatch = (k) => svg("svg", { viewBox: "-1.3 -1.3 2.6 2.6", class: "swatch", "aria-hidden": "true" }, shapeOf(SHAPES[this.shapes[k]], 0, 0, 1, css(this.palette[k])));
    if (colour.kind === "groups") {
      const more = colour.names.length - shown;
      this.legend.replaceChildren(colour.names.length > 8 ? h("span", { class: "quiet" }, `${several(colour.names.length, "group")}:`) : "",
        ...colour.names.slice(0, shown).map((name, k) => h("span", { class: "group" }, swatch(k), h("bdi", null, cut(tokenText({ text: name }, false), 40)))),
        more > 0 ? h("span", { class: "quiet" }, `and ${several(more, "group")} more, with the same signs again: point at one to read its name`) : "");
      return;
    }
    const ramp = svg("svg", { viewBox: "0 0 64 1", class: "ramp", preserveAspectRatio: "none", "aria-hidden": "true" },
      Array.from({ length: 32 }, (_, s) => svg("rect", { x: s * 2, width: 2.1, height: 1, fill: css(this.palette[s * 8 + 4]) })));
    const ends = this.ranked ? [this.points.count.toLocaleString("en"), "1"] : [colour.low, colour.high].map(measure);
    this.legend.replaceChildren(h("span", { class: "group" }, h("bdi", null, colour.name), ends[0], ramp, ends[1]));
  }
  // The words that have room: the chosen, the pointed at, the found, then the most important.
  layout(context) {
    const { x, y, count } = this.points, width = this.stage.clientWidth, height = this.stage.clientHeight, labels = new Labels(width, height, this.em * 1.05), gap = this.radius() + 3;
    const wide = (i, text) => this.widths.get(i) ?? (this.widths.set(i, context.measureText(text).width), this.widths.get(i));
    const put = (i, must) => { const text = this.name(i); labels.put(i, text, x[i], y[i], wide(i, text), gap + (i === this.chosen ? 4 : must || this.hits.length ? 2 : 0), must); }; // beside its ring
    const strong = [...new Set([this.chosen, this.pointed])].filter((i) => i >= 0), most = Math.min(200, (width * height) / 7000);
    if (this.data.links.pairs.length <= 400) for (const line of this.lines()) labels.avoid(line);
    strong.forEach((i) => put(i, true));
    const { hits } = this, asked = hits.length ? hits.length : count;
    for (let rank = 0, tried = 0; rank < asked && tried < LOOKED_AT && labels.placed.length < most; rank++) {
      const i = hits.length ? hits[rank] : rank;
      if (!(x[i] >= 0 && x[i] <= width && y[i] >= 0 && y[i] <= height) || strong.includes(i)) continue;
      tried++;
      put(i, false);
    }
    return labels.placed;
  }
  // Lines between points: [from, to] in pixels, and the tip of an arrow.
  *lines() {
    const { pairs, arrows } = this.data.links, { x, y } = this.points, short = this.radius() + 1;
    for (let k = 0; k < pairs.length; k += 2) {
      const [a, b] = [pairs[k], pairs[k + 1]], dx = x[b] - x[a], dy = y[b] - y[a], long = Math.hypot(dx, dy);
      if (long <= 2 * short) continue;
      const [ux, uy] = [dx / long, dy / long], x1 = x[b] - ux * short, y1 = y[b] - uy * short, tip = [[-8, -3.5], [-8, 3.5]].map(([along, off]) => [x1 + ux * along - uy * off, y1 + uy * along + ux * off]);
      yield { x0: x[a] + ux * short, y0: y[a] + uy * short, x1, y1, tip: arrows ? tip : null };
    }
  }
  // The edges of the box that three dimensions fill, so that turning can be seen.
  *box() {
    if (!this.solid) return;
    const corner = (bits) => this.points.at(this.points.sides.map((side, d) => ((bits >> d) & 1 ? side : -side) / 2));
    for (let from = 0; from < 8; from++) for (const d of [1, 2, 4]) if (!(from & d)) yield [corner(from), corner(from | d)];
  }
  above() {
    const context = sized(this.over, this.stage.clientWidth, this.stage.clientHeight), { paper } = this.look, { x, y } = this.points, around = this.radius() + 2.5;
    const stroke = (colour, width, draw) => { context.beginPath(); draw(); context.strokeStyle = colour; context.lineWidth = width; context.stroke(); };
    const ring = (i, radius) => { context.moveTo(x[i] + radius, y[i]); context.arc(x[i], y[i], radius, 0, 7); };
    context.font = `${this.em * 0.82}px ${getComputedStyle(this.root).fontFamily}`;
    context.textBaseline = "middle";
    stroke(paper.line, 1, () => { for (const [a, b] of this.box()) { context.moveTo(...a); context.lineTo(...b); } });
    stroke(paper.quiet, 1, () => {
      for (const { x0, y0, x1, y1, tip } of this.lines()) {
        context.moveTo(x0, y0);
        context.lineTo(x1, y1);
        if (tip) { context.moveTo(...tip[0]); context.lineTo(x1, y1); context.lineTo(...tip[1]); }
      }
    });
    stroke(paper.accent, 2, () => this.hits.slice(0, LIT).forEach((i) => ring(i, around)));
    if (this.chosen >= 0) stroke(paper.ink, 2.5, () => ring(this.chosen, around + 2));
    if (this.pointed >= 0) stroke(paper.ink, 1.5, () => ring(this.pointed, around));
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = paper.paper;
    context.fillStyle = paper.ink;
    this.placed = this.layout(context);
    for (const { text, x: left, y: middle } of this.placed) { context.strokeText(text, left, middle); context.fillText(text, left, middle); }
  }

  // ---- what is said
  group(i) {
    const { colour } = this.data;
    if (!colour) return "";
    if (this.ranked) return `${colour.name} ${(i + 1).toLocaleString("en")}`;
    return this.steps ? `${colour.name} ${measure(colour.low + (this.steps[i] / 65535) * (colour.high - colour.low))}` : tokenText({ text: colour.names[this.kinds[i]] }, false);
  }
  // The chosen point's neighbours, as a sentence.
  beside() {
    if (this.chosen < 0 || this.points.count < 2) return "";
    if (this.near?.of !== this.chosen) this.near = { of: this.chosen, points: this.points.neighbours(this.chosen, BESIDE) };
    return `Nearest to ${this.name(this.chosen)} in the picture: ${list(this.near.points.map((i) => this.name(i)))}.`;
  }
  about(i) { return [tokenText({ text: this.points.labels[i] }, false), this.group(i)].filter(Boolean).join(" · "); }
  tell() {
    const i = this.pointed >= 0 ? this.pointed : this.chosen, told = `${i} ${this.chosen} ${this.version}`;
    if (told === this.told) return;
    this.told = told;
    const beside = this.beside();
    const words = i < 0 ? [h("span", { class: "quiet" }, "Point at the picture to read a label; click to keep it.")]
      : [h("b", null, h("bdi", null, tokenText({ text: this.points.labels[i] }, false))), this.group(i) ? h("bdi", { class: "quiet" }, ` · ${this.group(i)}`) : null];
    this.readout.replaceChildren(h("p", null, words), h("p", { class: "quiet" }, beside));
    const { colour } = this.data, first = this.points.labels.slice(0, 12).map((_, k) => this.name(k));
    this.summary.textContent = [`${this.counted()}${colour ? (this.steps ? `, coloured by ${colour.name}` : `, in ${several(colour.names.length, "group")}`) : ""}.`,
      `${this.points.count > 12 ? "The first are " : ""}${list(first)}.`, this.chosen >= 0 ? `Chosen: ${this.about(this.chosen)}. ${beside}` : ""].join(" ");
    if (this.chosen >= 0 && this.chosen !== this.spoken) this.say(`${this.about(this.chosen)}. ${beside}`);
    this.spoken = this.chosen;
  }

  // ---- the search
  search() {
    this.asked = this.state.find;
    const { begin, hold } = this.points.find(this.asked);
    this.hits = [...begin, ...hold];
    this.found.textContent = !this.asked.trim() ? "" : this.hits.length ? `${begin.length.toLocaleString("en")} begin with it, ${hold.length.toLocaleString("en")} more contain it` : "no such label";
  }
  next() {
    this.search();
    if (!this.hits.length) return;
    const i = this.hits[(this.hits.indexOf(this.chosen) + 1) % this.hits.length];
    if (this.points.count > 5000) this.set({ zoom: Math.max(this.state.zoom, 12) });
    this.choose(i, true);
  }

  // ---- the hand
  under([x, y], kind) { return this.points.nearest(x, y, kind === "touch" ? 24 : 14); }
  point(i) {
    if (i === this.pointed) return;
    this.pointed = i;
    this.stage.classList.toggle("on", i >= 0);
    this.frame ||= requestAnimationFrame(() => this.draw());
  }
  choose(i, reveal = false) {
    this.set({ point: i >= 0 ? i : null });
    if (reveal) this.reveal(i);
    if (!this.data.asks) return;
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.send("chosen", i), 150); // arrow keys that are held down ask once
  }
  // A point out of sight comes to the middle.
  reveal(i) {
    const width = this.stage.clientWidth, height = this.stage.clientHeight, margin = 20;
    this.points.project(this.state, width, height);
    const x = this.points.x[i], y = this.points.y[i];
    if (x < margin || x > width - margin || y < margin || y > height - margin) this.pan(width / 2 - x, height / 2 - y);
    this.drawn = null;
  }
  scale(zoom = this.state.zoom) { return this.points.scale(this.stage.clientWidth, this.stage.clientHeight, zoom); }
  view(patch) {
    const exact = (value) => Number(value.toFixed(6));
    this.set(Object.fromEntries(Object.entries(patch).map(([name, value]) => [name, exact(value)])));
  }
  pan(dx, dy) { this.view({ x: between(this.state.x - dx / this.scale(), -1, 1), y: between(this.state.y + dy / this.scale(), -1, 1) }); }
  zoom(by, px, py) {
    const zoom = Number(between(this.state.zoom * by, ...ZOOMS).toPrecision(5)), less = 1 / this.scale() - 1 / this.scale(zoom);
    const right = px - this.stage.clientWidth / 2, down = py - this.stage.clientHeight / 2;
    this.view({ zoom, x: between(this.state.x + right * less, -1, 1), y: between(this.state.y - down * less, -1, 1) });
  }
  rotate(across, up) {
    const turn = ((((this.state.turn + across + 180) % 360) + 360) % 360) - 180;
    this.set({ turn: Number(turn.toFixed(1)), tilt: Number(between(this.state.tilt + up, -90, 90).toFixed(1)) });
  }
  first() { return Object.fromEntries(VIEW.map((name) => [name, this.defaults[name]])); }
  key({ key }) {
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    const middle = [this.stage.clientWidth / 2, this.stage.clientHeight / 2];
    if (arrow && this.chosen >= 0) {
      const i = this.points.towards(this.chosen, ...arrow);
      if (i >= 0) this.choose(i, true);
    } else if (arrow && this.solid) this.rotate(arrow[0] * 10, -arrow[1] * 10);
    else if (arrow) this.pan(-arrow[0] * middle[0] * 0.2, -arrow[1] * middle[1] * 0.2);
    else if (key === "+" || key === "=") this.zoom(1.5, ...middle);
    else if (key === "-") this.zoom(1 / 1.5, ...middle);
    else if (key === "Escape") this.choose(-1);
    else if (key === "Home") this.set(this.first());
    else return false;
    return true;
  }

  // ---- a picture to keep: words and lines as vectors, and the points too where they are not too many
  async save(kind) {
    const width = this.stage.clientWidth, height = this.stage.clientHeight, { paper } = this.look, { x, y, depth, order, count } = this.points, parts = [];
    const line = (x1, y1, x2, y2, stroke) => parts.push(svg("line", { x1, y1, x2, y2, stroke, "stroke-width": 1 }));
    const few = count <= VECTORS, ring = (i, stroke) => parts.push(svg("circle", { cx: x[i], cy: y[i], r: this.radius() + 3.5, fill: "none", stroke, "stroke-width": 2 }));
    for (const [a, b] of this.box()) line(...a, ...b, paper.line);
    for (let k = count - 1; few && k >= 0; k--) {
      const i = order ? order[count - 1 - k] : k, sign = this.kinds[i];
      if (!(x[i] > 0 && x[i] < width && y[i] > 0 && y[i] < height)) continue;
      const drawn = shapeOf(SHAPES[this.shapes[sign]], x[i], y[i], (this.radius() * (this.sizes?.[i] ?? 4)) / 4, css(this.palette[sign]));
      drawn.setAttribute("opacity", (this.strength() * (depth ? nearness(depth[i]) : 1)).toFixed(2));
      parts.push(drawn);
    }
    for (const { x0, y0, x1, y1, tip } of this.lines()) { line(x0, y0, x1, y1, paper.quiet); if (tip) tip.forEach(([a, b]) => line(a, b, x1, y1, paper.quiet)); }
    this.hits.slice(0, LIT).forEach((i) => ring(i, paper.accent));
    if (this.chosen >= 0) ring(this.chosen, paper.ink);
    const words = (label, props) => svg("text", { x: label.x, y: label.y, "dominant-baseline": "central", "font-size": this.em * 0.82, ...props }, xml(label.text));
    for (const label of this.placed) parts.push(words(label, { fill: "none", stroke: paper.paper, "stroke-width": 3 }), words(label, { fill: paper.ink }));
    this.vectors.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.vectors.replaceChildren(...parts);
    this.vectors.removeAttribute("hidden");
    this.over.hidden = true;
    this.canvas.hidden = few;
    this.legend.classList.add("whole");
    const saved = super.save(kind); // it reads the page at once and waits only then: nobody sees the change
    this.vectors.replaceChildren();
    this.vectors.setAttribute("hidden", "");
    this.legend.classList.remove("whole");
    this.over.hidden = this.canvas.hidden = false;
    await saved;
  }
}
export default mount(PointCloud);
