// What does the model read? The messages to edit on one side; on the other the one sequence of tokens that the template
// makes of them, whose each token is, and the same as text.

const COLOUR = { system: 3, user: 0, assistant: 2, tool: 4 };
const LATER = 350; // milliseconds without a key until the server is asked
const count = (n, word) => `${n.toLocaleString("en-US")} ${word}${n === 1 ? "" : "s"}`;

class ChatTokens extends Figure {
  constructor(parent) {
    super(parent);
    this.editor = new Editor((chat) => { this.set({ chat }); this.ask(LATER); });
    this.begin = h("input", { type: "checkbox", onchange: () => { this.set({ prompt: this.begin.checked ? 1 : 0 }); this.ask(0); } });
    this.bar.append(h("label", { class: "check" }, this.begin, "Begin the answer (generation prompt)"));
    this.root.insertBefore(h("div", { class: "main" }, this.editor.root, this.body), this.live);
  }
  // After the first time the chat is the visitor's: an answer that comes late doesn't undo what was typed since.
  adopt(header) { super.adopt(this.state ? { ...header, state: this.state } : header); }
  ask(later) {
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.send("asked", { chat: this.state.chat, prompt: this.state.prompt }), later);
    this.wait();
  }
  destroy() { clearTimeout(this.asking); super.destroy(); }
  title() { return `A chat as ${this.data.title} reads it`; }
  facts() { return [this.sub.textContent, ...this.data.facts]; }
  wait() {
    const late = this.state.chat !== this.data.chat || this.state.prompt !== this.data.prompt;
    this.status.textContent = late ? "Reading what you wrote …" : "";
  }

  build() {
    const found = this.data.sequence;
    this.status = h("span", { class: "leave" });
    this.sub = h("p", { class: "sub" });
    this.chips = [];
    this.list = h("div", { class: "sequence", role: "listbox", tabindex: "0", "aria-label": "Tokens" });
    this.readout = h("div", { class: "readout" });
    this.words = h("div", { class: "written", dir: "auto" });
    this.body.replaceChildren(h("h2", null, "One sequence of tokens ", this.status), this.sub);
    if (!found) {
      this.sub.textContent = "No tokens: the sentence above says what is wrong. The messages are as you wrote them.";
      return;
    }
    const yours = found.count - found.counts[0];
    this.sub.textContent = found.attributed ? `${count(found.count, "token")}: ${found.counts[0].toLocaleString("en-US")} of the template, ${yours.toLocaleString("en-US")} of the messages` : count(found.count, "token");
    this.fill(found);
    const more = found.count - found.tokens.length;
    this.body.append(this.list, more > 0 ? h("p", { class: "sub" }, `… and ${count(more, "token")} more; the files have them all.`) : "", this.readout, this.warning(found), h("h3", null, "The same as text"), this.words);
    this.words.append(...found.text.map(([owner, special, text]) => h("span", { class: `${owner < 0 ? "frame" : "content"}${special ? " special" : ""}`, "data-role": owner < 0 ? "" : found.roles[owner] }, text)));
    this.list.addEventListener("click", (e) => { const chip = e.target.closest(".tok"); if (chip) this.set({ token: this.chips.indexOf(chip) }); });
    this.list.addEventListener("pointerover", (e) => { const chip = e.target.closest(".tok"); this.tell(chip ? this.chips.indexOf(chip) : null); });
    this.list.addEventListener("pointerleave", () => this.tell(null));
  }
  // Neighbours of one owner stand together, named on the left.
  fill(found) {
    let run, owner;
    found.tokens.forEach((token, i) => {
      if (i === 0 || found.owners[i] !== owner) {
        owner = found.owners[i];
        const name = !found.attributed ? "tokens" : owner < 0 ? "template" : `${owner + 1} ${found.roles[owner]}`;
        run = h("div", { class: "tokens", role: "group", "aria-label": owner < 0 ? "the template's" : `message ${name}` });
        this.list.append(h("div", { class: `run ${owner < 0 ? "frame" : "content"}`, "data-role": owner < 0 ? "" : found.roles[owner], role: "presentation" },
          h("span", { class: "who", "aria-hidden": "true" }, name), run));
      }
      const made = chip(token, true);
      made.id = `token-${i}`;
      made.setAttribute("role", "option");
      made.setAttribute("aria-selected", "false");
      this.chips.push(made);
      run.append(made, /\n$/.test(token.text) ? h("br") : " ");
    });
  }
  warning(found) {
    if (!found.attributed) return h("p", { class: "warning" }, "This template changes what the messages say, so it can't be told whose each token is.");
    if (!found.forged.length) return "";
    const which = found.forged.map((n) => `message ${n + 1}`);
    return h("p", { class: "warning" }, `${list(which).replace(/^m/, "M")} ${which.length > 1 ? "hold" : "holds"} special tokens that were typed. The model can't tell them from the template's own.`);
  }

  render() {
    this.editor.show(this.state.chat);
    this.begin.checked = this.state.prompt === 1;
    this.wait();
    for (const e of this.body.querySelectorAll("[data-role]")) {
      const role = e.dataset.role;
      e.style.setProperty("--role", role ? this.look.stroke(this.look.head(COLOUR[role] ?? 6)) : "var(--line)");
    }
    if (!this.data.sequence) return;
    const chosen = this.chips[this.state.token];
    this.list.querySelector("[aria-selected='true']")?.setAttribute("aria-selected", "false");
    chosen?.setAttribute("aria-selected", "true");
    if (chosen) this.list.setAttribute("aria-activedescendant", `token-${this.state.token}`); else this.list.removeAttribute("aria-activedescendant");
    this.tell(null);
  }
  tell(over) {
    const found = this.data.sequence, i = over ?? this.state.token, token = found.tokens[i];
    if (!token) { this.readout.replaceChildren(h("p", { class: "quiet" }, "Point at a token, or step through them with the arrow keys.")); return; }
    const owner = found.owners[i], whose = !found.attributed ? "" : owner < 0 ? "the template's" : `of message ${owner + 1}, ${found.roles[owner]}`;
    this.readout.replaceChildren(h("p", null, chip(token, true), ` ${whose}`), h("p", { class: "quiet" }, about(token, i)));
  }
  key({ key }) {
    if (!this.chips.length) return false;
    const last = this.chips.length - 1, now = this.state.token;
    const next = { ArrowRight: now == null ? 0 : now + 1, ArrowLeft: (now ?? 0) - 1, Home: 0, End: last }[key];
    if (next === undefined) return false;
    const token = Math.min(last, Math.max(0, next));
    this.set({ token });
    this.chips[token].scrollIntoView({ block: "nearest" });
    this.say(this.chips[token].textContent);
    return true;
  }
}
export default mount(ChatTokens);
