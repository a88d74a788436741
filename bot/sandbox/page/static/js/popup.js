/** Menus and lists that hang from a control, above everything else. */

import { h, icon } from "./dom.js";

const GAP = 4;
const EDGE = 8;

/** Show a popup below its anchor, or above where there is more room. */
export function place(popup, anchor, { width = null, alignEnd = false, tallest = 320 } = {}) {
  if (!popup.matches(":popover-open")) popup.showPopover();
  const box = anchor.getBoundingClientRect();
  if (width !== null) popup.style.setProperty("width", `${Math.max(width, 120)}px`);
  popup.style.setProperty("max-height", "none");
  const below = innerHeight - box.bottom - GAP - EDGE;
  const above = box.top - GAP - EDGE;
  const wanted = Math.min(popup.scrollHeight + 2, tallest);
  const up = below < wanted && above > below;
  const height = Math.min(wanted, up ? above : below);
  const wide = popup.offsetWidth;
  const left = alignEnd ? box.right - wide : box.left;
  popup.style.setProperty("max-height", `${Math.max(height, 60)}px`);
  popup.style.setProperty("left", `${Math.max(EDGE, Math.min(left, innerWidth - wide - EDGE))}px`);
  popup.style.setProperty("top", `${up ? box.top - GAP - Math.max(height, 60) : box.bottom + GAP}px`);
}

let openMenu = null;

/** Close the open menu, if there is one. */
export function closeMenu({ refocus = false } = {}) {
  openMenu?.close(refocus);
}

/**
 * Open a menu from a button, or close it if it is open.
 * @param {HTMLElement} anchor
 * @param {Array<{label?: any, description?: string, lead?: Node, onselect?: () => void, danger?: boolean, checked?: boolean,
 *   extra?: Node, heading?: string}>} items
 * @param {{label: string, alignEnd?: boolean}} options
 */
export function toggleMenu(anchor, items, { label, alignEnd = true, wide = false }) {
  const again = openMenu?.anchor === anchor;
  closeMenu();
  if (again) return;
  const menu = h("div", { class: wide ? "menu menu-wide" : "menu", role: "menu", "aria-label": label, popover: "manual" },
    ...items.map((item) => menuRow(item)));
  const host = anchor.closest("dialog") ?? document.body;
  host.append(menu);
  const close = (refocus) => {
    openMenu = null;
    anchor.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    removeEventListener("resize", closeQuietly);
    menu.remove();
    if (refocus) anchor.focus();
  };
  const closeQuietly = () => close(false);
  const outside = (event) => {
    if (!menu.contains(event.target) && !anchor.contains(event.target)) close(false);
  };
  openMenu = { anchor, close };
  anchor.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  addEventListener("resize", closeQuietly);
  menu.addEventListener("keydown", (event) => onMenuKey(event, menu, close));
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget) && event.relatedTarget !== anchor) close(false);
  });
  place(menu, anchor, { alignEnd, tallest: 560 });
  (menu.querySelector('[aria-checked="true"]') ?? focusable(menu)[0])?.focus();
}

function menuRow({ label, description, lead, onselect, danger, checked, extra, heading }) {
  if (heading) return h("div", { class: "menu-heading", role: "presentation" }, heading);
  const item = h("button", {
    type: "button", class: danger ? "menu-item danger" : "menu-item", tabindex: "-1",
    role: checked === undefined ? "menuitem" : "menuitemradio", "aria-checked": checked,
    onclick: () => {
      closeMenu({ refocus: true });
      onselect?.();
    },
  }, lead, h("span", { class: "menu-text" }, h("span", { class: "menu-label" }, label), description && h("span", { class: "menu-note" }, description)),
  checked && icon("check"));
  return extra ? h("div", { class: "menu-row", role: "none" }, item, extra) : item;
}

function focusable(menu) {
  return [...menu.querySelectorAll('[role^="menuitem"]')];
}

function onMenuKey(event, menu, close) {
  const items = focusable(menu);
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to !== undefined) {
    items[(to + items.length) % items.length]?.focus();
  } else if (event.key === "Escape") {
    close(true);
  } else if (event.key === "Tab") {
    close(true);
    return;
  } else if (event.key.length === 1 && /\S/.test(event.key)) {
    const letter = event.key.toLowerCase();
    const next = [...items.slice(at + 1), ...items].find((item) => item.textContent.trim().toLowerCase().startsWith(letter));
    next?.focus();
  } else {
    return;
  }
  if (event.key !== "Enter" && event.key !== " ") {
    event.preventDefault();
    event.stopPropagation();
  }
}
