/** The Tango stand-in's state, kept true by its events. */

import { readTango } from "./api.js";
import { emit, on } from "./bus.js";

export const tango = {
  ready: false,
  /** By referenceOrderID. */
  orders: new Map(),
  /** POST /orders as they came in, by number. */
  arrivals: new Map(),
  emails: [],
  resends: 0,
  accounts: [],
  faults: [],
  faultNames: {},
  minInterval: 1,
  resendCooldown: 30,
  early: 0,
};

/** Read everything again. Return the position to follow from, or null where the demo does not answer. */
export async function loadTango() {
  const found = await readTango("state");
  if (!found.accounts) return null;
  tango.orders = new Map(found.orders.map((order) => [order.reference_order_id, order]));
  tango.arrivals = new Map(found.arrivals.map((arrival) => [arrival.number, arrival]));
  tango.emails = found.emails;
  tango.resends = found.counts.resends;
  tango.accounts = found.accounts;
  tango.faults = found.faults;
  tango.faultNames = found.faultNames;
  tango.minInterval = found.minInterval;
  tango.resendCooldown = found.resendCooldown;
  tango.early = found.early;
  tango.ready = true;
  emit("tango");
  return found.seq;
}

/** The account that pays. */
export function account() {
  return tango.accounts[0] ?? null;
}

/** Tell whether the account is frozen. */
export function isFrozen() {
  return account()?.status === "FROZEN";
}

/**
 * Return the arrivals by reference: each order with its attempts, or attempts that have not become an order; newest first.
 * @returns {Array<{key: string, order: Object|null, arrivals: Object[], at: string}>}
 */
export function placements() {
  const found = new Map();
  const of = (key) => {
    if (!found.has(key)) found.set(key, { key, order: null, arrivals: [] });
    return found.get(key);
  };
  for (const order of tango.orders.values()) of(order.external_ref_id ?? order.reference_order_id).order = order;
  for (const arrival of tango.arrivals.values()) of(arrival.external_ref_id ?? `arrival-${arrival.number}`).arrivals.push(arrival);
  return [...found.values()].map((one) => ({ ...one, at: one.arrivals[0]?.wall ?? one.order.created_at }))
    .sort((a, b) => (a.at < b.at ? 1 : -1));
}

/** Seconds since the arrival before this one, or null for the first. */
export function gapBefore(arrival) {
  const before = tango.arrivals.get(arrival.number - 1);
  return before ? arrival.monotonic - before.monotonic : null;
}

/** An amount with its currency, as the reader writes money. */
export function money(amount, currency) {
  return new Intl.NumberFormat("en-US", { style: "currency", currency }).format(Number(amount));
}

function changed() {
  emit("tango");
}

on("tango:arrival", ({ arrival }) => {
  if (arrival.early && !tango.arrivals.has(arrival.number)) tango.early += 1;
  tango.arrivals.set(arrival.number, arrival);
  changed();
});

on("tango:answer", ({ arrival }) => {
  tango.arrivals.set(arrival.number, arrival);
  changed();
});

on("tango:order", ({ order }) => {
  tango.orders.set(order.reference_order_id, order);
  changed();
});

on("tango:email", ({ email }) => {
  tango.emails.push(email);
  changed();
});

on("tango:resend", () => {
  tango.resends += 1;
  changed();
});

on("tango:balance", ({ account: identifier, value, status }) => {
  const found = tango.accounts.find((one) => one.identifier === identifier);
  if (found) Object.assign(found, { balance: value, status });
  changed();
});

on("tango:fault", ({ active }) => {
  tango.faults = active;
  changed();
});
