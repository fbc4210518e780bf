// What does a model no longer know when a text is longer than its window? The text with a border that can be moved,
// what is predicted with all of it and with the end only, and the probability of one token against the window's length.

const JUMP = 0.1; // of probability, from one window to the next: less is no place where something comes into view
const bits = (x) => `${number(x)} bits`;

class ContextWindow extends Figure {
  constructor(parent) {
    super(parent);
    this.range = h("input", { type: "range", min: 0, "aria-label": "Window", oninput: () => this.to(Number(this.range.value)) });
    this.said = h("output");
    this.bar.append(h("label", { class: "control" }, "Window", this.range), this.said);
    this.text = new WindowText(this);
    this.curve = new Curve(this);
  }
  build() {
    const { data } = this;
    this.range.max = data.windows.length - 1;
    this.heading = h("h2");
    this.readout = h("p", { class: "readout" });
    this.tables = h("div", { class: "halves" });
    this.curveTitle = h("h3");
    this.jump = h("p", { class: "jump" });
    this.told = h("div", { class: "hidden" });
    this.body.replaceChildren(this.heading, ...this.text.build(data), this.readout, this.tables, this.curveTitle, this.curve.drawing, this.jump, this.told);
  }
  // The computed window that is nearest to so many tokens.
  reach(tokens) {
    const { windows } = this.data;
    this.to(windows.reduce((best, size, i) => (Math.abs(size - tokens) < Math.abs(windows[best] - tokens) ? i : best), 0));
  }
  to(place) {
    const { windows } = this.data;
    this.set({ window: windows[Math.max(0, Math.min(windows.length - 1, place))] });
  }
  windowFrom(token) { return this.data.leading + Math.min(this.data.tokens.length - token, this.data.tokens.length - this.data.leading); }
  first(size) { return this.data.tokens.length - (size - this.data.leading); }

  render() {
    const { data } = this, { windows, candidates, texts, probabilities, likely } = data, last = windows.length - 1;
    const place = windows.indexOf(this.state.window), target = candidates.indexOf(this.state.target);
    if (place < 0) { this.reach(this.state.window); return; } // of another text
    if (target < 0) { this.set({ target: candidates[likely[last][0]] }); return; }
    const moved = this.place !== undefined && (this.place !== place || this.target !== target);
    Object.assign(this, { place, target });
    const size = windows[place], longest = windows[last], named = () => chip({ text: texts[target], kind: "text", part: [0, 1] }, true);
    this.range.value = place;
    this.range.setAttribute("aria-valuetext", `${size} of ${count(data.total)}`);
    this.said.textContent = `${size.toLocaleString("en")} of ${count(data.total)}`;
    this.whole = data.lost ? `${this.end(longest)}, as many as are run` : "the whole text";
    this.heading.textContent = `The model sees ${size === longest ? this.whole : this.end(size)}`;
    this.text.show(this.first(size));
    const [before, now] = [probabilities[last][target], probabilities[place][target]];
    this.readout.replaceChildren(named(), `: ${number(before)} with ${this.whole}, `, h("b", null, number(now)), ` in this window. `,
      size === longest ? "" : `Lost: ${bits(data.divergences[place])} (KL divergence). `, `Entropy ${bits(data.entropies[last])} there, ${bits(data.entropies[place])} here.`);
    this.tables.replaceChildren(this.table(data.lost ? `With ${this.end(longest)}` : `With the whole text, ${count(longest)}`, last), this.table(`In the window, ${count(size)}`, place));
    this.curveTitle.replaceChildren("Probability of ", named(), ", window by window");
    this.curve.show(windows.map((tokens, i) => [tokens, probabilities[i][target]]), size, this.summary());
    this.jump.replaceChildren(...this.where(target));
    if (this.told.target !== target) this.tell(target);
    if (moved) this.say(this.summary());
  }
  // What a window holds, in words.
  end(size) {
    const { leading } = this.data, own = size - leading;
    return `${leading ? `the special token${leading === 1 ? "" : "s"} at the beginning and ` : ""}the last ${own === 1 ? "token" : `${own.toLocaleString("en")} tokens`}`;
  }
  table(caption, place) {
    const { candidates, texts, probabilities, likely } = this.data, row = probabilities[place], shown = likely[place].includes(this.target) ? likely[place] : [...likely[place], this.target];
    return h("table", null, h("caption", null, caption),
      h("thead", { class: "hidden" }, h("tr", null, h("th", { scope: "col" }, "Token"), h("th", { scope: "col" }, "Probability"))),
      h("tbody", null, ...shown.map((candidate, rank) => h("tr", { class: `${candidate === this.target ? "followed" : ""}${rank >= likely[place].length ? " below" : ""}` },
        h("td", { class: "token" }, h("button", { type: "button", class: "plain", "aria-pressed": String(candidate === this.target), onclick: () => this.set({ target: candidates[candidate] }) }, chip({ text: texts[candidate], kind: "text", part: [0, 1] }, true))),
        h("td", { class: "value" }, h("span", { class: "figure" }, number(row[candidate])), h("span", { class: "track", "aria-hidden": "true" }, h("span", { class: "filled", style: `width:${100 * row[candidate]}%` })))))));
  }
  // The two windows between which the probability grows most, and what comes into view there.
  where(target) {
    const { windows, probabilities } = this.data;
    let best = 0;
    for (let i = 1; i < windows.length; i++) if (probabilities[i][target] - probabilities[i - 1][target] > (best ? probabilities[best][target] - probabilities[best - 1][target] : 0)) best = i;
    if (!best || probabilities[best][target] - probabilities[best - 1][target] < JUMP) return ["It never jumps: no single place of the text decides it."];
    const seen = this.data.tokens.slice(this.first(windows[best]), this.first(windows[best - 1]));
    return [`Where it grows most: from ${number(probabilities[best - 1][target])} with ${count(windows[best - 1])} to ${number(probabilities[best][target])} with ${windows[best].toLocaleString("en")}. What comes into view there: `,
      ...seen.flatMap((token) => [chip(token, true), " "])];
  }
  summary() {
    const { windows, probabilities, texts, divergences } = this.data;
    return `${this.heading.textContent}: ${plain({ text: texts[this.target], part: [0, 1] })} ${number(probabilities[this.place][this.target])}, with ${this.whole} ${number(probabilities.at(-1)[this.target])}; KL divergence ${bits(divergences[this.place])}. Computed for ${windows.length} window${windows.length === 1 ? "" : "s"}.`;
  }
  // The curve in words.
  tell(target) {
    const { windows, probabilities, divergences } = this.data;
    this.told.target = target;
    this.told.replaceChildren(h("table", null, h("caption", null, "All windows"),
      h("thead", null, h("tr", null, ...["Tokens", "Probability", "KL divergence, bits"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", null, ...windows.map((size, i) => h("tr", null, ...[String(size), number(probabilities[i][target]), number(divergences[i])].map((cell) => h("td", null, cell)))))));
  }
  key(event) {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (by) this.to(this.place + by);
    else if (event.key === "Home") this.to(0);
    else if (event.key === "End") this.to(this.data.windows.length - 1);
    else return false;
    return true;
  }
  title() { return `A window of ${this.state.window} tokens`; }
}
const count = (n) => `${n.toLocaleString("en")} token${n === 1 ? "" : "s"}`;

export default mount(ContextWindow);
