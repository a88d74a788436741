/**
 * The list of messages of a conversation, or of a thread. Older ones are read as one scrolls up. They stand in chunks,
 * and a chunk that is off the screen is kept but not laid out (`content-visibility`): thousands scroll as a hundred do,
 * and what the browser has to look after at each frame are the chunks.
 */

import { emit, on } from "./bus.js";
import { announce, h, keepingFocus } from "./dom.js";
import { renderMessage } from "./message.js";
import { asWords } from "./mrkdwn.js";
import { session } from "./session.js";
import { messages as readMessages } from "./store.js";
import { dateOf, dayKey, dayName } from "./time.js";

/** Messages of one person within these seconds stand under one name. */
const TOGETHER = 300;

/** Messages in a chunk: a few screens. */
const CHUNK = 60;

/** So many pixels from the end count as being at the end. */
const NEAR = 80;

export class MessageList {
  /**
   * @param {HTMLElement} scroller what scrolls
   * @param {{channel: string, thread?: string|null, label: string, empty: () => Node}} options
   */
  constructor(scroller, { channel, thread = null, label, empty, readUpTo = null }) {
    this.scroller = scroller;
    this.channel = channel;
    this.thread = thread;
    this.empty = empty;
    this.readUpTo = readUpTo;
    this.rows = [];
    this.hasMore = false;
    this.loading = false;
    this.atEnd = true;
    this.element = h("div", { class: "messages", role: "log", "aria-label": label, "aria-busy": "true", onkeydown: (event) => this.#key(event) });
    this.scroller.replaceChildren(this.element);
    this.onscroll = () => this.#scrolled();
    this.scroller.addEventListener("scroll", this.onscroll, { passive: true });
    this.element.addEventListener("focusin", (event) => this.#activate(event.target.closest("article")));
    this.resizes = new ResizeObserver(() => this.atEnd && this.toEnd());
    this.resizes.observe(this.scroller);
    this.resizes.observe(this.element);
    this.endings = [
      on("slack:message", ({ channel: c, message }) => this.#concerns(c, message) && this.#add(message, { fresh: true })),
      on("slack:message_changed", ({ channel: c, message }) => this.#concerns(c, message) && this.#change(message)),
      on("slack:message_deleted", ({ channel: c, ts }) => c === this.channel && this.#remove(ts)),
    ];
  }

  /** Read the newest page. */
  async load() {
    const page = await readMessages(this.channel, { thread: this.thread });
    if (this.ended) return;
    for (const message of page.ok ? page.messages : []) this.#insert(message);
    this.hasMore = Boolean(page.ok && page.has_more && !this.thread);
    this.#arrange();
    this.toEnd();
    // Heights off the screen are guesses until drawn: settle at the end once they are known.
    requestAnimationFrame(() => {
      this.toEnd();
      this.element.setAttribute("aria-busy", "false");
      this.scroller.dataset.loaded = this.thread ?? this.channel;
    });
  }

  /** Stop listening. */
  end() {
    this.ended = true;
    for (const ending of this.endings) ending();
    this.resizes.disconnect();
    this.scroller.removeEventListener("scroll", this.onscroll);
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    if (this.atEnd) return;
    this.atEnd = true;
    emit("at-end", this);
  }

  /** Go to the end, and again once the heights there are known. */
  #follow() {
    this.toEnd();
    requestAnimationFrame(() => this.toEnd());
  }

  get last() {
    return this.rows.at(-1)?.message ?? null;
  }

  #concerns(channel, message) {
    if (channel !== this.channel) return false;
    const root = message.thread_ts ?? message.ts;
    if (this.thread) return root === this.thread;
    return root === message.ts || message.subtype === "thread_broadcast";
  }

  #find(ts) {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle].message.ts < ts) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #insert(message, chunk = null) {
    const at = this.#find(message.ts);
    if (this.rows[at]?.message.ts === message.ts) {
      this.#change(message);
      return null;
    }
    const row = { chunk: chunk ?? this.#chunkAt(at), message, day: dayKey(dateOf(message.ts)), node: renderMessage(message, { inThread: Boolean(this.thread) }) };
    this.rows.splice(at, 0, row);
    return row;
  }

  /** A message among others joins their chunk; one at the end begins a new chunk where the last is full. */
  #chunkAt(at) {
    const chunk = (this.rows[at] ?? this.rows[at - 1])?.chunk;
    return chunk && (at < this.rows.length || chunk.childElementCount < CHUNK) ? chunk : newChunk();
  }

  #add(message, { fresh = false } = {}) {
    if (this.hasMore && this.rows.length && message.ts < this.rows[0].message.ts) return;
    const row = this.#insert(message);
    if (!row) return;
    this.#arrange();
    if (this.atEnd || message.user === session.as || message.ephemeral) this.#follow();
    else emit("news-below", this);
    if (fresh) {
      row.node.classList.add("fresh");
      if (message.ephemeral) announce(`Only visible to you: ${asWords(message.text)}`);
    }
  }

  #change(message) {
    const row = this.rows[this.#find(message.ts)];
    if (row?.message.ts !== message.ts) return;
    const looks = ({ reply_count, text, blocks, edited, attachments, files }) => JSON.stringify([reply_count, text, blocks, edited, attachments, files]);
    if (looks(row.message) === looks(message)) {
      row.message = message;
      return;
    }
    keepingFocus(this.element, () => {
      const node = renderMessage(message, { inThread: Boolean(this.thread) });
      const hadFocus = row.node === document.activeElement || row.node.contains(document.activeElement);
      node.className = `${row.node.className.replace(/\b(fresh|changed)\b/g, "")}`;
      node.classList.add("changed");
      row.node.replaceWith(node);
      row.node = node;
      row.message = message;
      if (hadFocus) node.focus({ preventScroll: true });
    });
    if (this.atEnd) this.toEnd();
  }

  #remove(ts) {
    const at = this.#find(ts);
    if (this.rows[at]?.message.ts !== ts) return;
    this.rows[at].node.remove();
    this.rows.splice(at, 1);
    this.#arrange();
  }

  /** Put every row in its place, with days between, and names only where somebody else begins to speak. */
  #arrange() {
    const chunks = new Map();
    let before = null;
    let today = null;
    let marked = !this.readUpTo;
    for (const { message, node, day, chunk } of this.rows) {
      if (!chunks.has(chunk)) chunks.set(chunk, []);
      const wanted = chunks.get(chunk);
      const lines = wanted.length;
      if (!this.thread && day !== today) wanted.push(this.#line(`day-${day}`, "day", dayName(dateOf(message.ts))));
      if (!marked && message.ts > this.readUpTo) {
        marked = true;
        wanted.push(this.#line("new", "new", "New"));
      }
      const together = before && wanted.length === lines && before.user === message.user && !message.ephemeral && !before.ephemeral
        && Number(message.ts) - Number(before.ts) < TOGETHER;
      node.classList.toggle("together", Boolean(together));
      wanted.push(node);
      before = message;
      today = day;
    }
    for (const [chunk, wanted] of chunks) place(chunk, wanted);
    place(this.element, [this.hasMore ? this.#line("more", "older", "Loading earlier messages…") : this.empty(), ...chunks.keys()]);
  }

  #line(key, kind, words) {
    this.lines ??= new Map();
    if (!this.lines.has(key)) this.lines.set(key, h("div", { class: `line line-${kind}`, role: kind === "older" ? "status" : "separator", "aria-label": words }, h("span", { "aria-hidden": "true" }, words)));
    return this.lines.get(key);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const end = scrollHeight - scrollTop - clientHeight < NEAR;
    if (end !== this.atEnd) {
      this.atEnd = end;
      if (end) emit("at-end", this);
    }
    if (scrollTop < clientHeight) this.#older();
  }

  async #older() {
    if (!this.hasMore || this.loading || !this.rows.length) return;
    this.loading = true;
    this.element.setAttribute("aria-busy", "true");
    const first = this.rows[0];
    const page = await readMessages(this.channel, { before: first.message.ts });
    if (this.ended) return;
    if (page.ok) {
      const top = first.node.getBoundingClientRect().top;
      const chunk = newChunk();
      for (const message of page.messages) this.#insert(message, chunk);
      this.hasMore = page.has_more;
      this.#arrange();
      this.scroller.scrollTop += first.node.getBoundingClientRect().top - top;
    }
    this.element.setAttribute("aria-busy", "false");
    this.loading = false;
    if (page.ok) this.#scrolled();
  }

  /** One message at a time takes part in the Tab order, with its toolbar; the arrows move among them. */
  #activate(article) {
    if (!article || article === this.active) return;
    this.active?.setAttribute("tabindex", "-1");
    for (const button of this.active?.querySelectorAll(".toolbar button") ?? []) button.tabIndex = -1;
    this.active = article;
    article.setAttribute("tabindex", "0");
    for (const button of article.querySelectorAll(".toolbar button")) button.tabIndex = 0;
  }

  /** Take focus: the newest message first. */
  focus() {
    const article = this.active?.isConnected ? this.active : this.rows.at(-1)?.node;
    this.#activate(article);
    article?.focus();
  }

  #key(event) {
    const article = event.target.closest("article");
    if (!article || event.target !== article || event.defaultPrevented) return;
    const at = this.rows.findIndex(({ node }) => node === article);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.rows[to]?.node.focus();
  }
}

/** An empty chunk. Its size is known once it was drawn; from then on it may be left out while it is off the screen. */
function newChunk() {
  const chunk = h("div", { class: "chunk", role: "presentation" });
  requestAnimationFrame(() => requestAnimationFrame(() => chunk.classList.add("drawn")));
  return chunk;
}

/** Make these the children, moving only what is out of place. */
function place(parent, wanted) {
  let at = parent.firstChild;
  for (const node of wanted) {
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** Make what is shown above a conversation's first message. */
export function beginning(title, words) {
  return h("div", { class: "beginning" }, h("h2", {}, title), h("p", {}, words));
}

