import type { OptionOutline, ProgramOutline } from './cli-outline';

/** For bash 3.2 and newer, without the package bash-completion. All words are our own and need no quoting. */
export function bashScript({ commands, options }: ProgramOutline, explainable: readonly string[]): string {
  const all = [
    { name: '', options },
    ...commands.map((command) => ({ ...command, options: [...command.options, ...options] })),
  ];
  const names = commands.map(({ name }) => name);
  const values = all.flatMap(({ name, options: own }) => own.flatMap((option) => valueCase(name, option)));
  const words = commands.flatMap(({ name, arguments: [first] }) => {
    if (name === 'explain') return [`      explain,*) words='${explainable.join(' ')}' ;;`];
    return first === undefined || first.choices.length === 0
      ? []
      : [`      ${name},*) words='${first.choices.join(' ')}' ;;`];
  });
  return `# Completes pmta2kumo in bash; made by: pmta2kumo completion bash
_pmta2kumo() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before='' command='' kind='' words='' i
  if ((COMP_CWORD > 0)); then before=\${COMP_WORDS[COMP_CWORD - 1]}; fi
  # --format=json comes as three words.
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $before == '=' ]] && ((COMP_CWORD > 1)); then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join('|')}) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command,$before in
${values.join('\n')}
  esac
  if [[ -z $kind ]]; then
    kind=words
    case $command,$cur in
${all.map(({ name, options: own }) => `      ${name},-*) words='${optionWords(own)}' ;;`).join('\n')}
      ,*) words='${[...names, 'help'].join(' ')}' ;;
${words.join('\n')}
      *) kind=file ;;
    esac
  fi
  COMPREPLY=()
  case $kind in
    file) compopt -o filenames 2>/dev/null; words=$(compgen -f -- "$cur") ;;
    folder) compopt -o filenames 2>/dev/null; words=$(compgen -d -- "$cur") ;;
    *) words=$(compgen -W "$words" -- "$cur") ;;
  esac
  while IFS= read -r i; do
    if [[ -n $i ]]; then COMPREPLY+=("$i"); fi
  done <<<"$words"
}
complete -F _pmta2kumo pmta2kumo
`;
}

function optionWords(options: readonly OptionOutline[]): string {
  return options.flatMap(({ long, short }) => (short === undefined ? [long] : [long, short])).join(' ');
}

/** What stands after an option; nothing where it takes no value, or may go without one. */
function valueCase(command: string, { long, short, value, kind, choices }: OptionOutline): readonly string[] {
  if (value === undefined || value.startsWith('[')) return [];
  const pattern = [long, ...(short === undefined ? [] : [short])].map((name) => `${command},${name}`).join('|');
  const set =
    kind === 'choice' ? `kind=words words='${choices.join(' ')}'` : `kind=${kind === 'text' ? 'words' : kind}`;
  return [`    ${pattern}) ${set} ;;`];
}
