// What htmx does not do by itself: messages, keys, preferences, waiting, lost connections.
// Every page works without this file; nothing here holds state that matters.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const PATIENCE = 8000;

// ---- Messages -------------------------------------------------------------------------------

/** Show a message; it stays until it is read. `undo` is an address that takes a POST, `retry` a function. */
function toast({ text, kind = "done", undo = null, retry = null, key = undo ? "" : kind }) {
  if (key) $$(`.toast[data-key="${key}"]`).forEach((old) => old.remove());
  const piece = $("#toast").content.firstElementChild.cloneNode(true);
  piece.dataset.kind = kind;
  piece.dataset.key = key;
  $("p", piece).textContent = text;
  if (undo) $("form", piece).action = undo;
  else $("form", piece).remove();
  const again = $("[data-retry]", piece);
  if (retry) again.addEventListener("click", () => (piece.remove(), retry()));
  else again.remove();
  place().append(piece);
  // Only a plain success may leave by itself; what can be undone or went wrong waits for the reader.
  if (!undo && !retry && kind === "done") setTimeout(() => piece.remove(), 6000);
  return piece;
}

/** Toasts live above an open dialog, because everything below it is inert. */
function place() {
  const toasts = $("#toasts");
  const home = $("dialog[open]") ?? document.body;
  if (toasts.parentElement !== home) home.append(toasts);
  return toasts;
}

const say = (text) => ($("#said").textContent = text);

addEventListener("toast", (event) => toast(event.detail));

addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".toast").remove();
});

/** Draw the changing regions of this page again, from the page itself, so that nothing else moves. */
async function refresh() {
  const fresh = await freshPage();
  if (!fresh) return location.reload();
  $$("[data-region]").forEach((region) => redraw(region, fresh));
}

async function freshPage() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

/** Put a region of the fresh page where it stands in this one; the focus stays where it was. */
function redraw(region, fresh) {
  const newer = fresh.getElementById(region.id);
  if (!newer) return;
  const piece = document.importNode(newer, true);
  const doors = (root) => $$("a[href], button, summary, [tabindex]", root);
  const held = region.contains(document.activeElement) ? document.activeElement : null;
  const place = held && (held.id ? null : held.closest("[id]").id);
  const number = place && doors(document.getElementById(place)).indexOf(held);
  region.replaceWith(piece);
  htmx.process(piece);
  if (held) (held.id ? document.getElementById(held.id) : doors(document.getElementById(place) ?? piece)[number])?.focus({ preventScroll: true });
}

addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-undo]");
  if (!form) return;
  event.preventDefault();
  const piece = form.closest(".toast");
  $("button", form).disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(answer.statusText);
    didOurselves(answer.headers.get("HX-Trigger"));
    piece.remove();
    await refresh();
    toast({ text: "Taken back." });
  } catch {
    $("button", form).disabled = false;
    toast({ text: "That could not be undone just now.", kind: "error", retry: () => form.requestSubmit(), key: "undo" });
  }
});

// ---- Waiting and lost connections -----------------------------------------------------------

const waiting = new Map();

function begin(request, retry) {
  const late = setTimeout(
    () => toast({ text: "This takes longer than usual.", kind: "wait", retry, key: "late" }),
    PATIENCE,
  );
  waiting.set(request, late);
  setTimeout(() => $("#progress").classList.toggle("on", waiting.size > 0), 100);
}

function end(request) {
  clearTimeout(waiting.get(request));
  waiting.delete(request);
  if (waiting.size) return;
  $("#progress").classList.remove("on");
  $$('.toast[data-key="late"]').forEach((old) => old.remove());
}

/** Do again what this element did; a removed element (its row went away) cannot. */
function repeat(detail) {
  const { elt, xhr } = detail;
  return () => {
    xhr.abort();
    if (!elt.isConnected) return location.reload();
    const event = elt.matches("form") ? "submit" : elt.matches("input") ? "search" : "click";
    htmx.trigger(elt, event);
  };
}

addEventListener("htmx:beforeSend", (event) => {
  const { elt, xhr } = event.detail;
  elt.setAttribute("aria-busy", "true");
  begin(xhr, repeat(event.detail));
});

addEventListener("htmx:afterRequest", (event) => {
  event.detail.elt.removeAttribute("aria-busy");
  event.detail.elt.removeAttribute("data-calm"); // what comes with the page leaves the focus alone; what is asked for later takes it
  end(event.detail.xhr);
});

function offline(lost, text = "You are offline. What you typed stays here; try again when the connection is back.") {
  const line = $("#offline");
  line.textContent = lost ? text : "";
  line.hidden = !lost;
}

addEventListener("offline", () => offline(true));
addEventListener("online", () => offline(false));
addEventListener("htmx:sendError", (event) => {
  offline(true, "The server did not answer. What you typed stays here.");
  toast({ text: "The connection was lost.", kind: "error", retry: repeat(event.detail), key: "lost" });
});
addEventListener("htmx:afterOnLoad", () => offline(!navigator.onLine));

addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const busy = xhr.status === 503 || xhr.status === 429;
  const wrong = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const told = [...wrong.querySelectorAll("#problem > h1, #problem > h1 + p")].map((e) => e.textContent.trim());
  toast({
    text: busy ? "The library is busy. Nothing was changed." : told.join(". ") || "Something went wrong. Nothing was changed.",
    kind: "error",
    retry: xhr.status >= 500 || busy ? repeat(event.detail) : null,
    key: "wrong",
  });
});

// A plain form that was sent must not be sent twice.
addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches("form[method='post']:not([data-undo])")) return;
  const button = event.submitter;
  if (button) setTimeout(() => (button.disabled = true));
});
addEventListener("pageshow", (event) => {
  if (event.persisted) $$("button:disabled").forEach((button) => (button.disabled = false));
});

// An emptied search box is no search: the address says only what was asked.
addEventListener("htmx:configRequest", (event) => {
  const { verb, parameters, formData } = event.detail;
  if (verb !== "get") return;
  for (const name of new Set(formData.keys())) {
    if (formData.getAll(name).every((value) => value === "")) delete parameters[name];
  }
});

// ---- Swapping -------------------------------------------------------------------------------

const FADE = 500; // as `swap:0.5s` in the rows says
let more = null; // the last piece before those that "Show more" brings
let closing = null; // where the focus goes when what held it is gone: such as what was opened to reach a form that is done

/** Give the focus to the thing to do in a piece, else to its link. */
function land(piece) {
  (piece && ($("button", piece) ?? $("a:not([tabindex])", piece)))?.focus({ preventScroll: true });
}

addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  const status = detail.xhr.status;
  const source = detail.requestConfig.elt;
  if (status === 422) {
    // A form with messages replaces the form, wherever its success would have gone.
    const form = source.closest("[data-form]");
    if (form) Object.assign(detail, { target: form, swapOverride: "outerHTML" });
  } else if (status === 404 || status === 409) {
    detail.selectOverride = "unset";
  } else if (source.closest("details.pill")) {
    closing = $("summary", source.closest("details.pill")).id;
  } else if (source.closest("#own_review")) {
    closing = "review-edit";
  } else if (source.closest("#matches")) {
    const row = source.closest(".match");
    const near = row?.nextElementSibling ?? row?.previousElementSibling;
    closing = near?.id ? `${near.id}-first` : "matches-back";
  } else if (source.id === "unrate") {
    closing = "stars-1";
  } else if (source.matches("[data-more]")) {
    more = detail.target.previousElementSibling;
  } else if (detail.requestConfig.verb === "delete") {
    const row = detail.target;
    const neighbour = row.nextElementSibling ?? row.previousElementSibling ?? row.closest("[data-region]");
    if (calm.matches) detail.swapOverride = "outerHTML";
    // Nothing is swapped in, so htmx tells nobody when the row is gone.
    setTimeout(() => document.activeElement === document.body && land(neighbour), calm.matches ? 50 : FADE + 50);
  }
});

addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "message-body") return openMessage();
  // At once, not when the piece has settled: the browser focuses the field by itself, and people type.
  const field = $(".htmx-added [autofocus]");
  field?.focus();
  field?.select?.();
  if (more?.nextElementSibling) $("a:not([tabindex])", more.nextElementSibling)?.focus({ preventScroll: true });
  more = null;
});

// A search that is being typed is one place to go back from, not one for every pause between two letters.
addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
  const { type, target } = detail.requestConfig.triggeringEvent ?? {};
  const going = ["input", "search"].includes(type) && new URLSearchParams(location.search).get(target.name);
  if (going || detail.history.path === location.pathname + location.search) detail.history.type = "replace";
});

addEventListener("htmx:afterSettle", () => {
  if (closing && document.activeElement === document.body) document.getElementById(closing)?.focus({ preventScroll: true });
  closing = null;
});

addEventListener("htmx:load", (event) => {
  const piece = event.detail.elt;
  // Whoever registers has a clock already.
  const zone = $("[data-zone]", piece);
  if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  if (piece.matches?.("tr.row, li.row, li.dismissed, li.muted, .tie, #author") && document.activeElement === document.body && !piece.closest("[data-calm]")) {
    land(piece);
  }
  if (piece.id === "results" && document.activeElement === document.body) {
    // htmx gives the focus back by id, after this, when what was chosen is still there.
    $("[data-say]", piece).focus({ preventScroll: true });
  }
  const count = piece.matches?.("[data-region]") && $("[data-say]", piece);
  if (count) say(count.textContent);
});

addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful, xhr } = event.detail;
  if (!elt.matches("form[data-add]") || !successful || xhr.status >= 400) return;
  const form = document.getElementById(elt.id);
  $$(".wrong", form).forEach((field) => field.classList.remove("wrong"));
  $$(".error, .summary", form).forEach((message) => message.remove());
  // After an error the typed values are the form's own, so a plain reset would bring them back.
  for (const field of $$("input:not([type=hidden]), textarea", form)) {
    field.defaultValue = "";
    field.removeAttribute("aria-invalid");
  }
  form.reset();
  $("[name=title], [name=name]", form)?.focus();
});

// ---- What others change ---------------------------------------------------------------------

// The server tells names of what changed (`tasks-changed`). Each is an event of the body, for `hx-trigger="... from:body"`,
// and regions with `data-live="tasks-changed ..."` are drawn again. One tab of a browser listens and tells the others.

const TRIES = 3; // then we ask every now and then
const NOW_AND_THEN = 30_000;
const ASKED = 10; // so often; then we try to listen again
const SETTLE = 250;
const ECHO = 3000;
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("bookapp") : null;
const heard = new Map(); // name -> how often it was told, less how often we did it ourselves
const stale = new Set(); // ids of regions to be drawn again
let last = ""; // the number of the last event
let settling = null;
let listening = null; // stops it

const after = (milliseconds, signal) =>
  new Promise((done) => {
    const clock = setTimeout(done, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(clock), done()), { once: true });
  });

async function askForEvents(accept, signal) {
  const from = last ? `?last=${last}` : "";
  const answer = await fetch(`/events${from}`, { headers: { Accept: accept }, cache: "no-store", signal });
  if (!answer.ok) throw answer;
  return answer;
}

/** Listen until the stream ends. Returns after how many milliseconds to come again. */
async function listenOnce(signal, opened) {
  const answer = await askForEvents("text/event-stream", signal);
  opened();
  const pieces = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let again = 3000;
  let rest = "";
  for (;;) {
    const { value, done } = await pieces.read();
    if (done) return again;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const said = Object.fromEntries(block.split("\n").map((line) => line.split(": ", 2)));
      last = said.id ?? last;
      if (said.retry) again = Number(said.retry);
      if (said.event) tellAll(said.event);
    }
  }
}

async function pollOnce(signal) {
  const told = await (await askForEvents("application/json", signal)).json();
  last = String(told.last);
  told.events.forEach((event) => tellAll(event.name));
}

/** Go on listening; where that does not work, ask every now and then. Ends when `signal` does, or nobody is signed in. */
async function keepListening(signal) {
  let failed = 0;
  let asked = 0;
  while (!signal.aborted) {
    let pause = 3000;
    try {
      if (failed < TRIES || asked >= ASKED) {
        asked = 0;
        pause = await listenOnce(signal, () => (failed = 0));
      } else {
        asked += 1;
        pause = NOW_AND_THEN;
        await pollOnce(signal);
      }
    } catch (trouble) {
      if (trouble.status === 401 || trouble.status === 403) return;
      failed += 1;
    }
    await after(pause, signal);
  }
}

function beginToListen() {
  listening?.abort();
  listening = new AbortController();
  const { signal } = listening;
  if (navigator.locks && tabs) {
    // Who has the lock listens, until the tab is closed.
    navigator.locks.request("bookapp-events", { signal }, () => keepListening(signal)).catch(() => {});
  } else if (!document.hidden) {
    keepListening(signal);
  }
}

function tellAll(name) {
  tabs?.postMessage(name);
  hear(name);
}

function hear(name) {
  heard.set(name, (heard.get(name) ?? 0) + 1);
  settle();
}

/** Our own change comes back as an event, sooner or later than its answer, and is no news here. */
function didOurselves(header) {
  for (const name of Object.keys(JSON.parse(header || "{}")).filter((name) => name.endsWith("-changed"))) {
    heard.set(name, (heard.get(name) ?? 0) - 1);
    setTimeout(() => heard.get(name) < 0 && heard.set(name, heard.get(name) + 1), ECHO);
  }
}

function settle(milliseconds = SETTLE) {
  clearTimeout(settling);
  settling = setTimeout(actOnNews, milliseconds);
}

const names = (region) => region.dataset.live.split(" ");

/** All names that this page waits for. */
const awaited = () => new Set($$("[data-live]:not(body)").flatMap(names));

function spread(name) {
  document.body.dispatchEvent(new CustomEvent(name));
  for (const region of $$("[data-live][id]:not(body, [hx-trigger])")) {
    if (names(region).includes(name)) stale.add(region.id);
  }
}

function actOnNews() {
  if (waiting.size) return settle(); // what is under way may be the cause
  for (const [name, times] of heard) {
    if (times <= 0) continue;
    heard.set(name, 0);
    (name === "reset" ? awaited() : [name]).forEach(spread);
  }
  if (stale.size && !document.hidden) drawStale();
}

/** Whether somebody types in a region, or has a form open there. */
function isInUse(region) {
  const typed = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
  return (
    (region.contains(document.activeElement) && typing(document.activeElement)) ||
    Boolean($(".editing, details[open] form, dialog[open], :popover-open", region)) ||
    $$("input, textarea", region).some(typed)
  );
}

async function drawStale() {
  const due = () => [...stale].map((id) => document.getElementById(id)).filter((region) => region && !isInUse(region));
  let again = 2000; // for the form to be closed
  if (due().length) {
    const fresh = await freshPage().catch(() => null);
    if (waiting.size) return settle(); // the page may be older than what is being done
    if (!fresh) again = NOW_AND_THEN;
    for (const region of fresh ? due() : []) {
      stale.delete(region.id);
      redraw(region, fresh);
    }
  }
  stale.forEach((id) => document.getElementById(id) ?? stale.delete(id));
  if (stale.size) settle(again);
}

if (document.body.hasAttribute("data-live")) {
  beginToListen();
  tabs?.addEventListener("message", (event) => hear(event.data));
  addEventListener("htmx:afterRequest", (event) => didOurselves(event.detail.xhr.getResponseHeader("HX-Trigger")));
  addEventListener("pagehide", () => listening?.abort()); // a page with an open stream cannot be kept for the Back button
  addEventListener("pageshow", (event) => event.persisted && (beginToListen(), hear("reset")));
  addEventListener("visibilitychange", () => {
    if (!document.hidden && stale.size) settle();
    if (navigator.locks && tabs) return;
    if (document.hidden) listening?.abort();
    else beginToListen();
  });
}

// ---- The dialog -----------------------------------------------------------------------------

function openMessage() {
  const dialog = $("#message");
  const head = $("h1, h2", dialog);
  if (head) dialog.setAttribute("aria-label", head.textContent);
  if (!dialog.open) dialog.showModal();
}

addEventListener("click", (event) => {
  const link = event.target.closest("[data-open]");
  if (link && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    htmx.ajax("GET", link.getAttribute("href"), { target: "#message-body", swap: "innerHTML" });
  }
  if (event.target.id === "message") event.target.close();
  const keep = event.target.closest("[data-keep]");
  const row = keep && $(`tr.editing#book-${$("#conflict").dataset.book}`);
  if (row) {
    event.preventDefault();
    $("#message").close();
    $("[data-cancel]", row).click();
  }
});

// "Save mine over it": the row behind the dialog takes the newer version number and is saved again.
addEventListener("submit", (event) => {
  const form = event.target.closest("[data-overwrite]");
  const row = form && $(`tr.editing#book-${$("#conflict").dataset.book}`);
  if (!row) return;
  event.preventDefault();
  $("[name=version]", row).value = $("[name=version]", form).value;
  $("#message").close();
  htmx.trigger($("[hx-put]", row), "click");
}, true);

// ---- Keys -----------------------------------------------------------------------------------

/** In a table of rows to be cared for the arrows go up and down, to the same thing in the next row. */
addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = step && event.target.closest?.(".sheet tbody tr");
  if (!row || event.target.matches("input, select, textarea") || event.ctrlKey || event.altKey || event.metaKey) return;
  const doors = (tr) => $$("a[href], button", tr);
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  if (!next) return;
  event.preventDefault();
  const there = doors(next);
  there[Math.min(doors(row).indexOf(event.target), there.length - 1)]?.focus();
});

const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

const KEYS = {
  "/": () => {
    const field = $('main .search input[type="search"]') ?? $("#q");
    if (!field) return location.assign("/books");
    field.focus();
    field.select();
  },
  n: () => ($("form[data-add] [name=title]") ? $("form[data-add] [name=title]").focus() : location.assign("/books/new")),
  e: () => {
    const here = document.activeElement.closest("tr.row, main li.card");
    const book = here ?? $("tr.row") ?? $("main li.card");
    const button = $("[data-edit]") ?? (book && $("button[hx-get]", book));
    if (button) button.click();
    else if (book?.matches(".card") && $("[data-may-edit]")) location.assign(`${$(".cover-link", book).pathname}/details`);
  },
  u: () => $$("#toasts form[data-undo]").at(-1)?.requestSubmit(),
  "?": () => $("[data-open]").click(),
};

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("dialog[open], :popover-open")) {
    const cancel = $("[data-cancel]", document.activeElement.closest(".editing, [data-form]") ?? $(".editing") ?? undefined);
    if (cancel) (event.preventDefault(), cancel.click());
    return;
  }
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
  if (!plain || typing(event.target) || $("dialog[open]") || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

// ---- Preferences ----------------------------------------------------------------------------

addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-preference]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const { name, value } = event.submitter;
  $$("button", form).forEach((button) => button.setAttribute("aria-pressed", String(button === event.submitter)));
  if (name === "theme") {
    if (value === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = value;
  }
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams({ [name]: value }), redirect: "manual" });
    if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error(answer.statusText);
    if (name === "view") {
      await refresh();
      $(`[data-preference="view"] [value="${value}"]`)?.focus();
    }
  } catch {
    toast({ text: "That choice could not be remembered.", kind: "error", key: "preference" });
  }
}, true);

// ---- The person's menu ------------------------------------------------------------------------

addEventListener("click", (event) => {
  const menu = $("details.person[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});

addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && $("details.person[open]");
  if (!menu) return;
  menu.open = false;
  if (menu.contains(document.activeElement)) $("summary", menu).focus();
});

// ---- Copying --------------------------------------------------------------------------------

addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(field.value);
    toast({ text: "Copied." });
  } catch {
    field.select(); // without https the browser keeps its clipboard closed: what is selected is a keystroke away
  }
});

// ---- The cover moves from the list to the book ----------------------------------------------

/** Name the small cover of the book at `url`. The large one on a book's own page has the name from the stylesheet. */
function nameCover(url) {
  const found = /^\/books\/(\d+)\/?$/.exec(new URL(url).pathname);
  const cover = found && $(`a[data-cover="${found[1]}"] .cover`);
  if (cover) cover.style.viewTransitionName = "cover";
  return cover;
}

addEventListener("pageswap", (event) => {
  const url = event.viewTransition && event.activation?.entry?.url;
  const large = $(".cover-place .cover");
  // Two elements of one name would stop the transition.
  if (url && nameCover(url) && large) large.style.viewTransitionName = "none";
});

addEventListener("pagereveal", async (event) => {
  $$(".cover[style]").forEach((cover) => cover.removeAttribute("style")); // left from before, when the page was kept
  const from = event.viewTransition && window.navigation?.activation?.from?.url;
  const cover = from && !$(".cover-place") ? nameCover(from) : null;
  await event.viewTransition?.finished;
  // The attribute goes too: htmx copies attributes, and the page's policy forbids a style attribute, even an empty one.
  cover?.removeAttribute("style");
});
