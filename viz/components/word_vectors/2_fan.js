// How far do vectors point from another? All from one origin, each at its real angle, and a list that says the same.

class Fan {
  constructor(figure) {
    const { data } = figure;
    Object.assign(this, { figure, rows: data.rows, count: data.rows.length, usual: data.odd ?? 0 });
    this.drawing = svg("svg", { class: "fan", role: "img", "aria-label": `${data.heading}: ${data.rows.slice(0, 40).map(([word, cosine]) => `${word}, cosine ${cosine.toFixed(2)}`).join("; ")}.` });
    this.options = this.rows.map((row, i) => this.row(row, i));
    this.list = h("div", { class: "list rows", role: "listbox", tabindex: 0, "aria-label": data.asks ? "Words; the arrow keys choose one, Enter asks about it" : "Words; the arrow keys choose one" }, ...this.options);
    this.readout = h("p", { class: "readout" });
    this.parts = [h("h2", { class: "leave" }, data.heading), this.readout, h("div", { class: "two" }, this.drawing, this.list),
      h("p", { class: "note" }, data.note)];
  }
  row([word, cosine, angle, note], i) {
    const odd = this.figure.data.odd === i;
    return h("div", { class: `row${odd ? " odd" : ""}`, role: "option", id: `row${i}`, "data-i": i },
      h("span", { class: "word" }, h("bdi", null, spell(word)), odd ? h("small", null, "odd one out") : null),
      h("span", { class: `meter${cosine < 0 ? " below" : ""}` }, h("i", { style: `width:${Math.abs(cosine) * 100}%` })),
      h("span", { class: "value" }, cosine.toFixed(3).replace("-", "−")), h("span", { class: "value quiet" }, `${angle.toFixed(1)}°`),
      note ? h("span", { class: "hidden" }, note) : null);
  }
  draw() {
    const { figure, rows } = this, { em, width } = figure, small = figure.root.classList.contains("small"), turn = ([, , angle]) => (angle * Math.PI) / 180;
    const row = (small ? 2.1 : 2) * em, left = 2.6 * em, top = 2.2 * em, gap = (small ? 1.2 : 4) * em, room = small ? 0.4 * width : Math.min(0.5 * width, 32 * em);
    const most = Math.max(...rows.map(turn)), across = Math.max(0.5, Math.sin(Math.min(most, Math.PI / 2))), down = Math.max(0, -Math.cos(most));
    const radius = Math.max(4 * em, Math.min((room - left - gap) / across, 30 * em, Math.max(20 * em, rows.length * row) / (1 + down) - top - 1.6 * em));
    const own = radius * (1 + down) + top + 1.6 * em, height = Math.max(own, rows.length * row), x0 = left, y0 = Math.min((height - own) / 2, 4 * em) + top + radius;
    const at = (angle, r = radius) => [x0 + r * Math.sin(angle), y0 - r * Math.cos(angle)], arc = (to, r) => { const [x, y] = at(to, r); return `M${x0} ${y0 - r}A${r} ${r} 0 0 1 ${x} ${y}`; };
    Object.assign(this, { at, arc, radius, x0, y0 });
    const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1].map((c) => svg("g", { class: "tick" }, svg("line", { x1: x0 - 0.3 * em, x2: x0, y1: y0 - c * radius, y2: y0 - c * radius }),
      svg("text", { x: x0 - 0.5 * em, y: y0 - c * radius, "text-anchor": "end", "dominant-baseline": "central" }, c.toFixed(1))));
    this.rays = rows.map((one, i) => {
      const [x, y] = at(turn(one)), to = (height - rows.length * row) / 2 + (i + 0.5) * row;
      return svg("g", { class: `ray${this.figure.data.odd === i ? " odd" : ""}`, "data-i": i },
        svg("path", { class: "leader", d: `M${x} ${y}C${(x + room) / 2} ${y} ${(x + room) / 2} ${to} ${room} ${to}` }),
        svg("line", { class: "wide", x1: x0, y1: y0, x2: x, y2: y }), svg("line", { class: "thin", x1: x0, y1: y0, x2: x, y2: y }), svg("circle", { cx: x, cy: y, r: 0.2 * em }));
    });
    this.mark = svg("g", { class: "mark" });
    const shown = Math.max(most, Math.asin(Math.min(1, (room - left - 0.5 * gap) / radius))); // as much of the circle as there is room for
    this.drawing.replaceChildren(svg("path", { class: "circle", d: arc(shown, radius) }), ...ticks,
      svg("text", { class: "caption", x: x0 - 0.5 * em, y: y0 + 1 * em, "text-anchor": "end" }, "cosine"),
      arrow(x0, y0, x0, y0 - radius, "asked", 0.8 * em), svg("text", { class: "asked", x: x0, y: y0 - radius - 0.7 * em }, cut(spell(this.figure.data.axis), Math.floor((room - left) / (0.55 * em)))), ...this.rays, this.mark);
    for (const [name, value] of [["width", room], ["height", height], ["viewBox", `0 0 ${room} ${height}`]]) this.drawing.setAttribute(name, value);
    this.list.style.setProperty("--row", `${row}px`);
    this.list.style.paddingTop = `${(height - rows.length * row) / 2}px`;
  }
  point(i) {
    const { em } = this.figure, [word, cosine, angle, note] = this.rows[i], turn = (angle * Math.PI) / 180, [x, y] = this.at(turn);
    // Far enough out for the degrees to fit between the two vectors.
    const r = Math.min(0.85 * this.radius, Math.max(0.32 * this.radius, (1.3 * em) / Math.sin(Math.max(turn, 0.02) / 2))), [tx, ty] = this.at(turn / 2, r - 0.8 * em);
    this.rays.forEach((ray, k) => ray.classList.toggle("on", k === i));
    this.mark.replaceChildren(svg("path", { d: this.arc(turn, r) }), svg("line", { x1: this.x0, y1: y, x2: x, y2: y }),
      ...(r * Math.sin(turn / 2) > em ? [svg("rect", { x: tx - 0.9 * em, y: ty - 0.5 * em, width: 1.8 * em, height: em }),
        svg("text", { x: tx, y: ty, "text-anchor": "middle", "dominant-baseline": "central" }, `${angle.toFixed(0)}°`)] : []));
    const { axis, asks } = this.figure.data;
    this.readout.replaceChildren(h("b", null, h("bdi", null, spell(word))), ` is ${angle.toFixed(1)}° away from `, h("bdi", null, spell(axis)), `: cosine ${cosine.toFixed(4).replace("-", "−")}.${note ? ` ${note}` : ""}`,
      asks ? h("span", { class: "quiet leave" }, " Click a word to ask about it.") : "");
  }
}
