// Draws the machine (see __init__.py) as one SVG, laid out anew for each width: data flows to the right where there is
// room, downwards where there isn't. Positions are pairs (along, across): along the data's way, and across its lanes.

const SVG = "http://www.w3.org/2000/svg";
const WIDE = 900; // px from which the flow runs to the right
const NARROW = 600; // px below which only a few lanes have room
const NARROW_LANES = 5;
const LINE = 17; // px from one line of words to the next
const CHIP = 26; // px, height of a token

const PAGES = {
  "tokenizers": ["Tokenizers", "Text is cut into pieces, and every piece has a number."],
  "embeddings": ["Embeddings", "Each number becomes a vector. Its position joins here or inside attention."],
  "attention": ["Attention", "Each token looks back at the others and gathers what it needs."],
  "inside": ["Inside", "Follow one pass: what attention and the MLP add to the stream."],
  "parameters": ["Parameters", "All in this frame was learned. Count it, part by part."],
  "next-token": ["Next token", "Scores become probabilities, and one token is drawn."],
};
const ORDER = ["tokenizers", "embeddings", "attention", "inside", "next-token"];
const SUMMARY =
  "The way of the data through a language model. A text is cut into tokens. Each token becomes a vector, and its " +
  "position joins in. The vector runs through every layer as a residual stream; in each layer, attention and then an " +
  "MLP read the stream and add to it. Unembedding turns the last token's stream into a score for every possible next " +
  "token, softmax turns scores into probabilities, and the token that is drawn joins the text. Then it all runs again.";

/** Adds an SVG element to `parent` and returns it. Text is always set as text, never as markup. */
function add(parent, name, attributes = {}, text = null) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== null) element.textContent = text;
  parent.appendChild(element);
  return element;
}

/** Splits words into lines that are at most `width` px wide, as `pen` measures them. */
function wrap(pen, words, width) {
  const lines = [""];
  for (const part of words.split(" ")) {
    const word = clip(pen, part, width);
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (lines.at(-1) && pen.measureText(longer).width > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** Cuts `text` to `width` px, whole graphemes at a time. */
function clip(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  const letters = [...new Intl.Segmenter().segment(text)].map((part) => part.segment);
  while (letters.length && pen.measureText(`${letters.join("")}…`).width > width) letters.pop();
  return `${letters.join("")}…`;
}

const AGAIN = "the new token joins the text, and the machine turns again";

class Drawing {
  constructor(host, width, { doors, sample }) {
    this.wide = width >= WIDE;
    this.width = width;
    this.doors = doors;
    this.sample = sample;
    this.count = Math.min(sample ? sample.tokens.length : 4, width < NARROW ? NARROW_LANES : Infinity);
    const style = getComputedStyle(host);
    const pen = document.createElement("canvas").getContext("2d");
    this.measure = (size, family) => {
      pen.font = `${size}px ${style.getPropertyValue(family) || "sans-serif"}`;
      return pen;
    };
    this.svg = add(host, "svg", { role: "group", "aria-label": "The machine: a language model's parts, each a link to its page" });
    add(this.svg, "desc", {}, SUMMARY);
    const marker = add(add(this.svg, "defs"), "marker", {
      id: "tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse",
    });
    add(marker, "path", { d: "M0 0.5L8 4L0 7.5Z", class: "tip" });
  }

  /** (along, across) -> "x y" on the page. */
  at(along, across) {
    return this.wide ? `${along} ${across}` : `${across} ${along}`;
  }

  xy(along, across) {
    return this.wide ? { x: along, y: across } : { x: across, y: along };
  }

  rect(parent, from, to, low, high, attributes) {
    const size = this.wide ? [to - from, high - low] : [high - low, to - from];
    return add(parent, "rect", { ...this.xy(from, low), width: size[0], height: size[1], ...attributes });
  }

  words(slug) {
    const { sample } = this;
    if (slug !== "attention" || !sample) return PAGES[slug][1];
    const query = sample.tokens[this.count - 1].trim();
    return `${PAGES[slug][1]} Drawn: where “${query}” looks in layer ${sample.layer}, head ${sample.head} of ${sample.model}.`;
  }

  /** The link that everything of one page is drawn into. */
  door(slug) {
    const words = this.words(slug);
    const link = add(this.svg, "a", { href: this.doors[slug], "aria-label": `${PAGES[slug][0]}: ${words}` });
    add(link, "title", {}, words);
    return link;
  }

  /** A door for each page, in the order in which the data (and the keyboard) passes them, and in it the part itself. */
  open() {
    const doors = Object.fromEntries(["parameters", ...ORDER].map((slug) => [slug, this.door(slug)]));
    const part = Object.fromEntries(Object.entries(doors).map(([slug, door]) => [slug, add(door, "g", { class: "part" })]));
    return { doors, part };
  }

  /** Title and one-line description of a page; returns the y below them. */
  caption(group, slug, x, y, width) {
    const title = PAGES[slug][0];
    const lines = wrap(this.measure(13, "--st-font"), this.words(slug), width - 8);
    const bottom = y + 24 + lines.length * LINE;
    add(group, "rect", { class: "hit", x: x - 8, y: y - 6, width: width + 8, height: bottom - y + 4, rx: 6 });
    const heading = add(group, "text", { class: "title", x, y: y + 12 }, title);
    add(heading, "tspan", {}, " →");
    lines.forEach((line, index) => add(group, "text", { class: "words", x, y: y + 32 + index * LINE }, line));
    return bottom;
  }

  /** The caption of `parameters` on one line, along the top of the housing. */
  banner(group, x, y) {
    const [title, words] = PAGES.parameters;
    const line = add(group, "text", { class: "title", x, y: y + 14 }, title);
    add(line, "tspan", {}, " →");
    add(line, "tspan", { class: "words", dx: 10 }, words);
  }

  label(parent, x, y, text, anchor = "middle", kind = "label") {
    return add(parent, "text", { class: kind, x, y, "text-anchor": anchor }, text);
  }

  lane(index) {
    return this.first + index * this.pitch;
  }

  get lastLane() {
    return this.lane(this.count - 1);
  }

  /** A box of the machine across all lanes. */
  box(parent, from, to, colour) {
    const reach = Math.min(this.pitch / 2, 20);
    return this.rect(parent, from, to, this.first - reach, this.lastLane + reach, {
      class: "box", rx: 8, style: `stroke: var(--${colour})`,
    });
  }

  chip(parent, x, y, width, kind = "chip") {
    add(parent, "rect", { class: kind, x: x - width / 2, y: y - CHIP / 2, width, height: CHIP, rx: 5 });
  }

  /** One token of the sample; without a sample, an empty chip. */
  token(parent, index, x, y, width) {
    this.chip(parent, x, y, width);
    if (!this.sample) return;
    const whole = this.sample.tokens[index];
    const shown = clip(this.measure(13, "--st-code-font"), whole.trim(), width - 10);
    const text = add(parent, "text", { class: "token", x, y: y + 4.5, "text-anchor": "middle" }, shown);
    add(text, "title", {}, whole);
  }

  number(parent, index, x, y, anchor) {
    if (this.sample) this.label(parent, x, y, String(this.sample.ids[index]), anchor, "id");
  }

  next(parent, x, y, width) {
    this.chip(parent, x, y, width, "chip next");
    this.label(parent, x, y + 4, "next token");
  }

  lanes(from, to, parent, kind = "lane") {
    for (let index = 0; index < this.count; index += 1) {
      const last = index === this.count - 1;
      add(parent, "path", {
        class: last ? `${kind} last` : kind,
        d: `M${this.at(from, this.lane(index))}L${this.at(to, this.lane(index))}`,
      });
    }
  }

  /** What a part adds to the stream, lane by lane. */
  sums(parent, along) {
    for (let index = 0; index < this.count; index += 1) {
      const { x, y } = this.xy(along, this.lane(index));
      add(parent, "circle", { class: "sum", cx: x, cy: y, r: 6 });
      add(parent, "path", { class: "sum", d: `M${x - 3.5} ${y}h7M${x} ${y - 3.5}v7` });
    }
  }

  /** Embedding: one vector a lane, drawn as empty cells, and where the position joins. */
  embedding(parent, from, to) {
    this.box(parent, from, to, "residual");
    const cells = 4;
    const size = 9;
    for (let index = 0; index < this.count; index += 1) {
      const { x, y } = this.xy((from + to) / 2, this.lane(index));
      for (let cell = 0; cell < cells; cell += 1) {
        const step = (cell - cells / 2) * size;
        add(parent, "rect", {
          x: this.wide ? x + step : x - size / 2, y: this.wide ? y - size / 2 : y + step, width: size, height: size,
          style: "fill: var(--paper); stroke: var(--residual)",
        });
      }
    }
  }

  /** Attention: who may look at whom, and, with a trace, how the last token's look is shared out. */
  attention(parent, from, to) {
    this.box(parent, from, to, "query");
    const middle = (from + to) / 2;
    const curve = (key, query) =>
      `M${this.at(from, this.lane(key))}C${this.at(middle, this.lane(key))} ${this.at(middle, this.lane(query))} ${this.at(to, this.lane(query))}`;
    for (let query = 1; query < this.count; query += 1) {
      for (let key = 0; key < query; key += 1) add(parent, "path", { class: "seen", d: curve(key, query) });
    }
    if (this.sample) {
      const start = this.xy(from, 0);
      const end = this.xy(to, 0);
      const fade = add(this.svg.querySelector("defs"), "linearGradient", {
        id: "look", gradientUnits: "userSpaceOnUse",
        x1: this.wide ? start.x : 0, x2: this.wide ? end.x : 0, y1: this.wide ? 0 : start.y, y2: this.wide ? 0 : end.y,
      });
      add(fade, "stop", { offset: 0.25, style: "stop-color: var(--key)" });
      add(fade, "stop", { offset: 0.85, style: "stop-color: var(--query)" });
      const query = this.count - 1;
      this.sample.rows[query].slice(0, this.count).forEach((weight, key) => {
        const line = add(parent, "path", {
          class: "weight", d: curve(key, query), stroke: "url(#look)",
          "stroke-width": 14 * weight, "stroke-opacity": 0.9,
        });
        add(line, "title", {}, `${this.sample.tokens[query]} → ${this.sample.tokens[key]}: ${weight.toFixed(3)}`);
      });
    }
    for (let index = 0; index < this.count; index += 1) {
      const key = this.xy(from, this.lane(index));
      add(parent, "circle", { cx: key.x, cy: key.y, r: 4.5, style: "fill: var(--key)" });
    }
    this.sums(parent, to);
    const query = this.xy(to, this.lastLane);
    add(parent, "circle", { cx: query.x, cy: query.y, r: 8.5, style: "fill: none; stroke: var(--query); stroke-width: 2.5" });
  }

  /** MLP: every lane by itself leaves the stream, is widened and narrowed, and is added back. */
  mlp(parent, from, to) {
    this.box(parent, from, to, "mlp");
    const bow = Math.min(this.pitch * 0.25, 10.5);
    const half = Math.min((to - from) * 0.2, 20);
    const middle = (from + to) / 2;
    for (let index = 0; index < this.count; index += 1) {
      const lane = this.lane(index);
      const side = lane - bow;
      add(parent, "path", {
        class: "branch",
        d: `M${this.at(from, lane)}Q${this.at(from + 6, side)} ${this.at(middle - half, side)}` +
          `L${this.at(middle + half, side)}Q${this.at(to - 6, side)} ${this.at(to, lane)}`,
      });
      const wide = bow * 0.55;
      add(parent, "path", {
        d: `M${this.at(middle - half, side - 1.5)}L${this.at(middle, side - wide)}L${this.at(middle + half, side - 1.5)}` +
          `L${this.at(middle + half, side + 1.5)}L${this.at(middle, side + wide)}L${this.at(middle - half, side + 1.5)}Z`,
        style: "fill: var(--mlp)",
      });
    }
    this.sums(parent, to);
  }

  /** The text as a small page; returns nothing, keeps to its box. */
  text(x, y, width, height) {
    add(this.svg, "rect", { class: "chip", x, y, width, height, rx: 5 });
    const room = add(this.svg, "foreignObject", { x: x + 8, y: y + 6, width: width - 16, height: height - 12 });
    const words = document.createElement("div");
    words.className = "text";
    words.dir = "auto";
    words.style.maxHeight = `${height - 12}px`;
    words.textContent = this.sample ? this.sample.texts[this.count - 1] : "any text";
    room.appendChild(words);
  }

  arrow(path) {
    add(this.svg, "path", { class: "flow", d: path, "marker-end": "url(#tip)" });
  }

  get layers() {
    return this.sample ? `× ${this.sample.layers} layers` : "× layers";
  }

  finish(height) {
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
    this.svg.setAttribute("height", height);
  }

  drawAcross() {
    const W = this.width;
    const unit = W / 100; // columns are shares of the width, so that the whole keeps its proportions
    const [text, chips, embed, attend, mlp, unembed, softmax, next] = [
      [0, 11], [14, 23], [27.5, 33.5], [40, 54], [59, 68], [75, 80], [84.5, 90], [92, 100],
    ].map((ends) => ends.map((end) => end * unit));
    const frame = [37 * unit, 71.5 * unit];
    const centre = ([from, to]) => (from + to) / 2;

    this.pitch = Math.max(32, Math.min(46, 230 / this.count));
    this.first = 140;
    const reach = Math.min(this.pitch / 2, 20);
    const ceiling = this.first - reach; // the parts' boxes run from here to the floor
    const floor = this.lastLane + reach;
    const middle = (this.first + this.lastLane) / 2;
    const { doors, part } = this.open();

    const top = ceiling - 78;
    add(part.parameters, "rect", { class: "housing", x: 26 * unit, y: top, width: 56.2 * unit, height: floor - top + 48, rx: 14 });
    this.banner(doors.parameters, 26 * unit + 16, top + 8);
    add(part.parameters, "rect", { class: "frame", x: frame[0], y: ceiling - 30, width: frame[1] - frame[0], height: floor - ceiling + 64, rx: 10 });

    // The way in: text, tokens.
    this.text(text[0], middle - 44, text[1] - text[0], 88);
    this.label(this.svg, centre(text), middle - 54, "text");
    this.arrow(`M${text[1] + 4} ${middle}H${chips[0] - 6}`);
    this.lanes(chips[1], embed[0], this.svg, "wire");
    this.lanes(embed[1], unembed[0], this.svg);
    this.label(part.tokenizers, centre(chips), ceiling - 10, "tokens");
    for (let index = 0; index < this.count; index += 1) {
      this.token(part.tokenizers, index, centre(chips), this.lane(index), chips[1] - chips[0]);
      this.number(part.tokenizers, index, chips[1] + 4, this.lane(index) - 5, "start");
    }

    // The model itself.
    // Position joins at the embedding (learned or sinusoidal) or inside attention (RoPE, ALiBi): a dashed line to each.
    const rail = floor + 12;
    add(part.embeddings, "path", { class: "position", d: `M${centre(embed)} ${floor}V${rail}H${centre(attend)}V${floor}` });
    this.embedding(part.embeddings, ...embed);
    this.attention(part.attention, ...attend);
    this.mlp(part.inside, ...mlp);
    this.box(part["next-token"], ...unembed, "logits");
    for (const [slug, name, ends] of [
      ["embeddings", "embedding", embed], ["attention", "attention", attend], ["inside", "MLP", mlp], ["next-token", "unembedding", unembed],
    ]) this.label(part[slug], centre(ends), ceiling - 10, name);
    this.label(part.embeddings, centre(embed), floor + 27, "position", "middle", "small");
    this.label(this.svg, frame[0] + 10, floor + 27, "residual stream", "start", "small");
    this.label(this.svg, frame[1] - 10, floor + 27, this.layers, "end", "small");

    // The way out, and round again.
    const output = part["next-token"];
    this.arrow(`M${unembed[1]} ${this.lastLane}H${softmax[0] - 2}`);
    this.rect(output, ...softmax, this.lastLane - 20, this.lastLane + 20, { class: "box", rx: 8, style: "stroke: var(--logits)" });
    this.label(output, centre(softmax), this.lastLane + 4, "softmax");
    this.arrow(`M${softmax[1]} ${this.lastLane}H${next[0] - 2}`);
    this.next(output, centre(next), this.lastLane, next[1] - next[0]);
    const [left, right] = [centre(text), centre(next)];
    this.arrow(`M${right} ${this.lastLane - 18}V36Q${right} 18 ${right - 18} 18H${left + 18}Q${left} 18 ${left} 36V${middle - 72}`);
    this.label(this.svg, W / 2, 11, AGAIN, "middle", "small outside");

    // Captions, one a column, with a line from each part to its words.
    const captions = floor + 92;
    const column = W / ORDER.length;
    const starts = {
      "tokenizers": [centre(chips), floor - 2], "embeddings": [centre(embed), floor + 34], "attention": [centre(attend), floor + 20],
      "inside": [centre(mlp), floor + 4], "next-token": [centre(softmax), this.lastLane + 24],
    };
    let bottom = captions;
    ORDER.forEach((slug, index) => {
      const [x, y] = starts[slug];
      const left = index * column + 8;
      add(doors[slug], "path", { class: "leader", d: `M${x} ${y}V${captions - 24}H${left}V${captions - 10}` });
      bottom = Math.max(bottom, this.caption(doors[slug], slug, left, captions, column - 20));
    });
    this.finish(bottom + 8);
  }

  drawDown() {
    const W = this.width;
    const margin = 22; // the way back runs here
    const bundle = Math.min(300, Math.max(130, W * 0.4));
    this.pitch = Math.min(44, (bundle - 48) / (this.count - 1 || 1));
    const reach = Math.min(this.pitch / 2, 20);
    this.first = margin + 24 + reach; // the frame of the layers and the line of the position stand to its left
    const words = this.lastLane + reach + 18; // captions start here
    const room = W - words - 10;
    const left = (this.first + this.lastLane) / 2;
    const { doors, part } = this.open();

    // The way in: text, tokens.
    this.text(margin, 4, W - margin - 2, 54);
    let y = 58;
    const below = y + 4;
    y = this.caption(doors.tokenizers, "tokenizers", words, y + 16, room) + 16;
    const slot = (W - margin) / this.count;
    const narrow = Math.min(slot - 6, 110);
    const outer = this.count > 1 ? Math.min(slot, 120) : 0;
    const chip = (index) => margin + slot / 2 + index * outer;
    const fan = y + CHIP + 44;
    this.arrow(`M${chip(0)} ${below}V${y - 4}`);
    for (let index = 0; index < this.count; index += 1) {
      add(this.svg, "path", {
        class: "wire", d: `M${chip(index)} ${y + CHIP}C${chip(index)} ${y + CHIP + 24} ${this.lane(index)} ${fan - 24} ${this.lane(index)} ${fan}`,
      });
      this.token(part.tokenizers, index, chip(index), y + CHIP / 2, narrow);
      this.number(part.tokenizers, index, chip(index) + 5, y + CHIP + 12, "start");
    }

    // The model itself: each part is as tall as it or its words need, whichever is more.
    const housing = fan - 6;
    const frame = add(part.parameters, "rect", { class: "housing", x: margin, rx: 14 });
    const layers = add(part.parameters, "rect", { class: "frame", x: margin + 8, rx: 10 });
    const stream = add(this.svg, "g");
    y = this.caption(doors.parameters, "parameters", words, housing + 14, room) + 18;

    const embed = [y, y + 56];
    const afterEmbed = Math.max(embed[1] + 20, this.caption(doors.embeddings, "embeddings", words, embed[0], room) + 16);
    const block = afterEmbed;
    const attend = [block + 20, block + 20 + 130];
    const afterAttend = Math.max(attend[1] + 26, this.caption(doors.attention, "attention", words, attend[0], room) + 16);
    const mlp = [afterAttend, afterAttend + 76];
    const afterMlp = Math.max(mlp[1] + 20, this.caption(doors.inside, "inside", words, mlp[0], room) + 16);
    this.label(this.svg, W - 18, afterMlp - 8, this.layers, "end", "small");
    const unembed = [afterMlp + 22, afterMlp + 22 + 40];

    const rail = margin + 16;
    add(part.embeddings, "path", { class: "position", d: `M${rail} ${embed[1] + 10}H${left - 12}V${embed[1]}` });
    add(part.embeddings, "path", { class: "position", d: `M${rail} ${embed[1] + 10}V${(attend[0] + attend[1]) / 2}H${rail + 8}` });
    this.label(part.embeddings, rail + 14, embed[1] + 14, "position", "start", "small");
    this.embedding(part.embeddings, ...embed);
    this.attention(part.attention, ...attend);
    this.mlp(part.inside, ...mlp);
    this.box(part["next-token"], ...unembed, "logits");
    this.label(part["next-token"], words, unembed[0] + 24, "unembedding", "start");
    this.lanes(fan, embed[0], stream, "wire");
    this.lanes(embed[1], unembed[0], stream);
    for (const [shape, inset, from, to] of [[frame, margin, housing, unembed[1] + 16], [layers, margin + 8, block, afterMlp]]) {
      for (const [name, value] of Object.entries({ y: from, width: W - inset - (inset - margin) - 2, height: to - from })) shape.setAttribute(name, value);
    }

    // The way out, and round again.
    const output = part["next-token"];
    const softmax = [unembed[1] + 40, unembed[1] + 72];
    this.arrow(`M${this.lastLane} ${unembed[1]}V${softmax[0] - 2}`);
    add(output, "rect", { class: "box", x: left - 36, y: softmax[0], width: this.lastLane - left + 56, height: 32, rx: 8, style: "stroke: var(--logits)" });
    this.label(output, (left - 36 + this.lastLane + 20) / 2, softmax[0] + 21, "softmax");
    const end = softmax[1] + 26;
    this.arrow(`M${this.lastLane} ${softmax[1]}V${end - 2}`);
    this.next(output, this.lastLane - 22, end + CHIP / 2, 84);
    const lowest = this.caption(doors["next-token"], "next-token", words, softmax[0] - 8, room);
    const turn = this.lastLane - 22 - 42;
    this.arrow(`M${turn} ${end + CHIP / 2}H18Q6 ${end + CHIP / 2} 6 ${end + CHIP / 2 - 12}V42Q6 30 ${margin - 2} 30`);
    const bottom = Math.max(end + CHIP, lowest) + 20;
    this.label(this.svg, margin, bottom, AGAIN, "start", "small outside");
    this.finish(bottom + 10);
  }

  draw() {
    if (this.wide) this.drawAcross();
    else this.drawDown();
  }
}

export default function ({ data, parentElement }) {
  const host = document.createElement("div");
  host.className = "machine";
  const { paper, parts } = data.theme;
  for (const [name, light] of Object.entries(paper.light)) host.style.setProperty(`--${name}`, `light-dark(${light}, ${paper.dark[name]})`);
  for (const [name, colour] of Object.entries(parts)) host.style.setProperty(`--${name}`, colour);
  parentElement.appendChild(host);

  let drawn = 0;
  const observer = new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width);
    if (width === drawn || width === 0) return;
    drawn = width;
    host.replaceChildren();
    new Drawing(host, width, data).draw();
  });
  observer.observe(host);
  return () => {
    observer.disconnect();
    host.remove();
  };
}
