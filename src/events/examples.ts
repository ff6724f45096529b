/** What each kind of event carries beside its ids, by example: for the documentation, for trying a webhook, and so that no kind is left out of either. */
import type { EventType } from './event.ts'

const ROUTE = '0193e0a0-1111-7abc-9def-0123456789ab'
const ATTEMPT = { attempt: 1, route_id: ROUTE, receiver: 'google' }
const NEWS = { source: 'dsn', route_id: ROUTE, receiver: 'google' }
const RELAY = { name: 'Relay' }
const DOMAIN = { name: 'example.com' }
const WEBHOOK = { url: 'https://shop.example/hooks/mail' }
const INCIDENT = {
  key: `route.stopped:${ROUTE}`,
  kind: 'route.stopped',
  severity: 'critical',
  title: 'Route Relay has stopped',
  subject: { kind: 'route', id: ROUTE },
}
const SEEN = {
  who: 'human',
  at: '2026-11-22T10:00:00.000Z',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Thunderbird/140.0',
}
const PACE = { scope: 'receiver', subject: 'google', amount: 35, per: 'hour' }
const SUPPRESSED = { address: 'gone@example.org', stream: 'all', reason: 'unknown_address' }
const KEY = { name: 'Shop backend', prefix: 'wb_7Kq2', scopes: ['send'] }

const INBOX = '0193e0a0-2222-7abc-9def-0123456789ab'
const CONVERSATION_ID = '0193e0a0-3333-7abc-9def-0123456789ab'
const ITEM = '0193e0a0-4444-7abc-9def-0123456789ab'
const CONVERSATION = { number: 1041, inbox_id: INBOX }
const SUPPORT = { name: 'Support' }
const SOURCE = { name: 'support@shop.example', kind: 'mailbox' }
const PERSON = { name: 'Ann Example' }

export const EVENT_EXAMPLES: Readonly<Record<EventType, Readonly<Record<string, unknown>>>> = {
  'message.submitted': { recipients: 1 },
  'message.opened': SEEN,
  'message.clicked': { ...SEEN, link: 1, url: 'https://shop.example/november' },
  'delivery.sent': ATTEMPT,
  'delivery.delivered': NEWS,
  'delivery.bounced': { ...ATTEMPT, class: 'recipient_unknown' },
  'delivery.failed': ATTEMPT,
  'delivery.expired': { ...ATTEMPT, class: 'greylisted' },
  'delivery.suppressed': {},
  'delivery.cancelled': {},
  'delivery.deferred': { ...ATTEMPT, class: 'greylisted', due_at: '2026-11-22T10:05:00.000Z' },
  'delivery.blocked': { ...ATTEMPT, class: 'login_refused' },
  'delivery.unknown': { ...ATTEMPT, class: 'connection_lost' },
  'delivery.requeued': { why: 'unheard_answer' },
  'delivery.held': {},
  'delivery.released': {},
  'delivery.retried': {},
  'delivery.resent': {},
  'delivery.rerouted': { route: 'Relay', route_id: ROUTE },
  'delivery.complained': { ...NEWS, source: 'arf', note: 'abuse' },
  'delivery.delayed': NEWS,
  'delivery.relayed': NEWS,
  'route.created': { ...RELAY, kind: 'smtp' },
  'route.changed': { ...RELAY, changed: ['settings'] },
  'route.removed': RELAY,
  'route.made_default': RELAY,
  'route.opened': { ...RELAY, class: 'login_refused', until: '2026-11-22T10:05:00.000Z', failures: 1 },
  'route.probed': RELAY,
  'route.closed': {},
  'route.warm_up_started': { receiver: 'google', first: 50 },
  'route.warm_up_held_back': { receiver: 'google', why: 'receivers complain' },
  'route.warm_up_ended': { receiver: 'google' },
  'route.feedback_address_changed': RELAY,
  'rule.created': { name: 'Google through Relay' },
  'rule.changed': { name: 'Google through Relay' },
  'rule.removed': { name: 'Google through Relay' },
  'pace.changed': PACE,
  'pace.removed': PACE,
  'bulk_act.started': { kind: 'release', matched: 1_662 },
  'bulk_act.finished': { kind: 'release', done: 1_662 },
  'bulk_act.stopped': { kind: 'release', done: 400 },
  'domain.added': DOMAIN,
  'domain.changed': DOMAIN,
  'domain.removed': DOMAIN,
  'domain.verified': DOMAIN,
  'domain.warned': DOMAIN,
  'domain.lapsed': DOMAIN,
  'domain.keys_made': { ...DOMAIN, selectors: ['wb1', 'wb2'] },
  'domain.key_activated': { ...DOMAIN, selector: 'wb1' },
  'domain.key_revoked': { ...DOMAIN, selector: 'wb1' },
  'suppression.added': { ...SUPPRESSED, source: 'reply' },
  'suppression.removed': SUPPRESSED,
  'webhook.created': WEBHOOK,
  'webhook.changed': WEBHOOK,
  'webhook.removed': WEBHOOK,
  'webhook.enabled': WEBHOOK,
  'webhook.disabled': { ...WEBHOOK, why: 'failing' },
  'webhook.secret_rotated': { ...WEBHOOK, old_until: '2026-11-23T10:00:00.000Z' },
  'webhook.replayed': { ...WEBHOOK, from: '2026-11-21T00:00:00.000Z', to: '2026-11-22T00:00:00.000Z', events: 412 },
  'incident.opened': { ...INCIDENT, sentence: 'The relay refuses our password.', hint: 'Correct the password of the route.' },
  'incident.acknowledged': INCIDENT,
  'incident.resolved': { ...INCIDENT, opened_at: '2026-11-22T09:40:00.000Z', lasted_ms: 1_200_000 },
  'inbound.settled': { from: 'ann@customer.example', inbox_id: INBOX, outcome: 'reply_added', conversation_id: CONVERSATION_ID },
  'inbound.quarantined': { from: 'ann@customer.example', inbox_id: INBOX, stage: 'read', reason: 'unreadable' },
  'inbound.replayed': { from: 'ann@customer.example', inbox_id: INBOX, act: 'replay' },
  'ignore_rule.added': { inbox_id: INBOX, field: 'from', pattern: '*@lists.example.org' },
  'ignore_rule.removed': { inbox_id: INBOX, field: 'from', pattern: '*@lists.example.org' },
  'source.created': SOURCE,
  'source.changed': SOURCE,
  'source.removed': SOURCE,
  'source.failed': { ...SOURCE, cause: 'login' },
  'source.recovered': SOURCE,
  'inbox.created': SUPPORT,
  'inbox.changed': SUPPORT,
  'inbox.removed': SUPPORT,
  'team.changed': { name: 'Second level' },
  'contact.created': PERSON,
  'contact.changed': PERSON,
  'contact.consent_changed': {
    list_id: '0193e0a0-7777-7abc-9def-0123456789ab',
    was: 'subscribed',
    became: 'unsubscribed',
    source: 'recipient',
  },
  'contact.erased': {},
  'contact_field.changed': { name: 'plan', act: 'added' },
  'list.changed': { name: 'Newsletter' },
  'import.finished': { name: 'members.csv', contacts: 2_100 },
  'import.undone': { name: 'members.csv', contacts: 2_100 },
  'segment.changed': { name: 'Readers of the last month' },
  'contact.merged': { ...PERSON, into: '0193e0a0-6666-7abc-9def-0123456789ab' },
  'conversation.started': { ...CONVERSATION, channel: 'email' },
  'conversation.message_received': { ...CONVERSATION, item_id: ITEM },
  'conversation.replied': { ...CONVERSATION, item_id: ITEM },
  'conversation.noted': { ...CONVERSATION, item_id: ITEM },
  'conversation.forwarded': { ...CONVERSATION, item_id: ITEM },
  'conversation.changed': { ...CONVERSATION, changes: { status: ['open', 'closed'] } },
  'conversation.merged': { ...CONVERSATION, into: CONVERSATION_ID },
  'conversation.split': { ...CONVERSATION, from: CONVERSATION_ID },
  'conversation.deleted': CONVERSATION,
  'conversation.restored': CONVERSATION,
  'conversation.unmerged': { ...CONVERSATION, from: CONVERSATION_ID },
  'conversation.removed': CONVERSATION,
  'tag.changed': { name: 'vip', act: 'created' },
  'custom_field.changed': { name: 'Order', act: 'created' },
  'status_label.changed': { name: 'Waiting for parts', act: 'created' },
  'conversation.draft_saved': CONVERSATION,
  'conversation.item_edited': { ...CONVERSATION, item_id: ITEM },
  'conversation.send_undone': { ...CONVERSATION, item_id: ITEM },
  'conversation.notified': { ...CONVERSATION, item_id: ITEM, event: 'customer_replied', agents: 2 },
  'workspace.created': { name: 'Shop' },
  'user.signed_in': { name: 'Ann', ip: '192.0.2.10' },
  'user.signed_out': {},
  'user.password_changed': {},
  'session.revoked': {},
  'member.added': { name: 'Bob', role: 'agent' },
  'member.changed': { name: 'Bob', from: 'agent', to: 'viewer' },
  'member.removed': { name: 'Bob' },
  'api_key.created': KEY,
  'api_key.revoked': KEY,
  'credential.created': { name: 'Shop backend' },
  'credential.rotated': { name: 'Shop backend' },
  'credential.revoked': { name: 'Shop backend' },
}

/** Events about a message, or about one delivery of it: these tell the mail as well. */
export function isAboutMail(type: EventType): boolean {
  return /^(message|delivery)\./.test(type)
}
