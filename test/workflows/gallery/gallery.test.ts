import { expect, test } from 'vitest'
import { parseLiquid } from '../../../src/templates/liquid.ts'
import { configOf, portsOf, typeOf } from '../../../src/workflows/definition/catalogue.ts'
import { check } from '../../../src/workflows/definition/check.ts'
import { evaluate } from '../../../src/workflows/definition/expression.ts'
import { fieldOf } from '../../../src/workflows/definition/fields.ts'
import { Graph, type Node } from '../../../src/workflows/definition/graph.ts'
import { GALLERY } from '../../../src/workflows/gallery/gallery.ts'
import { CHOOSE, choicesOf, type Template } from '../../../src/workflows/gallery/template.ts'
import { advance, begin } from '../../../src/workflows/interpret/advance.ts'
import type { RunState, Values } from '../../../src/workflows/interpret/state.ts'
import { questionOf } from '../../../src/workflows/jobs/subjects.ts'
import type { WorkflowId } from '../../../src/workflows/steps/step.ts'

const now = new Date('2026-11-22T10:00:00Z')
const ID = '0193e0a0-aaaa-7abc-9def-0123456789ab'

/** With everything chosen. */
function chosen({ graph }: Template): Graph {
  const text = JSON.stringify(graph).replaceAll(`:${JSON.stringify(CHOOSE)}`, `:"${ID}"`)
  // What has no value at first is no choice.
  return Graph.parse(JSON.parse(text.replaceAll(`"default":"${ID}"`, '"default":""')))
}

test('every template has a key of its own, and texts', () => {
  expect(new Set(GALLERY.map(({ key }) => key)).size).toBe(GALLERY.length)
  for (const { key, title, about } of GALLERY) {
    expect(key).toMatch(/^[a-z][a-z_]+$/)
    expect(title.length).toBeGreaterThan(5)
    expect(about).toMatch(/\.$/)
  }
})

test.each(GALLERY.map((one) => [one.key, one] as const))(
  '%s: nothing is wrong with it but what has to be chosen',
  (_, template) => {
    for (const { sentence, code } of choicesOf(template, now))
      expect([code, sentence]).toEqual(['config', expect.stringMatching(/^Choose /)])
    const graph = chosen(template)
    const checked = check(graph, {
      now,
      faultOfText: (text) => {
        const parsed = parseLiquid(text, 'plain')
        return parsed.ok ? null : parsed.sentence
      },
      fieldType: (field) => fieldOf(field, graph, null)?.type ?? null,
    })
    // To close again what was opened by an answer is no new beginning, and meant.
    expect(checked.problems.filter(({ code }) => code !== 'own_trigger')).toEqual([])
  },
)

test.each(GALLERY.map((one) => [one.key, one] as const))('%s: whichever way it goes, it comes to its end', (_, template) => {
  const graph = chosen(template)
  const triggers = Object.keys(graph.nodes).filter((id) => typeOf(graph.nodes[id]!.type)?.kind === 'trigger')
  const met = new Set<string>()
  for (const trigger of triggers)
    for (let seed = 0; seed < 250; seed++) {
      const random = mulberry(seed)
      let id = 0
      const deps = {
        now,
        newId: () => `${++id}`,
        evaluate: (expression: string, state: RunState) =>
          evaluate(expression, { vars: state.vars, inputs: {}, event: {} } as Values),
      }
      let { state } = begin(graph, trigger, {}, deps)
      for (let nth = 0; nth < 400 && state.status === 'running'; nth++) {
        const token = state.tokens[Math.floor(random() * state.tokens.length)]!
        expect(token.state).toBe('ready')
        met.add(token.node)
        const node = graph.nodes[token.node] as Node
        if (typeOf(node.type)?.kind === 'end') {
          const { outputs } = configOf(node) as { outputs: Record<string, string> }
          const given = Object.entries(outputs).map(([key, expression]) => [key, deps.evaluate(expression, state)])
          state = advance(graph, state, token.id, { kind: 'end', outputs: Object.fromEntries(given) }, deps).state
          continue
        }
        const ports = portsOf(node)
        const port = ports[Math.floor(random() * ports.length)]!
        state = advance(graph, state, token.id, { kind: 'go', port: port.key }, deps).state
      }
      expect(state.status).toBe('completed')
    }
  // No step is there that no way leads to.
  expect([...met].sort()).toEqual(
    Object.keys(graph.nodes)
      .filter((one) => !triggers.includes(one))
      .sort(),
  )
})

test('those for lists can be applied to who is on them already', () => {
  for (const key of ['reengagement_sunset', 'weekly_digest', 'welcome_drip']) {
    const graph = chosen(GALLERY.find((one) => one.key === key)!)
    const question = questionOf(graph, 'joined', ID as WorkflowId)
    expect(question).toMatchObject({ kind: 'contact', condition: { all: [{ field: 'contact.lists', op: 'has', value: ID }] } })
  }
})

function mulberry(seed: number): () => number {
  let a = Math.imul(seed + 1, 0x9e3779b1)
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
