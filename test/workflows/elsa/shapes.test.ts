/** Definitions as Elsa's designer and its serializer write them: ids, memory references, lists as text, embedded activities. */
import { expect, test } from 'vitest'
import { check } from '../../../src/workflows/definition/check.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import { importElsa } from '../../../src/workflows/elsa/import.ts'

let last = 0
const input = (type: string, value: unknown, typeName = 'String') => ({
  typeName,
  expression: { type, value },
  memoryReference: { id: `x:input-${++last}` },
})
const said = (value: unknown) => input('Literal', value)
const list = (...values: unknown[]) => input('Object', JSON.stringify(values), 'ICollection<String>')
const kept = (id: string) => ({ typeName: 'Object', memoryReference: { id } })
const activity = (type: string, id: string, rest: object = {}, canStartWorkflow = false) => ({
  id,
  nodeId: `Workflow1:Flowchart1:${id}`,
  name: `${type}1`,
  type: `Elsa.${type}`,
  version: 1,
  customProperties: { canStartWorkflow, runAsynchronously: false },
  metadata: { designer: { position: { x: -39.89, y: -88.6 }, size: { width: 138.02, height: 49.6 } } },
  ...rest,
})
const line = (source: string, target: string, port = 'Done') => ({
  source: { activity: source, port },
  target: { activity: target, port: 'In' },
  vertices: [],
})

function imported(activities: object[], connections: object[], rest: object = {}) {
  const found = importElsa({
    $schema: 'https://elsaworkflows.io/schemas/workflow-definition/v3.0.0/schema.json',
    ...{ id: '868f', definitionId: '311c', name: 'Orders', createdAt: '2026-05-12T12:16:06.6+00:00', version: 14 },
    ...{ toolVersion: '3.6.0.0', variables: [], inputs: [], outputs: [], outcomes: [], customProperties: {} },
    ...{ isReadonly: false, isSystem: false, isLatest: true, isPublished: true, options: {}, ...rest },
    root: {
      ...activity('Flowchart', 'Flowchart1'),
      ...{ activities, variables: (rest as { inner?: object[] }).inner ?? [], connections },
    },
  })
  if (!found.ok) throw new Error(found.sentence)
  return found
}

const nextOf = ({ nodes }: Graph) => Object.fromEntries(Object.entries(nodes).map(([id, { type, next }]) => [id, [type, next]]))
const errorsOf = (graph: Graph, but: readonly string[] = []) =>
  check(graph, { now: new Date('2026-11-22T12:00:00Z') })
    .problems.filter(({ severity, code }) => severity === 'error' && !but.includes(code))
    .map(({ node, code }) => `${node} ${code}`)

test('an event’s payload is carried key by key, what came is kept where it was kept, and what it comes to is given where it ends', () => {
  const { graph, remarks } = imported(
    [
      activity('Cron', 'Hourly', { cronExpression: said('0 0 * * * *') }, true),
      activity('SetVariable', 'Set', { variable: { id: 'v1' }, value: input('Variable', { id: 'v2' }) }),
      activity('PublishEvent', 'Tell', {
        ...{ eventName: said('OrderChecked'), correlationId: input('Variable', { id: 'v1', name: 'Total' }) },
        payload: input('JavaScript', "({ Total: getTotal() + 1, 'Kind': 'a, b', Who: variables.Name })", 'Object'),
      }),
      activity('Event', 'Wait', { eventName: said('order.paid'), result: kept('v2') }),
      activity('SetOutput', 'Out', { outputName: said('Result'), outputValue: said(42) }),
    ],
    [line('Hourly', 'Set'), line('Set', 'Tell'), line('Tell', 'Wait'), line('Wait', 'Out')],
    {
      variables: [
        { id: 'v1', name: 'Total', typeName: 'Int32', isArray: false, value: '7' },
        { id: 'v2', name: 'Name', typeName: 'String', isArray: false },
      ],
      outputs: [{ type: 'Object', name: 'Result', displayName: 'Result', isArray: false }],
    },
  )
  expect(graph.nodes.Hourly).toMatchObject({ type: 'trigger.schedule@1', config: { cron: '0 * * * *' }, next: { out: 'Set' } })
  expect(graph.nodes.Set?.config).toEqual({ values: { total: 'vars.name' } })
  expect(graph.nodes.Tell?.config).toEqual({
    name: 'order_checked',
    key: 'vars.total',
    payload: { total: 'vars.total + 1', kind: '"a, b"', who: 'vars.name' },
  })
  expect(graph.nodes.Wait).toMatchObject({ type: 'wait.event@1', set: { name: 'result.payload' } })
  expect(graph.nodes.Out).toMatchObject({ config: { values: { output_result: '42' } }, next: { out: 'result' } })
  expect(graph.nodes.result).toEqual({ type: 'end@1', config: { outputs: { result: 'vars.output_result' } }, next: {} })
  expect(graph.outputs).toEqual([{ key: 'result', type: 'object' }])
  expect(graph.vars).toContainEqual({ key: 'total', type: 'number', label: 'Total', default: 7 })
  expect(remarks.filter(({ what }) => what === 'lost')).toEqual([])
  expect(errorsOf(graph)).toEqual([])
})

test('branches that meet without a join are joined there, a join of any ends the others, and one of nothing is passed', () => {
  const write = (id: string) => activity('WriteLine', id, { text: said(id) })
  const { graph, remarks } = imported(
    [
      ...[write('A'), write('B'), write('C'), write('D'), write('E')],
      activity('FlowFork', 'Fork', { branches: list('Left', 'Right') }),
      activity('FlowJoin', 'Any', {
        mode: input('Literal', 'WaitAny', 'Elsa.Workflows.Activities.Flowchart.Models.FlowJoinMode'),
      }),
      activity('FlowDecision', 'If', { condition: input('JavaScript', 'return false;', 'Boolean') }),
      activity('FlowJoin', 'Merge', { mode: said('WaitAll') }),
    ],
    [
      ...[line('A', 'B'), line('A', 'C'), line('B', 'D'), line('C', 'D'), line('D', 'Fork')],
      ...[line('Fork', 'Any', 'Left'), line('Fork', 'E', 'Right'), line('E', 'Any'), line('Any', 'If')],
      ...[line('If', 'Merge', 'True'), line('If', 'Merge', 'False')],
    ],
  )
  expect(nextOf(graph)).toMatchObject({
    A: ['data.set@1', { out: 'A_split_done' }],
    B: ['data.set@1', { out: 'D_join' }],
    C: ['data.set@1', { out: 'D_join' }],
    D_join: ['join@1', { out: 'D' }],
    Fork: ['fork@1', { b1: 'Any', b2: 'E' }],
    Any: ['join@1', { out: 'If' }],
    Merge: ['data.set@1', {}],
  })
  expect([graph.nodes.A_split_done?.config.need, graph.nodes.Fork?.config.need]).toEqual(['all', 'any'])
  expect(graph.nodes.Fork?.config.branches).toEqual([
    { key: 'b1', label: 'Left' },
    { key: 'b2', label: 'Right' },
  ])
  expect(remarks.map(({ activity: of, what }) => `${of} ${what}`)).toEqual(
    expect.arrayContaining(['A carried', 'D carried', 'Merge carried']),
  )
  expect(errorsOf(graph)).toEqual([])
})

test('requests lead on by status, whether the ways are drawn or stand inside, and secrets stay behind', () => {
  const inside = (id: string) => activity('WriteLine', id, { text: said(id) })
  const { graph, remarks } = imported(
    [
      activity('SendHttpRequest', 'Ask', {
        ...{ url: said('https://example.com/orders'), method: said('POST'), content: input('Variable', { id: 'v1' }) },
        requestHeaders: input('Object', '{"X-Shop":["one"],"Authorization":["Bearer abc"]}'),
        expectedStatusCodes: [
          { statusCode: 200, activity: inside('Found') },
          { statusCode: 404, activity: inside('Missing') },
        ],
        ...{ timeout: inside('Late'), statusCode: kept('v2'), parsedContent: kept('v1') },
      }),
      activity('FlowSendHttpRequest', 'Again', {
        ...{ url: said('https://example.com/'), method: said('GET'), expectedStatusCodes: list(200, 204) },
      }),
      activity('WriteLine', 'Last'),
    ],
    [line('Ask', 'Again'), line('Again', 'Last', '200'), line('Again', 'Last', '204'), line('Again', 'Ask', 'Timeout')],
    {
      variables: [
        { id: 'v1', name: 'Order', typeName: 'Object' },
        { id: 'v2', name: 'Status', typeName: 'Int32' },
      ],
    },
  )
  expect(nextOf(graph)).toMatchObject({
    Ask: ['http.request@1', { ok: 'Ask_status', failed: 'Late' }],
    Ask_status: ['switch@1', { s200: 'Found', s404: 'Missing', else: 'Again' }],
    Found: ['data.set@1', { out: 'Again' }],
    Missing: ['data.set@1', { out: 'Again' }],
    Late: ['data.set@1', { out: 'Again' }],
    Again: ['http.request@1', { ok: 'Last', failed: 'Ask' }],
  })
  expect(graph.nodes.Ask).toMatchObject({
    config: { headers: { 'X-Shop': 'one' }, expect: [200, 404], body: { as: 'json', value: 'vars.order' } },
    set: { status: 'result.status', order: 'result.body', status_ask: 'result.status' },
  })
  expect(graph.nodes.Again?.config).toMatchObject({ expect: [200, 204] })
  expect(JSON.stringify(graph)).not.toContain('abc')
  expect(remarks).toContainEqual(
    expect.objectContaining({ activity: 'Ask', what: 'lost', sentence: expect.stringContaining('Authorization') }),
  )
  expect(errorsOf(graph)).toEqual([])
})

test('what completes a composite leads on behind it, and a workflow that is used as an activity is run', () => {
  const { graph } = imported(
    [
      {
        ...activity('Sequence', 'Inner'),
        activities: [
          activity('WriteLine', 'First'),
          activity('Complete', 'Leave', { outcomes: list('Done') }),
          activity('WriteLine', 'Never'),
        ],
        variables: [{ id: 'v9', name: 'InnerCount', typeName: 'Int32' }],
      },
      {
        ...activity('x', 'Child', {
          workflowDefinitionId: 'child-1',
          Message: input('JavaScript', "'Hello'"),
          result: kept('v9'),
        }),
        type: 'SendReceipt',
      },
      activity('ExecuteWorkflow', 'Run', {
        workflowDefinitionId: said('child-2'),
        input: input('JavaScript', "({ Message: 'Hi' })"),
        waitForCompletion: said(true),
      }),
      activity('DispatchWorkflow', 'Start', { workflowDefinitionId: said('child-3'), input: input('Object', '{"Count":3}') }),
      activity('End', 'End'),
    ],
    [line('Inner', 'Child'), line('Child', 'Run'), line('Run', 'Start'), line('Start', 'End')],
  )
  expect(nextOf(graph)).toMatchObject({
    First: ['data.set@1', { out: 'Leave' }],
    Leave: ['data.set@1', { out: 'Child' }],
    Child: ['workflow.run@1', { completed: 'Run' }],
    Run: ['workflow.run@1', { completed: 'Start' }],
    Start: ['workflow.start@1', { out: 'End' }],
    End: ['end@1', {}],
  })
  expect(graph.nodes.Child).toMatchObject({
    config: { workflow: 'child-1', inputs: { message: '"Hello"' } },
    set: { inner_count: 'result.outputs' },
  })
  expect([graph.nodes.Run?.config.inputs, graph.nodes.Start?.config.inputs]).toEqual([{ message: '"Hi"' }, { count: '3' }])
  expect(errorsOf(graph)).toEqual([])
})

test('a call that is waited for in the middle of a path stays a step that cannot be published', () => {
  const { graph, remarks } = imported(
    [
      activity('HttpEndpoint', 'Hook', { path: said('orders'), supportedMethods: list('POST'), parsedContent: kept('v1') }, true),
      activity('HttpEndpoint', 'Later', { path: said('later') }),
    ],
    [line('Hook', 'Later')],
    { variables: [{ id: 'v1', name: 'Order', typeName: 'Object' }] },
  )
  expect(nextOf(graph)).toEqual({ Hook: ['trigger.webhook@1', { out: 'Later' }], Later: ['elsa.http_endpoint@1', {}] })
  expect(remarks.filter(({ what }) => what === 'lost').map(({ activity: of }) => of)).toEqual(['Hook', 'Later'])
  expect(errorsOf(graph)).toEqual(['Later unknown_type'])
})
