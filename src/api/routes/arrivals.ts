import { type Actor, actorReference } from '../../accounts/actor.ts'
import { nameActors } from '../../accounts/names.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { listInboxes } from '../../helpdesk/inboxes.ts'
import { type Acted, type ActRequest, actOn, foreseeAct } from '../../inbound/arrivals/act.ts'
import type { ArrivalFilter } from '../../inbound/arrivals/arrival.ts'
import { countArrivals as countOf, countPutAside, listArrivals as list } from '../../inbound/arrivals/list.ts'
import { examine, type ReadArrival, reachArrival, sourceText } from '../../inbound/arrivals/read-one.ts'
import { undoAct } from '../../inbound/arrivals/undo.ts'
import type { OutcomeKind } from '../../inbound/inbound-mail.ts'
import { bytesOf } from '../../inbound/read-mail.ts'
import { DAY } from '../../lib/clock.ts'
import type { InboundMailId } from '../../lib/ids.ts'
import type { MailParser } from '../../mail/mail-parser.ts'
import { isHttps } from '../auth.ts'
import type { ServerDeps } from '../deps.ts'
import {
  type ArrivalActRequest,
  actOnArrivals,
  countArrivals,
  countQuarantine,
  getArrival,
  getArrivalSource,
  getRawArrival,
  listArrivals,
  previewArrivalAct,
  showArrival,
  undoArrivalAct,
} from '../endpoints/arrivals.ts'
import { documentOf, viewMail } from '../mail-view.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { securityHeaders } from '../security-headers.ts'
import { type ArrivalNames, inboxOf, toArrival, toArrivalDetail } from '../wire/arrivals.ts'

const DEFAULT_DAYS = 30

export function arrivalRoutes(deps: ServerDeps, parser: MailParser): Route[] {
  const { database } = deps
  const reading = { ...deps, parser }
  /** In a transaction of its own that ends before anything large is read. */
  const reached = (actor: Actor, id: InboundMailId) =>
    database.transaction(
      { as: 'api', workspaceId: actor.workspaceId },
      async (tx) => {
        const read = await reachArrival(tx, actor, id)
        return { read, names: await namesFor(tx, actor, [read.arrived.settledBy, ...read.acts.map(({ by }) => by)]) }
      },
      { readOnly: true },
    )
  async function bytes({ workspaceId }: Actor, { arrived }: ReadArrival): Promise<Buffer> {
    const found = await bytesOf(deps, { workspaceId, hash: arrived.hash })
    if (found === null) throw new Refusal('not_kept', { what: 'The source of this mail' })
    return found
  }

  return [
    route(listArrivals, async ({ tx, params, actor }) => {
      const page = pageById('arrivals', params)
      const found = await list(tx, actor, toFilter(params), page.query)
      const names = await namesFor(
        tx,
        actor,
        found.map(({ arrived }) => arrived.settledBy),
      )
      const rows = found.map((shown) => ({ ...shown, id: shown.arrived.id }))
      return page.of(rows, (shown) => toArrival(shown, names))
    }),
    route(countArrivals, async ({ tx, params, actor, now }) => {
      const since = new Date(now.getTime() - ((params.days ?? DEFAULT_DAYS) - 1) * DAY)
      const counts = (await countOf(tx, actor, params.inbox_id ?? null, since)).map(({ outcome: kind, n }) => {
        const [outcome = '', reason = null] = kind.split(':')
        return { outcome: outcome as OutcomeKind, reason, count: n }
      })
      return { total: counts.reduce((sum, { count }) => sum + count, 0), counts }
    }),
    route(countQuarantine, async ({ tx, actor }) => {
      const found = await countPutAside(tx, actor)
      const { inboxes } = await namesFor(tx, actor, [])
      const sumBy = <Key>(keyOf: (each: (typeof found)[number]) => Key) =>
        [...Map.groupBy(found, keyOf)]
          .map(([key, group]) => ({ key, count: group.reduce((sum, { n }) => sum + n, 0) }))
          .toSorted((a, b) => b.count - a.count)
      return {
        total: found.reduce((sum, { n }) => sum + n, 0),
        by_inbox: sumBy(({ inboxId }) => inboxId).map(({ key, count }) => ({ inbox: inboxOf(key, { inboxes }), count })),
        by_reason: sumBy(({ reason }) => reason).map(({ key, count }) => ({ reason: key, count })),
      }
    }),
    route(getArrival, async ({ params, actor }) => {
      const { read, names } = await reached(actor, params.id)
      return toArrivalDetail(read, await examine(reading, actor, read), names)
    }),
    route(showArrival, async ({ params, actor, reply }) => {
      const { read } = await reached(actor, params.id)
      if (read.arrived.stage === 'crash') throw new Refusal('mail_unreadable', { why: 'reading it ended the process that tried' })
      const images = params.images ?? false
      const view = await viewMail(parser, await bytes(actor, read), { images })
      reply.headers(securityHeaders(images ? 'mail-with-images' : 'mail', isHttps(deps)))
      return { content: Buffer.from(documentOf(view)) }
    }),
    route(getRawArrival, async ({ params, actor }) => {
      const { read } = await reached(actor, params.id)
      return { content: await bytes(actor, read), filename: `${params.id}.eml` }
    }),
    route(getArrivalSource, async ({ params, actor }) => {
      const { read } = await reached(actor, params.id)
      const { text, isCut } = sourceText(await bytes(actor, read))
      return { text, is_cut: isCut }
    }),
    route(actOnArrivals, async ({ tx, body, actor, now }) => {
      const acted = await actOn(tx, toRequest(body), actor, now)
      return { id: acted.id, ...toActed(acted) }
    }),
    route(previewArrivalAct, async ({ tx, body, actor }) => toActed(await foreseeAct(tx, toRequest(body), actor))),
    route(undoArrivalAct, async ({ tx, params, actor, now }) => ({ ...(await undoAct(tx, deps, params.id, actor, now)) })),
  ]
}

async function namesFor(tx: Tx, actor: Actor, references: ReadonlyArray<string | null>): Promise<ArrivalNames> {
  const inboxes = await listInboxes(tx, actor.workspaceId)
  return {
    inboxes: new Map(inboxes.map(({ id, name }) => [id, name])),
    actor: await nameActors(tx, actor.workspaceId, [actorReference(actor), ...references]),
  }
}

type Filters = NonNullable<ArrivalActRequest['filter']>

function toFilter({ outcome, reason, stage, inbox_id, source_id, channel, q, since, until }: Filters): ArrivalFilter {
  return {
    outcome: outcome ?? null,
    reason: reason ?? null,
    stage: stage ?? null,
    inboxId: inbox_id ?? null,
    sourceId: source_id ?? null,
    channel: channel ?? null,
    search: q ?? null,
    since: since ?? null,
    until: until ?? null,
  }
}

function toRequest({ act, ids, filter, inbox_id, number, whole, others }: ArrivalActRequest): ActRequest {
  if ((ids === undefined) === (filter === undefined))
    throw new Refusal('invalid_request', { why: 'Give either the ids of mails, or a filter.', pointer: '/ids' })
  return {
    act,
    target: ids ? { ids } : { filter: toFilter(filter ?? {}) },
    inboxId: inbox_id ?? null,
    number: number ?? null,
    whole: whole ?? 'address',
    others: others ?? false,
  }
}

const REFUSED_SHOWN = 100

function toActed({ done, refused, isCut }: Omit<Acted, 'id'>) {
  return {
    done,
    refused_count: refused.length,
    refused: refused.slice(0, REFUSED_SHOWN).map((each) => ({ ...each })),
    is_cut: isCut,
  }
}
