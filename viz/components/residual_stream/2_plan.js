// Where do the drawings stand? All of them have the layers on one axis: what enters the first, the layers, what is no
// layer's. Each drawing is a stage of a fixed height: canvases of cells, an SVG, and a frame round the layer that is read.

class Plan {
  constructor({ width, em, layers, rest, edge }) {
    this.edge = edge;
    this.slots = layers + 1 + (rest ? 1 : 0);
    this.layers = layers;
    const room = (width - edge - em * 0.6) / this.slots;
    this.wide = Math.min(room >= 6 ? Math.floor(room) : room, em * 6);
    this.width = width;
    this.right = edge + this.slots * this.wide;
  }
  // The left end of a slot: -1 what enters, then the layers.
  x(layer) { return this.edge + (layer + 1) * this.wide; }
  at(x) {
    const layer = Math.floor((x - this.edge) / this.wide) - 1;
    return layer < -1 || layer >= this.slots - 1 ? null : layer;
  }
  // Numbers of layers, as many as have room.
  axis(em, y, rest) {
    const every = [1, 2, 5, 10, 20].find((step) => step * this.wide >= em * 1.7) ?? 50, text = (layer, words, anchor = "middle") =>
      svg("text", { x: this.x(layer) + this.wide / 2, y, "text-anchor": anchor, "dominant-baseline": "central", "font-size": em * 0.8, class: "note" }, words);
    const parts = Array.from({ length: Math.ceil(this.layers / every) }, (_, i) => text(i * every, String(i * every)));
    if (this.wide * every >= em * 1.7 && this.wide >= em * 0.8) parts.push(text(-1, "in"));
    if (rest && this.wide >= em * 1.6) parts.push(text(this.layers, "rest"));
    return parts;
  }
}

// One drawing. `rows` makes it a table of cells: how many there are and how high each is.
class Stage {
  constructor(figure, label, { rows = false, pointed, clicked }) {
    this.figure = figure;
    this.part = h("div", { class: "stage", ...(rows ? { role: "group", tabindex: "0", "aria-label": label } : {}) });
    this.part.addEventListener("pointermove", (e) => { if (e.pointerType === "mouse") pointed(this.under(e)); });
    this.part.addEventListener("pointerleave", () => pointed(null));
    this.part.addEventListener("click", (e) => { const place = this.under(e); if (place) clicked(place); });
    this.cursor = svg("g", { fill: "none" });
    this.label = label;
    this.tabled = rows;
  }
  under(e) {
    const box = this.part.getBoundingClientRect(), layer = this.figure.plan.at(e.clientX - box.left), y = e.clientY - box.top;
    if (layer === null) return null;
    const row = this.rows ? Math.floor(y / this.high) : null;
    return row !== null && row >= this.rows ? null : { layer, row };
  }
  place(height, parts, canvases = []) {
    const { width } = this.figure;
    this.height = height;
    this.part.style.height = `${height}px`;
    this.svg = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, ...(this.tabled ? { "aria-hidden": "true" } : { role: "img", "aria-label": this.label }) }, parts, this.cursor);
    this.part.replaceChildren(...canvases, this.svg);
  }
  // A table of cells with one colour each; `label(row)` stands at the left, where there is room.
  cells({ rows, columns, from, high, colour, label, foot }) {
    const { figure } = this, { plan, em, look } = figure, fold = Math.max(1, Math.ceil(2 * Math.max(plan.wide, high)));
    Object.assign(this, { rows, high, below: rows * high });
    const canvas = tiled(rows, columns, Math.min(fold, Math.max(1, Math.floor(4000 / Math.max(rows, columns)))), colour);
    Object.assign(canvas.style, { left: `${plan.x(from)}px`, top: "0px", width: `${columns * plan.wide}px`, height: `${rows * high}px` });
    const every = Math.ceil((em * 1.05) / high), parts = [];
    for (let row = 0; row < rows; row += every) {
      parts.push(svg("text", { x: plan.edge - em * 0.5, y: (row + 0.5) * high, "text-anchor": "end", "dominant-baseline": "central", "font-size": em * 0.8, fill: look.paper.ink, "data-row": row }, label(row)));
    }
    parts.push(svg("rect", { x: plan.x(from), y: 0.5, width: columns * plan.wide, height: rows * high - 1, fill: "none", stroke: look.paper.line }));
    this.place(rows * high + (foot ? em * 1.4 : 2), [...parts, ...(foot ? plan.axis(em, rows * high + em * 0.75, false) : [])], [canvas]);
  }
  // Frames round what is read: a layer in a drawing of bars, a cell in a table.
  mark(layer, row = null) {
    const { plan, look: { paper } } = this.figure, parts = [];
    const box = (x, y, width, height, line) => [[paper.paper, line + 2], [paper.ink, line]].forEach(([stroke, wide]) => parts.push(svg("rect", { x, y, width, height, stroke, "stroke-width": wide })));
    if (layer !== null && this.svg) {
      if (row === null) parts.push(svg("rect", { x: plan.x(layer), y: 0, width: plan.wide, height: this.below ?? this.height, fill: paper.ink, opacity: 0.1 }));
      else box(plan.x(layer), row * this.high, plan.wide, this.high, 1.6);
    }
    if (row !== null && this.svg) box(plan.x(this.from ?? -1), row * this.high, this.columns * plan.wide, this.high, 0.8);
    this.cursor.replaceChildren(...parts);
  }
}

// Round numbers from low to high, about four steps.
function ticks(low, high) {
  const rough = (high - low) / 4 || 1, power = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].find((s) => s * power >= rough) * power;
  return Array.from({ length: Math.floor(high / step) - Math.ceil(low / step) + 1 }, (_, i) => (Math.ceil(low / step) + i) * step);
}
