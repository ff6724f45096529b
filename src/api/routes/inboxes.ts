import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { listDomains } from '../../delivery/domains/manage.ts'
import { listRoutes } from '../../delivery/routes/manage.ts'
import { Refusal } from '../../errors.ts'
import { type InboxAccess, levelIn, mayEnter, reachOf } from '../../helpdesk/access/reach.ts'
import { type Agent, listAgents, mayWork } from '../../helpdesk/agents/agents.ts'
import type { Inbox } from '../../helpdesk/inbox.ts'
import {
  accessOf,
  changeInbox as change,
  changeAccess,
  closeInbox as close,
  createInbox as create,
  levelsOfInboxes,
  openCounts,
  reopenInbox as reopen,
} from '../../helpdesk/inboxes/manage.ts'
import { problemsOf, type SourceState } from '../../helpdesk/inboxes/problems.ts'
import { removeInbox as remove } from '../../helpdesk/inboxes/remove.ts'
import { findInbox, listInboxes as list } from '../../helpdesk/inboxes.ts'
import { inboxesWithMail, noMatchToday } from '../../inbound/counts.ts'
import { listSources, type SourceWithMailbox } from '../../inbound/sources/manage.ts'
import type { ServerDeps } from '../deps.ts'
import {
  changeInbox,
  changeInboxAccess,
  closeInbox,
  createInbox,
  getInbox,
  getInboxAccess,
  listInboxes,
  removeInbox,
  reopenInbox,
} from '../endpoints/inboxes.ts'
import { type Route, route } from '../route.ts'
import { fromInboxBody, toInbox } from '../wire/inboxes.ts'

export function inboxRoutes({ database }: ServerDeps): Route[] {
  return [
    route(listInboxes, async ({ tx, actor, now }) => {
      const reach = await reachOf(tx, actor)
      const inboxes = (await list(tx, actor.workspaceId)).filter(({ id }) => mayEnter(reach, id))
      return { items: await withSurroundings(tx, inboxes, actor, now), next: null }
    }),
    route(getInbox, async ({ tx, params, actor, now }) => {
      const inbox = await findInbox(tx, actor.workspaceId, params.id)
      if (!inbox || !mayEnter(await reachOf(tx, actor), inbox.id)) throw new Refusal('not_found', { what: 'inbox' })
      return await shown(tx, inbox, actor, now)
    }),
    route(createInbox, async ({ tx, body, actor, now }) => {
      const { name, address } = body
      return await shown(tx, await create(tx, { ...fromInboxBody(body), name, address }, actor, now), actor, now)
    }),
    route(changeInbox, async ({ tx, params, body, actor, now }) =>
      shown(tx, await change(tx, params.id, fromInboxBody(body), actor, now), actor, now),
    ),
    route(closeInbox, async ({ tx, params, actor, now }) => shown(tx, await close(tx, params.id, actor, now), actor, now)),
    route(reopenInbox, async ({ tx, params, actor, now }) => shown(tx, await reopen(tx, params.id, actor, now), actor, now)),
    route(removeInbox, ({ params, body, actor, now }) =>
      remove(database, params.id, { moveTo: body.move_to ?? null }, actor, now),
    ),
    route(getInboxAccess, async ({ tx, params, actor }) => toAccess(await accessOf(tx, params.id, actor))),
    route(changeInboxAccess, async ({ tx, params, body, actor, now }) => {
      const people = body.people.map(({ user_id, level }) => ({ userId: user_id, level }))
      return toAccess(await changeAccess(tx, params.id, { restricted: body.restricted, people }, actor, now))
    }),
  ]
}

async function shown(tx: Tx, inbox: Inbox, actor: Actor, now: Date) {
  const [wire] = await withSurroundings(tx, [inbox], actor, now)
  if (!wire) throw new Refusal('not_found', { what: 'inbox' })
  return wire
}

/** What stands beside settings: counts, and what is wrong. The same few statements however many inboxes there are. */
async function withSurroundings(tx: Tx, inboxes: readonly Inbox[], actor: Actor, now: Date) {
  const { workspaceId } = actor
  const counts = new Map((await openCounts(tx, workspaceId)).map((count) => [count.inboxId, count]))
  const lost = await noMatchToday(tx, workspaceId, now)
  const reached = await inboxesWithMail(
    tx,
    workspaceId,
    inboxes.map(({ id }) => id),
  )
  const routes = (await listRoutes(tx, workspaceId)).map(({ id, isDefault, way }) => ({
    id,
    isDefault,
    isDirect: way.kind === 'mx',
  }))
  const domains = new Set((await listDomains(tx, workspaceId)).map(({ name }) => name))
  const agents = await listAgents(tx, actor)
  const levels = await levelsOfInboxes(tx, workspaceId)
  const sources = (await listSources(tx, workspaceId)).map(toState)
  return inboxes.map((inbox) => {
    const count = counts.get(inbox.id)
    const access = { restricted: inbox.restricted, levels: levels.get(inbox.id) ?? new Map() }
    const facts = {
      sources,
      hasMail: (count?.total ?? 0) > 0 || reached.has(inbox.id),
      routes,
      domains,
      agents: entering(agents, access),
    }
    return toInbox(inbox, { count, noMatchToday: lost.get(inbox.id) ?? 0, problems: problemsOf(inbox, facts) })
  })
}

function toState({ source, mailbox }: SourceWithMailbox): SourceState {
  const { name, inboxId, state, problem } = source
  return { name, inboxId, address: mailbox?.address ?? null, state, problem }
}

function entering(agents: readonly Agent[], access: InboxAccess): ReadonlySet<string> {
  return new Set(agents.filter((agent) => mayWork(agent, levelIn(access, agent))).map(({ id }) => id))
}

function toAccess({ restricted, people }: Awaited<ReturnType<typeof accessOf>>) {
  return { restricted, people: people.map(({ userId, level }) => ({ user_id: userId, level })) }
}
