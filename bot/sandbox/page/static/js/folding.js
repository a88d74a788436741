/** Long texts, of which the beginning is shown until more is wanted. */

import { h, uniqueId } from "./dom.js";

/** A text is long beyond so many characters or lines: about as much as Slack shows at once. */
const CHARACTERS = 900;
const LINES = 16;

/**
 * Fold a text where it is long.
 * @param {HTMLElement} text
 * @param {{open?: boolean}} [how] `open`: the app wants the whole text to be shown
 */
export function foldable(text, { open = false } = {}) {
  const lines = text.querySelectorAll("br,li,blockquote").length + text.textContent.split("\n").length;
  if (open || (text.textContent.length <= CHARACTERS && lines <= LINES)) return text;
  text.id ||= uniqueId("text");
  const button = h("button", { type: "button", class: "fold-button", "aria-expanded": "false", "aria-controls": text.id, onclick: () => set(text.classList.contains("folded")) }, "Show more");
  const set = (whole) => {
    text.classList.toggle("folded", !whole);
    button.setAttribute("aria-expanded", String(whole));
    button.textContent = whole ? "Show less" : "Show more";
  };
  text.classList.add("folded");
  text.addEventListener("focusin", () => set(true)); // a link in the part that is not shown
  return h("div", { class: "fold" }, text, button);
}
