/** The workspace's sidebar: who acts, the channels, the app. */

import { addressOf, go, session } from "./session.js";
import { avatar } from "./avatar.js";
import { botRows, bots } from "./bots.js";
import { emit, on } from "./bus.js";
import { fill, h, icon, keepingFocus } from "./dom.js";
import { closeMenu, toggleMenu } from "./popup.js";
import { channels, directMessages, isApp, state } from "./store.js";

const nav = document.getElementById("sidebar");

on("loaded", draw);
on("channels", draw);
on("navigated", draw);
on("app", draw);
on("bots", draw);

function draw() {
  if (!state.me) return;
  const { app, people } = directMessages();
  keepingFocus(nav, () => fill(nav,
    h("div", { class: "workspace" }, h("span", { class: "workspace-mark", "aria-hidden": "true" }, (state.team?.name ?? "W")[0]),
      h("span", { class: "workspace-name" }, state.team?.name ?? "Workspace")),
    actingAs(),
    section("Channels", channels().map((channel) => row(channel, icon(channel.is_private ? "lock" : "hash"), channel.name))),
    people.length > 0 && section("Direct messages", people.map((dm) => row(dm, icon("people"), dm.name))),
    app && section("Apps", [row(app, avatar(state.people.get(state.app.bot_user), "small"), app.name, appStatus())]),
    bots.size > 0 && section("Bots", botRows()),
    h("div", { class: "sidebar-foot" },
      h("button", { type: "button", class: "quiet-button", id: "restart-tour", dataset: { key: "tour" }, onclick: () => emit("tour-restart") }, icon("help"), "Guided tour"),
      h("p", { class: "sidebar-note" }, "A stand-in for Slack on this machine. Nothing here leaves it."))));
}

function appStatus() {
  const { mode } = state.app;
  const words = mode ? `connected (${mode === "socket" ? "Socket Mode" : "HTTP"})` : "not connected";
  return h("span", { class: mode ? "status-dot on" : "status-dot", role: "img", "aria-label": words, title: words });
}

function section(title, rows) {
  return h("section", { class: "sidebar-section", "aria-label": title }, h("h2", {}, title), h("ul", {}, ...rows.map((item) => h("li", {}, item))));
}

function row(channel, mark, name, extra) {
  const open = session.channel === channel.id;
  const unread = channel.unread > 0 && !open;
  const count = channel.kind === "dm" ? channel.unread : channel.mentions;
  return h("a", {
    class: `channel${unread ? " unread" : ""}`, href: `${addressOf(session.as)}&in=${channel.id}`, "aria-current": open && "page",
    dataset: { key: channel.id, channel: channel.id, name: channel.name },
    onclick: (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      go({ channel: channel.id, tab: isApp(channel) ? session.tab : "messages" });
      emit("drawer", false);
    },
  }, h("span", { class: "channel-mark" }, mark), h("span", { class: "channel-name" }, name), extra,
  unread && h("span", { class: "visually-hidden" }, `${channel.unread} unread`),
  unread && count > 0 && h("span", { class: "count", "aria-hidden": "true" }, count > 99 ? "99+" : count));
}

function actingAs() {
  const { me } = state;
  const button = h("button", {
    type: "button", class: "acting", id: "acting-as", "aria-haspopup": "menu", "aria-expanded": "false", dataset: { key: "acting" },
    "aria-label": `Acting as ${me.real_name}. Change`, onclick: () => toggleMenu(button, choices(), { label: "Act as", alignEnd: false, wide: true }),
  }, avatar(me), h("span", { class: "acting-words" }, h("span", { class: "acting-note" }, "Acting as"), h("span", { class: "acting-name" }, me.display_name || me.real_name)), icon("down"));
  return button;
}

function choices() {
  return [...state.people.values()].filter((person) => person.can_act).map((person) => ({
    label: person.real_name,
    description: roleOf(person),
    lead: avatar(person, "small"),
    checked: person.id === session.as,
    onselect: () => emit("act-as", person.id),
    extra: h("a", {
      class: "icon-button", href: addressOf(person.id), target: "_blank", rel: "noopener", role: "menuitem", tabindex: "-1",
      "aria-label": `${person.real_name} in a window of their own`, title: "Open in a window of its own", onclick: () => closeMenu(),
    }, icon("window")),
  }));
}

function roleOf(person) {
  const kind = person.is_stranger ? "from another company" : person.is_ultra_restricted || person.is_restricted ? "guest" : person.is_admin ? "workspace admin" : "";
  const groups = [...state.usergroups.values()].filter((group) => group.users?.includes(person.id)).map((group) => `@${group.handle}`);
  return [person.title, kind, ...groups].filter(Boolean).join(" · ");
}
