/** What runs do and wait for, as a person would say it. */
import { portOf } from '../definition/catalogue.ts'
import type { Graph, Json, Node } from '../definition/graph.ts'
import type { Names } from '../definition/node-type.ts'
import { counted, cut, listed } from '../definition/nodes/words.ts'
import { sentenceOf } from '../definition/summary.ts'
import { HAPPENINGS, type HappeningKind } from '../happening.ts'
import type { StepLine } from '../interpret/result.ts'
import type { Arm, Token, Values } from '../interpret/state.ts'

/** For what a token waits: 'an answer of the customer'. */
const AWAITED: Readonly<Record<HappeningKind, string>> = {
  'conversation.started': 'a new conversation',
  'customer.replied': 'a message of the customer',
  'agent.replied': 'an answer of an agent',
  'note.added': 'a note',
  'status.changed': 'another status',
  'assignee.changed': 'another assignee',
  'tag.added': 'a tag',
  'tag.removed': 'a tag that is taken away',
  'field.changed': 'a field that changes',
  'conversation.moved': 'another inbox',
  'snooze.over': 'the end of the snooze',
  'answer.overdue': 'an answer that is overdue',
  'delivery.sent': 'the mail to be taken by the server',
  'delivery.delivered': 'the mail to arrive',
  'delivery.bounced': 'the mail to come back',
  'delivery.failed': 'the mail to fail',
  'delivery.suppressed': 'the mail to be left out',
  'delivery.expired': 'the mail to be too late',
  'delivery.unknown': 'the mail to be in doubt',
  'delivery.cancelled': 'the mail to be cancelled',
  'delivery.deferred': 'the mail to be put off',
  'delivery.complained': 'a complaint',
  'message.opened': 'somebody to open the mail',
  'message.clicked': 'somebody to follow a link of the mail',
  'contact.created': 'a new contact',
  'contact.subscribed': 'somebody to subscribe',
  'contact.unsubscribed': 'somebody to unsubscribe',
  'contact.field_changed': 'the contact to change',
  'form.submitted': 'a form',
  'campaign.finished': 'the end of a campaign',
  'schedule.due': 'its time',
  'webhook.received': 'a call of its web address',
  'event.received': 'an event',
  'button.pressed': 'somebody to press the button',
  'run.asked': 'somebody to start it',
  'run.ended': 'another run to end',
  'task.decided': 'a decision',
  'request.ended': 'the answer of a program',
}

/** 'Waits for a message of the customer', and where there is an end to it, what comes then. Null: it does not wait. */
export function waitInWords(token: Pick<Token, 'state' | 'arms' | 'timeoutPort' | 'dueAt'>): string | null {
  if (token.state === 'held') return null
  if (token.state === 'ready') return token.dueAt === null ? null : 'Goes on by itself'
  const arms = awaitedIn(token.arms)
  if (arms.length === 0) return 'Waits for its time'
  return `Waits for ${listed(arms, 'or')}${token.timeoutPort === null ? '' : ', but not for ever'}`
}

const MANY_ENDS = 3

/** All ends that its mail may come to are one thing to wait for. */
function awaitedIn(arms: readonly Pick<Arm, 'on' | 'key'>[]): readonly string[] {
  const isOfMail = ({ on }: Pick<Arm, 'on'>) => on.startsWith('delivery.')
  if (arms.filter(isOfMail).length < MANY_ENDS) return [...new Set(arms.map(armInWords))]
  return [...new Set(['word of what became of its mail', ...arms.filter((arm) => !isOfMail(arm)).map(armInWords)])]
}

export function armInWords({ on, key }: Pick<Arm, 'on' | 'key'>): string {
  const words = (HAPPENINGS as readonly string[]).includes(on) ? AWAITED[on as HappeningKind] : on
  const name = /^(name|tag|status):(.+)$/.exec(key)?.[2]
  return name === undefined ? words : `${words} “${cut(name)}”`
}

const ENDS: Readonly<Record<string, string>> = {
  end: 'It came to its end.',
  ran_out: 'All its paths came to their ends.',
  cancelled: 'Somebody cancelled it.',
  deadline: 'It went on for as long as it may.',
  restarted: 'It began anew for the same subject.',
  parent_ended: 'What had begun it came to its end.',
  stopped: 'Another workflow stopped it.',
}

export function endInWords(reason: string | null): string {
  return ENDS[reason ?? ''] ?? `It ended: ${(reason ?? 'for no reason that is known').replaceAll('_', ' ')}.`
}

/** One line of a run's story. */
export function lineInWords(line: StepLine, graph: Graph | null, names: Names): string {
  const node = graph?.nodes[line.node]
  const said = node ? sentenceOf(node, names) : line.node
  const { detail, port } = line
  switch (line.what) {
    case 'done':
      return doneInWords(said, node, port, detail)
    case 'waits':
      return waitsInWords(said, detail)
    case 'hit':
      return `${said}: ${labelOf(node, port)}.`
    case 'timed_out':
      return `${said}: the time has come${port === null || labelOf(node, port) === 'Then' ? '' : `, “${labelOf(node, port)}”`}.`
    case 'retries':
      return detail.by_hand === true
        ? `${said}: somebody let it be tried again.`
        : `${said}: did not work. ${textOf(detail.sentence)} It is tried again.`
    case 'held':
      return `${said}: needs somebody. ${textOf(detail.sentence)}`
    case 'forked':
      return Array.isArray(detail.branches)
        ? `${said}: ${counted(detail.branches.length, 'branch', 'branches')} at the same time.`
        : `${said}: ${counted(Number(detail.items ?? 0), 'item')}.`
    case 'joined':
      return `${said}: ${detail.arrived} of ${detail.of} branches are here.`
    case 'branch_ended':
      return `${said}: this branch ends here.`
    case 'cancelled':
      return `${said}: called off${typeof detail.because === 'string' ? `, because ${because(detail.because)}` : ''}.`
    case 'skipped':
      return `${said}: somebody let it go on by “${labelOf(node, port)}”.`
    case 'moved':
      return `${said}: goes on by version ${detail.to}, no longer by ${detail.from}.`
    case 'ended':
      return endInWords(typeof detail.reason === 'string' ? detail.reason : null)
  }
}

function doneInWords(said: string, node: Node | undefined, port: string | null, detail: Values): string {
  if (typeof detail.sentence === 'string') return `${said}: ${labelOf(node, port)}. ${detail.sentence}`
  const label = labelOf(node, port)
  return port === null || label === 'Then' ? `${said}.` : `${said}: ${label}.`
}

function waitsInWords(said: string, detail: Values): string {
  const arms = Array.isArray(detail.for) ? (detail.for as unknown as readonly Arm[]) : []
  const what = listed(awaitedIn(arms), 'or')
  return what === '' ? `${said}: waits for its time.` : `${said}: waits for ${what}.`
}

function labelOf(node: Node | undefined, port: string | null): string {
  return (node && port !== null && portOf(node, port)?.label) || (port ?? 'done')
}

function because(reason: string): string {
  return ENDS[reason] ? `${reason === 'cancelled' ? 'the run was cancelled' : 'the run ended'}` : reason
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
