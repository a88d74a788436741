/** The guided tour: a card beside the control to use next, which goes on when that was really done. */

import { emit, on } from "./bus.js";
import { composer } from "./conversation.js";
import { topDialog } from "./dialog.js";
import { announce, fill, h, iconButton } from "./dom.js";
import { recall, remember, watch } from "./remember.js";
import { session } from "./session.js";
import { state } from "./store.js";
import { tango } from "./tango_store.js";
import { beginning, ending, noteAct, noteBots, noteFaults, personCalled, steps } from "./tour_steps.js";

const GAP = 14;
const EDGE = 12;

/** A pixel of the control counts as many of what is around it: the control is small. */
const CONTROL = 1000;

/** `{step, …}` while it runs; `{ended: true}` after it; null before the first visit. */
let progress = null;
let card = null;
let target = null;
let timer = null;
let queued = false;
let said = "";

/** Offer the tour at the first visit; go on with one that was begun. */
export function startTour() {
  progress = recall("tour", null);
  on("tour-restart", begin);
  on("acted", (act) => running() && note(() => noteAct(progress, act)));
  on("mail-opened", () => running() && note(() => {
    progress.opened = true;
  }));
  for (const topic of ["tango", "modals", "modal-drawn", "dialogs", "navigated", "loaded", "channels", "tango-opened", "tango-tab", "drawer", "bots"]) on(topic, soon);
  on("event", soon);
  addEventListener("resize", soon);
  addEventListener("scroll", soon, true);
  addEventListener("transitionend", (event) => event.target.id === "sidebar" && soon());
  watch("tour", (other) => {
    progress = other;
    soon();
  });
  if (!progress && hasCommands()) begin();
  else soon();
}

/** A workspace whose app knows the tour's commands. */
function hasCommands() {
  const known = new Set(state.commands.map((one) => one.command));
  return ["/kudos", "/orders", "/resend"].every((command) => known.has(command));
}

function begin() {
  progress = { step: 0 };
  soon();
}

function running() {
  return progress && !progress.ended;
}

function note(change) {
  change();
  keep();
  soon();
}

function keep() {
  remember("tour", progress);
}

function end() {
  progress = { ended: true };
  keep();
  soon();
}

/** Look again once what happens now has been drawn. */
function soon() {
  if (queued) return;
  queued = true;
  requestAnimationFrame(() => {
    queued = false;
    look();
  });
}

function look() {
  clearTimeout(timer);
  if (!progress || progress.ended || !tango.ready || !state.me) {
    remove();
    return;
  }
  if (progress.orders === undefined) {
    Object.assign(progress, beginning());
    keep();
  }
  const before = JSON.stringify(progress);
  noteFaults(progress);
  noteBots(progress);
  while (progress.step < steps().length && steps()[progress.step].done(progress)) progress.step += 1;
  if (JSON.stringify(progress) !== before) keep();
  draw();
}

function remove() {
  point(null);
  card?.remove();
  card = null;
}

function draw() {
  const step = steps()[progress.step];
  if (!step) {
    const { words, beside } = ending(progress);
    show({ title: "That’s all", body: [...words.map((text) => h("p", {}, text)),
      h("p", {}, "Now try what you like: freeze the account, act as a guest, cut the bot’s connection, or ask for $300, which needs two approvers.")], buttons: [button("Done", end)] });
    point(null);
    place(beside);
    return;
  }
  const now = step.now(progress);
  const wanted = now.as && personCalled(now.as);
  const other = wanted && wanted.id !== session.as;
  if (now.once) emit("fault-times", "1");
  const words = other ? [`First act as ${wanted.real_name}. Choose them here, or open a window of their own.`] : now.words;
  const buttons = [];
  if (other) buttons.push(button(`Act as ${wanted.display_name}`, () => emit("act-as", wanted.id)));
  else if (now.fill && composer() && !state.modals.length) buttons.push(button("Type it for me", () => composer().write(now.fill)));
  else if (now.pane && document.getElementById("tango").hidden) buttons.push(button("Show Tango", () => emit("tango-show", now.pane)));
  if (now.press) buttons.push(button(now.press.words, now.press.act));
  const left = now.countdown ? Math.ceil((now.countdown() - Date.now()) / 1000) : 0;
  const wait = left > 0 && !other ? h("p", { class: "tour-done" }, `${left} seconds to go`) : null;
  if (left > 0) timer = setTimeout(look, 1000);
  show({ title: step.title, body: [...words.map((text) => h("p", {}, text)), now.fill && !other && h("p", {}, h("code", {}, now.fill)), wait], buttons });
  const found = reachable(other ? document.getElementById("acting-as") : now.target());
  point(found);
  place(found, other ? null : now.beside?.());
}

/** The control, or the button that brings the drawer in which it is. */
function reachable(found) {
  const away = found?.closest(".sidebar") && !found.checkVisibility({ visibilityProperty: true });
  return away ? document.querySelector(".drawer-button") : found;
}

function button(words, onclick) {
  return h("button", { type: "button", class: "button", onclick }, words);
}

function show({ title, body, buttons }) {
  const host = topDialog() ?? document.body;
  if (!card) {
    card = h("section", { class: "tour", id: "tour", popover: "manual", "aria-label": "Guided tour" });
  }
  const done = progress.step;
  const look = JSON.stringify([title, body.filter(Boolean).map((node) => node.textContent), buttons.map((node) => node.textContent)]);
  if (card.dataset.look !== look) {
    card.dataset.look = look;
    const hadFocus = card.contains(document.activeElement);
    fill(card,
      h("p", { class: "tour-count" }, done < steps().length ? `Step ${done + 1} of ${steps().length}` : "The tour is over"),
      h("h2", {}, title), iconButton("close", "End the tour", end, { class: "tour-close" }), ...body,
      h("div", { class: "tour-foot" }, h("div", { class: "tour-dots", "aria-hidden": "true" }, ...steps().map((_, at) => h("span", { class: at < done ? "tour-dot done" : "tour-dot" }))), ...buttons));
    if (hadFocus) card.querySelector(".tour-foot .button")?.focus();
    if (said !== title) announce(`Guided tour: ${title}. ${body[0].textContent}`);
    said = title;
  }
  if (card.parentNode !== host) {
    host.append(card);
    card.showPopover();
  }
}

function point(found) {
  if (target === found) return;
  target?.classList.remove("tour-target");
  target = found;
  target?.classList.add("tour-target");
}

/** Beside the control where there is room, and in no case over it; over what it belongs to only where nothing else is left. */
function place(found, around) {
  const { offsetWidth: wide, offsetHeight: high } = card;
  const boxes = [found, around].filter((node) => node?.isConnected).map((node) => node.getBoundingClientRect()).filter((box) => box.width);
  const right = innerWidth - wide - EDGE;
  const low = innerHeight - high - EDGE;
  const spots = [...boxes].reverse().flatMap((box) => [
    { left: box.right + GAP, top: box.top - 8 },
    { left: box.left - wide - GAP, top: box.top - 8 },
    { left: box.right - wide, top: box.top - high - GAP },
    { left: box.left, top: box.bottom + GAP },
  ]);
  const corners = [{ left: right, top: low }, { left: EDGE, top: low }, { left: right, top: EDGE }, { left: EDGE, top: EDGE }];
  const within = ({ left, top }) => ({ left: Math.max(EDGE, Math.min(left, right)), top: Math.max(EDGE, Math.min(top, low)) });
  const cost = (spot) => boxes.reduce((sum, box, at) => sum + covered(spot, wide, high, box) * (at ? 1 : CONTROL), 0);
  const best = [...spots.map(within), ...corners].map((spot) => ({ spot, cost: cost(spot) })).reduce((one, other) => (other.cost < one.cost ? other : one));
  card.style.setProperty("left", `${best.spot.left}px`);
  card.style.setProperty("top", `${best.spot.top}px`);
}

/** Pixels of a box that the card would cover. */
function covered({ left, top }, wide, high, box) {
  const across = Math.min(left + wide, box.right) - Math.max(left, box.left);
  const down = Math.min(top + high, box.bottom) - Math.max(top, box.top);
  return Math.max(across, 0) * Math.max(down, 0);
}
