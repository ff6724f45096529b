/**
 * What a workflow does, as data: `workflow/1`. Nodes have ids that stay with them and are never used again; where they stand on a page is kept apart,
 * so that moving a box is no new version.
 */
import { z } from 'zod'

export const SCHEMA = 'workflow/1'

export const MAX_NODES = 300
export const MAX_PORTS = 40
export const MAX_VARS = 50

const Name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'begins with a small letter, then small letters, digits and _, 40 at most')
export const NodeId = z.string().regex(/^[a-zA-Z0-9_-]{1,40}$/, 'letters, digits, _ and -, 40 at most')
/** `group.name@version`: versions of a type live side by side. */
export const TypeName = z.string().regex(/^[a-z]+(\.[a-z_]+)?@[1-9][0-9]?$/, 'a type and its version, as in email.send@1')

export const VAR_TYPES = ['text', 'number', 'boolean', 'date', 'list', 'object'] as const
export type VarType = (typeof VAR_TYPES)[number]

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export const Json: z.ZodType<Json> = z.json()

export const Variable = z.strictObject({
  key: Name,
  type: z.enum(VAR_TYPES),
  default: Json.optional(),
  /** In words, for whoever fills it in. */
  label: z.string().max(200).optional(),
})
export type Variable = z.infer<typeof Variable>

/** How a step that failed for a while is tried again; absent: as its class of failure says. */
export const Retry = z.strictObject({
  max: z.int().min(0).max(20),
  baseSeconds: z.number().min(1).max(86_400),
  factor: z.number().min(1).max(10),
  capSeconds: z.number().min(1).max(604_800),
})
export type Retry = z.infer<typeof Retry>

export const Node = z.strictObject({
  type: TypeName,
  config: z.record(z.string(), Json).default({}),
  /** Port → the node that follows. A port that is not here leads nowhere: the path ends. */
  next: z.record(z.string().max(60), NodeId).default({}),
  /** Variable → expression (CEL), worked out when the node is left; `result` is what it gave. */
  set: z.record(Name, z.string().max(2_000)).optional(),
  retry: Retry.optional(),
  name: z.string().max(120).optional(),
  note: z.string().max(2_000).optional(),
})
export type Node = z.infer<typeof Node>

/** What a run is about. Its events are serial per conversation or contact; `none` has only itself. */
export const SUBJECTS = ['conversation', 'contact', 'none'] as const
export type Subject = (typeof SUBJECTS)[number]

/** When the same subject meets the same workflow while a run of it goes on. */
export const REENTRIES = ['allow', 'ignore', 'restart', 'queue'] as const
export type Reentry = (typeof REENTRIES)[number]

export const Limits = z.strictObject({
  steps: z.int().min(1).max(10_000).default(2_000),
  days: z.int().min(1).max(3_650).default(365),
  /** Runs one subject may ever have; null: any number. */
  runsPerSubject: z.int().min(1).max(10_000).nullable().default(null),
})
export type Limits = z.infer<typeof Limits>

export const Graph = z.strictObject({
  schema: z.literal(SCHEMA),
  name: z.string().min(1).max(120),
  description: z.string().max(2_000).default(''),
  subject: z.enum(SUBJECTS),
  reentry: z.enum(REENTRIES).default('ignore'),
  limits: Limits.prefault({}),
  vars: z.array(Variable).max(MAX_VARS).default([]),
  inputs: z.array(Variable).max(MAX_VARS).default([]),
  outputs: z.array(Variable).max(MAX_VARS).default([]),
  nodes: z.record(NodeId, Node),
})
export type Graph = z.infer<typeof Graph>
