/** Puts the page together. */

import { readPeople } from "./api.js";
import { emit, on } from "./bus.js";
import "./conversation.js";
import { fill, h, icon } from "./dom.js";
import { follow } from "./live.js";
import "./modal.js";
import { recall, remember } from "./remember.js";
import { go, session } from "./session.js";
import "./sidebar.js";
import { load } from "./store.js";
import { startTango } from "./tango.js";
import { loadTango } from "./tango_store.js";
import { startTour } from "./tour.js";

const banner = document.getElementById("connection");
const drawer = document.getElementById("sidebar");
const shade = document.getElementById("shade");
const PANES = ["sidebar", "main", "thread", "tango", "tour"];

/** Read everything as the acting person, and follow from there. */
async function enter() {
  const [slack, tango] = await Promise.all([load(), loadTango()]);
  if (slack === null || tango === null) {
    lost("The demo does not answer. Is it still running? Reload this page once it is.");
    return;
  }
  remember("as", session.as);
  follow({ slack, tango, bots: 0 }); // the bots' lamps are told from the first on: nothing else shows them
}

async function start() {
  const { ok, people } = await readPeople();
  if (!ok) {
    lost("The demo does not answer. Is it still running? Reload this page once it is.");
    return;
  }
  const able = people.filter((person) => person.can_act);
  const known = (id) => able.some((person) => person.id === id);
  const as = [session.as, recall("as", null)].find(known) ?? able[0].id;
  go({ as }, { replace: true });
  startTango();
  await enter();
  startTour();
}

function lost(words) {
  fill(banner, words && [icon("warn"), h("span", {}, words)]);
  banner.hidden = !words;
}

let wasConnected = null;
on("connection", ({ connected }) => {
  // After a break everything is read again: the demo may have been started again in between.
  if (connected && wasConnected === false) enter();
  wasConnected = connected;
  lost(connected ? "" : "The connection to the demo is lost. Trying again…");
});

on("slack:reset", enter);
on("tango:reset", enter);
on("act-as", (id) => {
  if (id === session.as) return;
  emit("drawer", false);
  go({ as: id, channel: session.channel, thread: null });
});
on("navigated", ({ before }) => {
  if (before.as && before.as !== session.as) enter();
});

on("drawer", (open) => {
  document.body.classList.toggle("drawer-open", open);
  shade.hidden = !open;
  if (open) drawer.querySelector("a,button")?.focus();
});
shade.addEventListener("click", () => emit("drawer", false));
drawer.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("drawer-open")) {
    emit("drawer", false);
    document.querySelector(".drawer-button")?.focus();
  }
});

/** F6 goes round the parts of the page, as in desktop programs. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "F6" || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  const open = PANES.map((id) => document.getElementById(id)).filter((pane) => pane?.checkVisibility({ visibilityProperty: true }));
  const at = open.findIndex((pane) => pane.contains(document.activeElement));
  const pane = open[(at + (event.shiftKey ? -1 : 1) + open.length) % open.length];
  (pane.querySelector("textarea,[aria-current],[role=tab][aria-selected=true]") ?? pane.querySelector("button,a"))?.focus();
});

start();
