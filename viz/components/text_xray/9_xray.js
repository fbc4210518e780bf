// How surprised is a model by each token of a text? The text, coloured; the chosen token; the course; the sums.

class TextXray extends Figure {
  title() { return this.data.title; }
  build() {
    const { data } = this, infinite = (x) => x ?? Infinity;
    let sum = 0;
    this.tokens = data.tokens.map((token, i) => {
      const k = i - data.first;
      if (k < 0) return { token, predicted: false };
      const surprisal = infinite(data.surprisals[k]), entropy = data.entropies[k];
      sum += surprisal;
      return { token, predicted: true, surprisal, entropy, rank: data.ranks[k], probability: 2 ** -surprisal, wrong: surprisal - entropy, sum, mean: sum / (k + 1) };
    });
    this.pointed = this.painted = this.spoken = null;
    this.colours = h("select", { "aria-label": "Colour by", onchange: () => this.set({ colour: this.colours.value }) }, Object.entries(MEASURES).map(([name, measure]) => h("option", { value: name }, measure.name)));
    const step = (by, words, sign) => this.button(sign, () => this.choose(this.state.token + by), { "aria-label": words });
    this.bar.replaceChildren(h("span", { class: "name" }, "Colour by"), this.colours, step(-1, "Token before", "‹"), step(1, "Next token", "›"));
    this.text = new RunningText(this, this.tokens, data.other?.segments);
    this.course = new Course(this, this.tokens);
    this.legend = h("p", { class: "legend" });
    this.readout = h("div", { class: "readout" });
    this.body.replaceChildren(h("h2", { class: "leave" }, data.title), this.legend, h("div", { class: "split" }, this.text.box, this.readout),
      h("div", { class: "course" }, this.course.parts), h("div", { class: "sums" }, data.other ? twoModels(data) : null, totals(this), ranks(this.tokens), sureAndWrong(this)));
    this.root.classList.toggle("compared", Boolean(data.other));
  }
  render() {
    const { state } = this;
    if (state.token >= this.tokens.length) state.token = this.defaults.token; // of another text
    const version = [state.colour, this.look.name].join(), frame = [this.width, this.em, this.look.name].join();
    if (version !== this.painted) {
      this.text.paint(this.tokens);
      this.legend.replaceChildren(...legend(this));
      this.colours.value = state.colour;
    }
    if (frame !== this.framed || this.painted === null) this.course.draw();
    Object.assign(this, { painted: version, framed: frame });
    this.tell();
  }
  tell() {
    const i = this.pointed ?? this.state.token, x = this.tokens[i];
    this.text.mark(this.state.token);
    this.course.mark(i);
    this.readout.replaceChildren(...aboutToken(this, i).filter(Boolean));
    const said = x.predicted ? `${plain(x.token)}: rank ${count(x.rank)}, ${bits(x.surprisal, 1)}, ${bits(x.sum, 1)} so far` : `${plain(x.token)}: not predicted`;
    if (this.pointed === null && this.spoken && this.spoken !== said) this.say(said);
    if (this.pointed === null) this.spoken = said;
  }
  point(i) {
    if (i === this.pointed || !this.look) return;
    this.pointed = i;
    this.tell();
  }
  choose(i) {
    this.pointed = null;
    const token = Math.max(0, Math.min(this.tokens.length - 1, i));
    this.set({ token });
    this.text.reveal(token);
  }
  key({ key }) {
    const on = this.text.rtl ? -1 : 1, { token } = this.state, to = { ArrowLeft: token - on, ArrowRight: token + on, Home: 0, End: this.tokens.length - 1 }[key];
    if (to === undefined) return false;
    this.choose(to);
    return true;
  }
}
export default mount(TextXray);
