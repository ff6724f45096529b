/** What is wrong with a workflow where it is: what it points to, what begins it, what it begins, what ran before. */
import { faultOfCron } from '../../../lib/cron.ts'
import { MAX_DEPTH } from '../../depth.ts'
import { configOf, typeOf } from '../catalogue.ts'
import { type Condition, rowsOf } from '../condition.ts'
import { referencesOfRow } from '../fields.ts'
import type { Graph, Node } from '../graph.ts'
import { type Problem, REFERENCES, type Reference } from '../node-type.ts'
import { valuesIn } from '../roles.ts'
import type { World } from '../world.ts'

export function worldProblems(graph: Graph, world: World): Problem[] {
  return [
    ...Object.entries(graph.nodes).flatMap(([id, node]) => [
      ...missing(id, node, world),
      ...ofSchedule(id, node, world),
      ...ofPrevious(id, node, world),
      ...ofCalls(id, node, world),
      ...ownTriggers(graph, id, node),
    ]),
    ...ofSubject(graph),
  ]
}

function missing(id: string, node: Node, world: World): Problem[] {
  const type = typeOf(node.type)
  const config = configOf(node)
  if (type === null || config === null || world.has === undefined) return []
  return valuesIn(type, config).flatMap(({ role, field, value }) => {
    if (role === 'condition')
      return rowsOf(value as Condition)
        .flatMap(referencesOfRow)
        .flatMap((one) => gone(id, field, one, node, world))
    return isReference(role) ? gone(id, field, { kind: role, id: String(value) }, node, world) : []
  })
}

/** Steps by which a tag comes to be; and tags of contacts are only theirs. */
const MAKES_TAGS = /^(?:conversation\.tag|contact\.(?:un)?tag)@/

function gone(
  node: string,
  field: string,
  { kind, id }: { readonly kind: Reference; readonly id: string },
  { type }: Node,
  world: World,
): Problem[] {
  const domain = kind === 'sender' ? (world.unsigned?.(id) ?? null) : null
  if (domain !== null && world.has?.(kind, id) !== false) {
    const sentence = `Mail from ${domain} is not signed: receivers may refuse it, or take it for spam.`
    return [
      problem('sender_unsigned', 'warning', node, field, sentence, 'Set the domain up under Domains, or choose another sender.'),
    ]
  }
  // An assignee may be "nobody", who is always there.
  if (id === 'nobody' || (kind === 'tag' && MAKES_TAGS.test(type)) || world.has?.(kind, id) !== false) return []
  if (kind === 'tag') {
    const sentence = `There is no tag “${id}” yet.`
    return [
      problem('no_such_tag', 'warning', node, field, sentence, 'Choose another tag; or leave it so, if it comes to be later.'),
    ]
  }
  const what = kind.replaceAll('_', ' ')
  const sentence = `The ${what} that this step names is not there, or cannot be used.`
  return [problem('missing', 'error', node, field, sentence, `Choose another ${what}.`)]
}

function isReference(role: string): role is Reference {
  return (REFERENCES as readonly string[]).includes(role)
}

function ofSchedule(id: string, node: Node, { now }: World): Problem[] {
  const config = configOf(node) as { cron: string; zone: string } | null
  if (node.type !== 'trigger.schedule@1' || config === null) return []
  if (!isZone(config.zone))
    return [problem('zone', 'error', id, 'zone', `There is no time zone “${config.zone}”.`, 'Choose one, as in Europe/Zurich.')]
  const fault = faultOfCron(config.cron, config.zone, now)
  return fault === null
    ? []
    : [problem('cron', 'error', id, 'cron', fault, 'Write it as in 0 9 * * 1-5: at nine, from Monday to Friday.')]
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** Runs that wait are moved to a newer version by the ids of nodes: an id stays with what it was. */
function ofPrevious(id: string, node: Node, { previous }: World): Problem[] {
  const before = previous?.nodes[id]
  const kind = (type: string) => type.slice(0, type.indexOf('@'))
  if (before === undefined || kind(before.type) === kind(node.type)) return []
  const sentence = `“${id}” was a step of another kind (${before.type}) in the version that runs now.`
  return [problem('id_used_again', 'error', id, null, sentence, 'Give the step a new id.')]
}

function ofCalls(id: string, node: Node, { workflowId, runs }: World): Problem[] {
  const called = (configOf(node) as { workflow?: string } | null)?.workflow
  if (called === undefined || (node.type !== 'workflow.run@1' && node.type !== 'workflow.start@1')) return []
  if (called === workflowId)
    return [
      problem('calls_itself', 'error', id, 'workflow', 'The workflow would begin itself.', 'Use a loop, or another workflow.'),
    ]
  const depth = depthOf(called, workflowId, runs ?? (() => []), new Set())
  if (depth === Number.POSITIVE_INFINITY) {
    const sentence = 'The workflow that it begins would begin, by way of others, this one again.'
    return [problem('calls_itself', 'error', id, 'workflow', sentence, 'Take one of them out of the circle.')]
  }
  if (depth <= MAX_DEPTH) return []
  const sentence = `Workflows would run within one another ${depth} deep; ${MAX_DEPTH} is the limit.`
  return [problem('calls_too_deep', 'error', id, 'workflow', sentence, 'Let one of them do more by itself.')]
}

/** How deep workflows run within one another from here; infinite where they come back. */
function depthOf(
  id: string,
  self: string | undefined,
  runs: (id: string) => readonly string[],
  above: ReadonlySet<string>,
): number {
  if (id === self || above.has(id)) return Number.POSITIVE_INFINITY
  const within = new Set([...above, id])
  if (within.size > 2 * MAX_DEPTH) return within.size
  return 1 + Math.max(0, ...runs(id).map((one) => depthOf(one, self, runs, within)))
}

/** Node → the trigger that it would set off, were it not the workflow's own. */
const SETS_OFF: Readonly<Record<string, readonly string[]>> = {
  'conversation.tag@1': ['trigger.tag_added@1'],
  'conversation.untag@1': ['trigger.tag_removed@1'],
  'conversation.status@1': ['trigger.status_changed@1'],
  'conversation.assign@1': ['trigger.assignee_changed@1'],
  'conversation.field@1': ['trigger.field_changed@1'],
  'conversation.move@1': ['trigger.conversation_moved@1'],
  'conversation.note@1': ['trigger.note_added@1'],
  'conversation.reply@1': ['trigger.agent_replied@1'],
  'contact.list_add@1': ['trigger.contact_subscribed@1'],
  'contact.list_remove@1': ['trigger.contact_unsubscribed@1'],
  'contact.field@1': ['trigger.contact_changed@1'],
  'event.publish@1': ['trigger.event@1'],
}

function ownTriggers(graph: Graph, id: string, node: Node): Problem[] {
  const triggers = Object.values(graph.nodes).filter((one) => SETS_OFF[node.type]?.includes(one.type))
  const isMeant = triggers.some((trigger) => couldMeet(configOf(node), configOf(trigger)))
  if (!isMeant) return []
  const sentence =
    'What this step does is what the workflow begins with. It does not begin itself: other workflows see it, this one does not.'
  return [problem('own_trigger', 'warning', id, null, sentence, 'Leave it so, or use a loop if it was meant to go round.')]
}

/** Whether nothing that both name is different. */
function couldMeet(act: unknown, trigger: unknown): boolean {
  if (typeof act !== 'object' || act === null || typeof trigger !== 'object' || trigger === null) return false
  const { tags, status, field, list, name, inbox } = act as Record<string, unknown>
  const wanted = trigger as Record<string, unknown>
  const same = (mine: unknown, theirs: unknown) => mine === undefined || theirs === undefined || mine === theirs
  if (Array.isArray(tags) && wanted.tag !== undefined && !tags.includes(wanted.tag)) return false
  return (
    same(status, wanted.to) &&
    same(inbox, wanted.to) &&
    same(field, wanted.field) &&
    same(list, wanted.list) &&
    same(name, wanted.name)
  )
}

function ofSubject(graph: Graph): Problem[] {
  if (graph.subject !== 'none' || graph.limits.runsPerSubject === null) return []
  const sentence = 'Runs are counted for each conversation or contact, and this workflow is about neither.'
  return [
    problem(
      'counts_nothing',
      'warning',
      null,
      'limits.runsPerSubject',
      sentence,
      'Choose what it is about, or take the limit away.',
    ),
  ]
}

function problem(
  code: string,
  severity: Problem['severity'],
  node: string | null,
  field: string | null,
  sentence: string,
  fix: string,
): Problem {
  return { code, severity, node, field, sentence, fix }
}
