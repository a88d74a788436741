/** Finding people by what one remembers of their names. */

import { state } from "./store.js";

/**
 * People whose names contain a query: those called so first, then those whose other names begin so.
 * @param {string} query
 * @param {{bots?: boolean}} [options]
 */
export function findPeople(query, { bots = true } = {}) {
  const wanted = query.trim().replace(/^@/, "").toLowerCase();
  return [...state.people.values()]
    .filter((person) => !person.deleted && (bots || !person.is_bot))
    .map((person) => ({ person, rank: rankOf(person, wanted) }))
    .filter(({ rank }) => rank < NEVER)
    .sort((a, b) => a.rank - b.rank || a.person.real_name.localeCompare(b.person.real_name))
    .map(({ person }) => person);
}

const NEVER = 9;

function rankOf({ name, display_name: display, real_name: real }, wanted) {
  const names = [name, display, real].map((one) => (one ?? "").toLowerCase());
  if (names.some((one) => one.startsWith(wanted))) return 0;
  if (names[2].split(/\s+/).some((word) => word.startsWith(wanted))) return 1;
  return names.some((one) => one.includes(wanted)) ? 2 : NEVER;
}
