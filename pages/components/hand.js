// @ts-check
// The hand scanner: always listening, whatever has the focus. What it shows is what commands act on.
import { getJson, here } from "./api.js";
import { feedback, isMuted, setMuted } from "./feedback.js";
import { KeyReader } from "./keys.js";
import { Outbox } from "./outbox.js";

const stations = new WeakMap(); // the page calls us again at each of its runs
const KEYS = {
  s: "restock",
  w: "no_restock",
  o: "opened",
  d: "damaged",
  m: "missing_items",
  u: "undo",
  l: "print_label",
};
const FOR_GOOD = ["restock", "no_restock"];
const CLICK_MS = 1500; // within which a click is under way to the server
const BUSY_MS = 8000; // that one on a way or a button may take there, when the server is busy
const OWN_MS = 300; // that one's own answer may come after the word that the pile changed
const SURE_MS = 250; // that such a key waits: another one after it means that it was no command

/** @type {(selector: string) => HTMLElement | null} */
const first = (selector) => document.querySelector(selector);

export function mount(component) {
  const root = component.parentElement;
  let station = stations.get(root);
  if (!station) {
    station = new HandStation(root);
    stations.set(root, station);
  }
  station.update(component);
  return () => {
    station.stop();
    stations.delete(root);
  };
}

export class HandStation {
  constructor(root) {
    const part = (name) => root.querySelector(`.hand-${name}`);
    this.strip = root.querySelector(".hand");
    this.word = part("word");
    this.order = part("order");
    this.say = part("say");
    this.note = part("note");
    this.mute = part("mute");
    this.toPrint = new Set(); // keys of codes on their way whose label is to be printed
    this.target = null;
    this.outbox = new Outbox({
      onVerdict: (verdict, entry) => this.verdict(verdict, entry),
      onAnswer: (answer, entry) => this.answered(answer, entry),
      onProblem: (...told) => this.problem(...told),
      onChange: (count) => this.count(count),
    });
    this.keys = new KeyReader((code, odd) => this.code(code, odd));
    this.heard = (event) => this.verdict(event.detail);
    window.addEventListener("refuz-verdict", this.heard);
    this.pressed = (event) => this.command(event.detail);
    window.addEventListener("refuz-command", this.pressed);
    this.typed = (event) => this.code(event.detail, false);
    window.addEventListener("refuz-typed", this.typed);
    this.ask = (event) => this.key(event);
    window.addEventListener("keydown", this.ask);
    this.anyKey = (event) => event.isTrusted && clearTimeout(this.sure);
    window.addEventListener("keydown", this.anyKey, true);
    this.click = (event) => {
      this.clicked = performance.now();
      this.leads = Boolean(event.target.closest?.("a, button"));
    };
    window.addEventListener("click", this.click, true);
    this.runs = new MutationObserver(() => {
      if (this.running()) this.began = performance.now();
    });
    this.runs.observe(document.body, { subtree: true, attributeFilter: ["data-test-script-state"] });
    this.mute.addEventListener("click", () => this.toggleSound());
  }

  stop() {
    this.stopped = true;
    this.keys.stop();
    this.outbox.stop();
    window.removeEventListener("refuz-verdict", this.heard);
    window.removeEventListener("refuz-command", this.pressed);
    window.removeEventListener("refuz-typed", this.typed);
    window.removeEventListener("keydown", this.ask);
    window.removeEventListener("keydown", this.anyKey, true);
    window.removeEventListener("click", this.click, true);
    this.runs.disconnect();
    clearTimeout(this.later);
  }

  // A key that was a person's and went into no field comes back from the reader as it went.
  key(event) {
    if (event.isTrusted || document.querySelector("[role=dialog]")) return;
    if (event.key === "?") first(".st-key-help button")?.click();
    const key = event.key.toLowerCase();
    if (key === "t") first("[class*='st-key-note-'] input")?.focus();
    if (key === "x") this.next();
    const command = KEYS[key];
    if (!command) return;
    clearTimeout(this.sure);
    if (!FOR_GOOD.includes(command)) this.command(command);
    else this.sure = setTimeout(() => this.command(command), SURE_MS);
  }

  update({ data, setTriggerValue, onVerdict = null, onWaiting = null }) {
    const first = !this.data;
    const moved = !this.moving && this.data?.pile !== data.pile;
    this.data = this.moving ? { ...data, pile: this.moving } : data;
    this.trigger = setTriggerValue;
    this.listener = onVerdict;
    this.onWaiting = onWaiting;
    this.showSound();
    if (first || moved) this.next();
    if (first && data.last) this.tell(data.last);
    if (moved) this.watch(data.pile);
  }

  next() {
    const { words } = this.data;
    this.target = null;
    this.show("ready", words.word_ready, "", words.ready, words.ready_note);
  }

  code(code, odd) {
    const { pile, by, words, commands = {} } = this.data;
    const command = commands[code.toUpperCase()];
    if (command) return this.command(command);
    this.odd = odd; // the desk tries what it can; the person hears at once what to set
    if (!pile) {
      feedback("bad", this.strip);
      this.show("bad", words.word_bad, "", words.no_pile, code);
      return;
    }
    // What was typed about the parcel before is kept before the next one takes its place.
    const field = document.activeElement;
    if (field instanceof HTMLElement && field.closest(".st-key-last")) field.blur();
    this.show("busy", words.word_busy, "", words.sending, code);
    this.outbox.put({ pile, code, by, source: "scanner" });
  }

  // Of one read behind a code, the command is about that code's order, however late its answer.
  command(command) {
    const { pile, by } = this.data;
    const scan = this.outbox.newest();
    if (command === "print_label") {
      if (scan) this.toPrint.add(scan);
      else this.print();
      return;
    }
    const about = scan ? { scan } : { order_id: this.target?.order_id, order: this.target?.order };
    this.outbox.put({ pile, by, command, source: "command", ...about });
  }

  print() {
    if (!this.target) return;
    const address = here(`/label/${this.data.pile}/${this.target.order_id}`);
    window.open(address, "_blank", "width=460,height=420");
  }

  // What came of a command.
  answered(answer, entry) {
    const { pile } = this.data;
    feedback(answer.sound, this.strip);
    const order = entry.scan ? this.order.textContent : entry.order;
    this.show(answer.sound, this.word.textContent, order, answer.say, "");
    if (answer.done && entry.command === "undo") {
      this.target = null;
      window.dispatchEvent(new CustomEvent("refuz-undone"));
    }
    if (answer.pile !== entry.pile) this.outbox.move(entry.pile, answer.pile);
    if (answer.pile !== pile) this.moveTo(answer.pile);
    this.follow();
  }

  // Codes read until the page has come back are the new pile's already.
  moveTo(pile) {
    this.moving = pile;
    this.data = { ...this.data, pile };
    const address = new URL(window.location.href);
    address.searchParams.set("pile", pile);
    window.location.assign(address.href);
  }

  verdict(verdict, entry = null) {
    if (entry) {
      feedback(verdict.sound, this.strip);
      this.listener?.(verdict);
    }
    this.tell(verdict, entry && this.odd && verdict.sound === "bad" ? this.data.words.garbled : "");
    if (this.toPrint.delete(entry?.key)) this.print();
    this.own = verdict.pulse;
    this.follow();
  }

  tell(verdict, instead = "") {
    this.target = verdict.order_id ? { order_id: verdict.order_id, order: verdict.order } : null;
    const whose = [verdict.customer, verdict.why].filter(Boolean).join(" · ");
    this.show(verdict.sound, verdict.word, verdict.order, instead || whose || verdict.say, verdict.code);
  }

  // The page follows at once, yet at most four times a second however fast codes come.
  follow() {
    if (this.later) return;
    const wait = Math.max(0, 250 - (performance.now() - (this.followed ?? -1e9)));
    this.later = setTimeout(() => this.followNow(), wait);
  }

  // Behind a click that leads to another page this would ask for a part of a page that is gone,
  // and Streamlit, which takes the page of whichever came last, would show nothing at all.
  followNow() {
    if (this.stopped) return;
    if (this.underWay()) {
      this.later = setTimeout(() => this.followNow(), 50);
      return;
    }
    this.later = null;
    this.followed = performance.now();
    this.trigger("scanned", Date.now());
    window.dispatchEvent(new CustomEvent("refuz-changed"));
  }

  running() {
    const app = first("[data-test-script-state]");
    return Boolean(app) && app.dataset.testScriptState !== "notRunning";
  }

  // The answer to a click is a run that began after it: one may be going on when it is pressed.
  underWay() {
    if (this.running()) return true;
    const since = performance.now() - (this.clicked ?? -1e9);
    const answered = !this.leads || this.began > this.clicked;
    return since < CLICK_MS || (!answered && since < BUSY_MS);
  }

  // Waits at the server until the pile is another: an idle page asks for nothing else.
  async watch(pile) {
    let since = "";
    while (!this.stopped && pile && this.data.pile === pile) {
      if (document.hidden) {
        await new Promise((shown) => document.addEventListener("visibilitychange", shown, { once: true }));
      }
      try {
        const changes = await getJson(`/api/pile/${pile}/changes`, { since });
        if (since && changes.pulse !== since) this.others(changes.pulse);
        since = changes.pulse;
        window.dispatchEvent(new CustomEvent("refuz-parcels", { detail: changes.parcels }));
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 4000));
      }
    }
  }

  // What one's own scan changed is followed already, or as soon as its answer is here.
  others(pulse) {
    setTimeout(() => pulse !== this.own && this.follow(), OWN_MS);
  }

  // A device that is let in no more is no lost connection: it says so, and sounds once.
  problem(text, entry, final, status = 0) {
    const { words } = this.data || { words: {} };
    const ended = !final && status === 401;
    this.cutOff = !final;
    this.count(this.outbox.waiting.length);
    if (final || (ended && !this.ended)) feedback("bad", this.strip);
    this.ended = ended;
    if (final) this.toPrint.delete(entry.key);
    const [kind, word] = final || ended ? ["bad", words.word_bad] : ["busy", words.word_busy];
    const kept = ended ? words.ended : words.kept;
    this.show(kind, word, "", final ? text : kept, entry.code || "");
  }

  count(waiting) {
    this.strip.dataset.waiting = waiting > 1 ? waiting : "";
    this.cutOff &&= waiting > 0;
    this.onWaiting?.(this.cutOff ? this.outbox.waiting : []);
  }

  show(kind, word, order, say, note) {
    this.strip.dataset.kind = kind;
    this.word.textContent = word || "";
    this.order.textContent = order || "";
    this.say.textContent = say;
    this.note.textContent = note;
  }

  showSound() {
    const muted = isMuted();
    this.mute.title = muted ? this.data.words.sound_on : this.data.words.sound_off;
    this.mute.setAttribute("aria-label", this.mute.title);
    this.mute.dataset.muted = muted;
  }

  toggleSound() {
    setMuted(!isMuted());
    this.showSound();
    feedback("good", null);
  }
}
