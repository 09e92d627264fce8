// A scanner set for a US keyboard on a computer with any other: the keys' places tell the code.
import assert from "node:assert/strict";
import { test } from "node:test";

import { byPlace, chosen } from "../../pages/components/layouts.js";

// Every key in the order of a US keyboard, and what each layout gives there without Shift.
const PLACES = [
  ..."1234567890".split("").map((digit) => `Digit${digit}`),
  ..."QWERTYUIOP".split("").map((letter) => `Key${letter}`),
  "BracketLeft",
  "BracketRight",
  ..."ASDFGHJKL".split("").map((letter) => `Key${letter}`),
  "Semicolon",
  "Quote",
  ..."ZXCVBNM".split("").map((letter) => `Key${letter}`),
  "Comma",
  "Period",
  "Slash",
  "Minus",
  "Equal",
];
const US = ["1234567890", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "-="].join("");
const US_SHIFTED = ["!@#$%^&*()", "QWERTYUIOP{}", 'ASDFGHJKL:"', "ZXCVBNM<>?", "_+"].join("");
const LAYOUTS = {
  american: US,
  azerty: ["&é\"'(-è_çà", "azertyuiop^$", "qsdfghjklmù", "wxcvbn,;:!", ")="].join(""),
  azertyBelgian: ["&é\"'(§è!çà", "azertyuiop^$", "qsdfghjklmù", "wxcvbn,;:=", ")-"].join(""),
  bepo: ['"«»()@+-/*', "bépoè^vdljzw", "auiectsrnmç", "àyx.k'qghf", "=%"].join(""),
  qwertzGerman: ["1234567890", "qwertzuiopü+", "asdfghjklöä", "yxcvbnm,.-", "ß´"].join(""),
  qwertzSwiss: ["1234567890", "qwertzuiopè¨", "asdfghjkléà", "yxcvbnm,.-", "'^"].join(""),
  czech: ["+ěščřžýáíé", "qwertzuiopú)", "asdfghjklů§", "yxcvbnm,.-", "=´"].join(""),
  slovak: ["+ľščťžýáíé", "qwertzuiopúä", "asdfghjklô§", "yxcvbnm,.-", "=´"].join(""),
  hungarian: ["123456789ö", "qwertzuiopőú", "asdfghjkléá", "yxcvbnm,.-", "üó"].join(""),
  romanianStandard: ["1234567890", "qwertyuiopăî", "asdfghjklșț", "zxcvbnm,./", "-="].join(""),
  polish: ["1234567890", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "-="].join(""),
  croatian: ["1234567890", "qwertzuiopšđ", "asdfghjklčć", "yxcvbnm,.-", "'+"].join(""),
  turkishQ: ["1234567890", "qwertyuıopğü", "asdfghjklşi", "zxcvbnmöç.", "*-"].join(""),
  turkishF: ["1234567890", "fgğıodrnhpqw", "uieaütkmlyş", "jövcçzsb.,", "/-"].join(""),
  bulgarian: ["1234567890", ",уеишщксдзц;", "ьяаожгтнвмч", "юйъэфхпрлб", "-."].join(""),
  bulgarianPhonetic: ["1234567890", "чшертъуиопящ", "асдфгхйкл;'", "зжцвбнм,./", "-="].join(""),
  greek: ["1234567890", ";ςερτυθιοπ[]", "ασδφγηξκλ΄'", "ζχψωβνμ,./", "-="].join(""),
  russian: ["1234567890", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю.", "-="].join(""),
  ukrainian: ["1234567890", "йцукенгшщзхї", "фівапролджє", "ячсмитьбю.", "-="].join(""),
  serbian: ["1234567890", "љњертзуиопшђ", "асдфгхјклчћ", "ѕџцвбнм,.-", "'+"].join(""),
  hebrew: ["1234567890", "/'קראטוןםפ][", "שדגכעיחלךף,", "זסבהנמצתץ.", "-="].join(""),
  spanish: ["1234567890", "qwertyuiop`+", "asdfghjklñ´", "zxcvbnm,.-", "'¡"].join(""),
  italian: ["1234567890", "qwertyuiopè+", "asdfghjklòà", "zxcvbnm,.-", "'ì"].join(""),
  swedish: ["1234567890", "qwertyuiopå¨", "asdfghjklöä", "zxcvbnm,.-", "+´"].join(""),
  lithuanian: ["ąčęėįšųū90", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "-ž"].join(""),
  dvorak: ["1234567890", "',.pyfgcrl/=", "aoeuidhtns-", ";qjkxbmwvz", "[]"].join(""),
};
const CODES = [
  "7000121085001",
  "2934567810123",
  "1ONB24222308781",
  "1onb24222308781001",
  "URGC10875236",
  "1Z999AA10123456784",
  "JJD000390007882823426",
  "13054001000001",
  "]C07000121003150",
  "]C11ONB24222308781",
  "]d27000121003150",
];

function press(character, layout) {
  const lower = US.indexOf(character);
  const at = lower >= 0 ? lower : US_SHIFTED.indexOf(character);
  const shiftKey = lower < 0;
  const event = { code: PLACES[at], shiftKey, getModifierState: () => false };
  const given = LAYOUTS[layout][at];
  // What Shift gives on a digit or a sign is another sign; none of our codes asks for one.
  return { event, given: shiftKey ? given.toLocaleUpperCase() : given };
}

for (const [layout, keys] of Object.entries(LAYOUTS)) {
  test(`codes scanned on a computer with the layout ${layout} are what their keys say`, () => {
    assert.equal(keys.length, US.length);
    for (const code of CODES) {
      const pressed = [...code].map((character) => press(character, layout));
      const typed = pressed.map((one) => one.given).join("");
      const placed = pressed.map((one) => byPlace(one.event)).join("");
      assert.equal(placed, code);
      // A scanner that types by places is known by its first code of another writing.
      const read = chosen(typed, placed, layout !== "american");
      assert.equal(read.text, code, `${typed} for ${code}`);
      assert.equal(read.odd, false);
    }
  });
}

for (const layout of ["azerty", "czech", "slovak", "bulgarian", "greek", "russian", "serbian", "hebrew", "turkishF"]) {
  test(`the very first code with the layout ${layout} is known without having seen another`, () => {
    for (const code of ["1ONB24222308781", "URGC10875236", "]C07000121003150"]) {
      const pressed = [...code].map((character) => press(character, layout));
      const typed = pressed.map((one) => one.given).join("");
      const placed = pressed.map((one) => byPlace(one.event)).join("");
      const isLetters = layout === "turkishF" && !code.startsWith("]");
      if (!isLetters) assert.equal(chosen(typed, placed, false).text, code, typed);
    }
  });
}

test("a scanner that is set for the computer's own layout is read by its characters", () => {
  for (const [layout, keys] of Object.entries(LAYOUTS)) {
    const code = "7000121085001";
    const digitsAreHere = [...code].every((one) => keys.slice(0, 10).includes(one));
    if (!digitsAreHere) continue;
    const placed = [...code].map((one) => byPlace({ code: PLACES[keys.indexOf(one)], getModifierState: () => false }));
    assert.equal(chosen(code, placed.join(""), false).text, code, layout);
  }
});
