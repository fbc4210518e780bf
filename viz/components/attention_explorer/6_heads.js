// Which token looks at which? Two columns of tokens and a line for every weight, one colour a head.

const FLOOR = 10; // thousandths: weaker lines are drawn only for a chosen token, and the note says so

function headsView(app, pane, box) {
  const canvas = h("canvas", { "aria-hidden": "true" }), over = svg("svg", { "aria-hidden": "true" });
  const columns = {
    query: h("div", { class: "column query", role: "listbox", tabindex: 0, "aria-label": "Query tokens: arrow keys choose one" }),
    key: h("div", { class: "column key", role: "listbox", tabindex: 0, "aria-label": "Key tokens: arrow keys choose one" }),
  };
  const figure = h("div", { class: "lines", role: "img" }, canvas, over);
  const scroll = h("div", { class: "scroll" }, h("div", { class: "heads" }, columns.query, figure, columns.key));
  box.append(h("div", { class: "ends" }, h("span", { class: "query" }, "query: looks"), h("span", { class: "key" }, "key: is looked at")), scroll);
  const rows = { query: [], key: [] };
  let built = "", drawn = "", index = [], height = 0, width = 0, matrices = [], heads = [], lines = [], pool = [];

  function build() {
    const { spaces, special } = app.state;
    // The numbers stand in one column, wherever the tokens end.
    const most = Math.max(...index.map((i) => Array.from(label(pane.tokens[i], spaces)).length));
    scroll.style.setProperty("--count", Math.min(most, 18));
    for (const side of ["query", "key"]) {
      rows[side] = index.map((i, r) => {
        const text = new Text(), bars = h("span", { class: "bars", hidden: true }), value = h("span", { class: "value" }, bars, h("span", null, text)), token = chip(pane.tokens[i], spaces);
        const e = h("div", { class: "row", role: "option", id: `p${pane.index}${side}${r}`, "aria-selected": "false" }, h("span", { class: "place" }, token), value);
        return { e, text, bars, token };
      });
      columns[side].replaceChildren(...rows[side].map((r) => r.e));
    }
    scroll.classList.toggle("large", index.length <= 16);
    built = [spaces, special, app.em].join();
  }

  // The lines of one head that are strong enough to draw, weakest first: [query row, key row, thousandths].
  function linesOf(w) {
    const found = [];
    for (let q = 0; q < w.n; q++) for (let k = 0; k < w.n; k++) if (w.values[q * w.n + k] >= FLOOR) found.push([q, k, w.values[q * w.n + k]]);
    return found.sort((a, b) => a[2] - b[2]);
  }
  const nudge = (j) => (j - (heads.length - 1) / 2) * Math.min(2.2, (height * 0.7) / heads.length);

  // What can be seen of the lines, in fifty steps of opacity with one path each. Many lines are one pixel wide: without
  // a graphics card a browser draws such a line twenty times faster than one of two.
  const thickness = () => (index.length > 32 ? 1 : heads.length > 3 ? 1.5 : 2);
  function paint(most = Infinity) {
    const tall = Math.min(scroll.clientHeight, index.length * height), c = sized(canvas, width, tall), top = scroll.scrollTop;
    c.translate(0, -top);
    c.lineWidth = thickness();
    lines.forEach((found, j) => {
      const steps = [], shift = height / 2 + nudge(j);
      for (const [q, k, m] of found.slice(-most)) {
        const y0 = q * height + shift, y1 = k * height + shift;
        if (Math.max(y0, y1) < top || Math.min(y0, y1) > top + tall) continue;
        const path = (steps[Math.max(1, Math.round(m / 20))] ??= new Path2D());
        path.moveTo(0, y0);
        path.bezierCurveTo(width / 2, y0, width / 2, y1, width, y1);
      }
      c.strokeStyle = app.look.stroke(app.look.head(heads[j]));
      steps.forEach((path, step) => { c.globalAlpha = step / 50; c.stroke(path); });
    });
  }

  // While a hand is on the slider or the wheel, the strongest lines follow at once and the faint ones when it rests.
  let resting = 0;
  function follow() {
    clearTimeout(resting);
    const most = Math.ceil(400 / Math.max(1, lines.length)), all = lines.every((found) => found.length <= 2 * most);
    paint(all ? Infinity : most);
    if (!all) resting = setTimeout(() => paint(), 90);
  }

  // What a row shows of the chosen token: only what differs is written, since every write costs layout.
  function mark(row, words, back, ink, kind, parts) {
    if (row.words !== words) row.text.data = row.words = words;
    if (row.back !== back) { row.token.style.background = row.back = back; row.token.style.color = ink; }
    if (row.kind !== kind) {
      row.e.classList.toggle("on", kind === "on");
      row.token.classList.toggle("off", kind === "off");
      row.e.setAttribute("aria-selected", String(kind === "on"));
      row.kind = kind;
    }
    if (parts) {
      while (row.bars.children.length < parts.length) row.bars.append(h("i"));
      [...row.bars.children].forEach((bar, j) => { bar.style.background = j in parts ? app.look.stroke(app.look.head(heads[j])) : ""; bar.style.height = `${Math.max(4, (parts[j] ?? 0) / 10)}%`; });
    }
    if (row.bars.hidden !== !parts) row.bars.hidden = !parts;
  }

  // One token alone: all its lines, and its weights in numbers beside the other column.
  function isolate(indices, side) {
    const on = indices.map((i) => index.indexOf(i)).filter((r) => r >= 0), one = on.length > 0 && matrices.length > 0;
    const far = side === "query" ? "key" : "query", n = index.length, layer = pane.layer(app.state), least = heads.length > 3 ? FLOOR : 1;
    canvas.classList.toggle("back", one);
    let used = 0;
    rows[side].forEach((row, r) => mark(row, "", "", "", one && on.includes(r) ? "on" : ""));
    if (one) columns[side].setAttribute("aria-activedescendant", rows[side][on[0]].e.id);
    rows[far].forEach((row, r) => {
      if (!one) return mark(row, "", "", "", "");
      let best = -1, bestHead = 0;
      const parts = [];
      for (const at of on) {
        const [q, k] = side === "query" ? [at, r] : [r, at];
        if (pane.masked(layer, index[q], index[k])) continue;
        matrices.forEach((w, j) => {
          const m = w.values[q * n + k];
          parts[j] = Math.max(parts[j] ?? 0, m);
          if (m > best) { best = m; bestHead = j; }
          if (m < least) return;
          const line = pool[used] ?? over.appendChild(pool[used] = svg("path", { fill: "none" }));
          const [y0, y1] = [(q + 0.5) * height + nudge(j), (k + 0.5) * height + nudge(j)];
          line.setAttribute("d", `M0 ${y0}C${width / 2} ${y0} ${width / 2} ${y1} ${width} ${y1}`);
          line.setAttribute("stroke", app.look.stroke(app.look.head(heads[j])));
          line.setAttribute("stroke-opacity", (m / 1000).toFixed(3));
          line.style.display = "";
          used++;
        });
      }
      if (best < 0) return mark(row, "masked", "", "", "off");
      const { back, ink } = app.look.shade(app.look.head(heads[bestHead]), best);
      mark(row, share(best), back, ink, "", matrices.length > 1 ? parts : null);
    });
    for (; used < pool.length && pool[used].style.display !== "none"; used++) pool[used].style.display = "none";
  }

  const rowAt = (e) => { const row = e.target.closest?.(".row"); return row ? [...row.parentNode.children].indexOf(row) : -1; };
  for (const side of ["query", "key"]) {
    const column = columns[side];
    column.addEventListener("pointerover", (e) => { const r = rowAt(e); if (r >= 0) app.hover({ pane: pane.index, token: index[r], side }); });
    column.addEventListener("pointerleave", () => app.hover(null));
    column.addEventListener("click", (e) => { const r = rowAt(e); if (r >= 0) app.pin({ pane: pane.index, token: index[r], side }); });
    column.addEventListener("keydown", (e) => {
      const current = app.cursor?.pane === pane.index && app.cursor.side === side ? index.indexOf(app.cursor.token) : -1, last = index.length - 1;
      const to = { ArrowUp: current < 0 ? last : current - 1, ArrowDown: current + 1, Home: 0, End: last }[e.key];
      if (e.shiftKey || to === undefined) return;
      e.preventDefault();
      e.stopPropagation();
      const r = Math.max(0, Math.min(last, to));
      app.pin({ pane: pane.index, token: index[r], side }, true);
      app.say(app.describe(pane, index[r], side));
      rows[side][r].e.scrollIntoView({ block: "nearest" });
    });
  }
  let frame = 0;
  scroll.addEventListener("scroll", () => { frame ||= requestAnimationFrame(() => { frame = 0; follow(); }); });

  return {
    update() {
      const { state, em } = app, layer = pane.layer(state);
      heads = pane.headsOf(state);
      matrices = heads.map((x) => pane.weights(layer, [x], state.special)).filter(Boolean);
      index = pane.shown(state.special);
      height = Math.round(em * (index.length <= 16 ? 2.4 : index.length <= 48 ? 1.75 : 1.5));
      if (built !== [state.spaces, state.special, em].join()) build();
      scroll.style.setProperty("--row", `${height}px`);
      scroll.style.setProperty("--bars", `${heads.length * 0.35 + 0.5}em`);
      scroll.classList.toggle("several", heads.length > 1);
      width = figure.clientWidth;
      for (const [name, value] of [["width", width], ["height", index.length * height]]) over.setAttribute(name, value);
      const now = [layer, heads, state.special].join("/");
      if (now !== drawn) {
        drawn = now;
        lines = matrices.map(linesOf);
        over.setAttribute("stroke-width", Math.max(1.5, thickness()));
      }
      follow();
      figure.setAttribute("aria-label", app.summary(pane));
    },
    cursor: isolate,
    note: (still) => {
      const weak = `Lines under ${FLOOR / 1000} are ${still || heads.length > 3 ? "not drawn" : "drawn only for the chosen token"}.`;
      return `A line's opacity is the weight. ${weak}${heads.length > 1 && !still ? " The number beside a token is the strongest head's; the bars are all heads, in their order." : ""}`;
    },
    export(make) {
      const { look, em, state } = app, layer = pane.layer(state), on = app.cursor?.pane === pane.index && app.cursor.side === "query" ? app.cursor.token : null;
      make.add(em * 44, (pane.shown(state.special).length + 1) * em * 1.5, (p, x, y) =>
        paintHeads(p, look, pane, layer, pane.headsOf(state), state.special, { x, y, width: em * 44, em, spaces: state.spaces, chosen: on }));
    },
  };
}
