/** A select in which one types to find: one choice or several, from a list at hand or from the bot. */

import { announce, fill, h, iconButton } from "./dom.js";
import { Listbox } from "./listbox.js";

/** Milliseconds to wait for the next key before asking the bot. */
const DEBOUNCE = 200;

/**
 * @param {{
 *   id?: string, key: string, label: string, describedby?: string, placeholder?: string, multi?: boolean, max?: number, invalid?: boolean,
 *   required?: boolean, clearable?: boolean, autofocus?: boolean, selected: import("./listbox.js").Option[], minimum?: number,
 *   source: (query: string) => import("./listbox.js").Group[] | Promise<{groups?: import("./listbox.js").Group[], error?: string}>,
 *   onchange: (selected: import("./listbox.js").Option[]) => void}} options
 */
export function picker(options) {
  return new Picker(options).box;
}

class Picker {
  #options;
  #selected;
  #asked = 0;
  #timer = null;
  #input;
  #list;
  #chips = h("span", { class: "picker-part" });
  #clear = h("span", { class: "picker-part" });

  constructor(options) {
    const { id, key, label, describedby, placeholder = "Choose…", multi = false, max = Infinity, invalid, required, autofocus, selected, minimum = 0 } = options;
    this.#options = { ...options, placeholder, multi, max, minimum };
    this.#selected = selected;
    this.#input = h("input", {
      id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-describedby": describedby,
      "aria-label": id ? undefined : label, "aria-invalid": invalid && "true", "aria-required": required && "true", autofocus,
    });
    this.box = h("div", { class: multi ? "picker multi" : "picker", dataset: { key } });
    this.#list = new Listbox(this.#input, this.box, { label, multi, onchoose: (option) => this.#choose(option) });
    this.box.append(this.#chips, this.#input, this.#clear);
    this.#listen();
    this.#draw();
  }

  #listen() {
    const input = this.#input;
    input.addEventListener("input", () => this.#search());
    // A click on selected text ends with a caret in it, after all listeners: nothing stays selected for the click.
    input.addEventListener("pointerdown", () => this.#list.isOpen || input.setSelectionRange(0, 0));
    input.addEventListener("click", () => this.#list.isOpen || this.#open());
    input.addEventListener("focus", () => !this.#options.multi && input.select());
    input.addEventListener("blur", () => this.#leave());
    input.addEventListener("keydown", (event) => this.#key(event));
    this.box.addEventListener("click", (event) => event.target === this.box && input.focus());
  }

  /** Show the list. What is typed next replaces the choice: a click has put the caret into its name. */
  #open() {
    if (!this.#options.multi) this.#input.select();
    this.#find("");
  }

  #draw() {
    const { multi, clearable, label, placeholder } = this.#options;
    const selected = this.#selected;
    fill(this.#chips, multi ? selected.map((option) => this.#chip(option)) : []);
    fill(this.#clear, !multi && clearable && selected.length
      ? iconButton("close", `Clear ${label}`, () => this.#set([]), { class: "picker-clear" }) : []);
    this.#input.placeholder = selected.length && multi ? "" : placeholder;
    if (!multi) this.#input.value = textOf(selected[0]);
  }

  #chip(option) {
    return h("span", { class: "chip" }, option.lead?.cloneNode(true), h("span", {}, option.text),
      iconButton("close", `Remove ${textOf(option)}`, () => {
        this.#set(this.#without(option));
        this.#input.focus();
      }));
  }

  #has(option) {
    return this.#selected.some((other) => other.value === option.value);
  }

  #without(option) {
    return this.#selected.filter((other) => other.value !== option.value);
  }

  #set(now) {
    this.#selected = now;
    this.#draw();
    this.#options.onchange(now);
  }

  #choose(option) {
    const { multi, max } = this.#options;
    // What was typed last may still be looked for: its answer must not open the list again.
    this.#drop();
    if (!multi) {
      this.#list.close();
      this.#set([option]);
      this.#input.select();
      return;
    }
    this.#input.value = "";
    const has = this.#has(option);
    if (!has && this.#selected.length >= max) {
      this.#list.say(`At most ${max} can be chosen.`);
      return;
    }
    announce(`${textOf(option)} ${has ? "removed" : "added"}`);
    this.#set(has ? this.#without(option) : [...this.#selected, option]);
    this.#list.close();
    this.#input.focus();
  }

  async #find(query) {
    const { minimum, source } = this.#options;
    const mine = (this.#asked += 1);
    const list = this.#list;
    if (query.length < minimum) {
      this.#input.ariaBusy = "false";
      list.say(minimum === 1 ? "Type to search." : `Type ${minimum} letters to search.`);
      return;
    }
    const answer = source(query);
    if (answer instanceof Promise) list.say("Loading…");
    const found = await answer;
    if (mine !== this.#asked || document.activeElement !== this.#input) return;
    this.#input.ariaBusy = "false";
    const groups = Array.isArray(found) ? found : found.groups ?? [];
    if (found.error) list.say(found.error);
    else if (!groups.some((group) => group.options.length)) list.say("No matches.");
    else list.show(groups.map((group) => ({ ...group, options: group.options.map((option) => ({ ...option, selected: this.#has(option) })) })));
  }

  #search() {
    this.#drop(); // an answer to what was typed before must not be shown over this
    const query = this.#input.value.trim();
    this.#input.ariaBusy = "true";
    this.#timer = setTimeout(() => this.#find(query), this.#options.remote ? DEBOUNCE : 0);
  }

  /** Look no more for what was typed before. */
  #drop() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#input.ariaBusy = "false";
  }

  #leave() {
    const { multi, clearable } = this.#options;
    this.#drop();
    this.#list.close();
    if (multi) this.#input.value = "";
    else if (this.#input.value.trim() === "" && clearable && this.#selected.length) this.#set([]);
    else this.#input.value = textOf(this.#selected[0]);
  }

  #key(event) {
    const { multi } = this.#options;
    if (this.#list.key(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.#find(multi ? this.#input.value.trim() : "");
    } else if (event.key === "Enter") {
      event.preventDefault();
    } else if (event.key === "Backspace" && multi && !this.#input.value && this.#selected.length) {
      this.#set(this.#selected.slice(0, -1));
    }
  }
}

function textOf(option) {
  if (!option) return "";
  return typeof option.text === "string" ? option.text : h("span", {}, option.text).textContent;
}
