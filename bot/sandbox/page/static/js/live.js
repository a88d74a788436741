/**
 * The events of both stand-ins, over one web socket. A socket, since a browser keeps at most six ordinary connections
 * to one address over all its windows, and each event stream would hold one.
 */

import { emit } from "./bus.js";
import { session } from "./session.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8_000;

let socket = null;
let wait = FIRST_WAIT;
let timer = null;
const seen = { slack: null, tango: null, bots: null };

// While a button of the mouse is down, nothing is drawn anew: a click on what was replaced meanwhile is lost.
let pressed = false;
const held = [];

addEventListener("pointerdown", () => { pressed = true; }, true);
for (const over of ["pointerup", "pointercancel", "blur"]) addEventListener(over, () => setTimeout(release));

function release() {
  pressed = false;
  held.splice(0).forEach(hear);
}

/** Start over from these positions: what `state` was read at. */
export function follow(positions) {
  Object.assign(seen, positions);
  close();
  open();
}

function close() {
  clearTimeout(timer);
  if (!socket) return;
  socket.onclose = null;
  socket.onmessage = null;
  socket.close();
  socket = null;
  held.length = 0;
}

function open() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const query = new URLSearchParams({ as: session.as });
  for (const [source, seq] of Object.entries(seen)) if (seq !== null && seq !== undefined) query.set(source, seq);
  const mine = new WebSocket(`${scheme}://${location.host}/events?${query}`);
  socket = mine;
  mine.onopen = () => {
    wait = FIRST_WAIT;
    emit("connection", { connected: true });
  };
  mine.onmessage = (event) => (pressed ? held.push(event) : hear(event));
  mine.onclose = () => {
    emit("connection", { connected: false });
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };
}

function hear(event) {
  const { source, id, type, data } = JSON.parse(event.data);
  if (id !== null) seen[source] = id;
  emit(`${source}:${type}`, data);
  emit("event", { source, type, data });
}
