// How are numbers coloured? Magnitudes on one scale, signed values on another.

// Colours from low to high as one scale; where low is below 0, as the two halves of another, equally far from 0.
class Colours {
  constructor(look, theme, { low, high }) {
    const signed = low < 0, stops = signed ? theme.diverging[look.name].map(rgb) : look.scale, last = stops.length - 1;
    const end = Math.max(-low, high), from = signed ? -end : low, extent = (signed ? end : high) - from;
    this.steps = Array.from({ length: 1001 }, (_, i) => {
      const x = ((low + (i / 1000) * (high - low) - from) / extent) * last, at = Math.min(Math.floor(x), last - 1);
      return mix(stops[at], stops[at + 1], x - at);
    });
    this.of = (value) => this.steps[Math.round(1000 * Math.max(0, Math.min(1, (value - low) / (high - low))))];
  }
  // What colour stands for what.
  ramp(low, high) {
    return svg("svg", { viewBox: "0 0 64 1", class: "ramp", preserveAspectRatio: "none", "aria-hidden": "true" }, Array.from({ length: 64 }, (_, s) =>
      svg("rect", { x: s, width: 1.1, height: 1, fill: css(this.of(low + ((s + 0.5) / 64) * (high - low))) })));
  }
}

// A canvas of cells, each `fold` pixels wide and high; colour(row, column) is [red, green, blue].
function tiled(rows, columns, fold, colour) {
  const small = document.createElement("canvas"), image = new ImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) image.data.set([...colour(Math.floor(i / columns), i % columns), 255], i * 4);
  Object.assign(small, { width: columns, height: rows });
  small.getContext("2d").putImageData(image, 0, 0);
  const canvas = h("canvas", { "aria-hidden": "true" }), context = canvas.getContext("2d");
  Object.assign(canvas, { width: columns * fold, height: rows * fold });
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
  return canvas;
}
