import { type Cursor, cursorOf, readBinary, readExpression } from './expressions';
import { type Node, TemplateError } from './syntax';
import { type Segment, segmentsOf } from './tokens';

/** Parses a minijinja template; throws a TemplateError where KumoMTA would refuse it, or where the model ends. */
export function parseTemplate(template: string): readonly Node[] {
  const segments = [...segmentsOf(template)];
  const { nodes, end } = readNodes(segments, []);
  if (end !== undefined) throw new TemplateError(`unexpected ${end}`);
  return nodes;
}

/** Nodes up to one of the tags in `until`, whose name comes back as `end`. */
function readNodes(segments: Segment[], until: readonly string[]): { nodes: readonly Node[]; end?: string } {
  const nodes: Node[] = [];
  for (let segment = segments.shift(); segment !== undefined; segment = segments.shift()) {
    if (segment.kind === 'text') nodes.push({ kind: 'text', text: segment.text });
    else {
      const cursor = cursorOf(segment.tokens);
      const word = segment.kind === 'tag' ? cursor.name() : 'output';
      if (until.includes(word)) return { nodes, end: word };
      nodes.push(segment.kind === 'tag' ? readTag(word, cursor, segments) : output(cursor));
      if (cursor.peek() !== undefined) throw new TemplateError(`unexpected ${cursor.peek()?.text}`);
    }
  }
  if (until.length > 0) throw new TemplateError(`missing ${until.join(' or ')}`);
  return { nodes };
}

function output(cursor: Cursor): Node {
  return { kind: 'output', expression: readExpression(cursor) };
}

function readTag(word: string, cursor: Cursor, segments: Segment[]): Node {
  switch (word) {
    case 'set': {
      const name = cursor.name();
      cursor.expect('=');
      return { kind: 'set', name, value: readExpression(cursor) };
    }
    case 'if': {
      const when = readExpression(cursor);
      const { nodes, end } = readNodes(segments, ['else', 'endif']);
      return { kind: 'if', when, yes: nodes, no: end === 'else' ? readNodes(segments, ['endif']).nodes : [] };
    }
    case 'for': {
      const name = cursor.name();
      cursor.expect('in');
      const over = readBinary(cursor, 0);
      const when = cursor.take('if') ? readExpression(cursor) : undefined;
      const { nodes } = readNodes(segments, ['endfor']);
      return { kind: 'for', name, over, body: nodes, ...(when === undefined ? {} : { when }) };
    }
    case 'macro': {
      const name = cursor.name();
      const params: string[] = [];
      cursor.expect('(');
      while (!cursor.take(')')) {
        if (params.length > 0) cursor.expect(',');
        params.push(cursor.name());
      }
      return { kind: 'macro', name, params, body: readNodes(segments, ['endmacro']).nodes };
    }
    default:
      throw new TemplateError(`the tag ${word} is not known`);
  }
}
