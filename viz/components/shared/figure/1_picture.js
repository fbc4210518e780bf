// How does what is on the page become a picture to keep? The laid-out elements are written down as vectors where they
// stand: backgrounds, borders, words line by line, drawings as they are. Controls are left out.

const LEFT_OUT = "input, select, output.control, .leave, .hidden, [hidden]";
const DRAWN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "opacity", "font-family", "font-size", "font-weight",
  "font-style", "text-anchor", "dominant-baseline"];
const seen = (colour) => colour && colour !== "transparent" && !/^rgba\(.*, 0\)$/.test(colour);

// Words as they stand, one entry for each line: [text, rectangle].
function lines(node) {
  const range = document.createRange(), found = [];
  let at = 0;
  for (const letter of new Intl.Segmenter().segment(node.data)) {
    range.setStart(node, at);
    range.setEnd(node, (at += letter.segment.length));
    const box = range.getClientRects()[0], last = found.at(-1);
    if (!box || box.width === 0) continue;
    if (last && Math.abs(last[1].top - box.top) < box.height / 2) {
      last[0] += letter.segment;
      last[1] = { top: last[1].top, height: last[1].height, left: Math.min(last[1].left, box.left), right: Math.max(last[1].right, box.right) };
    } else found.push([letter.segment, { top: box.top, height: box.height, left: box.left, right: box.right }]);
  }
  return found;
}

// A drawing with the styles that it has from the page.
function drawing(from) {
  const to = from.cloneNode(false), style = getComputedStyle(from);
  if (style.display === "none") return null;
  for (const name of [...to.attributes].map((a) => a.name)) if (/^(class|style|on|aria|role|tabindex)/.test(name)) to.removeAttribute(name);
  if (from.tagName !== "svg") for (const name of DRAWN) to.setAttribute(name, style.getPropertyValue(name));
  for (const child of from.childNodes) {
    const copied = child.nodeType === 3 ? document.createTextNode(xml(child.data)) : child.nodeType === 1 ? drawing(child) : null;
    if (copied) to.append(copied);
  }
  return to;
}

// An element as one SVG file, with a heading, and lines that say where it comes from below.
function picture(element, look, { title, facts }) {
  const origin = element.getBoundingClientRect(), pad = 16, size = 12, top = pad + 28;
  const width = Math.ceil(element.scrollWidth) + 2 * pad, room = Math.floor((width - 2 * pad) / (size * 0.56));
  const below = top + Math.ceil(element.scrollHeight) + 20, captions = facts.flatMap((fact) => wrap(fact, room).slice(0, 3));
  const height = below + captions.length * size * 1.5 + pad, parts = [];
  const put = (tag, props, ...children) => parts.push(svg(tag, props, ...children));
  const place = (box) => ({ x: box.left - origin.left + pad, y: box.top - origin.top + top, width: box.right - box.left, height: box.height });

  // What has scrolled out of its frame isn't seen, and isn't saved either.
  const within = (box, frame) => {
    const x = (box.left + box.right) / 2, y = box.top + box.height / 2;
    return !frame || (x >= frame.left && x <= frame.right && y >= frame.top && y <= frame.bottom);
  };
  const walk = (e, outer) => {
    if (e.matches(LEFT_OUT)) return;
    const style = getComputedStyle(e);
    if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") return;
    const frame = /auto|scroll/.test(style.overflowX + style.overflowY) ? e.getBoundingClientRect() : outer;
    if (e.tagName === "svg") {
      const box = place(e.getBoundingClientRect()), copy = drawing(e);
      for (const [name, value] of Object.entries(box)) copy.setAttribute(name, value);
      parts.push(copy);
      return;
    }
    if (e.tagName === "CANVAS") { put("image", { href: e.toDataURL("image/png"), ...place(e.getBoundingClientRect()), preserveAspectRatio: "none" }); return; }
    for (const rect of e === element ? [] : e.getClientRects()) {
      if (!within(rect, outer)) continue;
      const box = place(rect), radius = parseFloat(style.borderTopLeftRadius) || 0;
      if (seen(style.backgroundColor)) put("rect", { ...box, rx: radius, fill: style.backgroundColor });
      for (const [side, x1, y1, x2, y2] of [["Top", 0, 0, 1, 0], ["Right", 1, 0, 1, 1], ["Bottom", 0, 1, 1, 1], ["Left", 0, 0, 0, 1]]) {
        const line = parseFloat(style[`border${side}Width`]);
        if (!line || style[`border${side}Style`] === "none" || !seen(style[`border${side}Color`])) continue;
        put("line", { x1: box.x + x1 * box.width, y1: box.y + y1 * box.height, x2: box.x + x2 * box.width, y2: box.y + y2 * box.height,
          stroke: style[`border${side}Color`], "stroke-width": line, "stroke-dasharray": style[`border${side}Style`] === "dashed" ? `${line * 3} ${line * 2}` : null });
      }
      if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) && e.matches(".tok, .on")) {
        put("rect", { ...box, rx: radius, fill: "none", stroke: style.outlineColor, "stroke-width": style.outlineWidth, "stroke-dasharray": style.outlineStyle === "dashed" ? "3 2" : null });
      }
    }
    for (const child of e.childNodes) {
      if (child.nodeType === 1) walk(child, frame);
      else if (child.nodeType === 3) {
        for (const [words, rect] of lines(child)) {
          if (!within(rect, frame)) continue;
          const box = place(rect), middle = box.y + box.height / 2;
          put("text", { x: box.x, y: middle, "dominant-baseline": "central", fill: style.color, "font-family": style.fontFamily, "font-size": style.fontSize, "font-weight": style.fontWeight,
            "font-style": style.fontStyle, textLength: box.width, lengthAdjust: "spacingAndGlyphs", // as wide as here, in any font
            "xml:space": "preserve", style: "white-space:pre;unicode-bidi:isolate" }, xml(words));
        }
      }
    }
  };
  walk(element);
  const root = svg("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "font-family": "system-ui, sans-serif" },
    svg("title", null, xml(title)), svg("desc", null, xml(facts.join("\n"))), svg("rect", { width, height, fill: look.paper.paper }),
    svg("text", { x: pad, y: pad + 10, "font-size": 16, "font-weight": 600, fill: look.paper.ink }, xml(cut(title, room))), ...parts,
    ...captions.map((line, i) => svg("text", { x: pad, y: below + size * 1.5 * (i + 0.5), "font-size": size, fill: look.paper.quiet }, xml(line))));
  return { file: new XMLSerializer().serializeToString(root), width, height };
}

// The same in pixels, twice as many as on the page, but never beyond what a browser can hold.
async function pixels({ file, width, height }) {
  const image = new Image(), canvas = document.createElement("canvas"), scale = Math.min(2, 8192 / Math.max(width, height));
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(file)}`;
  await image.decode();
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
