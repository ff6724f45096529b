/** Runs as people look at them: what they are about, what they wait for, and what came of them so far, told as a story. */
import { type Actor, can } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { type DeliveryEnd, endsOfMessages } from '../../delivery/reading/read.ts'
import { Refusal } from '../../errors.ts'
import { reachConversation } from '../../helpdesk/reading/read.ts'
import { isId, type MessageId, type WorkspaceId } from '../../lib/ids.ts'
import { portsOf } from '../definition/catalogue.ts'
import { Graph } from '../definition/graph.ts'
import type { Names, Port } from '../definition/node-type.ts'
import { sentenceOf } from '../definition/summary.ts'
import { type RunRow, selectRuns, selectTokens, selectWaitsOf } from '../engine/run-queries.ts'
import type { Arm, Token } from '../interpret/state.ts'
import type { RunId, VersionId } from '../steps/step.ts'
import { type MailObstacle, obstacleOfMail } from './mail-obstacle.ts'
import { findRun } from './not-begun.ts'
import { findReferences, type NamedReference, namesFrom, referencesIn } from './references.ts'
import { armInWords, endInWords, lineInWords, waitInWords } from './run-words.ts'
import {
  type RunFilter,
  type RunPage,
  type StoryLine,
  selectRunIds,
  selectStory,
  selectVerdictOfRun,
  selectVersionsOfRuns,
  type VerdictRow,
  type VersionOfRun,
} from './runs-queries.ts'
import { nameSubjects, type Subject } from './subjects.ts'

export type { RunFilter, RunPage } from './runs-queries.ts'

export interface ShownRun {
  readonly row: RunRow
  readonly workflow: { readonly id: RunRow['workflowId']; readonly name: string; readonly isRemoved: boolean }
  readonly number: number
  /** What new runs begin with, where it is another version. */
  readonly newer: { readonly id: VersionId; readonly number: number } | null
  readonly subject: (Subject & { readonly label: string | null }) | null
  /** What it does now, or how it ended. */
  readonly sentence: string
}

export async function listRuns(tx: Tx, workspaceId: WorkspaceId, filter: RunFilter, page: RunPage): Promise<ShownRun[]> {
  return await showRuns(tx, workspaceId, await selectRunIds(tx, workspaceId, filter, page))
}

/** In the order of the ids that are given. */
export async function showRuns(tx: Tx, workspaceId: WorkspaceId, ids: readonly RunId[]): Promise<ShownRun[]> {
  return (await load(tx, workspaceId, ids)).map(({ shown }) => shown)
}

interface Loaded {
  readonly shown: ShownRun
  readonly graph: Graph | null
  readonly tokens: readonly Token[]
}

async function load(tx: Tx, workspaceId: WorkspaceId, ids: readonly RunId[]): Promise<Loaded[]> {
  const rows = new Map((await selectRuns(tx, workspaceId, ids)).map((row) => [row.id, row]))
  const found = ids.flatMap((id) => rows.get(id) ?? [])
  const versionIds = found.map(({ versionId }) => versionId)
  const versions = new Map((await selectVersionsOfRuns(tx, workspaceId, versionIds)).map((version) => [version.id, version]))
  const graphs = new Map([...versions].map(([id, { graph }]) => [id, Graph.safeParse(graph).data ?? null]))
  const tokens = await tokensOf(
    tx,
    workspaceId,
    found.flatMap(({ id, status }) => (status === 'running' ? [id] : [])),
  )
  const label = await nameSubjects(tx, workspaceId, found.flatMap(subjectOf))
  return found.map((row) => {
    const version = versions.get(row.versionId)
    const own = tokens.get(row.id) ?? []
    const [subject] = subjectOf(row)
    const shown = {
      row,
      workflow: { id: row.workflowId, name: version?.workflow ?? '', isRemoved: version?.isRemoved ?? true },
      newer: newerThan(version),
      number: version?.number ?? 0,
      subject: subject ? { ...subject, label: label(subject) } : null,
      sentence: nowInWords(row, own),
    }
    return { shown, graph: graphs.get(row.versionId) ?? null, tokens: own }
  })
}

function newerThan(version: VersionOfRun | undefined): ShownRun['newer'] {
  if (!version || version.newestId === null || version.newest === null || version.newestId === version.id) return null
  return { id: version.newestId, number: version.newest }
}

function subjectOf({ subjectKind, subjectId }: RunRow): Subject[] {
  return subjectKind === 'none' || subjectId === null ? [] : [{ kind: subjectKind, id: subjectId }]
}

async function tokensOf(tx: Tx, workspaceId: WorkspaceId, runIds: readonly RunId[]): Promise<Map<string, Token[]>> {
  const rows = runIds.length === 0 ? [] : await selectTokens(tx, workspaceId, runIds)
  const waiting = rows.filter(({ token }) => token.state === 'waiting').map(({ token }) => token.id)
  const waits = waiting.length === 0 ? [] : await selectWaitsOf(tx, workspaceId, waiting)
  const armsOf = new Map<string, Arm[]>()
  for (const { tokenId, arm } of waits) armsOf.set(tokenId, [...(armsOf.get(tokenId) ?? []), arm])
  const found = new Map<string, Token[]>()
  for (const { runId, token } of rows)
    found.set(runId, [...(found.get(runId) ?? []), { ...token, arms: armsOf.get(token.id) ?? [] }])
  return found
}

function nowInWords({ status, endReason }: RunRow, tokens: readonly Token[]): string {
  if (status !== 'running') return endInWords(endReason)
  const held = tokens.find(({ state }) => state === 'held')
  if (held) return held.trouble?.sentence ?? 'It needs somebody.'
  const [first] = tokens
  return first ? `${waitInWords(first) ?? 'Goes on'}.` : 'Goes on.'
}

export interface ShownToken {
  readonly token: Token
  /** What its node does. */
  readonly step: string
  /** What it waits for; null where it is held. */
  readonly waitsFor: string | null
  readonly waits: readonly { readonly arm: Arm; readonly sentence: string }[]
  readonly ports: readonly Port[]
  /** What keeps its mail from leaving; null: nothing does, or it waits for none. */
  readonly inTheWay: MailObstacle | null
}

export interface RunStory extends ShownRun {
  readonly graph: Graph | null
  readonly names: readonly NamedReference[]
  readonly tokens: readonly ShownToken[]
  readonly lines: readonly (StoryLine & { readonly sentence: string })[]
  readonly hasMore: boolean
  readonly deliveries: readonly DeliveryEnd[]
  readonly parent: ShownRun | null
  readonly children: readonly ShownRun[]
  /** Why it began; null: nothing was asked, or it is so long ago that nobody keeps it. */
  readonly verdict: VerdictRow | null
}

export const LINES_AT_ONCE = 1_000
const MAX_MESSAGES = 200
const MAX_CHILDREN = 100

/** `after`: lines that are known already. */
export async function readRun(tx: Tx, actor: Actor, id: RunId, after: number, now: Date): Promise<RunStory> {
  const { workspaceId } = actor
  await refuseOutOfReach(tx, actor, id)
  const [loaded] = await load(tx, workspaceId, [id])
  if (!loaded) throw new Refusal('not_found', { what: 'run' })
  const { shown, graph, tokens } = loaded
  const found = graph ? await findReferences(tx, workspaceId, referencesIn([graph])) : []
  const names = namesFrom(found)
  const lines = await selectStory(tx, workspaceId, id, { after, limit: LINES_AT_ONCE + 1 })
  const told = lines.slice(0, LINES_AT_ONCE)
  const obstacles = await obstaclesOf(tx, workspaceId, tokens, now)
  const messages = new Set(
    [...told.map(({ detail }) => detail), ...tokens.map(({ memo }) => memo), shown.row.vars].flatMap((one) => messagesIn(one)),
  )
  return {
    ...{ ...shown, graph, names: found },
    tokens: tokens.map((token) => ({ ...showToken(token, graph, names), inTheWay: obstacles.get(token.id) ?? null })),
    lines: told.map((line) => ({ ...line, sentence: lineInWords(line, graph, names) })),
    hasMore: lines.length > LINES_AT_ONCE,
    deliveries: await endsOfMessages(tx, workspaceId, [...messages].slice(0, MAX_MESSAGES)),
    parent: shown.row.parentId ? ((await showRuns(tx, workspaceId, [shown.row.parentId]))[0] ?? null) : null,
    children: await listRuns(tx, workspaceId, { parentId: id }, { after: null, limit: MAX_CHILDREN }),
    verdict: await selectVerdictOfRun(tx, workspaceId, shown.row),
  }
}

/** Whoever may not write workflows sees the runs of conversations that they reach. */
export async function refuseOutOfReach(tx: Tx, actor: Actor, id: RunId): Promise<RunRow> {
  const row = await findRun(tx, actor, id)
  if (can(actor, 'workflows.manage')) return row
  if (row.subjectKind !== 'conversation' || row.subjectId === null) throw new Refusal('not_found', { what: 'run' })
  await reachConversation(tx, actor, row.subjectId)
  return row
}

export function showToken(token: Token, graph: Graph | null, names: Names): ShownToken {
  const node = graph?.nodes[token.node]
  return {
    token,
    step: node ? sentenceOf(node, names) : token.node,
    waitsFor: waitInWords(token),
    waits: token.arms.map((arm) => ({ arm, sentence: armInWords(arm) })),
    ports: node ? portsOf(node) : [],
    inTheWay: null,
  }
}

/** Of more branches than these one after the other says nothing new. */
const MAX_OBSTACLES = 10

async function obstaclesOf(
  tx: Tx,
  workspaceId: WorkspaceId,
  tokens: readonly Token[],
  now: Date,
): Promise<Map<string, MailObstacle>> {
  const found = new Map<string, MailObstacle>()
  const mailing = tokens.filter(({ state, memo }) => state === 'waiting' && Array.isArray(memo.messages))
  for (const token of mailing.slice(0, MAX_OBSTACLES)) {
    const obstacle = await obstacleOfMail(tx, workspaceId, token, now)
    if (obstacle) found.set(token.id, obstacle)
  }
  return found
}

/** The mail that steps name in what they gave, or keep while they wait. */
function messagesIn(value: unknown, depth = 0): MessageId[] {
  if (typeof value !== 'object' || value === null || depth > 3) return []
  return Object.entries(value).flatMap(([key, one]) => {
    if (key === 'message_id' || key === 'last_message') return typeof one === 'string' && isId(one) ? [one as MessageId] : []
    if (key === 'messages' && Array.isArray(one))
      return one.flatMap((id) => (typeof id === 'string' && isId(id) ? [id as MessageId] : messagesIn(id, depth + 1)))
    return messagesIn(one, depth + 1)
  })
}
