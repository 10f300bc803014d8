import { type Expression, type Node, TemplateError, type TemplateValue } from './syntax';
import { attributeOf, FILTERS, isIn, isTrue, itemsOf, TESTS, textOf } from './values';

type Macro = Extract<Node, { kind: 'macro' }>;

interface Scope {
  readonly values: ReadonlyMap<string, TemplateValue>;
  readonly set: Map<string, TemplateValue>;
  readonly macros: Map<string, Macro>;
}

/**
 * Renders a parsed template for a record: minijinja with its lenient treatment of undefined values and without
 * escaping, as KumoMTA's loggers use it. Covers what emitted templates are made of; anything else is a TemplateError.
 */
export function renderTemplate(nodes: readonly Node[], record: Readonly<Record<string, TemplateValue>>): string {
  const values = new Map<string, TemplateValue>([...Object.entries(record), ['log_record', record]]);
  return render(nodes, { values, set: new Map(), macros: new Map() });
}

function render(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => renderNode(node, scope)).join('');
}

function renderNode(node: Node, scope: Scope): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'output':
      return textOf(evaluate(node.expression, scope));
    case 'set':
      scope.set.set(node.name, evaluate(node.value, scope));
      return '';
    case 'if':
      return render(isTrue(evaluate(node.when, scope)) ? node.yes : node.no, scope);
    case 'macro':
      scope.macros.set(node.name, node);
      return '';
    case 'for':
      return renderLoop(node, scope);
  }
}

function renderLoop({ name, over, when, body }: Extract<Node, { kind: 'for' }>, scope: Scope): string {
  const scopes = itemsOf(evaluate(over, scope)).map((item) => ({
    ...scope,
    set: new Map([...scope.set, [name, item]]),
  }));
  const kept = when === undefined ? scopes : scopes.filter((inner) => isTrue(evaluate(when, inner)));
  return kept
    .map((inner, index) => {
      inner.set.set('loop', { first: index === 0 });
      return render(body, inner);
    })
    .join('');
}

function evaluate(node: Expression, scope: Scope): TemplateValue {
  const value = (of: Expression) => evaluate(of, scope);
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'name':
      return scope.set.has(node.name) ? scope.set.get(node.name) : scope.values.get(node.name);
    case 'list':
      return node.items.map(value);
    case 'map':
      return Object.fromEntries(node.entries.map(([key, item]) => [textOf(value(key)), value(item)]));
    case 'attribute':
      return attributeOf(value(node.of), value(node.key));
    case 'slice':
      return sliced(node, value);
    case 'call':
      return callMacro(node, scope);
    case 'filter':
      return filtered(node, value);
    case 'test':
      return tested(node, value);
    case 'not':
      return !isTrue(value(node.of));
    case 'binary':
      return combined(node, value);
    case 'choice':
      if (isTrue(value(node.when))) return value(node.yes);
      return node.no === undefined ? undefined : value(node.no);
  }
}

type Evaluate = (of: Expression) => TemplateValue;

function sliced({ of, from, to }: Extract<Expression, { kind: 'slice' }>, value: Evaluate): TemplateValue {
  const text = value(of);
  if (typeof text !== 'string') throw new TemplateError('only texts are cut in this model');
  const bound = (end: Expression | undefined) => (end === undefined ? undefined : Number(value(end)));
  return [...text].slice(bound(from), bound(to)).join('');
}

/** A macro sees its arguments and the variables that stood around it. */
function callMacro({ name, args }: Extract<Expression, { kind: 'call' }>, scope: Scope): string {
  const macro = scope.macros.get(name);
  if (macro === undefined) throw new TemplateError(`unknown function ${name}`);
  if (args.length > macro.params.length) throw new TemplateError(`too many arguments for ${name}`);
  const given = macro.params.map((param, i): [string, TemplateValue] => {
    const arg = args[i];
    return [param, arg === undefined ? undefined : evaluate(arg, scope)];
  });
  return render(macro.body, { ...scope, set: new Map([...scope.set, ...given]) });
}

function filtered({ of, name, args, named }: Extract<Expression, { kind: 'filter' }>, value: Evaluate): TemplateValue {
  const filter = FILTERS.get(name);
  if (filter === undefined) throw new TemplateError(`unknown filter ${name}`);
  return filter(value(of), args.map(value), new Map([...named].map(([key, item]) => [key, value(item)])));
}

function tested({ of, name, args }: Extract<Expression, { kind: 'test' }>, value: Evaluate): boolean {
  const test = TESTS.get(name);
  if (test === undefined) throw new TemplateError(`unknown test ${name}`);
  return test(value(of), args.map(value));
}

function combined({ operator, left, right }: Extract<Expression, { kind: 'binary' }>, value: Evaluate): TemplateValue {
  const first = value(left);
  if (operator === 'or') return isTrue(first) ? first : value(right);
  if (operator === 'and') return isTrue(first) ? value(right) : first;
  const second = value(right);
  switch (operator) {
    case '~':
      return textOf(first) + textOf(second);
    case '==':
      return first === second;
    case '!=':
      return first !== second;
    case 'in':
      return isIn(first, second);
    case '+':
      return Number(first) + Number(second);
    case '-':
      return Number(first) - Number(second);
    default:
      throw new TemplateError(`unknown operator ${operator}`);
  }
}
