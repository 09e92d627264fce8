// @ts-check
// What every page needs beside Streamlit: dialogs that a keyboard can use, and a calm word when the
// server is away, in the reader's language, instead of one for programmers.
import { getJson, here } from "./api.js";

const FIELDS = "input:not([type=hidden]):not([type=checkbox]):not([type=radio]), textarea";
const TAKEN = `${FIELDS}, button, a, summary, [role=radio], [role=tab]`;
// What Streamlit draws with words of its own: fields, the buttons of tables, their menus and hints.
const STREAMLITS = ["FileUploader", "CameraInput", "ElementToolbar", "TooltipContent", "DataFrameStatisticsContent"]
  .map((name) => `[data-testid=st${name}]`)
  .concat(
    "a[href='#stMain']",
    "[data-testid^=stDateInput]",
    "[data-testid^=stDataFrame][data-testid$=Menu]",
    ".gdg-search-bar",
  )
  .join(", ");
// Beside them, of these the buttons' names alone: what else is in them may be a person's word.
const NAMED = ["Selectbox", "MultiSelect", "TooltipIcon"]
  .map((name) => `[data-testid=st${name}] button[aria-label]`)
  .join(", ");
const CLOSES = "button[aria-label=Close], button[data-closes]";
// A date that is emptied changes its letters alone.
const WATCHED = { childList: true, characterData: true, subtree: true };
const ASK_AGAIN = 3000; // ms
const LOOK_FOR_RUNS = 10_000; // ms
const THEME_DRAWN = 300; // ms from the system's word to Streamlit's
const [SHEET, HALF_SHEET] = [1430, 690]; // px within a card on A4 across, by the zoom of print.css
let desk = null;

/** @type {(selector: string, within?: ParentNode) => NodeListOf<HTMLElement>} */
const all = (selector, within = document) => within.querySelectorAll(selector);
/** @type {(texts: TreeWalker) => Text | null} */
const nextOf = (texts) => /** @type {Text | null} */ (texts.nextNode());

// The name of a button is such a word, or one and after a colon what it is about; a part of a date
// is called "day, Shipped start date".
export function named(said, word) {
  const [, part, field, end] = said.match(/^(?:(day|month|year), )?(.*?)(?: (start date|end date))?$/s) || [];
  if (word(part || end)) return [part && word(part), field, end && word(end)].filter(Boolean).join(", ");
  const [first, ...about] = said.split(": ");
  return [word(first) || first, ...about].join(": ");
}

export function mount(component) {
  if (!desk) desk = new Desk();
  desk.update(component);
  return () => {};
}

class Desk {
  constructor() {
    this.seen = new WeakSet();
    this.beat = 0;
    new MutationObserver(() => this.look()).observe(document.body, WATCHED);
    window.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("offline", () => this.away());
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => setTimeout(() => this.look(), THEME_DRAWN));
    window.addEventListener("beforeprint", () => this.fit());
    window.addEventListener("afterprint", () => this.fit(false));
  }

  update({ data, parentElement, setTriggerValue }) {
    this.words = data.words;
    this.said = data.said; // in the reader's language, by Streamlit's own words
    this.pulse = data.pulse; // of the runs that the page's strip tells of; null where of none
    this.tell = (pulse) => setTriggerValue("pulse", pulse);
    this.note = parentElement.querySelector(".away");
    this.note.hidden = !this.gone;
    this.note.textContent = this.words.away;
    document.documentElement.lang = data.language;
    if (!data.preferred) Reflect.deleteProperty(navigator, "language"); // as Streamlit's page was told when it was opened
    this.look();
    if (data.signed_in && !this.watching) this.watch();
    this.beat ||= setInterval(() => this.runs(), LOOK_FOR_RUNS);
  }

  // A page left open learns of a run that begins or ends; one that nobody sees asks nothing.
  async runs() {
    if (this.pulse === null || this.gone || document.hidden) return;
    const run = await getJson("/api/runs/under-way").catch(() => null);
    if (run && run.pulse !== this.pulse) this.tell(run.pulse);
  }

  // A session that has ended leaves no customer on the screen: on to the sign-in page at once.
  async watch() {
    this.watching = true;
    for (;;) {
      const session = await fetch(here("/api/session")).catch(() => null);
      if (session?.status === 401) break;
      if (session?.status !== 204) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
    }
    document.body.replaceChildren();
    window.location.replace(here("/sign-in"));
  }

  look() {
    for (const dialog of all("[role=dialog]")) {
      // It lies outside of the part that Streamlit gives its theme's scheme: `light-dark()` were light.
      dialog.style.colorScheme = getComputedStyle(document.querySelector(".stApp") || dialog).colorScheme;
      for (const close of all(CLOSES, dialog)) {
        close.dataset.closes = "";
        this.call(close);
      }
      if (this.seen.has(dialog)) continue;
      this.seen.add(dialog);
      if (/Connection error|Is Streamlit still running/.test(dialog.textContent)) this.instead(dialog);
      else requestAnimationFrame(() => this.enter(dialog));
    }
    for (const field of document.querySelectorAll(STREAMLITS)) this.translate(field);
    for (const button of document.querySelectorAll(NAMED)) this.call(button);
    for (const toast of document.querySelectorAll(".stToast")) this.name(toast);
  }

  // Streamlit calls a toast by an id that nothing has.
  name(toast) {
    if (document.getElementById(toast.getAttribute("aria-labelledby"))) return;
    toast.removeAttribute("aria-labelledby");
    toast.setAttribute("aria-label", toast.textContent.trim());
  }

  // What Streamlit says in English only: whole, or with a size before it.
  translate(field) {
    const texts = document.createTreeWalker(field, NodeFilter.SHOW_TEXT);
    for (let text = nextOf(texts); text; text = nextOf(texts)) {
      const [, size = "", said] = text.data.match(/^(\d+\w?B )?(per file)(?= •|$)/) || [text.data, "", text.data];
      const word = this.word(said);
      if (word) text.data = text.data.replace(`${size}${said}`, `${size}${word}`);
    }
    for (const button of field.querySelectorAll("[aria-label]")) this.call(button);
  }

  call(button) {
    const said = button.getAttribute("aria-label");
    const name = named(said, (one) => this.word(one));
    if (name !== said) button.setAttribute("aria-label", name);
  }

  word(said) {
    return Object.hasOwn(this.said || {}, said) && this.said[said];
  }

  // A dialog's first field has the cursor, however late its script comes, unless a person went on to
  // something else there; where no field comes, what closes it.
  enter(dialog, tries = 200) {
    const at = document.activeElement;
    const close = dialog.querySelector(CLOSES);
    if (!dialog.isConnected || (dialog.contains(at) && at !== close && at.matches(TAKEN))) return;
    const field = dialog.querySelector(FIELDS);
    if (field) return field.focus();
    if (tries === 180 && !dialog.contains(at)) (close || dialog.querySelector("button"))?.focus();
    if (tries) setTimeout(() => this.enter(dialog, tries - 1), 50);
  }

  key(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const dialog = [...all("[role=dialog]")].at(-1);
    const at = document.activeElement;
    if (dialog) all(CLOSES, dialog)[0]?.click();
    else if (at instanceof HTMLElement && at.matches(FIELDS)) at.blur();
  }

  // A chart keeps the width that it was drawn with: on paper it fills its column.
  fit(printed = true) {
    for (const plot of all(".js-plotly-plot")) {
      const half = plot.offsetWidth < window.innerWidth * 0.6;
      plot.style.zoom = printed ? String((half ? HALF_SHEET : SHEET) / plot.offsetWidth) : "";
    }
  }

  instead(dialog) {
    const top = dialog.closest("[data-testid=stDialog]") || dialog;
    top.style.display = "none";
    this.away();
  }

  async away() {
    if (this.gone) return;
    this.gone = true;
    this.note.hidden = false;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
      const there = await fetch(here("/healthz")).catch(() => null);
      if (there?.ok) break;
    }
    window.location.reload();
  }
}
