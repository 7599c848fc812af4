// The queue: keys that review, decisions that are held back until they can no longer be undone, and what comes
// in live. Without it the page's forms are sent at once, and its links lead on.
"use strict";

const toasts = document.getElementById("toasts");
const say = toasts.dataset;
const results = () => document.getElementById("results");
const lineOf = (id) => document.getElementById(`report-${id}`);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

// --- What is sent.

// Sends a form like the browser would, and hands back the answer's parts.
async function post(url, data, keepalive = false) {
  const body = new URLSearchParams(data);
  const response = await fetch(url, { method: "POST", body, keepalive, headers: { "HX-Request": "true" } });
  const elsewhere = response.headers.get("hx-redirect");
  if (elsewhere) {
    location.assign(elsewhere);
    return [];
  }
  if (!response.ok) throw new Error(response.status);
  const page = document.createElement("template");
  page.innerHTML = await response.text();
  return [...page.content.querySelectorAll("[data-answer]")];
}

// Puts the lines of an answer where they were, and tells what became of it.
function show(answers) {
  for (const answer of answers) {
    const line = answer.querySelector("[data-report][id]");
    if (line) replace(line);
  }
  const refused = answers.filter((it) => it.dataset.answer === "refused");
  if (answers.length > 1) {
    tell(fill(say.done, { done: answers.length - refused.length, refused: refused.length }), refused.length > 0);
  }
  for (const it of refused.slice(0, 3)) tell(it.querySelector("p"), true);
  if (answers.length === 1 && refused.length === 0) tell(answers[0].querySelector("p"), false);
}

async function send(url, data) {
  try {
    show(await post(url, data));
  } catch {
    tell(say.failed, true);
  }
}

// --- Messages.

function toast(content) {
  const box = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  const text = box.querySelector("p");
  if (typeof content === "string") text.textContent = content;
  else text.replaceChildren(...content.cloneNode(true).childNodes);
  toasts.append(box);
  localizeTimes(box);
  return box;
}

// What was refused stays until it is closed; what was done goes by itself.
function tell(content, refused) {
  const box = toast(content);
  box.classList.add(refused ? "refused" : "done");
  box.querySelector("[data-undo]").remove();
  const close = box.querySelector("[data-close]");
  close.hidden = false;
  close.addEventListener("click", () => box.remove());
  if (!refused) setTimeout(() => box.remove(), 6000);
}

// --- Decisions that are held back.

const held = [];

function hold(url, data, ids) {
  const status = data.get("status");
  const done = ids.length > 1 ? fill(say.several, { count: ids.length }) + " " + say[status] : say[status];
  const box = toast(`${done} ${fill(say.held, { seconds: say.seconds })}`);
  const job = { url, data, ids, box, left: Number(say.seconds), paused: 0 };
  box.querySelector("[data-undo]").addEventListener("click", () => undo(job));
  for (const [start, end] of [["pointerenter", "pointerleave"], ["focusin", "focusout"]]) {
    box.addEventListener(start, () => pause(job, 1));
    box.addEventListener(end, () => pause(job, -1));
  }
  job.timer = setInterval(() => tick(job), 1000);
  held.push(job);
  mark();
  left(job);
}

function pause(job, by) {
  job.paused = Math.max(0, job.paused + by);
  left(job);
}

// In words and numbers, for everybody; not announced each second.
function left(job) {
  const text = job.paused ? say.paused : fill(say.left, { seconds: job.left });
  job.box.querySelector(".left").textContent = text;
}

function tick(job) {
  if (job.paused) return;
  job.left -= 1;
  left(job);
  if (job.left <= 0) {
    drop(job);
    send(job.url, job.data);
  }
}

function drop(job) {
  clearInterval(job.timer);
  held.splice(held.indexOf(job), 1);
  const back = job.box.contains(document.activeElement);
  job.box.remove();
  mark();
  if (back) lineOf(job.ids[0])?.focus();
}

function undo(job) {
  if (!job) return;
  drop(job);
  tell(say.undone, false);
}

// Lines whose decision is held back say so.
function mark() {
  for (const line of document.querySelectorAll(".report[data-held]")) {
    delete line.dataset.held;
    line.querySelector(".waiting")?.remove();
  }
  for (const { ids, data } of held) {
    const status = data.get("status");
    for (const line of ids.map(lineOf).filter((line) => line)) {
      const tag = document.createElement("span");
      tag.className = "tag waiting";
      tag.textContent = fill(say.waiting, { decision: say[status] });
      line.dataset.held = status;
      line.querySelector(".state").prepend(tag, " ");
    }
  }
}

// Whoever leaves the page has decided.
addEventListener("pagehide", () => {
  for (const job of held.splice(0)) {
    clearInterval(job.timer);
    post(job.url, job.data, true).catch(() => {});
  }
});

// --- Keys and buttons.

// A report of which a decision is held back takes no other one.
const isHeld = (id) => held.some((job) => job.ids.includes(id));

function review(form, status, notes) {
  const line = form.closest("[data-report]");
  if (isHeld(line.dataset.report)) return;
  const data = new FormData(form);
  data.set("status", status);
  if (notes) data.set("notes", notes);
  if (status === "under_review") send(form.action, data);
  else hold(form.action, data, [line.dataset.report]);
}

const dialog = document.getElementById("note");
const note = document.getElementById("note-text");
let rejecting = null;

function ask(form) {
  rejecting = form;
  note.value = "";
  dialog.querySelector("[data-about]").textContent = form.closest("[data-report]").querySelector("[data-open]").textContent;
  dialog.returnValue = "";
  dialog.showModal();
  note.focus();
}

dialog.addEventListener("close", () => {
  const form = rejecting;
  rejecting = null;
  if (!form?.isConnected) return;
  form.closest("[data-report]").focus();
  if (dialog.returnValue === "send") review(form, "rejected", note.value);
});

note.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    dialog.close("send");
  }
});

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.matches("[data-review]")) {
    event.preventDefault();
    const status = submitter?.value ?? "under_review";
    if (status === "rejected") ask(form);
    else review(form, status);
  } else if (form.id === "bulk") {
    event.preventDefault();
    bulk(form, submitter?.value ?? "under_review");
  }
});

function bulk(form, status) {
  const data = new FormData(form);
  const ids = data.getAll("report").filter((id) => !isHeld(id));
  if (ids.length === 0) return;
  data.delete("report");
  ids.forEach((id) => data.append("report", id));
  data.set("status", status);
  // The next one is another one.
  data.set("key", lineOf(ids[0]).querySelector("[name=key]").value);
  for (const id of ids) lineOf(id).querySelector("[name=report]").checked = false;
  form.elements.notes.value = "";
  choose();
  if (status === "under_review") send(form.action, data);
  else hold(form.action, data, ids);
}

// --- Choosing.

function choose() {
  const form = document.getElementById("bulk");
  const chosen = document.querySelectorAll("[name=report]:checked").length;
  const line = form.querySelector("[data-chosen]");
  line.textContent = fill(line.dataset.chosen, { count: chosen });
  form.toggleAttribute("data-some", chosen > 0);
  for (const button of form.querySelectorAll("button")) button.disabled = chosen === 0;
  for (const all of document.querySelectorAll("[data-select-all]")) {
    const boxes = [...all.closest(".group").querySelectorAll("[name=report]:enabled")];
    const checked = boxes.filter((box) => box.checked).length;
    all.checked = checked > 0 && checked === boxes.length;
    all.indeterminate = checked > 0 && checked < boxes.length;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) {
    for (const box of event.target.closest(".group").querySelectorAll("[name=report]:enabled")) {
      box.checked = event.target.checked;
    }
  }
  if (event.target.matches("[data-select-all], [name=report]")) choose();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]")) return;
  const row = event.target.closest("[data-report]");
  if (event.key === "u" && held.length > 0) undo(held.at(-1));
  else if (event.key === " " && event.target === row) row.querySelector("[name=report]:enabled")?.click();
  else return;
  event.preventDefault();
});

// --- What comes in.

// Writes a line over the one that is there: it stays where it is, as high as it is, chosen and in focus.
function replace(fresh) {
  const line = lineOf(fresh.dataset.report);
  if (!line) return false;
  const within = line.contains(document.activeElement);
  const checked = line.querySelector("[name=report]").checked;
  line.style.minHeight = `${line.offsetHeight}px`;
  const tabindex = line.getAttribute("tabindex");
  for (const { name, value } of fresh.attributes) line.setAttribute(name, value);
  line.setAttribute("tabindex", tabindex);
  line.replaceChildren(...fresh.childNodes);
  const box = line.querySelector("[name=report]");
  box.checked = checked && !box.disabled;
  localizeTimes(line);
  if (within) line.focus({ preventScroll: true });
  mark();
  choose();
  return true;
}

const MOST_ARRIVED = 50;
const title = document.title;
let arrived = 0;
let unsaid = 0;
let saying = null;

// At the end of the page, where nobody looks at anything that could move.
function arrive(fresh) {
  const { type, status, liveStream, archived } = results().dataset;
  const of = fresh.dataset;
  const wanted = (!type || type === of.type) && (!liveStream || liveStream === of.liveStream) &&
    archived === of.archived && (status ? status === of.status : ["pending", "under_review"].includes(of.status));
  if (!wanted) return;
  const section = document.getElementById("arrived");
  const list = section.querySelector("ol");
  if (list.children.length < MOST_ARRIVED) list.append(fresh);
  section.hidden = false;
  localizeTimes(section);
  arrived += 1;
  unsaid += 1;
  section.querySelector("[data-count]").textContent = arrived;
  document.title = `(${arrived}) ${title}`;
  saying ??= setTimeout(() => {
    announce(fill(say.arrived, { count: unsaid }));
    [saying, unsaid] = [null, 0];
  }, 3000);
}

let source = null;
// Up to where the page has heard.
let heard = null;
let again = null;

function connect() {
  clearTimeout(again);
  source?.close();
  source = new EventSource(`/dashboard/queue/live?after=${heard ?? results().dataset.position}`);
  source.addEventListener("open", () => results().setAttribute("data-live", ""));
  source.addEventListener("reports", (event) => {
    heard = event.lastEventId;
    const known = BigInt(results().dataset.position);
    for (const { filed, html } of JSON.parse(event.data)) {
      const part = document.createElement("template");
      part.innerHTML = html;
      const fresh = part.content.querySelector("[data-report]");
      if (!replace(fresh) && filed && BigInt(filed) > known) arrive(fresh);
    }
  });
  const over = (text) => () => {
    source.close();
    tell(text, true);
  };
  source.addEventListener("end", over(say.ended));
  source.addEventListener("reload", over(say.missed));
  source.addEventListener("error", () => {
    results().removeAttribute("data-live");
    // The browser tries again by itself, unless it was given another answer than events.
    if (source.readyState === EventSource.CLOSED) askWhy();
  });
}

async function askWhy() {
  const page = await fetch("/dashboard/queue", { headers: { "HX-Request": "true" } }).catch(() => null);
  if (page?.headers.has("hx-redirect")) return tell(say.ended, true);
  tell(say.offline, false);
  again = setTimeout(connect, 15000);
}

function begin() {
  [arrived, heard] = [0, null];
  document.title = title;
  // The first line can be reached with Tab; j and k lead on.
  document.querySelector(".report[data-row]")?.setAttribute("tabindex", "0");
  document.documentElement.classList.add("script");
  mark();
  choose();
  connect();
}

begin();
results().setAttribute("data-begun", "");
document.addEventListener("htmx:after:swap", () => {
  if (!results() || results().hasAttribute("data-begun")) return;
  results().setAttribute("data-begun", "");
  begin();
  announce(results().querySelector("p").textContent);
});
