/** The page's events: its parts hear of each other through here alone. */

const listeners = new Map();

/**
 * Be called whenever something happens on a topic.
 * @param {string} topic
 * @param {(detail: any) => void} listener
 * @returns {() => void} ends it
 */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(listener);
  return () => listeners.get(topic).delete(listener);
}

/** Tell everybody who listens on a topic. */
export function emit(topic, detail) {
  for (const listener of [...(listeners.get(topic) ?? [])]) listener(detail);
}
