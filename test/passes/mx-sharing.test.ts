import { describe, expect, it } from 'vitest';
import { convertText } from '../support/converted';
import { askTree } from '../support/tree';

const SENDER = `
<source 127.0.0.1>
  always-allow-relaying yes
</source>
<virtual-mta warm>
  smtp-source-host 192.0.2.1 warm.example.com
  DOMAINS
</virtual-mta>
domain-macro microsoft hotmail.com, live.com, msn.com
<smtp-pattern-list slow>
  reply /too many/ mode=backoff
</smtp-pattern-list>
<domain *>
  max-smtp-out 20
</domain>
<domain $microsoft>
  max-smtp-out 8
  smtp-pattern-list slow
  backoff-max-msg-rate 60/h
</domain>
`;

describe('related domains with MX hosts of their own', () => {
  it('become one provider, with the rules and with what a source says', async () => {
    const input = SENDER.replace('DOMAINS', '<domain $microsoft>\n    max-smtp-out 4\n  </domain>');
    await askTree(input, (tree, { files }) => {
      expect((files.get('shaping.toml') ?? '').match(/^\[\[.*automation\]\]$/gm)).toEqual([
        '[[provider."microsoft".automation]]',
      ]);
      expect(files.get('shaping.toml')).not.toContain('["hotmail.com"]');
      for (const domain of ['hotmail.com', 'live.com', 'msn.com']) {
        expect(tree.egressPath(domain, 'warm')['connection_limit']).toBe(4);
        expect(tree.egressPath(domain, '{default}')['connection_limit']).toBe(8);
      }
    });
  });

  it('stay apart where a domain that the file does not name would get more than it had', () => {
    const { files } = convertText(SENDER.replace('DOMAINS', '<domain $microsoft>\n    max-smtp-out 50\n  </domain>'));
    expect(files.get('shaping.toml')).toContain('["hotmail.com"]');
  });

  it('stay apart where another of them would inherit the rules', () => {
    const other = '<domain outlook.com>\n  max-smtp-out 3\n</domain>\n';
    const { files } = convertText(`${other}${SENDER.replace('DOMAINS', '')}`);
    expect(files.get('shaping.toml')).toContain('["hotmail.com"]');
  });
});
