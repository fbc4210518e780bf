// How is a thing read and written? Bytes, elements, numbers, tokens. Data enters the page as text only.

const SVG = "http://www.w3.org/2000/svg";

function fill(e, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.flat().filter((c) => c != null));
  return e;
}
const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
const svg = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

// Thousandths as a person reads them. `digits` is 2 where a mean of rounded values can't promise a third.
function share(milli, digits = 3) {
  const least = digits === 3 ? 0.5 : 5;
  return milli < least ? `<${digits === 3 ? "0.001" : "0.01"}` : (milli / 1000).toFixed(digits);
}
function number(value, unit) {
  if (!Number.isFinite(value)) return "–";
  if (value < 0) return `−${number(-value, unit)}`;
  const text = value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : share(value * 1000);
  return unit ? `${text} ${unit}` : text;
}
const list = (words) => words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
const cut = (text, length) => { const c = Array.from(text); return c.length > length ? c.slice(0, length - 1).join("") + "…" : text; };

// A text in lines of at most `room` characters, broken between words where there are any.
function wrap(text, room) {
  const lines = [""];
  for (const word of text.split(/\s+/).flatMap((w) => w.match(new RegExp(`.{1,${room}}`, "gu")) ?? [])) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

// Characters that would be invisible, or would turn their surroundings round, are shown by name.
const HIDDEN = /[\u0080-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const named = (c) => `U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
// Of a stranger's text: what can't be seen, or turns its surroundings round, by name.
const visible = (text) => text.replace(/[\u0000-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0))).replace(HIDDEN, (c) => named(c));
function tokenText(token, spaces, room = 40) {
  let s = token.text.replace(/\n/g, "⏎").replace(/\t/g, "⇥").replace(HIDDEN, named)
    .replace(/[\u0000-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0))).replace(/\u007f/g, "␡");
  if (/^[\u200c\u200d\ufe00-\ufe0f\u0300-\u036f]+$/.test(s)) s = Array.from(s, named).join(" ");
  if (spaces) s = s.replace(/ {4,}/g, (m) => `␣×${m.length}`).replace(/ /g, "␣").replace(/\u00a0/g, "⍽");
  else s = s.replace(/ {8,}/g, (m) => `␣×${m.length}`);
  return cut(s, room) || "∅";
}
const mark = (token) => (token.part[1] > 1 ? `${token.part[0] + 1}/${token.part[1]}` : "");
const plain = (token) => (tokenText(token, false).trim() || "space") + (mark(token) && ` ${mark(token)}`);
const label = (token, spaces) => tokenText(token, spaces) + (mark(token) && ` ${mark(token)}`);

function chip(token, spaces) {
  const part = mark(token);
  return h("span", { class: `tok${token.kind === "special" ? " special" : ""}` },
    h("bdi", null, tokenText(token, spaces)), part ? h("small", null, part) : null);
}
function about(token, i) {
  const bits = [`token ${i}`, `piece ${cut(token.piece, 60)}`, `id ${token.id}`];
  if (token.kind === "special") return [...bits, "special token"].join(" · ");
  bits.push(`bytes ${cut(token.hex || "none", 72)}`);
  bits.push(token.span[1] - token.span[0] === 1 ? `character ${token.span[0]}` : `characters ${token.span[0]} to ${token.span[1] - 1}`);
  if (token.part[1] > 1) bits.push(`part ${mark(token)} of one character`);
  return bits.join(" · ");
}

// XML 1.0 has no place for these characters, not even escaped.
const xml = (words) => words.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, " ");

const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const floatsOf = (text) => new Float32Array(fromBase64(text).buffer);
// Numbers of two bytes: all low bytes, then all high ones.
function stepsOf(text) {
  const bytes = fromBase64(text), n = bytes.length / 2;
  return Uint16Array.from({ length: n }, (_, i) => bytes[i] | (bytes[n + i] << 8));
}
async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
