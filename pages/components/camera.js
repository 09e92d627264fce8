// @ts-check
// Live scanning: frames go to the server one after another, what was read is drawn over the video.
import { newKey, postBytes, said } from "./api.js";
import { feedback } from "./feedback.js";

const stations = new WeakMap();
const SHORTEST_PAUSE = 70; // ms from one frame to the next: 14 a second at most
const QUALITY = 0.85;
const COLOURS = { good: "#22c55e", seen: "#f59e0b", bad: "#ef4444", quiet: "#94a3b8" };
const REFUSALS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

// Makes JPEG of what a video shows now: in a worker, or in the page where the browser has no canvas
// for workers. Where the worker can have the camera's frames themselves, the page copies none.
class Encoder {
  constructor(video) {
    this.video = video;
    if (!self.OffscreenCanvas) return;
    this.worker = new Worker(new URL("./frames.js", import.meta.url));
    // Chromium's own, which TypeScript knows in workers only.
    const Frames = /** @type {any} */ (self).MediaStreamTrackProcessor;
    this.direct = Boolean(Frames);
    if (!this.direct) return;
    const [track] = video.srcObject.getVideoTracks();
    const { readable: frames } = new Frames({ track });
    this.worker.postMessage({ frames }, [frames]);
  }

  // Null where the camera has no frame any more, or none as the page shows it.
  async encode() {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!this.worker) return this.here({ width, height });
    const frame = this.direct ? null : await createImageBitmap(this.video);
    const made = await new Promise((resolve, reject) => {
      this.worker.onerror = reject;
      this.worker.onmessage = ({ data }) => (data instanceof Error ? reject(data) : resolve(data));
      this.worker.postMessage({ frame, size: { width, height }, quality: QUALITY }, frame ? [frame] : []);
    });
    this.direct &&= Boolean(made);
    return made;
  }

  here(size) {
    const canvas = Object.assign(document.createElement("canvas"), size);
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  }

  // A frame that is on its way gets no answer: only while nobody waits for one.
  close() {
    this.worker?.terminate();
  }
}

export function mount(component) {
  const root = component.parentElement;
  let station = stations.get(root);
  if (!station) {
    station = new CameraStation(root);
    stations.set(root, station);
  }
  station.update(component.data);
  return () => {
    station.close();
    stations.delete(root);
  };
}

// Image Capture's part of what a camera can, which TypeScript does not know.
/** @typedef {MediaTrackCapabilities & { focusMode?: string[], torch?: boolean }} Can */

/**
 * @param {{ focusMode?: string, torch?: boolean }} wanted
 * @returns {MediaTrackConstraints}
 */
const only = (wanted) => ({ advanced: [/** @type {MediaTrackConstraintSet} */ (wanted)] });

export class CameraStation {
  constructor(root) {
    const part = (name) => root.querySelector(`.camera-${name}`);
    this.box = root.querySelector(".camera");
    this.video = part("video");
    this.overlay = part("overlay");
    this.say = part("say");
    this.start = part("start");
    this.choice = part("choice");
    this.torch = part("torch");
    this.session = newKey("cam");
    this.start.addEventListener("click", () => this.toggle());
    this.choice.addEventListener("change", () => this.open(this.choice.value));
    this.torch.addEventListener("click", () => this.toggleTorch());
    this.visible = () => (document.hidden ? this.pause() : this.resume());
    document.addEventListener("visibilitychange", this.visible);
  }

  update(data) {
    const first = !this.data;
    this.data = data;
    this.torch.textContent = data.words.torch;
    this.start.textContent = this.stream ? data.words.stop : data.words.start;
    if (first) this.tell(data.words.idle);
    if (first && data.autostart) this.open();
  }

  toggle() {
    if (this.stream) {
      this.shut();
      this.tell(this.data.words.idle);
    } else this.open();
  }

  close() {
    this.shut();
    document.removeEventListener("visibilitychange", this.visible);
  }

  shut() {
    for (const track of this.stream?.getTracks() || []) track.stop();
    this.stream = null;
    this.box.dataset.live = "";
    this.torch.hidden = true;
    if (this.data) this.start.textContent = this.data.words.start;
    this.draw([], 1, 1);
  }

  pause() {
    this.paused = Boolean(this.stream);
    if (this.paused) this.shut();
  }

  resume() {
    if (this.paused) this.open(this.choice.value || undefined);
    this.paused = false;
  }

  async open(deviceId) {
    const { words } = this.data;
    if (!navigator.mediaDevices?.getUserMedia) return this.tell(words.insecure, "bad");
    this.shut();
    this.tell(words.opening);
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { ...size, ...which } });
    } catch (error) {
      return this.tell(words[REFUSALS[error.name] || "refused"], "bad");
    }
    this.video.srcObject = this.stream;
    await this.video.play();
    this.box.dataset.live = "yes";
    this.start.textContent = words.stop;
    this.tell(words.aim);
    await this.listCameras();
    this.offerTorch();
    this.loop(this.stream);
  }

  async listCameras() {
    const all = await navigator.mediaDevices.enumerateDevices();
    const cameras = all.filter((device) => device.kind === "videoinput");
    const current = this.stream.getVideoTracks()[0].getSettings().deviceId;
    this.choice.replaceChildren(
      ...cameras.map((camera, i) => new Option(camera.label || `Camera ${i + 1}`, camera.deviceId)),
    );
    this.choice.value = current;
    this.choice.hidden = cameras.length < 2;
  }

  offerTorch() {
    const track = this.stream.getVideoTracks()[0];
    const can = /** @type {Can} */ (track.getCapabilities?.() || {});
    if (can.focusMode?.includes("continuous")) {
      track.applyConstraints(only({ focusMode: "continuous" })).catch(() => {});
    }
    this.torch.hidden = !can.torch;
    this.lit = false;
  }

  async toggleTorch() {
    this.lit = !this.lit;
    await this.stream.getVideoTracks()[0].applyConstraints(only({ torch: this.lit }));
    this.torch.dataset.lit = this.lit;
  }

  async loop(stream) {
    const encoder = new Encoder(this.video);
    while (this.stream === stream) {
      const began = performance.now();
      try {
        const frame = this.video.videoWidth && this.data.pile ? await encoder.encode() : null;
        if (frame) this.show(await this.send(frame));
      } catch (error) {
        this.tell(said(error, this.data.words, this.data.words.offline), "bad");
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      const rest = SHORTEST_PAUSE - (performance.now() - began);
      if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
    }
    encoder.close();
  }

  send(frame) {
    const { pile, by } = this.data;
    return postBytes("/api/frames", { pile, by, session: this.session }, frame, 15);
  }

  show(answer) {
    this.draw(answer.codes, answer.width, answer.height);
    this.frames = (this.frames || 0) + 1;
    this.box.dataset.frames = this.frames;
    const fresh = answer.codes.filter((code) => code.verdict && !code.again);
    const shown = fresh.find((code) => code.sound === "good") || fresh.find((code) => code.sound !== "quiet");
    // The phone's page says the verdict once, below the picture.
    if (this.data.quiet && this.say.dataset.kind) this.tell(this.data.words.aim);
    if (!shown) return;
    feedback(shown.sound, this.box);
    if (!this.data.quiet) this.tell(`${shown.say}`, shown.sound);
    window.dispatchEvent(new CustomEvent("refuz-verdict", { detail: shown }));
  }

  draw(codes, width, height) {
    if (!codes.length && !this.drawn) return; // an empty drawing costs as much as any
    this.drawn = codes.length;
    Object.assign(this.overlay, { width, height });
    const pen = this.overlay.getContext("2d");
    pen.clearRect(0, 0, width, height);
    pen.lineWidth = Math.max(3, width / 200);
    pen.lineJoin = "round";
    for (const code of codes) {
      pen.strokeStyle = COLOURS[code.sound] || COLOURS.quiet;
      pen.beginPath();
      for (const [x, y] of code.corners) pen.lineTo(x, y);
      pen.closePath();
      pen.stroke();
    }
  }

  tell(text, kind = "") {
    this.say.textContent = text;
    this.say.dataset.kind = kind;
  }
}
