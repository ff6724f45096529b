import type { Agent } from '../../helpdesk/agents/agents.ts'
import type { Inbox as InboxNoun } from '../../helpdesk/inbox.ts'
import type { InboxChange, OpenCount } from '../../helpdesk/inboxes/manage.ts'
import type { InboxProblem } from '../../helpdesk/inboxes/problems.ts'
import type { Team as TeamNoun } from '../../helpdesk/teams/team.ts'
import type { UserId } from '../../lib/ids.ts'
import type * as endpoints from '../endpoints/inboxes.ts'
import type * as teams from '../endpoints/teams.ts'

export interface InboxSurroundings {
  readonly count: Pick<OpenCount, 'open' | 'unassigned'> | undefined
  readonly noMatchToday: number
  readonly problems: readonly InboxProblem[]
}

export function toInbox(inbox: InboxNoun, { count, noMatchToday, problems }: InboxSurroundings): endpoints.Inbox {
  return {
    id: inbox.id,
    name: inbox.name,
    slug: inbox.slug,
    address: inbox.address,
    addresses: inbox.addresses.map(({ address, maySend }) => ({ address, may_send: maySend })),
    from_name: inbox.fromName,
    route_id: inbox.routeId,
    signature: inbox.signature,
    status_after_reply: inbox.statusAfterReply,
    assign_on_reply: inbox.assignOnReply,
    default_assignee: inbox.defaultAssignee,
    default_team: inbox.defaultTeam,
    auto_bcc: [...inbox.autoBcc],
    auto_reply: inbox.autoReply,
    undo_seconds: inbox.undoSeconds,
    subject_tag: inbox.subjectTag,
    plus_address: inbox.plusAddress,
    no_match: inbox.noMatch,
    no_match_answer: inbox.noMatchAnswer,
    no_match_alert: inbox.noMatchAlert,
    sent_copy: inbox.sentCopy && { mailbox_id: inbox.sentCopy.mailboxId, folder: inbox.sentCopy.folder },
    restricted: inbox.restricted,
    closed_at: inbox.closedAt,
    open: count?.open ?? 0,
    unassigned: count?.unassigned ?? 0,
    no_match_today: noMatchToday,
    problems: problems.map((problem) => ({ ...problem })),
    created_at: inbox.createdAt,
    updated_at: inbox.updatedAt,
  }
}

/** What was left out is not there, so that it stays as it is. */
export function fromInboxBody(body: endpoints.InboxBody): InboxChange {
  const given = {
    name: body.name,
    address: body.address,
    addresses: body.addresses?.map(({ address, may_send }) => ({ address, maySend: may_send })),
    fromName: body.from_name,
    routeId: body.route_id,
    signature: body.signature,
    statusAfterReply: body.status_after_reply,
    assignOnReply: body.assign_on_reply,
    defaultAssignee: body.default_assignee,
    defaultTeam: body.default_team,
    autoBcc: body.auto_bcc,
    autoReply: body.auto_reply,
    undoSeconds: body.undo_seconds,
    subjectTag: body.subject_tag,
    plusAddress: body.plus_address,
    noMatch: body.no_match,
    noMatchAnswer: body.no_match_answer,
    noMatchAlert: body.no_match_alert,
    sentCopy: body.sent_copy && { mailboxId: body.sent_copy.mailbox_id, folder: body.sent_copy.folder },
    ...(body.sent_copy === null && { sentCopy: null }),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as InboxChange
}

export function toAgent({ id, name, email, role, addresses, teams: memberOf }: Agent): teams.Agent {
  return { id, name, email, role, addresses: [...addresses], teams: [...memberOf] }
}

export function toTeam({ id, name, members, createdAt, updatedAt }: TeamNoun): teams.Team {
  return { id, name, members: members as UserId[], created_at: createdAt, updated_at: updatedAt }
}
