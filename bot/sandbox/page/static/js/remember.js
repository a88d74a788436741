/** Small things that this browser remembers; a browser that refuses to remember loses nothing else. */

const PREFIX = "kudos-demo.";

/** Return what was remembered under a name, or the fallback. */
export function recall(name, fallback) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

/** Remember a value under a name. */
export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // storage is full or forbidden: the page works without
  }
}

/** Be told when another window remembers something else under this name. */
export function watch(name, listener) {
  window.addEventListener("storage", (event) => {
    if (event.key === PREFIX + name) listener(recall(name, null));
  });
}
