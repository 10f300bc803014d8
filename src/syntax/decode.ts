/** A file's text, and what was wrong with its bytes. */
export interface Decoded {
  readonly text: string;
  /** Offset in `text` of the first character that is not UTF-8; the text was then read as Windows-1252. */
  readonly foreignAt?: number;
  /** True for what is no text at all; `text` is then empty. */
  readonly binary: boolean;
}

/** UTF-16 has one NUL in two bytes, programs and archives one control byte in four or so; text next to none. */
const BINARY_SHARE = 0.1;

/** Turns bytes into text and never fails. UTF-8 is the rule (language.md 1); a byte order mark stays in the text. */
export function decode(bytes: Uint8Array): Decoded {
  if (isBinary(bytes)) return { text: '', binary: true };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), binary: false };
  } catch {
    // Windows-1252 has a character for each byte, so that offsets in the text are offsets in the file.
    const text = new TextDecoder('windows-1252').decode(bytes);
    return { text, foreignAt: firstForeignByte(bytes), binary: false };
  }
}

function isBinary(bytes: Uint8Array): boolean {
  if (!bytes.includes(0)) return false;
  let control = 0;
  for (const byte of bytes) if (byte < 0x09 || (byte > 0x0d && byte < 0x20) || byte === 0x7f) control++;
  return control > bytes.length * BINARY_SHARE;
}

function firstForeignByte(bytes: Uint8Array): number {
  const replaced = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return new TextEncoder().encode(replaced.slice(0, replaced.indexOf('\uFFFD'))).length;
}
