import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import type { Acted, Undo } from '../../helpdesk/triage/act.ts'
import { changeConversation as change, onlyOne } from '../../helpdesk/triage/change.ts'
import { choicesFor } from '../../helpdesk/triage/choices.ts'
import { deleteConversations, restoreConversations } from '../../helpdesk/triage/delete.ts'
import { mergeConversations as merge } from '../../helpdesk/triage/merge.ts'
import {
  addParticipant as add,
  linkConversations,
  removeParticipant as remove,
  setFollowing,
  setStarred,
  unlinkConversations,
} from '../../helpdesk/triage/people.ts'
import { cloneConversation as clone, type Made, splitConversation as split } from '../../helpdesk/triage/split.ts'
import { undoActs as undo } from '../../helpdesk/triage/undo.ts'
import type { ServerDeps } from '../deps.ts'
import {
  addParticipant,
  changeConversation,
  cloneConversation,
  deleteConversation,
  followConversation,
  getConversationChoices,
  linkConversation,
  mergeConversations,
  removeParticipant,
  restoreConversation,
  splitConversation,
  starConversation,
  undoActs,
  unfollowConversation,
  unlinkConversation,
  unstarConversation,
} from '../endpoints/triage.ts'
import { type Route, route } from '../route.ts'
import { fromChange, fromSeen, fromUndo, toField, toUndo } from '../wire/triage.ts'

export function triageRoutes(deps: ServerDeps): Route[] {
  return [
    route(changeConversation, async ({ tx, params, body: { if: seen, ...wish }, actor, now }) =>
      done(await change(tx, deps, params.id, fromChange(wish), actor, now, seen && fromSeen(seen))),
    ),
    route(getConversationChoices, async ({ tx, params, actor, now }) => {
      const { agents, teams, labels, tags, fields, inboxes, links, merged } = await choicesFor(tx, params.id, actor, now)
      return {
        agents: [...agents],
        teams: [...teams],
        labels: [...labels],
        tags: tags.map(({ name, color }) => ({ name, color })),
        fields: fields.map(toField),
        inboxes: [...inboxes],
        links: links.map(({ id, number, subject, status, kind }) => ({ id, number, subject, status, kind })),
        merged: [...merged],
      }
    }),
    route(undoActs, async ({ tx, body, actor, now }) => done(await undo(tx, deps, body.acts.map(fromUndo), actor, now))),
    route(deleteConversation, ({ tx, params, actor, now }) =>
      doneOne(tx, actor, deleteConversations(tx, deps, [params.id], actor, now)),
    ),
    route(restoreConversation, ({ tx, params, actor, now }) =>
      doneOne(tx, actor, restoreConversations(tx, deps, [params.id], actor, now)),
    ),
    route(mergeConversations, async ({ tx, body, actor, now }) => {
      const { target, undo: acts } = await merge(tx, deps, body.ids, body.into ?? null, actor, now)
      return { id: target.id, number: target.number, ...done(acts) }
    }),
    route(splitConversation, async ({ tx, params, body, actor, now }) =>
      made(await split(tx, deps, params.id, { items: body.items, subject: body.subject ?? null }, actor, now)),
    ),
    route(cloneConversation, async ({ tx, params, actor, now }) => made(await clone(tx, deps, params.id, actor, now))),
    route(linkConversation, async ({ tx, params, actor, now }) =>
      done(await linkConversations(tx, deps, { id: params.id, other: params.other_id }, actor, now)),
    ),
    route(unlinkConversation, async ({ tx, params, actor, now }) =>
      done(await unlinkConversations(tx, deps, { id: params.id, other: params.other_id }, actor, now)),
    ),
    route(addParticipant, async ({ tx, params, body, actor, now }) => {
      const { warnings, undo: acts } = await add(tx, deps, params.id, body, actor, now)
      return { warnings: [...warnings], ...done(acts) }
    }),
    route(removeParticipant, async ({ tx, params, actor, now }) => {
      const { warnings, undo: acts } = await remove(tx, deps, params.id, params.address, actor, now)
      return { warnings: [...warnings], ...done(acts) }
    }),
    route(followConversation, async ({ tx, params, actor, now }) =>
      done(await setFollowing(tx, deps, params.id, { userId: params.user_id, follows: true }, actor, now)),
    ),
    route(unfollowConversation, async ({ tx, params, actor, now }) =>
      done(await setFollowing(tx, deps, params.id, { userId: params.user_id, follows: false }, actor, now)),
    ),
    route(starConversation, ({ tx, params, actor, now }) => setStarred(tx, params.id, true, actor, now)),
    route(unstarConversation, ({ tx, params, actor, now }) => setStarred(tx, params.id, false, actor, now)),
  ]
}

function done(acts: readonly Undo[]) {
  return { undo: acts.map(toUndo) }
}

async function doneOne(tx: Tx, actor: Actor, acting: Promise<Acted>) {
  return done((await onlyOne(tx, actor, acting)).undo)
}

function made({ conversation, undo: acts }: Made) {
  return { id: conversation.id, number: conversation.number, ...done(acts) }
}
