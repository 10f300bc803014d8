/**
 * A plain value as a Lua expression, for handing it over to a state of our own: compiling text is much faster than
 * building tables value by value through the binding. Undefined and functions become nil.
 */
export function luaLiteral(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return luaString(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'nil';
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'nil' : luaTable(value);
    default:
      return 'nil';
  }
}

function luaTable(value: object): string {
  if (Array.isArray(value)) return `{${value.map(luaLiteral).join(',')}}`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => `[${luaString(key)}]=${luaLiteral(item)}`).join(',')}}`;
}

// Three decimal digits each, so that a digit that follows is not taken for part of the escape.
function luaString(text: string): string {
  const escaped = text.replace(
    /[\u0000-\u001f"\\\u007f]/g,
    (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`,
  );
  return `"${escaped}"`;
}
