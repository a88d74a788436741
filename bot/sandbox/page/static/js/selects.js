/** The menus of Block Kit: static and external ones, and those of people and conversations. */

import { keyOf } from "./acting.js";
import { avatar } from "./avatar.js";
import { h, icon } from "./dom.js";
import { textObject } from "./mrkdwn.js";
import { findPeople } from "./people.js";
import { picker } from "./picker.js";
import { isApp, state } from "./store.js";

/** Most options to draw at once: more than anybody reads, fewer than anybody waits for. */
const SHOWN = 100;

/** Slack's own default for external selects. */
const MINIMUM_QUERY = 3;

/** Any element whose type ends in `_select`, as a control. */
export function select(element, block, host, { id, label, describedby, invalid, required }) {
  const multi = element.type.startsWith("multi_");
  const kind = element.type.replace(/^multi_/, "").replace(/_select$/, "");
  const held = host.value(block, element);
  const values = multi ? held ?? [] : held === null || held === undefined ? [] : [held];
  return picker({
    id, key: keyOf(block, element), label: label ?? element.placeholder?.text ?? "Choose", describedby, invalid, required, multi,
    placeholder: element.placeholder?.text ?? (multi ? "Choose some…" : "Choose…"),
    max: element.max_selected_items,
    autofocus: element.focus_on_load,
    clearable: block.type === "input" && block.optional,
    remote: kind === "external",
    minimum: kind === "external" ? element.min_query_length ?? MINIMUM_QUERY : 0,
    selected: values.map((value) => SHOW[kind](value, { element, block, host })),
    source: (query) => SOURCES[kind](query, { element, block, host }),
    onchange: (selected) => {
      const now = selected.map((option) => option.value);
      host.used(block, element, multi ? now : now[0] ?? null);
    },
  });
}

const chosenOption = (value, { element, block, host }) => asOption(host.option(block, element, value));

const SHOW = {
  static: chosenOption,
  external: chosenOption,
  users: (id) => personOption(state.people.get(id) ?? { id, name: id, real_name: id, initials: "?", color: "777777" }),
  channels: conversation,
  conversations: conversation,
};

function conversation(id) {
  const person = state.people.get(id);
  return person ? personOption(person) : channelOption(state.channels.get(id) ?? { id, name: id, kind: "channel" });
}

const SOURCES = {
  static: (query, { element, block, host }) => {
    const groups = element.option_groups ?? [{ options: element.options ?? [] }];
    return groups.map((group) => {
      const options = group.options.filter((option) => matches(query, option.text.text));
      host.label(block, element, options);
      return { label: group.label && textObject(group.label), options: options.slice(0, SHOWN).map(asOption) };
    }).filter((group) => group.options.length);
  },
  external: async (query, { element, block, host }) => {
    const answer = await host.options(block, element, query);
    if (!answer.ok) return { error: "The options could not be loaded." };
    const groups = answer.option_groups?.length ? answer.option_groups : [{ options: answer.options ?? [] }];
    for (const group of groups) host.label(block, element, group.options);
    return { groups: groups.map((group) => ({ label: group.label && textObject(textOf(group.label)), options: group.options.map(asOption) })) };
  },
  users: (query) => [{ options: findPeople(query).map(personOption) }],
  channels: (query) => [{ options: channels(query).map(channelOption) }],
  conversations: (query, { element }) => {
    const include = element.filter?.include ?? ["public", "private", "im"];
    const withPeople = include.includes("im");
    return [
      { label: "Channels", options: channels(query).filter((c) => include.includes(c.is_private ? "private" : "public")).map(channelOption) },
      { label: "People", options: withPeople ? findPeople(query, { bots: !element.filter?.exclude_bot_users }).map(personOption) : [] },
    ].filter((group) => group.options.length);
  },
};

/** Labels of groups may come as text objects or as mere words. */
function textOf(label) {
  return typeof label === "string" ? { type: "plain_text", text: label } : label;
}

function asOption(option) {
  const text = textOf(option.text);
  return {
    value: option.value, text: textObject(text), description: option.description && textObject(textOf(option.description)),
  };
}

function matches(query, ...texts) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const whole = texts.join(" ").toLowerCase();
  return words.every((word) => whole.includes(word));
}

function personOption(person) {
  const name = person.real_name || person.name;
  const others = person.display_name && person.display_name !== name ? person.display_name : "";
  return { value: person.id, text: name, description: [others, person.title].filter(Boolean).join(" · "), lead: avatar(person, "small") };
}

function channels(query) {
  return [...state.channels.values()].filter((channel) => channel.kind === "channel" && !channel.is_archived && !isApp(channel))
    .filter((channel) => matches(query.replace(/^#/, ""), channel.name)).sort((a, b) => a.name.localeCompare(b.name));
}

function channelOption(channel) {
  return { value: channel.id, text: channel.name, lead: h("span", { class: "option-icon" }, icon(channel.is_private ? "lock" : "hash")) };
}
