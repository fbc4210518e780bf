// The same prompt several times: a tree of the texts, the parting that is chosen, how long two agree, and a table.

class TextFan extends Figure {
  title() { return this.data.title; }
  build() {
    const { data } = this;
    this.tree = new Tree(this);
    this.agreement = new Agreement(this);
    this.most = Math.max(1, ...data.partings.map((parting) => parting.rows.length));
    this.said = h("output");
    this.player = h("div", { class: "control", role: "group", "aria-label": "From parting to parting" },
      this.button("‹", () => this.by(-1), { "aria-label": "Parting before" }), this.button("›", () => this.by(1), { "aria-label": "Next parting" }), this.said);
    this.bar.hidden = !data.partings.length;
    this.bar.replaceChildren(this.player);
    this.readout = h("div", { class: "readout" });
    this.body.replaceChildren(h("h2", { class: "leave" }, data.title), h("div", { class: "both" }, this.tree.e, this.readout), this.agreement.e, this.table());
    this.agreement.e.hidden = data.texts.length < 2;
  }
  table() {
    const { texts } = this.data, head = (words, kind) => h("th", { scope: "col", class: kind }, words);
    return h("table", { class: "texts" }, h("caption", { class: "hidden" }, "Every text"),
      h("thead", null, h("tr", null, head("Text"), head("Drawn", "text"), head("ln p", "number"), head(`Leaves ${texts[0].name}`))),
      h("tbody", null, texts.map(({ name, text, log, leaves }, i) => h("tr", null, h("th", { scope: "row" }, name), h("td", { class: "text" }, h("bdi", { dir: "auto" }, visible(text.replace(/\n/g, "⏎")) || "∅")),
        h("td", { class: "number" }, log.toFixed(1).replace("-", "−")), h("td", null, i === 0 ? "–" : leaves === null ? "never: the same" : `at token ${leaves + 1}`)))));
  }
  render() {
    const { data, state } = this;
    if (state.at >= data.partings.length) state.at = 0; // of other texts
    this.tree.show(state.at);
    this.agreement.lay(this.body.clientWidth, this.em);
    this.said.textContent = data.partings.length ? `parting ${state.at + 1} of ${data.partings.length}` : "";
    this.tell(data.partings[state.at]);
  }
  tell(parting) {
    const { texts, branches } = this.data;
    if (!parting) {
      this.readout.replaceChildren(h("p", { class: "lead" }, texts.length > 1 ? `All ${texts.length} texts are the same: they never part.` : "One text parts from nothing."));
      return;
    }
    const here = branches[parting.branch].texts.length, ways = branches[parting.branch].after.length;
    const head = (words, kind) => h("th", { scope: "col", class: kind }, words);
    const row = ([text, drawn, chance, probability]) => h("tr", { class: drawn ? "" : "none" }, h("th", { scope: "row" }, chip({ text, part: [0, 1] }, true)), h("td", null, String(drawn)), h("td", null, (here * chance).toFixed(1)),
      h("td", null, percent(chance)), h("td", null, percent(probability)));
    const filler = Array.from({ length: this.most - parting.rows.length }, () => h("tr", { class: "filler leave", "aria-hidden": "true" }, h("td", { colspan: 5 }, "\u00a0")));
    this.readout.replaceChildren(
      h("p", { class: "lead" }, h("b", null, `Token ${parting.step + 1}: ${some(here)} part in ${ways} ways`)),
      h("p", { class: "quiet" }, `The model's entropy here is ${parting.entropy.toFixed(2)} bits; ${parting.kept.toLocaleString("en")} token${parting.kept === 1 ? "" : "s"} could be drawn.`),
      h("table", null, h("caption", { class: "hidden" }, "Counts beside theory"), h("thead", null, h("tr", null, head("Token"), head("drawn"), head("expected"), head("chance"), head("model's p"))),
        h("tbody", null, parting.rows.map(row), h("tr", { class: "none" }, h("th", { scope: "row" }, "all others"), h("td", null, "0"), h("td", null, (here * parting.rest).toFixed(1)), h("td", null, percent(parting.rest)), h("td", null, "")), filler)));
    const said = `Token ${parting.step + 1}: ${some(here)} part: ${parting.rows.filter((r) => r[1]).map(([text, drawn, chance]) => `${drawn} ${plain({ text, part: [0, 1] })}, chance ${percent(chance)}`).join("; ")}`;
    if (this.spoken && said !== this.spoken) this.say(said);
    this.spoken = said;
  }
  by(steps) { this.set({ at: Math.max(0, Math.min(this.data.partings.length - 1, this.state.at + steps)) }); }
  key({ key }) {
    const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[key];
    if (!step || !this.data.partings.length) return false;
    this.by(step);
    return true;
  }
}
export default mount(TextFan);
