/** All that a terminal obeys in place of showing it, but line ends and tabs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const COLOUR = /(\u001b\[[0-9;]*m)/;
const PICTURES = 0x2400;
const DELETE = 0x7f;

/**
 * Text of somebody else (a model, another user of the server) for a terminal: what would move the cursor, clear the screen
 * or name the window is shown, as ␛. Character by character, because a sequence may come in two deltas.
 */
export function printable(text: string): string {
  return text.replaceAll('\r', '').replace(CONTROL, picture);
}

/** The same for text that this command has coloured. */
export function printableWithColours(text: string): string {
  return text
    .split(COLOUR)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}

/** JSON that means the same and holds no control character: `JSON.stringify` escapes only those below the space. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  );
}

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < DELETE) return String.fromCharCode(PICTURES + code);
  return code === DELETE ? '␡' : '\ufffd';
}
