// @ts-check
// Lets a phone open its scan page while the desk cannot be reached. Everything is asked of the desk
// first; what is kept here are files of the program, never an answer about orders.
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const KEPT = "refuz-phone";
const FILES = [
  "phone",
  "station/phone.js",
  "station/phone.css",
  "station/station.css",
  "station/api.js",
  "station/camera.js",
  "station/camera.html",
  "station/feedback.js",
  "station/frames.js",
  "station/hand.js",
  "station/hand.html",
  "station/keys.js",
  "station/layouts.js",
  "station/outbox.js",
  "station/icon-192.png",
].map((name) => new URL(`../${name}`, worker.location.href).pathname);

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(FILES)));
  worker.skipWaiting();
});

worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== worker.location.origin) return;
  if (FILES.includes(pathname)) event.respondWith(fresh(event.request, pathname));
});

async function fresh(request, name) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await kept.put(name, answer.clone());
    return answer;
  } catch (error) {
    const before = await kept.match(name);
    if (before) return before;
    throw error;
  }
}
