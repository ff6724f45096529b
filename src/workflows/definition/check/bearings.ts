/** What a step takes for granted: that the run is about somebody whom it counts by or waits for, and that a mail was sent before whose end it waits for. */
import type { HappeningKind } from '../../happening.ts'
import { configOf, portsOf, typeOf } from '../catalogue.ts'
import type { Graph, Node, Subject } from '../graph.ts'
import type { Problem } from '../node-type.ts'
import type { Send } from '../nodes/mail.ts'

type About = 'conversation' | 'contact'

export function bearingProblems(graph: Graph): Problem[] {
  return Object.entries(graph.nodes).flatMap(([id, node]) => [...ofCount(graph, id, node), ...ofWaits(graph, id, node)])
}

/** Which of the subjects a run has whatever it is about. */
const OF_SUBJECT: Readonly<Record<Subject, readonly About[]>> = {
  conversation: ['conversation', 'contact'],
  contact: ['contact'],
  none: [],
}

const OF_CONVERSATIONS =
  /^trigger\.(?:conversation_|customer_|agent_|note_|status_|assignee_|tag_|field_|snooze_|answer_)[a-z_]+@\d+$/
const OF_CONTACTS = /^trigger\.(?:contact_[a-z]+|form_sent)@\d+$/
const OF_NOBODY = /^trigger\.(?:schedule|webhook|campaign_finished)@\d+$/

function broughtBy(type: string, about: About): 'always' | 'sometimes' | 'never' {
  if (OF_NOBODY.test(type)) return 'never'
  if (about === 'conversation') return OF_CONVERSATIONS.test(type) ? 'always' : OF_CONTACTS.test(type) ? 'never' : 'sometimes'
  return OF_CONTACTS.test(type) ? 'always' : 'sometimes'
}

/** Whether runs of this workflow have a conversation, or a contact: by what it is about, or else by what begins it. */
export function isBrought(graph: Graph, about: About): 'always' | 'sometimes' | 'never' {
  if (OF_SUBJECT[graph.subject].includes(about)) return 'always'
  const triggers = Object.values(graph.nodes).filter(({ type }) => typeOf(type)?.kind === 'trigger')
  const brought = triggers.map(({ type }) => broughtBy(type, about))
  if (brought.every((one) => one === 'never')) return 'never'
  return brought.every((one) => one === 'always') ? 'always' : 'sometimes'
}

const A: Readonly<Record<About, string>> = { conversation: 'a conversation', contact: 'a contact' }

/** Nothing where it is always there; a warning where it may be missing. */
function lacking(graph: Graph, about: About, code: string, id: string, field: string, what: string): Problem[] {
  const is = isBrought(graph, about)
  if (is === 'always') return []
  const fix = `Make the workflow about ${A[about]}, or choose something else here.`
  if (is === 'never') {
    const sentence = `${what} ${A[about]}, and nothing that begins this workflow brings one.`
    return [problem(code, 'error', id, field, sentence, fix)]
  }
  const sentence = `${what} ${A[about]}, and some runs of this workflow have none: they stop here.`
  return [problem(code, 'warning', id, field, sentence, fix)]
}

function ofCount(graph: Graph, id: string, node: Node): Problem[] {
  if (node.type !== 'throttle@1' && node.type !== 'once@1') return []
  const { per } = (configOf(node) ?? {}) as { per?: string }
  return per === 'conversation' || per === 'contact'
    ? lacking(graph, per, 'counts_by_nobody', id, 'per', 'It is counted for')
    : []
}

interface Arm {
  readonly event: HappeningKind
  readonly of: About | 'last_mail' | 'value' | 'anything'
}

const MAIL_EVENTS = /^(?:delivery|message)\./
const NEVER_OF: Readonly<Record<About | 'last_mail', (event: HappeningKind) => boolean>> = {
  conversation: (event) =>
    /^(?:contact|form|campaign|schedule|webhook|task|request)\./.test(event) || event === 'run.ended' || event === 'run.asked',
  contact: (event) =>
    /^(?:campaign|schedule|webhook|task|request)\./.test(event) || event === 'run.ended' || event === 'run.asked',
  last_mail: (event) => !MAIL_EVENTS.test(event),
}
const NOT_TOLD_OF = { conversation: 'a conversation', contact: 'a contact', last_mail: 'a mail' } as const

function ofWaits(graph: Graph, id: string, node: Node): Problem[] {
  const config = configOf(node) as { arms?: readonly Arm[]; message?: string } | null
  if (config === null) return []
  if (node.type === 'wait.any@1') return (config.arms ?? []).flatMap((arm, at) => ofArm(graph, id, arm, `arms.${at}`))
  const isOfMail = node.type === 'wait.delivery@1' || node.type === 'wait.click@1'
  if (!isOfMail || config.message !== undefined) return []
  return ofLastMail(graph, id, 'message', node.type === 'wait.click@1')
}

function ofArm(graph: Graph, id: string, { event, of }: Arm, field: string): Problem[] {
  if (of === 'value' || of === 'anything') return []
  if (NEVER_OF[of](event)) {
    const sentence = `“${event}” never says of which ${of === 'last_mail' ? 'mail' : of} it is: this would be waited for in vain.`
    return [
      problem(
        'never_of_it',
        'error',
        id,
        `${field}.of`,
        sentence,
        `Wait for something that happens to ${NOT_TOLD_OF[of]}, or for it of anything.`,
      ),
    ]
  }
  if (of === 'last_mail') return ofLastMail(graph, id, `${field}.of`, event === 'message.clicked')
  return lacking(graph, of, 'waits_for_nobody', id, `${field}.of`, 'It waits for something of')
}

const SENDS: ReadonlySet<string> = new Set(['email.send@1', 'conversation.reply@1', 'conversation.forward@1'])

function ofLastMail(graph: Graph, id: string, field: string, isClick: boolean): Problem[] {
  const mails = before(graph, id).filter(({ type }) => SENDS.has(type))
  if (mails.length === 0) {
    const sentence = 'It waits for what becomes of mail, and no step before it sends any.'
    return [problem('no_mail_before', 'error', id, field, sentence, 'Put it behind a step that sends mail, or name the message.')]
  }
  if (!isClick || mails.some(tellsClicks)) return []
  const sentence = 'It waits for a click, and no mail before it tells who follows its links.'
  const fix =
    'Switch on “Tell who follows links” in the step that sends it, and give it HTML: links in plain text lead straight on.'
  return [problem('clicks_not_told', 'warning', id, field, sentence, fix)]
}

/** Mail to many tells of clicks where its domain has a host for that; other mail where the step says so. Only links in HTML can. */
function tellsClicks(node: Node): boolean {
  const config = node.type === 'email.send@1' ? (configOf(node) as Send | null) : null
  if (config === null || config.in_thread || !(config.clicks || config.kind === 'marketing')) return false
  return config.content.by === 'template' || config.content.html !== undefined
}

/** All steps from which a path leads to this one. */
function before(graph: Graph, id: string): Node[] {
  const into = new Map<string, string[]>()
  for (const [from, node] of Object.entries(graph.nodes)) {
    const ports = new Set(portsOf(node).map(({ key }) => key))
    for (const [port, to] of Object.entries(node.next)) if (ports.has(port)) into.set(to, [...(into.get(to) ?? []), from])
  }
  const found = new Set<string>()
  const left = [...(into.get(id) ?? [])]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (found.has(next)) continue
    found.add(next)
    left.push(...(into.get(next) ?? []))
  }
  return [...found].flatMap((one) => graph.nodes[one] ?? [])
}

function problem(
  code: string,
  severity: Problem['severity'],
  node: string,
  field: string,
  sentence: string,
  fix: string,
): Problem {
  return { code, severity, node, field, sentence, fix }
}
