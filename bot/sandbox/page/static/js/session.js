/**
 * The person who acts in this window, and the place where they look. Both are in the address, so that a reload shows
 * the same, a link can be shared between windows, and several windows can be several people.
 */

import { emit } from "./bus.js";

const params = new URLSearchParams(location.search);

export const session = {
  /** The acting person's id. */
  as: params.get("as"),
  /** The open channel's id. */
  channel: params.get("in"),
  /** The open thread's root, or null. */
  thread: params.get("thread"),
  /** "home" while the app's Home tab is shown, else "messages". */
  tab: params.get("tab") ?? "messages",
};

/** The address for a person's own window. */
export function addressOf(as) {
  return `${location.pathname}?as=${encodeURIComponent(as)}`;
}

/**
 * Look elsewhere. What is not named is kept, save that another channel closes the thread.
 * @param {{as?: string, channel?: string, thread?: string|null, tab?: string}} change
 * @param {{replace?: boolean}} [how] `replace`: without a step for the Back button
 */
export function go(change, { replace = false } = {}) {
  const before = { ...session };
  Object.assign(session, change);
  if (change.channel !== undefined && change.channel !== before.channel) {
    if (change.thread === undefined) session.thread = null;
    if (change.tab === undefined) session.tab = "messages";
  }
  write(replace);
  emit("navigated", { before });
}

function write(replace) {
  const query = new URLSearchParams({ as: session.as });
  if (session.channel) query.set("in", session.channel);
  if (session.thread) query.set("thread", session.thread);
  if (session.tab !== "messages") query.set("tab", session.tab);
  const address = `${location.pathname}?${query}`;
  if (address === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
}

window.addEventListener("popstate", () => {
  const before = { ...session };
  const now = new URLSearchParams(location.search);
  session.as = now.get("as") ?? session.as;
  session.channel = now.get("in") ?? session.channel;
  session.thread = now.get("thread");
  session.tab = now.get("tab") ?? "messages";
  emit("navigated", { before });
});
