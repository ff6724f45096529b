import { Check, X } from 'lucide-react'
import { useMemo } from 'react'
import { z } from 'zod'
import { listInboxes } from '../../../src/api/endpoints/inboxes.ts'
import { listLists } from '../../../src/api/endpoints/lists.ts'
import { listAgents, listTeams } from '../../../src/api/endpoints/teams.ts'
import { listStatusLabels } from '../../../src/api/endpoints/triage-settings.ts'
import { FIELDS, fieldOf } from '../../../src/workflows/definition/fields.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { toned } from '../../ui/tone.ts'
import styles from './runs.module.css'

interface Row {
  readonly field: string
  readonly op: string
  readonly wanted?: unknown
  readonly seen?: unknown
  readonly holds: boolean
}
interface Group {
  readonly how: 'all' | 'any' | 'none'
  readonly of: readonly Trace[]
  readonly holds: boolean
}
type Trace = Row | Group

const Trace: z.ZodType<Trace> = z.lazy(() =>
  z.union([
    z.object({ how: z.enum(['all', 'any', 'none']), of: z.array(Trace), holds: z.boolean() }),
    z.object({ field: z.string(), op: z.string(), wanted: z.unknown(), seen: z.unknown(), holds: z.boolean() }),
  ]),
)

const NO_VARIABLES = { vars: [], inputs: [] }
const OF = new Map(FIELDS.map(({ name, of }) => [name, of]))

type NameOf = (value: unknown) => string

/** What was asked of the moment when a workflow might begin: row by row what was seen, what was wanted, and whether it held. */
export function TraceView({ trace }: { trace: unknown }) {
  const read = z.union([z.array(Trace), Trace]).safeParse(trace).data
  const roots: readonly Trace[] = read === undefined ? [] : Array.isArray(read) ? read : [read]
  const nameOf = useNameOf(roots)
  if (roots.length === 0 || roots.every((root) => 'how' in root && root.of.length === 0))
    return <p className={styles.quiet}>{t.trace.nothingAsked}</p>
  return (
    <ul className={styles.trace}>
      {roots.map((root, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was, in its order
        <Line key={index} trace={root} nameOf={nameOf} />
      ))}
    </ul>
  )
}

function Line({ trace, nameOf }: { trace: Trace; nameOf: NameOf }) {
  if ('how' in trace && trace.how !== 'none' && trace.of.length === 1 && trace.of[0])
    return <Line trace={trace.of[0]} nameOf={nameOf} />
  const { holds } = trace
  const Icon = holds ? Check : X
  return (
    <li>
      <div className={styles.traceRow} {...toned(holds ? 'good' : 'bad')}>
        <span className={styles.traceMark}>
          <Icon size={13} strokeWidth={2.5} aria-hidden />
          <span className="visually-hidden">{holds ? t.trace.holds : t.trace.holdsNot}:</span>
        </span>
        {'how' in trace ? <strong>{t.trace.how[trace.how]}</strong> : <Asked row={trace} nameOf={nameOf} />}
      </div>
      {'how' in trace && (
        <ul className={styles.trace}>
          {trace.of.map((one, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: what was, in its order
            <Line key={index} trace={one} nameOf={nameOf} />
          ))}
        </ul>
      )}
    </li>
  )
}

function Asked({ row: { field, op, wanted, seen }, nameOf }: { row: Row; nameOf: NameOf }) {
  const operator = (t.workflows.condition.operators as Readonly<Record<string, string>>)[op] ?? op.replaceAll('_', ' ')
  const isWanted = wanted !== null && wanted !== undefined
  return (
    <span className={styles.traceWords}>
      <span>
        {fieldOf(field, NO_VARIABLES, null)?.label ?? field} {operator}
        {isWanted && <b> {nameOf(wanted)}</b>}
      </span>
      <span className={styles.traceSeen}>
        {t.trace.saw} <b>{nameOf(seen)}</b>
      </span>
    </span>
  )
}

/** Ids by name, asked for only where a condition is about some. */
function useNameOf(roots: readonly Trace[]): NameOf {
  const kinds = new Set(rowsOf(roots).map(({ field }) => OF.get(field)))
  const inboxes = useEndpoint(listInboxes, {}, { enabled: kinds.has('inbox') }).data?.items
  const agents = useEndpoint(listAgents, {}, { enabled: kinds.has('user') }).data?.items
  const teams = useEndpoint(listTeams, {}, { enabled: kinds.has('team') }).data?.items
  const labels = useEndpoint(listStatusLabels, {}, { enabled: kinds.has('label') }).data?.items
  const lists = useEndpoint(listLists, {}, { enabled: kinds.has('list') }).data?.items
  return useMemo(() => {
    const names = new Map<string, string>(
      [inboxes, agents, teams, labels, lists].flatMap((items) =>
        (items ?? []).map(({ id, name }: { readonly id: string; readonly name: string }) => [id, name] as const),
      ),
    )
    return (value) => inWords(value, names)
  }, [inboxes, agents, teams, labels, lists])
}

function rowsOf(traces: readonly Trace[]): readonly Row[] {
  return traces.flatMap((trace) => ('how' in trace ? rowsOf(trace.of) : [trace]))
}

function inWords(value: unknown, names: ReadonlyMap<string, string>): string {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
    return t.trace.nothingSeen
  if (Array.isArray(value)) return value.map((one) => inWords(one, names)).join(', ')
  if (typeof value === 'boolean') return value ? t.trace.yes : t.trace.no
  if (typeof value === 'object') return JSON.stringify(value)
  const text = String(value)
  return names.get(text) ?? `“${text}”`
}
