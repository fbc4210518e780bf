// Which entries of the table point the same way as each token? A row for each token, the nearest neighbours beside it.

class TokenNeighbours extends Figure {
  title() { return this.data.title; }
  build() {
    const { data } = this;
    this.pointed = null;
    this.bar.hidden = true;
    this.rows = data.tokens.map((token, i) => {
      const near = data.near[i].map(([text, , , cosine], rank) => this.cell(i, rank, chip({ text, part: [0, 1] }, true), signed(cosine, 2)));
      return { near, part: h("tr", null, h("th", { scope: "row" }, h("span", { title: about(token, i) }, chip(token, true)), h("small", null, ` ${number(data.norms[i])}`)), h("td", null, near)) };
    });
    this.table = h("table", { tabindex: "0", "aria-describedby": "keys", onpointerover: (e) => this.point(e.target.closest("[data-rank]")), onpointerleave: () => this.point(null),
      onclick: (e) => { const cell = e.target.closest("[data-rank]"); if (cell) this.set(place(cell)); } },
      h("caption", { class: "hidden" }, data.title),
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Token ", h("small", null, "length of its vector")), h("th", { scope: "col" }, "Nearest entries ", h("small", null, "cosine")))),
      h("tbody", null, this.rows.map((row) => row.part)));
    this.readout = h("div", { class: "readout" });
    this.body.replaceChildren(h("h2", { class: "leave" }, data.title), this.table, this.readout, h("p", { class: "hidden", id: "keys" }, "Arrow keys go from neighbour to neighbour."));
  }
  cell(token, rank, words, cosine) { return h("span", { class: "near", "data-token": token, "data-rank": rank }, words, h("small", null, cosine)); }
  render() {
    const { state, data } = this;
    if (state.token >= data.tokens.length) state.token = 0; // of another text
    if (state.rank >= data.near[0].length) state.rank = 0;
    this.rows.forEach(({ near }, token) => near.forEach((cell, rank) => {
      const { back, ink } = this.look.shade(this.look.parts.residual, Math.max(0, data.near[token][rank][3]) * 700);
      const words = cell.firstChild, chosen = token === state.token && rank === state.rank;
      words.style.background = back;
      words.style.color = ink;
      cell.classList.toggle("on", chosen);
      cell.setAttribute("aria-current", String(chosen));
    }));
    this.tell();
  }
  tell() {
    const { data } = this, { token, rank } = this.pointed ?? this.state, [text, piece, id, cosine] = data.near[token][rank];
    const angle = (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI, value = signed(cosine, 3);
    const quiet = (...words) => h("span", { class: "quiet" }, ...words);
    this.readout.replaceChildren(
      h("p", null, chip(data.tokens[token], true), quiet(` ${about(data.tokens[token], token)} · length ${number(data.norms[token])}`)),
      h("p", null, chip({ text, part: [0, 1] }, true), quiet(` neighbour ${rank + 1} · piece ${cut(piece, 60)} · id ${id} · `), "cosine ", h("b", null, value), quiet(` · angle ${angle.toFixed(0)}°`)));
    const said = `${plain(data.tokens[token])}, neighbour ${rank + 1}: ${plain({ text, part: [0, 1] })}, cosine ${value}`;
    if (!this.pointed && said !== this.said && this.said) this.say(said);
    this.said = said;
  }
  point(cell) {
    const pointed = cell && place(cell);
    if (pointed?.token === this.pointed?.token && pointed?.rank === this.pointed?.rank) return;
    this.pointed = pointed;
    this.tell();
  }
  key({ key }) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key], within = (i, count) => Math.max(0, Math.min(count - 1, i));
    if (!step) return false;
    this.pointed = null;
    this.set({ token: within(this.state.token + step[0], this.data.tokens.length), rank: within(this.state.rank + step[1], this.data.near[0].length) });
    this.rows[this.state.token].near[this.state.rank].scrollIntoView({ block: "nearest" });
    return true;
  }
}
const signed = (value, digits) => value.toFixed(digits).replace("-", "−");
const place = (cell) => ({ token: Number(cell.dataset.token), rank: Number(cell.dataset.rank) });
export default mount(TokenNeighbours);
