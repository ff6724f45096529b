/** What begins runs: triggers that met what they listen for, and whoever asks for a run by name. */
import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { LogPosition, PositionedEvent } from '../../events/follow.ts'
import { raiseIncident } from '../../incidents/incidents.ts'
import { newId, type WorkspaceId } from '../../lib/ids.ts'
import { MAX_DEPTH } from '../depth.ts'
import type { Values } from '../interpret/state.ts'
import type { RunId } from '../steps/step.ts'
import type { Placed } from '../triggers/happenings.ts'
import type { LaneKey, Start } from './box.ts'
import { laneKeyOf, subjectOf } from './lane.ts'
import { distinct, placeOf, plain } from './letters.ts'
import { ensureLanes, type NewBoxRow, selectRunsThatActed, type Trigger } from './route-queries.ts'
import { selectRuns } from './run-queries.ts'
import type { Verdict } from './verdict.ts'
import { insertVerdicts } from './verdict-queries.ts'

export async function starts(tx: Tx, triggers: readonly Trigger[], happened: readonly Placed[], now: Date): Promise<NewBoxRow[]> {
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
export async function startsAgain(
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
