// One column: the ten likeliest in the chosen cell, the followed token's probability and rank over the layers, and the
// ten likeliest at every layer.

// The chosen cell.
function aboutCell(figure) {
  const { reading, row, column } = figure, { data } = reading, place = data.first + column, link = (path, words, more) => h("a", { href: `${path}?${new URLSearchParams({ ...data.query, ...more })}` }, words);
  const layer = String(Math.max(0, row - 1)), entries = reading.best(row, column), cells = entries.map((entry, i) => h("tr", { class: entry.followed ? "followed" : "" },
    h("td", { class: "rank" }, i + 1),
    h("td", { class: "what" }, figure.button(chip(entry, true), () => figure.follow(entry), { class: "plain", title: `Follow this token, id ${entry.id}`, "aria-label": `Follow ${plain(entry)}` })),
    h("td", { class: "value" }, chance(entry.p)),
    h("td", { class: "drawn" }, h("span", { class: "track", "aria-hidden": "true" }, h("span", { class: "fill", style: `width:${100 * entry.p}%` })))));
  return [h("h3", null, `The likeliest, ${row ? `behind layer ${row - 1}` : "before layer 0"}`),
    h("table", { class: "likeliest" }, h("tbody", null, cells)),
    h("p", { class: "quiet" }, "Click one to follow it through all cells."),
    h("p", { class: "leave" }, link("/inside", row ? `Walk through layer ${layer} at this token` : "Walk: how this token enters", { view: "walk", ...(row ? {} : { stage: "text" }), layer, token: place }), " · ", link("/attention", `Attention of layer ${layer}`, { layer, token: place }))];
}

// What became of the answer, and of the token that is followed.
function story(reading, column) {
  const last = reading.rows - 1, appears = reading.appears(column), stays = reading.stays(column), p = reading.data.probabilities[last][column][0];
  const answer = chip(reading.answer(column), true), at = stays ? `from layer ${stays - 1} on` : "from the input on", parts = ["The model's own answer behind ", chip(reading.data.tokens[column], false), " is ", answer, ` (${chance(p)}): the likeliest ${at}`,
    appears < stays ? `, and for the first time at ${rowWords(appears)}.` : ", and nowhere before."];
  if (!reading.own) parts.push(" Followed: ", chip(reading.target(column), true), `, rank ${count(reading.rank(last, column))} at last, ${chance(reading.share(last, column))}.`);
  return parts;
}

// Probability and rank of the followed token over the layers.
class Curves {
  constructor(figure) {
    this.figure = figure;
    this.drawing = svg("svg", { role: "img", onclick: (e) => this.click(e) });
    this.title = h("h3");
    this.parts = [this.title, this.drawing];
  }
  click(event) {
    const { rows } = this.figure.reading, box = this.drawing.getBoundingClientRect();
    this.figure.choose(Math.max(0, Math.min(rows - 1, Math.round(((event.clientX - box.left - this.left) / this.room) * (rows - 1)))), this.figure.column);
  }
  draw(width) {
    const { figure } = this, { reading, em, row, column } = figure, { rows } = reading, size = 0.8 * em, left = (this.left = 3.4 * em), room = (this.room = width - left - 0.8 * em);
    const each = 6.4 * em, gap = 2.2 * em, height = 2 * each + gap + 3.2 * em, f = (v) => v.toFixed(1), x = (r) => left + (room * r) / (rows - 1), parts = [], put = (tag, props, ...children) => parts.push(svg(tag, props, ...children));
    const plot = (top, name, ticks, y, value, kind) => {
      const low = top + each;
      put("text", { x: 0, y: top - 0.6 * em, "font-size": size, class: "axis" }, name);
      for (const [tick, words] of ticks) {
        put("line", { class: "grid", x1: left, x2: left + room, y1: y(tick), y2: y(tick) });
        put("text", { x: left - 0.5 * em, y: y(tick), "text-anchor": "end", "dominant-baseline": "central", "font-size": size }, words);
      }
      const stays = reading.stays(column);
      put("line", { class: "settled", x1: x(stays), x2: x(stays), y1: top, y2: low });
      put("path", { class: `line ${kind}`, d: Array.from({ length: rows }, (_, r) => `${r ? "L" : "M"}${f(x(r))} ${f(y(value(r)))}`).join("") });
      put("circle", { class: `dot ${kind}`, cx: x(row), cy: y(value(row)), r: 0.3 * em });
    };
    const first = 1.4 * em, second = first + each + gap, most = Math.log(reading.data.vocabulary);
    plot(first, "probability", [0, 0.5, 1].map((p) => [p, `${100 * p}%`]), (p) => first + each * (1 - p), (r) => reading.share(r, column), "share");
    plot(second, "rank: 1 is the likeliest", [1, 10, 100, 1000, 10000].filter((k) => k <= reading.data.vocabulary).map((k) => [k, count(k)]), (k) => second + (each * Math.log(k)) / most, (r) => reading.rank(r, column), "rank");
    const step = Math.max(1, Math.ceil((rows - 1) / Math.max(2, room / (2.6 * em))));
    for (let r = 0; r < rows; r++) if ((r - 1) % step === 0 || r === 0) { if (r === 1 && step > 1) continue; put("text", { x: x(r), y: height - 0.5 * em, "text-anchor": "middle", "font-size": size }, r ? String(r - 1) : "in"); }
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${f(width)} ${f(height)}` })) this.drawing.setAttribute(name, value);
    this.drawing.replaceChildren(...parts);
    const token = reading.target(column);
    this.title.replaceChildren(chip(token, true), " over the layers");
    const values = Array.from({ length: rows }, (_, r) => r).filter((r) => r % Math.ceil(rows / 8) === 0 || r === rows - 1);
    this.drawing.setAttribute("aria-label", `${plain(token)} behind ${plain(reading.data.tokens[column])}: ${values.map((r) => `${rowWords(r)} rank ${count(reading.rank(r, column))}, ${chance(reading.share(r, column))}`).join("; ")}.`);
  }
}

// The ten likeliest at every layer.
function wholeColumn(figure) {
  const { reading, row: chosen, column, state } = figure, ranks = reading.data.top[0][column].length;
  const lines = Array.from({ length: reading.rows }, (_, row) => h("tr", { class: row === chosen ? "on" : "", "data-row": row }, h("th", { scope: "row" }, rowName(row)), reading.best(row, column).map((entry) => {
    const cell = h("td", { class: entry.followed ? "followed" : "", title: chance(entry.p) }, h("bdi", null, cellText(entry, state.spaces === 1)), h("span", { class: "hidden" }, ` ${chance(entry.p)}`), level());
    paint(figure, cell, 1000 * entry.p, entry.p);
    return cell;
  })));
  return h("table", { onclick: (e) => { const line = e.target.closest?.("[data-row]"); if (line) figure.choose(Number(line.dataset.row), column); } },
    h("thead", null, h("tr", null, h("th", { scope: "col" }, "layer"), Array.from({ length: ranks }, (_, i) => h("th", { scope: "col" }, i + 1)))), h("tbody", null, lines.reverse()));
}
