// What every page does beyond its links and forms, which work without it.
"use strict";

const language = document.documentElement.lang;

// Times are written in UTC; whoever reads them has a time zone.
const local = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
function localizeTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
    time.title = time.textContent;
    time.textContent = local.format(new Date(time.dateTime));
  }
}

// Tells people who do not see the page change.
function announce(text) {
  const line = document.createElement("p");
  line.className = "quiet";
  line.textContent = text;
  document.getElementById("announced")?.replaceChildren(line);
}

// A link of the demonstration has its code in the fragment, which no server and no log gets to see.
function signInByCode() {
  const form = document.getElementById("sign-in-by-code");
  const code = location.hash.slice(1);
  if (form && code) {
    history.replaceState(null, "", location.pathname + location.search);
    form.elements.code.value = code;
    form.submit();
  }
}

const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);

function moveBy(step) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  const row = all[Math.min(Math.max(next, 0), all.length - 1)];
  row.focus();
  row.scrollIntoView({ block: "nearest" });
}

// Keys of every page; a page adds its own with data-key on what is to be clicked, within the row that has
// the focus or, outside rows, anywhere.
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target;
  if (target.closest("input:not([type=checkbox]), textarea, select, dialog[open]")) return;
  const row = target.closest("[data-row]");
  const act = () => {
    switch (event.key) {
      case "j":
        return moveBy(1) ?? true;
      case "k":
        return moveBy(-1) ?? true;
      case "/":
        return document.getElementById("find")?.focus() ?? true;
      case "?":
        return document.getElementById("keys")?.showModal() ?? true;
      case "Enter":
        if (target !== row || !row) return false;
        return row.querySelector("a[data-open]")?.click() ?? true;
    }
    const name = CSS.escape(event.key);
    const button = row?.querySelector(`[data-key="${name}"]`) ??
      [...document.querySelectorAll(`[data-key="${name}"]`)].find((it) => !it.closest("[data-row]") && it.offsetParent);
    return button ? (button.click(), true) : false;
  };
  if (act()) event.preventDefault();
}

// Whoever changes language or theme comes back to where they are.
for (const form of document.querySelectorAll("form[data-here]")) {
  form.elements.next.value = location.pathname + location.search;
}
localizeTimes(document);
signInByCode();
document.addEventListener("keydown", onKey);
document.addEventListener("htmx:after:swap", () => localizeTimes(document));
