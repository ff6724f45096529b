import { type Campaign, type CampaignText, campaignActionsOf } from '../../campaigns/campaign.ts'
import type { Progress } from '../../campaigns/progress.ts'
import type { Outcome } from '../../insight/campaigns/outcomes.ts'
import type * as endpoints from '../endpoints/campaigns.ts'
import { toReason } from './deliveries.ts'

export function toCampaign(c: Campaign): endpoints.Campaign {
  const { toName, ...content } = c.content
  return {
    id: c.id,
    state: c.state,
    version: c.version,
    name: c.name,
    content: { ...content, to_name: toName, fields: [...content.fields] },
    sender: c.sender,
    reply_to: c.replyTo,
    audience:
      c.audience.kind === 'lists'
        ? { kind: 'lists', lists: [...c.audience.lists] }
        : { kind: 'not_opened', campaign_id: c.audience.campaignId, lists: [...c.audience.lists] },
    pace: c.pace,
    tracking: { ...c.tracking },
    scheduled_at: c.scheduledAt,
    time_zone: c.timeZone,
    question: c.question && toReason(c.question),
    reason: c.reason && toReason(c.reason),
    candidates: c.candidates,
    prepared: c.prepared,
    excluded: c.excluded,
    settled: c.settled,
    actions: [...campaignActionsOf(c)],
    created_at: c.createdAt,
    started_at: c.startedAt,
    finished_at: c.finishedAt,
  }
}

export function toProgress({
  campaign,
  candidates,
  excluded,
  preparing,
  deliveries,
  wait,
  endsAt,
}: Progress): endpoints.CampaignProgress {
  return {
    campaign: toCampaign(campaign),
    candidates,
    excluded: [...excluded],
    preparing,
    deliveries,
    waiting_on: wait?.kind === 'waits' ? { sentence: wait.sentence, until: wait.until } : null,
    ends_at: endsAt,
  }
}

export function toRecipient(o: Outcome): endpoints.CampaignRecipient {
  return {
    contact_id: o.contactId,
    address: o.address,
    excluded: o.excluded as endpoints.CampaignRecipient['excluded'],
    detail: o.detail,
    tries: o.tries,
    delivery_id: o.deliveryId,
    message_id: o.messageId,
    state: o.state,
    reason: o.reason,
    attempt: o.attempt,
    due_at: o.dueAt,
    settled_at: o.settledAt,
  }
}

type Said = Partial<Pick<endpoints.Campaign, 'name' | 'content' | 'sender' | 'reply_to' | 'audience' | 'pace' | 'tracking'>>

/** What was left out stays as it is. */
export function fromCampaignBody({
  name,
  content,
  sender,
  reply_to: replyTo,
  audience,
  pace,
  tracking,
}: { [Key in keyof Said]: Said[Key] | undefined }): Partial<CampaignText> {
  return {
    ...(name !== undefined && { name }),
    ...(content !== undefined && { content: toContent(content) }),
    ...(sender !== undefined && { sender }),
    ...(replyTo !== undefined && { replyTo }),
    ...(audience !== undefined && {
      audience:
        audience.kind === 'lists' ? audience : { kind: audience.kind, campaignId: audience.campaign_id, lists: audience.lists },
    }),
    ...(pace !== undefined && { pace }),
    ...(tracking !== undefined && { tracking }),
  }
}

function toContent({ to_name: toName, ...rest }: endpoints.Campaign['content']): CampaignText['content'] {
  return { ...rest, toName }
}

/** A draft of which nothing is said but its name. */
export const EMPTY: Omit<CampaignText, 'name'> = {
  content: { format: 'markdown', subject: '', body: '', text: null, toName: '{{ contact.name }}', fields: [] },
  sender: '',
  replyTo: null,
  audience: { kind: 'lists', lists: [] },
  pace: null,
  tracking: {},
}
