// @ts-check
// The scan page of a paired phone: camera, hand scanner and keyboard, without Streamlit.
import { getJson, here, postBytes, Refused, said } from "./api.js";
import { mount as mountCamera } from "./camera.js";
import { mount as mountHand } from "./hand.js";

const KEPT = "refuz-me"; // what a phone that cannot reach the desk goes on with
/** @type {(id: string) => any} each is of the kind that phone.html gives it */
const byId = (id) => document.getElementById(id);
/** @type {(name: string, then: (detail: any) => void) => void} */
const onEvent = (name, then) =>
  window.addEventListener(name, (event) => then(/** @type {CustomEvent} */ (event).detail));
const recent = byId("recent");

async function html(name) {
  return (await fetch(here(`/station/${name}`))).text();
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

// Who this phone is and for which pile; without the desk, as it was told last.
async function known() {
  const pile = new URLSearchParams(location.search).get("pile");
  try {
    const me = await getJson("/api/me", { pile });
    localStorage.setItem(KEPT, JSON.stringify(me));
    return me;
  } catch (error) {
    if (error instanceof Refused && error.status < 500) {
      localStorage.removeItem(KEPT);
      location.reload(); // not let in any more: the desk says why
      throw error;
    }
    const me = JSON.parse(localStorage.getItem(KEPT) || "null");
    if (!me) throw error;
    return { ...me, pile: Number(pile) || me.pile };
  }
}

class Phone {
  constructor(me) {
    this.me = me;
    this.last = null;
    this.target = null;
    this.data = { pile: me.pile, by: me.person, words: me.words, quiet: true };
  }

  async start() {
    document.documentElement.lang = this.me.language;
    byId("person").textContent = this.me.person;
    byId("here").textContent = this.me.here || "";
    byId("hand").innerHTML = await html("hand.html");
    byId("camera").innerHTML = await html("camera.html");
    this.piles();
    this.typed();
    this.commands();
    onEvent("refuz-verdict", (verdict) => this.heard(verdict));
    window.addEventListener("refuz-undone", () => this.aim(null));
    onEvent("refuz-parcels", (count) => {
      byId("count").textContent = count;
    });
    this.mount();
    mountCamera({ parentElement: byId("camera"), data: await this.forCamera() });
  }

  mount() {
    mountHand({
      parentElement: byId("hand"),
      data: this.data,
      setTriggerValue: () => {},
      onVerdict: (verdict) => this.heard(verdict),
      onWaiting: (entries) => this.waiting(entries),
    });
  }

  // A phone that may use its camera already opens it by itself.
  async forCamera() {
    const asked = navigator.permissions?.query({ name: "camera" });
    const state = await asked?.catch(() => null);
    return { ...this.data, autostart: state?.state === "granted" };
  }

  heard(verdict) {
    if (verdict.id === this.last) return;
    this.last = verdict.id;
    this.aim(verdict.order_id || null);
    list(verdict);
  }

  aim(order) {
    this.target = order;
    this.photo.disabled = !order;
  }

  // Codes that the desk has not acknowledged: kept on this phone, also over a reload.
  waiting(entries) {
    const rows = entries.map((entry) => {
      const row = document.createElement("li");
      row.textContent = entry.code || this.me.words[`do_${entry.command}`] || entry.command;
      return row;
    });
    byId("waiting").replaceChildren(...rows);
    byId("waiting").hidden = !rows.length;
  }

  piles() {
    const { piles = [], pile, pile_name, words } = this.me;
    byId("pile").textContent = pile_name || words.no_pile;
    const choice = byId("piles");
    choice.setAttribute("aria-label", words.pile);
    choice.replaceChildren(...piles.map((one) => new Option(one.name, one.id)));
    choice.value = pile;
    choice.hidden = piles.length < 2;
    byId("pile").classList.toggle("unseen", !choice.hidden);
    choice.addEventListener("change", () => {
      const address = new URL(location.href);
      address.searchParams.set("pile", choice.value);
      location.assign(address.href);
    });
  }

  typed() {
    const { words } = this.me;
    const form = byId("typed");
    form.code.placeholder = words.type;
    form.code.setAttribute("aria-label", words.type);
    form.querySelector("button").textContent = words.add;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const code = form.code.value.trim();
      if (code) window.dispatchEvent(new CustomEvent("refuz-typed", { detail: code }));
      form.reset();
    });
  }

  // Within the thumb's reach: how the parcel last read came back; below, taken back, a photo of it,
  // and the way to what waits for a person, where this phone may answer it.
  commands() {
    const { words, links = [] } = this.me;
    for (const command of ["opened", "damaged", "missing_items", "undo"]) {
      this.button(words[`do_${command}`]).addEventListener("click", () => {
        window.dispatchEvent(new CustomEvent("refuz-command", { detail: command }));
      });
    }
    this.photo = this.button(words.photo);
    this.photo.disabled = true;
    const file = document.createElement("input");
    Object.assign(file, { type: "file", accept: "image/*", hidden: true });
    file.setAttribute("capture", "environment");
    this.photo.addEventListener("click", () => file.click());
    file.addEventListener("change", () => this.prove(file));
    this.photo.after(file);
    for (const { word, address } of links) {
      const link = document.createElement("a");
      link.href = here(address);
      link.textContent = word;
      byId("commands").append(link);
    }
  }

  button(text) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    byId("commands").append(button);
    return button;
  }

  // A photo of how the parcel came back, kept with its order.
  async prove(input) {
    const [file] = input.files;
    const order = this.target;
    input.value = "";
    if (!file || !order) return;
    const { pile, by } = this.data;
    const say = document.querySelector(".hand-note");
    say.textContent = this.me.words.sending;
    try {
      await postBytes("/api/photos", { pile, by, name: file.name, order }, file);
      say.textContent = this.me.words.photo_kept;
    } catch (error) {
      say.textContent = said(error, this.me.words, this.me.words.photo_lost);
    }
  }
}

navigator.serviceWorker?.register(here("/station/offline.js"), { scope: here("/phone") }).catch(() => {
  // The browser does not trust this certificate: the page needs the desk to open, scans are kept.
});
const phone = new Phone(await known());
await phone.start();
