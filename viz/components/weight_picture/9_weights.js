// A matrix as a picture: tiles on a canvas, the numbers of rows and columns beside it, and what is under the hand.

const ZOOM = 4, LEAST = 8; // a step of the zoom; weights along a side that it ends at
const MINUS = /-/g, count = (x) => x.toLocaleString("en");

class WeightPicture extends Figure {
  title() { return this.data.title; }

  build() {
    const { data } = this;
    this.given = Object.fromEntries(["mean", "largest"].map((name) => [name, stepsOf(data[name].values)]));
    this.pointed = this.drag = this.spoken = null;
    this.kinds = Object.entries({ largest: "Largest magnitudes", mean: "Means, signed" }).map(([name, words]) => {
      const box = h("input", { type: "radio", name: "tiles", value: name, onchange: () => this.set({ tiles: name }) });
      return [box, h("label", { class: "check" }, box, words)];
    });
    this.closer = this.button("Zoom in", () => this.zoom(1 / ZOOM));
    this.wider = this.button("Zoom out", () => this.zoom(ZOOM));
    this.bar.replaceChildren(h("span", { class: "control", role: "radiogroup", "aria-label": "Tiles" }, h("span", { class: "name" }, "Tiles"), this.kinds.map(([, label]) => label)), this.closer, this.wider);

    this.stage = h("div", { class: "stage", role: "group", tabindex: "0", "aria-describedby": "summary", "aria-label":
      `The matrix ${data.title}. Arrow keys go from tile to tile, + zooms in, - zooms out, Escape lets go.` });
    this.stage.addEventListener("pointermove", (e) => this.moved(e));
    this.stage.addEventListener("pointerdown", (e) => this.pressed(e));
    this.stage.addEventListener("pointerup", (e) => this.released(e));
    this.stage.addEventListener("pointerleave", () => { if (!this.drag) this.point(null); });
    this.stage.addEventListener("dblclick", () => this.zoom(1 / ZOOM));
    this.heading = h("h2", { class: "leave" }, data.title);
    this.legend = h("p", { class: "legend" });
    this.readout = h("div", { class: "readout" });
    this.summary = h("p", { class: "hidden", id: "summary" });
    this.body.replaceChildren(this.heading, h("div", { class: "sheet" }, this.stage,
      h("div", { class: "beside" }, ...this.described().map((line) => h("p", null, line)), this.legend, this.readout)), this.summary);
    this.drawn = null;
  }

  // ---- what is known
  get kind() { return this.state.tiles; }
  value(kind, row, column) {
    const { digits, least } = this.data[kind];
    return (least + this.given[kind][row * this.data.tiles[1] + column]) / 10 ** digits;
  }
  said(value, kind = this.kind, digits = this.data[kind].digits) { return value.toFixed(Math.max(0, digits)).replace(/^-(?=[0.]+$)/, "").replace(MINUS, "−"); }
  // Rows or columns in words, up to and without the end.
  named(axis, first, end) {
    const name = ["row", "column"][axis];
    return end - first === 1 ? `${name} ${count(first)}` : `${name}s ${count(first)} to ${count(end - 1)}`;
  }
  described() {
    const { axes, shape, region, tile } = this.data, size = region.map(([begin, end]) => end - begin), single = tile[0] * tile[1] === 1;
    const part = size.some((x, axis) => x < shape[axis]);
    return [`${count(shape[0])} × ${count(shape[1])} weights: rows are ${axes[0]}, columns ${axes[1]}.`,
      part ? `Shown: ${this.named(0, ...region[0])}, ${this.named(1, ...region[1])}.` : "Shown: all of it.",
      single ? "Each tile is one weight." : `Each tile stands for ${tile[0]} × ${tile[1]} weights.`];
  }
  get cell() {
    const { tile_row: row, tile_column: column } = this.state;
    return this.pointed ?? (row === null || column === null ? null : [row, column]);
  }

  // ---- what is seen
  render() {
    const { state, data } = this, [rows, columns] = data.tiles;
    if (state.tile_row >= rows || state.tile_column >= columns) Object.assign(state, { tile_row: null, tile_column: null }); // of another region
    for (const [box] of this.kinds) box.checked = box.value === this.kind;
    const size = data.region.map(([begin, end]) => end - begin);
    this.closer.disabled = size.every((x) => x <= LEAST);
    this.wider.disabled = size.every((x, axis) => x === data.shape[axis]);
    const frame = [this.width, this.em, this.look.name, this.kind].join();
    if (frame !== this.framed || !this.drawn) this.paint();
    Object.assign(this, { framed: frame, drawn: true });
    this.mark();
    this.tell();
  }
  paint() {
    const { data, em, look } = this, { paper } = look, { end } = data[this.kind], signed = this.kind === "mean", small = em * 0.8;
    const beside = this.width >= 46 * em, tall = Math.max(em * 18, Math.min(em * 37, innerHeight * 0.66));
    this.root.classList.toggle("stacked", !beside);
    const plan = (this.plan = new Plan({ width: beside ? this.width - em * 19 : this.width, tall, em, tiles: data.tiles }));
    const colours = new Colours(look, this.theme, { low: signed ? -end : 0, high: end });
    const fold = Math.max(1, Math.min(Math.ceil(2 * Math.max(plan.wide, plan.high)), Math.floor(2000 / Math.max(...data.tiles))));
    const canvas = tiled(...data.tiles, fold, (row, column) => colours.of(this.value(this.kind, row, column)));
    Object.assign(canvas.style, { left: `${plan.left}px`, top: `${plan.top}px`, width: `${plan.right}px`, height: `${plan.bottom}px` });
    const parts = [svg("rect", { x: plan.left, y: plan.top, width: plan.right, height: plan.bottom, fill: "none", stroke: paper.line })];
    const text = (x, y, words, props) => parts.push(svg("text", { x: x.toFixed(1), y: y.toFixed(1), "font-size": small, fill: paper.quiet, "dominant-baseline": "central", ...props }, words));
    const line = (d) => parts.push(svg("path", { d, stroke: paper.quiet, fill: "none" }));
    let last = -Infinity;
    for (const [at, y] of Plan.marks(data.region[0], data.tile[0], plan.high)) {
      if (y - last < small * 1.2) continue;
      last = y;
      line(`M${plan.left - em * 0.4} ${plan.top + y}H${plan.left}`);
      text(plan.left - em * 0.6, plan.top + Math.max(y, small * 0.3), count(at), { "text-anchor": "end" });
    }
    last = -Infinity;
    for (const [at, x] of Plan.marks(data.region[1], data.tile[1], plan.wide)) {
      if (x - last < small * (1.2 + 0.6 * count(at).length)) continue;
      last = x;
      line(`M${plan.left + x} ${plan.top - em * 0.4}V${plan.top}`);
      text(plan.left + x + em * 0.1, plan.top - em * 0.9, count(at), { "text-anchor": "start" });
    }
    const digits = Math.max(2, 1 - Math.floor(Math.log10(end))); // two that tell something
    if (plan.wide >= em * (0.2 + 0.46 * (3 + digits)) && plan.high >= em * 1.1) for (let row = 0; row < plan.rows; row++) for (let column = 0; column < plan.columns; column++) {
      const value = this.value(this.kind, row, column);
      text(plan.left + (column + 0.5) * plan.wide, plan.top + (row + 0.5) * plan.high, this.said(value, this.kind, Math.min(digits, data[this.kind].digits)), { "text-anchor": "middle", fill: look.inkOn(colours.of(value)) });
    }
    this.marks = svg("g", { fill: "none" });
    this.stage.style.width = `${plan.width}px`;
    this.stage.style.height = `${plan.height}px`;
    this.stage.replaceChildren(canvas, svg("svg", { "aria-hidden": "true", viewBox: `0 0 ${plan.width} ${plan.height}`, width: plan.width, height: plan.height }, parts, this.marks));
    const edge = String(Number(end.toPrecision(2)));
    this.legend.replaceChildren(signed ? `−${edge}` : "0", colours.ramp(signed ? -end : 0, end), edge,
      h("span", { class: "quiet" }, `${signed ? "0 has the paper’s colour. " : ""}${this.given[this.kind].length < data.many ? "" : "What lies beyond, 1 tile in 200, has the last colour."}`));
    this.summary.textContent = this.summed();
  }
  // The tile that is read, and its row and column; or the region that is being drawn.
  mark() {
    const { plan, drag } = this, { paper } = this.look, cell = this.cell, parts = [];
    const frame = (x, y, width, height, line) => [[paper.paper, line + 2], [paper.ink, line]].forEach(([stroke, wide]) => parts.push(svg("rect", { x: plan.left + x, y: plan.top + y, width, height, stroke, "stroke-width": wide })));
    if (drag?.end) {
      const [[top, bottom], [left, right]] = this.dragged();
      frame(left * plan.wide, top * plan.high, (right - left) * plan.wide, (bottom - top) * plan.high, 1.5);
    } else if (cell) {
      const [row, column] = cell, roomy = plan.high >= this.em * 1.1; // no line goes through the numbers of large tiles
      const lean = (d) => { if (!roomy) parts.push(svg("path", { d, stroke: paper.ink, "stroke-opacity": 0.45 })); };
      const x = plan.left + (column + 0.5) * plan.wide, y = plan.top + (row + 0.5) * plan.high;
      lean(`M${plan.left} ${y}H${x - plan.wide / 2 - 2}M${x + plan.wide / 2 + 2} ${y}H${plan.left + plan.right}`);
      lean(`M${x} ${plan.top}V${y - plan.high / 2 - 2}M${x} ${y + plan.high / 2 + 2}V${plan.top + plan.bottom}`);
      frame(column * plan.wide, row * plan.high, plan.wide, plan.high, 1.5);
    }
    this.marks.replaceChildren(...parts);
  }

  // ---- what is said
  where(cell) {
    const { region, tile } = this.data, first = (axis) => region[axis][0] + cell[axis] * tile[axis];
    return [0, 1].map((axis) => this.named(axis, first(axis), Math.min(region[axis][1], first(axis) + tile[axis]))).join(", ");
  }
  values([row, column]) {
    if (this.data.tile[0] * this.data.tile[1] === 1) return [["weight", this.said(this.value("mean", row, column), "mean")]];
    return [["mean", this.said(this.value("mean", row, column), "mean")], ["largest magnitude", this.said(this.value("largest", row, column), "largest")]];
  }
  tell() {
    const { cell } = this, { tile_row: row, tile_column: column } = this.state, kept = [row, column].join();
    if (!cell) this.readout.replaceChildren(h("p", { class: "quiet" }, "Point at a tile to read it; click to keep it. Drag over a region, or double-click, to zoom in."));
    else {
      const [first, ...rest] = this.where(cell);
      this.readout.replaceChildren(h("p", null, first.toUpperCase() + rest.join("")), ...this.values(cell).map(([name, value]) => h("p", null, h("span", { class: "quiet" }, `${name} `), h("b", null, value))));
    }
    if (kept !== this.spoken && row !== null && column !== null) this.say(`${this.where([row, column])}: ${this.values([row, column]).map((pair) => pair.join(" ")).join(", ")}`);
    this.spoken = kept;
  }
  // For those who can't see it: what it is, and where its largest tiles are.
  summed() {
    const [, columns] = this.data.tiles, order = Array.from(this.given[this.kind].keys()), of = (i) => [Math.floor(i / columns), i % columns];
    const best = order.map((i) => [Math.abs(this.value(this.kind, ...of(i))), i]).sort((a, b) => b[0] - a[0]).slice(0, 3);
    return [...this.described(), `${this.kind === "mean" ? "Means" : "Largest magnitudes"}; furthest from zero: ${best.map(([, i]) => `${this.where(of(i))}: ${this.said(this.value(this.kind, ...of(i)))}`).join("; ")}.`].join(" ");
  }

  // ---- the hand
  at(e) {
    const box = this.stage.getBoundingClientRect();
    return this.plan.under(e.clientX - box.left, e.clientY - box.top);
  }
  moved(e) {
    const cell = this.at(e);
    if (this.drag) {
      if (cell && (this.drag.end || String(cell) !== String(this.drag.begin))) this.drag.end = cell;
      this.frame ||= requestAnimationFrame(() => this.draw());
    } else if (e.pointerType === "mouse") this.point(cell);
  }
  pressed(e) {
    const begin = this.at(e);
    if (e.button || e.pointerType === "touch" || !begin) return;
    this.drag = { begin };
    this.stage.setPointerCapture(e.pointerId);
  }
  released(e) {
    const { drag } = this, region = drag?.end && this.dragged();
    this.drag = null;
    if (region) this.ask(region.map(([begin, end], axis) => [begin, end].map((place) => Math.min(this.data.region[axis][1], this.data.region[axis][0] + place * this.data.tile[axis]))));
    else this.keep(this.at(e));
  }
  dragged() {
    const { begin, end } = this.drag;
    return [0, 1].map((axis) => [Math.min(begin[axis], end[axis]), Math.max(begin[axis], end[axis]) + 1]);
  }
  point(cell) {
    if (String(cell) === String(this.pointed)) return;
    this.pointed = cell;
    this.frame ||= requestAnimationFrame(() => this.draw());
  }
  keep(cell) { this.set({ tile_row: cell?.[0] ?? null, tile_column: cell?.[1] ?? null }); }
  // So many times as many rows and columns, round the tile that is read.
  zoom(times) {
    const { region, shape, tile, tiles } = this.data, middle = this.cell ?? tiles.map((x) => (x - 1) / 2);
    this.ask(region.map(([begin, end], axis) => {
      const size = Math.min(shape[axis], Math.max(Math.min(LEAST, end - begin), Math.ceil((end - begin) * times)));
      const first = Math.round(begin + (middle[axis] + 0.5) * tile[axis] - size / 2);
      const placed = Math.max(0, Math.min(shape[axis] - size, first));
      return [placed, placed + size];
    }));
  }
  ask(region) {
    if (String(region) === String(this.data.region)) return;
    this.pointed = null;
    this.set({ tile_row: null, tile_column: null });
    this.asked = (this.asked ?? 0) + 1;
    this.send("region", [this.asked, ...region.flat()]);
    this.say(region.map((part, axis) => this.named(axis, ...part)).join(", "));
  }
  key({ key }) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key], { tile_row: row, tile_column: column } = this.state;
    const within = (i, by, axis) => Math.max(0, Math.min(this.data.tiles[axis] - 1, i + by));
    this.pointed = null;
    if (step && (row === null || column === null)) this.keep([0, 0]);
    else if (step) this.keep([within(row, step[0], 0), within(column, step[1], 1)]);
    else if (key === "+" || key === "=") this.zoom(1 / ZOOM);
    else if (key === "-") this.zoom(ZOOM);
    else if (key === "Escape") this.keep(null);
    else return false;
    return true;
  }
}
export default mount(WeightPicture);
