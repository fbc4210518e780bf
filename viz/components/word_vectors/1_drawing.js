// What do the drawings of word vectors share? Arrows, numbers with their sign, and labels that don't lie on each other.

const signed = (value, digits = 2) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
const spell = (text) => tokenText({ text }, false, 28); // a word as a drawing has room for it
const whole = (n) => n.toLocaleString("en");
const ordinal = (n) => `${whole(n)}${n % 100 > 10 && n % 100 < 14 ? "th" : { 1: "st", 2: "nd", 3: "rd" }[n % 10] ?? "th"}`;

function arrow(x1, y1, x2, y2, kind, size) {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1, [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length], head = Math.min(size, length * 0.6);
  const [bx, by] = [x2 - ux * head, y2 - uy * head], half = head * 0.42;
  return svg("g", { class: `arrow ${kind}` }, svg("line", { x1, y1, x2: bx, y2: by }),
    svg("path", { d: `M${x2} ${y2}L${bx - uy * half} ${by + ux * half}L${bx + uy * half} ${by - ux * half}Z` }));
}

// How wide words are, in pixels.
class Ruler {
  constructor(root) {
    this.context = document.createElement("canvas").getContext("2d");
    this.family = getComputedStyle(root).fontFamily;
  }
  width(words, size, weight = 400) {
    this.context.font = `${weight} ${size}px ${this.family}`;
    return this.context.measureText(words).width;
  }
}

const apart = (a, b) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
// A place for each label beside its point and on none of the lines [[x, y], [x, y]], the first ones first:
// [{x, y, width, height, from: a line is needed} or null].
function beside(items, lines, room, em) {
  const spot = (x, y, size) => ({ x: x - size / 2, y: y - size / 2, width: size, height: size });
  const along = ([[x1, y1], [x2, y2]]) => { const n = Math.ceil(Math.hypot(x2 - x1, y2 - y1) / (0.5 * em)) || 1; return Array.from({ length: n + 1 }, (_, k) => spot(x1 + ((x2 - x1) * k) / n, y1 + ((y2 - y1) * k) / n, 0.3 * em)); };
  const taken = [...items.map(({ x, y }) => spot(x, y, 0.6 * em)), ...lines.flatMap(along)];
  return items.map(({ x, y, width }) => {
    const height = 1.25 * em;
    for (const far of [0.5, 1.2, 2.2, 3.4, 4.8, 6.4]) {
      for (const [dx, dy] of [[1, 0], [1, -0.7], [1, 0.7], [-1, 0], [-1, -0.7], [-1, 0.7], [0, -1], [0, 1]]) {
        const box = { width, height, x: x + dx * far * em - (dx < 0 ? width : dx ? 0 : width / 2), y: y + dy * (far + 0.5) * em - height / 2, from: far > 1 };
        const inside = box.x >= room.x && box.y >= room.y && box.x + width <= room.x + room.width && box.y + height <= room.y + room.height;
        if (inside && taken.every((other) => apart(box, other))) { taken.push(box); return box; }
      }
    }
    return null;
  });
}
