// What does a model make of the same tokens in another order, moved, or without positions? One line for each, the words
// shaded by how far their last vectors are from those of the text as it is written.

class ShuffledWords extends Figure {
  title() { return this.data.title; }

  build() {
    const { data } = this, first = data.words.find((word) => word >= 0) ?? 0;
    this.count = Math.max(...data.words) + 1;
    this.shown = data.tokens.map((token) => tokenText(token, true, 24));
    this.legend = h("div", { class: "control legend" });
    this.bar.replaceChildren(this.legend);
    this.cells = [];
    const runs = data.runs.map((run, number) => {
      const cells = run.order.slice(data.first, data.behind).map((token, at) => this.cell(run, number, token, data.first + at));
      return h("section", { "aria-label": run.name },
        h("h3", null, run.name, run.lost === null || !number ? null : h("span", { class: "lost" }, `${bits(run.lost)} bits`)),
        h("p", { class: "note" }, run.note),
        h("div", { class: "run" }, h("div", { class: "places" }, cells), run.likely.length ? h("table", { class: "likely" }, h("caption", { class: "hidden" }, "Likeliest next tokens"),
          h("tbody", null, run.likely.map(([text, p]) => this.row(text, p)))) : null));
    });
    this.heading = h("h2", { class: "leave" }, data.title);
    this.readout = h("p", { class: "readout" });
    this.stage = h("div", { class: "runs", role: "group", tabindex: 0, "aria-label": `${data.title}. Left and right arrow keys mark a word in every line; Escape lets go.` }, runs);
    this.body.replaceChildren(this.heading, this.readout, this.stage);
    this.begin = first;
  }
  cell(run, number, token, place) {
    const { data } = this, cosine = run.cosines[token], word = data.words[token];
    const element = h("span", { class: "cell", title: `${about(data.tokens[token], token)} · position id ${run.places[place]} · cosine with its vector as written ${cosine.toFixed(4)}`,
      onclick: () => word >= 0 && this.set({ word: this.state.word === word ? null : word }), onpointerenter: () => this.point(word), onpointerleave: () => this.point(null) },
      h("small", { class: "place" }, String(run.places[place])), chip(data.tokens[token], true), h("small", null, number ? signed(cosine) : " "));
    this.cells.push({ element, cosine, word, first: number === 0 });
    return element;
  }
  row(text, p) {
    return h("tr", null, h("th", { scope: "row" }, h("span", { class: "tok" }, h("bdi", null, tokenText({ text }, true, 18)))),
      h("td", { class: "bar-of" }, svg("svg", { width: 60, height: 10, viewBox: "0 0 60 10", "aria-hidden": "true" }, svg("rect", { width: Math.max(0.5, 60 * p), height: 10, class: "amount" }))),
      h("td", { class: "p" }, share(p * 1000)));
  }
  point(word) {
    this.pointed = word;
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  render() {
    const { look, data, state } = this, hex = look.parts.position;
    if (state.word !== null && state.word >= this.count) state.word = null;
    const chosen = this.pointed ?? state.word, colours = look.name;
    if (colours !== this.painted || this.version !== this.paintedFor) {
      for (const { element, cosine, first } of this.cells) {
        const { back, ink } = look.shade(hex, first ? 0 : Math.max(0, Math.min(1000, (1 - cosine) * 1000)));
        const tok = element.querySelector(".tok");
        tok.style.backgroundColor = back;
        tok.style.color = ink;
      }
      for (const rect of this.body.querySelectorAll(".amount")) rect.setAttribute("fill", look.stroke(look.parts.logits));
      this.legend.replaceChildren(h("span", null, "cosine with its vector in the text as written:"), ...[1, 0.9, 0.5, 0].map((cosine) => {
        const { back, ink } = look.shade(hex, (1 - cosine) * 1000), shown = h("span", { class: "tok" }, String(cosine));
        Object.assign(shown.style, { backgroundColor: back, color: ink });
        return shown;
      }));
      Object.assign(this, { painted: colours, paintedFor: this.version });
    }
    for (const { element, word } of this.cells) element.classList.toggle("on", chosen !== null && word === chosen);
    this.readout.replaceChildren(...(chosen === null || chosen < 0 ? [h("span", { class: "quiet" }, "Above each word its position id, below it the cosine. Point at a word to find it in every line; click to keep it.")] : this.told(chosen)));
    if (state.word !== null && state.word !== this.spoken) this.say(this.readout.textContent);
    this.spoken = state.word;
  }
  told(word) {
    const { data } = this, own = data.words.map((each, i) => [each, i]).filter(([each]) => each === word).map(([, i]) => i), last = own.at(-1);
    return [h("bdi", null, own.map((i) => this.shown[i]).join("")), h("span", { class: "quiet" }, own.length > 1 ? " (its last token) · " : " · "),
      data.runs.slice(1).map((run) => `${run.name.toLowerCase()}: ${signed(run.cosines[last])}`).join(" · ")];
  }
  key({ key }) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key], { word } = this.state;
    this.pointed = null;
    if (by) this.set({ word: word === null ? 0 : Math.max(0, Math.min(this.count - 1, word + by)) });
    else if (key === "Escape") this.set({ word: null });
    else return false;
    return true;
  }
}
const signed = (value) => value.toFixed(3).replace("-", "−").replace("−0.000", "0.000");
const bits = (value) => (value < 0.0005 ? "0.000" : value.toFixed(3));
export default mount(ShuffledWords);
