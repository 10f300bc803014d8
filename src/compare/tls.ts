import { type Compare, compareAmounts } from './amounts';

/** From none to verified; more is stricter. */
const TLS = ['Disabled', 'OpportunisticInsecure', 'Opportunistic', 'RequiredInsecure', 'Required'];

/** STARTTLS, and whether certificates are verified (M5 3.3.10.93). */
export const tls: Compare = ({ value }, { paths }) => {
  const isOn = (directive: string, byDefault: boolean) => {
    const own = value(directive);
    return own?.kind === 'bool' ? own.value : byDefault;
  };
  const ca = value('smtp-tls-ca-file');
  const verified = ca?.kind === 'text' && ca.value !== '';
  const level = isOn('require-starttls', false)
    ? 'Required'
    : isOn('use-starttls', true)
      ? 'Opportunistic'
      : 'Disabled';
  const wanted = level === 'Disabled' || verified ? level : `${level}Insecure`;
  const levels = [...paths.values()].map((path) => TLS.indexOf(String(path['enable_tls'] ?? 'Opportunistic')));
  return compareAmounts({
    directive: 'use-starttls',
    direction: 'more-is-stricter',
    pmta: TLS.indexOf(wanted),
    kumo: Math.min(...levels),
    text: (at) => TLS[at] ?? 'unknown',
    read: [{ from: 'path', field: 'enable_tls' }],
    why: 'Mail is not encrypted or verified alike.',
  });
};
