import { type Actor, can } from '../../accounts/actor.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { HOUR } from '../../lib/clock.ts'
import type { ConversationId, InboxId, TeamId, UserId } from '../../lib/ids.ts'
import { accessInto, levelIn, mayEnter, mayReach, reachOf } from '../access/reach.ts'
import { findConversation } from '../conversations.ts'
import { listInboxes } from '../inboxes.ts'
import { listTeams } from '../teams/teams.ts'
import { type CustomField, fieldsOf } from './custom-field.ts'
import { type Linked, selectLinked } from './link-queries.ts'
import { selectMergedInto } from './merge-queries.ts'
import { UNMERGE_HOURS } from './merging.ts'
import { MAX_LINKS } from './people.ts'
import { selectFields, selectLabels } from './queries.ts'
import { MAX_TAGS_SHOWN } from './settings.ts'
import { selectTags, type Tag } from './settings-queries.ts'
import type { StatusLabel } from './triage.ts'

export interface Choices {
  readonly agents: readonly { readonly id: UserId; readonly name: string }[]
  readonly teams: readonly { readonly id: TeamId; readonly name: string }[]
  readonly labels: readonly StatusLabel[]
  readonly tags: readonly Tag[]
  readonly fields: readonly CustomField[]
  readonly inboxes: readonly { readonly id: InboxId; readonly name: string }[]
  readonly links: readonly Linked[]
  readonly merged: readonly {
    readonly id: ConversationId
    readonly number: number
    readonly subject: string
    readonly until: Date
  }[]
}

/** What menus about a conversation offer: only what an act would accept from this reader. */
export async function choicesFor(tx: Tx, id: ConversationId, actor: Actor, now: Date): Promise<Choices> {
  const { workspaceId } = actor
  const reach = await reachOf(tx, actor)
  const conversation = await findConversation(tx, workspaceId, id)
  if (!conversation || !mayReach(reach, conversation)) throw new Refusal('not_found', { what: 'conversation' })
  const access = await accessInto(tx, workspaceId, conversation.inboxId)
  const people = await rosterOf(tx, workspaceId)
  const mayWork = people.filter(
    (person) =>
      access !== null &&
      levelIn(access, person) !== 'none' &&
      can({ kind: 'user', id: person.id, name: '', workspaceId, role: person.role }, 'conversations.write'),
  )
  const inboxes = (await listInboxes(tx, workspaceId)).filter((inbox) => inbox.closedAt === null && mayEnter(reach, inbox.id))
  const since = new Date(now.getTime() - UNMERGE_HOURS * HOUR)
  return {
    agents: mayWork.map((person) => ({ id: person.id, name: person.name })),
    teams: (await listTeams(tx, workspaceId)).map((team) => ({ id: team.id, name: team.name })),
    labels: await selectLabels(tx, workspaceId),
    tags: await selectTags(tx, workspaceId, MAX_TAGS_SHOWN),
    fields: fieldsOf(await selectFields(tx, workspaceId), conversation.inboxId),
    inboxes: inboxes.map((inbox) => ({ id: inbox.id, name: inbox.name })),
    links: await selectLinked(tx, workspaceId, id, reach, MAX_LINKS),
    merged: (await selectMergedInto(tx, workspaceId, id, since)).map(({ mergedAt, ...source }) => ({
      ...source,
      until: new Date(mergedAt.getTime() + UNMERGE_HOURS * HOUR),
    })),
  }
}
