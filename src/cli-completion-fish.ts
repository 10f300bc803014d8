import type { OptionOutline, ProgramOutline } from './cli-outline';

/** For fish: a file in ~/.config/fish/completions, or sourced. */
export function fishScript({ commands, options }: ProgramOutline, explainable: readonly string[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const lines = [
    '# Completes pmta2kumo in fish; made by: pmta2kumo completion fish',
    'complete -c pmta2kumo -e',
    ...commands.map(
      ({ name, description }) =>
        `complete -c pmta2kumo -n __fish_use_subcommand -f -a ${name} -d ${quote(description)}`,
    ),
    'complete -c pmta2kumo -n __fish_use_subcommand -f -a help',
    ...options.map((option) => optionLine('', option)),
  ];
  for (const { name, arguments: args, options: own } of commands) {
    const here = `-n ${quote(`__fish_seen_subcommand_from ${name}`)} `;
    const words = name === 'explain' ? explainable : (args[0]?.choices ?? []);
    if (words.length > 0) lines.push(`complete -c pmta2kumo ${here}-f -a ${quote(words.join(' '))}`);
    lines.push(...own.filter(({ long }) => long !== '--help').map((option) => optionLine(here, option)));
  }
  lines.push(`complete -c pmta2kumo -n ${quote(`__fish_seen_subcommand_from help`)} -f -a ${quote(names)}`);
  return `${lines.join('\n')}\n`;
}

function optionLine(here: string, { long, short, value, kind, choices, description }: OptionOutline): string {
  const name = `${short === undefined ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  const shown = `complete -c pmta2kumo ${here}${name} -d ${quote(description)}`;
  if (value === undefined) return shown;
  // A value that may be left out is taken with = only, which fish has no word for.
  if (value.startsWith('[')) return shown;
  if (kind === 'choice') return `${shown} -x -a ${quote(choices.join(' '))}`;
  if (kind === 'folder') return `${shown} -x -a '(__fish_complete_directories)'`;
  return `${shown} ${kind === 'file' ? '-r -F' : '-x'}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
