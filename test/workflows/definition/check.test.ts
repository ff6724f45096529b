import { expect, test } from 'vitest'
import { canPublish, check } from '../../../src/workflows/definition/check.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import type { World } from '../../../src/workflows/definition/world.ts'

const NOW = new Date('2026-03-02T09:00:00Z')

type Nodes = Record<string, object>
interface Given {
  readonly nodes: Nodes
  readonly more?: object
  readonly world?: Partial<World>
}

const begin = { type: 'trigger.customer_replied@1', next: { out: 'a' } }
const request = (next: object = {}, more: object = {}) => ({
  type: 'http.request@1',
  config: { url: 'https://example.com/' },
  next: { failed: 'over', ...next },
  ...more,
})
const over = { type: 'end@1' }
const split = (next: object, need: number | string = 'all') => ({
  type: 'fork@1',
  config: {
    branches: [
      { key: 'x', label: 'X' },
      { key: 'y', label: 'Y' },
    ],
    need,
  },
  next,
})
const compute = (expression: string) => ({ type: 'data.compute@1', config: { values: { n: expression } } })
const n = { vars: [{ key: 'n', type: 'number' }] }

const waitFor = (event: string, of: string) => ({
  type: 'wait.any@1',
  config: { arms: [{ port: 'x', event, of }], after: { for: '1d' } },
  next: { x: 'over', timeout: 'over' },
})
const letter = (content: object, more: object = {}) => ({
  type: 'email.send@1',
  config: { content: { by: 'text', subject: 'Hello', ...content }, ...more },
  next: { sent: 'b' },
})
/** Names between the braces, as Liquid has them. */
const pathsOfText = (text: string) => [...text.matchAll(/\{\{ ([\w.]+)/g)].map(([, path]) => path as string)

function graphOf({ nodes, more }: Given): object {
  return { schema: 'workflow/1', name: 'Test', subject: 'conversation', ...more, nodes: { begin, over, ...nodes } }
}

const fine: Given = {
  nodes: {
    a: { type: 'wait.reply@1', config: { after: { for: '1d' } }, next: { replied: 'over', timeout: 'f' } },
    f: split({ x: 'b', y: 'l' }),
    b: request({ ok: 'j' }, { set: { n: 'vars.n + 1' } }),
    l: { type: 'each@1', config: { items: 'event.items' }, next: { item: 'tag', done: 'j' } },
    tag: { type: 'conversation.tag@1', config: { tags: ['late'] }, next: { out: 'l' } },
    j: { type: 'join@1', next: { out: 'i' } },
    i: {
      type: 'if@1',
      config: {
        when: {
          all: [
            { field: 'vars.n', op: 'less_than', value: 3 },
            { field: 'conversation.tags', op: 'has', value: 'vip' },
          ],
        },
      },
      next: { yes: 'a', no: 'over' },
    },
  },
  more: n,
}

/** Code → a workflow that is wrong in it, and the node and field where it says so. */
const wrong: readonly (readonly [code: string, at: string | null, given: Given])[] = [
  ['shape', 'a', { nodes: { a: { type: 'No type' } } }],
  ['no_trigger', null, { nodes: { begin: over } }],
  ['too_many_nodes', null, { nodes: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`m${at}`, over])) }],
  ['unknown_type', 'a', { nodes: { a: { type: 'email.teleport@1' } } }],
  ['config', 'a config: for', { nodes: { a: { type: 'wait.time@1', config: {} } } }],
  ['wrong_subject', 'a', { nodes: { a: { type: 'conversation.wake@1' } }, more: { subject: 'contact' } }],
  ['dangling', 'a', { nodes: { a: request({ ok: 'gone' }) } }],
  ['into_trigger', 'a', { nodes: { a: request({ ok: 'begin' }) } }],
  ['unknown_port', 'a', { nodes: { a: request({ maybe: 'over' }) } }],
  ['trigger_leads_nowhere', 'other', { nodes: { a: over, other: { type: 'trigger.agent_replied@1' } } }],
  ['unreachable', 'a', { nodes: { begin: { ...begin, next: { out: 'over' } }, a: over } }],
  ['failure_unconnected', 'a', { nodes: { a: { ...request(), next: {} } } }],
  [
    'timeout_unconnected',
    'a',
    { nodes: { a: { type: 'wait.reply@1', config: { after: { for: '1d' } }, next: { replied: 'over' } } } },
  ],
  ['empty_loop', 'a', { nodes: { a: { type: 'each@1', config: { items: 'event.items' } } } }],
  ['empty_branch', 'a', { nodes: { a: split({ x: 'j' }), j: { type: 'join@1' } } }],
  ['never_joined', 'a', { nodes: { a: split({ x: 'over', y: 'over' }) } }],
  ['not_nested', 'b', { nodes: { a: split({ x: 'b', y: 'j' }), j: { type: 'join@1', next: { out: 'b' } }, b: request() } }],
  ['join_outside_fork', 'a', { nodes: { a: { type: 'join@1' } } }],
  ['break_outside_loop', 'a', { nodes: { a: { type: 'break@1' } } }],
  ['several_joins', 'k', { nodes: { a: split({ x: 'k', y: 'j' }), j: { type: 'join@1' }, k: { type: 'join@1' } } }],
  [
    'spins',
    'a',
    { nodes: { a: { type: 'conversation.wake@1', next: { out: 'b' } }, b: { type: 'conversation.wake@1', next: { out: 'a' } } } },
  ],
  ['asks_nothing', 'a when', { nodes: { a: { type: 'if@1', config: { when: { all: [] } } } } }],
  ['asks_nobody', 'a users', { nodes: { a: { type: 'wait.approval@1', config: { title: 'This' } } } }],
  [
    'marketing_needs_consent',
    'a to',
    {
      nodes: {
        a: {
          type: 'email.send@1',
          config: {
            kind: 'marketing',
            to: { who: 'addresses', addresses: ['a@example.com'] },
            content: { by: 'template', template: 't' },
          },
        },
      },
    },
  ],
  ['duplicate_variable', 'vars.1', { nodes: { a: over }, more: { vars: [...n.vars, ...n.vars] } }],
  [
    'default_of_another_type',
    'vars.0.default',
    { nodes: { a: over }, more: { vars: [{ key: 'n', type: 'number', default: 'three' }] } },
  ],
  ['expression', 'a values.n', { nodes: { a: compute('vars.n +') }, more: n }],
  ['unknown_variable', 'a values.n', { nodes: { a: compute('vars.m + 1') }, more: n }],
  ['unknown_field', 'a values.n', { nodes: { a: compute('conversatoin.items') }, more: n }],
  ['not_about_it', 'a values.n', { nodes: { a: compute('conversation.items') }, more: { ...n, subject: 'contact' } }],
  ['item_outside_loop', 'a values.n', { nodes: { a: compute('item.price') }, more: n }],
  [
    'condition',
    'a when',
    { nodes: { a: { type: 'if@1', config: { when: { field: 'vars.n', op: 'less_than', value: 'three' } } } }, more: n },
  ],
  [
    'text',
    'a text',
    {
      nodes: { a: { type: 'conversation.note@1', config: { text: '{{ contact.name' } } },
      world: { faultOfText: (text) => (text.includes('}}') ? null : 'It is not closed.') },
    },
  ],
  ['waits_for_ever', 'a after', { nodes: { a: { type: 'wait.reply@1', next: { replied: 'over' } } } }],
  ['outlasts_run', 'a for', { nodes: { a: { type: 'wait.time@1', config: { for: { for: '400d' } } } } }],
  [
    'missing',
    'a inbox',
    {
      nodes: { a: { type: 'conversation.move@1', config: { inbox: 'gone' } } },
      world: { has: (kind, id) => kind !== 'inbox' || id !== 'gone' },
    },
  ],
  [
    'zone',
    'clock zone',
    { nodes: { clock: { type: 'trigger.schedule@1', config: { cron: '0 9 * * *', zone: 'Moon/Base' }, next: { out: 'over' } } } },
  ],
  [
    'cron',
    'clock cron',
    { nodes: { clock: { type: 'trigger.schedule@1', config: { cron: '0 0 30 2 *' }, next: { out: 'over' } } } },
  ],
  ['id_used_again', 'a', { nodes: { a: request() }, world: { previous: { nodes: { a: over } } as unknown as Graph } }],
  [
    'calls_itself',
    'a workflow',
    {
      nodes: { a: { type: 'workflow.run@1', config: { workflow: 'w2' } } },
      world: { workflowId: 'w1', runs: (id) => (id === 'w2' ? ['w1'] : []) },
    },
  ],
  [
    'calls_too_deep',
    'a workflow',
    {
      nodes: { a: { type: 'workflow.run@1', config: { workflow: 'w1' } } },
      world: { runs: (id) => (id === 'w12' ? [] : [`w${Number(id.slice(1)) + 1}`]) },
    },
  ],
  [
    'own_trigger',
    'a',
    {
      nodes: {
        begin: { type: 'trigger.tag_added@1', config: { tag: 'vip' }, next: { out: 'a' } },
        a: { type: 'conversation.tag@1', config: { tags: ['vip'] } },
      },
    },
  ],
  ['counts_by_nobody', 'a per', { nodes: { a: { type: 'once@1', config: { per: 'contact' } } }, more: { subject: 'none' } }],
  [
    'counts_by_nobody',
    'a per',
    {
      nodes: {
        begin: { type: 'trigger.schedule@1', config: { cron: '0 9 * * *' }, next: { out: 'a' } },
        a: { type: 'throttle@1', config: { limit: 1, within: '1h', per: 'conversation' } },
      },
      more: { subject: 'none' },
    },
  ],
  [
    'waits_for_nobody',
    'a arms.0.of',
    {
      nodes: {
        a: waitFor('customer.replied', 'conversation'),
        begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'a' } },
      },
      more: { subject: 'contact' },
    },
  ],
  ['never_of_it', 'a arms.0.of', { nodes: { a: waitFor('campaign.finished', 'contact') } }],
  ['no_mail_before', 'a arms.0.of', { nodes: { a: waitFor('delivery.bounced', 'last_mail') } }],
  ['no_mail_before', 'a message', { nodes: { a: { type: 'wait.delivery@1', config: { after: { for: '1d' } } } } }],
  [
    'clicks_not_told',
    'b message',
    {
      nodes: {
        a: letter({ text: 'Hello', html: '<p>Hello</p>' }),
        b: { type: 'wait.click@1', config: { after: { for: '1d' } } },
      },
    },
  ],
  [
    'unknown_word',
    'a text',
    { nodes: { a: { type: 'conversation.note@1', config: { text: '{{ vars.m }}' } } }, more: n, world: { pathsOfText } },
  ],
  [
    'unknown_word',
    'a text',
    { nodes: { a: { type: 'conversation.note@1', config: { text: '{{ item.price }}' } } }, world: { pathsOfText } },
  ],
  ['unknown_field', 'a values.n', { nodes: { a: compute('conversation.itmes') }, more: n }],
  [
    'missing',
    'a when',
    {
      nodes: { a: { type: 'if@1', config: { when: { field: 'conversation.inbox_id', op: 'is', value: 'gone' } } } },
      world: { has: (kind, id) => kind !== 'inbox' || id !== 'gone' },
    },
  ],
  [
    'no_such_tag',
    'begin tag',
    {
      nodes: { begin: { type: 'trigger.tag_added@1', config: { tag: 'vpi' }, next: { out: 'a' } }, a: over },
      world: { has: (kind) => kind !== 'tag' },
    },
  ],
  [
    'sender_unsigned',
    'a sender',
    {
      nodes: { a: letter({ text: 'Hello' }, { sender: 'me@example.net' }) },
      world: { has: () => true, unsigned: () => 'example.net' },
    },
  ],
  ['counts_nothing', 'limits.runsPerSubject', { nodes: { a: over }, more: { subject: 'none', limits: { runsPerSubject: 1 } } }],
]

test('a workflow in which all is as it should be has no problem', () => {
  expect(check(graphOf(fine), { now: NOW }).problems).toEqual([])
})

test.each(wrong)('%s is told, where it is, and how to mend it', (code, at, given) => {
  const { problems } = check(graphOf(given), { now: NOW, ...given.world })
  const found = problems.find((problem) => problem.code === code)
  expect(found, problems.map((problem) => problem.code).join(', ')).toBeDefined()
  const [node, field] = [found?.node ?? null, found?.field ?? null]
  expect([at, `${at?.split(' ')[0]} ${field}`]).toContain([node, field].filter((part) => part !== null).join(' ') || null)
  expect(found?.sentence).toMatch(/^[A-Z“].*\.?$/)
  expect(found?.fix).toMatch(/[.?]$/)
})

test('a word that is nearly right is followed by the right one', () => {
  const { problems } = check(
    graphOf({ nodes: { a: compute('vars.remindrs + 1') }, more: { vars: [{ key: 'reminders', type: 'number' }] } }),
    { now: NOW },
  )
  expect(problems.filter((problem) => problem.field === 'values.n').map((problem) => problem.fix)).toContain(
    'Did you mean “reminders”?',
  )
})

test('what a step gave can be asked for where it is left, and nowhere else', () => {
  const codes = (a: object) => check(graphOf({ nodes: { a }, more: n }), { now: NOW }).problems.map((one) => one.code)
  const left = { ...request({ ok: 'over' }), set: { n: 'result.status' } }
  expect([codes(left), codes({ ...compute('result.status'), next: { out: 'over' } })]).toEqual([[], ['unknown_field']])
})

test('a field that was removed from the workspace is told', () => {
  const when = { field: 'conversation.fields.f1', op: 'is', value: 'x' }
  const a = { type: 'if@1', config: { when }, next: { yes: 'over' } }
  const codes = (type: 'text' | null) =>
    check(graphOf({ nodes: { a } }), { now: NOW, fieldType: () => type }).problems.map((one) => one.code)
  expect([codes('text'), codes(null)]).toEqual([[], ['unknown_field']])
})

test('what is there by what the workflow is about, or by what begins it, is no problem', () => {
  const about = ['counts_by_nobody', 'waits_for_nobody', 'never_of_it', 'no_mail_before', 'clicks_not_told', 'unknown_word']
  const codes = (nodes: Nodes, more: object = {}) =>
    check(graphOf({ nodes, more }), { now: NOW, pathsOfText })
      .problems.map(({ code }) => code)
      .filter((code) => about.includes(code))
  const click = { type: 'wait.click@1', config: { after: { for: '1d' } } }
  const html = { text: 'Hello', html: '<a href="https://example.com/">Hello</a>' }
  expect(codes({ a: { type: 'once@1', config: { per: 'conversation' } } }, { subject: 'none' })).toEqual([])
  expect(codes({ a: letter(html, { clicks: true }), b: click })).toEqual([])
  expect(codes({ a: letter(html, { kind: 'marketing' }), b: click })).toEqual([])
  expect(codes({ a: { type: 'wait.click@1', config: { message: 'event.message_id', after: { for: '1d' } } } })).toEqual([])
  expect(codes({ a: waitFor('customer.replied', 'contact') }, { subject: 'contact' })).toEqual([])
  const words =
    '{{ contact.first_name }} {{ conversation.requester }} {{ message.from_name }} {{ event.payload.any }} {{ run.workflow }}'
  expect(codes({ a: { type: 'conversation.note@1', config: { text: words } } })).toEqual([])
  expect(codes({ a: letter({ text: '{{ unsubscribe_url }}' }) })).toEqual([])
})

test('warnings do not keep from publishing, errors do', () => {
  const problemsIn = (given: Given) => check(graphOf(given), { now: NOW }).problems
  expect(canPublish(problemsIn({ nodes: { a: { type: 'wait.reply@1' } } }))).toBe(true)
  expect(canPublish(problemsIn({ nodes: { a: { type: 'break@1' } } }))).toBe(false)
})

test('too few branches arriving is asked about only where a number was asked for', () => {
  const branches = ['x', 'y', 'z'].map((key) => ({ key, label: key }))
  const codes = (need: number | string) => {
    const a = { type: 'fork@1', config: { branches, need }, next: { x: 'j', y: 'j', z: 'j' } }
    const { problems } = check(graphOf({ nodes: { a, j: { type: 'join@1', next: { out: 'over' } } } }), { now: NOW })
    return problems.map((problem) => `${problem.node} ${problem.code}`)
  }
  expect([codes('all'), codes('any'), codes(2)]).toEqual([[], [], ['j failure_unconnected']])
})

test('mail that is only written down does not slow a circle down', () => {
  const mail = (wait_for: string) => ({
    type: 'email.send@1',
    config: { content: { by: 'template', template: 't' }, wait_for },
    next: {
      sent: 'a',
      failed: 'over',
      suppressed: 'over',
      ...(wait_for === 'queued' ? {} : { expired: 'over', unknown: 'over' }),
    },
  })
  const codes = (wait_for: string) =>
    check(graphOf({ nodes: { a: mail(wait_for) } }), { now: NOW }).problems.map((one) => one.code)
  expect([codes('accepted'), codes('queued')]).toEqual([[], ['spins']])
})
