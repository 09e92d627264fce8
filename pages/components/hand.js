// The hand scanner: always listening, whatever has the focus.
import { feedback, isMuted, setMuted } from "./feedback.js";
import { KeyReader } from "./keys.js";
import { Outbox } from "./outbox.js";

const stations = new WeakMap(); // the page calls us again at each of its runs

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

class HandStation {
  constructor(root) {
    this.strip = root.querySelector(".hand");
    this.say = root.querySelector(".hand-say");
    this.note = root.querySelector(".hand-note");
    this.mute = root.querySelector(".hand-mute");
    this.outbox = new Outbox({
      onVerdict: (verdict) => this.verdict(verdict),
      onProblem: (text, entry, final) => this.problem(text, entry, final),
      onChange: (count) => this.count(count),
    });
    this.keys = new KeyReader((code, odd) => this.code(code, odd));
    this.heard = (event) => this.verdict(event.detail, true);
    window.addEventListener("refuz-verdict", this.heard);
    this.ask = (event) => this.help(event);
    window.addEventListener("keydown", this.ask);
    this.mute.addEventListener("click", () => this.toggleSound());
  }

  stop() {
    this.keys.stop();
    this.outbox.stop();
    window.removeEventListener("refuz-verdict", this.heard);
    window.removeEventListener("keydown", this.ask);
  }

  // A "?" that was a person's and went into no field comes back from the reader as it went.
  help(event) {
    if (event.key === "?" && !event.isTrusted) document.querySelector(".st-key-help button")?.click();
  }

  update({ data, setTriggerValue, onVerdict = null }) {
    const first = !this.data;
    this.data = data;
    this.trigger = setTriggerValue;
    this.listener = onVerdict;
    this.showSound();
    if (first) this.show("ready", data.words.ready, data.words.ready_note);
  }

  code(code, odd) {
    const { pile, by } = this.data;
    // The desk tries what it can; the person hears at once what to set.
    this.odd = odd;
    if (!pile) {
      feedback("bad", this.strip);
      this.show("bad", this.data.words.no_pile, code);
      return;
    }
    this.show("busy", code, this.data.words.sending);
    this.outbox.put({ pile, code, by, source: "scanner" });
  }

  verdict(verdict, elsewhere = false) {
    if (!elsewhere) {
      feedback(verdict.sound, this.strip);
      this.listener?.(verdict);
    }
    const garbled = !elsewhere && this.odd && verdict.sound === "bad";
    this.show(verdict.sound, garbled ? this.data.words.garbled : verdict.say, verdict.code);
    this.follow();
  }

  // The page follows at once, yet at most four times a second however fast codes come.
  follow() {
    if (this.later) return;
    const wait = Math.max(0, 250 - (performance.now() - (this.followed || -1e9)));
    this.later = setTimeout(() => {
      this.later = null;
      this.followed = performance.now();
      this.trigger("scanned", Date.now());
    }, wait);
  }

  problem(text, entry, final) {
    const { words } = this.data || { words: {} };
    if (final) feedback("bad", this.strip);
    this.show(final ? "bad" : "busy", final ? text : words.kept, entry.code);
  }

  count(waiting) {
    this.strip.dataset.waiting = waiting > 1 ? waiting : "";
  }

  show(kind, say, note) {
    this.strip.dataset.kind = kind;
    this.say.textContent = say;
    this.note.textContent = note;
  }

  showSound() {
    const muted = isMuted();
    this.mute.title = muted ? this.data.words.sound_on : this.data.words.sound_off;
    this.mute.dataset.muted = muted;
  }

  toggleSound() {
    setMuted(!isMuted());
    this.showSound();
    feedback("good", null);
  }
}
