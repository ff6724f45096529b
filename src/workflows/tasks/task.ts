/** What a workflow asks of people. Pure. */
import { Refusal } from '../../errors.ts'
import type { Id, TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { Json } from '../definition/graph.ts'
import type { FormField } from '../definition/nodes/people.ts'
import type { Values } from '../interpret/state.ts'
import type { RunId, WorkflowId } from '../steps/step.ts'

export type TaskId = Id<'workflow_task'>

export const TASK_STATES = ['open', 'decided', 'expired', 'withdrawn'] as const
export type TaskState = (typeof TASK_STATES)[number]

export interface Choice {
  readonly key: string
  readonly label: string
}

export interface Task {
  readonly workspaceId: WorkspaceId
  readonly id: TaskId
  readonly workflowId: WorkflowId
  /** Its name when it asked. */
  readonly workflow: string
  readonly runId: RunId
  readonly node: string
  readonly title: string
  readonly body: string
  readonly decisions: readonly Choice[]
  readonly fields: readonly FormField[]
  /** Anybody of it may decide, too. */
  readonly teamId: TeamId | null
  /** Who was asked. */
  readonly people: readonly UserId[]
  readonly conversationId: string | null
  readonly state: TaskState
  readonly createdAt: Date
  readonly dueAt: Date | null
  readonly endedAt: Date | null
  readonly decision: string | null
  readonly decidedBy: string | null
  readonly comment: string
  readonly answers: Values
}

export const MAX_COMMENT = 5_000
const MAX_LINE = 2_000
const MAX_ANSWERS = 16_000

/** What was filled in, as programs and as forms of the web write it. What is not asked for is refused, as is what is no value. */
export function readAnswers(fields: readonly FormField[], given: Readonly<Record<string, unknown>>): Values {
  for (const key of Object.keys(given))
    if (!fields.some((field) => field.key === key)) throw wrong(key, `There is no field “${key}” in this task.`)
  const answers: Record<string, Json> = {}
  for (const field of fields) {
    const value = readAnswer(field, given[field.key])
    if (value === null && field.required) throw wrong(field.key, `“${field.label}” must be filled in.`)
    answers[field.key] = value
  }
  if (JSON.stringify(answers).length > MAX_ANSWERS)
    throw new Refusal('invalid_request', { why: 'What was filled in is too long.', pointer: '/answers' })
  return answers
}

/** What stands in the fields at first, where nobody changes it. */
export function initialAnswers(fields: readonly FormField[]): Readonly<Record<string, string>> {
  return Object.fromEntries(fields.flatMap(({ key, initial }) => (initial === undefined ? [] : [[key, initial] as const])))
}

function readAnswer({ key, label, type, choices = [] }: FormField, value: unknown): Json {
  if (type === 'yes_no') {
    if (value === 'true') return true
    if (value === 'false') return false
    if (value === true || value === 'yes' || value === 'on') return true
    if (value === false || value === 'no' || value === undefined || value === null || value === '') return false
    throw wrong(key, `“${label}” is yes or no.`)
  }
  if (value === undefined || value === null || value === '') return null
  switch (type) {
    case 'number': {
      const number = typeof value === 'string' ? Number(value.trim()) : value
      if (typeof number === 'number' && Number.isFinite(number)) return number
      throw wrong(key, `“${label}” is a number.`)
    }
    case 'date':
      if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))) return value
      throw wrong(key, `“${label}” is a date as in 2026-11-30.`)
    case 'choice':
      if (typeof value === 'string' && choices.includes(value)) return value
      throw wrong(key, `“${label}” is one of its choices.`)
    case 'text':
    case 'long_text':
      if (typeof value === 'string' && (type === 'long_text' || value.length <= MAX_LINE)) return value
      throw wrong(key, `“${label}” is a text${type === 'text' ? ` of at most ${MAX_LINE} characters` : ''}.`)
  }
}

function wrong(key: string, why: string): Refusal {
  return new Refusal('invalid_request', { why, pointer: `/answers/${key}` })
}

export function labelOf({ decisions, decision }: Pick<Task, 'decisions' | 'decision'>): string {
  return decisions.find(({ key }) => key === decision)?.label ?? decision ?? ''
}
