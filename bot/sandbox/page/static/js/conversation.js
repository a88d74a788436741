/** The middle of the page: a conversation with its composer, or the app's Home tab; and the thread beside it. */

import { Host } from "./acting.js";
import { act } from "./api.js";
import { patchBlocks } from "./blocks.js";
import { emit, on } from "./bus.js";
import { Composer } from "./composer.js";
import { fill, h, icon, iconButton, keepingFocus } from "./dom.js";
import { MessageList, beginning } from "./messages.js";
import { mrkdwn } from "./mrkdwn.js";
import { go, session } from "./session.js";
import { channels, isApp, state } from "./store.js";

const main = document.getElementById("main");
const aside = document.getElementById("thread");

/** The view that is shown now: `{channel, list, composer}` or `{home}`; and the thread. */
let shown = null;
let thread = null;

on("loaded", () => {
  const known = state.channels.get(session.channel);
  if (!known) go({ channel: (channels()[0] ?? [...state.channels.values()][0])?.id ?? null, thread: null }, { replace: true });
  leaveAll();
  draw();
});
on("navigated", () => state.me && draw());
on("channel-gone", () => go({ channel: channels()[0]?.id ?? null }, { replace: true }));
on("home", () => shown?.home && drawHome());
on("channels", ({ channel }) => {
  if (channel.id !== session.channel) return;
  drawHead();
  markRead();
});
on("open-thread", (message) => go({ thread: message.thread_ts ?? message.ts }));
on("at-end", (list) => {
  list.scroller.parentElement.querySelector(".jump")?.remove();
  if (list === shown?.list) markRead();
});
on("news-below", jumpButton);
on("focus-messages", (threadTs) => (threadTs ? thread : shown)?.list?.focus());
on("slack:message", ({ channel }) => channel === session.channel && markRead());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && markRead());
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-channel].mention");
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  go({ channel: link.dataset.channel });
});

function leaveAll() {
  shown?.list?.end();
  thread?.list.end();
  shown = null;
  thread = null;
}

function draw() {
  const channel = state.channels.get(session.channel);
  if (!channel) {
    fill(main, h("p", { class: "nothing" }, "There is no conversation here."));
    return;
  }
  const home = isApp(channel) && session.tab === "home";
  if (shown?.channel.id !== channel.id || Boolean(shown.home) !== home) open(channel, home);
  drawHead();
  drawThread();
}

function open(channel, home) {
  shown?.list?.end();
  const head = h("header", { class: "main-head" });
  if (home) {
    const body = h("div", { class: "home-scroll", tabindex: "0", role: "region", "aria-label": `${channel.name}: Home` });
    shown = { channel, head, home: body };
    fill(main, head, body);
    drawHome();
    act("home", { tab: "home" });
  } else {
    const scroller = h("div", { class: "scroller", tabindex: "-1" });
    const label = isApp(channel) ? `Messages with ${channel.name}` : `Messages in ${channel.name}`;
    const beginningOf = start(channel);
    const list = new MessageList(scroller, { channel: channel.id, label, empty: () => beginningOf, readUpTo: channel.unread > 0 ? channel.last_read : null });
    const composer = new Composer({ channel, label: isApp(channel) ? `Message ${channel.name}` : `Message #${channel.name}` });
    shown = { channel, head, list, composer };
    fill(main, head, h("div", { class: "scroll-frame" }, scroller), composer.element);
    list.load().then(markRead);
    if (isApp(channel)) act("home", { tab: "messages" });
    if (matchMedia("(min-width: 761px)").matches) composer.focus();
  }
  document.title = `${isApp(channel) ? channel.name : `#${channel.name}`} · ${state.me.display_name || state.me.real_name} · ${state.team?.name ?? ""}`;
}

function start(channel) {
  if (isApp(channel)) return beginning(channel.name, "Kudos writes to you here, and only you can read it.");
  return beginning(`#${channel.name}`, channel.topic || "This is the beginning of the channel.");
}

function drawHead() {
  const channel = state.channels.get(session.channel);
  if (!shown || !channel) return;
  const app = isApp(channel);
  const title = h("h1", { id: "conversation-title" }, icon(app ? "gift" : channel.is_private ? "lock" : "hash"), h("span", {}, channel.name));
  const note = app ? null : h("p", { class: "head-note" }, ...mrkdwn(channel.topic || ""));
  const members = !app && h("span", { class: "members", title: `${channel.members.length} members` }, icon("people"), h("span", {}, channel.members.length), h("span", { class: "visually-hidden" }, "members"));
  keepingFocus(shown.head, () => fill(shown.head,
    iconButton("menu", "Channels", () => emit("drawer", true), { class: "drawer-button", dataset: { key: "drawer" } }), title, note, app && tabs(),
    h("span", { class: "spacer" }), members, iconButton("panel", "Tango", () => emit("tango-toggle"), { class: "tango-button", id: "tango-toggle", dataset: { key: "tango" } })));
}

function tabs() {
  return h("div", { class: "tabs", role: "group", "aria-label": "Views" }, ...[["home", "Home"], ["messages", "Messages"]].map(([tab, words]) => h("button", {
    type: "button", class: "tab", "aria-pressed": String(session.tab === tab), dataset: { key: `tab-${tab}` }, onclick: () => go({ tab }),
  }, words)));
}

function drawHome() {
  const view = state.home;
  const trouble = h("p", { class: "message-trouble", role: "alert" });
  if (!view?.blocks?.length) {
    fill(shown.home, h("div", { class: "home" }, h("p", { class: "nothing" }, "Home is empty so far.")));
    return;
  }
  if (shown.host?.view.id === view.id) shown.host.update(view);
  else shown.host = new Host({ on: { view_id: view.id, hash: view.hash }, view, ontrouble: (words) => shown.home?.querySelector(".message-trouble")?.replaceChildren(icon("warn"), words) });
  if (!shown.home.querySelector(".home-blocks")) fill(shown.home, h("div", { class: "home" }, h("div", { class: "home-blocks" }), trouble));
  keepingFocus(shown.home, () => patchBlocks(shown.home.querySelector(".home-blocks"), view.blocks, shown.host));
}

function drawThread() {
  const wanted = session.thread;
  if (thread?.ts === wanted && thread?.channel === session.channel) return;
  thread?.list.end();
  thread = null;
  aside.hidden = !wanted;
  document.body.classList.toggle("with-thread", Boolean(wanted));
  if (!wanted) {
    fill(aside);
    return;
  }
  const channel = state.channels.get(session.channel);
  const scroller = h("div", { class: "scroller", tabindex: "-1" });
  const nothingAbove = h("span", {});
  const list = new MessageList(scroller, { channel: channel.id, thread: wanted, label: "Thread", empty: () => nothingAbove });
  const composer = new Composer({ channel, thread: wanted, label: "Reply…" });
  thread = { ts: wanted, channel: channel.id, list };
  const close = () => {
    go({ thread: null });
    shown?.composer?.focus();
  };
  fill(aside, h("header", { class: "pane-head" }, h("h2", {}, "Thread"), h("span", { class: "head-note" }, `#${channel.name}`), h("span", { class: "spacer" }), iconButton("close", "Close thread", close)),
    h("div", { class: "scroll-frame" }, scroller), composer.element);
  aside.onkeydown = (event) => event.key === "Escape" && !event.defaultPrevented && close();
  list.load();
  composer.focus();
}

/** Read is what was on the screen: the end of the list, in a window that is looked at. */
function markRead() {
  const channel = state.channels.get(session.channel);
  if (!shown?.list?.atEnd || document.visibilityState !== "visible" || !channel?.unread || shown.channel.id !== channel.id) return;
  act("read", { channel: channel.id });
}

function jumpButton(list) {
  const frame = list.scroller.parentElement;
  if (frame.querySelector(".jump")) return;
  frame.append(h("button", { type: "button", class: "jump", onclick: () => list.toEnd() }, icon("down"), "New messages"));
}

/** The open conversation's composer, for who wants to point at it or write in it. */
export function composer() {
  return shown?.composer ?? null;
}
