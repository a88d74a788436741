/** The emails that Tango "sent": the list, and one of them open. */

import { emit } from "./bus.js";
import { openDialog } from "./dialog.js";
import { fill, h, icon, iconButton, uniqueId } from "./dom.js";
import { money, tango } from "./tango_store.js";
import { clock, fullTime } from "./time.js";

const SHOWN = 60;

/** Draw the list. */
export function drawMails(panel) {
  const mails = [...tango.emails].reverse().slice(0, SHOWN);
  if (!mails.length) {
    fill(panel, h("p", { class: "nothing" }, "No emails yet. Tango sends one for each order that asks for it."));
    return;
  }
  fill(panel, h("ul", { class: "mails", "aria-label": "Emails, newest first" }, ...mails.map((mail, at) => h("li", {}, h("button", {
    type: "button", class: "mail", dataset: { key: `mail-${tango.emails.length - at}`, order: mail.order, kind: mail.kind }, onclick: () => open(mail),
  }, h("span", { class: "mail-icon" }, icon("mail")), h("span", { class: "mail-words" },
    h("span", { class: "mail-to" }, mail.to_name || mail.to, mail.kind === "resend" && h("span", { class: "badge" }, "Resend")),
    h("span", { class: "mail-subject" }, mail.subject || mail.reward_name)),
  h("time", { class: "mail-when", datetime: mail.sent_at, title: fullTime(new Date(mail.sent_at)) }, clock(new Date(mail.sent_at), { seconds: true })))))));
}

function open(mail) {
  const title = uniqueId("mail");
  const dialog = openDialog({ name: "mail-dialog", labelledby: title, onescape: () => dialog.close() });
  const row = (name, words) => [h("dt", {}, name), h("dd", {}, words)];
  fill(dialog.element,
    h("header", { class: "dialog-head" }, h("h2", { id: title }, mail.subject || "A reward for you"), iconButton("close", "Close", () => dialog.close())),
    h("div", { class: "dialog-body" },
      h("dl", { class: "mail-facts" }, ...row("From", mail.sender_name), ...row("To", `${mail.to_name} <${mail.to}>`), ...row("Sent", fullTime(new Date(mail.sent_at))),
        ...row("Order", mail.order)),
      h("div", { class: "letter" },
        h("p", { class: "letter-amount" }, money(mail.amount, mail.currency_code)), h("p", { class: "letter-reward" }, mail.reward_name),
        mail.message && h("p", { class: "letter-message" }, mail.message),
        h("a", { class: "button primary", href: localLink(mail.link), target: "_blank", rel: "noopener" }, "Open your reward"))),
    h("footer", { class: "dialog-foot" }, h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Close")));
  dialog.element.querySelector(".letter .button").focus();
  emit("mail-opened", mail);
}

/** The reward's page through this page's own address. */
function localLink(link) {
  const url = URL.canParse(link) ? new URL(link) : null;
  return url ? `/tango${url.pathname}` : "#";
}
