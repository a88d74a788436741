/** Several bots that run as one: a lamp for each, and the switch that kills or starts it. */

import { switchBot } from "./api.js";
import { emit, on } from "./bus.js";
import { announce, h } from "./dom.js";

/** What each bot's lamp shows, by the bot's number; empty where one bot runs alone. */
export const bots = new Map();

/** The number of the bot on duty, or null. */
export function botOnDuty() {
  return [...bots].find(([, lamp]) => lamp === "on duty")?.[0] ?? null;
}

/** A row for each bot, for the sidebar. */
export function botRows() {
  return [...bots].sort(([a], [b]) => a - b).map(([number, lamp]) => h("div", { class: "bot", dataset: { bot: number } },
    h("span", { class: `lamp ${lamp.replace(" ", "-")}`, "aria-hidden": "true" }),
    h("span", { class: "bot-words" }, h("span", { class: "bot-name" }, `Bot ${number}`), h("span", { class: "bot-lamp" }, lamp)),
    lamp === "dead" ? button("Start", number, "start") : button("Kill", number, "kill")));
}

function button(words, number, act) {
  const made = h("button", {
    type: "button", class: act === "kill" ? "button small danger" : "button small", "aria-label": `${words} bot ${number}`,
    title: act === "kill" ? "kill -9, wherever it is" : null, dataset: { key: `bot-${number}` },
    onclick: async () => {
      made.setAttribute("aria-busy", "true");
      await switchBot(number, act);
      made.removeAttribute("aria-busy");
    },
  }, words);
  return made;
}

/** Without a connection nobody knows; once there is one, all is told from the first on. */
on("connection", ({ connected }) => {
  if (connected || !bots.size) return;
  bots.clear();
  emit("bots");
});

on("bots:lamp", ({ number, lamp }) => {
  if (bots.get(number) === lamp) return;
  if (bots.has(number)) announce(`Bot ${number}: ${lamp}`);
  bots.set(number, lamp);
  emit("bots");
});
