/** What an event says, in one sentence for people. Isomorphic: the waybill and the log of a page say it the same way. */
import type { EventType } from './event.ts'

type Data = Readonly<Record<string, unknown>>

/** `by` is the name of whoever did it, null for the engine itself. */
export function sentenceOf(type: EventType, data: Data, by: string | null): string {
  const sentence = SENTENCES[type](data)
  return by === null ? `${sentence}.` : `${sentence}, by ${by}.`
}

const WORKFLOW_JOBS: Readonly<Record<string, string>> = {
  move: 'moving runs to another version',
  cancel: 'cancelling runs',
  apply: 'starting it for what was there before',
}

const SENTENCES: Readonly<Record<EventType, (data: Data) => string>> = {
  'message.submitted': (data) => {
    const again = data.resend_of ? ' as a repetition of an earlier message' : ''
    return `Accepted for ${counted(data.recipients, 'recipient')}${again}`
  },
  'message.opened': (data) => OPENED[seenBy(data)],
  'message.clicked': (data) => `${CLICKED[seenBy(data)]}: ${text(data.url) ?? 'one of its links'}`,
  'delivery.sent': (data) => {
    if (data.attempt !== undefined) return 'Taken over by the next mail server'
    return data.source === undefined ? 'Taken as sent' : `Taken over after all${heardFrom(data)}`
  },
  'delivery.delivered': (data) => `Delivered: the receiving side confirmed it${heardFrom(data)}`,
  'delivery.bounced': (data) =>
    data.source === undefined ? 'Refused for good' : `Came back: a bounce arrived after it had been taken${heardFrom(data)}`,
  'delivery.failed': () => 'Failed on our own side',
  'delivery.expired': () => 'Given up: its time ran out',
  'delivery.suppressed': () => 'Not sent: the address is on the suppression list',
  'delivery.cancelled': () => 'Cancelled',
  'delivery.deferred': () => 'Put off by the receiving side; it will be tried again',
  'delivery.blocked': () => 'The route cannot be used; it waits without losing a try',
  'delivery.unknown': () => 'The answer was not heard: it may have arrived',
  'delivery.requeued': (data) =>
    data.why === 'unheard_answer' ? 'Queued once more, because the answer was not heard' : 'Queued once more',
  'delivery.held': (data) => (data.why === 'restored' ? 'Held after a restore' : 'Held'),
  'delivery.released': () => 'Released',
  'delivery.retried': () => 'To be tried at once',
  'delivery.resent': () => 'To be sent once more',
  'delivery.rerouted': (data) => `Given to ${text(data.route) ? `route ${text(data.route)}` : 'the route that the rules say'}`,
  'delivery.replaced': () => 'Sent again by its campaign: another mail counts in its place',
  'delivery.complained': (data) => `The recipient reported it as spam${heardFrom(data)}`,
  'delivery.delayed': (data) => `Not delivered yet; the server that has it goes on trying${heardFrom(data)}`,
  'delivery.relayed': (data) => `Handed on to a system that tells nothing more${heardFrom(data)}`,
  'route.created': (data) => `Route${named(data)} added`,
  'route.changed': (data) => `Route${named(data)} changed`,
  'route.removed': (data) => `Route${named(data)} removed`,
  'route.made_default': (data) => `Route${named(data)} made the default`,
  'route.opened': (data) =>
    data.receiver
      ? `Route${named(data)} stopped for ${text(data.receiver)}: it turns our mail away`
      : `Route${named(data)} stopped: everything on it would have failed`,
  'route.probed': (data) => `Route${named(data)} to be tried at once`,
  'route.feedback_address_changed': (data) => `New address for the news of route${named(data)}`,
  'route.closed': (data) => `Route${named(data)} works again${data.receiver ? ` for ${text(data.receiver)}` : ''}`,
  'route.warm_up_started': (data) => `Warm-up begun: ${counted(data.first, 'message')} on its first day${towards(data)}`,
  'route.warm_up_held_back': (data) =>
    `The warm-up does not rise today${towards(data)}: ${text(data.why) ?? 'receivers complain'}`,
  'route.warm_up_ended': (data) => `Warm-up ended${towards(data)}`,
  'rule.created': (data) => `Rule${named(data)} added`,
  'rule.changed': (data) => `Rule${named(data)} changed`,
  'rule.removed': (data) => `Rule${named(data)} removed`,
  'pace.changed': (data) => `Limit set: ${String(data.amount)} ${aPeriod(data.per)}`,
  'pace.removed': (data) => `Limit of ${String(data.amount)} ${aPeriod(data.per)} removed`,
  'bulk_act.started': (data) => `Begun for ${counted(data.matched, 'delivery')}: ${text(data.kind) ?? 'an act'}`,
  'bulk_act.finished': (data) => `Done for ${counted(data.done, 'delivery')}: ${text(data.kind) ?? 'an act'}`,
  'bulk_act.stopped': (data) => `Stopped after ${counted(data.done, 'delivery')}: ${text(data.kind) ?? 'an act'}`,
  'domain.added': (data) => `Domain${named(data)} added`,
  'domain.changed': (data) => `Domain${named(data)} changed`,
  'domain.removed': (data) => `Domain${named(data)} removed`,
  'domain.verified': (data) => `Domain${named(data)} verified: its mail is signed`,
  'domain.warned': (data) => `The DNS no longer shows the key of domain${named(data)}`,
  'domain.lapsed': (data) => `Domain${named(data)} can no longer sign its mail`,
  'domain.keys_made': (data) => `New keys made for domain${named(data)}`,
  'domain.key_activated': (data) => `Mail of domain${named(data)} is signed with key ${text(data.selector) ?? ''}`,
  'domain.key_revoked': (data) => `Key ${text(data.selector) ?? ''} of domain${named(data)} revoked`,
  'suppression.added': (data) => `${text(data.address) ?? 'An address'} put on the suppression list`,
  'suppression.removed': (data) => `${text(data.address) ?? 'An address'} taken off the suppression list`,
  'webhook.created': (data) => `Webhook to ${text(data.url) ?? 'an address'} added`,
  'webhook.changed': (data) => `Webhook to ${text(data.url) ?? 'an address'} changed`,
  'webhook.removed': (data) => `Webhook to ${text(data.url) ?? 'an address'} removed`,
  'webhook.enabled': (data) => `Webhook to ${text(data.url) ?? 'an address'} switched on`,
  'webhook.disabled': (data) => `Webhook to ${text(data.url) ?? 'an address'} switched off`,
  'webhook.secret_rotated': (data) => `Secret of the webhook to ${text(data.url) ?? 'an address'} exchanged`,
  'webhook.replayed': (data) => `${counted(data.events, 'event')} sent once more to ${text(data.url) ?? 'a webhook'}`,
  'incident.opened': (data) => `Needs somebody: ${text(data.title) ?? 'an incident'}`,
  'incident.acknowledged': (data) => `Taken note of: ${text(data.title) ?? 'an incident'}`,
  'incident.resolved': (data) => `Over: ${text(data.title) ?? 'an incident'}`,
  'inbound.settled': (data) => `Mail${data.from ? ` from ${text(data.from)}` : ''} taken in: ${text(data.outcome) ?? 'done'}`,
  'inbound.quarantined': (data) => `Mail${data.from ? ` from ${text(data.from)}` : ''} put aside for a person`,
  'inbound.replayed': (data) => REPLAYED[text(data.act) ?? ''] ?? 'Mail to be taken in once more',
  'ignore_rule.added': (data) => `Mail that fits ${text(data.pattern) ?? 'a rule'} to be ignored`,
  'ignore_rule.removed': (data) => `Mail that fits ${text(data.pattern) ?? 'a rule'} to be ignored no more`,
  'source.created': (data) => `Source${named(data)} added`,
  'source.changed': (data) => `Source${named(data)} changed`,
  'source.removed': (data) => `Source${named(data)} removed`,
  'source.failed': (data) => `Source${named(data)} cannot be read`,
  'source.recovered': (data) => `Source${named(data)} can be read again`,
  'inbox.created': (data) => `Inbox${named(data)} added`,
  'inbox.changed': (data) => `Inbox${named(data)} changed`,
  'inbox.removed': (data) => `Inbox${named(data)} removed`,
  'team.changed': (data) => `Team${named(data)} changed`,
  'contact.created': (data) => `Contact${named(data)} added`,
  'contact.changed': (data) => `Contact${named(data)} changed`,
  'contact.consent_changed': (data) => CONSENT[text(data.became) ?? ''] ?? 'Consent to a list changed',
  'contact.subscribed': (data) =>
    `Joined ${joinedLists(data)}${text(data.form) ? ` by the form ${text(data.form)}` : ''}${data.confirmed === true ? ', confirmed by mail' : ''}`,
  'contact.unsubscribed': (data) =>
    data.everything === true ? 'The recipient wants no bulk mail any more' : 'The recipient left its lists',
  'contact.data_asked': () => 'The person asked for their data; it was sent to their address',
  'contact.erasure_asked': () => 'The person asked to be erased',
  'contact.erased': () => 'Contact erased, with everything that was known of them',
  'contact_field.changed': (data) => `Field${named(data)} of contacts ${text(data.act) ?? 'changed'}`,
  'list.changed': (data) => `List${named(data)} saved`,
  'import.finished': (data) => `Import${named(data)} finished: ${counted(data.contacts, 'contact')}`,
  'import.undone': (data) => `Import${named(data)} undone`,
  'segment.changed': (data) => `Segment${named(data)} saved`,
  'form.created': (data) => `Form${named(data)} added`,
  'form.changed': (data) => `Form${named(data)} changed`,
  'form.published': (data) => `Form${named(data)} published`,
  'form.unpublished': (data) => `Form${named(data)} closed`,
  'form.removed': (data) => `Form${named(data)} removed`,
  'form.submitted': (data) => `Form${named(data)} sent by a visitor: ${SENT[text(data.state) ?? ''] ?? 'taken'}`,
  'form.denied': (data) => `Somebody said that it was not them who sent form${named(data)}`,
  'contact.merged': (data) => `Contact${named(data)} joined with another`,
  'image.added': (data) => `Image${named(data)} added`,
  'image.removed': (data) => `Image${named(data)} removed`,
  'template.created': (data) => `Template${named(data)} made`,
  'template.changed': (data) => `Template${named(data)} changed`,
  'template.removed': (data) => `Template${named(data)} removed`,
  'campaign.created': (data) => `Campaign${named(data)} begun`,
  'campaign.changed': (data) => `Campaign${named(data)} changed`,
  'campaign.removed': (data) => `Campaign${named(data)} removed`,
  'campaign.scheduled': (data) => `Campaign${named(data)} scheduled`,
  'campaign.started': (data) => `Campaign${named(data)} started: everybody is looked at before the first mail leaves`,
  'campaign.prepared': (data) => `Campaign${named(data)} goes out to ${counted(data.prepared, 'recipient')}`,
  'campaign.paused': (data) => `Campaign${named(data)} paused`,
  'campaign.resumed': (data) => `Campaign${named(data)} resumed`,
  'campaign.cancelled': (data) => `Campaign${named(data)} cancelled`,
  'campaign.finished': (data) => `Campaign${named(data)} done: nothing of it waits any more`,
  'campaign.retried': (data) => `What failed of campaign${named(data)} to be sent again`,
  'campaign.winner_chosen': (data) => `Version ${String(data.winner ?? '')} goes to the rest of campaign${named(data)}`,
  'campaign.caps_changed': () => 'Limits of how much mail somebody gets from campaigns changed',
  'campaign.replied': (data) => `Somebody answered campaign${named(data)}`,
  'campaign.extended': (data) => `Campaign${named(data)} to go to those added since`,
  'conversation.started': (data) => `Conversation${numbered(data)} started`,
  'conversation.message_received': (data) => `The customer wrote in conversation${numbered(data)}`,
  'conversation.replied': (data) => `Conversation${numbered(data)} answered`,
  'conversation.noted': (data) => `Note added to conversation${numbered(data)}`,
  'conversation.forwarded': (data) => `Conversation${numbered(data)} forwarded`,
  'conversation.changed': (data) => `Conversation${numbered(data)} changed`,
  'conversation.merged': (data) => `Conversation${numbered(data)} joined with another`,
  'conversation.split': (data) => `Conversation${numbered(data)} split`,
  'conversation.deleted': (data) => `Conversation${numbered(data)} deleted`,
  'conversation.restored': (data) => `Conversation${numbered(data)} restored`,
  'conversation.unmerged': (data) => `Conversation${numbered(data)} parted from another again`,
  'conversation.removed': (data) => `Conversation${numbered(data)} removed for good`,
  'tag.changed': (data) => `Tag${named(data)} ${text(data.act) ?? 'changed'}`,
  'custom_field.changed': (data) => `Field${named(data)} ${text(data.act) ?? 'changed'}`,
  'status_label.changed': (data) => `Label${named(data)} ${text(data.act) ?? 'changed'}`,
  'conversation.draft_saved': (data) => `Draft saved in conversation${numbered(data)}`,
  'conversation.item_edited': (data) => `An entry of conversation${numbered(data)} edited`,
  'conversation.send_undone': (data) => `Sending undone in conversation${numbered(data)}`,
  'conversation.notified': (data) => `Agents told of conversation${numbered(data)}`,
  'calendar.changed': (data) => `Working calendar${named(data)} changed`,
  'calendar.removed': (data) => `Working calendar${named(data)} removed`,
  'workflow.created': (data) => `Workflow${named(data)} created`,
  'workflow.changed': (data) => `Draft of workflow${named(data)} changed`,
  'workflow.published': (data) => `Version ${text(data.number) ?? data.number ?? ''} of workflow${named(data)} published`,
  'workflow.enabled': (data) => `Workflow${named(data)} switched on`,
  'workflow.disabled': (data) => `Workflow${named(data)} switched off`,
  'workflow.removed': (data) => `Workflow${named(data)} removed`,
  'workflow.asked': ({ act }) =>
    act === 'cancel'
      ? 'Workflow asked to end what it began'
      : act === 'again'
        ? 'Workflow asked to begin once more'
        : 'Workflow asked to begin',
  'workflow.schedule_due': (data) => `The time of workflow${named(data)} has come`,
  'workflow.run_ended': (data) =>
    data.status === 'completed' ? `Run of workflow${named(data)} completed` : `Run of workflow${named(data)} ended early`,
  'workflow.held': (data) => `A run of workflow${named(data)} needs somebody: ${text(data.sentence) ?? 'a step did not work'}`,
  'workflow.retried': (data) => `A step of workflow${named(data)} is tried again`,
  'workflow.skipped': (data) => `A step of workflow${named(data)} was skipped`,
  'workflow.cancelled': (data) => `A run of workflow${named(data)} was cancelled`,
  'workflow.moved': (data) => `A run of workflow${named(data)} goes on by version ${data.number ?? ''}`,
  'workflow.job_started': (data) => `Workflow${named(data)}: ${WORKFLOW_JOBS[String(data.kind)] ?? 'a job'} began`,
  'workflow.job_ended': (data) =>
    `Workflow${named(data)}: ${WORKFLOW_JOBS[String(data.kind)] ?? 'a job'} ${data.state === 'stopped' ? 'was stopped' : 'is over'}, ${data.done ?? 0} done`,
  'workflow.task_passed_on': (data) =>
    `A task of workflow${named(data)} was passed on to ${text(data.to_name) ?? 'somebody else'}`,
  'workflow.task_decided': (data) => `A task of workflow${named(data)} was decided: ${text(data.decision) ?? 'done'}`,
  'workflow.request_ended': (data) => `The web request of workflow${named(data)} ended`,
  'workflow.secret_saved': (data) => `Secret of web requests${named(data)} saved`,
  'workflow.secret_removed': (data) => `Secret of web requests${named(data)} removed`,
  'workflow.address_changed': (data) => `Web address of workflow${named(data)} changed: the old one is called in vain`,
  'event.received': (data) => `Event “${text(data.name) ?? ''}” received`,
  'workspace.created': (data) => `Workspace${named(data)} made`,
  'user.signed_in': () => 'Signed in',
  'user.signed_out': () => 'Signed out',
  'user.password_changed': () => 'Password changed',
  'session.revoked': () => 'A session ended',
  'member.added': (data) => `${text(data.name) ?? 'A person'} added${data.role ? ` as ${text(data.role)}` : ''}`,
  'member.changed': (data) => `${text(data.name) ?? 'A person'} made ${text(data.to) ?? 'something else'}`,
  'member.removed': (data) => `${text(data.name) ?? 'A person'} removed`,
  'api_key.created': (data) => `API key${named(data)} made`,
  'api_key.revoked': (data) => `API key${named(data)} revoked`,
  'credential.created': (data) => `SMTP credential${named(data)} made`,
  'credential.rotated': (data) => `SMTP credential${named(data)} given a new secret`,
  'credential.revoked': (data) => `SMTP credential${named(data)} revoked`,
}

type SeenBy = 'human' | 'proxy' | 'scanner' | 'unknown'
const REPLAYED: Readonly<Record<string, string>> = {
  start: 'Mail to be made a conversation',
  attach: 'Mail to be put into a conversation',
  spam: 'Mail taken for spam',
}

const OPENED: Readonly<Record<SeenBy, string>> = {
  human: 'Opened',
  proxy: 'Its pictures were fetched by a mail provider: perhaps it was opened',
  scanner: 'Looked through by a scanner: this says nothing about its reader',
  unknown: 'Opened, or looked through: who asked for its pictures is not clear',
}
const CLICKED: Readonly<Record<SeenBy, string>> = {
  human: 'A link was followed',
  proxy: 'A link was tried by a mail provider',
  scanner: 'A link was tried by a scanner',
  unknown: 'A link was followed, by whom is not clear',
}

function seenBy({ who }: Data): SeenBy {
  return typeof who === 'string' && Object.hasOwn(OPENED, who) ? (who as SeenBy) : 'unknown'
}

const TELLERS: Readonly<Record<string, string>> = {
  dsn: 'a bounce message',
  arf: 'a complaint report',
  ses: 'Amazon SES',
  scaleway: 'Scaleway',
}

/** ` (told by Amazon SES)`; the sandbox and older events do not say who. */
function heardFrom({ source }: Data): string {
  const teller = typeof source === 'string' && Object.hasOwn(TELLERS, source) ? TELLERS[source] : undefined
  return teller === undefined ? '' : ` (told by ${teller})`
}

function named(data: Data): string {
  const name = text(data.name)
  return name === null ? '' : ` ${name}`
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** "an hour", "a minute". */
function aPeriod(value: unknown): string {
  const period = text(value) ?? 'period'
  return `${period === 'hour' ? 'an' : 'a'} ${period}`
}

function counted(value: unknown, noun: string): string {
  const n = typeof value === 'number' ? value : 1
  const many = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`
  return `${n} ${n === 1 ? noun : many}`
}

function towards(data: Data): string {
  const receiver = text(data.receiver)
  return receiver === null ? '' : ` for ${receiver}`
}

/** ' #123', where the number is known. */
function numbered(data: Data): string {
  return typeof data.number === 'number' ? ` #${data.number}` : ''
}

const CONSENT: Readonly<Record<string, string>> = {
  subscribed: 'Subscribed to a list',
  pending: 'Asked to confirm a list',
  unsubscribed: 'Unsubscribed from a list',
  none: 'Taken off a list',
}

const SENT: Readonly<Record<string, string>> = {
  waiting: 'to be confirmed by mail',
  accepted: 'accepted',
  refused: 'refused',
}

function joinedLists({ names }: Data): string {
  return Array.isArray(names) && names.length > 0 ? names.slice(0, 5).join(', ') : 'a list'
}
