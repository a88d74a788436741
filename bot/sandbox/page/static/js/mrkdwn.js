/** Slack's mrkdwn, and plain text, as elements. */

import { h, icon } from "./dom.js";
import { emoji } from "./emoji.js";
import { session } from "./session.js";
import { nameOf, state } from "./store.js";
import { dateOf, dateTemplate, fullTime } from "./time.js";

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

/** Undo the escaping that messages carry. */
function unescape(text) {
  return text.replace(/&(lt|gt|amp);/g, (entity) => ENTITIES[entity]);
}

/** A text object (`{type, text}`) as elements. */
export function textObject(object) {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text, object) : plain(object.text, object);
}

/** Plain text: only emoji names and line breaks mean something. */
export function plain(text, { emoji: withEmoji = true } = {}) {
  return withEmoji === false ? lines(text) : lines(text, (part) => withEmojis(part));
}

function lines(text, render = (part) => [part]) {
  return text.split("\n").flatMap((line, at) => (at ? [h("br"), ...render(line)] : render(line)));
}

function withEmojis(text) {
  const found = [];
  let rest = 0;
  for (const match of text.matchAll(/:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/g)) {
    const character = emoji(match[1]);
    if (!character) continue;
    found.push(text.slice(rest, match.index), emojiElement(match[1], character));
    rest = match.index + match[0].length;
  }
  found.push(text.slice(rest));
  return found.filter(Boolean);
}

/** One emoji, named for those who listen. */
export function emojiElement(name, character = emoji(name)) {
  if (!character) return `:${name}:`;
  return h("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` }, character);
}

/**
 * mrkdwn as elements: code blocks first, since nothing within them means anything, then quotes, then inline marks.
 * @param {string} text
 * @returns {Array<Node|string>}
 */
export function mrkdwn(text, { verbatim = false } = {}) {
  const found = [];
  for (const [at, part] of text.split(/```/).entries()) {
    const isCode = at % 2 === 1;
    if (isCode) found.push(h("pre", { class: "code-block" }, h("code", {}, ...codeText(part.replace(/^\n|\n$/g, "")))));
    else found.push(...quotesAndLines(at ? part.replace(/^\n/, "") : part, verbatim));
  }
  return found;
}

/** Within code, links still are links, as in Slack; all else is as typed. */
function codeText(text) {
  return unescape(text.replace(/<(?:https?:[^|>]*\|)?([^>]*)>/g, "$1"));
}

function quotesAndLines(text, verbatim) {
  const found = [];
  let quoted = [];
  let first = true;
  const endQuote = () => {
    if (quoted.length) found.push(h("blockquote", {}, ...join(quoted.map((line) => inline(line, verbatim)))));
    quoted = [];
  };
  for (const line of text.split("\n")) {
    const quote = /^(?:&gt;|>) ?(.*)$/s.exec(line);
    if (quote) {
      quoted.push(quote[1]);
      first = true;
      continue;
    }
    if (quoted.length) endQuote();
    if (!first) found.push(h("br"));
    found.push(...inline(line, verbatim));
    first = false;
  }
  endQuote();
  return found;
}

function join(rows) {
  return rows.flatMap((row, at) => (at ? [h("br"), ...row] : row));
}

/** The characters that begin and end an inline mark. A mark opens after a boundary and closes before one. */
const MARKS = [["*", "strong"], ["_", "em"], ["~", "s"]];
const TOKEN = /<([^<>]+)>|`([^`]+)`|:([a-z0-9_+'-]+(?:::skin-tone-\d)?):|[*_~]/g;
const BOUNDARY = /[\s\p{P}\p{S}]/u;

function inline(text, verbatim) {
  const found = [];
  let rest = 0;
  TOKEN.lastIndex = 0;
  const flush = (end) => {
    if (end > rest) found.push(...leaf(text.slice(rest, end), verbatim));
  };
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const made = element(match, text, verbatim);
    if (!made) continue;
    flush(match.index);
    found.push(made.node);
    rest = made.end;
    TOKEN.lastIndex = rest;
  }
  flush(text.length);
  return found;
}

function element(match, text, verbatim) {
  const [whole, entity, code, emojiName] = match;
  const end = match.index + whole.length;
  if (entity !== undefined) return { node: entityElement(entity), end };
  if (code !== undefined) return { node: h("code", {}, codeText(code)), end };
  if (emojiName !== undefined) {
    const character = emoji(emojiName);
    return character ? { node: emojiElement(emojiName, character), end } : null;
  }
  return marked(match.index, text, verbatim);
}

function marked(start, text, verbatim) {
  const [mark, tag] = MARKS.find(([sign]) => sign === text[start]);
  if (start > 0 && !BOUNDARY.test(text[start - 1])) return null;
  if (!text[start + 1] || /\s/.test(text[start + 1]) || text[start + 1] === mark) return null;
  for (let end = text.indexOf(mark, start + 2); end !== -1; end = text.indexOf(mark, end + 1)) {
    const closes = !/\s/.test(text[end - 1]) && (end + 1 === text.length || BOUNDARY.test(text[end + 1]));
    if (closes && !insideEntity(text, end)) {
      const resume = TOKEN.lastIndex;
      const node = h(tag, {}, ...inline(text.slice(start + 1, end), verbatim));
      TOKEN.lastIndex = resume;
      return { node, end: end + 1 };
    }
  }
  return null;
}

function insideEntity(text, at) {
  const open = text.lastIndexOf("<", at);
  return open !== -1 && text.indexOf(">", open) > at;
}

const BARE_LINK = /https?:\/\/[^\s<>]*[^\s<>.,;:!?)\]'"]/g;

function leaf(text, verbatim) {
  if (verbatim) return [unescape(text)];
  const found = [];
  let rest = 0;
  for (const match of text.matchAll(BARE_LINK)) {
    found.push(unescape(text.slice(rest, match.index)), link(unescape(match[0])));
    rest = match.index + match[0].length;
  }
  found.push(unescape(text.slice(rest)));
  return found.filter(Boolean);
}

/** A link that opens beside the page. */
export function link(url, words = url) {
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, words);
}

/** A mention of a person. */
export function userMention(id) {
  const mine = id === state.me?.id;
  return h("span", { class: mine ? "mention mention-me" : "mention" }, `@${nameOf(id)}`);
}

/** A mention of a user group. */
export function groupMention(id, label) {
  const group = state.usergroups.get(id);
  const mine = group?.users?.includes(state.me?.id);
  return h("span", { class: mine ? "mention mention-me" : "mention" }, `@${group?.handle ?? (label || id).replace(/^@/, "")}`);
}

/** A channel's name, which opens it where one is in it. A private one has no name for who isn't, whatever the app wrote. */
export function channelMention(id) {
  const channel = state.channels.get(id);
  const name = state.publicChannels[id];
  if (!channel) return h("span", { class: "mention" }, ...(name ? [`#${name}`] : [icon("lock"), "private channel"]));
  return h("a", { class: "mention", href: `?as=${session.as}&in=${id}`, dataset: { channel: id } }, `#${channel.name}`);
}

/** "@here" and the like. */
export function broadcast(range) {
  return h("span", { class: "mention mention-me" }, `@${range}`);
}

/** A moment, in the reader's zone. */
export function dateElement(seconds, template, url, fallback) {
  const words = dateTemplate(seconds, template) ?? fallback ?? "";
  const title = fullTime(dateOf(seconds));
  const time = h("time", { datetime: dateOf(seconds).toISOString(), title }, words);
  return url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, time) : time;
}

function entityElement(entity) {
  const [target, ...labels] = entity.split("|");
  const label = unescape(labels.join("|"));
  if (/^@[UW]/.test(target)) return userMention(target.slice(1));
  if (/^#C/.test(target)) return channelMention(target.slice(1));
  if (target.startsWith("!subteam^")) return groupMention(target.split("^")[1], label);
  if (target.startsWith("!date^")) {
    const [, seconds, template, url] = target.split("^");
    return /^\d+$/.test(seconds ?? "") ? dateElement(seconds, unescape(template ?? ""), url && unescape(url), label) : label;
  }
  if (/^!(here|channel|everyone)$/.test(target)) return broadcast(target.slice(1));
  if (target.startsWith("!")) return label || `<${target}>`;
  const url = unescape(target);
  if (/^(https?:|mailto:|slack:\/\/user\?)/i.test(url)) return link(url, label || url.replace(/^mailto:/, ""));
  return `<${unescape(entity)}>`;
}

/** Return a text without its marks: for notices and names. */
export function asWords(text) {
  const holder = h("span", {}, ...mrkdwn(text ?? ""));
  return holder.textContent;
}
