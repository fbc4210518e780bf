// What the numbers come to: of the chosen token, of the whole text, of two models, and where the model was sure and wrong.

const SHOWN = 8;
const row = (name, ...values) => h("tr", null, h("th", { scope: "row" }, name), values.map((value) => h("td", null, value)));
const bar = (share, kind = "") => h("span", { class: "track", "aria-hidden": "true" }, h("span", { class: `fill ${kind}`, style: `width:${Math.max(share > 0 ? 0.5 : 0, 100 * share)}%` }));

// One token: what was expected, what came, and what it adds up to.
function aboutToken(figure, i) {
  const { data, tokens } = figure, x = tokens[i], head = h("p", { class: "which" }, chip(x.token, true), h("span", { class: "quiet" }, ` ${about(x.token, i)}`));
  if (!x.predicted) return [head, h("p", null, "Not predicted: nothing stands before it, so that the model has nothing to go by. It counts in no sum.")];
  const entries = data.likely[i - data.first].map(([text, id, p], n) => ({ text, id, p, rank: n + 1 }));
  if (!entries.some((entry) => entry.id === x.token.id)) entries.push({ text: x.token.text, id: x.token.id, p: x.probability, rank: x.rank, token: x.token });
  const numbers = h("table", { class: "numbers" }, h("tbody", null,
    row("Probability", chance(x.probability)),
    row("Rank", `${count(x.rank)} of ${count(data.vocabulary)}`),
    row("Surprisal", bits(x.surprisal)),
    row("Entropy", bits(x.entropy)),
    row("Surprisal − entropy", `${Number.isFinite(x.wrong) ? signed(x.wrong, 2) : "+∞"} bits`),
    row("So far", `${bits(x.sum, 1)}, mean ${Number.isFinite(x.mean) ? x.mean.toFixed(2) : "∞"}`)));
  const likeliest = h("table", { class: "likeliest" }, h("caption", null, "Likeliest here"), h("tbody", null, entries.map((entry) => {
    const came = entry.id === x.token.id;
    return h("tr", { class: came ? "came" : "" }, h("td", { class: "rank" }, count(entry.rank)), h("td", { class: "what" }, chip(entry.token ?? { text: entry.text, part: [0, 1] }, true), came ? h("small", null, "came") : null),
      h("td", { class: "value" }, chance(entry.p)), h("td", { class: "drawn" }, bar(entry.p, came ? "came" : "")));
  })));
  return [head, h("div", { class: "parts" }, numbers, likeliest), data.other ? besideIt(data, i) : null];
}
// The piece that the token stands in, under both models.
function besideIt(data, i) {
  const { other } = data, segment = other.segments.find(({ tokens: [[start, end]] }) => i >= start && i < end);
  if (!segment) return h("p", { class: "quiet" }, `${other.name} has no token here.`);
  const [, [start, end]] = segment.tokens;
  const theirs = other.tokens.slice(start, end).flatMap((token, k) => [chip(token, true), h("small", null, start + k < other.first ? " not predicted " : ` ${other.surprisals[start + k - other.first]?.toFixed(2) ?? "∞"} `)]);
  return h("div", { class: "beside" }, h("p", { class: "quiet" }, `${other.name} reads`), h("p", null, theirs),
    h("p", null, segment.bits ? `${bits(segment.bits[1])} against ${bits(segment.bits[0])}: ${signed(segment.bits[1] - segment.bits[0], 2)}` : "Not predicted by both: no difference."));
}

// The whole text.
function totals(figure) {
  const { data, tokens } = figure, known = tokens.filter((x) => x.predicted), { sum, mean } = known.at(-1), per = (n) => (n ? bits(sum / n) : "–");
  return h("section", null, h("h3", null, "The whole text"), h("table", { class: "numbers" }, h("tbody", null,
    row("Tokens", `${count(tokens.length)}, of which ${count(known.length)} predicted`),
    row("Surprisal", bits(sum, 1)),
    row("Per token", bits(mean)),
    row("Per character", per(data.characters)),
    row("Per byte of UTF-8", per(data.bytes)),
    row("Perplexity", 2 ** mean < 1e6 ? Number((2 ** mean).toPrecision(5)).toLocaleString("en", { maximumFractionDigits: 3 }) : COMPACT.format(2 ** mean)))));
}
function ranks(tokens) {
  const known = tokens.filter((x) => x.predicted), counts = BUCKETS.map((_, b) => known.filter((x) => bucketOf(x.rank) === b).length);
  const first = known.filter((x) => x.rank === 1).length;
  return h("section", null, h("h3", null, "Ranks"), h("table", { class: "shares" }, h("tbody", null, counts.map((n, b) => h("tr", null, h("th", { scope: "row" }, BUCKETS[b]), h("td", { class: "drawn" }, bar(n / known.length)), h("td", { class: "value" }, `${count(n)} · ${Math.round((100 * n) / known.length)}%`))))),
    h("p", { class: "quiet note" }, `${count(first)} of ${several(known.length, "token")} came first: a greedy model would have written ${first === 1 ? "it" : "them"}.`));
}
function sureAndWrong(figure) {
  const { data, tokens } = figure, found = tokens.map((x, i) => ({ x, i })).filter(({ x }) => x.predicted && x.wrong > 0).sort((a, b) => b.x.wrong - a.x.wrong || a.i - b.i).slice(0, SHOWN);
  if (!found.length) return h("section", null, h("h3", null, "Sure and wrong"), h("p", { class: "quiet" }, "Nowhere: no token was more of a surprise than the model expected."));
  return h("section", { class: "wrong" }, h("h3", null, "Sure and wrong ", h("span", { class: "quiet" }, "surprisal − entropy")), h("ol", null, found.map(({ x, i }) => {
    const [text, , p] = data.likely[i - data.first][0];
    return h("li", null, figure.button([h("b", null, Number.isFinite(x.wrong) ? signed(x.wrong) : "+∞"), " ", chip(x.token, false)], () => figure.choose(i), { class: "plain", "aria-label": `Go to ${plain(x.token)}, token ${i}` }),
      h("span", { class: "quiet" }, " not "), chip({ text, part: [0, 1] }, false), h("span", { class: "quiet" }, ` (${chance(p)})`));
  })));
}
// Two models on one text, over what both predict.
function twoModels(data) {
  const { other } = data, [mine, theirs] = other.bits, head = (words) => h("th", { scope: "col" }, words), per = (x) => (other.bytes ? x / other.bytes : NaN).toFixed(3);
  return h("section", { class: "two" }, h("h3", null, "Two models, one text"), h("table", { class: "numbers" },
    h("thead", null, h("tr", null, h("td"), head(data.name), head(other.name), head("Difference"))),
    h("tbody", null,
      row("Tokens", count(data.tokens.length), count(other.tokens.length), signed(other.tokens.length - data.tokens.length, 0)),
      row("Surprisal", bits(mine, 1), bits(theirs, 1), signed(theirs - mine)),
      row("Bits per byte", per(mine), per(theirs), signed(other.bytes ? (theirs - mine) / other.bytes : NaN, 3)))),
  h("p", { class: "quiet note" }, other.same ? "Both are the same model: every difference is 0. Choose another one as the second." : `Summed over the ${several(other.bytes, "byte")} that both predict. A token of one need not be a token of the other: differences stand below the pieces of the text that both cut out. Below 0, the second model is less surprised.`));
}
