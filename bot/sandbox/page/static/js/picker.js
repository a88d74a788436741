/** A select in which one types to find: one choice or several, from a list at hand or from the bot. */

import { announce, fill, h, iconButton } from "./dom.js";
import { Listbox } from "./listbox.js";

/** How long to wait for the next key before asking the bot. */
const DEBOUNCE = 200;

/**
 * @param {{
 *   id?: string, key: string, label: string, describedby?: string, placeholder?: string, multi?: boolean, max?: number, invalid?: boolean,
 *   required?: boolean, clearable?: boolean, autofocus?: boolean, selected: import("./listbox.js").Option[], minimum?: number,
 *   source: (query: string) => import("./listbox.js").Group[] | Promise<{groups?: import("./listbox.js").Group[], error?: string}>,
 *   onchange: (selected: import("./listbox.js").Option[]) => void}} options
 */
export function picker(options) {
  const { id, key, label, describedby, placeholder = "Choose…", multi = false, max = Infinity, invalid, required, source, onchange, minimum = 0 } = options;
  let selected = options.selected;
  let asked = 0;
  let timer = null;

  const input = h("input", {
    id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-describedby": describedby,
    "aria-label": id ? undefined : label, "aria-invalid": invalid && "true", "aria-required": required && "true", autofocus: options.autofocus,
  });
  const box = h("div", { class: multi ? "picker multi" : "picker", dataset: { key } });
  const list = new Listbox(input, box, { label, multi, onchoose: choose });

  const chips = h("span", { class: "picker-part" });
  const clear = h("span", { class: "picker-part" });
  box.append(chips, input, clear);

  function draw() {
    fill(chips, multi ? selected.map((option) => chip(option)) : []);
    fill(clear, !multi && options.clearable && selected.length
      ? iconButton("close", `Clear ${label}`, () => set([]), { class: "picker-clear" }) : []);
    input.placeholder = selected.length && multi ? "" : placeholder;
    if (!multi) input.value = textOf(selected[0]);
  }

  function chip(option) {
    return h("span", { class: "chip" }, option.lead?.cloneNode(true), h("span", {}, option.text),
      iconButton("close", `Remove ${textOf(option)}`, () => {
        set(selected.filter((other) => other.value !== option.value));
        input.focus();
      }));
  }

  function set(now) {
    selected = now;
    draw();
    onchange(selected);
  }

  function choose(option) {
    if (!multi) {
      list.close();
      set([option]);
      input.select();
      return;
    }
    input.value = "";
    const has = selected.some((other) => other.value === option.value);
    if (!has && selected.length >= max) {
      list.say(`At most ${max} can be chosen.`);
      return;
    }
    announce(`${textOf(option)} ${has ? "removed" : "added"}`);
    set(has ? selected.filter((other) => other.value !== option.value) : [...selected, option]);
    list.close();
    input.focus();
  }

  async function find(query) {
    const mine = (asked += 1);
    if (query.length < minimum) {
      list.say(minimum === 1 ? "Type to search." : `Type ${minimum} letters to search.`);
      return;
    }
    const answer = source(query);
    if (answer instanceof Promise) list.say("Loading…");
    const found = await answer;
    if (mine !== asked || document.activeElement !== input) return;
    const groups = Array.isArray(found) ? found : found.groups ?? [];
    if (found.error) list.say(found.error);
    else if (!groups.some((group) => group.options.length)) list.say("No matches.");
    else list.show(groups.map((group) => ({ ...group, options: group.options.map(marked) })));
  }

  function marked(option) {
    return { ...option, selected: selected.some((other) => other.value === option.value) };
  }

  function search() {
    clearTimeout(timer);
    const query = input.value.trim();
    const wait = options.remote ? DEBOUNCE : 0;
    timer = setTimeout(() => find(query), wait);
  }

  function leave() {
    clearTimeout(timer);
    asked += 1;
    list.close();
    if (multi) input.value = "";
    else if (input.value.trim() === "" && options.clearable && selected.length) set([]);
    else input.value = textOf(selected[0]);
  }

  input.addEventListener("input", search);
  input.addEventListener("click", () => !list.isOpen && find(""));
  input.addEventListener("focus", () => !multi && input.select());
  input.addEventListener("blur", leave);
  input.addEventListener("keydown", (event) => {
    if (list.key(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      find(multi ? input.value.trim() : "");
    } else if (event.key === "Enter") {
      event.preventDefault();
    } else if (event.key === "Backspace" && multi && !input.value && selected.length) {
      set(selected.slice(0, -1));
    }
  });
  box.addEventListener("click", (event) => event.target === box && input.focus());
  draw();
  return box;
}

function textOf(option) {
  if (!option) return "";
  return typeof option.text === "string" ? option.text : h("span", {}, option.text).textContent;
}
