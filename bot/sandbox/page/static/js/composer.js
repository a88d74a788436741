/** The field to write in: messages, slash commands, mentions; with completion for each. */

import { act, upload } from "./api.js";
import { avatar } from "./avatar.js";
import { emit } from "./bus.js";
import { announce, fill, h, icon, iconButton, uniqueId } from "./dom.js";
import { emojiLike } from "./emoji.js";
import { Listbox } from "./listbox.js";
import { findPeople } from "./people.js";
import { toggleMenu } from "./popup.js";
import { channels, state } from "./store.js";
import { openStep } from "./workflow.js";

/** Suggestions at a time. */
const SHOWN = 8;

/** Words that were typed and not sent, by conversation: they wait there. */
const drafts = new Map();

export class Composer {
  /** @param {{channel: Object, thread?: string|null, label: string}} options */
  constructor({ channel, thread = null, label }) {
    this.channel = channel;
    this.thread = thread;
    this.key = `${state.me.id} ${channel.id} ${thread ?? ""}`;
    this.files = [];
    this.turn = Promise.resolve();
    this.waiting = 0;
    this.hint = h("p", { class: "composer-hint", id: uniqueId("hint"), role: "status" });
    this.notice = h("div", { class: "composer-notice", role: "alert" });
    this.chosen = h("ul", { class: "file-list composer-files", "aria-label": "Files to send" });
    this.input = h("textarea", {
      class: "composer-input", rows: "1", "aria-label": label, placeholder: label, "aria-describedby": this.hint.id, value: drafts.get(this.key) ?? "", spellcheck: "true",
    });
    this.sendButton = iconButton("send", "Send", () => this.send(), { class: "send", dataset: { key: "send" } });
    this.fileInput = h("input", { type: "file", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true", multiple: true, onchange: () => this.#attach() });
    this.frame = h("div", { class: "composer-frame" }, this.input, this.chosen, h("div", { class: "composer-tools" },
      this.#shortcutsButton(), iconButton("clip", "Attach a file", () => this.fileInput.click()), this.fileInput, h("span", { class: "spacer" }), this.sendButton));
    this.element = h("div", { class: "composer", dataset: { composer: thread ? "thread" : "channel" } }, this.notice, this.frame, this.hint);
    this.list = new Listbox(this.input, this.frame, { label: "Suggestions", onchoose: (option) => this.#complete(option), expanded: false });
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("click", () => this.#suggest());
    this.input.addEventListener("blur", () => this.list.close());
    this.#grow();
    this.#explain();
  }

  focus() {
    this.input.focus();
  }

  /** Put words in, as if typed. */
  write(text) {
    this.input.value = text;
    this.#typed();
    this.input.focus();
  }

  #shortcutsButton() {
    const button = iconButton("bolt", "Shortcuts", () => {
      const commands = state.commands.map((command) => ({
        label: command.command, description: command.description, onselect: () => this.write(`${command.command} `),
      }));
      const global = state.shortcuts.filter((shortcut) => shortcut.type === "global").map((shortcut) => ({
        label: shortcut.name, description: shortcut.description, onselect: () => this.#act(() => act("shortcut", { callback_id: shortcut.callback_id })),
      }));
      const steps = state.steps.map((step) => ({ label: step.title, description: step.description, onselect: () => openStep(step) }));
      const items = [...(global.length ? [{ heading: "Shortcuts" }, ...global] : []), ...(commands.length ? [{ heading: "Commands" }, ...commands] : []),
        ...(steps.length ? [{ heading: "Workflow steps" }, ...steps] : [])];
      toggleMenu(button, items.length ? items : [{ heading: "There are no shortcuts yet." }], { label: "Shortcuts", alignEnd: false, wide: true });
    }, { "aria-haspopup": "menu", "aria-expanded": "false" });
    return button;
  }

  async #attach() {
    for (const file of this.fileInput.files) {
      const answer = await upload(file);
      if (answer.ok) this.files.push(answer.file);
      else this.say(answer.error.words);
    }
    this.fileInput.value = "";
    this.#drawFiles();
  }

  #drawFiles() {
    fill(this.chosen, this.files.map((file) => h("li", {}, icon("file"), h("span", {}, file.name), iconButton("close", `Remove ${file.name}`, () => {
      this.files = this.files.filter((other) => other !== file);
      this.#drawFiles();
    }))));
  }

  #typed() {
    drafts.set(this.key, this.input.value);
    this.say("");
    this.#grow();
    this.#explain();
    this.#suggest();
  }

  #grow() {
    this.input.style.setProperty("height", "auto");
    if (this.input.scrollHeight) this.input.style.setProperty("height", `${Math.min(this.input.scrollHeight, 200)}px`);
    this.sendButton.disabled = !this.input.value.trim();
  }

  /** Below the field: how the command that is being typed is used. */
  #explain() {
    const match = /^(\/\S+)(\s|$)/.exec(this.input.value);
    const command = match && state.commands.find((one) => one.command === match[1]);
    fill(this.hint, command && [h("b", {}, command.command), " ", command.usage_hint, command.usage_hint && command.description && " — ", command.description]);
  }

  /** Return the words before the caret that can be completed. */
  #suggest() {
    const { value, selectionStart: caret } = this.input;
    const before = value.slice(0, caret);
    const found = this.#commandsFor(before) ?? this.#wordFor(before);
    if (!found?.options.length || isWhole(found, before)) {
      this.list.close();
      return;
    }
    this.from = found.from;
    this.list.show([{ options: found.options }]);
    announce(`${found.options.length} suggestions`);
  }

  #commandsFor(before) {
    if (this.thread || !/^\/\S*$/.test(before)) return null;
    const options = state.commands.filter((one) => one.command.startsWith(before) && one.command !== before).map((one) => ({
      value: `${one.command} `, text: [h("b", {}, one.command), one.usage_hint && h("span", { class: "usage" }, ` ${one.usage_hint}`)], description: one.description,
      lead: h("span", { class: "option-icon" }, icon("bolt")),
    }));
    return { from: 0, options };
  }

  #wordFor(before) {
    const match = /(^|[\s(,])([@#:])([\p{L}\p{N}_.+-]*)$/u.exec(before);
    if (!match) return null;
    const [, , sign, rest] = match;
    const from = before.length - rest.length - 1;
    const query = rest.toLowerCase();
    if (sign === "@") return { from, options: mentions(query) };
    if (sign === "#") {
      const named = channels().filter((channel) => channel.name.includes(query)).slice(0, SHOWN);
      return { from, options: named.map((channel) => ({ value: `#${channel.name} `, text: channel.name, lead: h("span", { class: "option-icon" }, icon(channel.is_private ? "lock" : "hash")) })) };
    }
    if (query.length < 2) return null;
    return { from, options: emojiLike(query, SHOWN).map(([name, character]) => ({ value: `:${name}: `, text: `:${name}:`, lead: h("span", { class: "option-icon emoji" }, character) })) };
  }

  #complete(option) {
    const { value, selectionStart: caret } = this.input;
    this.input.value = value.slice(0, this.from) + option.value + value.slice(caret);
    const at = this.from + option.value.length;
    this.input.setSelectionRange(at, at);
    this.list.close();
    this.#typed();
    this.input.focus();
  }

  #key(event) {
    if (event.key === "Tab" && !event.shiftKey && this.list.isOpen && this.list.current) {
      event.preventDefault();
      this.#complete(this.list.current);
    } else if (this.list.key(event)) {
      // the list has taken it
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && !this.input.value) {
      event.preventDefault();
      emit("focus-messages", this.thread);
    }
  }

  /** Send what is written: a command to the bot, all else to the conversation. */
  async send() {
    const text = this.input.value.trim();
    if (!text && !this.files.length) return;
    const files = this.files;
    const slash = /^(\/[^\s/]+)(?:\s+([\s\S]*))?$/.exec(text);
    this.#clear();
    if (slash && this.thread) {
      this.#failed(text, files, `${slash[1]} is not supported in threads. Sorry!`);
      return;
    }
    const doing = () => (slash ? act("command", { command: slash[1], text: slash[2] ?? "", channel: this.channel.id })
      : act("message", { channel: this.channel.id, text, ...(this.thread && { thread_ts: this.thread }), ...(files.length && { files: files.map((file) => file.id) }) }));
    await this.#act(doing, () => this.#restore(text, files));
  }

  /** One after the other: what was written second does not arrive first. */
  async #act(doing, onfail) {
    this.waiting += 1;
    this.frame.setAttribute("aria-busy", "true");
    const outcome = await (this.turn = this.turn.then(doing));
    this.waiting -= 1;
    if (!this.waiting) this.frame.removeAttribute("aria-busy");
    if (outcome.ok) return;
    onfail?.();
    this.say(outcome.error.words);
  }

  #failed(text, files, words) {
    this.#restore(text, files);
    this.say(words);
  }

  #restore(text, files) {
    if (!this.input.value) this.input.value = text;
    this.files = files;
    this.#drawFiles();
    this.#typed();
  }

  #clear() {
    this.input.value = "";
    this.files = [];
    this.#drawFiles();
    this.#typed();
    this.list.close();
  }

  /** Say what went wrong, above the field. */
  say(words) {
    fill(this.notice, words && [icon("warn"), h("span", {}, words), h("span", { class: "only-you" }, icon("eye"), "Only visible to you")]);
  }
}

/** Tell whether the only completion is typed already: then Enter is to send it. */
function isWhole({ from, options }, before) {
  return options.length === 1 && options[0].value.trim() === before.slice(from);
}

/** People, then groups, to mention. */
function mentions(query) {
  const people = findPeople(query).map((person) => ({
    value: `@${person.name} `, text: person.display_name || person.real_name, description: [person.real_name, person.title].filter(Boolean).join(" · "),
    lead: avatar(person, "small"),
  }));
  const groups = [...state.usergroups.values()].filter((group) => `${group.handle} ${group.name}`.toLowerCase().includes(query)).map((group) => ({
    value: `@${group.handle} `, text: `@${group.handle}`, description: group.name, lead: h("span", { class: "option-icon" }, icon("people")),
  }));
  return [...people.slice(0, SHOWN - groups.length), ...groups];
}
