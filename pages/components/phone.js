// The scan page of a paired phone: camera, hand scanner and keyboard, without Streamlit.
import { getJson, newKey, postJson } from "./api.js";
import { mount as mountCamera } from "./camera.js";
import { feedback } from "./feedback.js";
import { mount as mountHand } from "./hand.js";

const recent = document.querySelector("#recent");
const byId = (id) => document.getElementById(id);

async function html(name) {
  return (await fetch(`/station/${name}`)).text();
}

function list(verdict) {
  const row = document.createElement("li");
  row.dataset.kind = verdict.sound;
  row.textContent = verdict.say;
  const code = document.createElement("small");
  code.textContent = verdict.code;
  row.append(code);
  recent.prepend(row);
  while (recent.children.length > 30) recent.lastElementChild.remove();
}

async function start() {
  const me = await getJson("/api/me", { pile: new URLSearchParams(location.search).get("pile") });
  const words = me.words;
  document.documentElement.lang = me.language;
  byId("pile").textContent = me.pile_name || words.no_pile;
  byId("person").textContent = me.person;
  const data = { pile: me.pile, by: me.person, words };
  byId("hand").innerHTML = await html("hand.html");
  byId("camera").innerHTML = await html("camera.html");
  let last = null;
  const heard = (verdict) => {
    if (verdict.id === last) return;
    last = verdict.id;
    list(verdict);
  };
  window.addEventListener("refuz-verdict", (event) => heard(event.detail));
  const hand = { parentElement: byId("hand"), data, setTriggerValue: () => {}, onVerdict: heard };
  mountHand(hand);
  mountCamera({ parentElement: byId("camera"), data });
  const form = byId("typed");
  form.querySelector("input").placeholder = words.type;
  form.querySelector("button").textContent = words.add;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    typed(form, data).catch((error) => list({ sound: "bad", say: error.message, code: form.code.value }));
  });
}

async function typed(form, data) {
  const code = form.code.value.trim();
  if (!code) return;
  const scan = { pile: data.pile, by: data.by, code, key: newKey("typed"), source: "list" };
  const verdict = await postJson("/api/scans", scan);
  form.reset();
  feedback(verdict.sound, byId("hand").querySelector(".hand"));
  window.dispatchEvent(new CustomEvent("refuz-verdict", { detail: verdict }));
}

start();
