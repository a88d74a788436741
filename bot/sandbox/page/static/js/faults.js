/** Switches for everything that can go wrong, at Tango and at Slack. */

import { deleteTango, freeze, postTango, slackFault } from "./api.js";
import { on } from "./bus.js";
import { fill, h, uniqueId } from "./dom.js";
import { recall, remember } from "./remember.js";
import { state } from "./store.js";
import { isFrozen, tango } from "./tango_store.js";

/** The details that a fault needs beside its name. */
const TANGO_DETAILS = { slow: { seconds: 5 }, pending_then_complete: { seconds: 15 }, pending_then_failed: { seconds: 15 } };
const TANGO_NOTES = { slow: "each answer takes 5 seconds", pending_then_complete: "PENDING, and COMPLETE after 15 seconds", pending_then_failed: "PENDING, and FAILED after 15 seconds", bounced: "the email comes back; the bot asks for that every ten minutes" };

const SLACK_FAULTS = {
  rate_limited: { words: "429 to every call, with Retry-After: 5", body: { retry_after: 5 } },
  outage: { words: "the Web API answers 503" },
  slow: { words: "each answer of the Web API takes 2 seconds", body: { seconds: 2 } },
  drop_acks: { words: "the bot's answers never reach the person" },
  too_many_websockets: { words: "no new socket is given to the bot" },
  refused: { words: "messages with pictures are refused", body: { block: "image" } },
};

const TIMES = [["", "until switched off"], ["1", "once"], ["3", "three times"]];

let times = recall("fault-times", "");
let refusal = "";

on("fault-times", (wanted) => {
  times = wanted;
});

/** Count the faults that are on. */
export function faultCount() {
  return tango.faults.length + (isFrozen() ? 1 : 0) + Object.keys(state.faults).length;
}

/** Draw the switches. */
export function drawFaults(panel) {
  const chosen = h("select", {
    class: "text-field", id: "fault-times", dataset: { key: "fault-times" },
    onchange: () => {
      times = chosen.value;
      remember("fault-times", times);
    },
  }, ...TIMES.map(([value, words]) => h("option", { value }, words)));
  chosen.value = times;
  fill(panel,
    h("p", { class: "panel-intro" }, "Break something, and see what the bot makes of it."),
    refusal && h("p", { class: "field-error", role: "alert" }, refusal),
    h("fieldset", { class: "switches" }, h("legend", {}, "Tango’s account"),
      toggle("frozen-account", "Freeze the account", "every order is refused with 422", isFrozen(), (on) => freeze(on))),
    h("fieldset", { class: "switches" }, h("legend", {}, "Tango’s answers to an order"),
      h("div", { class: "times" }, h("label", { for: "fault-times" }, "Each acts"), chosen),
      ...Object.entries(tango.faultNames).map(([name, words]) => toggle(`tango-${name}`, title(name), leftOf(name) ?? TANGO_NOTES[name] ?? words,
        tango.faults.some((fault) => fault.name === name), (on) => switchTango(name, on)))),
    h("fieldset", { class: "switches" }, h("legend", {}, "Slack"),
      ...Object.entries(SLACK_FAULTS).map(([name, { words, body }]) => toggle(`slack-${name}`, title(name), words, Object.hasOwn(state.faults, name),
        (on) => slackFault({ name, on, ...(on && body) }))),
      h("button", { type: "button", class: "button", dataset: { key: "slack-disconnect" }, onclick: () => slackFault({ name: "socket_disconnect", on: true }) },
        "Cut the bot’s connection once"),
      h("button", { type: "button", class: "button", dataset: { key: "slack-drop" }, onclick: () => slackFault({ name: "socket_drop", on: true }) },
        "Let it die without a word")));
}

function leftOf(name) {
  const left = tango.faults.find((fault) => fault.name === name)?.times;
  return left ? `${left} more ${left === 1 ? "time" : "times"}` : null;
}

async function switchTango(name, on) {
  refusal = "";
  if (!on) return deleteTango(`faults/${name}`);
  const answer = await postTango("faults", { name, ...TANGO_DETAILS[name], ...(times && { times: Number(times) }) });
  if (typeof answer.error === "string") refusal = answer.error;
  return answer;
}

const TITLES = { too_many: "Too many (429)", unauthorized: "Unauthorized (401)", bad_gateway: "Bad gateway (502)", in_flight: "In flight (409)", item_out: "Item out of stock", refused: "Pictures refused", bounced: "Email bounces" };

function title(name) {
  return TITLES[name] ?? name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");
}

function toggle(key, words, note, on, act) {
  const id = uniqueId("switch");
  const box = h("input", {
    type: "checkbox", role: "switch", class: "switch", checked: on, "aria-describedby": id, dataset: { key: `switch-${key}` },
    onchange: async () => {
      box.setAttribute("aria-busy", "true");
      await act(box.checked);
      box.removeAttribute("aria-busy");
    },
  });
  return h("label", { class: "toggle" }, h("span", { class: "toggle-words" }, h("span", {}, words), h("span", { class: "toggle-note", id }, note)), box);
}
