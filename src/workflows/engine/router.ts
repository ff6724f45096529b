/**
 * Reads the log and brings what happened to the lanes: new runs to those of their subjects, hits to those of the tokens that waited. It never waits for
 * whoever works in a lane, and never touches a lane that is there.
 *
 * A wait that a burst made is `new` until this has looked back for it, from the place of the token that made it to the place reached here; from then on
 * it is `open`, and everything later is held against it. This is serial under the cursor's lock, so nothing falls in between: what happened before its
 * commit, while it was not yet seen, or after.
 */
import { samePeople } from '../../contacts/same-person.ts'
import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import { type Follower, type LogPosition, type PositionedEvent, type WantedEvents, wantedEvents } from '../../events/follow.ts'
import { waysOfMerges } from '../../helpdesk/places.ts'
import { raiseIncident } from '../../incidents/incidents.ts'
import { isId, newId, type WorkspaceId } from '../../lib/ids.ts'
import { MAX_DEPTH } from '../depth.ts'
import { HAPPENINGS, type Happening } from '../happening.ts'
import type { Values } from '../interpret/state.ts'
import type { RunId } from '../steps/step.ts'
import { eventTypesOf, happeningsOf, idOfKey, type Placed } from '../triggers/happenings.ts'
import type { LaneKey, Letter, Start } from './box.ts'
import { laneKeyOf, subjectOf } from './lane.ts'
import {
  ensureLanes,
  insertBox,
  type Listening,
  lockNewWaits,
  type NewBoxRow,
  openWaits,
  selectListening,
  selectRunning,
  selectRunsThatActed,
  selectWaits,
  type Trigger,
  type Wait,
} from './route-queries.ts'
import { selectRuns } from './run-queries.ts'
import type { Verdict } from './verdict.ts'
import { insertVerdicts } from './verdict-queries.ts'

export const ROUTER = 'workflows'
export const NEW_WAITS_AT_ONCE = 2_000
/** What conditions and expressions are shown of a happening. */
const MAX_FACTS = 32_768

/** Told what each step came to: letters for lanes, and waits that were looked back for; asked before whether there may be any. */
export function createRouter(
  brought: (what: { readonly letters: number; readonly waits: number }) => void,
  mayHaveWaits: () => boolean,
): Follower {
  return {
    name: ROUTER,
    async apply(tx, from, to, now) {
      const looked = mayHaveWaits() ? await lockNewWaits(tx, NEW_WAITS_AT_ONCE) : []
      const hits = [...(from === to ? [] : await route(tx, from, to, now)), ...(await lookBack(tx, looked, to))]
      await insertBox(tx, hits)
      brought({ letters: hits.length, waits: looked.length })
    },
  }
}

/** Everything new against what begins and what waits. */
async function route(tx: Tx, from: LogPosition, to: LogPosition, now: Date): Promise<NewBoxRow[]> {
  const listening = await selectListening(tx, HAPPENINGS)
  const { triggers, awaited } = listening
  const wanted = wantedOf(listening)
  if (wanted.length === 0) return []
  const events = await wantedEvents(tx, from, to, wanted)
  if (events.length === 0) return []
  const happened = await happeningsOf(tx, events)
  return [
    ...(await starts(tx, triggers, happened, now)),
    ...(await startsAgain(tx, triggers, events, now)),
    ...(await cancels(tx, events)),
    ...(await hitsOf(tx, new Set(awaited), happened)),
  ].sort(byPlace)
}

function byPlace(a: NewBoxRow, b: NewBoxRow): number {
  return comparePlaces(a.place, b.place)
}

export function comparePlaces(a: LogPosition, b: LogPosition): number {
  return Number(BigInt(a.txid) - BigInt(b.txid)) || Number(BigInt(a.seq) - BigInt(b.seq))
}

/** Which events anybody could want, by workspace. */
function wantedOf({ triggers, awaited, waiting }: Listening): WantedEvents[] {
  const kinds = new Map<string, Set<string>>()
  for (const { workspaceId, happening } of triggers) {
    const own = kinds.get(workspaceId) ?? new Set()
    // Whoever asks another one to begin, or to stop, is heard also where nobody waits for anything.
    kinds.set(workspaceId, own.add(happening).add('run.asked'))
  }
  for (const workspaceId of waiting) {
    const own = kinds.get(workspaceId) ?? new Set()
    for (const kind of awaited) own.add(kind)
    // Whoever ends calls off what they began.
    kinds.set(workspaceId, own.add('run.asked'))
  }
  return [...kinds].map(([workspaceId, own]) => ({ workspaceId, types: eventTypesOf(own), typesOfIds: [], ids: [] }))
}

async function starts(tx: Tx, triggers: readonly Trigger[], happened: readonly Placed[], now: Date): Promise<NewBoxRow[]> {
  const actors = new Map(
    (await selectRunsThatActed(tx, distinct(happened.map(({ byRun }) => byRun)))).map((run) => [run.id, run]),
  )
  const byKind = Map.groupBy(triggers, ({ workspaceId, happening }) => `${workspaceId} ${happening}`)
  const found: { readonly letter: Start; readonly trigger: Trigger; readonly placed: Placed }[] = []
  const refused: (Verdict & { workspaceId: WorkspaceId })[] = []
  const met = new Set<Placed>()
  for (const placed of happened) {
    const { event, byRun, ...rest } = placed
    const by = actors.get(byRun as RunId)
    const depth = Math.max(askedDepth(placed), by ? by.depth + 1 : 0)
    for (const trigger of byKind.get(`${event.workspaceId} ${rest.kind}`) ?? []) {
      if (trigger.key !== null && !rest.keys.includes(trigger.key)) continue
      const subjectId = subjectOf(trigger.subject, rest)
      if (trigger.subject !== 'none' && subjectId === null) continue
      const { workflowId, workspaceId } = trigger
      const refuse = (verdict: Verdict['verdict']) =>
        refused.push({ workspaceId, workflowId, subjectId, runId: null, verdict, trace: [{ kind: rest.kind }] })
      if (by?.workflowId === workflowId && event.type !== 'workflow.asked') refuse('own_doing')
      else if (depth > MAX_DEPTH) {
        refuse('too_deep')
        await tellOfCircle(tx, trigger, now)
      } else {
        met.add(placed)
        found.push({ letter: startOf(trigger, placed, depth), trigger, placed })
      }
    }
  }
  await insertVerdicts(tx, refused, now)
  await answerInVain(tx, happened, met, now)
  if (found.length === 0) return []
  const wanted = found.map(({ letter, trigger, placed }) => ({
    workspaceId: trigger.workspaceId,
    id: newId(now.getTime()) as string,
    key: laneKeyOf(trigger.subject, subjectOf(trigger.subject, placed), letter.runId as string),
    // Somebody pressed a button, or a program waits for its answer.
    priority: placed.kind === 'button.pressed' || placed.kind === 'webhook.received' ? 0 : 1,
  }))
  const lanes = await ensureLanes(tx, [...new Map(wanted.map((one) => [`${one.workspaceId} ${one.key}`, one])).values()])
  return found.map(({ letter, placed }, nth) => {
    const { workspaceId, key } = wanted[nth] as (typeof wanted)[number]
    return { workspaceId, laneId: lanes.get(`${workspaceId} ${key}`) as string, letter, ...placeOf(placed) }
  })
}

function startOf({ workflowId, versionId, node }: Trigger, placed: Placed, depth: number): Start {
  const { data } = placed.event
  const isAsked = placed.event.type === 'workflow.asked'
  const given = (key: string) => (isAsked && typeof data[key] === 'string' ? (data[key] as RunId) : undefined)
  const parentId = given('parent_id')
  return {
    what: 'start',
    ...{ workflowId, versionId, node, depth },
    happening: plain(placed),
    // Who asks may have given it a name already, to wait for its end.
    runId: given('run_id') ?? newId<RunId>(),
    ...(parentId && { parentId }),
    ...(isAsked && isValues(data.inputs) && { inputs: data.inputs }),
    ...(isAsked && data.is_test === true && { isTest: true }),
    ...(isAsked && data.is_awaited === true && { isAwaited: true }),
    ...(placed.kind === 'answer.overdue' && isPlace(data.place) && { since: data.place }),
  }
}

/** Runs that ended and are to begin once more: by the same trigger, for the same reason. Where it is gone by now, nothing begins. */
async function startsAgain(
  tx: Tx,
  triggers: readonly Trigger[],
  events: readonly PositionedEvent[],
  now: Date,
): Promise<NewBoxRow[]> {
  const asked = events.filter(({ type, data }) => type === 'workflow.asked' && data.act === 'again')
  const found: { readonly key: LaneKey; readonly letter: Start; readonly event: PositionedEvent }[] = []
  for (const event of asked) {
    const [run] = await selectRuns(tx, event.workspaceId as WorkspaceId, [String(event.data.of_run) as RunId])
    const trigger = triggers.find(({ workflowId, node }) => workflowId === run?.workflowId && node === run.node)
    if (!run || !trigger) continue
    const { workflowId, versionId, node, subject } = trigger
    const runId = String(event.data.run_id) as RunId
    const { cause: happening, inputs, isTest } = run
    const letter: Start = {
      ...{ what: 'start', workflowId, versionId, node, happening, depth: 0, runId, inputs, isAgain: true },
      ...(isTest && { isTest }),
    }
    found.push({ key: laneKeyOf(subject, subjectOf(subject, happening), runId), letter, event })
  }
  if (found.length === 0) return []
  const wanted = found.map(({ key, event }) => ({
    workspaceId: event.workspaceId,
    id: newId(now.getTime()) as string,
    key,
    priority: 0,
  }))
  const lanes = await ensureLanes(tx, [...new Map(wanted.map((one) => [`${one.workspaceId} ${one.key}`, one])).values()])
  return found.map(({ key, letter, event }) => {
    const { workspaceId, position: place, at } = event
    return { workspaceId, laneId: lanes.get(`${workspaceId} ${key}`) as string, letter, place, at }
  })
}

function askedDepth({ event }: Placed): number {
  return event.type === 'workflow.asked' && typeof event.data.depth === 'number' ? event.data.depth : 0
}

function isPlace(value: unknown): value is LogPosition {
  const { txid, seq } = (value ?? {}) as Partial<LogPosition>
  return typeof txid === 'string' && /^\d{1,20}$/.test(txid) && typeof seq === 'string' && /^\d{1,20}$/.test(seq)
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is kept of a happening: facts that are too long for a row are left out by name. */
function plain({ kind, keys, conversationId, contactId, facts }: Happening): Happening {
  if (JSON.stringify(facts).length <= MAX_FACTS) return { kind, keys, conversationId, contactId, facts }
  const short = Object.fromEntries(Object.entries(facts).filter(([, value]) => JSON.stringify(value ?? null).length <= 1_000))
  return { kind, keys, conversationId, contactId, facts: { ...short, too_long: true } }
}

function placeOf({ event }: Placed): Pick<NewBoxRow, 'place' | 'at'> {
  return { place: event.position, at: event.at }
}

async function tellOfCircle(tx: Tx, { workspaceId, workflowId }: Trigger, now: Date): Promise<void> {
  await raiseIncident(
    tx,
    {
      workspaceId,
      key: `workflow.circle:${workflowId}`,
      kind: 'workflow.circle',
      severity: 'warning',
      title: 'Workflows set off one another',
      sentence: `More than ${MAX_DEPTH} workflows were set off by one another, the last one by what the one before had done. It was not begun.`,
      hint: 'Look at what they do and by what they begin, and let one of them leave alone what another one does.',
      subject: { kind: 'workflow', id: workflowId },
      evidence: {},
    },
    now,
  )
}

/** Whoever asked for a run and waits for its end hears that there is none. */
async function answerInVain(tx: Tx, happened: readonly Placed[], met: ReadonlySet<Placed>, now: Date): Promise<void> {
  const unheard = happened.filter(
    (placed) => placed.event.type === 'workflow.asked' && typeof placed.event.data.run_id === 'string' && !met.has(placed),
  )
  await append(
    tx,
    unheard.map(({ event }) => ({
      type: 'workflow.run_ended' as const,
      workspaceId: event.workspaceId,
      subjectId: event.data.run_id as string,
      data: { run_id: event.data.run_id, workflow_id: event.subjectId, status: 'refused', reason: 'no_such_start', outputs: {} },
    })),
    now,
  )
}

/** Runs that are to end because the one that began them did, or because somebody elsewhere asks for it. */
async function cancels(tx: Tx, events: readonly PositionedEvent[]): Promise<NewBoxRow[]> {
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

async function hitsOf(tx: Tx, awaited: ReadonlySet<string>, happened: readonly Placed[]): Promise<NewBoxRow[]> {
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
async function lookBack(tx: Tx, waits: readonly Wait[], to: LogPosition): Promise<NewBoxRow[]> {
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

function distinct<T>(values: readonly (T | null)[]): T[] {
  return [...new Set(values)].filter((value) => value !== null) as T[]
}
