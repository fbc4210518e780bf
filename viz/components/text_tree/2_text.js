// How does a written text show how sure the model was? Token after token, the darker the more probable; a broken line
// below a token that wasn't the most probable one, a full one below the token whose alternatives are open.

const NO_PARTS = { part: [0, 1], kind: "text" };
const PROMPT_TOKENS = 80; // of a prompt that are shown at first, the last ones

class Text {
  constructor(figure) {
    this.figure = figure;
    this.prompt = h("div", { class: "prompt", role: "group", tabindex: 0, "aria-label": "The prompt, as the model reads it" });
    this.list = h("div", { class: "text", role: "listbox", tabindex: 0, "aria-label": "What was written, token by token", onclick: (e) => {
      const option = e.target.closest("[role=option]");
      if (option) figure.player.go(Number(option.dataset.step));
    } });
    this.legend = h("div", { class: "legend quiet" });
    this.read = h("section", null, h("h3", null, figure.data.chat ? "The prompt, as the chat template writes it" : "The prompt"), this.prompt);
    this.parts = h("section", null, (this.heading = h("h3")), this.list, this.legend);
    this.fillPrompt(figure.data.prompt);
  }
  fillPrompt(tokens, all = false) {
    const hidden = all ? 0 : Math.max(0, tokens.length - PROMPT_TOKENS);
    const more = () => { this.fillPrompt(tokens, true); this.prompt.focus(); };
    this.prompt.replaceChildren(...(hidden ? [this.figure.button(`${hidden} tokens before`, more, { class: "leave" })] : []), ...tokens.slice(hidden).map((token) => chip(token, false)));
  }
  // The path to the end of a branch.
  show(path, b) {
    const { figure } = this, { look } = figure;
    if (path !== this.path || look !== this.look) {
      Object.assign(this, { path, look });
      this.list.replaceChildren(...path.map((token, step) => this.option(token, step)));
      this.legend.replaceChildren("probability ", ...[0.01, 0.1, 0.5, 1].flatMap((p) => [this.shaded(h("span", { class: "tok" }, String(p)), p), " "]),
        h("span", { class: "tok second" }, "token"), " not the most probable ", h("span", { class: "tok forked" }, "token"), " put there by hand");
    }
    this.heading.textContent = figure.story.branches.length > 1 ? `What was written: ${figure.story.name(b)}` : "What was written";
    const { step } = figure.state, playing = Boolean(figure.player.timer);
    [...this.list.children].forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === step));
      option.classList.toggle("later", playing && i > step);
    });
    this.list.setAttribute("aria-activedescendant", `token${step}`);
    const box = this.list.children[step]?.getBoundingClientRect(), frame = this.list.getBoundingClientRect();
    if (box && box.top < frame.top) this.list.scrollTop += box.top - frame.top - 4;
    else if (box && box.bottom > frame.bottom) this.list.scrollTop += box.bottom - frame.bottom + 4;
  }
  option(token, step) {
    const words = this.shaded(chip({ ...NO_PARTS, ...token }, false), token.p);
    words.classList.toggle("second", token.rank !== 0);
    words.classList.toggle("forked", token.byHand);
    return h("span", { role: "option", id: `token${step}`, "data-step": step, title: `${token.byHand ? "put there by hand, " : ""}probability ${probability(token.p)}` }, words);
  }
  shaded(element, p) {
    const { back, ink } = this.figure.look.shade(this.figure.look.parts.logits, p * 1000);
    element.style.background = back;
    element.style.color = ink;
    return element;
  }
}

// A probability as a person reads it: three digits, and below a thousandth as a power of ten.
const probability = (p) => (p === 0 ? "0" : p >= 0.001 ? p.toFixed(3) : power(Math.log10(p)));
const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
function power(exponent) {
  const whole = Math.floor(exponent), digit = 10 ** (exponent - whole);
  const [shown, places] = digit >= 9.95 ? ["1.0", whole + 1] : [digit.toFixed(1), whole];
  return `${shown} × 10${[...String(places)].map((c) => RAISED[c]).join("")}`;
}
