// How is a thing written and coloured? Elements, numbers, tokens, colour scales. Data enters the page as text only.

const SVG = "http://www.w3.org/2000/svg";

function fill(e, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.flat().filter((c) => c != null));
  return e;
}
const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
const svg = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

// Thousandths as a person reads them. `digits` is 2 where a mean of rounded values can't promise a third.
function share(milli, digits = 3) {
  const least = digits === 3 ? 0.5 : 5;
  return milli < least ? `<${digits === 3 ? "0.001" : "0.01"}` : (milli / 1000).toFixed(digits);
}
function number(value, unit) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text = size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 1 ? value.toFixed(2) : share(value * 1000);
  return unit ? `${text} ${unit}` : text;
}
const list = (words) => words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
const cut = (text, length) => { const c = Array.from(text); return c.length > length ? c.slice(0, length - 1).join("") + "…" : text; };

// A text in lines of at most `room` characters, broken between words where there are any.
function wrap(text, room) {
  const lines = [""];
  for (const word of text.split(/\s+/).flatMap((w) => w.match(new RegExp(`.{1,${room}}`, "gu")) ?? [])) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

// Characters that would be invisible, or would turn their surroundings round, are shown by name.
const HIDDEN = /[\u0080-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const named = (c) => `U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
function tokenText(token, spaces) {
  let s = token.text.replace(/\n/g, "⏎").replace(/\t/g, "⇥").replace(HIDDEN, named)
    .replace(/[\u0000-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0))).replace(/\u007f/g, "␡");
  if (/^[\u200c\u200d\ufe00-\ufe0f\u0300-\u036f]+$/.test(s)) s = Array.from(s, named).join(" ");
  if (spaces) s = s.replace(/ {4,}/g, (m) => `␣×${m.length}`).replace(/ /g, "␣").replace(/\u00a0/g, "⍽");
  else s = s.replace(/ {8,}/g, (m) => `␣×${m.length}`);
  return cut(s, 40) || "∅";
}
const mark = (token) => (token.part[1] > 1 ? `${token.part[0] + 1}/${token.part[1]}` : "");
const plain = (token) => (tokenText(token, false).trim() || "space") + (mark(token) && ` ${mark(token)}`);
const label = (token, spaces) => tokenText(token, spaces) + (mark(token) && ` ${mark(token)}`);

function chip(token, spaces) {
  const part = mark(token);
  return h("span", { class: `tok${token.kind === "special" ? " special" : ""}` },
    h("bdi", null, tokenText(token, spaces)), part ? h("small", null, part) : null);
}
function about(token, i) {
  const bits = [`token ${i}`, `piece ${cut(token.piece, 60)}`, `id ${token.id}`];
  if (token.kind === "special") return [...bits, "special token"].join(" · ");
  bits.push(`bytes ${cut(token.hex || "none", 72)}`);
  bits.push(token.span[1] - token.span[0] === 1 ? `character ${token.span[0]}` : `characters ${token.span[0]} to ${token.span[1] - 1}`);
  if (token.part[1] > 1) bits.push(`part ${mark(token)} of one character`);
  return bits.join(" · ");
}

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
// Weights as one pixel each: a small canvas to be enlarged.
function bitmap(look, n, values) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = n;
  const image = new ImageData(n, n), pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < n * n; i++) pixels[i] = look.pixels[look.at(values[i])];
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
