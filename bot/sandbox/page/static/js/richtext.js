/** The `rich_text`, `markdown`, `table` and `data_visualization` blocks. */

import { h } from "./dom.js";
import { broadcast, channelMention, dateElement, emojiElement, groupMention, link, userMention } from "./mrkdwn.js";

/** A `rich_text` block's elements. */
export function richText(block) {
  return h("div", { class: "rich-text" }, ...(block.elements ?? []).map(part));
}

function part(element) {
  const content = () => (element.elements ?? []).map(inline);
  switch (element.type) {
    case "rich_text_section":
      return h("div", {}, ...content());
    case "rich_text_preformatted":
      return h("pre", { class: "code-block" }, h("code", {}, ...content()));
    case "rich_text_quote":
      return h("blockquote", {}, ...content());
    case "rich_text_list": {
      const items = (element.elements ?? []).map((section) => h("li", {}, ...(section.elements ?? []).map(inline)));
      const props = { class: `indent-${element.indent ?? 0}` };
      if (element.style !== "ordered") return h("ul", props, ...items);
      return h("ol", { ...props, start: (element.offset ?? 0) + 1 }, ...items);
    }
    default:
      return h("div", {}, element.text ?? "");
  }
}

function inline(element) {
  return styled(element.style, bare(element));
}

function bare(element) {
  switch (element.type) {
    case "text":
      return lineBroken(element.text);
    case "link":
      return link(element.url, element.text || element.url);
    case "emoji":
      return emojiElement(element.name);
    case "user":
      return userMention(element.user_id);
    case "usergroup":
      return groupMention(element.usergroup_id);
    case "channel":
      return channelMention(element.channel_id);
    case "broadcast":
      return broadcast(element.range);
    case "date":
      return dateElement(element.timestamp, element.format, element.url, element.fallback);
    case "color":
      return h("code", {}, element.value);
    default:
      return element.text ?? "";
  }
}

function lineBroken(text) {
  return text.split("\n").flatMap((line, at) => (at ? [h("br"), line] : [line]));
}

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code" };

function styled(style, content) {
  let node = content;
  for (const [name, tag] of Object.entries(STYLES)) if (style?.[name]) node = h(tag, {}, node);
  return node;
}

/** A `table` block. Its first row is the head. */
export function table(block) {
  const [head, ...rows] = block.rows ?? [];
  const settings = block.column_settings ?? [];
  const usual = (at) => (rows[0]?.[at]?.type === "raw_number" ? "right" : "left");
  const cells = (row, tag) => row.map((cell, at) => h(tag, {
    class: `align-${settings[at]?.align ?? usual(at)}`, ...(tag === "th" && { scope: "col" }),
  }, cell.type === "rich_text" ? richText(cell) : cell.text ?? ""));
  return h("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": "Table" },
    h("table", {}, h("thead", {}, h("tr", {}, ...cells(head ?? [], "th"))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...cells(row, "td"))))));
}

/** A `data_visualization` block: the values of its first series as bars. */
export function chart(block) {
  const points = block.chart?.series?.[0]?.data ?? [];
  const most = Math.max(1, ...points.map((point) => point.value));
  return h("figure", {}, h("figcaption", {}, block.title), ...points.map((point) => h("div", {},
    h("meter", { min: "0", max: String(most), value: String(Math.max(0, point.value)), "aria-label": point.label }),
    ` ${point.label}: ${point.value}`)));
}

/** A `markdown` block: standard Markdown, the part of it that bots write. */
export function markdown(text) {
  const found = [];
  const fenced = text.split(/^```[^\n]*$/m);
  for (const [at, chunk] of fenced.entries()) {
    if (at % 2) found.push(h("pre", { class: "code-block" }, h("code", {}, chunk.replace(/^\n|\n$/g, ""))));
    else for (const paragraph of chunk.split(/\n{2,}/)) if (paragraph.trim()) found.push(...markdownBlock(paragraph.trim()));
  }
  return h("div", { class: "rich-text markdown" }, ...found);
}

function markdownBlock(text) {
  const rows = text.split("\n");
  const heading = /^(#{1,6}) (.*)$/.exec(rows[0]);
  if (heading) {
    const rest = rows.slice(1).join("\n").trim();
    const title = h("p", { class: "markdown-heading" }, h("strong", {}, ...markdownInline(heading[2])));
    return rest ? [title, ...markdownBlock(rest)] : [title];
  }
  if (rows.every((row) => /^\s*[-*+] /.test(row))) {
    return [h("ul", {}, ...rows.map((row) => h("li", {}, ...markdownInline(row.replace(/^\s*[-*+] /, "")))))];
  }
  if (rows.every((row) => /^\s*\d+[.)] /.test(row))) {
    return [h("ol", {}, ...rows.map((row) => h("li", {}, ...markdownInline(row.replace(/^\s*\d+[.)] /, "")))))];
  }
  if (rows.every((row) => row.startsWith(">"))) {
    return [h("blockquote", {}, ...joined(rows.map((row) => row.replace(/^> ?/, ""))))];
  }
  return [h("p", {}, ...joined(rows))];
}

function joined(rows) {
  return rows.flatMap((row, at) => (at ? [h("br"), ...markdownInline(row)] : markdownInline(row)));
}

const INLINE = /\*\*(.+?)\*\*|__(.+?)__|`([^`]+)`|\[([^\]]+)\]\((https?:[^)\s]+)\)|~~(.+?)~~|\*([^*]+)\*|_([^_]+)_/g;

function markdownInline(text) {
  const found = [];
  let rest = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, bold, bold2, code, words, url, struck, italic, italic2] = match;
    found.push(text.slice(rest, match.index));
    if (code) found.push(h("code", {}, code));
    else if (url) found.push(link(url, words));
    else if (struck) found.push(h("s", {}, struck));
    else if (bold || bold2) found.push(h("strong", {}, ...markdownInline(bold ?? bold2)));
    else found.push(h("em", {}, italic ?? italic2));
    rest = match.index + whole.length;
  }
  found.push(text.slice(rest));
  return found;
}
