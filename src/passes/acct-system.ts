import type { SystemFile } from '../kumo/model';
import type { Setting } from '../pmta/model';

/** Where the records of an accounting file go, and how they are told from others there. */
export interface AcctPlace {
  /** Last part of `dir`. */
  readonly name: string;
  readonly dir: string;
}

/** Closed segments have lost their write permission (kumo-server-common, mark_path_as_done). */
const CLOSED = "-name '*.csv.zst' ! -perm /222";

/** KumoMTA deletes no records: systemd-tmpfiles does, after so many seconds. */
export function deletion({ name, dir }: AcctPlace, seconds: number, lines: readonly Setting[]): SystemFile {
  return {
    path: `/etc/tmpfiles.d/kumomta-${name}.conf`,
    content: `e ${dir} - - - ${age(seconds)}\n`,
    origins: lines.map(({ span }) => span),
  };
}

function age(seconds: number): string {
  return seconds % 86_400 === 0 ? `${seconds / 86_400}d` : `${Math.ceil(seconds / 3600)}h`;
}

/** A job of cron that moves closed segments, every minute. */
export function moving({ name, dir }: AcctPlace, to: string, line: Setting): SystemFile {
  // Cron reads a percent sign as the end of the line.
  const target = `'${to.replaceAll("'", "'\\''")}'`.replaceAll('%', '\\%');
  return {
    path: `/etc/cron.d/kumomta-${name}`,
    content: `* * * * * kumod find ${dir} ${CLOSED} -exec mv -t ${target} {} +\n`,
    origins: [line.span],
  };
}

/**
 * A service that feeds closed segments to a program, which gets the header once, as from PowerMTA (M5 11.3). The command
 * is not repeated: its arguments may hold passwords.
 */
export function feeding(
  { name, dir }: AcctPlace,
  header: readonly string[],
  wait: number,
  line: Setting,
): readonly SystemFile[] {
  const script = `/usr/local/sbin/kumomta-${name}`;
  const heading = `'${header.join(',').replaceAll("'", "'\\''")}'`;
  const origins = [line.span];
  return [
    {
      path: script,
      content: `#!/bin/sh
# Replace PROGRAM by the command that PowerMTA had behind the |, and make this file executable
cd ${dir} || exit 1
{
  printf '%s\\n' ${heading}
  while sleep 5; do
    for file in $(find . ${CLOSED} | sort); do
      zstdcat "$file" | tail -n +2 && rm -f "$file" || exit 1
    done
  done
} | PROGRAM
`,
      origins,
    },
    {
      path: `/etc/systemd/system/kumomta-${name}.service`,
      content: `[Service]
User=kumod
ExecStart=${script}
Restart=always
RestartSec=${wait}

[Install]
WantedBy=multi-user.target
`,
      origins,
    },
  ];
}
