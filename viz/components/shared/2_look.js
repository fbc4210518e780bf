// How is a thing coloured? The colours of one theme, and what is derived from them.

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const mix = (a, b, t) => a.map((x, i) => Math.round(x + (b[i] - x) * t));
const css = (c) => `rgb(${c.join(",")})`;
const luminance = (c) => c.map((x) => (x / 255 <= 0.04045 ? x / 255 / 12.92 : ((x / 255 + 0.055) / 1.055) ** 2.4))
  .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };

// All colours of one theme, and what is derived from them.
class Look {
  constructor(theme, dark) {
    this.dark = dark;
    this.name = dark ? "dark" : "light";
    this.paper = theme.paper[this.name];
    this.parts = theme.parts;
    this.heads = theme.heads;
    const stops = theme.sequential[this.name].map(rgb), last = stops.length - 1;
    // Colour by the square root of the weight, so that 0.02 can be told from 0; the legend says so.
    this.scale = Array.from({ length: 256 }, (_, i) => { const x = (i / 255) * last, at = Math.min(Math.floor(x), last - 1); return mix(stops[at], stops[at + 1], x - at); });
    this.pixels = new Uint32Array(this.scale.map(([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0));
    this.base = rgb(this.paper.paper);
    this.shades = {};
  }
  head(i) { return this.heads[i % this.heads.length]; }
  // A colour as a line: lighter on dark paper.
  stroke(hex) { return this.dark ? css(mix(rgb(hex), [255, 255, 255], 0.3)) : hex; }
  // A colour as letters: moved towards the ink until it can be read.
  words(hex) {
    for (let t = 0; t < 1; t += 0.1) { const c = mix(rgb(hex), rgb(this.paper.ink), t); if (contrast(c, this.base) >= 4.7) return css(c); }
    return this.paper.ink;
  }
  at(milli) { return Math.round(255 * Math.sqrt(milli / 1000)); }
  // Paper shaded towards a colour, and letters that can be read on it.
  shade(hex, milli) {
    const shades = (this.shades[hex] ??= []), step = this.at(milli);
    if (shades[step]) return shades[step];
    const back = mix(this.base, rgb(hex), (step / 255) * 0.9);
    return (shades[step] = { back: css(back), ink: this.inkOn(back) });
  }
  inkOn(back) {
    const inks = [rgb(this.paper.ink), rgb(this.paper.paper), [0, 0, 0], [255, 255, 255]];
    return css(inks.find((c) => contrast(c, back) >= 4.6) ?? inks.slice(2).sort((a, b) => contrast(b, back) - contrast(a, back))[0]);
  }
  // The mask's pattern: it can't be taken for a small weight.
  hatch(context) {
    const tile = document.createElement("canvas"), c = tile.getContext("2d");
    tile.width = tile.height = 6;
    c.fillStyle = this.paper.raised;
    c.fillRect(0, 0, 6, 6);
    c.strokeStyle = this.paper.line;
    c.beginPath();
    for (const x of [-3, 3, 9]) { c.moveTo(x - 3, 9); c.lineTo(x + 9, -3); }
    c.stroke();
    return context.createPattern(tile, "repeat");
  }
}

// A canvas of `width` by `height` CSS pixels, sharp on any screen, but never beyond what a browser can hold.
function sized(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 8192 / Math.max(width, height, 1));
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// Whether the paper under an element is dark, whatever set it.
function onDarkPaper(element) {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  let colour = getComputedStyle(element).getPropertyValue("--st-background-color").trim();
  for (let e = element; !colour && e; e = e.parentElement ?? e.getRootNode().host) {
    const back = getComputedStyle(e).backgroundColor;
    if (!/^(transparent|rgba\(0, 0, 0, 0\))$/.test(back)) colour = back;
  }
  context.fillStyle = "#ffffff";
  context.fillStyle = colour || "#ffffff";
  context.fillRect(0, 0, 1, 1);
  return luminance([...context.getImageData(0, 0, 1, 1).data].slice(0, 3)) < 0.3;
}
// The theme's colours as CSS variables of an element: --ink, --quiet, ..., and the parts as letters.
function dress(element, look) {
  element.classList.toggle("dark", look.dark);
  for (const [name, value] of Object.entries(look.paper)) element.style.setProperty(`--${name}`, value);
  for (const [part, hex] of Object.entries(look.parts)) element.style.setProperty(`--${part}`, look.words(hex));
}
