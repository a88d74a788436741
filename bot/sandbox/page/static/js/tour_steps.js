/**
 * The steps of the guided tour: what to do, where to point, and how it is noticed that it was done.
 *
 * A step's `now()` answers what is to be done at this moment: `as` is the handle of the person to act as, `words` says
 * it, `target` finds the control to point at, `beside` what the card stands next to (else the target), `fill` is what
 * "Type it for me" writes, `press` a button of the card, `pane` the tab of the Tango pane that is meant. Its `done()`
 * looks at the state; what only an act tells is noted in `progress`.
 */

import { postTango } from "./api.js";
import { botOnDuty, bots } from "./bots.js";
import { session } from "./session.js";
import { nameOf, state } from "./store.js";
import { placements, tango } from "./tango_store.js";

/** The person of a handle. */
export function personCalled(handle) {
  return [...state.people.values()].find((person) => person.name === handle) ?? null;
}

const one = (selector) => document.querySelector(selector);
const visible = (selector) => [...document.querySelectorAll(selector)].find((node) => node.checkVisibility()) ?? null;
const composer = () => one('[data-composer="channel"] .composer-frame') ?? one(".sidebar-section .channel");
const submitButton = () => one('dialog.modal [type="submit"]');
const form = () => one("dialog.modal");
const tangoPane = () => one("#tango");
const lastMessage = () => [...document.querySelectorAll("#main article .message-body")].at(-1) ?? null;
const formIsOpen = () => state.modals.length > 0;

function approvals() {
  return [...state.channels.values()].find((channel) => channel.name.includes("approvals")) ?? null;
}

function approveButton() {
  const buttons = document.querySelectorAll("#main .block-actions .button.primary");
  return one("dialog.confirm .primary") ?? buttons[buttons.length - 1] ?? null;
}

/** To the card: by way of the approvals channel. */
function approving() {
  const channel = approvals();
  if (channel && session.channel !== channel.id) {
    return { as: "alex", words: [`The request is waiting in #${channel.name}. Open it.`], target: () => one(`.channel[data-channel="${channel.id}"]`) };
  }
  return {
    as: "alex", words: ["The card shows Maya’s budget before and after. Press Approve, and confirm. Nobody can approve their own request or reward: Kudos checks that at the click."], target: approveButton,
    beside: () => approveButton()?.closest(".message-body, dialog"),
  };
}

const newestOrder = () => [...tango.orders.values()].at(-1) ?? null;

/** When the newest order's email may be sent again. */
function resendAt() {
  const order = newestOrder();
  const last = tango.emails.filter((mail) => mail.order === order?.reference_order_id).at(-1);
  return last ? Date.parse(last.sent_at) + tango.resendCooldown * 1000 : 0;
}

function resending(words) {
  return { as: "maya", words, target: composer, beside: lastMessage, fill: `/resend ${newestOrder()?.reference_order_id ?? "1"}` };
}

const STEPS = [
  {
    title: "Ask for a reward",
    now: () => ({
      as: "maya", words: [`You’re ${nameOf(state.me.id)}, a manager. Thank Rob with $25: type the command and press Enter.`], target: composer, beside: lastMessage, fill: "/kudos @rob 25 Great launch, thank you!",
    }),
    done: (progress) => formIsOpen() || progress.filed,
  },
  {
    title: "Fill in the form",
    now: () => (formIsOpen() ? { as: "maya", words: ["What you typed is already filled in, and the form says what’s left in your budget. Choose a reward, then ask for approval."], target: submitButton, beside: form }
      : { as: "maya", words: ["The form is closed. Type the command again to open it."], target: composer, beside: lastMessage, fill: "/kudos @rob 25 Great launch, thank you!" }),
    done: (progress) => progress.filed,
  },
  {
    title: "Approve it as someone else",
    now: approving,
    done: (progress) => tango.orders.size > progress.orders,
  },
  {
    title: "What Tango received",
    now: () => (one(".mail-dialog") ? { words: ["This is what Rob gets. The link opens his reward. Close the email to go on."], target: () => one(".mail-dialog .letter a"), beside: () => one(".mail-dialog") } : {
      words: ["The order went out right away, under a reference that Kudos stored first. Tango sent Rob an email: open it."],
      target: () => visible("#tango .mail") ?? one('#tango [data-tab="mails"]'), beside: tangoPane, pane: "mails",
    }),
    done: (progress) => progress.opened && !one(".mail-dialog"),
  },
  {
    title: "Where is it?",
    now: () => ({ as: "maya", words: ["Ask Kudos, in any channel. Only you can see the answer. The app’s Home says it too, with what’s left in your budget."], target: composer, beside: lastMessage, fill: "/orders" }),
    done: (progress) => progress.listed,
  },
  {
    title: "Send the email again",
    now: () => resending(["Rob can’t find it. Send it again, with the command or from the order’s details."]),
    done: (progress) => progress.resent || tango.resends > progress.resends,
  },
  {
    title: "Thirty seconds between two",
    now: () => ({ ...resending(["Tango sends an email at most once in 30 seconds. Kudos said when you can send it again: do it then."]), countdown: resendAt }),
    done: (progress) => tango.resends > progress.resends,
  },
  {
    title: "Break Tango",
    now: () => ({
      words: ["Switch on “Unavailable after”, once. Tango will place an order and then answer that it failed."], pane: "faults", once: true,
      target: () => visible('[data-key="switch-tango-unavailable_after"]')?.closest(".toggle") ?? one('#tango [data-tab="faults"]'), beside: tangoPane,
    }),
    done: (progress) => progress.broken,
  },
  {
    title: "Watch Kudos cope with that",
    now: (progress) => {
      if (formIsOpen()) return { as: "maya", words: ["Choose a reward, then ask for approval."], target: submitButton, beside: form };
      if (progress.filedAgain) return approving();
      return { as: "maya", words: ["Now thank Kim."], target: composer, beside: lastMessage, fill: "/kudos @kim 10 Lovely drawings!" };
    },
    done: (progress) => placements().some(({ order, arrivals }) => order && arrivals.length > 1 && arrivals.some(({ status, number }) => status === 503 && number > progress.arrivals)),
  },
];

/** Seconds that Tango takes over the order in the last step: time enough to find the button. */
const SLOW_SECONDS = 15;

/** With several bots the tour goes on: the one on duty is killed in mid-order. */
const SEVERAL = [
  {
    title: "Slow Tango down",
    now: () => ({
      words: [`These ${bots.size} bots run as one. Each serves Slack, and the one on duty sends the orders. Let Tango take ${SLOW_SECONDS} seconds over its next answer: then you can kill that bot in mid-order.`],
      target: () => botRow(botOnDuty()), press: { words: "Slow Tango down", act: () => postTango("faults", { name: "slow", seconds: SLOW_SECONDS, times: 1 }) },
    }),
    done: (progress) => progress.slowed,
  },
  {
    title: "Kill the bot on duty",
    now: (progress) => {
      if (progress.killed) return { words: [`Bot ${progress.sender} is dead, so nobody hears Tango’s answer. Another bot goes on duty and asks again under the same reference. Tango answers 409 while it is busy with the first request.`], target: () => botRow(botOnDuty()) };
      if (progress.reference) return { words: [`Tango has the order and hasn’t answered. Kill bot ${progress.sender}, which sent it.`], target: () => botRow(progress.sender)?.querySelector("button") };
      if (formIsOpen()) return { as: "maya", words: ["Choose a reward, then ask for approval."], target: submitButton, beside: form };
      if (progress.filedLast) return approving();
      return { as: "maya", words: ["Now thank Li."], target: composer, beside: lastMessage, fill: "/kudos @li 15 Great support!" };
    },
    done: (progress) => progress.killed && isPaid(placements().find(({ key }) => key === progress.reference)),
  },
];

/** The steps of this demo. */
export function steps() {
  return bots.size ? [...STEPS, ...SEVERAL] : STEPS;
}

const botRow = (number) => one(`.bot[data-bot="${number}"]`);
const isPaid = (found) => found?.order && found.arrivals.length > 1 && [200, 201].includes(found.arrivals.at(-1).status);

/** What the whole of it was: `words`, and `beside`: where to see it, or null. */
export function ending({ reference, sender }) {
  if (!reference) return { words: ["Tango placed one order, though its first answer was an error: Kudos asked again under the same reference. Look at the order’s two attempts."], beside: null };
  const asked = placements().find(({ key }) => key === reference)?.arrivals.length;
  const words = [`Tango was asked ${asked} times under one reference, ${reference.slice(0, 8)}…, and Li was paid once. Bot ${sender} sent the order and was killed, and the next bot on duty asked again.`,
    `Start bot ${sender}: it stands by, and serves Slack with the others.`];
  return { words, beside: one(`.order[data-reference="${CSS.escape(reference)}"]`) };
}

/** Note in the progress who sent the order of the last step, and that it was killed before Tango answered. */
export function noteBots(progress) {
  if (progress.step === STEPS.length && tango.faults.some((fault) => fault.name === "slow")) {
    Object.assign(progress, { slowed: true, arrivals: Math.max(0, ...tango.arrivals.keys()) });
  }
  if (progress.step !== STEPS.length + 1 || progress.killed) return;
  const open = [...tango.arrivals.values()].find(({ number, status }) => number > progress.arrivals && status === null);
  if (!progress.reference && open && botOnDuty() !== null) Object.assign(progress, { reference: open.external_ref_id, sender: botOnDuty() });
  if (!progress.reference) return;
  if (bots.get(progress.sender) === "dead") progress.killed = true;
  // The answer was quicker than the kill: once more.
  else if (!open) Object.assign(progress, { step: STEPS.length, slowed: false, reference: null, filedLast: false });
}

/** Return the counts from which the tour counts. */
export function beginning() {
  return { orders: tango.orders.size, resends: tango.resends, arrivals: Math.max(0, ...tango.arrivals.keys()) };
}

/** Note in the progress what somebody has just done. */
export function noteAct(progress, { path, body, outcome }) {
  if (!outcome.ok) return;
  if (path === "submit" && outcome.closed && !outcome.errors) {
    if (progress.step >= STEPS.length) progress.filedLast = true;
    else if (progress.step >= 8) progress.filedAgain = true;
    else progress.filed = true;
  }
  if (path === "command" && body.command === "/orders") progress.listed = true;
  const resent = (path === "command" && body.command === "/resend") || (path === "click" && /resend/.test(body.action_id));
  if (resent && progress.step >= 5) progress.resent = true;
}

/** Note in the progress which of Tango's faults are on. */
export function noteFaults(progress) {
  if (progress.step === 7 && tango.faults.some((fault) => fault.name === "unavailable_after")) progress.broken = true;
}
