import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Where KumoMTA's package puts it. */
const INSTALLED = '/opt/kumomta/sbin/kumod';

/** The program that `--kumod` means: that of this machine, or the one of a path. It is started in another folder. */
export function kumodProgram(wanted: true | string): string {
  if (wanted === true) return existsSync(INSTALLED) ? INSTALLED : 'kumod';
  return wanted.includes('/') ? resolve(wanted) : wanted;
}

/** kumod refuses to run as root without being told as whom. */
export function kumodUserArguments(): readonly string[] {
  return process.getuid?.() === 0 ? ['--user', 'kumod'] : [];
}

/** A folder for its owner only, and for kumod where it runs as somebody else. */
export interface PrivateFolder {
  readonly path: string;
  /** Writes a file, by its path in the folder. */
  write(path: string, text: string): void;
  remove(): void;
}

/** Makes a private folder below the system's one for temporary files. */
export function privateFolder(): PrivateFolder {
  const home = mkdtempSync(join(tmpdir(), 'pmta2kumo-check-'));
  const owner = process.getuid?.() === 0 ? kumodUser() : undefined;
  const own = (path: string) => owner && chownSync(path, owner.uid, owner.gid);
  chmodSync(home, 0o700);
  own(home);
  return {
    path: home,
    write(path, text) {
      for (const folder of foldersOf(path)) {
        if (existsSync(join(home, folder))) continue;
        mkdirSync(join(home, folder), { mode: 0o700 });
        own(join(home, folder));
      }
      writeFileSync(join(home, path), text, { mode: 0o600 });
      own(join(home, path));
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** The text of a file of a tree that was moved from where it will live. */
export function movedText(path: string, text: string, from: string, to: string): string {
  return /\.(?:lua|toml|json|yaml|yml)$/.test(path) ? text.replaceAll(from, to) : text;
}

function foldersOf(path: string): readonly string[] {
  const parts = dirname(path) === '.' ? [] : dirname(path).split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

function kumodUser(): User | undefined {
  try {
    const line = /^kumod:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
    return line === null ? undefined : { uid: Number(line[1]), gid: Number(line[2]) };
  } catch {
    return undefined;
  }
}
