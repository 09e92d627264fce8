// @ts-check
// Calls to the server. The header says that a page of ours is calling; other sites cannot send it.
const HEADERS = { "X-Refuz": "1" };
// The desk may live below a path of another site: this file is its /station/api.js.
const DESK = new URL("..", import.meta.url).pathname.slice(0, -1);

export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

// What a call that failed says to a person, in their language: an answer that is no JSON of ours
// has no words for them, nor has the browser about a network that is gone.
export function said(error, words, offline) {
  if (!(error instanceof Refused)) return offline;
  return error.status === 401 ? words.signed_out : error.message;
}

async function answer(response) {
  const text = await response.text();
  let body = {};
  try {
    body = JSON.parse(text);
  } catch {
    body = { error: response.status === 401 ? "signed out" : `HTTP ${response.status}` };
  }
  if (!response.ok) throw new Refused(response.status, body.error || `HTTP ${response.status}`);
  return body;
}

function query(parameters) {
  const kept = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  return new URLSearchParams(kept).toString();
}

// A path of the desk, as this browser must ask for it.
export const here = (path) => DESK + path;

export async function getJson(path, parameters = {}) {
  return answer(await fetch(`${here(path)}?${query(parameters)}`, { headers: HEADERS }));
}

export async function postJson(path, body, seconds = 20) {
  return answer(
    await fetch(here(path), {
      method: "POST",
      headers: { ...HEADERS, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(seconds * 1000),
    }),
  );
}

export async function postBytes(path, parameters, blob, seconds = 120) {
  return answer(
    await fetch(`${here(path)}?${query(parameters)}`, {
      method: "POST",
      headers: { ...HEADERS, "Content-Type": blob.type || "application/octet-stream" },
      body: blob,
      signal: AbortSignal.timeout(seconds * 1000),
    }),
  );
}

export function newKey(prefix) {
  const random = crypto.getRandomValues(new Uint32Array(3));
  return `${prefix}-${Date.now().toString(36)}-${[...random].map((n) => n.toString(36)).join("")}`;
}
