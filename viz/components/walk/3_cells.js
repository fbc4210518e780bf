// How is a vector drawn? As cells, one for each number, coloured by sign and size; a click chooses one.

// Colour by the signed square root, so that small numbers can be told from 0 beside a large one.
class Shades {
  constructor(look, theme, least) { this.scale = new Colours(look, theme, { low: least, high: 1 }); this.signed = least < 0; }
  of(value, most) { return this.scale.of(Math.sign(value) * Math.sqrt(Math.abs(value) / (most || 1))); }
}

// A grid of rows of cells: `values` row by row. `names` stand before the rows. chosen, lit: a cell and a row, or null.
function cells(figure, { values, rows, columns, names, chosen, lit, height, pick, what, most, hidden, least = -1 }) {
  const { em, look } = figure, side = names ? Math.max(...names.map((name) => name.length)) * em * 0.5 + em * 0.6 : 0, room = Math.max(80, figure.room - side - 4);
  const wide = Math.min(room, columns * em * 1.6), tall = height ?? Math.max(em * (rows <= 16 ? 0.8 : 0.55), Math.min(em * 1.15, wide / columns)), top = most ?? largestOf(values);
  const shades = figure.shades(least), none = rgb(look.paper.raised);
  const canvas = tiled(rows, columns, 1, (r, c) => (hidden?.(r, c) ? none : shades.of(values[r * columns + c], top)));
  Object.assign(canvas.style, { width: `${wide}px`, height: `${rows * tall}px` });
  const frame = h("div", { class: "cells", style: `width:${wide}px;height:${rows * tall}px` }, canvas);
  const place = (r, c, w) => `left:${(c / columns) * wide}px;top:${r * tall}px;width:${(w / columns) * wide}px;height:${tall}px`;
  if (lit != null) frame.append(h("div", { class: "lit", style: place(lit, 0, columns) }));
  if (chosen != null && chosen < rows * columns) frame.append(h("div", { class: "chosen", style: place(Math.floor(chosen / columns), chosen % columns, 1) }));
  const at = (e) => {
    const box = frame.getBoundingClientRect(), c = Math.floor(((e.clientX - box.left) / box.width) * columns), r = Math.floor(((e.clientY - box.top) / box.height) * rows);
    return [Math.max(0, Math.min(rows - 1, r)), Math.max(0, Math.min(columns - 1, c))];
  };
  if (pick) {
    frame.classList.add("pick");
    frame.addEventListener("click", (e) => pick(...at(e)));
    frame.addEventListener("pointermove", (e) => { const [r, c] = at(e); figure.point(`${what(r, c)}: ${three(values[r * columns + c])}`); });
    frame.addEventListener("pointerleave", () => figure.point(""));
  }
  if (!names) return frame;
  return h("div", { class: "rows" }, h("div", { class: "names", style: `width:${side}px` }, names.map((name, r) => h("span", { class: r === lit ? "on" : "", style: `height:${tall}px;line-height:${tall}px;font-size:${Math.min(em * 0.8, tall)}px` }, tall < em * 0.6 && r % 5 ? "" : name))), frame);
}

// What colour stands for what.
function legend(figure, most) {
  const shades = figure.shades(-1);
  return h("p", { class: "quiet scale" }, three(-most), shades.scale.ramp(-1, 1), three(most), h("span", null, "colour by the square root of the size"));
}

// A few signed numbers as bars from the middle, each with its name before it.
function bars(figure, entries, { most, colour, pick, width = 9 }) {
  const { em } = figure, wide = em * width, top = most ?? (largestOf(entries.map((e) => e.value)) || 1), signed = entries.some((e) => e.value < 0);
  return h("table", { class: "bars" }, h("tbody", null, entries.map((entry) => {
    const { value } = entry, share = Number.isFinite(value) ? Math.abs(value) / top : 0, half = signed ? wide / 2 : wide, x0 = signed ? wide / 2 : 0, long = share * half;
    const name = pick ? h("button", { type: "button", class: "plain", "aria-pressed": String(Boolean(entry.on)), onclick: () => pick(entry) }, entry.name) : entry.name;
    return h("tr", { class: entry.on ? "on" : "" }, h("th", { scope: "row" }, name), entry.about === undefined ? null : h("td", { class: "about" }, entry.about), h("td", { class: "value" }, entry.words ?? three(value)),
      h("td", null, svg("svg", { width: wide, height: em * 0.8, viewBox: `0 0 ${wide} ${em * 0.8}`, "aria-hidden": "true" },
        svg("line", { x1: x0, x2: x0, y1: 0, y2: em * 0.8, stroke: figure.look.paper.quiet, "stroke-width": 1 }),
        svg("rect", { x: value < 0 ? x0 - long : x0, width: Math.max(0.5, long), y: em * 0.12, height: em * 0.56, fill: entry.colour ?? colour, "fill-opacity": entry.on === false ? 0.45 : 0.85 }))));
  })));
}
