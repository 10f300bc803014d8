import type { RecordType } from '../directives/value';
import { templateString } from '../kumo/log-format';

const COMPLAINER = '((feedback_report.original_rcpto_to or [""])|first|trim("<>"))';

/**
 * `privacy-policy`: the local part of the recipient is replaced in its own column, in the reply, and in senders that
 * carry it (`bounce-user=example.com@…`), by a text (M5 3.3.11.16).
 */
export function redacted(expression: string, type: RecordType, column: string, text: string): string {
  const recipient = type === 'f' ? COMPLAINER : 'recipient';
  const local = `${recipient}|split("@")|first`;
  const hidden = templateString(text);
  const inside = /^q\((.*)\)$/s.exec(expression)?.[1];
  if (inside === undefined) return expression;
  switch (column.toLowerCase()) {
    case 'rcpt':
      return `q(${hidden} ~ "@" ~ ${recipient}|split("@")|last)`;
    case 'orig':
      return `q((${inside})|replace(${local} ~ "=", ${templateString(`${text}=`)}))`;
    case 'dsndiag':
      return `q((${inside})|replace(${local}, ${hidden}))`;
    default:
      return expression;
  }
}
