// Training, round by round: how many pieces are left, what that costs, and which pieces go.

const CURVES = [
  ["Pieces left", (r) => r.sizes, (v) => count(v)],
  ["Tokens in the corpus", (r) => r.tokens, (v) => count(v)],
  ["Mean log-likelihood of a word", (r) => r.likelihoods, (v) => log(v, 2)],
];

// One value a round: bars from 0 for what can be counted, else a line; the chosen round stands out.
function curve(figure, words, values, write, at) {
  const w = 240, t = 96, step = w / values.length, low = Math.min(...values), high = Math.max(...values);
  const line = high < 0, floor = line ? low : 0, top = line ? 8 : 16, bottom = line ? t - 22 : t, middle = (i) => (i + 0.5) * step;
  const level = (value) => (high === floor ? top : bottom - Math.max(line ? 0 : 2, ((value - floor) / (high - floor)) * (bottom - top)));
  const drawing = svg("svg", { viewBox: `0 0 ${w} ${t}`, class: "curve", role: "img", "aria-label": `${words}: ${list(values.map((v, i) => `round ${i + 1} ${write(v)}`))}` });
  if (line) drawing.append(svg("polyline", { points: values.map((v, i) => `${middle(i)},${level(v)}`).join(" "), fill: "none", stroke: "var(--quiet)", "stroke-width": 1.5 }));
  values.forEach((value, i) => {
    const y = level(value), fill = i === at ? "var(--accent)" : line ? "var(--quiet)" : "var(--line)";
    drawing.append(line ? svg("circle", { cx: middle(i), cy: y, r: i === at ? 5.5 : 3.5, fill }) : svg("rect", { x: i * step + 2, y, width: Math.max(2, step - 4), height: t - y, rx: 2, fill }));
    if (step >= 38 || i === at) drawing.append(svg("text", { x: Math.min(w - 20, Math.max(20, middle(i))), y: line ? y + 17 : y - 6, "text-anchor": "middle", "font-size": 10.5, fill: i === at ? "var(--ink)" : "var(--quiet)", "font-weight": i === at ? 700 : 400 }, write(value)));
    drawing.append(svg("rect", { x: i * step, y: 0, width: step, height: t, fill: "transparent", class: "hit", onclick: () => figure.set({ round: i }) }));
  });
  return h("figure", { class: "small" }, h("figcaption", null, words), drawing);
}

function piecesList(title, words, group, write) {
  if (!group.total) return null;
  const more = group.total - group.pieces.length;
  return h("section", null, h("h3", null, title.replace("#", count(group.total))), h("p", { class: "sub" }, words),
    h("ul", { class: "losses" }, group.pieces.map(([piece, value]) => h("li", null, pieceChip(piece), value == null ? null : h("small", null, write(value)))),
      more > 0 ? h("li", { class: "quiet" }, `and ${count(more)} more`) : null));
}
const loss = (value) => brief(1000 * value);

function roundsPart(figure, rounds, at) {
  const step = rounds.steps[at], last = at === rounds.sizes.length - 1, next = rounds.sizes[at + 1];
  const sub = last
    ? `No pruning any more: every character stays, and the most probable others, ${count(rounds.final)} pieces in all. Three control pieces (<unk>, <s>, </s>) come on top.`
    : `${count(rounds.sizes[at])} pieces after EM; those whose loss is smallest go, and ${count(next)} are left after the next round's EM.`;
  const before = at ? "" : ` Training began with ${count(rounds.candidates)} candidates, of which EM kept these.`;
  return [h("header", null, h("h2", null, `Round ${at + 1} of ${rounds.sizes.length}`), h("p", { class: "sub" }, sub + before)),
    h("div", { class: "curves" }, CURVES.map(([words, values, write]) => curve(figure, words, values(rounds), write, at))),
    h("div", { class: "lists" }, ...(last ? [
      piecesList("Left out at the end: #", "The least probable, with their log-probability.", step.dropped, (v) => log(v)),
      piecesList("The most probable", "Of those left, with their log-probability.", step.strongest, (v) => log(v)),
    ] : [
      piecesList("Pruned: #", "The least loss first: by how many thousandths the mean log-likelihood of a word falls without the piece; below 0 it rises.", step.pruned, loss),
      piecesList("Pruned without a loss: #", "On no best path of the corpus, or better spelled in parts. Single characters come back at the end.", step.unused, loss),
      piecesList("Kept, and then given up: #", "The next round's EM expects them less than half a time.", step.forgotten, loss),
      piecesList("Kept: #", "The least loss first, next to the line.", step.nearest, loss),
      piecesList("Missed most", "Those of the largest loss.", step.kept, loss),
    ]).filter(Boolean))];
}
