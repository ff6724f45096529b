import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { typeOf } from '../../src/workflows/definition/catalogue.ts'
import { OPERATORS } from '../../src/workflows/definition/condition.ts'
import { fieldOf } from '../../src/workflows/definition/fields.ts'
import { Graph } from '../../src/workflows/definition/graph.ts'
import { importElsa } from '../../src/workflows/elsa/import.ts'

const MANUAL = readFileSync(join(import.meta.dirname, '../../docs/workflows.md'), 'utf8')

test('the workflow that the manual shows can be read, step by step', () => {
  const [, text = ''] = /```json\n([\s\S]*?)```/.exec(MANUAL) ?? []
  const graph = Graph.parse(JSON.parse(text))
  for (const [id, node] of Object.entries(graph.nodes)) {
    const type = typeOf(node.type)
    const config = type?.config.safeParse(node.config)
    expect(config?.error?.issues ?? [], id).toEqual([])
    const ports = type?.ports(config?.data as never).map(({ key }) => key) ?? []
    expect(Object.keys(node.next).filter((port) => !ports.includes(port))).toEqual([])
    expect(Object.values(node.next).filter((to) => graph.nodes[to] === undefined)).toEqual([])
  }
})

test('every field that the manual names can be asked for, and every operator is one', () => {
  const [, freeScout = ''] = /## From FreeScout\n([\s\S]*?)\n## /.exec(MANUAL) ?? []
  const named = [...freeScout.matchAll(/`([a-z_]+(?:\.[a-z_<>]+)*)`/g)].map(([, name = '']) => name)
  const isKnown = (name: string) =>
    name in OPERATORS ||
    ['all', 'any', 'none', 'reentry', 'limits.runs'].includes(name) ||
    fieldOf(name.replace(/<[a-z]+>/, 'x'), { vars: [], inputs: [] }, null) !== null
  expect(named.length).toBeGreaterThan(35)
  expect(named.filter((name) => !isKnown(name))).toEqual([])
})

const [, FROM_ELSA = ''] = /## From Elsa\n([\s\S]*)$/.exec(MANUAL) ?? []
const ROWS = [...FROM_ELSA.matchAll(/^\| ([A-Z][A-Za-z]+(?:, [A-Z][A-Za-z]+)*) \| ([^|]*) \|/gm)].flatMap(
  ([, names = '', node = '']) => names.split(', ').map((name) => [name, node.trim()] as const),
)

/** The activities that Elsa 3 has in these modules, by its own sources. */
const ELSA = [
  ...['SetVariable', 'SetName', 'Correlate', 'Fault', 'Finish', 'Event', 'PublishEvent', 'RunTask', 'ReadLine', 'WriteLine'],
  ...['If', 'FlowDecision', 'Switch', 'FlowSwitch', 'Fork', 'FlowFork', 'FlowJoin', 'Parallel'],
  ...['For', 'ForEach', 'ParallelForEach', 'While', 'Break'],
  ...['Flowchart', 'Sequence', 'Container', 'Start', 'End', 'FlowNode', 'StateMachine'],
  ...['HttpEndpoint', 'SendHttpRequest', 'FlowSendHttpRequest', 'WriteHttpResponse', 'WriteFileHttpResponse', 'DownloadHttpFile'],
  ...['Delay', 'StartAt', 'Timer', 'Cron', 'SendEmail'],
  ...['Complete', 'SetOutput', 'DispatchWorkflow', 'BulkDispatchWorkflows', 'ExecuteWorkflow', 'WorkflowDefinitionActivity'],
  ...['RunJavaScript', 'RunCSharp', 'RunPython'],
]

test('the manual names every activity of Elsa’s modules, and each once', () => {
  expect(ROWS.map(([name]) => name).toSorted()).toEqual(ELSA.toSorted())
})

test('every kind of step that the manual names is one', () => {
  const named = [...new Set([...MANUAL.matchAll(/`([a-z]+(?:\.[a-z_]+)?@\d+)`/g)].map(([, type = '']) => type))]
  expect(named.length).toBeGreaterThan(60)
  expect(named.filter((type) => typeOf(type) === null)).toEqual([])
})

test.each(ROWS)('%s of Elsa becomes what the manual says: %s', (name, says) => {
  const inside = [
    { id: 'a', type: 'Elsa.WriteLine' },
    { id: 'b', type: 'Elsa.WriteLine' },
  ]
  const activity = {
    ...{ id: 'x', type: `Elsa.${name}`, version: 1 },
    ...(name === 'WorkflowDefinitionActivity' && { workflowDefinitionId: 'd' }),
    ...((name === 'Cron' || name === 'HttpEndpoint') && { customProperties: { canStartWorkflow: true } }),
    ...(['Fork', 'Parallel', 'FlowFork'].includes(name) && { branches: name === 'FlowFork' ? undefined : inside }),
    ...(name === 'FlowFork' && { branches: { typeName: 'String[]', expression: { type: 'Object', value: ['A', 'B'] } } }),
    ...(['Sequence', 'Container', 'Flowchart'].includes(name) && { activities: inside, connections: [] }),
    ...(name === 'Switch' || name === 'FlowSwitch'
      ? { cases: [{ label: 'A', condition: { type: 'Literal', value: true } }] }
      : undefined),
  }
  const imported = importElsa({
    ...{ id: 'v', definitionId: 'd', name: 'From Elsa', version: 1 },
    root: { id: 'root', type: 'Elsa.Sequence', activities: [activity] },
  })
  if (!imported.ok) throw new Error(imported.sentence)
  const types = Object.values(imported.graph.nodes).map(({ type }) => type)
  const named = [...says.matchAll(/`([a-z_.]+@\d+)`/g)].map((found) => found[1] as string)
  if (says.startsWith('unknown step')) expect(types.some((type) => type.startsWith('elsa.'))).toBe(true)
  else {
    expect(types.filter((type) => type.startsWith('elsa.'))).toEqual([])
    if (named.length > 0 && name !== 'FlowJoin') expect(types.some((type) => named.includes(type))).toBe(true)
  }
})
