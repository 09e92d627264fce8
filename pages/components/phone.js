// The scan page of a paired phone: camera, hand scanner and keyboard, without Streamlit.
import { getJson } from "./api.js";
import { mount as mountCamera } from "./camera.js";
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
  window.addEventListener("refuz-parcels", (event) => {
    byId("count").textContent = event.detail;
  });
  const form = byId("typed");
  form.querySelector("input").placeholder = words.type;
  form.querySelector("input").setAttribute("aria-label", words.type);
  form.querySelector("button").textContent = words.add;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = form.code.value.trim();
    if (code) window.dispatchEvent(new CustomEvent("refuz-typed", { detail: code }));
    form.reset();
  });
  commands(words);
}

// Taken back, or how the parcel last read came back: the same as by the command barcodes.
function commands(words) {
  for (const command of ["undo", "opened", "damaged", "missing_items"]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words[`do_${command}`];
    button.addEventListener("click", () => {
      window.dispatchEvent(new CustomEvent("refuz-command", { detail: command }));
    });
    byId("commands").append(button);
  }
}

start();
