import { describe, expect, it } from 'vitest';
import { convertText } from '../support/converted';

/** Input places of the emitted lines that hold `text`. */
function placesOf(input: string, path: string, text: string): readonly (readonly string[])[] {
  const file = convertText(input).conversion.files.find((each) => each.path === path);
  const lines = (file?.content ?? '').split('\n');
  const at = lines.flatMap((line, index) => (line.includes(text) ? [index + 1] : []));
  return at.map((line) => file?.origins.filter((each) => each.line === line).flatMap(({ places }) => places) ?? []);
}

const LIST = `<smtp-pattern-list slow>
  reply /too many/ mode=backoff
</smtp-pattern-list>
`;

describe('the lines of shaping.toml know where they come from', () => {
  it('limits and time of a rule', () => {
    const input = `${LIST}<domain a.example>
  smtp-pattern-list slow
  backoff-max-msg-rate 10/m
  backoff-to-normal-after 2h
</domain>
`;
    expect(placesOf(input, 'shaping.toml', 'max_message_rate')).toEqual([['config:6', 'config:7']]);
    expect(placesOf(input, 'shaping.toml', 'duration = "2h"')).toEqual([['config:6', 'config:7']]);
  });

  it('a rule that stands once for several places has the lines of all', () => {
    const input = `${LIST}<virtual-mta v1>
  smtp-source-host 192.0.2.1 a.example
  <domain a.example>
    smtp-pattern-list slow
    backoff-max-msg-rate 10/m
  </domain>
</virtual-mta>
<virtual-mta v2>
  smtp-source-host 192.0.2.2 b.example
  <domain a.example>
    smtp-pattern-list slow
    backoff-max-msg-rate 10/m
  </domain>
</virtual-mta>
`;
    expect(placesOf(input, 'shaping.toml', 'SetConfig')).toEqual([['config:8', 'config:15']]);
  });

  it('a value that a wider block has already has the lines of the narrower one, too', () => {
    const input = `<domain *>
  max-smtp-out 7
</domain>
<domain a.example>
  max-smtp-out 7
</domain>
`;
    expect(placesOf(input, 'shaping.toml', 'connection_limit = 7')).toEqual([['config:2', 'config:5']]);
  });

  it('tables on one line have the lines of their fields', () => {
    const blocks = ['a', 'b', 'c'].map((name) => `<domain ${name}.example>\n  max-smtp-out 3\n</domain>\n`).join('');
    const places = placesOf(blocks, 'shaping.toml', 'connection_limit = 3');
    expect(places).toEqual([
      ['config:1', 'config:2'],
      ['config:4', 'config:5'],
      ['config:7', 'config:8'],
    ]);
  });
});
