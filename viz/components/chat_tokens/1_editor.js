// How does a visitor write a chat? One box a message, with its role, its place and a way out. The chat is the text that
// stands in the link, [["user", "Hello"], ...]; what is beyond the boxes stays as it is.

const ROLES = ["system", "user", "assistant", "tool"];
const BOXES = 20;

class Editor {
  // `changed` is called with the chat's text after every change.
  constructor(changed) {
    this.changed = changed;
    this.boxes = h("div", { class: "boxes" });
    this.more = h("p", { class: "quiet" });
    this.add = h("button", { type: "button", onclick: () => this.insert() }, "Add a message");
    this.root = h("div", { class: "editor", role: "group", "aria-label": "Messages" }, this.boxes, this.more, this.add);
  }
  show(text) {
    if (text === this.text) return;
    this.text = text;
    this.chat = JSON.parse(text);
    this.build();
  }
  build() {
    this.boxes.replaceChildren(...this.chat.slice(0, BOXES).map(([role, content], i) => this.box(role, content, i)));
    const rest = this.chat.length - BOXES;
    this.more.textContent = rest > 0 ? `… and ${rest} more, which stay as they are.` : "";
    this.add.hidden = rest >= 0;
  }
  box(role, content, i) {
    const name = `message ${i + 1}`, roles = ROLES.includes(role) ? ROLES : [...ROLES, role];
    const select = h("select", { "aria-label": `Role of ${name}`, onchange: () => { this.chat[i][0] = select.value; this.tell(); } }, roles.map((r) => h("option", { value: r }, r)));
    select.value = role;
    const area = h("textarea", { rows: 2, maxlength: 20000, spellcheck: "false", dir: "auto", "aria-label": `Text of ${name}`, oninput: () => { this.chat[i][1] = area.value; this.tell(); } });
    area.value = content;
    const act = (sign, words, off, change) => h("button", { type: "button", "aria-label": `${words} ${name}`, title: words, disabled: off, onclick: change }, sign);
    const last = Math.min(this.chat.length, BOXES) - 1;
    return h("div", { class: "box" },
      h("div", { class: "control" }, h("span", { class: "name" }, String(i + 1)), select, h("span", { class: "gap" }),
        act("↑", "Move up", i === 0, () => this.move(i, i - 1)), act("↓", "Move down", i === last, () => this.move(i, i + 1)), act("✕", "Remove", false, () => this.remove(i))),
      area);
  }
  insert() {
    this.chat.push([this.chat.at(-1)?.[0] === "user" ? "assistant" : "user", ""]);
    this.rebuild(this.chat.length - 1, "textarea");
  }
  move(from, to) {
    this.chat.splice(to, 0, ...this.chat.splice(from, 1));
    this.rebuild(to, to < from ? "[title='Move up']" : "[title='Move down']");
  }
  remove(i) {
    this.chat.splice(i, 1);
    this.rebuild(Math.min(i, this.chat.length - 1), "[title='Remove']");
  }
  // The boxes anew; who used the keyboard goes on where they were.
  rebuild(i, part) {
    this.build();
    const box = this.boxes.children[i], wanted = box?.querySelector(part);
    (wanted && !wanted.disabled ? wanted : box?.querySelector("textarea") ?? this.add).focus();
    this.tell();
  }
  tell() { this.text = JSON.stringify(this.chat); this.changed(this.text); }
}
