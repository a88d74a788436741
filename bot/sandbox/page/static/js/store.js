/** The workspace as the acting person sees it, kept true by the events. */

import { read } from "./api.js";
import { emit, on } from "./bus.js";
import { session } from "./session.js";

/** Messages in one page: more than any screen shows, and quick to draw. */
const PAGE = 60;

export const state = {
  team: null,
  app: null,
  me: null,
  people: new Map(),
  usergroups: new Map(),
  channels: new Map(),
  publicChannels: {},
  commands: [],
  shortcuts: [],
  steps: [],
  modals: [],
  home: null,
  faults: {},
};

/** Read everything again. Return the position to follow from, or null where the demo does not answer. */
export async function load() {
  const found = await read("state");
  if (!found.ok) return null;
  state.team = found.team;
  state.app = found.app;
  state.me = found.me;
  state.people = byId(found.people);
  state.usergroups = byId(found.usergroups);
  state.channels = byId(found.channels);
  state.publicChannels = found.public_channels;
  state.commands = found.commands;
  state.shortcuts = found.shortcuts;
  state.steps = found.steps;
  state.modals = found.modals;
  state.home = found.home;
  state.faults = found.faults;
  emit("loaded");
  return found.seq;
}

function byId(list) {
  return new Map(list.map((item) => [item.id, item]));
}

/** The person's channels, in the sidebar's order. */
export function channels() {
  return [...state.channels.values()].filter((c) => c.kind === "channel" && c.is_member && !c.is_archived)
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** Direct messages with people, and those with the app apart. */
export function directMessages() {
  const all = [...state.channels.values()].filter((c) => c.kind === "dm");
  return { app: all.find(isApp) ?? null, people: all.filter((c) => !isApp(c)) };
}

/** Tell whether a conversation is the one with the app. */
export function isApp(channel) {
  return channel.kind === "dm" && channel.members.includes(state.app.bot_user);
}

/** A page of messages of a conversation or thread, oldest first. */
export function messages(channel, { before, thread } = {}) {
  return read("messages", { channel, limit: thread ? 1000 : PAGE, before, thread_ts: thread });
}

/** Return a person's name. */
export function nameOf(id) {
  const person = state.people.get(id);
  return person ? person.display_name || person.real_name || person.name : id;
}

on("slack:channel", ({ channel }) => {
  const before = state.channels.get(channel.id);
  const present = channel.is_member || channel.kind === "dm";
  if (present) state.channels.set(channel.id, channel);
  else state.channels.delete(channel.id);
  emit("channels", { channel, before });
  if (!present && session.channel === channel.id) emit("channel-gone", { channel });
});

on("slack:modals", ({ modals }) => {
  state.modals = modals;
  emit("modals");
});

on("slack:home", ({ view }) => {
  state.home = view;
  emit("home");
});

on("slack:app", ({ mode }) => {
  state.app.mode = mode;
  emit("app");
});

on("slack:manifest", ({ commands, shortcuts, steps }) => {
  state.commands = commands;
  state.shortcuts = shortcuts;
  state.steps = steps;
});

on("slack:faults", ({ faults }) => {
  state.faults = faults;
  emit("slack-faults");
});
