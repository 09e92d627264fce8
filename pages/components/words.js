// The phone page's words; the pages inside Streamlit hand theirs over.
const ENGLISH = {
  lang: "en",
  ready: "Ready. Scan a parcel.",
  ready_note: "Point the camera at a label, or use a hand scanner.",
  no_pile: "No pile chosen. Ask for a new code on the Scan page.",
  sending: "…",
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
  insecure: "Cameras work only over HTTPS. Start Storno with: make run HTTPS=1",
  offline: "No connection to the desk. Trying again…",
  type: "Type a code",
  add: "Add",
};

const ROMANIAN = {
  ...ENGLISH,
  lang: "ro",
  ready: "Gata. Scanează un colet.",
  ready_note: "Îndreaptă camera spre etichetă sau folosește cititorul.",
  no_pile: "Nicio grămadă aleasă. Cere un cod nou pe pagina Scanare.",
  kept: "Fără legătură. Codul este păstrat și trimis din nou.",
  sound_on: "Pornește sunetul",
  sound_off: "Oprește sunetul",
  start: "Pornește camera",
  stop: "Oprește camera",
  torch: "Lanternă",
  opening: "Se deschide camera…",
  aim: "Ține eticheta în imagine.",
  refused: "Browserul nu are voie să folosească aparatul foto. Permite-l lângă adresă și încearcă din nou.",
  none: "Nu s-a găsit niciun aparat foto.",
  busy: "Aparatul foto este folosit de alt program. Închide-l și încearcă din nou.",
  insecure: "Aparatul foto merge doar prin HTTPS. Pornește Storno cu: make run HTTPS=1",
  offline: "Fără legătură cu biroul. Se încearcă din nou…",
  type: "Scrie un cod",
  add: "Adaugă",
};

export function wordsFor(language) {
  return language.toLowerCase().startsWith("ro") ? ROMANIAN : ENGLISH;
}
