import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../src/kumo/runtime/template/parse';
import { renderTemplate } from '../../src/kumo/runtime/template/render';

const RECORD = { type: 'Delivery', size: 0, peer: null, name: 'a"b', list: ['x', 'y'], address: '10.1.2.3:25' };
const render = (template: string) => renderTemplate(parseTemplate(template), RECORD);

/** Each was also rendered by minijinja 2.21, which KumoMTA uses. */
describe('the model of minijinja', () => {
  it.each([
    ['what is not there prints nothing, a null prints none', '{{ nothing }}|{{ peer }}|{{ peer.addr }}', '|none|'],
    ['or takes the first that is true', '{{ size or "-" }}{{ peer or "" }}', '-'],
    ['filters bind closer than anything', '{{ address|split(":")|first ~ "/" ~ list|last }}', '10.1.2.3/y'],
    ['maps are looked up', '{{ {"Delivery": "d"}[type] or "b" }}{{ {"x": 1}[type] or "b" }}', 'db'],
    ['choices without else print nothing', '[{{ "y" if size }}]', '[]'],
    ['strings may hold braces', '{{ "{{ x }} %}" }}', '{{ x }} %}'],
    [
      'macros see what is around them',
      '{% macro m(v) %}<{{ v }}{{ type }}>{% endmacro %}{{ m(list|first) }}',
      '<xDelivery>',
    ],
    ['loops may choose', '{% for i in list if i != "x" %}{{ i }}{{ loop.first }}{% endfor %}', 'ytrue'],
    ['texts are cut', '{{ name[1:] }}{{ name|length }}', '"b3'],
    ['not and in', '{{ "x" in list }} {{ "z" not in list }} {{ not size }}', 'true true true'],
    ['tests', '{{ name is string }} {{ list is not string }} {{ type is startingwith("Del") }}', 'true true true'],
    ['if', '{% if size %}a{% else %}b{% endif %}', 'b'],
  ])('%s', (_, template, text) => expect(render(template)).toBe(text));

  it.each([
    ['looking into what is not there', '{{ nothing.more }}'],
    ['an unknown filter', '{{ name|shout }}'],
    ['an open block', '{{ name '],
    ['an open loop', '{% for x in list %}'],
    ['the first of nothing', '{{ nothing|first }}'],
  ])('refuses %s', (_, template) => expect(() => render(template)).toThrow());
});
