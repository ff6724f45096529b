/** What can be asked of, and put into texts, in a workflow: the usual fields, the workspace's own, and the workflow's variables. */
import { FIELDS, type Field, fieldOf } from '../../../src/workflows/definition/fields.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import type { References } from '../references.ts'

export type FieldGroup = 'conversation' | 'message' | 'contact' | 'event' | 'vars' | 'inputs'
export interface KnownField extends Field {
  readonly group: FieldGroup
}

export function knownFields(graph: Graph, references: References): readonly KnownField[] {
  const own = [...graph.vars.map(({ key }) => `vars.${key}`), ...graph.inputs.map(({ key }) => `inputs.${key}`)].flatMap(
    (name) => fieldOf(name, graph, null) ?? [],
  )
  const ofConversations = (references.field ?? []).map(
    ({ value, label, ...own }): Field => ({
      ...{ name: `conversation.fields.${value}`, label, type: 'text', subjects: ['conversation'], ...own },
    }),
  )
  const ofContacts = (references.contact_field ?? []).map(
    ({ value, label, ...own }): Field => ({
      ...{ name: `contact.data.${value}`, label, type: 'text', subjects: ['conversation', 'contact'], ...own },
    }),
  )
  return [...own, ...FIELDS, ...ofConversations, ...ofContacts]
    .filter((field) => field.subjects === undefined || field.subjects.includes(graph.subject))
    .map((field) => ({ ...field, group: field.name.split('.')[0] as FieldGroup }))
}
