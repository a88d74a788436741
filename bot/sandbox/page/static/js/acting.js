/**
 * The target of the elements of one message or view: where a click goes, what the fields hold, what went wrong.
 */

import { act } from "./api.js";
import { confirmed } from "./dialog.js";

/** Element types that hold several values. */
const MANY = /^(multi_|checkboxes$|file_input$)/;

/** Return the value with which an element begins. */
function initialValue(element) {
  const values = (options) => (options ?? []).map((option) => option.value);
  const found = element.initial_value ?? element.initial_option?.value ?? element.initial_user ?? element.initial_channel
    ?? element.initial_conversation ?? element.initial_date ?? element.initial_time ?? element.initial_date_time
    ?? (element.initial_options && values(element.initial_options)) ?? element.initial_users ?? element.initial_channels
    ?? element.initial_conversations;
  return found ?? (MANY.test(element.type) ? [] : null);
}

/** A key for an element: its place in the message or view. */
export function keyOf(block, element) {
  return `${block.block_id} ${element.action_id}`;
}

export class Host {
  /**
   * @param {{on: Object, view?: Object, ontrouble: (words: string, block: Object) => void, onkeep?: (block: Object) => void}} options
   *   `on`: where acts go, as the workspace wants it, with the version that is on the screen; `view`: the modal or home
   *   tab, if it is one; `onkeep`: is told which block's field was changed
   */
  constructor({ on, view = null, ontrouble, onkeep = () => {} }) {
    this.on = on;
    this.view = view;
    this.ontrouble = ontrouble;
    this.onkeep = onkeep;
    this.typed = new Map();
    this.labels = new Map();
    this.busy = new Set();
    this.underWay = new Set();
  }

  /** Wait for what was used a moment ago: the bot may be changing the view because of it. */
  settled() {
    return Promise.allSettled([...this.underWay]);
  }

  /** The view changed: what was typed stays where the fields stayed. */
  update(view) {
    this.view = view;
    if (view.type === "home") this.on = { view_id: view.id, hash: view.hash };
    const keys = new Set(view.blocks.flatMap((block) => elementsOf(block).map((element) => keyOf(block, element))));
    for (const key of this.typed.keys()) if (!keys.has(key)) this.typed.delete(key);
  }

  /** Return the value of a field. */
  value(block, element) {
    const key = keyOf(block, element);
    if (this.typed.has(key)) return this.typed.get(key);
    const entered = this.view?.entered?.[block.block_id]?.[element.action_id];
    return entered ?? initialValue(element);
  }

  /** Keep what was entered, without telling the bot. */
  keep(block, element, value) {
    this.typed.set(keyOf(block, element), value);
    this.onkeep(block);
  }

  /** Everything entered in the view, as a submit carries it. */
  values() {
    const found = {};
    for (const block of this.view?.blocks ?? []) {
      for (const element of elementsOf(block)) {
        if (element.type === "button" || element.type === "overflow" || !element.action_id) continue;
        (found[block.block_id] ??= {})[element.action_id] = this.value(block, element);
      }
    }
    return found;
  }

  /** Remember how an option reads, to show it again after the list is gone. */
  label(block, element, options) {
    for (const option of options) this.labels.set(`${keyOf(block, element)} ${option.value}`, option);
  }

  /** The option of a value, as far as it is known. */
  option(block, element, value) {
    const offered = [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options),
      ...(element.initial_options ?? []), ...(element.initial_option ? [element.initial_option] : [])];
    const held = this.view?.state?.values?.[block.block_id]?.[element.action_id];
    const chosen = [...(held?.selected_options ?? []), ...(held?.selected_option ? [held.selected_option] : [])];
    return this.labels.get(`${keyOf(block, element)} ${value}`) ?? [...chosen, ...offered].find((option) => option.value === value)
      ?? { value, text: { type: "plain_text", text: value } };
  }

  /**
   * A field of an input block was left, or anything else was used: record it, or tell the bot.
   * @param {HTMLElement} [node] the control, to show that its act is under way
   * @returns {Promise<Object|null>} the outcome; null where a confirm dialog was answered with no
   */
  async used(block, element, value, node) {
    this.keep(block, element, value);
    const silent = block.type === "input" && !block.dispatch_action;
    if (silent) {
      if (this.view) this.#track(act("select", { on: this.on, block_id: block.block_id, action_id: element.action_id, value }));
      return null;
    }
    const on = this.on; // what was on the screen: it may be rewritten while the person is asked
    if (!(await confirmed(element.confirm))) return null;
    return this.#send("select", on, block, element, { value }, node);
  }

  /** A button was pressed. */
  async pressed(block, element, node) {
    const on = this.on;
    if (!(await confirmed(element.confirm))) return null;
    return this.#send("click", on, block, element, {}, node);
  }

  /** Ask the bot for options. */
  options(block, element, query) {
    return act("options", { on: this.on, block_id: block.block_id, action_id: element.action_id, query });
  }

  #track(doing) {
    this.underWay.add(doing);
    return doing.finally(() => this.underWay.delete(doing));
  }

  async #send(path, on, block, element, body, node) {
    const key = keyOf(block, element);
    if (this.busy.has(key)) return null;
    this.busy.add(key);
    node?.setAttribute("aria-busy", "true");
    try {
      const values = this.view ? { values: this.values() } : {};
      const outcome = await this.#track(act(path, { on, block_id: block.block_id, action_id: element.action_id, ...body, ...values }));
      if (!outcome.ok) this.ontrouble(outcome.error.words, block);
      return outcome;
    } finally {
      this.busy.delete(key);
      node?.removeAttribute("aria-busy");
    }
  }
}

/** Every interactive element of a block. */
function elementsOf(block) {
  return [...(block.element ? [block.element] : []), ...(block.accessory?.action_id ? [block.accessory] : []),
    ...(block.type === "actions" || block.type === "context_actions" ? block.elements : [])];
}
