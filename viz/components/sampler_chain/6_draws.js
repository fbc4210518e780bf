// What comes of drawing from what the chain leaves? One token with the number that chose it; many, counted, beside what
// theory expects of them and beside greedy. The same seed draws the same again.

const MANY = 1000, LISTED = 12, LATEST = 10, ENOUGH = 100; // draws from which on the spread says something

// The running sum of the probabilities, by token id, as a draw goes through it.
function runningSum({ order, p, z }) {
  const sum = new Float64Array(z.length);
  order.forEach((id, i) => { sum[id] = p[i]; });
  for (let id = 1; id < sum.length; id++) sum[id] += sum[id - 1];
  return sum;
}
// What a count of n draws with this chance is expected to be, and its standard deviation (binomial).
const binomial = (n, p) => ({ mean: n * p, deviation: Math.sqrt(n * p * Math.max(0, 1 - p)) });
const counted = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 0.005 || value === 0 ? value.toFixed(2) : "<0.01");

class Draws {
  constructor(figure) {
    this.figure = figure;
    const draw = (count, words) => figure.button(words, () => this.draw(count()));
    this.one = draw(() => Math.min(MANY, figure.state.draws + 1), "Draw one");
    this.all = draw(() => MANY, `Draw ${many(MANY)}`);
    this.none = draw(() => 0, "Clear");
    this.seed = h("input", { class: "value", inputmode: "numeric", "aria-label": "Seed of the draws", onchange: () => this.typed() });
    this.next = figure.button("Next seed", () => this.sow((figure.state.seed + 1) % 2 ** 32));
    this.said = h("p", { class: "said", role: "status" });
    this.which = h("p", { class: "which" });
    this.line = svg("svg", { role: "img", class: "unit" });
    this.latest = h("p", { class: "latest" });
    this.rows = Array.from({ length: LISTED + 1 }, () => this.row());
    this.head = h("tr", null, ["token", "drawn", "", "expected ± 2 sd", "greedy"].map((words, i) => h("th", { scope: "col", class: ["", "count", "bars", "theory", "count"][i] }, words)));
    this.table = h("table", null, h("caption", { class: "hidden" }, "What was drawn, against the theory"), h("thead", null, this.head), h("tbody", null, this.rows.map((row) => row.part)));
    this.sum = h("p", { class: "sum" });
    this.shown = h("div", { hidden: true }, this.which, this.line, this.latest, this.table, this.sum);
    this.parts = h("section", { class: "draws", "aria-label": "Draw" }, h("h2", null, "Draw from what the chain leaves"),
      h("div", { class: "control leave" }, this.one, this.all, this.none, h("label", { class: "control" }, h("span", { class: "name" }, "Seed"), this.seed), this.next,
        h("span", { class: "quiet" }, "The numbers are those of numpy’s RandomState(seed).")), this.said, this.shown);
  }
  row() {
    const token = h("th", { scope: "row" }), count = h("td", { class: "count" }), theory = h("td", { class: "theory" }), greedy = h("td", { class: "count" });
    const bar = svg("rect", { class: "bar", y: 3, height: 10 }), whisker = svg("path", { class: "whisker", fill: "none" }), drawing = svg("svg", { height: 16, "aria-hidden": "true" }, bar, whisker);
    return { part: h("tr", null, token, count, h("td", { class: "bars" }, drawing), theory, greedy), token, count, theory, greedy, bar, whisker, drawing, id: null };
  }

  // ---- the hand
  draw(count) {
    this.said.textContent = "";
    this.figure.set({ draws: count });
    this.speak = true;
  }
  sow(seed) {
    this.said.textContent = "";
    this.figure.set({ seed });
    this.speak = true;
  }
  typed() {
    const text = this.seed.value.trim(), seed = Number(text);
    if (/^\d{1,10}$/.test(text) && seed < 2 ** 32) { this.sow(seed); return; }
    this.said.textContent = `A seed is a whole number from 0 to ${many(2 ** 32 - 1)}; it stays ${this.figure.state.seed}.`;
    this.seed.value = String(this.figure.state.seed);
  }

  // ---- the picture
  render(stages) {
    const { figure } = this, { seed, draws: count } = figure.state, stage = stages.at(-1);
    if (figure.root.getRootNode().activeElement !== this.seed) this.seed.value = String(seed);
    this.shown.hidden = count === 0;
    this.none.disabled = count === 0;
    this.one.disabled = count >= MANY;
    if (!count) { this.stage = null; return; }
    const frame = [seed, count, figure.width, figure.look.name].join();
    if (stage === this.stage && frame === this.frame && figure.data === this.data) return; // nothing here has moved
    Object.assign(this, { stage, frame, data: figure.data });
    const ids = draws(stage, count, seed);
    this.last(stage, ids, seed);
    this.latest.replaceChildren(`${count > LATEST ? "the latest: " : "so far: "}`, ...ids.slice(-LATEST).flatMap((id) => [chip(figure.token(id), true), " "]));
    this.count(stage, ids);
    if (this.speak) figure.say(count === 1 ? `Drawn: ${plain(figure.token(ids[0]))}` : `${many(count)} drawn. ${this.sum.textContent}`);
    this.speak = false;
  }
  // The last draw: its number u on the running sum from 0 to 1, and the token that it falls on.
  last(stage, ids, seed) {
    const { figure } = this, { em, look } = figure, twister = new Twister(seed), id = ids.at(-1), name = figure.token(id);
    let u = 0;
    for (let i = 0; i < ids.length; i++) u = twister.next();
    const sum = runningSum(stage), total = sum.at(-1), from = id ? sum[id - 1] / total : 0, to = sum[id] / total;
    this.which.replaceChildren(`Draw ${many(ids.length)} of seed ${seed}: u = ${u.toFixed(6)}. `, "Going through the tokens by id, the running sum passes u at ", chip(name, true),
      ` (id ${id}), which takes it from ${from.toFixed(6)} to ${to.toFixed(6)}: p = ${percent(stage.p[stage.order.lastIndexOf(id)])}.`);
    const width = Math.floor(this.parts.clientWidth || figure.width), x = (v) => v * (width - 2) + 1, top = em * 1.3, tall = em * 1.6, least = 3 / width;
    const parts = [svg("rect", { x: 1, y: top, width: width - 2, height: tall, fill: look.paper.raised, stroke: look.paper.line })], edges = [];
    for (let i = stage.order.length - 1; i >= 0 && stage.p[i] >= least; i--) {
      const other = stage.order[i], start = x((other ? sum[other - 1] : 0) / total), end = x(sum[other] / total), text = tokenText(figure.token(other), true, 14);
      edges.push(`M${start.toFixed(1)} ${top}V${top + tall}M${end.toFixed(1)} ${top}V${top + tall}`);
      if (other === id) continue;
      if (end - start > em * (0.55 * Array.from(text).length + 0.4)) parts.push(svg("text", { x: (start + end) / 2, y: top + tall / 2, "text-anchor": "middle", "dominant-baseline": "central", "font-size": em * 0.8, fill: look.paper.ink }, text));
    }
    const left = x(from), wide = Math.max(1.5, x(to) - left), at = x(u), words = tokenText(name, true, 14), colour = look.stroke(look.parts.logits);
    parts.push(svg("path", { d: edges.join(""), stroke: look.paper.line, fill: "none" }), svg("rect", { class: "fell", x: left, y: top, width: wide, height: tall, fill: colour, "fill-opacity": 0.45 }),
      svg("path", { class: "u", d: `M${at} ${top + tall + 3}V${top - 2}m-4 -6l4 6l4 -6z`, stroke: look.paper.ink, fill: look.paper.ink, "stroke-width": 1.5 }));
    const side = at < width / 2;
    parts.push(svg("text", { x: at + (side ? 8 : -8), y: top - em * 0.45, "font-size": em * 0.8, "text-anchor": side ? "start" : "end", fill: look.paper.ink }, `u = ${u.toFixed(3)} → ${words}`));
    for (const v of [0, 0.5, 1]) parts.push(svg("text", { x: x(v), y: top + tall + em * 1.1, "font-size": em * 0.75, fill: look.paper.quiet, "text-anchor": v === 0 ? "start" : v === 1 ? "end" : "middle" }, String(v)));
    const height = top + tall + em * 1.4;
    for (const [key, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": `The running sum of all probabilities from 0 to 1; u = ${u.toFixed(6)} falls on ${plain(name)}` })) this.line.setAttribute(key, value);
    this.line.replaceChildren(...parts);
  }
  // How often each token was drawn: the most probable ones, and all others in one row.
  count(stage, ids) {
    const { figure } = this, { order, p } = stage, n = ids.length, counts = new Map();
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    const listed = Math.min(LISTED, order.length), greedy = greedyOf(stage), rows = [];
    let mass = 0, drawn = 0, taken = 0;
    for (let i = 0; i < listed; i++) {
      const id = order[order.length - 1 - i], share = p[order.length - 1 - i], here = counts.get(id) ?? 0;
      rows.push({ id, share, count: here, greedy: id === greedy ? n : 0 });
      mass += share;
      drawn += here;
      taken += id === greedy ? n : 0;
    }
    if (order.length > listed) rows.push({ id: null, share: Math.max(0, 1 - mass), count: n - drawn, greedy: n - taken, others: order.length - listed });
    for (const row of rows) Object.assign(row, binomial(n, row.share));
    for (const row of rows) row.outside = n >= ENOUGH && Math.abs(row.count - row.mean) > 2 * row.deviation + 1e-9;
    const most = Math.max(...rows.filter((row) => row.id !== null).map((row) => Math.max(row.count, row.mean + 2 * row.deviation)), 1);
    const width = Math.max(40, Math.floor(this.head.children[2].clientWidth - figure.em));
    this.rows.forEach((part, i) => this.fill(part, rows[i], most, width));
    this.sum.textContent = this.judged(rows, n);
    this.result = { rows, n };
  }
  fill(part, row, most, width) {
    part.part.hidden = !row;
    if (!row) return;
    const { figure } = this, name = row.id === null ? `${row.others} others` : `${row.id} ${figure.data.texts[row.id]}`;
    if (part.name !== name) part.token.replaceChildren(row.id === null ? `${many(row.others)} other${row.others === 1 ? "" : "s"}` : chip(figure.token(row.id), true));
    part.name = name;
    part.count.textContent = many(row.count);
    part.theory.textContent = `${counted(row.mean)} ± ${counted(2 * row.deviation)}${row.outside ? (row.count > row.mean ? " ▲" : " ▼") : ""}`;
    part.theory.title = row.outside ? `outside of the expected spread: ${row.count > row.mean ? "more" : "fewer"} than it` : "";
    part.part.classList.toggle("outside", row.outside);
    part.greedy.textContent = many(row.greedy);
    const x = (value) => Math.max(0, Math.min(width, (value / most) * width)), [low, high] = [x(row.mean - 2 * row.deviation), x(row.mean + 2 * row.deviation)], middle = x(row.mean).toFixed(1);
    part.drawing.setAttribute("width", width + 6);
    part.bar.setAttribute("width", x(row.count).toFixed(1));
    const beyond = row.mean - 2 * row.deviation > most ? `M${width - 2} 3l5 5l-5 5` : `M${low.toFixed(1)} 8H${high.toFixed(1)}M${low.toFixed(1)} 4V12M${high.toFixed(1)} 4V12M${middle} 1V15`;
    part.whisker.setAttribute("d", beyond); // a bar too long for the scale of the tokens' ends in an arrow
  }
  // Whether what was drawn is what theory expects, in words.
  judged(rows, n) {
    if (rows.length === 1) return "Only one token is left: every draw gives it.";
    if (n < ENOUGH) return "The whiskers say where a count is expected in 95 of 100 cases; so few draws say little.";
    const outside = rows.filter((row) => row.outside).length, pearson = chiSquare(rows);
    return `${outside} of ${rows.length} counts lie outside of their whiskers (± 2 standard deviations, √(n p (1 − p))); about 5% do by chance, here ${(0.0455 * rows.length).toFixed(1)}.`
      + (pearson.freedom ? ` χ² = ${pearson.value.toFixed(1)}, where ${pearson.freedom} ± ${(2 * Math.sqrt(2 * pearson.freedom)).toFixed(1)} is expected.` : "");
  }
}
// What greedy takes: of the most probable tokens that with the smallest id.
const greedyOf = (stage) => greedy(stage).order[0];
// Pearson's statistic; counts of which fewer than 5 are expected go together.
function chiSquare(rows) {
  const few = { count: 0, mean: 0 }, bins = rows.filter((row) => row.mean >= 5);
  for (const row of rows) if (row.mean < 5) { few.count += row.count; few.mean += row.mean; }
  if (few.mean >= 5) bins.push(few);
  return { value: bins.reduce((sum, { count, mean }) => sum + (count - mean) ** 2 / mean, 0), freedom: Math.max(0, bins.length - 1) };
}
