/** One message. */

import { Host } from "./acting.js";
import { act, fileUrl } from "./api.js";
import { avatar } from "./avatar.js";
import { foldable } from "./folding.js";
import { renderAttachments, renderBlocks } from "./blocks.js";
import { emit } from "./bus.js";
import { h, icon, iconButton, uniqueId } from "./dom.js";
import { asWords, mrkdwn } from "./mrkdwn.js";
import { toggleMenu } from "./popup.js";
import { session } from "./session.js";
import { nameOf, state } from "./store.js";
import { ago, clock, dateOf, fullTime } from "./time.js";

/**
 * A message as an element.
 * @param {Object} message
 * @param {{inThread?: boolean}} [where]
 */
export function renderMessage(message, { inThread = false } = {}) {
  const person = state.people.get(message.user) ?? { id: message.user, initials: message.username?.[0] ?? "?", color: "777777" };
  const isBot = Boolean(message.bot_id) || person.is_bot;
  const date = dateOf(message.ts);
  const head = uniqueId("message");
  const trouble = h("p", { class: "message-trouble", role: "alert" });
  const host = new Host({
    on: { channel: message.channel, ts: message.ts, edited: message.edited?.ts ?? "" },
    ontrouble: (words) => (trouble.isConnected ? trouble : troubleOf(message))?.replaceChildren(icon("warn"), h("span", {}, words)),
  });
  const node = h("article", {
    class: `message${message.ephemeral ? " ephemeral" : ""}`, tabindex: "-1", "aria-labelledby": head, dataset: { ts: message.ts, user: message.user ?? "" },
  },
  h("div", { class: "gutter" }, avatar(person), h("time", { class: "gutter-time", "aria-hidden": "true" }, clock(date))),
  h("div", { class: "message-main" },
    message.ephemeral && h("p", { class: "only-you" }, icon("eye"), "Only visible to you"),
    h("header", { class: "message-head", id: head }, h("span", { class: "author" }, message.username || nameOf(message.user)), isBot && h("span", { class: "badge" }, "App"),
      h("time", { class: "when", datetime: date.toISOString(), title: fullTime(date) }, clock(date))),
    body(message, host),
    trouble,
    ...(message.files ?? []).map(file),
    !inThread && message.reply_count > 0 && replies(message)),
  toolbar(message, { inThread, trouble }));
  return node;
}

/** Where trouble is told by now: the message may have been rewritten since. */
function troubleOf({ ts }) {
  return document.querySelector(`article[data-ts="${ts}"] .message-trouble`);
}

function body(message, host) {
  const edited = message.edited && h("span", { class: "edited", title: fullTime(dateOf(message.edited.ts)) }, " (edited)");
  const content = message.blocks?.length ? renderBlocks(message.blocks, host) : message.text ? [foldable(h("div", { class: "text" }, ...mrkdwn(message.text)))] : [];
  const last = content.at(-1);
  if (edited && last) (last.matches(".text") ? last : last.querySelector(".section-text,.context-text:last-child") ?? last).append(edited);
  return h("div", { class: "message-body" }, ...content, ...renderAttachments(message.attachments ?? [], host));
}

function file(stored) {
  const size = stored.size > 1024 ? `${Math.round(stored.size / 1024)} kB` : `${stored.size} bytes`;
  return h("a", { class: "file", href: fileUrl(stored.id), download: stored.name }, icon("file"),
    h("span", {}, h("span", { class: "file-name" }, stored.title || stored.name), h("span", { class: "file-note" }, size)));
}

function replies(message) {
  const people = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(state.people.get(id), "tiny"));
  const count = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  return h("button", { type: "button", class: "replies", onclick: () => emit("open-thread", message) }, ...people, h("span", { class: "replies-count" }, count),
    message.latest_reply && h("span", { class: "replies-when" }, `Last reply ${ago(dateOf(message.latest_reply))}`));
}

function toolbar(message, { inThread, trouble }) {
  if (message.ephemeral) {
    return h("div", { class: "toolbar shown" }, iconButton("close", "Dismiss message", async () => {
      const outcome = await act("dismiss", { channel: message.channel, ts: message.ts });
      if (!outcome.ok) trouble.replaceChildren(icon("warn"), outcome.error.words);
    }, { tabindex: "-1" }));
  }
  const more = iconButton("more", "More actions", () => toggleMenu(more, actions(message, trouble), { label: "Message actions" }),
    { "aria-haspopup": "menu", "aria-expanded": "false", tabindex: "-1" });
  return h("div", { class: "toolbar", role: "group", "aria-label": "Message actions" },
    !inThread && iconButton("reply", "Reply in thread", () => emit("open-thread", message), { tabindex: "-1" }), more);
}

function actions(message, trouble) {
  const shortcuts = state.shortcuts.filter((shortcut) => shortcut.type === "message").map((shortcut) => ({
    label: shortcut.name,
    description: state.app.name,
    lead: h("span", { class: "menu-icon" }, icon("bolt")),
    onselect: async () => {
      const outcome = await act("message_shortcut", { callback_id: shortcut.callback_id, channel: message.channel, ts: message.ts });
      if (!outcome.ok) trouble.replaceChildren(icon("warn"), outcome.error.words);
    },
  }));
  return [
    { label: "Copy text", lead: h("span", { class: "menu-icon" }, icon("file")), onselect: () => navigator.clipboard?.writeText(asWords(message.text)) },
    { label: "Copy link", lead: h("span", { class: "menu-icon" }, icon("window")), onselect: () => navigator.clipboard?.writeText(linkTo(message)) },
    ...(shortcuts.length ? [{ heading: "From apps" }, ...shortcuts] : []),
  ];
}

function linkTo(message) {
  const query = new URLSearchParams({ as: session.as, in: message.channel, ...(message.thread_ts && { thread: message.thread_ts }) });
  return `${location.origin}${location.pathname}?${query}`;
}
