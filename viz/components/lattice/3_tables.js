// Segmentations, one a row: the n best, and those that were drawn.

const WHOLE = 60; // tokens; of a longer row only what is cut differently, and a little around it, is written out
const AROUND = 2;
const MOST = 80; // tokens written out of one row

// The tokens of one path; those that the best path doesn't have are framed.
function row(path, best) {
  const { pieces } = path, same = path.borders.map(([start, end]) => best.has(`${start} ${end}`)), known = !same.includes(false);
  const near = same.map((_, i) => (known ? i < AROUND : same.slice(Math.max(0, i - AROUND), i + AROUND + 1).includes(false)));
  const parts = [];
  const write = (i) => parts.push(pieceChip(pieces[i], same[i] ? "" : "new"), " ");
  const skip = (words) => parts.push(h("span", { class: "quiet" }, words), " ");
  for (let i = 0, written = 0; i < pieces.length; ) {
    let end = i;
    while (end < pieces.length && !near[end]) end++;
    if (pieces.length <= WHOLE || end - i < 3) end = i;
    if (end > i) skip(known ? `… ${count(end - i)} more` : `… ${count(end - i)} as in the best …`);
    else {
      if (written++ === MOST) { skip(`… ${count(pieces.length - i)} more`); break; }
      write(i);
    }
    i = Math.max(end, i + (end > i ? 0 : 1));
  }
  return parts;
}
const bordersOf = (path) => new Set(path.borders.map(([start, end]) => `${start} ${end}`));

function meter(share, mark) {
  const bar = h("i"), box = h("span", { class: "meter", "aria-hidden": "true" }, bar);
  bar.style.width = `${100 * share}%`;
  if (mark != null) {
    const tick = h("b");
    tick.style.left = `${Math.min(99.2, 100 * mark)}%`;
    box.append(tick);
  }
  return box;
}
const cell = (name, words) => h("td", { class: "number", "data-name": name }, words);
const table = (heads, rows) => h("table", null,
  h("thead", null, h("tr", null, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", null, rows));

function bestTable(paths, n) {
  const shown = paths.nearest.slice(0, n), best = bordersOf(paths.nearest[0]), held = shown.reduce((sum, path) => sum + path.share, 0);
  const rows = shown.map((path, i) => h("tr", { class: i ? "" : "first" },
    cell("", `${i + 1}`), h("td", { class: "pieces" }, row(path, best)), cell("log P", log(path.log, 3)),
    cell("Share", percent(path.share)), h("td", { class: "amount", "aria-hidden": "true" }, meter(path.share))));
  const all = shown.length < n || paths.ways === String(shown.length);
  return [h("header", null, h("h2", null, shown.length === 1 ? "The best way to cut it" : `The ${shown.length} best ways to cut it`),
    h("p", { class: "sub" }, `of ${paths.ways}; the first is ${paths.library}'s own`)),
  table(["", "Pieces", "log P", "Share", ""], rows),
  h("p", { class: "note" }, all ? "These are all the ways there are: together 100%." : `Together ${percent(held)}. All the other ways share what is left, ${percent(Math.max(0, 1 - held))}.`,
    shown.length > 1 ? " Framed pieces are not in the best." : "")];
}

function samplesTable(paths) {
  const { drawn } = paths, best = bordersOf(paths.nearest[0]), most = Math.max(...drawn.rows.flatMap((path) => [path.count / drawn.count, path.expected]));
  const rows = drawn.rows.map((path) => h("tr", null,
    h("td", { class: "pieces" }, row(path, best)), cell("Times", count(path.count)), cell("Came", percent(path.count / drawn.count)),
    cell("Expected", percent(path.expected)), h("td", { class: "amount", "aria-hidden": "true" }, meter(path.count / drawn.count / most, path.expected / most))));
  const [times, left] = drawn.rest, others = drawn.kinds - drawn.rows.length;
  return [h("header", null, h("h2", null, `${count(drawn.count)} sample${drawn.count === 1 ? "" : "s"}, ${count(drawn.kinds)} different`),
    h("p", { class: "sub" }, `alpha ${drawn.alpha}, seed ${drawn.seed}${drawn.count < drawn.asked ? `; of a text so long no more than ${count(drawn.count)} are drawn` : ""}`)),
  h("p", { class: "note" }, "A way comes with probability P^alpha, divided by the sum over all ways: at alpha 1 as the model says, at 0 each as often as any other; the larger alpha, the more often the best."),
  table(["Pieces", "Times", "Came", "Expected", ""], rows),
  h("p", { class: "note" }, others ? `${count(others)} more, that came ${count(times)} times in all. ` : "",
    `Every way that is not listed, drawn or not: expected ${percent(Math.max(0, left))}. Bar: how often it came. Line across it: what the formula says. Framed pieces are not in the best.`)];
}
