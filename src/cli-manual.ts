import type { Command } from 'commander';
import { EXIT_CODES, examplesOf } from './cli-examples';
import { type CommandOutline, type OptionOutline, outlineOf } from './cli-outline';

/** An option that this many commands have alike is described once. */
const COMMON = 3;

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['NO_COLOR', 'no colours, unless --color asks for them'],
  ['PMTA2KUMO_DEBUG', 'with 1, an internal error shows its stack, which may hold parts of your configuration'],
];

const FILES: readonly (readonly [string, string])[] = [
  [
    'pmta2kumo.toml',
    'Options, without the dashes: at the top those of every command that has them, in a table such as [check] those of that command. The command line wins. Paths are relative to the file. It is looked for in the current folder; one that is found, rather than named with --config-file, may not set conflicts, force and kumod, and its paths may not lead out of its folder. Passwords have no place in it.',
  ],
  ['MIGRATION.md', 'In the tree that was written: what is left to a person, and what differs.'],
];

/** The manual page, section 1, in the man macros, made from the commands and options of the program itself. */
export function manualPage(program: Command, version: string): string {
  const { commands, options, description } = outlineOf(program);
  const common = commonOptions(commands);
  const examples = [program, ...program.commands].flatMap(examplesOf);
  const lines = [
    `.TH PMTA2KUMO 1 "" "pmta2kumo ${roff(version)}" "User Commands"`,
    '.SH NAME',
    'pmta2kumo \\- converts a PowerMTA configuration into a KumoMTA policy tree',
    '.SH SYNOPSIS',
    ...commands.flatMap(synopsis).slice(0, -1),
    '.SH DESCRIPTION',
    roff(description),
    'Results go to standard output, diagnostics to standard error.',
    '.SH COMMANDS',
    ...commands.flatMap((command) => commandLines(command, common)),
    '.SH OPTIONS OF SEVERAL COMMANDS',
    ...common.flatMap(optionLines),
    '.SH OPTIONS OF ALL COMMANDS',
    ...options.flatMap(optionLines),
    ...section(
      'EXIT STATUS',
      EXIT_CODES.map(([code, meaning]) => [String(code), meaning]),
    ),
    ...section('ENVIRONMENT', ENVIRONMENT),
    ...section('FILES', FILES),
    ...section(
      'EXAMPLES',
      examples.map(({ line, does }) => [line, does]),
    ),
    '.SH SEE ALSO',
    'README.md and SUPPORT.md of the package;',
    'https://docs.kumomta.com/',
  ];
  return `${lines.join('\n')}\n`;
}

function synopsis({ name, arguments: args }: CommandOutline): readonly string[] {
  const places = args.map((argument) => ` ${argument.name}`).join('');
  return [`.B pmta2kumo ${roff(name)}`, `[options]${roff(places)}`, '.br'];
}

function commandLines(
  { name, description, arguments: args, options }: CommandOutline,
  common: readonly OptionOutline[],
) {
  const isCommon = (option: OptionOutline): boolean => common.some((other) => isSame(option, other));
  const shared = options.filter(isCommon).map(({ long }) => long);
  const also = shared.length === 0 ? [] : ['.PP', roff(`Options below: ${shared.join(', ')}.`)];
  return [
    `.SS ${roff(name)}`,
    `${roff(sentence(description))}.`,
    ...args.flatMap((argument) => tagged(argument.name, argument.description)),
    ...options.filter((option) => option.long !== '--help' && !isCommon(option)).flatMap(optionLines),
    ...also,
  ];
}

/** Those that many commands have, as the first of them has them. */
function commonOptions(commands: readonly CommandOutline[]): readonly OptionOutline[] {
  const all = commands.flatMap(({ options }) => options).filter(({ long }) => long !== '--help');
  return all.filter((option, index) => {
    const alike = all.filter((other) => isSame(option, other));
    return alike.length >= COMMON && alike[0] === all[index];
  });
}

function isSame(a: OptionOutline, b: OptionOutline): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function optionLines({ long, short, value, choices, preset, description }: OptionOutline): readonly string[] {
  const names = [...(short === undefined ? [] : [short]), long].join(', ');
  const allowed = choices.length === 0 ? '' : `; one of ${choices.join(', ')}`;
  const before = preset === undefined ? '' : `; ${preset} if left out`;
  return tagged(value === undefined ? names : `${names} ${value}`, `${description}${allowed}${before}`);
}

function section(title: string, rows: readonly (readonly [string, string])[]): readonly string[] {
  return [`.SH ${title}`, ...rows.flatMap(([tag, text]) => tagged(tag, text))];
}

function tagged(tag: string, text: string): readonly string[] {
  return ['.TP', `\\fB${roff(tag)}\\fR`, roff(sentence(text))];
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Text as roff shows it: nothing in it is a request or an escape, and a minus can be copied. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('…', '...')
    .replace(/^\./, '\\&.');
}
