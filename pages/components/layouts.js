// @ts-check
// What a key would have given on a US keyboard, by its place: scanners come set for one, and a
// computer with another layout makes other characters of the same keys.
const SIGNS = {
  Minus: "-_",
  Equal: "=+",
  BracketLeft: "[{",
  BracketRight: "]}",
  Backslash: "\\|",
  Semicolon: ";:",
  Quote: "'\"",
  Backquote: "`~",
  Comma: ",<",
  Period: ".>",
  Slash: "/?",
  Space: "  ",
  NumpadDecimal: "..",
  NumpadDivide: "//",
  NumpadMultiply: "**",
  NumpadSubtract: "--",
  NumpadAdd: "++",
};
const SHIFTED_DIGITS = ")!@#$%^&*(";
// What codes are made of; other characters tell of a layout that does not fit.
const PLAIN = /^[A-Za-z0-9\]\-. _/+%$*:=?&#@()\u001d]*$/;
const ODD = /[^\x20-\x7e\u001d]/;
// Numbers that only fit one of two readings whose letters differ (y and z, a and q).
const SHAPES = [/^1Z[0-9A-Z]{16}$/i, /^Z[0-9]{10}$/i, /^\][A-Za-z][0-9]/];

export function byPlace(event) {
  const { code = "", shiftKey } = event;
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code);
  if (digit) return shiftKey && code.startsWith("Digit") ? SHIFTED_DIGITS[digit[1]] : digit[1];
  const letter = /^Key([A-Z])$/.exec(code);
  if (letter) {
    const capital = Boolean(shiftKey) !== event.getModifierState("CapsLock");
    return capital ? letter[1] : letter[1].toLowerCase();
  }
  return SIGNS[code]?.[shiftKey ? 1 : 0] ?? null;
}

const digits = (text) => (text.match(/[0-9]/g) || []).length;
const isCode = (text) => PLAIN.test(text) && !ODD.test(text) && digits(text) * 2 >= text.length;

// The text as the computer's layout has it, or as the keys' places have it: whichever is a code.
// `odd`: neither is, the scanner's keyboard setting does not fit.
export function chosen(typed, placed, wasPlaced) {
  if (placed === null || placed === typed) return { text: typed, placed: false, odd: ODD.test(typed) };
  const byLayout = isCode(typed);
  const byKeys = isCode(placed);
  if (byLayout !== byKeys) return { text: byKeys ? placed : typed, placed: byKeys, odd: false };
  if (!byLayout) {
    const better = ODD.test(typed) || digits(placed) > digits(typed);
    return { text: better ? placed : typed, placed: better, odd: ODD.test(better ? placed : typed) };
  }
  const fits = (text) => SHAPES.some((shape) => shape.test(text));
  const turn = fits(placed) !== fits(typed) ? fits(placed) : wasPlaced;
  return { text: turn ? placed : typed, placed: turn, odd: false };
}
