import { createReadStream } from 'node:fs';
import { MESSAGE_KEYS, type MessageFault, readMessage } from '../compare/messages/read-message';
import { createDiagnostics, type Diagnostics } from '../diagnostics/diagnostic';
import { didYouMean } from '../diagnostics/likeness';
import type { Source, Span } from '../diagnostics/span';
import type { SampleMessage } from '../pmta/reception/sample';
import { type Failure, failureOf } from './environment';

/** Bytes of a line; only headers that choose something need be in it. */
const LONGEST_LINE = 2 ** 16;
/** Messages of a file, each of which goes through Lua. */
const MOST_MESSAGES = 100_000;
/** Bytes: what has no end has to have one here. */
const MOST_BYTES = 2 ** 28;
/** After so many lines that cannot be read the file is something else. */
const MOST_FAULTY = 100;
const EXAMPLE = '{"from": "news@shop.example", "to": "someone@gmail.com"}';

/** A file of messages, one JSON object a line, as it is read. */
export interface MessageFile {
  /** Faults so far. */
  readonly diagnostics: Diagnostics;
  /** Gives every message with the number of its line; a failure of the system ends it. */
  messages(take: (line: number, message: SampleMessage) => void): Promise<Failure | undefined>;
}

/** Opens a file, a pipe, or the standard input for `-`. Nothing of it is kept but the line at hand. */
export function messageFile(path: string): MessageFile {
  const diagnostics = createDiagnostics();
  const name = path === '-' ? 'standard input' : path;
  return {
    diagnostics,
    async messages(take) {
      try {
        const reader = createReader(name, diagnostics, take);
        for await (const line of linesOf(path)) if (!reader(line)) break;
        return undefined;
      } catch (error) {
        return failureOf(error, name);
      }
    },
  };
}

/** Takes a line; false when no further one is wanted. */
function createReader(
  name: string,
  diagnostics: Diagnostics,
  take: (line: number, message: SampleMessage) => void,
): (line: Line) => boolean {
  let [faulty, count] = [0, 0];
  return ({ number, bytes, cut, last }) => {
    const text = textIn(bytes, number);
    const at = (from: number, to: number): Span => spanIn(name, text ?? bytes.toString('latin1'), number, from, to);
    if (last) {
      diagnostics.report('messages-too-many', undefined, { limit: `${MOST_BYTES / 2 ** 20} MiB` });
      return false;
    }
    if (text !== undefined && text.trim() === '') return true;
    const read = cut || text === undefined ? undefined : readMessage(text);
    if (read !== undefined && 'message' in read) {
      if (++count > MOST_MESSAGES) {
        diagnostics.report('messages-too-many', at(0, 1), { limit: `${MOST_MESSAGES} messages` });
        return false;
      }
      take(number, read.message);
      return true;
    }
    if (cut) diagnostics.report('message-too-long', at(0, 1), { limit: String(LONGEST_LINE) });
    else if (read === undefined)
      diagnostics.report('message-unreadable', at(0, 1), { reason: 'it is not UTF-8', example: EXAMPLE });
    else for (const fault of read.faults) report(diagnostics, fault, at(fault.start, fault.end));
    if (++faulty < MOST_FAULTY) return true;
    diagnostics.report('messages-given-up', undefined, { count: String(faulty), example: EXAMPLE });
    return false;
  };
}

function report(diagnostics: Diagnostics, fault: MessageFault, span: Span): void {
  if (fault.kind === 'not-json')
    diagnostics.report('message-unreadable', span, { reason: fault.reason, example: EXAMPLE });
  else if (fault.kind === 'wrong-value')
    diagnostics.report('message-value', span, { key: fault.key, reason: fault.reason });
  else diagnostics.report('message-key-unknown', span, { key: fault.key, hint: didYouMean(fault.key, MESSAGE_KEYS) });
}

function textIn(bytes: Buffer, number: number): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: number > 1 }).decode(bytes);
    return text.replace(/\r$/, '');
  } catch {
    return undefined;
  }
}

/** A place in a line whose file is not kept. */
function spanIn(path: string, text: string, line: number, start: number, end: number): Span {
  const source: Source = { path, text, lineStarts: () => new Uint32Array(line) };
  return { source, start, end };
}

interface Line {
  readonly number: number;
  /** Without its end. */
  readonly bytes: Buffer;
  /** It goes on. */
  readonly cut: boolean;
  /** More was given than is read. */
  readonly last: boolean;
}

async function* linesOf(path: string): AsyncGenerator<Line> {
  const stream = path === '-' ? createReadStream('', { fd: 0, autoClose: false }) : createReadStream(path);
  let [rest, number, total, skipping]: [Buffer, number, number, boolean] = [Buffer.alloc(0), 1, 0, false];
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    total += chunk.length;
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const bytes = Buffer.concat([rest, chunk.subarray(from, at)]);
      if (!skipping)
        yield { number, bytes: bytes.subarray(0, LONGEST_LINE), cut: bytes.length > LONGEST_LINE, last: false };
      [rest, skipping, from] = [Buffer.alloc(0), false, at + 1];
      number++;
    }
    rest = skipping ? rest : Buffer.concat([rest, chunk.subarray(from)]);
    if (rest.length > LONGEST_LINE) {
      yield { number, bytes: rest.subarray(0, 200), cut: true, last: false };
      [rest, skipping] = [Buffer.alloc(0), true];
    }
    if (total > MOST_BYTES) {
      yield { number, bytes: Buffer.alloc(0), cut: false, last: true };
      return;
    }
  }
  if (rest.length > 0 && !skipping) yield { number, bytes: rest, cut: false, last: false };
}
