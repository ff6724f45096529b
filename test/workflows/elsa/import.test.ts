import { expect, test } from 'vitest'
import { check } from '../../../src/workflows/definition/check.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import { lengthOf, script, secondsOf } from '../../../src/workflows/elsa/expressions.ts'
import { type Imported, importElsa } from '../../../src/workflows/elsa/import.ts'

const input = (value: unknown, type = 'Literal') => ({ typeName: 'String', expression: { type, value } })
const js = (value: string) => input(value, 'JavaScript')
const line = (source: string, target: string, port = 'Done') => ({
  source: { activity: source, port },
  target: { activity: target, port: 'In' },
})
const starts = { customProperties: { canStartWorkflow: true } }

function flowchart(activities: object[], connections: object[] = [], rest: object = {}) {
  return {
    name: 'Order',
    definitionId: 'd1',
    root: { type: 'Elsa.Flowchart', id: 'Flowchart1', activities, connections },
    ...rest,
  }
}

function carried(given: unknown): Extract<Imported, { ok: true }> {
  const imported = importElsa(given)
  if (!imported.ok) throw new Error(imported.sentence)
  return imported
}

const shapeOf = ({ nodes }: Graph) => Object.fromEntries(Object.entries(nodes).map(([id, { type, next }]) => [id, [type, next]]))
const errorsOf = (graph: Graph) => {
  const checked = check(graph, WORLD)
  return 'problems' in checked
    ? checked.problems.filter(({ severity }) => severity === 'error').map(({ node, code }) => `${node} ${code}`)
    : ['unread']
}
const WORLD = { now: new Date('2026-11-22T12:00:00Z') } as never

test('a flowchart of events, mail, decisions and delays is the same graph here, and says what is different', () => {
  const { graph, remarks } = carried(
    flowchart(
      [
        { type: 'Elsa.Event', id: 'OrderPlaced', eventName: input('OrderPlaced'), ...starts },
        { type: 'Elsa.SetVariable', id: 'Count', variable: { name: 'Reminders' }, value: js('getReminders() + 1') },
        {
          type: 'Elsa.SendEmail',
          id: 'Mail',
          to: input(['ann@example.org']),
          subject: input('Hello {{ Variables.CustomerName }}', 'Liquid'),
          body: input('<p>Hi &amp; bye</p>'),
        },
        { type: 'Elsa.FlowDecision', id: 'Enough', condition: js('return variables.Reminders >= 3;') },
        { type: 'Elsa.Delay', id: 'Wait', timeSpan: input('3.00:00:00') },
        { type: 'Elsa.Finish', id: 'Done1' },
      ],
      [
        line('OrderPlaced', 'Count'),
        line('Count', 'Mail'),
        line('Mail', 'Enough'),
        line('Enough', 'Done1', 'True'),
        line('Enough', 'Wait', 'False'),
        line('Wait', 'Count'),
      ],
      {
        variables: [
          { name: 'Reminders', typeName: 'Int32', value: 0 },
          { name: 'CustomerName', typeName: 'System.String' },
        ],
      },
    ),
  )
  expect(shapeOf(graph)).toEqual({
    OrderPlaced: ['trigger.event@1', { out: 'Count' }],
    Count: ['data.compute@1', { out: 'Mail' }],
    Mail: ['email.send@1', { sent: 'Enough' }],
    Enough: ['data.compute@1', { out: 'Enough_if' }],
    Enough_if: ['if@1', { yes: 'Done1', no: 'Wait' }],
    Wait: ['wait.time@1', { out: 'Count' }],
    Done1: ['end@1', {}],
  })
  expect(graph.nodes.Count?.config).toEqual({ values: { reminders: 'vars.reminders + 1' } })
  expect(graph.nodes.Enough?.config).toEqual({ values: { holds_enough: 'vars.reminders >= 3' } })
  expect(graph.nodes.Wait?.config).toEqual({ for: { for: '3d' } })
  expect(graph.nodes.Mail?.config).toMatchObject({
    content: { subject: 'Hello {{ vars.customer_name }}', text: 'Hi & bye', html: '<p>Hi &amp; bye</p>' },
  })
  expect(graph.vars).toContainEqual({ key: 'reminders', type: 'number', label: 'Reminders', default: 0 })
  expect(remarks.map(({ activity, what }) => `${activity} ${what}`)).toEqual(['OrderPlaced carried', 'Mail carried'])
  expect(errorsOf(graph)).toEqual([])
})

test('a sequence with loops, a fork and an else is laid out flat, and passes the checks', () => {
  const write = (id: string) => ({ type: 'Elsa.WriteLine', id, text: input('x') })
  const { graph } = carried({
    name: 'Nested',
    root: {
      type: 'Elsa.Sequence',
      id: 'Main',
      activities: [
        { type: 'Elsa.Timer', id: 'Every', interval: input('00:15:00'), ...starts },
        {
          type: 'Elsa.ForEach',
          id: 'Each',
          items: input('Lines', 'Variable'),
          body: { type: 'Elsa.Sequence', id: 'B', activities: [write('InEach')] },
        },
        {
          type: 'Elsa.If',
          id: 'Big',
          condition: js('getTotal() > 100 && getKind() !== "test"'),
          ...Object.fromEntries([['then', write('Yes')]]),
          else: null,
        },
        {
          type: 'Elsa.Fork',
          id: 'Both',
          joinMode: input('WaitAny'),
          branches: [write('One'), { type: 'Elsa.Delay', id: 'Two', timeSpan: input('00:00:30') }],
        },
        { type: 'Elsa.For', id: 'Thrice', start: input(1), end: input(3), body: write('Round') },
        {
          type: 'Elsa.While',
          id: 'Long',
          condition: js('variables.Total > 0'),
          body: {
            type: 'Elsa.Sequence',
            id: 'W',
            activities: [write('Less'), { type: 'Elsa.Delay', id: 'Pause', timeSpan: input('01:00:00') }],
          },
        },
        { type: 'Elsa.Finish', id: 'Last' },
      ],
    },
    variables: [
      { name: 'Lines', typeName: 'Object', isArray: true },
      { name: 'Total', typeName: 'Decimal' },
      { name: 'Kind', typeName: 'String' },
    ],
  })
  const nodes = shapeOf(graph)
  expect(nodes.Every).toEqual(['trigger.schedule@1', { out: 'Each' }])
  expect(graph.nodes.Every?.config).toMatchObject({ cron: '*/15 * * * *' })
  expect(nodes.Each).toEqual(['each@1', { item: 'InEach', done: 'Big' }])
  expect(nodes.InEach?.[1]).toEqual({})
  expect(nodes.Big_if).toEqual(['if@1', { yes: 'Yes', no: 'Both' }])
  expect(graph.nodes.Big?.config).toEqual({ values: { holds_big: 'vars.total > 100 && vars.kind != "test"' } })
  expect(nodes.Both).toEqual(['fork@1', { b1: 'One', b2: 'Two' }])
  expect(nodes.Two?.[1]).toEqual({ out: 'Both_join' })
  expect(nodes.Both_join).toEqual(['join@1', { out: 'Thrice' }])
  expect(nodes.Thrice).toEqual(['each@1', { item: 'Round', done: 'Long' }])
  expect(graph.nodes.Thrice?.config).toEqual({ items: '[1,2,3]', at_once: 1 })
  expect(nodes.Pause?.[1]).toEqual({ out: 'Long' })
  expect(errorsOf(graph)).toEqual([])
})

test('what has no counterpart stays as a step that cannot be published, and is in the report', () => {
  const { graph, remarks } = carried(
    flowchart(
      [
        { type: 'Elsa.HttpEndpoint', id: 'Hook', path: input('orders'), ...starts },
        { type: 'Elsa.RunJavaScript', id: 'Script', script: input('doAnything()') },
        { type: 'Elsa.Slack.SendMessage', id: 'Chat' },
        {
          type: 'Elsa.FlowSendHttpRequest',
          id: 'Ask',
          url: js('compute(1)'),
          method: input('POST'),
          content: input('Order', 'Variable'),
          expectedStatusCodes: [200, 404],
        },
        { type: 'Elsa.DispatchWorkflow', id: 'Child', workflowDefinitionId: input('abc'), waitForCompletion: input(true) },
        { type: 'Elsa.Fault', id: 'Bad', message: input('No way') },
      ],
      [
        line('Hook', 'Script'),
        line('Script', 'Chat'),
        line('Chat', 'Ask'),
        line('Ask', 'Child', '200'),
        line('Ask', 'Bad', 'Timeout'),
      ],
    ),
  )
  expect(graph.nodes.Script?.type).toBe('elsa.run_java_script@1')
  expect(shapeOf(graph)).toMatchObject({
    Ask: ['http.request@1', { ok: 'Ask_status', failed: 'Bad' }],
    Ask_status: ['switch@1', { s200: 'Child' }],
  })
  const lost = remarks.filter(({ what }) => what === 'lost')
  expect(lost.map(({ activity }) => activity)).toEqual(['Script', 'Chat', 'Ask', 'Child', 'Bad'])
  expect(lost[0]?.sentence).toBe('There is no step for RunJavaScript. Put another step in its place, or take it out.')
  expect(errorsOf(graph)).toEqual(expect.arrayContaining([expect.stringContaining('Script'), expect.stringContaining('Chat')]))
})

test('several lines from one port are a split, and a join that joins nothing is passed', () => {
  const { graph, remarks } = carried(
    flowchart(
      [
        { type: 'Elsa.Start', id: 'S' },
        { type: 'Elsa.WriteLine', id: 'A' },
        { type: 'Elsa.WriteLine', id: 'B' },
        { type: 'Elsa.FlowJoin', id: 'J', mode: input('WaitAll') },
      ],
      [line('S', 'A'), line('S', 'B'), line('A', 'J'), line('B', 'J')],
    ),
  )
  expect(shapeOf(graph)).toMatchObject({
    begin: ['trigger.called@1', { out: 'S' }],
    S: ['data.set@1', { out: 'S_split_done' }],
    S_split_done: ['fork@1', { b1: 'A', b2: 'B' }],
    A: ['data.set@1', { out: 'J' }],
    J: ['join@1', {}],
  })
  expect(remarks.some(({ sentence }) => sentence.includes('side by side'))).toBe(true)
  const alone = carried(flowchart([{ type: 'Elsa.FlowJoin', id: 'J' }])).graph
  expect(alone.nodes.J?.type).toBe('data.set@1')
})

test('ids that are the same here are kept apart, and what is no definition is refused in a sentence', () => {
  const { graph } = carried(
    flowchart(
      [
        { type: 'Elsa.WriteLine', id: 'a b' },
        { type: 'Elsa.WriteLine', id: 'a_b' },
      ],
      [line('a b', 'a_b')],
    ),
  )
  expect(Object.keys(graph.nodes).toSorted()).toEqual(['a_b', 'a_b_2', 'begin'])
  for (const wrong of [null, 17, {}, { root: {} }, { root: { type: 'Elsa.Flowchart' } }]) {
    const refused = importElsa(wrong)
    expect(refused.ok).toBe(false)
    if (!refused.ok) expect(refused.sentence).toMatch(/^This is no workflow definition of Elsa 3: .+\.$/)
  }
})

test.each([
  ['getTotal() > 100', 'vars.total > 100'],
  ["getVariable('Order') === null", 'vars.order == null'],
  ['variables.A + "x"', 'vars.a + "x"'],
  ['!getDone()', '!vars.done'],
  ["getInput(\"Name\") == 'it\\'s'", 'inputs.name == "it\'s"'],
  ['fetch("x")', null],
  ['a = 1', null],
  ['x => x', null],
  ['', null],
])('the script %s is %s', (source, cel) => expect(script(source)).toBe(cel))

test.each([
  ['00:00:30', 30, '30s'],
  ['1.00:00:00', 86_400, '1d'],
  ['14.00:00:00', 1_209_600, '2w'],
  ['PT90M', 5_400, '90m'],
  ['soon', null, null],
])('the time %s is %s seconds', (span, seconds, length) => {
  expect(secondsOf(span)).toBe(seconds)
  if (seconds !== null) expect(lengthOf(seconds)).toBe(length)
})
