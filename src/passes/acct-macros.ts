/** A part of a template that stands before its columns, and what its text is recognised by where it is needed. */
interface Prelude {
  readonly used: RegExp;
  readonly text: (options: MacroOptions) => string;
}

export interface MacroOptions {
  /** Some virtual-mta has several sources, called `name#address`. */
  readonly severalSources: boolean;
  /** KumoMTA's class of a bounce → PowerMTA's name, for those that are not the same words in another spelling. */
  readonly categories: ReadonlyMap<string, string>;
  /** Bounces are classified at all. */
  readonly classified: boolean;
}

/** In the order in which they are written: a macro may call those before it. */
const PRELUDES: readonly Prelude[] = [
  {
    // Quotes for CSV; a record is one line.
    used: /\bq\(/,
    text: () =>
      '{% macro q(v) %}{% set s = (v or "")|replace("\\r", "")|replace("\\n", " ") %}' +
      "{{ ('\"' ~ s|replace('\"', '\"\"') ~ '\"') if '\"' in s or \",\" in s else s }}{% endmacro %}",
  },
  {
    // 2019-02-08 21:54:05+0000
    used: /\btime\(/,
    text: () =>
      '{% macro time(s) %}{{ s|datetimeformat(format="iso")|replace("T", " ")|replace("+00:00", "+0000") }}{% endmacro %}',
  },
  {
    // An address without its port: 10.1.2.3:25, [2001:db8::1]:25
    used: /\bip\(/,
    text: () =>
      '{% macro ip(a) %}{{ (a or "")|replace("[", "")|split("]" if "]" in (a or "") else ":")|first }}{% endmacro %}',
  },
  {
    used: /\b(?:status|diag)\(/,
    text: () =>
      '{% macro status(r) %}{% set e = r.enhanced_code %}' +
      '{{ (e.class ~ "." ~ e.subject ~ "." ~ e.detail) if e else (r.code ~ "")|first ~ ".0.0" }}{% endmacro %}',
  },
  {
    used: /\bdiag\(/,
    text: () =>
      '{% macro diag(r) %}smtp;{{ r.code }} {{ status(r) ~ " " if r.enhanced_code else "" }}{{ r.content }}{% endmacro %}',
  },
  {
    used: /\bcategory\(/,
    text: ({ categories, classified }) => (classified ? categoryMacro(categories) : UNCLASSIFIED),
  },
  {
    // Names of headers are kept as the message writes them.
    used: /\bheader\(/,
    text: () =>
      '{% macro header(n) %}{% for k in headers if k|lower == n %}' +
      '{{ q(headers[k] if headers[k] is string else headers[k]|first) }}{% endfor %}{% endmacro %}',
  },
  {
    // A header of the message that a complaint is about
    used: /\breported\(/,
    text: () =>
      '{% set original = feedback_report.original_message if feedback_report else "" %}' +
      '{% macro reported(n) %}' +
      '{% for l in (original if original is string else "")|split("\\n\\n")|first|split("\\n") if l|lower is startingwith(n ~ ":") %}' +
      '{{ q(l[n|length + 1:]|trim) if loop.first else "" }}{% endfor %}{% endmacro %}',
  },
  {
    used: /\bvmta\b/,
    text: ({ severalSources }) =>
      severalSources
        ? '{% set vmta = (egress_source or meta.tenant or "")|split("#")|first %}'
        : '{% set vmta = egress_source or meta.tenant or "" %}',
  },
];

/** The preludes that these expressions need. */
export function macrosFor(expressions: readonly string[], options: MacroOptions): readonly string[] {
  const needed: string[] = [];
  for (const { used, text } of [...PRELUDES].reverse()) {
    if ([...expressions, ...needed].some((part) => used.test(part))) needed.unshift(text(options));
  }
  return needed;
}

const UNCLASSIFIED = '{% macro category(c) %}other{% endmacro %}';

/** `NoAnswerFromHost` → `no-answer-from-host`, and what has another name. */
function categoryMacro(categories: ReadonlyMap<string, string>): string {
  const names = [...categories].map(([name, category]) => `${JSON.stringify(name)}: ${JSON.stringify(category)}`);
  return (
    `{% macro category(c) %}{% set other = {${names.join(', ')}}[c] %}{% if other %}{{ q(other) }}{% else %}` +
    '{% for x in c %}{{ ("-" if x != x|lower and not loop.first else "") ~ x|lower }}{% endfor %}{% endif %}{% endmacro %}'
  );
}
