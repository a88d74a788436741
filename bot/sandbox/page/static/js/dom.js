/**
 * The one way in which this page makes elements. Text always becomes a text node: nothing that anybody typed is ever
 * parsed as HTML.
 */

const SVG = "http://www.w3.org/2000/svg";

/** Props that are set as properties, since they have no attribute or another meaning as one. */
const PROPERTIES = new Set(["value", "checked", "disabled", "indeterminate", "hidden", "multiple", "inert"]);

/** Only these may be followed from a link that somebody else wrote. */
const SAFE_LINK = /^(https?:|mailto:|\/|#)/i;

/**
 * Make an element.
 * @param {string} tag
 * @param {Object} [props] attributes; `onclick` and the like are listeners, `class`, `dataset` and `style` as expected
 * @param {...(Node|string|number|null|undefined|false|Array)} children
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "style") for (const [key, v] of Object.entries(value)) node.style.setProperty(key, v);
    else if (PROPERTIES.has(name)) node[name] = value;
    else if (name === "href") node.setAttribute("href", SAFE_LINK.test(value) ? value : "#");
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter(isChild).map(asChild));
  return node;
}

function isChild(child) {
  return child !== null && child !== undefined && child !== false && child !== "";
}

function asChild(child) {
  return child instanceof Node ? child : String(child);
}

/** Replace everything in an element. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter(isChild).map(asChild));
  return node;
}

/** Own drawings, on a grid of 20 by 20, stroked in the text's colour. */
const PATHS = {
  hash: "M7.5 3 6 17M14 3l-1.5 14M3.5 7.5h13.5M3 12.5h13.5",
  lock: "M5.5 9h9v7.5h-9zM7 9V6.5a3 3 0 0 1 6 0V9",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12.5 4.5 7 10l5.5 5.5",
  down: "M5 7.5l5 5 5-5",
  send: "M3.5 10 16.5 4l-4 12.5-3-5z",
  reply: "M4 5h12v8h-6l-4 3.5V13H4z",
  eye: "M2.5 10s2.8-5 7.5-5 7.5 5 7.5 5-2.8 5-7.5 5-7.5-5-7.5-5zM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  menu: "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
  window: "M8 4H4v12h12v-4M11.5 3.5h5v5M16 4l-7 7",
  bolt: "M11.5 2.5 5 11.5h4.5l-1 6 6.5-9h-4.5z",
  help: "M7.5 7.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.900-1.1 1.8M10 14.5h.01",
  file: "M6 3h5.5L15 6.5V17H6zM11.5 3v3.5H15",
  clip: "M14.5 9.5 9.7 14.300a3 3 0 0 1-4.3-4.300l5.5-5.5a2 2 0 0 1 2.9 2.900L8.5 12.7",
  gift: "M3.5 7.5h13v3h-13zM5 10.5V17h10v-6.5M10 7.5V17M10 7.5C8 7.5 6 6.8 6 5.2 6 3 9.5 3.5 10 7.5c.5-4 4-4.5 4-2.3 0 1.6-2 2.3-4 2.300z",
  check: "M4 10.5l4 4 8-9",
  warn: "M10 3.5 17.5 16.5h-15zM10 8v4M10 14.200h.01",
  home: "M3.5 9.5 10 4l6.5 5.5M5.5 8.5V16h9V8.5",
  people: "M7.5 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM2.5 16c0-3 2.2-4.5 5-4.5s5 1.5 5 4.5M13 5a2.3 2.3 0 0 1 0 4.5M14.5 12c1.8.5 3 1.8 3 4",
  mail: "M3 5h14v10.5H3zM3 5.5l7 5.5 7-5.5",
  panel: "M3.5 4h13v12h-13zM12 4v12",
};

/** An icon. It is decoration: whatever carries it has a name of its own. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** An SVG element with attributes. */
export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes ?? {})) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A button that shows an icon alone; its label is for everybody who hovers or listens. */
export function iconButton(name, label, onclick, props = {}) {
  const { class: more = "", ...rest } = props;
  return h("button", { type: "button", class: `icon-button ${more}`, "aria-label": label, title: label, onclick, ...rest },
    icon(name));
}

/** The elements that may have had focus before a part of the page was drawn again. */
const FOCUSABLE = "a[href],button,input,textarea,select";

let ids = 0;

/** An id that nothing else on the page has. */
export function uniqueId(prefix) {
  ids += 1;
  return `${prefix}-${ids}`;
}

/**
 * Rebuild part of the page without losing the reader's place in it: what had focus, and the caret, is found again by
 * its `data-key`.
 * @param {Element} root
 * @param {() => void} rebuild
 */
export function keepingFocus(root, rebuild) {
  const before = root.contains(document.activeElement) ? document.activeElement : null;
  const key = before?.closest("[data-key]")?.dataset.key;
  const range = before && "selectionStart" in before ? safeRange(before) : null;
  rebuild();
  if (!before || document.activeElement === before) return;
  const holder = key && root.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const target = holder && (holder.matches(FOCUSABLE) ? holder : holder.querySelector(FOCUSABLE));
  if (!target) return;
  target.focus({ preventScroll: true });
  if (range && "setSelectionRange" in target) {
    try {
      target.setSelectionRange(...range);
    } catch {
      // a number or date field has no caret to restore
    }
  }
}

function safeRange(input) {
  try {
    return input.selectionStart === null ? null : [input.selectionStart, input.selectionEnd];
  } catch {
    return null;
  }
}

const live = () => document.getElementById("announcer");

/** Say something to screen readers without showing it. */
export function announce(words) {
  const region = live();
  region.textContent = "";
  region.textContent = words;
}
