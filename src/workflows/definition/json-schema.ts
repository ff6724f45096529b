/** `workflow/1` for other programs: a JSON Schema (2020-12) in which every kind of node has its own config. */
import { z } from 'zod'
import { NODE_TYPES } from './catalogue.ts'
import { Graph, Node, NodeId, SCHEMA } from './graph.ts'
import type { NodeType } from './node-type.ts'

export function workflowJsonSchema(): Record<string, unknown> {
  const [first, ...others] = NODE_TYPES.map(nodeOf)
  const nodes = z.record(NodeId, z.discriminatedUnion('type', [first as NodeShape, ...others]))
  const schema = z.toJSONSchema(Graph.extend({ nodes }), {
    io: 'input',
    reused: 'ref',
    override: ({ jsonSchema }) => {
      const said = jsonSchema as Record<string, unknown>
      if (said.role === undefined) return
      // What a value is, beyond its shape; no word of JSON Schema.
      said['x-role'] = said.role
      delete said.role
    },
  })
  return { ...schema, title: SCHEMA }
}

type NodeShape = ReturnType<typeof nodeOf>

function nodeOf(type: NodeType) {
  const config = type.config.safeParse({}).success ? type.config.optional() : type.config
  return z
    .strictObject({ ...Node.shape, type: z.literal(type.type), config })
    .meta({ title: type.title, description: type.about })
}
