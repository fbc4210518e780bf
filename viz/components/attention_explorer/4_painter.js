// How is the same drawing made on a canvas and as vectors? Two painters with the same five strokes.

const SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";

class CanvasPainter {
  constructor(context, look) { this.c = context; this.look = look; }
  rect(x, y, w, t, { fill, stroke, opacity = 1, width = 1 } = {}) {
    const c = this.c;
    c.globalAlpha = opacity;
    if (fill) { c.fillStyle = fill; c.fillRect(x, y, w, t); }
    if (stroke) { c.strokeStyle = stroke; c.lineWidth = width; c.strokeRect(x, y, w, t); }
    c.globalAlpha = 1;
  }
  hatch(x, y, w, t) { this.c.fillStyle = this.pattern ??= this.look.hatch(this.c); this.c.fillRect(x, y, w, t); }
  text(x, y, words, { size = 12, fill, anchor = "start", rotate = 0, mono = false, italic = false, bold = false } = {}) {
    const c = this.c;
    c.save();
    c.translate(x, y);
    c.rotate((rotate * Math.PI) / 180);
    c.font = `${italic ? "italic " : ""}${bold ? "600 " : ""}${size}px ${mono ? MONO : SANS}`;
    c.fillStyle = fill ?? this.look.paper.ink;
    c.textAlign = { start: "left", middle: "center", end: "right" }[anchor];
    c.textBaseline = "middle";
    c.direction = "ltr";
    c.fillText(words, 0, 0);
    c.restore();
  }
  curve(x0, y0, x1, y1, stroke, opacity, width = 2) {
    const c = this.c, mid = (x0 + x1) / 2;
    c.globalAlpha = opacity;
    c.strokeStyle = stroke;
    c.lineWidth = width;
    c.beginPath();
    c.moveTo(x0, y0);
    c.bezierCurveTo(mid, y0, mid, y1, x1, y1);
    c.stroke();
    c.globalAlpha = 1;
  }
  image(canvas, x, y, w, t) {
    this.c.imageSmoothingEnabled = w < canvas.width;
    this.c.imageSmoothingQuality = "high";
    this.c.drawImage(canvas, x, y, w, t);
  }
}

class SvgPainter {
  constructor(look, width, height, title, description) {
    this.look = look;
    this.root = svg("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "font-family": SANS },
      svg("title", null, xml(title)), svg("desc", null, xml(description)),
      svg("defs", null, svg("pattern", { id: "mask", width: 6, height: 6, patternUnits: "userSpaceOnUse" },
        svg("rect", { width: 6, height: 6, fill: look.paper.raised }),
        svg("path", { d: "M-3 9L9 -3M-3 3L3 -3M3 9L9 3", stroke: look.paper.line }))),
      svg("rect", { width, height, fill: look.paper.paper }));
  }
  put(tag, props, ...children) { this.root.append(svg(tag, props, ...children)); }
  rect(x, y, width, height, { fill = "none", stroke, opacity, width: line } = {}) {
    this.put("rect", { x, y, width, height, fill, stroke, opacity, "stroke-width": stroke && (line ?? 1) });
  }
  hatch(x, y, width, height) { this.rect(x, y, width, height, { fill: "url(#mask)" }); }
  text(x, y, words, { size = 12, fill, anchor = "start", rotate = 0, mono = false, italic = false, bold = false } = {}) {
    this.put("text", {
      transform: `translate(${x} ${y})${rotate ? ` rotate(${rotate})` : ""}`, "font-size": size, fill: fill ?? this.look.paper.ink,
      "text-anchor": anchor, "dominant-baseline": "central", "font-family": mono && MONO, "font-style": italic && "italic",
      "font-weight": bold && 600, "xml:space": "preserve", style: "white-space:pre;unicode-bidi:isolate",
    }, xml(words));
  }
  curve(x0, y0, x1, y1, stroke, opacity, width = 2) {
    const mid = (x0 + x1) / 2;
    this.put("path", { d: `M${x0} ${y0}C${mid} ${y0} ${mid} ${y1} ${x1} ${y1}`, fill: "none", stroke, "stroke-opacity": opacity.toFixed(3), "stroke-width": width });
  }
  image(canvas, x, y, width, height) {
    this.put("image", { href: canvas.toDataURL("image/png"), x, y, width, height, preserveAspectRatio: "none", style: "image-rendering:pixelated" });
  }
  file() { return new XMLSerializer().serializeToString(this.root); }
}

// The colour scale from 0 to 1 and, where there is one, the mask. Ticks stand where the square-root scale puts them.
function paintLegend(p, look, x, y, width, em, masked) {
  const size = em * 0.75, bar = Math.min(width * 0.5, em * 13), t = em * 0.7;
  for (let i = 0; i < 64; i++) p.rect(x + (bar * i) / 64, y, bar / 64 + 0.5, t, { fill: css(look.scale[Math.round((i / 63) * 255)]) });
  p.rect(x, y, bar, t, { stroke: look.paper.line });
  for (const tick of [0, 0.05, 0.25, 0.5, 1]) p.text(x + bar * Math.sqrt(tick), y + t + em * 0.6, String(tick), { size, fill: look.paper.quiet, anchor: "middle" });
  if (!masked) return;
  const left = x + bar + em * 1.4;
  p.hatch(left, y, em * 1.4, t);
  p.rect(left, y, em * 1.4, t, { stroke: look.paper.line });
  p.text(left + em * 1.9, y + t / 2, masked, { size, fill: look.paper.quiet });
}
const maskWords = (pane, layer) => !pane.causal && !pane.windows[layer] ? "" :
  pane.windows[layer] ? "masked: out of the window" + (pane.causal ? ", or ahead" : "") : "masked: the model can't look ahead";

// Query by key. Returns where the cells begin and how large they are.
function paintMatrix(p, look, pane, layer, w, { x = 0, y = 0, cell, em, edge, spaces }) {
  const { n, index, values } = w, size = Math.min(em * 0.85, Math.max(cell * 0.95, em * 0.6));
  const left = x + edge + em * 1.5, top = y + edge * 0.9 + em * 1.6, side = cell * n;
  const step = Math.max(1, Math.ceil((em * 0.7) / cell)), room = Math.floor(edge / (size * 0.61));
  if (p instanceof SvgPainter && n <= 64) {
    for (let i = 0; i < n * n; i++) {
      if (!pane.masked(layer, index[Math.floor(i / n)], index[i % n])) {
        p.rect(left + (i % n) * cell, top + Math.floor(i / n) * cell, cell, cell, { fill: css(look.scale[look.at(values[i])]) });
      }
    }
  } else p.image(bitmap(look, n, values), left, top, side, side);
  for (let q = 0; q < n; q++) {
    // Masked keys lie at the two ends of a row: hatch each run as one piece.
    let a = 0, b = n;
    while (a < n && pane.masked(layer, index[q], index[a])) a++;
    while (b > a && pane.masked(layer, index[q], index[b - 1])) b--;
    if (a > 0) p.hatch(left, top + q * cell, a * cell, cell);
    if (b < n) p.hatch(left + b * cell, top + q * cell, (n - b) * cell, cell);
  }
  p.rect(left, top, side, side, { stroke: look.paper.line });
  // Cells with room for it carry their number.
  if (cell >= em * 2.4) for (let i = 0; i < n * n; i++) {
    const [q, k] = [Math.floor(i / n), i % n];
    if (values[i] < 5 || pane.masked(layer, index[q], index[k])) continue;
    p.text(left + (k + 0.5) * cell, top + (q + 0.5) * cell, (w.exact ? share(values[i]).replace(/^0/, "") : share(values[i], 2)), { size: em * 0.75, anchor: "middle", fill: look.inkOn(look.scale[look.at(values[i])]) });
  }
  for (let i = 0; i < n; i += step) {
    const token = pane.tokens[index[i]], words = cut(label(token, spaces).trim() || label(token, true), room), italic = token.kind === "special";
    p.text(left - em * 0.4, top + (i + 0.5) * cell, words, { size, mono: true, anchor: "end", italic });
    p.text(left + (i + 0.5) * cell, top - em * 0.4, words, { size, mono: true, rotate: -90, italic });
  }
  p.text(x + em * 0.6, top + side / 2, "query", { size: em * 0.8, fill: look.words(look.parts.query), anchor: "middle", rotate: -90, bold: true });
  p.text(left + side / 2, y + em * 0.7, "key", { size: em * 0.8, fill: look.words(look.parts.key), anchor: "middle", bold: true });
  return { left, top, cell, side, width: edge + em * 1.5 + side, height: edge * 0.9 + em * 1.6 + side };
}

// How much room the longest token needs beside the matrix.
const edgeOf = (pane, index, spaces, em) => Math.min(em * 9, em + em * 0.53 * Math.max(...index.map((i) => Array.from(label(pane.tokens[i], spaces).trim()).length)));

// The lines between the tokens of two columns, with their names: what "Save picture" writes for the heads view.
function paintHeads(p, look, pane, layer, heads, special, { x = 0, y = 0, width, em, spaces, chosen }) {
  const row = em * 1.5, index = pane.shown(special), column = width * 0.3, left = x + column, right = x + width - column, size = em * 0.8;
  p.text(left - em * 0.5, y + em * 0.5, "query", { size, fill: look.words(look.parts.query), anchor: "end", bold: true });
  p.text(right + em * 0.5, y + em * 0.5, "key", { size, fill: look.words(look.parts.key), bold: true });
  if (heads.length > 1) heads.forEach((head, j) => {
    const step = Math.min(em * 4.4, (right - left) / heads.length), at = left + j * step;
    p.rect(at, y + em * 0.2, em * 0.7, em * 0.7, { fill: look.stroke(look.head(head)) });
    p.text(at + em, y + em * 0.55, step < em * 4 ? String(head) : `head ${head}`, { size, fill: look.paper.quiet });
  });
  y += em * 1.5;
  const at = (i) => y + (i + 0.5) * row;
  index.forEach((i, r) => {
    const style = { size: em * 0.9, mono: true, italic: pane.tokens[i].kind === "special" }, words = cut(label(pane.tokens[i], spaces), Math.floor(column / (em * 0.56)));
    p.text(left - em * 0.5, at(r), words, { ...style, anchor: "end", bold: chosen === i });
    p.text(right + em * 0.5, at(r), words, style);
  });
  heads.forEach((head, j) => {
    const w = pane.weights(layer, [head], special), nudge = (j - (heads.length - 1) / 2) * 2.2;
    for (let q = 0; q < w.n; q++) for (let k = 0; k < w.n; k++) {
      const m = w.values[q * w.n + k];
      if (m >= 10 && (chosen == null || index[q] === chosen)) p.curve(left, at(q) + nudge, right, at(k) + nudge, look.stroke(look.head(head)), m / 1000);
    }
  });
}

// The sentence, shaded by the weights in `milli` (one per shown token); returns its height.
function paintText(p, look, pane, index, milli, hex, { x = 0, y = 0, width, em, spaces, chosen }) {
  const size = em, step = size * 0.602, line = em * 1.9;
  let across = 0, down = y + line / 2;
  index.forEach((i, r) => {
    const token = pane.tokens[i], words = label(token, spaces), length = Array.from(words).length * step + 2;
    if (across + length > width && across > 0) { across = 0; down += line; }
    const { back, ink } = look.shade(hex, milli[r]);
    p.rect(x + across, down - em * 0.75, length - 1, em * 1.5, { fill: back, stroke: i === chosen ? look.paper.ink : undefined, width: 2 });
    p.text(x + across, down, words, { size, mono: true, fill: ink, italic: token.kind === "special" });
    across += length;
    if (/\n/.test(token.text)) { across = 0; down += line; }
  });
  return down + line / 2 - y;
}
