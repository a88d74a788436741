/** The list of suggestions below a field: drawn here, steered by the field's keys. Focus stays in the field. */

import { fill, h, uniqueId } from "./dom.js";
import { place } from "./popup.js";

/**
 * @typedef {{value: string, text: any, description?: any, lead?: Node, selected?: boolean}} Option
 * @typedef {{label?: any, options: Option[]}} Group
 */
export class Listbox {
  /**
   * @param {HTMLElement} field what has focus
   * @param {HTMLElement} anchor what the list hangs from
   * @param {{label: string, multi?: boolean, onchoose: (option: Option) => void, expanded?: boolean}} options
   *   `expanded`: the field is a combobox and says whether its list is open
   */
  constructor(field, anchor, { label, multi = false, onchoose, expanded = true }) {
    this.field = field;
    this.anchor = anchor;
    this.onchoose = onchoose;
    this.expanded = expanded;
    this.options = [];
    this.at = -1;
    this.element = h("div", {
      class: "listbox", role: "listbox", id: uniqueId("listbox"), popover: "manual", "aria-label": label, "aria-multiselectable": multi && "true",
    });
    this.element.addEventListener("pointerdown", (event) => event.preventDefault());
    field.setAttribute("aria-autocomplete", "list");
    if (expanded) field.setAttribute("aria-expanded", "false");
    this.reposition = () => this.isOpen && place(this.element, this.anchor, { width: this.anchor.offsetWidth });
  }

  get isOpen() {
    return this.element.isConnected;
  }

  /** The option that Enter would choose, if any. */
  get current() {
    return this.options[this.at]?.option ?? null;
  }

  /** Show these groups. */
  show(groups, { first = 0 } = {}) {
    this.options = [];
    const rows = groups.map((group) => {
      const options = group.options.map((option) => this.#row(option));
      if (!group.label) return options;
      const heading = uniqueId("group");
      return h("div", { role: "group", "aria-labelledby": heading }, h("div", { class: "listbox-heading", id: heading, role: "presentation" }, group.label), options);
    });
    this.#open(rows);
    const chosen = this.options.findIndex(({ option }) => option.selected);
    this.#move(chosen >= 0 && first === 0 ? chosen : Math.min(first, this.options.length - 1));
  }

  /** Say something where the options would be: loading, or nothing found. */
  say(words) {
    this.options = [];
    this.#open([h("div", { class: "listbox-note", role: "option", "aria-disabled": "true", "aria-selected": "false" }, words)]);
    this.#move(-1);
  }

  close() {
    if (!this.isOpen) return;
    removeEventListener("scroll", this.reposition, true);
    removeEventListener("resize", this.reposition);
    this.element.remove();
    this.field.removeAttribute("aria-activedescendant");
    this.field.removeAttribute("aria-controls");
    if (this.expanded) this.field.setAttribute("aria-expanded", "false");
    this.at = -1;
  }

  /** Handle a key of the field; true where it was for the list. */
  key(event) {
    if (!this.isOpen) return false;
    const last = this.options.length - 1;
    if (event.key === "ArrowDown") this.#move(this.at >= last ? 0 : this.at + 1);
    else if (event.key === "ArrowUp") this.#move(this.at <= 0 ? last : this.at - 1);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && this.current) this.onchoose(this.current);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #row(option) {
    const at = this.options.length;
    const node = h("div", {
      class: "option", role: "option", id: uniqueId("option"), "aria-selected": String(Boolean(option.selected)),
      onclick: () => this.onchoose(option), onpointermove: () => this.at !== at && this.#move(at, false),
    }, option.lead, h("span", { class: "option-text" }, h("span", { class: "option-label" }, option.text),
      option.description && h("span", { class: "option-note" }, option.description)));
    this.options.push({ option, node });
    return node;
  }

  #open(rows) {
    fill(this.element, rows);
    if (!this.isOpen) {
      (this.field.closest("dialog") ?? document.body).append(this.element);
      this.field.setAttribute("aria-controls", this.element.id);
      addEventListener("scroll", this.reposition, true);
      addEventListener("resize", this.reposition);
      if (this.expanded) this.field.setAttribute("aria-expanded", "true");
    }
    this.reposition();
  }

  #move(to, scroll = true) {
    this.options[this.at]?.node.classList.remove("active");
    this.at = to;
    const now = this.options[to];
    if (!now) {
      this.field.removeAttribute("aria-activedescendant");
      return;
    }
    now.node.classList.add("active");
    if (scroll) now.node.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", now.node.id);
  }
}
