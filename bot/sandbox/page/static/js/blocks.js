/** Block Kit's layout blocks. */

import { h, icon, uniqueId } from "./dom.js";
import { foldable } from "./folding.js";
import { control } from "./elements.js";
import { asWords, mrkdwn, plain, textObject } from "./mrkdwn.js";
import { chart, markdown, richText, table } from "./richtext.js";

/**
 * Blocks as elements.
 * @param {Object[]} blocks
 * @param {import("./acting.js").Host} host
 * @param {Object<string, string>} [errors] what is wrong, by block_id
 */
export function renderBlocks(blocks, host, errors = {}) {
  return blocks.map((block) => {
    const node = (BLOCKS[block.type] ?? unknown)(block, host, errors[block.block_id]);
    node.classList.add("block", `block-${block.type}`);
    node.dataset.block = block.block_id ?? "";
    return node;
  });
}

/** The block from which each element was drawn. */
const looks = new WeakMap();

/**
 * Show blocks in a container, keeping those that are as they were: what is open or has focus in them stays so.
 * @param {HTMLElement} container
 */
export function patchBlocks(container, blocks, host, errors = {}) {
  const before = new Map([...container.children].map((node) => [node.dataset.block, node]));
  const wanted = blocks.map((block) => {
    const look = JSON.stringify([block, errors[block.block_id] ?? null]);
    const old = before.get(block.block_id);
    if (old && looks.get(old) === look) return old;
    const [node] = renderBlocks([block], host, errors);
    looks.set(node, look);
    return node;
  });
  const keep = new Set(wanted);
  for (const node of [...container.children]) if (!keep.has(node)) node.remove();
  wanted.forEach((node, at) => container.children[at] !== node && container.insertBefore(node, container.children[at] ?? null));
}

const BLOCKS = {
  header: (block) => h("div", { role: "heading", "aria-level": "3" }, ...textObject(block.text)),
  section,
  context: (block) => h("div", {}, ...block.elements.map((element) => (element.type === "image" ? picture(element)
    : h("span", { class: "context-text" }, ...textObject(element))))),
  divider: () => h("hr"),
  actions: (block, host) => h("div", {}, ...block.elements.map((element) => control(element, block, host))),
  context_actions: (block, host) => h("div", {}, ...block.elements.map((element) => control(element, block, host))),
  image: (block) => h("figure", {}, block.title && h("figcaption", {}, ...textObject(block.title)), picture(block)),
  input,
  rich_text: (block) => foldable(richText(block)),
  table: (block) => table(block),
  data_table: (block) => h("figure", {}, h("figcaption", {}, block.caption), table(block)),
  data_visualization: (block) => chart(block),
  markdown: (block) => markdown(block.text ?? ""),
  video: (block) => h("div", { class: "card" }, h("strong", {}, ...textObject(block.title)), h("p", {}, ...textObject(block.description)),
    h("p", { class: "field-note" }, `Video: ${block.alt_text ?? ""}`)),
  file: (block) => h("div", { class: "card" }, icon("file"), ` File ${block.external_id ?? ""}`),
};

function section(block, host) {
  const accessory = block.accessory;
  const named = block.text ? asWords(block.text.text).slice(0, 80) : undefined;
  return h("div", { class: accessory ? "with-accessory" : "" },
    h("div", { class: "section-main" },
      block.text && foldable(h("div", { class: "section-text" }, ...textObject(block.text)), { open: block.expand }),
      block.fields && h("div", { class: "fields" }, ...block.fields.map((field) => h("div", { class: "field-cell" }, ...textObject(field))))),
    accessory && h("div", { class: "accessory" }, accessory.type === "image" ? picture(accessory) : control(accessory, block, host, { label: named })));
}

/** Pictures that lie elsewhere are told, not fetched: no request leaves the machine. */
function picture(image) {
  const url = image.image_url ?? "";
  const words = image.alt_text || "Image";
  if (url.startsWith("data:image/") || url.startsWith("/")) return h("img", { src: url, alt: words, loading: "lazy" });
  return h("span", { class: "picture", role: "img", "aria-label": words, title: words }, icon("gift"), h("span", { class: "picture-words", "aria-hidden": "true" }, words));
}

/** Elements that are groups of controls: their label cannot be a `<label>`. */
const GROUPS = new Set(["checkboxes", "radio_buttons"]);

function input(block, host, error) {
  const id = uniqueId("field");
  const label = uniqueId("label");
  const hint = block.hint && uniqueId("hint");
  const wrong = error && uniqueId("error");
  const isGroup = GROUPS.has(block.element.type);
  const name = [...plain(block.label.text, block.label), block.optional && h("span", { class: "optional" }, " (optional)")];
  const aria = {
    id, labelledby: label, label: block.label.text, describedby: [wrong, hint].filter(Boolean).join(" ") || undefined, invalid: Boolean(error), required: !block.optional,
  };
  return h("div", { class: error ? "field invalid" : "field" },
    isGroup ? h("div", { class: "field-label", id: label }, ...name) : h("label", { class: "field-label", id: label, for: id }, ...name),
    control(block.element, block, host, aria),
    error && h("p", { class: "field-error", id: wrong }, icon("warn"), h("span", {}, error)),
    hint && h("p", { class: "field-note", id: hint }, ...textObject(block.hint)));
}

function unknown(block) {
  const found = [];
  const walk = (value) => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (value && typeof value === "object") {
      if (typeof value.text === "string") found.push(value.type === "mrkdwn" ? h("p", {}, ...mrkdwn(value.text)) : h("p", {}, value.text));
      else Object.values(value).forEach(walk);
    }
  };
  walk(block);
  return h("div", { class: "card unknown" }, h("p", { class: "field-note" }, `This page can’t draw “${String(block.type).replaceAll("_", " ")}” blocks. What it says:`), ...found);
}

/** Legacy attachments: a coloured bar, with blocks or with text. */
export function renderAttachments(attachments, host) {
  return attachments.map((attachment) => {
    const color = /^#?[0-9a-f]{6}$/i.test(attachment.color ?? "") ? `#${attachment.color.replace("#", "")}` : "";
    return h("div", { class: "attachment", style: color ? { "border-color": color } : {} },
      attachment.pretext && h("p", {}, ...mrkdwn(attachment.pretext)),
      attachment.title && h("strong", {}, attachment.title),
      ...(attachment.blocks ? renderBlocks(attachment.blocks, host) : [h("p", {}, ...mrkdwn(attachment.text ?? attachment.fallback ?? ""))]));
  });
}
