/** What goes on: waits against what happened, as it is read or by looking back, and runs that are called off. */
import { samePeople } from '../../contacts/same-person.ts'
import type { Tx } from '../../db/database.ts'
import { type LogPosition, type PositionedEvent, type WantedEvents, wantedEvents } from '../../events/follow.ts'
import { waysOfMerges } from '../../helpdesk/places.ts'
import { isId } from '../../lib/ids.ts'
import type { Values } from '../interpret/state.ts'
import { eventTypesOf, happeningsOf, idOfKey, type Placed } from '../triggers/happenings.ts'
import type { Letter } from './box.ts'
import { byPlace, comparePlaces, distinct, placeOf, plain } from './letters.ts'
import { type NewBoxRow, openWaits, selectRunning, selectWaits, type Wait } from './route-queries.ts'

/** Runs that are to end because the one that began them did, or because somebody elsewhere asks for it. */
export async function cancels(tx: Tx, events: readonly PositionedEvent[]): Promise<NewBoxRow[]> {
  const asked = events.filter(({ type, data }) => type === 'workflow.asked' && data.act === 'cancel')
  const idOf = ({ data }: PositionedEvent) => (typeof data.parent_id === 'string' ? data.parent_id : String(data.run_id))
  const runs = await selectRunning(
    tx,
    asked.map((event) => ({ workspaceId: event.workspaceId, id: idOf(event) })),
  )
  return asked.flatMap((event) =>
    runs
      .filter(({ id, parentId }) => (typeof event.data.parent_id === 'string' ? parentId : id) === idOf(event))
      .map(({ workspaceId, id, laneId }) => {
        const reason = typeof event.data.reason === 'string' ? event.data.reason : 'cancelled'
        return {
          workspaceId,
          laneId,
          letter: { what: 'act', act: 'cancel', runId: id, reason },
          place: event.position,
          at: event.at,
        }
      }),
  )
}

export async function hitsOf(tx: Tx, awaited: ReadonlySet<string>, happened: readonly Placed[]): Promise<NewBoxRow[]> {
  const keyed = happened
    .filter(({ kind }) => awaited.has(kind))
    .flatMap((placed) =>
      placed.keys.map((key) => ({ workspaceId: placed.event.workspaceId, happening: placed.kind, key, placed })),
    )
  const byKey = Map.groupBy(keyed, ({ workspaceId, happening, key }) => `${workspaceId} ${happening} ${key}`)
  const waits = await selectWaits(
    tx,
    [...byKey.values()].flatMap(([one]) => one ?? []),
  )
  return waits.flatMap((wait) =>
    (byKey.get(`${wait.workspaceId} ${wait.happening} ${wait.key}`) ?? []).flatMap(({ placed }) => hitOf(wait, placed)),
  )
}

function hitOf(wait: Wait, placed: Placed): NewBoxRow[] {
  if (comparePlaces(placed.event.position, wait) <= 0 || !fits(wait.filter, placed.facts)) return []
  const letter: Letter = { what: 'hit', waitId: wait.id, happening: plain(placed) }
  return [{ workspaceId: wait.workspaceId, laneId: wait.laneId, letter, ...placeOf(placed) }]
}

function fits(filter: Values, facts: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(filter).every(([name, value]) => JSON.stringify(facts[name] ?? null) === JSON.stringify(value))
}

/** Days, on a busy server: further back than that would take longer than what is new may wait. */
const TRANSACTIONS_BACK = 20_000_000n

function notBefore(place: LogPosition, to: LogPosition): LogPosition {
  const first = BigInt(to.txid) - TRANSACTIONS_BACK
  return BigInt(place.txid) < first ? { txid: String(first), seq: '0' } : place
}

/** What happened since the tokens of these waits were brought where they are. */
export async function lookBack(tx: Tx, waits: readonly Wait[], to: LogPosition): Promise<NewBoxRow[]> {
  if (waits.length === 0) return []
  await openWaits(tx, waits)
  const past = waits.filter((wait) => comparePlaces(wait, to) < 0)
  const oldest = past.reduce<LogPosition | null>(
    (first, wait) => (first === null || comparePlaces(wait, first) < 0 ? wait : first),
    null,
  )
  if (oldest === null) return []
  const from = notBefore(oldest, to)
  const ways = await waysOfMerges(tx, past.flatMap(subjectIn('conversation')))
  const people = await samePeople(tx, past.flatMap(subjectIn('contact')))
  const wanted = [...Map.groupBy(past, ({ workspaceId }) => workspaceId)].map(([workspaceId, own]): WantedEvents => {
    const byId = own.flatMap((wait) => {
      const id = idOfKey(wait.happening, wait.key)
      return id === null
        ? []
        : [id, ...(ways.get(id) ?? people.get(id)?.way ?? [])].map((one) => ({ id: one, happening: wait.happening }))
    })
    const whole = own.filter((wait) => idOfKey(wait.happening, wait.key) === null)
    return {
      workspaceId,
      types: eventTypesOf(new Set(whole.map(({ happening }) => happening))),
      typesOfIds: eventTypesOf(new Set(byId.map(({ happening }) => happening))),
      ids: distinct(byId.map(({ id }) => id)),
    }
  })
  const happened = await happeningsOf(tx, await wantedEvents(tx, from, to, wanted))
  const byKey = new Map<string, Placed[]>()
  for (const placed of happened)
    for (const key of placed.keys) {
      const name = `${placed.event.workspaceId} ${placed.kind} ${key}`
      byKey.set(name, [...(byKey.get(name) ?? []), placed])
    }
  return past
    .flatMap((wait) => (byKey.get(`${wait.workspaceId} ${wait.happening} ${wait.key}`) ?? []).flatMap((one) => hitOf(wait, one)))
    .sort(byPlace)
}

function subjectIn(kind: 'conversation' | 'contact') {
  return ({ workspaceId, key }: Wait): { workspaceId: string; id: string }[] => {
    const id = key.slice(kind.length + 1)
    return key.startsWith(`${kind}:`) && isId(id) ? [{ workspaceId, id }] : []
  }
}
