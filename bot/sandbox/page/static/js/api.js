/** Every request that the page makes. All go to the page's own origin. */

import { emit } from "./bus.js";
import { session } from "./session.js";

const SLACK = "/slack/_sandbox";
const TANGO = "/tango/_sandbox";
const BOTS = "/bots/_sandbox";

const UNREACHABLE = {
  ok: false,
  error: { kind: "trouble", code: "unreachable", words: "The demo cannot be reached. Is it still running?" },
};

async function request(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch {
    return UNREACHABLE;
  }
  if (response.status === 204) return { ok: true };
  try {
    return await response.json();
  } catch {
    return { ok: false, error: { kind: "trouble", code: "unreadable", words: `The demo answered ${response.status}.` } };
  }
}

function url(base, path, params = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null) query.set(name, value);
  }
  const text = query.toString();
  return `${base}/${path}${text ? `?${text}` : ""}`;
}

function post(address, body) {
  return request(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Read from the workspace as the acting person. */
export function read(path, params = {}) {
  return request(url(SLACK, path, { as: session.as, ...params }));
}

/** The people who can be acted as; asked once, before anybody acts. */
export function readPeople() {
  return request(url(SLACK, "people"));
}

/**
 * Do something in the workspace as the acting person. Answers the outcome; `ok` is false where the bot or Slack
 * did not let it happen, and `error.words` then says it as Slack would.
 */
export async function act(path, body = {}) {
  const outcome = await post(url(SLACK, path), { as: session.as, ...body });
  emit("acted", { path, body, outcome });
  return outcome;
}

/** Switch one of Slack's own faults. */
export function slackFault(body) {
  return post(url(SLACK, "faults"), body);
}

/** Upload a file; answers `{ok, file}`. */
export function upload(file) {
  return request(url(SLACK, "upload", { as: session.as, filename: file.name }), {
    method: "POST",
    headers: { "Content-Type": file.type || "application/octet-stream" },
    body: file,
  });
}

/** Return the address at which an uploaded file can be read. */
export function fileUrl(id) {
  return url(SLACK, `files/${encodeURIComponent(id)}`, { as: session.as });
}

/** Read from the Tango stand-in. */
export function readTango(path) {
  return request(url(TANGO, path));
}

/** Change something in the Tango stand-in. */
export function postTango(path, body) {
  return post(url(TANGO, path), body);
}

/** Take something back in the Tango stand-in. */
export function deleteTango(path) {
  return request(url(TANGO, path), { method: "DELETE" });
}

/** Kill a bot, or start it: `act` is "kill" or "start". */
export function switchBot(number, act) {
  return post(`${BOTS}/bots/${number}/${act}`, {});
}

/** Freeze the account that pays, or lift that. */
export function freeze(frozen) {
  return post("/freeze", { frozen });
}
