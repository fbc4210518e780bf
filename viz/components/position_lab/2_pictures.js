// How are positions drawn? Cells on a canvas with marks above them, a curve by distance, and a clock for one pair.

const RAISED_DIGITS = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((digit, i) => [i, digit])) };
// A number with four digits that count, as a person writes it.
function four(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value), sign = value < 0 ? "−" : "";
  if (size === 0) return "0";
  if (size >= 0.001 && size < 100000) return sign + String(size >= 1000 ? Math.round(size * 10) / 10 : Number(size.toPrecision(4)));
  const [digits, power] = size.toExponential(2).split("e");
  return `${sign}${Number(digits)} × 10${power.replace("+", "").replace(/./g, (c) => RAISED_DIGITS[c])}`;
}
const whole = (value) => value.toLocaleString("en");

// A range with its name and its number.
class Range {
  // `of(place)` is the value at a place of the range and `to(value)` its place; `write` says it.
  constructor({ name, least = 0, most, step = 1, of = Number, to = Number, write = whole, changed, title }) {
    Object.assign(this, { to, write });
    this.range = h("input", { type: "range", min: least, max: most, step, "aria-label": name, title, oninput: () => changed(of(Number(this.range.value))) });
    this.said = h("output");
    this.parts = h("label", { class: "control" }, h("span", { class: "name" }, name), this.range, this.said);
  }
  show(value, most) {
    if (most !== undefined) this.range.max = most;
    this.range.value = this.to(value);
    this.range.setAttribute("aria-valuetext", this.write(value));
    this.said.textContent = this.write(value);
  }
}

// A table of numbers as cells; `choose(row, column)` is called where the hand goes with the button held.
class Cells {
  constructor(name, choose) {
    this.heading = h("h3");
    this.stage = h("div", { class: "stage" });
    this.legend = h("p", { class: "legend" });
    this.parts = h("div", { class: "cells" }, this.heading, this.stage, this.legend);
    const at = (e) => {
      const box = this.stage.getBoundingClientRect();
      const within = (x, count) => Math.max(0, Math.min(count - 1, Math.floor(x)));
      choose(within((e.clientY - box.top - this.top) / this.high, this.rows), within((e.clientX - box.left - this.left) / this.wide, this.columns));
    };
    this.stage.addEventListener("pointerdown", (e) => { if (!e.button) { this.stage.setPointerCapture(e.pointerId); at(e); } });
    this.stage.addEventListener("pointermove", (e) => { if (this.stage.hasPointerCapture(e.pointerId)) at(e); });
  }
  // `frame`: {width, tall, em, look, theme}; `value(row, column)`, NaN where there is none; rows and columns that are
  // marked; what they count.
  show({ rows, columns, value, ends, beyond, key, across, down, marked, title }, { width, tall, em, look, theme }) {
    Object.assign(this, { rows, columns, left: em * 2.6, top: em * 0.3 });
    this.wide = (width - this.left - em * 0.6) / columns;
    this.high = tall / rows;
    this.heading.textContent = title;
    const height = this.top + tall + em * 2.4, frame = [key, width, em, look.name].join();
    if (frame !== this.frame) {
      this.frame = frame;
      const colours = new Colours(look, theme, { low: ends[0], high: ends[1] }), none = rgb(look.paper.raised);
      const fold = Math.max(1, Math.ceil(600 / Math.max(rows, columns)));
      this.canvas = tiled(rows, columns, fold, (row, column) => { const x = value(row, column); return Number.isNaN(x) ? none : colours.of(x); });
      Object.assign(this.canvas.style, { left: `${this.left}px`, top: `${this.top}px`, width: `${this.wide * columns}px`, height: `${tall}px` });
      this.stage.style.height = `${height}px`;
      this.legend.replaceChildren(`${four(ends[0])}${beyond ? " or less" : ""}`, colours.ramp(ends[0], ends[1]), `${four(ends[1])}${beyond ? " or more" : ""}`);
    }
    const text = (props, words) => svg("text", { "font-size": em * 0.8, fill: look.paper.quiet, ...props }, words), bottom = this.top + tall;
    const ticks = (count) => [...new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * (count - 1))))];
    const box = (x, y, w, t, line) => [[look.paper.paper, line + 2], [look.paper.ink, line]].map(([stroke, wide]) => svg("rect", { x, y, width: w, height: t, fill: "none", stroke, "stroke-width": wide }));
    const [row, other, column] = marked, marks = [];
    for (const each of [...new Set([row, other])]) if (each !== null && each < rows) marks.push(...box(this.left, this.top + each * this.high, this.wide * columns, this.high, 1));
    if (column !== null && column[0] < columns) marks.push(...box(this.left + column[0] * this.wide, this.top, this.wide * column[1], tall, 1));
    this.stage.replaceChildren(this.canvas, svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
      svg("rect", { x: this.left, y: this.top, width: this.wide * columns, height: tall, fill: "none", stroke: look.paper.line }), marks,
      ticks(rows).map((p) => text({ x: this.left - em * 0.4, y: this.top + (p + 0.5) * this.high, "text-anchor": "end", "dominant-baseline": "central" }, whole(p))),
      ticks(columns).map((c) => text({ x: this.left + (c + 0.5) * this.wide, y: bottom + em, "text-anchor": "middle" }, whole(c))),
      text({ x: width / 2, y: bottom + em * 2.1, "text-anchor": "middle" }, `${across}; down: ${down}`)));
  }
}

// Values by distance: the lines, and the point that is read.
class ByDistance {
  constructor(choose) {
    this.drawing = svg("svg", { role: "img", class: "curve" });
    const at = (e) => choose(Math.round((e.clientX - this.drawing.getBoundingClientRect().left - this.left) / this.scale));
    this.drawing.addEventListener("pointerdown", (e) => { if (!e.button) { this.drawing.setPointerCapture(e.pointerId); at(e); } });
    this.drawing.addEventListener("pointermove", (e) => { if (this.drawing.hasPointerCapture(e.pointerId)) at(e); });
  }
  // lines: [{values: [distance], faint, dashed}]; the first is read at `distance`.
  show({ lines, most, distance, low, high, words }, { width, em, look }) {
    const left = em * 4.2, top = em * 0.8, tall = em * 11, right = width - em * 0.8, size = em * 0.8;
    this.left = left;
    this.scale = (right - left) / Math.max(1, most);
    const x = (k) => left + k * this.scale, y = (value) => top + tall * (1 - (value - low) / (high - low)), colour = look.stroke(look.parts.position);
    const text = (props, ...said) => svg("text", { "font-size": size, fill: look.paper.quiet, ...props }, ...said);
    const path = (values) => {
      let pen = "M";
      return values.map((value, k) => { if (!Number.isFinite(value)) { pen = "M"; return ""; } const part = `${pen}${x(k).toFixed(1)} ${y(value).toFixed(1)}`; pen = "L"; return part; }).join("");
    };
    const parts = [low, low < 0 && high > 0 ? 0 : (low + high) / 2, high].flatMap((value) => [
      svg("line", { x1: left, x2: right, y1: y(value), y2: y(value), stroke: value === 0 ? look.paper.quiet : look.paper.line }),
      text({ x: left - em * 0.4, y: y(value), "text-anchor": "end", "dominant-baseline": "central" }, four(value))]);
    for (const k of new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * most)))) parts.push(text({ x: x(k), y: top + tall + em * 1.2, "text-anchor": "middle" }, whole(k)));
    for (const { values, faint, dashed } of lines.toReversed()) parts.push(svg("path", { d: path(values), fill: "none", stroke: faint ? look.paper.quiet : colour,
      "stroke-width": faint ? 1 : 2, "stroke-opacity": faint ? 0.6 : 1, "stroke-dasharray": dashed ? "5 4" : null }));
    const now = lines[0].values[distance];
    parts.push(svg("line", { x1: x(distance), x2: x(distance), y1: top, y2: top + tall, stroke: look.paper.accent, "stroke-dasharray": "3 3" }));
    if (Number.isFinite(now)) {
      const before = x(distance) < (left + right) / 2, said = `${whole(distance)} apart: ${four(now)}`, wide = em * 0.46 * said.length, at = Math.max(top + em * 0.6, y(now) - em * 0.8);
      parts.push(svg("rect", { x: x(distance) + (before ? 0.5 * em : -0.5 * em - wide), y: at - em * 0.8, width: wide, height: em * 1.1, fill: look.paper.paper, "fill-opacity": 0.85 }), svg("circle", { class: "point", cx: x(distance), cy: y(now), r: 5, fill: look.paper.accent, stroke: look.paper.paper, "stroke-width": 1.5 }),
        text({ class: "value", x: x(distance) + (before ? 0.7 : -0.7) * em, y: at, "text-anchor": before ? "start" : "end", fill: look.paper.ink, "font-weight": 600 }, said));
    }
    parts.push(text({ x: (left + right) / 2, y: top + tall + em * 2.5, "text-anchor": "middle" }, "distance, in positions"));
    const height = top + tall + em * 3;
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": words })) this.drawing.setAttribute(name, value);
    this.drawing.replaceChildren(...parts);
  }
}

// One pair of numbers as a hand of a clock: arrows [x, y, colour, name, faint], the longest as long as the circle allows.
function clock(arrows, words, { em, look }) {
  const side = em * 14, middle = side / 2, radius = em * 5.2, longest = Math.max(...arrows.map(([x, y]) => Math.hypot(x, y))) || 1;
  const parts = [svg("circle", { cx: middle, cy: middle, r: radius, fill: "none", stroke: look.paper.line }),
    svg("line", { x1: middle - radius, x2: middle + radius, y1: middle, y2: middle, stroke: look.paper.line }),
    svg("line", { x1: middle, x2: middle, y1: middle - radius, y2: middle + radius, stroke: look.paper.line })];
  for (const [x, y, hex, name, faint] of arrows) {
    const [dx, dy] = [(x / longest) * radius, (-y / longest) * radius], colour = look.stroke(hex), length = Math.hypot(dx, dy) || 1, tip = Math.min(em * 0.6, length / 2);
    const [ux, uy] = [dx / length, dy / length], [ex, ey] = [middle + dx, middle + dy];
    parts.push(svg("line", { x1: middle, y1: middle, x2: ex, y2: ey, stroke: colour, "stroke-width": faint ? 1 : 2.5, "stroke-dasharray": faint ? "3 3" : null }),
      svg("path", { d: `M${ex} ${ey}L${ex - tip * (ux - uy * 0.45)} ${ey - tip * (uy + ux * 0.45)}L${ex - tip * (ux + uy * 0.45)} ${ey - tip * (uy - ux * 0.45)}Z`, fill: colour, stroke: "none" }));
    if (!faint) parts.push(svg("text", { x: Math.max(em * 1.4, Math.min(side - em * 1.4, middle + ux * (length + em * 0.9))), y: middle + uy * (length + em * 0.9), "text-anchor": "middle", "dominant-baseline": "central",
      "font-size": em * 0.8, fill: look.words(hex) }, name));
  }
  return svg("svg", { width: side, height: side, viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": words }, parts);
}
