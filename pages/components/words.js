// The phone page's words; the pages inside Streamlit hand theirs over.
const ENGLISH = {
  lang: "en",
  ready: "Ready. Scan a parcel.",
  ready_note: "Point the camera at a label, or use a hand scanner.",
  no_pile: "No pile chosen. Ask for a new code on the Scan page.",
  sending: "…",
  garbled: "The scanner types for another keyboard. Scan “US keyboard” in its manual.",
  kept: "No connection. The code is kept and sent again.",
  sound_on: "Sound on",
  sound_off: "Sound off",
  start: "Start camera",
  stop: "Stop camera",
  torch: "Torch",
  idle: "",
  opening: "Opening the camera…",
  aim: "Hold the label in the picture.",
  refused: "The browser was not allowed to use the camera. Allow it beside the address and try again.",
  none: "No camera was found on this device.",
  busy: "The camera is used by another program. Close that one and try again.",
  insecure: "Cameras work only over HTTPS. Start Refuz with: make run HTTPS=1",
  offline: "No connection to the desk. Trying again…",
  type: "Type a code",
  add: "Add",
};

const ROMANIAN = {
  ...ENGLISH,
  lang: "ro",
  ready: "Gata. Scanați un colet.",
  ready_note: "Îndreptați camera spre etichetă sau folosiți cititorul.",
  no_pile: "Niciun teanc ales. Cereți un cod nou pe pagina Scanare.",
  kept: "Fără legătură. Codul este păstrat și trimis din nou.",
  garbled: "Cititorul scrie pentru altă tastatură. Scanați „US keyboard” din manualul lui.",
  sound_on: "Pornește sunetul",
  sound_off: "Oprește sunetul",
  start: "Pornește camera",
  stop: "Oprește camera",
  torch: "Lanternă",
  opening: "Se deschide camera…",
  aim: "Țineți eticheta în imagine.",
  refused: "Browserul nu are voie să folosească camera. Permiteți-i lângă adresă și încercați din nou.",
  none: "Nu s-a găsit nicio cameră pe acest dispozitiv.",
  busy: "Alt program folosește camera. Închideți-l și încercați din nou.",
  insecure: "Camerele merg doar prin HTTPS. Porniți Refuz cu: make run HTTPS=1",
  offline: "Fără legătură cu biroul. Se încearcă din nou…",
  type: "Scrieți un cod",
  add: "Adăugați",
};

export function wordsFor(language) {
  return language.toLowerCase().startsWith("ro") ? ROMANIAN : ENGLISH;
}
