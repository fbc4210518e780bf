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
  let built = "", drawn = "", index = [], height = 0, width = 0, matrices = [], heads = [], paths = [], pool = [], lit = [];

  function build() {
    const { spaces, special } = app.state;
    // The numbers stand in one column, wherever the tokens end.
    const most = Math.max(...index.map((i) => Array.from(label(pane.tokens[i], spaces)).length));
    scroll.style.setProperty("--count", Math.min(most, 18));
    for (const side of ["query", "key"]) {
      rows[side] = index.map((i, r) => {
        const value = h("span", { class: "value" }), token = chip(pane.tokens[i], spaces);
        const e = h("div", { class: "row", role: "option", id: `p${pane.index}${side}${r}`, "aria-selected": "false" }, h("span", { class: "place" }, token), value);
        return { e, value, token };
      });
      columns[side].replaceChildren(...rows[side].map((r) => r.e));
    }
    scroll.classList.toggle("large", index.length <= 16);
    built = [spaces, special, app.em].join();
  }

  // Lines of one head by fifty steps of opacity: one path each, so that scrolling redraws them at once.
  function linesOf(w, nudge) {
    const steps = new Map();
    for (let q = 0; q < w.n; q++) for (let k = 0; k < w.n; k++) {
      const m = w.values[q * w.n + k];
      if (m < FLOOR) continue;
      const step = Math.max(1, Math.round(m / 20));
      let path = steps.get(step);
      if (!path) steps.set(step, (path = new Path2D()));
      const [y0, y1] = [(q + 0.5) * height + nudge, (k + 0.5) * height + nudge];
      path.moveTo(0, y0);
      path.bezierCurveTo(width / 2, y0, width / 2, y1, width, y1);
    }
    return [...steps].sort((a, b) => a[0] - b[0]);
  }
  const nudge = (j) => (j - (heads.length - 1) / 2) * Math.min(2.2, (height * 0.7) / heads.length);

  function paint() {
    const tall = Math.min(scroll.clientHeight, index.length * height), c = sized(canvas, width, tall);
    c.translate(0, -scroll.scrollTop);
    c.lineWidth = heads.length > 3 ? 1.5 : 2;
    paths.forEach((steps, j) => {
      c.strokeStyle = app.look.stroke(app.look.head(heads[j]));
      for (const [step, path] of steps) { c.globalAlpha = step / 50; c.stroke(path); }
    });
  }

  // One token alone: all its lines, and its weights in numbers beside the other column.
  function isolate(indices, side) {
    const on = indices.map((i) => index.indexOf(i)).filter((r) => r >= 0), one = on.length > 0 && matrices.length > 0;
    canvas.classList.toggle("back", one);
    for (const row of lit) { row.value.replaceChildren(); row.token.removeAttribute("style"); row.token.classList.remove("off"); row.e.classList.remove("on"); row.e.setAttribute("aria-selected", "false"); }
    lit = [];
    let used = 0;
    if (one) {
      const far = side === "query" ? "key" : "query", n = index.length, layer = pane.layer(app.state);
      for (const r of on) {
        rows[side][r].e.classList.add("on");
        rows[side][r].e.setAttribute("aria-selected", "true");
        lit.push(rows[side][r]);
      }
      columns[side].setAttribute("aria-activedescendant", rows[side][on[0]].e.id);
      for (let r = 0; r < n; r++) {
        let best = -1, bestHead = 0, seen = false;
        const parts = [];
        for (const at of on) {
          const [q, k] = side === "query" ? [at, r] : [r, at];
          if (pane.masked(layer, index[q], index[k])) continue;
          seen = true;
          matrices.forEach((w, j) => {
            const m = w.values[q * n + k];
            parts[j] = Math.max(parts[j] ?? 0, m);
            if (m > best) { best = m; bestHead = j; }
            if (m < 1) return;
            const line = pool[used] ?? over.appendChild(pool[used] = svg("path", { fill: "none" }));
            const [y0, y1] = [(q + 0.5) * height + nudge(j), (k + 0.5) * height + nudge(j)];
            line.setAttribute("d", `M0 ${y0}C${width / 2} ${y0} ${width / 2} ${y1} ${width} ${y1}`);
            line.setAttribute("stroke", app.look.stroke(app.look.head(heads[j])));
            line.setAttribute("stroke-opacity", (m / 1000).toFixed(3));
            line.style.display = "";
            used++;
          });
        }
        const row = rows[far][r];
        lit.push(row);
        row.token.classList.toggle("off", !seen);
        if (!seen) { row.value.textContent = "masked"; continue; }
        const { back, ink } = app.look.shade(app.look.head(heads[bestHead]), best);
        row.token.style.background = back;
        row.token.style.color = ink;
        row.value.append(share(best));
        if (matrices.length > 1) row.value.prepend(h("span", { class: "bars" }, parts.map((m, j) => {
          const bar = h("i");
          bar.style.background = app.look.stroke(app.look.head(heads[j]));
          bar.style.height = `${Math.max(4, m / 10)}%`;
          return bar;
        })));
      }
    }
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
  scroll.addEventListener("scroll", () => { frame ||= requestAnimationFrame(() => { frame = 0; paint(); }); });

  return {
    update() {
      const { state, em } = app, layer = pane.layer(state);
      heads = pane.headsOf(state);
      matrices = heads.map((x) => pane.weights(layer, [x], state.special)).filter(Boolean);
      index = pane.shown(state.special);
      height = Math.round(em * (index.length <= 16 ? 2.4 : index.length <= 48 ? 1.75 : 1.5));
      if (built !== [state.spaces, state.special, em].join()) build();
      scroll.style.setProperty("--row", `${height}px`);
      width = figure.clientWidth;
      for (const [name, value] of [["width", width], ["height", index.length * height]]) over.setAttribute(name, value);
      const now = [layer, heads, state.special, width, height, app.look.name].join();
      if (now !== drawn) {
        drawn = now;
        paths = matrices.map((w, j) => linesOf(w, nudge(j)));
        over.setAttribute("stroke-width", heads.length > 3 ? 1.6 : 2.2);
      }
      paint();
      figure.setAttribute("aria-label", app.summary(pane));
    },
    cursor: isolate,
    note: () => `A line's opacity is the weight. Lines under ${FLOOR / 1000} are drawn only for the chosen token.${heads.length > 1 ? " The number beside a token is the strongest head's; the bars are all heads, in their order." : ""}`,
    export(make) {
      const { look, em, state } = app, layer = pane.layer(state), on = app.cursor?.pane === pane.index && app.cursor.side === "query" ? app.cursor.token : null;
      make.add(em * 44, pane.shown(state.special).length * em * 1.5, (p, x, y) =>
        paintHeads(p, look, pane, layer, pane.headsOf(state), state.special, { x, y, width: em * 44, em, spaces: state.spaces, chosen: on }));
    },
  };
}
