import { formatDuration } from '../kumo/format';
import { type CutOver, ORDER_RULE, type Stage, type StageAddress, stageName } from './cut-over';
import { type Inline, type Line, placesLine, type Section, text } from './document';
import { docsUrl, PLAN_PAGES } from './pages';

/** Of the stages, and of the addresses and keys of one, this many are shown; all are in the JSON document. */
const SHOWN_STAGES = 40;
const SHOWN_NAMES = 12;

/** The plan of the move: what comes first, each group of virtual-mtas with what belongs to it, what comes last. */
export function cutOverSections({ preparation, stages, steps, end }: CutOver): readonly Section[] {
  const shown = stages.slice(0, SHOWN_STAGES);
  const more = stages.length - shown.length;
  return [
    { title: 'Cut-over, pool by pool', level: 2, blocks: [text(ORDER_RULE)] },
    {
      title: 'Before the first stage',
      level: 3,
      blocks: [{ kind: 'list', style: 'tasks', items: preparation.map(said) }],
    },
    {
      title: 'In every stage',
      level: 3,
      blocks: [
        { kind: 'list', style: 'numbers', items: steps.map(said) },
        text('What waits in KumoMTA: ', { url: docsUrl(PLAN_PAGES.queues) }),
      ],
    },
    {
      title: 'The stages',
      level: 3,
      blocks: [
        { kind: 'list', style: 'numbers', items: shown.map(stageLines) },
        ...(more > 0 ? [text(`… and ${more} more stages.`)] : []),
      ],
    },
    { title: 'After the last stage', level: 3, blocks: [{ kind: 'list', style: 'tasks', items: end.map(said) }] },
  ];
}

function said(sentence: string): readonly Line[] {
  return [[{ said: sentence }]];
}

function stageLines(stage: Stage): readonly Line[] {
  const { pools, virtualMtas, addresses, keyRecords, isDefault, references, longestWait, places } = stage;
  const what = pools.length === 0 ? 'virtual-mta ' : pools.length === 1 ? 'pool ' : 'pools that share members: ';
  const named = references === 1 ? '1 line names it' : `${references} lines name it`;
  return [
    [what, { code: stageName(stage) }, isDefault ? ' (a default)' : '', `; ${named}`],
    ...(pools.length === 0 ? [] : [['virtual-mtas: ', ...names(virtualMtas.map(code), 'none')]]),
    ['addresses: ', ...names(addresses.map(addressInline), 'none that KumoMTA could use')],
    ['DKIM records: ', ...names(keyRecords.map(code), 'no keys')],
    [
      longestWait === undefined
        ? 'PowerMTA keeps its mail for ever'
        : `PowerMTA keeps its mail for up to ${formatDuration(longestWait)}`,
    ],
    ...(places.length === 0 ? [] : [['lines: ', ...placesLine(places)]]),
  ];
}

function addressInline({ source, address, host }: StageAddress): Inline {
  return { code: `${address ?? `${source}: chosen by the system`}${host === undefined ? '' : ` ${host}`}` };
}

function code(name: string): Inline {
  return { code: name };
}

function names(all: readonly Inline[], none: string): Line {
  if (all.length === 0) return [none];
  const shown = all.slice(0, SHOWN_NAMES).flatMap((one, i): Line => [...(i > 0 ? [', '] : []), one]);
  const more = all.length - SHOWN_NAMES;
  return more > 0 ? [...shown, ` and ${more} more`] : shown;
}
