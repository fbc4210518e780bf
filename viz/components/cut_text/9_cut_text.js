// What is cut of a text that is too long, and what is then predicted? The text with what falls off struck.

const count = (n) => `${n.toLocaleString("en")} token${n === 1 ? "" : "s"}`;

class CutText extends Figure {
  constructor(parent) {
    super(parent);
    this.choice = h("select", { "aria-label": "Cut on the", onchange: () => this.set({ side: this.choice.value }) }, ...["right", "left"].map((side) => h("option", { value: side }, side)));
    this.range = h("input", { type: "range", min: 0, "aria-label": "Limit", oninput: () => this.to(Number(this.range.value)) });
    this.said = h("output");
    this.bar.append(h("label", { class: "control" }, "Cut on the", this.choice), h("label", { class: "control" }, "Limit", this.range, this.said));
  }
  build() {
    const { data } = this;
    this.range.max = data.limits.length - 1;
    this.heading = h("h2");
    this.chips = data.tokens.map((token) => chip(token, true));
    [this.why, this.answers] = ["why", "answers"].map((name) => h("div", { class: name }));
    this.body.replaceChildren(this.heading, h("div", { class: "text", tabindex: 0, role: "group", "aria-label": "The text; the arrow keys move the limit" }, ...this.chips), this.why, this.answers);
  }
  to(place) { this.set({ limit: this.data.limits[Math.max(0, Math.min(this.data.limits.length - 1, place))] }); }
  render() {
    const { data, state } = this, { limits, tokens, leading } = data, right = state.side === "right";
    const place = limits.reduce((best, size, i) => (Math.abs(size - state.limit) < Math.abs(limits[best] - state.limit) ? i : best), 0), limit = limits[place], lost = tokens.length - limit;
    this.place = place;
    this.choice.value = state.side;
    this.range.value = place;
    this.said.textContent = `${limit} of ${count(tokens.length)}`;
    this.range.setAttribute("aria-valuetext", this.said.textContent);
    this.heading.textContent = lost ? `A limit of ${count(limit)}, cut on the ${state.side}: ${lost === 1 ? "one token falls" : `${lost} tokens fall`} off` : "The text fits: nothing falls off";
    this.chips.forEach((shown, i) => shown.classList.toggle("out", right ? i >= limit : i >= leading && i < leading + lost));
    const end = tokens[right ? limit - 1 : tokens.length - 1];
    this.why.textContent = !lost ? "What is predicted is what the model says with all of it." : right
      ? "The end is gone, so the model goes on from an earlier place: it answers another question." : "The beginning is gone, so the model goes on from the same place and no longer knows how the text began.";
    this.answers.replaceChildren(this.table("Behind all of it", data.left.at(-1)), this.table(["Behind what is left, after ", chip(end, true)], data[state.side][place]));
    if (this.spoken && this.spoken !== this.heading.textContent) this.say(this.heading.textContent);
    this.spoken = this.heading.textContent;
  }
  table(caption, rows) {
    return h("table", null, h("caption", null, ...[caption].flat()), h("thead", { class: "hidden" }, h("tr", null, h("th", { scope: "col" }, "Token"), h("th", { scope: "col" }, "Probability"))),
      h("tbody", null, ...rows.map(([text, p]) => h("tr", null, h("td", { class: "token" }, chip({ text, kind: "text", part: [0, 1] }, true)), h("td", { class: "value" }, number(p)),
        h("td", { class: "tracks" }, h("span", { class: "track", "aria-hidden": "true" }, h("span", { class: "filled", style: `width:${100 * p}%` })))))));
  }
  key(event) {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (by) this.to(this.place + by);
    else if (event.key === "Home") this.to(0);
    else if (event.key === "End") this.to(this.data.limits.length - 1);
    else return false;
    return true;
  }
  title() { return `A text cut on the ${this.state.side}, ${this.state.limit} tokens`; }
}

export default mount(CutText);
