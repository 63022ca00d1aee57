// Scanning books: the camera, the hand scanner, and saying aloud what came of each. The page works without it: ISBNs can
// be typed or pasted and sent as a form. What is shared with other pages ($, $$, say, toast) is in app.js.
"use strict";

const EVERY = 160; // milliseconds from one look at the picture to the next
const AGAIN = 4000; // as long the same code in view is the same book still
const WIDTH = 800; // pixels across that our own decoder looks at
const IS_BOOK = /^97[89]\d{10}$/;

const camera = $("#camera");
const video = $("#camera-video");
const byHand = $("#by-hand"); // what a camera or a hand scanner reads is sent by a form of its own, one after another
const isbns = () => $("#scan-isbns"); // the form is drawn anew after a mistake
const seen = new Map(); // code -> when it was in view last
const queue = []; // what is to be sent; the first is under way
let stream = null;
let looking = 0; // a number of its own for each time that the camera is on
let before = null; // what our own decoder read last: a code counts when it is read twice in a row

// ---- The camera -------------------------------------------------------------------------------

/** How the picture is read: by the browser where it can, else by ean13.js. Answers codes. */
async function decoder() {
  const formats = await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => []);
  if (formats?.includes("ean_13")) {
    const detector = new BarcodeDetector({ formats: ["ean_13"] });
    return async () => (await detector.detect(video)).map((found) => found.rawValue);
  }
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async () => {
    const scale = Math.min(1, WIDTH / video.videoWidth);
    [canvas.width, canvas.height] = [video.videoWidth * scale, video.videoHeight * scale];
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const code = Ean13.read(context.getImageData(0, 0, canvas.width, canvas.height));
    const isSure = code && code === before;
    before = code;
    return isSure ? [code] : [];
  };
}

const WORDS = {
  NotAllowedError: "The camera is not allowed here. Allow it in the settings of your browser for this page, or type the numbers below.",
  NotFoundError: "No camera was found. Type the numbers below, or paste them.",
  NotReadableError: "Another program uses the camera. Close that one and try again, or type the numbers below.",
};

const told = (text) => ($(".camera-says", camera).textContent = text);

async function startCamera() {
  const turn = (looking += 1);
  told("Waiting for the camera …");
  try {
    const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
    const found = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    if (turn !== looking) return found.getTracks().forEach((track) => track.stop());
    stream = found;
    stream.getVideoTracks()[0].addEventListener("ended", () => stopCamera("The camera was switched off."));
    video.srcObject = stream;
    showCamera(true);
    await video.play();
    told("Hold the barcode on the back of the book into the picture.");
    look(turn, await decoder());
  } catch (trouble) {
    if (turn === looking) stopCamera(WORDS[trouble.name] ?? "The camera could not be opened. Type the numbers below.");
  }
}

function stopCamera(text = "") {
  looking += 1;
  stream?.getTracks().forEach((track) => track.stop());
  stream = video.srcObject = before = null;
  showCamera(false);
  told(text);
}

function showCamera(isOn) {
  const held = document.activeElement?.closest("[data-camera]");
  $(".finder-frame", camera).hidden = !isOn;
  $('[data-camera="start"]', camera).hidden = isOn;
  $('[data-camera="stop"]', camera).hidden = !isOn;
  if (held) $(`[data-camera="${isOn ? "stop" : "start"}"]`, camera).focus();
}

async function look(turn, read) {
  while (turn === looking) {
    if (video.readyState >= 2 && !document.hidden) {
      const codes = await read().catch(() => []);
      if (turn === looking) codes.filter((code) => IS_BOOK.test(code)).forEach(came);
    }
    await new Promise((done) => setTimeout(done, EVERY));
  }
}

/** A code is in view: send it, unless it is there since a moment ago. */
function came(code) {
  const last = seen.get(code) ?? -Infinity;
  seen.set(code, performance.now());
  if (performance.now() - last < AGAIN) return;
  navigator.vibrate?.(60);
  told(`${code} was read.`);
  send(code);
}

function send(text) {
  queue.push(text);
  if (queue.length === 1 || !byHand.hasAttribute("aria-busy")) sendNext();
}

function sendNext() {
  if (!queue.length) return;
  byHand.elements.isbns.value = queue[0];
  byHand.elements.shelf.value = $("#scan-shelf").value;
  byHand.elements.is_owned.value = $("#scan-owned").checked ? "on" : "";
  htmx.trigger(byHand, "submit");
}

// No camera is offered where the browser has none to give: pages that came without https.
if (navigator.mediaDevices?.getUserMedia) camera.hidden = false;
addEventListener("click", (event) => {
  const button = event.target.closest("[data-camera]");
  if (button) button.dataset.camera === "start" ? startCamera() : stopCamera();
});
addEventListener("pagehide", () => stopCamera());
document.addEventListener("visibilitychange", () => document.hidden && stream && stopCamera("The camera was stopped while you were elsewhere."));

// ---- The hand scanner, and what came of it ------------------------------------------------------

// A hand scanner types a number and then Enter, and the next book may come before the last one is answered.
// People who write several lines end them with Shift and Enter.
addEventListener("keydown", (event) => {
  const isEnter = event.key === "Enter" && !event.shiftKey && !event.isComposing;
  if (!isEnter || event.target !== isbns() || !isbns().value.trim()) return;
  event.preventDefault();
  send(isbns().value);
  isbns().value = "";
});

addEventListener("htmx:beforeSend", (event) => {
  if (event.detail.elt.id === "scanning") isbns().dataset.sent = isbns().value;
});

addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig.elt === byHand && event.detail.xhr.status === 422) event.detail.shouldSwap = false;
});

addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful, xhr } = event.detail;
  if (elt.id === "scanning" && successful && xhr.status === 200 && isbns().value === isbns().dataset.sent) isbns().value = "";
  if (elt !== byHand) return;
  if (successful && xhr.status === 200) {
    queue.shift();
    sendNext();
  } else if (xhr.status === 422) {
    // The form says what is wrong with it.
    isbns().value = queue.splice(0).join("\n");
    $("#scanning").requestSubmit();
  } // else it is sent with the next one, or by "Retry"
});

addEventListener("htmx:afterSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (requestConfig?.path === "/scan" && target.id === "scanned-list") {
    const fresh = $$(".scanned.htmx-added [data-says]", target).map((line) => line.textContent);
    say(fresh.length > 3 ? `${fresh.length} numbers. ${summary(target)}` : fresh.join(" "));
    if (requestConfig.elt.id === "scanning") isbns().focus();
  }
});

addEventListener("htmx:load", (event) => {
  const piece = event.detail.elt;
  if (piece.matches?.(".scanned") && document.activeElement === document.body) $("a:not([tabindex])", piece)?.focus({ preventScroll: true });
});

/** How many of the new lines came to what: "7 added, 1 yours already". */
function summary(list) {
  const counts = new Map();
  for (const line of $$(".scanned.htmx-added .scanned-word", list)) {
    const word = line.textContent.toLowerCase();
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return `${[...counts].map(([word, count]) => `${count} ${word}`).join(", ")}.`;
}
