import type { KumoPolicy, QueueBlock } from '../kumo/model';
import { type TomlBlock, type TomlText, tomlText } from './toml-document';
import {
  ENOUGH,
  equalTables,
  fieldEntries,
  type NamedTable,
  namedTable,
  rowParts,
  tableBlock,
  tableBlocks,
} from './toml-rows';

/** queues.toml: tenants, and how long and how often mail is tried (queue helper). */
export function queuesDocument(policy: KumoPolicy): TomlText {
  const options = fieldEntries(policy.queueOptions);
  const top: TomlBlock = {
    path: [],
    parts: options.length === 0 ? [] : [{ comments: [], origins: [], entries: options }],
  };
  const tenants = [...policy.tenants].map(([name, block]) => namedTable(name, block));
  const standard = policy.queues.get('default');
  const domains = [...policy.queues].filter(([name]) => name !== 'default');
  const plain = domains.filter(([, block]) => block.tenants.size === 0).map(([name, block]) => namedTable(name, block));
  const { parts, rest } = equalTables(plain);
  return tomlText(
    [
      top,
      ...(standard === undefined ? [] : domainBlocks('default', standard)),
      ...tableBlocks(['tenant'], tenants),
      { path: ['queue'], parts },
      ...rest.map((table) => tableBlock(['queue'], table)),
      ...domains.filter(([, block]) => block.tenants.size > 0).flatMap(([name, block]) => domainBlocks(name, block)),
    ],
    "'",
  );
}

/** `[queue.'d']` and its `[queue.'d'.'tenant']`; many tenants become lines of the first. */
function domainBlocks(name: string, block: QueueBlock): readonly TomlBlock[] {
  const own = namedTable(name, block);
  const path = ['queue', name === 'default' ? name : { name }];
  const tenants = [...block.tenants].map(([tenant, fields]) => namedTable(tenant, fields));
  if (tenants.length >= ENOUGH)
    return [{ path, parts: [...(own.entries.length > 0 ? [ownPart(own)] : []), ...rowParts(tenants)] }];
  const header = own.entries.length > 0 || tenants.length === 0 ? [{ path, parts: [ownPart(own)] }] : [];
  return [...header, ...tenants.map((tenant) => tableBlock(path, tenant))];
}

function ownPart({ comments, origins, entries }: NamedTable) {
  return { comments, origins, entries };
}
