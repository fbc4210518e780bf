// How does one walk through the steps of something? Buttons, a range and keys: the arrows step, Home and End go to the
// ends, the space bar plays. The step is the figure's parameter "step".

class Player {
  // last() is the last step now; `unit` says what a step is ("merge"), `pace` how long one is shown, in milliseconds.
  constructor(figure, { last, unit, pace = 900 }) {
    Object.assign(this, { figure, last, unit, pace });
    const button = (words, label, act) => figure.button(words, act, { "aria-label": label });
    this.switch = button("Play", "Play", () => this.toggle());
    this.range = h("input", { type: "range", min: 0, "aria-label": "Step", oninput: () => this.go(Number(this.range.value)) });
    this.said = h("output");
    this.parts = h("div", { class: "control player", role: "group", "aria-label": `Step by step, one ${unit} at a time` },
      button("|‹", "First step", () => this.go(0)), button("‹", "Step back", () => this.by(-1)), this.switch,
      button("›", "Step forward", () => this.by(1)), button("›|", "Last step", () => this.go(this.last())), this.range, this.said);
  }
  go(step) {
    this.stop();
    this.figure.set({ step: Math.max(0, Math.min(this.last(), step)) });
  }
  by(steps) { this.go(this.figure.state.step + steps); }
  toggle() {
    if (this.timer) { this.stop(); return; }
    if (this.figure.state.step >= this.last()) this.figure.set({ step: 0 });
    this.timer = setInterval(() => this.tick(), this.pace);
    this.name();
  }
  tick() {
    const step = this.figure.state.step + 1, last = this.last();
    if (this.figure.closed || step >= last) this.stop();
    if (!this.figure.closed && step <= last) this.figure.set({ step });
  }
  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.name();
  }
  name() {
    this.switch.textContent = this.timer ? "Pause" : "Play";
    this.switch.setAttribute("aria-label", this.switch.textContent);
  }
  refresh() {
    const { step } = this.figure.state, last = this.last();
    this.range.max = last;
    this.range.value = step;
    this.range.setAttribute("aria-valuetext", `${this.unit} ${step} of ${last}`);
    this.said.textContent = `${step.toLocaleString("en")} of ${last.toLocaleString("en")} ${this.unit}${last === 1 ? "" : "s"}`;
  }
  key(event) {
    if (event.key === "ArrowLeft") this.by(-1);
    else if (event.key === "ArrowRight") this.by(1);
    else if (event.key === "Home") this.go(0);
    else if (event.key === "End") this.go(this.last());
    else if (event.key === " " && event.composedPath()[0].tagName !== "BUTTON") this.toggle();
    else return false;
    return true;
  }
}
