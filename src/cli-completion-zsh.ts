import type { CommandOutline, OptionOutline, ProgramOutline } from './cli-outline';

/** For zsh's completion system: a file named _pmta2kumo in fpath, or sourced after compinit. */
export function zshScript({ commands, options }: ProgramOutline, explainable: readonly string[]): string {
  const described = commands.map(({ name, description }) => `    ${quote(`${name}:${description}`)}`);
  return `#compdef pmta2kumo
# Completes pmta2kumo in zsh; made by: pmta2kumo completion zsh
_pmta2kumo() {
  local curcontext="$curcontext" state line
  local -a commands explainable
  commands=(
${described.join('\n')}
  )
  explainable=(${explainable.join(' ')})
  _arguments -C ${joined(options.map(optionSpec))} \\
    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $line[1] in
${commands.map((command) => commandCase(command, options)).join('\n')}
      esac ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _pmta2kumo "$@"
else
  compdef _pmta2kumo pmta2kumo
fi
`;
}

function commandCase({ name, arguments: args, options }: CommandOutline, common: readonly OptionOutline[]): string {
  const places = args.map(({ name: shown, choices }, index) => {
    const position = shown.includes('...') ? '*' : `${index + 1}`;
    const optional = shown.startsWith('[') ? ':' : '';
    return quote(`${position}${optional}:${shown.replace(/[^\w| ]/g, '')}:${actionOf(name, choices)}`);
  });
  const own = new Set(options.map(({ long }) => long));
  const all = [...options, ...common.filter(({ long }) => !own.has(long))];
  return `        ${name}) _arguments ${joined([...all.map(optionSpec), ...places])} ;;`;
}

function actionOf(command: string, choices: readonly string[]): string {
  if (command === 'explain') return '($explainable)';
  return choices.length > 0 ? `(${choices.join(' ')})` : '_files';
}

function joined(specs: readonly string[]): string {
  return specs.map((spec) => `\\\n    ${spec}`).join(' ');
}

/** `'(-o --output)'{-o,--output=}'[text]:dir:_files -/'`. */
function optionSpec({ long, short, value, kind, choices, description }: OptionOutline): string {
  const text = `[${description.replace(/[[\]\\:]/g, (character) => `\\${character}`)}]`;
  const takes = value === undefined ? '' : value.startsWith('[') ? '=-' : '=';
  const actions = { choice: `(${choices.join(' ')})`, file: '_files', folder: '_files -/', text: ' ' } as const;
  const argument =
    value === undefined ? '' : `${value.startsWith('[') ? '::' : ':'}${value.slice(1, -1)}:${actions[kind]}`;
  const rest = quote(`${text}${argument}`);
  if (short === undefined) return `${quote(`${long}${takes}`)}${rest}`;
  return `'(${short} ${long})'{${short},${long}${takes}}${rest}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
