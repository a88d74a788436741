/** Modals: the top view of the person's stack, in one dialog. */

import { Host } from "./acting.js";
import { act } from "./api.js";
import { patchBlocks } from "./blocks.js";
import { emit, on } from "./bus.js";
import { openDialog } from "./dialog.js";
import { announce, fill, h, icon, iconButton, keepingFocus, uniqueId } from "./dom.js";
import { whileBusy } from "./elements.js";
import { plain } from "./mrkdwn.js";
import { state } from "./store.js";
import { problems } from "./validation.js";

/** The dialog, while there is one, and its parts. */
let dialog = null;
let frame = null;
/** The view shown. */
let shown = null;
/** The typed values, by view: kept for views below the top one, too. */
const hosts = new Map();
/** The complaints of this page itself about the view shown, by block_id: each stays until the field is changed. */
let found = {};

on("loaded", show);
on("modals", show);

function show() {
  const stack = state.modals;
  for (const id of hosts.keys()) if (!stack.some((view) => view.id === id)) hosts.delete(id);
  const view = stack.at(-1);
  if (!view) {
    dialog?.close();
    dialog = null;
    shown = null;
    return;
  }
  if (!dialog?.element.isConnected) {
    dialog = openDialog({ name: "modal", onescape: closeTop });
    frame = null;
  }
  const isNew = shown?.id !== view.id || !frame;
  if (isNew || shown.hash !== view.hash) found = {};
  const fresh = shown;
  shown = view;
  if (isNew) {
    build(view);
    focusFirst();
  } else {
    keepingFocus(dialog.element, () => patch(view));
    const failed = JSON.stringify(fresh.errors ?? {}) !== JSON.stringify(view.errors ?? {}) && Object.keys(view.errors ?? {}).length > 0;
    if (failed) focusFirstError();
    else if (!dialog.element.contains(document.activeElement) || document.activeElement === dialog.element) focusFirst();
  }
  emit("modal-drawn");
}

function hostOf(view) {
  if (!hosts.has(view.id)) {
    hosts.set(view.id, new Host({ on: { view_id: view.id }, view, ontrouble: tell, onkeep: (block) => delete found[block.block_id] }));
  }
  const host = hosts.get(view.id);
  host.update(view);
  return host;
}

/** The dialog's frame for a view that was not on the screen before. */
function build(view) {
  const title = h("h2", { id: uniqueId("modal-title") });
  const lead = h("span", { class: "dialog-lead" });
  const banner = h("div", { class: "modal-banner", role: "alert" });
  const body = h("div", { class: "dialog-body" });
  const foot = h("footer", { class: "dialog-foot" });
  const form = h("form", {
    novalidate: true, class: "modal-form",
    onsubmit: (event) => {
      event.preventDefault();
      send();
    },
  }, h("header", { class: "dialog-head" }, lead, title, iconButton("close", "Close", closeAll)), banner, body, foot);
  frame = { title, lead, banner, body, foot, form };
  dialog.element.setAttribute("aria-labelledby", title.id);
  fill(dialog.element, form);
  patch(view);
}

function patch(view) {
  const { title, lead, body, foot } = frame;
  const stacked = state.modals.length > 1;
  dialog.element.classList.toggle("stacked", stacked);
  fill(title, ...plain(view.title?.text ?? ""));
  fill(lead, stacked && iconButton("back", "Back", closeTop));
  patchBlocks(body, view.blocks, hostOf(view), { ...view.errors, ...found });
  const look = JSON.stringify([view.submit, view.close, view.submit_disabled]);
  if (foot.dataset.look === look) return;
  foot.dataset.look = look;
  fill(foot, h("button", { type: "button", class: "button", dataset: { key: "cancel" }, onclick: closeTop }, ...plain(view.close?.text ?? (view.submit ? "Cancel" : "Close"))),
    view.submit && h("button", { type: "submit", class: "button primary", disabled: view.submit_disabled, dataset: { key: "submit" } }, ...plain(view.submit.text)));
}

async function send() {
  const { form, foot } = frame;
  const view = shown;
  if (form.getAttribute("aria-busy") === "true" || !view.submit) return;
  const host = hostOf(view);
  found = problems(view, host);
  if (Object.keys(found).length) {
    keepingFocus(dialog.element, () => patch(view));
    focusFirstError();
    return;
  }
  form.setAttribute("aria-busy", "true");
  tell("");
  const outcome = await whileBusy(foot.querySelector('[type="submit"]'), host.settled().then(() => act("submit", { view_id: view.id, values: host.values() })));
  form.removeAttribute("aria-busy");
  if (!outcome.ok) tell(outcome.error.words);
  else if (outcome.closed) announce("Sent.");
}

function tell(words) {
  if (frame) fill(frame.banner, words && [icon("warn"), h("span", {}, words)]);
}

function focusFirst() {
  const body = dialog.element.querySelector(".dialog-body");
  const wanted = body.querySelector("[autofocus]") ?? body.querySelector("input:not([type=file]),textarea,.button,select")
    ?? dialog.element.querySelector(".dialog-foot .button");
  wanted?.focus();
}

function focusFirstError() {
  const field = dialog.element.querySelector(".field.invalid");
  const target = field?.querySelector("input,textarea") ?? field?.querySelector("button");
  field?.scrollIntoView({ block: "nearest" });
  target?.focus({ preventScroll: true });
}

async function closeTop() {
  await close({});
}

async function closeAll() {
  await close({ all: true });
}

async function close(how) {
  const view = state.modals.at(-1);
  if (!view) return;
  const outcome = await act("close", { view_id: view.id, ...how });
  if (!outcome.ok) tell(outcome.error.words);
}
