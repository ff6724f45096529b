/** The tables of docs/workflows.md: kinds of nodes, and what conditions may ask. */
import { NODE_TYPES } from '../src/workflows/definition/catalogue.ts'
import { FIELD_TYPES, OPERATOR_NAMES, OPERATORS } from '../src/workflows/definition/condition.ts'
import { GROUPS, type Group, type NodeType } from '../src/workflows/definition/node-type.ts'

const TITLES: Readonly<Record<Group, string>> = {
  trigger: 'Beginnings',
  logic: 'Ways',
  conversation: 'The conversation',
  contact: 'The contact',
  email: 'Mail',
  wait: 'Waiting',
  flow: 'Paths',
  data: 'Values',
  http: 'Other programs',
  people: 'People',
}

/** Of kinds whose schema alone says too little to see where they lead. */
const EXAMPLES: Readonly<Record<string, object>> = {
  'contact.list_add@1': { list: 'l', source: 'Order form' },
  'email.send@1': { content: { by: 'text', subject: '-', text: '-' } },
  'conversation.reply@1': { text: '-' },
  'conversation.forward@1': { to: ['a@example.com'] },
  'campaign.send@1': { campaign: '-' },
  'wait.approval@1': { title: '-' },
  'human.task@1': { title: '-', decisions: [{ key: 'done', label: 'Done' }] },
  'workflow.run@1': { workflow: '-' },
}
/** Where ports are named by whoever writes the workflow. */
const OWN_PORTS: Readonly<Record<string, string>> = {
  'switch@1': 'one a case, and `else`',
  'wait.any@1': 'one an event, and `timeout`',
  'fork@1': 'one a branch',
  'human.task@1': 'one a decision, and `timeout` where there is a time',
}

/** What leads on, by group; failure ports are bold. */
export function nodeTables(table: (head: readonly string[], rows: readonly (readonly string[])[]) => string): string {
  return GROUPS.flatMap((group) => {
    const types = NODE_TYPES.filter((type) => type.group === group)
    if (types.length === 0) return []
    const rows = types.map((type) =>
      group === 'trigger'
        ? [`\`${type.type}\``, type.title, type.about]
        : [`\`${type.type}\``, type.title, type.about, portsOf(type), aboutOf(type)],
    )
    const head = group === 'trigger' ? ['type', 'name', 'begins'] : ['type', 'name', 'does', 'ways on', 'about']
    return [`### ${TITLES[group]}\n\n${table(head, rows)}`]
  }).join('\n\n')
}

function portsOf(type: NodeType): string {
  const own = OWN_PORTS[type.type]
  if (own !== undefined) return own
  const config = type.config.parse(EXAMPLES[type.type] ?? type.start ?? givenNothing(type))
  const ports = type.ports(config).map(({ key, isFailure }) => (isFailure ? `**\`${key}\`**` : `\`${key}\``))
  return ports.join(', ') || 'none'
}

/** Their ways on do not depend on what they are given. */
function givenNothing(type: NodeType): unknown {
  return FILLED[type.type] ?? {}
}

const FILLED: Readonly<Record<string, object>> = {
  'conversation.tag@1': { tags: ['-'] },
  'conversation.untag@1': { tags: ['-'] },
  'conversation.note@1': { text: '-' },
  'conversation.field@1': { field: '-', value: null },
  'conversation.subject@1': { subject: '-' },
  'conversation.move@1': { inbox: '-' },
  'conversation.follow@1': { users: ['-'] },
  'conversation.unfollow@1': { users: ['-'] },
  'contact.list_add@1': { list: '-' },
  'contact.list_remove@1': { list: '-' },
  'contact.tag@1': { tags: ['-'] },
  'contact.untag@1': { tags: ['-'] },
  'contact.field@1': { field: 'city', value: '"-"' },
  'contact.suppress@1': { reason: '-' },
  'http.request@1': { url: 'https://example.com/' },
  'workflow.start@1': { workflow: '-' },
  'workflow.stop@1': { workflow: '-' },
}

function aboutOf({ subjects }: NodeType): string {
  return subjects ? subjects.filter((one) => one !== 'none').join(' or ') : 'anything'
}

export function operatorTable(table: (head: readonly string[], rows: readonly (readonly string[])[]) => string): string {
  const of = (name: keyof typeof OPERATORS) => OPERATORS[name] as readonly string[]
  return table(
    ['operator', ...FIELD_TYPES],
    OPERATOR_NAMES.map((name) => [`\`${name}\``, ...FIELD_TYPES.map((type) => (of(name).includes(type) ? '✓' : ''))]),
  )
}
