// @ts-check
// What a person hears, sees and feels of a verdict: no need to look at the screen.
const TUNES = {
  good: [[1320, 0, 0.09]],
  seen: [
    [660, 0, 0.08],
    [660, 0.12, 0.08],
  ],
  bad: [[170, 0, 0.38]],
};
const SHAKES = { good: 40, seen: [40, 60, 40], bad: [220] };

let audio = null;

// Browsers give sound only after the first touch or key; until then verdicts are seen, not heard.
function context() {
  if (audio === null) audio = new (window.AudioContext || Reflect.get(window, "webkitAudioContext"))();
  if (audio.state === "suspended") audio.resume().catch(() => {});
  return audio;
}

function beep(kind) {
  const ctx = context();
  for (const [pitch, after, length] of TUNES[kind]) {
    const tone = ctx.createOscillator();
    const volume = ctx.createGain();
    const start = ctx.currentTime + after;
    tone.type = kind === "bad" ? "sawtooth" : "sine";
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.3, start + 0.01);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + length);
    tone.connect(volume).connect(ctx.destination);
    tone.start(start);
    tone.stop(start + length + 0.02);
  }
}

export function isMuted() {
  return localStorage.getItem("refuz-muted") === "1";
}

export function setMuted(muted) {
  localStorage.setItem("refuz-muted", muted ? "1" : "0");
}

export function feedback(kind, element) {
  if (!(kind in TUNES)) return;
  if (!isMuted()) beep(kind);
  if (navigator.vibrate && navigator.userActivation?.hasBeenActive) navigator.vibrate(SHAKES[kind]);
  if (element) {
    element.dataset.flash = "";
    void element.offsetWidth; // lets the same animation start again
    element.dataset.flash = kind;
  }
}
