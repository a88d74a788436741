/** A workflow with one step of the app: its inputs are filled in as in Workflow Builder, and it is run at once. */

import { act } from "./api.js";
import { avatar } from "./avatar.js";
import { openDialog } from "./dialog.js";
import { fill, h, icon, iconButton, uniqueId } from "./dom.js";
import { whileBusy } from "./elements.js";
import { findPeople } from "./people.js";
import { picker } from "./picker.js";

/** The type of an input for a person; every other one is text, with a list where the app fills one. */
const PERSON = "slack#/types/user_id";

/** Let the acting person fill in a step and run it. */
export function openStep(step) {
  const title = uniqueId("step-title");
  const values = new Map();
  const banner = h("div", { class: "modal-banner", role: "alert" });
  const result = h("p", { role: "status" });
  const dialog = openDialog({ name: "modal step", labelledby: title, onescape: () => dialog.close() });
  const run = h("button", { type: "submit", class: "button primary" }, "Run");
  const form = h("form", {
    novalidate: true, class: "modal-form",
    onsubmit: async (event) => {
      event.preventDefault();
      if (run.getAttribute("aria-busy") === "true") return;
      fill(banner);
      fill(result);
      const inputs = Object.fromEntries([...values].filter(([, value]) => value));
      const outcome = await whileBusy(run, act("step", { callback_id: step.callback_id, inputs }));
      if (!outcome.ok) warn(outcome.error.words);
      else tell(outcome.execution);
    },
  },
  h("header", { class: "dialog-head" }, h("h2", { id: title }, step.title), iconButton("close", "Close", () => dialog.close())), banner,
  h("div", { class: "dialog-body" }, h("p", { class: "field-note" }, step.description), ...Object.values(step.input_parameters).map((one) => field(step, one, values)), result),
  h("footer", { class: "dialog-foot" }, h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Close"), run));
  const warn = (words) => fill(banner, icon("warn"), h("span", {}, words));
  const tell = ({ status, outputs, error }) => {
    if (status === "failed") warn(error);
    else fill(result, status === "running" ? "The step is still running." : ["Completed. ", ...Object.entries(outputs).map(([name, value]) => `${step.output_parameters[name].title}: ${value}`)]);
  };
  fill(dialog.element, form);
  form.querySelector("input")?.focus();
}

function field(step, input, values) {
  const id = uniqueId("field");
  const hint = input.hint && uniqueId("hint");
  return h("div", { class: "field" },
    h("label", { class: "field-label", for: id }, input.title, !input.is_required && h("span", { class: "optional" }, " (optional)")),
    control(step, input, values, { id, describedby: hint }),
    hint && h("p", { class: "field-note", id: hint }, input.hint));
}

function control(step, input, values, { id, describedby }) {
  const keep = (value) => values.set(input.name, value);
  if (input.type !== PERSON && !input.dynamic_options) {
    return h("input", { id, type: "text", class: "text-field", "aria-describedby": describedby, "aria-required": input.is_required && "true", oninput: (event) => keep(event.target.value) });
  }
  const isPerson = input.type === PERSON;
  return picker({
    id, key: input.name, label: input.title, describedby, required: input.is_required, selected: [], remote: !isPerson,
    source: isPerson ? (query) => [{ options: findPeople(query).map(personOption) }] : (query) => offered(step, input, query, values),
    onchange: ([chosen]) => keep(chosen?.value),
  });
}

/** Ask the app what the list of an input holds. */
async function offered(step, input, query, values) {
  const answer = await act("step_options", { callback_id: step.callback_id, name: input.name, query, inputs: Object.fromEntries(values) });
  if (!answer.ok) return { error: answer.error.words };
  return { groups: [{ options: answer.options.map(({ value, text }) => ({ value, text: text.text })) }] };
}

function personOption(person) {
  return { value: person.id, text: person.real_name, description: person.title, lead: avatar(person, "small") };
}
