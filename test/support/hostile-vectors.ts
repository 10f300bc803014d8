/** Values that want to be something else than a value: each holds `pwned`, so that it is found wherever it went. */
export interface HostileVector {
  readonly name: string;
  readonly value: string;
}

const vector = (name: string, value: string): HostileVector => ({ name, value });

export const HOSTILE_VECTORS: readonly HostileVector[] = [
  vector('end of a Lua string', "'..pwned()..'"),
  vector('end of a Lua string, double', '"..pwned().."'),
  vector('end of a Lua index', 'x"] = os.execute("pwned") --'),
  vector('end of a long bracket', ']] pwned() --[['),
  vector('end of a levelled long bracket', ']==] pwned() --[==['),
  vector('Lua comment', '-- pwned'),
  vector('escape at the end', 'pwned\\'),
  vector('escapes', 'pwned\\"\\x41\\065\\z\\u{41}\\n'),
  vector('end of a TOML string', '"\npwned = 1\n#'),
  vector('end of a long TOML string', "'''\npwned = 1\n'''"),
  vector('end of a long TOML string, double', '"""\npwned = 1\n"""'),
  vector('TOML table', ']\n[pwned]\na = 1'),
  vector('TOML key', 'pwned.a"."b = { c = 1 }'),
  vector('template', '{{{pwned}}}{{> pwned}}{{#if x}}'),
  vector('template of a log', '{{ pwned() }}{% for a in b %}'),
  vector('NUL', 'a\0pwned'),
  vector('bell and escape', '\u001b]0;pwned\u0007\u001b[31m'),
  vector('line separators', 'pwned\u2028\u2029\u0085\u000b'),
  vector('carriage return', 'a\rpwned()'),
  vector('hidden and reordered', '\u202epwned\u200b\ufeff'),
  vector('lone surrogate', 'pwned\ud800'),
  vector('script', '<script>pwned()</script>'),
  vector('end of a script', '</script><img src=x onerror=pwned()>'),
  vector('attribute', '" onmouseover="pwned()'),
  vector('comment of a page', '--><svg/onload=pwned()>'),
  vector('link of Markdown', '](javascript:pwned())'),
  vector('picture of Markdown', '![pwned](http://pwned.example/)'),
  vector('code of Markdown', '```\n# pwned\n`'),
  vector('cell of a table', 'pwned|b @everyone'),
  vector('workflow command', '::error::pwned'),
  vector('workflow command, encoded', '%0A::error file=pwned::x'),
  vector('path upwards', '../../../pwned'),
  vector('path absolute', '/etc/pwned'),
  vector('shell', '$(pwned);`pwned`|pwned&'),
  vector('prototype', '__proto__.pwned'),
  vector('queue name', 'pwned!a:b@c'),
];
