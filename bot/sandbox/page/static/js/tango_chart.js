/** A small chart: how long after the one before each order arrived, against the pace that Tango allows. */

import { h, svg } from "./dom.js";
import { gapBefore, tango } from "./tango_store.js";

const WIDTH = 320;
const HEIGHT = 96;
const LEFT = 30;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 16;
/** Arrivals shown: as many as can be told apart at this width. */
const SHOWN = 40;
/** Gaps beyond this many intervals are drawn at the upper edge: only near the line do they matter. */
const CEILING = 3;

/** The chart of the latest arrivals. */
export function chart() {
  const arrivals = [...tango.arrivals.values()].filter((arrival) => gapBefore(arrival) !== null).slice(-SHOWN);
  const interval = tango.minInterval || 1;
  const y = (gap) => TOP + (1 - Math.min(gap / interval, CEILING) / CEILING) * (HEIGHT - TOP - BOTTOM);
  const x = (at) => LEFT + 10 + (at / Math.max(SHOWN - 1, 1)) * (WIDTH - LEFT - RIGHT - 20);
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", role: "img", "aria-label": summary(arrivals) });
  for (const level of [0, 1, 2, 3]) {
    const label = svg("text", { x: LEFT - 4, y: y(level * interval) + 3, class: "chart-label" });
    label.textContent = level === CEILING ? `${trim(level * interval)}+` : `${trim(level * interval)} s`;
    drawing.append(svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(level * interval), y2: y(level * interval), class: level === 1 ? "chart-pace" : "chart-grid" }), label);
  }
  arrivals.forEach((arrival, at) => {
    const gap = gapBefore(arrival);
    const kind = arrival.early ? "early" : arrival.status === 201 || arrival.status === 200 ? "good" : arrival.status === null ? "open" : "bad";
    drawing.append(svg("line", { x1: x(at), x2: x(at), y1: y(0), y2: y(gap), class: `chart-stem ${kind}` }), svg("circle", { cx: x(at), cy: y(gap), r: 3, class: `chart-dot ${kind}` }));
  });
  const foot = svg("text", { x: LEFT, y: HEIGHT - 3, class: "chart-foot" });
  foot.textContent = arrivals.length ? "Seconds since the order before, the latest at the right" : "Seconds between orders: here once there are two";
  drawing.append(foot);
  return h("div", { class: "chart-frame" }, drawing);
}

function trim(number) {
  return Number(number.toFixed(2));
}

function summary(arrivals) {
  const gaps = arrivals.map(gapBefore);
  if (!gaps.length) return "Chart: seconds between the arrivals of orders. None yet.";
  return `Chart: seconds between the arrivals of orders. The shortest of the last ${gaps.length} was ${Math.min(...gaps).toFixed(3)} seconds; ${tango.early} came early.`;
}
