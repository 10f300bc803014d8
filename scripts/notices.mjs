// The licences of what a bundle holds, as its licences ask.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const HEAD = `pmta2kumo is under the MIT licence; see LICENSE. What it is made of besides is listed here, each with its licence.
`;

/** Lua itself is compiled into Wasmoon, whose own licence does not name it. */
const LUA = {
  name: 'Lua 5.4 (in wasmoon)',
  license: 'MIT',
  text: `Copyright (C) 1994-2023 Lua.org, PUC-Rio.

Permission is hereby granted, free of charge, to any person obtaining
a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to
permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be
included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND,
EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT.
IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY
CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT,
TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`,
};

/** Text of the notices for the inputs that esbuild lists in its metafile. Throws for a package without a licence. */
export function noticesOf(metafile) {
  const names = Object.keys(metafile.inputs).flatMap((path) => {
    const found = /.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
    return found === null ? [] : [found[0]];
  });
  const folders = [...new Set(names)].sort();
  const rows = folders.map(packageOf);
  if (rows.some(({ name }) => name.startsWith('wasmoon '))) rows.push(LUA);
  return [
    HEAD,
    ...rows.map(({ name, license, text }) => `${'-'.repeat(72)}\n${name}: ${license}\n\n${text.trim()}\n`),
  ].join('\n');
}

function packageOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(?:\.\w+)?$/i.test(entry));
  if (file === undefined || typeof license !== 'string') throw new Error(`${name} is bundled and has no licence`);
  return { name: `${name} ${version}`, license, text: readFileSync(join(folder, file), 'utf8') };
}
