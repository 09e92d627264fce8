// @ts-check
// Passkeys: asks the browser for one and hands its answer to the desk. Each button tells by
// data-passkey where its options come from and where the answer goes.
const DESK = new URL("..", import.meta.url).pathname.slice(0, -1); // "" at the root of its host
const API = window.PublicKeyCredential && navigator.credentials;

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Refuz": "1" },
    body: JSON.stringify(body),
  });
  const found = await answer.json();
  if (!answer.ok) throw new Refused(found.error);
  return found;
}

class Refused extends Error {}

const named = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

async function asked(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (options.user) {
    publicKey.user = { ...options.user, id: bytes(options.user.id) };
    publicKey.excludeCredentials = named(options.excludeCredentials);
    return navigator.credentials.create({ publicKey });
  }
  publicKey.allowCredentials = named(options.allowCredentials);
  return navigator.credentials.get({ publicKey });
}

function asJson(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
}

// What the page's form holds, but its passwords: the first owner's name, a passkey's name.
function typed(button) {
  const form = button.closest("form") ?? document.querySelector("form");
  const fields = form ? [...new FormData(form)] : [];
  return Object.fromEntries(fields.filter(([name]) => name !== "password"));
}

async function press(button) {
  const { passkey, next, wrong } = button.dataset;
  button.disabled = true;
  try {
    const given = typed(button);
    const credential = await asked(await post(`${passkey}/options`, given));
    const done = await post(passkey, { ...given, next, answer: asJson(credential) });
    window.location.assign(DESK + done.next);
  } catch (error) {
    button.disabled = false;
    say(button, error instanceof Refused ? error.message : wrong);
  }
}

function say(button, sentence) {
  const line = document.querySelector(".wrong") ?? document.createElement("p");
  line.className = "wrong";
  line.setAttribute("role", "alert");
  line.textContent = sentence;
  if (!line.isConnected) button.before(line);
}

/** @type {NodeListOf<HTMLElement>} */
const buttons = document.querySelectorAll("[data-passkey]");
for (const button of buttons) {
  button.hidden = !API;
  button.addEventListener("click", () => press(button));
}
