/** Block Kit's interactive elements. */

import { keyOf } from "./acting.js";
import { upload } from "./api.js";
import { h, icon, iconButton, uniqueId } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";
import { toggleMenu } from "./popup.js";
import { select } from "./selects.js";
import { fromWallClock, toWallClock } from "./time.js";

/**
 * An element as a control.
 * @param {Object} element
 * @param {Object} block the block that it is in
 * @param {import("./acting.js").Host} host
 * @param {{id?: string, label?: string, labelledby?: string, describedby?: string, invalid?: boolean, required?: boolean}} [aria]
 */
export function control(element, block, host, aria = {}) {
  const make = CONTROLS[element.type] ?? (/_select$/.test(element.type) ? select : null);
  return make ? make(element, block, host, aria) : h("span", { class: "unknown" }, `(${element.type.replaceAll("_", " ")})`);
}

const CONTROLS = {
  button,
  workflow_button: button,
  icon_button: button,
  feedback_buttons: feedback,
  overflow,
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: textInput,
  rich_text_input: textInput,
  checkboxes: choices,
  radio_buttons: choices,
  datepicker: dateInput,
  timepicker: dateInput,
  datetimepicker: dateInput,
  file_input: fileInput,
};

function button(element, block, host) {
  const words = element.type === "icon_button" ? [icon(element.icon === "trash" ? "close" : "more"), textObject(element.text)] : textObject(element.text);
  const node = h("button", {
    type: "button", class: `button ${element.style ?? ""}`, "aria-label": element.accessibility_label, dataset: { key: keyOf(block, element) },
    onclick: () => {
      if (element.url) open(element.url, "_blank", "noopener,noreferrer");
      host.pressed(block, element, node);
    },
  }, ...words);
  if (host.busy.has(keyOf(block, element))) node.setAttribute("aria-busy", "true");
  return node;
}

/** Show on a control that its act is under way. */
export async function whileBusy(node, promise) {
  node.setAttribute("aria-busy", "true");
  try {
    return await promise;
  } finally {
    node.removeAttribute("aria-busy");
  }
}

function feedback(element, block, host) {
  return h("span", { class: "button-row" }, ...[element.positive_button, element.negative_button].filter(Boolean)
    .map((option) => button({ ...option, type: "button", action_id: element.action_id }, block, host)));
}

function overflow(element, block, host) {
  const node = iconButton("more", "More options", () => toggleMenu(node, element.options.map((option) => ({
    label: textObject(option.text),
    description: option.description?.text,
    onselect: () => {
      if (option.url) open(option.url, "_blank", "noopener,noreferrer");
      host.used(block, element, option.value, node);
    },
  })), { label: "More options" }), { "aria-haspopup": "menu", "aria-expanded": "false", dataset: { key: keyOf(block, element) } });
  return node;
}

const INPUT_TYPES = { email_text_input: "email", url_text_input: "url" };

function textInput(element, block, host, aria) {
  const many = element.multiline || element.type === "rich_text_input";
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const value = host.value(block, element);
  const node = h(many ? "textarea" : "input", {
    ...common(element, block, aria), class: "text-field", placeholder: element.placeholder?.text, value: typeof value === "string" ? value : "",
    ...(many ? { rows: "4" } : { type: INPUT_TYPES[element.type] ?? "text", autocomplete: "off" }),
    ...(element.type === "number_input" && { inputmode: element.is_decimal_allowed ? "decimal" : "numeric" }),
  });
  const left = element.max_length ? h("span", { class: "counter", "aria-live": "polite" }) : null;
  const count = () => {
    const rest = element.max_length - node.value.length;
    left.textContent = rest < 0 || rest <= Math.min(100, element.max_length / 5) ? String(rest) : "";
    left.classList.toggle("over", rest < 0);
  };
  let timer = null;
  node.addEventListener("input", () => {
    host.keep(block, element, node.value);
    if (left) count();
    if (!block.dispatch_action || !triggers.includes("on_character_entered")) return;
    clearTimeout(timer);
    timer = setTimeout(() => host.used(block, element, node.value), 300);
  });
  node.addEventListener("change", () => !block.dispatch_action && host.used(block, element, node.value));
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || many || !block.dispatch_action || !triggers.includes("on_enter_pressed")) return;
    event.preventDefault();
    host.used(block, element, node.value);
  });
  if (!left) return node;
  count();
  return h("span", { class: "counted" }, node, left);
}

function common(element, block, { id, label, describedby, invalid, required }) {
  return {
    id, "aria-label": id ? undefined : label ?? element.placeholder?.text ?? element.action_id, "aria-describedby": describedby, "aria-invalid": invalid && "true",
    "aria-required": required && "true", dataset: { key: keyOf(block, element) }, autofocus: element.focus_on_load,
  };
}

function choices(element, block, host, { labelledby, describedby, invalid, required, label }) {
  const many = element.type === "checkboxes";
  const name = uniqueId("choice");
  const held = host.value(block, element);
  const isOn = (value) => (many ? held.includes(value) : held === value);
  const group = h("div", {
    class: "choices", role: many ? "group" : "radiogroup", "aria-labelledby": labelledby, "aria-label": labelledby ? undefined : label ?? "Options",
    "aria-describedby": describedby, "aria-invalid": !many && invalid && "true", "aria-required": !many && required && "true",
  }, ...element.options.map((option) => {
    const note = option.description && uniqueId("note");
    const box = h("input", {
      type: many ? "checkbox" : "radio", name, value: option.value, checked: isOn(option.value), "aria-describedby": note,
      dataset: { key: `${keyOf(block, element)} ${option.value}` },
      onchange: () => {
        const on = [...group.querySelectorAll("input:checked")].map((input) => input.value);
        host.used(block, element, many ? on : on[0] ?? null);
      },
    });
    return h("label", { class: "choice" }, box, h("span", {}, h("span", {}, ...textObject(option.text)),
      option.description && h("span", { class: "choice-note", id: note }, ...textObject(option.description))));
  }));
  return group;
}

const DATE_TYPES = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

function dateInput(element, block, host, aria) {
  const isMoment = element.type === "datetimepicker";
  const held = host.value(block, element);
  const node = h("input", {
    ...common(element, block, aria), type: DATE_TYPES[element.type], class: "text-field date-field", value: isMoment && held ? toWallClock(held) : held ?? "",
    onchange: () => {
      const value = node.value || null;
      host.used(block, element, isMoment && value ? fromWallClock(value) : value);
    },
  });
  return node;
}

function fileInput(element, block, host, aria) {
  const chosen = new Map((host.value(block, element) ?? []).map((id) => [id, host.labels.get(id) ?? { id, name: id }]));
  const list = h("ul", { class: "file-list", "aria-label": "Chosen files" });
  const note = h("p", { class: "field-note", role: "status" });
  const tell = () => host.used(block, element, [...chosen.keys()]);
  const draw = () => list.replaceChildren(...[...chosen.values()].map((file) => h("li", {}, icon("file"), h("span", {}, file.name),
    iconButton("close", `Remove ${file.name}`, () => {
      chosen.delete(file.id);
      draw();
      tell();
    }))));
  const input = h("input", {
    ...common(element, block, aria), type: "file", class: "file-field", multiple: (element.max_files ?? 10) > 1,
    accept: element.filetypes?.map((type) => `.${type}`).join(","),
    onchange: async () => {
      for (const file of input.files) {
        if (chosen.size >= (element.max_files ?? 10)) break;
        note.textContent = `Uploading ${file.name}…`;
        const answer = await upload(file);
        note.textContent = answer.ok ? "" : answer.error.words;
        if (!answer.ok) break;
        host.labels.set(answer.file.id, answer.file);
        chosen.set(answer.file.id, answer.file);
      }
      input.value = "";
      draw();
      tell();
    },
  });
  draw();
  return h("div", { class: "files" }, input, list, note);
}

/** The words of a plain placeholder or label, as elements. */
export function words(object) {
  return plain(object?.text ?? "", object ?? {});
}
