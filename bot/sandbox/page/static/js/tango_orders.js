/** The orders that Tango received, each with its attempts. */

import { fill, h } from "./dom.js";
import { gapBefore, money, placements } from "./tango_store.js";
import { preciseClock } from "./time.js";

/** Most orders to draw: the pane is a window on the latest, not an archive. */
const SHOWN = 60;

/** Draw the list. */
export function drawOrders(panel) {
  const found = placements();
  if (!found.length) {
    fill(panel, h("p", { class: "nothing" }, "No orders yet. You’ll see them here as Tango receives them."));
    return;
  }
  fill(panel, h("ul", { class: "orders", "aria-label": "Orders, newest first" }, ...found.slice(0, SHOWN).map(entry)),
    found.length > SHOWN && h("p", { class: "nothing" }, `and ${found.length - SHOWN} earlier ones`));
}

function entry({ order, arrivals, at, key }) {
  const asked = order ?? wish(arrivals[0]);
  const recipient = asked.recipient ? [asked.recipient.firstName, asked.recipient.lastName].filter(Boolean).join(" ") : "somebody";
  return h("li", { class: "order", dataset: { reference: key } },
    h("div", { class: "order-line" }, h("span", { class: "order-amount" }, asked.amount ? money(asked.amount, asked.currency_code ?? "USD") : "Order"),
      h("span", { class: "order-to" }, ` to ${recipient}`), h("span", { class: "spacer" }), chip(order, arrivals)),
    h("div", { class: "order-note" }, asked.reward_name ?? asked.utid ?? ""),
    h("div", { class: "order-note" }, h("span", { class: "mono" }, order?.reference_order_id ?? key.slice(0, 12)),
      !arrivals.length && h("span", {}, ` · ${preciseClock(new Date(at))}`)),
    arrivals.length > 0 && h("ol", { class: "attempts", "aria-label": "Attempts" }, ...arrivals.map(attempt)));
}

/** Read what was asked for out of the bytes of a request that did not become an order. */
function wish(arrival) {
  try {
    return JSON.parse(arrival.body);
  } catch {
    return {};
  }
}

function chip(order, arrivals) {
  if (order) return h("span", { class: `state-chip ${{ COMPLETE: "good", PENDING: "open", FAILED: "bad" }[order.status] ?? ""}` }, order.status.toLowerCase());
  const open = arrivals.at(-1)?.status === null;
  return h("span", { class: `state-chip ${open ? "open" : "bad"}` }, open ? "under way" : "not placed");
}

function attempt(arrival) {
  const gap = gapBefore(arrival);
  const status = arrival.status ?? "no answer";
  const good = arrival.status === 200 || arrival.status === 201;
  return h("li", { class: "attempt" }, h("time", { class: "mono", datetime: arrival.wall }, preciseClock(new Date(arrival.wall))),
    h("span", { class: `gap mono${arrival.early ? " early" : ""}` }, gap === null ? "first" : `+${gap < 100 ? gap.toFixed(3) : Math.round(gap)} s`),
    h("span", { class: `code mono ${good ? "good" : arrival.status === null ? "open" : "bad"}` }, status));
}
