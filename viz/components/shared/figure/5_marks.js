// How are points marked and named? Shapes that tell groups apart without colour, and labels that don't cover each other.

const SHAPES = ["disc", "square", "triangle", "diamond", "ring"];
const OUTLINE = {
  square: "M-.88-.88H.88V.88H-.88Z",
  triangle: "M0-1.15L.95.75H-.95Z",
  diamond: "M0-1.2L1.2 0 0 1.2-1.2 0Z",
};
// A shape as a vector; a radius of 1 is the disc's.
function shapeOf(name, x, y, radius, colour) {
  const place = `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${radius.toFixed(2)})`;
  if (name === "disc") return svg("circle", { r: 1, fill: colour, transform: place });
  if (name === "ring") return svg("circle", { r: 0.8, fill: "none", stroke: colour, "stroke-width": 0.5, transform: place });
  return svg("path", { d: OUTLINE[name], fill: colour, transform: place });
}

// Which labels have room, and where? The most important first, right of its point, else left, above or below it; each
// takes the cells of a grid that it covers, and a label that would cover a taken cell is left out.

class Labels {
  static cell = 6; // pixels
  constructor(width, height, line) {
    Object.assign(this, { width, height, line });
    this.across = Math.ceil(width / Labels.cell);
    this.rows = Math.ceil(height / Labels.cell);
    this.taken = new Uint8Array(this.across * this.rows);
    this.placed = [];
  }
  // A line between points that no label should cover.
  avoid({ x0, y0, x1, y1 }) {
    const steps = Math.min(400, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / Labels.cell) + 1);
    for (let s = 0; s <= steps; s++) {
      const c = Math.floor((x0 + ((x1 - x0) * s) / steps) / Labels.cell), r = Math.floor((y0 + ((y1 - y0) * s) / steps) / Labels.cell);
      if (c >= 0 && c < this.across && r >= 0 && r < this.rows) this.taken[r * this.across + c] = 1;
    }
  }
  // The cells under a label, or null if it would stick out.
  cells(left, top, wide) {
    if (left < 0 || left + wide > this.width || top < 0 || top + this.line > this.height) return null;
    return [left, left + wide, top, top + this.line].map((edge) => Math.floor(edge / Labels.cell));
  }
  free([c0, c1, r0, r1]) {
    for (let r = r0; r <= r1; r++) for (let c = c0; c <= c1; c++) if (this.taken[r * this.across + c]) return false;
    return true;
  }
  // Puts a label beside its point if it has room; `must`: in any case.
  put(i, text, x, y, wide, gap, must) {
    const middle = y - this.line / 2, centre = x - wide / 2;
    const places = [[x + gap, middle], [x - gap - wide, middle], [centre, y - gap - this.line], [centre, y + gap]].map(([left, top]) => [left, top, this.cells(left, top, wide)]);
    const [left, top, cells] = places.find((place) => place[2] && this.free(place[2])) ?? (must ? places.find((place) => place[2]) ?? places[0] : []);
    if (left === undefined) return;
    if (cells) for (let r = cells[2]; r <= cells[3]; r++) this.taken.fill(1, r * this.across + cells[0], r * this.across + cells[1] + 1);
    this.placed.push({ i, text, x: left, y: top + this.line / 2 });
  }
}
