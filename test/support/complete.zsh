# Prints `hit:WORD` for each word that zsh offers at the end of a line: complete.zsh SCRIPT LINE.
# Completions are asked for in a line editor only, so there is one, in a terminal of its own.
zmodload zsh/zpty
zpty z zsh -f -i
setup=$(mktemp)
trap 'rm -f $setup' EXIT
cat >$setup <<'SETUP'
unsetopt zle_bracketed_paste
autoload -Uz compinit
compinit -u -D
source $SCRIPT
compadd() {
  # Calls with -O, -A or -D only fill arrays.
  if [[ ${@[1,(i)(-|--)]} == *-[a-zA-Z]#(O|A|D)* ]]; then
    builtin compadd "$@"
    return
  fi
  typeset -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print -rl -- '' hit:${^hits}
  builtin compadd "$@"
}
setopt extended_glob
show-hits() { print; print end-of-list; exit }
compprefuncs=()
zle -C hits list-choices _main_complete
ask() { zle hits; print; print end-of-list }
zle -N ask
bindkey '^I' ask
PS1=
stty -echo
SETUP
read_until() {
  local out='' chunk
  while [[ $out != *"$1"* ]]; do
    zpty -r z chunk || return 1
    out+=$chunk
  done
  print -r -- ${out//$'\r'/}
}
zpty -w z "SCRIPT=${(q)1}; source $setup; print rea''dy"
read_until $'ready\r' >/dev/null
zpty -n -w z "pmta2kumo $2"$'\t'
read_until end-of-list
zpty -d z
