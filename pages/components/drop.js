// @ts-check
// Hundreds of photos: sent one by one, read on the server, shown with what was read in each.
import { getJson, here, newKey, postBytes, postJson, said } from "./api.js";
import { feedback } from "./feedback.js";

const stations = new WeakMap();
const AT_ONCE = 3;
const SHOWN = 60; // tiles; older ones are counted, not drawn
const NAMED = 5; // files left out that are named
const OF_A_FOLDER = /^(\.|desktop\.ini$|thumbs\.db$)/i; // what systems keep in folders themselves
const PICTURE = /\.(jpe?g|png|webp|heic|heif|tiff?|bmp|gif|avif|pdf)$/i;

export function mount(component) {
  const root = component.parentElement;
  let station = stations.get(root);
  if (!station) {
    station = new DropStation(root);
    stations.set(root, station);
  }
  station.update(component.data);
  return () => {
    station.close();
    stations.delete(root);
  };
}

// Files of dropped folders too, however deep.
async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) {
      found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!batch.length) return;
      for (const child of batch) await walk(child);
    }
  };
  for (const entry of entries) await walk(entry);
  return found;
}

class DropStation {
  constructor(root) {
    const part = (name) => root.querySelector(`.drop-${name}`);
    this.box = root.querySelector(".drop");
    this.zone = part("zone");
    this.input = part("input");
    this.ask = part("ask");
    this.bar = part("bar");
    this.progress = part("progress");
    this.grid = part("grid");
    this.look = part("look");
    this.fold = part("fold");
    this.large = part("large");
    this.legend = part("legend");
    this.queue = [];
    this.sending = 0;
    this.counts = { chosen: 0, sent: 0, failed: 0 };
    this.tiles = new Map();
    this.zone.addEventListener("click", () => this.input.click());
    this.zone.addEventListener("keydown", (event) => {
      if (event.key === " " || event.key === "Enter") this.input.click();
    });
    this.input.addEventListener("change", () => {
      this.add([...this.input.files]);
      this.input.value = "";
    });
    for (const name of ["dragenter", "dragover"]) {
      this.zone.addEventListener(name, (event) => this.hover(event, true));
    }
    for (const name of ["dragleave", "drop"]) {
      this.zone.addEventListener(name, (event) => this.hover(event, false));
    }
    this.changed = () => this.poll();
    window.addEventListener("refuz-changed", this.changed);
    this.large.addEventListener("click", () => this.large.close());
    this.zone.addEventListener("drop", async (event) => this.add(await filesOf(event.dataTransfer)));
  }

  hover(event, over) {
    event.preventDefault();
    this.zone.dataset.over = over ? "yes" : "";
  }

  update(data) {
    if (this.data && this.data.pile !== data.pile) this.restart();
    const first = !this.data;
    this.data = data;
    this.ask.textContent = data.words.ask;
    this.legend.textContent = data.words.legend;
    if (first) this.poll();
  }

  restart() {
    this.tiles.clear();
    this.grid.replaceChildren();
    this.look.replaceChildren();
    this.counts = { chosen: 0, sent: 0, failed: 0 };
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    window.removeEventListener("refuz-changed", this.changed);
  }

  add(files) {
    const pictures = files.filter((file) => file.type.startsWith("image/") || PICTURE.test(file.name));
    const others = files.filter((file) => !pictures.includes(file) && !OF_A_FOLDER.test(file.name));
    if (others.length) this.leaveOut(others.map((file) => file.name));
    this.counts.chosen += pictures.length;
    this.queue.push(...pictures);
    this.tell();
    for (let i = this.sending; i < AT_ONCE; i += 1) this.sendNext();
  }

  async sendNext() {
    const file = this.queue.shift();
    if (!file) return;
    this.sending += 1;
    await this.send(file, 3);
    this.sending -= 1;
    this.tell();
    this.poll();
    this.sendNext();
  }

  async send(file, tries) {
    const { pile, by } = this.data;
    try {
      await postBytes("/api/photos", { pile, by, name: file.name }, file);
      this.counts.sent += 1;
    } catch (error) {
      if (tries > 1 && !error.status) {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        return this.send(file, tries - 1);
      }
      this.counts.failed += 1;
      this.fail(file.name, said(error, this.data.words, this.data.words.lost));
    }
  }

  fail(name, why) {
    this.complain(`${name}: ${why}`);
  }

  leaveOut(names) {
    const more = names.length > NAMED ? ` … (${names.length})` : "";
    this.complain(this.data.words.left_out.replace("{names}", () => names.slice(0, NAMED).join(", ") + more));
  }

  complain(text) {
    const line = textOf("p", text);
    line.className = "drop-failed";
    line.setAttribute("role", "alert");
    this.look.prepend(line);
  }

  tell() {
    const photos = this.tiles.size;
    this.fold.hidden = !photos;
    this.fold.querySelector("summary").textContent = this.data.words.folded
      .replace("{photos}", Math.max(photos, this.total || 0))
      .replace("{look}", this.look.children.length);
    this.legend.hidden = !photos;
    const { chosen, sent, failed } = this.counts;
    const { words } = this.data;
    const read = Math.max(0, sent - (this.open || 0));
    this.progress.hidden = !chosen;
    this.bar.max = chosen * 2 || 1;
    this.bar.value = sent + failed + read;
    this.progress.querySelector("span").textContent = words.progress
      .replace("{sent}", sent)
      .replace("{chosen}", chosen)
      .replace("{read}", read)
      .replace("{failed}", failed);
    this.box.dataset.busy = this.queue.length || this.sending || this.open ? "yes" : "";
  }

  // Asks for the newest pictures, often while something is being read, then when the pile changes.
  async poll() {
    if (this.polling || this.closed || !this.data.pile) return;
    this.polling = true;
    clearTimeout(this.timer);
    let wait = 0;
    try {
      const { pile } = this.data;
      const answer = await getJson(`/api/pile/${pile}/pictures`, { limit: SHOWN });
      if (pile === this.data.pile) {
        for (const picture of answer.pictures) this.draw(picture);
        this.open = answer.open;
        this.total = answer.total;
        this.tell();
        if (answer.open || this.sending) wait = 700;
      }
    } catch {
      wait = 5000; // the next question will tell
    }
    this.polling = false;
    if (!this.closed && wait) this.timer = setTimeout(() => this.poll(), wait);
  }

  draw(picture) {
    let tile = this.tiles.get(picture.id);
    const state = `${picture.state}:${picture.codes}`;
    if (tile?.state === state) return;
    if (tile) tile.element.remove();
    tile = { state, element: document.createElement("div") };
    tile.element.className = "drop-tile";
    tile.element.dataset.state = picture.state;
    tile.element.title = picture.filename;
    this.tiles.set(picture.id, tile);
    if (picture.error) tile.element.append(textOf("p", picture.error));
    if (picture.pages.length) for (const page of picture.pages) tile.element.append(this.page(picture, page));
    else if (!picture.error) tile.element.append(textOf("span", "…"));
    tile.element.append(textOf("small", picture.filename));
    const asks = picture.error || picture.pages.some((page) => page.unread.length);
    (asks ? this.look : this.grid).prepend(tile.element);
    while (this.grid.children.length > SHOWN) this.grid.lastElementChild.remove();
  }

  // One picture as large as the window, with what was read in it.
  enlarge(picture, page) {
    const { view, svg } = this.drawn(picture, page, true);
    for (const shape of svg.querySelectorAll(".unread")) shape.removeAttribute("tabindex");
    this.large.replaceChildren(view, textOf("small", picture.filename));
    this.large.setAttribute("aria-label", picture.filename);
    this.large.showModal();
  }

  // The picture and its outlines lie in one box of the picture's own shape; forms go below it.
  drawn(picture, page, large = false) {
    const view = document.createElement("div");
    view.className = "drop-view";
    view.style.aspectRatio = `${page.width} / ${page.height}`;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${page.width} ${page.height}`);
    for (const code of page.codes) svg.append(polygon(code.corners, "read", code.text));
    for (const corners of page.unread) svg.append(polygon(corners, "unread", this.data.words.type));
    view.append(imageOf(picture, page.number, large), svg);
    return { view, svg };
  }

  page(picture, page) {
    const frame = document.createElement("div");
    frame.className = "drop-page";
    const { view, svg } = this.drawn(picture, page);
    // It is the button: the regions are some as well, and none may lie in another.
    const image = view.querySelector("img");
    image.tabIndex = 0;
    image.setAttribute("role", "button");
    pressed(view, () => this.enlarge(picture, page));
    for (const region of svg.querySelectorAll(".unread")) {
      region.setAttribute("tabindex", "0");
      region.setAttribute("role", "button");
      region.setAttribute("aria-label", this.data.words.type);
      pressed(region, () => this.askFor(picture, frame));
    }
    frame.append(view);
    return frame;
  }

  // An unread code is typed in by the person who can read the digits under it.
  askFor(picture, frame) {
    if (frame.querySelector("form")) return;
    const form = document.createElement("form");
    const field = document.createElement("input");
    field.placeholder = this.data.words.type;
    field.setAttribute("aria-label", this.data.words.type);
    const why = textOf("p", "");
    why.setAttribute("role", "alert");
    form.append(field, why);
    frame.append(form);
    field.focus();
    const keys = new Map(); // sent again after a lost answer, a code is the same scan
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const code = field.value.trim();
      if (!code) return form.remove();
      if (field.readOnly) return;
      if (!keys.has(code)) keys.set(code, newKey("typed"));
      const scan = { pile: this.data.pile, by: this.data.by, source: "photo", sha256: picture.sha256 };
      field.readOnly = true;
      try {
        const verdict = await postJson("/api/scans", { ...scan, code, key: keys.get(code) });
        feedback(verdict.sound, frame);
        window.dispatchEvent(new CustomEvent("refuz-verdict", { detail: verdict }));
        form.replaceWith(textOf("p", verdict.say));
      } catch (error) {
        field.readOnly = false;
        why.textContent = said(error, this.data.words, this.data.words.not_sent);
        field.focus();
      }
    });
  }
}

// By mouse, Enter or Space; what lies under it is not pressed as well.
function pressed(element, then) {
  const act = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    then();
  };
  element.addEventListener("click", act);
  element.addEventListener("keydown", act);
}

function textOf(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

function imageOf(picture, page, large = false) {
  const image = document.createElement("img");
  image.loading = "lazy";
  image.alt = picture.filename;
  image.src = here(`/api/photos/${picture.sha256}/thumbnail?page=${page}${large ? "&large=1" : ""}`);
  return image;
}

function polygon(corners, kind, title) {
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
  shape.setAttribute("points", corners.map((corner) => corner.join(",")).join(" "));
  shape.setAttribute("class", kind);
  const label = document.createElementNS("http://www.w3.org/2000/svg", "title");
  label.textContent = title;
  shape.append(label);
  return shape;
}
