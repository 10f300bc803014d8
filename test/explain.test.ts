import { describe, expect, it } from 'vitest';
import { runProgram } from '../src/cli-program';
import { catalogue } from '../src/diagnostics/catalogue';
import { EXPLANATIONS } from '../src/diagnostics/explanations';
import { displayWidth } from '../src/diagnostics/visible';
import { DIRECTIVES } from '../src/directives/table';
import { VALUE_WORDS } from '../src/report/value-words';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function explain(word: string, args: readonly string[] = [], width = 80): Promise<Run> {
  let out = '';
  let err = '';
  const io = {
    host: { stat: () => undefined, realPath: () => undefined, read: () => new Uint8Array(), list: () => [] },
    version: '1.2.3',
    stdout: (text: string) => {
      out += text;
    },
    stderr: (text: string) => {
      err += text;
    },
    width,
    interrupts: () => new AbortController().signal,
  };
  const code = await runProgram(['explain', word, ...args], io, { isTty: false, env: {} });
  return { code, out, err };
}

/** The answer without line breaks and indentation. */
async function told(word: string): Promise<string> {
  const { out } = await explain(word);
  return out.replace(/\s+/g, ' ');
}

describe('the explanations', () => {
  const codes = Object.keys(EXPLANATIONS);

  it('are sorted, and belong to codes of the catalogue', () => {
    expect(codes).toEqual([...codes].sort());
    expect(codes.filter((code) => !Object.hasOwn(catalogue, code))).toEqual([]);
  });

  it('are there for every code', () => {
    expect(Object.keys(catalogue).filter((code) => !codes.includes(code))).toEqual([]);
  });

  it('are one to three sentences, and none of them twice', () => {
    const texts = Object.values(EXPLANATIONS);
    expect(new Set(texts).size).toBe(texts.length);
    const sentences = (text: string): number => text.split(/[.] (?=[A-Z])/).length;
    expect(
      texts.filter((text) => !/^(?:[A-Z]|kumod |msg:|\w+[._]\w+ ).*[.]$/.test(text) || sentences(text) > 3),
    ).toEqual([]);
  });
});

describe('explain CODE', () => {
  it('says severity, meaning and what to do', async () => {
    const text = await told('tree-proxy-incomplete');
    expect(text).toMatch(/^warning\[tree-proxy-incomplete\] meaning KumoMTA uses a proxy only when both/);
    expect(text).toContain('what to do give both the server and the source address of the proxy');
    expect(text).not.toContain('message');
  });

  it('shows the message with words for its holes', async () => {
    expect(await told('include-missing')).toContain('message the included file PATH does not exist');
  });

  it('says how it comes about where no lines of a file show it', async () => {
    expect(await told('include-not-a-file')).toContain(
      'for example include /etc/pmta/domains, where domains is a folder',
    );
  });

  it.each(['TREE-limit', 'error[tree-limit]: it takes too long', ' tree-limit '])('knows %j', async (word) => {
    expect(await told(word)).toContain('error[tree-limit]');
  });

  it('shows lines that get it', async () => {
    const { out } = await explain('directive-repeated');
    expect(out).toMatch(/^ {2}for example +in config:\n( +)<domain a\.example>\n\1 {2}max-smtp-out 5\n/m);
    expect((await explain('tree-too-new')).out).toContain(', with --target 2024.11.08:');
  });

  it('shows no hole of any message or help', async () => {
    for (const code of Object.keys(catalogue)) {
      const { code: exit, out } = await explain(code);
      expect({ exit, hole: /\{\w+\}/.exec(out)?.[0] }, code).toEqual({ exit: 0, hole: undefined });
      expect(out, code).toMatch(/what to do +\S/);
    }
  });

  it('gives the same as JSON', async () => {
    const { out } = await explain('Macro-Undefined', ['--format', 'json']);
    expect(JSON.parse(out)).toEqual({
      schema: 'pmta2kumo.explain/1',
      kind: 'diagnostic',
      code: 'macro-undefined',
      meaning: EXPLANATIONS['macro-undefined'],
      severity: 'error',
      message: 'the domain-macro NAME is not defined',
      help: 'define it with domain-macro, or remove the reference',
      example: { file: 'config', text: '<domain $big>\n  max-smtp-out 5\n</domain>' },
    });
    const own = await explain('tree-limit', ['--format', 'json']);
    expect(Object.keys(JSON.parse(own.out))).toEqual([
      'schema',
      'kind',
      'code',
      'severity',
      'meaning',
      'help',
      'example',
    ]);
  });
});

describe('explain DIRECTIVE', () => {
  it('says for each place what becomes of it', async () => {
    const text = await told('Max-SMTP-Out');
    // M5 3.3.10.74: 20 connections for a domain.
    expect(text).toContain(
      'max-smtp-out in <domain> value a number, or unlimited; the last line of a block counts default 20',
    );
    expect(text).toContain('support approximate: nearly the same');
    expect(text).toContain('becomes shaping connection_limit since KumoMTA 2023.03.31');
    expect(text).toContain('max-smtp-out in <virtual-mta> value');
    expect(text).toContain('becomes shaping additional_connection_limits since KumoMTA 2024.11.08');
    expect(text).toContain('page https://docs.kumomta.com/reference/kumo/make_egress_path/connection_limit/');
  });

  it('takes a bare word for the directive and the tag, and brackets for the tag alone', async () => {
    expect(await told('virtual-mta')).toMatch(/^virtual-mta in <virtual-mta-pool> .* <virtual-mta> at the top level/);
    expect(await told('<Virtual-MTA mta1>')).toMatch(/^<virtual-mta> at the top level/);
  });

  it('names every spelling of the block it may stand in', async () => {
    const scopes = DIRECTIVES.filter(({ scope }) => scope === 'address-list').map(({ name }) => name);
    expect(scopes.length).toBeGreaterThan(0);
    expect(await told(scopes[0] ?? '')).toContain('in <address-list> and <suppression-list>');
  });

  it('gives the same as JSON', async () => {
    const { code, out } = await explain('run-as-root', ['--format', 'json']);
    const document = JSON.parse(out);
    expect({ code, schema: document.schema, kind: document.kind }).toEqual({
      code: 0,
      schema: 'pmta2kumo.explain/1',
      kind: 'directive',
    });
    // KumoMTA always becomes the user kumod.
    expect(document.places).toMatchObject([{ name: 'run-as-root', scope: 'global', support: 'implicit', since: null }]);
  });

  it('answers for every name of the table', async () => {
    for (const { name } of DIRECTIVES.filter((row) => row.name !== '')) {
      expect((await explain(name)).code, name).toBe(0);
    }
    expect(Object.keys(VALUE_WORDS)).toEqual(Object.keys(VALUE_WORDS).sort());
  });

  it('has no name that is a code, too', () => {
    const names = DIRECTIVES.map(({ name }) => name.replace(/[<>]/g, ''));
    expect(names.filter((name) => Object.hasOwn(catalogue, name))).toEqual([]);
  });
});

describe('the text', () => {
  it('keeps to the width of the terminal', async () => {
    const { out } = await explain('tree-pool-undefined', [], 50);
    const widths = out.split('\n').map(displayWidth);
    expect(Math.max(...widths)).toBeLessThanOrEqual(50);
    expect(widths.length).toBeGreaterThan(6);
  });

  it('has colours only when they are asked for', async () => {
    expect((await explain('tree-limit')).out).not.toContain('\u001b');
    expect((await explain('tree-limit', ['--color', 'always'])).out).toContain('\u001b[');
  });
});

describe('a word that nobody knows', () => {
  it.each([
    ['max-smtp-outt', '; did you mean max-smtp-out?'],
    ['tree-pool-undefind', '; did you mean tree-pool-undefined?'],
    ['<virtal-mta>', '; did you mean <virtual-mta>?'],
    // Well-known mistakes of published configurations.
    ['max-connections', '; did you mean max-smtp-out?'],
    ['limits', '; did you mean <domain>?'],
    ['constructor', ''],
    ['x\u001b[2J\ny', ''],
  ])('%j ends with 2 and one line', async (word, hint) => {
    const { code, out, err } = await explain(word);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^pmta2kumo: [^\n\u001b]+\n$/);
    expect(err).toContain(` is neither a code nor a PowerMTA directive${hint}\n`);
  });

  it('is shortened, and may be empty', async () => {
    expect((await explain('x'.repeat(5000))).err.length).toBeLessThan(200);
    expect((await explain('')).err).toBe('pmta2kumo: an empty word is neither a code nor a PowerMTA directive\n');
  });
});
