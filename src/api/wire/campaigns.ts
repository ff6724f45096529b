import { letterOf } from '../../campaigns/ab/ab-test.ts'
import type { Audience } from '../../campaigns/audience.ts'
import { type Campaign, type CampaignText, campaignActionsOf } from '../../campaigns/campaign.ts'
import type { ListedCampaign } from '../../campaigns/list.ts'
import type { Progress } from '../../campaigns/progress.ts'
import { NO_SETTINGS } from '../../campaigns/settings.ts'
import type { MailingWait } from '../../delivery/mailings/waiting.ts'
import type { Outcome } from '../../insight/campaigns/outcomes.ts'
import type { CampaignRecipient } from '../endpoints/campaign-recipients.ts'
import type { CampaignSettingsBody } from '../endpoints/campaign-settings.ts'
import type * as endpoints from '../endpoints/campaigns.ts'
import { fromCampaignSettings, toCampaignSettings } from './campaign-settings.ts'
import { fromContent, toContent } from './content.ts'
import { toReason } from './deliveries.ts'

export function toCampaign(c: Campaign): endpoints.Campaign {
  return {
    id: c.id,
    state: c.state,
    version: c.version,
    name: c.name,
    content: toContent(c.content),
    sender: c.sender,
    reply_to: c.replyTo,
    audience: toAudience(c.audience),
    pace: c.pace,
    tracking: { ...c.tracking },
    ...toCampaignSettings(c),
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

type WireAudience = endpoints.Campaign['audience']

function toAudience(audience: Audience): WireAudience {
  const lists = [...audience.lists]
  switch (audience.kind) {
    case 'lists':
      return { kind: 'lists', lists }
    case 'segments': {
      const { kind, mode, segments, exceptLists, exceptSegments } = audience
      return { kind, lists, segments: [...segments], except_lists: [...exceptLists], except_segments: [...exceptSegments], mode }
    }
    case 'not_opened':
      return { kind: 'not_opened', campaign_id: audience.campaignId, lists }
  }
}

export function fromAudience(audience: WireAudience): Audience {
  switch (audience.kind) {
    case 'lists':
      return audience
    case 'segments': {
      const { except_lists: exceptLists, except_segments: exceptSegments, ...rest } = audience
      return { ...rest, exceptLists, exceptSegments }
    }
    case 'not_opened':
      return { kind: audience.kind, campaignId: audience.campaign_id, lists: audience.lists }
  }
}

export function toCampaignSummary(c: ListedCampaign): endpoints.CampaignSummary {
  return {
    id: c.id,
    name: c.name,
    subject: c.subject,
    state: c.state,
    sender: c.sender,
    pace: c.pace,
    scheduled_at: c.scheduledAt,
    time_zone: c.timeZone,
    question: c.question && toReason(c.question),
    reason: c.reason && toReason(c.reason),
    candidates: c.candidates,
    excluded: c.excluded,
    preparing: c.preparing,
    deliveries: c.deliveries,
    waiting_on: toWaitingOn(c.wait),
    actions: [...campaignActionsOf(c)],
    created_at: c.createdAt,
    updated_at: c.updatedAt,
    started_at: c.startedAt,
    finished_at: c.finishedAt,
  }
}

export function toProgress({
  campaign,
  candidates,
  excluded,
  preparing,
  awaitsWinner,
  deliveries,
  replied,
  deferred,
  wait,
  ratePerHour,
  limit,
  end,
  fault,
}: Progress & { readonly fault: { readonly sentence: string; readonly hint: string } | null }): endpoints.CampaignProgress {
  return {
    campaign: toCampaign(campaign),
    candidates,
    excluded: [...excluded],
    preparing,
    awaits_winner: awaitsWinner,
    deliveries,
    replied: { ...replied },
    deferred,
    waiting_on: toWaitingOn(wait),
    domain_fault: fault && { sentence: fault.sentence, hint: fault.hint },
    rate_per_hour: ratePerHour,
    allowed: limit,
    ends_at: end?.at ?? null,
    ends_by: end?.by ?? null,
  }
}

export function toWaitingOn(wait: MailingWait | null): endpoints.CampaignProgress['waiting_on'] {
  return wait?.kind === 'waits' ? { sentence: wait.sentence, until: wait.until } : null
}

export function toRecipient(o: Outcome): CampaignRecipient {
  return {
    contact_id: o.contactId,
    name: o.name,
    address: o.address,
    excluded: o.excluded as CampaignRecipient['excluded'],
    detail: o.detail,
    tries: o.tries,
    variant: o.variant === null ? null : letterOf(o.variant),
    delivery_id: o.deliveryId,
    message_id: o.messageId,
    state: o.state,
    reason: o.reason,
    reason_class: o.reasonCode,
    attempt: o.attempt,
    receiver: o.receiver,
    reply: o.reply,
    tried_at: o.triedAt,
    due_at: o.dueAt,
    settled_at: o.settledAt,
  }
}

type Said = Partial<
  Pick<
    endpoints.Campaign,
    'name' | 'content' | 'sender' | 'reply_to' | 'audience' | 'pace' | 'tracking' | keyof CampaignSettingsBody
  >
>

/** What was left out stays as it is. */
export function fromCampaignBody({
  name,
  content,
  sender,
  reply_to: replyTo,
  audience,
  pace,
  tracking,
  ...settings
}: { [Key in keyof Said]: Said[Key] | undefined }): Partial<CampaignText> {
  return {
    ...(name !== undefined && { name }),
    ...(content !== undefined && { content: fromContent(content) }),
    ...(sender !== undefined && { sender }),
    ...(replyTo !== undefined && { replyTo }),
    ...(audience !== undefined && { audience: fromAudience(audience) }),
    ...(pace !== undefined && { pace }),
    ...(tracking !== undefined && { tracking }),
    ...fromCampaignSettings(settings),
  }
}

/** A draft of which nothing is said but its name. */
export const EMPTY: Omit<CampaignText, 'name'> = {
  ...NO_SETTINGS,
  content: { format: 'markdown', subject: '', body: '', text: null, toName: '{{ contact.name }}', fields: [] },
  sender: '',
  replyTo: null,
  audience: { kind: 'lists', lists: [] },
  pace: null,
  tracking: {},
}
