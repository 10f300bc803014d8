import { describe, expect, it } from 'vitest';
import { askTree, mail, mailWith, notesOf, outcomesOf } from '../support/tree';

const source = (name: string, ...lines: readonly string[]) =>
  `<source ${name}>\n${lines.map((line) => `  ${line}\n`).join('')}</source>\n`;
/** What feeds the sources; without it PowerMTA never applies them. */
const FED =
  'pickup /var/spool/p /var/spool/bad\n<transmissions-api-listener 127.0.0.1:8080>\n</transmissions-api-listener>\n';
const V = '<virtual-mta v>\n  smtp-source-host 192.0.2.1 v.example.net\n</virtual-mta>\n';
const headers: [string, string][] = [
  ['X-Virtual-MTA', 'v'],
  ['X-Job', 'spring'],
  ['parameters', 'secret'],
];
const SETTINGS = [
  'process-x-virtual-mta yes',
  'process-x-job yes',
  'add-received-header no',
  'remove-header parameters',
];

describe('sources that are not filled by SMTP (M5 3.3.7)', () => {
  it.each(['{pickup}', '{transmissions-api}'])('%s holds for mail handed in over HTTP, and for no other', (name) =>
    askTree(FED + V + source('10/8', 'always-allow-relaying yes') + source(name, ...SETTINGS), (tree, converted) => {
      const overHttp = tree.message(mailWith(headers, { http: true, peer: '127.0.0.1' }));
      expect(overHttp).toMatchObject({ tenant: 'v', campaign: 'spring', pool: 'v' });
      expect(overHttp.headers.map(([header]) => header)).toEqual(['From', 'Subject']);
      const bySmtp = tree.message(mailWith(headers));
      expect(bySmtp).toMatchObject({ tenant: '{default}' });
      expect(bySmtp.headers.map(([header]) => header)).toContain('parameters');
      for (const directive of ['process-x-virtual-mta', 'process-x-job', 'remove-header']) {
        expect(outcomesOf(converted, directive)).toEqual(['approximate']);
        expect(notesOf(converted, directive)[0]).toContain('HTTP');
      }
      expect(outcomesOf(converted, 'add-received-header')).toEqual(['implicit']);
    }),
  );

  it('does not loosen what SMTP clients may do', () =>
    askTree(FED + V + source('{pickup}', 'always-allow-relaying yes', ...SETTINGS), (tree, converted) => {
      expect(tree.message(mail()).rejected?.code).toBe(550);
      expect(outcomesOf(converted, 'always-allow-relaying')).toEqual(['manual']);
    }));

  it('are settled for one of them where there are two', () =>
    askTree(
      FED + V + source('{pickup}', 'process-x-job yes') + source('{transmissions-api}', 'process-x-virtual-mta yes'),
      (tree, converted) => {
        expect(tree.message(mailWith(headers, { http: true, peer: '127.0.0.1' }))).toMatchObject({ tenant: 'v' });
        expect(outcomesOf(converted, 'process-x-job')).toEqual(['manual']);
        expect(outcomesOf(converted, 'process-x-virtual-mta')).toEqual(['approximate']);
      },
    ));
});
