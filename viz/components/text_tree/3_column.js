// What else could have come at one step? The most probable tokens, what the model and the samplers gave to each, and a
// button to go on from it.

class Column {
  constructor(figure) {
    this.figure = figure;
    this.heading = h("h3");
    this.facts = h("p", { class: "facts quiet" });
    this.rows = h("tbody");
    const head = (words, kind) => h("th", { scope: "col", class: kind }, words);
    this.parts = h("section", { class: "column" }, this.heading, this.facts,
      h("table", null, h("caption", { class: "hidden" }, "Tokens that could come at this step"),
        h("thead", null, h("tr", null, head("Token"), head("Model"), head("After the samplers"), head(h("span", { class: "hidden" }, "What to do")))), this.rows));
  }
  show(path, b, step) {
    const { figure } = this, { data } = figure, token = path[step];
    this.heading.replaceChildren(`Token ${step + 1} of ${path.length}: `, chip({ ...NO_PARTS, ...token }, true));
    const number = data.numbers && step < data.numbers.length ? `the seed’s number for this step: ${data.numbers[step].toFixed(3)}` : "the most probable token is taken";
    this.facts.replaceChildren(token.byHand ? h("b", null, token.chance > 0 ? "Put here by hand. " : "Put here by hand: the samplers had cut it. ") : "",
      `Entropy ${token.entropy.toFixed(2)} bits · ${token.kept.toLocaleString("en")} token${token.kept === 1 ? "" : "s"} could be drawn · ${number}`);
    const listed = token.likely.map(([id, text, p, chance], rank) => ({ id, text, p, chance, rank }));
    const extra = token.rank === null ? [{ ...token, rank: null }] : [];
    const rest = (name) => Math.max(0, 1 - [...listed, ...extra].reduce((sum, one) => sum + one[name], 0));
    this.rows.replaceChildren(...[...listed, ...extra].map((one) => this.row(one, path, b, step)),
      h("tr", { class: "rest quiet" }, h("th", { scope: "row" }, "all others"), this.cell(rest("p")), this.cell(rest("chance"), true), h("td")));
    this.rows.parentElement.classList.toggle("short", !extra.length);
  }
  row(one, path, b, step) {
    const { figure } = this, taken = path[step].id === one.id, there = figure.story.at(b, step, one.id), words = tokenText({ text: one.text }, true, 16);
    const marks = [taken ? "taken" : null, path[step].greedy === one.rank && one.rank !== null ? "greedy" : null].filter(Boolean);
    const act = taken ? null
      : there !== null ? figure.button(figure.story.name(there), () => figure.choose(there, step), { "aria-label": `Go to ${figure.story.name(there)}, which goes on with ${words}` })
        : figure.button("branch", () => figure.fork(step, one.id), { "aria-label": `Branch: go on with ${words} instead`, disabled: figure.full });
    return h("tr", { class: taken ? "taken" : null },
      h("th", { scope: "row" }, chip({ ...NO_PARTS, text: one.text, kind: taken ? path[step].kind : "text" }, true), marks.length ? h("small", null, ` ${marks.join(", ")}`) : null),
      this.cell(one.p), one.chance > 0 ? this.cell(one.chance, true) : h("td", { class: "cut" }, h("s", null, probability(one.p)), h("small", null, " cut")), h("td", null, act));
  }
  cell(value, after) {
    return h("td", null, h("span", { class: "figure" }, value === 0 ? "0" : probability(value)),
      h("span", { class: "track", "aria-hidden": "true" }, h("span", { class: after ? "share after" : "share", style: `width:${(100 * Math.min(1, value)).toFixed(1)}%` })));
  }
}
