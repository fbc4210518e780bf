// How does a text come by its score? Token by token, with the numbers put in; and all finished texts in a table.

const spelled = (raw, texts) => visible(joined(raw)) || texts.join("");
const words = (raw, texts) => h("bdi", { dir: "auto" }, spelled(raw, texts));
const power = (length, penalty) => `${length}^${score(penalty).replace(/\.?0+$/, "")}`;

class Readout {
  constructor() {
    this.heading = h("h2", { dir: "auto" }); // of the prompt: what is written goes on in its direction
    this.fate = h("p", { class: "fate" });
    this.table = h("table", { class: "sums" });
    this.arithmetic = h("p", { class: "arithmetic" });
    this.parts = h("section", { class: "readout" }, this.heading, this.fate,
      h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "The score, token by token, scrolls sideways" }, this.table), this.arithmetic);
  }
  show(search, node, prompt) {
    const path = node < 0 ? [] : search.path(node), raw = path.map((n) => search.of(n, "raw"));
    this.heading.replaceChildren(h("span", { class: "quiet" }, visible(prompt)), path.length ? h("b", null, spelled(raw, path.map((n) => search.of(n, "texts")))) : " …");
    this.fate.textContent = node < 0 ? "The prompt: nothing is added yet, and the score is 0." : search.tellFate(node);
    const row = (name, cells) => h("tr", null, h("th", { scope: "row" }, name), ...cells);
    const cell = (content) => h("td", null, content);
    const tokens = path.map((n) => chip({ text: search.of(n, "texts"), kind: "text", part: [0, 1] }, true));
    this.table.replaceChildren(h("tbody", null,
      row("token", path.length ? tokens.map(cell) : [cell("–")]),
      row("p", path.length ? path.map((n) => cell(number(Math.exp(search.lnp(n))))) : [cell("–")]),
      row("ln p", path.length ? path.map((n) => cell(score(search.lnp(n)))) : [cell("–")]),
      row("sum", path.length ? path.map((n) => cell(score(search.sum(n)))) : [cell("0")])));
    const sum = search.sum(node);
    if (node < 0) this.arithmetic.textContent = "score = 0";
    else {
      const terms = path.length <= 6 ? path.map((n, i) => (i ? score(search.lnp(n)).replace("−", " − ") : score(search.lnp(n)))).join("") : `${score(search.lnp(path[0]))}${score(search.lnp(path[1])).replace("−", " − ")} … ${score(search.lnp(path.at(-1))).replace("−", "− ")}`;
      const line = path.length > 1 ? `sum = ${terms} = ${score(sum)}` : `sum = ln ${number(Math.exp(search.lnp(path[0])))} = ${score(sum)}`;
      const { length } = path;
      this.arithmetic.textContent = search.fate(node) === "finished"
        ? `${line};  score = sum / length^penalty = ${score(sum)} / ${power(length, search.penalty)} = ${score(search.final(node))}`
        : `${line}. While a text goes on, only the sum counts: all that it is compared with have ${count(length, "token")}.`;
    }
  }
}

// The finished texts, the best first, and what one beam would have written.
function ranking(search, choose) {
  const { greedy, penalty } = search;
  const head = (label, kind) => h("th", { scope: "col", class: kind }, label);
  const row = (first, raw, texts, sum, length, final, kind) => h("tr", { class: kind },
    h("td", { class: "rank" }, first), h("td", { class: "text" }, words(raw, texts)), h("td", { class: "figure" }, String(length)), h("td", { class: "figure" }, score(sum)),
    h("td", { class: "figure sum" }, `${score(sum)} / ${power(length, penalty)}`), h("td", { class: "figure" }, score(final)));
  const rows = search.finished.map(({ node, final }, i) => {
    const path = search.path(node);
    return row(h("button", { type: "button", onclick: () => choose(node), "aria-label": `Show text ${i + 1} in the tree` }, String(i + 1)),
      path.map((n) => search.of(n, "raw")), path.map((n) => search.of(n, "texts")), search.sum(node), search.length(node), final);
  });
  const { length } = greedy.sums;
  if (search.beams > 1) rows.push(row("one beam", greedy.raw, greedy.texts, greedy.sums.at(-1), length, greedy.score, "greedy"));
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "The finished texts, scrolls sideways" },
    h("table", { class: "finished" }, h("caption", null, "Finished texts"),
      h("thead", null, h("tr", null, head("Place"), head("Text"), head("Tokens", "figure"), head("Sum of ln p", "figure"), head("Sum / length^penalty", "figure sum"), head("Score", "figure"))),
      h("tbody", null, ...rows)));
}

// Where the best text and that of one beam part, and which is more probable.
function comparison(search) {
  const { greedy, finished } = search;
  if (search.beams === 1) return ["One beam is greedy search: each step takes the most probable token, and nothing is ever tried beside it."];
  const best = search.path(finished[0].node), raw = best.map((n) => search.of(n, "raw")), sum = search.sum(finished[0].node), other = greedy.sums.at(-1);
  const parted = raw.findIndex((bytes, i) => bytes !== greedy.raw[i]);
  if (parted < 0 && raw.length === greedy.raw.length) return ["One beam would have written the same text: it is also what greedy search finds."];
  const at = parted < 0 ? raw.length : parted, said = [`One beam (greedy search) parts from the best text at token ${at + 1}: `];
  if (at < raw.length && at < greedy.raw.length) {
    const p = Math.exp(greedy.sums[at] - (greedy.sums[at - 1] ?? 0));
    said.push("it takes ", chip({ text: greedy.texts[at], kind: "text", part: [0, 1] }, true), ` (p ${number(p)}), the best text `,
      chip({ text: search.of(best[at], "texts"), kind: "text", part: [0, 1] }, true), ` (p ${number(Math.exp(search.lnp(best[at])))}). `);
  } else said.push("there one of them ends. ");
  const ratio = times(Math.exp(Math.abs(sum - other))), more = sum > other;
  said.push(h("b", null, more ? `The text of ${search.beams} beams is ${ratio} times as probable` : `The text of one beam is ${ratio} times as probable`),
    `: e^(${score(Math.max(sum, other))} − ${score(Math.min(sum, other)).replace("−", "(−")})).`);
  const lost = greedy.way.length < greedy.raw.length ? greedy.way.length - 1 : -1;
  const gone = greedy.way.findIndex((candidate, step) => ["cut", "late"].includes(search.fate(search.at(step, candidate))));
  // With a length penalty the less probable of two texts may be the better one.
  if (greedy.score > finished[0].final) said.push(" A wider search isn't always a better one.");
  if (gone >= 0) said.push(` Its beginning was cut at token ${gone + 1}: its sum was ${score(greedy.sums[gone])}, and the least that went on ${score(search.least(gone))}.`);
  else if (lost >= 0 && lost + 1 < search.steps.length) said.push(` At token ${lost + 2} it was no longer among the candidates.`);
  if (greedy.raw.length !== raw.length) said.push(` They have ${greedy.raw.length} and ${raw.length} tokens: each further token makes a text less probable.`);
  return said;
}
