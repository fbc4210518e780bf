// How do the branches compare? Each one's text, how probable the model holds it, and how it ended.

class Comparison {
  constructor(figure) {
    this.figure = figure;
    this.rows = h("tbody");
    const head = (words, title) => h("th", { scope: "col", title }, words);
    this.parts = h("section", null, h("h3", null, "The texts compared"),
      h("div", { class: "sideways", tabindex: 0, role: "group", "aria-label": "Table of the texts, scrolls sideways" }, h("table", { class: "compared" }, h("caption", { class: "hidden" }, "The texts, how probable they are, and how they ended"),
        h("thead", null, h("tr", null, head("Text"), head("log₂ p", "sum over its tokens, in bits"), head("Probability"), head("Perplexity", "2 to the mean surprisal of a token"), head("Tokens"), head("Tokens a second"), head("It ended"))), this.rows)));
  }
  show() {
    const { figure } = this, { story } = figure, { branch } = figure.state;
    if (story === this.story && branch === this.branch) return;
    Object.assign(this, { story, branch });
    this.rows.replaceChildren(...story.order.filter((b) => story.paths[b].length).map((b) => {
      const { bits, perplexity, ended, speed, text } = story.branches[b], chosen = b === branch, whole = tokenText({ text: text.slice(0, 400) }, false, 90);
      return h("tr", { class: chosen ? "on" : null }, h("th", { scope: "row" }, figure.button(story.name(b), () => figure.choose(b, Math.min(figure.state.step, story.paths[b].length - 1)), { class: "plain", "aria-current": String(chosen) }), " ", h("bdi", null, whole)),
        ...[`${bits.toFixed(1).replace("-", "−")}`, probability10(bits), number(perplexity), String(story.paths[b].length), speed ? number(speed) : "–", ended].map((words) => h("td", null, words)));
    }));
  }
}
const probability10 = (bits) => { const tens = bits * Math.log10(2); return tens > -3 ? (10 ** tens).toFixed(3) : power(tens); };
