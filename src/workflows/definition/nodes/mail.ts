/** Mail that a workflow sends: to anybody, into a conversation, on to somebody else, and to your own people. */
import { z } from 'zod'
import { lengthMs } from '../condition.ts'
import { type NodeType, nodeType, type Port, type Problem } from '../node-type.ts'
import { as, Expression, Expressions, Length, ref, text } from './fields.ts'
import { cut, listed, quoted } from './words.ts'

/**
 * How far the run waits: until the mail is written down (`queued`), until a server took it (`accepted`), or until it is known what became of it
 * (`settled`: delivered, bounced, or silent for two days).
 */
export const WAITS_FOR = ['queued', 'accepted', 'settled'] as const
const WaitFor = as(z.enum(WAITS_FOR), 'Wait until it is').default('accepted')
type WaitFor = z.infer<typeof WaitFor>

function mailPorts(waitFor: WaitFor): Port[] {
  const sent: Port = { key: 'sent', label: waitFor === 'queued' ? 'Written' : 'Sent' }
  const failed: Port = { key: 'failed', label: 'Not delivered', isFailure: true }
  const suppressed: Port = { key: 'suppressed', label: 'Not to be mailed', isFailure: true }
  if (waitFor === 'queued') return [sent, failed, suppressed]
  const expired: Port = { key: 'expired', label: 'Given up for time', isFailure: true }
  return [sent, failed, suppressed, expired, { key: 'unknown', label: 'Nobody can tell', isFailure: true }]
}

const Ttl = as(Length, 'Give up after').default('48h')
const Attachments = as(z.array(Expression).max(20, 'At most 20 attachments.'), 'Attachments, by their ids').default([])
/** Nothing is fetched from anywhere: neither what an address of a private network leads to, nor anything else that a text can name. */
export const URL_AS_FILE = {
  sentence: 'Attachments are files that are kept here, named by their ids; nothing is fetched from an address.',
  fix: 'Upload the file and use its id, or pass on a file of the message.',
} as const

function urlsAsFiles(attachments: readonly string[]): Omit<Problem, 'node'>[] {
  const isUrl = (expression: string) => /\b[a-z][a-z0-9+.-]*:\/\//i.test(expression)
  return attachments.some(isUrl) ? [{ code: 'url_as_attachment', severity: 'error', field: 'attachments', ...URL_AS_FILE }] : []
}

const Html = z.string().max(500_000, 'At most 500,000 characters.').meta({ role: 'html' })

const To = z.discriminatedUnion('who', [
  /** The run's contact, or the customer of its conversation. */
  z.strictObject({ who: z.literal('subject') }),
  z.strictObject({
    who: z.literal('addresses'),
    addresses: as(z.array(text('an address', 500)).min(1, 'At least one address.').max(50, 'At most 50 addresses.'), 'Addresses'),
  }),
])
const Copies = z.array(text('an address', 500)).max(50, 'At most 50 addresses.').default([])

/** What it is about decides who may get it: `marketing` goes to nobody who left, and always has a way to leave. */
export const KINDS = ['transactional', 'conversation', 'marketing'] as const

const Content = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('template'),
    template: as(ref('template'), 'Template'),
    /** Left out: the template's name. */
    subject: as(text('the subject', 500), 'Subject').optional(),
    data: as(Expressions, 'What the template is given').default({}),
  }),
  z.strictObject({
    by: z.literal('text'),
    subject: as(text('the subject', 500), 'Subject'),
    text: as(text('the mail', 100_000), 'Text'),
    html: as(Html, 'HTML').optional(),
  }),
])

const Send = z.strictObject({
  /** Left out: the sender of the conversation's inbox, or else the workspace's own. */
  sender: as(ref('sender'), 'From').optional(),
  kind: as(z.enum(KINDS), 'Kind').default('transactional'),
  to: as(To, 'To').default({ who: 'subject' }),
  cc: as(Copies, 'Cc'),
  bcc: as(Copies, 'Bcc'),
  reply_to: as(text('an address', 500), 'Answers go to').optional(),
  content: as(Content, 'What it says'),
  attachments: Attachments,
  headers: as(
    z.record(z.string().regex(/^X-[A-Za-z0-9-]{1,60}$/, 'Only headers that begin with X-.'), text('a value', 500)),
    'Headers',
  ).default({}),
  /** Into the thread of the run's conversation. */
  in_thread: as(z.boolean(), 'As a part of the conversation').default(false),
  priority: as(z.enum(['high', 'normal', 'low']), 'Priority').default('normal'),
  /** Not outside of these hours of the sender's calendar. */
  window: as(ref('calendar'), 'Only in the hours of').optional(),
  /** Who follows links in its HTML is told, as steps that wait for a click need it. */
  clicks: as(z.boolean(), 'Tell who follows links').default(false),
  ttl: Ttl,
  /** What is sent once only: by default, for this passage through this step. */
  once_for: as(Expression, 'Only once for').optional(),
  wait_for: WaitFor,
})
export type Send = z.infer<typeof Send>

const send = nodeType<Send>({
  type: 'email.send@1',
  group: 'email',
  kind: 'wait',
  title: 'Send mail',
  about:
    'Sends mail, and says what became of it. A server of yours that is down costs no attempts: the mail leaves when it is back.',
  config: Send,
  ports: ({ wait_for }) => mailPorts(wait_for),
  sentence: ({ to, content, kind, wait_for }, names) => {
    const whom = to.who === 'subject' ? '' : ` to ${listed(to.addresses.map((one) => cut(one, 40)))}`
    const what = content.by === 'template' ? names.of('template', content.template) : quoted(content.subject)
    return `Send ${kind === 'marketing' ? 'the marketing mail ' : ''}${what}${whom}${untilWords(wait_for)}`
  },
  problems: ({ kind, to, in_thread, ttl, attachments }) => [
    ...urlsAsFiles(attachments),
    ...(kind === 'marketing' && to.who === 'addresses'
      ? [
          {
            code: 'marketing_needs_consent',
            severity: 'error' as const,
            field: 'to',
            sentence: 'Marketing mail goes to contacts who agreed, not to addresses.',
            fix: 'Send it to the contact of the run, or make it transactional if that is what it is.',
          },
        ]
      : []),
    ...(kind === 'marketing' && in_thread
      ? [
          {
            code: 'marketing_in_thread',
            severity: 'error' as const,
            field: 'in_thread',
            sentence: 'Marketing mail is no part of a conversation.',
            fix: 'Send it on its own.',
          },
        ]
      : []),
    ...((lengthMs(ttl) ?? 0) < 60_000
      ? [
          {
            code: 'too_short',
            severity: 'error' as const,
            field: 'ttl',
            sentence: 'Mail needs at least a minute to leave.',
            fix: 'Choose a longer time.',
          },
        ]
      : []),
  ],
})

function untilWords(waitFor: WaitFor): string {
  if (waitFor === 'queued') return ', and go on at once'
  return waitFor === 'settled' ? ', and wait until it is known what became of it' : ''
}

const Reply = z.strictObject({
  text: as(text('the answer', 100_000), 'Answer'),
  status: as(z.enum(['open', 'pending', 'closed']), 'Then the conversation is').optional(),
  attachments: Attachments,
  ttl: Ttl,
  wait_for: WaitFor,
})
export type Reply = z.infer<typeof Reply>

const reply = nodeType<Reply>({
  type: 'conversation.reply@1',
  group: 'conversation',
  kind: 'wait',
  subjects: ['conversation'],
  title: 'Answer the customer',
  about:
    'Answers in the conversation, in the workflow’s name. Automatic mail is not answered, and nobody more often than the inbox allows.',
  config: Reply,
  ports: ({ wait_for }) => [...mailPorts(wait_for), { key: 'refused', label: 'Not to be answered', isFailure: true }],
  problems: ({ attachments }) => urlsAsFiles(attachments),
  sentence: (config) => `Answer the customer: ${quoted(config.text)}${config.status ? `, and set it to ${config.status}` : ''}`,
})

const Forward = z.strictObject({
  to: as(z.array(text('an address', 500)).min(1, 'At least one address.').max(20, 'At most 20 addresses.'), 'To'),
  text: as(text('some words', 20_000), 'Words before it').optional(),
  what: as(z.enum(['last', 'all']), 'What').default('last'),
  ttl: Ttl,
  wait_for: WaitFor,
})
export type Forward = z.infer<typeof Forward>

const forward = nodeType<Forward>({
  type: 'conversation.forward@1',
  group: 'conversation',
  kind: 'wait',
  subjects: ['conversation'],
  title: 'Forward',
  about: 'Sends the last message, or the whole conversation, on to somebody. The conversation stays one.',
  config: Forward,
  ports: ({ wait_for }) => mailPorts(wait_for),
  sentence: ({ to, what }) =>
    `Forward ${what === 'last' ? 'the last message' : 'the whole conversation'} to ${listed(to.map((one) => cut(one, 40)))}`,
})

const Whom = z.discriminatedUnion('who', [
  z.strictObject({ who: z.literal('assignee') }),
  z.strictObject({ who: z.literal('last_replier') }),
  /** Who pressed the button, or did what began the run. */
  z.strictObject({ who: z.literal('starter') }),
  z.strictObject({ who: z.literal('followers') }),
  z.strictObject({ who: z.literal('user'), user: as(ref('user'), 'Who') }),
  z.strictObject({ who: z.literal('team'), team: as(ref('team'), 'Team') }),
])

export type Whom = z.infer<typeof Whom>

const Notify = z.strictObject({
  to: as(z.array(Whom).min(1, 'Choose at least one.').max(50, 'At most 50.'), 'Whom'),
  subject: as(text('the subject', 500), 'Subject').optional(),
  text: as(text('the mail', 20_000), 'Text').optional(),
})
export type Notify = z.infer<typeof Notify>

const WHOM = {
  assignee: 'whoever is responsible',
  last_replier: 'whoever answered last',
  starter: 'whoever set it off',
  followers: 'all who follow',
} as const

const notify = nodeType<Notify>({
  type: 'conversation.notify@1',
  group: 'conversation',
  kind: 'instant',
  subjects: ['conversation'],
  title: 'Tell your people by mail',
  about:
    'Sends a mail about the conversation to people of yours, each their own. Nothing waits for it, and it waits for nothing.',
  config: Notify,
  start: { to: [{ who: 'assignee' }] },
  ports: () => [
    { key: 'out', label: 'Then' },
    { key: 'nobody', label: 'Nobody to tell' },
  ],
  sentence: ({ to, subject }, names) => {
    const people = to.map((one) => {
      if (one.who === 'user') return names.of('user', one.user)
      if (one.who === 'team') return `the team ${names.of('team', one.team)}`
      return WHOM[one.who]
    })
    return `Tell ${listed(people)} by mail${subject === undefined ? '' : `: ${quoted(subject)}`}`
  },
})

const SendCampaign = z.strictObject({ campaign: as(ref('campaign'), 'Campaign') })
export type SendCampaign = z.infer<typeof SendCampaign>

const sendCampaign = nodeType<SendCampaign>({
  type: 'campaign.send@1',
  group: 'email',
  kind: 'instant',
  title: 'Send a campaign',
  about: 'Sends a campaign that is ready, to its own audience. A campaign is sent once; the run does not wait for its end.',
  config: SendCampaign,
  ports: () => [
    { key: 'out', label: 'Then' },
    { key: 'refused', label: 'It cannot be sent', isFailure: true },
  ],
  sentence: ({ campaign }, names) => `Send the campaign ${names.of('campaign', campaign)}`,
})

export const MAIL_NODES: readonly NodeType[] = [send, reply, forward, notify, sendCampaign]
