/** Dialogs over the page. The browser's own `<dialog>` keeps focus within them and the page behind them out of reach. */

import { emit } from "./bus.js";
import { fill, h, iconButton, uniqueId } from "./dom.js";
import { textObject } from "./mrkdwn.js";

/**
 * Open a dialog.
 * @param {{name: string, labelledby?: string, label?: string, role?: string, onescape?: () => void}} options
 * @returns {{element: HTMLDialogElement, close: () => void}}
 */
export function openDialog({ name, labelledby, label, role, onescape }) {
  const element = h("dialog", { class: `dialog ${name}`, role, "aria-modal": "true", "aria-labelledby": labelledby, "aria-label": label });
  const close = () => {
    if (!element.isConnected) return;
    if (element.open) element.close();
    element.remove();
    emit("dialogs");
  };
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    onescape?.();
  });
  element.addEventListener("cancel", (event) => {
    event.preventDefault();
    onescape?.();
  });
  document.body.append(element);
  element.showModal();
  emit("dialogs");
  return { element, close };
}

/** The dialog on top, or null. */
export function topDialog() {
  const open = document.querySelectorAll("dialog[open]");
  return open.length ? open[open.length - 1] : null;
}

/**
 * Ask what a Block Kit `confirm` object asks.
 * @returns {Promise<boolean>}
 */
export function confirmed(object) {
  if (!object) return Promise.resolve(true);
  return new Promise((resolve) => {
    const title = uniqueId("confirm");
    const text = uniqueId("confirm-text");
    const answer = (yes) => () => {
      dialog.close();
      resolve(yes);
    };
    const dialog = openDialog({ name: "confirm", labelledby: title, role: "alertdialog", onescape: answer(false) });
    dialog.element.setAttribute("aria-describedby", text);
    const yes = h("button", { type: "button", class: `button ${object.style === "danger" ? "danger" : "primary"}`, onclick: answer(true) },
      ...textObject(object.confirm));
    fill(dialog.element,
      h("header", { class: "dialog-head" }, h("h2", { id: title }, ...textObject(object.title)), iconButton("close", "Close", answer(false))),
      h("div", { class: "dialog-body", id: text }, ...textObject(object.text)),
      h("footer", { class: "dialog-foot" }, h("button", { type: "button", class: "button", onclick: answer(false) }, ...textObject(object.deny)), yes));
    yes.focus();
  });
}
