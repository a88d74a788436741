/** The Tango pane: what Tango received, what it sent, and how it misbehaves. */

import { postTango } from "./api.js";
import { emit, on } from "./bus.js";
import { fill, h, iconButton, keepingFocus, uniqueId } from "./dom.js";
import { drawFaults, faultCount } from "./faults.js";
import { recall, remember } from "./remember.js";
import { chart } from "./tango_chart.js";
import { drawMails } from "./tango_mail.js";
import { drawOrders } from "./tango_orders.js";
import { account, isFrozen, money, tango } from "./tango_store.js";

const pane = document.getElementById("tango");
const narrow = matchMedia("(max-width: 1100px)");
const TABS = { orders: { words: "Orders", draw: drawOrders }, mails: { words: "Emails", draw: drawMails }, faults: { words: "Faults", draw: drawFaults } };

let tab = recall("tango-tab", "orders");
let parts = null;
let pending = false;

/** Begin to show the pane. */
export function startTango() {
  build();
  setOpen(recall("tango-open", !narrow.matches) && !narrow.matches);
  on("tango", soon);
  on("loaded", soon);
  on("slack-faults", soon);
  on("tango-toggle", () => setOpen(pane.hidden, { keep: true, focus: true }));
  on("tango-show", (name) => {
    setOpen(true);
    choose(name);
  });
  narrow.addEventListener("change", () => narrow.matches && setOpen(false));
}

function setOpen(open, { keep = false, focus = false } = {}) {
  pane.hidden = !open;
  document.body.classList.toggle("with-tango", open);
  if (keep) remember("tango-open", open);
  document.getElementById("tango-toggle")?.setAttribute("aria-expanded", String(open));
  if (focus && open) pane.querySelector('[role="tab"][aria-selected="true"]')?.focus();
  if (focus && !open) document.getElementById("tango-toggle")?.focus();
  if (open) soon();
  emit("tango-opened", open);
}

/** Many events may come at once: draw once for them all. */
function soon() {
  if (pending || pane.hidden) return;
  pending = true;
  requestAnimationFrame(() => {
    pending = false;
    draw();
  });
}

function build() {
  const ids = Object.fromEntries(Object.keys(TABS).map((name) => [name, { tab: uniqueId("tab"), panel: uniqueId("panel") }]));
  const tabs = Object.fromEntries(Object.entries(TABS).map(([name]) => [name, h("button", {
    type: "button", role: "tab", class: "pane-tab", id: ids[name].tab, "aria-controls": ids[name].panel, dataset: { tab: name }, onclick: () => choose(name),
  })]));
  const panels = Object.fromEntries(Object.keys(TABS).map((name) => [name, h("div", {
    role: "tabpanel", class: "pane-panel", id: ids[name].panel, "aria-labelledby": ids[name].tab, tabindex: "0", dataset: { panel: name },
  })]));
  const stats = h("div", { class: "stats" });
  const note = h("p", { class: "stats-note" });
  const plot = h("div", { class: "plot" });
  fill(pane,
    h("header", { class: "pane-head" }, h("h2", {}, "Tango"), h("span", { class: "head-note" }, "stand-in"), h("span", { class: "spacer" }),
      iconButton("close", "Hide Tango", () => setOpen(false, { keep: true, focus: true }))),
    stats, note, plot,
    h("div", { class: "pane-tabs", role: "tablist", "aria-label": "Tango", onkeydown: steer }, ...Object.values(tabs)),
    ...Object.values(panels));
  parts = { stats, note, plot, tabs, panels };
  choose(tab, { quietly: true });
}

function steer(event) {
  const names = Object.keys(TABS);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  choose(names[(names.indexOf(tab) + step + names.length) % names.length]);
  parts.tabs[tab].focus();
}

function choose(name, { quietly = false } = {}) {
  tab = Object.hasOwn(TABS, name) ? name : "orders";
  for (const [key, button] of Object.entries(parts.tabs)) {
    button.setAttribute("aria-selected", String(key === tab));
    button.tabIndex = key === tab ? 0 : -1;
    parts.panels[key].hidden = key !== tab;
  }
  if (quietly) return;
  remember("tango-tab", tab);
  draw();
  emit("tango-tab", tab);
}

function draw() {
  const faults = faultCount();
  const counts = { orders: tango.orders.size, mails: tango.emails.length, faults };
  for (const [name, button] of Object.entries(parts.tabs)) {
    fill(button, TABS[name].words, counts[name] > 0 && h("span", { class: name === "faults" ? "count alarm" : "tab-count" }, counts[name]));
  }
  if (!tango.ready) {
    fill(parts.panels[tab], h("p", { class: "nothing" }, "Loading…"));
    return;
  }
  keepingFocus(pane, () => {
    if (!parts.stats.contains(document.activeElement) || !parts.editing) fill(parts.stats, ...stats());
    fill(parts.note, `Early: orders that came less than ${seconds(tango.minInterval || 1)} after the one before. Tango refuses them.`);
    fill(parts.plot, chart());
    TABS[tab].draw(parts.panels[tab]);
  });
}

function seconds(count) {
  return `${Number(count.toFixed(2))} ${count === 1 ? "second" : "seconds"}`;
}

function stats() {
  const paying = account();
  return [
    h("div", { class: "stat" }, h("span", { class: "stat-name" }, "Balance"), h("button", {
      type: "button", class: "stat-value stat-button", title: "Set the balance", dataset: { key: "balance" }, onclick: editBalance,
    }, money(paying.balance, paying.currency))),
    h("div", { class: "stat" }, h("span", { class: "stat-name" }, "Orders"), h("span", { class: "stat-value" }, tango.orders.size)),
    h("div", { class: "stat" }, h("span", { class: "stat-name" }, "Early"), h("span", { class: tango.early ? "stat-value alarming" : "stat-value" }, tango.early)),
    h("div", { class: "stat" }, h("span", { class: "stat-name" }, "Account"), h("span", { class: isFrozen() ? "stat-value alarming" : "stat-value" }, isFrozen() ? "Frozen" : "Active")),
  ];
}

function editBalance() {
  const paying = account();
  parts.editing = true;
  const done = () => {
    parts.editing = false;
    draw();
    parts.stats.querySelector(".stat-button")?.focus();
  };
  const field = h("input", { class: "text-field", inputmode: "decimal", "aria-label": `Balance in ${paying.currency}`, value: paying.balance, autocomplete: "off" });
  const form = h("form", {
    class: "balance-form",
    onsubmit: async (event) => {
      event.preventDefault();
      const answer = await postTango("balance", { balance: field.value.replace(/[$,\s]/g, "") });
      if (answer.error) {
        field.setAttribute("aria-invalid", "true");
        field.focus();
      } else {
        done();
      }
    },
    onkeydown: (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      done();
    },
  }, field, h("button", { class: "button primary", type: "submit" }, "Set"), h("button", { class: "button", type: "button", onclick: done }, "Cancel"));
  fill(parts.stats, form);
  field.select();
}
