/** The complaints of Slack's own client about a form, made before it asks the bot. */

const REQUIRED = "Please complete this required field.";

/** Return what is wrong, by block_id; empty where all is well. */
export function problems(view, host) {
  const found = {};
  for (const block of view.blocks) {
    if (block.type !== "input") continue;
    const words = problem(block, host.value(block, block.element));
    if (words) found[block.block_id] = words;
  }
  return found;
}

function isEmpty(value) {
  return value === null || value === undefined || (typeof value === "string" && value.trim() === "") || (Array.isArray(value) && value.length === 0);
}

function problem({ optional, element }, value) {
  if (isEmpty(value)) return optional ? null : REQUIRED;
  const { type, min_length: least, max_length: most } = element;
  if (typeof value === "string" && most && value.length > most) return `This is ${value.length - most} characters too long: at most ${most}.`;
  if (typeof value === "string" && least && value.length < least) return `At least ${least} characters are needed.`;
  if (type === "email_text_input" && !/^\S+@\S+\.\S+$/.test(value)) return "Please enter a valid email address.";
  if (type === "url_text_input" && !URL.canParse(value)) return "Please enter a valid URL.";
  return type === "number_input" ? numberProblem(element, value) : null;
}

function numberProblem(element, value) {
  const shape = element.is_decimal_allowed ? /^-?\d+([.]\d+)?$/ : /^-?\d+$/;
  if (!shape.test(value.trim())) return element.is_decimal_allowed ? "Please enter a number." : "Please enter a whole number.";
  if (element.min_value !== undefined && Number(value) < Number(element.min_value)) return `Please enter ${element.min_value} or more.`;
  if (element.max_value !== undefined && Number(value) > Number(element.max_value)) return `Please enter ${element.max_value} or less.`;
  return null;
}
