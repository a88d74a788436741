/** A person's picture: their initials on their colour. */

import { h } from "./dom.js";

/** An avatar; decoration, since the name stands beside it. */
export function avatar(person, size = "") {
  const background = /^[0-9a-f]{6}$/i.test(person?.color ?? "") ? person.color : "6b7280";
  return h("span", {
    class: `avatar ${size} ${inkOn(background)}`, "aria-hidden": "true", style: { "background-color": `#${background}` },
  }, person?.initials || "?");
}

/** Return black or white, whichever reads better on a colour (WCAG's relative luminance). */
function inkOn(hex) {
  const [r, g, b] = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "dark-ink" : "light-ink";
}
